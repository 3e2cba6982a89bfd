"""A delivery's row as the rules of the domain want to see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from axis.domain.calendar import WorkingCalendar
from axis.domain.clock import VIETNAM
from axis.domain.deadlines import Clock, Deadlines, Rule, open_rules, words
from axis.domain.directory import Unit
from axis.domain.document import EXCLUSIVE_TYPES, Kind, Package
from axis.domain.states import Standing, Transport
from axis.domain.telling import RULES
from axis.store.deliveries import NO_TERMS, Terms

Row = Mapping[str, Any]

OLDEST, LATEST = date(1945, 9, 2), date(2999, 12, 31)
"""Dates beyond these are slips of the pen, not deadlines."""
FINISHED_TRYING = frozenset({Transport.QUEUED, Transport.HELD, Transport.PARKED, Transport.REFUSED})
"""States in which nothing is on its way to the receiver: what stands there can be taken back at once."""


class Almanac(Protocol):
    """Whoever knows the working calendar of today."""

    async def current(self) -> Deadlines: ...


def standing(row: Row) -> Standing:
    return Standing(row["handling"], row["taking_back"], row["business_type"], row["state"])


def look_at(deadlines: Deadlines, now: datetime, then: Clock) -> datetime | None:
    """When the sweep must look next: at once when something is due that it has not raised yet."""
    due, later = deadlines.look(then, now)
    return now if due else later


def terms(deadlines: Deadlines, now: datetime, row: Row) -> Terms:
    """The deadlines that start when a package enters its receiver's system (decision-28.md 2.3, 2.4);
    ``row`` has kind, business_type and priority. Statuses, recalls and updates have none."""
    if row["kind"] != Kind.DOCUMENT or row["business_type"] not in EXCLUSIVE_TYPES:
        return NO_TERMS
    return deadlines.arrival_due(now), deadlines.register_due(now, row["priority"])


def start(
    deadlines: Deadlines, package: Package, unit: Unit, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """The deadlines that start when a document is accepted: by when it should have come here (2.1, 2.2),
    and by when its receivers are to finish it (2.5). A document of another ministry was sent to its own
    axis; when, nobody here knows. A date in the future sets no clock, nor does a due date gone by. The second
    clock runs for a receiver once it has the document."""
    if package.kind is not Kind.DOCUMENT or package.business_type not in EXCLUSIVE_TYPES:
        return None, None
    today = now.astimezone(VIETNAM).date()
    signed, due = package.promulgation_date.value, package.due_date.value
    send = signed is not None and not unit.relays and OLDEST <= signed <= today
    return (
        deadlines.send_due(signed, package.other.priority) if send and signed else None,
        finish_due(deadlines, due, now),
    )


def finish_due(deadlines: Deadlines, due: date | None, accepted: datetime) -> datetime | None:
    """By when a document with that DueDate, accepted at that time, is to be finished; None when the moment has
    gone by: what came after hours on its last day was late when it was sent, not when it was handled."""
    if due is None or not OLDEST <= due <= LATEST:
        return None
    moment = deadlines.finish_due(due)
    return moment if moment > accepted else None


def rests_on_guess(calendar: WorkingCalendar, row: Row, rule: Rule, due: datetime) -> bool:
    """Whether any year from the start of a clock to its deadline has no decision entered: one swapped day in it
    would have moved the deadline."""
    begun = row.get("promulgation_date") if rule is Rule.SEND else row["arrived_at"] or row["told_at"]
    if isinstance(begun, datetime):
        begun = begun.astimezone(VIETNAM)
    last = due.astimezone(VIETNAM).year
    first = min(begun.year, last) if begun is not None else last
    return any(calendar.provisional(year) for year in range(first, last + 1))


def was_seen(row: Row) -> bool:
    """Whether the receiver may have it: fetched, or an attempt went out whose end nobody knows, or it has
    said something about it."""
    return row["fetched_at"] is not None or row["attempts"] > 0 or row["handling"] != ""


def under_way(row: Row) -> bool:
    """An attempt is on the wire, and nobody knows yet whether it arrives."""
    return bool(row["state"] == Transport.SENDING and row["fetched_at"] is None)


def shown_deadline(deadlines: Deadlines, row: Row, now: datetime, language: str) -> str:
    """The deadline of a delivery that comes, or came, first: ``tiếp nhận …: còn 3 giờ làm việc``; empty when
    none is open. One that rests on a year whose decision is not entered is marked as provisional."""
    then = Clock.of(row)
    found = sorted((due, rule) for rule in open_rules(then) if (due := then.due(rule)) is not None)
    if not found:
        return ""
    due, rule = found[0]
    what = RULES[rule][0 if language == "vi" else 1]
    text = f"{what}: {words(deadlines.calendar, due, now, language)}"
    if rests_on_guess(deadlines.calendar, row, rule, due):
        text += " (tạm tính)" if language == "vi" else " (provisional)"
    return text
