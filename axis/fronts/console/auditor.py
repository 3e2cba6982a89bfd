"""The pages of an auditor: reads everything, changes nothing, and every look is written down.

    /audit                  where to begin: does it add up, what is late, search
    /audit/documents        documents of all units, each with its whole story   auditor_documents.py
    /audit/journal          the journal                                         auditor_journal.py
    /audit/reconciliation   does it add up, and why not                         auditor_checks.py
    /audit/receipts         is this receipt true                                auditor_checks.py
    /audit/alerts           deadlines that were missed, as people were told
    /audit/people           who may sign in, as what
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from axis.domain.directory import UnitState
from axis.domain.errors import PackageError
from axis.domain.events import Event
from axis.domain.people import ROLE_WORDS, STATE_WORDS, PersonState, Role
from axis.domain.period import Period
from axis.domain.telling import LOOKS, RULES
from axis.fronts.console import (
    auditor_checks,
    auditor_documents,
    auditor_journal,
    auditor_room,
    clerk_tools,
    clerk_words,
    marks,
)
from axis.fronts.console.auditor_room import AUDITING, AUDITORS, now, room, seen, show
from axis.fronts.console.filters import word
from axis.fronts.console.help import Topic
from axis.fronts.console.marks import Mark
from axis.fronts.console.paging import Page, page, position
from axis.fronts.console.routes import Route
from axis.fronts.console.texts import N_, gettext
from axis.hub.reporting.series import on_time
from axis.store.audit import JournalSearch

NEEDS = (AUDITING, clerk_tools.ALMANAC, clerk_tools.PAYLOADS, clerk_tools.ANCHORS)
_STATES: dict[str, tuple[marks.Tone, str]] = {
    PersonState.INVITED: ("wait", "clock"), PersonState.ACTIVE: ("good", "check"),
    PersonState.DISABLED: ("plain", "cross"),
}  # fmt: skip


async def overview(request: web.Request) -> web.StreamResponse:
    auditing, month = room(request), Period.this_month(now(request))
    _, total = await auditing.series.months(month, now(request))
    report = await auditing.reports.make(await auditing.reports.ask("reconciliation", month, made_by=""))
    off = sorted({str(row["unit"]) for sheet in report.sheets for row in _rows(sheet.rows) if row["difference"]})
    units = await auditing.directory.units()
    newest = await auditing.audit.journal(JournalSearch(event=Event.LOOKED), 8)
    return await show(
        request, "auditor/overview.html", total=total, off=off, on_time=on_time(total.received, "registered"),
        overdue=sum(int(total.received[f"overdue_{step}"]) for step in ("arrival", "register", "finish")), month=month,
        connected=sum(unit.state is UnitState.LIVE for unit in units), looks=newest.rows,
        look_words=_look,
    )  # fmt: skip


def _rows(rows: Any) -> list[Mapping[str, Any]]:
    return list(rows)


def _look(look: str) -> str:
    return _capital(word(LOOKS[look])) if look in LOOKS else look


async def alerts(request: web.Request) -> web.StreamResponse:
    """Deadlines that were missed, newest first; as the sweep wrote them, whatever came of it since."""
    at, listed = position(request, (datetime, UUID)), await auditor_room.units(request)
    unit, span = auditor_room.unit_named(request, listed, "unit"), auditor_room.span(request)
    level = request.rel_url.query.get("level", "")
    if level not in ("", "1", "2"):
        raise PackageError("request.malformed")
    before = (at.after[0], at.after[1]) if at.after else None
    since, until = (span.period.starts, span.period.ends) if span.period else (None, None)
    if before is None and until is not None and until < now(request):
        before = (until, UUID(int=0))
    rows = [] if span.wrong else await room(request).alerts.page(
        before, unit.id if unit else None, since, int(level) if level else None, at.limit
    )  # fmt: skip
    shown: Page[Mapping[str, Any]] = page(request, rows, at, lambda row: (row["at"], row["id"]))
    return await show(
        request, "auditor/alerts.html", status=422 if span.wrong else 200, shown=shown, span=span,
        units=auditor_room.unit_options(listed), levels=[("", gettext("Tất cả")), *_levels().items()],
        level=_level, rule=_rule, standing_of=clerk_words.told, number_of=clerk_words.number_of, unit=unit,
        without=span.without(request),
    )  # fmt: skip


def _levels() -> dict[str, str]:
    return {"1": gettext("Lần đầu"), "2": gettext("Báo cấp trên")}


def _level(level: int) -> Mark:
    return marks.mark(_levels()[str(level)], "bad" if level > 1 else "wait", "alarm")


def _rule(rule: str) -> str:
    return word(RULES[rule]) if rule in RULES else rule


async def people(request: web.Request) -> web.StreamResponse:
    """Who may sign in. Nothing of what they prove themselves with is read, let alone shown."""
    at, query = position(request, (str,)), request.rel_url.query
    role, state, text = query.get("role", ""), query.get("state", ""), query.get("q", "").strip()[:200]
    if role not in ("", *Role) or state not in ("", *PersonState):
        raise PackageError("request.malformed")
    rows = await room(request).audit.people(
        after=at.after[0] if at.after else "", role=role, state=state, text=text.replace("\x00", ""), limit=at.limit
    )
    shown: Page[Mapping[str, Any]] = page(request, rows, at, lambda row: (row["login"],))
    return await show(
        request, "auditor/people.html", shown=shown, role=role, state=state,
        roles=[("", gettext("Tất cả")), *((key.value, word(pair)) for key, pair in ROLE_WORDS.items())],
        states=[("", gettext("Tất cả")), *((key.value, _capital(word(pair))) for key, pair in STATE_WORDS.items())],
        role_words={key.value: word(pair) for key, pair in ROLE_WORDS.items()}, state_mark=_state,
    )  # fmt: skip


def _state(state: str) -> Mark:
    tone, icon = _STATES[state]
    return marks.mark(_capital(word(STATE_WORDS[PersonState(state)])), tone, icon)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


ROUTES = (
    Route("GET", "/audit", "auditor.overview", seen("overview", overview), AUDITORS, "all", menu=N_("Kiểm tra")),
    *auditor_documents.ROUTES,
    *auditor_journal.ROUTES,
    *auditor_checks.ROUTES,
    Route("GET", "/audit/alerts", "auditor.alerts", seen("alerts", alerts), AUDITORS, "all", menu=N_("Cảnh báo")),
    Route("GET", "/audit/people", "auditor.people", seen("people", people), AUDITORS, "all", menu=N_("Người dùng")),
)

HELP = (
    Topic("auditor.overview", N_("Công việc kiểm tra"), AUDITORS),
    Topic("auditor.documents", N_("Tra cứu văn bản của mọi đơn vị"), AUDITORS),
    Topic("auditor.journal", N_("Đọc nhật ký"), AUDITORS),
    Topic("auditor.reconciliation", N_("Đối chiếu số liệu"), AUDITORS),
    Topic("auditor.receipts", N_("Kiểm tra biên nhận"), AUDITORS),
    Topic("auditor.alerts", N_("Cảnh báo quá hạn"), AUDITORS),
    Topic("auditor.people", N_("Người dùng và vai trò"), AUDITORS),
)
