"""The verdict on a package: proven, or every reason why not; and what each policy makes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from axis.demo.authority import Authority, Issued
from axis.domain.directory import Signer, Unit, UnitState
from axis.domain.document import Policy, Verdict
from axis.domain.errors import SignatureError
from axis.trust.certificates import TrustAnchors
from axis.trust.verdict import Judgement, judge, label

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
ROOT = Authority.create("Gốc thử nghiệm", not_before=NOW - 30 * DAY)
ANCHORS = TrustAnchors([ROOT.root])
SEAL = ROOT.sub("Cấp hai").issue("Văn phòng Bộ")


@dataclass(frozen=True)
class Seen:
    certificate: bytes
    intermediates: tuple[bytes, ...]
    sha1: bool = False


def seen(issued: Issued, sha1: bool = False) -> Seen:
    return Seen(issued.der, issued.intermediates, sha1)


def unit(policy: Policy = Policy.REFERENCE_ONLY, *signers: Signer) -> Unit:
    bound = signers or (Signer(SEAL.fingerprint, NOW - DAY, NOW + DAY),)
    return Unit(UUID(int=1), "G22.01", "Văn phòng", UnitState.LIVE, "mailbox", policy, signers=bound)


def rules(judgement: Judgement) -> list[str]:
    return [r.rule for r in judgement.reasons]


@pytest.mark.parametrize("policy", list(Policy))
def test_a_trusted_certificate_bound_to_the_sender_proves_under_every_policy(policy: Policy) -> None:
    judgement = judge(seen(SEAL), unit(policy), ANCHORS, NOW)
    assert judgement.verdict is Verdict.PROVEN and judgement.reasons == ()
    assert judgement.signer is not None and judgement.signer.name == "Văn phòng Bộ"


def test_a_fingerprint_may_be_registered_with_colons_and_capitals() -> None:
    digits = SEAL.fingerprint.upper()
    written = ":".join(digits[i : i + 2] for i in range(0, 64, 2))
    signer = Signer(written, NOW - DAY, NOW + DAY)
    assert judge(seen(SEAL), unit(Policy.REQUIRED, signer), ANCHORS, NOW).verdict is Verdict.PROVEN


def test_no_signature_is_unproven_and_labelled_so() -> None:
    judgement = judge(None, unit(), ANCHORS, NOW)
    assert judgement.verdict is Verdict.UNPROVEN and rules(judgement) == ["verdict.unsigned"]
    assert judgement.signer is None
    assert judgement.label() == "gói tin không có chữ ký số được xác minh"
    assert label(Verdict.PROVEN, "en").startswith("the package bears a valid signature")


def test_another_units_certificate_does_not_speak_for_this_one() -> None:
    other = ROOT.issue("Đơn vị khác")
    judgement = judge(seen(other), unit(), ANCHORS, NOW)
    assert rules(judgement) == ["verdict.not-bound"]
    assert other.fingerprint in judgement.reasons[0].text("vi")
    assert judgement.signer is not None and judgement.signer.name == "Đơn vị khác"


def test_a_unit_without_registered_certificates_proves_nothing() -> None:
    nobody = replace(unit(), signers=())
    assert rules(judge(seen(SEAL), nobody, ANCHORS, NOW)) == ["verdict.not-bound"]


def test_a_binding_counts_only_in_its_time() -> None:
    past = Signer(SEAL.fingerprint, NOW - 3 * DAY, NOW - DAY)
    over = judge(seen(SEAL), unit(Policy.REFERENCE_ONLY, past), ANCHORS, NOW)
    assert rules(over) == ["verdict.binding-over"]
    again = Signer(SEAL.fingerprint, NOW, NOW + DAY)
    assert rules(judge(seen(SEAL), unit(Policy.REFERENCE_ONLY, past, again), ANCHORS, NOW)) == []


def test_all_reasons_are_told_at_once() -> None:
    stranger = Authority.create("Lạ").issue("Kẻ lạ")
    judgement = judge(seen(stranger, sha1=True), unit(), ANCHORS, NOW)
    assert rules(judgement) == ["certificate.unknown-issuer", "verdict.not-bound", "verdict.sha1"]


def test_an_expired_but_bound_certificate_is_unproven_for_that_reason_alone() -> None:
    old = ROOT.issue("x", not_before=NOW - 9 * DAY, not_after=NOW - DAY)
    bound = Signer(old.fingerprint, NOW - 9 * DAY, NOW + DAY)
    judgement = judge(seen(old), unit(Policy.REFERENCE_ONLY, bound), ANCHORS, NOW)
    assert rules(judgement) == ["certificate.expired"] and judgement.signer is not None


def test_an_unreadable_certificate_is_a_reason_not_a_crash() -> None:
    judgement = judge(Seen(b"\x30\x00", ()), unit(), ANCHORS, NOW)
    assert rules(judgement) == ["certificate.unreadable"] and judgement.signer is None


def test_sha1_is_allowed_up_to_and_including_the_units_day_in_vietnam() -> None:
    noon = datetime(2026, 3, 5, 16, 30, tzinfo=UTC)  # 23:30 on the 5th in Vietnam
    root = Authority.create("r", not_before=noon - DAY)
    issued = root.issue("x", not_before=noon - DAY)
    bound = Signer(issued.fingerprint, noon - DAY, noon + 9 * DAY)
    lenient = replace(unit(Policy.REQUIRED, bound), sha1_until=noon.date())
    anchors = TrustAnchors([root.root])
    assert judge(seen(issued, sha1=True), lenient, anchors, noon).verdict is Verdict.PROVEN
    with pytest.raises(SignatureError) as caught:
        judge(seen(issued, sha1=True), lenient, anchors, noon + timedelta(hours=1))
    assert caught.value.facts["codes"] == "verdict.sha1"


@pytest.mark.parametrize(("policy", "code"), [
    (Policy.REQUIRED, "verdict.policy-required"), (Policy.ATTACHED, "verdict.policy-attached"),
])  # fmt: skip
def test_a_stricter_policy_refuses_naming_the_reasons_in_both_languages(policy: Policy, code: str) -> None:
    with pytest.raises(SignatureError) as caught:
        judge(seen(ROOT.issue("Đơn vị khác")), unit(policy), ANCHORS, NOW)
    assert caught.value.code == code
    assert "không phải là chứng thư số đã đăng ký" in caught.value.text("vi")
    assert "is not registered for the unit G22.01" in caught.value.text("en")
    with pytest.raises(SignatureError, match="no signature"):
        judge(None, unit(policy), ANCHORS, NOW)
