"""Tricks with certificates, through the whole door: the seal of the package is sound each time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

from axis.demo.authority import Authority, Issued, authority_extensions, leaf_extensions, new_key, usage
from axis.domain.document import Policy, Verdict
from axis.domain.errors import AxisError
from axis.edxml.reader import read
from axis.trust.signature import check, sign
from axis.trust.verdict import judge
from tests.attacks.samples import ANCHORS, DAY, NOW, PROVEN, ROOT, STRANGER, SUB, bound, decide, sample
from tests.attacks.tampering import insert
from tests.attacks.wrapping import certificate, seal, signed_info

HONEST = sample("document-ec")
PLAIN = HONEST.unsigned.encode()
BASIC = (x509.BasicConstraints(ca=True, path_length=None), True)
ODD = (x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00"), True)


def names(organization: str) -> x509.NameConstraints:
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])
    return x509.NameConstraints([x509.DirectoryName(name)], None)


def below(depth: int) -> Authority:
    authority = SUB
    for number in range(depth):
        authority = authority.sub(f"cấp {number}")
    return authority


def with_extension(*extensions: tuple[x509.ExtensionType, bool]) -> Issued:
    key = new_key()
    usual = leaf_extensions(key.public_key(), SUB.certificate)
    kept = [e for e in usual if not any(type(e[0]) is type(x[0]) for x in extensions)]
    return SUB.issue("lạ", key=key, extensions=[*kept, *extensions])


def looped() -> Issued:
    """Two authorities that vouch for each other, and nobody for them."""
    one, two = Authority.create("một"), Authority.create("hai")
    usual = authority_extensions(one.key.public_key(), None, None)
    same = "Thử nghiệm, không có giá trị pháp lý"  # as in the authorities' own names
    onto = two.issue("một", key=one.key, organization=same, extensions=usual).certificate
    back = one.issue("hai", key=two.key, organization=same, extensions=usual).certificate
    issued = one.issue("trong vòng")
    return replace(issued, chain=(issued.certificate, onto, back))


def from_a_seal() -> Issued:
    honest = HONEST.issued
    return Authority(honest.key, honest.certificate, honest.chain).issue("dưới con dấu")


TRICKS: dict[str, tuple[Callable[[], Issued], str]] = {
    "a seal that issues seals": (from_a_seal, "certificate.not-a-ca"),
    "an authority that may not sign": (
        lambda: ROOT.sub("a", extensions=[BASIC, (usage(digital_signature=True), True)]).issue("x"),
        "certificate.not-a-ca",
    ),
    "an authority without constraints": (
        lambda: ROOT.sub("a", extensions=[(usage(key_cert_sign=True), True)]).issue("x"), "certificate.not-a-ca"
    ),
    "a path longer than its length": (
        lambda: ROOT.sub("a", path_length=0).sub("b").issue("x"), "certificate.path-length"
    ),
    "a chain of eight": (lambda: below(5).issue("x"), "certificate.path-too-long"),
    "a name outside the constraints": (
        lambda: ROOT.sub("a", extensions=[BASIC, (names("Bộ Khác"), False)]).issue("x"),
        "certificate.name-constraints",
    ),
    "critical constraints on names": (
        lambda: ROOT.sub("a", extensions=[BASIC, (names("Bộ Thử nghiệm"), True)]).issue("x"),
        "certificate.critical-extension",
    ),
    "an unknown critical extension": (lambda: with_extension(ODD), "certificate.critical-extension"),
    "an unknown critical extension above": (
        lambda: ROOT.sub("a", extensions=[BASIC, ODD]).issue("x"), "certificate.critical-extension"
    ),
    "expired": (
        lambda: SUB.issue("x", not_before=NOW - 9 * DAY, not_after=NOW - timedelta(seconds=1)), "certificate.expired"
    ),
    "not yet valid": (lambda: SUB.issue("x", not_before=NOW + timedelta(hours=1)), "certificate.not-yet-valid"),
    "an expired authority": (
        lambda: ROOT.sub("a", not_before=NOW - 9 * DAY, not_after=NOW - DAY).issue("x"), "certificate.expired"
    ),
    "a stranger of the same name": (lambda: STRANGER.issue("x"), "certificate.bad-signature"),
    "nobody we know": (lambda: Authority.create("lạ").issue("x"), "certificate.unknown-issuer"),
    "self-signed": (lambda: _root_as_seal(Authority.create("tự ký")), "certificate.key-usage"),
    "a loop of two authorities": (looped, "certificate.unknown-issuer"),
    "not for signing": (lambda: with_extension((usage(key_encipherment=True), True)), "certificate.key-usage"),
    "a name with a NUL": (lambda: STRANGER.issue("Văn phòng thử nghiệm\0.evil"), "certificate.bad-signature"),
}  # fmt: skip


def _root_as_seal(authority: Authority) -> Issued:
    return Issued(authority.key, authority.certificate, (authority.certificate,))


@pytest.mark.parametrize("name", TRICKS)
def test_even_a_bound_certificate_proves_nothing_when_it_is(name: str) -> None:
    make, code = TRICKS[name]
    issued = make()
    data = sign(PLAIN, issued.key, issued.chain)
    unit = bound(issued)  # an operator bound it, by mistake
    assert decide(data, replace(HONEST, unit=unit)).code == "verdict.policy-required"
    reading = read(data)
    assert reading.seal is not None
    judgement = judge(check(reading.seal), replace(unit, policy=Policy.REFERENCE_ONLY), ANCHORS, NOW)
    assert judgement.verdict is Verdict.UNPROVEN
    assert [one.rule for one in judgement.reasons] == [code]
    assert "\0" not in "".join(one.text("vi") for one in judgement.reasons)


def test_a_sound_certificate_that_is_not_bound_proves_nothing() -> None:
    other = SUB.issue("Văn phòng thử nghiệm")
    assert decide(sign(PLAIN, other.key, other.chain), HONEST).code == "verdict.policy-required"
    assert decide(sign(PLAIN, other.key, other.chain), replace(HONEST, unit=bound(other))).code == PROVEN


# -- certificates the library does not like ------------------------------------------------------


def spoilt(der: bytes, what: str) -> bytes:
    """One certificate with a field out of bounds; lengths stay as they were."""
    version = der.index(bytes.fromhex("a003020102"))
    serial = version + 5
    if what == "version 1":
        return der[: version + 4] + b"\x00" + der[version + 5 :]
    if what == "version 9":
        return der[: version + 4] + b"\x08" + der[version + 5 :]
    if what == "a negative serial number":
        return der[: serial + 2] + b"\x80" + der[serial + 3 :]
    if what == "no serial number":
        return der[: serial + 2] + bytes(der[serial + 1]) + der[serial + 2 + der[serial + 1] :]
    if what == "another curve":
        return der.replace(bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d030109"))
    if what == "a point off the curve":
        at = der.index(bytes.fromhex("034200")) + 10
        return der[:at] + bytes([der[at] ^ 0xFF]) + der[at + 1 :]
    return der[:-1] if what == "cut" else der + b"\0"


SPOILT = (
    "version 1", "version 9", "a negative serial number", "no serial number", "another curve", "a point off the curve",
    "cut", "padded",
)  # fmt: skip


def holding(der: bytes, *others: bytes) -> bytes:
    key_info = "<ds:X509Data>" + "".join(map(certificate, (der, *others))) + "</ds:X509Data>"
    info = signed_info(HONEST.issued, read(HONEST.data).seal.computed)  # type: ignore[union-attr]
    return insert(HONEST.unsigned, seal(HONEST.issued, info, key_info=key_info)).encode()


@pytest.mark.parametrize("what", SPOILT)
def test_a_certificate_with(what: str) -> None:
    der = spoilt(HONEST.issued.der, what)
    assert der != HONEST.issued.der
    for others in ((), HONEST.issued.intermediates):
        assert decide(holding(der, *others), HONEST).code in (
            "signature.certificate-unreadable", "verdict.policy-required", "signature.curve", "signature.value",
        )  # fmt: skip
    beside = spoilt(HONEST.issued.intermediates[0], what)
    # A path found for this seal before is remembered: then nobody asks for what stands beside it.
    assert decide(holding(HONEST.issued.der, beside), HONEST).code in (
        PROVEN, "signature.certificate-unreadable", "signature.leaf-ambiguous", "verdict.policy-required",
    )  # fmt: skip


def test_no_flipped_byte_of_the_certificate_lets_another_sign_or_raises() -> None:
    der = HONEST.issued.der
    for at, mask in itertools.product(range(len(der)), (0x01, 0x80)):
        broken = der[:at] + bytes([der[at] ^ mask]) + der[at + 1 :]
        decision = decide(holding(broken, *HONEST.issued.intermediates), HONEST)
        assert decision.code != PROVEN, at


def test_values_of_signatures_at_the_edge_are_refusals() -> None:
    """Zero, one, the order and all ones, for both families; the wrong length."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    edges = [0, 1, order - 1, order, order + 1, 2**256 - 1]
    for r, s in itertools.product(edges, edges):
        value = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        assert _with_value("document-ec", value) == "signature.value"
    for size in (1, 63, 64, 65, 255, 256, 257, 512):
        for byte in (b"\0", b"\1", b"\xff"):
            for name in ("document-ec", "document-rsa"):
                assert _with_value(name, byte * size) == "signature.value", (name, size)


def _with_value(name: str, value: bytes) -> str:
    reading = read(sample(name).data)
    assert reading.seal is not None
    try:
        check(replace(reading.seal, signature=value))
    except AxisError as error:
        return error.code
    return PROVEN


def test_the_keys_of_the_samples_are_of_both_families() -> None:
    assert isinstance(sample("document-rsa").issued.key, rsa.RSAPrivateKey)
    assert isinstance(sample("document-ec").issued.key, ec.EllipticCurvePrivateKey)
