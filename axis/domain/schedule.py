"""When to try again. The first delays come quickly, then every six hours for ever, because a state
document does not expire: only a success or an operator ends it. Urgent ones are tried more often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

DELAYS = (5.0, 60.0, 300.0, 1800.0, 7200.0, 21600.0)
"""Seconds after the first, second … failed attempt; the last repeats."""
URGENT_DIVISOR = 4
URGENT_FROM = 3  # hỏa tốc
JITTER = 0.2
MAX_WISH = 86400.0  # a Retry-After beyond a day is not obeyed: the peer may have its clock wrong


@dataclass(frozen=True, slots=True)
class Schedule:
    delays: tuple[float, ...] = DELAYS

    def delay(self, attempt: int, priority: int, chance: Callable[[], float]) -> float:
        """Seconds until the attempt after ``attempt`` (from 1); ``chance`` gives numbers in [0, 1)."""
        base = self.delays[min(attempt, len(self.delays)) - 1]
        if priority >= URGENT_FROM:
            base /= URGENT_DIVISOR
        return base * (1 - JITTER / 2 + JITTER * chance())

    def breaker(self, failures: int, chance: Callable[[], float]) -> float:
        """Seconds to leave a system alone after that many failures in a row."""
        return self.delay(max(failures - 1, 1), 0, chance)
