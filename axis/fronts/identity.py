"""Who is calling the console: two middlewares, of which one knows the person and one holds forms to their origin.

    cookie   ``__Host-axis`` (Secure, HttpOnly, SameSite=Lax, Path=/): 256 random bits, nothing else; without
             TLS on this machine (``secure`` off) it is ``axis``. Before the sign-in it is worth nothing, but
             ties the sign-in form to this browser; each step of signing in replaces it
    request  PERSON (only with a full session), SESSION, CSRF; FROM: the page of ours it was sent from
    forms    every method but GET and HEAD must come from our own pages (Origin, Sec-Fetch-Site) and carry
             CSRF in the field ``csrf`` or the header ``X-CSRF-Token``: an HMAC keyed by the cookie, so
             it is another one for each session, and whoever cannot read the cookie cannot make it

A page that refreshes itself sends ``X-Axis-Poll: 1``: it does not keep a session alive.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from axis.domain.errors import AccessError
from axis.domain.people import Person
from axis.domain.states import MAX_REASON
from axis.hub.doorkeeper import Doorkeeper, Where
from axis.store.sessions import Session

CSRF_FIELD, CSRF_HEADER, POLL_HEADER = "csrf", "X-CSRF-Token", "X-Axis-Poll"
STATIC = "/console/static/"
_GIVEN_BACK = "reason"
"""The field of a form that takes long to write, and is never a secret."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_LOCAL = re.compile(r"/console(?:[/?][!-\[\]-~]*)?")  # printable ASCII without space and backslash
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_WITH_PORT = re.compile(r"\[(?P<six>[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\](?::\d{1,5})?|(?P<four>[0-9.]+):\d{1,5}", re.ASCII)
PERSON: web.RequestKey[Person | None] = web.RequestKey("person")
SESSION: web.RequestKey[Session | None] = web.RequestKey("session")
CSRF: web.RequestKey[str] = web.RequestKey("csrf", str)
FROM: web.RequestKey[str] = web.RequestKey("sent_from", str)
_COOKIE: web.RequestKey[str] = web.RequestKey("cookie", str)


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """``secure``: browsers reach us by TLS; ``trusted``: addresses of our own reverse proxies;
    ``public_url``: how people reach this axis (empty: as the request says)."""

    secure: bool = True
    trusted: frozenset[str] = frozenset()
    public_url: str = ""

    @property
    def cookie(self) -> str:
        return "__Host-axis" if self.secure else "axis"


class Identity:
    def __init__(self, door: Doorkeeper, settings: IdentitySettings | None = None) -> None:
        self._door = door
        self.settings = settings or IdentitySettings()

    @property
    def middlewares(self) -> tuple[Middleware, Middleware]:
        """In the order of a request: what is read of a form in between depends on who sends it."""
        return self.known, self.held

    @web.middleware
    async def known(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        request[PERSON] = request[SESSION] = None
        request[CSRF] = ""
        request[FROM] = self._sent_from(request)
        if request.path.startswith(STATIC) and request.method in _SAFE:
            return await handler(request)
        held = request.cookies.get(self.settings.cookie, "")
        known = _TOKEN.fullmatch(held) is not None
        token = held if known else secrets.token_urlsafe(32)
        if known:
            session = await self._door.find(token, touch=POLL_HEADER not in request.headers)
            request[SESSION] = session
            request[PERSON] = session.person if session and session.full else None
        request[_COOKIE] = token
        request[CSRF] = csrf_of(token)
        if not known and request.method not in _SAFE:
            raise AccessError("people.form-old")  # not one of our page, whatever it holds: it is not even read
        response = await handler(request)
        if not known and not response.prepared and self.settings.cookie not in response.cookies:
            self.give(response, token)
        return response

    @web.middleware
    async def held(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in _SAFE:
            token = self.token(request)
            await self._hold(request, token)
            # A form may have taken its time: who sent it has to be somebody still now that it is here.
            session = await self._door.find(token, touch=False)
            request[SESSION] = session
            request[PERSON] = session.person if session and session.full else None
        return await handler(request)

    def token(self, request: web.Request) -> str:
        """The cookie of this request, or the one its answer will set."""
        found: str = request.get(_COOKIE, "")
        return found

    def where(self, request: web.Request) -> Where:
        return Where(caller_address(request, self.settings.trusted), request.headers.get("User-Agent", ""))

    def base_url(self, request: web.Request) -> str:
        """How browsers reach us, without a path."""
        if self.settings.public_url:
            return self.settings.public_url.rstrip("/")
        loopback = _origin(f"http://{request.host}")[1] in _LOOPBACK
        return f"{'https' if self.settings.secure and not loopback else request.scheme}://{request.host}"

    def give(self, response: web.StreamResponse, token: str) -> None:
        """Set the cookie: it ends with the browser, the session by itself."""
        response.set_cookie(
            self.settings.cookie, token, path="/", secure=self.settings.secure, httponly=True, samesite="Lax"
        )

    def take(self, response: web.StreamResponse) -> None:
        """Forget the cookie."""
        response.del_cookie(
            self.settings.cookie, path="/", secure=self.settings.secure, httponly=True, samesite="Lax"
        )

    async def _hold(self, request: web.Request, token: str) -> None:
        """Raises AccessError ``people.form-old`` for what was not sent from our own page by this browser."""
        if not self._same_origin(request):
            raise AccessError("people.form-old")
        sent = request.headers.get(CSRF_HEADER, "")
        if not sent:
            field = (await request.post()).get(CSRF_FIELD, "")
            sent = field if isinstance(field, str) else ""
        if not hmac.compare_digest(sent.encode("utf-8", "replace"), csrf_of(token).encode()):
            raise AccessError("people.form-old", typed=await self._typed(request))

    async def _typed(self, request: web.Request) -> str:
        """What somebody signed in wrote in a form of an earlier session, to be shown to them again. Only where the
        browser itself says that the form was ours: nobody else puts words into our page."""
        if request.get(PERSON) is None or request.headers.get("Origin", "null") == "null":
            return ""
        field = (await request.post()).get(_GIVEN_BACK, "")
        return field[:MAX_REASON] if isinstance(field, str) else ""

    def _sent_from(self, request: web.Request) -> str:
        """The path and question of the page of ours that sent this, as the browser says; empty for other places."""
        text = request.headers.get("Referer", "")
        if not self._ours(text, request):
            return ""
        parts = urlsplit(text)
        return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)

    def _same_origin(self, request: web.Request) -> bool:
        site = request.headers.get("Sec-Fetch-Site", "")
        if site not in ("", "same-origin", "none"):
            return False
        origins = request.headers.getall("Origin", [])
        if not origins:
            return True  # an old browser: the token decides
        if len(origins) > 1:
            return False
        if origins[0] == "null":
            return site == "same-origin"
        return self._ours(origins[0], request)

    def _ours(self, origin: str, request: web.Request) -> bool:
        if self.settings.public_url and _origin(origin) == _origin(self.settings.public_url):
            return True
        scheme, host, port = _origin(origin)
        own = _origin(f"{scheme}://{request.host}")
        if not host or (scheme, host, port) != own:
            return False
        # A page without TLS may be anybody's on the way, even under our own name.
        return scheme == "https" or (scheme == "http" and (not self.settings.secure or host in _LOOPBACK))


def csrf_of(token: str) -> str:
    """What forms of the page this cookie was sent with must carry."""
    return hmac.new(token.encode(), b"axis console form", hashlib.sha256).hexdigest()


def local_path(text: str) -> str:
    """A path of the console to go on to; empty for anything a browser could read as another place."""
    return text if len(text) <= 2000 and _LOCAL.fullmatch(text) else ""


def caller_address(request: web.Request, trusted: frozenset[str]) -> str:
    """Who really calls: behind our own proxies the last address they did not add themselves."""
    peer = request.remote or ""
    if peer and peer not in trusted:
        return peer
    chain = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    for text in reversed(chain):
        try:
            address = _ip(text.strip())
        except ValueError:
            break
        if address not in trusted:
            return address
    return peer or "local"


def _ip(text: str) -> str:
    """An address in one form: ``::ffff:192.0.2.1`` is IPv4; some proxies add the port: ``192.0.2.1:4711``,
    ``[2001:db8::1]:4711``."""
    if match := _WITH_PORT.fullmatch(text):
        text = match["six"] or match["four"]
    address = ipaddress.ip_address(text)
    return str(getattr(address, "ipv4_mapped", None) or address)


def session_of(request: web.Request) -> Session | None:
    return request.get(SESSION)


def _origin(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        port = {"http": 80, "https": 443}.get(parts.scheme, 0) if parts.port is None else parts.port
        return parts.scheme, (parts.hostname or "").lower(), port
    except ValueError:
        return "", "", 0
