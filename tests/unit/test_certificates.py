"""Paths: which certificates are accepted at which time, and the named reason of every refusal."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from axis.demo.authority import (
    Authority,
    Issued,
    authority_extensions,
    leaf_extensions,
    new_key,
    usage,
    write_certificates,
)
from axis.domain.errors import SetupError, SignatureError
from axis.trust.certificates import TrustAnchors, describe, fingerprint, load_certificates, parse

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
ROOT = Authority.create("Cơ quan chứng thực gốc thử nghiệm")
SUB = ROOT.sub("Cơ quan chứng thực cấp hai thử nghiệm")
ANCHORS = TrustAnchors([ROOT.root])
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")


Certificates = tuple[x509.Certificate, ...]


def check(issued: Issued, anchors: TrustAnchors = ANCHORS, at: datetime = NOW) -> Certificates:
    return anchors.validate(issued.der, issued.intermediates, at).certificates


def refusal(issued: Issued, anchors: TrustAnchors = ANCHORS, at: datetime = NOW) -> str:
    with pytest.raises(SignatureError) as caught:
        check(issued, anchors, at)
    assert caught.value.text("vi") and "?" not in caught.value.text("en")
    return caught.value.code


def leaf(*extensions: tuple[x509.ExtensionType, bool], under: Authority = SUB, plain: bool = False) -> Issued:
    """A seal with these extensions instead of its usual one of the same kind."""
    key = new_key()
    usual = [] if plain else leaf_extensions(key.public_key(), under.certificate)
    kept = [e for e in usual if not any(type(e[0]) is type(x[0]) for x in extensions)]
    return under.issue("Văn phòng Bộ", key=key, extensions=[*kept, *extensions])


def without(issued_under: Authority, kind: type[x509.ExtensionType]) -> Issued:
    key = new_key()
    usual = leaf_extensions(key.public_key(), issued_under.certificate)
    return issued_under.issue("x", key=key, extensions=[e for e in usual if not isinstance(e[0], kind)])


def with_sha1(issued: Issued, issuer: Authority) -> Issued:
    """The same certificate signed with SHA-1, which the library no longer writes: the identifiers are of
    one length, so they are exchanged in the DER and the body is signed again."""
    sha256, sha1 = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
    assert isinstance(issuer.key, rsa.RSAPrivateKey)
    body = issued.certificate.tbs_certificate_bytes.replace(sha256, sha1)
    signature = issuer.key.sign(body, padding.PKCS1v15(), hashes.SHA1())
    der = issued.der.replace(issued.certificate.tbs_certificate_bytes, body)
    der = der.replace(sha256, sha1).replace(issued.certificate.signature, signature)
    certificate = x509.load_der_x509_certificate(der)
    return Issued(issued.key, certificate, (certificate, *issued.chain[1:]))


# -- what government authorities issue, and must pass --------------------------------------------------


def test_a_usual_seal_is_proven_with_its_whole_path() -> None:
    issued = SUB.issue("Văn phòng Bộ", tax_code="0100000001")
    assert check(issued) == (issued.certificate, SUB.certificate, ROOT.root)


@pytest.mark.parametrize("key_type", ["ec256", "ec384", "ec521", "rsa2048", "rsa3072"])
def test_every_sound_kind_of_key_is_accepted(key_type: str) -> None:
    assert check(SUB.issue("x", key_type=key_type))


def test_a_seal_with_alternative_name_and_client_purpose_is_accepted() -> None:
    assert check(leaf(
        (x509.SubjectAlternativeName([x509.RFC822Name("vanthu@bo.example")]), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
    ))  # fmt: skip


def test_a_seal_for_document_signing_without_key_identifiers_is_accepted() -> None:
    key = new_key()
    assert check(SUB.issue("x", key=key, extensions=[
        (usage(content_commitment=True), True), (x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), True),
    ]))  # fmt: skip


def test_a_seal_without_key_usage_is_accepted() -> None:
    assert check(without(SUB, x509.KeyUsage))


def test_a_seal_without_any_extension_is_accepted() -> None:
    assert check(leaf(plain=True))


def test_critical_certificate_policies_are_accepted() -> None:
    policy = x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("1.2.3.4"), None)])
    assert check(leaf((policy, True)))
    sub = ROOT.sub("cp", extensions=[(x509.BasicConstraints(True, None), True), (policy, True)])
    assert check(sub.issue("x"))


def test_an_authority_with_an_email_purpose_is_accepted() -> None:
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    sub = ROOT.sub("e", extensions=[(x509.BasicConstraints(True, None), True), (purpose, False)])
    assert check(leaf(plain=True, under=sub))


def test_authorities_without_key_usage_or_with_uncritical_constraints_are_accepted() -> None:
    root = Authority.create("r", extensions=[(x509.BasicConstraints(True, None), False)])
    sub = root.sub("s", extensions=[
        (x509.BasicConstraints(True, None), False), (usage(key_cert_sign=True), False),
    ])  # fmt: skip
    assert check(leaf(plain=True, under=sub), TrustAnchors([root.root]))


def test_a_root_signed_by_itself_with_sha1_is_accepted_because_its_signature_proves_nothing() -> None:
    root = Authority.create("gốc SHA-1", key_type="rsa2048")
    old = with_sha1(Issued(root.key, root.certificate, (root.certificate,)), root)
    assert check(root.issue("x"), TrustAnchors([old.certificate]))


def test_a_path_of_six_certificates_is_accepted_and_one_of_seven_is_not() -> None:
    authority = ROOT
    for level in range(4):
        authority = authority.sub(f"cấp {level}")
    assert len(check(authority.issue("x"))) == 6
    assert refusal(authority.sub("cấp nữa").issue("x")) == "certificate.path-too-long"


def test_intermediates_may_come_in_any_order_with_others_between() -> None:
    issued = SUB.sub("cấp ba").issue("x")
    stray = Authority.create("lạ").certificate
    path = ANCHORS.validate(issued.certificate, [stray, *reversed(issued.chain[1:])], NOW)
    assert len(path.certificates) == 4


# -- what must be refused, each with its reason ----------------------------------------------------------


def test_time_decides_at_both_ends_and_includes_them() -> None:
    issued = SUB.issue("x", not_before=NOW - DAY, not_after=NOW + DAY)
    assert check(issued, TrustAnchors([ROOT.root]), NOW + DAY)
    assert refusal(issued, at=NOW + DAY + timedelta(seconds=1)) == "certificate.expired"
    late = SUB.issue("x", not_before=NOW + timedelta(hours=1))
    assert refusal(late) == "certificate.not-yet-valid"
    assert check(late, at=NOW + timedelta(hours=1))


def test_an_expired_authority_refuses_those_below_it() -> None:
    sub = ROOT.sub("hết hạn", not_before=NOW - 9 * DAY, not_after=NOW - DAY)
    assert refusal(sub.issue("x")) == "certificate.expired"
    root = Authority.create("gốc hết hạn", not_before=NOW - 9 * DAY, not_after=NOW - DAY)
    assert refusal(root.issue("x"), TrustAnchors([root.root])) == "certificate.expired"


def test_an_unknown_or_missing_issuer_is_named() -> None:
    stranger = Authority.create("cơ quan lạ").issue("x")
    with pytest.raises(SignatureError) as caught:
        check(stranger)
    assert caught.value.code == "certificate.unknown-issuer"
    assert "cơ quan lạ" in caught.value.text("vi")
    orphan = SUB.issue("x")
    with pytest.raises(SignatureError, match="unknown-issuer"):
        ANCHORS.validate(orphan.certificate, [], NOW)


def test_an_authority_of_the_same_name_with_another_key_is_refused() -> None:
    twin = Authority.create("Cơ quan chứng thực gốc thử nghiệm")
    assert twin.certificate.subject == ROOT.certificate.subject
    assert refusal(twin.issue("x")) == "certificate.bad-signature"


def test_a_seal_cannot_issue_seals() -> None:
    seal = SUB.issue("đơn vị")
    false = Authority(seal.key, seal.certificate, (seal.certificate, *SUB.chain))
    assert refusal(false.issue("giả")) == "certificate.not-a-ca"


def test_an_authority_without_constraints_or_without_the_right_to_sign_is_refused() -> None:
    bare = ROOT.sub("không CA", extensions=[(usage(key_cert_sign=True), True)])
    assert refusal(leaf(plain=True, under=bare)) == "certificate.not-a-ca"
    unsigned = ROOT.sub("không ký", extensions=[
        (x509.BasicConstraints(True, None), True), (usage(digital_signature=True), True),
    ])  # fmt: skip
    assert refusal(leaf(plain=True, under=unsigned)) == "certificate.not-a-ca"


def test_the_path_length_of_an_authority_is_kept() -> None:
    last = ROOT.sub("cấp cuối", path_length=0)
    assert check(last.issue("x"))
    assert refusal(last.sub("dưới nữa").issue("x")) == "certificate.path-length"


def test_a_seal_not_made_for_signing_is_refused() -> None:
    assert refusal(leaf((usage(key_encipherment=True), True))) == "certificate.key-usage"
    stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    assert refusal(leaf((stamping, True))) == "certificate.purpose"


def test_short_keys_are_refused_in_leaf_and_issuer() -> None:
    assert refusal(SUB.issue("x", key_type="rsa1024")) == "certificate.weak-key"
    assert refusal(SUB.issue("x", key=rsa.generate_private_key(3, 2048))) == "certificate.weak-key"
    assert refusal(ROOT.sub("yếu", key_type="rsa1024").issue("x")) == "certificate.weak-key"


def test_sha1_signatures_below_the_anchor_are_refused() -> None:
    sub = ROOT.sub("s", key_type="rsa2048")
    assert refusal(with_sha1(sub.issue("x"), sub)) == "certificate.weak-signature"
    root = Authority.create("r", key_type="rsa2048")
    middle = root.sub("m")
    old = with_sha1(Issued(middle.key, middle.certificate, middle.chain[:1]), root).certificate
    issued = middle.issue("x")
    broken = Issued(issued.key, issued.certificate, (issued.certificate, old))
    assert refusal(broken, TrustAnchors([root.root])) == "certificate.weak-signature"


def test_an_unknown_critical_extension_is_refused_wherever_it_stands() -> None:
    odd = (x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00"), True)
    assert refusal(leaf(odd)) == "certificate.critical-extension"
    sub = ROOT.sub("o", extensions=[(x509.BasicConstraints(True, None), True), odd])
    assert refusal(leaf(plain=True, under=sub)) == "certificate.critical-extension"


def test_name_constraints_bind_the_subject() -> None:
    def constrained(*, critical: bool = False, **trees: list[x509.GeneralName]) -> Authority:
        limits = x509.NameConstraints(trees.get("permitted"), trees.get("excluded"))
        basic = (x509.BasicConstraints(True, None), True)
        return ROOT.sub("giới hạn", extensions=[basic, (limits, critical)])

    def tree(organization: str) -> list[x509.GeneralName]:
        return [x509.DirectoryName(x509.Name([
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        ]))]  # fmt: skip

    def seal(authority: Authority) -> Issued:
        return authority.issue("x", organization="Bộ Thử nghiệm", extensions=[])

    assert check(seal(constrained(permitted=tree("bộ  thử NGHIỆM"))))
    assert refusal(seal(constrained(permitted=tree("Bộ Khác")))) == "certificate.name-constraints"
    assert refusal(seal(constrained(excluded=tree("Bộ Thử nghiệm")))) == "certificate.name-constraints"
    critical = constrained(permitted=tree("Bộ Thử nghiệm"), critical=True)
    assert refusal(seal(critical)) == "certificate.critical-extension"


def test_a_loop_of_cross_signed_authorities_ends() -> None:
    one, two = Authority.create("một"), Authority.create("hai")
    onto = two.issue("một", key=one.key, extensions=authority_extensions(one.key.public_key(), None, None))
    back = one.issue("hai", key=two.key, extensions=authority_extensions(two.key.public_key(), None, None))
    issued = one.issue("x")
    with pytest.raises(SignatureError):
        ANCHORS.validate(issued.certificate, [onto.certificate, back.certificate], NOW)


def test_a_crowd_of_intermediates_is_refused_before_any_work() -> None:
    issued = SUB.issue("x")
    with pytest.raises(SignatureError, match="too-many"):
        ANCHORS.validate(issued.der, [b"not even read"] * 11, NOW)


def test_no_flipped_byte_changes_what_was_certified_or_raises_anything_unexpected() -> None:
    issued = SUB.issue("x")
    for position, mask in itertools.product(range(len(issued.der)), (0x01, 0x55, 0x80)):
        broken = bytearray(issued.der)
        broken[position] ^= mask
        try:
            path = ANCHORS.validate(bytes(broken), issued.intermediates, NOW)
        except SignatureError:
            continue
        # The signature's own wrapping may have a second spelling; then it is another certificate to us.
        assert path.leaf.tbs_certificate_bytes == issued.certificate.tbs_certificate_bytes
        assert path.fingerprint != issued.fingerprint


def test_an_overlong_certificate_is_refused_unread() -> None:
    with pytest.raises(SignatureError, match="unreadable"):
        parse(b"\x30" * 70_000)


def test_without_anchors_nothing_is_trusted() -> None:
    assert refusal(SUB.issue("x"), TrustAnchors()) == "certificate.no-anchors"


def test_a_time_without_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="zone"):
        ANCHORS.validate(SUB.issue("x").der, [], NOW.replace(tzinfo=None))


# -- the memory of successes -------------------------------------------------------------------------------


def test_a_remembered_success_is_not_stretched_beyond_its_end_within_the_hour() -> None:
    start = NOW.replace(minute=0, second=0)
    issued = SUB.issue("x", not_before=start - DAY, not_after=start + timedelta(minutes=10))
    anchors = TrustAnchors([ROOT.root])
    assert check(issued, anchors, start + timedelta(minutes=5))
    assert check(issued, anchors, start + timedelta(minutes=10))
    assert refusal(issued, anchors, start + timedelta(minutes=11)) == "certificate.expired"


def test_a_failure_for_lack_of_intermediates_does_not_stick() -> None:
    issued, anchors = SUB.issue("x"), TrustAnchors([ROOT.root])
    with pytest.raises(SignatureError):
        anchors.validate(issued.der, (), NOW)
    first = anchors.validate(issued.der, issued.intermediates, NOW)
    assert anchors.validate(issued.der, issued.intermediates, NOW) is first


def test_only_so_many_successes_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("axis.trust.certificates._REMEMBERED", 2)
    anchors = TrustAnchors([ROOT.root])
    one, *others = (SUB.issue(str(n)) for n in range(3))
    first = anchors.validate(one.der, one.intermediates, NOW)
    for other in others:
        check(other, anchors)
    again = anchors.validate(one.der, one.intermediates, NOW)
    assert again is not first and again == first and again.anchor == ROOT.root


def test_the_reason_is_looked_for_along_the_sound_issuer_when_there_are_two() -> None:
    """A cross-signed authority, its first certificate expired: the stray one above the second is named."""
    key = new_key()
    stranger = Authority.create("lạ")
    usual = authority_extensions(key.public_key(), None, None)
    old = ROOT.issue("chéo", key=key, not_before=NOW - 9 * DAY, not_after=NOW - DAY, extensions=usual)
    new = stranger.issue("chéo", key=key, extensions=usual)
    issued = Authority(key, new.certificate, (new.certificate,)).issue("x")
    for order in ([old, new], [new, old]):
        with pytest.raises(SignatureError, match="unknown-issuer"):
            ANCHORS.validate(issued.certificate, [c.certificate for c in order], NOW)


# -- anchors from files ------------------------------------------------------------------------------------


def test_anchors_come_from_folders_with_several_in_a_file(tmp_path: Path) -> None:
    other = Authority.create("khác")
    write_certificates(tmp_path / "all.pem", [ROOT.root, other.root])
    (tmp_path / "one.cer").write_bytes(SUB.certificate.public_bytes(Encoding.DER))
    (tmp_path / "README.md").write_text("not a certificate")
    anchors = TrustAnchors.load(tmp_path)
    assert set(anchors.certificates) == {ROOT.root, other.root, SUB.certificate}
    assert check(other.issue("x"), anchors)


@dataclass
class _Case:
    content: bytes
    code: str


@pytest.mark.parametrize("case", [
    _Case(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate.anchor-unreadable"),
    _Case(b"", "certificate.anchor-unreadable"),
    _Case(b"-----BEGIN EC PRIVATE KEY-----\nAAAA\n", "certificate.anchor-private-key"),
])  # fmt: skip
def test_a_file_that_is_no_anchor_is_refused(tmp_path: Path, case: _Case) -> None:
    file = tmp_path / "anchor.pem"
    file.write_bytes(case.content)
    with pytest.raises(SetupError, match=case.code):
        load_certificates(file)


def test_a_missing_or_world_writable_anchor_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="anchor-missing"):
        TrustAnchors.load(tmp_path / "none.pem")
    file = ROOT.write_anchor(tmp_path / "root.pem")
    os.chmod(file, 0o666)
    with pytest.raises(SetupError, match="anchor-writable"):
        TrustAnchors.load(file)


def test_a_seal_or_a_weak_root_cannot_be_an_anchor() -> None:
    with pytest.raises(SetupError, match="anchor-unusable"):
        TrustAnchors([SUB.issue("x").certificate])
    with pytest.raises(SetupError, match="anchor-unusable"):
        TrustAnchors([Authority.create("yếu", key_type="rsa1024").root])


def test_keys_of_other_kinds_are_described_and_refused() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    builder = x509.CertificateBuilder(
        SUB.certificate.subject, ROOT.root.subject, key.public_key(), 1, NOW - DAY, NOW + DAY
    )
    assert isinstance(SUB.key, ec.EllipticCurvePrivateKey)
    odd = builder.sign(SUB.key, hashes.SHA256())
    with pytest.raises(SignatureError, match="weak-key"):
        ANCHORS.validate(odd, [SUB.certificate], NOW)
    assert describe(odd).key == "Ed25519PublicKey" and describe(odd).name == describe(ROOT.root).name


# -- words -------------------------------------------------------------------------------------------------


def test_a_certificate_is_described_without_letting_its_names_deceive() -> None:
    issued = SUB.issue("Sở\x00 Y tế\r\n\u202eexe", tax_code="0100000001")
    facts = describe(issued.certificate)
    assert facts.name == "Sở\ufffd Y tế\ufffd\ufffd\ufffdexe"
    assert "MST:0100000001" in facts.subject and "\n" not in facts.text("vi") + facts.text("en")
    assert facts.fingerprint == fingerprint(issued.der) == issued.fingerprint
    assert facts.key == "EC secp256r1" and describe(ROOT.root).serial == f"{ROOT.root.serial_number:x}"
