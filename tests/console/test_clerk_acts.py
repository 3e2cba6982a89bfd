"""What a clerk does: asked before, done once, journalled with the person, refused in words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import pytest

from axis.domain.directory import UnitState
from axis.hub.contracts import Acceptance
from tests.console import html
from tests.console.office import Browser, Office, office_of
from tests.hub.world import MINISTRY, RAIL, ROADS, World, document


@pytest.fixture
def office(still: World) -> Office:
    return office_of(still)


async def _arrived(office: Office, *receivers: str) -> Acceptance:
    sent = await office.desk.sent(document(MINISTRY, receivers or (ROADS,)))
    for code in receivers or (ROADS,):
        await office.desk.receive(sent, code)
    return sent


async def _path(office: Office, sent: Acceptance, act: str, code: str) -> str:
    return f"/console/document/{sent.package_id}/{act}/{(await office.desk.row(sent, code))['id']}"


def _fields(text: str) -> dict[str, str]:
    """What the browser would send of the form, but for what is typed."""
    (form,) = html.parse(text).xpath("//form[contains(@class,'confirm')]")
    return {field.get("name"): field.get("value") for field in form.xpath(".//input[@type='hidden']")}


async def _do(browser: Browser, path: str, reason: str = "") -> Mapping[str, str]:
    text = await browser.text(path)
    html.check(text)
    answer = await browser.send(path, {**_fields(text), "reason": reason})
    assert answer.status == 303, await answer.text()
    return answer.headers


@pytest.mark.parametrize(
    ("act", "code", "reason"),
    [("accept", "03", ""), ("return", "02", "không thuộc thẩm quyền"), ("assign", "04", "cho phòng Tổ chức"),
     ("progress", "05", ""), ("finish", "06", "")],
)  # fmt: skip
async def test_a_receiver_says_how_far_it_has_come(office: Office, act: str, code: str, reason: str) -> None:
    sent = await _arrived(office)
    path = await _path(office, sent, act, ROADS)
    async with office.at(ROADS) as roads:
        headers = await _do(roads, path, reason)
        assert headers["Location"] == f"/console/document/{sent.package_id}"
        after = await roads.text(headers["Location"])
        assert f"({code})" in after and 'role="status"' in after, "the note says it was done"
        assert "Trần Thị Thư" in after, "the story names the person"
        again = await roads.see(path)
        assert again.status == 409, "no longer offered"
    assert (await office.desk.row(sent, ROADS))["handling"] == code
    (moved,) = await office.world.journal("status.moved")
    assert moved["data"]["staff"] == "Trần Thị Thư" and moved["data"]["reason"] == reason
    accepted = await office.world.journal("package.accepted")
    assert accepted[-1]["actor"] == "person:tran.thi.thu"


async def test_a_request_is_answered(office: Office) -> None:
    sent = await _arrived(office, ROADS, RAIL)
    async with office.at(MINISTRY) as ministry, office.at(ROADS) as roads, office.at(RAIL) as rail:
        for code in (ROADS, RAIL):
            await _do(ministry, await _path(office, sent, "ask-back", code), "gửi nhầm")
        assert "gửi nhầm" in await roads.text(f"/console/document/{sent.package_id}")
        await _do(roads, await _path(office, sent, "agree", ROADS))
        await _do(rail, await _path(office, sent, "deny", RAIL), "đã trình lãnh đạo")
    assert await office.desk.stands(sent, ROADS) == ("delivered", "", "15")
    assert await office.desk.stands(sent, RAIL) == ("delivered", "", "16")


async def test_what_was_returned_is_sent_again_once(office: Office) -> None:
    sent = await _arrived(office)
    async with office.at(MINISTRY) as ministry, office.at(ROADS) as roads:
        await _do(roads, await _path(office, sent, "return", ROADS), "thiếu phụ lục")
        path = await _path(office, sent, "resend", ROADS)
        text = await ministry.text(path)
        fields = {**_fields(text), "reason": "đã thống nhất"}
        answers = await asyncio.gather(*(ministry.send(path, fields) for _ in range(4)))
        assert sorted({answer.status for answer in answers}) in ([303, 404], [303, 409], [303, 404, 409])
        assert [answer.status for answer in answers].count(303) == 1
        text = await ministry.text(f"/console/document/{sent.package_id}")
        html.check(text)
        assert "1 lượt gửi trước" in text and "Lượt gửi 2" in text and "thiếu phụ lục" in text
    assert [row["round"] for row in await office.world.deliveries(sent.package_id)] == [1, 2]


async def test_what_was_sent_again_as_another_package_is_left_alone(office: Office) -> None:
    first = document(MINISTRY, [ROADS], subject="bản cũ")
    old = await office.desk.sent(first)
    await office.desk.receive(old, ROADS)
    await office.desk.say(ROADS, first, "02", reason="thiếu phụ lục")
    recall, resend = f"/console/document/{old.package_id}/recall", await _path(office, old, "resend", ROADS)
    unit = str(office.world.units[ROADS].id)
    async with office.at(MINISTRY) as ministry, office.at(ROADS) as roads:
        text = await ministry.text(f"/console/document/{old.package_id}")
        assert recall in text and resend in text
        fields = {**_fields(await ministry.text(recall)), "unit": unit, "reason": "dọn bản cũ"}
        new = await office.desk.sent(replace(first, subject="bản mới"))
        await office.desk.receive(new, ROADS)
        await office.desk.say(ROADS, first, "03")
        before = await office.world.counts()
        assert (await ministry.send(recall, fields)).status == 409
        assert (await ministry.send(resend, {**fields, "seen": "delivered.02."})).status == 409
        assert (await ministry.see(recall)).status == (await ministry.see(resend)).status == 409
        text = await ministry.text(f"/console/document/{old.package_id}")
        html.check(text)
        assert recall not in text and resend not in text and f"/console/document/{new.package_id}" in text
        page = f"/console/document/{new.package_id}"
        assert f"{page}/recall" in await ministry.text(page)
        assert await _path(office, new, "finish", ROADS) in await roads.text(f"/console/document/{new.package_id}")
        assert await office.world.counts() == before
    assert await office.desk.stands(old, ROADS) == ("delivered", "02", "")
    assert await office.desk.stands(new, ROADS) == ("delivered", "03", "")


async def test_a_recall_goes_to_those_chosen(office: Office) -> None:
    sent = await _arrived(office, ROADS, RAIL)
    path, unit = f"/console/document/{sent.package_id}/recall", str(office.world.units[ROADS].id)
    async with office.at(MINISTRY) as ministry:
        text = await ministry.text(path)
        html.check(text)
        assert text.count('type="checkbox"') == text.count(" checked") == 2
        answer = await ministry.send(path, {**_fields(text), "unit": unit, "reason": "ban hành nhầm"})
        assert answer.status == 303
        assert (await office.desk.stands(sent, ROADS))[2] == "recall"
        assert (await office.desk.stands(sent, RAIL))[2] == ""
        text = await ministry.text(path)
        html.check(text)
        assert " disabled" in text and text.count(" checked") == 1
        answer = await ministry.send(path, {"unit": unit, "reason": "lần nữa"})
        assert answer.status == 409 and "lần nữa" in await answer.text()
        answer = await ministry.send(path, {"reason": "quên chọn"})
        text = await answer.text()
        html.check(text)
        assert answer.status == 422 and "Chọn ít nhất một nơi nhận" in text and "quên chọn" in text
        answer = await ministry.send(path, {"unit": str(office.world.units[MINISTRY].id), "reason": "x"})
        assert answer.status == 409
        assert (await ministry.send(path, {"unit": "x", "reason": "x"})).status == 404


async def test_a_stale_page_does_nothing_and_keeps_the_reason(office: Office) -> None:
    sent = await _arrived(office)
    path = await _path(office, sent, "return", ROADS)
    async with office.at(ROADS) as roads:
        fields = _fields(await roads.text(path))
        await _do(roads, await _path(office, sent, "accept", ROADS))
        before = await office.world.counts()
        answer = await roads.send(path, {**fields, "reason": "không thuộc thẩm quyền"})
        text = await answer.text()
        html.check(text)
        assert answer.status == 409 and "không thuộc thẩm quyền" in text and "đã đổi trạng thái" in text
        assert await office.world.counts() == before
    assert await office.desk.stands(sent, ROADS) == ("delivered", "03", "")


async def test_a_request_denied_meanwhile_is_not_asked_again_by_an_old_page(office: Office) -> None:
    sent = await _arrived(office)
    async with office.at(MINISTRY) as ministry, office.at(ROADS) as roads:
        path = await _path(office, sent, "ask-back", ROADS)
        old = _fields(await ministry.text(path))
        await _do(ministry, path, "gửi nhầm")
        await _do(roads, await _path(office, sent, "deny", ROADS), "đã trình")
        assert (await ministry.send(path, {**old, "reason": "gửi nhầm"})).status == 409
        assert (await office.desk.stands(sent, ROADS))[2] == "16"


@pytest.mark.parametrize("act", ["return", "deny", "ask-back", "resend"])
@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001])
async def test_a_reason_that_is_missing_or_too_long_is_asked_for(office: Office, act: str, reason: str) -> None:
    sent = await _arrived(office)
    side = ROADS
    if act == "deny":
        async with office.at(MINISTRY) as ministry:
            await _do(ministry, await _path(office, sent, "ask-back", ROADS), "x")
    if act == "resend":
        async with office.at(ROADS) as roads:
            await _do(roads, await _path(office, sent, "return", ROADS), "x")
    if act in ("ask-back", "resend"):
        side = MINISTRY
    path = await _path(office, sent, act, ROADS)
    before = await office.world.counts()
    async with office.at(side) as browser:
        answer = await browser.send(path, {**_fields(await browser.text(path)), "reason": reason})
        text = await answer.text()
        html.check(text)
        assert answer.status == 422 and 'aria-invalid="true"' in text and reason.strip() in text
    assert await office.world.counts() == before


async def test_a_form_without_its_token_is_refused(office: Office) -> None:
    sent = await _arrived(office)
    async with office.at(ROADS) as roads:
        path = await _path(office, sent, "accept", ROADS)
        fields = _fields(await roads.text(path))
        assert "csrf" in fields
        answer = await roads.send(path, fields, token="another")
        assert answer.status == 403
    assert await office.desk.stands(sent, ROADS) == ("delivered", "", "")


async def test_clerks_of_a_suspended_unit_are_told_so(office: Office) -> None:
    sent = await _arrived(office)
    await office.world.change(ROADS, state=UnitState.SUSPENDED)
    async with office.at(ROADS) as roads:
        path = await _path(office, sent, "accept", ROADS)
        answer = await roads.send(path, {**_fields(await roads.text(path)), "reason": "đã vào sổ"})
        text = await answer.text()
        html.check(text)
        assert answer.status == 403 and ROADS in text and "đã vào sổ" in text
    assert await office.desk.stands(sent, ROADS) == ("delivered", "", "")


async def test_only_what_the_rules_allow_has_a_page(office: Office) -> None:
    sent = await _arrived(office)
    async with office.at(ROADS) as roads, office.at(MINISTRY) as ministry:
        of_roads = ((roads, act) for act in ("agree", "deny", "ask-back"))
        for browser, act in (*of_roads, (ministry, "accept"), (ministry, "resend")):
            text = await browser.text(await _path(office, sent, act, ROADS), 409)
            html.check(text)
            assert "<form class=\"confirm" not in text
        nobody, delivery = UUID(int=5), (await office.desk.row(sent, ROADS))["id"]
        assert (await roads.see(f"/console/document/{sent.package_id}/accept/{nobody}")).status == 404
        assert (await roads.see(f"/console/document/{nobody}/accept/{delivery}")).status == 404


async def test_hostile_reasons_are_words_on_both_sides(office: Office) -> None:
    bad = "<svg onload=alert(1)>\u202e\r\n=cmd|' /C calc'!A0\x00"
    sent = await _arrived(office)
    async with office.at(ROADS) as roads, office.at(MINISTRY) as ministry:
        await _do(roads, await _path(office, sent, "return", ROADS), bad)
        for browser in (roads, ministry):
            text = await browser.text(f"/console/document/{sent.package_id}")
            html.check(text)
            assert "<svg onload" not in text and "&lt;svg onload" in text


async def test_a_name_with_marks_travels_as_words(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.console import office as offices

    monkeypatch.setattr(offices, "PERSON", replace(offices.PERSON, name="Lê <b>Đậm</b> & “Thư”"))
    sent = await _arrived(office)
    async with office.at(ROADS) as roads:
        await _do(roads, await _path(office, sent, "accept", ROADS))
        text = await roads.text(f"/console/document/{sent.package_id}")
        html.check(text)
        assert "Lê &lt;b&gt;Đậm&lt;/b&gt; &amp; “Thư”" in text
