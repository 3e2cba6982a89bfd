"""The journal newest first, the alerts about deadlines, and the messages that carry them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from aiohttp import web

from axis.domain.events import Event
from axis.domain.telling import RULES, SENTENCES
from axis.fronts.console import texts
from axis.fronts.console.details import actor, details
from axis.fronts.console.filters import word
from axis.fronts.console.operator_room import OPERATORS, room, unit_choices
from axis.fronts.console.pages import render, url
from axis.fronts.console.paging import SIZE, forward, position
from axis.fronts.console.routes import Route
from axis.fronts.console.texts import N_, gettext
from axis.store.operations import LAST_POSITION

GROUPS = {
    "package.": N_("Mọi việc về gói tin"),
    "delivery.": N_("Mọi việc về lượt gửi"),
    "status.": N_("Mọi việc về trạng thái"),
    "deadline.": N_("Mọi việc về thời hạn"),
    "unit.": N_("Mọi việc về đơn vị"),
    "credential.": N_("Mọi việc về khoá kết nối"),
    "calendar.": N_("Mọi việc về lịch"),
    "person.": N_("Mọi việc về người dùng"),
}


def tabs(request: web.Request, current: str) -> list[tuple[str, str, bool]]:
    named = (
        ("journal", gettext("Nhật ký")),
        ("alerts", gettext("Cảnh báo quá hạn")),
        ("messages", gettext("Thư và tín hiệu")),
    )
    return [
        (text, url(request, "operator.journal" if name == "journal" else f"operator.journal.{name}"), name == current)
        for name, text in named
    ]


async def _unit_id(request: web.Request) -> tuple[UUID | None, bool]:
    """The unit of the filter, and whether it is one."""
    code = request.rel_url.query.get("unit", "")[:64]
    unit = (await room(request).directory.current()).named(code) if code else None
    return (unit.id if unit else None), unit is not None or not code


async def journal(request: web.Request) -> web.StreamResponse:
    query, at = request.rel_url.query, position(request, (int,))
    unit_id, known = await _unit_id(request)
    event = query.get("event", "")
    event = event if event in set(Event) or event in GROUPS else ""
    asked = query.get("q", "").replace("\x00", "")[:120].strip()
    before = min(max(at.after[0], 0), LAST_POSITION) if at.after else None
    rows, reach = await room(request).operations.journal(before, unit_id, event, asked, SIZE) if known else ([], None)
    return render(
        request, "operator/journal.html", partial="results", tabs=tabs(request, "journal"), details=details, who=actor,
        shown=forward(request, rows, (reach,) if reach is not None else None, SIZE), event=event,
        units=await unit_choices(request, gettext("Mọi đơn vị")),
        events=[("", gettext("Mọi việc")), *((key, gettext(text)) for key, text in GROUPS.items()),
                *((e.value, f"{word(SENTENCES[e])} ({e.value})") for e in Event)],
    )  # fmt: skip


async def alerts(request: web.Request) -> web.StreamResponse:
    at, level = position(request, (datetime, UUID)), request.rel_url.query.get("level", "")
    unit_id, known = await _unit_id(request)
    after = (at.after[0], at.after[1]) if at.after else None
    wanted = int(level) if level in ("1", "2") else None
    rows = list(await room(request).alerts.page(after, unit_id, None, wanted, SIZE + 1)) if known else []
    reach = (rows[SIZE - 1]["at"], rows[SIZE - 1]["id"]) if len(rows) > SIZE else None
    return render(
        request, "operator/alerts.html", partial="results", tabs=tabs(request, "alerts"),
        shown=forward(request, rows[:SIZE], reach, SIZE), units=await unit_choices(request, gettext("Mọi đơn vị")),
        rules=RULES, place=0 if texts.language() == "vi" else 1,
        levels=[("", gettext("Mọi mức")), ("1", gettext("quá hạn")), ("2", gettext("quá hạn kéo dài"))],
    )  # fmt: skip


async def messages(request: web.Request) -> web.StreamResponse:
    at, waiting = position(request, (UUID,)), request.rel_url.query.get("waiting", "") == "1"
    rows = list(await room(request).alerts.messages(at.after[0] if at.after else None, waiting, SIZE + 1))
    reach = (rows[SIZE - 1]["id"],) if len(rows) > SIZE else None
    return render(
        request, "operator/messages.html", partial="results", tabs=tabs(request, "messages"), waiting=waiting,
        shown=forward(request, rows[:SIZE], reach, SIZE),
    )  # fmt: skip


ROUTES = (
    Route("GET", "/ops/journal", "operator.journal", journal, OPERATORS, "all", menu=N_("Nhật ký")),
    Route("GET", "/ops/journal/alerts", "operator.journal.alerts", alerts, OPERATORS, "all"),
    Route("GET", "/ops/journal/messages", "operator.journal.messages", messages, OPERATORS, "all"),
)
