"""When the system of a unit that fetches by itself has been silent for too long: one rule for the pages of operators,
the test of a connection and the doctor.

    something waits for it   doubtful after half an hour, failing after four hours, after one when it is urgent
    nothing waits            doubtful after ``quiet_hours`` of the unit: a night and a weekend say nothing

Such a unit is never called, so its own calls are all that tells whether it lives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

QUIET_HOURS = 72.0


class Silence(StrEnum):
    """In the words of ``adapter.Health``."""

    USUAL = "ok"
    DOUBTFUL = "unproven"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a system may be silent while something waits for it."""

    doubtful: timedelta = timedelta(minutes=30)
    failing: timedelta = timedelta(hours=4)
    failing_urgent: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a unit: anything, and anything urgent (``deadlines.URGENT_FROM``)."""

    any: bool = False
    urgent: bool = False


LIMITS = Limits()


def quiet_hours(settings: Mapping[str, object]) -> float:
    """Of the settings of a unit's connection, which its adapter judged when they were entered."""
    hours = settings.get("quiet_hours", QUIET_HOURS)
    return float(hours) if isinstance(hours, int | float) else QUIET_HOURS


def judge(silent: timedelta, waiting: Waiting, quiet: float, limits: Limits = LIMITS) -> Silence:
    """``silent``: since its last call; ``quiet``: hours."""
    if not waiting.any:
        return Silence.DOUBTFUL if silent > timedelta(hours=quiet) else Silence.USUAL
    if silent > (limits.failing_urgent if waiting.urgent else limits.failing):
        return Silence.FAILING
    return Silence.DOUBTFUL if silent > limits.doubtful else Silence.USUAL
