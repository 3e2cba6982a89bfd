"""The working calendar: which days are worked, at which hours, and arithmetic in working time.

Monday to Friday are worked (QĐ 188/1999), unless a *special day* says otherwise: a holiday (Labour Code
2019 Đ112), a rest day given in exchange or in compensation (Đ111.3), or a rest day that is worked
because the Government swapped it. A worked day beats everything: that is what the swap is for.

Working time is a position on one line: whole days counted by prefix sums per year, plus the time gone
by inside the day. ``between`` is the difference of two positions and ``add`` looks one up, so spans of
years cost as little as spans of minutes. Intervals are closed: 17:00 still belongs to the day.

All moments are aware; they are looked at in Vietnam's time (Decision 28 Đ14.4), whatever their zone. A
year whose decision nobody entered is *provisional*: computed like any other, but never called certain.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import accumulate

from axis.domain.clock import VIETNAM
from axis.domain.errors import SetupError

ONE_DAY = timedelta(days=1)
NOTHING = timedelta(0)
USUAL_HOURS = "08:00-12:00,13:00-17:00"
_INTERVAL = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*")
SATURDAY = 5  # of date.weekday(): Saturday and Sunday are rest days


class DayKind(StrEnum):
    HOLIDAY = "holiday"  # nghỉ lễ, nghỉ Tết
    MAKE_UP = "make-up"  # nghỉ bù, hoán đổi: a rest day given for another day
    WORKED = "worked"  # làm bù: a rest day that is worked


KIND_WORDS = {
    DayKind.HOLIDAY: ("nghỉ lễ", "holiday"),
    DayKind.MAKE_UP: ("nghỉ bù", "make-up rest"),
    DayKind.WORKED: ("làm bù", "worked"),
}


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that differs from its weekday. ``source``: where that is known from."""

    day: date
    kind: DayKind
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Hours:
    """The office hours of every working day: (from, to) to the minute, in order, not overlapping."""

    intervals: tuple[tuple[time, time], ...]

    @classmethod
    def parse(cls, text: str = USUAL_HOURS) -> Hours:
        """From ``08:00-12:00,13:00-17:00``. Raises SetupError naming the part that is wrong."""
        found: list[tuple[time, time]] = []
        for part in text.split(","):
            matched = _INTERVAL.fullmatch(part)
            try:
                one, two, three, four = (int(digits) for digits in matched.groups()) if matched else (0, 0, 0, 0)
                start, end = time(one, two), time(three, four)
            except ValueError:  # 25:00
                start = end = time(0)
            if start >= end or (found and start < found[-1][1]):
                raise SetupError("calendar.hours", text=text, part=part.strip())
            found.append((start, end))
        return cls(tuple(found))

    @property
    def total(self) -> timedelta:
        """How much is worked on a working day."""
        return self.passed(time.max)

    def passed(self, hour: time) -> timedelta:
        """How much of a working day is over at that hour."""
        clock, gone = _since_midnight(hour), NOTHING
        for start, end in _spans(self.intervals):
            if clock <= start:
                break
            gone += min(clock, end) - start
        return gone

    def within(self, hour: time) -> bool:
        return any(start <= hour <= end for start, end in self.intervals)


@cache
def _spans(intervals: tuple[tuple[time, time], ...]) -> tuple[tuple[timedelta, timedelta], ...]:
    """Office hours as time since midnight: made once, because every deadline of every list asks."""
    return tuple((_since_midnight(start), _since_midnight(end)) for start, end in intervals)


def _since_midnight(hour: time) -> timedelta:
    return timedelta(hours=hour.hour, minutes=hour.minute, seconds=hour.second, microseconds=hour.microsecond)


def merge(base: Iterable[SpecialDay], *overrides: Iterable[SpecialDay]) -> tuple[SpecialDay, ...]:
    """One special day per date, in order of date: a later source beats every earlier one."""
    found = {one.day: one for source in (base, *overrides) for one in source}
    return tuple(found[day] for day in sorted(found))


class WorkingCalendar:
    """``days``: every special day known. ``decided``: years whose decision was entered."""

    def __init__(self, hours: Hours, days: Iterable[SpecialDay], decided: frozenset[int]) -> None:
        self.hours = hours
        self.decided = decided
        self._days: dict[date, SpecialDay] = {}
        for one in days:
            known = self._days.get(one.day)
            if known is None or known.kind is not DayKind.WORKED:
                self._days[one.day] = one
        self._sums: dict[int, tuple[int, ...]] = {}

    # -- days

    def special(self, day: date) -> SpecialDay | None:
        return self._days.get(day)

    def specials(self, year: int) -> list[SpecialDay]:
        return [self._days[day] for day in sorted(self._days) if day.year == year]

    def kind(self, day: date) -> DayKind | None:
        """None for a day that is just its weekday."""
        one = self._days.get(day)
        return one.kind if one else None

    def is_working(self, day: date) -> bool:
        kind = self.kind(day)
        return day.weekday() < SATURDAY if kind is None else kind is DayKind.WORKED

    def next_working_day(self, day: date) -> date:
        """The first one strictly after. Raises OverflowError at the end of the calendar (year 9999)."""
        return self.on_or_after(day + ONE_DAY)

    def on_or_after(self, day: date) -> date:
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def working_days(self, first: date, after: date) -> int:
        """How many from ``first`` until just before ``after``."""
        if after < first:
            return -self.working_days(after, first)
        whole = sum(self._year(year)[-1] for year in range(first.year, after.year))
        return whole + self._year(after.year)[_of_year(after)] - self._year(first.year)[_of_year(first)]

    def provisional(self, year: int) -> bool:
        """True while nobody entered that year's decision."""
        return year not in self.decided

    # -- hours

    def intervals(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The office hours of a day; none on a rest day."""
        if not self.is_working(day):
            return ()
        return tuple((at(day, start), at(day, end)) for start, end in self.hours.intervals)

    def opens(self, day: date) -> datetime:
        """When office hours would begin, whether or not the day is worked."""
        return at(day, self.hours.intervals[0][0])

    def closes(self, day: date) -> datetime:
        """When office hours would end, whether or not the day is worked."""
        return at(day, self.hours.intervals[-1][1])

    # -- working time

    def add(self, moment: datetime, much: timedelta) -> datetime:
        """The first moment, not before ``moment``, until which that much working time has gone by.

        Outside office hours the clock stands: it starts at the next opening. What ends with a day ends at
        its closing, not at the next opening. Raises ValueError for a negative span.
        """
        if much < NOTHING:
            raise ValueError("working time is added forwards only")
        here = local(moment)
        day, gone = here.date(), self.hours.passed(here.time())
        if not self.is_working(day):
            day, gone = self.next_working_day(day), NOTHING
        elif not much and self.hours.within(here.time()):
            return here  # also at 13:00 sharp, which the search below would call 12:00
        if not much:  # nothing to wait for but the next opening
            return self._opening(day, gone)
        days, rest = divmod(gone + much, self.hours.total)
        if not rest:
            days, rest = days - 1, self.hours.total
        return self._point(self._nth(day, days), rest)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from one moment to another; negative when the second comes first."""
        first, last = local(start), local(end)
        days = self.working_days(first.date(), last.date())
        return days * self.hours.total + self._gone(last) - self._gone(first)

    def _gone(self, here: datetime) -> timedelta:
        return self.hours.passed(here.time()) if self.is_working(here.date()) else NOTHING

    def _opening(self, day: date, gone: timedelta) -> datetime:
        """The beginning of the interval that comes when so much of a working day has gone by."""
        for start, _ in self.hours.intervals:
            if self.hours.passed(start) == gone:
                return at(day, start)
        return self.opens(self.next_working_day(day))

    def _point(self, day: date, gone: timedelta) -> datetime:
        """The hour of a working day at which so much (more than nothing) of it has gone by."""
        end = next(end for _, end in self.hours.intervals if self.hours.passed(end) >= gone)
        return at(day, end) - (self.hours.passed(end) - gone)

    def _nth(self, day: date, number: int) -> date:
        """The working day that comes ``number`` working days after a working day."""
        wanted, year = self._year(day.year)[_of_year(day)] + number, day.year
        while wanted >= self._year(year)[-1]:
            wanted -= self._year(year)[-1]
            year += 1
        return date(year, 1, 1) + (bisect_right(self._year(year), wanted) - 1) * ONE_DAY

    def _year(self, year: int) -> tuple[int, ...]:
        """Working days among the first 0, 1, 2 … days of a year."""
        found = self._sums.get(year)
        if found is None:
            first = date(year, 1, 1)
            length = date(year, 12, 31).timetuple().tm_yday
            worked = (self.is_working(first + number * ONE_DAY) for number in range(length))
            found = self._sums[year] = tuple(accumulate(worked, initial=0))
        return found


def _of_year(day: date) -> int:
    return day.timetuple().tm_yday - 1


def at(day: date, hour: time) -> datetime:
    """That hour of that day in Vietnam."""
    return datetime.combine(day, hour, VIETNAM)


def local(moment: datetime) -> datetime:
    """In Vietnam's time. Raises ValueError for a moment without a zone: it could be anywhere."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(VIETNAM)
