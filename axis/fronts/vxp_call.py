"""What every VXP operation is given: the proven call, the use cases it may ask, the settings."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from aiohttp import web

from axis.domain.directory import Unit
from axis.domain.document import Kind
from axis.fronts.uploads import Pace
from axis.fronts.vxp_answers import Answer
from axis.fronts.vxp_auth import Signed
from axis.hub.contracts import Acceptance, Body, Fetched, Sent, Source, Waiting


class Intake(Protocol):
    async def accept(self, body: Body, source: Source) -> Acceptance: ...


class SystemKey(Protocol):
    @property
    def system_id(self) -> str: ...

    @property
    def unit(self) -> Unit: ...

    @property
    def secrets(self) -> tuple[bytes, ...]: ...


class Directory(Protocol):
    async def by_system_id(self, system_id: str) -> SystemKey | None: ...

    async def units(self) -> list[Unit]: ...


class Mailroom(Protocol):
    async def called(self, unit: Unit) -> None: ...

    async def waiting(self, unit: Unit, kind: Kind, limit: int = 500) -> list[Waiting]: ...

    async def count(self, unit: Unit, kind: Kind) -> int: ...

    async def fetch(self, unit: Unit, delivery_id: UUID, system: str) -> Fetched: ...

    async def confirm(self, unit: Unit, delivery_id: UUID, status: str, note: str) -> None: ...

    async def sent(self, unit: Unit, kind: Kind, package_id: UUID | None, limit: int = 500) -> list[Sent]: ...


class Requests(Protocol):
    """Wishes about the directory. Either may refuse with an AccessError."""

    async def request_agency(self, unit: Unit, text: str) -> None: ...

    async def retire_agency(self, unit: Unit, code: str) -> None: ...


@dataclass(frozen=True, slots=True)
class VxpSettings:
    """``always_200``: refusals in JSON travel with HTTP 200, because proxies like to replace the bodies
    of error statuses by pages of their own, and the client takes an HTML page for an empty success.
    ``center``: the axis's own agency code, told in getSynchronizeUnit."""

    prefix: str = "/vxp"
    always_200: bool = True
    max_package: int = 128 * 1024 * 1024
    max_text: int = 64 * 1024
    list_limit: int = 500
    center: str = ""
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True)
class Hub:
    """The use cases this front needs."""

    intake: Intake
    directory: Directory
    mailroom: Mailroom
    units: Requests


@dataclass(frozen=True, slots=True)
class Call:
    """One proven call."""

    request: web.Request
    settings: VxpSettings
    hub: Hub
    operation: str
    unit: Unit
    system_id: str
    signed: Signed
    trace_id: str


@dataclass(frozen=True, slots=True)
class Operation:
    """``uses``: signed values it reads. Others are left-overs of the caller's earlier calls: its header
    map is never cleared."""

    run: Callable[[Call], Awaitable[web.StreamResponse | Answer]]
    uses: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("POST",)


def plain(text: str, limit: int = 200) -> str:
    """A caller's text made fit for logs and notes: one line, no control or direction characters."""
    text = text[:limit]
    if text.isprintable():  # nearly always: none of those characters is in it
        return text.strip()
    safe = (" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)
    return "".join(safe).strip()
