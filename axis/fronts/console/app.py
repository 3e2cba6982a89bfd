"""Console: the pages as one aiohttp application under /console, everybody held to the table of routes.

Answers to what is not in the table, to a method it does not name, and to a role it does not allow are made
here and in errors.py; a handler runs only for somebody who may call it. Whoever is not signed in is sent to
the sign-in from every address that is not public, known or unknown, so addresses tell nothing. Every answer,
streamed ones too, gets the headers below just before it leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, NoReturn

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from jinja2 import Environment

from axis.domain.people import Role
from axis.fronts.console import account, auditor, clerk, figures, home, operator, public, templating, texts, unit_people
from axis.fronts.console import help as help_pages
from axis.fronts.console.assets import Assets
from axis.fronts.console.bodies import reading
from axis.fronts.console.errors import as_pages
from axis.fronts.console.language import choice, chosen
from axis.fronts.console.pages import redirect, wants_part
from axis.fronts.console.routes import Route, checked
from axis.fronts.console.settings import CONSOLE_SETTINGS, ConsoleSettings
from axis.fronts.console.sight import CONSOLE, person_of
from axis.fronts.console.texts import gettext
from axis.fronts.identity import FROM, POLL_HEADER, local_path

log = structlog.get_logger()

PREFIX = "/console"
SIGN_IN = "account.sign-in"
MODULES: tuple[ModuleType, ...] = (home, clerk, unit_people, operator, auditor, figures, account, public, help_pages)
"""Modules of pages in the order of the navigation."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
"""Of every answer, unless a handler said otherwise."""
_TLS = {"Strict-Transport-Security": "max-age=31536000"}


class Console:
    """``identity``: middlewares, the first of which says who is calling (sets PERSON, SESSION, CSRF of the
    request) and the others hold forms to their token; between them the table is asked and the form is read.
    ``tools``: what the modules' ``NEEDS`` ask for, by key."""

    def __init__(
        self,
        settings: ConsoleSettings,
        identity: Sequence[Middleware],
        tools: Mapping[web.AppKey[Any], Any] | None = None,
        modules: Sequence[ModuleType] | None = None,
    ) -> None:
        found = MODULES if modules is None else tuple(modules)
        texts.load()
        self.assets = Assets()
        static = Route("GET", "/static/{name:[a-zA-Z0-9/_.-]+}", "static", self.assets.serve)
        self.routes = checked([*(route for module in found for route in module.ROUTES), static])
        self.topics = help_pages.topics(found)
        provided = tools or {}
        missing = [str(key) for module in found for key in getattr(module, "NEEDS", ()) if key not in provided]
        if missing:
            raise ValueError(f"pages need what nobody provided: {', '.join(missing)}")
        self._settings = settings
        self.app = web.Application(
            middlewares=[as_pages, *identity[:1], self._admitted, reading, *identity[1:], self._held]
        )
        self.app[CONSOLE] = self
        self.app[CONSOLE_SETTINGS] = settings
        for key, value in provided.items():
            self.app[key] = value
        self.templates: Environment = templating.install(self.app)
        self.app.on_response_prepare.append(self._finish)
        self._by_route: dict[web.AbstractRoute, Route] = {}
        self._by_resource: dict[web.Resource, list[Route]] = {}
        self._resources: dict[str, web.Resource] = {}
        self._register()

    def add_to(self, app: web.Application) -> None:
        """Stand under /console of an application."""
        app.add_subapp(PREFIX, self.app)

    def has(self, name: str) -> bool:
        return name in self._resources

    def url(self, name: str, query: Mapping[str, str] | None = None, /, **parameters: object) -> str:
        """The path of a route by its name. Parameters are ids; a text that may hold a slash belongs in ``query``."""
        made = self._resources[name].url_for(**{key: str(value) for key, value in parameters.items()})
        return str(made.with_query(query) if query else made)

    def route_of(self, request: web.Request) -> Route | None:
        return self._by_route.get(request.match_info.route)

    def topic_of(self, route: Route | None) -> str:
        """The topic of help nearest to a page: its own, that of the name above it, the first of all."""
        name = (route.help or route.name) if route else ""
        while name and name not in self.topics:
            name = name.rpartition(".")[0]
        return name or help_pages.FIRST

    def _register(self) -> None:
        resources: dict[str, web.Resource] = {}
        for route in self.routes:
            if route.path not in resources:
                resources[route.path] = self._resources[route.name] = self.app.router.add_resource(route.path)
            resource = resources[route.path]
            for method in ("GET", "HEAD") if route.method == "GET" else (route.method,):
                self._by_route[resource.add_route(method, route.handler)] = route
            self._by_resource.setdefault(resource, []).append(route)

    @web.middleware
    async def _admitted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Hold the caller to the table before anything of them is read, in the language of the request."""
        with texts.speaking(chosen(request)):
            return self._elsewhere(request) or await handler(request)

    @web.middleware
    async def _held(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """And again when all of it is read: meanwhile their session may have ended, or their role changed."""
        return self._elsewhere(request) or choice(request) or await handler(request)

    def _elsewhere(self, request: web.Request) -> web.Response | None:
        """The way to the sign-in for who must take it. Raises for what the table does not give this person."""
        route, person = self.route_of(request), person_of(request)
        if person is None and not (route and route.public):
            return self.to_sign_in(request)
        if route is None:
            self._refuse(request)
        if not route.allows(person.role if person else None):
            raise web.HTTPNotFound
        return None

    def _refuse(self, request: web.Request) -> NoReturn:
        """An address or a method the table does not have: of an address the person may not call, the method
        tells nothing."""
        person, error = person_of(request), request.match_info.http_exception
        allowed = self._allowed(request.rel_url.raw_path, person.role if person else None)
        if isinstance(error, web.HTTPMethodNotAllowed) and allowed:
            raise error
        raise web.HTTPNotFound

    def _allowed(self, path: str, role: Role | None) -> list[Route]:
        """What the table has for somebody at a path, whatever the method."""
        found = (routes for resource, routes in self._by_resource.items() if _matches(resource, path))
        return [route for routes in found for route in routes if route.allows(role)]

    def opened(self, path: str, role: Role | None) -> str:
        """A path of the console to lead somebody back to; empty where the table takes nothing but forms."""
        found = self._allowed(path.partition("?")[0], role)
        return path if not found or any(route.method == "GET" for route in found) else ""

    def to_sign_in(self, request: web.Request) -> web.Response:
        """From a form, back to the page it stood on, and told that nothing was done. Which pages there are is looked
        up only when somebody has signed in (``opened``): until then every address is answered alike."""
        if not self.has(SIGN_IN):
            raise web.HTTPNotFound
        asked = request.method in ("GET", "HEAD")
        back = str(request.rel_url) if asked else request.get(FROM, "") or local_path(str(request.rel_url))
        where = self.url(SIGN_IN, {"next": back} if back else None)
        if wants_part(request):  # a redirect would put the sign-in into a part of the page
            asked = POLL_HEADER not in request.headers  # what refreshes itself must not turn the reader's page
            return web.Response(status=401, headers={"HX-Redirect": where} if asked else {})
        if asked:
            return web.Response(status=303, headers={"Location": where})
        return redirect(request, where, note=gettext("Phiên đã hết hạn; việc vừa rồi CHƯA được làm."), tone="wait")

    async def _finish(self, request: web.Request, response: web.StreamResponse) -> None:
        for name, value in {**HEADERS, **(_TLS if self._settings.secure else {})}.items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = "axis"


def _matches(resource: web.Resource, path: str) -> bool:
    info = resource.get_info()
    pattern = info.get("pattern")
    return bool(pattern.fullmatch(path)) if pattern is not None else info.get("path") == path
