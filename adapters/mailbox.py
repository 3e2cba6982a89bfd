"""mailbox: the unit's own system fetches through the API (VXP), so nothing is pushed.

The courier never claims for a pulling kind; ``deliver`` answers truthfully all the same. Health is what
the unit's calls tell: configured but never called is *unproven*, and silence is judged by the one rule
for such units (axis.domain.silence).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

from adapters import answers
from axis.adapter import Health, Inbound, Outcome, Parcel, Tools, nothing, read_settings
from axis.domain.clock import VIETNAM
from axis.domain.errors import SetupError
from axis.domain.silence import QUIET_HOURS, Silence, judge


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """``quiet_hours``: how long the unit may stay silent while nothing waits for it; long enough for
    a night and a weekend."""

    quiet_hours: float = QUIET_HOURS

    def __post_init__(self) -> None:
        hours = self.quiet_hours
        if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= 24 * 366:
            raise SetupError("adapter.setting-wrong", name="quiet_hours", why="0–8784")


class Mailbox:
    kind: ClassVar[str] = "mailbox"
    pulls: ClassVar[bool] = True
    Settings: ClassVar[type] = MailboxSettings

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._settings = read_settings(MailboxSettings, tools.settings)

    async def deliver(self, parcel: Parcel) -> Outcome:
        return answers.later("delivery.waits", unit_down=False)

    def collect(self) -> AsyncIterator[Inbound]:
        return nothing()

    async def probe(self) -> Health:
        called = self._tools.last_call()
        if called is None:
            return Health("unproven", answers.words("probe.never-called"))
        silent = self._tools.now() - called
        found = judge(silent, self._tools.waiting(), self._settings.quiet_hours)
        time = f"{called.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
        code = "probe.called" if found is Silence.USUAL else "probe.silent"
        return Health(found.value, answers.words(code, time=time))
