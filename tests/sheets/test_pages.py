"""What a page and a CSV file say, and how."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from axis.sheets.cell import settle
from axis.sheets.html import told
from axis.sheets.sheet import REGISTER_SIGNERS, Column, Sheet
from tests.sheets import reading
from tests.sheets.test_xlsx import ALL_KINDS, ROW

NO_ZONE = datetime(2019, 6, 30)  # noqa: DTZ001 - a time without a zone is what is refused


def words_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def test_a_register_prints_with_head_numbers_and_signatures() -> None:
    whole = reading.report(
        [ROW], ALL_KINDS, numbered=True, organisation="Bộ Giao thông vận tải", signers=REGISTER_SIGNERS,
        period=(date(2019, 6, 1), date(2019, 6, 30)), conditions=(("Đơn vị", "G04.01"),), notes=("Một ghi chú",),
    )  # fmt: skip
    page = reading.page(reading.made(replace(whole, place="Hà Nội"), "html"))
    assert page.get("lang") == "vi"
    caption = "Bộ Giao thông vận tải SỔ ĐĂNG KÝ Từ ngày 01/06/2019 đến ngày 30/06/2019"
    assert words_of(page.find(".//caption")) == caption
    assert page.xpath("//thead/tr[2]/td/text()") == ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"]
    assert {head.get("scope") for head in page.iter("th")} == {"col"}
    assert [words_of(word) for word in page.find(".//dl")] == ["Đơn vị", "G04.01"]
    assert words_of(page.find(".//p[@class='signed']")) == "Hà Nội, ngày 05 tháng 11 năm 2026"
    assert [words_of(signer) for signer in page.iter("strong")] == ["NGƯỜI LẬP", "VĂN THƯ"]
    assert [words_of(note) for note in page.iter("li")] == ["Một ghi chú"]


def test_a_page_shows_values_as_vietnam_writes_them() -> None:
    page = reading.page(reading.made(reading.report([ROW], ALL_KINDS, totals={"number": 1234567}), "html"))
    cells = page.xpath("//tbody/tr/td")
    assert [words_of(cell) for cell in cells] == [
        "12/QĐ-BGTVT", "1.234.567", "12,5 %", "30/06/2019", "01/07/2019 00:05", "1 ngày 2 giờ",
    ]  # fmt: skip
    assert [cell.get("class") for cell in cells] == ["text", "number", "number", "day", "day", "number"]
    assert words_of(page.find(".//tfoot")).startswith("Tổng cộng1.234.567")


@pytest.mark.parametrize(
    ("text", "written"),
    [("3444/BGTVT-TCCB", "<bdi>3444/<wbr>BGTVT-TCCB</bdi>"), ("22:31 05/11/2026", "<bdi>22:31 05/11/2026</bdi>"),
     ("và/hoặc </bdi>", "<bdi>và/<wbr>hoặc &lt;/<wbr>bdi&gt;</bdi>"), ("x" * 18, f"<bdi>{'x' * 18}</bdi>"),
     ("x" * 19, f'<bdi class="long">{"x" * 19}</bdi>')],
)  # fmt: skip
def test_a_text_may_break_after_the_slash_of_a_notation_and_anywhere_only_when_no_column_holds_it(
    text: str, written: str
) -> None:
    assert told(text) == written


def test_text_in_a_column_of_numbers_is_isolated_as_text() -> None:
    page = reading.page(reading.made(reading.report([{"number": "\u202e1"}], ALL_KINDS), "html"))
    cell = page.xpath("//tbody/tr/td[2]")[0]
    assert (cell.get("class"), cell[0].tag) == ("text", "bdi")


def test_an_empty_period_and_a_provisional_one_say_so() -> None:
    whole = reading.provisional(reading.report([], ALL_KINDS))
    page = reading.page(reading.made(whole, "html"))
    assert page.xpath("//td[@class='empty' and @colspan='6']/text()") == ["Không có dòng nào trong kỳ này"]
    assert page.xpath("//p[@class='provisional']/text()") == ["SỐ LIỆU TẠM TÍNH"]


def test_an_english_page_says_so() -> None:
    page = reading.page(reading.made(replace(reading.report([]), language="en"), "html"))
    assert page.get("lang") == "en"
    assert "Subject" in words_of(page.find(".//thead"))


def test_csv_numbers_stay_numbers_and_only_texts_get_a_quote() -> None:
    columns = (*ALL_KINDS, Column("more", "Thêm", "More", "number"))
    row = {**ROW, "text": "-5", "number": -5, "percent": -0.125, "more": Decimal("-1234.5")}
    rows = reading.csv_rows(reading.made(reading.report([row], columns, totals={"number": -5}), "csv"))
    assert rows == [
        ["Số ký hiệu", "Số lượng", "Tỷ lệ", "Ngày", "Lúc", "Trong", "Thêm"],
        ["'-5", "-5", "-12,5%", "30/06/2019", "01/07/2019 00:05", "26:03:00", "-1234,5"],
        ["Tổng cộng", "-5", "", "", "", "", ""],
    ]


LARGE = [(1e21, "1" + "0" * 21), (10**20, "1" + "0" * 20)]


@pytest.mark.parametrize(("value", "told"), [(1e-7, "0,0000001"), (0.1, "0,1"), *LARGE])
def test_csv_numbers_have_no_exponent(value: float, told: str) -> None:
    assert reading.csv_rows(reading.made(reading.report([{"number": value}]), "csv"))[1][0] == told


def test_csv_tables_are_parted_by_an_empty_line_and_a_title() -> None:
    sheet = reading.report([{"number": 1}]).sheets[0]
    whole = replace(reading.report([]), sheets=(sheet, sheet))
    rows = reading.csv_rows(reading.made(whole, "csv"))
    table = [["SỔ ĐĂNG KÝ"], ["STT", "Trích yếu"], ["1", ""]]
    assert rows == [*table, [], *table]


def test_settling_goes_by_type_and_never_by_look() -> None:
    noon = datetime(2019, 6, 30, 20, tzinfo=UTC)
    assert settle("number", "5") == "5"
    assert settle("text", 5) == "5"
    assert settle("number", True) == "Có"
    assert settle("text", False, "en") == "No"
    assert settle("date", noon) == date(2019, 7, 1)
    assert settle("text", noon) == "01/07/2019 03:00"
    assert settle("text", date(2019, 7, 1)) == "01/07/2019"
    assert settle("text", timedelta(hours=1)) == "1:00:00"
    assert settle("duration", 90) == timedelta(seconds=90)
    assert settle("date", 5) == "5"
    assert settle("number", ["a"]) == "['a']"
    assert settle("text", "") is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), NO_ZONE])
def test_what_would_be_a_guess_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"not a finite number|without a zone"):
        settle("number", value)


def test_a_report_without_a_zone_and_a_sheet_without_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        replace(reading.report([]), made_at=NO_ZONE)
    with pytest.raises(ValueError, match="columns"):
        Sheet("x", "x", "x", ())
