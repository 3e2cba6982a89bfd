"""Packages and deliveries put straight into the tables, moved by legal statements, and counted anew in Python.

``recount`` is written from the definitions in docs/reports.md and shares nothing with the triggers and views
it judges."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from axis.domain.ids import new_id
from axis.domain.states import HANDLING, NOT_OF, TAKING_BACK, TRANSPORT
from axis.store.database import Database
from axis.store.sql import Query, queries

DOCUMENTS = queries("documents")
DELIVERIES = queries("deliveries")
NOON = datetime(2019, 6, 3, 5, tzinfo=UTC)  # 12:00 in Vietnam
Cell = tuple[date, UUID, UUID, int]


class Ledger:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.units: list[UUID] = []

    async def run(self, sql: str, *args: object) -> Any:
        return await self.database.fetchval(Query("test.run", "run", sql), *args)

    async def rows(self, sql: str, *args: object) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.database.fetch(Query("test.look", "look", sql), *args)]

    async def add_units(self, count: int) -> None:
        for _ in range(count):
            key = new_id()
            await self.run(
                "insert into unit (id, code, name, state, adapter, policy)"
                " values ($1, $2, $3, 'live', 'mailbox', 'required')",
                key, f"U{len(self.units):02}", f"Đơn vị {len(self.units)}",
            )  # fmt: skip
            self.units.append(key)

    async def package(
        self, source: int, receivers: Sequence[int], *, at: datetime = NOON, business: int = 0, kind: str = "document",
        **more: Any,
    ) -> tuple[UUID, list[UUID]]:  # fmt: skip
        """A package and its deliveries; ids carry ``at`` as the axis's own do."""
        given = {"verdict": "proven", "paper": "0", "priority": 0, "finish_due_at": None, "send_due_at": None,
                 "held": False, "about": "", "copies": 1, "elsewhere": [], **more}  # fmt: skip
        key, number = id_of(at), str(int.from_bytes(new_id().bytes[-4:], "big"))
        await self.run(
            """insert into package (id, kind, business_type, sender, sender_name, source_unit, identity, document_id,
                   code_number, code_notation, subject, type_name, promulgation_date, signer_name, priority, paper,
                   about, status_code, sha256, size, encoding, verdict, details, front, received_at, send_due_at, units)
               select $1, $2, $3, code, name, id, $5, $5, $6, 'TB', 'Về việc ' || $6, 'Thông báo',
                   ($7::timestamptz at time zone 'UTC')::date, 'Nguyễn Văn A', $8, $9, $14, '',
                   repeat('0', 64), 1, 'utf-8', $10, $11, 'test', $7, $12, $13
               from unit where id = $4""",
            key, kind, business, self.units[source], f"{number},{key}", number, at, given["priority"], given["paper"],
            given["verdict"], {"other": {"copies": given["copies"]}, "elsewhere": given["elsewhere"]},
            given["send_due_at"], len(receivers), given["about"],
        )  # fmt: skip
        return key, [await self.delivery(key, unit, at=at, given=given) for unit in receivers]

    async def delivery(
        self, package: UUID, unit: int, *, at: datetime = NOON, round_: int = 1, given: Mapping[str, Any] | None = None
    ) -> UUID:
        key, more = id_of(at), given or {}
        follows = [new_id()] if more.get("held") else []
        await self.run(
            """insert into delivery (id, package_id, unit_id, receivers, kind, priority, source_unit, business_type,
                   state, follows, round, finish_due_at, created_at)
               select $1, p.id, u.id, array[u.code], p.kind, p.priority, p.source_unit, p.business_type, $4, $5, $6,
                   $7, $8
               from package p, unit u where p.id = $2 and u.id = $3""",
            key, package, self.units[unit], "held" if follows else "queued", follows, round_,
            more.get("finish_due_at"), at,
        )  # fmt: skip
        return key

    async def row(self, key: UUID) -> dict[str, Any]:
        (found,) = await self.rows("select * from delivery where id = $1", key)
        return found

    # moves: the columns each statement of the axis writes

    async def transport(self, key: UUID, target: str, at: datetime, due: timedelta = timedelta(hours=5)) -> None:
        row = await self.row(key)
        own = row["kind"] == "document" and row["business_type"] in (0, 3)
        came = at if own and target == "delivered" else None
        await self.run(
            """update delivery set state = $2::text, follows = case when $2::text = 'queued' then '{}' else follows end,
                   finished_at = case when $2::text in ('delivered', 'refused', 'recalled') then $3::timestamptz end,
                   arrived_at = coalesce(arrived_at, $4), arrival_due_at = coalesce(arrival_due_at, $5),
                   register_due_at = coalesce(register_due_at, $5)
               where id = $1""",
            key, target, at, came, came and came + due,
        )  # fmt: skip
        if row["state"] == "sending" and target != "parked":
            await self.attempt(key, target if target in ("delivered", "refused") else "later", at)

    async def attempt(self, key: UUID, outcome: str, at: datetime = NOON) -> None:
        await self.run(
            """insert into attempt (delivery_id, attempt, started_at, finished_at, outcome, detail, holder)
               select $1, count(*) + 1, $3, $3, $2, '', 'test' from attempt where delivery_id = $1""",
            key, outcome, at,
        )  # fmt: skip

    async def fail(self, key: UUID) -> None:
        """The pulling unit says that it could not take it; of no effect where it has nothing to take."""
        row = await self.row(key)
        event = "delivery.failed-by-receiver"
        args = (key, row["unit_id"], "fail", new_id(), event, "test", {})
        await self.database.fetchval(DELIVERIES.note_failure, *args)

    async def handle(self, key: UUID, target: str, at: datetime, reason: str = "") -> None:
        row = await self.row(key)
        await self.database.fetchval(DOCUMENTS.move_handling, key, target, row["handling"], at, None, reason)

    async def take_back(self, key: UUID, target: str, reason: str = "") -> None:
        row = await self.row(key)
        await self.database.fetchval(DOCUMENTS.move_taking_back, key, target, row["taking_back"], None, reason)

    async def miss(self, key: UUID, bits: int) -> None:
        await self.run("update delivery set missed = missed | $2 where id = $1", key, bits)

    def legal(self, row: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Every move that may follow, as (which, target)."""
        own = row["business_type"] in (0, 3)
        found = [("transport", m.target) for m in TRANSPORT if m.origin == row["state"]]
        if not (own and row["taking_back"] in ("15", "recall")):
            never = NOT_OF.get(row["business_type"], frozenset())
            found += [("handling", m.target) for m in HANDLING if m.origin == row["handling"] and m.target not in never]
        for move in TAKING_BACK.get(row["business_type"], ()):
            if move.origin == row["taking_back"] and not (move.target == "13" and row["handling"] == "02"):
                found.append(("taking_back", move.target))
        dues = ((1, "arrival_due_at"), (2, "register_due_at"), (4, "finish_due_at"))
        return [*found, *(("missed", str(bit)) for bit, due in dues if row[due] and not row["missed"] & bit)]

    # counting

    async def counted(self) -> dict[Cell, Counter[str]]:
        return await self._cells("select * from tally_now")

    async def counted_sent(self) -> dict[Cell, Counter[str]]:
        return await self._cells("select *, source_unit as unit_id from sent_tally_now")

    async def _cells(self, sql: str) -> dict[Cell, Counter[str]]:
        cells: dict[Cell, Counter[str]] = defaultdict(Counter)
        for row in await self.rows(sql):
            cell = (row.pop("day"), row.pop("source_unit"), row.pop("unit_id"), row.pop("type"))
            cells[cell].update(row)
        return {cell: +counts for cell, counts in cells.items() if +counts}  # without zeros

    async def recount(self) -> dict[Cell, Counter[str]]:
        cells: dict[Cell, Counter[str]] = defaultdict(Counter)
        tried: dict[UUID, Counter[str]] = defaultdict(Counter)
        for one in await self.rows("select delivery_id, attempt, outcome from attempt"):
            found = {"failures": one["outcome"] != "delivered", "retries": one["attempt"] > 1}
            tried[one["delivery_id"]].update({name: int(value) for name, value in found.items()})
        for row in await self.rows(
            "select d.*, p.verdict, p.paper from delivery d join package p on p.id = d.package_id"
        ):
            cells[cell_of(row)].update(delivery_counts(row))
            cells[cell_of(row)].update(tried[row["id"]])
            cells[cell_of(row)]["failures"] += row["failed_reports"]
        return {cell: +counts for cell, counts in cells.items()}

    async def recount_sent(self) -> dict[Cell, Counter[str]]:
        cells: dict[Cell, Counter[str]] = defaultdict(Counter)
        for row in await self.rows("select *, source_unit as unit_id, received_at as created_at from package"):
            late = row["send_due_at"] is not None and row["received_at"] > row["send_due_at"]
            cells[cell_of(row)].update({"n": 1, "units": row["units"], "late": late, **package_counts(row)})
        return {cell: +counts for cell, counts in cells.items()}


def id_of(at: datetime) -> UUID:
    """As new_id() makes it, at another moment."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | new_id().int & (1 << 80) - 1)


def cell_of(row: Mapping[str, Any]) -> Cell:
    day = (row["created_at"].astimezone(UTC) + timedelta(hours=7)).date()
    return day, row["source_unit"], row["unit_id"], -1 if row["kind"] == "status" else row["business_type"]


def package_counts(row: Mapping[str, Any]) -> dict[str, int]:
    return {
        **{f"priority_{level}": int(row["priority"] == level) for level in (1, 2, 3, 4)},
        "proven": int(row["verdict"] == "proven"), "attached": int(row["verdict"] == "attached"),
        "paper_without": int(row["paper"] == "0"), "paper_with": int(row["paper"] == "1"),
    }  # fmt: skip


def delivery_counts(row: Mapping[str, Any]) -> dict[str, int]:
    """What one delivery adds to each measure, as docs/reports.md defines them."""

    def after(at: str, due: str) -> bool:
        return row[at] is not None and row[due] is not None and row[at] > row[due]

    over = row["state"] in ("recalled", "refused") or row["handling"] in ("02", "06") or row["taking_back"] in (
        "15", "recall")  # fmt: skip
    ordered, gone, talk = row["recall_ordered_at"] is not None, row["state"] == "recalled", row["taking_back"]
    done = gone or talk == "15"
    owes = talk in ("13", "recall")
    found = {
        "n": 1, "again": row["round"] > 1, "delivered": row["state"] == "delivered",
        "refused": row["state"] == "refused", "recalled": row["state"] == "recalled",
        "waiting": row["state"] in ("queued", "held", "sending", "parked"), **package_counts(row),
        "returned": row["handling"] == "02", "told": row["told_at"] is not None,
        "told_late": after("told_at", "arrival_due_at"),
        "registered": row["registered_at"] is not None, "registered_late": after("registered_at", "register_due_at"),
        "with_due_date": row["finish_due_at"] is not None, "finished": row["completed_at"] is not None,
        "finished_late": after("completed_at", "finish_due_at"),
        "overdue_arrival": not over and bool(row["missed"] & 1) and row["told_at"] is None,
        "overdue_register": not over and bool(row["missed"] & 2) and row["registered_at"] is None,
        "overdue_finish": not over and bool(row["missed"] & 4) and row["completed_at"] is None,
        "recalled_by_sender": ordered, "recall_done": ordered and done, "recall_ordered": ordered and not done,
        "asked_back": not ordered and talk == "13" and not gone, "denied": not ordered and talk == "16",
        "given_back": not ordered and (talk == "15" or (talk == "13" and gone)),
        "feedback_complete": done or row["state"] == "refused" or row["handling"] == "02"
                             or (row["handling"] == "06" and not owes),
    }  # fmt: skip
    return {name: int(value) for name, value in found.items()}


@asynccontextmanager
async def unguarded(url: str, *tables: str) -> AsyncIterator[Any]:
    """A connection of the tables' owner, with their triggers off."""
    connection = await asyncpg.connect(url)
    try:
        for table in tables:
            await connection.execute(f"alter table {table} disable trigger user")
        yield connection
        for table in tables:
            await connection.execute(f"alter table {table} enable trigger user")
    finally:
        await connection.close()
