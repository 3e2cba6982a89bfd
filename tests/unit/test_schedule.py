"""When it is tried again: quickly at first, then for ever, never in step."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from axis.domain.schedule import DELAYS, JITTER, URGENT_DIVISOR, URGENT_FROM, Schedule

attempts = st.integers(1, 10_000)
chances = st.floats(0, 1, exclude_max=True)
priorities = st.integers(0, 4)


@given(attempts, priorities, chances)
def test_jitter_stays_within_its_bounds(attempt: int, priority: int, chance: float) -> None:
    base = DELAYS[min(attempt, len(DELAYS)) - 1] / (URGENT_DIVISOR if priority >= URGENT_FROM else 1)
    delay = Schedule().delay(attempt, priority, lambda: chance)
    assert base * (1 - JITTER / 2) <= delay <= base * (1 + JITTER / 2)


@given(attempts, chances)
def test_urgent_ones_wait_a_quarter(attempt: int, chance: float) -> None:
    schedule = Schedule()
    usual, urgent = (schedule.delay(attempt, p, lambda: chance) for p in (URGENT_FROM - 1, URGENT_FROM))
    assert abs(urgent * URGENT_DIVISOR - usual) < 1e-6


@given(attempts, priorities, chances)
def test_it_never_gives_up_and_never_hurries_with_time(attempt: int, priority: int, chance: float) -> None:
    schedule = Schedule()
    assert (
        0 < schedule.delay(attempt, priority, lambda: chance) <= schedule.delay(attempt + 1, priority, lambda: chance)
    )


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=9).map(tuple), attempts)
def test_the_last_of_any_delays_repeats(delays: tuple[float, ...], attempt: int) -> None:
    delay = Schedule(delays).delay(attempt + len(delays) - 1, 0, lambda: 0.5)
    assert delay == delays[-1] * (1 - JITTER / 2 + JITTER / 2)


@given(st.integers(1, 1000), chances)
def test_the_breaker_follows_the_same_delays_one_step_behind(failures: int, chance: float) -> None:
    schedule = Schedule()
    assert schedule.breaker(failures, lambda: chance) == schedule.delay(max(failures - 1, 1), 0, lambda: chance)
