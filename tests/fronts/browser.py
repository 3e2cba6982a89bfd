"""The console over people of a test, and browsers that keep cookies and send forms as real ones do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from http.cookies import Morsel
from types import ModuleType
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from axis.domain.people import Role
from axis.fronts.console import account, help, home
from axis.fronts.console.app import Console
from axis.fronts.console.entrance import ACCOUNTS, IDENTITY, SIGN_ON
from axis.fronts.console.pages import form
from axis.fronts.console.routes import EVERYBODY, Route
from axis.fronts.console.settings import ConsoleSettings
from axis.fronts.identity import PERSON, Identity, IdentitySettings
from axis.fronts.oidc import SignOn, SignOnSettings
from axis.fronts.server import Listener
from axis.outbound import OutboundPolicy, guarded_session, networks
from tests.hub.people import PASSWORD, Household

_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


async def _who(request: web.Request) -> web.StreamResponse:
    person = request[PERSON]
    return web.json_response({"login": person.login if person else None})


async def _act(request: web.Request) -> web.StreamResponse:
    sent = await form(request)
    return web.json_response({"did": sent.value("what"), "login": request[PERSON].login})


def probe() -> ModuleType:
    """Pages that do nothing but say who called them."""
    made = ModuleType("probe")
    made.ROUTES = (  # type: ignore[attr-defined]
        Route("GET", "/who", "probe.who", _who),
        Route("GET", "/operators", "probe.operators", _who, frozenset({Role.OPERATOR}), "all"),
        Route("GET", "/mine", "probe.mine", _who, EVERYBODY, "self"),
        Route("POST", "/act", "probe.act", _act, EVERYBODY, "self"),
    )
    return made


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str
    set: dict[str, Morsel[str]]
    url: str

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def csrf(self) -> str:
        found = _CSRF.search(self.text)
        return found[1] if found else ""

    @property
    def words(self) -> str:
        """The text of the page without its tags."""
        return unescape(re.sub(r"<[^>]+>", " ", self.text))


@dataclass
class Browser:
    """Cookies are kept by name; ``csrf`` is that of the last page that had one."""

    site: str
    session: aiohttp.ClientSession
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"User-Agent": "Firefox"})

    async def get(self, path: str, **headers: str) -> Answer:
        return await self._call("GET", path, headers, None)

    async def post(
        self, path: str, *, csrf: str | None = None, headers: Mapping[str, str] | None = None, **fields: Any
    ) -> Answer:
        """A form sent from a page of ours, unless told otherwise."""
        token = self.csrf if csrf is None else csrf
        sent = {"Origin": self.site, "Sec-Fetch-Site": "same-origin", **(headers or {})}
        return await self._call("POST", path, sent, {**fields, **({"csrf": token} if token else {})})

    async def _call(self, method: str, path: str, headers: Mapping[str, str], data: Any) -> Answer:
        address = URL(path if path.startswith("http") else self.site + path, encoded=True)
        held = {"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())} if self.cookies else {}
        given = {n: v for n, v in {**self.headers, **held, **headers}.items() if v}
        async with self.session.request(method, address, headers=given, data=data, allow_redirects=False) as answer:
            found = Answer(
                answer.status, answer.headers.copy(), await answer.text(), dict(answer.cookies), str(address)
            )
        if str(address).startswith(self.site):
            for name, morsel in found.set.items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
            self.csrf = found.csrf or self.csrf
        return found

    async def sign_in(self, house: Household, login: str, next_path: str = "") -> Answer:
        """All steps, through the pages."""
        await self.get("/console/sign-in")
        answer = await self.post("/console/sign-in", login=login, password=PASSWORD, next=next_path)
        if login in house.phones:
            await self.get(answer.location)
            answer = await self.post("/console/sign-in/code", code=house.code(login), next=next_path)
            house.clock.move(seconds=30)
        assert answer.status == 303, answer.words
        await self.get("/console/account")
        return answer


@dataclass
class Site:
    """A serving console."""

    url: str
    house: Household
    session: aiohttp.ClientSession
    identity: Identity
    sign_on: SignOn

    def browser(self) -> Browser:
        return Browser(self.url, self.session)


@asynccontextmanager
async def console(
    house: Household, *, settings: IdentitySettings | None = None, sign_on: SignOnSettings | None = None
) -> AsyncIterator[Site]:
    settings = settings or IdentitySettings()
    policy = OutboundPolicy(approved=networks(["127.0.0.0/8"]), plain_http=True)
    async with guarded_session(policy) as outside, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as inside:
        identity = Identity(house.accounts.door, settings)
        signing = SignOn(sign_on or SignOnSettings(), house.accounts.signing_in, lambda: outside, house.clock)
        made = Console(
            ConsoleSettings(key=b"k" * 32, secure=settings.secure, form=100_000, now=house.clock),
            identity.middlewares,
            {ACCOUNTS: house.accounts, IDENTITY: identity, SIGN_ON: signing},
            [home, account, help, probe()],
        )
        app = web.Application()
        made.add_to(app)
        listener = Listener(app, drain=1.0)
        await listener.open()
        try:
            port = await listener.listen("127.0.0.1", 0)
            yield Site(f"http://127.0.0.1:{port}", house, inside, identity, signing)
        finally:
            await listener.stop()
