"""Claiming due deliveries, batch by batch, and whether what lies behind or beside them slows it.

    fresh     200,000 queued deliveries of 20 units, nothing else
    behind    the same with a million finished ones in the table (the ratio must stay near 1)
    dead      the same with 100,000 postponed ones of a unit whose system is down

Rows are written straight into the table (triggers off), as the states and times they would have.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from uuid import UUID

import asyncpg
import uvloop

from axis.app import Core, open_core
from axis.config import load
from axis.domain.directory import Unit, UnitState
from axis.domain.ids import new_id
from benchmarks.machine import Figure, describe, fsync_rate, print_table
from benchmarks.transaction import package

UNITS, BATCH, GOAL = 20, 50, 30_000
PER_UNIT = 4  # what the courier allows one unit at a time; see config.CourierSection
_ROWS = """
insert into delivery (id, package_id, unit_id, receivers, kind, priority, state, finished_at, next_attempt_at)
select uuidv7(), p.id, ($1::uuid[])[1 + n % cardinality($1::uuid[])], '{x}', 'document',
       (n % 20 = 0)::int * 3, $3, case when $3 = 'delivered' then now() end, now() + $4 * interval '1 second'
from generate_series(1, $2) as n,
     lateral (select id from bench_package where place = 1 + (n / 20) % (select count(*) from bench_package)) p
on conflict do nothing
"""


class Table:
    """The delivery table, filled as wanted through a superuser's connection."""

    def __init__(self, admin: asyncpg.Connection, core: Core, units: list[Unit]) -> None:
        self._admin = admin
        self._core = core
        self._units = [unit.id for unit in units]

    async def prepare(self) -> None:
        await self._admin.execute("set session_replication_role = replica; set synchronous_commit = off")
        await self._admin.execute("alter table delivery drop constraint delivery_package_id_unit_id_key")
        await self._admin.execute("create table bench_package as select row_number() over () as place, id from package")
        await self._admin.execute("create index on bench_package (place)")

    async def fill(self, units: list[UUID], count: int, state: str = "queued", wait: float = -1.0) -> None:
        for start in range(0, count, 100_000):
            await self._admin.execute(_ROWS, units, min(100_000, count - start), state, wait)

    async def reset(self, queued: int) -> None:
        """Nothing but ``queued`` waiting rows beside the finished ones."""
        await self._admin.execute("delete from delivery where state <> 'delivered'")
        await self.fill(self._units, queued)
        await self._admin.execute("vacuum analyze delivery")

    async def claim(self, workers: int, seconds: float) -> float:
        """Deliveries claimed per second."""
        caps, claimed = dict.fromkeys(self._units, PER_UNIT), 0
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


async def _units(core: Core, count: int) -> list[Unit]:
    made = [
        Unit(new_id(), f"000.00.{10 + n}.G04", f"Đơn vị {n}", UnitState.LIVE, "mailbox") for n in range(count)
    ]
    for unit in made:
        await core.onboarding.add(unit, actor="bench")
    return made


async def run(queued: int, finished: int, postponed: int, seconds: float) -> tuple[list[Figure], str]:
    with tempfile.TemporaryDirectory(prefix="axis-bench-") as folder:
        data = Path(folder) / "axis"
        async with open_core(load(data), connections=8) as core:
            units = await _units(core, UNITS + 1)
            *living, dead = units
            for _ in range(200):
                await core.packages.accept(*package(living[0], []))
            assert core.embedded is not None
            syncs, version = fsync_rate(data), core.embedded.version
            admin = await asyncpg.connect(core.embedded.admin_dsn, command_timeout=600)
            try:
                table = Table(admin, core, living)
                await table.prepare()
                rates = {}
                for workers in (1, 4):
                    await table.reset(queued)
                    await table.claim(workers, min(1.0, seconds))
                    rates["fresh", workers] = await table.claim(workers, seconds)
                await table.reset(queued)
                await table.fill([dead.id], postponed, wait=3600.0)
                table._units.append(dead.id)
                rates["dead", 4] = await table.claim(4, seconds)
                table._units.pop()
                await table.fill([u.id for u in living], finished, "delivered")
                for workers in (1, 4):
                    await table.reset(queued)
                    rates["behind", workers] = await table.claim(workers, seconds)
            finally:
                await admin.close()
    return _figures(rates, finished, postponed), describe(version, syncs)


def _figures(rates: dict[tuple[str, int], float], finished: int, postponed: int) -> list[Figure]:
    one, four = rates["fresh", 1], rates["fresh", 4]
    goal = f"{GOAL:,}/s"
    figures = [Figure("claim by 50, 1 connection", f"{one:,.0f}/s", goal, one / GOAL)]
    figures.append(Figure.at_least("claim by 50, 4 connections", f"{four:,.0f}/s", goal, four / GOAL, 1.0))
    cases = [("behind", 1, f"{finished:,} finished behind"), ("behind", 4, f"{finished:,} finished behind"),
             ("dead", 4, f"a dead unit's {postponed:,}")]  # fmt: skip
    for case, workers, name in cases:
        base, rate = rates["fresh", workers], rates[case, workers]
        figures.append(
            Figure.at_least(f"claim x{workers}, {name}", f"{rate:,.0f}/s", f"{base:,.0f}/s", rate / base, 0.8)
        )
    return figures


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.claim", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--long", action="store_true", help="a million finished deliveries")
    given = parser.parse_args(argv)
    finished, seconds = (1_000_000, 3.0) if given.long else (200_000, 1.0)
    figures, machine = uvloop.run(run(200_000, finished, 100_000, seconds))
    print(f"claim: {machine}")
    print_table(figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
