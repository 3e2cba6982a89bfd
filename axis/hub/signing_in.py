"""Signing in, step by step: a password (or a sign-on elsewhere), then a second factor where one is due.

    password ──┬── done                          clerks and unit administrators without a second factor
    external ──┼── code ─── done                 whoever has one
               └── enrol ── done                 operators and auditors who have none yet

Unknown login, wrong password, account not open: one answer, one amount of work. Each step ends the
session of the step before and begins another under a new token. What is typed here is never logged.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from axis.domain.errors import AccessError, AxisError
from axis.domain.events import Event
from axis.domain.people import Person, PersonState, is_login, login_of
from axis.hub.doorkeeper import STEP_MINUTES, Doorkeeper, Entered, Where
from axis.store.database import Database, Transaction
from axis.store.people import Account, People, digest
from axis.store.sessions import Session, Sessions
from axis.trust.passwords import Passwords
from axis.trust.totp import Offered, SecondFactor

log = structlog.get_logger()


class SigningIn:
    def __init__(
        self, *, database: Database, people: People, sessions: Sessions, door: Doorkeeper, passwords: Passwords,
        factor: SecondFactor,
    ) -> None:  # fmt: skip
        self._db = database
        self._people = people
        self._sessions = sessions
        self._door = door
        self._passwords = passwords
        self._factor = factor

    async def password(self, login: str, password: str, where: Where) -> Entered:
        """The first step. Raises AccessError ``people.wrong`` or Unavailable ``people.blocked``."""
        login = login_of(login)
        number = await self._door.count(login, where)
        async with self._door.judging(login, where):
            account = await self._people.named(login if is_login(login) else "")
            usable = account if account and account.person.state is PersonState.ACTIVE else None
            right = await self._passwords.verify(usable.password_hash if usable else "", password)
            if usable and right:
                usable = await self._at_todays_cost(usable, password)
        if usable is None or not right:
            await self._door.failed(number, account.person if account else None, where, "password")
            log.info("sign-in refused", remote=where.address, failures=number)
            raise AccessError("people.wrong")
        async with self._db.transaction() as work:
            entered = await self._door.open(work, usable, where, method="password", strong=False)
        await self._door.forgive(login, where)
        return entered

    @asynccontextmanager
    async def departing(self, where: Where) -> AsyncIterator[None]:
        """Around a departure: counted before anything is asked of the provider, and not when that fails."""
        await self._door.count_departure(where)
        try:
            yield
        except AxisError:
            await self._door.forgive_departure(where)
            raise

    async def depart(self, state: str, browser: str, nonce: str, verifier: str, next_path: str) -> None:
        """A sign-on leaves for the provider, from this browser (its cookie)."""
        until = self._door.now() + timedelta(minutes=STEP_MINUTES)
        await self._people.begin_oidc(digest(state), digest(browser), nonce, verifier, next_path, until)

    async def arrive(self, state: str, browser: str, where: Where) -> tuple[str, str, str]:
        """It comes back, once: (nonce, verifier, next). Raises AccessError ``people.sign-on-refused``."""
        found = await self._people.end_oidc(digest(state), digest(browser), self._door.now())
        if found is None:
            raise AccessError("people.sign-on-refused")
        await self._door.forgive_departure(where)
        return found

    async def external(
        self, issuer: str, subject: str, login: str, where: Where, *, strong: bool, match: bool
    ) -> Entered:
        """Somebody a provider vouches for. ``login``: what it calls them, believed only when ``match`` and
        only once: from then on the subject counts. Raises AccessError ``people.sign-on-unknown``."""
        now = self._door.now()
        async with self._db.transaction() as work:
            account = await self._people.linked(issuer, subject, on=work)
            if account is None and match and is_login(login_of(login)):
                account = await self._people.lock(work, login_of(login))
                if account and not await self._people.link(work, issuer, subject, account.person.id, now):
                    account = None  # the person is another subject's: logins are given to somebody else in time
                if account:
                    await self._door.note(work, Event.PERSON_LINKED, account.person, issuer=issuer)
            if account is None or account.person.state is PersonState.DISABLED:
                raise AccessError("people.sign-on-unknown")
            if await self._people.activate(work, account.person.id, now):
                await self._people.void_invitations(work, account.person.id)
                await self._door.note(work, Event.PERSON_JOINED, account.person, method="oidc")
            return await self._door.open(work, account, where, method="oidc", strong=strong)

    async def code(self, token: str, session: Session, code: str, where: Where) -> Entered:
        """The second step. Raises AccessError ``people.wrong-code`` or ``people.step-over``."""
        account = await self._counted(session)
        number = await self._door.count_code(account.person)
        step = self._factor.step(account.totp_sealed, account.person.id, code, self._door.now())
        async with self._db.transaction() as work:
            right = step is not None and await self._people.use_step(work, account.person.id, step)
            if right:
                entered = await self._proven(work, token, session, account, where)
        if not right:
            raise await self._wrong_code(number, account.person, where)
        await self._door.forgive_code(account.person)
        return entered

    async def offer(self, token: str, session: Session) -> Offered:
        """A second factor to set up: the same one however often the page is loaded. Raises AccessError
        when the person has one: a password alone replaces nothing."""
        if session.full or session.person.has_totp:
            raise AccessError("people.step-over")
        person = session.person
        sealed = await self._sessions.offer(digest(token), self._factor.make(person.id))
        if sealed is None:
            raise AccessError("people.step-over")
        return self._factor.show(sealed, person.id, person.login)

    async def enrol(self, token: str, session: Session, code: str, where: Where) -> Entered:
        """The offered second factor works: a code proves it."""
        if session.full or session.person.has_totp or not session.offer_sealed:
            raise AccessError("people.step-over")
        account = await self._known(session)
        number = await self._door.count_code(account.person)
        step = self._factor.step(session.offer_sealed, account.person.id, code, self._door.now())
        if step is None:
            raise await self._wrong_code(number, account.person, where)
        async with self._db.transaction() as work:
            now = self._door.now()
            if not await self._people.set_totp(work, account.person.id, session.offer_sealed, step, now):
                raise AccessError("people.step-over")
            await self._door.note(work, Event.TOTP_ENROLLED, account.person)
            entered = await self._proven(work, token, session, account, where)
        await self._door.forgive_code(account.person)
        return entered

    async def sign_out(self, token: str, session: Session) -> None:
        async with self._db.transaction() as work:
            if await self._door.close(work, token) and session.full:
                await self._door.note(work, Event.SIGNED_OUT, session.person)

    async def _counted(self, session: Session) -> Account:
        account = await self._known(session)
        if session.full or not account.totp_sealed:
            raise AccessError("people.step-over")
        return account

    async def _known(self, session: Session) -> Account:
        account = await self._people.known(session.person.id)
        if account is None:
            raise AccessError("people.step-over")
        return account

    async def _proven(
        self, work: Transaction, token: str, session: Session, account: Account, where: Where
    ) -> Entered:
        """From the first step to a full session: the old token ends here."""
        if not await self._door.close(work, token):
            raise AccessError("people.step-over")
        return await self._door.open(work, account, where, method=session.method, strong=True)

    async def _wrong_code(self, number: int, person: Person, where: Where) -> AccessError:
        await self._door.failed(number, person, where, "code")
        log.info("second factor refused", remote=where.address, failures=number)
        return AccessError("people.wrong-code")

    async def _at_todays_cost(self, account: Account, password: str) -> Account:
        """The same account, its password hashed anew when the cost was changed since."""
        if not self._passwords.outdated(account.password_hash):
            return account
        hashed = await self._passwords.hash(password)
        if await self._people.rehash(account.person.id, account.password_hash, hashed):
            return Account(account.person, hashed, account.totp_sealed)
        return account
