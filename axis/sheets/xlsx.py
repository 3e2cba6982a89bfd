"""XLSX, row by row to temporary files, put together at the end.

Only typed writes are used and there is no formula in any file: totals are values, because a total that
a spreadsheet recomputes after somebody sorted or deleted rows proves nothing. Text cells carry the
text format, so that a clerk who edits a cell holding ``=1+1`` does not start it either.

Excel's limits, kept visibly: a cell longer than 32,767 UTF-16 units is cut with a note; rows beyond
1,048,576 go on in a further sheet; numbers of more than 15 digits and dates before March 1900 (Excel
counts a 29 February 1900) are text, and so are negative lengths of time. The last sheet tells who
made the file, when, and under which conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from xlsxwriter.exceptions import FileCreateError

from axis.domain.clock import VIETNAM
from axis.sheets import words
from axis.sheets.cell import Number, Value, legible, settle
from axis.sheets.sheet import CellKind, Report, Row, Sheet, fill
from axis.sheets.workbook import Looks, add_looks, add_page, lines_of, open_book, spread
from axis.sheets.worksheet import SheetNames, cut_utf16, utf16_length

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
_DAY = timedelta(days=1)
_EARLIEST = date(1900, 3, 1)
_LARGEST = 10**15
_NO_WRAP = 10_000
_ABOUT_WIDTHS = (32, 28, 80)


class XlsxSheets:
    """A ``SheetWriter``. ``max_rows`` is Excel's limit; tests make it small."""

    def __init__(self, report: Report, out: BinaryIO | Path, max_rows: int = MAX_ROWS) -> None:
        self._report = report
        self._said = words.phrases(report.language)
        self._max_rows = max_rows
        self._folder = TemporaryDirectory(prefix="axis-sheets-")
        self._book = open_book(report, out, self._folder.name)
        self._looks = add_looks(self._book)
        self._total_looks = add_looks(self._book, bold=True, top=2)
        self._names = SheetNames(self._said.table)
        self._about: list[tuple[str, str, str]] = []
        self._sheet: Sheet | None = None
        self._page: Any = None
        self._part = self._count = self._cut = self._next = self._first = 0

    def begin(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._part = self._count = self._cut = 0
        self._open(sheet)

    def row(self, row: Row) -> None:
        sheet = self._begun()
        self._count += 1
        self._write_row(sheet, row, self._looks)

    def end(self, totals: Row | None = None) -> None:
        sheet = self._begun()
        if not self._count:
            self._text(self._new_line(sheet), 0, self._said.empty, "line")
        last = self._next - 1
        if totals is not None:
            self._write_row(sheet, {sheet.columns[0].key: self._said.total, **totals}, self._total_looks)
        self._filter(sheet, last)
        self._sign(sheet)
        self._remember(sheet)
        self._sheet = None

    def close(self) -> None:
        self._write_about()
        try:
            self._book.close()
        except FileCreateError as error:
            raise error.args[0] from error  # the operating system's own word, e.g. the disk is full
        finally:
            self._folder.cleanup()

    def discard(self) -> None:
        for page in self._book.worksheets():
            page.drop()
        self._folder.cleanup()

    # The layout of one table

    def _open(self, sheet: Sheet) -> None:
        self._part += 1
        more = f" ({self._part})" if self._part > 1 else ""
        self._page = add_page(self._book, self._said, self._names.take(sheet.name, more))
        spread(self._page, sheet)
        self._next = 0
        for place, column in enumerate(sheet.columns):
            self._page.set_column(place, place, column.width)
        self._head(sheet)
        heads = self._next
        self._texts([(column.title(self._report.language), column.width, "head") for column in sheet.columns])
        if sheet.numbered:
            self._texts([(f"({place})", column.width, "numbers") for place, column in enumerate(sheet.columns, 1)])
        self._first = self._next
        self._page.freeze_panes(self._first, sheet.heads)
        self._page.repeat_rows(heads, self._first - 1)

    def _head(self, sheet: Sheet) -> None:
        language = self._report.language
        title = sheet.title(language)
        lines = [
            (sheet.organisation, "line"),
            (title if self._part == 1 else f"{title} ({self._said.continued})", "title"),
            (words.period(*sheet.period, language) if sheet.period else "", "line"),
            (self._said.provisional if self._report.provisional else "", "warning"),
        ]
        for text, look in lines:
            if text:
                self._texts([(text, _NO_WRAP, look)])
        self._next += 1

    def _filter(self, sheet: Sheet, last: int) -> None:
        # From the last head row: the row (1), (2) ... must not be sorted among the data.
        self._page.autofilter(self._first - 1, 0, max(last, self._first), len(sheet.columns) - 1)

    def _sign(self, sheet: Sheet) -> None:
        if not sheet.signers or self._next + 3 > self._max_rows:
            return
        right = max(len(sheet.columns) - 2, 1)
        places = [0, right] if len(sheet.signers) > 1 else [right]
        self._text(self._next + 1, right, legible(words.signed_at(self._report.place, self._report.made_at)), "line")
        for place, signer in zip(places, sheet.signers, strict=False):
            self._text(self._next + 2, place, signer, "signer")

    # Cells

    def _begun(self) -> Sheet:
        assert self._sheet is not None, "begin comes first"
        return self._sheet

    def _new_line(self, sheet: Sheet) -> int:
        if self._next >= self._max_rows:
            self._filter(sheet, self._next - 1)
            self._open(sheet)
        self._next += 1
        return self._next - 1

    def _write_row(self, sheet: Sheet, row: Row, looks: Looks) -> None:
        line = self._new_line(sheet)
        lines = 1
        for place, column in enumerate(sheet.columns):
            value = settle(column.kind, row.get(column.key), self._report.language)
            self._put(line, place, column.kind, value, looks)
            if isinstance(value, str):
                lines = max(lines, lines_of(value, column.width))
        self._page.heighten(line, lines)

    def _put(self, line: int, place: int, kind: CellKind, value: Value, looks: Looks) -> None:
        page = self._page
        match value:
            case None:
                page.write_blank(line, place, None, looks["text"])
            case str():
                page.write_string(line, place, self._fitting(value), looks["text"])
            case datetime() if value.date() >= _EARLIEST:
                page.write_datetime(line, place, value, looks["datetime"])
            case datetime():
                page.write_string(line, place, words.moment(value), looks["text"])
            case date() if value >= _EARLIEST:
                page.write_datetime(line, place, value, looks["date"])
            case date():
                page.write_string(line, place, words.day(value), looks["text"])
            case timedelta() if value >= timedelta(0):
                page.write_number(line, place, value / _DAY, looks["duration"])
            case timedelta():
                page.write_string(line, place, words.clock(value), looks["text"])
            case _:
                self._number(line, place, kind, value, looks)

    def _number(self, line: int, place: int, kind: CellKind, value: Number, looks: Looks) -> None:
        if not -_LARGEST < value < _LARGEST:
            self._page.write_string(line, place, str(value), looks["text"])
            return
        look = "percent" if kind == "percent" else "integer" if value == int(value) else "decimal"
        self._page.write_number(line, place, value, looks[look])

    def _texts(self, texts: Sequence[tuple[str, int, str]]) -> None:
        """The next line: text, width and look of each cell."""
        for place, (text, _, look) in enumerate(texts):
            if text:
                self._text(self._next, place, text, look)
        self._page.heighten(self._next, max(_lines(*cell) for cell in texts))
        self._next += 1

    def _text(self, line: int, place: int, text: str, look: str) -> None:
        self._page.write_string(line, place, self._fitting(text), self._looks[look])

    def _fitting(self, text: str) -> str:
        text = legible(text)
        if utf16_length(text) <= MAX_TEXT:
            return text
        self._cut += 1
        return cut_utf16(text, MAX_TEXT - utf16_length(self._said.cut)) + self._said.cut

    # The last sheet

    def _remember(self, sheet: Sheet) -> None:
        self._about.append((sheet.title(self._report.language), "", ""))
        self._about.extend(("", name, value) for name, value in sheet.conditions)
        self._about.append(("", self._said.rows, words.number(self._count)))
        self._about.extend(("", self._said.notes, note) for note in sheet.notes)
        if self._cut:
            self._about.append(("", self._said.notes, self._said.cut_note.format(count=words.number(self._cut))))

    def _write_about(self) -> None:
        report = self._report
        self._page = add_page(self._book, self._said, self._names.take(self._said.conditions))
        self._next = 0
        for place, width in enumerate(_ABOUT_WIDTHS):
            self._page.set_column(place, place, width)
        self._texts([(report.title, _NO_WRAP, "title")])
        if report.provisional:
            self._texts([(self._said.provisional, _NO_WRAP, "warning")])
        made_at = words.moment(report.made_at.astimezone(VIETNAM))
        lines = [("", self._said.made_by, report.made_by), ("", self._said.made_at, made_at), *self._about]
        for texts in lines:
            self._texts(list(zip(texts, _ABOUT_WIDTHS, ("head", "text", "text"), strict=True)))


def _lines(text: str, width: int, look: str) -> float:
    return 1.25 if look == "title" else lines_of(text, width)


def write_xlsx(report: Report, out: BinaryIO | Path) -> None:
    """The whole report, whose rows must not be asynchronous, as one XLSX file."""
    fill(XlsxSheets(report, out), report)
