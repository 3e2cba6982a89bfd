"""Signed receipts: how anybody can check later, without asking the axis, what the axis did.

A receipt is a compact JWS (RFC 7515), ES256 or RS256, over the facts of one journalled event. Its header
carries the hub's certificates (``x5c``, leaf first), so an anchor is all a checker needs.

    {"alg":"ES256","typ":"axis-receipt+jws","kid":<RFC 7638 thumbprint>,"x5c":[leaf, root]}
    {"version":1,"id":<journal event id>,"axis":…,"event":"package.accepted","time":"…+07:00",
     "package":…,"document_id":…,"sha256":…,"size":…,"sender":…,"receivers":[…],
     "status":"","verdict":"proven"}

Signing happens before the commit that makes the event true, so it only computes; with an RSA key it
takes half a millisecond (``is_slow``) and belongs in a thread. Checking is strict (receipt_reader.py):
one spelling, one meaning, the algorithm bound to the key's kind, nothing fetched, nothing unknown.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from axis.domain.catalogue import fill
from axis.domain.catalogue.receipt import WORDS
from axis.domain.clock import VIETNAM
from axis.domain.errors import SignatureError
from axis.domain.states import KNOWN_STATUSES
from axis.domain.states import WORDS as STATUSES
from axis.trust import receipt_reader as reader
from axis.trust.certificates import Path as CertificatePath
from axis.trust.certificates import SignerFacts, TrustAnchors
from axis.trust.keys import HubIdentity

VERSION = 1
TYPE = "axis-receipt+jws"
CLOCK_TOLERANCE = timedelta(minutes=5)
_PIECE = 1 << 20
_EVENT = re.compile(r"[a-z][a-z-]{0,30}\.[a-z][a-z-]{0,30}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Claims:
    """What one receipt says. ``id`` is the journal row of the event (UUID version 7), ``status`` the code
    of a status event, ``receivers`` one code for events of a delivery and all for an acceptance."""

    id: UUID
    axis: str
    event: str
    time: datetime
    package: UUID
    document_id: str
    sha256: str
    size: int
    sender: str
    receivers: tuple[str, ...]
    verdict: str
    status: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "version": VERSION, "id": str(self.id), "axis": self.axis, "event": self.event,
            "time": self.time.astimezone(VIETNAM).isoformat(timespec="milliseconds"),
            "package": str(self.package), "document_id": self.document_id,
            "sha256": self.sha256, "size": self.size, "sender": self.sender,
            "receivers": list(self.receivers), "status": self.status, "verdict": self.verdict,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReceiptCheck:
    """A receipt that holds. ``package_checked``: the package given beside it is the one it speaks of."""

    claims: Claims
    signer: SignerFacts
    path: CertificatePath
    package_checked: bool


class ReceiptSigner:
    """Signs receipts with the hub's identity. Safe to share between threads."""

    def __init__(self, identity: HubIdentity) -> None:
        header = {
            "alg": identity.algorithm, "typ": TYPE, "kid": identity.kid,
            "x5c": [base64.b64encode(c.public_bytes(Encoding.DER)).decode() for c in identity.chain],
        }  # fmt: skip
        self.is_slow = identity.is_slow
        self._header = reader.encode(json.dumps(header, separators=(",", ":")).encode())
        self._sign = _signing(identity)

    def sign(self, claims: Claims) -> str:
        """The receipt in its compact form. Pure computing. Raises ValueError for claims that ``verify``
        would not take: a receipt nobody can check must not leave."""
        facts = claims.to_json()
        for name, rule in _RULES.items():
            if not rule(facts[name]):
                raise ValueError(f"not a receipt's {name}: {facts[name]!r}")
        payload = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
        signed = f"{self._header}.{reader.encode(payload.encode())}"
        return f"{signed}.{reader.encode(self._sign(signed.encode('ascii')))}"


def verify(
    jws: str | bytes,
    anchors: TrustAnchors,
    *,
    at: datetime,
    package: Path | None = None,
    signer: str | None = None,
) -> ReceiptCheck:
    """Checks a receipt and, when given, that ``package`` is the file it speaks of.

    ``at`` is now. ``signer`` is the fingerprint of the certificate that must have signed; without it any
    certificate under the anchors may have, and the caller must look at ``ReceiptCheck.signer``.
    Raises SignatureError with a ``receipt.…`` or ``certificate.…`` code."""
    parts = reader.split(jws)
    header = reader.header(parts, TYPE)
    reader.check_signature(parts, header)
    claims = _claims(reader.payload(parts))
    if claims.time > at + CLOCK_TOLERANCE:
        raise SignatureError("receipt.from-the-future", time=claims.time.isoformat())
    path = anchors.validate(header.chain[0], header.chain[1:], claims.time)
    if signer is not None and path.fingerprint != signer.replace(":", "").lower():
        raise SignatureError("receipt.other-signer", subject=path.signer.subject)
    if package is not None:
        _check_package(claims, package)
    return ReceiptCheck(claims, path.signer, path, package is not None)


def explain(check: ReceiptCheck, language: str = "vi", *, command: bool = False) -> str:
    """In plain words, several lines: what the receipt says, what it proves and what it does not. ``command``: for
    somebody at ``axis verify``, who is told its option too."""
    claims, words = check.claims, WORDS["vi" if language == "vi" else "en"]
    status = STATUSES[claims.status][0 if language == "vi" else 1]
    what = words.events.get(claims.event, claims.event)
    facts = {
        **claims.to_json(),
        "what": f"{what} ({claims.status} - {status})" if claims.status else what,
        "when": claims.time.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y"),
        "receivers": ", ".join(claims.receivers), "signer": check.signer.text(language),
        "verdict": words.verdicts[claims.verdict],
    }  # fmt: skip
    proves = [*words.proves, words.package_checked] if check.package_checked else [*words.proves]
    accepted = claims.event == "package.accepted"
    limits = [words.not_delivered, *words.limits] if accepted else [*words.limits]
    if not check.package_checked:
        limits.append(f"{words.package_unchecked} {words.compare_by_command}" if command else words.package_unchecked)
    lines = [*words.head, "", words.proves_title, *(f"  - {line}" for line in proves)]
    lines += ["", words.limits_title, *(f"  - {line}" for line in limits)]
    return "\n".join(fill(line, facts) for line in lines)


def digest(package: Path) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size of a file, read in pieces."""
    found, size = hashlib.sha256(), 0
    with package.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
            size += len(piece)
    return found.hexdigest(), size


def _check_package(claims: Claims, package: Path) -> None:
    found, size = digest(package)
    if (found, size) != (claims.sha256, claims.size):
        raise SignatureError(
            "receipt.other-package", file=package.name, found=found, size=size,
            expected=claims.sha256, expected_size=claims.size,
        )  # fmt: skip


def _signing(identity: HubIdentity) -> Callable[[bytes], bytes]:
    key = identity.key
    if isinstance(key, rsa.RSAPrivateKey):
        rsa_key = key
        return lambda data: rsa_key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    ec_key, method = key, ec.ECDSA(hashes.SHA256())

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(ec_key.sign(data, method))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


# -- what the payload must look like -----------------------------------------------------------------

_RULES: dict[str, Callable[[Any], bool]] = {
    "version": lambda v: type(v) is int and v == VERSION,
    "id": reader.is_uuid,
    "axis": lambda v: reader.is_text(v, 1, 64),
    "event": lambda v: isinstance(v, str) and _EVENT.fullmatch(v) is not None,
    "time": reader.is_time,
    "package": reader.is_uuid,
    "document_id": lambda v: reader.is_text(v, 0, 500),
    "sha256": lambda v: isinstance(v, str) and _SHA256.fullmatch(v) is not None,
    "size": lambda v: type(v) is int and 0 <= v < 1 << 63,
    "sender": lambda v: reader.is_text(v, 1, 64),
    "receivers": lambda v: isinstance(v, list) and all(reader.is_text(r, 1, 64) for r in v),
    "status": lambda v: v == "" or (isinstance(v, str) and v in KNOWN_STATUSES),
    "verdict": lambda v: v in ("proven", "attached", "unproven"),
}


def _claims(found: dict[str, Any]) -> Claims:
    if set(found) != set(_RULES):
        names = sorted(set(found) ^ set(_RULES))
        raise SignatureError("receipt.malformed", detail=", ".join(names)[:100])
    for name, rule in _RULES.items():
        if not rule(found[name]):
            raise SignatureError("receipt.malformed", detail=name)
    return Claims(
        id=UUID(found["id"]), axis=found["axis"], event=found["event"],
        time=datetime.fromisoformat(found["time"]),
        package=UUID(found["package"]), document_id=found["document_id"], sha256=found["sha256"],
        size=found["size"], sender=found["sender"], receivers=tuple(found["receivers"]),
        verdict=found["verdict"], status=found["status"],
    )  # fmt: skip
