"""Who gets it? Codes in To become connected units, or the package is refused naming every code.

A code resolves through the alias table to a unit that receives; else to that unit's nearest
receiving parent *in the directory* (a code nobody registered is never guessed at: a typing error
must not reach the ministry's own registry); else, when it belongs to another ministry or province,
to the unit that relays to the national axis. A package from a relay is accepted when one receiver is
ours: the others are not our business, and are recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from axis.domain.codes import NEW_FORM, OLD_FORM, normal
from axis.domain.directory import RECEIVING, Unit
from axis.domain.document import Package
from axis.domain.errors import RoutingError
from axis.hub.directory import Snapshot


@dataclass(frozen=True, slots=True)
class Route:
    """One unit and the addressed codes it stands for; ``elsewhere``: codes that are not ours."""

    units: tuple[tuple[UUID, tuple[str, ...]], ...]
    elsewhere: tuple[str, ...] = ()


def top_level(code: str) -> str:
    """The ministry or province of a code, ``G04`` of both ``000.01.00.G04`` and ``G04.12``; else empty."""
    code = normal(code)
    if OLD_FORM.fullmatch(code):
        return code.rpartition(".")[2]
    return code.partition(".")[0] if NEW_FORM.fullmatch(code) else ""


def resolve(code: str, snapshot: Snapshot, own_code: str) -> Unit | None:
    """The unit that receives for a code, or None."""
    unit = snapshot.named(code)
    if unit is None:
        foreign = top_level(code) not in ("", top_level(own_code))
        return next((u for u in snapshot.receiving() if u.relays), None) if foreign else None
    seen: set[UUID] = set()
    while unit is not None and unit.state not in RECEIVING:
        if unit.id in seen:
            return None
        seen.add(unit.id)
        unit = snapshot.named(unit.parent) if unit.parent else None
    return unit


def route(codes: Sequence[str], source: Unit, snapshot: Snapshot, own_code: str) -> Route:
    """Raises RoutingError naming every code that cannot be served."""
    units: dict[UUID, list[str]] = {}
    unknown: list[str] = []
    for code in codes:
        unit = resolve(code, snapshot, own_code)
        if unit is None or (source.relays and unit.id == source.id):
            unknown.append(code)
        else:
            units.setdefault(unit.id, []).append(code)
    if unknown and not source.relays:
        raise RoutingError("routing.unknown-receiver", codes=", ".join(unknown))
    if not units:
        raise RoutingError("routing.no-receiver")
    return Route(tuple((unit, tuple(of)) for unit, of in units.items()), tuple(unknown))


def check_sender(package: Package, source: Unit, snapshot: Snapshot) -> str:
    """The canonical code of the sender. The credential must be the From's own (P3), unless its system
    relays for agencies the axis does not know."""
    claimed = package.sender.organ_id
    unit = snapshot.named(claimed)
    if unit is not None and unit.id == source.id:
        return source.code
    if source.relays and unit is None:
        return normal(claimed)
    raise RoutingError("routing.sender-mismatch", claimed=claimed, caller=source.code)


def check_loop(package: Package, own_code: str) -> None:
    """Raises RoutingError when the trace names us twice already."""
    if own_code and sum(normal(t.organ_id) == normal(own_code) for t in package.trace) >= 2:
        raise RoutingError("routing.loop")
