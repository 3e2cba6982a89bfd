"""People as stored: accounts with what they prove themselves with, invitations, links to a provider.

A token leaves this program once and is stored as its SHA-256 (``digest``). Time is given by the caller.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from axis.domain.people import Person, PersonState, Role
from axis.store.database import Database, Transaction
from axis.store.sql import queries

SQL = queries("people")


def digest(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Account:
    """A person with what they prove themselves with; never shown, its repr neither."""

    person: Person
    password_hash: str
    totp_sealed: str

    def __repr__(self) -> str:
        return f"Account({self.person.login})"


@dataclass(frozen=True, slots=True)
class Invited:
    """What a working link says: for whom (nobody yet: the first operator), what for, until when."""

    purpose: str
    expires_at: datetime
    login: str = ""
    name: str = ""
    language: str = "vi"


def person_of(row: Mapping[str, Any]) -> Person:
    return Person(
        id=row["id"], login=row["login"], name=row["name"], role=Role(row["role"]), state=PersonState(row["state"]),
        unit_id=row["unit_id"], unit_code=row["unit_code"] or "", unit_name=row["unit_name"] or "",
        language=row["language"], has_totp=bool(row["totp_sealed"]), has_password=bool(row["password_hash"]),
        created_at=row["created_at"], last_login_at=row["last_login_at"],
    )  # fmt: skip


def _account(row: Mapping[str, Any] | None) -> Account | None:
    return Account(person_of(row), row["password_hash"], row["totp_sealed"]) if row else None


class People:
    def __init__(self, database: Database) -> None:
        self._db = database

    # accounts

    async def add(self, on: Transaction, person: Person, now: datetime) -> bool:
        """False when the login is taken."""
        found = await on.fetchval(
            SQL.add, person.id, person.login, person.name, person.role.value, person.unit_id, person.language,
            person.state.value, now,
        )  # fmt: skip
        return found is not None

    async def named(
        self, login: str, on: Transaction | None = None, *, unit_id: UUID | None = None
    ) -> Account | None:
        """``unit_id``: only if they are of that unit."""
        return _account(await (on or self._db).fetchrow(SQL.by_login, login, unit_id))

    async def known(self, person_id: UUID, on: Transaction | None = None) -> Account | None:
        return _account(await (on or self._db).fetchrow(SQL.by_id, person_id))

    async def lock(self, on: Transaction, login: str, *, unit_id: UUID | None = None) -> Account | None:
        return _account(await on.fetchrow(SQL.lock, login, unit_id))

    async def lock_operators(self, on: Transaction) -> list[UUID]:
        """The operators who can sign in, locked until the transaction ends."""
        return [row["id"] for row in await on.fetch(SQL.lock_operators)]

    async def lock_administrators(self, on: Transaction, unit_id: UUID) -> list[UUID]:
        """The active administrators of a unit, locked until the transaction ends."""
        return [row["id"] for row in await on.fetch(SQL.lock_administrators, unit_id)]

    async def page(
        self, *, after: str = "", unit_id: UUID | None = None, role: str = "", state: str = "", text: str = "",
        limit: int = 50,
    ) -> list[Person]:  # fmt: skip
        return [person_of(r) for r in await self._db.fetch(SQL.page, after, unit_id, role, state, text, limit)]

    async def has_operator(self, on: Transaction) -> bool:
        return bool(await on.fetchval(SQL.has_operator))

    async def lock_all(self, on: Transaction) -> None:
        await on.execute(SQL.lock_people)

    async def change(self, on: Transaction, person: Person, now: datetime) -> None:
        await on.execute(
            SQL.change, person.id, person.name, person.role.value, person.unit_id, person.language,
            person.state.value, now,
        )  # fmt: skip

    # what they prove themselves with

    async def set_password(self, on: Transaction, person_id: UUID, hashed: str, now: datetime) -> bool:
        """False for somebody disabled."""
        return await on.fetchval(SQL.set_password, person_id, hashed, now) is not None

    async def forget_password(self, on: Transaction, person_id: UUID, now: datetime) -> None:
        await on.execute(SQL.forget_password, person_id, now)

    async def rehash(self, person_id: UUID, old: str, new: str) -> bool:
        """False when the password was changed meanwhile."""
        return await self._db.fetchval(SQL.rehash, person_id, old, new) is not None

    async def set_totp(self, on: Transaction, person_id: UUID, sealed: str, step: int, now: datetime) -> bool:
        """False when there is a second factor already, or the code of this step was used before."""
        return await on.fetchval(SQL.set_totp, person_id, sealed, step, now) is not None

    async def clear_totp(self, on: Transaction, person_id: UUID, now: datetime) -> None:
        await on.execute(SQL.clear_totp, person_id, now)

    async def use_step(self, on: Transaction, person_id: UUID, step: int) -> bool:
        """False when the code of this step, or a later one, was used before."""
        return await on.fetchval(SQL.use_step, person_id, step) is not None

    async def activate(self, on: Transaction, person_id: UUID, now: datetime) -> bool:
        return await on.execute(SQL.activate, person_id, now) > 0

    async def signed_in(self, on: Transaction, person_id: UUID, now: datetime) -> None:
        await on.execute(SQL.signed_in, person_id, now)

    # invitations

    async def invite(
        self, on: Transaction, token: bytes, purpose: str, person_id: UUID, now: datetime, until: datetime
    ) -> None:
        """A new link; earlier ones of this person stop working."""
        await on.execute(SQL.void_invitations, person_id)
        await on.execute(SQL.invite, token, purpose, person_id, now, until)

    async def invite_first(self, on: Transaction, token: bytes, now: datetime, until: datetime, anew: bool) -> bool:
        """The link for the first operator. False: one is open already, and ``anew`` was not asked for."""
        await on.execute(SQL.void_first, None if anew else now)
        return await on.fetchval(SQL.invite_first, token, now, until) is not None

    async def void_invitations(self, on: Transaction, person_id: UUID) -> None:
        await on.execute(SQL.void_invitations, person_id)

    async def invitation(self, token: bytes, now: datetime) -> Invited | None:
        row = await self._db.fetchrow(SQL.invitation, token, now)
        if row is None:
            return None
        return Invited(
            row["purpose"], row["expires_at"], row["login"] or "", row["name"] or "", row["language"] or "vi"
        )

    async def use_invitation(self, on: Transaction, token: bytes, now: datetime) -> tuple[str, UUID | None] | None:
        """(purpose, person) of a link, used up by this; None when it does not work (any more)."""
        row = await on.fetchrow(SQL.use_invitation, token, now)
        return (row["purpose"], row["person_id"]) if row else None

    # OpenID Connect

    async def link(self, on: Transaction, issuer: str, subject: str, person_id: UUID, now: datetime) -> bool:
        """False when the subject, or the person at this provider, is bound already."""
        return await on.fetchval(SQL.link, issuer, subject, person_id, now) is not None

    async def linked(self, issuer: str, subject: str, on: Transaction | None = None) -> Account | None:
        return _account(await (on or self._db).fetchrow(SQL.linked, issuer, subject))

    async def links_of(self, person_id: UUID) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.links_of, person_id)

    async def unlink(self, on: Transaction, person_id: UUID) -> int:
        return await on.execute(SQL.unlink, person_id)

    async def begin_oidc(
        self, state: bytes, browser: bytes, nonce: str, verifier: str, next_path: str, until: datetime
    ) -> None:
        await self._db.execute(SQL.begin_oidc, state, browser, nonce, verifier, next_path, until)

    async def end_oidc(self, state: bytes, browser: bytes, now: datetime) -> tuple[str, str, str] | None:
        """(nonce, verifier, next) of a sign-on that came back: once only."""
        row = await self._db.fetchrow(SQL.end_oidc, state, browser, now)
        return (row["nonce"], row["verifier"], row["next"]) if row else None
