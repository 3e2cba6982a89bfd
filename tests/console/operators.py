"""The room of operators over a hub of tests, and an operator in front of its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import lxml.html
from aiohttp import web

from axis import settings
from axis.domain.people import Role
from axis.fronts.console import help as help_pages
from axis.fronts.console import home, operator
from axis.fronts.console.entrance import ACCOUNTS, IDENTITY
from axis.fronts.console.operator_room import ROOM, Room
from axis.fronts.identity import Identity, IdentitySettings
from axis.hub.accounts import open_accounts
from axis.store.operations import Operations
from axis.trust.passwords import Cost
from tests.console.visitors import Visitor, Visits, visited
from tests.hub.world import World


def room_of(world: World, **changes: Any) -> Room:
    core = world.core
    given: dict[str, Any] = {
        "operations": Operations(core.database), "directory": core.directory, "units": core.units,
        "onboarding": core.onboarding, "fleet": core.fleet, "messenger": core.messenger,
        "deliveries": core.deliveries, "documents": core.documents, "almanac": core.almanac, "alerts": core.alerts,
        "settings": settings.shown(core.config), "free_bytes": core.payloads.free_bytes,
        "needed_bytes": core.config.intake.free_bytes, "trouble": lambda: world.hub.courier.trouble,
        "learn_calls": core.learn_calls, "wake": world.hub.courier.wake, "per_unit": core.config.courier.per_unit,
        "checks": world.hub._checks(),
    }  # fmt: skip
    return Room(**{**given, **changes})


@dataclass
class Post:
    """An operator at work: ``see`` gives the page as a tree, ``text`` its visible text."""

    world: World
    visits: Visits
    me: Visitor
    login: str

    async def tree(self, path: str, status: int = 200) -> lxml.html.HtmlElement:
        return await self.me.page(path, status)

    async def text(self, path: str, status: int = 200) -> str:
        return " ".join((await self.tree(path, status)).text_content().split())

    async def done(self, path: str, **fields: str) -> str:
        """A form that is taken; where it leads."""
        answer = await self.me.send(path, fields)
        assert answer.status == 303, (path, answer.status, await answer.text())
        return str(answer.headers["Location"])

    async def refused(self, path: str, status: int, **fields: str) -> str:
        answer = await self.me.send(path, fields)
        text = await answer.text()
        assert answer.status == status, (path, answer.status, text[:3000])
        return text

    async def journal(self, event: str) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.world.journal(event)]

    @property
    def actor(self) -> str:
        return f"person:{self.login}"


@asynccontextmanager
async def posted(world: World, language: str = "vi", **changes: Any) -> AsyncIterator[Post]:
    core = world.core
    # The tools that pages of accounts need stand over the same stores as those of the visits.
    accounts = open_accounts(
        database=core.database, journal=core.journal, sealer=core.sealer, workers=core.workers,
        cost=Cost(memory=64, passes=1),
    )  # fmt: skip
    identity = Identity(accounts.door, IdentitySettings(secure=False))
    tools: dict[web.AppKey[Any], Any] = {
        ROOM: room_of(world, **changes), ACCOUNTS: accounts, IDENTITY: identity,
    }  # fmt: skip
    async with visited(core, tools, [home, operator, help_pages]) as visits:
        me = await visits.of(Role.OPERATOR, language=language)
        yield Post(world, visits, me, "operator-1")


async def person_id(world: World, login: str) -> UUID:
    found: UUID = (await world.row("select id from person where login = $1", login))["id"]
    return found
