"""The second factor: time-based one-time codes (RFC 6238), as every authenticator application makes them.

Six digits, SHA-1, 30 seconds, one step of clock difference either way. The secret is sealed at rest,
bound to its person. A code is told as the *step* it belongs to: whoever stores the last used step can see
to it that each works once.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
import segno

from axis.trust.sealing import Sealer

SECONDS = 30
DRIFT = 1  # steps


@dataclass(frozen=True, slots=True)
class Offered:
    """A new secret as it is shown, once: to type in, as a link, and as a picture (inline SVG)."""

    secret: str
    uri: str
    picture: str

    def __repr__(self) -> str:
        return "Offered(…)"


class SecondFactor:
    """``issuer``: the name authenticator applications show beside the login."""

    def __init__(self, sealer: Sealer, issuer: str) -> None:
        self._sealer = sealer
        self._issuer = issuer

    def make(self, person_id: UUID) -> str:
        """A new secret, sealed."""
        return self._sealer.seal(pyotp.random_base32(), purpose(person_id))

    def show(self, sealed: str, person_id: UUID, login: str) -> Offered:
        """The secret for its owner's application, while it is not confirmed yet."""
        secret = self._sealer.unseal(sealed, purpose(person_id))
        uri = pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=login, issuer_name=self._issuer)
        picture = segno.make(uri, error="m", micro=False).svg_inline(scale=5, border=4, light="#fff", dark="#000")
        return Offered(secret, uri, picture)

    def step(self, sealed: str, person_id: UUID, code: str, now: datetime) -> int | None:
        """The step whose code this is; None when it is none of those now valid."""
        typed = "".join(code.split())
        if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
            return None
        codes = pyotp.TOTP(self._sealer.unseal(sealed, purpose(person_id)), interval=SECONDS)
        present = int(now.timestamp()) // SECONDS
        found = None
        for step in range(present - DRIFT, present + DRIFT + 1):  # all of them, so that time tells nothing
            if hmac.compare_digest(codes.generate_otp(step), typed):
                found = step
        return found


def purpose(person_id: UUID) -> str:
    """What the secret is sealed for."""
    return f"totp:{person_id}"
