"""The mailroom: each unit sees what is its own, and an id of somebody else is an id that never was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import aiohttp
import pytest

from axis.domain.directory import UnitState
from axis.domain.document import Kind, OtherInfo
from axis.domain.errors import AxisError, NotFound, PackageError
from axis.hub import mailroom as mailroom_module
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document, signed, unknown


async def mail(world: World, *receivers: str, **changes: Any) -> tuple[UUID, bytes]:
    """A document for these units; the first one's delivery id and the bytes."""
    data = signed(document(MINISTRY, receivers or (ROADS,), **changes))
    accepted = await world.send(data)
    return (await world.deliveries(accepted.package_id))[0]["id"], data


async def read(fetched: Any) -> bytes:
    return b"".join([piece async for piece in fetched.chunks()])


async def test_what_waits_is_listed_urgent_first_and_counted(still: World) -> None:
    room, roads = still.hub.mailroom, still.units[ROADS]
    first, _ = await mail(still)
    quick, _ = await mail(still, other=OtherInfo(priority=3))
    await mail(still, RAIL)
    found = await room.waiting(roads, Kind.DOCUMENT)
    assert [w.id for w in found] == [quick, first] and {w.state for w in found} == {"initial"}
    assert (await room.count(roads, Kind.DOCUMENT), await room.count(roads, Kind.STATUS)) == (2, 0)
    assert len(await room.waiting(roads, Kind.DOCUMENT, limit=1)) == 1
    assert found[0].sender == MINISTRY and found[0].notation.endswith("/TB") and found[0].size > 500


async def test_a_fetch_gives_the_accepted_bytes_and_is_remembered(still: World) -> None:
    room, roads = still.hub.mailroom, still.units[ROADS]
    key, data = await mail(still)
    for _ in range(2):
        assert await read(await room.fetch(roads, key, "000.01.04.G04")) == data
    row = await still.row("select * from delivery")
    assert (row["state"], row["attempts"]) == ("sending", 1) and row["fetched_at"] and not row["lease_until"]
    (event,) = await still.journal("delivery.fetched")
    assert event["data"] == {"by": "pull", "system": "000.01.04.G04"}, "whose program took it"
    assert (await room.waiting(roads, Kind.DOCUMENT))[0].state == "processing", "listed until it is confirmed"
    assert await still.core.deliveries.release_expired() == []


async def test_done_is_delivered_once_with_one_receipt(still: World) -> None:
    room, roads = still.hub.mailroom, still.units[ROADS]
    key, _ = await mail(still)
    await room.fetch(roads, key)
    for _ in range(3):
        await room.confirm(roads, key, "done", "đã nhận")
    assert (await still.row("select state from delivery"))["state"] == "delivered"
    assert len(await still.rows("select 1 from receipt where event = 'delivery.delivered'")) == 1
    assert await room.waiting(roads, Kind.DOCUMENT) == [] and await room.count(roads, Kind.DOCUMENT) == 0
    await room.confirm(roads, key, "fail", "too late")
    assert (await still.row("select state, note from delivery")) == {"state": "delivered", "note": ""}


async def test_done_without_a_fetch_is_believed(still: World) -> None:
    key, _ = await mail(still)
    await still.hub.mailroom.confirm(still.units[ROADS], key, "done")
    assert (await still.row("select state from delivery"))["state"] == "delivered"


@pytest.mark.parametrize(("word", "event"), [("fail", "delivery.failed-by-receiver"),
                                             ("processing", "delivery.processing-by-receiver")])  # fmt: skip
async def test_fail_and_processing_keep_it_listed_and_tell_the_journal(still: World, word: str, event: str) -> None:
    room, roads = still.hub.mailroom, still.units[ROADS]
    key, data = await mail(still)
    await room.fetch(roads, key)
    await room.confirm(roads, key, word, "ổ đĩa đầy")
    assert (await room.waiting(roads, Kind.DOCUMENT))[0].state == ("fail" if word == "fail" else "processing")
    (told,) = await still.journal(event)
    assert told["data"]["note"] == "ổ đĩa đầy" and told["actor"] == ROADS
    assert await read(await room.fetch(roads, key)) == data
    await room.confirm(roads, key, "done")
    assert (await still.row("select state, note from delivery")) == {"state": "delivered", "note": ""}


async def test_a_word_nobody_knows_is_refused(still: World) -> None:
    key, _ = await mail(still)
    with pytest.raises(PackageError, match="unknown-status"):
        await still.hub.mailroom.confirm(still.units[ROADS], key, "maybe")


async def answer(work: Any) -> tuple[str, dict[str, object]]:
    with pytest.raises(AxisError) as caught:
        await work
    return caught.value.code, caught.value.facts


@pytest.mark.parametrize("operation", ["fetch", "confirm done", "confirm fail", "confirm processing"])
async def test_somebody_elses_id_is_an_id_that_never_was(still: World, operation: str) -> None:
    """For every operation, every kind of id and every unit but the receiver (P3)."""
    key, data = await mail(still)
    package_id = (await still.row("select id from package"))["id"]
    verb, _, word = operation.partition(" ")
    room = still.hub.mailroom
    before = (await still.row("select * from delivery"), len(await still.journal()))
    answers = set()
    for unit, tried in ((RAIL, key), (MINISTRY, key), (PORTS, key), (RAIL, package_id), (ROADS, package_id),
                        (RAIL, unknown()), (ROADS, unknown())):  # fmt: skip
        args = (word,) if word else ()
        answers.add(str(await answer(getattr(room, verb)(still.units[unit], tried, *args))))
    assert answers == {str(("access.unknown-document", {}))}
    assert before == (await still.row("select * from delivery"), len(await still.journal()))
    assert await read(await room.fetch(still.units[MINISTRY], package_id)) == data, "its sender may read it"


async def test_lists_hold_only_what_is_the_callers_own(still: World) -> None:
    room = still.hub.mailroom
    await mail(still, ROADS, RAIL)
    package_id = (await still.row("select id from package"))["id"]
    for code in (ROADS, RAIL, PORTS):
        assert await room.sent(still.units[code], Kind.DOCUMENT, None) == []
        assert await room.sent(still.units[code], Kind.DOCUMENT, package_id) == []
    assert len(await room.sent(still.units[MINISTRY], Kind.DOCUMENT, package_id)) == 2
    assert len(await room.waiting(still.units[ROADS], Kind.DOCUMENT)) == 1
    assert await room.waiting(still.units[PORTS], Kind.DOCUMENT) == []
    assert await room.waiting(still.units[MINISTRY], Kind.DOCUMENT) == []


@pytest.mark.parametrize("change", [{"paused": True}, {"state": UnitState.SUSPENDED}], ids=str)
async def test_what_is_held_back_is_not_listed(still: World, change: dict[str, Any]) -> None:
    await mail(still)
    held = await still.change(ROADS, **change)
    assert await still.hub.mailroom.waiting(held, Kind.DOCUMENT) == []
    assert await still.hub.mailroom.count(held, Kind.DOCUMENT) == 0
    back = await still.change(ROADS, paused=False, state=UnitState.LIVE)
    assert len(await still.hub.mailroom.waiting(back, Kind.DOCUMENT)) == 1


async def test_a_parked_package_is_out_of_reach_unless_it_had_been_fetched(still: World) -> None:
    room, roads = still.hub.mailroom, still.units[ROADS]
    fresh, _ = await mail(still)
    taken, data = await mail(still)
    await room.fetch(roads, taken)
    for key in (fresh, taken):
        await still.core.deliveries.park(key, "op", "hold")
    assert await room.waiting(roads, Kind.DOCUMENT) == []
    assert (await answer(room.fetch(roads, fresh)))[0] == "access.unknown-document"
    assert (await answer(room.confirm(roads, fresh, "done")))[0] == "access.unknown-document"
    assert await read(await room.fetch(roads, taken)) == data
    await room.confirm(roads, taken, "done")
    states = {r["id"]: r["state"] for r in await still.deliveries()}
    assert states == {fresh: "parked", taken: "delivered"}


async def test_a_pushed_unit_that_looks_for_itself_is_still_pushed_to(still: World) -> None:
    """Its fetch takes nothing over: were the row to leave the queue, an unconfirmed look would end the pushing."""
    key, data = await mail(still, PORTS)
    assert await read(await still.hub.mailroom.fetch(still.units[PORTS], key)) == data
    row = await still.row("select * from delivery")
    assert row["state"] == "queued" and row["fetched_at"]
    await still.hub.mailroom.confirm(still.units[PORTS], key, "done")
    assert (await still.row("select state from delivery"))["state"] == "delivered"


# -- pull links -----------------------------------------------------------------------------------


async def test_a_pull_link_gives_the_bytes_and_notes_the_first_time(world: World) -> None:
    await world.change(PORTS, paused=True)
    key, data = await mail(world, PORTS)
    link = world.hub.mailroom.make_link(key, world.units[PORTS].id)
    async with aiohttp.ClientSession() as http:
        for _ in range(2):
            async with http.get(f"{world.url}/pull/{link}") as response:
                assert (response.status, await response.read()) == (200, data)
    row = await world.row("select state, fetched_at from delivery")
    assert row["state"] == "queued" and row["fetched_at"]


async def test_a_link_that_is_forged_foreign_or_expired_leads_nowhere(
    still: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, ports = still.hub.mailroom, still.units[PORTS].id
    key, _ = await mail(still, PORTS)
    good = room.make_link(key, ports)
    await room.open_link(good)
    middle = len(good) // 2
    other = "A" if good[middle] != "A" else "B"
    bad = ["", "x", good[:-1], good[:middle] + other + good[middle + 1 :], good + "A",
           room.make_link(key, still.units[RAIL].id), room.make_link(unknown(), ports),
           still.core.sealer.seal(f"{key} {ports} 9999999999", "another purpose")]  # fmt: skip
    monkeypatch.setattr(mailroom_module, "LINK_LIFE", -1)
    bad.append(room.make_link(key, ports))
    for token in bad:
        with pytest.raises(NotFound, match="unknown-document"):
            await room.open_link(token)
