"""A certificate in words: what pages, findings, receipts and the command line show of a signer.

A certificate's names are the sender's text: control and formatting characters (NUL, CR LF, bidi
overrides) are shown as U+FFFD, so that a name can neither break a log line nor pose as another."""

from __future__ import annotations

import unicodedata
import warnings
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

MALFORMED = (
    ValueError, TypeError, UnsupportedAlgorithm,
    x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
    CryptographyDeprecationWarning,
)  # fmt: skip
"""What the library raises over a certificate that is no good, early or late; it has no common class."""

# It only warns of some certificates RFC 5280 forbids (serial numbers that are not positive, odd algorithm
# parameters) and announces to refuse them later. Refused today, whatever the filters of the process.
warnings.filterwarnings(
    "error", r"(?i)parsed a |the parsed certificate", category=CryptographyDeprecationWarning
)
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class SignerFacts:
    """What people need to know about a certificate. ``serial`` is hexadecimal, as tools print it."""

    name: str
    subject: str
    issuer: str
    serial: str
    valid_from: datetime
    valid_to: datetime
    fingerprint: str
    key: str

    def text(self, language: str = "vi") -> str:
        """One line, with the dates of validity."""
        span = f"{self.valid_from:%d/%m/%Y} – {self.valid_to:%d/%m/%Y}"
        if language == "vi":
            return f"{self.subject} (cơ quan cấp: {self.issuer}; số sê-ri {self.serial}; hiệu lực {span})"
        return f"{self.subject} (issued by {self.issuer}; serial {self.serial}; valid {span})"


def fingerprint(certificate: x509.Certificate | bytes) -> str:
    """SHA-256 of the DER in lower-case hexadecimal: how units bind their signers."""
    if isinstance(certificate, bytes):
        digest = hashes.Hash(hashes.SHA256())
        digest.update(certificate)
        return digest.finalize().hex()
    return certificate.fingerprint(hashes.SHA256()).hex()


def describe(certificate: x509.Certificate) -> SignerFacts:
    """The facts of a certificate; never raises, whatever its names hold."""
    return SignerFacts(
        name=_common_name(certificate),
        subject=_name(certificate, "subject"),
        issuer=_name(certificate, "issuer"),
        serial=f"{certificate.serial_number:x}",
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
        fingerprint=fingerprint(certificate),
        key=_key(certificate),
    )


def printable(text: str) -> str:
    """The text with everything that does not show itself replaced, cut to a length a line can hold."""
    shown = "".join("\ufffd" if unicodedata.category(c)[0] == "C" else c for c in text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _name(certificate: x509.Certificate, which: str) -> str:
    try:
        name: x509.Name = getattr(certificate, which)
        return printable(name.rfc4514_string({NameOID.USER_ID: "UID", NameOID.EMAIL_ADDRESS: "E"})) or "?"
    except MALFORMED:
        return "?"


def _common_name(certificate: x509.Certificate) -> str:
    try:
        found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return printable(str(found[-1].value)) if found else _name(certificate, "subject")
    except MALFORMED:
        return "?"


def _key(certificate: x509.Certificate) -> str:
    try:
        key = certificate.public_key()
    except MALFORMED:
        return "?"
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA-{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__
