"""What an auditor proves: that the figures add up, and that a receipt somebody holds is true.

    /audit/reconciliation   sent = what became of it, unit by unit; counted anew from the rows when asked
    /audit/receipts         a receipt is pasted or uploaded, with the package where one has it: who signed it,
                            when, what it proves and what it does not. Nothing of it is kept

A receipt is checked against the authority of this axis alone. Whether the certificate is the one that signs
today, and whether the axis keeps the very same receipt, is told beside the verdict: under an authority that
serves others too, the signature alone says less than one thinks.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import IO, Any

from aiohttp import web

from axis.domain.clock import VIETNAM
from axis.domain.errors import AxisError, SignatureError, Unavailable
from axis.fronts.console import auditor_room, filters, texts
from axis.fronts.console.auditor_room import AUDITORS, now, room, seen, show
from axis.fronts.console.pages import Form, form, url
from axis.fronts.console.periods import choose
from axis.fronts.console.routes import Route
from axis.fronts.console.sight import me
from axis.fronts.console.texts import N_, gettext
from axis.sheets.sheet import Column, Sheet
from axis.trust import receipts
from axis.trust.receipt_reader import MAX_RECEIPT

MOST_FINDINGS = 200
LONGEST_DEEP = 31  # days counted anew on a page; a longer period is a file
DEEP_SECONDS = 45.0
UPLOAD = 16 << 20
"""Bytes of a package that may be brought to this page; for larger ones there is ``axis verify``."""
_PIECE = 1 << 20


# reconciliation


@dataclass(frozen=True, slots=True)
class Told:
    """A sheet as a page shows it. ``cut``: there are more rows."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    totals: Sequence[object]
    cut: bool = False


async def reconciliation(request: web.Request) -> web.StreamResponse:
    chosen, listed, language = choose(request, now(request)), await auditor_room.units(request), texts.language()
    unit = auditor_room.unit_named(request, listed, "unit")
    days = (chosen.period.last - chosen.period.first).days + 1
    asked, too_long = request.rel_url.query.get("deep", "") == "1", days > LONGEST_DEEP
    deep = asked and not too_long
    reports = room(request).reports
    question = await reports.ask(
        "reconciliation", chosen.period, unit=unit.code if unit else "", counterpart=_counterpart(request),
        made_by=auditor_room.made_by(me(request)), language=language, deep=deep,
    )  # fmt: skip
    try:
        async with asyncio.timeout(DEEP_SECONDS):
            report = await reports.make(question)
            sheets = [await _told(sheet) for sheet in report.sheets]
            sent, received = await room(request).series.made_of(chosen.period, unit)
    except TimeoutError as error:
        raise Unavailable("storage.too-slow") from error
    differences = [_difference(sheet) for sheet in report.sheets[:2]]
    kept = {**chosen.query, **({"unit": unit.code} if unit else {}), **({"deep": "1"} if deep else {})}
    return await show(
        request, "auditor/reconciliation.html", chosen=chosen, units=auditor_room.unit_options(listed), sheets=sheets,
        off=sorted({code for found in differences for code in found}), deep=deep, too_long=asked and too_long,
        made_of=[(gettext("Gói đã gửi"), *_made_of(sent, "packages")),
                 (gettext("Số lượt nhận"), *_made_of(received, "deliveries"))],
        longest=LONGEST_DEEP, most=MOST_FINDINGS, open=not chosen.period.over(now(request)),
        exports=[(name, url(request, "auditor.reconciliation.export", {**kept, "format": name}))
                 for name in auditor_room.FORMATS],
    )  # fmt: skip


async def export_reconciliation(request: web.Request) -> web.StreamResponse:
    """The same as a file; counted anew over any period, while the reader waits."""
    chosen, listed = choose(request, now(request)), await auditor_room.units(request)
    unit = auditor_room.unit_named(request, listed, "unit")
    name = auditor_room.wanted_format(request)
    reports = room(request).reports
    question = await reports.ask(
        "reconciliation", chosen.period, unit=unit.code if unit else "", counterpart=_counterpart(request),
        made_by=auditor_room.made_by(me(request)), language=texts.language(),
        deep=request.rel_url.query.get("deep", "") == "1",
    )  # fmt: skip
    return await auditor_room.send(request, await reports.make(question), name, "reconciliation")


def _counterpart(request: web.Request) -> str:
    """No form of ours asks for one; who writes it into the address is told that there is none, and not ignored."""
    return request.rel_url.query.get("with", "").strip()


def _made_of(measures: Mapping[str, Any], documents: str) -> tuple[int, int, int, int]:
    """Documents, statuses, recalls and updates, all of them: so that the figures of the first page and of the charts,
    which are of documents, are found again here."""
    told = measures[documents], measures["statuses"], measures["recalls"] + measures["updates"]
    return *told, sum(told)


def _difference(sheet: Sheet) -> list[str]:
    assert isinstance(sheet.rows, Sequence)  # what is counted is counted already
    return [str(row["unit"]) for row in sheet.rows if row["difference"] != 0]


async def _told(sheet: Sheet) -> Told:
    found: list[Sequence[object]] = []
    if isinstance(sheet.rows, AsyncIterable):
        assert isinstance(sheet.rows, AsyncGenerator)
        async with aclosing(sheet.rows) as rows:
            async for row in rows:
                found.append([_shown(column, row.get(column.key)) for column in sheet.columns])
                if len(found) > MOST_FINDINGS:
                    break
    else:
        found = [[_shown(column, row.get(column.key)) for column in sheet.columns] for row in sheet.rows]
    totals = [_shown(column, (sheet.totals or {}).get(column.key)) for column in sheet.columns] if sheet.totals else []
    title = sheet.title(texts.language())
    return Told(title, sheet.columns, found[:MOST_FINDINGS], totals, len(found) > MOST_FINDINGS)


def _shown(column: Column, value: object) -> object:
    if value is None or value == "":
        return ""
    if column.kind == "number" and isinstance(value, int):
        return filters.number(value)
    return filters.day(value) if isinstance(value, date) else filters.said(value, 300)


# receipts


@dataclass(frozen=True, slots=True)
class Verdict:
    """``holds``: the signature is the axis's and, where a package was given, it is that package. ``parts``: titles
    with lines, what it says, what it proves, what it does not. ``today``: signed with today's certificate;
    ``kept``: the axis keeps this very receipt, other than this, or none of that number."""

    holds: bool
    code: str = ""
    words: str = ""
    parts: Sequence[tuple[str, Sequence[str]]] = ()
    signer: str = ""
    fingerprint: str = ""
    at: datetime | None = None
    axis: str = ""
    today: bool = False
    ours: bool = False
    kept: str = ""
    package_id: str = ""


async def receipt_form(request: web.Request) -> web.StreamResponse:
    return await show(request, "auditor/receipts.html", sent=Form(), verdict=None)


async def check_receipt(request: web.Request) -> web.StreamResponse:
    """Reads what was sent, says what it is worth, forgets it."""
    posted, sent = await request.post(), await form(request)
    try:
        return await _judged(request, sent, _file(posted.get("file")), _file(posted.get("package")))
    finally:
        for field in posted.values():
            if isinstance(field, web.FileField):
                field.file.close()


async def _judged(
    request: web.Request, sent: Form, file: IO[bytes] | None, package: IO[bytes] | None
) -> web.StreamResponse:
    text = sent.value("jws")
    if file is not None:
        text = (await asyncio.to_thread(file.read, MAX_RECEIPT + 1)).decode("ascii", "replace")
    if not text.strip():
        sent.wrong("jws", gettext("Dán biên nhận vào đây, hoặc chọn tệp .jws."))
        return await show(request, "auditor/receipts.html", status=422, sent=sent, verdict=None)
    return await show(request, "auditor/receipts.html", sent=sent, verdict=await _verdict(request, text, package))


async def _verdict(request: web.Request, text: str, package: IO[bytes] | None) -> Verdict:
    auditing = room(request)
    try:
        check = await asyncio.to_thread(receipts.verify, text, auditing.anchors, at=now(request))
        if package is not None:
            await asyncio.to_thread(_same_package, check.claims, package)
            check = replace(check, package_checked=True)
    except AxisError as error:
        return Verdict(False, error.code, texts.words(error))
    claims = check.claims
    row = await auditing.audit.receipt(claims.id)
    kept = "none" if row is None else "same" if row["jws"].strip() == text.strip() else "other"
    known = row is not None and kept == "same"
    return Verdict(
        True, parts=_parts(receipts.explain(check, texts.language())), signer=check.signer.text(texts.language()),
        fingerprint=check.path.fingerprint, at=claims.time.astimezone(VIETNAM), axis=claims.axis,
        today=check.path.fingerprint == auditing.signer, ours=claims.axis == auditing.axis, kept=kept,
        package_id=str(row["package_id"]) if known and row is not None else "",
    )  # fmt: skip


def _same_package(claims: receipts.Claims, file: IO[bytes]) -> None:
    """Raises SignatureError when the file is not what the receipt speaks of."""
    found, size = hashlib.sha256(), 0
    while piece := file.read(_PIECE):
        found.update(piece)
        size += len(piece)
    if (found.hexdigest(), size) != (claims.sha256, claims.size):
        raise SignatureError(
            "receipt.other-package", file=gettext("tệp đã chọn"), found=found.hexdigest(), size=size,
            expected=claims.sha256, expected_size=claims.size,
        )  # fmt: skip


def _parts(told: str) -> list[tuple[str, Sequence[str]]]:
    """The explanation as titles with lines beneath: what it says (under no title), what it proves, what not."""
    facts, *rest = told.split("\n\n")
    parts: list[tuple[str, Sequence[str]]] = [("", facts.splitlines()[1:])]
    for block in rest:
        title, *lines = block.splitlines()
        parts.append((title, [line.removeprefix("  - ") for line in lines]))
    return parts


def _file(field: Any) -> IO[bytes] | None:
    """What stands in a file field; None when nothing was chosen."""
    if not isinstance(field, web.FileField) or not field.filename:
        return None
    opened: IO[bytes] = field.file
    return opened


ROUTES = (
    Route(
        "GET", "/audit/reconciliation", "auditor.reconciliation", seen("reconciliation", reconciliation), AUDITORS,
        "all", menu=N_("Đối chiếu"),
    ),
    Route(
        "GET", "/audit/reconciliation/export", "auditor.reconciliation.export",
        seen("reconciliation", export_reconciliation), AUDITORS, "all",
    ),
    Route(
        "GET", "/audit/receipts", "auditor.receipts", seen("receipt-form", receipt_form), AUDITORS, "all",
        menu=N_("Kiểm tra biên nhận"),
    ),
    Route(
        "POST", "/audit/receipts", "auditor.receipts", seen("receipt-check", check_receipt), AUDITORS, "all",
        form=UPLOAD,
    ),
)  # fmt: skip
