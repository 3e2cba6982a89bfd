"""The working calendar: days and hours, and what the law's own days must be."""

from __future__ import annotations

import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta

import pytest

from axis.domain.calendar import KIND_WORDS, DayKind, Hours, SpecialDay, WorkingCalendar, merge
from axis.domain.clock import VIETNAM
from axis.domain.errors import SetupError
from axis.hub.almanac import FIRST_YEAR, LAST_YEAR, known_days, library_days, shipped_days

USUAL = Hours.parse()
PLAIN = WorkingCalendar(USUAL, (), frozenset())
KNOWN = WorkingCalendar(USUAL, known_days(), frozenset())
HOUR = timedelta(hours=1)


def special(text: str, kind: DayKind, name: str = "x", source: str = "test") -> SpecialDay:
    return SpecialDay(date.fromisoformat(text), kind, name, source)


def vn(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]


# -- hours


def test_hours_are_read_and_add_up() -> None:
    assert USUAL.intervals == ((time(8), time(12)), (time(13), time(17)))
    assert USUAL.total == 8 * HOUR
    assert Hours.parse(" 7:30 - 11:30 , 13:00-16:30").total == 7.5 * HOUR
    assert Hours.parse("08:00-12:00,12:00-16:00").total == 8 * HOUR, "touching is not overlapping"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", ""),
        ("08:00", "08:00"),
        ("08:00-12:00,", ""),
        ("08:00-08:00", "08:00-08:00"),
        ("12:00-08:00", "12:00-08:00"),
        ("13:00-17:00,08:00-12:00", "08:00-12:00"),
        ("08:00-12:00,11:59-17:00", "11:59-17:00"),
        ("08:00-24:00", "08:00-24:00"),
        ("08:60-12:00", "08:60-12:00"),
        ("08:00-12:00;13:00-17:00", "08:00-12:00;13:00-17:00"),
        ("08:00-12:00:30", "08:00-12:00:30"),
        ("08:00Z-12:00Z", "08:00Z-12:00Z"),
    ],
)
def test_hours_that_cannot_be_are_refused_by_their_part(text: str, part: str) -> None:
    with pytest.raises(SetupError) as caught:
        Hours.parse(text)
    assert (caught.value.code, caught.value.facts) == ("calendar.hours", {"text": text, "part": part})


# -- days


def test_without_special_days_a_week_has_five_working_days() -> None:
    week = days("2019-06-03", "2019-06-09")
    assert [PLAIN.is_working(day) for day in week] == [True] * 5 + [False] * 2
    assert PLAIN.kind(week[0]) is None and PLAIN.special(week[0]) is None
    assert PLAIN.next_working_day(week[4]) == date(2019, 6, 10), "strictly after"
    assert PLAIN.next_working_day(week[0]) == week[1]
    assert PLAIN.on_or_after(week[4]) == week[4] and PLAIN.on_or_after(week[5]) == date(2019, 6, 10)


def test_a_worked_day_beats_everything_and_a_rest_day_beats_its_weekday() -> None:
    swapped = (special("2019-01-05", DayKind.WORKED), special("2018-12-31", DayKind.MAKE_UP))
    known = WorkingCalendar(USUAL, [*swapped, special("2019-01-05", DayKind.HOLIDAY)], frozenset())
    assert known.is_working(date(2019, 1, 5)) and not known.is_working(date(2018, 12, 31))
    assert known.kind(date(2019, 1, 5)) is DayKind.WORKED
    turned = WorkingCalendar(USUAL, [special("2019-01-05", DayKind.HOLIDAY), swapped[0]], frozenset())
    assert turned.is_working(date(2019, 1, 5)), "in whatever order they come"
    assert [one.day.isoformat() for one in known.specials(2018)] == ["2018-12-31"]


def test_overrides_beat_the_base_day_by_day() -> None:
    base = [special("2019-06-05", DayKind.HOLIDAY, "base"), special("2019-06-04", DayKind.HOLIDAY, "base")]
    own = [special("2019-06-05", DayKind.WORKED, "own")]
    last = [special("2019-06-06", DayKind.MAKE_UP, "last")]
    assert [(one.day.day, one.name) for one in merge(base, own, last)] == [(4, "base"), (5, "own"), (6, "last")]
    assert merge(merge(base, own), last) == merge(base, own, last)


def test_a_year_is_provisional_until_it_is_decided() -> None:
    known = WorkingCalendar(USUAL, (), frozenset({2019}))
    assert not known.provisional(2019) and known.provisional(2020)
    assert KNOWN.provisional(2019), "knowing its days is not having its decision"


def test_working_days_are_counted_from_one_day_until_before_another() -> None:
    assert PLAIN.working_days(date(2019, 6, 3), date(2019, 6, 10)) == 5
    assert PLAIN.working_days(date(2019, 6, 10), date(2019, 6, 3)) == -5
    assert PLAIN.working_days(date(2019, 6, 3), date(2019, 6, 3)) == 0
    assert PLAIN.working_days(date(2018, 12, 31), date(2021, 1, 1)) == 1 + 261 + 262


# -- hours of a day


def test_a_working_day_has_its_intervals_and_a_rest_day_none() -> None:
    assert PLAIN.intervals(date(2019, 6, 4)) == (
        (vn("2019-06-04 08:00"), vn("2019-06-04 12:00")), (vn("2019-06-04 13:00"), vn("2019-06-04 17:00")),
    )  # fmt: skip
    assert PLAIN.intervals(date(2019, 6, 8)) == ()
    assert PLAIN.opens(date(2019, 6, 8)) == vn("2019-06-08 08:00")
    assert PLAIN.closes(date(2019, 6, 8)) == vn("2019-06-08 17:00")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2019-06-04 09:00", 1, "2019-06-04 10:00"),
        ("2019-06-04 09:00", 3, "2019-06-04 12:00"),
        ("2019-06-04 09:00", 4, "2019-06-04 14:00"),
        ("2019-06-04 09:00", 7, "2019-06-04 17:00"),
        ("2019-06-04 09:00", 8, "2019-06-05 09:00"),
        ("2019-06-04 09:00", 15, "2019-06-05 17:00"),
        ("2019-06-07 17:00", 8, "2019-06-10 17:00"),
        ("2019-06-08 03:00", 80, "2019-06-21 17:00"),
        ("2018-12-31 08:00", 261 * 8, "2019-12-30 17:00"),
        ("2018-12-31 08:00", 262 * 8 + 1, "2020-01-01 09:00"),
    ],
)
def test_working_time_is_added_over_noon_nights_weekends_and_years(start: str, hours: int, end: str) -> None:
    assert PLAIN.add(vn(start), hours * HOUR) == vn(end)
    assert PLAIN.between(vn(start), vn(end)) == hours * HOUR
    assert PLAIN.between(vn(end), vn(start)) == -hours * HOUR


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2019-06-04 09:00", "2019-06-04 09:00"),
        ("2019-06-04 12:00", "2019-06-04 12:00"),
        ("2019-06-04 12:30", "2019-06-04 13:00"),
        ("2019-06-04 13:00", "2019-06-04 13:00"),
        ("2019-06-04 17:00", "2019-06-04 17:00"),
        ("2019-06-04 17:01", "2019-06-05 08:00"),
        ("2019-06-04 06:00", "2019-06-04 08:00"),
        ("2019-06-08 06:00", "2019-06-10 08:00"),
    ],
)
def test_no_working_time_added_waits_for_office_hours_only(start: str, end: str) -> None:
    assert PLAIN.add(vn(start), timedelta(0)) == vn(end)


def test_moments_of_every_zone_are_looked_at_in_vietnams_time() -> None:
    utc = datetime(2019, 6, 4, 10, tzinfo=UTC)  # 17:00
    assert PLAIN.add(utc, HOUR) == vn("2019-06-05 09:00") and PLAIN.add(utc, HOUR).tzinfo is VIETNAM
    assert PLAIN.between(utc, datetime(2019, 6, 5, 2, tzinfo=UTC)) == HOUR


def test_a_moment_without_a_zone_and_time_going_back_are_mistakes_of_the_caller() -> None:
    naive = datetime(2019, 6, 4)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        PLAIN.between(naive, vn("2019-06-04 10:00"))
    with pytest.raises(ValueError, match="forwards"):
        PLAIN.add(vn("2019-06-04 10:00"), -HOUR)


def test_spans_of_centuries_cost_little() -> None:
    begun = stopwatch.perf_counter()
    for _ in range(200):
        span = KNOWN.between(vn("1990-01-01 00:00"), vn("2090-01-01 00:00"))
        assert KNOWN.add(vn("1990-01-01 00:00"), span) <= vn("2090-01-01 00:00")
    assert stopwatch.perf_counter() - begun < 2, "day by day this would be fourteen million days"


# -- what the law says (decision-28.md section 6)


def test_the_known_calendar_gives_every_day_of_the_law_that_we_know() -> None:
    rest = [
        *days("2018-12-31", "2019-01-01"), *days("2019-02-02", "2019-02-10"), *days("2019-04-29", "2019-05-01"),
        *days("2020-01-23", "2020-01-29"), *days("2024-04-29", "2024-05-01"), *days("2025-04-30", "2025-05-02"),
        *days("2026-08-31", "2026-09-02"), date(2026, 11, 24),
    ]  # fmt: skip
    worked = ["2019-01-05", "2019-05-04", "2024-05-04", "2025-04-26", "2026-08-22"]
    assert [day for day in rest if KNOWN.is_working(day)] == []
    for text in worked:
        day = date.fromisoformat(text)
        assert day.weekday() == 5 and KNOWN.is_working(day) and KNOWN.kind(day) is DayKind.WORKED
    for edge in ("2019-02-01", "2019-02-11", "2020-01-22", "2020-01-30", "2018-12-28", "2019-01-02"):
        assert KNOWN.is_working(date.fromisoformat(edge)), edge


def test_the_days_seen_in_notices_carry_their_mark() -> None:
    marks = {one.day.isoformat(): one.source for one in known_days() if one.source in ("S", "2")}
    seen = ["2018-12-31", "2019-01-05", "2019-04-29", "2025-05-02", "2025-04-26",
            *map(str, days("2019-02-02", "2019-02-10")), *map(str, days("2020-01-23", "2020-01-29"))]  # fmt: skip
    second_hand = ["2019-05-04", "2024-04-29", "2024-05-04", "2026-08-31", "2026-08-22", "2026-11-24"]
    assert marks == dict.fromkeys(seen, "S") | dict.fromkeys(second_hand, "2")


def test_the_shipped_table_is_in_order_and_agrees_with_the_library_on_what_is_worked() -> None:
    shipped = shipped_days()
    assert list(shipped) == sorted(shipped, key=lambda one: one.day)
    library = WorkingCalendar(USUAL, library_days(), frozenset())
    assert [one.day for one in shipped if library.is_working(one.day) is not KNOWN.is_working(one.day)] == []


def test_national_day_is_one_day_until_2020_and_two_from_2021() -> None:
    for year in (2019, 2020):
        assert not KNOWN.is_working(date(year, 9, 2)) and KNOWN.is_working(date(year, 9, 3))
    for year in range(2021, LAST_YEAR + 1):
        rest = [day for day in (date(year, 9, 1), date(year, 9, 2), date(year, 9, 3)) if KNOWN.special(day)]
        assert len(rest) >= 2, year


def test_the_day_of_culture_is_off_from_2026_without_make_up() -> None:
    assert all(KNOWN.special(date(year, 11, 24)) is None for year in range(FIRST_YEAR, 2026))
    for year in range(2026, LAST_YEAR + 1):
        found = [one.day for one in KNOWN.specials(year) if one.day.month == 11]
        assert found == [date(year, 11, 24)]


@pytest.mark.parametrize("year", range(2018, 2031))
def test_a_fixed_holiday_on_a_rest_day_is_compensated_on_the_next_working_day(year: int) -> None:
    """Đ111.3. Tết is left out: the Government chooses its five days each year, and the library guesses."""
    for month, day in ((1, 1), (4, 30), (5, 1), (9, 2)):
        holiday = date(year, month, day)
        if holiday.weekday() >= 5:
            following = holiday + timedelta(days=1)
            while following.weekday() >= 5 or KNOWN.kind(following) is DayKind.HOLIDAY:
                following += timedelta(days=1)
            assert KNOWN.kind(following) is DayKind.MAKE_UP, f"{holiday} → {following}"


def test_every_kind_has_its_words_and_every_library_day_its_source() -> None:
    assert set(KIND_WORDS) == set(DayKind)
    assert {one.source.split()[0] for one in library_days()} == {"holidays"}
    assert {one.kind for one in library_days()} == set(DayKind)
    years = {one.day.year for one in library_days()}
    assert years == set(range(FIRST_YEAR, LAST_YEAR + 1))
