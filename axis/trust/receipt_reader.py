"""The outer shell of a receipt, read so strictly that every receipt has exactly one spelling.

Every relaxation of JOSE has been an attack somewhere: ``none``, an HMAC keyed with the public key, keys
fetched from ``jku`` or ``x5u``, unknown ``crit``, padding and stray bits of base64, the same JSON name
twice. So: four header names, two algorithms, each bound to its kind of key; nothing is fetched."""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from axis.domain.errors import SignatureError
from axis.trust import diagnosis
from axis.trust.certificates import MAX_CHAIN, parse
from axis.trust.keys import thumbprint
from axis.trust.subject import MALFORMED

MAX_RECEIPT = 512 * 1024
"""Characters; an acceptance for a thousand receivers takes 40 KB."""
_HEADER_NAMES = frozenset({"alg", "typ", "kid", "x5c"})
_COMPACT = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+07:00")


@dataclass(frozen=True, slots=True)
class Header:
    algorithm: str
    chain: tuple[x509.Certificate, ...]


def split(jws: str | bytes) -> Sequence[bytes]:
    """The three parts, still in base64url. White space around the whole is a file's line end."""
    try:
        raw = jws.encode("ascii") if isinstance(jws, str) else bytes(jws)
    except UnicodeEncodeError:
        _malformed("ascii")
    raw = raw.strip(b" \t\r\n")
    if len(raw) > MAX_RECEIPT or not _COMPACT.fullmatch(raw):
        _malformed("compact JWS")
    return raw.split(b".")


def header(parts: Sequence[bytes], kind: str) -> Header:
    """The header with its certificates parsed and its algorithm bound to the leaf's key."""
    found = _object(decode(parts[0]), "header")
    if set(found) != _HEADER_NAMES:
        raise SignatureError("receipt.header", name=", ".join(sorted(set(found) ^ _HEADER_NAMES))[:100])
    if found["typ"] != kind:
        raise SignatureError("receipt.header", name="typ")
    chain = _chain(found["x5c"])
    diagnosis.check_strength(chain[0])
    key = chain[0].public_key()
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)  # by check_strength
    # The key decides which algorithm may be named, never the other way round.
    ecdsa = "ES256" if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) else ""
    bound = "RS256" if isinstance(key, rsa.RSAPublicKey) else ecdsa
    if not bound or found["alg"] != bound:
        raise SignatureError("receipt.algorithm", algorithm=str(found["alg"])[:20])
    if found["kid"] != thumbprint(key):
        raise SignatureError("receipt.header", name="kid")
    return Header(bound, chain)


def check_signature(parts: Sequence[bytes], head: Header) -> None:
    """Raises SignatureError unless the leaf's key signed exactly these bytes."""
    signature, signed = decode(parts[2]), parts[0] + b"." + parts[1]
    key = head.chain[0].public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        else:
            assert isinstance(key, ec.EllipticCurvePublicKey)  # header() let nothing else through
            if len(signature) != 64:  # r and s side by side, never DER
                raise InvalidSignature
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise SignatureError("receipt.broken") from error


def payload(parts: Sequence[bytes]) -> dict[str, Any]:
    return _object(decode(parts[1]), "payload")


def encode(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(part: bytes) -> bytes:
    """base64url without padding, in the one spelling the bytes have."""
    try:
        raw = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except binascii.Error:
        _malformed("base64url")
    if encode(raw).encode() != part:
        _malformed("base64url")
    return raw


def is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def is_time(value: object) -> bool:
    """Milliseconds, Vietnam time, and a moment that exists."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        return datetime.fromisoformat(value).utcoffset() == timedelta(hours=7)
    except ValueError:
        return False


def is_text(value: object, shortest: int, longest: int) -> bool:
    """Text without control or formatting characters: it is going to be shown."""
    return (
        isinstance(value, str)
        and shortest <= len(value) <= longest
        # The quick look first: what Python calls printable holds none of these.
        and (value.isprintable() or not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in value))
    )


def _chain(found: object) -> tuple[x509.Certificate, ...]:
    if not isinstance(found, list) or not 1 <= len(found) <= MAX_CHAIN:
        raise SignatureError("receipt.header", name="x5c")
    chain = []
    for item in found:
        try:
            der = base64.b64decode(item, validate=True) if isinstance(item, str) else b""
        except (binascii.Error, ValueError):
            der = b""
        if not der or base64.b64encode(der).decode() != item:
            raise SignatureError("receipt.header", name="x5c")
        chain.append(parse(der))
    try:
        chain[0].public_key()
    except MALFORMED as error:
        raise SignatureError("receipt.header", name="x5c") from error
    return tuple(chain)


def _object(raw: bytes, what: str) -> dict[str, Any]:
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        _malformed(what)
    if not isinstance(found, dict):
        _malformed(what)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _malformed(detail: str) -> NoReturn:
    raise SignatureError("receipt.malformed", detail=detail)
