"""Charts: what was sent and delivered, by whom, how much in time, and how much waited.

Operators and auditors see the whole axis or any unit; a unit administrator sees the own unit, whatever the
address says (the scope stands in every statement). Figures are those of the reports (hub/reporting/series.py),
each chart is drawn from the table that stands beside it, and the page says as much without a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from aiohttp import web

from axis.domain.directory import Unit
from axis.domain.errors import NotFound
from axis.domain.people import OF_A_UNIT, Role
from axis.fronts.console import auditor_room
from axis.fronts.console.auditor_room import AUDITING, now, room, seen
from axis.fronts.console.charts import Chart, chart
from axis.fronts.console.help import Topic
from axis.fronts.console.pages import render, tool
from axis.fronts.console.periods import choose
from axis.fronts.console.routes import Route
from axis.fronts.console.sight import me
from axis.fronts.console.texts import N_, gettext, ngettext
from axis.hub.reporting.series import Figures, Point, Series

SERIES = web.AppKey("series", Series)
"""Over the ordinary pool; an auditor's charts are read under the reader's role."""
NEEDS = (SERIES, AUDITING)


async def figures(request: web.Request) -> web.StreamResponse:
    person, chosen = me(request), choose(request, now(request))
    own = person.role in OF_A_UNIT
    listed = await auditor_room.units(request)
    unit = await _unit(request, listed, own=own)
    scope = unit.id if own and unit else None
    series = room(request).series if person.role is Role.AUDITOR else tool(request, SERIES)
    made = await series.make(chosen.period, now(request), unit=unit, scope=scope)
    return render(
        request, "figures/figures.html", chosen=chosen, unit=unit, own=own, made=made,
        charts=_charts(made, unit), units=auditor_room.unit_options(listed), nothing=made.empty,
    )  # fmt: skip


async def _unit(request: web.Request, listed: Sequence[Unit], *, own: bool) -> Unit | None:
    """The unit the charts are of: one's own, or the one asked for. Another one does not exist for who has one."""
    code = request.rel_url.query.get("unit", "")
    if own:
        found = (await room(request).directory.current()).units.get(me(request).unit_id)  # type: ignore[arg-type]  # None: no unit, none found
        if found is None or code not in ("", found.code):
            raise NotFound("report.unknown-unit", code=code[:40])
        return found
    unit = next((one for one in listed if one.code == code), None)
    if code and unit is None:
        raise NotFound("report.unknown-unit", code=code[:40])
    return unit


def _charts(made: Figures, unit: Unit | None) -> list[Chart]:
    at = gettext("Tháng") if made.monthly else gettext("Ngày")

    def label(point: Point) -> date | str:
        return f"{point.first:%m/%Y}" if made.monthly else point.first

    sent, received = gettext("Đã gửi (gói)"), gettext("Nhận (lượt)")
    told = [
        chart(
            "line", gettext("Văn bản gửi và nhận"), [at, sent, received, gettext("Đã đến hệ thống nhận (lượt)")],
            [(label(p), int(p.sent["packages"]), int(p.received["deliveries"]), int(p.received["delivered"]))
             for p in made.points],
            about=gettext("Một gói gửi tới nhiều đơn vị là nhiều lượt nhận, nên hai số không cộng vào nhau."),
        ),
        chart(
            "bar", gettext("Với từng đơn vị") if unit else gettext("Theo đơn vị"),
            [gettext("Đơn vị"), gettext("Gửi tới (lượt)") if unit else sent,
             gettext("Nhận từ (lượt)") if unit else received],
            [(one.name or _others(made.others), one.sent, one.received) for one in made.units],
        ),
        chart(
            "line", gettext("Tỷ lệ đúng hạn"),
            [at, gettext("Phản hồi (01)"), gettext("Tiếp nhận (03) hoặc trả lại (02)")],
            [(label(p), p.answered_on_time, p.on_time) for p in made.points], ratio=True,
            about=gettext("Trên số đã làm và số đang quá hạn; ngày không có bước nào thì bỏ trống."),
        ),
        chart(
            "line", gettext("Văn bản khẩn và văn bản bị trả lại"),
            [at, gettext("Tỷ lệ khẩn trong văn bản gửi"), gettext("Tỷ lệ bị trả lại trong văn bản nhận")],
            [(label(p), p.urgent, p.returned) for p in made.points], ratio=True,
        ),
        chart(
            "line", gettext("Đang chờ tại trục"), [gettext("Ngày"), gettext("Lượt gửi đang chờ, lúc nhiều nhất")],
            [(w.day, w.waiting) for w in made.backlog], about=_sampled(),
        ),
        chart(
            "line", gettext("Chờ lâu nhất"), [gettext("Ngày"), gettext("Giờ chờ của lượt cũ nhất, lúc lâu nhất")],
            [(w.day, w.hours) for w in made.backlog], about=_sampled(),
        ),
    ]  # fmt: skip
    return [one for one in told if one.rows]


def _sampled() -> str:
    return gettext("Ghi năm phút một lần, giữ 400 ngày; hiện số lớn nhất của mỗi ngày.")


def _others(count: int) -> str:
    return ngettext("%(count)d đơn vị khác", "%(count)d đơn vị khác", count) % {"count": count}


_EVERYTHING, _OWN = frozenset({Role.OPERATOR, Role.AUDITOR}), frozenset({Role.UNIT_ADMIN})
ROUTES = (
    Route("GET", "/figures", "figures", seen("figures", figures), _EVERYTHING, "all", menu=N_("Biểu đồ")),
    Route(
        "GET", "/figures/own", "figures.own", seen("figures", figures), _OWN, "own-unit", menu=N_("Biểu đồ"),
        help="figures",
    ),
)

HELP = (Topic("figures", N_("Đọc biểu đồ"), _EVERYTHING | _OWN),)
