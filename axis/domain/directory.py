"""Who takes part: units of the ministry and their systems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from axis.domain.clock import VIETNAM
from axis.domain.document import Policy


class UnitState(StrEnum):
    DRAFT = "draft"
    TESTING = "testing"
    LIVE = "live"
    SUSPENDED = "suspended"
    RETIRED = "retired"


SENDING = frozenset({UnitState.TESTING, UnitState.LIVE})
"""States in which a unit may send."""
RECEIVING = frozenset({UnitState.TESTING, UnitState.LIVE, UnitState.SUSPENDED})
"""States in which packages for a unit are taken in; a suspended unit's wait."""
PARALLEL, MOST_PARALLEL = "parallel", 16
"""The setting that is the axis's own, not the adapter's: attempts at once at one unit."""


_EMAIL = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
)


def is_email(text: str) -> bool:
    """Whether it may be written into the envelope of a message: ASCII, one address, no tricks."""
    return _EMAIL.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate that may sign for a unit: SHA-256 of its DER, and from when to when."""

    fingerprint: str
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class Unit:
    """One agency. ``code`` is the canonical one, ``aliases`` its other codes (old form, new form);
    ``relays``: its system carries packages of and for agencies the axis does not know (the national axis);
    ``adapter`` names the kind of connection, ``settings`` are that adapter's; ``paused``: an operator
    holds its deliveries back; ``auto_arrived``: the axis itself says 01 when the unit's system confirms a
    document; ``contacts``: e-mail addresses that hear of deadlines; ``alert_url``: where its system does."""

    id: UUID
    code: str
    name: str
    state: UnitState
    adapter: str
    policy: Policy = Policy.REQUIRED
    parent: str = ""
    aliases: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    email: str = ""
    sha1_until: date | None = None
    inclusive_c14n: bool = False
    relays: bool = False
    paused: bool = False
    auto_arrived: bool = False
    contacts: tuple[str, ...] = ()
    alert_url: str = ""
    signers: tuple[Signer, ...] = ()
    changed_at: datetime | None = None

    def allows_sha1(self, at: datetime) -> bool:
        """Whether an old system's SHA-1 still counts at that time; the last day is a day in Vietnam."""
        return self.sha1_until is not None and at.astimezone(VIETNAM).date() <= self.sha1_until

    @property
    def listeners(self) -> tuple[str, ...]:
        """The e-mail addresses that hear of deadlines: its contacts, else its own address, else nobody's."""
        return self.contacts or ((self.email,) if self.email else ())

    @property
    def parallel(self) -> int | None:
        """How many attempts at once an operator allows at its system; None: as many as everywhere."""
        number = self.settings.get(PARALLEL)
        usable = isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= MOST_PARALLEL
        return number if usable else None  # type: ignore[return-value]  # usable says it is an int

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.code, *self.aliases)
