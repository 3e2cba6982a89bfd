"""The period of a report: whole days in Vietnam, both ends included, told in the ways people say it.

A day begins at 00:00 in Vietnam, which is 17:00 UTC of the day before. What the axis stores carries its
time in its id (ids.py), so a period is also a range of ids: a register reads that range of an index and
nothing of the years behind it. An id is made a moment before its row, by another clock than the one the
row is stamped with; ``bounds`` is therefore wider than the period by a margin, and whoever uses it still
asks the row for its own time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from uuid import UUID

from axis.domain.clock import VIETNAM
from axis.domain.errors import PackageError

MARGIN = timedelta(hours=1)
"""By how much an id may be older or newer than the time its row tells."""
FIRST_YEAR, LAST_YEAR = 2000, 2099
MAX_DAYS = 1830  # five years: more is a question for the database's owner, not for a page
_DAY = timedelta(days=1)
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])")
_HALF = re.compile(r"(\d{4})-?H?([12])")
_YEAR = re.compile(r"(\d{4})")


@dataclass(frozen=True, slots=True)
class Period:
    """``name`` is the short form file names use: ``2019-06``, ``2019Q2``, ``2019-06-03--2019-06-09``."""

    first: date
    last: date
    name: str

    @classmethod
    def between(cls, first: date, last: date) -> Self:
        """From one day to another, both included. Raises PackageError when they stand the wrong way
        round, or so far apart or away that no report can be meant."""
        if last < first:
            raise PackageError("report.period-order", first=_told(first), last=_told(last))
        if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
            raise PackageError(
                "report.period-years", first=_told(first), last=_told(last), low=FIRST_YEAR, high=LAST_YEAR
            )
        if (last - first).days >= MAX_DAYS:
            raise PackageError("report.period-too-long", days=(last - first).days + 1, limit=MAX_DAYS)
        name = first.isoformat() if first == last else f"{first.isoformat()}--{last.isoformat()}"
        return cls(first, last, name)

    @classmethod
    def day(cls, text: str) -> Self:
        """``2019-06-03``."""
        found = _date(text)
        return cls.between(found, found)

    @classmethod
    def week(cls, text: str) -> Self:
        """``2019-W23``: Monday to Sunday, numbered as ISO 8601 does."""
        try:
            first = date.fromisocalendar(*_numbers(_WEEK, text), 1)  # type: ignore[call-arg]  # two numbers, as the pattern has two groups
        except ValueError:
            raise _bad(text) from None
        return cls._named(first, first + 6 * _DAY, f"{first:%G-W%V}", text)

    @classmethod
    def month(cls, text: str) -> Self:
        """``2019-06``."""
        year, month = _numbers(_MONTH, text)
        return cls._months(year, month, 1, f"{year:04}-{month:02}", text)

    @classmethod
    def quarter(cls, text: str) -> Self:
        """``2019Q2``."""
        year, quarter = _numbers(_QUARTER, text)
        return cls._months(year, quarter * 3 - 2, 3, f"{year:04}Q{quarter}", text)

    @classmethod
    def half(cls, text: str) -> Self:
        """``2019H1``, or as people type it ``2019-1``."""
        year, half = _numbers(_HALF, text)
        return cls._months(year, half * 6 - 5, 6, f"{year:04}H{half}", text)

    @classmethod
    def year(cls, text: str) -> Self:
        """``2019``."""
        (year,) = _numbers(_YEAR, text)
        return cls._months(year, 1, 12, f"{year:04}", text)

    @classmethod
    def this_month(cls, now: datetime) -> Self:
        return cls.month(f"{now.astimezone(VIETNAM):%Y-%m}")

    @classmethod
    def parse(cls, now: datetime, **given: str) -> Self:
        """What a caller asked for: ``day``, ``week``, ``month``, ``quarter``, ``half`` or ``year``, or ``first`` and
        ``last``; the present month when nothing was given. Raises PackageError for two answers to one
        question, half a one, and what is none."""
        told = {kind: text.strip() for kind, text in given.items() if text.strip()}
        if not told:
            return cls.this_month(now)
        if set(told) == {"first", "last"}:
            return cls.between(_date(told["first"]), _date(told["last"]))
        readers = {"day": cls.day, "week": cls.week, "month": cls.month, "quarter": cls.quarter, "half": cls.half,
                   "year": cls.year}  # fmt: skip
        if len(told) != 1 or not set(told) <= set(readers):
            raise PackageError("report.period-conflict")
        ((kind, text),) = told.items()
        return readers[kind](text)

    @classmethod
    def _months(cls, year: int, month: int, count: int, name: str, text: str) -> Self:
        try:
            first, after = date(year, month, 1), date(year + (month + count > 12), (month + count - 1) % 12 + 1, 1)
        except ValueError:
            raise _bad(text) from None
        return cls._named(first, after - _DAY, name, text)

    @classmethod
    def _named(cls, first: date, last: date, name: str, text: str) -> Self:
        if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
            raise _bad(text)
        return cls(first, last, name)

    @property
    def starts(self) -> datetime:
        """The first moment of it."""
        return midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return midnight(self.last + _DAY)

    @property
    def years(self) -> range:
        return range(self.first.year, self.last.year + 1)

    def days(self) -> Iterator[date]:
        day = self.first
        while day <= self.last:
            yield day
            day += _DAY

    def over(self, now: datetime) -> bool:
        """Whether its last day has passed."""
        return self.ends <= now


def midnight(day: date) -> datetime:
    """When a day of Vietnam begins."""
    return datetime.combine(day, time(0), VIETNAM)


def bounds(first: date, last: date, margin: timedelta = MARGIN) -> tuple[UUID, UUID]:
    """Between which ids everything of these days lies: greater than the one, smaller than the other."""
    return _edge(midnight(first) - margin), _edge(midnight(last + _DAY) + margin)


def _edge(moment: datetime) -> UUID:
    """Smaller than every UUIDv7 of that millisecond, greater than every one before it."""
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return UUID(int=max(milliseconds, 0) << 80)


def _numbers(pattern: re.Pattern[str], text: str) -> tuple[int, ...]:
    match = pattern.fullmatch(text.strip().upper())
    if match is None:
        raise _bad(text)
    return tuple(int(part) for part in match.groups())


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise _bad(text) from None


def _told(day: date) -> str:
    """As people write a day, in both languages."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _bad(text: str) -> PackageError:
    return PackageError("report.bad-period", text=text[:40])
