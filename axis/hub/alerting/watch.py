"""The sweep over deadlines: who missed what, told once (decision-28.md section 2).

    read    deliveries whose moment has come, urgent first, a batch at a time, locked
    look    the domain says what is missed, what is missed still (escalated), and when to look again
    write   masks, alerts, journal rows and messages: one transaction, nothing half done

A delivery carries the moment of its next look, so a sweep reads only what is due and never what is over. The
sender's deadline is the package's: of a package that came too late one delivery tells it, once, found by its
bit; it is not escalated, since nothing is left to be done.

Who hears: the unit that missed (its contacts by mail, its system by webhook); when it is escalated, also its
parent's contacts and the operators. A batch makes one message per channel, address and unit, because a bad
morning must not turn into five hundred mails. Nobody to tell: the alert stands all the same, in the list.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from axis.domain.deadlines import BITS, Clock, Deadlines, Level, Miss, Rule, after
from axis.domain.directory import Unit
from axis.domain.ids import new_id
from axis.hub.almanac import Almanac
from axis.hub.directory import Directory, Snapshot
from axis.store.alerts import EMAIL, WEBHOOK, Alert, Alerts, Look, NewMessage
from axis.store.database import Database
from axis.telemetry import Telemetry

PUT_OFF = timedelta(minutes=10)  # until the next look at a delivery that could not be judged
MOST_IN_CALL = 40  # alerts in one webhook call, which stays below 20 kB


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """``tell``: whether messages are made at all; ``escalate_to``: e-mail addresses of the operators;
    ``batch``: deliveries in one transaction."""

    tell: bool = True
    escalate_to: tuple[str, ...] = ()
    batch: int = 500


class Watch:
    """``now``: the moment a sweep goes by; by default the database's, which stamped the deadlines' clocks."""

    def __init__(
        self, *, database: Database, alerts: Alerts, almanac: Almanac, directory: Directory, telemetry: Telemetry,
        settings: WatchSettings, now: Callable[[], Awaitable[datetime]] | None = None,
    ) -> None:  # fmt: skip
        self._db = database
        self._alerts = alerts
        self._almanac = almanac
        self._directory = directory
        self._telemetry = telemetry
        self._settings = settings
        self._now = now or alerts.clock

    async def sweep(self) -> int:
        """Look at every delivery whose moment has come; how many there were."""
        now = await self._now()
        looked = 0
        while count := await self._batch(now):
            looked += count
        return looked

    async def _batch(self, now: datetime) -> int:
        deadlines, snapshot = await self._almanac.current(), await self._directory.current(0)
        async with self._db.transaction() as work:
            rows = await self._alerts.due(work, now, self._settings.batch)
            if not rows:
                return 0
            looks, raised = self._judge(rows, deadlines, snapshot, now)
            fresh = await self._alerts.found(work, now, looks, raised)
            told = [alert for alert in raised if alert.id in fresh]
            messages = self._messages(told, snapshot) if self._settings.tell else []
            if messages:
                await self._alerts.add_messages(work, messages)
        # COMMIT POINT of an alert: from here it is told once, and its messages go out however often we die.
        if told:
            self._telemetry.log.info("deadlines missed", alerts=len(told), messages=len(messages))
        return len(rows)

    def _judge(
        self, rows: Iterable[Mapping[str, Any]], deadlines: Deadlines, snapshot: Snapshot, now: datetime
    ) -> tuple[list[Look], list[Alert]]:
        looks: list[Look] = []
        raised: list[Alert] = []
        for row in rows:
            try:
                look, alerts = _look(row, deadlines, snapshot, now)
            except Exception as error:  # one delivery that cannot be judged must not silence all the others
                self._telemetry.log.error("deadline not judged", delivery=str(row["id"]), exc_info=error)
                look, alerts = Look(row["id"], row["missed"], row["escalated"], now + PUT_OFF), []
            looks.append(look)
            raised += alerts
        return looks, raised

    def _messages(self, alerts: Iterable[Alert], snapshot: Snapshot) -> list[NewMessage]:
        heard: dict[tuple[str, str, UUID], list[Alert]] = {}
        for alert in alerts:
            unit = snapshot.units[alert.unit_id]
            for channel, address in self._listeners(unit, alert.level, snapshot):
                heard.setdefault((channel, address, unit.id), []).append(alert)
        messages = []
        for (channel, address, unit_id), group in heard.items():
            group.sort(key=lambda one: (-one.priority, one.due_at))
            size = MOST_IN_CALL if channel == WEBHOOK else len(group)
            for start in range(0, len(group), size):
                part = group[start : start + size]
                ids = tuple(one.id for one in part)
                messages.append(NewMessage(channel, address, ids, unit_id, part[0].priority))
        return messages

    def _listeners(self, unit: Unit, level: int, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
        """Channel and address of everybody who hears of what this unit missed."""
        if unit.alert_url:
            yield WEBHOOK, unit.alert_url
        for address, least in hearers(unit, snapshot, self._settings.escalate_to).items():
            if level >= least:
                yield EMAIL, address


def hearers(unit: Unit, snapshot: Snapshot, operators: Iterable[str]) -> dict[str, int]:
    """Who hears by mail of what this unit misses, and from which level on: its own people at once, its parent's and
    the operators when it stays so."""
    parent = snapshot.named(unit.parent) if unit.parent else None
    higher = (*(parent.listeners if parent else ()), *operators)
    return dict.fromkeys(higher, int(Level.ESCALATED)) | dict.fromkeys(unit.listeners, int(Level.MISSED))


def _look(
    row: Mapping[str, Any], deadlines: Deadlines, snapshot: Snapshot, now: datetime
) -> tuple[Look, list[Alert]]:
    """One delivery: how it stands now, and what is to be told of it."""
    stood = Clock.of(row)
    misses, again = deadlines.look(stood, now)
    if _sent_late(row):
        misses = (*misses, Miss(Rule.SEND, Level.MISSED, row["send_due_at"]))
    stands = after(stood, misses)
    alerts = []
    for miss in misses:
        unit = snapshot.units[row["source_unit"] if miss.rule is Rule.SEND else row["unit_id"]]
        alerts.append(
            Alert(new_id(), miss.rule.value, int(miss.level), row["id"], row["package_id"], unit.id, miss.due,
                  row["priority"], unit.code)
        )  # fmt: skip
    return Look(row["id"], stands.missed, stands.escalated, again), alerts


def _sent_late(row: Mapping[str, Any]) -> bool:
    """The package came too late, and nobody was told yet: its other deliveries start with the bit set, and one
    that is sent again (a later round) tells nothing new about the sender."""
    due = row["send_due_at"]
    return due is not None and row["received_at"] > due and row["round"] == 1 and not row["missed"] & BITS[Rule.SEND]
