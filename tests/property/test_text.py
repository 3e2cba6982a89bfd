"""Normal forms: as the standard library makes them of any text people write, and in a time that does not explode."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axis.domain.text import MOST_MARKS, composed, stream_safe

MARKED = ("\u0315\u0300", "\u0f73\u0f71", "\u0344\u0315", "\u0301\uff9e", "\u0f81\u0f75")
_TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("aeo\u0301\u0309\u0323\u0302\u0f73\uff9e")), max_size=60)


@given(_TEXTS, st.sampled_from(["NFC", "NFKC", "NFKD"]))
def test_ordinary_text_gets_exactly_its_normal_form(text: str, form: str) -> None:
    if stream_safe(text) == text:
        assert composed(text, form) == unicodedata.normalize(form, text)  # type: ignore[arg-type]
    assert composed(composed(text)) == composed(text)


@given(_TEXTS)
def test_what_is_kept_is_in_its_order_and_never_more_than_thirty_marks(text: str) -> None:
    kept = stream_safe(text)
    rest = iter(text)
    assert all(character in rest for character in kept)
    run = 0
    for character in unicodedata.normalize("NFKD", kept):
        run = run + 1 if unicodedata.combining(character) else 0
        assert run <= 3 * MOST_MARKS  # a mark that comes apart counts as one


@pytest.mark.parametrize("marks", MARKED)
@pytest.mark.parametrize("form", ["NFC", "NFKC", "NFKD"])
def test_a_letter_with_a_hundred_thousand_marks_is_cut_before_it_is_sorted(marks: str, form: str) -> None:
    made = composed("a" + marks * 50_000 + "b", form)  # type: ignore[arg-type]
    assert len(made) <= 1 + 3 * MOST_MARKS + 1 and made.endswith("b")


def test_every_character_that_comes_apart_into_marks_counts_as_one() -> None:
    """Whatever the Unicode version of this Python adds."""
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if not 0xD800 <= number <= 0xDFFF and unicodedata.combining(unicodedata.normalize("NFD", character)[0]):
            assert len(stream_safe(character * 40)) == MOST_MARKS, hex(number)
