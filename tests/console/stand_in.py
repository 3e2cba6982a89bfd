"""A console alone: no hub behind it, and callers who say in a header who they are.

``X-Test-Role`` is the role, ``X-Test-Language`` the account's language. Nothing of the console is replaced:
identity is a middleware it is given, and this is another one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from uuid import UUID

from aiohttp import ClientResponse, DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Handler, Middleware
from jinja2 import ChoiceLoader, DictLoader

from axis.domain.people import Person, Role
from axis.fronts import identity
from axis.fronts.console.app import Console
from axis.fronts.console.routes import Route
from axis.fronts.console.settings import ConsoleSettings
from axis.fronts.server import Listener

UNIT = UUID("00000000-0000-4000-8000-000000000001")
NOW = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
CSRF = "token-of-the-form"


class Session:
    id = UUID("00000000-0000-4000-8000-0000000000ff")


def person(role: Role | str, language: str = "vi") -> Person:
    of_unit = Role(role) in (Role.CLERK, Role.UNIT_ADMIN)
    return Person(
        UUID(int=7), "an.nv", "Nguyễn Văn An", Role(role), unit_id=UNIT if of_unit else None,
        unit_code="000.00.01.G04" if of_unit else "", unit_name="Cục Đường bộ Việt Nam" if of_unit else "",
        language=language,
    )  # fmt: skip


@web.middleware
async def who(request: web.Request, handler: Handler) -> web.StreamResponse:
    request[identity.PERSON] = request[identity.SESSION] = None
    request[identity.CSRF] = CSRF
    if role := request.headers.get("X-Test-Role"):
        request[identity.PERSON] = person(role, request.headers.get("X-Test-Language", "vi"))
        request[identity.SESSION] = Session()
    return await handler(request)


def module(*routes: Route, name: str = "pages", **exports: Any) -> ModuleType:
    """A module of pages, as axis.fronts.console.home is one."""
    made = ModuleType(name)
    vars(made).update(ROUTES=routes, **exports)
    return made


def console(
    modules: Sequence[ModuleType],
    templates: dict[str, str] | None = None,
    *,
    secure: bool = False,
    form: int = 1 << 20,
    identity: Middleware | None = None,
    **options: Any,
) -> Console:
    settings = ConsoleSettings(key=b"k" * 32, version="0.1.0", secure=secure, form=form, now=lambda: NOW)
    made = Console(settings, [identity or who], modules=modules, **options)
    if templates:
        loader = made.templates.loader
        assert loader is not None
        made.templates.loader = ChoiceLoader([DictLoader(templates), loader])
    return made


class Reader(TestClient[web.Request, web.Application]):
    """A browser without a script; redirects are looked at, not followed."""

    async def see(self, path: str, role: str = "", **headers: str) -> ClientResponse:
        return await self._ask("GET", path, role, headers)

    async def send(self, path: str, fields: dict[str, str], role: str = "", **headers: str) -> ClientResponse:
        return await self._ask("POST", path, role, headers, fields)

    async def _ask(
        self, method: str, path: str, role: str, headers: dict[str, str], fields: dict[str, str] | None = None
    ) -> ClientResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if role:
            named["X-Test-Role"] = role
        answer = await self.request(method, path, headers=named, data=fields, allow_redirects=False)
        await answer.read()
        return answer


@asynccontextmanager
async def served(made: Console) -> AsyncIterator[Reader]:
    """Behind the middleware a Listener puts around every application."""
    app = web.Application(client_max_size=1 << 30)
    made.add_to(app)
    Listener(app)
    async with Reader(TestServer(app), cookie_jar=DummyCookieJar()) as reader:
        yield reader
