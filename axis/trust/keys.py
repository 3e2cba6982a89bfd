"""The hub's own key: what it signs receipts with.

At first start the hub makes itself a root and, under it, a P-256 leaf, so that receipts work on the
first day; the root's certificate is handed to whoever wants to check receipts. A deployment puts a
certificate of its real authority in their place (``load``; RSA or P-256).

Private files are readable by their owner only, written whole or not at all (temporary file, fsync,
rename, fsync of the folder), and made under a lock, so that several processes may start at once. Key
and chain share one file: a renewal can never leave the key of one beside the chain of another.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from axis.domain.errors import SetupError, SignatureError
from axis.trust import diagnosis
from axis.trust.subject import MALFORMED, describe

IDENTITY_FILE = "receipt-identity.pem"
ROOT_FILE = "receipt-root.pem"
ROOT_KEY_FILE = "receipt-root.key.pem"
ROOT_DAYS = 7300
LEAF_DAYS = 1096
RENEW_DAYS = 60
"""A leaf of our own making with fewer days left is renewed at the next start; old receipts carry the old
one, under the same root, and stay checkable."""

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class HubIdentity:
    """A key and its certificates, leaf first; the root last where it is known."""

    key: SigningKey
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]

    @property
    def algorithm(self) -> str:
        """The JWS algorithm the key is bound to."""
        return "RS256" if isinstance(self.key, rsa.RSAPrivateKey) else "ES256"

    @property
    def is_slow(self) -> bool:
        """True when one signature costs half a millisecond (RSA) rather than 50 µs."""
        return isinstance(self.key, rsa.RSAPrivateKey)

    @property
    def kid(self) -> str:
        return thumbprint(self.key.public_key())

    def days_left(self, at: datetime) -> int:
        """Whole days until the first certificate of the chain expires; negative when one has."""
        return min((c.not_valid_after_utc - at) // timedelta(days=1) for c in self.chain)

    @classmethod
    def load(cls, key_file: Path, chain_file: Path, at: datetime | None = None) -> HubIdentity:
        """A configured identity. Raises SetupError when the files do not fit together or are not valid."""
        pem = read_private(key_file)
        try:
            chain = x509.load_pem_x509_certificates(chain_file.read_bytes())
        except OSError as error:
            raise SetupError("key.missing", file=chain_file.name, detail=error.strerror) from error
        except MALFORMED as error:
            raise SetupError("key.unreadable", file=chain_file.name) from error
        return cls._checked(pem, chain, key_file.name, at or datetime.now(UTC))

    @classmethod
    def load_or_create(cls, directory: Path, name: str, at: datetime | None = None) -> HubIdentity:
        """The identity kept in the folder, made at first start and renewed when it runs out."""
        at = at or datetime.now(UTC)
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(directory):
            file = directory / IDENTITY_FILE
            if file.exists():
                found = cls._read(file, at)
                left = found.days_left(at)
                offline = not (directory / ROOT_KEY_FILE).exists()  # moved away by a careful operator
                if left >= RENEW_DAYS or (left > 0 and offline):
                    return found
            return _make(directory, name, at)

    @classmethod
    def _read(cls, file: Path, at: datetime) -> HubIdentity:
        pem = read_private(file)
        try:
            chain = x509.load_pem_x509_certificates(pem)
        except MALFORMED as error:
            raise SetupError("key.unreadable", file=file.name) from error
        # Its own leaf may have run out while the hub stood still: it is renewed, not refused.
        return cls._checked(pem, chain, file.name, min(at, chain[0].not_valid_after_utc))

    @classmethod
    def _checked(
        cls, pem: bytes, chain: Sequence[x509.Certificate], file: str, at: datetime
    ) -> HubIdentity:
        try:
            key = load_pem_private_key(pem, None)
            leaf_key = chain[0].public_key()
        except MALFORMED as error:
            raise SetupError("key.unreadable", file=file) from error
        if not isinstance(key, SigningKey) or (
            isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name != "secp256r1"
        ):
            raise SetupError("key.kind", file=file)
        if key.public_key() != leaf_key:
            raise SetupError("key.mismatch", file=file, subject=describe(chain[0]).subject)
        try:
            diagnosis.check_leaf(chain[0], at)
            for lower, issuer in pairwise(chain):
                diagnosis.check_time(issuer, at)
                lower.verify_directly_issued_by(issuer)
        except SignatureError as error:
            raise SetupError("key.chain", file=file, vi=error.text("vi"), en=error.text("en")) from error
        except (InvalidSignature, *MALFORMED) as error:
            raise SetupError(
                "key.chain", file=file, vi="Các chứng thư số không nối tiếp nhau.",
                en="The certificates do not follow from each other.",
            ) from error  # fmt: skip
        return cls(key, tuple(chain))


def thumbprint(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    """The JWK thumbprint of a public key (RFC 7638), the ``kid`` of receipts."""
    if isinstance(key, rsa.RSAPublicKey):
        public = key.public_numbers()
        width = (public.e.bit_length() + 7) // 8
        jwk = {"e": _b64(public.e.to_bytes(width, "big")), "kty": "RSA",
               "n": _b64(public.n.to_bytes(key.key_size // 8, "big"))}  # fmt: skip
    else:
        point = key.public_numbers()
        jwk = {"crv": "P-256", "kty": "EC", "x": _b64(point.x.to_bytes(32, "big")),
               "y": _b64(point.y.to_bytes(32, "big"))}  # fmt: skip
    return _b64(hashlib.sha256(json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()).digest())


def read_private(file: Path) -> bytes:
    """A private file's content. Raises SetupError when others than its owner may read it."""
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno())
            if stat.S_IMODE(mode.st_mode) & 0o077 or mode.st_uid not in (os.geteuid(), 0):
                raise SetupError("key.exposed", file=file.name, mode=f"{stat.S_IMODE(mode.st_mode):04o}")
            return opened.read()
    except OSError as error:
        raise SetupError("key.missing", file=file.name, detail=error.strerror) from error


def write_private(file: Path, content: bytes, mode: int = 0o600) -> None:
    """Replaces the file whole and durably; never readable by others, not even for a moment."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        temporary.unlink()
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    temporary.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """One process at a time makes or renews the private files of a folder."""
    descriptor = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make(directory: Path, name: str, at: datetime) -> HubIdentity:
    root_key, root = _root(directory, name, at)
    key = ec.generate_private_key(ec.SECP256R1())
    end = min(at + timedelta(days=LEAF_DAYS), root.not_valid_after_utc)
    leaf = (
        _builder(_name(name, "Ký biên nhận"), root.subject, key.public_key(), at, end)
        .add_extension(x509.BasicConstraints(False, None), True)
        .add_extension(_usage(leaf=True), True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), False
        )
        .sign(root_key, hashes.SHA256())
    )
    chain = b"".join(c.public_bytes(Encoding.PEM) for c in (leaf, root))
    write_private(directory / IDENTITY_FILE, _pem(key) + chain)
    return HubIdentity(key, (leaf, root))


def _root(directory: Path, name: str, at: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_file, certificate_file = directory / ROOT_KEY_FILE, directory / ROOT_FILE
    if key_file.exists():
        pem = read_private(key_file)
        key, root = load_pem_private_key(pem, None), x509.load_pem_x509_certificate(pem)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != root.public_key():
            raise SetupError("key.mismatch", file=key_file.name, subject=describe(root).subject)
    elif certificate_file.exists():
        # A new root would make everybody's trust in the old one useless without a word.
        raise SetupError("key.root-missing", file=key_file.name)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name, "Gốc chứng thực biên nhận")
        root = (
            _builder(subject, subject, key.public_key(), at, at + timedelta(days=ROOT_DAYS))
            .add_extension(x509.BasicConstraints(True, 0), True)
            .add_extension(_usage(leaf=False), True)
            .sign(key, hashes.SHA256())
        )
        write_private(key_file, _pem(key) + root.public_bytes(Encoding.PEM))
    if not certificate_file.exists():  # public; lost if a first start died between the two files
        write_private(certificate_file, root.public_bytes(Encoding.PEM), 0o644)
    return key, root


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, end: datetime
) -> x509.CertificateBuilder:
    # An hour back: the clock of whoever checks a receipt may be a little behind ours.
    start = at - timedelta(hours=1)
    builder = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), start, end)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)


def _name(hub: str, purpose: str) -> x509.Name:
    # The hub's own name is the organisation: a common name may hold 64 bytes, Vietnamese needs more.
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, hub),
        x509.NameAttribute(NameOID.COMMON_NAME, purpose),
    ])  # fmt: skip


def _usage(*, leaf: bool) -> x509.KeyUsage:
    return x509.KeyUsage(leaf, leaf, False, False, False, not leaf, not leaf, False, False)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
