"""The life of documents between real programs: a hub, a ministry that sends, three offices that answer differently.

Every legal path of statuses is walked and every illegal status refused by name; recalls, requests, updates,
replacements and returns run their course; and what the axis tells afterwards is the whole story, with who
and when. Two of the offices fetch, one is called.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from axis.domain.document import BusinessType, Package
from axis.domain.states import HANDLING, KNOWN_STATUSES, TAKING_BACK, Standing, legal_statuses
from axis.edxml.writer import status_bytes
from axis.trust import signature
from tests.hub.talks import recall_of, replacement_of, update_of
from tests.hub.world import document, encoded, status_of
from tests.scenarios.desk import Desk
from tests.scenarios.receiver import Receiver
from tests.scenarios.world import World, eventually

SENDER, FIRST, CALLED, SECOND = "000.00.01.G04", "000.00.02.G04", "000.00.03.G04", "000.00.04.G04"
RECEIVERS = (FIRST, CALLED, SECOND)


class Ministry:
    """The offices as programs, and the packages they hand in, each signed by its sender's own seal."""

    def __init__(self, world: World, desks: dict[str, Desk]) -> None:
        self.world, self.desks = world, desks

    def _signed(self, package: Package | bytes, code: str) -> bytes:
        issued = self.world.units[code].issued
        data = package if isinstance(package, bytes) else encoded(package)
        return signature.sign(data, issued.key, issued.chain)

    async def hand_in(self, package: Package) -> dict[str, Any]:
        code = package.sender.organ_id
        return await self.desks[code].send(self._signed(package, code))

    async def sent(self, package: Package) -> str:
        answer = await self.hand_in(package)
        assert answer["ok"], answer
        return str(answer["id"])

    async def says(self, by: str, about: Package, code: str, **more: Any) -> dict[str, Any]:
        to = {"to": more.pop("to")} if "to" in more else {}
        package = status_of(by, about, code, **more, **to)
        return await self.desks[by].send(self._signed(status_bytes(package), by), "status")

    async def arrive(self, *packages: str) -> None:
        """Everybody takes what waits; the called office is given it by the hub."""
        for code in (FIRST, SECOND):
            await self.desks[code].take_all()
        for key in packages:
            await self.until(lambda key=key: self._called_has(key))  # type: ignore[misc]  # bound now

    async def _called_has(self, key: str) -> bool:
        return any(one["package"] == key for one in await self.desks[CALLED].do("came"))

    async def until(self, true: Any) -> None:
        async with asyncio.timeout(30):
            while not await true():
                await asyncio.sleep(0.05)  # a look at another program: it has no event to wait for

    async def stands(self, key: str) -> dict[str, tuple[str, str]]:
        """(sendStatus, receiveStatus) by receiver, as the sender's own system sees it."""
        items = await self.desks[SENDER].do("sent", key=key)
        return {i["toCode"]: (i["sendStatus"], i.get("receiveStatus", "")) for i in items}

    async def told(self) -> list[tuple[str, str, str]]:
        """Status packages that reached the sender: (from, code, about)."""
        found = await self.desks[SENDER].take_all("status")
        return [(one["from"], one["status"], one["about"]) for one in found]


@pytest.fixture
async def ministry(world: World) -> AsyncIterator[Ministry]:
    await asyncio.to_thread(world.hub.up)
    await asyncio.to_thread(world._add, SECOND, False)
    async with AsyncExitStack() as stack:
        desks = {
            code: await stack.enter_async_context(Desk(world.units[code], world.hub.endpoint, world.folder))
            for code in (SENDER, *RECEIVERS)
        }
        yield Ministry(world, desks)


def path_to(state: str) -> list[str]:
    """A shortest legal way from nothing to a handling state."""
    if not state:
        return []
    way = {m.target: m.origin for m in HANDLING if m.origin == "" or m.origin == "01"}
    return [*path_to(way[state]), state] if way[state] else [state]


MOVES = [(m.origin, m.target) for m in HANDLING]


async def test_every_legal_move_is_walked_and_every_illegal_one_refused_by_name(ministry: Ministry) -> None:
    """Three receivers go three different ways with each document, and try whatever is not allowed on it."""
    refused = 0
    for batch in (MOVES[start : start + 3] for start in range(0, len(MOVES), 3)):
        package = document(SENDER, list(RECEIVERS))
        key = await ministry.sent(package)
        await ministry.arrive(key)
        walked: dict[str, list[str]] = {}
        for code, (origin, target) in zip(RECEIVERS, batch, strict=False):
            at = Standing()
            for step in [*path_to(origin), target, None]:
                for wrong in sorted(KNOWN_STATUSES - set(legal_statuses(at)) - {at.handling, "13"}):
                    if (wrong, at.handling) in MOVES:
                        continue  # late, not illegal: it arrives and moves nothing
                    answer = await ministry.says(code, package, wrong, reason="thử")
                    assert not answer["ok"] and answer["code"] == "43", (at, wrong, answer)
                    assert "[status.illegal-move" in answer["text"] and wrong in answer["text"], answer
                    refused += 1
                if step is None:
                    break  # what may not follow the last one was tried as well
                why = "Không thuộc thẩm quyền" if step == "02" else ""
                answer = await ministry.says(code, package, step, reason=why)
                assert answer["ok"], (code, at, step, answer)
                at = replace(at, handling=step)
                walked.setdefault(code, []).append(step)
        stands = await ministry.stands(key)
        told = await ministry.told()
        for code, steps in walked.items():
            assert stands[code] == ("done", steps[-1])
            assert [status for who, status, about in told if who == code and about == package.document_id] == steps
    assert refused > 60


async def test_asking_back_goes_every_way_the_table_has(ministry: Ministry) -> None:
    package = document(SENDER, list(RECEIVERS))
    key = await ministry.sent(package)
    await ministry.arrive(key)
    for code in RECEIVERS:
        assert (await ministry.says(code, package, "03"))["ok"]
        assert (await ministry.says(SENDER, package, "13", to=code))["ok"]
    for code in (FIRST, SECOND):
        asked = [one for one in await ministry.desks[code].take_all("status") if one["status"] == "13"]
        assert [one["about"] for one in asked] == [package.document_id]
    assert (await ministry.says(FIRST, package, "16", reason="Đã trình lãnh đạo"))["ok"]
    assert (await ministry.says(CALLED, package, "15"))["ok"]
    assert (await ministry.says(FIRST, package, "05"))["ok"], "after 16 the state before 13 stands"
    again = await ministry.says(SENDER, package, "13", to=FIRST, status_timestamp="2019/06/03 09:00:00")
    assert again["ok"], "after 16 it may be asked again"
    assert (await ministry.says(FIRST, package, "15", status_timestamp="2019/06/03 10:00:00"))["ok"]
    stands = await ministry.stands(key)
    assert {code: status for code, (_, status) in stands.items()} == {FIRST: "15", CALLED: "15", SECOND: "13"}
    for wrong in ("13", "16", "06"):
        by = SENDER if wrong == "13" else FIRST
        more = {"to": FIRST} if wrong == "13" else {"reason": "x"}
        answer = await ministry.says(by, package, wrong, status_timestamp="2019/06/04 10:00:00", **more)
        assert answer["code"] == "43", answer
    covered = {("", "13"), ("13", "15"), ("13", "16"), ("16", "13")}
    table = {(m.origin, m.target) for m in TAKING_BACK[BusinessType.NEW]}
    assert covered == {move for move in table if "recall" not in move}


async def test_a_recall_meets_three_receivers_at_three_stages(ministry: Ministry) -> None:
    """One has accepted it, one was called and has it, one never looked: told, told, and never seen."""
    package = document(SENDER, list(RECEIVERS))
    key = await ministry.sent(package)
    await ministry.desks[FIRST].take_all()
    await ministry.until(lambda: ministry._called_has(key))
    await ministry.until(lambda: _is(ministry, key, CALLED, "done"))
    assert (await ministry.says(FIRST, package, "03"))["ok"]
    recall = recall_of(package)
    recall_key = await ministry.sent(recall)

    assert await ministry.desks[SECOND].take_all() == [], "the content never reaches who did not fetch it"
    (notice,) = await ministry.desks[FIRST].take_all()
    assert (notice["type"], notice["about"]) == (1, package.document_id)
    await ministry.until(lambda: ministry._called_has(recall_key))
    answer = await ministry.says(FIRST, package, "16", reason="không đồng ý")
    assert not answer["ok"] and "[status.recall-not-deniable" in answer["text"], answer
    for code in (FIRST, CALLED):
        assert (await ministry.says(code, package if code == FIRST else recall, "15"))["ok"]
    answer = await ministry.says(FIRST, package, "05")
    assert answer["code"] == "43", "it is over"
    stands = await ministry.stands(key)
    assert stands == {FIRST: ("done", "15"), CALLED: ("done", "15"), SECOND: ("fail", "15")}
    told: list[tuple[str, str, str]] = []

    async def all_told() -> bool:
        told.extend(await ministry.told())
        return {who for who, status, _ in told if status == "15"} == set(RECEIVERS)

    await ministry.until(all_told)
    answer = await ministry.hand_in(recall_of(package))
    assert not answer["ok"] and "[recall.already" in answer["text"]
    answer = await ministry.hand_in(update_of(package))
    assert not answer["ok"] and "[update.frozen" in answer["text"]
    story = await asyncio.to_thread(ministry.world.json, "package", "story", key)
    _check_story(story, ["package.accepted", "recall.ordered", "recall.answered", "delivery.recalled"])
    by = {(e["event"], e["unit"]): e["actor"] for e in story}
    assert by["recall.answered", CALLED] == CALLED and by["recall.ordered", FIRST] == SENDER


async def _is(ministry: Ministry, key: str, code: str, word: str) -> bool:
    return (await ministry.stands(key))[code][0] == word


async def test_updates_and_replacements_are_answered_and_read_as_one_story(ministry: Ministry) -> None:
    one = document(SENDER, list(RECEIVERS))
    update, two = update_of(one), replacement_of(one)
    three = replacement_of(two)
    keys = [await ministry.sent(package) for package in (one, update, two, three)]
    assert [len(await ministry.desks[c].do("waiting", kind="edoc")) for c in (FIRST, SECOND)] == [1, 1], "behind it"
    for _ in keys:
        await ministry.arrive()
    await ministry.until(lambda: ministry._called_has(keys[-1]))
    came = [c["document_id"] for c in await ministry.desks[CALLED].do("came") if c["kind"] == "document"]
    assert came == [p.document_id for p in (one, update, two, three)], "nothing overtook anything"
    answers = {FIRST: ("15", ""), CALLED: ("16", "Đã ban hành kế hoạch"), SECOND: ("15", "")}
    for code, (answer, reason) in answers.items():
        assert (await ministry.says(code, update, answer, reason=reason))["ok"]
        assert (await ministry.says(code, three, "03"))["ok"]
    assert {c: s for c, (_, s) in (await ministry.stands(keys[1])).items()} == {c: a for c, (a, _) in answers.items()}
    assert not (await ministry.says(CALLED, update, "15", status_timestamp="2019/06/09 08:00:00"))["ok"]
    story = await asyncio.to_thread(ministry.world.json, "package", "story", keys[2])
    _check_story(story, ["package.accepted", "document.updated", "document.replaced", "delivery.held", "delivery.freed",
                         "delivery.delivered", "status.moved"])  # fmt: skip
    assert {e["document_id"] for e in story} == {p.document_id for p in (one, update, two, three)}
    shown = await asyncio.to_thread(ministry.world.json, "package", "show", keys[2])
    assert [(link["kind"], link["direction"]) for link in shown["links"]] == [("replace", "to"), ("replace", "from")]
    moved = [e for e in story if e["event"] == "status.moved" and e["data"]["status"] == "16"]
    assert moved[0]["actor"] == CALLED and "Đã ban hành kế hoạch" in moved[0]["words"]
    assert "Trần Thị B" in moved[0]["words"], "the person who said it"


async def test_what_is_returned_can_be_sent_again(ministry: Ministry) -> None:
    package = document(SENDER, [FIRST, SECOND])
    key = await ministry.sent(package)
    await ministry.arrive()
    assert (await ministry.says(FIRST, package, "02", reason="Gửi nhầm đơn vị"))["ok"]
    assert (await ministry.says(SECOND, package, "02", reason="Thiếu phụ lục"))["ok"]
    rows = await asyncio.to_thread(ministry.world.json, "package", "show", key)
    returned = next(d for d in rows["deliveries"] if d["unit"] == SECOND)
    assert returned["reason"] == "Thiếu phụ lục"
    await asyncio.to_thread(ministry.world.command, "delivery", "resend", returned["id"], "--reason", "đã bổ sung")
    (again,) = await ministry.desks[SECOND].take_all()
    assert again["document_id"] == package.document_id
    assert (await ministry.says(SECOND, package, "03", status_timestamp="2019/06/07 08:00:00"))["ok"]
    corrected = replace(package, receivers=document(SENDER, [CALLED]).receivers)
    answer = await ministry.hand_in(corrected)
    assert not answer["ok"] and answer["code"] == "43", "one receiver holds it now"


async def test_every_illegal_word_of_a_sender_is_refused_by_name(ministry: Ministry) -> None:
    package, other = document(SENDER, [FIRST]), document(FIRST, [SECOND])
    await ministry.sent(package)
    await ministry.sent(other)
    stranger = replace(recall_of(other, receivers=[SECOND]), sender=package.sender)
    for wrong, name in (
        (recall_of(document(SENDER, [FIRST])), "recall.unknown-document"),
        (update_of(document(SENDER, [FIRST])), "update.unknown-document"),
        (stranger, "recall.unknown-document"),
    ):
        answer = await ministry.hand_in(wrong)
        assert not answer["ok"] and f"[{name}" in answer["text"], answer
    answer = await ministry.says(SECOND, package, "03")
    assert not answer["ok"] and "[status.unknown-document" in answer["text"], "it was not sent to them"
    answer = await ministry.says(FIRST, package, "13", to=SENDER)
    assert not answer["ok"] and "[status.unknown-document" in answer["text"], "only the sender asks back"


def _check_story(story: list[dict[str, Any]], events: list[str]) -> None:
    """In order, complete, each with who, when and words."""
    assert [e["position"] for e in story] == sorted(e["position"] for e in story)
    assert set(events) <= {e["event"] for e in story}
    for event in story:
        assert event["at"] and event["actor"] and event["words"] and not event["words"].startswith(event["event"])


async def test_a_hub_that_is_killed_while_a_recall_waits_behind_an_attempt_keeps_both(world: World) -> None:
    """The recall is held behind a push whose answer never came; after a kill the push is the last one."""
    called = world.unit(3)
    async with Receiver(called) as receiver:
        receiver.gate.clear()
        await asyncio.to_thread(world.hub.up)
        async with Desk(world.units[SENDER], world.hub.endpoint, world.folder) as sender:
            ministry = Ministry(world, {SENDER: sender})
            package = document(SENDER, [CALLED])
            key = await ministry.sent(package)
            await eventually(lambda: len(receiver.calls) == 1, "the receiver was called")
            recall_key = await ministry.sent(recall_of(package))
            world.hub.kill()
            receiver.gate.set()
            await asyncio.to_thread(world.hub.up)

            async def recalled() -> bool:
                return (await ministry.stands(recall_key))[CALLED][0] == "done"

            await ministry.until(recalled)
            assert (await ministry.stands(key))[CALLED][0] in ("fail", "done")
        digests = [call.digest for call in receiver.calls]
        assert digests.index(digests[-1]) > 0, "the recall came after the document, once"
        assert digests.count(digests[-1]) == 1
