"""The two state machines: what they promise, whatever is sent in whatever order, to a package of any type."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axis.domain.document import EXCLUSIVE_TYPES, BusinessType
from axis.domain.states import (
    ANSWERS,
    BY_SENDER,
    FINAL,
    HANDLING,
    KNOWN_STATUSES,
    STARTS,
    TAKING_BACK,
    TRANSPORT,
    TRANSPORT_WORDS,
    WAITING,
    WORDS,
    Handling,
    Standing,
    StatusDecision,
    TakingBack,
    Transport,
    decide_status,
    legal_statuses,
    may_ask_back,
    may_recall,
    transport_targets,
)

EXAMPLES = settings(max_examples=1000, deadline=None)
RECALL = "recall"
codes = st.sampled_from([*sorted(KNOWN_STATUSES), RECALL])
types = st.sampled_from(BusinessType)
standings = st.builds(
    Standing, st.sampled_from(Handling), st.sampled_from(TakingBack), types, st.sampled_from(Transport)
)
_ORDER = ["", "01", "03", "04", "05", "06"]


def play(steps: list[str], at: Standing | None = None) -> tuple[Standing, list[StatusDecision]]:
    """Say the codes one after the other; ``recall`` is the sender's order."""
    at, decisions = at or Standing(), []
    for code in steps:
        if code == RECALL:
            if may_recall(at):
                at = replace(at, taking_back=RECALL)
            continue
        decision = decide_status(code, at)
        decisions.append(decision)
        if decision is StatusDecision.MOVE:
            word = "taking_back" if code in BY_SENDER | ANSWERS else "handling"
            at = replace(at, **{word: code})
    return at, decisions


@EXAMPLES
@given(st.lists(codes, max_size=30), types)
def test_handling_never_goes_back_whatever_comes(steps: list[str], kind: BusinessType) -> None:
    seen, at = [""], Standing(business_type=kind)
    for code in steps:
        at, _ = play([code], at)
        if at.handling != seen[-1]:
            seen.append(at.handling)
    order = [_ORDER.index(code) for code in seen if code != "02"]
    assert order == sorted(order)
    assert "02" not in seen[:-1], "a refusal is the end"


@EXAMPLES
@given(st.lists(codes, max_size=20), types)
def test_saying_everything_twice_changes_nothing(steps: list[str], kind: BusinessType) -> None:
    at = Standing(business_type=kind)
    assert play(steps, at)[0] == play([code for code in steps for _ in range(2)], at)[0]


@EXAMPLES
@given(standings, st.sampled_from(sorted(KNOWN_STATUSES)))
def test_what_is_legal_is_what_moves(at: Standing, code: str) -> None:
    moves = decide_status(code, at) is StatusDecision.MOVE
    assert moves is (code in legal_statuses(at) and code not in (at.handling, at.taking_back))


@EXAMPLES
@given(st.permutations(["01", "03", "04", "05", "06"]), types)
def test_any_order_of_the_way_forward_ends_finished_without_an_error(
    steps: list[str], kind: BusinessType
) -> None:
    at, decisions = play(list(steps), Standing(business_type=kind))
    assert at.handling == "06" and StatusDecision.ILLEGAL not in decisions


@EXAMPLES
@given(st.text(max_size=8).filter(lambda c: c not in KNOWN_STATUSES), standings)
def test_a_code_nobody_defined_is_kept_and_moves_nothing(code: str, at: Standing) -> None:
    assert decide_status(code, at) is StatusDecision.NOTE


@EXAMPLES
@given(st.lists(codes, max_size=12), st.lists(codes, max_size=12), st.sampled_from(sorted(EXCLUSIVE_TYPES)))
def test_a_recalled_document_takes_15_and_nothing_else(before: list[str], after: list[str], kind: int) -> None:
    """Whatever was said before, and whatever is tried after: decision-28.md 4.1 and 4.3."""
    at, _ = play(before, Standing(business_type=kind))
    if at.taking_back == "15":
        assert not may_recall(at), "what was given back needs no recall"
        return
    at, _ = play([RECALL], at)
    assert at.taking_back == RECALL and legal_statuses(at) == ("15",)
    end, decisions = play([code for code in after if code != "15"], at)
    assert end == at and StatusDecision.MOVE not in decisions
    end, _ = play(after, at)
    assert end.handling == at.handling and end.taking_back == ("15" if "15" in after else RECALL)


@EXAMPLES
@given(st.lists(codes, max_size=12), st.sampled_from(sorted(EXCLUSIVE_TYPES)))
def test_after_16_the_state_before_13_stands_and_13_may_come_again(steps: list[str], kind: int) -> None:
    at, _ = play(steps, Standing(business_type=kind))
    if not may_ask_back(at) or at.taking_back == "13":
        return
    asked, _ = play(["13"], at)
    denied, _ = play(["16"], asked)
    assert denied.handling == at.handling and denied.taking_back == "16"
    assert may_ask_back(denied) is (denied.handling != "02")
    assert set(legal_statuses(denied)) == set(legal_statuses(replace(at, taking_back=""))) - {RECALL}


@EXAMPLES
@given(st.lists(codes, max_size=12))
def test_an_update_is_answered_once_and_a_recall_is_never_denied(steps: list[str]) -> None:
    update, _ = play(steps, Standing(business_type=BusinessType.UPDATE))
    answers = [code for code in steps if code in ANSWERS]
    assert update.taking_back == (answers[0] if answers else "")
    recall, _ = play(steps, Standing(business_type=BusinessType.RECALL))
    assert recall.taking_back == ("15" if "15" in steps else "")


def test_the_law_in_examples() -> None:
    """Decision 28 and decision-28.md sections 3 and 4, row by row."""

    def legal(handling: str, taking_back: str = "", **more: object) -> tuple[str, ...]:
        return legal_statuses(Standing(handling, taking_back, **more))  # type: ignore[arg-type]

    assert legal("") == ("01", "02", "03", "04", "05", "06", "13")
    assert legal("03") == ("04", "05", "06", "13"), "02 only before acceptance"
    assert legal("02") == (), "terminal, and nothing is left to ask back"
    assert legal("06") == ("13",), "terminal except for asking back"
    assert legal("05", "13") == ("06", "15", "16")
    assert legal("05", "16") == ("06", "13"), "after 16 the state before 13 stands again"
    assert legal("05", "15") == ()
    assert legal("05", RECALL) == legal("02", RECALL) == ("15",), "no right to refuse a recall"
    assert legal("01", "", state=Transport.RECALLED) == (), "it never left"
    assert legal("", RECALL, state=Transport.RECALLED) == ("15",), "an attempt may have reached it after all"
    assert legal("", "", business_type=BusinessType.UPDATE) == ("01", "02", "03", "04", "05", "06", "15", "16")
    assert legal("01", "15", business_type=BusinessType.UPDATE)[0] == "02", "agreeing ends no update"
    assert {"13"} == BY_SENDER
    assert decide_status("03", Standing("01", RECALL)) is StatusDecision.LATE, "it crossed the recall"
    assert decide_status("02", Standing("01", RECALL)) is StatusDecision.LATE, "returned before it knew of it"
    assert decide_status("02", Standing("03", RECALL)) is StatusDecision.ILLEGAL, "the recall excuses nothing"
    assert decide_status("03", Standing("02", RECALL)) is StatusDecision.ILLEGAL
    assert decide_status("03", Standing("01", "15")) is StatusDecision.ILLEGAL
    assert decide_status("01", Standing("02")) is StatusDecision.LATE, "the axis got them in the wrong order"
    assert decide_status("02", Standing("03")) is StatusDecision.ILLEGAL
    assert decide_status("01", Standing("03")) is StatusDecision.LATE
    assert all(may_recall(Standing(handling)) for handling in Handling), "02 and 06 included"
    assert not may_recall(Standing("05", "15")) and not may_recall(Standing(state=Transport.RECALLED))


@given(standings)
def test_asking_back_is_open_exactly_where_13_is_legal(at: Standing) -> None:
    assert ("13" in legal_statuses(at)) is may_ask_back(at)


def test_every_transport_state_is_reached_and_only_people_reopen() -> None:
    assert {m.target for m in TRANSPORT} | STARTS == set(Transport)
    assert transport_targets("delivered") == transport_targets("recalled") == frozenset()
    assert transport_targets("refused") == {"queued", "recalled"}
    for move in TRANSPORT:
        if move.origin in FINAL:
            assert move.event in ("replayed", "recalled"), "an operator, or the sender"
    assert set(Transport) == WAITING | FINAL and not WAITING & FINAL


@pytest.mark.parametrize("kind", BusinessType)
def test_rows_of_taking_back_stand_once_and_name_what_exists(kind: BusinessType) -> None:
    moves = TAKING_BACK[kind]
    assert len({(m.event, m.origin, m.target) for m in moves}) == len(moves)
    assert all(m.event == m.target for m in moves)
    assert {m.origin for m in moves} | {m.target for m in moves} <= {s.value for s in TakingBack}


def test_rows_stand_once_and_name_states_that_exist() -> None:
    for moves, states in ((TRANSPORT, Transport), (HANDLING, Handling)):
        assert len({(m.event, m.origin, m.target) for m in moves}) == len(moves)
        assert {m.origin for m in moves} | {m.target for m in moves} <= {s.value for s in states}
    for moves in (TRANSPORT, HANDLING, *TAKING_BACK.values()):
        assert {m.next_actor for m in moves} <= {"axis", "receiver", "sender", "operator", "nobody"}
    assert set(WORDS) == {"", *Handling, *TakingBack}
    assert set(TRANSPORT_WORDS) == set(Transport)
