"""``axis calendar``: years and days entered, seen and forgotten, and deadlines explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Axis, said
from tests.cli.test_commands import refused
from tests.hub.world import World

DECISION = "Thông báo 01 (bịa cho thử nghiệm)"
FILE = "day;kind;name\n2027-03-08;make-up;Nghỉ hoán đổi\n13/03/2027;worked;Làm bù\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "2027.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


async def test_a_year_nobody_decided_is_shown_as_provisional(axis: Axis, still: World) -> None:
    shown = said(await axis("calendar", "show", 2019, "--json"))
    assert shown["provisional"] is True and shown["decision"] == ""
    assert shown["working_days"]["2"] == 15 and shown["total"] == sum(shown["working_days"].values())
    days = {one["day"]: one for one in shown["days"]}
    assert (days["2019-01-05"]["kind"], days["2019-01-05"]["source"]) == ("worked", "S")
    for lang in ("vi", "en"):
        result = await axis("calendar", "show", 2019, lang=lang)
        assert result.exit_code == 0 and "TẠM TÍNH" in result.stderr and "PROVISIONAL" in result.stderr
        assert ("T7 05/01/2019" if lang == "vi" else "Sat 05/01/2019") in result.stdout


async def test_a_decision_is_tried_dry_then_entered_seen_and_forgotten(axis: Axis, still: World, file: Path) -> None:
    enter = ["calendar", "import", file, "--year", 2027, "--decision", DECISION]
    dry = said(await axis(*enter, "--dry-run", "--json"))
    assert dry["written"] is False and [c["day"] for c in dry["changes"]] == ["2027-03-08", "2027-03-13"]
    assert said(await axis("calendar", "show", 2027, "--json"))["provisional"] is True
    kept = {one["day"]: one["kind"] for one in dry["kept"]}
    assert kept["2027-09-02"] == "holiday" and not kept.keys() & {"2027-03-08", "2027-03-13"}
    told = await axis(*enter)
    assert "Giữ theo thư viện, vì tệp không nêu" in told.stderr and "T5 02/09/2027: nghỉ lễ" in told.stderr
    assert told.exit_code == 0 and "T7 13/03/2027: – → làm bù" in told.stderr
    shown = said(await axis("calendar", "show", 2027, "--json"))
    assert (shown["provisional"], shown["decision"]) == (False, DECISION)
    assert {"day": "2027-03-13", "kind": "worked", "name": "Làm bù", "source": DECISION} in shown["days"]
    result = await axis("calendar", "show", 2027, lang="en")
    assert f"Decided by: {DECISION}" in result.stderr and "PROVISIONAL" not in result.stderr
    assert said(await axis(*enter, "--json"))["changes"] == [], "the same again changes nothing"
    (event, _) = await still.journal("calendar.year-set")
    assert event["actor"] == "cli:thu"
    assert said(await axis("calendar", "forget", 2027, "--json")) == {"forgotten": 2027, "days": 2}
    assert said(await axis("calendar", "show", 2027, "--json"))["provisional"] is True
    await refused(axis, 3, "calendar.unknown-year", "calendar", "forget", 2027)


async def test_what_takes_days_away_is_shown_as_a_change(axis: Axis, still: World, file: Path) -> None:
    said(await axis("calendar", "import", file, "--year", 2027, "--decision", DECISION, "--json"))
    file.write_text("day,kind,name\n2027-03-08,holiday,Nghỉ\n", encoding="utf-8")
    changes = said(await axis("calendar", "import", file, "--year", 2027, "--decision", "b", "--json"))["changes"]
    assert [(c["day"], c["before"], c["after"]) for c in changes] == [
        ("2027-03-08", "make-up", "holiday"), ("2027-03-13", "worked", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "calendar.no-column"),
        (b"\xff\xfe", "calendar.bad-file"),
        (FILE.encode() + b"2027-04-31;holiday;x\n", "calendar.bad-date"),
        (FILE.encode() + b"2026-12-31;holiday;x\n", "calendar.outside-year"),
        (FILE.encode() + b"2027-03-08;holiday;x\n", "calendar.day-twice"),
        (FILE.encode() + b"2027-03-09;worked;x\n", "calendar.row-worked-anyway"),
        (FILE.encode() + b"2027-03-09;rest;x\n", "calendar.unknown-kind"),
    ],
)
async def test_a_wrong_file_is_refused_whole(axis: Axis, still: World, file: Path, text: bytes, code: str) -> None:
    file.write_bytes(text)
    await refused(axis, 7, code, "calendar", "import", file, "--year", 2027, "--decision", DECISION)
    assert await still.rows("select * from calendar_day") == []


async def test_one_day_is_set_and_unset(axis: Axis, still: World) -> None:
    made = said(await axis("calendar", "set", "05/06/2027", "--kind", "worked", "--name", "Làm bù", "--json"))
    assert made == {"day": "2027-06-05", "kind": "worked", "name": "Làm bù", "source": "đặt riêng"}
    assert "làm bù, Nghỉ" not in (await axis("calendar", "show", 2027)).stdout
    await refused(axis, 7, "calendar.worked-anyway", "calendar", "set", "2027-06-03", "--kind", "worked", "--name", "x")
    result = await axis("calendar", "unset", "2027-06-05", lang="en")
    assert result.exit_code == 0 and "Sat 05/06/2027" in result.stderr
    await refused(axis, 3, "calendar.unknown-day", "calendar", "unset", "2027-06-05")


async def test_deadlines_are_explained(axis: Axis, still: World) -> None:
    found = await axis("calendar", "due", "--promulgated", "2019-02-01", "--arrived", "2019-02-01 16:00", "--due",
                       "10/02/2019", "--now", "2019-02-01 16:00", "--json")  # fmt: skip
    rows = {row["rule"]: row for row in said(found)}
    assert {rule: row["due"] for rule, row in rows.items()} == {
        "send": "2019-02-11T12:00:00+07:00",
        "arrival": "2019-02-01T17:00:00+07:00",
        "register": "2019-02-11T17:00:00+07:00",
        "finish": "2019-02-11T17:00:00+07:00",
    }
    assert rows["arrival"]["left"] == "còn 1 giờ làm việc"
    assert rows["register"]["skipped"] == "02/02–10/02 Nghỉ Tết Nguyên đán Kỷ Hợi"
    assert "TẠM TÍNH" in found.stderr


async def test_urgent_deadlines_are_explained_in_both_languages(axis: Axis, still: World) -> None:
    inputs = ["calendar", "due", "--promulgated", "2019-06-07", "--arrived", "2019-06-07T16:30", "--priority", 3]
    for lang, words in (("vi", "văn bản khẩn"), ("en", "urgent")):
        result = await axis(*inputs, lang=lang)
        assert result.exit_code == 0 and "10/06/2019 08:30" in result.stdout and words in result.stdout
    (send, *_) = said(await axis(*inputs, "--json", lang="en"))
    assert send["due"] == "2019-06-08T00:00:00+07:00" and send["left"].endswith("overdue")


async def test_deadlines_of_nothing_are_a_mistake_of_use(axis: Axis, still: World) -> None:
    result = await axis("calendar", "due", "--priority", 1)
    assert result.exit_code == 2 and "--promulgated" in result.stderr
