"""Working time on invented calendars, against an oracle that goes through it minute by minute; and misses
raised once each, whatever the moments at which somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from axis.domain.calendar import DayKind, Hours, SpecialDay, WorkingCalendar, merge
from axis.domain.clock import VIETNAM
from axis.domain.deadlines import BITS, Clock, Deadlines, DeadlineSettings, Level, Rule, after, open_rules, words

START = date(2018, 12, 24)  # two weeks over a year's end
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

thoroughly: Callable[[Any], Any] = settings(max_examples=1000, deadline=None)
nearby = st.integers(0, 20).map(lambda number: START + number * DAY)
specials = st.builds(SpecialDay, nearby, st.sampled_from(DayKind), st.just("x"), st.just("test"))
hours = st.sampled_from(
    ["08:00-12:00,13:00-17:00", "07:30-11:30,13:30-17:00", "00:00-23:59", "09:00-09:01", "08:00-12:00,12:00-16:00",
     "06:00-07:00,09:00-10:00,20:00-23:00"]
).map(Hours.parse)  # fmt: skip
calendars = st.builds(
    lambda office, days: WorkingCalendar(office, merge(days), frozenset()), hours, st.lists(specials, max_size=12)
)
zones = st.sampled_from([VIETNAM, UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=14))])
moments = st.builds(
    lambda number, zone: (datetime.combine(START, time(0), VIETNAM) + number * MINUTE).astimezone(zone),
    st.integers(0, 14 * 24 * 60), zones,
)  # fmt: skip
spans = st.integers(0, 3000).map(lambda number: number * MINUTE)


# -- the oracle: no sums, no shortcuts


def worked_day(calendar: WorkingCalendar, day: date) -> bool:
    one = calendar.special(day)
    if one is not None:
        return one.kind == "worked"
    return day.isoweekday() <= 5


def office_minutes(calendar: WorkingCalendar) -> set[int]:
    """Minutes of a day that begin within office hours."""
    return {
        minute
        for start, end in calendar.hours.intervals
        for minute in range(start.hour * 60 + start.minute, end.hour * 60 + end.minute)
    }


def minutes_between(calendar: WorkingCalendar, first: datetime, last: datetime) -> int:
    """A day that is in it whole counts whole; the others are gone through minute by minute."""
    office, total = office_minutes(calendar), 0
    here, end = first.astimezone(VIETNAM), last.astimezone(VIETNAM)
    while here < end:
        tomorrow = datetime.combine(here.date() + DAY, time(0), VIETNAM)
        begun, until = here.hour * 60 + here.minute, min(end, tomorrow)
        if worked_day(calendar, here.date()):
            whole = not begun and until == tomorrow
            total += len(office) if whole else sum(
                minute in office for minute in range(begun, begun + (until - here) // MINUTE)
            )
        here = tomorrow
    return total


def in_office(calendar: WorkingCalendar, moment: datetime) -> bool:
    here = moment.astimezone(VIETNAM)
    return any(start <= here <= end for start, end in calendar.intervals(here.date()))


# -- days


@thoroughly
@given(calendars, nearby)
def test_the_next_working_day_is_worked_and_none_before_it_is(calendar: WorkingCalendar, day: date) -> None:
    found = calendar.next_working_day(day)
    assert found > day and worked_day(calendar, found)
    assert not any(worked_day(calendar, day + number * DAY) for number in range(1, (found - day).days))
    assert calendar.on_or_after(day) == (day if worked_day(calendar, day) else found)


@thoroughly
@given(calendars, nearby, nearby)
def test_working_days_are_what_counting_them_gives(calendar: WorkingCalendar, first: date, last: date) -> None:
    low, high = sorted((first, last))
    counted = sum(worked_day(calendar, low + number * DAY) for number in range((high - low).days))
    assert calendar.working_days(low, high) == counted
    assert calendar.working_days(high, low) == -counted


# -- working time


@thoroughly
@given(calendars, moments, moments)
def test_working_time_between_is_what_counting_minutes_gives(
    calendar: WorkingCalendar, first: datetime, last: datetime
) -> None:
    low, high = sorted((first, last))
    counted = minutes_between(calendar, low, high) * MINUTE
    assert calendar.between(low, high) == counted
    assert calendar.between(high, low) == -counted


@thoroughly
@given(calendars, moments, moments, moments)
def test_working_time_adds_up(calendar: WorkingCalendar, a: datetime, b: datetime, c: datetime) -> None:
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)


@thoroughly
@given(calendars, moments, spans)
def test_what_is_added_lies_between_and_the_result_is_the_first_such_moment(
    calendar: WorkingCalendar, moment: datetime, span: timedelta
) -> None:
    found = calendar.add(moment, span)
    assert found >= moment and found.tzinfo is VIETNAM
    assert calendar.between(moment, found) == span
    assert in_office(calendar, found)
    if span:
        assert calendar.between(moment, found - MINUTE / 60) < span, "a second earlier it was not enough"
    elif in_office(calendar, moment):
        assert found == moment
    else:
        assert not in_office(calendar, found - MINUTE / 60), "the very next opening"


@thoroughly
@given(calendars, moments, spans, spans)
def test_adding_twice_is_adding_the_sum(
    calendar: WorkingCalendar, moment: datetime, one: timedelta, two: timedelta
) -> None:
    assert calendar.add(calendar.add(moment, one), two) == calendar.add(moment, one + two)


@thoroughly
@given(calendars, moments, moments, spans, spans)
def test_later_or_more_never_ends_earlier(
    calendar: WorkingCalendar, one: datetime, two: datetime, much: timedelta, more: timedelta
) -> None:
    early, late = sorted((one, two))
    assert calendar.add(early, much) <= calendar.add(late, much)
    assert calendar.add(early, much) <= calendar.add(early, much + more)
    assert calendar.between(early, late) >= timedelta(0)


# -- deadlines

office = calendars.filter(lambda calendar: calendar.hours.within(time(12)))
priorities = st.integers(0, 4)


@thoroughly
@given(office, moments, nearby, priorities)
def test_a_deadline_falls_into_office_hours_except_that_of_urgent_sending(
    calendar: WorkingCalendar, arrived: datetime, day: date, priority: int
) -> None:
    deadlines = Deadlines(calendar)
    dues = [deadlines.arrival_due(arrived), deadlines.register_due(arrived, priority), deadlines.finish_due(day)]
    send = deadlines.send_due(day, priority)
    if priority:
        assert send == datetime.combine(day + DAY, time(0), VIETNAM)
    else:
        dues.append(send)
    for due in dues:
        assert in_office(calendar, due) and in_office(calendar, deadlines.escalates(due))
    assert deadlines.arrival_due(arrived) >= arrived <= deadlines.register_due(arrived, priority)
    assert deadlines.finish_due(day) >= datetime.combine(day, time(0), VIETNAM)


@thoroughly
@given(calendars, moments, moments, nearby, nearby)
def test_who_comes_later_is_never_due_earlier(
    calendar: WorkingCalendar, one: datetime, two: datetime, day: date, other: date
) -> None:
    deadlines = Deadlines(calendar)
    early, late = sorted((one, two))
    assert deadlines.arrival_due(early) <= deadlines.arrival_due(late)
    for priority in (0, 1):
        assert deadlines.register_due(early, priority) <= deadlines.register_due(late, priority)
        assert deadlines.send_due(min(day, other), priority) <= deadlines.send_due(max(day, other), priority)
    assert deadlines.finish_due(min(day, other)) <= deadlines.finish_due(max(day, other))
    assert deadlines.register_due(early, 0).date() > early.astimezone(VIETNAM).date(), "the first day is not counted"


@thoroughly
@given(calendars, moments, moments)
def test_words_never_say_that_more_time_is_left_than_there_is(
    calendar: WorkingCalendar, due: datetime, now: datetime
) -> None:
    minutes = minutes_between(calendar, min(due, now), max(due, now))
    a_day = calendar.hours.total // MINUTE
    for language in ("vi", "en"):
        told = words(calendar, due, now, language)
        if due == now:
            assert told in ("đến hạn", "due now")
            continue
        number = next(int(word) for word in told.split() if word.isdigit())
        unit = a_day if "ngày" in told or "day" in told else 60 if "giờ" in told or "hour" in told else 1
        assert ("còn" in told or "left" in told) is (due > now)
        assert ("quá hạn" in told or "overdue" in told) is (due < now)
        if "chưa tới" in told or "less than" in told:
            assert minutes == 0
        else:
            assert number >= 1 and number * unit <= max(minutes, 1) < number * unit + unit


# -- raising

dues = st.none() | moments
clocks = st.builds(
    Clock, state=st.sampled_from(["queued", "delivered", "recalled"]), handling=st.sampled_from(["", "01", "03"]),
    arrival_due_at=dues, register_due_at=dues, finish_due_at=dues, arrived_at=dues,
)  # fmt: skip
escalations = st.sampled_from([0, 30, 480]).map(lambda minutes: DeadlineSettings(escalate_minutes=minutes))


@thoroughly
@given(office, escalations, clocks, st.lists(moments, min_size=1, max_size=12))
def test_each_level_is_raised_once_at_the_first_look_after_its_moment(
    calendar: WorkingCalendar, chosen: DeadlineSettings, clock: Clock, looks: list[datetime]
) -> None:
    deadlines = Deadlines(calendar, chosen)
    raised: dict[tuple[Rule, Level], datetime] = {}
    for now in sorted(looks):
        found, following = deadlines.look(clock, now)
        for miss in found:
            assert (miss.rule, miss.level) not in raised, "said twice"
            assert miss.due == clock.due(miss.rule)
            raised[miss.rule, miss.level] = now
        clock = after(clock, found)
        again, same = deadlines.look(clock, now)
        assert (again, same) == ((), following), "a second look at the same moment changes nothing"
        assert following is None or following > now
    end = max(looks)
    for rule in (Rule.ARRIVAL, Rule.REGISTER, Rule.FINISH):
        due = clock.due(rule)
        for level in Level:
            moment = due if due is None or level is Level.MISSED else deadlines.escalates(due)
            expected = rule in open_rules(clock) and moment is not None and moment <= end
            assert ((rule, level) in raised) is expected
            if expected and moment is not None:
                assert raised[rule, level] == min(now for now in looks if now >= moment)


@thoroughly
@given(office, escalations, clocks, moments)
def test_looking_exactly_when_told_to_misses_nothing(
    calendar: WorkingCalendar, chosen: DeadlineSettings, clock: Clock, now: datetime
) -> None:
    deadlines = Deadlines(calendar, chosen)
    raised: list[tuple[Rule, Level, datetime]] = []
    moment: datetime | None = now
    for _ in range(8):
        if moment is None:
            break
        found, following = deadlines.look(clock, moment)
        raised += [(miss.rule, miss.level, moment) for miss in found]
        clock, moment = after(clock, found), following
    assert moment is None, "three deadlines at two levels are six changes at most"
    rules = open_rules(clock)
    assert sorted((r, level) for r, level, _ in raised) == sorted((r, level) for r in rules for level in Level)
    for rule, level, seen in raised:
        due = clock.due(rule)
        assert due is not None
        right = due if level is Level.MISSED else deadlines.escalates(due)
        assert seen == max(right, now)


@thoroughly
@given(office, clocks, moments, moments, st.sampled_from([Rule.ARRIVAL, Rule.REGISTER, Rule.FINISH]))
def test_what_is_done_is_raised_no_more(
    calendar: WorkingCalendar, clock: Clock, done: datetime, now: datetime, rule: Rule
) -> None:
    names = {Rule.ARRIVAL: "told_at", Rule.REGISTER: "registered_at", Rule.FINISH: "completed_at"}
    changes: dict[str, Any] = {names[rule]: done}
    found, _ = Deadlines(calendar).look(replace(clock, **changes), now)
    assert rule not in {miss.rule for miss in found}
    assert BITS[rule] & after(clock, found).missed == 0
