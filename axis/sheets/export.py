"""From a report to a file: which formats there are, how the file is named, and how rows get in.

Rows from the database come asynchronously; making a file is work for a thread. So rows are gathered
in batches and each batch is written in a thread, one at a time. A caller who is cancelled, because
the reader went away, waits for the batch in hand: the writer is never used by two at once.

CSV and HTML are sent while they are made. XLSX is put together at the end, so it is streamed from a
temporary file. A file that could not be finished is never ended properly: the connection breaks.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryFile
from typing import BinaryIO

from axis.sheets import words
from axis.sheets.csv import CsvSheets
from axis.sheets.html import HtmlSheets
from axis.sheets.sheet import Report, Row, Sheet, SheetWriter, fill, steps
from axis.sheets.xlsx import XlsxSheets

BATCH = 500
CHUNK = 64 * 1024
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))]
)


@dataclass(frozen=True, slots=True)
class Format:
    """``at_close``: nothing is written before the file is closed."""

    media_type: str
    extension: str
    writer: Callable[[Report, BinaryIO], SheetWriter]
    at_close: bool = False


FORMATS = {
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", XlsxSheets, True),
    "csv": Format("text/csv; charset=utf-8", ".csv", CsvSheets),
    "html": Format("text/html; charset=utf-8", ".html", HtmlSheets),
}


def file_name(report: Report, name: str) -> str:
    """ASCII only and safe on every system: ``so-van-ban-di_G04.01_2019-06.xlsx``."""
    marks = [re.sub(r"[^A-Za-z0-9.-]+", "", mark)[:40].strip(".-") for mark in report.marks]
    stem = words.slug(report.title)[:80].strip("-")
    if not stem or stem in _RESERVED:
        stem = f"bang-{stem}".strip("-")
    parts = [stem, *filter(None, marks)]
    if report.provisional:
        parts.append("tam-tinh")
    return "_".join(parts) + FORMATS[name].extension


def write(report: Report, name: str, out: BinaryIO) -> None:
    """The whole report, whose rows must not be asynchronous, into ``out``, which stays open."""
    fill(FORMATS[name].writer(report, out), report)


def chunks(report: Report, name: str) -> Iterator[bytes]:
    """The file in pieces; rows must not be asynchronous."""
    drain = _Drain()
    for _ in steps(FORMATS[name].writer(report, drain), report):
        if drain.tell() >= CHUNK:
            yield drain.take()
    if piece := drain.take():
        yield piece


async def save(report: Report, name: str, out: BinaryIO) -> None:
    """The whole report into ``out``, which stays open; rows may be asynchronous."""
    async with aclosing(_drive(report, FORMATS[name].writer(report, out))) as steps:
        async for _ in steps:
            pass


async def stream(report: Report, name: str) -> AsyncGenerator[bytes, None]:
    """The file in pieces, while its rows are read. Use it under ``contextlib.aclosing``."""
    if FORMATS[name].at_close:
        with TemporaryFile() as file:
            await save(report, name, file)
            file.seek(0)
            while piece := await asyncio.to_thread(file.read, CHUNK):
                yield piece
        return
    drain = _Drain()
    async with aclosing(_drive(report, FORMATS[name].writer(report, drain))) as steps:
        async for _ in steps:
            if piece := drain.take():
                yield piece


class _Drain(io.BytesIO):
    """What was written since the last look."""

    def take(self) -> bytes:
        piece = self.getvalue()
        self.seek(0)
        self.truncate()
        return piece


async def _drive(report: Report, writer: SheetWriter) -> AsyncGenerator[None, None]:
    """Write the report, with a pause after each batch in which what was written can be taken."""
    try:
        for sheet in report.sheets:
            writer.begin(sheet)
            async with aclosing(_batches(sheet)) as batches:
                async for batch in batches:
                    await _in_thread(_write_rows, writer, batch)
                    yield
            writer.end(sheet.totals)
        await _in_thread(writer.close)
    except BaseException:
        writer.discard()
        raise
    yield


async def _batches(sheet: Sheet) -> AsyncGenerator[list[Row], None]:
    if not isinstance(sheet.rows, AsyncIterable):
        rows = iter(sheet.rows)
        while batch := list(islice(rows, BATCH)):
            yield batch
        return
    batch = []
    try:
        async for row in sheet.rows:
            batch.append(row)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch
    finally:
        # Closed here, not by the garbage collector: it may hold a database connection.
        if isinstance(sheet.rows, AsyncGenerator):
            await sheet.rows.aclose()


def _write_rows(writer: SheetWriter, rows: list[Row]) -> None:
    for row in rows:
        writer.row(row)


async def _in_thread(work: Callable[..., None], *arguments: object) -> None:
    """Run in a thread, and do not leave before the thread has: not even when cancelled."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        task.exception()  # a failure of work nobody waits for any more is not reported
        raise
