"""A small certificate authority made at run time, for the demo and for tests. Never committed,
never an anchor of a real deployment.

    root = Authority.create("Cơ quan chứng thực thử nghiệm")
    sub = root.sub("Cơ quan chứng thực cấp hai thử nghiệm")
    seal = sub.issue("Văn phòng Bộ (thử nghiệm)", organization="Bộ Thử nghiệm", tax_code="0100000001")
    seal.key, seal.certificate, seal.chain      # chain: the leaf, then its sub-CAs; the root is left out

Shapes follow what government authorities issue: Vietnamese names, the tax code in UID, key usage and
basic constraints critical. A test that wants an odd certificate passes ``extensions`` (replacing the
usual ones) or its own ``key``. Elliptic keys are the default because they cost nothing; an RSA-2048
key takes a tenth of a second, so a process makes at most ``RSA_POOL`` of them and then goes round.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
Extension = tuple[x509.ExtensionType, bool]
"""An extension and whether it is critical."""

RSA_POOL = 6
_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "ec256": ec.SECP256R1,
    "ec384": ec.SECP384R1,
    "ec521": ec.SECP521R1,
}
_pool: list[rsa.RSAPrivateKey] = []
_turns = itertools.count()
_lock = threading.Lock()


def new_key(key_type: str = "ec256", *, fresh: bool = False) -> PrivateKey:
    """A private key: ``ec256``, ``ec384``, ``ec521`` or ``rsaNNNN``. RSA-2048 keys come from the pool
    (the same key returns after ``RSA_POOL`` calls) unless ``fresh``."""
    if key_type in _CURVES:
        return ec.generate_private_key(_CURVES[key_type]())
    if not key_type.startswith("rsa"):
        raise ValueError(f"no such key type: {key_type}")
    bits = int(key_type[3:])
    if fresh or bits != 2048:
        return rsa.generate_private_key(65537, bits)
    with _lock:
        turn = next(_turns) % RSA_POOL
        if turn >= len(_pool):
            _pool.append(rsa.generate_private_key(65537, bits))
        return _pool[turn]


def distinguished_name(
    common_name: str, *, organization: str = "", tax_code: str = "", country: str = "VN"
) -> x509.Name:
    """A name the way Vietnamese authorities write it: UID=MST:..., CN, O, C."""
    parts = [(NameOID.COUNTRY_NAME, country), (NameOID.ORGANIZATION_NAME, organization)]
    # A common name may hold 64 bytes; a Vietnamese one is cut between two letters.
    short = common_name.encode()[:64].decode(errors="ignore").strip()
    parts += [(NameOID.COMMON_NAME, short), (NameOID.USER_ID, f"MST:{tax_code}" if tax_code else "")]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key. ``chain``: the leaf first, then its sub-CAs, without the root."""

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def intermediates(self) -> tuple[bytes, ...]:
        """The chain above the leaf, DER, as it stands beside the leaf in KeyInfo."""
        return tuple(c.public_bytes(Encoding.DER) for c in self.chain[1:])

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def write(self, directory: Path, stem: str) -> tuple[Path, Path]:
        """``stem.key.pem`` (0600) and ``stem.chain.pem`` in the directory; their paths."""
        key, chain = directory / f"{stem}.key.pem", directory / f"{stem}.chain.pem"
        write_key(key, self.key)
        write_certificates(chain, self.chain)
        return key, chain


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority: ``chain`` is its own certificate first, up to the root."""

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @classmethod
    def create(
        cls,
        name: str,
        *,
        key_type: str = "ec256",
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        extensions: Sequence[Extension] | None = None,
    ) -> Authority:
        """A self-signed root, valid ten years unless told otherwise."""
        key = new_key(key_type)
        subject = distinguished_name(name, organization="Thử nghiệm, không có giá trị pháp lý")
        usual = authority_extensions(key.public_key(), None, None)
        certificate = _build(
            subject, key.public_key(), subject, key, _span(not_before, not_after, 3650),
            usual if extensions is None else extensions,
        )  # fmt: skip
        return cls(key, certificate, (certificate,))

    @property
    def root(self) -> x509.Certificate:
        return self.chain[-1]

    def sub(
        self,
        name: str,
        *,
        key_type: str = "ec256",
        path_length: int | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        extensions: Sequence[Extension] | None = None,
    ) -> Authority:
        """A certificate authority under this one."""
        key = new_key(key_type)
        usual = authority_extensions(key.public_key(), self.certificate, path_length)
        certificate = _build(
            distinguished_name(name), key.public_key(), self.certificate.subject, self.key,
            _span(not_before, not_after, 1825), usual if extensions is None else extensions,
        )  # fmt: skip
        return Authority(key, certificate, (certificate, *self.chain))

    def issue(
        self,
        common_name: str,
        *,
        key_type: str = "ec256",
        key: PrivateKey | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        organization: str = "Bộ Thử nghiệm",
        tax_code: str = "",
        extensions: Sequence[Extension] | None = None,
    ) -> Issued:
        """A signing certificate, valid one year from yesterday unless told otherwise."""
        key = new_key(key_type) if key is None else key
        usual = leaf_extensions(key.public_key(), self.certificate)
        certificate = _build(
            distinguished_name(common_name, organization=organization, tax_code=tax_code),
            key.public_key(), self.certificate.subject, self.key, _span(not_before, not_after, 366),
            usual if extensions is None else extensions,
        )  # fmt: skip
        return Issued(key, certificate, (certificate, *self.chain[:-1]))

    def write_anchor(self, path: Path) -> Path:
        """The root's certificate as PEM: what a verifier is given to trust."""
        write_certificates(path, (self.root,))
        return path


def authority_extensions(
    public_key: PublicKey, issuer: x509.Certificate | None, path_length: int | None
) -> list[Extension]:
    """The usual extensions of a CA."""
    found: list[Extension] = [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (usage(key_cert_sign=True, crl_sign=True), True),
        (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
    ]
    return [*found, _authority_key(issuer)] if issuer is not None else found


def leaf_extensions(public_key: PublicKey, issuer: x509.Certificate) -> list[Extension]:
    """The usual extensions of a seal of an agency: no SAN, digital signature and non-repudiation."""
    return [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage(digital_signature=True, content_commitment=True), True),
        (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
        _authority_key(issuer),
    ]


def usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    """A KeyUsage extension with the named bits."""
    return x509.KeyUsage(
        digital_signature=digital_signature, content_commitment=content_commitment,
        key_encipherment=key_encipherment, data_encipherment=False, key_agreement=False,
        key_cert_sign=key_cert_sign, crl_sign=crl_sign, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def write_key(path: Path, key: PrivateKey) -> None:
    """An unencrypted PKCS#8 PEM that only its owner may read, whatever the umask."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)  # the mode above does not touch a file that already stood there
        file.write(pem)


def write_certificates(path: Path, certificates: Iterable[x509.Certificate]) -> None:
    """One PEM file with the certificates in the given order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(c.public_bytes(Encoding.PEM) for c in certificates))


def _authority_key(issuer: x509.Certificate) -> Extension:
    key = issuer.public_key()
    assert isinstance(key, PublicKey)
    return (x509.AuthorityKeyIdentifier.from_issuer_public_key(key), False)


def _span(start: datetime | None, end: datetime | None, days: int) -> tuple[datetime, datetime]:
    start = start or datetime.now(UTC) - timedelta(days=1)
    return start, end or max(start, datetime.now(UTC)) + timedelta(days=days)


def _build(
    subject: x509.Name,
    public_key: PublicKey,
    issuer: x509.Name,
    issuer_key: PrivateKey,
    span: tuple[datetime, datetime],
    extensions: Sequence[Extension],
) -> x509.Certificate:
    builder = x509.CertificateBuilder(issuer, subject, public_key, x509.random_serial_number(), *span)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())
