"""LibreOffice opens the XLSX and sees the same values, and no formula."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from axis.domain.clock import VIETNAM
from axis.sheets.sheet import Column
from axis.sheets.worksheet import utf16_length
from axis.sheets.xlsx import MAX_TEXT
from tests.sheets import hostile, office, reading

COLUMNS = (
    reading.COLUMNS[0],
    reading.TEXT,
    Column("day", "Ngày", "Day", "date"),
    Column("at", "Lúc", "At", "datetime"),
    Column("share", "Tỷ lệ", "Share", "percent"),
    Column("took", "Trong", "Took", "duration"),
)
DAY = date(2019, 6, 30)
AT = datetime(2019, 6, 30, 23, 59, tzinfo=VIETNAM)
# Without control characters and line ends, which LibreOffice's own CSV writes its own way.
TEXTS = [text for text in hostile.texts() if text.isprintable() and text.strip() and utf16_length(text) <= MAX_TEXT]


def test_libreoffice_sees_the_same_texts_and_totals_and_no_formula(tmp_path: Path) -> None:
    office.program()
    rows = [
        {"number": number, "text": text, "day": DAY, "at": AT, "share": 0.125, "took": timedelta(hours=26)}
        for number, text in enumerate(TEXTS)
    ]
    total = sum(range(len(rows)))
    file = tmp_path / "so.xlsx"
    file.write_bytes(reading.made(reading.report(rows, COLUMNS, totals={"number": total, "text": "=1+1"}), "xlsx"))

    tree: Any = etree.parse(office.converted(file, office.AS_XML, tmp_path), etree.XMLParser(huge_tree=True))
    assert not tree.xpath("//@*[local-name() = 'formula']")
    assert not tree.xpath("//*[local-name() = 'a']")
    numbers = [float(value) for value in tree.xpath("//@*[local-name() = 'value']")]
    assert numbers.count(total) >= 1
    assert set(range(len(rows))) <= set(numbers)
    assert tree.xpath("//@*[local-name() = 'date-value']").count("2019-06-30T23:59:00") == len(rows)

    text = office.converted(file, office.AS_CSV, tmp_path).read_text("utf-8")
    lines = list(csv.reader(text.splitlines(keepends=True), delimiter=";"))
    first = next(place for place, line in enumerate(lines) if line[1] == reading.TEXT.title_vi) + 1
    assert [line[1] for line in lines[first : first + len(rows)]] == TEXTS
    assert lines[first][2:] == ["30/06/2019", "30/06/2019 23:59", "12.5 %", "26:00:00"]
    assert lines[first + len(rows)][:2] == [f"{total:,}", "=1+1"]
