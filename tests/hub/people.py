"""People for tests: every use case of accounts over a real database, with a clock that is moved by hand and
passwords that cost little. Phones are real: they make codes of the secret they were shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pyotp
from cryptography.fernet import Fernet

from axis.domain.people import Person, Role
from axis.hub.accounts import Accounts, open_accounts
from axis.hub.doorkeeper import Entered, Where
from axis.hub.people import By
from axis.store.database import Database
from axis.store.journal import Journal
from axis.store.sql import Query
from axis.trust.passwords import Cost
from axis.trust.sealing import Sealer

PASSWORD = "một câu dễ nhớ của riêng tôi"
HERE = Where("192.0.2.7", "Mozilla/5.0 (thử nghiệm)")
CHEAP = Cost(memory=64, passes=1)
BY = By("cli:thu")


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, 0, 7, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Household:
    """Accounts over a database, and those who have one."""

    database: Database
    accounts: Accounts
    clock: Clock
    units: dict[str, UUID] = field(default_factory=dict)
    phones: dict[str, pyotp.TOTP] = field(default_factory=dict)

    async def unit(self, code: str) -> UUID:
        (row,) = await self.rows("select id from unit where code = $1", code)
        found: UUID = row["id"]
        return found

    async def clerk(self, login: str, code: str, role: Role = Role.CLERK) -> Person:
        """Invited, and joined with PASSWORD."""
        link = await self.accounts.staffing.invite(login, f"Người {login}", role, by=BY, unit_id=await self.unit(code))
        return (await self.accounts.own.join(link.token, PASSWORD, HERE)).person

    async def strong(self, login: str, role: Role = Role.OPERATOR) -> Person:
        """Invited and joined, with a phone that makes codes."""
        link = await self.accounts.staffing.invite(login, f"Người {login}", role, by=BY)
        entered = await self.accounts.own.join(link.token, PASSWORD, HERE)
        return (await self.enrol(entered)).person

    async def enrol(self, entered: Entered) -> Entered:
        session = await self.session(entered)
        offered = await self.accounts.signing_in.offer(entered.token, session)
        self.phones[entered.person.login] = pyotp.TOTP(offered.secret)
        session = await self.session(entered)
        done = await self.accounts.signing_in.enrol(entered.token, session, self.code(entered.person.login), HERE)
        self.clock.move(seconds=90)  # the code of the next sign-in is another one
        return done

    def code(self, login: str, steps: int = 0) -> str:
        """What the phone of somebody shows, or showed so many steps before."""
        return self.phones[login].at(self.clock.now, counter_offset=steps)

    async def sign_in(self, login: str, where: Where = HERE) -> Entered:
        """With the second factor where there is one."""
        entered = await self.accounts.signing_in.password(login, PASSWORD, where)
        if login in self.phones:
            session = await self.session(entered)
            entered = await self.accounts.signing_in.code(entered.token, session, self.code(login), where)
            self.clock.move(seconds=30)
        return entered

    async def session(self, entered: Entered) -> Any:
        found = await self.accounts.door.find(entered.token)
        assert found is not None
        return found

    async def alive(self, entered: Entered) -> bool:
        return await self.accounts.door.find(entered.token, touch=False) is not None

    async def rows(self, sql: str, *args: object) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.database.fetch(Query("test.look", "look", sql), *args)]

    async def events(self, kind: str = "person.") -> list[dict[str, Any]]:
        return await self.rows("select * from journal where starts_with(event, $1) order by position", kind)


@asynccontextmanager
async def household(database: Database, cost: Cost = CHEAP) -> AsyncIterator[Household]:
    clock = Clock()
    with ThreadPoolExecutor(2) as workers:
        accounts = open_accounts(
            database=database, journal=Journal(database), sealer=Sealer(Fernet.generate_key()), workers=workers,
            name="Trục thử", clock=clock, cost=cost,
        )  # fmt: skip
        yield Household(database, accounts, clock)
