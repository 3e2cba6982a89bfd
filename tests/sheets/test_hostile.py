"""Hostile texts stay texts in every format, and read back as they were written."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from axis.sheets.cell import legible
from axis.sheets.sheet import Column
from axis.sheets.xlsx import MAX_TEXT
from tests.sheets import hostile, reading

TEXTS = hostile.texts()
ANY_TEXT = st.text(st.characters(), max_size=60) | st.sampled_from(TEXTS)  # surrogates included


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {name: reading.made(reading.of_texts(TEXTS), name) for name in ("xlsx", "csv", "html")}


def test_there_are_enough_of_them() -> None:
    assert len(TEXTS) >= 400


def test_in_xlsx_no_cell_is_a_formula_or_a_link(files: dict[str, bytes]) -> None:
    cells = reading.xlsx_cells(files["xlsx"])
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]
    for name, part in reading.xlsx_parts(files["xlsx"]).items():
        assert not re.search(r"<(\w+:)?(f|hyperlink|ddeLink|externalReference|legacyDrawing)[ />]", part), name
        assert "vbaProject" not in name
        assert "externalLink" not in name
        assert 'TargetMode="External"' not in part


def test_in_xlsx_every_text_reads_back(files: dict[str, bytes]) -> None:
    for text, read in zip(TEXTS, reading.xlsx_texts(files["xlsx"]), strict=True):
        expected = reading.replaced(text)
        if len(expected.encode("utf-16-le")) // 2 <= MAX_TEXT:
            assert read == expected
        else:
            kept, note = read.rsplit(" […", 1)
            assert expected.startswith(kept)
            assert "đã cắt" in note
            assert MAX_TEXT - 1 <= len(read.encode("utf-16-le")) // 2 <= MAX_TEXT


def test_a_control_of_either_set_is_shown_as_what_cannot_be_read() -> None:
    """C1 is legal in XML, and U+009B begins a command of a terminal all the same."""
    controls = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"]
    assert {legible(f"a{control}b") for control in controls} == {"a\ufffdb"} and len(controls) == 62
    assert legible("a\r\nb\rc\td\xa0é") == "a\nb\nc\td\xa0é"
    whole = reading.report([{"number": 0, "text": f"x{control}y"} for control in controls])
    read = reading.xlsx_texts(reading.made(whole, "xlsx")) + reading.html_texts(reading.made(whole, "html"))
    assert set(read) == {"x\ufffdy"}


def test_in_csv_no_text_starts_a_formula(files: dict[str, bytes]) -> None:
    for text, (_, read) in zip(TEXTS, reading.csv_rows(files["csv"])[1:], strict=True):
        assert not reading.begins_badly(read)
        original = re.sub("[\ud800-\udfff]", "\ufffd", text.replace("\0", ""))
        assert read == ("'" + original if reading.begins_badly(original) else original)


def test_csv_is_utf8_with_a_mark_and_crlf(files: dict[str, bytes]) -> None:
    assert files["csv"].startswith(b"\xef\xbb\xbf")
    assert b"\0" not in files["csv"]
    assert files["csv"].endswith(b"\r\n")


def test_html_holds_nothing_active_and_fetches_nothing(files: dict[str, bytes]) -> None:
    check_inert(reading.page(files["html"]))


def test_in_html_every_text_reads_back(files: dict[str, bytes]) -> None:
    for text, read in zip(TEXTS, reading.html_texts(files["html"]), strict=True):
        assert read == reading.replaced(text)


def test_hostile_texts_are_harmless_outside_the_table_too() -> None:
    for start in range(0, len(TEXTS), 10):
        bad = TEXTS[start]
        few = tuple(TEXTS[start : start + 10])
        whole = reading.report(
            [],
            tuple(Column(str(number), text, text) for number, text in enumerate(few)),
            totals=dict(zip("0123456789", few, strict=False)),
            notes=few,
            conditions=tuple((text, text) for text in few),
            organisation=bad,
            signers=(bad, bad),
        )
        sheet = replace(whole.sheets[0], name=bad, title_vi=bad)
        whole = replace(whole, title=bad, made_by=bad, place=bad, sheets=(sheet, sheet), marks=few)
        check_inert(reading.page(reading.made(whole, "html")))
        book = reading.made(whole, "xlsx")
        assert {cell.data_type for cell in reading.xlsx_cells(book)} <= {"s", "n"}
        assert not [name for name, part in reading.xlsx_parts(book).items() if "<f>" in part]
        for row in reading.csv_rows(reading.made(whole, "csv")):
            assert not any(map(reading.begins_badly, row))


TAGS = """html head meta title style body header h1 h2 bdi p main section div dl dt dd table caption span colgroup
    col thead tbody tfoot tr th td ul li strong wbr"""
ATTRIBUTES = "lang charset http-equiv content name class role tabindex aria-label style scope colspan"


def check_inert(page: Any) -> None:
    elements = [element for element in page.iter() if isinstance(element.tag, str)]
    assert {element.tag for element in elements} <= set(TAGS.split())
    assert {name for element in elements for name in element.attrib} <= set(ATTRIBUTES.split())
    assert all(re.fullmatch(r"(width: [0-9.]+%|min-width: [0-9]+ch)", style) for style in page.xpath("//@style"))
    [style] = page.xpath("//style/text()")
    assert "url(" not in style
    assert "@import" not in style


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_any_text_in_any_cell_reads_back(texts: list[str]) -> None:
    short = [text[:1000] for text in texts]
    whole = reading.report([{"number": 0, "text": text} for text in short])
    book = reading.made(whole, "xlsx")
    assert "<f>" not in reading.xlsx_parts(book)["xl/worksheets/sheet1.xml"]
    assert reading.xlsx_texts(book) == [reading.replaced(text) for text in short]
    assert reading.html_texts(reading.made(whole, "html")) == [reading.replaced(text) for text in short]
    for text, (_, read) in zip(short, reading.csv_rows(reading.made(whole, "csv"))[1:], strict=True):
        assert not reading.begins_badly(read)
        assert read.removeprefix("'") == re.sub("[\ud800-\udfff]", "\ufffd", text.replace("\0", "")).removeprefix("'")
