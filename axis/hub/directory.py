"""The directory in memory: who takes part, under which codes, with which credentials and anchors.

A few hundred units are read often and changed seldom, so every process holds one immutable
snapshot and replaces it whole when the stored version changes: checked once a second, and at
once when the database hints at a change or a caller is unknown.
Secrets are opened once per snapshot and live in memory only.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from axis.domain.codes import normal
from axis.domain.directory import RECEIVING, Unit
from axis.store.units import Units
from axis.trust.certificates import TrustAnchors, parse
from axis.trust.sealing import Sealer

CHECK_EVERY = 1.0  # seconds: how long a change made elsewhere may stay unseen
MISS_CHECK_EVERY = 0.2  # seconds: an unknown caller must not turn into a query each


@dataclass(frozen=True, slots=True)
class SystemKey:
    """A connected system: its unit and every secret valid now (several during a rotation)."""

    system_id: str
    unit: Unit
    secrets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    version: int = 0
    units: Mapping[UUID, Unit] = field(default_factory=dict)
    by_code: Mapping[str, Unit] = field(default_factory=dict)
    systems: Mapping[str, SystemKey] = field(default_factory=dict)
    secrets: Mapping[UUID, Mapping[str, str]] = field(default_factory=dict)
    anchors: TrustAnchors = field(default_factory=lambda: TrustAnchors([]))

    def named(self, code: str) -> Unit | None:
        """The unit that owns a code or alias, in any spelling of case and space."""
        return self.by_code.get(normal(code))

    def known_as(self, code: str) -> str:
        """The one code of an agency, whichever of its codes is given; of one that is not connected, that code."""
        unit = self.named(code)
        return unit.code if unit else normal(code)

    def receiving(self) -> list[Unit]:
        return [u for u in self.units.values() if u.state in RECEIVING]


def credential_purpose(kind: str, public_id: str) -> str:
    """What a sealed secret is bound to, so that a row copied elsewhere does not open."""
    return f"credential:{kind}:{public_id}"


class Directory:
    def __init__(self, units: Units, sealer: Sealer) -> None:
        self._store = units
        self._sealer = sealer
        self._snapshot = Snapshot()
        self._checked = float("-inf")
        self._stale = False
        self._lock = asyncio.Lock()

    @property
    def snapshot(self) -> Snapshot:
        """The newest one this process holds; never blocks."""
        return self._snapshot

    def changed(self, *_: object) -> None:
        """Somebody changed the directory: the next look goes to the database. A hint; the age decides."""
        self._stale = True
        self._checked = float("-inf")

    async def current(self, max_age: float = CHECK_EVERY) -> Snapshot:
        """A snapshot at most ``max_age`` seconds behind the database."""
        if time.monotonic() - self._checked > max_age:
            async with self._lock:
                if time.monotonic() - self._checked > max_age:
                    await self._refresh()
        return self._snapshot

    async def by_system_id(self, system_id: str) -> SystemKey | None:
        found = (await self.current()).systems.get(system_id)
        return found or (await self.current(MISS_CHECK_EVERY)).systems.get(system_id)

    async def units(self) -> list[Unit]:
        return list((await self.current()).units.values())

    async def _refresh(self) -> None:
        self._stale = False
        asked = time.monotonic()
        version = await self._store.version()
        if version != self._snapshot.version:
            self._snapshot = await self._load(version)
        if not self._stale:  # else it changed again while we read
            self._checked = asked

    async def _load(self, version: int) -> Snapshot:
        units = {unit.id: unit for unit in await self._store.all()}
        by_code = {normal(code): unit for unit in units.values() for code in unit.codes}
        systems: dict[str, SystemKey] = {}
        secrets: dict[UUID, dict[str, str]] = {}
        for row in await self._store.credentials():
            unit, kind, public_id = units[row["unit_id"]], row["kind"], row["public_id"]
            secret = self._sealer.unseal(row["sealed"], credential_purpose(kind, public_id))
            if kind == "vxp":
                known = systems.get(public_id)
                systems[public_id] = SystemKey(
                    public_id, unit, (*(known.secrets if known else ()), secret.encode())
                )
            else:
                # Several valid secrets of one name (a rotation): newest first, the others numbered.
                held = secrets.setdefault(unit.id, {})
                again = sum(name.partition("#")[0] == kind for name in held)
                held[f"{kind}#{again}" if again else kind] = secret
        anchors = TrustAnchors([parse(der) for der in await self._store.anchors()])
        return Snapshot(version, units, by_code, systems, secrets, anchors)
