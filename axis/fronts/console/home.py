"""The first page: each role's own."""

from __future__ import annotations

from aiohttp import web

from axis.domain.people import Role
from axis.fronts.console.pages import render, tool, url
from axis.fronts.console.routes import EVERYBODY, Route
from axis.fronts.console.sight import CONSOLE, person_of

FIRST_PAGES: dict[Role, str] = {
    Role.CLERK: "clerk.received",
    Role.UNIT_ADMIN: "clerk.received",
    Role.OPERATOR: "operator.overview",
    Role.AUDITOR: "auditor.overview",
}


async def home(request: web.Request) -> web.StreamResponse:
    person = person_of(request)
    name = FIRST_PAGES[person.role] if person else ""
    if not tool(request, CONSOLE).has(name):
        return render(request, "home.html")
    return web.Response(status=303, headers={"Location": url(request, name)})


async def slash(request: web.Request) -> web.StreamResponse:
    return web.Response(status=303, headers={"Location": url(request, "home")})


async def _front_door(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/console")


def add_front_door(app: web.Application) -> None:
    """For the root application: somebody who types the bare name of the host comes to the console."""
    app.router.add_get("/", _front_door)


ROUTES = (
    Route("GET", "", "home", home, EVERYBODY, "self"),
    Route("GET", "/", "home.slash", slash, EVERYBODY, "self"),
)
