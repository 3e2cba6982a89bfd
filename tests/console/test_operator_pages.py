"""Settings, calendar, people and journal for operators; and every page of theirs in one walk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from axis.config import Config, DatabaseSection
from axis.domain.people import Role
from axis.fronts.console import operator
from axis.fronts.console.operator_settings import meanings
from axis.fronts.identity import csrf_of
from axis.settings import shown
from axis.store.operations import Operations
from tests.console.operators import Post, posted
from tests.hub.couriers import sent
from tests.hub.world import PORTS, RAIL, ROADS, World

OPS, CALENDAR, PEOPLE = "/console/ops", "/console/ops/settings/calendar", "/console/ops/people"
DECISION = "1234/TB-BNV ngày 01/11/2026"
ROWS = "day,kind,name\n2027-02-05,holiday,Tết Nguyên đán\n06/03/2027,worked,Làm bù\n"


@pytest.fixture
async def post(still: World) -> AsyncIterator[Post]:
    async with posted(still) as found:
        yield found


async def upload(post: Post, content: bytes, **fields: str) -> Any:
    form = FormData({"csrf": csrf_of(post.me.token), "year": "2027", "decision": DECISION, **fields})
    form.add_field("file", content, filename="lich.csv", content_type="text/csv")
    answer = await post.me.reader.post(
        f"{CALENDAR}/import", data=form, headers={"Cookie": f"axis={post.me.token}"}, allow_redirects=False
    )
    await answer.read()
    return answer


# -- settings


def test_every_setting_has_its_meaning_in_both_languages() -> None:
    for section, values in shown(Config(Path("/data"))).items():
        for name in values:
            vi, en = meanings().get((section, name), ("", ""))
            assert (vi and en) or (section, name) in {("mail", "port"), ("log", "level")}, (section, name)


def test_no_secret_is_among_the_settings() -> None:
    section = DatabaseSection(url="postgresql://truc:mat-khau@db.local:5432/truc?password=mat-khau")
    config = Config(Path("/data"), database=section)
    assert shown(config)["database"]["url"] == "…@db.local:5432/truc"
    assert "mat-khau" not in str(shown(replace(config)))


async def test_settings_are_read_only_and_explained(post: Post) -> None:
    page = await post.tree(f"{OPS}/settings")
    text = " ".join(page.text_content().split())
    assert "courier.per_unit" in text and "Số lần gửi cùng lúc tới một đơn vị" in text and "000.00.00.G22" in text
    assert not page.xpath("//main//form")


# -- calendar


async def test_a_decision_is_shown_before_it_is_entered(post: Post) -> None:
    assert "Tạm tính" in await post.text(f"{CALENDAR}?year=2027")
    answer = await upload(post, ROWS.encode())
    text = await answer.text()
    assert answer.status == 200 and "làm bù" in text and "06/03/2027" in text
    assert "Giữ theo thư viện" in text and "02/09/2027" in text, "and what the file leaves as it is"
    assert 2027 not in await post.world.core.almanac.decisions(), "nothing is written yet"
    where = await post.done(f"{CALENDAR}/import", year="2027", decision=DECISION, rows=ROWS, sure="1")
    assert where == f"{CALENDAR}?year=2027"
    assert f"Căn cứ: {DECISION}" in await post.text(where)
    (event,) = await post.journal("calendar.year-set")
    assert event["actor"] == post.actor and event["data"]["decision"] == DECISION


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Chưa chọn tệp nào."),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"x" * 200_001, "200 KB"),
        (b"day,kind\n2027-02-05,holiday", "name"),
        (b"day,kind,name\n2026-02-05,holiday,x", "2027"),
        (b"day,kind,name\n2027-02-30,holiday,x", "2027-02-30"),
        (b"day,kind,name\n2027-02-05,<script>,x", "&lt;script&gt;"),
    ],
)
async def test_a_file_that_is_wrong_is_refused_whole(post: Post, content: bytes, words: str) -> None:
    answer = await upload(post, content)
    assert answer.status == 422 and words in await answer.text()
    assert not await post.journal("calendar.year-set")


async def test_one_day_is_set_and_forgotten(post: Post) -> None:
    await post.refused(f"{CALENDAR}/set", 422, day="30/02/2027", kind="holiday", name="x")
    await post.refused(f"{CALENDAR}/set", 422, day="01/03/2027", kind="worked", name="thứ Hai")
    await post.done(f"{CALENDAR}/set", day="05/03/2027", kind="holiday", name="Nghỉ bão")
    assert not (await post.world.core.almanac.current()).calendar.is_working(date(2027, 3, 5))
    assert "Nghỉ bão" in await post.text(f"{CALENDAR}?year=2027")
    await post.done(f"{CALENDAR}/unset", day="2027-03-05")
    events = [*await post.journal("calendar.day-set"), *await post.journal("calendar.forgotten")]
    assert [e["actor"] for e in events] == [post.actor] * 2
    assert (await post.me.send(f"{CALENDAR}/unset", {"day": "2027-03-05"})).status == 404
    assert (await post.me.see(f"{CALENDAR}?year=1")).status == 200


# -- people


async def test_an_invitation_is_shown_once(post: Post) -> None:
    unit = {"login": "thu.nt", "name": "Nguyễn Thị Thư", "role": "clerk", "unit": RAIL, "language": "vi"}
    answer = await post.me.send(f"{OPS}/invite", unit)
    text = await answer.text()
    assert answer.status == 200 and "/console/invitation/" in text and answer.headers["Cache-Control"] == "no-store"
    token = text.partition("/console/invitation/")[2].partition("<")[0]
    assert (await post.visits.accounts.own.invitation(token)).login == "thu.nt"
    assert token not in await post.text(f"{PEOPLE}/thu.nt")
    (event,) = [e for e in await post.journal("person.invited") if e["data"]["login"] == "thu.nt"]
    assert event["actor"] == post.actor and token not in str(event["data"])
    for changed, words in (
        ({}, "thu.nt"), ({"login": "Sai Tên!"}, "sai tên"), ({"role": "operator"}, "không thuộc đơn vị nào"),
        ({"unit": ""}, "hãy chọn đơn vị"), ({"login": ""}, "Chưa nhập"),
    ):  # fmt: skip
        assert words in await post.refused(f"{OPS}/invite", 422, **{**unit, **changed}), words


async def test_a_person_is_changed_reset_disabled_and_enabled(post: Post) -> None:
    visitor = await post.visits.of(Role.CLERK, RAIL)
    at = f"{PEOPLE}/clerk-2"
    assert "Đơn vị 000.00.02.G04" in await post.text(at)
    await post.done(at, name="Trần Văn Bình", role="clerk", unit=ROADS, language="en")
    assert (await visitor.see("/console/help")).status == 200
    assert await post.visits.accounts.door.find(visitor.token) is None, "another unit ends the sessions"
    text = await (await post.me.send(f"{at}/reset", {"totp": "1"})).text()
    assert "/console/invitation/" in text
    await post.refused(f"{at}/disable", 422, reason="")
    await post.done(f"{at}/disable", reason="Nghỉ việc")
    assert "đã khoá" in await post.text(at)
    await post.refused(f"{at}/reset", 422)
    await post.done(f"{at}/enable")
    await post.done(f"{at}/end-sessions")
    for name in ("changed", "reset", "disabled", "enabled"):
        assert [e["actor"] for e in await post.journal(f"person.{name}")] == [post.actor], name
    (event,) = await post.journal("person.disabled")
    assert event["data"]["reason"] == "Nghỉ việc"


async def test_nobody_locks_themselves_out(post: Post) -> None:
    await post.visits.of(Role.OPERATOR)
    at = f"{PEOPLE}/{post.login}"
    page = await post.tree(at)
    assert not page.xpath(f"//a[starts-with(@href, '{at}/')]")
    for act in ("disable", "reset", "end-sessions", "enable"):
        assert (await post.me.see(f"{at}/{act}")).status == 409
        assert (await post.me.send(f"{at}/{act}", {"reason": "r"})).status == 409
    await post.refused(at, 422, name="x", role="auditor", unit="", language="vi")
    assert (await post.me.see(OPS)).status == 200


async def test_people_are_found_by_name_role_and_state(post: Post) -> None:
    for _ in range(2):
        await post.visits.of(Role.CLERK, RAIL)

    async def logins(query: str) -> list[str]:
        return [a.text_content() for a in (await post.tree(f"{PEOPLE}?{query}")).xpath("//tbody//a")]

    assert await logins("") == ["clerk-2", "clerk-3", "operator-1"]
    assert await logins("role=operator") == ["operator-1"] and await logins("q=CLERK-3") == ["clerk-3"]
    assert await logins("state=disabled") == [] and await logins("q=%00%27") == []
    assert (await post.me.see(f"{PEOPLE}/khong.co")).status == 404


# -- journal


async def test_the_journal_is_filtered_by_event_unit_and_actor(post: Post) -> None:
    row = await sent(post.world, RAIL)
    await post.done(f"{OPS}/deliveries/{row['id']}/park", reason="<b>lý do</b>")

    async def events(query: str) -> list[str]:
        page = await post.tree(f"{OPS}/journal?{query}")
        return [" ".join(tr.text_content().split()) for tr in page.xpath("//tbody/tr")]

    assert "người vận hành giữ lại" in (await events("event=delivery."))[0] and "<b>lý do</b>" in (await events(""))[0]
    await post.world.core.onboarding.change(RAIL, {"paused": True}, actor="cli:root", reason="bảo trì")
    (paused,) = await events("event=unit.changed")
    assert "tạm dừng gửi: không → có" in paused and "root (dòng lệnh)" in paused, "what was changed, and who, in words"
    assert post.actor not in (await events("event=delivery."))[0]
    assert len(await events(f"event=delivery.&q={post.login}")) == 1 and await events("q=nobody") == []
    assert (
        len(await events(f"unit={RAIL}&event=delivery.parked")) == 1
        and await events(f"unit={PORTS}&event=delivery.parked") == []
    )
    assert await events("unit=X00") == [] and await events("event=nonsense") == await events("")
    assert (await post.me.see(f"{OPS}/journal?after=xx")).status == 400


async def test_what_is_rare_in_the_journal_is_found_by_going_on(still: World) -> None:
    async with posted(still, operations=Operations(still.core.database, journal_window=5)) as post:
        page = await post.tree(f"{OPS}/journal?event=unit.added")
        for _ in range(20):
            found = page.xpath("//tbody/tr")
            if found or not (onward := page.xpath("//a[@rel='next']/@href")):
                break
            page = await post.tree(onward[0])
        assert found, "the units of the test were added before everything else"


async def test_alerts_and_messages_are_listed(post: Post) -> None:
    row, unit = await sent(post.world, RAIL), post.world.units[RAIL].id
    await post.world.execute(
        "insert into alert (id, rule, level, delivery_id, package_id, unit_id, due_at, priority)"
        " values ($1, 'register', 2, $1, $2, $3, now(), 0)", row["id"], row["package_id"], unit,
    )  # fmt: skip
    await post.world.execute(
        "insert into alert_message (id, channel, address, unit_id, alerts, priority, note, created_at)"
        " values ($1, 'email', 'a@x.vn', $2, array[$1::uuid], 0, 'máy chủ thư không trả lời', now() - interval '2 h')",
        row["id"], unit,
    )  # fmt: skip
    assert "quá hạn kéo dài" in await post.text(f"{OPS}/journal/alerts?unit={RAIL}&level=2")
    assert "Không có cảnh báo nào." in await post.text(f"{OPS}/journal/alerts?level=1")
    assert "máy chủ thư không trả lời" in await post.text(f"{OPS}/journal/messages?waiting=1")
    overview = await post.tree(OPS)
    (line,) = [
        li.text_content() for li in overview.xpath("//ul[@class='checks']/li") if "Thư và tín hiệu" in li.text_content()
    ]
    assert "Có lỗi" in line and "máy chủ thư không trả lời" in line


# -- all of them


def paths() -> list[str]:
    """Every page of operators that a GET shows without a state of its own."""
    named = {"code": PORTS, "step": "info", "login": "operator-1", "act": "park"}
    found = []
    for route in operator.ROUTES:
        if (
            route.method == "GET"
            and "{id" not in route.path
            and "{token" not in route.path
            and "{act" not in route.path
        ):
            path = route.path
            for name, value in named.items():
                start = path.find("{" + name)
                if start >= 0:
                    depth, end = 0, start
                    for end in range(start, len(path)):
                        depth += {"{": 1, "}": -1}.get(path[end], 0)
                        if not depth:
                            break
                    path = path[:start] + value + path[end + 1 :]
            found.append(path + ("?to=testing" if path.endswith("/state") else ""))
    return found


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_every_page_is_as_pages_are(still: World, language: str) -> None:
    async with posted(still, language) as post:
        await sent(still, RAIL)
        for path in paths():
            page = await post.tree(f"/console{path}")
            (help_link,) = page.xpath("//a[contains(@href, '/help/')]/@href")
            assert "/help/operator." in help_link, path
            assert (await post.me.see(help_link)).status == 200


async def test_htmx_gets_the_list_alone(post: Post) -> None:
    await sent(post.world, RAIL)
    for path in ("", "/deliveries", "/people", "/journal", "/journal/alerts", "/journal/messages"):
        part = await post.me.part(OPS + path)
        assert part.strip().startswith('<div id="results">') and "<html" not in part, path
