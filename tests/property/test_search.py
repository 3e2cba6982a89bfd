"""The search box: nothing typed makes it stumble, and what surrounds a number does not change what is looked for."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from axis.domain.search import MOST, By, Wanted, agency_code, recognise

_letters = st.text("ABCDGHKLNPQSTVXĐabđư", min_size=1, max_size=6)
_numbers = st.builds("{}{}".format, st.integers(1, 99_999), st.sampled_from(("", "a", "b")))
_notations = st.lists(_letters, min_size=1, max_size=4).map("-".join)
_codes = st.builds("{}/{}".format, _numbers, st.one_of(_notations, _notations.map("2019/{}".format)))
_before = st.sampled_from((
    "", "số ", "Số: ", "SỐ ", "so ", "Số, ký hiệu: ", "công văn ", "Công văn số ", "Quyết định số: ", "cv ", "No. ",
    "(", "“", "  \t", "Mã: ", "Thông báo\nsố ",
))  # fmt: skip
_after = st.sampled_from((
    "", " ", ".", ")", "”", " ngày 12/8/2019", ", ngày 12-08-2019", " ngày 12 tháng 8 năm 2019", "\n", " của Sở Y tế",
    " ngày 12/8/2019 của Bộ Giao thông vận tải về việc báo cáo số 15/BC", "\u200b",
))  # fmt: skip


def _fullwidth(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


_forms = st.sampled_from((
    str, str.upper, str.lower, _fullwidth, lambda text: unicodedata.normalize("NFD", text),
    lambda text: unicodedata.normalize("NFKD", text), lambda text: text.replace("-", "–"),
))  # fmt: skip


@given(st.one_of(st.text(), st.text("số 12/-,ngày:.\u0301Đđİß№ﷺ（／"), st.binary().map(lambda b: b.decode("latin-1"))))
def test_whatever_is_typed_is_something_to_look_for(typed: str) -> None:
    found = recognise(typed)
    assert len(found.text) <= MOST and (found.by is By.NOTHING) == (not found.text)
    assert "\x00" not in found.text and isinstance(found.numbered, Wanted) and len(agency_code(typed)) <= 3 * MOST
    if found.by is By.ID:
        assert str(found.id) == found.text


@given(_codes, _before, _after, _forms)
def test_words_around_a_number_and_forms_of_letters_do_not_change_it(
    code: str, before: str, after: str, form: type[str]
) -> None:
    assert recognise(form(f"{before}{code}{after}")) == Wanted(By.CODE, code.lower())


@given(_codes, _before, st.lists(st.sampled_from(("", " ", "  ", "\u00a0")), min_size=12, max_size=12))
def test_spaces_around_strokes_and_hyphens_do_not_change_it(code: str, before: str, spaces: list[str]) -> None:
    room = iter(spaces)
    spaced = "".join(next(room) + c + next(room, "") if c in "/-" else c for c in code)
    assert recognise(before + spaced) == Wanted(By.CODE, code.lower())


@given(_numbers, st.sampled_from(("", "số ", "Số: ", "công văn số ")), _forms)
def test_a_number_alone_is_a_word_and_where_it_can_only_be_a_number_the_beginning_of_one(
    number: str, before: str, form: type[str]
) -> None:
    found = recognise(form(before + number))
    assert found.by is By.WORDS and found.text.lower() == number
    assert found.numbered == Wanted(By.CODE, f"{number}/")


@given(st.sampled_from(("000.00.08.G04", "H40.12", "G04.08-01")), st.sampled_from(("", " ", "Mã định danh: ")), _forms)
def test_the_code_of_an_agency_is_the_same_in_every_spelling(code: str, before: str, form: type[str]) -> None:
    assert agency_code(form(before + code)) == code
