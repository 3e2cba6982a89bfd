"""The published keys of a provider, and what a token signed by one of them claims.

Only RS256 and ES256: no "none", and no HMAC, whose secret would be the public key. The key is chosen here,
from those published for signing and of the algorithm's kind; nothing in the token (``jku``, ``jwk``,
``x5u``) names one. A key nobody published yet makes the set be fetched again, once a minute at most.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

ALGORITHMS: Mapping[str, type[RSAKey] | type[ECKey]] = {"RS256": RSAKey, "ES256": ECKey}
MIN_RSA_BITS = 2048
AT_LEAST = timedelta(minutes=1)  # between two fetches
KEPT = timedelta(hours=1)  # a key the provider took back is believed no longer than that
MAX_TOKEN, MAX_KEYS = 32 * 1024, 50


class NotProven(Exception):
    """Why a token is not believed: for the log."""


class Keys:
    def __init__(self, fetch: Callable[[], Awaitable[Mapping[str, Any]]], clock: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._now = clock
        self._published: list[Mapping[str, Any]] = []
        self._fetched: datetime | None = None

    async def claims(self, token: str) -> tuple[Mapping[str, Any], str]:
        """(claims, algorithm) of a token whose signature holds. Raises NotProven."""
        algorithm, key_id = _head(token)
        if self._fetched is None or self._now() - self._fetched > KEPT:
            await self._load()
        found = self._candidates(algorithm, key_id)
        if not found and self._now() - (self._fetched or self._now()) >= AT_LEAST:
            await self._load()
            found = self._candidates(algorithm, key_id)
        for key in found:
            try:
                return jwt.decode(token, key, algorithms=[algorithm]).claims, algorithm
            except (JoseError, ValueError, TypeError):
                continue
        raise NotProven("no published key made this signature" if found else "its key is not published")

    async def _load(self) -> None:
        answer = await self._fetch()
        keys = answer.get("keys")
        if not isinstance(keys, list):
            raise NotProven("no keys")
        self._published = [key for key in keys[:MAX_KEYS] if isinstance(key, dict)]
        self._fetched = self._now()

    def _candidates(self, algorithm: str, key_id: str | None) -> list[RSAKey | ECKey]:
        kind, found = ALGORITHMS[algorithm], []
        for published in self._published:
            fits = published.get("kty") == kind.key_type and published.get("use", "sig") == "sig"
            fits = fits and published.get("alg", algorithm) == algorithm
            if fits and (key_id is None or published.get("kid") == key_id) and (key := _public(kind, published)):
                found.append(key)
        return found


def _public(kind: type[RSAKey] | type[ECKey], published: Mapping[str, Any]) -> RSAKey | ECKey | None:
    """Its public part; None for one that is malformed or too weak."""
    names = ("kty", "n", "e") if kind is RSAKey else ("kty", "crv", "x", "y")
    try:
        strong = len(_decoded(published["n"])) * 8 >= MIN_RSA_BITS if kind is RSAKey else published["crv"] == "P-256"
        return kind.import_key({name: published[name] for name in names}) if strong else None
    except (JoseError, KeyError, ValueError, TypeError, AttributeError):
        return None


def _head(token: str) -> tuple[str, str | None]:
    parts = token.split(".")
    try:
        if len(parts) != 3 or len(token) > MAX_TOKEN:
            raise ValueError
        head = json.loads(_decoded(parts[0]))
        algorithm, key_id = head["alg"], head.get("kid")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotProven("not a token") from error
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise NotProven(f"algorithm {str(algorithm)[:20]!r}")
    if "crit" in head or not (key_id is None or isinstance(key_id, str)):
        raise NotProven("header")
    return algorithm, key_id


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
