"""CSV for Vietnamese Excel and for programs: UTF-8 with BOM, ``;``, CRLF, decimal comma.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@``, and some do so after blanks,
invisible characters or with the full-width forms; quoting does not help. Such a *text* gets a ``'``
in front (OWASP). Numbers of number columns are no text: ``-5`` stays ``-5``.

The file is the table alone: heads, rows, totals. Several tables are parted by an empty line and the
title of the next. Conditions and notes are in the other formats.

Bugs: opened by a spreadsheet that splits at commas, ``a,=1+1`` falls into two cells and the second
is run. No quoting prevents that. People get XLSX; CSV is for programs and for ``;``.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import BinaryIO

from axis.sheets import words
from axis.sheets.cell import Value, settle
from axis.sheets.sheet import CellKind, Report, Row, Sheet

_STARTERS = frozenset("=+-@\t\r\n\u2212")
_SURROGATES = re.compile("[\ud800-\udfff]")
# Letters and symbols by category, but nothing is seen: Hangul fillers, the blank Braille cell.
_UNSEEN = frozenset("\u115f\u1160\u2800\u3164\uffa0")


class _Encoded:
    """Text in, UTF-8 out: what ``csv.writer`` writes to."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        return self._out.write(text.encode())


class CsvSheets:
    """A ``SheetWriter``."""

    def __init__(self, report: Report, out: BinaryIO) -> None:
        self._report = report
        self._lines = csv.writer(_Encoded(out), delimiter=";", lineterminator="\r\n")
        self._sheet: Sheet | None = None
        out.write(b"\xef\xbb\xbf")

    def begin(self, sheet: Sheet) -> None:
        language = self._report.language
        if self._sheet is not None:
            self._lines.writerow([])
        if len(self._report.sheets) > 1:
            self._lines.writerow([harmless(sheet.title(language))])
        self._sheet = sheet
        self._lines.writerow([harmless(column.title(language)) for column in sheet.columns])

    def row(self, row: Row) -> None:
        assert self._sheet is not None, "begin comes first"
        language = self._report.language
        values = [(column.kind, settle(column.kind, row.get(column.key), language)) for column in self._sheet.columns]
        self._lines.writerow([_written(kind, value) for kind, value in values])

    def end(self, totals: Row | None = None) -> None:
        assert self._sheet is not None, "begin comes first"
        if totals is not None:
            first = self._sheet.columns[0].key
            self.row({first: words.phrases(self._report.language).total, **totals})

    def close(self) -> None:
        """Nothing is held back, so there is nothing to finish."""

    def discard(self) -> None:
        """Nothing is held."""


def harmless(text: str) -> str:
    """The text as a spreadsheet shows it and does not run it; NUL, which no reader agrees on, removed."""
    text = _SURROGATES.sub("\ufffd", text.replace("\0", ""))
    return "'" + text if _runs(text) else text


def _runs(text: str) -> bool:
    for character in text:
        if character in _STARTERS or unicodedata.normalize("NFKC", character)[:1] in _STARTERS:
            return True
        # Separators, controls, invisible formatting and marks are looked through.
        if unicodedata.category(character)[0] not in "ZCM" and character not in _UNSEEN:
            return False
    return False


def _written(kind: CellKind, value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return harmless(value)
        case datetime():
            return words.moment(value)
        case date():
            return words.day(value)
        case timedelta():
            return harmless(words.clock(value))
        case _ if kind == "percent":
            return _digits(round(Decimal(str(value)) * 100, 4).normalize()) + "%"
        case _:
            return _digits(Decimal(str(value)))


def _digits(value: Decimal) -> str:
    """Ungrouped and never with an exponent: what a program reads back without loss."""
    return f"{value:f}".replace(".", ",")
