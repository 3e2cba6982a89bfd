"""Units for operators: how they stand, what is done about them, and how a new one is entered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import lxml.html
import pytest
from aiohttp import FormData
from cryptography.hazmat.primitives.serialization import Encoding

from axis.config import IntakeSection
from axis.domain.directory import Signer, Unit, UnitState
from axis.domain.ids import new_id
from axis.domain.people import Role
from axis.fronts.admin import Check
from axis.fronts.console.operator_overview import sight
from axis.fronts.identity import csrf_of
from tests.console.operators import Post, posted
from tests.hub.conftest import Opened
from tests.hub.couriers import sent
from tests.hub.world import PORTS, RAIL, ROADS, World, down, seal_of, until

OPS, AT = "/console/ops", f"/console/ops/unit/{PORTS}"
NEW = "000.00.09.G04"
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
NOTHING: dict[str, Any] = {
    "queued": 0, "sending": 0, "held": 0, "parked": 0, "refused": 0, "oldest": None, "urgent": False,
}  # fmt: skip
FRESH: dict[str, Any] = {
    "failures": 0, "not_before": None, "last_success_at": NOW, "last_call_at": None, "last_error_at": None,
    "last_error": "",
}  # fmt: skip
FACTS = {"name": "Cục Hàng không Việt Nam", "policy": "required", "contacts": "a@x.vn, b@x.vn", "aliases": "G04.09"}


@pytest.fixture
async def post(still: World) -> AsyncIterator[Post]:
    async with posted(still) as found:
        yield found


async def state_of(post: Post, code: str = PORTS) -> Unit:
    return await post.world.refresh(code)


# -- how a unit stands


def unit(days: int = 100, **changes: Any) -> Unit:
    signer = Signer("ab", NOW - timedelta(days=1), NOW + timedelta(days=days, hours=1))
    given: dict[str, Any] = {"state": UnitState.LIVE, "adapter": "mailbox", "signers": (signer,), **changes}
    return Unit(id=new_id(), code=PORTS, name="Cảng", **given)


@pytest.mark.parametrize(
    ("one", "row", "backlog", "health", "reason"),
    [
        (unit(), {}, {}, "proven", ""),
        (unit(), {"last_success_at": None}, {}, "unproven", "chưa có lần liên lạc nào"),
        (unit(), {"last_success_at": NOW - timedelta(days=8)}, {}, "unproven", "không có liên lạc"),
        (unit(), {"last_success_at": None, "last_call_at": NOW}, {}, "proven", ""),
        (unit(days=12), {}, {}, "unproven", "còn 12 ngày"),
        (unit(days=-2), {}, {}, "trouble", "đã hết hạn"),
        (unit(signers=()), {}, {}, "trouble", "chưa gắn chứng thư"),
        (unit(paused=True), {}, {}, "unproven", "tạm dừng phát"),
        (unit(), {"failures": 4}, {}, "trouble", "4 lần gửi liền nhau"),
        (unit(), {}, {"oldest": NOW - timedelta(hours=25)}, "trouble", "chờ đã 1 ngày 1 giờ"),
        (unit(state=UnitState.SUSPENDED), {"failures": 9}, {}, "off", ""),
        (unit(state=UnitState.DRAFT, signers=()), {}, {}, "off", ""),
    ],
)
def test_how_a_unit_stands(one: Unit, row: dict[str, Any], backlog: dict[str, Any], health: str, reason: str) -> None:
    found = sight(one, {**FRESH, **row}, {**NOTHING, **backlog}, NOW)
    assert found.health == health and reason in " ".join(found.reasons), found.reasons


@pytest.mark.parametrize(
    ("minutes", "backlog", "health"),
    [
        (29, {"queued": 1}, "proven"), (31, {"queued": 1}, "unproven"), (31, {"sending": 1}, "unproven"),
        (239, {"queued": 1}, "unproven"), (241, {"queued": 1}, "trouble"), (23 * 60, {"queued": 1}, "trouble"),
        (59, {"queued": 2, "urgent": True}, "unproven"), (61, {"queued": 2, "urgent": True}, "trouble"),
        (23 * 60, {}, "proven"), (47 * 60, {}, "proven"), (49 * 60, {}, "unproven"),
    ],
)  # fmt: skip
def test_a_unit_that_fetches_and_is_silent_does_not_stay_green(
    minutes: int, backlog: dict[str, Any], health: str
) -> None:
    row = {**FRESH, "last_success_at": None, "last_call_at": NOW - timedelta(minutes=minutes)}
    found = sight(unit(settings={"quiet_hours": 48}), row, {**NOTHING, **backlog}, NOW, pulls=True)
    assert found.health == health, found.reasons
    assert len(found.reasons) == (health != "proven")
    assert not backlog or health == "proven" or "trong khi có văn bản chờ lấy về" in found.reasons[0]


async def test_page_and_test_judge_silence_alike(post: Post) -> None:
    await sent(post.world, RAIL)
    await post.world.execute(
        "insert into unit_health (unit_id, not_before, last_call_at)"
        " values ($1, '-infinity', now() - interval '23 hours')", post.world.units[RAIL].id,
    )  # fmt: skip
    page, answer = await post.tree(f"{OPS}/unit/{RAIL}"), await post.me.send(f"{OPS}/unit/{RAIL}/test", {})
    assert "không gọi tới đã 23 giờ" in page.text_content() and "Có lỗi" in page.text_content()
    text = " ".join(lxml.html.document_fromstring(await answer.text()).text_content().split())
    assert "không gọi tới từ" in text and "Tốt" not in text
    assert re.search(r"từ \d\d/\d\d/\d{4} \d\d:\d\d\.", text)


def test_the_breaker_is_told_while_it_is_open() -> None:
    later = NOW + timedelta(minutes=5)
    assert sight(unit(), {**FRESH, "failures": 3, "not_before": later}, NOTHING, NOW).breaker == later
    assert sight(unit(), {**FRESH, "failures": 2, "not_before": later}, NOTHING, NOW).breaker is None
    assert sight(unit(), {**FRESH, "failures": 3, "not_before": NOW}, NOTHING, NOW).breaker is None


async def test_the_overview_puts_the_worst_first_and_banners_what_stands_still(post: Post) -> None:
    world = post.world
    await sent(world, RAIL)
    await world.execute(
        "insert into unit_health (unit_id, failures, last_error, last_error_at, not_before)"
        " values ($1, 3, 'không trả lời', now(), now() + interval '1 hour')",
        world.units[PORTS].id,
    )
    await world.change(RAIL, paused=True)
    await world.change(ROADS, state=UnitState.SUSPENDED)
    page = await post.tree(OPS)
    codes = [row.xpath("string(td[1]//span[@class='small'])") for row in page.xpath("//table//tbody/tr")]
    assert codes[:2] == [PORTS, RAIL] and codes[-1] == ROADS
    text = " ".join(page.text_content().split())
    assert "Đang tạm dừng phát tới Đơn vị 000.00.02.G04: 1 lượt chờ" in text
    assert "Đang tạm dừng kết nối với Đơn vị 000.00.01.G04" in text
    assert "3 lần gửi liền nhau không được" in text and "Ngắt mạch tới" in text and "không trả lời" in text
    assert "tạm tính: chưa nhập quyết định của năm" in text


async def test_the_axis_itself_is_judged(opened: Opened) -> None:
    intake = IntakeSection(free_bytes=1 << 60, workers=2)
    async with opened(serving=False, intake=intake) as world, posted(world, trouble=lambda: "storage.away") as post:
        checks = [li.text_content() for li in (await post.tree(OPS)).xpath("//ul[@class='checks']/li")]
        marked = [text for text in checks if "Có lỗi" in text]
        assert len(marked) == 2 and "Ổ đĩa" in marked[0] and "storage.away" in marked[1]


async def test_the_overview_shows_what_the_checks_say_and_when(still: World) -> None:
    said = {"database": "", "serving": ""}

    def check(name: str) -> Check:
        async def ask() -> str:
            if said[name] == "raise":
                raise ConnectionError
            return said[name]

        return ask

    moment = datetime(2026, 11, 26, 15, 7, tzinfo=UTC)
    checks = {name: check(name) for name in said}
    async with posted(still, checks=checks, now=lambda: moment) as post:

        async def lines() -> list[str]:
            found = (await post.tree(OPS)).xpath("//ul[@class='checks']/li")
            return [" ".join(line.text_content().split()) for line in found]

        assert "Tốt Cơ sở dữ liệu: trả lời bình thường" in await lines()
        said["database"] = "raise"
        assert "Có lỗi Cơ sở dữ liệu: ConnectionError" in await lines()
        said["serving"] = "stopping"
        assert "Có lỗi Tiến trình trả lời trang này: stopping" in await lines()
        page = await post.tree(OPS)
        assert "Số liệu lúc 22:07." in page.text_content(), "the time in Vietnam"
        assert page.xpath("//a[text()='Xem số liệu mới']/@href") == [OPS]
        checks.clear()
        assert "Cơ sở dữ liệu: không hỏi được" in await post.text(OPS)


async def test_counts_stop_at_their_limit(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("axis.store.operations", "axis.fronts.console.operator_overview"):
        monkeypatch.setattr(f"{name}.MOST_COUNTED", 2)
    for _ in range(4):
        await sent(post.world, RAIL)
    assert "2+" in await post.text(f"{OPS}/unit/{RAIL}")


# -- one unit


async def test_the_page_of_a_unit_shows_everything_but_secrets(post: Post) -> None:
    page = await post.tree(AT)
    text = page.text_content()
    for words in ("he-thong.000-00-03-g04", "Văn thư 000.00.03.G04", "scripted", "Hàng chờ"):
        assert words in text, words
    assert "a-secret-of-sixteen-or-more" not in text
    for path in (f"{OPS}/unit/G99", f"{OPS}/unit/G04.99/pause", f"{OPS}/unit/x"):
        assert (await post.me.see(path)).status == 404


async def test_pause_and_resume_with_a_reason(post: Post) -> None:
    await post.refused(f"{AT}/pause", 422, reason="")
    assert not (await state_of(post)).paused
    await post.done(f"{AT}/pause", reason="Bảo trì")
    assert (await state_of(post)).paused and "Phát tiếp" in await post.text(AT)
    (event,) = await post.journal("unit.changed")
    assert (event["actor"], event["data"]["reason"], event["data"]["paused"]) == (
        post.actor,
        "Bảo trì",
        ["False", "True"],
    )
    await post.done(f"{AT}/pause", reason="lần nữa")
    assert len(await post.journal("unit.changed")) == 1, "nothing changed, nothing journalled"
    await post.done(f"{AT}/resume", reason="Xong")
    assert not (await state_of(post)).paused


async def test_slowing_a_unit_is_a_setting_of_the_axis_not_of_the_adapter(world: World) -> None:
    async with posted(world) as post:
        peer = world.peer(PORTS)
        peer.gate = asyncio.Event()
        await post.refused(f"{AT}/slow", 400, parallel="17", reason="r")
        await post.done(f"{AT}/slow", parallel="2", reason="Máy chủ yếu")
        found = await state_of(post)
        assert (found.parallel, found.settings["peer"]) == (2, PORTS)
        for _ in range(6):
            await sent(world, PORTS)
        await until(lambda: peer.busy == 2)
        peer.gate.set()
        await until(lambda: len(peer.calls) == 6)
        assert peer.most_at_once == 2
        await post.done(f"{AT}/slow", parallel="", reason="Đã khoẻ")
        assert "parallel" not in (await state_of(post)).settings


async def test_a_state_is_changed_with_a_reason_and_the_last_one_is_typed(post: Post) -> None:
    assert "bị từ chối ngay ở cửa" in await post.text(f"{AT}/state?to=retired")
    await post.refused(f"{AT}/state", 422, to="retired", reason="Giải thể", typed="sai")
    await post.refused(f"{AT}/state", 400, to="draft", reason="r")
    assert (await state_of(post)).state is UnitState.LIVE
    await post.done(f"{AT}/state", to="retired", reason="Giải thể", typed=PORTS)
    assert (await state_of(post)).state is UnitState.RETIRED
    (event,) = await post.journal("unit.changed")
    assert (event["actor"], event["data"]["reason"]) == (post.actor, "Giải thể")
    assert (await post.me.see(f"{AT}/state?to=live")).status == 404, "not offered from there"


async def test_a_test_calls_now_and_is_journalled(post: Post) -> None:
    answer = await post.me.send(f"{AT}/test", {})
    text = await answer.text()
    assert answer.status == 200 and "Kết quả thử vừa rồi" in text and "scripted" in text
    (event,) = await post.journal("unit.tested")
    assert (event["actor"], event["data"]["probe"]) == (post.actor, "ok")


async def test_a_failing_test_says_why(post: Post) -> None:
    await post.world.change(ROADS, contacts=("a@x.vn",))
    text = await (await post.me.send(f"{OPS}/unit/{ROADS}/test", {})).text()
    assert "a@x.vn" in text and "Có lỗi" in text, "mail is off"


async def test_a_new_secret_is_shown_once(post: Post) -> None:
    page = await post.tree(f"{AT}/secret")
    (newest,) = page.xpath("//input[@name='newest']/@value")
    fields = {"kind": "vxp", "system": "he-thong.moi", "overlap": "24", "newest": newest}
    answer = await post.me.send(f"{AT}/secret", fields)
    shown = await answer.text()
    (secret,) = [code.split("<")[0] for code in shown.split('<code class="secret">')[1:]]
    assert answer.status == 200 and len(secret) > 30 and answer.headers["Cache-Control"] == "no-store"
    assert secret not in await post.text(AT)
    again = await post.me.send(f"{AT}/secret", fields)
    assert again.status == 303, "the same form a second time makes no second secret"
    (event,) = [e for e in await post.journal("credential.added") if e["actor"] == post.actor]
    assert secret not in str(event["data"])
    assert (await state_of(post)) and (await post.world.core.directory.by_system_id("he-thong.moi")) is not None


async def test_a_leaked_secret_is_revoked_at_once(post: Post) -> None:
    (link,) = (await post.tree(AT)).xpath("//a[contains(@href, '/revoke/')]/@href")
    assert "Dùng khi khoá bị lộ" in await post.text(link)
    await post.done(link)
    (event,) = await post.journal("credential.revoked")
    assert event["actor"] == post.actor and "đã thu hồi" in await post.text(AT)
    assert (await post.me.see(link)).status == 404


# -- entering a unit


async def entered(post: Post, **changes: str) -> str:
    return await post.done(f"{OPS}/new-unit", code=NEW, **{**FACTS, **changes})


async def test_a_unit_is_entered_in_five_steps(post: Post) -> None:
    assert await entered(post) == f"{OPS}/unit/{NEW}/setup/connection"
    found = await state_of(post, NEW)
    assert (found.state, found.contacts, found.aliases) == (UnitState.DRAFT, ("a@x.vn", "b@x.vn"), ("G04.09",))
    base = f"{OPS}/unit/{NEW}/setup"
    assert "chưa xong" in await post.text(f"{base}/open"), "it may be left here and taken up again"
    fields = {"kind": "webhook", "s-url": "https://cang.example/nhan", "s-timeout": "12,5", "s-headers": "X-A: 1"}
    answer = await post.me.send(f"{base}/connection", {**fields, "system": "ht.hk"})
    shown = await answer.text()
    assert answer.status == 200 and shown.count('class="secret"') == 2 and "whsec_" in shown
    found = await state_of(post, NEW)
    assert found.adapter == "webhook"
    assert dict(found.settings) == {"url": "https://cang.example/nhan", "timeout": 12.5, "headers": {"X-A": "1"}}
    pem = seal_of(NEW).certificate.public_bytes(Encoding.PEM)
    form = FormData({"csrf": csrf_of(post.me.token), "pem": ""})
    form.add_field("file", pem, filename="con-dau.pem", content_type="application/x-pem-file")
    answer = await post.me.reader.post(f"{base}/certificates", data=form, headers={"Cookie": f"axis={post.me.token}"},
                                       allow_redirects=False)  # fmt: skip
    assert answer.status == 303 and "Văn thư 000.00.09.G04" in await post.text(f"{base}/certificates")
    assert (await post.me.send(f"{base}/test", {})).status == 200
    await post.done(f"{OPS}/unit/{NEW}/state", to="testing", reason="thử")
    assert "Mở cho gửi nhận thật" in await post.text(f"{base}/open")
    assert await post.done(f"{base}/open") == f"{OPS}/unit/{NEW}/state?to=live"
    await post.done(f"{OPS}/unit/{NEW}/state", to="live", reason="đã thử xong")
    assert (await state_of(post, NEW)).state is UnitState.LIVE
    assert {e["actor"] for e in await post.journal("unit.changed")} == {post.actor}


async def test_what_cannot_be_is_said_beside_the_form(post: Post) -> None:
    for fields, words in (
        ({"code": "sai mã", **FACTS}, "sai mã"), ({"code": NEW, **FACTS, "name": ""}, "Chưa nhập mục này."),
        ({"code": NEW, **FACTS, "sha1_until": "hôm nay"}, "Ngày viết dạng"), ({"code": PORTS, **FACTS}, PORTS),
        ({"code": NEW, **FACTS, "contacts": "không phải thư"}, "không phải thư"),
    ):  # fmt: skip
        text = await post.refused(f"{OPS}/new-unit", 422, **fields)
        assert words in text and ("Cục Hàng không" in text or not fields["name"]), words
    assert NEW not in post.world.core.directory.snapshot.by_code
    await entered(post)
    base = f"{OPS}/unit/{NEW}/setup"
    for fields, words in (
        ({"kind": "webhook", "s-url": "ftp://x"}, "url"),
        ({"kind": "webhook", "s-url": "https://x.vn", "s-timeout": "lâu"}, "timeout"),
        ({"kind": "mailbox", "s-quiet_hours": "0"}, "quiet_hours"),
        ({"kind": "webhook", "s-url": "https://x.vn", "s-headers": "x"}, "headers"),
    ):
        assert words in await post.refused(f"{base}/connection", 422, **fields)
    assert not await post.world.rows("select 1 from credential where unit_id = $1", (await state_of(post, NEW)).id)
    for pem in ("", "rác", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----"):
        await post.refused(f"{base}/certificates", 422, pem=pem)
    assert (await post.me.see(f"{base}/nothing")).status == 404


async def test_editing_keeps_what_is_not_asked_for(post: Post) -> None:
    await post.world.change(PORTS, settings={"peer": PORTS, "parallel": 2, "vxp_x": 1})
    await post.done(f"{AT}/setup/info", **{**FACTS, "aliases": "", "auto_arrived": "1"})
    found = await state_of(post)
    assert found.auto_arrived and dict(found.settings) == {"peer": PORTS, "parallel": 2, "vxp_x": 1}
    await post.done(f"{AT}/setup/connection", **{"kind": "scripted", "s-peer": PORTS, "system": ""})
    assert dict((await state_of(post)).settings) == {"peer": PORTS, "parallel": 2, "vxp_x": 1}


# -- who may


async def test_others_see_no_such_page_and_a_form_needs_its_token(post: Post) -> None:
    clerk, auditor = await post.visits.of(Role.CLERK, PORTS), await post.visits.of(Role.AUDITOR)
    for visitor in (clerk, auditor):
        unknown = await visitor.see("/console/nothing-of-the-kind")
        for path in (OPS, AT, f"{AT}/pause", f"{OPS}/deliveries", f"{OPS}/people", f"{OPS}/settings", f"{OPS}/journal"):
            answer = await visitor.see(path)
            assert (answer.status, await answer.text()) == (404, await unknown.text()), path
        assert (await visitor.send(f"{AT}/pause", {"reason": "r"})).status == 404
    answer = await post.me.send(f"{AT}/pause", {"csrf": "", "reason": "r"})
    assert answer.status == 403 and not (await state_of(post)).paused


async def test_hostile_names_stay_words(post: Post) -> None:
    hostile = "<img src=x onerror=alert(1)>\u202e{{7*7}}"
    await post.world.change(PORTS, name=hostile)
    for path in ("", "/pause", "/resume", "/slow", "/secret", "/state?to=suspended", "/setup/info", "/setup/open"):
        page = await post.tree(AT + path)
        assert not page.xpath("//img")


async def test_pages_speak_english(still: World) -> None:
    async with posted(still, "en") as post:
        assert "Worst first" not in await post.text(OPS) and "Enter a new unit" in await post.text(OPS)
        assert "Pause deliveries" in await post.text(AT)


async def test_a_dead_unit_shows_its_breaker(world: World) -> None:
    async with posted(world) as post:
        world.peer(PORTS).answer = down("không trả lời")
        await sent(world, PORTS)
        await until(lambda: world.rows("select 1 from unit_health where failures >= 3"))
        assert "không trả lời" in await post.text(AT)
