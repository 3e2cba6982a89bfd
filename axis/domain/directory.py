"""Who takes part: units of the ministry and their systems."""

from __future__ import annotations

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
    holds its deliveries back."""

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
    signers: tuple[Signer, ...] = ()
    changed_at: datetime | None = None

    def allows_sha1(self, at: datetime) -> bool:
        """Whether an old system's SHA-1 still counts at that time; the last day is a day in Vietnam."""
        return self.sha1_until is not None and at.astimezone(VIETNAM).date() <= self.sha1_until

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.code, *self.aliases)
