"""What the demo's offices write, sign and examine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from axis.demo.authority import Authority
from axis.demo.documents import make_plan
from axis.demo.packages import (
    DOCTYPE,
    TAMPERED,
    UNKNOWN_RECEIVER,
    bad_package,
    document_package,
    status_package,
)
from axis.demo.seal import NONE, PROVEN, Examiner, Seal
from axis.demo.units import MINISTRY, UNITS, UNKNOWN_CODE
from axis.domain.document import Kind
from axis.domain.errors import PackageError

PLAN = make_plan(25, 2019)
LETTER = PLAN.documents[0]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Seal, Examiner]:
    folder = tmp_path_factory.mktemp("office")
    authority = Authority.create("CA thử")
    issued = authority.issue(MINISTRY.short, organization=MINISTRY.name)
    return Seal.load(*issued.write(folder, "seal")), Examiner(authority.write_anchor(folder / "ca.pem"))


def test_a_planned_document_is_always_written_with_the_same_bytes() -> None:
    assert document_package(LETTER, 1) == document_package(LETTER, 1)


def test_every_planned_document_reads_back_as_planned(office: tuple[Seal, Examiner]) -> None:
    seal, examiner = office
    for document in (d for d in PLAN.documents if not d.scan_bytes):
        found = examiner.examine(seal.sign(document_package(document, 1)))
        assert found.seal == PROVEN
        assert found.package.document_id == document.document_id
        assert found.package.addressees == document.receivers
        assert found.package.subject == document.subject
        assert found.package.other.priority == document.priority
        assert found.package.findings == ()


def test_an_office_sees_that_a_document_is_unsigned(office: tuple[Seal, Examiner]) -> None:
    assert office[1].examine(document_package(PLAN.unsigned[0], 1)).seal == NONE


def test_an_office_is_not_satisfied_with_somebody_elses_seal(
    office: tuple[Seal, Examiner], tmp_path: Path
) -> None:
    stranger = Authority.create("CA khác").issue(MINISTRY.short, organization=MINISTRY.name)
    signed = Seal.load(*stranger.write(tmp_path, "seal")).sign(document_package(LETTER, 1))
    assert office[1].examine(signed).seal.startswith("certificate.")


def test_a_seal_of_another_organisation_of_the_same_authority_is_seen(office: tuple[Seal, Examiner]) -> None:
    seal, examiner = office
    assert examiner.examine(seal.sign(document_package(PLAN.unsigned[0], 1))).seal == "other"


def test_the_bad_packages_are_bad_in_the_way_they_are_named(office: tuple[Seal, Examiner]) -> None:
    seal, examiner = office
    tampered = bad_package(TAMPERED, LETTER, 1, seal.sign)[1]
    assert examiner.examine(tampered).seal == "signature.digest"
    lost = examiner.examine(bad_package(UNKNOWN_RECEIVER, LETTER, 1, seal.sign)[1])
    assert lost.seal == PROVEN
    assert UNKNOWN_CODE in lost.package.addressees
    with pytest.raises(PackageError) as refusal:
        examiner.examine(bad_package(DOCTYPE, LETTER, 1, seal.sign)[1])
    assert refusal.value.code == "package.doctype"


def test_a_status_goes_to_the_sender_of_the_document_it_speaks_of(office: tuple[Seal, Examiner]) -> None:
    document = office[1].examine(document_package(LETTER, 1)).package
    data = status_package(UNITS[0].code, document, "03", "", datetime(2019, 1, 2, 3, 4, 5, tzinfo=UTC))
    status = office[1].examine(data).package
    assert status.kind is Kind.STATUS
    assert status.addressees == (MINISTRY.code,)
    assert status.response_for[0].document_id == LETTER.document_id
    assert (status.status_code, status.status_timestamp) == ("03", "2019/01/02 10:04:05")
    assert status.findings == ()
