"""Who vouches for a package, and is that enough for the unit that sends it?

By the time a package comes here its signature, if it claims one, is known to be sound: a broken one was
refused outright. What is left to ask: does an authority we trust stand behind the certificate at this
time, may that certificate speak for this unit, and is the algorithm still allowed for it? Every answer
that is no becomes a reason; a package without reasons is ``proven``, any other ``unproven``. The unit's
policy then decides: accept it under that label, or refuse it naming all the reasons at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from axis.domain.catalogue import Severity
from axis.domain.clock import VIETNAM
from axis.domain.directory import Unit
from axis.domain.document import Finding, Policy, Verdict
from axis.domain.errors import SignatureError
from axis.trust.certificates import SignerFacts, TrustAnchors, describe, parse

LABELS: dict[Verdict, tuple[str, str]] = {
    Verdict.PROVEN: (
        "gói tin có chữ ký số hợp lệ của đơn vị gửi",
        "the package bears a valid signature of the sending unit",
    ),
    Verdict.ATTACHED: (
        "gói tin không có chữ ký số được xác minh; tệp kèm theo có chữ ký số hợp lệ",
        "the package bears no verified signature; the files inside bear valid ones",
    ),
    Verdict.UNPROVEN: (
        "gói tin không có chữ ký số được xác minh",
        "the package bears no verified signature",
    ),
}


class Seal(Protocol):
    """A sound signature, as ``axis.trust.signature`` reports it: DER of the leaf and of what came with it."""

    @property
    def certificate(self) -> bytes: ...
    @property
    def intermediates(self) -> tuple[bytes, ...]: ...
    @property
    def sha1(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Judgement:
    """``reasons`` is empty exactly when the verdict is proven; ``signer`` is who signed, trusted or not."""

    verdict: Verdict
    reasons: tuple[Finding, ...]
    signer: SignerFacts | None

    def label(self, language: str = "vi") -> str:
        return label(self.verdict, language)


def label(verdict: Verdict, language: str = "vi") -> str:
    """What is shown beside a package, in ``vi`` or ``en``."""
    return LABELS[verdict][0 if language == "vi" else 1]


def judge(seal: Seal | None, unit: Unit, anchors: TrustAnchors, at: datetime) -> Judgement:
    """The verdict on a package that ``unit`` sends at that time. Raises SignatureError when the unit's
    policy wants more than it shows."""
    reasons: list[Finding] = []
    signer = None
    if seal is None:
        reasons.append(_reason("verdict.unsigned"))
    else:
        signer = _weigh(seal, unit, anchors, at, reasons)
    verdict = Verdict.UNPROVEN if reasons else Verdict.PROVEN
    if reasons and unit.policy is not Policy.REFERENCE_ONLY:
        # Signatures inside the files are not read yet, so ``attached`` asks as much as ``required``.
        code = "verdict.policy-attached" if unit.policy is Policy.ATTACHED else "verdict.policy-required"
        raise SignatureError(
            code, unit=unit.code, codes=", ".join(r.rule for r in reasons),
            reasons=" ".join(r.text("vi") for r in reasons),
            reasons_en=" ".join(r.text("en") for r in reasons),
        )  # fmt: skip
    return Judgement(verdict, tuple(reasons), signer)


def _weigh(
    seal: Seal, unit: Unit, anchors: TrustAnchors, at: datetime, reasons: list[Finding]
) -> SignerFacts | None:
    try:
        signer = anchors.validate(seal.certificate, seal.intermediates, at).signer
    except SignatureError as error:
        reasons.append(_reason(error.code, **error.facts))
        try:
            signer = describe(parse(seal.certificate))
        except SignatureError:
            return None
    bound = [s for s in unit.signers if s.fingerprint.replace(":", "").lower() == signer.fingerprint]
    if not bound:
        facts = {"subject": signer.subject, "unit": unit.code, "fingerprint": signer.fingerprint}
        reasons.append(_reason("verdict.not-bound", **facts))
    elif not any(s.valid_from <= at <= s.valid_to for s in bound):
        last = max(bound, key=lambda s: s.valid_to)
        span = {"bound_from": _day(last.valid_from), "bound_to": _day(last.valid_to)}
        reasons.append(_reason("verdict.binding-over", subject=signer.subject, unit=unit.code, **span))
    if seal.sha1 and not unit.allows_sha1(at):
        reasons.append(_reason("verdict.sha1", unit=unit.code))
    return signer


def _reason(code: str, **facts: object) -> Finding:
    return Finding(
        rule=code, severity=Severity.WARNING, path="edXMLHeader/Signature",
        facts=tuple((name, str(value)) for name, value in facts.items()),
    )  # fmt: skip


def _day(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y")
