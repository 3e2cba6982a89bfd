"""Figures over time, for charts: the same counters and the same definitions as the reports, so that a chart
and a report of one period never disagree.

Of the whole axis: packages sent and deliveries made. Of one unit: the packages it sent and the deliveries it
received. Periods up to a quarter are told by day, longer ones by month; days that have not come are left
out, so that a line does not fall to nothing at its end. The backlog is known from samples
(store/samples.py): the worst of each day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from axis.domain.clock import VIETNAM
from axis.domain.directory import Unit
from axis.domain.period import Period
from axis.hub.directory import Directory
from axis.hub.reporting import figures
from axis.store.reports import Counters
from axis.store.samples import Samples

LONGEST_BY_DAY = 92  # days: a quarter
SHOWN_UNITS = 20
Measures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """``first``: its first day; ``sent``, ``received``: columns of figures.SENT and figures.RECEIVED."""

    first: date
    sent: Measures
    received: Measures

    @property
    def on_time(self) -> float | None:
        return on_time(self.received, "registered")

    @property
    def answered_on_time(self) -> float | None:
        return on_time(self.received, "told")

    @property
    def urgent(self) -> float | None:
        """The share of urgent documents among those sent (of a unit that sends nothing: none)."""
        whole = int(self.sent["packages"])
        return (whole - int(self.sent["priority_0"])) / whole if whole else None

    @property
    def returned(self) -> float | None:
        whole = int(self.received["deliveries"])
        return int(self.received["returned"]) / whole if whole else None


@dataclass(frozen=True, slots=True)
class Share:
    """A unit's part: what it sent and what it received; of one unit, with each of those it exchanges with."""

    name: str
    sent: int
    received: int


@dataclass(frozen=True, slots=True)
class Waited:
    """The worst of a day; None where nothing was noted."""

    day: date
    waiting: int | None
    hours: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """``total``: the whole period as one point; ``monthly``: points are months; ``others``: how many units
    stand together in the last of ``units``."""

    period: Period
    points: Sequence[Point]
    total: Point
    monthly: bool
    units: Sequence[Share]
    others: int
    backlog: Sequence[Waited]

    @property
    def empty(self) -> bool:
        return not self.total.sent["packages"] and not self.total.received["deliveries"]


def on_time(measures: Measures, step: str) -> float | None:
    """The share of a step (``told``: 01, ``registered``: 03 or 02) done within its deadline, of all that were
    done or are overdue; None where there are none."""
    done, late = int(measures[step]), int(measures[f"{step}_late"])
    overdue = int(measures["overdue_arrival" if step == "told" else "overdue_register"])
    return (done - late) / (done + overdue) if done + overdue else None


class Series:
    def __init__(self, counters: Counters, samples: Samples, directory: Directory) -> None:
        self._counters = counters
        self._samples = samples
        self._directory = directory

    async def make(self, period: Period, now: datetime, *, unit: Unit | None, scope: UUID | None) -> Figures:
        """``scope``: who asks; a unit is told of its own traffic only, whatever ``unit`` says."""
        points, total, monthly = await self._flow(period, now, unit, scope)
        shares = await self._with_each(period, unit, scope) if unit else await self._by_unit(period, scope)
        kept, others = _folded(sorted(shares, key=lambda one: (-one.sent - one.received, one.name)))
        return Figures(period, points, total, monthly, kept, others, await self._backlog(period, now, unit, scope))

    async def _backlog(
        self, period: Period, now: datetime, unit: Unit | None, scope: UUID | None
    ) -> Sequence[Waited]:
        """Every day that has come, so that days without samples are gaps; nothing where there are none at all."""
        rows = {row["day"]: row for row in await self._samples.days(period, scope or (unit.id if unit else None))}
        if not rows:
            return []
        today = now.astimezone(VIETNAM).date()
        return [_waited(day, rows.get(day)) for day in period.days() if day <= today]

    async def months(self, period: Period, now: datetime) -> tuple[Sequence[Point], Point]:
        """Of the whole axis, by month, and altogether."""
        points, total, _ = await self._flow(period, now, None, None, monthly=True)
        return points, total

    async def made_of(self, period: Period, unit: Unit | None) -> tuple[Measures, Measures]:
        """Packages and deliveries by what they are: documents, and what a reconciliation counts besides."""
        about = unit.id if unit else None
        sent = await self._counters.sent(period, unit=about, scope=None)
        received = await self._counters.received(period, receiver=about, scope=None)
        return figures.sent(sent), figures.received(received)

    async def _flow(
        self, period: Period, now: datetime, unit: Unit | None, scope: UUID | None, *, monthly: bool | None = None
    ) -> tuple[Sequence[Point], Point, bool]:
        about = unit.id if unit else None
        sent = await self._counters.sent(period, unit=about, scope=scope, by_day=True)
        received = await self._counters.received(period, receiver=about, scope=scope, by_day=True)
        today = now.astimezone(VIETNAM).date()
        days = [day for day in period.days() if day <= today]
        by_month = len(list(period.days())) > LONGEST_BY_DAY if monthly is None else monthly
        firsts = [day for day in days if not by_month or day.day == 1 or day == period.first]
        of_sent, of_received = _by(sent, by_month, period), _by(received, by_month, period)
        points = [
            Point(first, figures.sent(of_sent.get(first, ())), figures.received(of_received.get(first, ())))
            for first in firsts
        ]
        return points, Point(period.first, figures.sent(sent), figures.received(received)), by_month

    async def _by_unit(self, period: Period, scope: UUID | None) -> list[Share]:
        sent = figures.grouped(await self._counters.sent(period, scope=scope, by_unit=True), "sender")
        received = figures.grouped(await self._counters.received(period, scope=scope, by_receiver=True), "receiver")
        return await self._shares(
            {key: figures.sent(rows)["packages"] for key, rows in sent.items()},
            {key: figures.received(rows)["deliveries"] for key, rows in received.items()},
        )

    async def _with_each(self, period: Period, unit: Unit, scope: UUID | None) -> list[Share]:
        out = await self._counters.received(period, sender=unit.id, scope=scope, by_receiver=True)
        into = await self._counters.received(period, receiver=unit.id, scope=scope, by_sender=True)
        return await self._shares(
            {key: figures.received(rows)["deliveries"] for key, rows in figures.grouped(out, "receiver").items()},
            {key: figures.received(rows)["deliveries"] for key, rows in figures.grouped(into, "sender").items()},
        )

    async def _shares(self, sent: Mapping[UUID, Any], received: Mapping[UUID, Any]) -> list[Share]:
        units = (await self._directory.current()).units
        found = [
            Share(units[key].name if key in units else str(key), int(sent.get(key, 0)), int(received.get(key, 0)))
            for key in {*sent, *received}
        ]
        return [share for share in found if share.sent or share.received]


def _waited(day: date, row: Mapping[str, Any] | None) -> Waited:
    return Waited(day, row["waiting"], round(row["oldest_seconds"] / 3600, 1)) if row else Waited(day, None, None)


def _by(rows: Iterable[figures.Counted], monthly: bool, period: Period) -> Mapping[date, list[figures.Counted]]:
    found: dict[date, list[figures.Counted]] = {}
    for row in rows:
        day: date = row["day"]
        found.setdefault(max(day.replace(day=1), period.first) if monthly else day, []).append(row)
    return found


def _folded(shares: list[Share]) -> tuple[list[Share], int]:
    """The largest; the rest together under no name."""
    if len(shares) <= SHOWN_UNITS:
        return shares, 0
    rest = shares[SHOWN_UNITS - 1 :]
    together = Share("", sum(one.sent for one in rest), sum(one.received for one in rest))
    return [*shares[: SHOWN_UNITS - 1], together], len(rest)
