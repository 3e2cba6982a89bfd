"""Whose system is calling? The proof every signed call carries, whichever front it comes to.

The head is read and verified as vxp_auth says; path, query, method and body are not part of what is
signed, so what a caller may see follows from its secret alone and never from what it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from aiohttp import web

from axis.domain.directory import Unit, UnitState
from axis.domain.errors import AccessError
from axis.fronts.vxp_auth import Signed, read_head, stamp_time, verify
from axis.fronts.vxp_call import Directory, plain

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Caller:
    """A proven one."""

    unit: Unit
    system_id: str
    signed: Signed


class Callers:
    def __init__(
        self, directory: Directory, now: Callable[[], datetime] = lambda: datetime.now(UTC), event: str = "vxp.call"
    ) -> None:
        self._directory = directory
        self._now = now
        self._event = event

    async def prove(self, request: web.Request, operation: str, uses: Iterable[str], trace_id: str) -> Caller:
        """Who calls. ``uses``: signed names the operation reads. Raises AccessError."""
        head = read_head(request.raw_headers)
        key = await self._directory.by_system_id(head.system_id) if head else None
        signed = verify(head, key.secrets if key else (), uses)
        assert key is not None  # verify() proves nothing without secrets
        self._judge_stamp(signed, key.unit, key.system_id, operation, trace_id)
        if key.unit.state in (UnitState.DRAFT, UnitState.RETIRED):
            raise AccessError("access.unit-inactive")
        return Caller(key.unit, key.system_id, signed)

    def _judge_stamp(self, signed: Signed, unit: Unit, system_id: str, operation: str, trace_id: str) -> None:
        """Age is logged, not judged: a client that keeps one object sends the same stamp for days. A unit
        that makes a new object for each session may ask for the strict mode (``vxp_max_age``, seconds)."""
        stamp = stamp_time(signed.get("timestamp"))
        age = (self._now() - stamp).total_seconds() if stamp else None
        log.debug(  # every call: what it did is told by its own line, or by the metrics
            self._event, operation=operation, system_id=plain(system_id), unit=unit.code,
            stamp_age=round(age) if age is not None else None, trace_id=trace_id,
        )  # fmt: skip
        limit = unit.settings.get("vxp_max_age")
        if isinstance(limit, int | float) and limit > 0 and (age is None or abs(age) > limit):
            raise AccessError("access.stale")
