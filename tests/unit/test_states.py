"""The two state machines: what they promise, whatever is sent in whatever order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from axis.domain.states import (
    BY_SENDER,
    FINAL,
    HANDLING,
    KNOWN_STATUSES,
    TAKING_BACK,
    TRANSPORT,
    WORDS,
    Handling,
    StatusDecision,
    TakingBack,
    Transport,
    decide_status,
    legal_statuses,
    may_ask_back,
    transport_targets,
)

codes = st.sampled_from(sorted(KNOWN_STATUSES))
_ORDER = ["", "01", "03", "04", "05", "06"]


def play(steps: list[str]) -> tuple[str, str, list[StatusDecision]]:
    handling, taking_back, decisions = "", "", []
    for code in steps:
        decision = decide_status(code, handling, taking_back)
        decisions.append(decision)
        if decision is StatusDecision.MOVE:
            if code in {m.target for m in TAKING_BACK}:
                taking_back = code
            else:
                handling = code
    return handling, taking_back, decisions


@given(st.lists(codes, max_size=30))
def test_handling_never_goes_back_whatever_comes(steps: list[str]) -> None:
    seen = [""]
    for end in range(1, len(steps) + 1):
        handling, _, _ = play(steps[:end])
        if handling != seen[-1]:
            seen.append(handling)
    order = [_ORDER.index(code) for code in seen if code != "02"]
    assert order == sorted(order)
    assert "02" not in seen[:-1], "a refusal is the end"


@given(st.lists(codes, max_size=20))
def test_saying_everything_twice_changes_nothing(steps: list[str]) -> None:
    assert play(steps)[:2] == play([code for code in steps for _ in range(2)])[:2]


@given(st.lists(codes, max_size=20), codes)
def test_what_is_legal_is_what_moves(steps: list[str], code: str) -> None:
    handling, taking_back, _ = play(steps)
    moves = decide_status(code, handling, taking_back) is StatusDecision.MOVE
    assert moves is (code in legal_statuses(handling, taking_back))


@given(st.permutations(["01", "03", "04", "05", "06"]))
def test_any_order_of_the_way_forward_ends_finished_without_an_error(steps: list[str]) -> None:
    handling, _, decisions = play(list(steps))
    assert handling == "06" and StatusDecision.ILLEGAL not in decisions


@given(
    st.text(max_size=8).filter(lambda c: c not in KNOWN_STATUSES),
    st.sampled_from(Handling),
    st.sampled_from(TakingBack),
)
def test_a_code_nobody_defined_is_kept_and_moves_nothing(code: str, handling: str, taking_back: str) -> None:
    assert decide_status(code, handling, taking_back) is StatusDecision.NOTE


def test_the_law_in_examples() -> None:
    """Decision 28 and decision-28.md section 3, row by row."""
    assert legal_statuses("", "") == ("01", "02", "03", "04", "05", "06", "13")
    assert legal_statuses("03", "") == ("04", "05", "06", "13"), "02 only before acceptance"
    assert legal_statuses("02", "") == (), "terminal, and nothing is left to ask back"
    assert legal_statuses("06", "") == ("13",), "terminal except for asking back"
    assert legal_statuses("05", "13") == ("06", "15", "16")
    assert legal_statuses("05", "16") == ("06", "13"), "after 16 the state before 13 stands again"
    assert legal_statuses("05", "15") == ()
    assert {"13"} == BY_SENDER


def test_asking_back_is_open_exactly_where_13_is_legal() -> None:
    for handling in Handling:
        for taking_back in TakingBack:
            legal = "13" in legal_statuses(handling, taking_back)
            assert legal is may_ask_back(handling, taking_back)


def test_every_transport_state_but_the_first_is_reached_and_only_operators_reopen() -> None:
    assert {m.target for m in TRANSPORT} == set(Transport)
    assert transport_targets("delivered") == transport_targets("recalled") == frozenset()
    assert transport_targets("refused") == {"queued"}
    for move in TRANSPORT:
        if move.origin in FINAL:
            assert move.event == "replayed"


def test_rows_stand_once_and_name_states_that_exist() -> None:
    for moves, states in ((TRANSPORT, Transport), (HANDLING, Handling), (TAKING_BACK, TakingBack)):
        assert len({(m.event, m.origin, m.target) for m in moves}) == len(moves)
        assert {m.origin for m in moves} | {m.target for m in moves} <= {s.value for s in states}
        assert {m.next_actor for m in moves} <= {"axis", "receiver", "sender", "operator", "nobody"}
    assert set(WORDS) == {"", *Handling, *TakingBack}
