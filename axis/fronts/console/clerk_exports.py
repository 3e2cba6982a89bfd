"""Lists and registers as files: exactly what is filtered, with its conditions in it, and journalled.

A list is read page by page with the very filter of the page it stands on, the newest 100,000 rows of it; no
export holds a connection or the rows. The registers of Decree 30/2020 come from ``hub.reporting`` with the
unit as the scope. A file is made whole in a temporary one, a few at a time, then sent however slowly its reader
takes it. The journal row is written before the first byte leaves: what was taken away is known even when the
reader breaks off.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from axis.domain.clock import VIETNAM
from axis.domain.deadlines import Deadlines
from axis.domain.errors import AxisError, Unavailable
from axis.domain.events import Event
from axis.domain.period import Period
from axis.fronts import outgoing as sending
from axis.fronts.console import clerk_filters, marks, texts
from axis.fronts.console.clerk_filters import Asked
from axis.fronts.console.clerk_tools import ALMANAC, DIRECTORY, JOURNAL, LOOKUPS, REPORTS, count_open, my_unit, own_unit
from axis.fronts.console.clerk_words import Stands, number_of, stands, worst_first
from axis.fronts.console.pages import Form, render, tool, url
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.sight import me
from axis.fronts.console.texts import gettext
from axis.fronts.turns import SENDS, Turns
from axis.hub.reporting.questions import KINDS
from axis.sheets import export
from axis.sheets.sheet import Column, Report, Row, Sheet

MOST = 100_000
PAGE = 500
SECONDS = 600.0  # for making a file
FORMS = ("xlsx", "csv", "html")
REGISTERS = ("outgoing-register", "incoming-register", "follow-up-register")
_making = Turns(each=2, in_all=4)
_OF_DOCUMENT = (
    Column("code", "Số, ký hiệu", "Number and notation", "text", 18),
    Column("date", "Ngày văn bản", "Date", "date", 12),
    Column("type", "Loại văn bản", "Type", "text", 16),
    Column("subject", "Trích yếu", "Subject", "text", 40),
    Column("urgency", "Độ khẩn", "Urgency", "text", 14),
)
RECEIVED = (
    *_OF_DOCUMENT,
    Column("sender", "Mã cơ quan gửi", "Sender's code", "text", 16),
    Column("sender_name", "Cơ quan gửi", "Sender", "text", 30),
    Column("state", "Tình trạng", "State", "text", 28),
    Column("due", "Hạn tiếp theo", "Next deadline", "text", 36),
    Column("at", "Đến lúc", "Arrived", "datetime", 16),
    Column("document_id", "Mã văn bản", "DocumentId", "text", 28),
)
SENT = (
    *_OF_DOCUMENT,
    Column("receivers", "Nơi nhận và tình trạng", "Receivers and their state", "text", 48),
    Column("at", "Gửi lúc", "Sent", "datetime", 16),
    Column("document_id", "Mã văn bản", "DocumentId", "text", 28),
)


async def received(request: web.Request) -> web.StreamResponse:
    return await _list(request, outgoing=False)


async def sent(request: web.Request) -> web.StreamResponse:
    return await _list(request, outgoing=True)


async def _list(request: web.Request, *, outgoing: bool) -> web.StreamResponse:
    form, now, unit = _form(request), tool(request, CONSOLE_SETTINGS).now(), await own_unit(request)
    asked = clerk_filters.read(request, await tool(request, DIRECTORY).units(), now, outgoing=outgoing)
    if asked.fields.faulty:
        raise web.HTTPBadRequest
    titles = ("Danh sách văn bản đến", "Incoming documents")
    if outgoing:
        titles = ("Danh sách văn bản đi", "Outgoing documents")
    language, person = texts.language(), me(request)
    deadlines = await tool(request, ALMANAC).current()
    sheet = Sheet(
        "sent" if outgoing else "received", *titles, SENT if outgoing else RECEIVED,
        rows=_rows(request, asked, unit.id, deadlines, now), organisation=unit.name,
        conditions=((gettext("Đơn vị"), f"{unit.code} {unit.name}"), *asked.conditions()),
        notes=(gettext("Mới nhất trước, tối đa %(most)s dòng.") % {"most": f"{MOST:,}".replace(",", ".")},),
    )  # fmt: skip
    report = Report(
        sheet.title(language), (sheet,), now, f"{person.name} ({person.login})", language=language,
        marks=(unit.code, f"{now.astimezone(VIETNAM):%Y-%m-%d}"),
    )  # fmt: skip
    return await _send(request, report, form, {"list": sheet.name, "filter": asked.facts()})


async def _rows(
    request: web.Request, asked: Asked, unit: UUID, deadlines: Deadlines, now: datetime
) -> AsyncGenerator[Row, None]:
    lookups, last, count = tool(request, LOOKUPS), None, 0
    look = lookups.outgoing if asked.outgoing else lookups.incoming
    while count < MOST:
        rows = await look(unit, asked.filter(before=last), min(PAGE, MOST - count))
        if not rows:
            return
        found: Mapping[UUID, Sequence[Mapping[str, Any]]] = {}
        if asked.outgoing:
            found = await lookups.receivers([row["id"] for row in rows], unit)
        for row in rows:
            if asked.outgoing:
                yield _sent(row, worst_first(found.get(row["id"], ()), deadlines, now))
            else:
                yield _received(row, stands(row, deadlines, now))
        count, last = count + len(rows), rows[-1]["id"]


def _document(row: Mapping[str, Any]) -> dict[str, object]:
    urgency = marks.urgency(row["priority"])
    return {
        "code": number_of(row), "date": row["promulgation_date"], "type": row["type_name"], "subject": row["subject"],
        "urgency": urgency.words if urgency else "", "document_id": row["document_id"],
    }  # fmt: skip


def _received(row: Mapping[str, Any], one: Stands) -> Row:
    return {
        **_document(row), "sender": row["sender"], "sender_name": row["sender_name"], "state": _state(one),
        "due": one.due, "at": row["came_at"],
    }  # fmt: skip


def _sent(row: Mapping[str, Any], found: Sequence[Stands]) -> Row:
    told = [": ".join((one.row["unit_name"], "; ".join(filter(None, (_state(one), one.due))))) for one in found]
    return {**_document(row), "receivers": "\n".join(told), "at": row["received_at"]}


def _state(one: Stands) -> str:
    return "; ".join(" ".join(filter(None, (mark.code, mark.words))) for mark in one.marks)


async def registers(request: web.Request) -> web.StreamResponse:
    """The page that asks for which register, of which days."""
    await count_open(request)
    fields, period = _period(request)
    kinds = [(name, KINDS[name].title(texts.language()), KINDS[name].about(texts.language())) for name in REGISTERS]
    days = {"from": f"{period.first:%d/%m/%Y}", "to": f"{period.last:%d/%m/%Y}"} if period else {}
    files = {
        name: [(form, url(request, "clerk.registers.file", {**days, "format": form}, kind=name)) for form in FORMS]
        for name in REGISTERS
    }
    return render(
        request, "clerk/registers.html", status=422 if fields.faulty else 200, kinds=kinds, files=files, period=period,
        fields=fields if fields.faulty else Form({key: (value,) for key, value in days.items()}),
    )  # fmt: skip


async def register(request: web.Request) -> web.StreamResponse:
    form, kind = _form(request), request.match_info["kind"]
    fields, period = _period(request)
    if kind not in REGISTERS:
        raise web.HTTPNotFound
    if fields.faulty or period is None:
        raise web.HTTPBadRequest
    person, reports = me(request), tool(request, REPORTS)
    question = await reports.ask(
        kind, period, scope=await own_unit(request), made_by=f"{person.name} ({person.login})",
        language=texts.language(),
    )
    report = await reports.make(question)
    return await _send(request, report, form, {"register": kind, "period": period.name})


def _period(request: web.Request) -> tuple[Form, Period | None]:
    """The days asked for; this month when none are."""
    query, now = request.rel_url.query, tool(request, CONSOLE_SETTINGS).now()
    fields = Form({"from": (query.get("from", "").strip()[:40],), "to": (query.get("to", "").strip()[:40],)})
    first = clerk_filters.day_of(fields, "from", fields.value("from"))
    last = clerk_filters.day_of(fields, "to", fields.value("to"))
    if fields.faulty:
        return fields, None
    today = now.astimezone(VIETNAM).date()
    try:
        last = last or (today if first is None else _later(first))
        return fields, Period.between(first or last.replace(day=1), last)
    except AxisError as error:
        fields.wrong("from", texts.words(error))
        return fields, None


def _later(first: date) -> date:
    """The end of a book that has only a beginning; where the calendar ends, that is refused with the years."""
    return first + min(timedelta(days=30), date.max - first)


def _form(request: web.Request) -> str:
    form = request.rel_url.query.get("format", "xlsx")
    if form not in FORMS:
        raise web.HTTPNotFound
    return form


async def _send(request: web.Request, report: Report, form: str, data: Mapping[str, Any]) -> web.StreamResponse:
    response, person = web.StreamResponse(headers=_head(report, form)), me(request)
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    with SENDS.taken(person.id), tempfile.TemporaryFile() as file:
        with _making.taken(person.id):
            try:
                async with asyncio.timeout(SECONDS):
                    await export.save(report, form, file)
            except TimeoutError as error:
                raise Unavailable("request.busy") from error
        response.content_length = file.seek(0, os.SEEK_END)
        file.seek(0)
        await tool(request, JOURNAL).write(
            Event.EXPORTED, actor=person.actor, unit_id=my_unit(request),
            data={**data, "format": form, "staff": person.name},
        )
        return await sending.send_stream(request, response, sending.lying(file))


def _head(report: Report, form: str) -> dict[str, str]:
    head = {"Content-Type": export.FORMATS[form].media_type, "Content-Language": report.language}
    name = export.file_name(report, form)
    if form == "html":
        # Opened to be printed; the page forbids itself everything but its own styles, and so do we.
        head["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'; sandbox"
        )
        return head | {"Content-Disposition": f'inline; filename="{name}"'}
    return head | {"Content-Disposition": f'attachment; filename="{name}"'}
