"""What the pages of auditors share: the tool, the journal of every look, the period of a list, files.

An auditor reads everything and changes nothing. That nothing can be changed is not our promise but the
database's (store/reader.py); where it cannot keep it, ``show`` puts a loud note on every page. ``seen``
writes each look into the journal *before* the handler runs: the page, the address with its question, and
the person.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from axis.domain.clock import VIETNAM
from axis.domain.directory import Unit, UnitState
from axis.domain.errors import AxisError, PackageError, Unavailable
from axis.domain.people import Person, Role
from axis.domain.period import Period
from axis.fronts import outgoing
from axis.fronts.console import texts
from axis.fronts.console.clerk_filters import day_of, days_before
from axis.fronts.console.clerk_tools import READ_BY
from axis.fronts.console.pages import Form, render, tool
from axis.fronts.console.routes import Handler
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.sight import here, me
from axis.fronts.console.texts import gettext, ngettext
from axis.hub.auditing import Auditing
from axis.sheets import export, words
from axis.sheets.sheet import Report

AUDITING = web.AppKey("auditing", Auditing)
AUDITORS = frozenset({Role.AUDITOR})
FORMATS = ("xlsx", "csv", "html")
DAYS = (7, 30, 90, 365)
DEFAULT_DAYS, ALL = 30, "all"
MOST_EXPORTED = 50_000
"""Rows of a file; more is a question for a shorter period."""
FILE_SECONDS = 600.0
_AT_ONCE = 2


def room(request: web.Request) -> Auditing:
    return tool(request, AUDITING)


def now(request: web.Request) -> datetime:
    return tool(request, CONSOLE_SETTINGS).now()


def seen(look: str, handler: Handler) -> Handler:
    """The handler, each call of which is written down first when an auditor makes it. ``look``: a key of
    ``domain.telling.LOOKS``. What cannot be written down is not shown."""

    async def looked(request: web.Request) -> web.StreamResponse:
        person = me(request)
        if person.role is Role.AUDITOR:
            await room(request).looked(person, look, str(request.rel_url))
            request[READ_BY] = room(request).lookups  # what shared pages read by: clerk_tools.lookups_of
        return await handler(request)

    return looked


async def show(request: web.Request, template: str, /, *, status: int = 200, **data: Any) -> web.Response:
    """A page of the room, with how the database keeps it from changing anything."""
    return render(request, template, status=status, standing=await room(request).reader.standing(), **data)


# the period of a list


@dataclass(frozen=True, slots=True)
class Span:
    """``days``: 7, 30 … or ``all``, empty when the days were named; ``fields``: those as typed, with what is
    wrong with them (then nothing is looked for)."""

    period: Period | None
    days: str
    fields: Form = field(default_factory=Form)

    @property
    def wrong(self) -> bool:
        return bool(self.fields.errors)

    @property
    def options(self) -> list[tuple[str, str]]:
        return [*((str(days), _last(days)) for days in DAYS), (ALL, gettext("Từ trước tới nay"))]

    @property
    def told(self) -> str:
        """In words."""
        if self.period is None:
            return gettext("Từ trước tới nay")
        if self.days:
            return _last(int(self.days))
        return words.period(self.period.first, self.period.last, texts.language())

    def without(self, request: web.Request) -> str:
        """The address of the same list since ever."""
        return here(request, days=ALL, **{"from": None, "to": None})


def span(request: web.Request, *, everything: bool = False) -> Span:
    """The days a list is of: ``?days=30`` (so many without a word), ``?days=all``, ``?from=…&to=…``.
    ``everything``: without a word it is since ever."""
    query, today = request.rel_url.query, now(request).astimezone(VIETNAM).date()
    first, last = query.get("from", "").strip()[:40], query.get("to", "").strip()[:40]
    fields = Form({"from": (first,), "to": (last,)})
    if first or last:
        start, end = day_of(fields, "from", first), day_of(fields, "to", last) or today
        if fields.errors:
            return Span(None, "", fields)
        try:
            return Span(Period.between(start or days_before(end, DEFAULT_DAYS - 1), end), "", fields)
        except AxisError as error:
            fields.wrong("from", texts.words(error))
            return Span(None, "", fields)
    days = query.get("days", "") or (ALL if everything else str(DEFAULT_DAYS))
    if days == ALL:
        return Span(None, ALL, fields)
    if days not in {str(number) for number in DAYS}:
        raise PackageError("request.malformed")
    return Span(Period.between(today - timedelta(days=int(days) - 1), today), days, fields)


def _last(days: int) -> str:
    return ngettext("%(count)d ngày gần đây", "%(count)d ngày gần đây", days) % {"count": days}


# units


async def units(request: web.Request) -> list[Unit]:
    """Every unit that was ever connected, in the order people look for them."""
    found = [unit for unit in await room(request).directory.units() if unit.state is not UnitState.DRAFT]
    return sorted(found, key=lambda unit: (words.slug(unit.name), unit.code))


def unit_named(request: web.Request, listed: list[Unit], parameter: str) -> Unit | None:
    """The unit an address names. Raises PackageError for one no form of ours offers."""
    code = request.rel_url.query.get(parameter, "")
    found = next((unit for unit in listed if unit.code == code), None)
    if code and found is None:
        raise PackageError("request.malformed")
    return found


def unit_options(listed: list[Unit]) -> list[tuple[str, str]]:
    return [("", gettext("Tất cả")), *((unit.code, f"{unit.name[:100]} ({unit.code})") for unit in listed)]


# files


class _Turn:
    """Files of one process under way: the database has other things to do."""

    running = 0


def made_by(person: Person) -> str:
    return f"{person.name} ({person.login})"


def wanted_format(request: web.Request) -> str:
    found = request.rel_url.query.get("format", "xlsx")
    if found not in FORMATS:
        raise PackageError("request.malformed")
    return found


def most() -> str:
    """How long a file may be, as a note in it."""
    return gettext("Tối đa 50.000 dòng, mới nhất trước.")


async def send(request: web.Request, report: Report, form: str, what: str) -> web.StreamResponse:
    """The report as a file, written down before it leaves; one that cannot be finished breaks the connection."""
    if _Turn.running >= _AT_ONCE:
        raise Unavailable("request.busy")
    _Turn.running += 1
    try:
        await room(request).exported(me(request), str(request.rel_url), what, form)
        disposition = f'attachment; filename="{export.file_name(report, form)}"'
        response = web.StreamResponse(headers={
            "Content-Type": export.FORMATS[form].media_type, "Content-Disposition": disposition,
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        })  # fmt: skip
        async with asyncio.timeout(FILE_SECONDS), aclosing(export.stream(report, form)) as pieces:
            return await outgoing.send_stream(request, response, pieces)
    finally:
        _Turn.running -= 1
