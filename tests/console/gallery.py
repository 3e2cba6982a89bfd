"""Every part of every page, once: the style guide, in tests only.

python -m tests.console.gallery FOLDER      writes pictures: light and dark, wide and phone
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from types import SimpleNamespace as Thing
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from axis.domain.people import Role
from axis.fronts import identity
from axis.fronts.console import help as help_pages
from axis.fronts.console import home, marks
from axis.fronts.console.charts import Chart, chart
from axis.fronts.console.pages import Form, render
from axis.fronts.console.paging import Page
from axis.fronts.console.routes import EVERYBODY, Route
from tests.console.stand_in import Session, console, module, person, served

TEXT = "V/v tăng cường bảo đảm trật tự, an toàn giao thông dịp Tết Nguyên đán Đinh Mùi 2027"
AT = datetime(2026, 11, 26, 2, 15, tzinfo=UTC)

TEMPLATE = """{% extends layout %}
{% block title %}Văn bản đi{% endblock %}
{% block main %}
{{ ui.tabs("Xem", [("Tất cả", "#", true), ("Quá hạn", "#", false), ("Chưa tiếp nhận", "#", false)]) }}
{% call ui.search("Số, ký hiệu, trích yếu, mã văn bản", hint=short, keep=["state"], target="results") %}
{{ ui.select("state", "Trạng thái", [("", "Tất cả"), ("late", "Quá hạn")], "late") }}
{{ ui.field("from", "Từ ngày", inputmode="numeric", value="01/11/2026") }}
{% endcall %}
<div class="newer">{{ ui.newer_bar(1234, "#") }}</div>
{{ ui.newer("/console/gallery") }}
{% block results %}<div id="results">
<p>{{ ui.chip("30 ngày gần đây", page.here(days="all")) }}{{ ui.chip(text, "#") }}</p>
{% set heads = {"code": "Số, ký hiệu", "subject": "Trích yếu", "to": "Đơn vị nhận", "at": "Ngày gửi",
                "size": "Dung lượng"} %}
{% call ui.table("Văn bản đi", heads, sortable=["code", "at"], numeric=["size"], sorted="-at") %}
{% for row in rows %}
<tr><td data-label="{{ heads.code }}"><a href="#">{{ row.code|said(120) }}</a></td>
<td data-label="{{ heads.subject }}"><span>{{ ui.badge(urgency(row.priority)) }} {{ row.subject|said(300) }}</span></td>
<td data-label="{{ heads.to }}"><ul>{% for name, m, due, late in row.to %}
<li>{{ name|said }} {{ ui.badge(m) }} {{ ui.deadline(due, late) }}</li>{% endfor %}</ul></td>
<td data-label="{{ heads.at }}">{{ row.at|moment }}</td>
<td data-label="{{ heads.size }}" class="number">{{ row.size|size }}</td></tr>
{% endfor %}
{% endcall %}
{{ ui.pages(shown) }}
</div>{% endblock %}
{{ ui.empty("Không có văn bản nào.", short, "#", "Bỏ bộ lọc") }}
<h2>Nhãn</h2>
<p>{% for m in all_marks %}{{ ui.badge(m) }} {% endfor %}</p>
<h2>Tổng quan</h2>
<div class="tiles">{{ ui.tile("Đang chờ", 1234567|number, "cũ nhất 3 giờ", "#", "wait") }}
{{ ui.tile("Tự nhiên", 0.125|percent, short) }}{{ ui.tile("Có lỗi", 3|number, "", "#", "bad") }}
{{ ui.tile("Tốt", duration|duration, "", "", "good") }}</div>
{{ ui.figure(line) }}
{{ ui.figure(bars) }}
<h2>Diễn biến</h2>
{{ ui.timeline(happenings, "Diễn biến") }}
<h2>Thông tin</h2>
{{ ui.definitions([("Số, ký hiệu", text|said(120)), ("Ngày ban hành", day|day), ("Người ký", none),
                   ("Gửi lúc", at|moment)]) }}
<h2>Tệp đính kèm</h2>
{{ ui.attachments(files) }}
{{ ui.note(text) }}{{ ui.note(text, "wait") }}{{ ui.note(text, "bad") }}{{ ui.note(text, "plain") }}
<h2>Xác nhận</h2>
{% call ui.confirm("/console/gallery", "Thu hồi văn bản", "#", typed=text[:40], sent=sent, hidden={"id": short}) %}
<p>Văn bản <strong>{{ text|said(120) }}</strong> sẽ bị thu hồi ở <strong>3 đơn vị</strong>.</p>
{{ ui.tick("sure", "Tôi đã báo lãnh đạo", true, "Không bắt buộc") }}
{% endcall %}
{% call ui.danger("Việc không hoàn lại được") %}<p>Khoá kết nối sẽ bị huỷ.</p>
{{ ui.act("/console/gallery", "Huỷ khoá", {"key": short}, "bad") }}{% endcall %}
{% endblock %}
"""


def figures() -> tuple[Chart, Chart]:
    first = date(2026, 11, 1)
    days = [(first + timedelta(days=n), 300 + (n * 37) % 120, 290 + (n * 29) % 110) for n in range(26)]
    line = chart("line", "Văn bản mỗi ngày", ["Ngày", "Đã gửi", "Đã nhận"], days, about="26 ngày gần đây")
    units = [("Cục Đường bộ", 0.98), ("Cục Đường sắt", 0.71), ("Cục Hàng hải", None), ("Tổng công ty", 0.87)]
    return line, chart("bar", "Tỷ lệ đúng hạn", ["Đơn vị", "Đúng hạn"], units, ratio=True)


def data(text: str = TEXT) -> dict[str, Any]:
    """Everything the template shows, with one text wherever a text from outside may stand."""
    line, bars = figures()
    if text != TEXT:
        bars = chart("bar", text, ["Đơn vị", text], [(text, 1), ("b", 2)], about=text)
    sent = Form({"typed": (text[:300],), "reason": ("",)})
    sent.text("reason", required=True)
    to = [
        (text if text != TEXT else "Cục Hàng hải Việt Nam", marks.handling("02"), "", False),
        ("Cục Đường sắt", marks.transport("queued"), "tiếp nhận (03) hoặc trả lại (02): còn 3 giờ làm việc", False),
        ("Sở GTVT", marks.handling("01"), "quá hạn 5 giờ làm việc", True),
        ("Vụ Pháp chế", marks.handling(text[:40]), text, True),
    ]
    row = Thing(code=text if text != TEXT else "1234/QĐ-BGTVT", subject=text, priority=3, to=to, at=AT, size=1_234_567)
    return {
        "text": text, "short": text[:300], "rows": [row, Thing(**{**vars(row), "priority": 0, "to": to[1:2]})],
        "line": line, "bars": bars,
        "shown": Page([], "?before=a", "?after=b", "?"), "sent": sent, "at": AT, "day": date(2026, 11, 5),
        "duration": timedelta(hours=27),
        "all_marks": [
            *map(marks.transport, ("queued", "held", "sending", "delivered", "refused", "parked", "recalled")),
            *map(marks.handling, ("", "01", "02", "03", "04", "05", "06", "13", "15", "16", "recall")),
            *map(marks.urgency, range(5)),
            *map(marks.unit, ("draft", "testing", "live", "suspended", "retired")),
            *map(marks.health, ("proven", "unproven", "trouble", "off")),
            marks.overdue(text), marks.mark(text, "urgent", "flash"),
        ],
        "happenings": [
            marks.Happening(AT, "trạng thái 02", "status", text, text, text, marks.handling("02")),
            marks.Happening(AT, "hệ thống bên nhận xác nhận", organisation="Trục", mark=marks.transport("delivered")),
            marks.Happening(AT, text),
        ],
        "files": [
            Thing(name=text, size=1234, url="/console/gallery", why=""),
            Thing(name="x.exe", size=0, url="", why=text),
        ],
    }  # fmt: skip


def gallery(text: str = TEXT) -> tuple[list[ModuleType], dict[str, str]]:
    """Modules and templates of a console that shows it at /console/gallery."""

    async def show(request: web.Request) -> web.StreamResponse:
        return render(request, "gallery.html", partial="results", **data(request.rel_url.query.get("text", text)))

    pages = module(
        Route("GET", "/gallery", "clerk.sent", show, EVERYBODY, "all", menu="Khẩn"),
        Route("GET", "/received", "clerk.received", show, EVERYBODY, "all", menu="Trợ giúp"),
        Route("GET", "/operator", "operator.overview", show, frozenset({Role.OPERATOR}), "all", menu="Thường"),
    )
    return [home, pages, help_pages], {"gallery.html": TEMPLATE}


@web.middleware
async def _clerk(request: web.Request, handler: Handler) -> web.StreamResponse:
    request[identity.PERSON], request[identity.SESSION], request[identity.CSRF] = person(Role.CLERK), Session(), "token"
    return await handler(request)


SHOTS = (
    ("wide", "gallery", 1280, 3500), ("phone", "gallery", 390, 6000), ("help", "help/marks", 1280, 900),
    ("missing", "nothing", 390, 700),
)  # fmt: skip


async def _write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    async with served(console(*gallery(), identity=_clerk)) as reader:
        for (name, path, width, height), dark in itertools.product(SHOTS, (False, True)):
            theme = "dark" if dark else "light"
            picture = folder / f"{name}-{theme}.png"
            arguments = [
                "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=3000",
                "--enable-logging=stderr", f"--window-size={width},{height}", f"--screenshot={picture}",
                f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            ]  # fmt: skip
            page = await asyncio.create_subprocess_exec(
                "chromium", *arguments, str(reader.make_url(f"/console/{path}")), stdout=-1, stderr=-1
            )
            _, said = await page.communicate()
            print(picture, *(line for line in said.decode().splitlines() if "CONSOLE" in line), sep="\n  ")


if __name__ == "__main__":
    asyncio.run(_write(Path(sys.argv[1])))
