"""Looking after accounts: invite, make a link anew, change, disable, enable, link to a provider.

Each verb is one transaction with its journal row: who, what, whom. A link is shown once; the newest of a
person is the only one that works. Whoever acts through the console is held to whose accounts they look
after (``Person.manages``): the others do not exist for them, and those of other units are not even read,
for the unit stands in the statement. What takes rights away ends the person's sessions in the same
transaction. Nobody does to themselves what would end their own way in, and the last operator stays. So
does the last administrator of a unit against its own people: who acts is one, is still one when it is
their turn, and is not the one acted on.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from axis.domain.errors import ConflictError, NotFound, PackageError
from axis.domain.events import Event
from axis.domain.ids import new_id
from axis.domain.people import OF_A_UNIT, Person, PersonState, Role, is_login, login_of, person_name
from axis.hub.doorkeeper import utc_now
from axis.store.database import Database, Transaction
from axis.store.journal import Journal
from axis.store.people import Account, People, digest
from axis.store.sessions import Sessions

FIRST_RUN_HOURS, INVITATION_HOURS = 24, 72
NOBODYS = UUID(int=0)
"""No unit has this id."""
CHANGEABLE = ("name", "role", "unit_id", "language")


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: the journal's ``actor``, and the person when it is one of the console (else the command
    line, whose user owns the data folder)."""

    actor: str
    person: Person | None = None

    @classmethod
    def of(cls, person: Person) -> By:
        return cls(person.actor, person)

    @property
    def unit_id(self) -> UUID | None:
        """The unit outside of which nobody exists for them; None: everybody does. Who belongs to no unit and yet
        may not see everything sees nobody."""
        me = self.person
        return None if me is None or me.sees_everything else me.unit_id or NOBODYS


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link: the only time its token is known."""

    token: str
    expires_at: datetime
    login: str = ""

    @property
    def path(self) -> str:
        return f"/console/invitation/{self.token}"

    def __repr__(self) -> str:
        return f"Link({self.login or 'first run'})"


class Staffing:
    def __init__(
        self, *, database: Database, people: People, sessions: Sessions, journal: Journal,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        self._db = database
        self._people = people
        self._sessions = sessions
        self._journal = journal
        self._now = clock

    async def first_run(self, *, actor: str, anew: bool = False) -> Link | None:
        """The link for the first operator; None when there is one, or a link is open and ``anew`` was not
        asked for: several processes start at once, and one link is printed."""
        token, now = secrets.token_urlsafe(32), self._now()
        until = now + timedelta(hours=FIRST_RUN_HOURS)
        async with self._db.transaction() as work:
            if await self._people.has_operator(work):
                return None
            if not await self._people.invite_first(work, digest(token), now, until, anew):
                return None
            await self._journal.write(Event.FIRST_RUN, actor=actor, data={"until": until.isoformat()}, on=work)
        return Link(token, until)

    async def invite(
        self, login: str, name: str, role: Role, *, by: By, unit_id: UUID | None = None, language: str = "vi"
    ) -> Link:
        """A new person, and the link they come in by."""
        person = Person(
            id=new_id(), login=login_of(login), name=person_name(name), role=role, state=PersonState.INVITED,
            unit_id=unit_id, language=language,
        )  # fmt: skip
        _check(person)
        _held(by, person, person)
        async with self._db.transaction() as work:
            if not await self._still(work, by):
                raise NotFound("people.unknown", login=person.login)
            if not await self._people.add(work, person, self._now()):
                raise ConflictError("people.login-taken", login=person.login)
            link = await self._link(work, person, "invite", INVITATION_HOURS)
            await self._note(work, Event.PERSON_INVITED, person, by, role=role.value, until=link.expires_at.isoformat())
        return link

    async def reset(self, login: str, *, by: By, totp: bool = False) -> Link:
        """A link to set a new password; the old one stops working with the sessions it opened.
        ``totp``: the second factor is forgotten too, for a phone that was lost."""
        async with self._db.transaction() as work:
            account = await self._locked(work, login, by)
            person = account.person
            _not_oneself(by, person)
            if person.state is PersonState.DISABLED:
                raise ConflictError("people.disabled", login=person.login)
            purpose, hours = ("invite", INVITATION_HOURS) if person.state is PersonState.INVITED else ("reset", 24)
            if totp:
                await self._people.clear_totp(work, person.id, self._now())
            await self._people.forget_password(work, person.id, self._now())
            ended = await self._sessions.close_all(work, person.id)
            link = await self._link(work, person, purpose, hours)
            await self._note(work, Event.PERSON_RESET, person, by, totp=totp, ended=ended)
        return link

    async def disable(self, login: str, *, by: By, reason: str = "") -> Person:
        """At once: sessions end and open links die with the account."""
        async with self._db.transaction() as work:
            account = await self._locked(work, login, by)
            _not_oneself(by, account.person)
            if account.person.state is PersonState.DISABLED:
                raise ConflictError("people.disabled", login=account.person.login)
            await self._not_last(work, account.person)
            person = replace(account.person, state=PersonState.DISABLED)
            await self._people.change(work, person, self._now())
            await self._people.void_invitations(work, person.id)
            ended = await self._sessions.close_all(work, person.id)
            await self._note(work, Event.PERSON_DISABLED, person, by, reason=reason, ended=ended)
        return person

    async def enable(self, login: str, *, by: By) -> Person:
        """As they were: with the old password, or waiting for a link."""
        async with self._db.transaction() as work:
            account = await self._locked(work, login, by)
            if account.person.state is not PersonState.DISABLED:
                raise PackageError("people.no-change")
            been = account.person.has_password or account.person.last_login_at
            person = replace(account.person, state=PersonState.ACTIVE if been else PersonState.INVITED)
            await self._people.change(work, person, self._now())
            await self._note(work, Event.PERSON_ENABLED, person, by)
        return person

    async def change(self, login: str, changes: Mapping[str, Any], *, by: By) -> Person:
        """New values of name, role, unit_id or language. Another role or unit ends the sessions: a second
        factor may be due now."""
        async with self._db.transaction() as work:
            old = (await self._locked(work, login, by)).person
            new = replace(old, **{key: value for key, value in changes.items() if key in CHANGEABLE})
            new = replace(new, name=person_name(new.name))
            told = {
                key: [str(getattr(old, key) or ""), str(getattr(new, key) or "")]
                for key in CHANGEABLE
                if getattr(old, key) != getattr(new, key)
            }
            if not told:
                raise PackageError("people.no-change")
            _check(new)
            _held(by, new, old)
            ended = 0
            if (new.role, new.unit_id) != (old.role, old.unit_id):
                _not_oneself(by, old)
                await self._not_last(work, old)
                ended = await self._sessions.close_all(work, old.id)
            await self._people.change(work, new, self._now())
            await self._note(work, Event.PERSON_CHANGED, new, by, changes=told, ended=ended)
        return new

    async def link_oidc(self, login: str, issuer: str, subject: str, *, by: By) -> Person:
        """From now on this subject of the provider is this person."""
        async with self._db.transaction() as work:
            person = (await self._locked(work, login, by)).person
            if not await self._people.link(work, issuer, subject, person.id, self._now()):
                raise ConflictError("people.link-taken")
            await self._note(work, Event.PERSON_LINKED, person, by, issuer=issuer)
        return person

    async def unlink_oidc(self, login: str, *, by: By) -> int:
        """The person's subjects are forgotten, and their sessions end."""
        async with self._db.transaction() as work:
            person = (await self._locked(work, login, by)).person
            gone = await self._people.unlink(work, person.id)
            ended = await self._sessions.close_all(work, person.id)
            await self._note(work, Event.PERSON_LINKED, person, by, unlinked=gone, ended=ended)
        return gone

    async def end_sessions(self, login: str, *, by: By) -> int:
        """Sign somebody out everywhere."""
        async with self._db.transaction() as work:
            person = (await self._locked(work, login, by)).person
            _not_oneself(by, person)
            ended = await self._sessions.close_all(work, person.id)
            await self._note(work, Event.SESSIONS_ENDED, person, by, ended=ended)
        return ended

    async def find(self, login: str, *, by: By) -> Person:
        """Raises NotFound ``people.unknown`` for somebody they do not look after too."""
        account = await self._people.named(login_of(login), unit_id=by.unit_id)
        if account is None or not _sees(by, account.person):
            raise NotFound("people.unknown", login=login_of(login)[:64])
        return account.person

    async def links_of(self, person: Person) -> Sequence[Mapping[str, Any]]:
        return await self._people.links_of(person.id)

    async def page(
        self, *, by: By, after: str = "", role: str = "", state: str = "", text: str = "", limit: int = 50
    ) -> list[Person]:
        """People in the order of their logins, from the one after ``after``: for a unit administrator those
        of the unit, for an operator or auditor everybody."""
        person = by.person
        if person is not None and not person.sees_everything and person.role is not Role.UNIT_ADMIN:
            return []
        return await self._people.page(after=after, unit_id=by.unit_id, role=role, state=state, text=text, limit=limit)

    async def operators(self) -> int:
        """How many can sign in and run the axis."""
        async with self._db.transaction() as work:
            return len(await self._people.lock_operators(work))

    async def _locked(self, work: Transaction, login: str, by: By) -> Account:
        login = login_of(login)
        # Operators first, and in one order, so that two of them who act on each other do not wait in a ring.
        await self._people.lock_operators(work)
        account = None
        if await self._still(work, by) and is_login(login):
            account = await self._people.lock(work, login, unit_id=by.unit_id)
        if account is None:
            raise NotFound("people.unknown", login=login[:64])
        _held(by, account.person, account.person)
        return account

    async def _still(self, work: Transaction, by: By) -> bool:
        """Whether they still are what they act as now that it is their turn: another one may have disabled them."""
        me = by.person
        if me is None:
            return True  # the command, which has no account
        if me.role is Role.UNIT_ADMIN and me.unit_id is not None:
            return me.id in await self._people.lock_administrators(work, me.unit_id)
        return me.role is not Role.OPERATOR or me.id in await self._people.lock_operators(work)

    async def _not_last(self, work: Transaction, person: Person) -> None:
        """Somebody must stay who can run the axis."""
        running = person.role is Role.OPERATOR and person.state is PersonState.ACTIVE
        if running and set(await self._people.lock_operators(work)) <= {person.id}:
            raise ConflictError("people.last-operator")

    async def _link(self, work: Transaction, person: Person, purpose: str, hours: int) -> Link:
        token, now = secrets.token_urlsafe(32), self._now()
        until = now + timedelta(hours=hours)
        await self._people.invite(work, digest(token), purpose, person.id, now, until)
        return Link(token, until, person.login)

    async def _note(self, work: Transaction, event: Event, person: Person, by: By, **data: object) -> None:
        facts = {"login": person.login, "name": person.name, **data}
        await self._journal.write(event, actor=by.actor, unit_id=person.unit_id, data=facts, on=work)


def _check(person: Person) -> None:
    if not is_login(person.login):
        raise PackageError("people.bad-login", login=person.login[:64])
    if not person.name:
        raise PackageError("people.no-name")
    if person.language not in ("vi", "en"):
        raise PackageError("request.malformed")
    if person.role in OF_A_UNIT and person.unit_id is None:
        raise PackageError("people.unit-needed", role=person.role.value)
    if person.role not in OF_A_UNIT and person.unit_id is not None:
        raise PackageError("people.unit-not", role=person.role.value)


def _held(by: By, *whom: Person) -> None:
    """Accounts somebody does not look after do not exist for them."""
    if by.person is not None:
        for person in whom:
            if not by.person.manages(person.role, person.unit_id):
                raise NotFound("people.unknown", login=person.login)


def _sees(by: By, person: Person) -> bool:
    me = by.person
    return me is None or me.sees_everything or me.manages(person.role, person.unit_id)


def _not_oneself(by: By, person: Person) -> None:
    if by.person is not None and by.person.id == person.id:
        raise ConflictError("people.oneself")
