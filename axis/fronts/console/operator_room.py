"""What the pages of operators work with, and the few things they all do.

``Room`` is given by the composition root. Everything a person does here goes through the use cases of the hub with
``actor`` and, where somebody must be able to ask later, a reason.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

from axis.domain.directory import Unit
from axis.domain.people import Role
from axis.fronts.admin import Check
from axis.fronts.console.pages import tool
from axis.hub.alerting.messenger import Messenger
from axis.hub.almanac import Almanac
from axis.hub.directory import Directory
from axis.hub.fleet import Fleet
from axis.hub.units import Onboarding
from axis.sheets import words
from axis.store.alerts import Alerts
from axis.store.deliveries import Deliveries
from axis.store.documents import Documents
from axis.store.operations import Operations
from axis.store.units import Units

OPERATORS = frozenset({Role.OPERATOR})
CODE = "{code:[A-Z0-9.]{1,35}}"
ID = "{id:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}}"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Room:
    """``settings``: the effective configuration without secrets, by section; ``free_bytes``: of the payload folder,
    ``needed_bytes``: below which nothing is taken in; ``trouble``: of the courier, empty when it works;
    ``learn_calls``: refreshes when units last called; ``wake``: there is something to deliver; ``per_unit``:
    attempts at once where a unit says nothing else; ``checks``: as ``/readyz`` asks them."""

    operations: Operations
    directory: Directory
    units: Units
    onboarding: Onboarding
    fleet: Fleet
    messenger: Messenger
    deliveries: Deliveries
    documents: Documents
    almanac: Almanac
    alerts: Alerts
    settings: Mapping[str, Mapping[str, object]]
    free_bytes: Callable[[], int]
    needed_bytes: int
    trouble: Callable[[], str]
    learn_calls: Callable[[], Awaitable[None]]
    wake: Callable[[], None]
    per_unit: int = 4
    now: Callable[[], datetime] = _now
    checks: Mapping[str, Check] = field(default_factory=dict)


ROOM = web.AppKey("operators_room", Room)


def room(request: web.Request) -> Room:
    return tool(request, ROOM)


async def unit_of(request: web.Request) -> Unit:
    """The unit of the path, as it stands now."""
    code = request.match_info["code"]
    found = (await room(request).directory.current(0)).named(code)
    if found is None or found.code != code:
        raise web.HTTPNotFound
    return found


def id_of(request: web.Request, name: str = "id") -> UUID:
    return UUID(request.match_info[name])


async def unit_choices(request: web.Request, empty: str = "") -> list[tuple[str, str]]:
    """Every unit for a field that chooses one, Đ beside D; ``empty``: the words of choosing none."""
    units = sorted(await room(request).directory.units(), key=lambda unit: (words.slug(unit.name), unit.code))
    found = [(unit.code, f"{unit.name} ({unit.code})") for unit in units]
    return [("", empty), *found] if empty else found
