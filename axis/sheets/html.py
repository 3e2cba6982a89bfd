"""One page that prints itself right: no script, nothing fetched, readable without this system.

The page is kept as evidence and opened years later from a folder, so everything is inside it. Its
policy (Content-Security-Policy in the page itself) forbids scripts and every request even if escaping
should fail. Every text from outside stands in ``<bdi>``: an overriding mark (U+202E) in a subject
cannot turn the words around it. Words break at spaces, after a hyphen, and after the slash of a notation; only what is
longer than any word breaks where it must.

The template is a set of macros, called as the rows come, so a page of 100,000 rows is never held. Figures wider than
the paper stand in blocks of columns, one under the other; only of those are the rows kept, until the first block ends.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from axis.domain.clock import VIETNAM
from axis.sheets import words
from axis.sheets.cell import legible, settle, shown
from axis.sheets.sheet import Column, Report, Row, Sheet

_TEMPLATES = Environment(
    loader=PackageLoader("axis.sheets"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["legible"] = legible
_PARTS = re.compile(r"[\s/-]+")
_SLASH = re.compile(r"/(?=[^\W\d_])")  # of a notation, not of a date
_LONGEST_WORD = 18
_MOMENT = 11
"""Characters of a column of times: on paper the hour stands under its day."""


class HtmlSheets:
    """A ``SheetWriter``."""

    def __init__(self, report: Report, out: BinaryIO) -> None:
        self._report = report
        self._said = words.phrases(report.language)
        self._out = out
        fixed = {"said": self._said, "language": report.language}
        self._page = _TEMPLATES.get_template("sheet.html").make_module(fixed)
        self._sheet: Sheet | None = None
        self._blocks: list[tuple[Column, ...]] = []
        self._kept: list[Row] = []
        self._count = 0
        self._call("open_page", report, words.moment(report.made_at.astimezone(VIETNAM)))

    def begin(self, sheet: Sheet) -> None:
        self._sheet, self._blocks = sheet, sheet.blocks()
        self._kept, self._count = [], 0
        self._call("open_sheet", sheet)
        self._open(self._blocks[0])

    def row(self, row: Row) -> None:
        self._count += 1
        self._call("row", self._cells(row, self._blocks[0]))
        if len(self._blocks) > 1:
            self._kept.append(row)

    def end(self, totals: Row | None = None) -> None:
        sheet = self._begun()
        if totals is not None:
            totals = {sheet.columns[0].key: self._said.total, **totals}
        self._close(self._blocks[0], totals)
        for columns in self._blocks[1:]:
            self._open(columns, f" ({self._said.continued})")
            for row in self._kept:
                self._call("row", self._cells(row, columns))
            self._close(columns, totals)
        signed = words.signed_at(self._report.place, self._report.made_at) if sheet.signers else ""
        self._call("close_sheet", sheet, signed)
        self._sheet, self._kept = None, []

    def _open(self, columns: tuple[Column, ...], more: str = "") -> None:
        sheet = self._begun()
        period = words.period(*sheet.period, self._report.language) if sheet.period else ""
        widths = [_MOMENT if column.kind == "datetime" else column.width for column in columns]
        shares = [round(100 * width / sum(widths), 2) for width in widths]
        self._call("open_table", sheet, columns, more, period, shares, sum(column.width for column in columns))

    def _close(self, columns: tuple[Column, ...], totals: Row | None) -> None:
        if not self._count:
            self._call("empty", len(columns))
        self._call("close_table", self._cells(totals, columns) if totals is not None else [])

    def close(self) -> None:
        self._call("close_page")

    def discard(self) -> None:
        """Nothing is held."""

    def _begun(self) -> Sheet:
        assert self._sheet is not None, "begin comes first"
        return self._sheet

    def _cells(self, row: Row, columns: tuple[Column, ...]) -> list[tuple[str, str]]:
        """Look and words of each cell; a text in a column of numbers is still a text."""
        language = self._report.language
        cells = []
        for column in columns:
            value = settle(column.kind, row.get(column.key), language)
            look = "text" if isinstance(value, str) else _look(column.kind)
            cells.append((look, shown(column.kind, value, language)))
        return cells

    def _call(self, macro: str, *values: object) -> None:
        self._out.write(getattr(self._page, macro)(*values).encode())


def told(text: str) -> Markup:
    """A text from outside, isolated, that breaks where people break it."""
    look = ' class="long"' if max(map(len, _PARTS.split(text))) > _LONGEST_WORD else ""
    return Markup(f"<bdi{look}>{_SLASH.sub('/<wbr>', escape(text))}</bdi>")  # noqa: S704 - escaped, but for the breaks


_TEMPLATES.filters["told"] = told


def _look(kind: str) -> str:
    return {"text": "text", "date": "day", "datetime": "day"}.get(kind, "number")
