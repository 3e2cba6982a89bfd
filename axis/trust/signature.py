"""Is the seal of a package whole? And: put a seal on one.

``check`` judges integrity alone: the digest the signature names is the document's, and the signature
fits the public key of the certificate it brings along. Whether that certificate may be believed, and
may speak for the sender, is judged in ``certificates`` and ``verdict``. The shape of the signature was
held to the profile while reading (``axis.edxml.seal``).
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from axis.domain.errors import SetupError, SignatureError
from axis.edxml.canonical import EXCLUSIVE
from axis.edxml.limits import DEFAULT, Limits
from axis.edxml.reader import PackageReader
from axis.edxml.seal import DIGESTS, DSIG, ENVELOPED, METHODS, MORE, XENC, Seal
from axis.trust.subject import MALFORMED

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

MIN_RSA, MAX_RSA = 2048, 8192
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303  reached only under a unit's dated policy
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_CURVES = {"secp256r1": (32, "sha256"), "secp384r1": (48, "sha384")}


@dataclass(frozen=True, slots=True)
class SealCheck:
    """A seal that is whole: who is said to have made it, and how."""

    certificate: bytes
    intermediates: tuple[bytes, ...]
    signature_method: str
    digest_method: str
    canonicalization: str
    sha1: bool


def check(seal: Seal, *, allow_sha1: bool = False) -> SealCheck:
    """Raises SignatureError with the code of what is wrong."""
    family, hash_name = METHODS[seal.signature_method]
    sha1 = "sha1" in (hash_name, DIGESTS[seal.digest_method])
    if sha1 and not allow_sha1:
        raise SignatureError("signature.sha1")
    if not hmac.compare_digest(seal.claimed, seal.computed):
        raise SignatureError("signature.digest")
    small = sum(map(len, seal.certificates)) <= _REMEMBERED_SIZE
    leaf, others, key = (_remembered if small else _signer)(seal.certificates)
    if isinstance(key, rsa.RSAPublicKey):
        _check_rsa(key, seal, family, hash_name)
    else:
        _check_ec(key, seal, family, hash_name)
    return SealCheck(leaf, others, seal.signature_method, seal.digest_method, seal.transform, sha1)


def _signer(certificates: tuple[bytes, ...]) -> tuple[bytes, tuple[bytes, ...], PublicKey]:
    """DER of the leaf, of the others, and the leaf's key."""
    leaf, others = _leaf(certificates)
    return leaf.public_bytes(serialization.Encoding.DER), others, _public_key(leaf)


# A sender signs thousands of packages with one certificate; reading it costs more than the RSA itself.
# Bounded in number and, so that hostile chains cannot fill memory, in size.
_REMEMBERED_SIZE = 16 << 10
_remembered = lru_cache(maxsize=256)(_signer)


def _check_rsa(key: rsa.RSAPublicKey, seal: Seal, family: str, hash_name: str) -> None:
    numbers = key.public_numbers()
    if family != "rsa":
        raise SignatureError("signature.key-mismatch", method=seal.signature_method, key="RSA")
    if not MIN_RSA <= key.key_size <= MAX_RSA or numbers.e < 3:
        raise SignatureError("signature.weak-key", bits=key.key_size, minimum=MIN_RSA)
    if seal.rsa_key and seal.rsa_key != (numbers.n, numbers.e):
        raise SignatureError("signature.key-value")
    try:
        key.verify(seal.signature, seal.signed_info, padding.PKCS1v15(), _HASHES[hash_name])
    except InvalidSignature:
        raise SignatureError("signature.value") from None


def _check_ec(key: ec.EllipticCurvePublicKey, seal: Seal, family: str, hash_name: str) -> None:
    if family != "ec" or seal.rsa_key:
        raise SignatureError("signature.key-mismatch", method=seal.signature_method, key="EC")
    if key.curve.name not in _CURVES:
        raise SignatureError("signature.curve", curve=key.curve.name)
    size = _CURVES[key.curve.name][0]
    if len(seal.signature) != 2 * size:  # XML-DSig: r and s side by side, not DER
        raise SignatureError("signature.value")
    r, s = (int.from_bytes(part, "big") for part in (seal.signature[:size], seal.signature[size:]))
    try:
        key.verify(encode_dss_signature(r, s), seal.signed_info, ec.ECDSA(_HASHES[hash_name]))
    except InvalidSignature:
        raise SignatureError("signature.value") from None


def _leaf(certificates: tuple[bytes, ...]) -> tuple[x509.Certificate, tuple[bytes, ...]]:
    """The certificate that issued none of the others. X509Data has no order that could be relied on."""
    try:
        loaded = [x509.load_der_x509_certificate(der) for der in certificates]
        if len(loaded) == 1:
            return loaded[0], ()
        issuers = [(one.issuer.public_bytes(), one.subject.public_bytes()) for one in loaded]
    except MALFORMED:
        raise SignatureError("signature.certificate-unreadable") from None
    leaves = [
        place for place, (_, subject) in enumerate(issuers)
        if not any(issuer == subject for other, (issuer, _) in enumerate(issuers) if other != place)
    ]  # fmt: skip
    if len(leaves) != 1:
        raise SignatureError("signature.leaf-ambiguous", count=len(leaves))
    return loaded[leaves[0]], tuple(der for place, der in enumerate(certificates) if place != leaves[0])


def _public_key(leaf: x509.Certificate) -> PublicKey:
    try:
        key = leaf.public_key()
    except MALFORMED:
        raise SignatureError("signature.certificate-unreadable") from None
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise SignatureError("signature.key-mismatch", method="-", key=type(key).__name__)
    return key


# -- signing -------------------------------------------------------------------------------------


def sign(
    package: bytes, key: PrivateKey, chain: Sequence[x509.Certificate], *, limits: Limits = DEFAULT
) -> bytes:
    """The package with a ds:Signature as the last child of its header; every other byte is as it was.

    ``chain`` starts with the signer's certificate. Raises PackageError for a package that the axis
    would not accept, SignatureError for one that is signed already or could not be read strictly."""
    reader = PackageReader(limits, measure="sha256")
    reader.feed(package)
    reading = reader.close()
    if reading.seal:
        raise SignatureError("signature.second", line=0)
    reader.notes.claim()
    method, hash_name = _method(key)
    info = _signed_info(method, reader.digest())
    # What stands in the file lacks the declaration that its canonical form shows.
    canonical = info.replace("<ds:SignedInfo>", f'<ds:SignedInfo xmlns:ds="{DSIG}">', 1)
    value = _signature(key, canonical.encode(), hash_name)
    certificates = "".join(
        f"<ds:X509Certificate>{_base64(one.public_bytes(serialization.Encoding.DER))}</ds:X509Certificate>"
        for one in chain
    )
    seal = (
        f'<ds:Signature xmlns:ds="{DSIG}">{info}<ds:SignatureValue>{_base64(value)}</ds:SignatureValue>'
        f"<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
    place = reader.header_end
    return b"".join((package[:place], seal.encode(), package[place:]))


def _method(key: PrivateKey) -> tuple[str, str]:
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < MIN_RSA:
            raise SetupError("signature.weak-key", bits=key.key_size, minimum=MIN_RSA)
        return MORE + "rsa-sha256", "sha256"
    if key.curve.name not in _CURVES:
        raise SetupError("signature.curve", curve=key.curve.name)
    hash_name = _CURVES[key.curve.name][1]
    return MORE + "ecdsa-" + hash_name, hash_name


def _signed_info(method: str, digest: bytes) -> str:
    """Written in canonical form, so that nothing need be canonicalised."""
    return (
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>'
        f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{ENVELOPED}"></ds:Transform>'
        f'<ds:Transform Algorithm="{EXCLUSIVE}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{XENC}sha256"></ds:DigestMethod>'
        f"<ds:DigestValue>{_base64(digest)}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )


def _signature(key: PrivateKey, data: bytes, hash_name: str) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), _HASHES[hash_name])
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(_HASHES[hash_name])))
    size = _CURVES[key.curve.name][0]
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
