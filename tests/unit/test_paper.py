"""Danh mục gửi kèm bản giấy: a warning where a document and the list disagree, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from axis.domain.document import Business, Kind, Organization, Package
from axis.hub.paper import PaperList

GOVERNMENT, OTHER = "000.00.00.G22", "000.00.01.G04"
LIST = PaperList(receivers=(GOVERNMENT,), types=("Tờ trình", " Quyết định "))


def package(said: str, to: tuple[str, ...] = (OTHER,), type_name: str = "Công văn", **more: object) -> Package:
    found = Package(
        kind=Kind.DOCUMENT, sender=Organization("000.00.00.G04"), receivers=tuple(map(Organization, to)),
        type_name=type_name, business=Business(paper=said),
    )  # fmt: skip
    return replace(found, **more)


def rules(found: Package, of: PaperList = LIST) -> list[str]:
    return [finding.rule for finding in of.findings(found)]


@pytest.mark.parametrize(
    ("to", "type_name", "paper", "expected"),
    [
        ((GOVERNMENT,), "Công văn", "0", ["paper.missing"]),
        ((OTHER, " 000.00.00.g22 "), "Công văn", "0", ["paper.missing"]),
        ((OTHER,), "tờ trình", "0", ["paper.missing"]),
        ((OTHER,), "QUYẾT ĐỊNH", "0", ["paper.missing"]),
        ((GOVERNMENT,), "Công văn", "1", []),
        ((OTHER,), "Công văn", "1", ["paper.needless"]),
        ((OTHER,), "Công văn", "0", []),
        ((GOVERNMENT,), "Công văn", "", []),
        ((OTHER,), "Công văn", "", []),
        ((OTHER,), "", "0", []),
    ],
)
def test_a_warning_where_they_disagree(to: tuple[str, ...], type_name: str, paper: str, expected: list[str]) -> None:
    assert rules(package(paper, to, type_name)) == expected


def test_the_warning_names_what_stands_in_the_list() -> None:
    (finding,) = LIST.findings(package("0", (GOVERNMENT,)))
    assert GOVERNMENT in finding.text("vi") and GOVERNMENT in finding.text("en")


def test_the_paper_of_the_header_counts_when_the_business_says_nothing() -> None:
    assert rules(package("", (GOVERNMENT,), paper="0")) == ["paper.missing"]
    assert rules(package("1", (GOVERNMENT,), paper="0")) == []


def test_recalls_updates_and_statuses_are_not_asked() -> None:
    assert rules(package("0", (GOVERNMENT,), business=Business(type=1, paper="0"))) == []
    assert rules(package("0", (GOVERNMENT,), kind=Kind.STATUS)) == []
    assert rules(package("1", business=Business(type=3, paper="1"))) == ["paper.needless"]


def test_an_agency_is_one_whichever_of_its_codes_is_written() -> None:
    def known(code: str) -> str:
        return GOVERNMENT if code.strip().upper() in ("G22", GOVERNMENT) else code

    for listed, to in ((GOVERNMENT, "G22"), ("G22", GOVERNMENT), ("G22", " g22 ")):
        (finding,) = PaperList((listed,)).findings(package("0", (OTHER, to)), known)
        assert finding.rule == "paper.missing" and to.strip() in finding.text("vi")
    assert PaperList((GOVERNMENT,)).findings(package("0", ("G23",)), known) == ()


def test_an_empty_list_asks_for_no_paper_at_all() -> None:
    assert rules(package("0", (GOVERNMENT,)), PaperList()) == []
    assert rules(package("1", (GOVERNMENT,)), PaperList()) == ["paper.needless"]
