"""The table of a year's decision: read however a spreadsheet writes it, refused by line and column."""

from __future__ import annotations

from datetime import date

import pytest

from axis.domain.calendar import DayKind, SpecialDay
from axis.domain.calendar_file import check_year, is_idle, read_date, read_rows, unnamed
from axis.domain.errors import SetupError


def day(text: str, kind: DayKind) -> SpecialDay:
    return SpecialDay(date.fromisoformat(text), kind, "x", "test")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-01-05", date(2019, 1, 5)),
        ("05/01/2019", date(2019, 1, 5)),
        (" 5/1/2019 ", date(2019, 1, 5)),
        ("29/02/2020", date(2020, 2, 29)),
        ("29/02/2019", None),
        ("2019/01/05", None),
        ("01-05-2019", None),
        ("05/01/19", None),
        ("", None),
    ],
)
def test_dates_are_read_in_two_spellings(text: str, expected: date | None) -> None:
    assert read_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "day,kind,name\n2027-04-26,holiday,Giỗ Tổ\n24/04/2027,worked,Làm bù\n",
        "day;kind;name\r\n2027-04-26;Holiday;Giỗ Tổ\r\n24/04/2027;WORKED;Làm bù",
        "\ufeffDay,Kind,Name\n\n 2027-04-26 , holiday , Giỗ Tổ \n24/04/2027,worked,Làm bù\n\n",
        "name,day,kind\nGiỗ Tổ,2027-04-26,holiday\nLàm bù,24/04/2027,worked\n",
        "day;kind;name;;\n2027-04-26;holiday;Giỗ Tổ;;\n24/04/2027;worked;Làm bù;;;\n;;;;\n",
        "day,kind,name\n2027-04-26,holiday,Giỗ Tổ,,,\n24/04/2027,worked,Làm bù\n,,\n",
        "\n\nday;kind;name\n2027-04-26;holiday;Giỗ Tổ\n24/04/2027;worked;Làm bù\n",
        ";;\nday;kind;name\n2027-04-26;holiday;Giỗ\u00a0Tổ\n24/04/2027;worked;Làm bù\u00a0\n",
    ],
    ids=["commas", "semicolons", "spreadsheet", "columns in another order", "surplus columns", "surplus cells",
         "empty lines first", "no-break spaces"],
)
def test_a_file_is_read_however_a_spreadsheet_writes_it(text: str) -> None:
    rows = read_rows(text, "QĐ 1/2026")
    assert [row.day for row in rows] == [
        SpecialDay(date(2027, 4, 26), DayKind.HOLIDAY, "Giỗ Tổ", "QĐ 1/2026"),
        SpecialDay(date(2027, 4, 24), DayKind.WORKED, "Làm bù", "QĐ 1/2026"),
    ]
    assert check_year(rows, 2027, ()) == tuple(row.day for row in rows)


def test_a_file_with_a_heading_only_names_no_day() -> None:
    assert read_rows("day,kind,name\n") == []


HEAD = "day,kind,name\n2027-01-01,holiday,Tết\n"


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("", "calendar.no-column", {"column": "day"}),
        ("day,name\n2027-01-01,x\n", "calendar.no-column", {"column": "kind"}),
        ("2027-01-01,holiday,x\n", "calendar.no-column", {"column": "day"}),
        (HEAD + "2027-02-30,holiday,x", "calendar.bad-date", {"line": 3, "column": "day", "value": "2027-02-30"}),
        (HEAD + "mai,holiday,x", "calendar.bad-date", {"line": 3, "column": "day", "value": "mai"}),
        (HEAD + "\n2027-02-03,nghỉ,x", "calendar.unknown-kind", {"line": 4, "column": "kind", "value": "nghỉ"}),
        (HEAD + "2027-02-03,holiday,", "calendar.empty-cell", {"line": 3, "column": "name"}),
        (HEAD + "2027-02-03,holiday", "calendar.empty-cell", {"line": 3, "column": "name"}),
        (HEAD + ",holiday,x", "calendar.empty-cell", {"line": 3, "column": "day"}),
        (HEAD + "2027-02-03,holiday,a,b", "calendar.too-many-cells", {"line": 3, "column": 4}),
        (HEAD + '2027-02-03,holiday,"a', "calendar.bad-file", {"line": 3}),
        (HEAD + "2027-02-03,holiday,a,,b", "calendar.too-many-cells", {"line": 3, "column": 4}),
        ("day;kind;name;\n2027-02-03;holiday;a;b", "calendar.too-many-cells", {"line": 2, "column": 4}),
        (HEAD + "2027-02-03,holiday,T\0ết", "calendar.bad-character", {"line": 3, "column": 3, "found": "U+0000"}),
        (HEAD + "2027-02-03,holiday,a\u202eb", "calendar.bad-character", {"line": 3, "column": 3, "found": "U+202E"}),
        (HEAD + '2027-02-03,holiday,"a\nb"', "calendar.bad-character", {"column": 3, "found": "U+000A"}),
        (HEAD + "2027-02-03,hol\u200biday,a", "calendar.bad-character", {"line": 3, "column": 2, "found": "U+200B"}),
        (HEAD + "2027-02-03,holiday," + "x" * 201, "calendar.name-long", {"line": 3, "length": 201, "limit": 200}),
        (HEAD + "2028-02-03,holiday,x", "calendar.outside-year", {"line": 3, "column": "day", "day": "03/02/2028"}),
        (HEAD + "01/01/2027,holiday,x", "calendar.day-twice", {"line": 3, "column": "day", "first": 2}),
        (HEAD + "2027-02-03,worked,x", "calendar.row-worked-anyway", {"line": 3, "column": "kind"}),
    ],
    ids=str,
)  # fmt: skip
def test_the_first_wrong_row_is_named_by_line_and_column(text: str, code: str, facts: dict[str, object]) -> None:
    with pytest.raises(SetupError) as caught:
        check_year(read_rows(text), 2027, ())
    assert caught.value.code == code and facts.items() <= caught.value.facts.items()
    for language in ("vi", "en"):
        assert "?" not in caught.value.text(language)


def test_a_weekday_may_be_worked_only_where_we_had_assumed_a_rest() -> None:
    wednesday = day("2027-02-03", DayKind.WORKED)
    assert is_idle(wednesday, ()) and not is_idle(wednesday, {wednesday.day})
    assert not is_idle(day("2027-02-06", DayKind.WORKED), ()), "a Saturday"
    assert not is_idle(day("2027-02-03", DayKind.HOLIDAY), ())
    rows = read_rows("day,kind,name\n2027-02-03,worked,không nghỉ\n")
    assert check_year(rows, 2027, {wednesday.day})[0].kind is DayKind.WORKED


def test_what_a_file_does_not_name_stays_as_the_library_has_it() -> None:
    known = [
        day("2027-02-04", DayKind.HOLIDAY), day("2027-02-05", DayKind.HOLIDAY), day("2027-02-06", DayKind.HOLIDAY),
        day("2027-02-13", DayKind.WORKED), day("2028-02-04", DayKind.HOLIDAY),
    ]  # fmt: skip
    rows = read_rows("day,kind,name\n2027-02-05,holiday,Tết\n")
    assert [one.day.day for one in unnamed(rows, 2027, known)] == [4, 13], "a Saturday is a rest anyhow"
    rows = read_rows("day,kind,name\n2027-02-04,worked,không nghỉ\n2027-02-05,holiday,Tết\n2027-02-13,make-up,nghỉ\n")
    assert unnamed(rows, 2027, known) == ()
