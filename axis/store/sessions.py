"""Sessions as stored, and the counters that slow down guessing. Tokens are stored as their SHA-256."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from axis.domain.ids import new_id
from axis.domain.people import Person
from axis.store.database import Database, Transaction
from axis.store.people import person_of
from axis.store.sql import queries

SQL = queries("sessions")
FULL, PASSWORD = "full", "password"  # the stages of a session
COUNTERS_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. ``stage`` ``password``: the first factor only; ``strong``: a second one was proven."""

    id: UUID
    person: Person
    stage: str
    method: str
    strong: bool
    created_at: datetime
    until: datetime
    offer_sealed: str = ""

    @property
    def full(self) -> bool:
        return self.stage == FULL


@dataclass(frozen=True, slots=True)
class Opening:
    """A session about to be opened: ``password_hash`` is what the proof rested on."""

    token: bytes
    person_id: UUID
    stage: str
    method: str
    strong: bool
    until: datetime
    address: str
    agent: str
    password_hash: str


class Sessions:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def find(self, token: bytes, now: datetime, seen_since: datetime, touch: bool = True) -> Session | None:
        row = await self._db.fetchrow(SQL.find, token, now, seen_since, touch)
        if row is None:
            return None
        return Session(
            id=row["session_id"], person=person_of(row), stage=row["stage"], method=row["method"],
            strong=row["strong"], created_at=row["began_at"], until=row["until"], offer_sealed=row["offer_sealed"],
        )  # fmt: skip

    async def open(self, on: Transaction, opening: Opening, now: datetime) -> bool:
        """False when the person was disabled, or their password changed, since they proved themselves."""
        o = opening
        found = await on.fetchval(
            SQL.open, o.token, new_id(), o.person_id, o.stage, o.method, o.strong, now, o.until, o.address, o.agent,
            o.password_hash,
        )  # fmt: skip
        return found is not None

    async def offer(self, token: bytes, sealed: str) -> str | None:
        """The offered second factor of this session: this one, or the one offered before."""
        kept: str | None = await self._db.fetchval(SQL.offer, token, sealed)
        return kept

    async def close(self, on: Transaction, token: bytes) -> Mapping[str, Any] | None:
        return await on.fetchrow(SQL.close, token)

    async def close_one(self, on: Transaction, session_id: UUID, person_id: UUID) -> bool:
        return await on.fetchval(SQL.close_one, session_id, person_id) is not None

    async def close_all(self, on: Transaction, person_id: UUID, but: bytes | None = None) -> int:
        return await on.execute(SQL.close_all, person_id, but)

    async def of_person(
        self, person_id: UUID, token: bytes, now: datetime, seen_since: datetime
    ) -> Sequence[Mapping[str, Any]]:
        """id, current, method, created_at, seen_at, until, address, agent."""
        return await self._db.fetch(SQL.of_person, person_id, token, now, seen_since)

    # guessing

    async def attempt(
        self, key: str, now: datetime, *, limit: int, first: float, longest: float, forgotten: float
    ) -> int | None:
        """How many failures in a row this would be; None while the key is blocked."""
        row = await self._db.fetchrow(SQL.attempt, key, now, limit, first, longest, forgotten)
        return int(row["failures"]) if row else None

    async def attempt_in_window(self, key: str, now: datetime, limit: int, seconds: float) -> int | None:
        return _number(await self._db.fetchval(SQL.attempt_in_window, key, now, limit, seconds))

    async def blocked_until(self, key: str, window: float = 0) -> datetime | None:
        until: datetime | None = await self._db.fetchval(SQL.blocked, key, window)
        return until

    async def forgive(self, key: str) -> None:
        await self._db.execute(SQL.forgive, key)

    async def forgive_one(self, key: str) -> None:
        await self._db.execute(SQL.forgive_one, key)

    async def sweep(self, now: datetime, seen_since: datetime) -> int:
        """Forget what can open nothing any more; harmless at any time and twice."""
        return int(await self._db.fetchval(SQL.sweep, now, seen_since, now - COUNTERS_KEPT))


def _number(value: Any) -> int | None:
    return None if value is None else int(value)
