"""Deadlines: the examples worked out by hand, each miss raised once, and the words never flatter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from axis.domain.calendar import DayKind, Hours, SpecialDay, WorkingCalendar, merge
from axis.domain.clock import VIETNAM
from axis.domain.deadlines import BITS, Clock, Deadlines, DeadlineSettings, Level, Miss, Rule, after, open_rules, words
from axis.domain.errors import SetupError
from axis.hub.almanac import known_days
from axis.hub.standing import rests_on_guess, shown_deadline
from tests.unit.deadline_cases import CASES

CALENDAR = WorkingCalendar(Hours.parse(), known_days(), frozenset())
DEADLINES = Deadlines(CALENDAR)


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=VIETNAM)


def computed(rule: str, given: str, priority: int) -> datetime:
    if rule == "send":
        return DEADLINES.send_due(date.fromisoformat(given), priority)
    if rule == "arrival":
        return DEADLINES.arrival_due(moment(given))
    if rule == "register":
        return DEADLINES.register_due(moment(given), priority)
    if rule == "finish":
        return DEADLINES.finish_due(date.fromisoformat(given))
    return DEADLINES.escalates(moment(given))


@pytest.mark.parametrize(("rule", "given", "priority", "expected", "why"), CASES, ids=lambda v: str(v)[:60])
def test_a_deadline_is_what_a_clerk_computes(rule: str, given: str, priority: int, expected: str, why: str) -> None:
    assert computed(rule, given, priority) == moment(expected), why


def test_the_examples_are_many_and_each_stands_once() -> None:
    assert len(CASES) >= 60 and len({case[:3] for case in CASES}) == len(CASES)


def test_every_deadline_is_told_in_vietnams_time() -> None:
    arrived = datetime(2019, 6, 4, 2, tzinfo=UTC)
    for due in (DEADLINES.arrival_due(arrived), DEADLINES.register_due(arrived, 0), DEADLINES.register_due(arrived, 1),
                DEADLINES.send_due(date(2019, 6, 4), 1), DEADLINES.finish_due(date(2019, 6, 4))):  # fmt: skip
        assert due.tzinfo is VIETNAM


def test_settings_move_the_deadlines() -> None:
    other = Deadlines(CALENDAR, DeadlineSettings.parse("10:30", CALENDAR.hours, 15, 60))
    assert other.send_due(date(2019, 6, 4), 0) == moment("2019-06-05 10:30")
    assert other.register_due(moment("2019-06-04 09:00"), 1) == moment("2019-06-04 09:15")
    assert other.escalates(moment("2019-06-04 17:00")) == moment("2019-06-05 09:00")
    assert other.escalates(moment("2019-06-04 10:00"), 1) == moment("2019-06-04 11:00")
    slow = Deadlines(CALENDAR, DeadlineSettings(escalate_urgent_minutes=90))
    assert slow.escalates(moment("2019-06-04 11:00"), 4) == moment("2019-06-04 13:30")
    at_once = Deadlines(CALENDAR, DeadlineSettings(urgent_minutes=0))
    assert at_once.register_due(moment("2019-06-08 10:00"), 1) == moment("2019-06-10 08:00"), "no due on a Saturday"


@pytest.mark.parametrize("text", ["", "noon", "25:00", "12", "12:00:00", "12:30", "07:59", "17:01"])
def test_a_morning_that_ends_at_no_office_hour_is_refused(text: str) -> None:
    with pytest.raises(SetupError) as caught:
        DeadlineSettings.parse(text, CALENDAR.hours)
    assert caught.value.code == "calendar.morning" and caught.value.facts == {"text": text}
    for good in ("08:00", "11:30", "13:00"):
        assert DeadlineSettings.parse(good, CALENDAR.hours).morning == time.fromisoformat(good)


# -- what is open


DUE = moment("2019-06-04 17:00")
HAD = DUE - timedelta(hours=8)
ALL = Clock(
    arrived_at=HAD, arrival_due_at=DUE, register_due_at=DUE + timedelta(days=1), finish_due_at=DUE + timedelta(days=2)
)
RECEIVERS = (Rule.ARRIVAL, Rule.REGISTER, Rule.FINISH)


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({}, RECEIVERS),
        ({"told_at": DUE}, (Rule.REGISTER, Rule.FINISH)),
        ({"registered_at": DUE}, (Rule.FINISH,)),
        ({"completed_at": DUE}, (Rule.ARRIVAL, Rule.REGISTER)),
        ({"told_at": DUE, "registered_at": DUE, "completed_at": DUE}, ()),
        ({"finish_due_at": None}, (Rule.ARRIVAL, Rule.REGISTER)),
        ({"arrival_due_at": None, "register_due_at": None}, (Rule.FINISH,)),
        ({"state": "recalled"}, ()),
        ({"state": "refused"}, ()),
        ({"state": "parked"}, RECEIVERS),
        ({"state": "delivered"}, RECEIVERS),
        ({"handling": "02"}, ()),
        ({"handling": "06"}, ()),
        ({"handling": "05"}, RECEIVERS),
        ({"taking_back": "15"}, ()),
        ({"taking_back": "recall"}, ()),
        ({"taking_back": "13"}, RECEIVERS),
        ({"taking_back": "16"}, RECEIVERS),
        ({"kind": "status"}, ()),
        ({"business_type": 1}, ()),
        ({"business_type": 2}, ()),
        ({"business_type": 3}, RECEIVERS),
        ({"replaced": True}, ()),
        ({"arrived_at": None}, (Rule.ARRIVAL, Rule.REGISTER)),
        ({"arrived_at": None, "told_at": HAD}, (Rule.REGISTER, Rule.FINISH)),
        ({"arrived_at": DUE + timedelta(days=3), "told_at": HAD}, (Rule.REGISTER, Rule.FINISH)),
        ({"arrived_at": DUE + timedelta(days=2)}, (Rule.ARRIVAL, Rule.REGISTER)),
        ({"finish_due_at": HAD}, (Rule.ARRIVAL, Rule.REGISTER)),
        ({"finish_due_at": HAD + timedelta(microseconds=1)}, RECEIVERS),
    ],
    ids=str,
)
def test_only_what_somebody_still_has_to_do_is_open(changes: dict[str, Any], left: tuple[Rule, ...]) -> None:
    assert open_rules(replace(ALL, **changes)) == left


def test_bits_are_stored_and_never_renumbered() -> None:
    assert BITS == {Rule.ARRIVAL: 1, Rule.REGISTER: 2, Rule.FINISH: 4, Rule.SEND: 8}


# -- what is raised, and when


def test_a_miss_is_raised_at_its_moment_and_escalated_a_working_day_later() -> None:
    clock = Clock(register_due_at=moment("2019-06-07 17:00"))
    assert DEADLINES.look(clock, moment("2019-06-07 16:59")) == ((), moment("2019-06-07 17:00"))
    raised, following = DEADLINES.look(clock, moment("2019-06-07 17:00"))
    assert raised == ((Rule.REGISTER, 1, moment("2019-06-07 17:00")),)
    assert following == moment("2019-06-10 17:00"), "not on the weekend"
    clock = after(clock, raised)
    assert (clock.missed, clock.escalated) == (2, 0)
    assert DEADLINES.look(clock, moment("2019-06-09 12:00")) == ((), moment("2019-06-10 17:00"))
    raised, following = DEADLINES.look(clock, moment("2019-06-10 17:00"))
    assert raised == (Miss(Rule.REGISTER, Level.ESCALATED, moment("2019-06-07 17:00")),) and following is None
    clock = after(clock, raised)
    assert (clock.missed, clock.escalated) == (2, 2)
    assert DEADLINES.look(clock, moment("2029-01-01 00:00")) == ((), None)


def test_an_urgent_miss_is_told_higher_up_within_the_hour() -> None:
    clock = Clock(register_due_at=moment("2019-06-04 10:00"), priority=1)
    raised, following = DEADLINES.look(clock, moment("2019-06-04 10:00"))
    assert [one.level for one in raised] == [1] and following == moment("2019-06-04 11:00")


def test_the_next_look_is_at_the_first_moment_of_several() -> None:
    assert DEADLINES.look(ALL, DUE - timedelta(days=1)) == ((), DUE)
    assert DEADLINES.look(ALL, DUE)[1] == DUE + timedelta(days=1)
    assert DEADLINES.look(replace(ALL, told_at=DUE), DUE)[1] == DUE + timedelta(days=1)


def test_after_a_long_stop_both_levels_are_raised_at_once() -> None:
    raised, following = DEADLINES.look(ALL, moment("2019-06-05 17:00"))
    assert [(m.rule, m.level) for m in raised] == [(Rule.ARRIVAL, 1), (Rule.ARRIVAL, 2), (Rule.REGISTER, 1)]
    assert following == moment("2019-06-06 17:00")
    clock = after(ALL, raised)
    assert (clock.missed, clock.escalated) == (3, 1)
    assert DEADLINES.look(clock, moment("2019-06-05 17:00"))[0] == ()


def test_what_is_done_in_time_is_never_raised() -> None:
    done = replace(ALL, told_at=DUE, registered_at=DUE, completed_at=DUE)
    assert DEADLINES.look(done, moment("2030-01-01 00:00")) == ((), None)
    assert DEADLINES.look(Clock(), moment("2030-01-01 00:00")) == ((), None)


def test_what_is_done_after_the_miss_is_not_escalated() -> None:
    raised, _ = DEADLINES.look(ALL, DUE)
    told = replace(after(ALL, raised), told_at=DUE + timedelta(hours=1))
    later, _ = DEADLINES.look(told, moment("2019-06-05 17:00"))
    assert [m.rule for m in later] == [Rule.REGISTER]


def test_a_due_date_that_means_never_does_not_break_the_look() -> None:
    never = Clock(arrived_at=HAD, finish_due_at=DEADLINES.finish_due(date(9999, 12, 31)))
    assert DEADLINES.look(never, DUE) == ((), moment("9999-12-31 17:00"))


def test_the_senders_deadline_is_not_a_matter_of_one_delivery() -> None:
    assert ALL.due(Rule.SEND) is None
    assert after(Clock(), [Miss(Rule.SEND, Level.MISSED, DUE), Miss(Rule.SEND, Level.ESCALATED, DUE)]) == Clock(
        missed=8, escalated=8
    )


# -- in words

FEW_VI, FEW_EN = "chưa tới 1 phút làm việc", "less than 1 working minute"


@pytest.mark.parametrize(
    ("due", "now", "vi", "en"),
    [
        ("2019-06-04 17:00", "2019-06-04 14:00", "còn 3 giờ làm việc", "3 working hours left"),
        ("2019-06-04 17:00", "2019-06-04 16:00", "còn 1 giờ làm việc", "1 working hour left"),
        ("2019-06-04 17:00", "2019-06-04 14:01", "còn 2 giờ làm việc", "2 working hours left"),
        ("2019-06-04 17:00", "2019-06-04 16:35", "còn 25 phút làm việc", "25 working minutes left"),
        ("2019-06-04 17:00", "2019-06-04T16:35:01+07:00", "còn 24 phút làm việc", "24 working minutes left"),
        ("2019-06-04 17:00", "2019-06-04 16:59", "còn 1 phút làm việc", "1 working minute left"),
        ("2019-06-04 17:00", "2019-06-04T16:59:30+07:00", f"còn {FEW_VI}", f"{FEW_EN} left"),
        ("2019-06-04 17:00", "2019-06-04 17:00", "đến hạn", "due now"),
        ("2019-06-04 17:00", "2019-06-04T10:00Z", "đến hạn", "due now"),
        ("2019-06-06 17:00", "2019-06-04 17:00", "còn 2 ngày làm việc", "2 working days left"),
        ("2019-06-06 17:00", "2019-06-04 17:30", "còn 2 ngày làm việc", "2 working days left"),
        ("2019-06-06 17:00", "2019-06-05 08:01", "còn 1 ngày làm việc", "1 working day left"),
        ("2019-06-05 17:00", "2019-06-04 08:00", "còn 2 ngày làm việc", "2 working days left"),
        ("2019-06-05 17:00", "2019-06-05 08:01", "còn 7 giờ làm việc", "7 working hours left"),
        ("2019-02-11 17:00", "2019-02-01 17:00", "còn 1 ngày làm việc", "1 working day left"),
        ("2019-06-05 00:00", "2019-06-04 20:00", f"còn {FEW_VI}", f"{FEW_EN} left"),
        ("2019-06-04 17:00", "2019-06-06 17:00", "quá hạn 2 ngày làm việc", "2 working days overdue"),
        ("2019-06-04 17:00", "2019-06-05 11:00", "quá hạn 3 giờ làm việc", "3 working hours overdue"),
        ("2019-06-04 17:00", "2019-06-05 11:59", "quá hạn 3 giờ làm việc", "3 working hours overdue"),
        ("2019-06-04 17:00", "2019-06-05 08:10", "quá hạn 10 phút làm việc", "10 working minutes overdue"),
        ("2019-06-04 17:00", "2019-06-05T08:10:01+07:00", "quá hạn 11 phút làm việc", "11 working minutes overdue"),
        ("2019-06-07 17:00", "2019-06-08 10:00", "quá hạn 1 phút làm việc", "1 working minute overdue"),
    ],
    ids=str,
)  # fmt: skip
def test_words(due: str, now: str, vi: str, en: str) -> None:
    assert words(CALENDAR, moment(due), moment(now), "vi") == vi
    assert words(CALENDAR, moment(due), moment(now), "en") == en


def test_a_day_is_the_office_hours_of_this_deployment() -> None:
    short = WorkingCalendar(Hours.parse("08:00-11:30"), (), frozenset())
    assert words(short, moment("2019-06-05 11:30"), moment("2019-06-04 08:00")) == "còn 2 ngày làm việc"
    assert words(short, moment("2019-06-05 11:30"), moment("2019-06-05 08:01")) == "còn 3 giờ làm việc"


def test_a_decision_entered_here_moves_a_deadline() -> None:
    own = (SpecialDay(date(2019, 6, 5), DayKind.HOLIDAY, "lũ lụt", "test"),)
    moved = Deadlines(WorkingCalendar(Hours.parse(), merge(known_days(), own), frozenset({2019})))
    assert moved.register_due(moment("2019-06-04 09:00"), 0) == moment("2019-06-06 17:00")


@pytest.mark.parametrize(
    ("arrived", "due", "decided", "provisional"),
    [
        ("2026-12-31 10:00", "2027-01-04 17:00", {2026}, True),
        ("2026-12-31 10:00", "2027-01-04 17:00", {2027}, True),
        ("2026-12-31 10:00", "2027-01-04 17:00", {2026, 2027}, False),
        ("2026-12-30 10:00", "2026-12-31 17:00", {2026}, False),
        ("2026-12-30 10:00", "2028-01-04 17:00", {2026, 2028}, True),
        ("2026-12-31T18:00+00:00", "2027-01-04 17:00", {2027}, False),
    ],
    ids=str,
)
def test_a_deadline_is_provisional_when_any_year_on_its_way_is(
    arrived: str, due: str, decided: set[int], provisional: bool
) -> None:
    calendar = WorkingCalendar(Hours.parse(), known_days(), frozenset(decided))
    row = {
        "kind": "document", "business_type": 0, "state": "delivered", "handling": "01", "taking_back": "",
        "priority": 0, "arrived_at": moment(arrived), "arrival_due_at": None, "told_at": moment(arrived),
        "register_due_at": moment(due), "registered_at": None, "finish_due_at": None,
        "completed_at": None, "missed": 0, "escalated": 0,
    }  # fmt: skip
    assert rests_on_guess(calendar, row, Rule.REGISTER, moment(due)) is provisional
    assert ("(tạm tính)" in shown_deadline(Deadlines(calendar), row, moment(arrived), "vi")) is provisional
