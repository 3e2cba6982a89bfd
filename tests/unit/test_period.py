"""Periods: the days people mean, where they begin in Vietnam, and the range of ids that holds them."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axis.domain.errors import PackageError
from axis.domain.ids import new_id
from axis.domain.period import MARGIN, MAX_DAYS, Period, bounds, midnight
from axis.hub.reporting import balance, figures, lists, registers
from axis.hub.reporting.questions import KINDS

NOW = datetime(2019, 6, 30, 17, 30, tzinfo=UTC)  # already July in Vietnam


@pytest.mark.parametrize(
    ("made", "first", "last", "name"),
    [(Period.day("2019-06-03"), "2019-06-03", "2019-06-03", "2019-06-03"),
     (Period.week("2019-W23"), "2019-06-03", "2019-06-09", "2019-W23"),
     (Period.week("2020w53"), "2020-12-28", "2021-01-03", "2020-W53"),
     (Period.month("2019-02"), "2019-02-01", "2019-02-28", "2019-02"),
     (Period.month("2020-2"), "2020-02-01", "2020-02-29", "2020-02"),
     (Period.month("2019-12"), "2019-12-01", "2019-12-31", "2019-12"),
     (Period.quarter("2019Q4"), "2019-10-01", "2019-12-31", "2019Q4"),
     (Period.quarter("2019-q2"), "2019-04-01", "2019-06-30", "2019Q2"),
     (Period.half("2019H1"), "2019-01-01", "2019-06-30", "2019H1"),
     (Period.half("2019-2"), "2019-07-01", "2019-12-31", "2019H2"),
     (Period.year("2019"), "2019-01-01", "2019-12-31", "2019"),
     (Period.between(date(2019, 6, 3), date(2019, 7, 1)), "2019-06-03", "2019-07-01", "2019-06-03--2019-07-01")],
)  # fmt: skip
def test_a_period_is_the_days_people_mean(made: Period, first: str, last: str, name: str) -> None:
    assert (made.first.isoformat(), made.last.isoformat(), made.name) == (first, last, name)
    days = list(made.days())
    assert (days[0], days[-1], len(days)) == (made.first, made.last, (made.last - made.first).days + 1)


def test_a_day_begins_at_17_00_utc_of_the_day_before() -> None:
    june = Period.month("2019-06")
    assert june.starts == datetime(2019, 5, 31, 17, tzinfo=UTC) and june.ends == datetime(2019, 6, 30, 17, tzinfo=UTC)
    assert not june.over(june.ends - timedelta(microseconds=1)) and june.over(june.ends)
    assert Period.parse(NOW).name == "2019-07" and list(Period.parse(NOW, year="2019").years) == [2019]


def test_what_a_caller_says_is_read_in_one_way_only() -> None:
    assert Period.parse(NOW, first="2019-06-03", last="2019-06-09", day="", week=" ") == Period.between(
        date(2019, 6, 3), date(2019, 6, 9))  # fmt: skip
    for given_, code in (
        ({"first": "2019-06-03"}, "report.period-conflict"),
        ({"month": "2019-06", "year": "2019"}, "report.period-conflict"),
        ({"first": "2019-06-03", "last": "2019-06-09", "day": "2019-06-03"}, "report.period-conflict"),
        ({"century": "20"}, "report.period-conflict"), ({"month": "06-2019"}, "report.bad-period"),
        ({"month": "2019-13"}, "report.bad-period"), ({"quarter": "2019Q5"}, "report.bad-period"),
        ({"half": "2019H3"}, "report.bad-period"),
        ({"week": "2019-W54"}, "report.bad-period"), ({"year": "1999"}, "report.bad-period"),
        ({"year": "2100"}, "report.bad-period"), ({"day": "2019-02-29"}, "report.bad-period"),
        ({"first": "0001-01-01", "last": "0001-01-02"}, "report.period-years"),
        ({"first": "2019-06-03", "last": "2019-06-02"}, "report.period-order"),
        ({"first": "2010-01-01", "last": "2019-06-02"}, "report.period-too-long"),
    ):  # fmt: skip
        with pytest.raises(PackageError) as told:
            Period.parse(NOW, **given_)
        assert told.value.code == code
    assert Period.between(date(2010, 1, 1), date(2010, 1, 1) + timedelta(days=MAX_DAYS - 1))


@given(st.dates(date(2000, 1, 2), date(2099, 12, 30)), st.integers(0, 86_399_999), st.integers(0, (1 << 80) - 1))
def test_every_id_of_a_day_lies_between_its_bounds_and_none_far_outside(day: date, millisecond: int, rest: int) -> None:
    moment = midnight(day) + timedelta(milliseconds=millisecond)
    low, high = bounds(day, day)

    def of(at: datetime) -> UUID:
        return UUID(int=(at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) << 80 | rest)

    assert low < of(moment) < high
    assert of(midnight(day) - MARGIN - timedelta(milliseconds=1)) < low
    assert of(midnight(day) + timedelta(days=1) + MARGIN) >= high


def test_the_ids_the_axis_makes_are_found_by_their_day() -> None:
    today = datetime.fromtimestamp(time.time(), UTC).astimezone(midnight(date(2019, 1, 1)).tzinfo).date()
    low, high = bounds(today, today)
    assert low < new_id() < high


def test_every_column_of_every_report_is_defined_for_developers() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    groups = (figures.SENT, figures.RECEIVED, figures.BY_UNIT, registers.OUTGOING, registers.INCOMING,
              registers.FOLLOW_UP, balance.SENT, balance.RECEIVED, balance.FINDINGS,
              *lists.COLUMNS.values())  # fmt: skip
    absent = {column.key for group in groups for column in group if f"`{column.key}`" not in page}
    assert absent == set()
    assert [name for name in KINDS if f"`{name}`" not in page] == []
