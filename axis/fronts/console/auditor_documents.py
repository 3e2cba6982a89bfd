"""Documents of all units, for auditors: one search box, sender, receiver, period; and each document whole.

Whoever looks for one document by its number or id looks among all of them; else a list shows the last thirty
days and says so.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import web

from axis.domain.directory import Unit
from axis.domain.document import Verdict
from axis.domain.search import By, recognise
from axis.fronts.console import auditor_room, clerk_document, clerk_files, clerk_tools, texts
from axis.fronts.console.auditor_room import AUDITORS, Span, room, seen, show
from axis.fronts.console.clerk_words import kind_mark, number_of, worst_first
from axis.fronts.console.pages import url
from axis.fronts.console.paging import Page, page, position
from axis.fronts.console.routes import Route
from axis.fronts.console.sight import here, me
from axis.fronts.console.texts import N_, gettext
from axis.sheets.sheet import Column, Report, Row, Sheet
from axis.store.audit import Found
from axis.trust.verdict import label

SHOWN_RECEIVERS = 3
SHOWN_ATTEMPTS = 50
PARAMETERS = ("q", "sender", "receiver", "days", "from", "to")
_BY_NAME = frozenset({By.ID, By.DOCUMENT_ID, By.CODE})
COLUMNS = (
    Column("code", "Số, ký hiệu", "Number", "text", 20),
    Column("date", "Ngày văn bản", "Date", "date", 12),
    Column("type_name", "Loại văn bản", "Type", "text", 18),
    Column("subject", "Trích yếu", "Subject", "text", 60),
    Column("sender", "Mã nơi gửi", "Sender", "text", 18),
    Column("sender_name", "Nơi gửi", "Sender's name", "text", 36),
    Column("units", "Số nơi nhận", "Receivers", "number", 12),
    Column("priority", "Độ khẩn (0–4)", "Urgency (0–4)", "number", 10),
    Column("verdict", "Chữ ký số", "Signature", "text", 24),
    Column("received_at", "Trục tiếp nhận lúc", "Taken in at", "datetime", 18),
    Column("document_id", "Mã văn bản", "DocumentId", "text", 36),
    Column("package", "Mã gói", "Package", "text", 38),
)


@dataclass(frozen=True, slots=True)
class Asked:
    typed: str
    span: Span
    units: list[Unit]
    sender: Unit | None
    receiver: Unit | None
    found: Found

    @property
    def narrowed(self) -> bool:
        return bool(self.typed or self.sender or self.receiver)

    def chips(self, request: web.Request) -> list[tuple[str, str]]:
        """What narrows the list, each with the address without it."""
        told = [(f"“{self.typed[:80]}”", here(request, q=None))] if self.typed else []
        if self.sender:
            told.append((gettext("Từ: %(unit)s") % {"unit": self.sender.name}, here(request, sender=None)))
        if self.receiver:
            told.append((gettext("Tới: %(unit)s") % {"unit": self.receiver.name}, here(request, receiver=None)))
        if self.span.period:
            told.append((self.span.told, self.span.without(request)))
        return told


async def _asked(request: web.Request, before: UUID | None = None) -> Asked:
    typed = request.rel_url.query.get("q", "").strip()[:500]
    wanted, listed = recognise(typed), await auditor_room.units(request)
    span = auditor_room.span(request, everything=wanted.by in _BY_NAME)
    sender, receiver = (auditor_room.unit_named(request, listed, name) for name in ("sender", "receiver"))
    found = Found(wanted, sender.id if sender else None, receiver.id if receiver else None, span.period, before)
    return Asked(typed, span, listed, sender, receiver, found)


async def documents(request: web.Request) -> web.StreamResponse:
    at = position(request, (UUID,))
    asked, auditing = await _asked(request, at.after[0] if at.after else None), room(request)
    rows = [] if asked.span.wrong else await auditing.audit.documents(asked.found, at.limit)
    shown: Page[Mapping[str, Any]] = page(request, rows, at, lambda row: (row["place"],))
    deadlines, moment = await auditing.almanac.current(), auditor_room.now(request)
    found = await auditing.lookups.receivers([row["id"] for row in shown.rows], None) if shown.rows else {}
    kept = {key: value for key, value in request.rel_url.query.items() if key in PARAMETERS}
    return await show(
        request, "auditor/documents.html", status=422 if asked.span.wrong else 200, asked=asked, shown=shown,
        receivers={key: worst_first(several, deadlines, moment) for key, several in found.items()},
        most=SHOWN_RECEIVERS, units=auditor_room.unit_options(asked.units), chips=asked.chips(request),
        exports=[(form, url(request, "auditor.documents.export", {**kept, "format": form}))
                 for form in auditor_room.FORMATS],
    )  # fmt: skip


async def export(request: web.Request) -> web.StreamResponse:
    """Exactly what is filtered, as a file."""
    asked, form, person = await _asked(request), auditor_room.wanted_format(request), me(request)
    if asked.span.wrong:
        raise web.HTTPBadRequest
    audit, language, everything = room(request).patient, texts.language(), gettext("Tất cả")

    async def rows() -> AsyncGenerator[Row, None]:
        async for row in audit.every_document(asked.found, auditor_room.MOST_EXPORTED):
            yield {
                "code": number_of(row), "date": row["promulgation_date"], "package": str(row["id"]),
                **{key: row[key] for key in ("type_name", "subject", "sender", "sender_name", "units", "priority",
                                             "received_at", "document_id")},
                "verdict": label(Verdict(row["verdict"]), language),
            }  # fmt: skip

    said = [(gettext("Kỳ"), asked.span.told), (gettext("Tìm"), asked.typed or "–")]
    for words, unit in ((gettext("Nơi gửi"), asked.sender), (gettext("Nơi nhận"), asked.receiver)):
        said.append((words, f"{unit.code} {unit.name}" if unit else everything))
    period, title = asked.span.period, gettext("Văn bản của mọi đơn vị")
    sheet = Sheet(
        "documents", title, title, COLUMNS, rows(), conditions=tuple(said), notes=(auditor_room.most(),),
        period=(period.first, period.last) if period else None,
    )  # fmt: skip
    report = Report(
        title, (sheet,), auditor_room.now(request), auditor_room.made_by(person), language=language,
        marks=(period.name,) if period else (),
    )  # fmt: skip
    return await auditor_room.send(request, report, form, "documents")


async def document(request: web.Request) -> web.StreamResponse:
    """One document whole, as its sender sees it, without anything to do."""
    shown = await clerk_document.gather(request, clerk_tools.uuid_of(request.match_info["id"]), None)
    checked = request.rel_url.query.get("receipt", "")
    check = await clerk_files.check(request, shown.row, clerk_tools.uuid_of(checked), None) if checked else None
    return await show(
        request, "auditor/document.html", shown=shown, row=shown.row, check=check,
        tried=await _tried(request, shown), number=number_of(shown.row),
        number_of=number_of, kind=kind_mark(shown.row["business_type"]),
        verdict=clerk_document.verdict_mark(shown.row),
        attachments=clerk_files.listed(request, shown.row, "auditor.documents.document"),
        journal=url(request, "auditor.journal", {"package": str(shown.row["id"]), "days": "all"}),
        stories=[(gettext("Văn bản này"), here(request, story=None), not shown.whole),
                 (gettext("Cả chuỗi văn bản"), here(request, story="whole"), shown.whole)],
    )  # fmt: skip


async def _tried(request: web.Request, shown: clerk_document.Shown) -> dict[str, Any] | None:
    """The attempts of the delivery an address asks for: one at a time, for a document may have gone to hundreds."""
    asked = request.rel_url.query.get("attempts", "")
    if not asked:
        return None
    wanted = clerk_tools.uuid_of(asked)
    row = next((one.row for one in (*shown.receivers, *shown.earlier) if one.row["id"] == wanted), None)
    if row is None:
        raise web.HTTPNotFound
    rows = await room(request).audit.attempts(shown.row["id"], wanted, SHOWN_ATTEMPTS)
    return {"row": row, "rows": rows, "more": rows[0]["all_of_them"] - len(rows) if rows else 0}


_ID = "{id:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}"
_EVENT = _ID.replace("id:", "event:", 1)
_ONE = f"/audit/documents/{_ID}"
ROUTES = (
    Route(
        "GET", "/audit/documents", "auditor.documents", seen("documents", documents), AUDITORS, "all",
        menu=N_("Tra cứu văn bản"),
    ),
    Route("GET", "/audit/documents/export", "auditor.documents.export", seen("documents", export), AUDITORS, "all"),
    Route("GET", _ONE, "auditor.documents.document", seen("document", document), AUDITORS, "all"),
    Route(
        "GET", f"{_ONE}/files/{{number:[0-9]{{1,4}}}}", "auditor.documents.document.attachment",
        seen("file", clerk_files.attachment), AUDITORS, "all",
    ),
    Route(
        "GET", f"{_ONE}/original", "auditor.documents.document.original", seen("file", clerk_files.original),
        AUDITORS, "all",
    ),
    Route(
        "GET", f"{_ONE}/receipts/{_EVENT}", "auditor.documents.document.receipt",
        seen("receipt", clerk_files.receipt), AUDITORS, "all",
    ),
)  # fmt: skip
