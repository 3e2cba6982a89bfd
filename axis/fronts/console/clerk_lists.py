"""The lists of a clerk: văn bản đến, văn bản đi, quá hạn, chưa tiếp nhận. One habit for all of them.

Nothing moves under the reader: a list is what it was when the page was made, and a bar above it says how many
came since (a count up to a hundred, asked for by htmx; without a script a reload does the same). What the
period leaves out is counted too, so that a short list never passes for a whole one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from aiohttp import web

from axis.fronts.console import clerk_filters
from axis.fronts.console.clerk_filters import ALL, Asked
from axis.fronts.console.clerk_tools import (
    ALMANAC,
    DIRECTORY,
    FLEET,
    LOOKUPS,
    count_open,
    counted,
    my_unit,
    own_unit,
    uuid_of,
)
from axis.fronts.console.clerk_words import Stands, changed_marks, kind_mark, number_of, stands, worst_first
from axis.fronts.console.pages import here, render, tool, url
from axis.fronts.console.paging import Page, Position, page, position
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.waiting import stopped
from axis.fronts.console.waiting import told as told_waiting
from axis.store.lookups import OLDEST, Lookups

SHOWN_RECEIVERS = 3
MOST_OLDER, MOST_NEWER = 1_000, 100
Row = Mapping[str, Any]


async def received(request: web.Request) -> web.StreamResponse:
    return await _list(request, outgoing=False)


async def sent(request: web.Request) -> web.StreamResponse:
    return await _list(request, outgoing=True)


async def _list(request: web.Request, *, outgoing: bool) -> web.StreamResponse:
    unit, lookups, now = my_unit(request), tool(request, LOOKUPS), tool(request, CONSOLE_SETTINGS).now()
    asked = clerk_filters.read(request, await tool(request, DIRECTORY).units(), now, outgoing=outgoing)
    at = position(request, (UUID,))
    shown = page(request, await _rows(lookups, unit, asked, at), at, lambda row: (row["id"],))
    deadlines = await tool(request, ALMANAC).current()
    receivers: dict[UUID, list[Stands]] = {}
    if outgoing and shown.rows:
        found = await lookups.receivers([row["id"] for row in shown.rows], unit)
        receivers = {key: worst_first(rows, deadlines, now) for key, rows in found.items()}
    changed = await lookups.changed([row["id" if outgoing else "package_id"] for row in shown.rows], unit)
    told = {} if outgoing else {row["id"]: stands(_with_changes(row, changed), deadlines, now) for row in shown.rows}
    own = await own_unit(request)
    waits = None if outgoing else await lookups.waiting(unit)
    low, high = asked.filter().low, asked.filter().high
    over = asked.period is not None and asked.period.over(now)
    return render(
        request, "clerk/list.html", partial="results", status=422 if asked.fields.faulty else 200,
        asked=asked, chips=asked.chips(request), shown=shown, outgoing=outgoing, receivers=receivers, told=told,
        most=SHOWN_RECEIVERS,
        older=await lookups.older(unit, outgoing, low) if low != OLDEST else 0, most_older=MOST_OLDER,
        newer=await lookups.newer(unit, outgoing, high) if over else 0, most_newer=MOST_NEWER,
        everything=here(request, days=ALL, **{"from": None, "to": None}),
        waiting=told_waiting(waits, own, tool(request, FLEET), now) if waits else "",
        pressing=bool(waits and waits["express"]), counts=await count_open(request),
        stopped=stopped(own, (await lookups.pauses([own])).get(unit)),
        since=await _newest(lookups, unit, outgoing), exports=_exports(request, outgoing),
        number_of=number_of, kind_mark=kind_mark, changed={key: changed_marks(kinds) for key, kinds in changed.items()},
    )  # fmt: skip


def _with_changes(row: Row, changed: Mapping[UUID, Sequence[str]]) -> Row:
    """What was replaced by something the unit has owes nothing any more."""
    return {**row, "replaced": "replace" in changed.get(row["package_id"], ())}


async def _rows(lookups: Lookups, unit: UUID, asked: Asked, at: Position) -> Sequence[Row]:
    if asked.fields.faulty:
        return []
    # "after" goes down to older ones, "before" up again.
    by = asked.filter(before=at.after[0] if at.after else None, above=at.before[0] if at.before else None)
    look = lookups.outgoing if asked.outgoing else lookups.incoming
    return await look(unit, by, at.limit)


async def _newest(lookups: Lookups, unit: UUID, outgoing: bool) -> UUID:
    """The id from which on something is new to the reader of this page, whatever the filter hides."""
    look = lookups.outgoing if outgoing else lookups.incoming
    rows = await look(unit, Asked(outgoing).filter(), 1)
    newest: UUID = rows[0]["id"] if rows else OLDEST
    return newest


def _exports(request: web.Request, outgoing: bool) -> list[tuple[str, str]]:
    """The same list as a file: the address of the list with all it filters."""
    name = "clerk.sent.export" if outgoing else "clerk.received.export"
    kept = {key: value for key, value in request.rel_url.query.items() if key in clerk_filters.PARAMETERS}
    return [(form, url(request, name, {**kept, "format": form})) for form in ("xlsx", "csv", "html")]


async def received_newer(request: web.Request) -> web.StreamResponse:
    return await _newer(request, "clerk.received", outgoing=False)


async def sent_newer(request: web.Request) -> web.StreamResponse:
    return await _newer(request, "clerk.sent", outgoing=True)


async def _newer(request: web.Request, name: str, *, outgoing: bool) -> web.StreamResponse:
    """The bar alone: how many came since, and the list with the same filters from its top."""
    query = request.rel_url.query
    since = uuid_of(query.get("since", ""))
    number = await tool(request, LOOKUPS).newer(my_unit(request), outgoing, since)
    kept = {key: value for key, value in query.items() if key in clerk_filters.PARAMETERS}
    return render(request, "clerk/newer.html", number=number, where=url(request, name, kept))


async def late(request: web.Request) -> web.StreamResponse:
    return await _open(request, "late")


async def unaccepted(request: web.Request) -> web.StreamResponse:
    return await _open(request, "unaccepted")


async def to_answer(request: web.Request) -> web.StreamResponse:
    return await _open(request, "to_answer")


async def _open(request: web.Request, which: str) -> web.StreamResponse:
    """What somebody still has to do: ``?side=sent`` shows what waits at those the unit sent to. Oldest first."""
    outgoing = request.rel_url.query.get("side", "") == "sent"
    unit, lookups, now = my_unit(request), tool(request, LOOKUPS), tool(request, CONSOLE_SETTINGS).now()
    at = position(request, (UUID,))
    look = {"late": lookups.overdue, "unaccepted": lookups.unaccepted, "to_answer": lookups.to_answer}[which]
    rows = await look(
        unit, outgoing, at.limit, after=at.after[0] if at.after else None, before=at.before[0] if at.before else None
    )
    shown: Page[Row] = page(request, rows, at, lambda row: (row["id"],))
    deadlines, counts = await tool(request, ALMANAC).current(), await count_open(request)
    key = "overdue" if which == "late" else which
    return render(
        request, "clerk/open.html", partial="results", which=which, outgoing=outgoing, shown=shown,
        told={row["id"]: stands(row, deadlines, now) for row in shown.rows},
        sides=[(side, here(request, side=side or None), counted(counts[f"{key}_{where}"]))
               for side, where in (("", "in"), ("sent", "out"))],
        number_of=number_of, kind_mark=kind_mark,
    )  # fmt: skip
