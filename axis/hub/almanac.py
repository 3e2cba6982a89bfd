"""The almanac: which calendar holds now, and the verbs by which operators enter what the law decided.

Three sources, each stronger than the one before: the ``holidays`` library (Labour Code Đ112, the lunar
days, compensation of Đ111.3, swaps it knows); ``config/calendar-vn.csv``, the few days that stand in
notices we have seen; the rows this deployment entered. Every year is provisional until an operator
entered its decision, however well the library guesses: the Government decides each year anew.

``current`` reads the rows again only when the directory's version changed, which their triggers do.
The library takes a fifth of a second to import, so that happens once, on a thread, when first needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from axis.domain.calendar import SATURDAY, DayKind, Hours, SpecialDay, WorkingCalendar, merge
from axis.domain.calendar_file import Row, check_year, is_idle, read_rows, unnamed
from axis.domain.deadlines import Deadlines, DeadlineSettings
from axis.domain.errors import NotFound, SetupError
from axis.domain.events import Event
from axis.hub.directory import Directory
from axis.store.calendar import SpecialDays
from axis.store.database import Database
from axis.store.journal import Journal

FIRST_YEAR, LAST_YEAR = 2010, 2099  # of the library's days: what the axis may meet
BY_HAND = "đặt riêng"  # the source of a single day an operator set
_MAKE_UP = ("(nghỉ bù)", "Ngày nghỉ (thay cho ngày")  # how the library words compensation and swaps
_CULTURE = "Ngày Văn hóa Việt Nam"


@cache
def library_days(first: int = FIRST_YEAR, last: int = LAST_YEAR) -> tuple[SpecialDay, ...]:
    """What the library says of those years, both included."""
    from holidays.countries.vietnam import Vietnam

    source = f"holidays {version('holidays')}"
    known = Vietnam(years=range(first, last + 1), language="vi", expand=False)  # type: ignore[no-untyped-call]  # only partly typed
    found = [SpecialDay(day, _kind(name), name, source) for day, name in known.items() if not _denied(name)]
    worked = (day for day in known.weekend_workdays if first <= day.year <= last)
    return merge(found, (SpecialDay(day, DayKind.WORKED, "Làm bù", source) for day in worked))


def _kind(name: str) -> DayKind:
    # Two reasons for one day come as "one; other": a real holiday among them makes it a holiday.
    parts = name.split("; ")
    return DayKind.MAKE_UP if all(any(mark in part for mark in _MAKE_UP) for part in parts) else DayKind.HOLIDAY


def _denied(name: str) -> bool:
    """24/11 brings no make-up rest (decision-28.md section 6); the library gives one, first on 26/11/2029."""
    return name.startswith(_CULTURE) and _kind(name) is DayKind.MAKE_UP


@cache
def shipped_days() -> tuple[SpecialDay, ...]:
    """The table in ``config``. ``source``: S seen in a notice, 2 second-hand."""
    text = files("config").joinpath("calendar-vn.csv").read_text(encoding="utf-8")
    return tuple(row.day for row in read_rows(text))


@cache
def known_days() -> tuple[SpecialDay, ...]:
    """What is known without any deployment: library, then shipped table."""
    return merge(library_days(), shipped_days())


@cache
def _rests() -> frozenset[date]:
    """Weekdays known as rest days."""
    return frozenset(one.day for one in known_days() if one.kind is not DayKind.WORKED and one.day.weekday() < SATURDAY)


class Almanac:
    def __init__(
        self, *, database: Database, days: SpecialDays, journal: Journal, directory: Directory,
        hours: Hours | None = None, settings: DeadlineSettings | None = None,
    ) -> None:  # fmt: skip
        self._db = database
        self._days = days
        self._journal = journal
        self._directory = directory
        self._hours = hours or Hours.parse()
        self._settings = settings or DeadlineSettings()
        self._deadlines: Deadlines | None = None
        self._decisions: Mapping[int, str] = {}
        self._version = -1
        self._lock = asyncio.Lock()

    async def current(self) -> Deadlines:
        """The deadlines on the calendar as it is entered now, at most a second behind the database."""
        newest = (await self._directory.current()).version
        if self._deadlines is None or newest != self._version:
            async with self._lock:
                if self._deadlines is None or newest != self._version:
                    self._deadlines = await self._load()
                    self._version = newest
        return self._deadlines

    async def decisions(self) -> Mapping[int, str]:
        """The decision each year rests on; a year that is absent is provisional."""
        await self.current()
        return self._decisions

    async def preview(self, year: int, rows: Sequence[Row]) -> WorkingCalendar:
        """The calendar as it would be after an import, or the refusal of it. Nothing is written."""
        days = await self._checked(year, rows)
        now = (await self.current()).calendar
        others = [one for one in await self._days.days() if one.day.year != year]
        return WorkingCalendar(self._hours, merge(known_days(), others, days), now.decided | {year})

    async def kept(self, year: int, rows: Sequence[Row]) -> tuple[SpecialDay, ...]:
        """Days of the library and the shipped table that stay as they are, because the file does not name them."""
        return unnamed(rows, year, await asyncio.to_thread(known_days))

    async def import_year(self, year: int, decision: str, rows: Sequence[Row], *, actor: str) -> int:
        """A year's decision: replaces every day entered for that year before. How many days it names;
        none is a decision too, when the year has no swap and Tết falls as the library has it."""
        if not decision.strip():
            raise SetupError("calendar.no-decision", year=year)
        days = await self._checked(year, rows)
        data = {"year": year, "decision": decision.strip(), "days": [_told(one) for one in days]}
        async with self._db.transaction() as work:
            await self._days.replace_year(work, year, decision.strip(), days, actor)
            await self._journal.write(Event.CALENDAR_YEAR_SET, actor=actor, data=data, on=work)
        return len(days)

    async def set_day(self, day: date, kind: DayKind, name: str, *, actor: str) -> SpecialDay:
        """One day by hand; its year stays as provisional as it was."""
        made = SpecialDay(day, kind, name.strip(), BY_HAND)
        await asyncio.to_thread(known_days)
        if is_idle(made, _rests()):
            raise SetupError("calendar.worked-anyway", day=f"{day:%d/%m/%Y}")
        async with self._db.transaction() as work:
            await self._days.set_day(work, made, actor)
            await self._journal.write(Event.CALENDAR_DAY_SET, actor=actor, data=_told(made), on=work)
        return made

    async def forget_day(self, day: date, *, actor: str) -> None:
        """That day is again what the library and the shipped table say."""
        async with self._db.transaction() as work:
            was = await self._days.drop_day(work, day)
            if was is None:
                raise NotFound("calendar.unknown-day", day=f"{day:%d/%m/%Y}")
            data = {"day": day.isoformat(), "kind": was["kind"], "name": was["name"]}
            await self._journal.write(Event.CALENDAR_FORGOTTEN, actor=actor, data=data, on=work)

    async def forget_year(self, year: int, *, actor: str) -> int:
        """The year is provisional again, and the days entered for it are gone: how many."""
        async with self._db.transaction() as work:
            decision, gone = await self._days.drop_year(work, year)
            if decision is None and not gone:
                raise NotFound("calendar.unknown-year", year=year)
            data = {"year": year, "decision": decision or "", "days": gone}
            await self._journal.write(Event.CALENDAR_FORGOTTEN, actor=actor, data=data, on=work)
        return gone

    async def _checked(self, year: int, rows: Sequence[Row]) -> tuple[SpecialDay, ...]:
        await asyncio.to_thread(known_days)
        return check_year(rows, year, _rests())

    async def _load(self) -> Deadlines:
        base = await asyncio.to_thread(known_days)
        own = await self._days.days()
        self._decisions = {row["year"]: row["decision"] for row in await self._days.years()}
        calendar = WorkingCalendar(self._hours, merge(base, own), frozenset(self._decisions))
        return Deadlines(calendar, self._settings)


def _told(one: SpecialDay) -> dict[str, str]:
    return {"day": one.day.isoformat(), "kind": one.kind.value, "name": one.name}
