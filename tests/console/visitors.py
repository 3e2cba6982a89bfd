"""People at the console of a real hub: real accounts, real sessions, forms with their token.

    async with visited(world.core, tools={DESK: desk}) as visits:
        clerk = await visits.of(Role.CLERK, ROADS)
        page = await clerk.page("/console/sent")                 # checked by html.check
        answer = await clerk.send("/console/…", {"reason": "…"})

``anybody`` is somebody who is not signed in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from types import ModuleType
from typing import Any
from uuid import UUID

import lxml.html
from aiohttp import ClientResponse, web

from axis.core import Core
from axis.domain.people import OF_A_UNIT, Role
from axis.fronts.console.app import Console
from axis.fronts.console.settings import ConsoleSettings
from axis.fronts.identity import Identity, IdentitySettings, csrf_of
from axis.hub.accounts import Accounts, open_accounts
from axis.trust.passwords import Cost
from benchmarks.readers import signed_in
from tests.console import html
from tests.console.stand_in import Reader, served


@dataclass
class Visitor:
    """One browser. ``token``: its cookie, empty for somebody who is not signed in."""

    reader: Reader
    token: str = ""

    async def see(self, path: str, **headers: str) -> ClientResponse:
        """The answer to a GET; header names with underscores (``HX_Request``)."""
        return await self.reader.see(path, **self._headers(headers))

    async def send(self, path: str, fields: Mapping[str, str], **headers: str) -> ClientResponse:
        """The answer to a form, sent with its token."""
        fields = {"csrf": csrf_of(self.token), **fields}
        return await self.reader.send(path, fields, **self._headers(headers))

    async def page(self, path: str, status: int = 200, **headers: str) -> lxml.html.HtmlElement:
        """A whole page, which must be as every page is."""
        answer = await self.see(path, **headers)
        text = await answer.text()
        assert answer.status == status, f"{path}: {answer.status} {answer.headers.get('Location', '')} {text[:2000]}"
        return html.check(text)

    async def part(self, path: str) -> str:
        """What htmx gets."""
        answer = await self.see(path, HX_Request="true")
        assert answer.status == 200, f"{path}: {answer.status}"
        return await answer.text()

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        return {**({"Cookie": f"axis={self.token}"} if self.token else {}), **headers}


@dataclass
class Visits:
    core: Core
    accounts: Accounts
    reader: Reader
    console: Console
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def anybody(self) -> Visitor:
        return Visitor(self.reader)

    async def of(self, role: Role, unit: str = "", language: str = "vi") -> Visitor:
        """A new person of that role (and unit, by its code), signed in with all they must prove."""
        login = f"{role.value}-{next(self._numbers)}"
        unit_id: UUID | None = None
        if role in OF_A_UNIT:
            unit_id = next(found.id for found in await self.core.directory.units() if found.code == unit)
        token = await signed_in(self.accounts, login, f"Người {login}", role, unit_id, language=language)
        return Visitor(self.reader, token)


@asynccontextmanager
async def visited(
    core: Core, tools: Mapping[web.AppKey[Any], Any] | None = None, modules: Sequence[ModuleType] | None = None
) -> AsyncIterator[Visits]:
    """The console over a hub's stores; ``modules``: only these, else all there are."""
    accounts = open_accounts(
        database=core.database, journal=core.journal, sealer=core.sealer, workers=core.workers,
        cost=Cost(memory=64, passes=1),
    )  # fmt: skip
    identity = Identity(accounts.door, IdentitySettings(secure=False))
    made = Console(ConsoleSettings(key=b"k" * 32, secure=False), identity.middlewares, tools or {}, modules)
    async with served(made) as reader:
        yield Visits(core, accounts, reader, made)
