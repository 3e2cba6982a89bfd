"""Receipts: what holds, and every way to forge, bend or swap one that must not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from axis.demo.authority import Authority, Issued
from axis.domain.errors import AxisError, SignatureError
from axis.trust.certificates import TrustAnchors
from axis.trust.keys import HubIdentity, thumbprint
from axis.trust.receipts import Claims, ReceiptSigner, explain, verify

NOW = datetime.now(UTC).replace(microsecond=123000)
BODY = "Nội dung gói tin".encode() * 1000
ROOT = Authority.create("Gốc biên nhận thử nghiệm", not_before=NOW - timedelta(days=30))
ANCHORS = TrustAnchors([ROOT.root])
CLAIMS = Claims(
    id=UUID("0192f0c1-2345-7abc-8def-0123456789ab"), axis="G22", event="package.accepted", time=NOW,
    package=UUID("0192f0c1-2345-7abc-8def-0123456789ac"),
    document_id="G22.01,2019/03/05,123/QĐ-BTN", sha256=hashlib.sha256(BODY).hexdigest(), size=len(BODY),
    sender="G22.01", receivers=("G22.02", "000.00.01.H26"), verdict="proven",
)  # fmt: skip


def identity(issued: Issued, root: Authority = ROOT) -> HubIdentity:
    return HubIdentity(issued.key, (*issued.chain, root.root))


EC_HUB = identity(ROOT.issue("Trục thử nghiệm"))
RSA_HUB = identity(ROOT.issue("Trục thử nghiệm RSA", key_type="rsa2048"))
HUBS = pytest.mark.parametrize("hub", [EC_HUB, RSA_HUB], ids=["ES256", "RS256"])
RECEIPT = ReceiptSigner(EC_HUB).sign(CLAIMS)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def plain(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=="))


def signature(hub: HubIdentity, data: bytes) -> bytes:
    """Without our signer, so that a test can sign anything."""
    if isinstance(hub.key, rsa.RSAPrivateKey):
        return hub.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    raw = hub.key.sign(data, ec.ECDSA(hashes.SHA256()))
    r, s = _der_integers(raw)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _der_integers(der: bytes) -> tuple[int, int]:
    length = der[3]
    r, rest = der[4 : 4 + length], der[4 + length :]
    return int.from_bytes(r, "big"), int.from_bytes(rest[2:], "big")


def forged(header: dict[str, Any] | bytes, payload: dict[str, Any] | bytes, hub: HubIdentity = EC_HUB) -> str:
    """A receipt with any header and payload, soundly signed."""
    parts = [p if isinstance(p, bytes) else json.dumps(p).encode() for p in (header, payload)]
    signed = ".".join(b64(p) for p in parts)
    return f"{signed}.{b64(signature(hub, signed.encode()))}"


def refusal(jws: str | bytes, **options: Any) -> str:
    with pytest.raises(SignatureError) as caught:
        verify(jws, options.pop("anchors", ANCHORS), at=options.pop("at", NOW), **options)
    assert caught.value.text("vi") and caught.value.text("en")
    return caught.value.code


HEADER, PAYLOAD = (plain(p) for p in RECEIPT.split(".")[:2])


# -- what holds --------------------------------------------------------------------------------------------


@HUBS
def test_a_receipt_gives_back_its_facts_and_its_signer(hub: HubIdentity, tmp_path: Path) -> None:
    package = tmp_path / "p.edxml"
    package.write_bytes(BODY)
    check = verify(ReceiptSigner(hub).sign(CLAIMS), ANCHORS, at=NOW, package=package)
    assert check.claims == CLAIMS
    assert check.package_checked and "Trục thử nghiệm" in check.signer.name
    assert not verify(ReceiptSigner(hub).sign(CLAIMS), ANCHORS, at=NOW).package_checked


def test_the_time_is_written_in_vietnam_time() -> None:
    assert PAYLOAD["time"].endswith("+07:00")
    assert datetime.fromisoformat(PAYLOAD["time"]) == NOW


def test_only_rsa_is_slow() -> None:
    assert ReceiptSigner(RSA_HUB).is_slow and not ReceiptSigner(EC_HUB).is_slow


def test_a_receipt_outlives_the_certificate_that_signed_it() -> None:
    assert verify(RECEIPT, ANCHORS, at=NOW + timedelta(days=5000)).claims == CLAIMS


def test_a_line_end_around_the_receipt_is_that_of_its_file() -> None:
    assert verify(f"{RECEIPT}\r\n".encode(), ANCHORS, at=NOW).claims == CLAIMS


def test_one_named_signer_may_be_asked_for() -> None:
    print_ = EC_HUB.certificate.fingerprint(hashes.SHA256())
    assert verify(RECEIPT, ANCHORS, at=NOW, signer=print_.hex(":").upper())
    assert refusal(RECEIPT, signer="00" * 32) == "receipt.other-signer"


@HUBS
def test_openssl_alone_confirms_the_signature(hub: HubIdentity, tmp_path: Path) -> None:
    signed, _, tail = ReceiptSigner(hub).sign(CLAIMS).rpartition(".")
    raw = base64.urlsafe_b64decode(tail + "==")
    if len(raw) == 64:  # openssl wants DER
        numbers = [_der_integer(raw[:32]), _der_integer(raw[32:])]
        raw = b"\x30" + bytes([sum(map(len, numbers))]) + b"".join(numbers)
    (tmp_path / "sig").write_bytes(raw)
    (tmp_path / "data").write_text(signed)
    public = hub.certificate.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "key.pem").write_bytes(public)
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "sig", "data"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Verified OK" in done.stdout, done.stderr


def _der_integer(raw: bytes) -> bytes:
    raw = raw.lstrip(b"\0")
    raw = b"\0" + raw if raw[0] & 0x80 else raw
    return b"\x02" + bytes([len(raw)]) + raw


# -- forgeries ---------------------------------------------------------------------------------------------


def test_every_flipped_byte_is_noticed() -> None:
    raw = RECEIPT.encode()
    for position in range(len(raw)):
        for bit in (0x01, 0x20):
            broken = bytearray(raw)
            broken[position] ^= bit
            with pytest.raises(AxisError):
                verify(bytes(broken), ANCHORS, at=NOW)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_edit_of_a_receipt_survives(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(RECEIPT) - 1))
    end = data.draw(st.integers(start, min(len(RECEIPT), start + 6)))
    text = data.draw(st.text("ABCabc019-_.=+/ \n{", max_size=6))
    edited = RECEIPT[:start] + text + RECEIPT[end:]
    if edited.strip() != RECEIPT:
        refusal(edited)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_garbage_is_refused_by_name(garbage: bytes | str) -> None:
    assert refusal(garbage) == "receipt.malformed"


@pytest.mark.parametrize("name", ["none", "None", "HS256", "ES384", "PS256", "EdDSA", "RS256", "", None, 5])
def test_the_key_decides_the_algorithm_not_the_header(name: object) -> None:
    assert refusal(forged({**HEADER, "alg": name}, PAYLOAD)) == "receipt.algorithm"


def test_no_signature_and_an_hmac_under_the_public_key_are_refused() -> None:
    public = EC_HUB.certificate.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for name in ("none", "HS256", "ES256"):
        signed = f"{b64(json.dumps({**HEADER, 'alg': name}).encode())}.{RECEIPT.split('.')[1]}"
        assert refusal(f"{signed}.") == "receipt.malformed"
        tag = hmac.digest(public, signed.encode(), "sha256")
        assert refusal(f"{signed}.{b64(tag)}") in ("receipt.algorithm", "receipt.broken")


def test_a_p384_key_cannot_pass_as_es256() -> None:
    issued = ROOT.issue("x", key_type="ec384")
    header = {**HEADER, "x5c": [base64.b64encode(issued.der).decode()]}
    assert refusal(forged(header, PAYLOAD)) == "receipt.algorithm"


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "crit", "b64", "cty", "x5t", "zip"])
def test_header_names_beyond_the_four_are_refused(name: str) -> None:
    assert refusal(forged({**HEADER, name: "https://example.invalid/"}, PAYLOAD)) == "receipt.header"


@pytest.mark.parametrize("change", [
    {"typ": "JWT"}, {"typ": None}, {"kid": "x"}, {"x5c": []}, {"x5c": ["!"]}, {"x5c": "AAAA"}, {"x5c": [5]},
    {"x5c": [HEADER["x5c"][0] + "\n"]}, {"x5c": HEADER["x5c"] * 4},
])  # fmt: skip
def test_a_bent_header_is_refused(change: dict[str, Any]) -> None:
    assert refusal(forged({**HEADER, **change}, PAYLOAD)) == "receipt.header"


def test_the_same_name_twice_is_refused_in_header_and_payload() -> None:
    for name in ("header", "payload"):
        raw = json.dumps(HEADER if name == "header" else PAYLOAD).encode()
        first = b'{"alg":"none",' if name == "header" else b'{"sender":"G22.99",'
        twice = first + raw[1:]
        jws = forged(twice, PAYLOAD) if name == "header" else forged(HEADER, twice)
        assert refusal(jws) == "receipt.malformed"


def test_a_der_signature_and_signatures_of_zeros_are_refused() -> None:
    signed, _, tail = RECEIPT.rpartition(".")
    der = ec.ECDSA(hashes.SHA256())
    assert isinstance(EC_HUB.key, ec.EllipticCurvePrivateKey)
    for raw in (EC_HUB.key.sign(signed.encode(), der), bytes(64), bytes(63), b"\xff" * 64):
        assert refusal(f"{signed}.{b64(raw)}") == "receipt.broken"
    assert refusal(f"{signed}.{tail}=") == "receipt.malformed"


def test_a_stranger_cannot_sign_for_the_hub() -> None:
    stranger = Authority.create("Gốc biên nhận thử nghiệm")  # the same name, another key
    other = identity(stranger.issue("Trục thử nghiệm"), stranger)
    assert refusal(ReceiptSigner(other).sign(CLAIMS)) in (
        "certificate.bad-signature", "certificate.unknown-issuer",
    )  # fmt: skip
    # The stranger's key under the hub's certificates, and the hub's name over the stranger's key.
    assert refusal(ReceiptSigner(HubIdentity(other.key, EC_HUB.chain)).sign(CLAIMS)) == "receipt.header"
    stolen = forged({**HEADER, "kid": EC_HUB.kid}, PAYLOAD, other)
    assert refusal(stolen) == "receipt.broken"
    mixed = HubIdentity(other.key, (other.chain[0], ROOT.root))
    assert refusal(ReceiptSigner(mixed).sign(CLAIMS)).startswith("certificate.")


def test_a_certificate_not_valid_at_the_time_of_the_receipt_is_refused() -> None:
    past = identity(ROOT.issue("x", not_before=NOW - timedelta(days=9), not_after=NOW - timedelta(days=1)))
    assert refusal(ReceiptSigner(past).sign(CLAIMS)) == "certificate.expired"
    early = replace(CLAIMS, time=NOW - timedelta(days=3))
    assert verify(ReceiptSigner(past).sign(early), ANCHORS, at=NOW)
    before = replace(CLAIMS, time=NOW - timedelta(days=4000))
    assert refusal(ReceiptSigner(EC_HUB).sign(before)) == "certificate.not-yet-valid"


def test_a_receipt_from_the_future_is_refused() -> None:
    assert refusal(RECEIPT, at=NOW - timedelta(hours=1)) == "receipt.from-the-future"
    assert verify(RECEIPT, ANCHORS, at=NOW - timedelta(minutes=4))


def test_another_package_is_refused_even_one_byte_away(tmp_path: Path) -> None:
    file = tmp_path / "p.edxml"
    for body in (BODY + b"\n", BODY[:-1], b"x" + BODY[1:], b""):
        file.write_bytes(body)
        assert refusal(RECEIPT, package=file) == "receipt.other-package"


Change = Callable[[dict[str, Any]], object]
CASES: list[tuple[str, Change]] = [
    ("version", lambda p: p.update(version=2)), ("version as text", lambda p: p.update(version="1")),
    ("version as truth", lambda p: p.update(version=True)), ("missing", lambda p: p.pop("verdict")),
    ("unknown", lambda p: p.update(more=1)), ("id", lambda p: p.update(id=p["id"].upper())),
    ("zone", lambda p: p.update(time=p["time"].replace("+07:00", "Z"))),
    ("no such day", lambda p: p.update(time="2026-02-30T10:00:00.000+07:00")),
    ("time", lambda p: p.update(time=1763000000)), ("size", lambda p: p.update(size=-1)),
    ("size", lambda p: p.update(size=1.0)), ("hash", lambda p: p.update(sha256=p["sha256"].upper())),
    ("receivers", lambda p: p.update(receivers="G22.02")), ("bidi", lambda p: p.update(sender="G22\u202e")),
    ("line", lambda p: p.update(document_id="a\nb")), ("status", lambda p: p.update(status="99")),
    ("status kind", lambda p: p.update(status=None)), ("verdict", lambda p: p.update(verdict="sure")),
    ("verdict kind", lambda p: p.update(verdict=["proven"])), ("event", lambda p: p.update(event="a.b\n")),
]  # fmt: skip


@pytest.mark.parametrize("change", [c for _, c in CASES], ids=[n for n, _ in CASES])
def test_a_payload_of_another_shape_is_refused_even_when_signed(change: Change) -> None:
    payload = dict(PAYLOAD)
    change(payload)
    assert refusal(forged(HEADER, payload)) == "receipt.malformed"


@pytest.mark.parametrize("raw", [
    b"[]", b"null", b'{"version":NaN}', b'{"a":' * 5000, b"\xff", b"\xef\xbb\xbf{}",
    b'{"size":1' + b"0" * 5000 + b"}",
])  # fmt: skip
def test_json_tricks_are_refused(raw: bytes) -> None:
    assert refusal(forged(HEADER, raw)) == "receipt.malformed"
    assert refusal(forged(raw, PAYLOAD)) == "receipt.malformed"


@pytest.mark.parametrize("jws", ["A.A.A", "", "..", "AA.AA", "AA.AA.AA.AA", "AA.AA.A\u0391", "AB.AA.AA"])
def test_what_is_not_three_parts_of_canonical_base64url_is_refused(jws: str) -> None:
    assert refusal(jws) == "receipt.malformed"


def test_an_endless_receipt_is_refused_by_its_size() -> None:
    assert refusal("A" * 600_000 + ".A.A") == "receipt.malformed"


def test_the_signer_will_not_sign_what_nobody_could_check() -> None:
    for wrong in (replace(CLAIMS, sha256="x"), replace(CLAIMS, status="99"), replace(CLAIMS, sender="")):
        with pytest.raises(ValueError, match="not a receipt's"):
            ReceiptSigner(EC_HUB).sign(wrong)


TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(
    document_id=TEXT, receivers=st.lists(TEXT, max_size=5), size=st.integers(0, 1 << 40),
    status=st.sampled_from(["", "01", "06", "13", "16"]),
)  # fmt: skip
def test_whatever_is_signed_is_read_back(
    document_id: str, receivers: list[str], size: int, status: str
) -> None:
    claims = replace(
        CLAIMS, document_id=document_id, receivers=tuple(receivers), size=size,
        status=status,
    )  # fmt: skip
    assert verify(ReceiptSigner(EC_HUB).sign(claims), ANCHORS, at=NOW).claims == claims


# -- words -------------------------------------------------------------------------------------------------


def test_plain_words_tell_what_it_proves_and_what_not(tmp_path: Path) -> None:
    check = verify(RECEIPT, ANCHORS, at=NOW)
    vi, en = explain(check), explain(check, "en")
    assert "chứng minh" in vi and "không chứng minh" in vi and CLAIMS.document_id in vi
    assert "does not prove" in en and "--package" not in vi + en and "?" not in vi + en
    assert "--package TỆP" in explain(check, command=True) and "--package FILE" in explain(check, "en", command=True)
    moved = replace(CLAIMS, event="status.moved", status="03")
    words = explain(verify(ReceiptSigner(EC_HUB).sign(moved), ANCHORS, at=NOW))
    assert "03 - Đã tiếp nhận" in words and "có biên nhận riêng" not in words
    package = tmp_path / "p.edxml"
    package.write_bytes(BODY)
    assert "từng byte" in explain(verify(RECEIPT, ANCHORS, at=NOW, package=package))


def test_kid_is_the_thumbprint_of_rfc_7638() -> None:
    # The example of RFC 7638 section 3.1.
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRX"
        "jBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaS"
        "qzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksIN"
        "HaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    numbers = rsa.RSAPublicNumbers(65537, int.from_bytes(base64.urlsafe_b64decode(n + "=="), "big"))
    assert thumbprint(numbers.public_key()) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
