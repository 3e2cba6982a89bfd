"""Standard Webhooks 1.0: how a call of the axis is signed, and how a receiver checks it.

    webhook-id          the delivery's id, the same in every retry: the receiver's key against repeats
    webhook-timestamp   seconds since 1970 of this attempt
    webhook-signature   one or more of ``v1,<base64>`` (HMAC-SHA256) and ``v1a,<base64>`` (Ed25519),
                        separated by spaces: while a secret is being replaced, old and new both sign

Signed are the bytes ``id.timestamp.body``. Secrets are written ``whsec_`` (shared), ``whsk_`` (our
signing key) and ``whpk_`` (its public half, for the receiver), each followed by base64. The file
stands on its own so that a receiver written in Python can copy the checking half.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets as randomness
from collections.abc import Iterable, Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from axis.domain.errors import AccessError, SetupError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
SHARED, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
TOLERANCE = 300
_MOST_SIGNATURES = 16


def new_secret() -> str:
    """A fresh shared secret of 32 random bytes."""
    return SHARED + base64.b64encode(randomness.token_bytes(32)).decode()


def new_key_pair() -> tuple[str, str]:
    """A fresh Ed25519 pair: the axis keeps the first, the receiver gets the second."""
    private = Ed25519PrivateKey.generate()
    text = PRIVATE + base64.b64encode(private.private_bytes_raw()).decode()
    return text, public_half(text)


def public_half(private: str) -> str:
    """The ``whpk_`` that belongs to a ``whsk_``."""
    public = _private_key(private).public_key()
    return PUBLIC + base64.b64encode(public.public_bytes_raw()).decode()


def check_secret(secret: str) -> None:
    """Raise SetupError ``webhook.secret`` unless the axis can sign with it."""
    _signature(secret, b"")


def sign(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``. Raises SetupError for a secret of another form."""
    text = _signed_text(message_id, str(timestamp), body)
    return " ".join(_signature(secret, text) for secret in secrets)


def verify_webhook(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Iterable[str],
    now: datetime | float,
    tolerance: int = TOLERANCE,
) -> str:
    """Check one received call and return its ``webhook-id``; raises AccessError ``webhook.*``.

    ``secrets``    every ``whsec_`` or ``whpk_`` now valid
    ``tolerance``  seconds the sender's clock may differ; older calls are replays
    A repeat inside the tolerance carries the same id: remember ids to make it harmless.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    for name in (ID, TIMESTAMP, SIGNATURE):
        if not lower.get(name):
            raise AccessError("webhook.header-missing", header=name)
    message_id, stamp = lower[ID], lower[TIMESTAMP]
    # a dot inside the id would let bytes move between id, time and body under the same signature
    if "." in message_id or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise AccessError("webhook.header-wrong", id=message_id[:80], timestamp=stamp[:20])
    seconds = now.timestamp() if isinstance(now, datetime) else now
    if abs(seconds - int(stamp)) > tolerance:
        raise AccessError("webhook.stale", seconds=round(seconds - int(stamp)), tolerance=tolerance)
    text = _signed_text(message_id, stamp, body)
    given = lower[SIGNATURE].split(" ")[:_MOST_SIGNATURES]
    if not any(_matches(secret, text, given) for secret in secrets):
        raise AccessError("webhook.signature")
    return message_id


def _signed_text(message_id: str, timestamp: str, body: bytes) -> bytes:
    # header values may hold undecodable bytes, which must fail as a signature, not as an error
    return f"{message_id}.{timestamp}.".encode(errors="surrogateescape") + body


def _decoded(secret: str, prefix: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SetupError("webhook.secret", prefix=prefix) from error


def _private_key(secret: str) -> Ed25519PrivateKey:
    raw = _decoded(secret, PRIVATE)
    if len(raw) not in (32, 64):  # some tools write seed and public half in one piece
        raise SetupError("webhook.secret", prefix=PRIVATE)
    return Ed25519PrivateKey.from_private_bytes(raw[:32])


def _shared_key(secret: str) -> bytes:
    raw = _decoded(secret, SHARED)
    if not 24 <= len(raw) <= 64:  # the bounds of the standard
        raise SetupError("webhook.secret", prefix=SHARED)
    return raw


def _signature(secret: str, text: bytes) -> str:
    if secret.startswith(PRIVATE):
        return "v1a," + base64.b64encode(_private_key(secret).sign(text)).decode()
    if secret.startswith(SHARED):
        return "v1," + base64.b64encode(hmac.digest(_shared_key(secret), text, hashlib.sha256)).decode()
    raise SetupError("webhook.secret", prefix=f"{SHARED} / {PRIVATE}")


def _matches(secret: str, text: bytes, given: list[str]) -> bool:
    if secret.startswith(PUBLIC):
        raw = _decoded(secret, PUBLIC)
        if len(raw) != 32:
            raise SetupError("webhook.secret", prefix=PUBLIC)
        key = Ed25519PublicKey.from_public_bytes(raw)
        return any(_ed25519_holds(key, item[4:], text) for item in given if item.startswith("v1a,"))
    expected = _signature(secret, text).encode()
    return any(hmac.compare_digest(expected, item.encode(errors="surrogateescape")) for item in given)


def _ed25519_holds(key: Ed25519PublicKey, encoded: str, text: bytes) -> bool:
    try:
        key.verify(base64.b64decode(encoded, validate=True), text)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
