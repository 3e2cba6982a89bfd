"""Recalls, requests, feedback and failures as the reports tell them, by the axis's own walks: nothing is counted under
two names, parts add up to their sum, and a recount of the rows agrees."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from axis.domain.period import Period
from axis.hub.reporting.reports import Reports
from axis.store.registers import Registers
from axis.store.reports import Counters
from tests.hub.month import Month
from tests.hub.talks import Desk, recall_of
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document, down, until
from tests.store.ledger import Ledger

RECALLS = ("recalled_by_sender", "recall_done", "recall_ordered", "asked_back", "given_back", "denied")


class Books:
    def __init__(self, world: World) -> None:
        core = world.core
        self.world, self.desk, self.ledger = world, Desk(world), Ledger(core.database)
        reports = Reports(Counters(core.database), Registers(core.database), core.directory)
        self.month = Month(world, self.ledger, reports)

    @property
    def now(self) -> Period:
        return Period.this_month(datetime.now(UTC))

    async def fate(self, code: str = MINISTRY) -> dict[str, Any]:
        (row,) = (await self.month.sheets("summary", self.now, unit=code))["fate"]["rows"]
        return dict(row)

    async def told(self, *names: str, code: str = MINISTRY) -> dict[str, int]:
        """The named measures of what a unit sent, without zeros."""
        row = await self.fate(code)
        return {name: row[name] for name in names if row[name]}

    async def add_up(self) -> None:
        counted, recount = await self.ledger.counted(), await self.ledger.recount()
        assert counted == {cell: counts for cell, counts in recount.items() if counts}
        found = await self.month.sheets("reconciliation", self.now, deep=True)
        assert {row["difference"] for name in ("sent", "received") for row in found[name]["rows"]} == {0}
        assert found["findings"]["rows"] == []
        row = await self.fate()
        assert row["recalled_by_sender"] == row["recall_done"] + row["recall_ordered"]
        assert row["deliveries"] == row["feedback_complete"] + row["feedback_open"]


@pytest.fixture
def books(still: World) -> Books:
    return Books(still)


async def test_a_recall_is_counted_once_whatever_becomes_of_it(books: Books) -> None:
    desk = books.desk
    package = document(MINISTRY, [ROADS, RAIL, PORTS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, package, "03")
    await desk.fetch(sent, RAIL)
    assert await books.told(*RECALLS) == {}
    await desk.sent(recall_of(package))
    assert await books.told(*RECALLS) == {"recalled_by_sender": 3, "recall_done": 1, "recall_ordered": 2}
    await books.add_up()
    await desk.say(ROADS, package, "15")
    await desk.say(RAIL, package, "15")
    assert await books.told(*RECALLS, "recalled") == {"recalled_by_sender": 3, "recall_done": 3, "recalled": 2}
    await books.add_up()
    lines = (await books.month.sheets("by-unit", books.now))["by-unit"]["rows"]
    assert {row["unit"]: (row["out_recalled"], row["in_recalled"]) for row in lines} == {
        MINISTRY: (3, 0), ROADS: (0, 1), RAIL: (0, 1), PORTS: (0, 1)
    }  # fmt: skip
    rows = await books.ledger.rows("select recall_ordered_at from delivery where package_id = $1", sent.package_id)
    assert len(rows) == 3 and all(row["recall_ordered_at"] for row in rows)


async def test_what_was_only_asked_back_is_no_recall(books: Books) -> None:
    desk = books.desk
    package = document(MINISTRY, [ROADS, RAIL, PORTS])
    sent = await desk.sent(package)
    for code in (ROADS, RAIL):
        await desk.receive(sent, code)
        await desk.say(code, package, "03")
    for code in (ROADS, RAIL, PORTS):
        await desk.say(MINISTRY, package, "13", to=code, reason="xin lại")
    assert await books.told(*RECALLS) == {"asked_back": 2, "given_back": 1}, "one had not left the axis"
    await desk.say(ROADS, package, "15")
    await desk.say(RAIL, package, "16", reason="đang xử lý")
    assert await books.told(*RECALLS) == {"given_back": 2, "denied": 1}
    await books.add_up()
    await desk.sent(recall_of(package, receivers=[RAIL]))
    assert await books.told(*RECALLS) == {"given_back": 2, "recalled_by_sender": 1, "recall_ordered": 1}
    await books.add_up()


async def test_a_request_that_ends_the_delivery_behind_a_failed_attempt_is_given_back(books: Books) -> None:
    """Nobody has answered 15 yet, and nobody has it any more."""
    ledger = books.ledger
    ledger.units = [books.world.units[code].id for code in (MINISTRY, ROADS)]
    _, (key,) = await ledger.package(0, [1], at=datetime.now(UTC))
    await ledger.transport(key, "sending", datetime.now(UTC))
    await ledger.take_back(key, "13")
    assert await books.told(*RECALLS) == {"asked_back": 1}
    await ledger.transport(key, "recalled", datetime.now(UTC))
    assert await books.told(*RECALLS) == {"given_back": 1}
    await books.add_up()


async def test_feedback_is_complete_when_the_receiver_owes_no_word(books: Books) -> None:
    ledger, at = books.ledger, datetime.now(UTC)
    ledger.units = [books.world.units[code].id for code in (MINISTRY, ROADS)]

    async def one(*moves: str) -> dict[str, int]:
        _, (key,) = await ledger.package(0, [1], at=at)
        for move in moves:
            if move in ("13", "15", "16", "recall"):
                await ledger.take_back(key, move)
            elif move[0] == "0":
                await ledger.handle(key, move, at, "lý do")
            else:
                await ledger.transport(key, move, at)
        row = await books.fate()
        return {"complete": row["feedback_complete"], "open": row["feedback_open"]}

    came = ("sending", "delivered")
    assert await one() == {"complete": 0, "open": 1}
    assert await one(*came, "01") == {"complete": 0, "open": 2}
    assert await one(*came, "03", "05") == {"complete": 0, "open": 3}
    assert await one(*came, "06") == {"complete": 1, "open": 3}
    assert await one(*came, "02") == {"complete": 2, "open": 3}
    assert await one(*came, "13", "15") == {"complete": 3, "open": 3}
    assert await one(*came, "06", "recall") == {"complete": 3, "open": 4}, "it must still cancel it"
    assert await one(*came, "recall", "15") == {"complete": 4, "open": 4}
    assert await one("sending", "refused") == {"complete": 5, "open": 4}
    assert await one("recalled") == {"complete": 6, "open": 4}
    assert await one(*came, "06", "13") == {"complete": 6, "open": 5}
    assert await one(*came, "06", "13", "16") == {"complete": 7, "open": 5}
    await books.add_up()


async def test_a_pulling_unit_that_cannot_take_it_is_counted_each_time(books: Books) -> None:
    sent = await books.desk.sent(document(MINISTRY, [ROADS]))
    await books.desk.fetch(sent, ROADS)
    row, mailroom = await books.desk.row(sent, ROADS), books.world.hub.mailroom
    for status in ("fail", "processing", "fail", "fail"):
        await mailroom.confirm(books.world.units[ROADS], row["id"], status, "lỗi lưu")
    await mailroom.confirm(books.world.units[ROADS], row["id"], "done")
    assert await books.told("failed_attempts", "retries", "delivered") == {"failed_attempts": 3, "delivered": 1}
    await books.add_up()


@pytest.mark.parametrize(("outcomes", "failed", "retries"), [
    (["delivered"], 0, 0), (["refused"], 1, 0), (["later", "lost", "delivered"], 2, 2), (["later", "refused"], 2, 1),
])  # fmt: skip
async def test_every_attempt_that_failed_and_every_further_one_is_counted(
    books: Books, outcomes: list[str], failed: int, retries: int
) -> None:
    ledger = books.ledger
    ledger.units = [books.world.units[code].id for code in (MINISTRY, ROADS)]
    _, (key,) = await ledger.package(0, [1], at=datetime.now(UTC))
    for outcome in outcomes:
        await ledger.attempt(key, outcome)
    row = await books.fate()
    assert (row["failed_attempts"], row["retries"]) == (failed, retries)
    await books.add_up()


async def test_an_attempt_that_fails_while_the_document_is_recalled_is_counted_too(world: World) -> None:
    books, peer = Books(world), world.peer(PORTS)
    peer.gate, peer.answer = asyncio.Event(), down("hỏng")
    package = document(MINISTRY, [PORTS])
    sent = await books.desk.sent(package)
    await until(lambda: peer.calls)
    await books.desk.sent(recall_of(package))
    peer.gate.set()
    await world.in_state((await books.desk.row(sent, PORTS))["id"], "recalled")
    assert await books.told("failed_attempts", *RECALLS) == {
        "failed_attempts": 1, "recalled_by_sender": 1, "recall_done": 1
    }  # fmt: skip


async def test_a_counter_of_failures_that_is_wrong_is_found_by_the_recount(books: Books) -> None:
    sent = await books.desk.sent(document(MINISTRY, [ROADS]))
    await books.ledger.attempt((await books.desk.row(sent, ROADS))["id"], "later")
    await Counters(books.world.core.database).fold()
    await books.ledger.run("update tally set failures = failures + 2, retries = retries + 1")
    rows = (await books.month.sheets("reconciliation", books.now, deep=True))["findings"]["rows"]
    assert {(row["measure"], row["counted"], row["found"]) for row in rows} == {("failures", 3, 1), ("retries", 1, 0)}
