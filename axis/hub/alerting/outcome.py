"""What became of a deadline that was missed: told the same way in a letter, in a list and to a system.

An alert is written when a deadline is missed; it is read hours or days later. Meanwhile the work was done, the
document went back, or the deadline moved: whoever reads it must see that, or they look for work that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from axis.domain.calendar import WorkingCalendar
from axis.domain.clock import VIETNAM
from axis.domain.deadlines import Clock, Rule, late_by, open_rules, words
from axis.domain.states import Handling, TakingBack, Transport
from axis.hub.standing import rests_on_guess

Row = Mapping[str, Any]
Words = tuple[str, str]
"""Vietnamese, English."""

DONE: Mapping[Rule, Words] = {
    Rule.SEND: ("đã gửi", "sent"),
    Rule.ARRIVAL: ("đã báo đến", "arrival reported"),
    Rule.REGISTER: ("đã tiếp nhận", "registered"),
    Rule.FINISH: ("đã hoàn thành", "finished"),
}
RETURNED: Words = ("đã trả lại", "returned")
TAKEN_BACK: Words = ("đã thu hồi hoặc lấy lại", "taken back")
REFUSED: Words = ("hệ thống của đơn vị không nhận", "refused by the unit's system")
REPLACED: Words = ("đã có văn bản thay thế", "replaced by another document")
OVER: Words = ("không còn phải làm", "no longer to be done")
MOVED: Words = ("hạn đã dời tới {due}", "now due {due}")
GUESSED: Words = ("tạm tính", "provisional")


@dataclass(frozen=True, slots=True)
class Outcome:
    """``open``: it is still to be done; ``met_at``: when it was done, late; ``words``: what happened instead or
    how, empty while it is open; ``guessed``: its deadline rests on a year whose decision nobody entered."""

    open: bool
    met_at: datetime | None
    words: Words
    guessed: bool


def outcome(row: Row, calendar: WorkingCalendar, now: datetime) -> Outcome:
    """Of an alert with its delivery, as the statements ``carried`` and ``page`` give it."""
    rule, clock = Rule(row["rule"]), Clock.of(row)
    met = {
        Rule.SEND: row["received_at"],
        Rule.ARRIVAL: clock.told_at or clock.registered_at,
        Rule.REGISTER: clock.registered_at,
        Rule.FINISH: clock.completed_at,
    }[rule]
    guessed = rests_on_guess(calendar, row, rule, row["due_at"])
    if met is not None:
        returned = rule is Rule.REGISTER and clock.handling == Handling.REFUSED
        return Outcome(False, met, RETURNED if returned else DONE[rule], guessed)
    if rule not in open_rules(clock):
        return Outcome(False, None, _ended(clock), guessed)
    due = clock.due(rule)
    if due is not None and due > now:
        return Outcome(False, None, (MOVED[0].format(due=moment(due)), MOVED[1].format(due=moment(due))), guessed)
    return Outcome(True, None, ("", ""), guessed)


def told(found: Outcome, due: datetime, calendar: WorkingCalendar, now: datetime, language: str = "vi") -> str:
    """``quá hạn 3 giờ làm việc``, ``đã tiếp nhận lúc 05/06/2019 08:30, trễ 2 giờ làm việc``, ``đã trả lại``."""
    vietnamese = language == "vi"
    said = found.words[0 if vietnamese else 1]
    if found.open:
        said = words(calendar, due, now, language)
    elif found.met_at is not None:
        said += f" {'lúc' if vietnamese else 'at'} {moment(found.met_at)}"
        if found.met_at > due:
            late = late_by(calendar, due, found.met_at, language)
            said += f", trễ {late}" if vietnamese else f", {late} late"
    return f"{said} ({GUESSED[0 if vietnamese else 1]})" if found.guessed else said


def moment(at: datetime) -> str:
    return at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def _ended(clock: Clock) -> Words:
    if clock.state == Transport.RECALLED or clock.taking_back in (TakingBack.AGREED, TakingBack.ORDERED):
        return TAKEN_BACK
    if clock.handling == Handling.REFUSED:
        return RETURNED
    if clock.state == Transport.REFUSED:
        return REFUSED
    return REPLACED if clock.replaced else OVER
