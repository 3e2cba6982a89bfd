"""What software took away through ``/api/v1``, for the journal: as a person's export, before the first byte leaves.

A secret that leaked reads the registers of its unit, and then somebody asks who did, from where and when. Software
that polls asks the same every few minutes: the same system asking the same from the same address is told once an
hour, and by each process of the axis for itself. What was remembered is forgotten from the oldest on, so that a
caller can make the journal longer, as every call can, but not this memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from axis.domain.events import Event
from axis.fronts.callers import Caller
from axis.fronts.vxp_call import plain
from axis.hub.reporting.questions import Question

EVERY = timedelta(hours=1)
MOST = 4_096
_Key = tuple[str, ...]


class Journal(Protocol):
    async def write(
        self, event: Event, *, actor: str, data: Mapping[str, Any], unit_id: UUID | None = None
    ) -> object: ...


class TakenAway:
    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal = journal
        self._now = now
        self._told: dict[_Key, datetime] = {}

    async def tell(self, caller: Caller, question: Question, counterpart: str, form: str, address: str) -> None:
        """Write down that a system takes a report of its unit."""
        data = {
            "report": question.kind.name, "period": question.period.name, "format": form,
            "with": plain(counterpart)[:40], "system": plain(caller.system_id)[:100], "address": address,
        }  # fmt: skip
        key, now = tuple(data.values()), self._now()
        told = self._told.get(key)
        if told is not None and now - told < EVERY:
            return
        data = {name: value for name, value in data.items() if value}
        await self._journal.write(Event.EXPORTED, actor=caller.unit.code, unit_id=caller.unit.id, data=data)
        self._told.pop(key, None)
        self._told[key] = now
        while len(self._told) > MOST:
            del self._told[next(iter(self._told))]
