"""The workbook behind an XLSX file: how it is opened, how its pages print, how its cells look.

Office programmes differ in whether they fit rows to wrapped text when a file is opened (LibreOffice
does not), and a printed register must not hide the second line of a subject. So rows of more than one
line get a height, estimated from the column's width; a little too high is better than too low.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from xlsxwriter.workbook import Workbook

from axis.sheets.cell import legible
from axis.sheets.sheet import Report, Sheet
from axis.sheets.words import Phrases
from axis.sheets.worksheet import LiteralWorksheet

Looks: TypeAlias = dict[str, Any]

_A4 = 9
_FONT = {"font_name": "Times New Roman", "font_size": 12}
_GRID = {"border": 1, "border_color": "#808080", "valign": "top"}
_LOOKS: dict[str, dict[str, object]] = {
    "text": {**_GRID, "num_format": "@", "text_wrap": True},
    "integer": {**_GRID, "num_format": "#,##0", "align": "right"},
    "decimal": {**_GRID, "num_format": "#,##0.00", "align": "right"},
    "percent": {**_GRID, "num_format": "0.0 %", "align": "right"},
    "date": {**_GRID, "num_format": "dd/mm/yyyy", "align": "center"},
    "datetime": {**_GRID, "num_format": "dd/mm/yyyy hh:mm", "align": "center"},
    "duration": {**_GRID, "num_format": "[h]:mm:ss", "align": "right"},
    "head": {**_GRID, "num_format": "@", "bold": True, "text_wrap": True, "align": "center", "bg_color": "#E7ECF2"},
    "numbers": {**_GRID, "num_format": "@", "align": "center"},
    "title": {"num_format": "@", "bold": True, "font_size": 14},
    "line": {"num_format": "@"},
    "warning": {"num_format": "@", "bold": True, "font_color": "#9C0006"},
    "signer": {"num_format": "@", "bold": True},
}


def open_book(report: Report, out: BinaryIO | Path, folder: str) -> Any:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "use_zip64": True,
        "default_row_height": 21,
        "tmpdir": folder,
        "default_format_properties": dict(_FONT),
    }
    book = Workbook(str(out) if isinstance(out, Path) else out, options)
    made_at = report.made_at.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": legible(report.title), "author": legible(report.made_by), "created": made_at})
    return book


def add_looks(book: Any, **more: object) -> Looks:
    """The formats of the workbook, by name."""
    return {name: book.add_format({**_FONT, **look, **more}) for name, look in _LOOKS.items()}


def add_page(book: Any, said: Phrases, name: str) -> Any:
    """A sheet that prints on A4 landscape, as wide as the paper, with page numbers."""
    page = book.add_worksheet(name, LiteralWorksheet)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.set_margins(0.5, 0.5, 0.6, 0.6)
    page.set_footer(f"&C{said.page} &P / &N")
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    return page


def spread(page: Any, sheet: Sheet) -> None:
    """Figures wider than the paper go over as many sheets as they need, with the columns that name a row on each:
    squeezed onto one they could not be read."""
    wide = len(sheet.blocks())
    if wide > 1:
        page.fit_to_pages(wide, 0)
        page.repeat_columns(0, sheet.heads - 1)
        page.print_across()


def lines_of(text: str, width: int) -> int:
    """How many lines the text takes in a cell so wide: estimated."""
    if len(text) <= width and "\n" not in text:
        return 1
    return sum(max(1, -(-len(line) // width)) for line in text.splitlines())
