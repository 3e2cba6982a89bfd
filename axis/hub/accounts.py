"""All there is about people, built once over a database: what fronts and commands are given."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime

from axis.hub.doorkeeper import Doorkeeper, Lifetimes, utc_now
from axis.hub.own_account import OwnAccount
from axis.hub.people import Staffing
from axis.hub.signing_in import SigningIn
from axis.store.database import Database
from axis.store.journal import Journal
from axis.store.people import People
from axis.store.sessions import Sessions
from axis.trust.passwords import Cost, Passwords
from axis.trust.sealing import Sealer
from axis.trust.totp import SecondFactor


@dataclass(frozen=True, slots=True)
class Accounts:
    """``door``: sessions and counters; ``signing_in``: the steps; ``own``: what people do with their own
    account; ``staffing``: what those who look after accounts do."""

    door: Doorkeeper
    signing_in: SigningIn
    own: OwnAccount
    staffing: Staffing
    passwords: Passwords


def open_accounts(
    *, database: Database, journal: Journal, sealer: Sealer, workers: Executor, name: str = "axis",
    lifetimes: Lifetimes | None = None, clock: Callable[[], datetime] = utc_now, cost: Cost | None = None,
) -> Accounts:  # fmt: skip
    """``name``: what authenticator applications show beside the login."""
    people, sessions, passwords = People(database), Sessions(database), Passwords(workers, cost)
    door = Doorkeeper(
        database=database, people=people, sessions=sessions, journal=journal, lifetimes=lifetimes, clock=clock
    )
    return Accounts(
        door=door,
        signing_in=SigningIn(
            database=database, people=people, sessions=sessions, door=door, passwords=passwords,
            factor=SecondFactor(sealer, name),
        ),
        own=OwnAccount(database=database, people=people, sessions=sessions, door=door, passwords=passwords),
        staffing=Staffing(database=database, people=people, sessions=sessions, journal=journal, clock=clock),
        passwords=passwords,
    )  # fmt: skip
