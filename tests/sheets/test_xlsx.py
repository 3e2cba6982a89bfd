"""What an XLSX file holds: real dates and numbers, values for totals, Excel's limits kept visibly."""

from __future__ import annotations

import gc
import io
import tempfile
import warnings
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from axis.sheets.sheet import REGISTER_SIGNERS, Column, fill
from axis.sheets.worksheet import SheetNames, cut_utf16, utf16_length
from axis.sheets.xlsx import XlsxSheets, write_xlsx
from tests.sheets import reading

ALL_KINDS = (
    Column("text", "Số ký hiệu", "Notation"),
    Column("number", "Số lượng", "Count", "number"),
    Column("percent", "Tỷ lệ", "Share", "percent"),
    Column("date", "Ngày", "Day", "date"),
    Column("datetime", "Lúc", "At", "datetime"),
    Column("duration", "Trong", "Took", "duration"),
)
ROW: dict[str, object] = {
    "text": "12/QĐ-BGTVT", "number": 1234567, "percent": 0.125, "date": date(2019, 6, 30),
    "datetime": datetime(2019, 6, 30, 17, 5, tzinfo=UTC), "duration": timedelta(hours=26, minutes=3),
}  # fmt: skip


def first_page(data: bytes) -> Any:
    return reading.workbook(data).worksheets[0]


def wall(told: str) -> datetime:
    """A time as a spreadsheet holds it: without a zone."""
    return datetime.fromisoformat(told)


def row_of(data: bytes, text: str) -> list[Any]:
    return next([*row] for row in first_page(data).iter_rows() if row[0].value == text)


def test_values_keep_their_kind_and_times_are_vietnams() -> None:
    cells = row_of(reading.made(reading.report([ROW], ALL_KINDS), "xlsx"), "12/QĐ-BGTVT")
    assert [cell.value for cell in cells[1:]] == [
        1234567, 0.125, wall("2019-06-30 00:00"), wall("2019-07-01 00:05"), timedelta(hours=26, minutes=3),
    ]  # fmt: skip
    assert [cell.number_format for cell in cells] == [
        "@", "#,##0", "0.0 %", "dd/mm/yyyy", "dd/mm/yyyy hh:mm", "[h]:mm:ss",
    ]  # fmt: skip


def test_totals_are_values_and_not_formulas() -> None:
    data = reading.made(reading.report([ROW, ROW], ALL_KINDS, totals={"number": 2469134}), "xlsx")
    cells = row_of(data, "Tổng cộng")
    assert (cells[1].value, cells[1].data_type, cells[1].font.bold) == (2469134, "n", True)
    assert "<f>" not in "".join(reading.xlsx_parts(data).values())


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("date", date(1899, 12, 31), "31/12/1899"),
        ("date", date(1900, 2, 28), "28/02/1900"),
        ("datetime", datetime(1, 1, 2, tzinfo=UTC), "02/01/0001 07:00"),
        ("number", 1234567890123456789, "1234567890123456789"),
        ("duration", timedelta(seconds=-3661), "-1:01:01"),
        ("number", "không rõ", "không rõ"),
        ("date", "2019/06/31", "2019/06/31"),
    ],
)
def test_what_excel_cannot_hold_is_told_as_text(kind: Any, value: object, told: str) -> None:
    columns = (ALL_KINDS[0], Column("value", "Giá trị", "Value", kind))
    cell = row_of(reading.made(reading.report([{"text": "x", "value": value}], columns), "xlsx"), "x")[1]
    assert (cell.value, cell.data_type) == (told, "s")


@pytest.mark.parametrize(
    ("value", "look"), [(5, "#,##0"), (5.0, "#,##0"), (2.5, "#,##0.00"), (Decimal("2.5"), "#,##0.00")]
)
def test_decimals_are_shown_only_where_there_are_some(value: Any, look: str) -> None:
    data = reading.made(reading.report([{"text": "x", "number": value}], ALL_KINDS), "xlsx")
    cell = row_of(data, "x")[1]
    assert (cell.value, cell.number_format) == (float(value), look)


def test_the_page_is_set_up_for_print_and_reading() -> None:
    data = reading.made(
        reading.report(
            [ROW], ALL_KINDS, numbered=True, organisation="Bộ Giao thông vận tải",
            period=(date(2019, 6, 1), date(2019, 6, 30)), signers=REGISTER_SIGNERS,
        ),
        "xlsx",
    )  # fmt: skip
    page = first_page(data)
    assert page.page_setup.orientation == "landscape"
    assert int(page.page_setup.paperSize) == 9
    assert page.oddFooter.center.text == "Trang &P / &N"
    texts = [[cell.value for cell in row if cell.value] for row in page.iter_rows()]
    assert texts[:3] == [["Bộ Giao thông vận tải"], ["SỔ ĐĂNG KÝ"], ["Từ ngày 01/06/2019 đến ngày 30/06/2019"]]
    assert texts[4] == [column.title_vi for column in ALL_KINDS]
    assert texts[5] == ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"]
    assert (page.freeze_panes, page.print_title_rows, page.auto_filter.ref) == ("A7", "$5:$6", "A6:F7")
    assert texts[-2:] == [["Ngày 05 tháng 11 năm 2026"], ["NGƯỜI LẬP", "VĂN THƯ"]]


def test_rows_are_high_enough_for_every_line_of_a_text() -> None:
    rows = [{"text": "một dòng"}, {"text": "một\nhai"}, {"text": "x" * 33}, {"text": "a\n" * 300}]
    data = reading.made(reading.report(rows, ALL_KINDS), "xlsx")
    heights = [first_page(data).row_dimensions[row_of(data, str(row["text"]))[0].row].height for row in rows]
    assert heights == [None, 31.5, 47.25, 408.75]  # Excel allows 409


def test_the_last_sheet_tells_who_when_and_under_which_conditions() -> None:
    rows = [{"text": "x" * 40_000}, {"text": "ngắn"}]
    whole = reading.report(rows, ALL_KINDS, conditions=(("Đơn vị", "G04.01"),), notes=("Chỉ tính văn bản đã phát",))
    page = reading.workbook(reading.made(reading.provisional(whole), "xlsx"))["Điều kiện lọc"]
    told = [tuple(cell.value for cell in row) for row in page.iter_rows()]
    assert told[1:] == [
        ("SỐ LIỆU TẠM TÍNH", None, None),
        (None, "Người lập", "Nguyễn Văn A"),
        (None, "Thời điểm lập", "05/11/2026 10:04"),
        ("SỔ ĐĂNG KÝ", None, None),
        (None, "Đơn vị", "G04.01"),
        (None, "Số dòng", "2"),
        (None, "Ghi chú", "Chỉ tính văn bản đã phát"),
        (None, "Ghi chú", "1 ô dài hơn 32.767 ký tự đã bị cắt; bản CSV có đủ."),
    ]


def test_rows_beyond_a_sheet_go_on_in_the_next() -> None:
    out = io.BytesIO()
    whole = reading.report(({"number": number} for number in range(20)), totals={"number": 190})
    fill(XlsxSheets(whole, out, max_rows=10), whole)
    book = reading.workbook(out.getvalue())
    assert book.sheetnames == ["Bảng", "Bảng (2)", "Bảng (3)", "Điều kiện lọc"]
    numbers = [cell.value for page in book.worksheets[:3] for cell in page["A"] if isinstance(cell.value, int)]
    assert numbers == [*range(20), 190]
    assert book["Bảng (2)"]["A1"].value == "SỔ ĐĂNG KÝ (tiếp theo)"
    assert all(page.auto_filter.ref for page in book.worksheets[:3])


def test_no_rows_are_said_to_be_none() -> None:
    page = first_page(reading.made(reading.report([]), "xlsx"))
    assert "Không có dòng nào trong kỳ này" in [cell.value for cell in page["A"]]


def test_an_english_report_says_it_in_english() -> None:
    book = reading.workbook(reading.made(replace(reading.report([]), language="en"), "xlsx"))
    assert book.sheetnames[-1] == "Conditions"
    assert "No rows in this period" in [cell.value for cell in book.worksheets[0]["A"]]


@pytest.mark.parametrize(
    ("wanted", "legal"),
    [
        ("Văn bản: đi/đến [2019]*?\\", "Văn bản- đi-đến -2019----"),
        ("'dấu nháy'", "dấu nháy"),
        ("", "Bảng"),
        ("''", "Bảng"),
        ("History", "History (2)"),
        ("x" * 40, "x" * 31),
        ("😀" * 20, "😀" * 15),
        ("a\0b\ud800", "a\ufffdb\ufffd"),
    ],
)
def test_sheet_names_become_legal(wanted: str, legal: str) -> None:
    assert SheetNames("Bảng").take(wanted) == legal


def test_sheet_names_are_given_once_whatever_their_case() -> None:
    names = SheetNames("Bảng")
    assert [names.take(name) for name in ("Đi", "đi", "ĐI", "x" * 31, "X" * 40)] == [
        "Đi", "đi (2)", "ĐI (3)", "x" * 31, "X" * 27 + " (2)",
    ]  # fmt: skip


def test_a_cut_never_leaves_half_a_character() -> None:
    assert cut_utf16("a😀b", 2) == "a"
    assert utf16_length("a😀b") == 4


def test_it_is_written_to_a_path_too(tmp_path: Path) -> None:
    write_xlsx(reading.report([{"number": 7}]), tmp_path / "so.xlsx")
    assert 7 in [cell.value for cell in first_page((tmp_path / "so.xlsx").read_bytes())["A"]]


def test_a_full_disk_is_told_as_the_system_tells_it(tmp_path: Path, own_folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_xlsx(reading.report([]), tmp_path / "no such folder" / "so.xlsx")
    assert not list(own_folder.iterdir())


def test_giving_up_leaves_nothing_behind(own_folder: Path) -> None:
    def rows() -> Any:
        yield {"number": 1}
        raise RuntimeError("the database went away")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeError, match="went away"):
            reading.made(reading.report(rows()), "xlsx")
        gc.collect()
    assert not list(own_folder.iterdir())


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder nobody else writes to."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_figures_wider_than_the_paper_print_over_several_sheets_with_their_names() -> None:
    numbers = (Column(f"n{number}", "Số", "N", "number", 12) for number in range(40))
    columns = (Column("unit", "Đơn vị", "Unit", "text", 20), *numbers)
    wide = reading.report([{"unit": "A", "n1": 1}], columns)
    wide = replace(wide, sheets=(replace(wide.sheets[0], heads=1),))
    page = openpyxl.load_workbook(io.BytesIO(reading.made(wide, "xlsx"))).worksheets[0]
    assert page.print_title_cols == "$A:$A" and page.freeze_panes is not None
    assert (page.page_setup.fitToWidth, page.page_setup.orientation) == (len(wide.sheets[0].blocks()), "landscape")
    narrow = openpyxl.load_workbook(io.BytesIO(reading.made(reading.report([ROW], ALL_KINDS), "xlsx"))).worksheets[0]
    assert narrow.page_setup.fitToWidth in (None, 1) and narrow.print_title_cols is None
