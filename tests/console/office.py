"""A clerk at the console of a real hub: the pages of clerks over the use cases of tests/hub, and a person in front.

``Office`` is the hub with its offices; ``at(code)`` is the browser of a clerk of that unit. Identity is a
middleware of the test, so that suites about signing in stay elsewhere; the token of a form is held to here too.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Handler

from axis.domain.errors import AccessError
from axis.domain.people import Person, Role
from axis.fronts import identity
from axis.fronts.console import clerk, clerk_tools, home
from axis.fronts.console import help as help_pages
from axis.fronts.console.app import Console
from axis.fronts.console.settings import ConsoleSettings
from axis.fronts.server import Listener
from axis.store.lookups import Lookups
from tests.console.stand_in import CSRF, Session
from tests.hub.talks import Desk
from tests.hub.world import World

PERSON = Person(UUID(int=7), "tran.thi.thu", "Trần Thị Thư", Role.CLERK)


class Browser(TestClient[web.Request, web.Application]):
    """Without a script; redirects are looked at, not followed; its cookies are its own."""

    role = Role.CLERK
    language = "vi"
    unit = ""
    person = PERSON.id

    async def see(self, path: str, **headers: str) -> ClientResponse:
        return await self._ask("GET", path, headers)

    async def text(self, path: str, status: int = 200) -> str:
        answer = await self.see(path)
        assert answer.status == status, (path, answer.status, await answer.text())
        return await answer.text()

    async def send(self, path: str, fields: Mapping[str, Any], *, token: str = CSRF) -> ClientResponse:
        return await self._ask("POST", path, {}, {**fields, "csrf": token})

    @property
    def who(self) -> dict[str, str]:
        return {
            "X-Unit": self.unit, "X-Role": self.role.value, "X-Language": self.language, "X-Person": str(self.person),
        }  # fmt: skip

    async def slow(self, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of the same person that has taken the head of an answer, and takes no more."""
        peer, server = socket.socket(), self.server
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.setblocking(False)
        await asyncio.get_running_loop().sock_connect(peer, (server.host, server.port))
        reader, writer = await asyncio.open_connection(sock=peer, limit=1024)
        named = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "x", **self.who}.items())
        writer.write(f"GET {path} HTTP/1.1\r\n{named}\r\n".encode())
        assert b" 200 " in await reader.readline()
        return reader, writer

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], fields: Any = None) -> ClientResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.request(method, path, headers={**self.who, **named}, data=fields, allow_redirects=False)
        await answer.read()
        return answer


@dataclass
class Office:
    desk: Desk
    console: Console

    @property
    def world(self) -> World:
        return self.desk.world

    @asynccontextmanager
    async def at(self, code: str, role: Role = Role.CLERK, language: str = "vi") -> AsyncIterator[Browser]:
        app = web.Application(client_max_size=1 << 30)
        made = console_of(self.world)
        made.add_to(app)
        Listener(app)
        async with Browser(TestServer(app)) as browser:
            browser.unit, browser.role, browser.language = code, role, language
            yield browser


def console_of(world: World, now: datetime | None = None) -> Console:
    @web.middleware
    async def who(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[identity.PERSON] = request[identity.SESSION] = None
        request[identity.CSRF] = CSRF
        if code := request.headers.get("X-Unit"):
            unit = world.units[code]
            request[identity.SESSION] = Session()
            request[identity.PERSON] = replace(
                PERSON, id=UUID(request.headers.get("X-Person", str(PERSON.id))), role=Role(request.headers["X-Role"]),
                unit_id=unit.id, unit_code=unit.code, unit_name=unit.name, language=request.headers["X-Language"],
            )  # fmt: skip
        return await handler(request)

    @web.middleware
    async def held(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "POST" and (await request.post()).get("csrf") != CSRF:
            raise AccessError("people.form-old")
        return await handler(request)

    core = world.core
    tools = clerk_tools.tools(
        lookups=Lookups(core.database), desk=world.hub.desk, directory=core.directory, fleet=core.fleet,
        almanac=core.almanac, reports=core.reports, journal=core.journal, payloads=core.payloads, anchors=world.anchors,
        checkers=core.checkers,
    )  # fmt: skip
    settings = ConsoleSettings(key=b"k" * 32, version="0.1.0", secure=False, now=lambda: now or datetime.now(UTC))
    return Console(settings, [who, held], modules=[home, clerk, help_pages], tools=tools)


def office_of(world: World) -> Office:
    return Office(Desk(world), console_of(world))
