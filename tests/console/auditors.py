"""The rooms of auditors, the charts and the public page over a hub of tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from axis.fronts.console import auditor, auditor_room, clerk_tools, figures, home, public
from axis.fronts.console import help as help_pages
from axis.hub.auditing import open_auditing
from axis.hub.reporting.series import Series
from axis.store.lookups import Lookups
from axis.store.reports import Counters
from axis.store.samples import Samples
from tests.console.visitors import Visits, visited
from tests.hub.world import World

MODULES = (home, auditor, figures, public, help_pages)


def tools(world: World, *, public_page: bool = True, checks: Any = None) -> Mapping[web.AppKey[Any], Any]:
    """What the composition root provides for these pages."""
    core = world.core
    series = Series(Counters(core.database), Samples(core.database), core.directory)
    return {
        auditor_room.AUDITING: open_auditing(
            database=core.database, journal=core.journal, directory=core.directory, almanac=core.almanac,
            identity=core.identity, code=core.config.hub.code,
        ),
        figures.SERIES: series,
        public.FIGURES: public.PublicFigures(
            public_page, series, Samples(core.database), core.directory, checks or {}
        ),
        **clerk_tools.tools(
            lookups=Lookups(core.database), desk=world.hub.desk, directory=core.directory, fleet=core.fleet,
            almanac=core.almanac, reports=core.reports, journal=core.journal, payloads=core.payloads,
            anchors=world.anchors,
            checkers=core.checkers,
        ),
    }  # fmt: skip


@asynccontextmanager
async def audited(world: World, **changes: Any) -> AsyncIterator[Visits]:
    async with visited(world.core, tools(world, **changes), MODULES) as visits:
        yield visits
