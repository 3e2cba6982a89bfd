"""The demo's reconciliation adds up, and shows it when it does not."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from axis.demo.table import WAITING, Ledger, Row, states_of, total
from axis.domain.states import Transport

_FATES = [s.value for s in Transport]


def test_a_unit_whose_documents_are_all_accounted_for_has_no_difference() -> None:
    ledger = Ledger(
        sent=Counter(A=10),
        states={"A": Counter(delivered=6, refused=1, recalled=1, queued=1, sending=1)},
        received=Counter(A=6),
    )
    (row,) = ledger.rows(["A"])
    assert row == Row("A", sent=10, delivered=6, refused=1, recalled=1, waiting=2, received=6)
    assert row.difference == 0


def test_a_lost_document_shows_as_a_difference() -> None:
    (row,) = Ledger(sent=Counter(A=3), states={"A": Counter(delivered=2)}).rows(["A"])
    assert row.difference == 1


def test_a_document_the_senders_never_sent_shows_as_a_negative_difference() -> None:
    (row,) = Ledger(states={"A": Counter(delivered=1)}).rows(["A"])
    assert row.difference == -1


def test_a_unit_nobody_listed_is_not_overlooked() -> None:
    ledger = Ledger(sent=Counter(A=1, B=1), states={"C": Counter(queued=1)})
    assert ledger.strangers(["A"]) == {"B", "C"}


def test_every_transport_state_belongs_to_exactly_one_column() -> None:
    for state in _FATES:
        (row,) = Ledger(sent=Counter(A=1), states={"A": Counter({state: 1})}).rows(["A"])
        assert row.difference == 0, state
        assert (state in WAITING) == (row.waiting == 1)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(_FATES)), max_size=60))
def test_the_total_is_the_sum_of_the_rows_and_adds_up_itself(fates: list[tuple[str, str]]) -> None:
    deliveries = [{"unit": unit, "state": state} for unit, state in fates]
    ledger = Ledger(sent=Counter(unit for unit, _ in fates), states=states_of(deliveries))
    rows = ledger.rows("ABC")
    summed = total(rows)
    assert summed.sent == len(fates) == sum(row.sent for row in rows)
    assert summed.difference == 0
    assert all(row.difference == 0 for row in rows)
