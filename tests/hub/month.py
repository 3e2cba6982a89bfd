"""A month of traffic that breaks no rule, and what its reports must say: counted by hand."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from axis.domain.directory import Unit
from axis.domain.period import Period
from axis.hub.reporting import files as report_files
from axis.hub.reporting.reports import Reports
from axis.store.registers import Registers
from axis.store.reports import Counters
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World
from tests.store.ledger import Cell, Ledger

JUNE = Period.month("2019-06")
CODES = (MINISTRY, ROADS, RAIL, PORTS)
NOW = datetime(2019, 7, 20, 2, tzinfo=UTC)


@dataclass
class Month:
    """Traffic from the middle of May to the middle of July, and the reports over it."""

    world: World
    ledger: Ledger
    reports: Reports
    numbers: dict[str, set[str]] = field(default_factory=dict)  # what each unit may know of

    def unit(self, code: str) -> Unit:
        return self.world.units[code]

    async def json(self, name: str, period: Period = JUNE, **more: Any) -> dict[str, Any]:
        question = await self.reports.ask(name, period, made_by="test", **more)
        report = await self.reports.make(question)
        async with aclosing(report_files.pieces(report, question, "json")) as pieces:
            found: dict[str, Any] = json.loads(b"".join([piece async for piece in pieces]))
        return found

    async def sheets(self, name: str, period: Period = JUNE, **more: Any) -> dict[str, Any]:
        return {sheet["name"]: sheet for sheet in (await self.json(name, period, **more))["sheets"]}


async def traffic(ledger: Ledger, dice: random.Random, packages: int = 220) -> None:
    """Whatever the rules allow, with legal statements only."""
    aside = random.Random(28)
    for _ in range(packages):
        at = datetime(2019, 5, 15, tzinfo=UTC) + timedelta(minutes=dice.randrange(62 * 24 * 60))
        source = dice.randrange(4)
        receivers = dice.sample([unit for unit in range(4) if unit != source], dice.randint(1, 3))
        kind = dice.choice(("document",) * 5 + ("status",))
        _, keys = await ledger.package(
            source, receivers, at=at, kind=kind,
            business=dice.choice((0,) * 8 + (1, 2, 3)) if kind == "document" else 0,
            priority=dice.choice((0, 0, 0, 1, 2, 3, 4)), verdict=dice.choice(("proven", "proven", "unproven")),
            paper=dice.choice(("0", "0", "1", "")), held=dice.random() < 0.1,
            finish_due_at=at + timedelta(days=3) if dice.random() < 0.4 else None,
            send_due_at=at + timedelta(hours=dice.randint(-5, 20)) if kind == "document" else None,
        )  # fmt: skip
        for key in keys:
            for _ in range(dice.randrange(9)):
                at += timedelta(hours=dice.randrange(12))
                options = ledger.legal(await ledger.row(key))
                if not options:
                    break
                await move(ledger, key, *dice.choice(options), at)
                if aside.random() < 0.1:
                    await ledger.fail(key)
            row = await ledger.row(key)
            if row["handling"] == "02" and dice.random() < 0.5:
                await ledger.delivery(row["package_id"], ledger.units.index(row["unit_id"]), at=at, round_=2)


async def move(ledger: Ledger, key: UUID, which: str, target: str, at: datetime) -> None:
    match which:
        case "transport":
            await ledger.transport(key, target, at)
        case "handling":
            await ledger.handle(key, target, at, "sai nơi nhận")
        case "taking_back":
            await ledger.take_back(key, target, "không đồng ý")
        case _:
            await ledger.miss(key, int(target))


@pytest.fixture
async def empty(still: World) -> AsyncIterator[Month]:
    database = still.core.database
    ledger = Ledger(database)
    ledger.units = [still.units[code].id for code in CODES]
    reports = Reports(Counters(database), Registers(database, page=7), still.core.directory, now=lambda: NOW)
    yield Month(still, ledger, reports)


@pytest.fixture
async def month(empty: Month) -> Month:
    await traffic(empty.ledger, random.Random(2019))
    rows = await empty.ledger.rows(
        "select p.code_number, p.source_unit, d.unit_id from package p join delivery d on d.package_id = p.id"
    )
    for code in CODES:
        mine = empty.unit(code).id
        empty.numbers[code] = {row["code_number"] for row in rows if mine in (row["source_unit"], row["unit_id"])}
    await Counters(empty.ledger.database).fold(batch=50, rounds=2)  # some folded, some not: no figure may differ
    return empty


def total(cells: dict[Cell, Counter[str]], keep: Callable[[Cell], bool]) -> Counter[str]:
    found: Counter[str] = Counter()
    for cell, counts in cells.items():
        if keep(cell):
            found.update(counts)
    return found


def in_june(cell: Cell, types: Iterable[int] = (0, 3)) -> bool:
    return date(2019, 6, 1) <= cell[0] <= date(2019, 6, 30) and cell[3] in types


SAME = ("again", "delivered", "waiting", "refused", "recalled", "returned", "told", "told_late", "registered",
        "registered_late", "with_due_date", "finished", "finished_late", "recall_ordered", "asked_back", "given_back",
        "denied", "recalled_by_sender", "recall_done", "feedback_complete", "retries",
        "overdue_arrival", "overdue_register", "overdue_finish", "priority_1", "priority_2", "priority_3",
        "priority_4")  # fmt: skip
OTHERS = (("recalls", 1), ("updates", 2), ("statuses", -1))


def received(cells: dict[Cell, Counter[str]], keep: Callable[[Cell], bool]) -> dict[str, Any]:
    c = total(cells, lambda cell: keep(cell) and in_june(cell))
    return {
        **{name: c[name] for name in SAME}, "deliveries": c["n"], "signed": c["proven"],
        "unsigned": c["n"] - c["proven"], "paperless": c["paper_without"],
        "paperless_share": c["paper_without"] / c["n"] if c["n"] else None,
        "priority_0": c["n"] - sum(c[f"priority_{level}"] for level in (1, 2, 3, 4)), "failed_attempts": c["failures"],
        "feedback_open": c["n"] - c["feedback_complete"],
        **{name: total(cells, lambda cell, t=type_: keep(cell) and in_june(cell, (t,)))["n"] for name, type_ in OTHERS},  # type: ignore[misc]  # the type is bound now
    }  # fmt: skip


def sent(cells: dict[Cell, Counter[str]], keep: Callable[[Cell], bool]) -> dict[str, Any]:
    c = total(cells, lambda cell: keep(cell) and in_june(cell))
    return {
        "packages": c["n"], "targets": c["units"], "signed": c["proven"], "unsigned": c["n"] - c["proven"],
        "paperless": c["paper_without"], "paperless_share": c["paper_without"] / c["n"] if c["n"] else None,
        "priority_0": c["n"] - sum(c[f"priority_{level}"] for level in (1, 2, 3, 4)), "sent_late": c["late"],
        **{f"priority_{level}": c[f"priority_{level}"] for level in (1, 2, 3, 4)},
        **{name: total(cells, lambda cell, t=type_: keep(cell) and in_june(cell, (t,)))["n"] for name, type_ in OTHERS},  # type: ignore[misc]
    }  # fmt: skip


def figures(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("unit", "name", "day")}
