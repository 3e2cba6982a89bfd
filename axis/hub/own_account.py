"""What people do with their own account: take up an invitation, change the password, end sessions.

An invitation is used up by the form that sets the password, never by opening the link (mail scanners open
links). There is no default password: the first operator is made by the one link that a first run prints.
A new password ends every other session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from axis.domain.errors import AccessError, ConflictError, PackageError
from axis.domain.events import Event
from axis.domain.ids import new_id
from axis.domain.people import Person, PersonState, Role, is_login, login_of, password_fault, person_name
from axis.hub.doorkeeper import Doorkeeper, Entered, Where
from axis.store.database import Database, Transaction
from axis.store.people import Account, Invited, People, digest
from axis.store.sessions import Session, Sessions
from axis.trust.passwords import Passwords


class OwnAccount:
    def __init__(
        self, *, database: Database, people: People, sessions: Sessions, door: Doorkeeper, passwords: Passwords
    ) -> None:
        self._db = database
        self._people = people
        self._sessions = sessions
        self._door = door
        self._passwords = passwords

    async def invitation(self, token: str) -> Invited:
        """What a link is for, without using it. Raises AccessError ``people.link-dead``."""
        found = await self._people.invitation(digest(token), self._door.now())
        if found is None:
            raise AccessError("people.link-dead")
        return found

    async def join(self, token: str, password: str, where: Where, *, login: str = "", name: str = "") -> Entered:
        """Use a link: set the password and go in. ``login`` and ``name`` count for the first operator only."""
        invited = await self.invitation(token)
        login = invited.login or login_of(login)
        name = invited.name or person_name(name)
        if not is_login(login):
            raise PackageError("people.bad-login", login=login[:64])
        if not name:
            raise PackageError("people.no-name")
        _check(password, login)
        hashed = await self._passwords.hash(password)
        now = self._door.now()
        async with self._db.transaction() as work:
            used = await self._people.use_invitation(work, digest(token), now)
            if used is None:
                raise AccessError("people.link-dead")
            purpose, person_id = used
            if person_id is None:
                person_id = await self._first(work, login, name)
            if not await self._people.set_password(work, person_id, hashed, now):
                raise AccessError("people.link-dead")
            await self._sessions.close_all(work, person_id)
            account = await self._people.known(person_id, on=work)
            assert account is not None
            event = Event.PASSWORD_CHANGED if purpose == "reset" else Event.PERSON_JOINED
            await self._door.note(work, event, account.person, method="invitation", purpose=purpose)
            return await self._door.open(work, account, where, method="invitation", strong=False)

    async def _first(self, work: Transaction, login: str, name: str) -> UUID:
        await self._people.lock_all(work)
        if await self._people.has_operator(work):
            raise ConflictError("people.not-first")
        person = Person(id=new_id(), login=login, name=name, role=Role.OPERATOR, state=PersonState.INVITED)
        if not await self._people.add(work, person, self._door.now()):
            raise ConflictError("people.login-taken", login=login)
        return person.id

    async def change_password(
        self, token: str, session: Session, old: str, new: str, where: Where
    ) -> Entered:
        """A new password and a new session under it; every other session ends."""
        person = session.person
        account = await self._people.known(person.id)
        if account is None or not session.full:
            raise AccessError("people.step-over")
        _check(new, person.login)  # first: a new password that will not do is no guess at the old one
        number = await self._door.count(person.login, where)
        async with self._door.judging(person.login, where):
            right = await self._passwords.verify(account.password_hash, old)
        if not right:
            await self._door.failed(number, person, where, "password")
            raise AccessError("people.wrong")
        await self._door.forgive(person.login, where)
        hashed = await self._passwords.hash(new)
        async with self._db.transaction() as work:
            if not await self._door.close(work, token):
                raise AccessError("people.step-over")
            if not await self._people.set_password(work, person.id, hashed, self._door.now()):
                raise AccessError("people.step-over")
            ended = await self._sessions.close_all(work, person.id)
            await self._door.note(work, Event.PASSWORD_CHANGED, person, ended=ended)
            changed = Account(account.person, hashed, account.totp_sealed)
            return await self._door.open(work, changed, where, method=session.method, strong=session.strong)

    async def set_language(self, session: Session, language: str) -> None:
        """The language pages speak to this person."""
        if language not in ("vi", "en"):
            raise PackageError("request.malformed")
        async with self._db.transaction() as work:
            account = await self._people.lock(work, session.person.login)
            if account is not None and account.person.language != language:
                changed = replace(account.person, language=language)
                await self._people.change(work, changed, self._door.now())
                data = {"changes": {"language": [account.person.language, language]}}
                await self._door.note(work, Event.PERSON_CHANGED, session.person, **data)

    async def sessions(self, token: str, session: Session) -> Sequence[Mapping[str, Any]]:
        """Where this person is signed in: id, current, method, created_at, seen_at, until, address, agent."""
        return await self._door.sessions_of(session.person.id, token)

    async def end_session(self, session: Session, session_id: UUID) -> bool:
        """End one of the person's own sessions; False when there is none of that id."""
        async with self._db.transaction() as work:
            ended = await self._sessions.close_one(work, session_id, session.person.id)
            if ended:
                await self._door.note(work, Event.SESSIONS_ENDED, session.person, ended=1)
        return ended

    async def end_others(self, token: str, session: Session) -> int:
        """Sign out everywhere else."""
        async with self._db.transaction() as work:
            ended = await self._sessions.close_all(work, session.person.id, but=digest(token))
            if ended:
                await self._door.note(work, Event.SESSIONS_ENDED, session.person, ended=ended)
        return ended


def _check(password: str, login: str) -> None:
    if fault := password_fault(password, login):
        raise PackageError(fault)
