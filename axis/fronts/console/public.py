"""The public page, where the deployment wants one: figures without any document, and how the axis fares.

It tells sums of twelve months and one of three words (working, delayed, stopped); no unit, person, number or
subject, so there is nothing in it to protect. It is made at most once a minute however many ask (one asks the
database, the others wait for its answer), and browsers and proxies may keep it as long. For that it must
bear nobody's cookie: the answer is sent before the middleware that knows callers could put one on it. Who is
signed in gets the same page, for themselves only.

Switched off, it is a page that does not exist.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from aiohttp import web

from axis.domain.clock import VIETNAM
from axis.domain.directory import UnitState
from axis.domain.errors import Unavailable
from axis.domain.period import Period
from axis.fronts.console.charts import Chart, chart
from axis.fronts.console.help import Topic
from axis.fronts.console.pages import render, tool
from axis.fronts.console.routes import Route
from axis.fronts.console.sight import person_of
from axis.fronts.console.texts import N_, gettext
from axis.hub.directory import Directory
from axis.hub.reporting.series import Point, Series
from axis.store.samples import Samples

KEPT_SECONDS = 60
SLOW_SECONDS = 3600
"""How long something may wait for a unit before the axis calls it delayed."""
MONTHS = 12
Check = Callable[[], Awaitable[str]]
WORKING, DELAYED, STOPPED = "working", "delayed", "stopped"


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says. ``slow``: units for which something waits longer than an hour."""

    status: str
    slow: int
    units: int
    months: Sequence[Point]
    total: Point | None
    at: datetime


@dataclass
class PublicFigures:
    """``on``: the setting; ``checks``: by name, what keeps the axis from working now (empty: nothing), as
    ``/readyz`` knows it."""

    on: bool
    series: Series
    samples: Samples
    directory: Directory
    checks: Mapping[str, Check] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _told: Told | None = None
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def told(self) -> Told:
        """At most a minute old; while the database is away, the last that was known, as stopped."""
        async with self._making:
            moment = self.now()
            if self._told is None or moment - self._told.at >= timedelta(seconds=KEPT_SECONDS):
                try:
                    self._told = await self._make(moment)
                except Unavailable:
                    known = self._told or Told(STOPPED, 0, 0, (), None, moment)
                    self._told = replace(known, status=STOPPED, at=moment)
            return self._told

    async def _make(self, moment: datetime) -> Told:
        months, total = await self.series.months(_year(moment), moment)
        units = [unit for unit in await self.directory.units() if unit.state is UnitState.LIVE]
        slow = await self.samples.slow(SLOW_SECONDS)
        troubles = [await check() for check in self.checks.values()]
        status = STOPPED if any(troubles) else DELAYED if slow else WORKING
        return Told(status, slow, len(units), months, total, moment)


def _year(moment: datetime) -> Period:
    """The present month and the eleven before it."""
    today = moment.astimezone(VIETNAM).date()
    index = today.year * 12 + today.month - MONTHS
    return Period.between(date(index // 12, index % 12 + 1, 1), today)


FIGURES = web.AppKey("public_figures", PublicFigures)
NEEDS = (FIGURES,)


async def page(request: web.Request) -> web.StreamResponse:
    figures = tool(request, FIGURES)
    if not figures.on:
        raise web.HTTPNotFound
    told = await figures.told()
    response = render(request, "public/public.html", told=told, charts=_charts(told))
    if person_of(request) is not None:
        response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
        return response
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    response.headers["Vary"] = "Accept-Language, Cookie"  # language and theme may be chosen by cookie
    await response.prepare(request)  # from here on nothing can put a cookie on it: see above
    await response.write_eof()
    return response


def _charts(told: Told) -> list[Chart]:
    if told.total is None:
        return []
    at = gettext("Tháng")
    return [
        chart(
            "bar", gettext("Văn bản mỗi tháng"), [at, gettext("Gói đã gửi"), gettext("Lượt đã nhận")],
            [(f"{p.first:%m/%Y}", int(p.sent["packages"]), int(p.received["deliveries"])) for p in told.months],
        ),
        chart(
            "line", gettext("Không kèm bản giấy và đúng hạn"),
            [at, gettext("Gói không kèm bản giấy"), gettext("Tiếp nhận đúng hạn")],
            [(f"{p.first:%m/%Y}", p.sent["paperless_share"], p.on_time) for p in told.months], ratio=True,
        ),
    ]  # fmt: skip


async def to_page(request: web.Request) -> web.StreamResponse:
    """For the root application: the short address people are told."""
    raise web.HTTPFound("/console/public")


def add_short_address(app: web.Application) -> None:
    """``/public`` leads to the page."""
    app.router.add_get("/public", to_page)


ROUTES = (Route("GET", "/public", "public", page),)

HELP = (Topic("public", N_("Trang công khai")),)
