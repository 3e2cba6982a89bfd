"""The deadlines of Decision 28 and Decree 30/2020, and when each is found missed.

Four rules (decision-28.md section 2): the sender *sends*; the receiver's system says it *arrived* (01);
the receiver *registers* it (03, or returns it with 02) and *finishes* it (06) by the document's DueDate.
A deadline missed changes nothing in the delivery: it is shown, counted and alerted; nothing expires.

Our readings, where the texts leave room:
- an urgent document is sent "immediately" (Đ6.2), but only the *date* of signing is known: it is late
  when that calendar day is over, 24:00, on a rest day too, because urgency does not wait for Monday;
- what arrives after office hours or on a rest day is told on the next working day, as a period that
  ends on a non-working day ends on the next working day (BLDS Đ148);
- the first day is not counted (BLDS Đ147): "the next working day" follows the calendar day of arrival.

A miss is raised at two levels, once each: missed, then escalated when it stays so for a while. The
caller keeps two bit masks per delivery, so that neither a restart nor a second process says it twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple, Self

from axis.domain.calendar import NOTHING, ONE_DAY, Hours, WorkingCalendar, at, local
from axis.domain.document import EXCLUSIVE_TYPES, Kind
from axis.domain.errors import SetupError
from axis.domain.states import Handling, TakingBack, Transport

URGENT_FROM = 1  # khẩn; 2 thượng khẩn, 3 hoả tốc, 4 hoả tốc hẹn giờ


class Rule(StrEnum):
    SEND = "send"  # section 2.1, 2.2
    ARRIVAL = "arrival"  # 2.3: status 01
    REGISTER = "register"  # 2.4: status 03, or 02
    FINISH = "finish"  # 2.5: status 06


BITS = {Rule.ARRIVAL: 1, Rule.REGISTER: 2, Rule.FINISH: 4, Rule.SEND: 8}
"""The bit of each rule in ``missed`` and ``escalated``; stored, so never renumbered."""


class Level(IntEnum):
    MISSED = 1
    ESCALATED = 2


@dataclass(frozen=True, slots=True)
class DeadlineSettings:
    """``morning``: the hour that ends the "morning of the next working day" (Đ6.2 gives none);
    ``urgent_minutes``: of working time to register an urgent document;
    ``escalate_minutes``: of working time between a miss and its escalation; ``escalate_urgent_minutes``: the same
    of an urgent document, which is to be taken up at once and would be told to nobody higher for a day."""

    morning: time = time(12)
    urgent_minutes: int = 60
    escalate_minutes: int = 480
    escalate_urgent_minutes: int = 60

    @classmethod
    def parse(
        cls, morning: str, hours: Hours, urgent_minutes: int = 60, escalate_minutes: int = 480,
        escalate_urgent_minutes: int = 60,
    ) -> Self:  # fmt: skip
        """With the hour as text. Raises SetupError when it is none, or outside office hours."""
        try:
            hour = datetime.strptime(morning, "%H:%M").time()  # noqa: DTZ007  # an hour of every day, no moment
        except ValueError:
            hour = None
        if hour is None or not hours.within(hour):
            raise SetupError("calendar.morning", text=morning)
        return cls(hour, urgent_minutes, escalate_minutes, escalate_urgent_minutes)


@dataclass(frozen=True, slots=True)
class Clock:
    """What the deadlines of one delivery depend on. ``arrived_at``: when the receiver's system had it;
    ``told_at``: when 01 was said; ``registered_at``: 03 (or later); ``completed_at``: 06. A deadline that was
    never set is None. ``replaced``: its replacement has come to the same unit."""

    kind: str = Kind.DOCUMENT
    business_type: int = 0
    state: str = Transport.QUEUED
    handling: str = Handling.NONE
    taking_back: str = TakingBack.NONE
    arrival_due_at: datetime | None = None
    told_at: datetime | None = None
    register_due_at: datetime | None = None
    registered_at: datetime | None = None
    finish_due_at: datetime | None = None
    completed_at: datetime | None = None
    missed: int = 0
    escalated: int = 0
    arrived_at: datetime | None = None
    replaced: bool = False
    priority: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a delivery as it is stored: its columns have these names."""
        return cls(
            row["kind"], row["business_type"], row["state"], row["handling"], row["taking_back"], row["arrival_due_at"],
            row["told_at"], row["register_due_at"], row["registered_at"], row["finish_due_at"], row["completed_at"],
            row["missed"], row["escalated"], row["arrived_at"], bool(row.get("replaced")),
            row["priority"],
        )  # fmt: skip

    @property
    def had_at(self) -> datetime | None:
        """Since when the receiver has it: a status may overtake the news that it arrived."""
        return min(filter(None, (self.arrived_at, self.told_at)), default=None)

    def due(self, rule: Rule) -> datetime | None:
        """The moment set for a rule; the sender's is not a matter of one delivery."""
        return {
            Rule.ARRIVAL: self.arrival_due_at,
            Rule.REGISTER: self.register_due_at,
            Rule.FINISH: self.finish_due_at,
        }.get(rule)


class Miss(NamedTuple):
    """A deadline to tell somebody about."""

    rule: Rule
    level: Level
    due: datetime


def matters(clock: Clock) -> bool:
    """Whether anybody still has to do something about this delivery."""
    return (
        clock.kind == Kind.DOCUMENT
        and clock.business_type in EXCLUSIVE_TYPES
        and clock.state not in (Transport.RECALLED, Transport.REFUSED)
        and clock.taking_back not in (TakingBack.AGREED, TakingBack.ORDERED)
        and clock.handling not in (Handling.REFUSED, Handling.FINISHED)
        and not clock.replaced
    )


def open_rules(clock: Clock) -> tuple[Rule, ...]:
    """Rules whose deadline was set, is not met, and still matters. Nobody finishes what they do not have, and
    what was due before they had it is not theirs to miss."""
    if not matters(clock):
        return ()
    met = {
        Rule.ARRIVAL: clock.told_at or clock.registered_at,  # who has registered it has it
        Rule.REGISTER: clock.registered_at,
        Rule.FINISH: clock.completed_at,
    }
    return tuple(rule for rule, when in met.items() if when is None and _runs(clock, rule))


def _runs(clock: Clock, rule: Rule) -> bool:
    due, had = clock.due(rule), clock.had_at
    return due is not None and (rule is not Rule.FINISH or (had is not None and had < due))


def after(clock: Clock, told: Iterable[Miss]) -> Clock:
    """The clock once these were told: its two masks."""
    missed, escalated = clock.missed, clock.escalated
    for one in told:
        if one.level is Level.MISSED:
            missed |= BITS[one.rule]
        else:
            escalated |= BITS[one.rule]
    return replace(clock, missed=missed, escalated=escalated)


class Deadlines:
    """Due moments on one working calendar. All of them are aware, in Vietnam's time."""

    def __init__(self, calendar: WorkingCalendar, settings: DeadlineSettings | None = None) -> None:
        self.calendar = calendar
        self.settings = settings or DeadlineSettings()

    def send_due(self, promulgated: date, priority: int) -> datetime:
        """When a document signed on that day must have been accepted by the axis (Đ6.2)."""
        if priority >= URGENT_FROM:
            return at(promulgated + ONE_DAY, time(0))
        return at(self.calendar.next_working_day(promulgated), self.settings.morning)

    def arrival_due(self, arrived: datetime) -> datetime:
        """When 01 must have been said: the same day (NĐ30 Đ21.2c)."""
        here = local(arrived)
        closing = self.calendar.closes(here.date())
        if self.calendar.is_working(here.date()) and here < closing:
            return closing
        return self.calendar.closes(self.calendar.next_working_day(here.date()))

    def register_due(self, arrived: datetime, priority: int) -> datetime:
        """When 03 or 02 must have been said: at the latest the next working day, urgent at once (NĐ30 Đ22)."""
        if priority >= URGENT_FROM:
            return self.calendar.add(arrived, timedelta(minutes=self.settings.urgent_minutes))
        return self.calendar.closes(self.calendar.next_working_day(local(arrived).date()))

    def finish_due(self, due: date) -> datetime:
        """When 06 must have been said: within the DueDate (NĐ30 Đ24.2)."""
        return self.calendar.closes(self.calendar.on_or_after(due))

    def escalates(self, due: datetime, priority: int = 0) -> datetime:
        """When a miss that nobody mended is told a second time, to more people."""
        urgent = priority >= URGENT_FROM
        minutes = self.settings.escalate_urgent_minutes if urgent else self.settings.escalate_minutes
        return self.calendar.add(due, timedelta(minutes=minutes))

    def look(self, clock: Clock, now: datetime) -> tuple[tuple[Miss, ...], datetime | None]:
        """What to raise now, and when to look again: the next moment anything changes, None when never.

        Raised levels must be written into the masks (``after``); then a second look at the same moment
        raises nothing.
        """
        raised: list[Miss] = []
        moments: list[datetime] = []
        for rule in open_rules(clock):
            for level, due, moment in self._levels(clock, rule, now):
                if moment <= now:
                    raised.append(Miss(rule, level, due))
                else:
                    moments.append(moment)
        return tuple(raised), min(moments, default=None)

    def _levels(self, clock: Clock, rule: Rule, now: datetime) -> Iterator[tuple[Level, datetime, datetime]]:
        """The levels of an open rule not raised yet, with the moments they are to be."""
        due, bit = clock.due(rule), BITS[rule]
        assert due is not None  # an open rule has one
        if not clock.missed & bit:
            yield Level.MISSED, due, due
        # Not computed before it is missed: a DueDate of 31/12/9999 has no day after it.
        if not clock.escalated & bit and (due <= now or clock.missed & bit):
            yield Level.ESCALATED, due, self.escalates(due, clock.priority)


UNITS = {
    "vi": {"day": "ngày làm việc", "hour": "giờ làm việc", "minute": "phút làm việc"},
    "en": {"day": "working day", "hour": "working hour", "minute": "working minute"},
}


def words(calendar: WorkingCalendar, due: datetime, now: datetime, language: str = "vi") -> str:
    """How far a deadline is, in working time: ``còn 3 giờ làm việc``, ``2 working days overdue``.

    A day is the office hours of one day. Time left is rounded down at every unit, so that nobody is
    promised time that is not there; time overdue is rounded down too, except that it never reads as
    less than a minute. A deadline that falls outside office hours may be ahead with no working time left.
    """
    vietnamese = language == "vi"
    if due == now:
        return "đến hạn" if vietnamese else "due now"
    minute = timedelta(minutes=1)
    span = calendar.between(now, due)
    if due > now:
        minutes = max(span, NOTHING) // minute
        if not minutes:
            return "còn chưa tới 1 phút làm việc" if vietnamese else "less than 1 working minute left"
        amount = _amount(calendar, minutes, language)
        return f"còn {amount}" if vietnamese else f"{amount} left"
    amount = late_by(calendar, due, now, language)
    return f"quá hạn {amount}" if vietnamese else f"{amount} overdue"


def late_by(calendar: WorkingCalendar, due: datetime, until: datetime, language: str = "vi") -> str:
    """How much working time after a deadline: ``3 giờ làm việc``; never less than a minute."""
    minutes = -(calendar.between(until, due) // timedelta(minutes=1))  # rounds up: the span is negative
    return _amount(calendar, max(minutes, 1), language)


def _amount(calendar: WorkingCalendar, minutes: int, language: str) -> str:
    a_day = max(calendar.hours.total // timedelta(minutes=1), 1)
    if minutes >= a_day:
        number, unit = minutes // a_day, "day"
    elif minutes >= 60:
        number, unit = minutes // 60, "hour"
    else:
        number, unit = minutes, "minute"
    names = UNITS["vi" if language == "vi" else "en"]
    return f"{number} {names[unit]}{'s' if language != 'vi' and number > 1 else ''}"
