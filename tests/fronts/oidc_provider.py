"""A small OpenID Connect provider: a program of its own on loopback, with its own keys, that can misbehave.

It does what a real one does (discovery, keys, authorization with PKCE, one-time codes, signed id tokens);
``misbehave`` names one thing it does wrong. Whoever comes to its authorization page is signed in at once as
``subject``: what is tested is the axis, not a form.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from yarl import URL

_KEYS: dict[str, RSAKey | ECKey] = {}


def key(name: str, kind: str = "RSA") -> RSAKey | ECKey:
    """A key, made once for all tests."""
    if name not in _KEYS:
        parameters: Any = {"kid": name, "use": "sig"}
        made = RSAKey.generate_key(2048, parameters) if kind == "RSA" else ECKey.generate_key("P-256", parameters)
        _KEYS[name] = made
    return _KEYS[name]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Provider:
    clock: Callable[[], datetime]
    client_id: str = "truc"
    client_secret: str = "khoá bí mật: của % trục"
    subject: str = "s-1"
    claims: dict[str, Any] = field(default_factory=dict)
    misbehave: str = ""
    signing: str = "k1"
    published: list[str] = field(default_factory=lambda: ["k1"])
    algorithm: str = "RS256"
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    basic: bool = True

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self.discovery)
        app.router.add_get("/keys", self.keys)
        app.router.add_get("/authorize", self.authorize)
        app.router.add_post("/token", self.token)
        return app

    async def discovery(self, request: web.Request) -> web.Response:
        self.calls.append("discovery")
        if self.misbehave == "down":
            return web.Response(status=503)
        if self.misbehave == "not json":
            return web.Response(text="<html>")
        if self.misbehave == "redirect":
            raise web.HTTPFound("/elsewhere")
        methods = ["client_secret_basic"] if self.basic else ["client_secret_post"]
        found: dict[str, Any] = {
            "issuer": "https://evil.example" if self.misbehave == "discovery of another" else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": methods,
            "authorization_response_iss_parameter_supported": self.misbehave == "mixed up",
        }
        if self.misbehave == "script endpoint":
            found["authorization_endpoint"] = "javascript:alert(1)//"
        if self.misbehave == "no endpoint":
            del found["token_endpoint"]
        return web.json_response(found)

    async def keys(self, request: web.Request) -> web.Response:
        self.calls.append("keys")
        published: list[Any] = [key(name).as_dict(private=False) for name in self.published]
        if self.misbehave == "key for encryption":
            published = [{**one, "use": "enc"} for one in published]
        if self.misbehave == "malformed keys":
            published = [{"kty": "RSA", "kid": "k1", "n": "!", "e": 7}, {"kty": 5}, "x"]
        if self.misbehave == "no keys":
            return web.json_response({"keys": "none"})
        return web.json_response({"keys": published})

    async def authorize(self, request: web.Request) -> web.Response:
        """Back at once with a code, as for somebody who is signed in at the provider already."""
        asked = dict(request.query)
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == self.client_id and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"state": asked["state"], "code": code}
        if self.misbehave == "denied":
            back = {"state": asked["state"], "error": "access_denied"}
        if self.misbehave == "mixed up":
            back["iss"] = "https://evil.example"
        if self.misbehave == "other state":
            back["state"] = "x" * 43
        return web.Response(status=302, headers={"Location": str(URL(asked["redirect_uri"]).update_query(back))})

    async def token(self, request: web.Request) -> web.Response:
        self.calls.append("token")
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._client(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or asked["redirect_uri"] != form["redirect_uri"] or asked["code_challenge"] != challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        if self.misbehave == "token down":
            return web.Response(status=502)
        access = secrets.token_urlsafe(16)
        answer = {"access_token": access, "token_type": "Bearer", "id_token": self._id_token(asked, access)}
        if self.misbehave == "no id token":
            del answer["id_token"]
        return web.json_response(answer)

    def _client(self, request: web.Request, form: dict[str, str]) -> bool:
        if not self.basic:
            return (form.get("client_id"), form.get("client_secret")) == (self.client_id, self.client_secret)
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        name, _, secret = base64.b64decode(given).decode().partition(":")
        return kind == "Basic" and (unquote(name), unquote(secret)) == (self.client_id, self.client_secret)

    def _id_token(self, asked: dict[str, str], access: str) -> str:
        now = int(self.clock().timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer, "aud": self.client_id, "sub": self.subject, "nonce": asked["nonce"], "iat": now,
            "exp": now + 300, "at_hash": b64(hashlib.sha256(access.encode()).digest()[:16]), **self.claims,
        }  # fmt: skip
        claims |= WRONG_CLAIMS[self.misbehave](now) if self.misbehave in WRONG_CLAIMS else {}
        claims = {name: value for name, value in claims.items() if value is not None}
        return self._signed(claims)

    def _signed(self, claims: dict[str, Any]) -> str:
        head: dict[str, Any] = {"alg": self.algorithm, "kid": self.signing}
        honest = key(self.signing)
        body = b64(json.dumps(claims).encode())
        match self.misbehave:
            case "alg none":
                return f"{b64(json.dumps({'alg': 'none'}).encode())}.{body}."
            case "alg none, with kid":
                return f"{b64(json.dumps({'alg': 'nOnE', 'kid': self.signing}).encode())}.{body}."
            case "hmac of the public key":
                top = b64(json.dumps({"alg": "HS256", "kid": self.signing}).encode())
                mac = hmac.new(honest.as_pem(private=False), f"{top}.{body}".encode(), hashlib.sha256).digest()
                return f"{top}.{body}.{b64(mac)}"
            case "another key":
                return jwt.encode(head, claims, key("stranger"), algorithms=["RS256"])
            case "key of its own":
                stranger = key("stranger")
                return jwt.encode({**head, "kid": "stranger", "jwk": stranger.as_dict(private=False)}, claims, stranger)
            case "changed after signing":
                top, _, seal = jwt.encode(head, claims, honest, algorithms=[self.algorithm]).split(".")
                return f"{top}.{b64(json.dumps({**claims, 'sub': 's-2'}).encode())}.{seal}"
            case "no kid":
                return jwt.encode({"alg": self.algorithm}, claims, honest, algorithms=[self.algorithm])
            case "stranger without kid":
                return jwt.encode({"alg": self.algorithm}, claims, key("stranger"), algorithms=[self.algorithm])
            case "critical header":
                return f"{b64(json.dumps({**head, 'crit': ['x'], 'x': 1}).encode())}.{body}.{b64(b'x' * 256)}"
            case "not a token":
                return "a.b"
            case "head of nothing":
                return f"{b64(b'[]')}.{body}.x"
            case "endless":
                return f"{b64(json.dumps(head).encode())}.{'a' * 40_000}.x"
        return jwt.encode(head, claims, honest, algorithms=[self.algorithm])


WRONG_CLAIMS: dict[str, Callable[[int], dict[str, Any]]] = {
    "wrong nonce": lambda now: {"nonce": "another"},
    "no nonce": lambda now: {"nonce": None},
    "wrong aud": lambda now: {"aud": "another-client"},
    "aud of others": lambda now: {"aud": ["another", "third"]},
    "aud of many without azp": lambda now: {"aud": ["truc", "another"]},
    "azp of another": lambda now: {"azp": "another"},
    "no aud": lambda now: {"aud": None},
    "other issuer": lambda now: {"iss": "https://evil.example"},
    "no issuer": lambda now: {"iss": None},
    "expired": lambda now: {"exp": now - 61, "iat": now - 400},
    "no expiry": lambda now: {"exp": None},
    "expiry of words": lambda now: {"exp": "9999999999"},
    "expiry of truth": lambda now: {"exp": True},
    "from the future": lambda now: {"iat": now + 61},
    "not yet": lambda now: {"nbf": now + 61},
    "no iat": lambda now: {"iat": None},
    "no subject": lambda now: {"sub": None},
    "empty subject": lambda now: {"sub": ""},
    "subject of numbers": lambda now: {"sub": 5},
    "other at_hash": lambda now: {"at_hash": b64(b"x" * 16)},
}
OTHER_WRONGS = (
    "alg none", "alg none, with kid", "hmac of the public key", "another key", "key of its own",
    "changed after signing", "stranger without kid", "critical header", "not a token", "head of nothing", "endless",
    "no id token", "denied", "other state", "mixed up", "key for encryption", "malformed keys", "no keys",
    "discovery of another", "script endpoint", "no endpoint", "not json", "redirect",
)  # fmt: skip
MISBEHAVIOURS = (*WRONG_CLAIMS, *OTHER_WRONGS)
"""Everything that must be refused."""


@asynccontextmanager
async def provider(clock: Callable[[], datetime]) -> AsyncIterator[Provider]:
    """Serving on loopback."""
    found = Provider(clock)
    runner = web.AppRunner(found.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    found.issuer = f"http://127.0.0.1:{port}"
    try:
        yield found
    finally:
        await runner.cleanup()
