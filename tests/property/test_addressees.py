"""What all addressees of a delivery say together: it moves as the tables allow, and says no more than is true."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from axis.domain.addressees import Word, handling_of_all, taking_back_of_all, way
from axis.domain.document import BusinessType
from axis.domain.states import (
    BY_SENDER,
    HANDLING,
    STATUSES_OF_TAKING_BACK,
    TAKING_BACK,
    Standing,
    StatusDecision,
    decide_status,
    may_recall,
)

MOVES = {(m.origin, m.target) for m in HANDLING}
TALKS = {(m.origin, m.target) for m in TAKING_BACK[BusinessType.NEW]}
NAMES = ("H41", "H42", "H43")
steps = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(("01", "02", "03", "05", "06", "13", "15", "16", "recall"))),
    max_size=25,
)  # fmt: skip


def said(word: Word, code: str) -> Word:
    """One addressee after a status, or after a recall that names it."""
    at = Standing(word.handling, word.taking_back)
    if code == "recall":
        return replace(word, taking_back="recall") if may_recall(at) else word
    if decide_status(code, at) is not StatusDecision.MOVE:
        return word
    return replace(word, **{"taking_back" if code in STATUSES_OF_TAKING_BACK else "handling": code})


@settings(max_examples=1000, deadline=None)
@given(steps, st.integers(1, 3))
def test_the_delivery_moves_as_the_tables_allow_and_says_what_is_true_of_all(
    history: list[tuple[str, str]], many: int
) -> None:
    words = {name: Word(name) for name in NAMES[:many]}
    handling = talk = ""
    for name, code in history:
        if name not in words:
            continue
        words[name] = said(words[name], code)
        all_of_them = list(words.values())
        then = handling_of_all(all_of_them, handling)
        if then != handling:
            assert (handling, then) in MOVES
            assert talk not in ("15", "recall"), "what was taken back is not handled any more"
            handling = then
        for step in way(talk, taking_back_of_all(all_of_them, talk)):
            assert (talk, step) in TALKS
            assert step not in BY_SENDER or handling != "02", "what was returned is not asked back"
            talk = step
        has_it = [word for word in all_of_them if word.handling != "02" and word.taking_back != "15"]
        if has_it:
            assert handling == min(word.handling for word in has_it)
        assert (handling == "02") is all(word.handling == "02" for word in all_of_them)
        kept = [word for word in all_of_them if word.handling != "02"] or all_of_them
        if talk == "15":
            assert all(word.taking_back == "15" for word in kept)
        if talk == "recall":
            assert all(word.taking_back in ("15", "recall") for word in kept)
        if all(word.taking_back == "15" for word in kept):
            assert talk == "15"
    if many == 1:
        (word,) = words.values()
        assert (handling, talk) == (word.handling, word.taking_back), "one addressee is the delivery itself"
