"""Deliveries for operators: what a filter finds, what one act and one confirmed list do, who is named."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from axis.adapter import Delivered
from axis.domain.document import Code
from axis.domain.people import Role
from axis.store.operations import Operations, Wanted
from tests.console.operators import Post, posted
from tests.hub.couriers import sent
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document, status_of, unknown

AT = "/console/ops/deliveries"
HOSTILE = "<script>alert(1)</script>\u202e{{7*7}}'\""


@pytest.fixture
async def post(still: World) -> AsyncIterator[Post]:
    async with posted(still) as found:
        yield found


async def parked(post: Post, *receivers: str, reason: str = "thử") -> dict[str, Any]:
    row = await sent(post.world, *receivers)
    assert await post.world.core.deliveries.park(row["id"], "cli:thu", reason)
    return row


async def states(world: World) -> list[str]:
    return [row["state"] for row in await world.rows("select state from delivery order by id")]


# -- the list


async def test_an_empty_list_says_so(post: Post) -> None:
    assert "Không có lượt gửi nào." in await post.text(AT)


async def test_a_list_shows_what_it_is_asked_for(post: Post) -> None:
    waiting, held_back = await sent(post.world, RAIL), await parked(post, PORTS, reason="Cổng bên nhận đang bảo trì")
    for query, found in {
        "": {waiting["id"], held_back["id"]}, "?state=waiting": {waiting["id"]}, "?state=parked": {held_back["id"]},
        f"?unit={RAIL}": {waiting["id"]}, "?unit=X99": set(), "?kind=status": set(), "?age=1h": set(),
        "?kind=document": {waiting["id"], held_back["id"]}, "?q=bao+tri": {held_back["id"]},
        "?q=cong+BEN": {held_back["id"]},
        "?q=kh%C3%B4ng+c%C3%B3": set(), "?state=refused": set(), "?state=nonsense": {waiting["id"], held_back["id"]},
        "?state=delivered": set(), f"?state=parked&unit={PORTS}&kind=document": {held_back["id"]},
    }.items():  # fmt: skip
        page = await post.tree(AT + query)
        links = {link.rpartition("/")[2] for link in page.xpath("//table//a/@href") if "/ops/deliveries/" in link}
        assert links == {str(key) for key in found}, query


async def test_units_are_chosen_in_the_order_of_the_vietnamese_alphabet(post: Post) -> None:
    units = sorted(post.world.units)[:3]
    for code, name in zip(units, ("Cục Y tế", "Cục Đăng kiểm", "Cục An ninh"), strict=True):
        await post.world.execute("update unit set name = $2 where code = $1", code, name)
    await post.world.core.directory.current(0)
    page = await post.tree("/console/ops/deliveries")
    names = [option.text_content() for option in page.xpath("//select[@name='unit']/option") if "Cục" in option.text]
    assert [name.rpartition(" (")[0] for name in names][:3] == ["Cục An ninh", "Cục Đăng kiểm", "Cục Y tế"]


async def test_a_document_somebody_telephones_about_is_found_by_its_number(post: Post) -> None:
    """By number and notation in any case, DocumentId or an id; every delivery of it, and of nothing else."""
    world = post.world
    made = document(MINISTRY, [RAIL, PORTS], code=Code("77", "BGTVT-VP"), subject="Sửa cầu")
    accepted = await world.send(made)
    rows = {row["unit_id"]: row for row in await world.deliveries(accepted.package_id)}
    both = {str(row["id"]) for row in rows.values()}
    rails = str(rows[world.units[RAIL].id]["id"])
    assert await world.core.deliveries.park(rows[world.units[PORTS].id]["id"], "cli:thu", "HTTP/1.1 503")
    other = await sent(world, RAIL)

    async def found(query: str) -> set[str]:
        page = await post.tree(f"{AT}?{query}")
        links = page.xpath("//table//a/@href")
        return {link.rpartition("/")[2] for link in links if "/ops/deliveries/" in link}

    numbers = ("77/BGTVT-VP", "77/bgtvt-vp", "Công văn số 77/BGTVT-VP", "77/BGT", "77", "số 77")
    for typed in (*numbers, made.document_id, str(accepted.package_id), rails):
        assert await found(f"q={quote(typed)}") == both, typed
    assert await found(f"q=77/BGTVT-VP&unit={RAIL}") == {rails}
    assert await found("q=77/BGTVT-VP&state=parked") == both - {rails}
    assert await found("q=77/BGTVT-VP&state=refused") == await found("q=78/BGTVT-VP") == set()
    assert await found("q=HTTP/1.1") == both - {rails}, "what names no document is words of the note"
    (onward,) = (await post.tree(f"{AT}/{rails}")).xpath("//a[contains(@href, 'deliveries?q=')]/@href")
    assert await found(onward.partition("?")[2]) == both
    where = await post.done(f"{AT}/choose", act="park", q="77/BGTVT-VP")
    assert "1 lượt" in await post.text(where), "an act on many keeps to the document"
    assert str(other["id"]) not in await (await post.me.see(where)).text()


async def test_a_document_that_went_to_many_is_read_page_by_page(still: World) -> None:
    async with posted(still, operations=Operations(still.core.database, window=60)) as post:
        accepted = await still.send(document(MINISTRY, [RAIL, PORTS]))
        await still.execute(
            "insert into delivery"
            " (id, package_id, unit_id, receivers, kind, priority, source_unit, business_type, round)"
            " select gen_random_uuid(), package_id, unit_id, receivers, kind, priority, source_unit, business_type,"
            " round + n from delivery, generate_series(1, 35) n where package_id = $1", accepted.package_id,
        )  # fmt: skip
        seen, path = [], f"{AT}?q={accepted.package_id}"
        while path:
            page = await post.tree(path)
            seen += [link for link in page.xpath("//tbody//a/@href") if "/ops/deliveries/" in link]
            path = next(iter(page.xpath("//nav[@class='pages']//a[@rel='next']/@href")), "")
        assert len(seen) == len(set(seen)) == 72


async def test_a_list_goes_on_where_its_page_ended(post: Post) -> None:
    for _ in range(52):
        await sent(post.world, RAIL)
    for query in ("", "?state=waiting", f"?unit={RAIL}", f"?unit={RAIL}&kind=document"):
        first = await post.tree(AT + query)
        (following,) = first.xpath("//nav[@class='pages']//a[@rel='next']/@href")
        second = await post.tree(following)
        rows = [*first.xpath("//tbody/tr"), *second.xpath("//tbody/tr")]
        assert (len(first.xpath("//tbody/tr")), len(rows)) == (50, 52)
        assert not second.xpath("//a[@rel='next']") and "Đầu danh sách" in second.text_content()


async def test_words_beyond_the_window_are_found_by_going_on(still: World) -> None:
    async with posted(still, operations=Operations(still.core.database, window=10)) as post:
        row = await parked(post, RAIL, reason="mất điện")
        for _ in range(60):
            await sent(post.world, RAIL)
        page = await post.tree(f"{AT}?q=mat+dien")
        assert not page.xpath("//tbody/tr") and "Chưa thấy trong những dòng mới nhất" in page.text_content()
        (following,) = page.xpath("//a[@rel='next']/@href")
        assert str(row["id"]) in (await (await post.me.see(following)).text())


async def test_a_broken_cursor_is_refused_and_hostile_words_stay_words(post: Post) -> None:
    row = await parked(post, PORTS, reason=HOSTILE)
    assert (await post.me.see(f"{AT}?after=xx")).status == 400
    for path in (AT, f"{AT}/{row['id']}", f"{AT}?q=%3Cscript%3E", f"{AT}/{row['id']}/replay"):
        page = await post.tree(path)
        assert not page.xpath("//script[not(@src)]") and "49" not in "".join(
            page.xpath("//*[@class='note wait']//text()")
        )
    assert (await post.me.see(f"{AT}?q=%00%F0%9F%92%A9&unit=%27--&age=%3C&kind=x")).status == 200


# -- one


async def test_one_delivery_tells_its_attempts_and_its_story(world: World) -> None:
    async with posted(world) as post:
        row = await sent(world, PORTS)
        await world.in_state(row["id"], "delivered")
        page = await post.tree(f"{AT}/{row['id']}")
        assert "hệ thống bên nhận xác nhận" in page.text_content()
        (cells,) = [[cell.text_content().strip() for cell in tr] for tr in page.xpath("//tbody/tr")]
        assert (cells[0], cells[3], cells[4], cells[5]) == ("1", "Đã nhận", "không ghi", "ok")
        asked = "POST https://a.example/ · webhook-id x · 9 B"
        world.peer(PORTS).answer = lambda parcel: Delivered("ok", asked=asked)
        row = await sent(world, PORTS)
        await world.in_state(row["id"], "delivered")
        assert asked in await post.text(f"{AT}/{row['id']}")
        assert (await post.me.see(f"{AT}/{row['id']}/park")).status == 409, "it is delivered"


async def test_parking_and_replaying_name_the_person_and_the_reason(post: Post) -> None:
    row = await sent(post.world, RAIL)
    where = f"{AT}/{row['id']}"
    assert "Giữ lại lượt này" in await post.text(f"{where}/park")
    await post.refused(f"{where}/park", 422, reason=" ")
    assert await states(post.world) == ["queued"], "without a reason nothing happens"
    assert await post.done(f"{where}/park", reason="Bên nhận đề nghị chờ") == where
    (event,) = await post.journal("delivery.parked")
    assert (event["actor"], event["data"]["reason"]) == (post.actor, "Bên nhận đề nghị chờ")
    told = await post.text(where)
    assert "Bên nhận đề nghị chờ" in told and post.login in told and post.actor not in told, "who, in words"
    await post.done(f"{where}/replay", reason="Đã sửa")
    (event,) = await post.journal("delivery.replayed")
    assert (event["actor"], event["data"]["reason"]) == (post.actor, "Đã sửa")
    assert await states(post.world) == ["queued"]


async def test_what_was_returned_is_sent_again_as_a_new_delivery(post: Post) -> None:
    world, package = post.world, document(MINISTRY, [ROADS])
    row = await world.delivery((await world.send(package)).package_id)
    await world.execute("update delivery set fetched_at = now(), state = 'sending' where id = $1", row["id"])
    await world.execute("update delivery set state = 'delivered', finished_at = now() where id = $1", row["id"])
    await world.send(status_of(ROADS, package, "02", "sai nơi nhận"), by=ROADS)
    await post.done(f"{AT}/{row['id']}/resend", reason="Đã trao đổi")
    again = [d for d in await world.deliveries() if d["round"] == 2]
    (event,) = await post.journal("delivery.resent")
    assert len(again) == 1 and event["actor"] == post.actor


async def test_a_delivery_that_is_not_there_is_no_page(post: Post) -> None:
    for path in (f"{AT}/{unknown()}", f"{AT}/{unknown()}/park", f"{AT}/nonsense", f"{AT}/choice/{'x' * 43}"):
        assert (await post.me.see(path)).status == 404


# -- many


async def choose(post: Post, **fields: str) -> str:
    return await post.done(f"{AT}/choose", **fields)


async def test_the_list_is_fixed_when_it_is_shown(post: Post) -> None:
    for reason in ("mất điện", "mất điện", "bảo trì"):
        await parked(post, RAIL, reason=reason)
    where = await choose(post, act="replay", q="mat dien")
    text = await post.text(where)
    assert "Danh sách đã chốt: 2 lượt gửi." in text and "Gõ lại để xác nhận: 2" in text
    await parked(post, RAIL, reason="mất điện")  # after the list was fixed: it must not be in it
    widened = where.partition("?")[0] + "?q=&state=parked"
    await post.refused(widened, 422, reason="có điện lại", typed="3")
    await post.refused(widened, 422, reason="", typed="2")
    assert (await states(post.world)).count("parked") == 4
    await post.done(widened, reason="có điện lại", typed="2", q="", act="park", deliveries="all")
    assert sorted(await states(post.world)) == ["parked", "parked", "queued", "queued"]
    events = await post.journal("delivery.replayed")
    assert {(e["actor"], e["data"]["reason"]) for e in events} == {(post.actor, "có điện lại")} and len(events) == 2
    assert (await post.me.see(where)).status == 410, "used up"


async def test_what_moved_meanwhile_is_skipped_and_told(post: Post) -> None:
    one, _ = await parked(post, RAIL), await parked(post, RAIL)
    where = await choose(post, act="replay", state="parked", unit=RAIL)
    await post.world.core.deliveries.replay(one["id"], "cli:thu", "trước")
    answer = await post.me.send(where, {"reason": "r", "typed": "2"})
    cookie = answer.cookies["axis-note"].value
    page = await post.me.see(AT, Cookie=f"axis={post.me.token}; axis-note={cookie}")
    assert "Đã gửi lại 1 lượt. Bỏ qua 1 lượt" in await page.text()


async def test_a_list_is_its_persons_own(post: Post) -> None:
    await parked(post, RAIL)
    where = await choose(post, act="replay")
    other = await post.visits.of(Role.OPERATOR)
    assert (await other.see(where)).status == 404
    assert (await other.send(where, {"reason": "r", "typed": "1"})).status == 404
    assert await states(post.world) == ["parked"]


async def test_an_act_on_many_leads_back_to_the_filter_and_says_when_its_list_is_gone(post: Post) -> None:
    await parked(post, RAIL)
    filtered = f"{AT}?unit={RAIL}&state=parked"
    where = await choose(post, act="replay", unit=RAIL, state="parked")
    (form,) = (await post.tree(where)).xpath("//form[contains(@class, 'confirm')]/@action")
    assert await post.done(form, reason="r", typed="1") == filtered
    gone = "Lần bấm này không làm gì thêm."
    for text in (await post.text(form, 410), await post.refused(form, 410, reason="r", typed="1")):
        assert gone in text
    assert (await post.tree(form, 410)).xpath("//main//a/@href") == [filtered]
    assert len(await post.journal("delivery.replayed")) == 1
    other = await post.visits.of(Role.OPERATOR)
    assert (await other.see(form)).status == (await other.send(form, {})).status == 404, "whose list it was"
    where = await choose(post, act="park", unit=RAIL)
    await post.world.execute("update selection set expires_at = now()")
    assert gone in await post.refused(where, 410, reason="r", typed="1")
    assert await states(post.world) == ["queued"]


async def test_parking_by_filter_takes_what_waits_only(post: Post) -> None:
    await sent(post.world, RAIL)
    await parked(post, RAIL)
    where = await choose(post, act="park", unit=RAIL)
    await post.done(where, reason="bảo trì", typed="1")
    assert await states(post.world) == ["parked", "parked"]
    back = await choose(post, act="park", state="delivered")
    assert back.startswith(f"{AT}?state=delivered"), "nothing there can be parked"


async def test_a_selection_stops_at_its_limit(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("axis.store.operations.MOST_CHOSEN", 3)
    monkeypatch.setattr("axis.fronts.console.operator_choosing.MOST_CHOSEN", 3)
    for _ in range(5):
        await parked(post, RAIL)
    text = await post.text(await choose(post, act="replay"))
    assert "Danh sách đã chốt: 3 lượt gửi." in text and "nhiều hơn 3 lượt" in text


async def test_a_form_without_its_token_does_nothing(post: Post) -> None:
    row = await parked(post, RAIL)
    for path in (f"{AT}/choose", f"{AT}/{row['id']}/replay"):
        answer = await post.me.send(path, {"csrf": "x", "act": "replay", "reason": "r"})
        assert answer.status == 403
    assert await states(post.world) == ["parked"]


# -- the statements


async def test_near_lists_agree_with_a_plain_reading(post: Post) -> None:
    world, operations = post.world, Operations(post.world.core.database)
    for receivers in ((RAIL, ROADS), (RAIL,), (PORTS, ROADS)):
        await sent(world, *receivers)
    await parked(post, RAIL, ROADS)
    plain = await world.rows("select d.*, u.code from delivery d join unit u on u.id = d.unit_id order by d.id desc")
    groups = [frozenset(), frozenset({"queued"}), frozenset({"parked"}), frozenset({"queued", "held", "parked"})]
    for unit in (None, world.units[RAIL], world.units[ROADS]):
        for wanted in groups:
            found = await operations.deliveries(Wanted(unit.id if unit else None, wanted), 50)
            expected = [
                row["id"] for row in plain
                if (unit is None or row["unit_id"] == unit.id) and (not wanted or row["state"] in wanted)
            ]  # fmt: skip
            assert [row["id"] for row in found.rows] == expected, (unit, wanted)


# -- what a delivery that waits waits for


async def test_a_paused_unit_promises_no_attempt(post: Post) -> None:
    row = await sent(post.world, PORTS)
    assert "Lần gửi tiếp theo" in await post.text(f"{AT}/{row['id']}"), "it flows"
    await post.done(f"/console/ops/unit/{PORTS}/pause", reason="Bảo trì máy chủ")
    for path in (f"{AT}/{row['id']}", f"/console/ops/unit/{PORTS}"):
        text = await post.text(path)
        assert re.search(r"Tạm dừng từ \d\d/\d\d/\d{4} \d\d:\d\d – Bảo trì máy chủ", text), path
        assert "Lần gửi tiếp theo" not in text and "ngắt mạch" not in text
    (cell,) = (await post.tree(AT)).xpath("//td[@data-label='Lần tới']")
    assert cell.text_content().strip() == "Đơn vị đang tạm dừng phát"
    await post.done(f"/console/ops/unit/{PORTS}/resume", reason="Xong")
    assert "Lần gửi tiếp theo" in await post.text(f"{AT}/{row['id']}")


async def test_a_pause_nobody_explained_is_told_without_its_moment(post: Post) -> None:
    row = await sent(post.world, PORTS)
    await post.world.execute("update unit set paused = true where code = $1", PORTS)
    await post.world.refresh(PORTS)
    assert "Đơn vị đang tạm dừng phát" in await post.text(f"{AT}/{row['id']}")


async def test_a_unit_that_fetches_is_not_called(post: Post) -> None:
    row = await sent(post.world, RAIL)
    text = await post.text(f"{AT}/{row['id']}")
    assert "Chờ hệ thống của đơn vị lấy về." in text and "Lần gửi tiếp theo" not in text
    (cell,) = (await post.tree(AT)).xpath("//td[@data-label='Lần tới']")
    assert cell.text_content().strip() == "Chờ hệ thống của đơn vị lấy về"
