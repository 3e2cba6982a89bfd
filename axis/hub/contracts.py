"""What the fronts hand to the use cases and get back. Pure data, no behaviour."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from axis.domain.directory import Unit
from axis.domain.document import Finding, Kind


class Body(Protocol):
    """An upload: pieces of at most 256 KiB, in order. ``tail`` is known once the pieces are through:
    the CR LF some clients append to the file, held back (VXP), else empty."""

    tail: bytes

    def __aiter__(self) -> AsyncIterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where a package came from. ``expected`` judges the raw SHA-256 digest the caller announced;
    ``declared`` is the kind the caller announced; ``size`` its announced length or None."""

    front: str
    unit: Unit
    remote: str = ""
    declared: Kind | None = None
    expected: Callable[[bytes], bool] | None = None
    size: int | None = None
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the sender is told: durable when it exists (P1)."""

    package_id: UUID
    document_id: str
    verdict: str
    receipt: str
    repeated: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """One item of a unit's incoming list. ``id`` is the delivery's."""

    id: UUID
    kind: Kind
    sender: str
    receiver: str
    state: str
    subject: str
    document_id: str
    notation: str
    priority: int
    size: int
    verdict: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """One (package, receiver) of a unit's outgoing list; ``package_id`` is what sendEdoc answered."""

    package_id: UUID
    delivery_id: UUID
    kind: Kind
    sender: str
    receiver: str
    subject: str
    notation: str
    state: str
    handling: str
    taking_back: str
    sent_at: datetime
    received_at: datetime | None
    reason: str = ""
    business_type: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A package on its way to its receiver; ``chunks`` gives its bytes, at most 256 KiB a piece."""

    delivery_id: UUID
    sha256: str
    size: int
    encoding: str
    chunks: Callable[[], AsyncIterator[bytes]]
