"""NIST's path validation suite (PKITS), where its certificates are installed (``cryptography-vectors``).

Two things may differ from the suite and nothing else: revocation is not checked yet, so certificates that
are bad for that reason alone pass; and what the verifier does not understand is refused, so some good but
exotic paths fail. Both lists are written down here: a new entry is a change of what the axis accepts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from axis.domain.errors import SignatureError
from axis.trust.certificates import TrustAnchors, parse
from axis.trust.subject import MALFORMED

vectors = pytest.importorskip("cryptography_vectors", reason="the vectors of PKITS are not installed")

FOLDER = Path(vectors.__file__).parent / "x509" / "PKITS_data" / "certs"
AT = datetime(2020, 1, 1, tzinfo=UTC)

BAD_ONLY_BY_REVOCATION = re.compile(
    r"CRL|Revoked|distributionPoint|onlyContains|onlySomeReasons|IDP|SeparateCertificate"
    r"|BasicSelfIssued(NewWithOldTest5|OldWithNewTest2|CRLSigningKeyTest7)|LongSerialNumberTest18",
    re.IGNORECASE,
)
REFUSED_ON_PURPOSE = {
    "certificate.critical-extension": "PolicyMapping|requireExplicitPolicy|inhibit|nameConstraints",
    "certificate.weak-key": "DSASignatures",
    "certificate.unreadable": "DSAParameterInheritance",
    # Names that match only after folding case, white space or string types: the verifier compares bytes.
    "certificate.unknown-issuer": "NameChaining(Capitalization|Whitespace)|CaseInsensitiveMatch",
    "certificate.bad-signature": "RolloverfromPrintableStringtoUTF8String",
    "certificate.path-refused": "GeneralizedTimenotBeforeDate|SelfIssuedpathLenConstraint",
}


def _certificates() -> list[x509.Certificate]:
    found = []
    for file in sorted(FOLDER.glob("*.crt")):
        if not file.stem.endswith("EE"):
            try:
                found.append(x509.load_der_x509_certificate(file.read_bytes()))
            except MALFORMED:
                continue
    return found


AUTHORITIES = _certificates()
ROOT = x509.load_der_x509_certificate((FOLDER / "TrustAnchorRootCertificate.crt").read_bytes())
ANCHORS = TrustAnchors([ROOT])


def _above(leaf: x509.Certificate) -> list[x509.Certificate]:
    found: list[x509.Certificate] = []
    waiting = [leaf]
    while waiting:
        issuer = waiting.pop().issuer
        more = [c for c in AUTHORITIES if c.subject == issuer and c != ROOT and c not in found]
        found += more
        waiting += more
    return found


def _answer(file: Path) -> str:
    try:
        leaf = parse(file.read_bytes())
        ANCHORS.validate(leaf, _above(leaf), AT)
    except SignatureError as error:
        return error.code
    return ""


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*EE.crt")), ids=lambda file: file.stem)
def test_the_answer_is_that_of_the_suite_or_an_exception_written_down(file: Path) -> None:
    code = _answer(file)
    if file.stem.startswith("Invalid"):
        assert code or BAD_ONLY_BY_REVOCATION.search(file.stem)
    elif code:
        assert re.search(REFUSED_ON_PURPOSE.get(code, "(?!)"), file.stem, re.IGNORECASE), code
