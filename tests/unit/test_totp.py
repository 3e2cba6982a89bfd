"""Codes of RFC 6238, sealed secrets, and what the enrolment shows."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pyotp
import pytest
from cryptography.fernet import Fernet

from axis.domain.errors import SetupError
from axis.trust.sealing import Sealer
from axis.trust.totp import SECONDS, SecondFactor, purpose

# RFC 6238 appendix B, SHA-1: the last six of its eight digits.
VECTORS = [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
    (20000000000, "353130"),
]  # fmt: skip
SECRET = base64.b32encode(b"12345678901234567890").decode()
WHO = uuid4()


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(Fernet.generate_key())


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_standard(sealer: Sealer, seconds: int, code: str) -> None:
    factor, sealed = SecondFactor(sealer, "Trục"), sealer.seal(SECRET, purpose(WHO))
    assert factor.step(sealed, WHO, code, at(seconds)) == seconds // SECONDS
    assert factor.step(sealed, WHO, f" {code[:3]} {code[3:]}\n", at(seconds)) == seconds // SECONDS


def test_one_step_of_clock_difference_either_way_and_no_more(sealer: Sealer) -> None:
    factor, sealed = SecondFactor(sealer, "Trục"), sealer.seal(SECRET, purpose(WHO))
    seconds, code = VECTORS[3]
    begins = seconds // SECONDS * SECONDS
    for moment, right in (
        (begins - 31, False),
        (begins - 30, True),
        (begins, True),
        (begins + 59, True),
        (begins + 60, False),
    ):
        found = factor.step(sealed, WHO, code, at(moment))
        assert found == (seconds // SECONDS if right else None), moment - begins


@pytest.mark.parametrize(
    "typed",
    ["", "28708", "2870822", "28708a", "２８７０８２", "२८७०८२", "-87082", "+87082", "28.082", "\x00" * 6, "287083"],
)
def test_what_is_no_code(sealer: Sealer, typed: str) -> None:
    factor, sealed = SecondFactor(sealer, "Trục"), sealer.seal(SECRET, purpose(WHO))
    assert factor.step(sealed, WHO, typed, at(59)) is None


def test_a_secret_is_long_and_sealed_for_its_person_alone(sealer: Sealer) -> None:
    factor = SecondFactor(sealer, "Trục")
    sealed = factor.make(WHO)
    secret = sealer.unseal(sealed, purpose(WHO))
    assert len(base64.b32decode(secret)) == 20 and secret not in sealed
    assert factor.make(WHO) != sealed
    with pytest.raises(SetupError):
        factor.step(sealed, UUID(int=1), "123456", at(59))


def test_an_application_can_take_what_is_shown(sealer: Sealer) -> None:
    factor = SecondFactor(sealer, "Trục liên thông: Bộ GTVT")
    sealed = factor.make(WHO)
    shown = factor.show(sealed, WHO, "van.thu@mt")
    assert repr(shown) == "Offered(…)"
    parts = urlsplit(shown.uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query)["secret"] == [shown.secret]
    parsed = pyotp.parse_uri(shown.uri)
    assert isinstance(parsed, pyotp.TOTP)
    assert factor.step(sealed, WHO, parsed.at(at(1_000_000)), at(1_000_000)) == 1_000_000 // SECONDS


def test_the_picture_is_inline_and_needs_neither_script_nor_style(sealer: Sealer) -> None:
    factor = SecondFactor(sealer, "Trục")
    picture = factor.show(factor.make(WHO), WHO, "van.thu").picture
    names = {(e.tag.rpartition("}")[2], a) for e in ElementTree.fromstring(picture).iter() for a in e.attrib}
    assert {tag for tag, _ in names} == {"svg", "g", "path"}
    assert not {attribute for _, attribute in names} & {"style", "href", "onload"}
