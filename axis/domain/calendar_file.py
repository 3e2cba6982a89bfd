"""A year's decision as a table of rows: ``day,kind,name`` and, in the table we ship, ``source``.

Comma or semicolon, because that is what spreadsheets in Vietnam write; dates as 2019-01-05 or
05/01/2019. The first row that is wrong refuses the whole file, by line and column: a calendar taken in
by halves would be wrong on days nobody looks at.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from axis.domain.calendar import SATURDAY, DayKind, SpecialDay
from axis.domain.errors import SetupError

COLUMNS = ("day", "kind", "name")
LONGEST = 200  # characters of a name
_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A special day and the line of the file it stands on, from 1."""

    line: int
    day: SpecialDay


def read_date(text: str) -> date | None:
    """A date written yyyy-MM-dd or dd/MM/yyyy; None for anything else, 30/02/2019 too."""
    for form in _FORMS:
        if found := form.fullmatch(text.strip()):
            try:
                return date(int(found["year"]), int(found["month"]), int(found["day"]))
            except ValueError:
                return None
    return None


def read_rows(text: str, source: str = "") -> list[Row]:
    """The rows of a file. ``source`` names where they are known from when there is no such column.
    Raises SetupError naming line and column of the first that is wrong."""
    text = text.removeprefix("\ufeff")  # spreadsheets begin a file of UTF-8 so
    heading = next((one for one in text.splitlines() if one.strip(' \t,;"')), "")
    delimiter = ";" if ";" in heading else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[Row] = []
    places: dict[str, int] = {}
    width = 0
    try:
        for cells in lines:
            values = _values(cells, lines.line_num)
            if not values:
                continue
            if not places:
                places, width = _heading(values), len(values)
                continue
            if len(values) > width:
                raise SetupError("calendar.too-many-cells", line=lines.line_num, column=width + 1)
            given = {name: values[place] if place < len(values) else "" for name, place in places.items()}
            found.append(Row(lines.line_num, _special(given, lines.line_num, source)))
    except csv.Error as error:
        raise SetupError("calendar.bad-file", line=lines.line_num, detail=str(error)) from error
    return found if places else _none(COLUMNS[0])


def _values(cells: Sequence[str], line: int) -> list[str]:
    """The cells of a line, without the empty ones a spreadsheet adds behind them. What nobody can see in a name is
    refused: it makes two names that look the same, or a line that is read backwards."""
    values = ["".join(" " if unicodedata.category(c) == "Zs" else c for c in cell).strip() for cell in cells]
    while values and not values[-1]:
        values.pop()
    for column, value in enumerate(values, 1):
        for character in value:
            if not character.isprintable():
                raise SetupError("calendar.bad-character", line=line, column=column, found=f"U+{ord(character):04X}")
    return values


def _none(column: str) -> list[Row]:
    raise SetupError("calendar.no-column", column=column, known=", ".join(COLUMNS))


def _heading(values: list[str]) -> dict[str, int]:
    places = {name.lower(): place for place, name in enumerate(values)}
    for name in COLUMNS:
        if name not in places:
            _none(name)
    return places


def _special(given: dict[str, str], line: int, source: str) -> SpecialDay:
    for name in COLUMNS:
        if not given[name]:
            raise SetupError("calendar.empty-cell", line=line, column=name)
        if len(given[name]) > LONGEST:
            facts = {"length": len(given[name]), "limit": LONGEST}
            raise SetupError("calendar.name-long", line=line, column=name, **facts)
    day = read_date(given["day"])
    if day is None:
        raise SetupError("calendar.bad-date", line=line, column="day", value=given["day"])
    if given["kind"].lower() not in set(DayKind):
        known = ", ".join(DayKind)
        raise SetupError("calendar.unknown-kind", line=line, column="kind", value=given["kind"], known=known)
    return SpecialDay(day, DayKind(given["kind"].lower()), given["name"], given.get("source") or source)


def check_year(rows: Sequence[Row], year: int, rests: Collection[date]) -> tuple[SpecialDay, ...]:
    """The days of one year's decision, or SetupError naming line and column of the first that cannot be.

    ``rests``: weekdays known as rest days before this file. Such a day may be named as worked: that is
    how a decision corrects what the library or we assumed. Any other weekday is worked anyway.
    """
    seen: dict[date, int] = {}
    for row in rows:
        day, line = row.day.day, row.line
        shown = f"{day:%d/%m/%Y}"
        if day.year != year:
            raise SetupError("calendar.outside-year", line=line, column="day", day=shown, year=year)
        if day in seen:
            raise SetupError("calendar.day-twice", line=line, column="day", day=shown, first=seen[day])
        if is_idle(row.day, rests):
            raise SetupError("calendar.row-worked-anyway", line=line, column="kind", day=shown)
        seen[day] = line
    return tuple(row.day for row in rows)


def is_idle(day: SpecialDay, rests: Collection[date]) -> bool:
    """Whether it says "worked" of a day that is worked anyway: most likely a slip of the pen."""
    return day.kind is DayKind.WORKED and day.day.weekday() < SATURDAY and day.day not in rests


def unnamed(rows: Sequence[Row], year: int, known: Iterable[SpecialDay]) -> tuple[SpecialDay, ...]:
    """What was known of a year before its file, and the file does not name: it stays. A weekday the library has as a
    rest, or a Saturday it has as worked; whoever enters a decision should see that it rests on these too."""
    named = {row.day.day for row in rows}
    return tuple(
        one for one in known
        if one.day.year == year and one.day not in named
        and (one.kind is DayKind.WORKED) == (one.day.weekday() >= SATURDAY)
    )  # fmt: skip
