"""The almanac on a real database: what operators enter holds at once, whole or not at all, and is journalled."""

from __future__ import annotations

import asyncio
from datetime import date, datetime

import pytest

from axis.domain.calendar import DayKind, Hours
from axis.domain.calendar_file import Row, read_rows
from axis.domain.clock import VIETNAM
from axis.domain.deadlines import DeadlineSettings
from axis.domain.errors import AxisError, NotFound, SetupError
from axis.hub.almanac import BY_HAND, Almanac
from axis.store.calendar import SpecialDays
from tests.hub.world import World

DECISION = "Thông báo 01/TB-BNV ngày 01/12/2026 (bịa cho thử nghiệm)"
FILE = """day,kind,name
2027-03-08,make-up,Nghỉ hoán đổi
13/03/2027,worked,Làm bù cho thứ Hai 08/3
2027-02-10,worked,Không nghỉ mùng năm
"""
MONDAY, SATURDAY, FIFTH = date(2027, 3, 8), date(2027, 3, 13), date(2027, 2, 10)


@pytest.fixture
def almanac(still: World) -> Almanac:
    return made(still)


def made(world: World, **more: object) -> Almanac:
    core = world.core
    return Almanac(
        database=core.database, days=SpecialDays(core.database), journal=core.journal, directory=core.directory,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def rows(text: str = FILE) -> list[Row]:
    return read_rows(text, DECISION)


async def refused(almanac: Almanac, text: str, code: str, line: int) -> None:
    with pytest.raises(SetupError) as caught:
        await almanac.import_year(2027, DECISION, rows(text), actor="thu")
    assert (caught.value.code, caught.value.facts["line"]) == (code, line)


async def test_without_anything_entered_the_law_holds_provisionally(almanac: Almanac) -> None:
    known = (await almanac.current()).calendar
    assert not known.is_working(date(2019, 2, 5)) and known.is_working(date(2019, 1, 5))
    assert known.provisional(2019) and await almanac.decisions() == {}


async def test_a_years_decision_holds_at_once_and_is_journalled(still: World, almanac: Almanac) -> None:
    before = (await almanac.current()).calendar
    assert before.is_working(MONDAY) and not before.is_working(SATURDAY) and not before.is_working(FIFTH)
    assert await almanac.import_year(2027, f" {DECISION} ", rows(), actor="thu") == 3
    await still.core.directory.current(0)
    known = (await almanac.current()).calendar
    assert not known.is_working(MONDAY) and known.is_working(SATURDAY)
    assert known.is_working(FIFTH), "what the library had guessed is corrected"
    assert not known.provisional(2027) and known.provisional(2026)
    assert await almanac.decisions() == {2027: DECISION}
    special = known.special(MONDAY)
    assert special is not None and special.source == DECISION
    assert not known.is_working(date(2027, 4, 30)), "the law's days stay"
    (event,) = await still.journal("calendar.year-set")
    assert event["actor"] == "thu" and event["data"]["decision"] == DECISION and len(event["data"]["days"]) == 3
    (stored,) = await still.rows("select * from calendar_day where day = $1", MONDAY)
    assert stored["entered_by"] == "thu"


async def test_nothing_is_read_again_while_nothing_changed(still: World, almanac: Almanac) -> None:
    first = await almanac.current()
    assert await almanac.current() is first
    await almanac.set_day(MONDAY, DayKind.HOLIDAY, "lũ", actor="thu")
    await still.core.directory.current(0)
    second = await almanac.current()
    assert second is not first and not second.calendar.is_working(MONDAY)
    together = await asyncio.gather(*(almanac.current() for _ in range(5)))
    assert all(one is second for one in together)


async def test_another_process_sees_it_through_the_version(still: World, almanac: Almanac) -> None:
    other = made(still)
    await other.current()
    await almanac.import_year(2027, DECISION, rows(), actor="thu")
    await still.core.directory.current(0)
    assert (await other.current()).calendar.is_working(SATURDAY)


async def test_a_second_import_replaces_the_whole_year_and_no_other(still: World, almanac: Almanac) -> None:
    await almanac.set_day(date(2026, 12, 31), DayKind.MAKE_UP, "x", actor="thu")
    await almanac.set_day(date(2028, 1, 1), DayKind.HOLIDAY, "x", actor="thu")
    await almanac.set_day(date(2027, 6, 1), DayKind.HOLIDAY, "x", actor="thu")
    await almanac.import_year(2027, DECISION, rows(), actor="thu")
    await almanac.import_year(2027, "Thông báo 02", read_rows("day;kind;name\n2027-12-31;holiday;y\n", "b"), actor="an")
    stored = [str(r["day"]) for r in await still.rows("select day from calendar_day order by day")]
    assert stored == ["2026-12-31", "2027-12-31", "2028-01-01"]
    (year,) = await still.rows("select * from calendar_year")
    assert (year["year"], year["decision"], year["entered_by"]) == (2027, "Thông báo 02", "an")


async def test_two_imports_at_once_leave_one_of_them_whole(still: World, almanac: Almanac) -> None:
    one = read_rows("day,kind,name\n" + "".join(f"2027-06-{d:02},holiday,one\n" for d in range(1, 15)), "one")
    two = read_rows("day,kind,name\n" + "".join(f"2027-06-{d:02},holiday,two\n" for d in range(14, 0, -1)), "two")
    await asyncio.gather(*(almanac.import_year(2027, r[0].day.source, r, actor="thu") for r in (one, two) * 3))
    stored = await still.rows("select name from calendar_day")
    (decided,) = await still.rows("select decision from calendar_year")
    assert len(stored) == 14 and {r["name"] for r in stored} == {decided["decision"]}


async def test_a_year_without_a_special_day_is_decided_too(still: World, almanac: Almanac) -> None:
    assert await almanac.import_year(2027, DECISION, read_rows("day,kind,name\n"), actor="thu") == 0
    await still.core.directory.current(0)
    assert not (await almanac.current()).calendar.provisional(2027)


async def test_a_file_with_one_wrong_row_changes_nothing(still: World, almanac: Almanac) -> None:
    await almanac.import_year(2027, DECISION, rows(), actor="thu")
    await refused(almanac, FILE + "2026-03-08,holiday,x\n", "calendar.outside-year", 5)
    await refused(almanac, FILE + "2027-03-08,holiday,x\n", "calendar.day-twice", 5)
    await refused(almanac, FILE + "2027-03-09,worked,x\n", "calendar.row-worked-anyway", 5)
    with pytest.raises(SetupError) as caught:
        await almanac.import_year(2027, "  ", rows(), actor="thu")
    assert caught.value.code == "calendar.no-decision"
    assert len(await still.rows("select * from calendar_day")) == 3
    assert len(await still.journal("calendar.year-set")) == 1


async def test_a_preview_is_what_an_import_would_give_and_writes_nothing(still: World, almanac: Almanac) -> None:
    await almanac.set_day(date(2027, 6, 1), DayKind.HOLIDAY, "x", actor="thu")
    would = await almanac.preview(2027, rows())
    assert await still.rows("select * from calendar_year") == []
    await almanac.import_year(2027, DECISION, rows(), actor="thu")
    await still.core.directory.current(0)
    known = (await almanac.current()).calendar
    assert would.specials(2027) == known.specials(2027) and would.decided == known.decided
    assert would.is_working(date(2027, 6, 1)), "days set by hand before are replaced too"


async def test_a_day_is_set_and_unset_by_hand(still: World, almanac: Almanac) -> None:
    told = await almanac.set_day(date(2027, 6, 5), DayKind.WORKED, " Làm bù ", actor="thu")
    assert (told.name, told.source) == ("Làm bù", BY_HAND)
    await almanac.set_day(date(2027, 6, 5), DayKind.HOLIDAY, "Nghỉ", actor="an")  # a second word replaces the first
    (stored,) = await still.rows("select * from calendar_day")
    assert (stored["kind"], stored["entered_by"]) == ("holiday", "an")
    with pytest.raises(SetupError) as caught:
        await almanac.set_day(date(2027, 6, 3), DayKind.WORKED, "x", actor="thu")
    assert caught.value.code == "calendar.worked-anyway"
    await almanac.set_day(FIFTH, DayKind.WORKED, "không nghỉ", actor="thu")  # known as a rest day: a correction
    await almanac.forget_day(date(2027, 6, 5), actor="thu")
    await still.core.directory.current(0)
    known = (await almanac.current()).calendar
    assert known.special(date(2027, 6, 5)) is None and known.is_working(FIFTH) and known.provisional(2027)
    with pytest.raises(NotFound):
        await almanac.forget_day(date(2027, 6, 5), actor="thu")
    assert [e["data"]["kind"] for e in await still.journal("calendar.day-set")] == ["worked", "holiday", "worked"]
    (event,) = await still.journal("calendar.forgotten")
    assert event["data"] == {"day": "2027-06-05", "kind": "holiday", "name": "Nghỉ"}


async def test_a_forgotten_year_is_provisional_again(still: World, almanac: Almanac) -> None:
    await almanac.import_year(2027, DECISION, rows(), actor="thu")
    assert await almanac.forget_year(2027, actor="an") == 3
    await still.core.directory.current(0)
    known = (await almanac.current()).calendar
    assert known.provisional(2027) and known.is_working(MONDAY) and not known.is_working(FIFTH)
    (event,) = await still.journal("calendar.forgotten")
    assert event["actor"] == "an" and event["data"] == {"year": 2027, "decision": DECISION, "days": 3}
    with pytest.raises(NotFound) as caught:
        await almanac.forget_year(2027, actor="an")
    assert isinstance(caught.value, AxisError) and caught.value.code == "calendar.unknown-year"


async def test_hours_and_settings_are_those_of_the_deployment(still: World) -> None:
    hours = Hours.parse("07:30-11:30,13:30-17:30")
    found = await made(still, hours=hours, settings=DeadlineSettings.parse("11:00", hours)).current()
    assert found.send_due(date(2019, 6, 4), 0) == datetime(2019, 6, 5, 11, tzinfo=VIETNAM)
    assert found.finish_due(date(2019, 6, 4)) == datetime(2019, 6, 4, 17, 30, tzinfo=VIETNAM)
