"""Stretches of ids: everything between two ids is in exactly one, in order, and its document in its words."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from axis.store.spans import BITS, LAG, MOST, stretches

NOW = 1_795_000_000  # in 2026
_moments = st.integers(0, NOW * 1000)
_low = st.one_of(st.just(0), _moments)
_high = st.one_of(st.just((1 << 48) - 1), _moments)


def _key(milliseconds: int, rest: int = 7 << 76 | 2 << 62 | 99) -> UUID:
    return UUID(int=milliseconds << 80 | rest)


@given(_low, _high, _moments, st.integers(0, LAG), st.booleans())
def test_an_id_is_in_exactly_one_stretch_and_its_document_is_named_there(
    low: int, high: int, moment: int, lag: int, back: bool
) -> None:
    bottom, top = UUID(int=low << 80), UUID(int=(high << 80) | (1 << 80) - 1)
    found = list(stretches(bottom, top, back=back, now=NOW))
    key = _key(moment)
    holding = [one for one in found if one.low < key < one.high]
    assert len(holding) == (bottom < key < top)
    for one in holding:
        made = max(moment - lag, 0)  # when its document was taken in
        assert not one.words or f"'@{made >> BITS:04x}'" in one.words.split(" | ")


@given(_low, _high, st.booleans())
def test_stretches_stand_in_order_and_name_few_words(low: int, high: int, back: bool) -> None:
    bottom, top = UUID(int=low << 80), UUID(int=high << 80)
    found = list(stretches(bottom, top, back=back, now=NOW))
    ordered = found if back else found[::-1]
    assert ordered[0].low == bottom and ordered[-1].high == top
    assert all(one.high == other.low for one, other in pairwise(ordered))
    assert all(len(one.words.split(" | ")) <= MOST for one in found) and len(found) <= 2


def test_the_newest_stretch_is_short_however_far_back_the_search_goes() -> None:
    first = next(stretches(UUID(int=0), UUID(int=(1 << 128) - 1), now=NOW))
    assert 1 <= len(first.words.split(" | ")) <= 2
