"""The journal, for auditors: by event, unit, person, document and days; newest first, as far back as one likes.

A page looks through a bounded number of rows. Where it found less than fits on a page it says how far back it
looked, and a link goes on from there: a rare thing in ten years is found in some presses, and no question makes
the database read everything.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import web

from axis.domain.directory import Unit
from axis.domain.errors import PackageError
from axis.domain.events import Event
from axis.domain.search import By, recognise
from axis.domain.telling import SENTENCES, tell
from axis.fronts.console import auditor_room, texts
from axis.fronts.console.auditor_room import AUDITORS, Span, room, seen, show
from axis.fronts.console.clerk_words import number_of
from axis.fronts.console.details import actor, details
from axis.fronts.console.filters import word
from axis.fronts.console.pages import Form, url
from axis.fronts.console.paging import Page, position, write
from axis.fronts.console.routes import Route
from axis.fronts.console.sight import here, me
from axis.fronts.console.texts import N_, gettext
from axis.sheets.sheet import Column, Report, Row, Sheet
from axis.store.audit import JournalSearch

PARAMETERS = ("event", "unit", "actor", "package", "days", "from", "to")
SIZE = 50
MOST_NAMED = 50
"""Packages of one number that are looked at: registers of many units have a 1/QĐ."""
COLUMNS = (
    Column("at", "Lúc", "When", "datetime", 18),
    Column("what", "Việc gì", "What", "text", 60),
    Column("detail", "Chi tiết", "Details", "text", 60),
    Column("event", "Sự kiện", "Event", "text", 24),
    Column("actor", "Ai", "Who", "text", 26),
    Column("unit", "Mã đơn vị", "Unit", "text", 18),
    Column("unit_name", "Đơn vị", "Unit's name", "text", 36),
    Column("code", "Số, ký hiệu", "Number", "text", 20),
    Column("package", "Mã gói", "Package", "text", 38),
    Column("delivery", "Lượt gửi", "Delivery", "text", 38),
    Column("position", "Vị trí", "Position", "text", 12),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """``fields``: what was typed, with what is wrong with it; then nothing is looked for. ``many``: the document that
    was named is more packages than are looked at."""

    span: Span
    unit: Unit | None
    units: list[Unit]
    by: JournalSearch
    fields: Form
    many: bool = False

    @property
    def wrong(self) -> bool:
        return bool(self.fields.errors) or self.span.wrong

    def chips(self, request: web.Request) -> list[tuple[str, str]]:
        told = []
        if self.by.event:
            told.append((word(SENTENCES[Event(self.by.event)]), here(request, event=None)))
        if self.unit:
            told.append((self.unit.name, here(request, unit=None)))
        if self.by.actor:
            told.append((gettext("Ai: %(actor)s") % {"actor": self.by.actor[:80]}, here(request, actor=None)))
        if self.by.packages:
            typed = self.fields.value("package")[:80]
            told.append((gettext("Văn bản: %(typed)s") % {"typed": typed}, here(request, package=None)))
        if self.span.period:
            told.append((self.span.told, self.span.without(request)))
        return told


async def _asked(request: web.Request, before: int | None = None) -> Asked:
    query, listed = request.rel_url.query, await auditor_room.units(request)
    event, typed = query.get("event", ""), query.get("package", "").strip()[:300]
    if event and event not in set(Event):
        raise PackageError("request.malformed")
    fields, packages = Form({"package": (typed,)}), await _named(request, typed)
    if typed and not packages:
        words = recognise(typed).by in (By.WORDS, By.NOTHING)
        fields.wrong("package", gettext("Gõ số và ký hiệu (như 77/BGTVT-VP), mã văn bản, hoặc mã gói 36 ký tự.")
                     if words else gettext("Không có văn bản nào mang số, ký hiệu hoặc mã này."))  # fmt: skip
    span = auditor_room.span(request, everything=bool(packages))
    unit, many = auditor_room.unit_named(request, listed, "unit"), len(packages) > MOST_NAMED
    who = "".join(c for c in query.get("actor", "").strip()[:200] if c.isprintable())
    by = JournalSearch(event, who, unit.id if unit else None, packages[:MOST_NAMED], span.period, before)
    return Asked(span, unit, listed, by, fields, many)


async def _named(request: web.Request, typed: str) -> tuple[UUID, ...]:
    """The packages of the document somebody names, the newest first. An id is looked for as it is where no package has
    it: the journal also tells of what was refused."""
    wanted = recognise(typed)
    found = await room(request).audit.named(wanted)
    return found or ((wanted.id,) if wanted.by is By.ID else ())


async def journal(request: web.Request) -> web.StreamResponse:
    at = position(request, (int,))
    asked = await _asked(request, at.after[0] if at.after else None)
    rows: list[Mapping[str, Any]] = []
    further, reached = "", None
    if not asked.wrong:
        found = await room(request).audit.journal(asked.by, SIZE + 1)
        rows = list(found.rows[:SIZE])
        if len(found.rows) > SIZE:
            further = _from(request, rows[-1]["position"])
        elif found.reached is not None:
            further, reached = _from(request, found.reached), found.reached_at
    kept = {key: value for key, value in request.rel_url.query.items() if key in PARAMETERS}
    first = str(request.rel_url.without_query_params("after", "before"))
    shown = Page(rows, first if at.after else "", "" if reached else further, first)
    return await show(
        request, "auditor/journal.html", status=422 if asked.wrong else 200, asked=asked, shown=shown, reached=reached,
        further=further, number_of=number_of, chips=asked.chips(request), details=details, who=actor,
        units=auditor_room.unit_options(asked.units), events=_events(), most_named=MOST_NAMED,
        exports=[(form, url(request, "auditor.journal.export", {**kept, "format": form}))
                 for form in auditor_room.FORMATS],
    )  # fmt: skip


def _from(request: web.Request, place: int) -> str:
    return str(request.rel_url.without_query_params("after", "before").extend_query({"after": write((place,))}))


def _events() -> list[tuple[str, str]]:
    told = sorted((word(pair), event.value) for event, pair in SENTENCES.items())
    return [("", gettext("Tất cả")), *((event, f"{words} ({event})") for words, event in told)]


async def export(request: web.Request) -> web.StreamResponse:
    """Exactly what is filtered, as a file."""
    asked, form, person = await _asked(request), auditor_room.wanted_format(request), me(request)
    if asked.wrong:
        raise web.HTTPBadRequest
    audit, language = room(request).patient, texts.language()

    async def rows() -> AsyncGenerator[Row, None]:
        async for row in audit.every_journal_row(asked.by, auditor_room.MOST_EXPORTED):
            yield {
                **{key: row[key] for key in ("at", "event", "actor", "unit", "unit_name")},
                "what": tell(row["event"], row["data"], language), "detail": details(row),
                "position": str(row["position"]),
                "code": number_of(row) if row["kind"] == "document" else "", "package": str(row["package_id"] or ""),
                "delivery": str(row["delivery_id"] or ""),
            }  # fmt: skip

    everything, by = gettext("Tất cả"), asked.by
    conditions = (
        (gettext("Kỳ"), asked.span.told), (gettext("Sự kiện"), by.event or everything),
        (gettext("Đơn vị"), f"{asked.unit.code} {asked.unit.name}" if asked.unit else everything),
        (gettext("Ai"), by.actor or everything), (gettext("Văn bản"), asked.fields.value("package") or everything),
    )  # fmt: skip
    title = gettext("Nhật ký")
    sheet = Sheet(
        "journal", title, title, COLUMNS, rows(), conditions=conditions, notes=(auditor_room.most(),),
        period=(asked.span.period.first, asked.span.period.last) if asked.span.period else None,
    )  # fmt: skip
    report = Report(title, (sheet,), auditor_room.now(request), auditor_room.made_by(person), language=language)
    return await auditor_room.send(request, report, form, "journal")


ROUTES = (
    Route(
        "GET", "/audit/journal", "auditor.journal", seen("journal", journal), AUDITORS, "all", menu=N_("Nhật ký")
    ),
    Route("GET", "/audit/journal/export", "auditor.journal.export", seen("journal", export), AUDITORS, "all"),
)
