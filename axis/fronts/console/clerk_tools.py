"""What the pages of clerks work with: the tools the composition root provides, and who is asking.

Every question a clerk's page puts to the hub carries the unit of the person, from the session and from nowhere
else: no address, field or header of theirs can name another unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Any
from uuid import UUID

from aiohttp import web

from axis.domain.directory import SENDING, Unit
from axis.domain.errors import AccessError
from axis.domain.people import Role
from axis.fronts.console.pages import tool
from axis.fronts.console.sight import MENU_COUNTS, me
from axis.hub.almanac import Almanac
from axis.hub.desk import Clerk, Desk
from axis.hub.directory import Directory
from axis.hub.fleet import Fleet
from axis.hub.reporting.reports import Reports
from axis.store.journal import Journal
from axis.store.lookups import Lookups
from axis.store.payloads import PayloadStore
from axis.trust.certificates import TrustAnchors

LOOKUPS = web.AppKey("lookups", Lookups)
READ_BY: web.RequestKey[Lookups] = web.RequestKey("lookups", Lookups)
"""Of a request: what documents are read by where it is not LOOKUPS, as for an auditor."""
DESK = web.AppKey("desk", Desk)
DIRECTORY = web.AppKey("directory", Directory)
FLEET = web.AppKey("fleet", Fleet)
ALMANAC = web.AppKey("almanac", Almanac)
REPORTS = web.AppKey("reports", Reports)
JOURNAL = web.AppKey("journal", Journal)
PAYLOADS = web.AppKey("payloads", PayloadStore)
ANCHORS = web.AppKey("receipt_anchors", TrustAnchors)
"""The authority of the hub's own receipts."""
CHECKERS: web.AppKey[Executor] = web.AppKey("checkers", Executor)
"""Threads in which whole packages are read for the sake of a receipt."""
NEEDS = (LOOKUPS, DESK, DIRECTORY, FLEET, ALMANAC, REPORTS, JOURNAL, PAYLOADS, ANCHORS, CHECKERS)

CLERKS = frozenset({Role.CLERK, Role.UNIT_ADMIN})
MOST_COUNTED = 100
"""A count in the navigation goes no further: it says "there is work", and must cost nothing."""


def tools(
    *, lookups: Lookups, desk: Desk, directory: Directory, fleet: Fleet, almanac: Almanac, reports: Reports,
    journal: Journal, payloads: PayloadStore, anchors: TrustAnchors, checkers: Executor,
) -> Mapping[web.AppKey[Any], Any]:  # fmt: skip
    """What the composition root hands to the console for these pages."""
    return {
        LOOKUPS: lookups, DESK: desk, DIRECTORY: directory, FLEET: fleet, ALMANAC: almanac, REPORTS: reports,
        JOURNAL: journal, PAYLOADS: payloads, ANCHORS: anchors, CHECKERS: checkers,
    }  # fmt: skip


def my_unit(request: web.Request) -> UUID:
    """The scope of everything these pages show. A clerk without a unit sees nothing."""
    unit_id = me(request).unit_id
    if unit_id is None:
        raise web.HTTPNotFound
    return unit_id


def scope_of(request: web.Request) -> UUID | None:
    """Whose documents a page may show: of the person's unit; None for those who see everything."""
    return None if me(request).sees_everything else my_unit(request)


def lookups_of(request: web.Request) -> Lookups:
    """What documents are read by: for an auditor, under the database's own read-only role (auditor_room.py)."""
    found = request.get(READ_BY)
    return found if found is not None else tool(request, LOOKUPS)


async def clerk(request: web.Request) -> Clerk:
    """Who acts. Raises AccessError while the unit may not send: its clerks are held as its software is."""
    person, units = me(request), (await tool(request, DIRECTORY).current()).units
    unit = units.get(my_unit(request))
    if unit is None:
        raise web.HTTPNotFound
    if unit.state not in SENDING:
        raise AccessError("routing.unit-not-live", code=unit.code, state=unit.state.value)
    return Clerk(unit, person.name, person.actor)


async def own_unit(request: web.Request) -> Unit:
    found = (await tool(request, DIRECTORY).current()).units.get(my_unit(request))
    if found is None:
        raise web.HTTPNotFound
    return found


async def count_open(request: web.Request) -> Mapping[str, int]:
    """What is open at the unit and at those it sent to, for the tabs; the navigation shows the unit's own."""
    found = dict(await tool(request, LOOKUPS).open_counts(my_unit(request), MOST_COUNTED))
    request[MENU_COUNTS] = {
        "clerk.late": counted(found["overdue_in"]), "clerk.unaccepted": counted(found["unaccepted_in"]),
        "clerk.to-answer": counted(found["to_answer_in"]),
    }  # fmt: skip
    return found


def counted(number: int) -> str:
    """A capped count as it is shown; nothing for none."""
    if not number:
        return ""
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number)


def uuid_of(text: str) -> UUID:
    """An id of an address. What is none leads nowhere."""
    try:
        return UUID(text)
    except ValueError:
        raise web.HTTPNotFound from None
