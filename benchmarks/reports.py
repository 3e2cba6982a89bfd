"""Every report over a year of traffic, and whether what lies behind a month makes it slower.

A history is generated (history.py) and read through the use cases, as the command line and the API do:

    counted     each report from counters: month, quarter and year; for the whole axis and for every unit
    first page  of each register and list, the same periods: what somebody waits for
    stream      the outgoing register of one unit and one year, whole, as JSON and as XLSX
    sweep       a thousand deadlines missed at the same moment, and none: it looks at what changes only
    flat        the same month with a fifth of the history behind it, and with all of it (the ratio stays near 1)
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import asyncpg
import uvloop

from axis.config import load
from axis.core import Core, open_core
from axis.domain.clock import VIETNAM
from axis.domain.period import Period
from axis.hub.alerting.watch import Watch, WatchSettings
from axis.hub.reporting import files as report_files
from axis.hub.reporting.questions import KINDS
from axis.hub.reporting.reports import Reports
from axis.store.alerts import Alerts
from axis.store.registers import Registers
from axis.store.reports import Counters
from benchmarks.history import History, Shape, periods
from benchmarks.machine import Figure, describe, fsync_rate, percentile, print_table

GOAL = 1.0  # seconds, 95th percentile
AT_ONCE = 1_000
FLAT = 1.3  # how much slower a month may be with five times the history behind it
SHORT = Shape(documents=20_000)
LONG = Shape(documents=200_000)
COUNTED = ("summary", "by-unit", "by-counterpart", "by-day", "reconciliation")


@asynccontextmanager
async def history(folder: Path, shape: Shape) -> AsyncIterator[tuple[Core, str]]:
    """An axis that looks back on such a history, and the version of its PostgreSQL."""
    async with open_core(load(folder), connections=4) as core:
        assert core.embedded is not None
        connection = await asyncpg.connect(core.embedded.dsn, command_timeout=3600)
        try:
            made = History(connection, shape)
            if await made.write():
                await made.count()
                await made.settle()
        finally:
            await connection.close()
        await core.directory.current(0)
        yield core, core.embedded.version


class Reader:
    def __init__(self, core: Core, shape: Shape) -> None:
        self.core = core
        self.reports = Reports(Counters(core.database), Registers(core.database), core.directory)
        self.codes = sorted(unit.code for unit in core.directory.snapshot.units.values())
        self.periods = {name: Period.between(first, last) for name, first, last in periods(shape)}

    async def read(self, name: str, period: Period, unit: str = "", form: str = "json", whole: bool = True) -> float:
        """Seconds until the report is there; with ``whole`` false until its first piece is."""
        started = time.perf_counter()
        question = await self.reports.ask(name, period, unit=unit, made_by="bench")
        report = await self.reports.make(question)
        async with aclosing(report_files.pieces(report, question, form)) as pieces:
            async for _ in pieces:
                if not whole:
                    break
        return time.perf_counter() - started


async def _all(times: Iterable[Awaitable[float]]) -> list[float]:
    return [await one for one in times]


async def counted(reader: Reader, rounds: int) -> list[Figure]:
    figures = []
    for span, period in reader.periods.items():
        for name in COUNTED:
            took = await _all(reader.read(name, period) for _ in range(rounds))
            figures.append(_figure(f"{name}, {span}, the axis", took))
            took = await _all(reader.read(name, period, unit) for unit in reader.codes)
            figures.append(_figure(f"{name}, {span}, each unit", took))
    return figures


async def first_pages(reader: Reader) -> list[Figure]:
    figures = []
    for span, period in reader.periods.items():
        for kind in KINDS.values():
            if kind.name not in COUNTED:
                took = await _all(reader.read(kind.name, period, unit, whole=False) for unit in reader.codes)
                figures.append(_figure(f"{kind.name}, {span}, first page", took))
    return figures


async def streams(reader: Reader) -> list[Figure]:
    unit, year = reader.codes[0], reader.periods["year"]
    known = next(u for u in reader.core.directory.snapshot.units.values() if u.code == unit)
    async with aclosing(Registers(reader.core.database).outgoing(known.id, year, scope=None)) as found:
        rows = sum([1 async for _ in found])
    figures = []
    for form in ("json", "xlsx"):
        took = await reader.read("outgoing-register", year, unit, form)
        value, against = f"{rows / took:,.0f} rows/s", f"{rows:,} rows, {took:.1f} s"
        figures.append(Figure(f"register of a year, {form}", value, against))
    return figures


_FALL_DUE = """
update delivery set state = 'delivered', finished_at = coalesce(finished_at, now()), handling = '01', taking_back = '',
       told_at = created_at, arrival_due_at = created_at, registered_at = null, completed_at = null, missed = 0,
       escalated = 0, register_due_at = now() - interval '1 second', look_at = now() - interval '1 second'
where id in (select id from delivery where kind = 'document' and business_type = 0 order by id desc limit $1)
"""


async def sweep(core: Core, rounds: int) -> list[Figure]:
    """A thousand documents nobody registered fall due at the same moment, as at the end of a day; then
    nothing is due. Alerts, journal and messages are written as in life."""
    assert core.embedded is not None
    watch = Watch(
        database=core.database, alerts=Alerts(core.database), almanac=core.almanac, directory=core.directory,
        telemetry=core.telemetry, settings=WatchSettings(),
    )  # fmt: skip
    await watch.sweep()  # what the history left behind
    busy: list[float] = []
    idle: list[float] = []
    admin = await asyncpg.connect(core.embedded.dsn, command_timeout=600)
    try:
        for _ in range(rounds):
            async with admin.transaction():
                await admin.execute("truncate alert, alert_message; alter table delivery disable trigger user")
                await admin.execute(_FALL_DUE, AT_ONCE)
                await admin.execute("alter table delivery enable trigger user")
            for took, expected in ((busy, AT_ONCE), (idle, 0)):
                started = time.perf_counter()
                found = await watch.sweep()
                took.append(time.perf_counter() - started)
                if found != expected:
                    raise SystemExit(f"the sweep looked at {found} deliveries, {expected} were due")
    finally:
        await admin.close()
    return [_figure(f"sweep, {AT_ONCE:,} due at once", busy), _figure("sweep, nothing due", idle)]


async def flat(short: Reader, whole: Reader, rounds: int) -> list[Figure]:
    """In turns, so that the machine's moods weigh on both."""
    figures = []
    for name, unit in (("summary", ""), ("outgoing-register", short.codes[0]), ("late", short.codes[0])):
        pairs = []
        for _ in range(rounds):
            pairs.append([await reader.read(name, reader.periods["month"], unit) for reader in (short, whole)])
        ratio = statistics.median(b / a for a, b in pairs)
        ms = [statistics.median(column) * 1e3 for column in zip(*pairs, strict=True)]
        name = f"{name} of a month, 5x history behind"
        figures.append(Figure.at_most(name, f"{ms[1]:,.1f} ms", f"{ms[0]:,.1f} ms", ratio, FLAT))
    return figures


def _figure(name: str, took: list[float]) -> Figure:
    p50, p95, worst = (percentile(took, share) for share in (0.5, 0.95, 1.0))
    value = f"{p50 * 1e3:,.0f} / {p95 * 1e3:,.0f} / {worst * 1e3:,.0f} ms"
    return Figure(name, value, f"p50 / p95 / max of {len(took)}", p95 / GOAL, f"<= {GOAL:g} s", p95 <= GOAL)


async def run(
    shape: Shape, rounds: int, folder: Path | None = None, told: Callable[[str], None] = lambda text: None
) -> tuple[list[Figure], str]:
    """Figures, and the machine with its PostgreSQL. ``folder``: kept, and used again when it is there."""
    shape = replace(shape, ends=datetime.now(VIETNAM).date())
    fifth = replace(shape, documents=shape.documents // 5, days=shape.days // 5)
    with tempfile.TemporaryDirectory(prefix="axis-bench-") as name:
        kept = folder or Path(name)
        kept.mkdir(parents=True, exist_ok=True)
        async with history(kept / "fifth", fifth) as (short, version), history(kept / "whole", shape) as (core, _):
            told(f"{shape.documents:,} documents, {shape.documents * shape.each:,} deliveries, {shape.units} units")
            reader, other = Reader(core, shape), Reader(short, fifth)
            other.periods["month"] = reader.periods["month"]
            await reader.read("summary", reader.periods["year"])  # warm: the first reader pays for the disk
            figures = [*await counted(reader, rounds), *await first_pages(reader), *await streams(reader)]
            figures += await flat(other, reader, rounds)
            figures += await sweep(core, rounds)  # last: it leaves changes to fold
            return figures, describe(version, fsync_rate(kept))


def worst(figures: Iterable[Figure]) -> list[Figure]:
    """For the table of all measurements: the slowest of each kind instead of every line."""
    timed = [figure for figure in figures if figure.goal.endswith("s") and figure.ratio is not None]
    pages = [figure for figure in timed if "first page" in figure.name]
    counts = [figure for figure in timed if ", the axis" in figure.name or ", each unit" in figure.name]
    rest = [figure for figure in figures if figure not in pages and figure not in counts]
    found = [max(group, key=lambda figure: figure.ratio or 0.0) for group in (counts, pages) if group]
    return [*(replace(figure, name=f"slowest: {figure.name}") for figure in found), *rest]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.reports", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--long", action="store_true", help="200,000 documents, a million deliveries")
    parser.add_argument("--documents", type=int, default=0, help="that many documents")
    parser.add_argument("--folder", type=Path, help="keep the histories here, and use them when they are there")
    given = parser.parse_args(argv)
    shape = LONG if given.long else SHORT
    if given.documents:
        shape = replace(shape, documents=given.documents)
    figures, machine = uvloop.run(run(shape, 20 if given.long else 7, given.folder, print))
    print(f"reports: {machine}")
    print_table(figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
