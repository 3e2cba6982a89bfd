"""Agency codes and identifiers: strict when issuing, tolerant when reading; ids that sort by time."""

from __future__ import annotations

import unicodedata
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axis.domain.codes import build_document_id, has_control, is_issuable, normal
from axis.domain.ids import new_id


@pytest.mark.parametrize("code", ["000.00.00.G22", "000.00.01.G04", "G22", "G22.01", "H37.DN.001", "A01" + ".ABC" * 8])
def test_both_legal_forms_may_be_issued(code: str) -> None:
    assert is_issuable(code)


@pytest.mark.parametrize(
    "code",
    ["", "01.02.G22", "28.22.H17", "g22", "G2", "G22.", "G22.1", "000.00.00.22G", " G22", "G22\n", "G22.ABCD",
     "A01" + ".ABC" * 9, "Ｇ22"],
)  # fmt: skip
def test_what_has_neither_form_may_not(code: str) -> None:
    assert not is_issuable(code)


@given(st.text(max_size=30))
def test_the_normal_form_is_stable_and_blind_to_case_and_space(code: str) -> None:
    assert normal(normal(code)) == normal(code)
    assert normal(f"  {code}\t") == normal(code)


@given(st.from_regex(r"\A[A-Z]\d{2}(\.[0-9A-Z]{2,3}){0,3}\Z"))
def test_the_normal_form_keeps_legal_codes(code: str) -> None:
    assert normal(code) == normal(code.lower()) == code and is_issuable(code)


def test_composed_and_decomposed_letters_are_one_code() -> None:
    assert normal(unicodedata.normalize("NFD", "Bộ")) == normal("BỘ")


@pytest.mark.parametrize("bad", ["a\nb", "a\x00", "a\u202eb", "a\u200bb", "a\u2028b", "\ue000", "\ud800"])
def test_control_and_formatting_characters_are_seen(bad: str) -> None:
    assert has_control(bad) and not has_control("Số 12/QĐ-TTg")


def test_a_document_id_is_built_from_all_parts_or_not_at_all() -> None:
    assert (
        build_document_id("000.00.00.G22", "2015/09/30", "7816", "VPCP-TTĐT")
        == "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"
    )
    for parts in (
        ("", "d", "1", "n"),
        ("o", " ", "1", "n"),
        ("o", "d", "", "n"),
        ("o", "d", "1", ""),
        ("o,p", "d", "1", "n"),
    ):
        assert build_document_id(*parts) == ""


def test_new_ids_are_version_7_and_sort_by_time() -> None:
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert all(one.version == 7 and one.variant == "specified in RFC 4122" for one in made)
    stamps = [one.int >> 80 for one in made]
    assert stamps == sorted(stamps) and isinstance(made[0], UUID)
