"""mailbox: the unit's own system fetches through the API (VXP), so nothing is pushed.

The courier never claims for a pulling kind; ``deliver`` answers truthfully all the same. Health is what
the unit's calls tell: configured but never called is *unproven*, silent for too long is *failing*.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from adapters import answers
from axis.adapter import Health, Inbound, Outcome, Parcel, Tools, nothing, read_settings
from axis.domain.errors import SetupError


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """``quiet_hours``: how long the unit may stay silent before its page turns red; long enough for
    a night and a weekend."""

    quiet_hours: float = 72.0

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
        silence = self._tools.now() - called
        time = called.isoformat(sep=" ", timespec="minutes")
        if silence > timedelta(hours=self._settings.quiet_hours):
            return Health("failing", answers.words("probe.silent", time=time))
        return Health("ok", answers.words("probe.called", time=time))
