"""The adapter protocol: one agency system, one way to reach it.

An adapter answers one question about one parcel, *did it arrive, is it refused for good, or shall
we try later?* Errors are temporary unless said otherwise: any exception becomes ``Later``; only
``Refused`` ends a delivery. An adapter receives its HTTP session, clock and settings from outside;
it never sees the store, the keys or another unit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

from axis.domain.errors import SetupError
from axis.domain.silence import Waiting

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One package for one receiver.

    ``delivery_id``  the idempotency key: constant over retries
    ``attempt``      counts from 1
    ``size``, ``sha256``  of the original bytes
    ``open``         a fresh stream of the original bytes, at most 256 KiB a piece
    ``business_type``  of a document: 0 new, 1 recall, 2 update, 3 replacement
    ``pull_link``    a signed, expiring URL where the unit can fetch the bytes; empty when the
                     axis has no public address
    """

    delivery_id: str
    package_id: str
    attempt: int
    kind: str
    sender: str
    receiver: str
    document_id: str
    subject: str
    priority: int
    verdict: str
    sha256: str
    size: int
    accepted_at: datetime
    open: Callable[[], AsyncIterator[bytes]]
    pull_link: str = ""
    business_type: int = 0


@dataclass(frozen=True, slots=True)
class Delivered:
    """``proof``: what the receiver's system answered, kept as evidence (status line, message id). ``asked``, here and
    below: what was asked of it, for operators and auditors: method, address, id, bytes; never a secret."""

    proof: str = ""
    asked: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver's system refuses this parcel for good."""

    code: str
    text: str
    asked: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Later:
    """Not now. ``not_before``: the receiver's own wish (Retry-After), obeyed when later than ours.
    ``unit_down``: the peer as a whole failed, so the unit's breaker counts it."""

    text: str
    not_before: datetime | None = None
    unit_down: bool = True
    asked: str = field(default="", compare=False)


Outcome = Delivered | Refused | Later


@dataclass(frozen=True, slots=True)
class Inbound:
    """Bytes collected from a peer, and how to tell it that they are safe."""

    open: Callable[[], AsyncIterator[bytes]]
    acknowledge: Callable[[], Awaitable[None]]
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """``state``: ``ok`` proven just now, ``unproven`` configured but nothing tells it works yet,
    ``failing``. ``text`` says what to do."""

    state: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Tools:
    """What an adapter is given. ``http`` is an ``aiohttp.ClientSession`` guarded against requests
    to forbidden addresses; ``secrets`` are the unit's own, by name; ``last_call`` tells when the
    unit's own system last called the axis (None: never), ``waiting`` what waits for it."""

    http: Any
    now: Callable[[], datetime]
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    last_call: Callable[[], datetime | None] = field(default=lambda: None)
    waiting: Callable[[], Waiting] = field(default=Waiting)


class Adapter(Protocol):
    """``pulls``: the unit's system fetches by itself; the courier never claims for it."""

    kind: ClassVar[str]
    pulls: ClassVar[bool]
    Settings: ClassVar[type]

    def __init__(self, tools: Tools) -> None: ...

    async def deliver(self, parcel: Parcel) -> Outcome: ...

    def collect(self) -> AsyncIterator[Inbound]: ...

    async def probe(self) -> Health: ...


def read_settings(kind: type[S], given: Mapping[str, Any]) -> S:
    """Fill an adapter's ``Settings`` dataclass, whose own ``__post_init__`` judges the values.

    Raises SetupError ``adapter.setting-unknown``, ``-missing`` or ``-wrong``.
    """
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]  # every Settings is a dataclass
    if unknown := sorted(given.keys() - known.keys()):
        raise SetupError("adapter.setting-unknown", names=", ".join(unknown), known=", ".join(known) or "–")
    required = {n for n, f in known.items() if f.default is MISSING and f.default_factory is MISSING}
    if missing := sorted(required - given.keys()):
        raise SetupError("adapter.setting-missing", names=", ".join(missing))
    return kind(**given)


async def nothing() -> AsyncIterator[Inbound]:
    """The ``collect`` of a kind that only pushes."""
    empty: tuple[Inbound, ...] = ()
    for item in empty:
        yield item
