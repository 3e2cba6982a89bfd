"""The files read back by somebody else's readers: openpyxl, the csv module, lxml."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import AsyncIterable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import openpyxl
from lxml import html
from openpyxl.utils.escape import unescape

from axis.sheets import export
from axis.sheets.sheet import Column, Report, Row, Sheet

NOW = datetime(2026, 11, 5, 3, 4, tzinfo=UTC)
TEXT = Column("text", "Trích yếu", "Subject", width=60)
COLUMNS = (Column("number", "STT", "No.", "number", 8), TEXT)


def report(rows: Iterable[Row] | AsyncIterable[Row], columns: tuple[Column, ...] = COLUMNS, **more: Any) -> Report:
    sheet = Sheet("Bảng", "SỔ ĐĂNG KÝ", "REGISTER", columns, rows, **more)
    return Report("Sổ văn bản đi", (sheet,), NOW, "Nguyễn Văn A")


def of_texts(texts: Iterable[str]) -> Report:
    """One row for each text, with its number."""
    return report({"number": number, "text": text} for number, text in enumerate(texts))


def provisional(whole: Report) -> Report:
    return replace(whole, provisional=True)


def made(whole: Report, name: str) -> bytes:
    out = io.BytesIO()
    export.write(whole, name, out)
    return out.getvalue()


def workbook(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def xlsx_cells(data: bytes) -> list[Any]:
    return [cell for page in workbook(data) for row in page.iter_rows() for cell in row]


def xlsx_texts(data: bytes) -> list[str]:
    """The text column of the first sheet, as Excel decodes it."""
    page = workbook(data).worksheets[0]
    first = next(cell.row for cell in page["B"] if cell.value == TEXT.title_vi) + 1
    return [unescape(page.cell(row, 2).value or "") for row in range(first, page.max_row + 1)]


def xlsx_parts(data: bytes) -> dict[str, str]:
    """The XML of every part of the file, by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def csv_rows(data: bytes) -> list[list[str]]:
    text = data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))


def page(data: bytes) -> Any:
    return html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))


def html_texts(data: bytes) -> list[str]:
    return ["".join(cell.itertext()) for cell in page(data).xpath("//tbody/tr/td[2]")]


def replaced(text: str) -> str:
    """What XLSX and HTML show instead: LF as the only line end, U+FFFD for other controls and what XML forbids."""
    lines = re.sub("\r\n?", "\n", text)
    return re.sub("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", lines)


def begins_badly(text: str) -> bool:
    """Whether the first thing to be seen, or a tab or line end before it, could start a formula."""
    seen = re.sub(r"^[^\S\t\r\n]*", "", text)
    seen = "".join(c for c in seen[:200] if unicodedata.category(c)[0] not in "CZM" or c in "\t\r\n")
    seen = seen.lstrip("\u115f\u1160\u3164\uffa0\u2800")
    return seen[:1] in ("\t", "\r", "\n") or unicodedata.normalize("NFKC", seen[:1])[:1] in ("=", "+", "-", "@")
