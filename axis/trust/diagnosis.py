"""Why a certificate, or the path above it, cannot be accepted: one check and one code per reason.

``check_leaf`` and ``check_issuer`` are also the rules the verifier calls back (certificates.py), so what
decides and what explains cannot drift apart. ``explain`` only looks for words after a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from axis.domain.errors import SignatureError
from axis.trust.subject import MALFORMED, describe

_Kind = TypeVar("_Kind", bound=x509.ExtensionType)

RSA_BITS = (2048, 8192)
"""Below, a key can be broken; above, checking it is a burden a sender could put on the axis."""
RSA_EXPONENT = 65537
CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})
WEAK_HASHES = (hashes.MD5, hashes.SHA1, hashes.SHA224)

UNDERSTOOD = frozenset({
    ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME, ExtensionOID.NAME_CONSTRAINTS, ExtensionOID.CERTIFICATE_POLICIES,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER, ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
})  # fmt: skip

NOT_FOR_DOCUMENTS = frozenset({
    ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.OCSP_SIGNING, ExtendedKeyUsageOID.CODE_SIGNING,
})  # fmt: skip
"""A leaf made for nothing but these is no seal. Other purposes vary too much between authorities to
refuse by them: the certificate must be bound to the unit by an operator anyway."""


def check_leaf(leaf: x509.Certificate, at: datetime | None) -> None:
    """Raises SignatureError unless the certificate by itself may seal documents (at that time)."""
    check_strength(leaf)
    check_signature_hash(leaf)
    if at is not None:
        check_time(leaf, at)
    check_critical(leaf)
    usage = _find(leaf, x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise SignatureError("certificate.key-usage", subject=_who(leaf))
    purposes = _find(leaf, x509.ExtendedKeyUsage)
    if purposes is not None and NOT_FOR_DOCUMENTS.issuperset(purposes):
        raise SignatureError("certificate.purpose", subject=_who(leaf))


def check_issuer(
    issuer: x509.Certificate, at: datetime | None, below: int, *, anchor: bool = False
) -> None:
    """Raises SignatureError unless the certificate may issue others. ``below``: how many CAs stand
    between it and the leaf. An anchor's own signature proves nothing, so its hash does not matter."""
    constraints = _find(issuer, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise SignatureError("certificate.not-a-ca", subject=_who(issuer))
    usage = _find(issuer, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        raise SignatureError("certificate.not-a-ca", subject=_who(issuer))
    if constraints.path_length is not None and below > constraints.path_length:
        raise SignatureError("certificate.path-length", subject=_who(issuer), limit=constraints.path_length)
    check_strength(issuer)
    if not anchor and issuer.issuer != issuer.subject:
        check_signature_hash(issuer)
    check_critical(issuer)
    if at is not None:
        check_time(issuer, at)


def check_time(certificate: x509.Certificate, at: datetime) -> None:
    facts = describe(certificate)
    if at < facts.valid_from:
        raise SignatureError(
            "certificate.not-yet-valid", subject=facts.subject, valid_from=f"{facts.valid_from:%d/%m/%Y}"
        )
    if at > facts.valid_to:
        raise SignatureError(
            "certificate.expired", subject=facts.subject, valid_to=f"{facts.valid_to:%d/%m/%Y}"
        )


def check_strength(certificate: x509.Certificate) -> None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        sound = RSA_BITS[0] <= key.key_size <= RSA_BITS[1] and key.public_numbers().e >= RSA_EXPONENT
    else:
        sound = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES
    if not sound:
        facts = describe(certificate)
        raise SignatureError("certificate.weak-key", subject=facts.subject, key=facts.key)


def check_signature_hash(certificate: x509.Certificate) -> None:
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        algorithm = None
    if algorithm is None or isinstance(algorithm, WEAK_HASHES):
        name = algorithm.name.upper() if algorithm else certificate.signature_algorithm_oid.dotted_string
        raise SignatureError("certificate.weak-signature", subject=_who(certificate), algorithm=name)


def check_critical(certificate: x509.Certificate) -> None:
    for extension in certificate.extensions:
        if not extension.critical:
            continue
        if extension.oid not in UNDERSTOOD or _beyond_the_verifier(extension.value):
            raise SignatureError(
                "certificate.critical-extension", subject=_who(certificate), oid=extension.oid.dotted_string
            )


def _beyond_the_verifier(value: x509.ExtensionType) -> bool:
    # It refuses critical constraints on directory names rather than applying them: so must our words.
    if not isinstance(value, x509.NameConstraints):
        return False
    trees = [*(value.permitted_subtrees or ()), *(value.excluded_subtrees or ())]
    return not all(isinstance(t, x509.DNSName | x509.IPAddress | x509.RFC822Name) for t in trees)


def check_names(chain: Sequence[x509.Certificate]) -> None:
    """Name constraints of the issuers against the subjects below them (RFC 5280 section 4.2.1.10): the
    verifier applies them to alternative names only, and seals of agencies have none. (Critical ones on
    directory names never come this far.)"""
    for position, issuer in enumerate(chain):
        constraints = _find(issuer, x509.NameConstraints)
        if constraints is None:
            continue
        permitted = _directory_names(constraints.permitted_subtrees)
        excluded = _directory_names(constraints.excluded_subtrees)
        for depth, lower in enumerate(chain[:position]):
            if depth > 0 and lower.subject == lower.issuer:
                continue  # self-issued: a key change of the same authority
            names = [lower.subject] if list(lower.subject) else []
            names += _alternative_names(lower)
            for name in names:
                outside = bool(permitted) and not any(_within(name, base) for base in permitted)
                if outside or any(_within(name, base) for base in excluded):
                    raise SignatureError(
                        "certificate.name-constraints", subject=_who(lower), issuer=_who(issuer)
                    )


def explain(
    leaf: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    at: datetime,
    longest: int,
) -> None:
    """Raises SignatureError with the first reason found on the way up; returns when it finds none."""
    current, below, seen = leaf, 0, {leaf}
    while len(seen) <= longest:
        named = [c for c in (*anchors, *others) if c.subject == current.issuer and c not in seen]
        if not named:
            raise SignatureError(
                "certificate.unknown-issuer", subject=_who(current), issuer=describe(current).issuer
            )
        issuers = [c for c in named if _signed_by(current, c)]
        if not issuers:
            raise SignatureError(
                "certificate.bad-signature", subject=_who(current), issuer=describe(current).issuer
            )
        refusals: list[SignatureError] = []
        sound: list[x509.Certificate] = []
        for issuer in issuers:
            try:
                check_issuer(issuer, at, below, anchor=issuer in anchors)
                sound.append(issuer)
            except SignatureError as error:
                refusals.append(error)
        if not sound:
            raise refusals[0]
        if any(issuer in anchors for issuer in sound):
            return
        current = sound[0]
        below += 0 if current.subject == current.issuer else 1
        seen.add(current)
    raise SignatureError("certificate.path-too-long", limit=longest)


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *MALFORMED):
        return False
    return True


def _find(certificate: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _who(certificate: x509.Certificate) -> str:
    return describe(certificate).subject


def _directory_names(subtrees: list[x509.GeneralName] | None) -> list[x509.Name]:
    return [s.value for s in subtrees or () if isinstance(s, x509.DirectoryName)]


def _alternative_names(certificate: x509.Certificate) -> list[x509.Name]:
    found = _find(certificate, x509.SubjectAlternativeName)
    return found.get_values_for_type(x509.DirectoryName) if found is not None else []


def _within(name: x509.Name, base: x509.Name) -> bool:
    parts, wanted = [_plain(r) for r in name.rdns], [_plain(r) for r in base.rdns]
    return parts[: len(wanted)] == wanted


def _plain(part: x509.RelativeDistinguishedName) -> frozenset[tuple[str, str]]:
    # Names compare without case and with white space folded (RFC 5280 section 7.1).
    return frozenset((a.oid.dotted_string, " ".join(str(a.value).split()).casefold()) for a in part)
