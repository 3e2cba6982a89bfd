"""Sign-on through an OpenID Connect provider: authorization code with PKCE, state and nonce.

    begin   the browser leaves with ``state``, ``nonce`` and the challenge; the axis keeps their counterparts
            ten minutes, bound to this browser's cookie
    finish  the answer is taken once, from that browser; the code becomes an id token at the provider, which is
            believed when its signature is of a published key (RS256, ES256, nothing else), it was issued by and
            for us, now, for this very nonce, and ``at_hash`` agrees

The provider says *who*; whether that is a person of the axis is decided here (``SigningIn.external``).
Discovery and keys are fetched by the guarded session and kept: one discovery at a time, and what failed is
not asked again for ten seconds; an unknown key makes the keys be fetched again, once a minute at most. What was
wrong stands in the log, without tokens; people hear one sentence.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import structlog
from yarl import URL

from axis.domain.errors import AccessError, AxisError, SetupError, Unavailable
from axis.fronts.oidc_keys import ALGORITHMS, Keys, NotProven
from axis.hub.doorkeeper import Entered, Where, utc_now
from axis.hub.signing_in import SigningIn
from axis.trust.keys import read_private

log = structlog.get_logger()

LEEWAY = 60  # seconds a provider's clock may be off
FRESH = timedelta(hours=1)  # how long discovery is believed
AGAIN = timedelta(seconds=10)  # between a discovery that failed and the next
_DISCOVERY = "/.well-known/openid-configuration"
SECOND_FACTORS = frozenset({"mfa", "otp"})


@dataclass(frozen=True, slots=True)
class SignOnSettings:
    """``issuer`` empty: off. ``secret``: of this client; empty: a public client."""

    issuer: str = ""
    client_id: str = ""
    secret: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    name: str = ""
    login_claim: str = "preferred_username"
    match_login: bool = False
    trust_mfa: bool = False

    def __repr__(self) -> str:
        return f"SignOnSettings({self.issuer})"


@dataclass(frozen=True, slots=True)
class Provider:
    """What discovery told."""

    authorize: str
    token: str
    jwks: str
    basic: bool
    names_itself: bool


class SignOn:
    def __init__(
        self, settings: SignOnSettings, signing_in: SigningIn, session: Callable[[], aiohttp.ClientSession],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        self.settings = settings
        self._signing_in = signing_in
        self._session = session
        self._now = clock
        self._known: tuple[datetime, Provider, Keys] | None = None
        self._failed: tuple[datetime, type[AxisError], str] | None = None
        self._discovering = asyncio.Lock()

    @property
    def on(self) -> bool:
        return bool(self.settings.issuer)

    async def begin(self, browser: str, next_path: str, return_url: str, where: Where) -> str:
        """The provider's page to send the browser to."""
        async with self._signing_in.departing(where):
            provider, _ = await self._provider()
            state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
            await self._signing_in.depart(state, browser, nonce, verifier, next_path)
        return str(
            URL(provider.authorize).update_query(
                response_type="code", client_id=self.settings.client_id, redirect_uri=return_url, state=state,
                scope=" ".join(dict.fromkeys(["openid", *self.settings.scopes])), nonce=nonce,
                code_challenge=_challenge(verifier), code_challenge_method="S256",
            )
        )  # fmt: skip

    async def finish(
        self, query: Mapping[str, list[str]], browser: str, return_url: str, where: Where
    ) -> tuple[Entered, str]:
        """(who came in, where they wanted to go). Raises AccessError for any answer that is not perfect."""
        provider, keys = await self._provider()
        nonce, verifier, next_path = await self._signing_in.arrive(_one(query, "state"), browser, where)
        try:
            if "error" in query:
                raise NotProven(f"the provider says {_one(query, 'error')[:60]!r}")
            if (provider.names_itself or "iss" in query) and _one(query, "iss") != self.settings.issuer:
                raise NotProven("the answer is another issuer's")
            answer = await self._exchange(provider, _one(query, "code"), verifier, return_url)
            claims = await self._proven(keys, answer, nonce)
        except NotProven as error:
            log.warning("sign-on refused", why=str(error), remote=where.address)
            raise AccessError("people.sign-on-refused") from error
        entered = await self._signing_in.external(
            self.settings.issuer, claims["sub"], self._login(claims), where,
            strong=self.settings.trust_mfa and _second_factor(claims), match=self.settings.match_login,
        )  # fmt: skip
        return entered, next_path

    # the provider

    async def _provider(self) -> tuple[Provider, Keys]:
        if not self.on:
            raise SetupError("people.sign-on-off")
        async with self._discovering:
            if self._known and self._known[0] > self._now():
                return self._known[1:]
            if self._failed and self._failed[0] > self._now():
                raise self._failed[1](self._failed[2])
            try:
                return await self._discover()
            except AxisError as error:
                self._failed = self._now() + AGAIN, type(error), error.code
                raise

    async def _discover(self) -> tuple[Provider, Keys]:
        try:
            provider = self._read(await self._fetch(self.settings.issuer.rstrip("/") + _DISCOVERY))
        except NotProven as error:
            log.warning("sign-on: discovery refused", why=str(error))
            raise AccessError("people.sign-on-refused") from error
        keys = self._known[2] if self._known and self._known[1].jwks == provider.jwks else None
        keys = keys or Keys(lambda: self._fetch(provider.jwks), self._now)
        self._known = (self._now() + FRESH, provider, keys)
        return provider, keys

    def _read(self, found: Mapping[str, Any]) -> Provider:
        if found.get("issuer") != self.settings.issuer:
            raise NotProven("discovery names another issuer")
        addresses: dict[str, str] = {}
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            address = found.get(name)
            if not isinstance(address, str) or urlsplit(address).scheme != urlsplit(self.settings.issuer).scheme:
                raise NotProven(f"discovery: {name}")
            addresses[name] = address
        methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        named = found.get("authorization_response_iss_parameter_supported") is True
        return Provider(
            addresses["authorization_endpoint"], addresses["token_endpoint"], addresses["jwks_uri"],
            "client_secret_basic" in methods, named,
        )  # fmt: skip

    async def _fetch(self, address: str) -> Mapping[str, Any]:
        return await self._call("GET", address)

    async def _call(self, method: str, address: str, **more: Any) -> Mapping[str, Any]:
        headers = {"Accept": "application/json", **more.pop("headers", {})}
        try:
            async with self._session().request(
                method, address, headers=headers, allow_redirects=False, **more
            ) as answer:
                body, status = await answer.read(), answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, AxisError) as error:
            # Of our own guard its words (the provider's network is not approved), of a failure its kind.
            why = str(error) if isinstance(error, AxisError) else type(error).__name__
            log.warning("sign-on: provider away", why=why)
            raise Unavailable("people.sign-on-away") from error
        if status >= 500:
            raise Unavailable("people.sign-on-away")
        try:
            found = json.loads(body)
        except ValueError as error:
            raise NotProven("not JSON") from error
        if status != 200 or not isinstance(found, dict):
            raise NotProven(f"HTTP {status}")
        return found

    async def _exchange(self, provider: Provider, code: str, verifier: str, return_url: str) -> Mapping[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": return_url, "code_verifier": verifier}
        headers, settings = {}, self.settings
        if settings.secret and provider.basic:
            pair = f"{quote(settings.client_id, safe='')}:{quote(settings.secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": settings.client_id} | ({"client_secret": settings.secret} if settings.secret else {})
        return await self._call("POST", provider.token, data=form, headers=headers)

    # the token

    async def _proven(self, keys: Keys, answer: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotProven("no id token")
        claims, algorithm = await keys.claims(token)
        self._judge(claims, nonce)
        if "at_hash" in claims and claims["at_hash"] != _left_half(str(answer.get("access_token", "")), algorithm):
            raise NotProven("at_hash")
        return claims

    def _judge(self, claims: Mapping[str, Any], nonce: str) -> None:
        now, client = self._now().timestamp(), self.settings.client_id
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        for name, holds in (
            ("iss", claims.get("iss") == self.settings.issuer),
            ("aud", bool(client) and client in audiences),
            ("azp", claims.get("azp", client if len(audiences) == 1 else None) == client),
            ("exp", _number(claims.get("exp"), 0) > now - LEEWAY),
            ("iat", _number(claims.get("iat"), math.inf) < now + LEEWAY),
            ("nbf", _number(claims.get("nbf", 0), math.inf) < now + LEEWAY),
            ("nonce", hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode())),
            ("sub", isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= 255),
        ):
            if not holds:
                raise NotProven(name)

    def _login(self, claims: Mapping[str, Any]) -> str:
        """What the provider calls them; an e-mail address only when it verified it."""
        name = self.settings.login_claim
        if name == "email" and claims.get("email_verified") is not True:
            return ""
        found = claims.get(name)
        return found if isinstance(found, str) else ""


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _left_half(text: str, algorithm: str) -> str:
    assert algorithm in ALGORITHMS  # both of them hash with SHA-256
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


def _second_factor(claims: Mapping[str, Any]) -> bool:
    methods = claims.get("amr")
    return isinstance(methods, list) and any(isinstance(m, str) and m in SECOND_FACTORS for m in methods)


def _number(value: object, otherwise: float) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _one(query: Mapping[str, list[str]], name: str) -> str:
    values = query.get(name, [])
    if len(values) != 1 or not values[0]:
        raise AccessError("people.sign-on-refused")
    return values[0]


def read_client_secret(file: str) -> str:
    """The secret from its file; raises SetupError for one that cannot be read, or that others may read."""
    try:
        return read_private(Path(file)).decode("utf-8").strip() if file else ""
    except UnicodeDecodeError as error:
        raise SetupError("setup.file", file=file, detail="UTF-8") from error
