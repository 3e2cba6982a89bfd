"""Deadlines missed, as stored: what the sweep must look at and what it found; alerts; and the messages that
carry them to people.

What a sweep found is written in one transaction: the deliveries' masks, the alerts, their journal rows and the
messages. The rows stay locked from the reading to the commit, the masks say what was told already, and an
alert is unique per delivery, rule and level: no second sweep tells anything again. An attempt at sending is
numbered; who was overtaken by a later attempt settles nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from axis.domain.ids import beside, new_id
from axis.store.database import Database, Transaction
from axis.store.sql import queries

SQL = queries("alerts")

EMAIL, WEBHOOK = "email", "webhook"
"""The channels a message may take."""
SWEEP = 60_000  # milliseconds between the first and the last message of one batch, at the very most


@dataclass(frozen=True, slots=True)
class Look:
    """How a delivery stands after the sweep looked at it; ``look_at``: when it must look again, None never."""

    delivery_id: UUID
    missed: int
    escalated: int
    look_at: datetime | None


@dataclass(frozen=True, slots=True)
class Alert:
    """A deadline missed (level 1), or missed still (2). ``unit_id``: who missed it; ``unit``: its code."""

    id: UUID
    rule: str
    level: int
    delivery_id: UUID
    package_id: UUID
    unit_id: UUID
    due_at: datetime
    priority: int
    unit: str


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Alerts about one unit for one address."""

    channel: str
    address: str
    alerts: tuple[UUID, ...]
    unit_id: UUID
    priority: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message this process may send until its lease ends. ``attempt`` is the fencing token."""

    id: UUID
    channel: str
    address: str
    unit_id: UUID | None
    alerts: tuple[UUID, ...]
    priority: int
    attempt: int
    created_at: datetime


def span_of(message: Message) -> tuple[UUID, UUID]:
    """The ids between which every other message about its alerts lies: from the first of those to the end of the
    sweep that made them."""
    first = min(message.alerts, default=message.id)
    return UUID(int=first.int >> 80 << 80), UUID(int=message.id.int + (SWEEP << 80))


class Alerts:
    def __init__(self, database: Database) -> None:
        self._db = database

    # -- the sweep

    async def clock(self) -> datetime:
        """The database's own time."""
        there: datetime = await self._db.fetchval(SQL.clock)
        return there

    async def due(self, on: Transaction, now: datetime, limit: int) -> list[Mapping[str, Any]]:
        """Deliveries whose moment has come, urgent first, locked until the transaction ends."""
        return await on.fetch(SQL.due, now, limit)

    async def found(
        self, on: Transaction, now: datetime, looks: Sequence[Look], alerts: Sequence[Alert]
    ) -> set[UUID]:
        """Write masks, next looks, alerts and journal rows; the ids of the alerts that are new."""
        rows = await on.fetch(
            SQL.found,
            [k.delivery_id for k in looks], [k.missed for k in looks], [k.escalated for k in looks],
            [k.look_at for k in looks],
            [a.id for a in alerts], [a.rule for a in alerts], [a.level for a in alerts],
            [a.delivery_id for a in alerts], [a.package_id for a in alerts], [a.unit_id for a in alerts],
            [a.due_at for a in alerts], [a.priority for a in alerts], [a.unit for a in alerts], now,
        )  # fmt: skip
        return {row["id"] for row in rows}

    async def add_messages(self, on: Transaction, messages: Sequence[NewMessage]) -> None:
        await on.execute(
            SQL.add_messages,
            [new_id() for _ in messages], [m.channel for m in messages], [m.address for m in messages],
            [",".join(map(str, m.alerts)) for m in messages], [m.unit_id for m in messages],
            [m.priority for m in messages],
        )  # fmt: skip

    # -- sending

    async def claim(self, lease: float, channels: Sequence[str], busy: Iterable[Message] = ()) -> Message | None:
        """The most urgent message that is due; ``lease`` in seconds. ``busy``: those on their way, whose systems
        are not called a second time meanwhile."""
        calls = [message for message in busy if message.channel == WEBHOOK]
        row = await self._db.fetchrow(
            SQL.claim, lease, list(channels), [call.unit_id for call in calls], [call.address for call in calls]
        )
        if row is None:
            return None
        return Message(
            row["id"], row["channel"], row["address"], row["unit_id"], tuple(row["alerts"]), row["priority"],
            row["attempts"], row["created_at"],
        )  # fmt: skip

    async def put_off(self, channel: str, seconds: float, note: str, like: Message | None = None) -> int:
        """Nothing is sent on this channel for now, or nothing ``like`` this message to its system; how many wait
        longer."""
        unit, address = (like.unit_id, like.address) if like else (None, "")
        return await self._db.execute(SQL.put_off, channel, seconds, note, unit, address)

    async def carried(self, message: Message) -> list[Mapping[str, Any]]:
        """The alerts of a message in their order, with what is told of each document."""
        return await self._db.fetch(SQL.carried, list(message.alerts))

    async def settle_sent(self, message: Message, note: str) -> bool:
        """False when a later attempt has begun."""
        return await self._db.fetchval(SQL.settle_sent, message.id, message.attempt, note) is not None

    async def settle_later(self, message: Message, seconds: float, note: str) -> bool:
        return await self._db.fetchval(SQL.settle_later, message.id, message.attempt, seconds, note) is not None

    async def readdress(self, message: Message, listeners: Mapping[str, int]) -> int | None:
        """Nobody hears it at its address any more: these do, each of alerts from that level on. How many messages
        took its place; None when a later attempt has begun."""
        made: int | None = await self._db.fetchval(
            SQL.readdress, message.id, message.attempt, list(listeners), list(listeners.values()),
            [beside(message.id) for _ in listeners], *span_of(message),
        )  # fmt: skip
        return made

    # -- for people

    async def page(
        self, before: tuple[datetime, UUID] | None, unit_id: UUID | None, since: datetime | None, level: int | None,
        limit: int,
    ) -> Sequence[Mapping[str, Any]]:  # fmt: skip
        at, key = before or (None, None)
        return await self._db.fetch(SQL.page, at, key, unit_id, since, level, limit)

    async def messages(
        self, before: UUID | None, waiting: bool, limit: int
    ) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.waiting if waiting else SQL.messages, before, limit)

    async def overdue(self, seconds: float) -> Sequence[Mapping[str, Any]]:
        """By channel: messages older than that and not sent: how many, the oldest, the newest reason."""
        return await self._db.fetch(SQL.overdue, seconds)
