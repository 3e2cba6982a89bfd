"""Claiming due deliveries, batch by batch, and whether what lies behind or beside them slows it.

    fresh     200,000 queued deliveries of 20 units, nothing else
    behind    the same with finished ones in the table, a million with --long (the ratio must stay near 1)
    dead      the same with 100,000 postponed ones of a unit whose system is down

Rows are written straight into the table (triggers off), as the states and times they would have.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import uvloop

from axis.config import load
from axis.core import Core, open_core
from axis.domain.directory import Unit, UnitState
from axis.domain.ids import new_id
from benchmarks.machine import Figure, describe, fsync_rate, print_table, spread
from benchmarks.transaction import package

UNITS, BATCH, GOAL = 20, 50, 30_000
ROUNDS, FLAT = 3, 0.8
SHORT, LONG = (200_000, 0.7), (1_000_000, 1.5)  # finished deliveries behind, seconds a burst
PER_UNIT = 4  # what the courier allows one unit at a time; see config.CourierSection
_ROWS = """
insert into delivery (
    id, package_id, unit_id, receivers, kind, priority, source_unit, state, finished_at, next_attempt_at)
select uuidv7(), p.id, ($1::uuid[])[1 + n % cardinality($1::uuid[])], '{x}', 'document',
       (n % 20 = 0)::int * 3, ($1::uuid[])[1], $3, case when $3 = 'delivered' then now() end,
       now() + $4 * interval '1 second'
from generate_series(1, $2) as n,
     lateral (select id from bench_package where place = 1 + (n / 20) % (select count(*) from bench_package)) p
on conflict do nothing
"""


class Table:
    """A delivery table in a database of its own, filled through a superuser's connection."""

    def __init__(self, admin: asyncpg.Connection, core: Core, units: list[Unit]) -> None:
        self._admin = admin
        self._core = core
        self.units = [unit.id for unit in units]

    async def prepare(self) -> None:
        await self._admin.execute("set session_replication_role = replica; set synchronous_commit = off")
        await self._admin.execute("alter table delivery drop constraint delivery_once")
        await self._admin.execute("create table bench_package as select row_number() over () as place, id from package")
        await self._admin.execute("create index on bench_package (place)")

    async def fill(self, units: list[UUID], count: int, state: str = "queued", wait: float = -1.0) -> None:
        for start in range(0, count, 100_000):
            await self._admin.execute(_ROWS, units, min(100_000, count - start), state, wait)

    async def settle(self) -> None:
        await self._admin.execute("vacuum analyze delivery")
        await self._admin.execute("checkpoint")

    async def claim(self, workers: int, seconds: float) -> float:
        """Deliveries claimed per second."""
        caps, claimed = dict.fromkeys(self.units, PER_UNIT), 0
        started = time.perf_counter()

        async def one(name: str) -> None:
            nonlocal claimed
            while time.perf_counter() - started < seconds:
                found = await self._core.deliveries.claim(caps, BATCH, name, 60.0)
                if not found:
                    return
                claimed += len(found)

        await asyncio.gather(*(one(f"bench {n}") for n in range(workers)))
        return claimed / (time.perf_counter() - started)


@asynccontextmanager
async def table(folder: Path, queued: int, finished: int) -> AsyncIterator[tuple[Table, Unit, str]]:
    """A table as wanted, one more unit whose rows the caller may add, and the version of PostgreSQL."""
    async with open_core(load(folder), connections=8) as core:
        units = [
            Unit(new_id(), f"000.00.{10 + n}.G04", f"Đơn vị {n}", UnitState.LIVE, "mailbox") for n in range(UNITS + 1)
        ]
        for unit in units:
            await core.onboarding.add(unit, actor="bench")
        for _ in range(200):
            await core.packages.accept(*package(units[0], []))
        assert core.embedded is not None
        admin = await asyncpg.connect(core.embedded.admin_dsn, command_timeout=600)
        try:
            made = Table(admin, core, units[:-1])
            await made.prepare()
            await made.fill(made.units, finished, "delivered")
            await made.fill(made.units, queued)
            await made.settle()
            yield made, units[-1], core.embedded.version
        finally:
            await admin.close()


async def run(
    finished: int, seconds: float, queued: int = 200_000, postponed: int = 100_000
) -> tuple[list[Figure], str]:
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="axis-bench-") as name:
        folder = Path(name)
        async with (
            table(folder / "fresh", queued, 0) as (fresh, dead, version),
            table(folder / "behind", queued, finished) as (behind, _, _),
        ):
            syncs = fsync_rate(folder)
            for workers in (1, 4) * ROUNDS:  # in turns, so that the machine's moods weigh on both
                found["fresh", workers].append(await fresh.claim(workers, seconds))
                found["behind", workers].append(await behind.claim(workers, seconds))
            await fresh.fill([dead.id], postponed, wait=3600.0)
            await fresh.settle()
            for _ in range(ROUNDS):
                found["alone", 4].append(await fresh.claim(4, seconds))
                fresh.units.append(dead.id)
                found["dead", 4].append(await fresh.claim(4, seconds))
                fresh.units.remove(dead.id)
    return _figures(found, finished, postponed), describe(version, syncs)


def _figures(found: dict[tuple[str, int], list[float]], finished: int, postponed: int) -> list[Figure]:
    goal, fresh = f"{GOAL:,}/s", {n: found["fresh", n] for n in (1, 4)}
    one, four = statistics.median(fresh[1]), statistics.median(fresh[4])
    figures = [Figure("claim by 50, 1 connection", f"{spread(fresh[1])}/s", goal, one / GOAL)]
    figures.append(Figure.at_least("claim by 50, 4 connections", f"{spread(fresh[4])}/s", goal, four / GOAL, 1.0))
    cases = [("behind", "fresh", 1, f"{finished:,} finished behind"),
             ("behind", "fresh", 4, f"{finished:,} finished behind"),
             ("dead", "alone", 4, f"a dead unit's {postponed:,}")]  # fmt: skip
    for case, base, workers, what in cases:
        pairs = list(zip(found[case, workers], found[base, workers], strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        value, against = f"{spread([a for a, _ in pairs])}/s", f"{spread([b for _, b in pairs])}/s"
        figures.append(Figure.at_least(f"claim x{workers}, {what}", value, against, ratio, FLAT))
    return figures


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.claim", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--long", action="store_true", help="a million finished deliveries")
    given = parser.parse_args(argv)
    figures, machine = uvloop.run(run(*(LONG if given.long else SHORT)))
    print(f"claim: {machine}")
    print_table(figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
