"""A changed calendar applied to deadlines that stand already: the way back from a mistake in it.

A due moment is written when its clock starts and does not move by itself (decision 0019). When a year's
decision comes late, or a day was entered wrongly, an operator applies the calendar of now to whatever is
still open. What was met keeps the deadline it was met by; a miss that is none any more is taken back,
the alert about it stays in the list, as it was true when it was raised. Every delivery that changes is
journalled, with the moments before and after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from axis.domain.clock import VIETNAM
from axis.domain.deadlines import BITS, Clock, Deadlines, Rule, matters, open_rules
from axis.domain.events import Event
from axis.domain.period import bounds
from axis.hub.standing import Almanac, finish_due, look_at, terms
from axis.store.database import Database
from axis.store.documents import Documents, Moved
from axis.store.journal import Journal

BATCH = 500


@dataclass(frozen=True, slots=True)
class Applied:
    looked: int
    moved: int


class Reckoning:
    def __init__(
        self, *, database: Database, documents: Documents, journal: Journal, almanac: Almanac
    ) -> None:
        self._db = database
        self._documents = documents
        self._journal = journal
        self._almanac = almanac

    async def apply(self, since: date, *, actor: str, dry_run: bool = False) -> Applied:
        """Deliveries made since that day, a batch at a time, each batch one transaction."""
        deadlines = await self._almanac.current()
        last, _ = bounds(since, since)
        looked = moved = 0
        while True:
            async with self._db.transaction() as work:
                rows = await self._documents.open_since(work, last, BATCH)
                now = await self._documents.now(work)
                changes = [change for row in rows if (change := _change(deadlines, row, now)) is not None]
                if changes and not dry_run:
                    await self._documents.move_deadlines(work, changes)
                    for change in changes:
                        await self._journal.write(
                            Event.DEADLINE_MOVED, actor=actor, data=change.data, unit_id=change.unit_id,
                            package_id=change.package_id, delivery_id=change.id, on=work,
                        )  # fmt: skip
            looked, moved = looked + len(rows), moved + len(changes)
            if len(rows) < BATCH:
                return Applied(looked, moved)
            last = UUID(int=rows[-1]["id"].int + 1)


def _change(deadlines: Deadlines, row: Mapping[str, Any], now: datetime) -> Moved | None:
    stood = Clock.of(row)
    stands = _again(deadlines, stood, row)
    if stands == stood:
        return None
    lifted, still = 0, open_rules(stands)
    for rule in open_rules(stood):
        due = stands.due(rule)
        if rule not in still or (due is not None and due > now):
            lifted |= BITS[rule]
    stands = replace(stands, missed=stands.missed & ~lifted, escalated=stands.escalated & ~lifted)
    data = {
        rule.value: [_told(stood.due(rule)), _told(stands.due(rule))]
        for rule in Rule if stood.due(rule) != stands.due(rule)
    }  # fmt: skip
    return Moved(
        row["id"], row["package_id"], row["unit_id"], stands.arrival_due_at, stands.register_due_at,
        stands.finish_due_at, stands.missed, stands.escalated, look_at(deadlines, now, stands), data,
    )  # fmt: skip


def _again(deadlines: Deadlines, stood: Clock, row: Mapping[str, Any]) -> Clock:
    """The open deadlines, computed anew from what they were computed from."""
    stands = stood
    rules = open_rules(stood)
    if row["arrived_at"] is not None:
        arrival, register = terms(deadlines, row["arrived_at"], row)
        if Rule.ARRIVAL in rules:
            stands = replace(stands, arrival_due_at=arrival)
        if Rule.REGISTER in rules:
            stands = replace(stands, register_due_at=register)
    due = finish_due(deadlines, row["due_date"], row["created_at"])
    if matters(stood) and stood.finish_due_at is not None and row["completed_at"] is None and due is not None:
        stands = replace(stands, finish_due_at=due)
    return stands


def _told(moment: datetime | None) -> str:
    return moment.astimezone(VIETNAM).isoformat(timespec="minutes") if moment else ""
