"""The doorkeeper: counts tries before they are judged, and opens sessions.

A try is counted first and forgiven when it succeeds, so a hundred at once are a hundred tries; one that nobody
could judge, because the axis is busy, is taken back. Counted are

    login + address   five, then a block of one minute, doubling to thirty; forgotten after a day
    address           fifty in ten minutes
    departure         fifty from an address in ten minutes, apart: what any web page can make a browser ask for
                      must not keep anybody from their password
    second factor     of one person, from wherever: whoever gets that far holds the password

A login that does not exist is counted like any other. Keys of logins are hashed: people type passwords
into the wrong field. A session is opened under a new token at every step (a token from before a proof is
worth nothing after it), and only if the person is still active with the password that was proven.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from axis.domain.errors import AccessError, Unavailable
from axis.domain.events import Event
from axis.domain.people import Person
from axis.store.database import Database, Transaction
from axis.store.journal import Journal
from axis.store.people import Account, People, digest
from axis.store.sessions import FULL, PASSWORD, Opening, Session, Sessions

TRIES, FIRST_BLOCK, LONGEST_BLOCK = 5, 60.0, 1800.0
ADDRESS_TRIES, ADDRESS_WINDOW = 50, 600.0
FORGOTTEN = 24 * 3600.0
STEP_MINUTES = 10  # how long the second step may take


class Step(StrEnum):
    """What comes next: a code, setting up a second factor first, or nothing."""

    CODE = "code"
    ENROL = "enrol"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a try comes from, as it is shown in the list of sessions."""

    address: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """``token`` is the new cookie; it stands nowhere else."""

    token: str
    step: Step
    person: Person

    def __repr__(self) -> str:
        return f"Entered({self.person.login}, {self.step})"


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """``idle``: without a request; ``absolute``: in all."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=10)

    @classmethod
    def of(cls, idle_minutes: int, absolute_hours: int) -> Lifetimes:
        return cls(timedelta(minutes=idle_minutes), timedelta(hours=absolute_hours))


def utc_now() -> datetime:
    return datetime.now(UTC)


class Doorkeeper:
    def __init__(
        self, *, database: Database, people: People, sessions: Sessions, journal: Journal,
        lifetimes: Lifetimes | None = None, clock: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        self._db = database
        self._people = people
        self._sessions = sessions
        self._journal = journal
        self._lifetimes = lifetimes or Lifetimes()
        self.now = clock

    # counting

    async def count(self, login: str, where: Where) -> int:
        """One more try with this login from there: how many failures in a row it would make. Raises
        Unavailable ``people.blocked``."""
        await self.count_visit(where)  # first: an address that is blocked leaves no further rows
        try:
            return await self._try(_login_key(login, where))
        except Unavailable:
            await self.forgive_visit(where)  # who waits out a block with a finger on the key blocks nobody else
            raise

    @asynccontextmanager
    async def judging(self, login: str, where: Where) -> AsyncIterator[None]:
        """Around the judging of a counted try. What cannot be judged for now is neither right nor wrong: that one
        try is taken back, and no other, or a crowd at the door would wash away the failures before it."""
        try:
            yield
        except Unavailable:
            await self._sessions.forgive_one(_login_key(login, where))
            await self.forgive_visit(where)
            raise

    async def count_code(self, person: Person) -> int:
        """One more code of this person."""
        return await self._try(_code_key(person))

    async def count_visit(self, where: Where) -> None:
        """One more thing asked from there by nobody in particular."""
        await self._count_in_window(_address_key(where))

    async def count_departure(self, where: Where) -> None:
        """One more sign-on that leaves for a provider. Raises Unavailable ``people.blocked``."""
        await self._count_in_window(_departure_key(where))

    async def forgive(self, login: str, where: Where) -> None:
        await self._sessions.forgive(_login_key(login, where))
        await self._sessions.forgive_one(_address_key(where))

    async def forgive_code(self, person: Person) -> None:
        await self._sessions.forgive(_code_key(person))

    async def forgive_visit(self, where: Where) -> None:
        await self._sessions.forgive_one(_address_key(where))

    async def forgive_departure(self, where: Where) -> None:
        await self._sessions.forgive_one(_departure_key(where))

    async def failed(self, number: int, known: Person | None, where: Where, what: str) -> None:
        """A try failed; the journal hears of it when it blocks. Of a login nobody has, only that."""
        if number >= TRIES:
            data = {"login": known.login if known else "?", "address": where.address, "failures": number, "what": what}
            unit_id = known.unit_id if known else None
            await self._journal.write(Event.SIGN_IN_BLOCKED, actor="axis", unit_id=unit_id, data=data)

    async def _try(self, key: str) -> int:
        number = await self._sessions.attempt(
            key, self.now(), limit=TRIES, first=FIRST_BLOCK, longest=LONGEST_BLOCK, forgotten=FORGOTTEN
        )
        if number is None:
            raise await self._blocked(key)
        return number

    async def _count_in_window(self, key: str) -> None:
        if await self._sessions.attempt_in_window(key, self.now(), ADDRESS_TRIES, ADDRESS_WINDOW) is None:
            raise await self._blocked(key, ADDRESS_WINDOW)

    async def _blocked(self, key: str, window: float = 0) -> Unavailable:
        until = await self._sessions.blocked_until(key, window) or self.now()
        return Unavailable("people.blocked", minutes=max(1, math.ceil((until - self.now()).total_seconds() / 60)))

    # sessions

    async def find(self, token: str, touch: bool = True) -> Session | None:
        """The session of a cookie. ``touch`` False: a page that refreshes itself does not keep it alive."""
        now = self.now()
        found = await self._sessions.find(digest(token), now, now - self._lifetimes.idle, touch)
        if found is not None and found.full and found.person.needs_totp and not found.strong:
            return None  # a role that was changed by hand: its rights need the second factor this session lacks
        return found

    async def open(self, on: Transaction, account: Account, where: Where, *, method: str, strong: bool) -> Entered:
        """A session after a proof: full when nothing else is to be proven. Raises AccessError when the
        account was disabled or got another password since it was read."""
        now, person, token = self.now(), account.person, secrets.token_urlsafe(32)
        step = _next(person, strong)
        lifetime = self._lifetimes.absolute if step is Step.DONE else timedelta(minutes=STEP_MINUTES)
        opening = Opening(
            token=digest(token), person_id=person.id, stage=FULL if step is Step.DONE else PASSWORD, method=method,
            strong=strong, until=now + lifetime, address=where.address[:64], agent=agent_text(where.agent),
            password_hash=account.password_hash,
        )  # fmt: skip
        if not await self._sessions.open(on, opening, now):
            raise AccessError("people.wrong")
        if step is Step.DONE:
            await self._people.signed_in(on, person.id, now)
            await self.note(on, Event.SIGNED_IN, person, address=where.address, method=method, second_factor=strong)
        return Entered(token, step, person)

    async def close(self, on: Transaction, token: str) -> bool:
        """End a session; False when it had ended."""
        return await self._sessions.close(on, digest(token)) is not None

    async def sessions_of(self, person_id: UUID, token: str = "") -> Sequence[Mapping[str, Any]]:
        """Where somebody is signed in; the one of this cookie is marked ``current``."""
        now = self.now()
        return await self._sessions.of_person(person_id, digest(token), now, now - self._lifetimes.idle)

    async def note(self, on: Transaction | None, event: Event, person: Person, **data: object) -> None:
        """A journal row about what somebody did themselves."""
        data = {"login": person.login, **data}
        await self._journal.write(event, actor=person.actor, unit_id=person.unit_id, data=data, on=on)

    async def sweep(self) -> int:
        """Forget what can open nothing any more; for a timer."""
        now = self.now()
        return await self._sessions.sweep(now, now - self._lifetimes.idle)


def _next(person: Person, strong: bool) -> Step:
    if strong or not (person.needs_totp or person.has_totp):
        return Step.DONE
    return Step.CODE if person.has_totp else Step.ENROL


def agent_text(agent: str) -> str:
    """A browser's name for itself, harmless wherever it is shown."""
    return "".join(c for c in agent[:400] if c.isascii() and c.isprintable())[:200]


def _login_key(login: str, where: Where) -> str:
    return "login:" + hashlib.sha256(f"{login}\0{_network(where)}".encode("utf-8", "surrogatepass")).hexdigest()


def _address_key(where: Where) -> str:
    return f"address:{_network(where)}"


def _departure_key(where: Where) -> str:
    return f"departure:{_network(where)}"


def _network(where: Where) -> str:
    """The address itself; of IPv6 the network of 64 bits, of which every customer has a whole one."""
    try:
        address = ipaddress.ip_address(where.address)
    except ValueError:
        return where.address[:64]
    address = getattr(address, "ipv4_mapped", None) or address  # or all of IPv4 would be one network
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)


def _code_key(person: Person) -> str:
    return f"code:{person.id}"
