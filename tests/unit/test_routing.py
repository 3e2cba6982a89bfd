"""Who gets it: over directories of every shape, each addressed code is served, named or recorded."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axis.domain.codes import normal
from axis.domain.directory import RECEIVING, Unit, UnitState
from axis.domain.errors import RoutingError
from axis.hub.directory import Snapshot
from axis.hub.routing import resolve, route, top_level

OWN = "000.00.00.G04"
CODES = [f"000.00.0{n}.G04" for n in range(6)]


def directory(*units: Unit) -> Snapshot:
    return Snapshot(1, {u.id: u for u in units}, {normal(c): u for u in units for c in u.codes})


def unit(code: str, state: UnitState = UnitState.LIVE, parent: str = "", **more: object) -> Unit:
    return Unit(uuid4(), code, code, state, "mailbox", parent=parent, **more)  # type: ignore[arg-type]  # test data


@pytest.mark.parametrize(
    ("code", "top"),
    [
        ("000.01.00.G04", "G04"),
        ("G04.12", "G04"),
        ("g04", "G04"),
        (" 000.00.00.h41 ", "H41"),
        ("01.02.G22", ""),
        ("x", ""),
    ],
)
def test_the_top_level_of_both_forms(code: str, top: str) -> None:
    assert top_level(code) == top


units = st.lists(
    st.tuples(st.sampled_from(CODES), st.sampled_from(UnitState), st.sampled_from(["", *CODES]), st.booleans()),
    max_size=6, unique_by=lambda row: row[0],
).map(lambda rows: directory(*(unit(c, s, p, relays=r) for c, s, p, r in rows)))  # fmt: skip
addressed = st.lists(
    st.sampled_from([*CODES, "000.00.00.H41", "khong-co", "H41.05"]), min_size=1, max_size=6, unique=True
)


@given(units, addressed)
def test_every_code_is_served_once_by_a_unit_that_receives_or_all_are_refused_by_name(
    snapshot: Snapshot, codes: list[str]
) -> None:
    source = unit("000.00.99.G04")
    try:
        plan = route(codes, source, snapshot, OWN)
    except RoutingError as error:
        named = str(error.facts["codes"]).split(", ")
        assert named == [c for c in codes if resolve(c, snapshot, OWN) is None] != []
        return
    assert sorted(c for _, group in plan.units for c in group) == sorted(codes) and plan.elsewhere == ()
    assert len({key for key, _ in plan.units}) == len(plan.units)
    assert all(snapshot.units[key].state in RECEIVING for key, _ in plan.units)


@given(units, addressed)
def test_a_relays_package_loses_no_code_and_never_goes_back_to_it(snapshot: Snapshot, codes: list[str]) -> None:
    relay = next((u for u in snapshot.units.values() if u.relays), None) or unit("000.00.00.G22", relays=True)
    try:
        plan = route(codes, relay, snapshot, OWN)
    except RoutingError as error:
        assert error.code == "routing.no-receiver"
        return
    served = [c for _, group in plan.units for c in group]
    assert sorted([*served, *plan.elsewhere]) == sorted(codes)
    assert relay.id not in {key for key, _ in plan.units}


def test_a_code_nobody_registered_is_never_guessed_at() -> None:
    snapshot = directory(unit(OWN), unit("000.00.00.G22", relays=True))
    assert resolve("000.00.77.G04", snapshot, OWN) is None, "ours by its end, but a typing error for all we know"
    assert resolve("01.02.G22", snapshot, OWN) is None
    relay = resolve("000.00.12.H41", snapshot, OWN)
    assert relay is not None and relay.relays


def test_the_parent_serves_only_what_is_in_the_directory() -> None:
    child = unit("000.00.01.G04", UnitState.RETIRED, parent="g04.02")
    parent = unit("000.00.02.G04", aliases=("G04.02",))
    found = resolve("000.00.01.G04", directory(child, parent), OWN)
    assert found is parent and isinstance(found.id, UUID)
