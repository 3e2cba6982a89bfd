"""The mailbox kind against a misbehaving unit: the unit's system comes to us, so it is the client that is
slow, breaks off, repeats itself or says things out of order. Over real HTTP, with the national SDK's bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from axis.demo.vxp_client import VxpClient
from axis.demo.vxp_wire import ServiceObject
from tests.hub.conftest import data_folder, database_url, furnished, opened, scripted_kind, world
from tests.hub.world import MINISTRY, RAIL, ROADS, SECRET, World, document, now, signed, system_id, until

__all__ = ["data_folder", "database_url", "furnished", "opened", "scripted_kind", "world"]


class Box:
    """The roads office's mailbox with one big document in it."""

    def __init__(self, world: World, client: VxpClient, key: str, data: bytes) -> None:
        self.world, self.client, self.key, self.data = world, client, key, data

    async def row(self) -> dict[str, Any]:
        return await self.world.row("select * from delivery where id = $1", UUID(self.key))

    async def receipts(self) -> int:
        return len(await self.world.rows("select 1 from receipt where event = 'delivery.delivered'"))

    async def begin_download(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The request of a download on a connection the test then mistreats."""
        service = ServiceObject(system_id(ROADS), SECRET, now())
        service.put({"docId": self.key, "filePath": "x"})
        host = f"127.0.0.1:{self.world.hub.port}"
        lines = [f"{name}: {value}" for name, value in service.apache_headers(host, None)]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.world.hub.port, limit=1 << 16)
        writer.write("\r\n".join(["GET /vxp/downloadEdoc HTTP/1.1", *lines, "", ""]).encode())
        return reader, writer


@pytest.fixture
async def box(world: World) -> AsyncIterator[Box]:
    data = signed(document(MINISTRY, [ROADS]), content=b"%PDF-1.4 " + bytes(range(256)) * 8000)
    accepted = await world.send(data)
    key = (await world.delivery(accepted.package_id))["id"]
    async with VxpClient(f"{world.url}/vxp", system_id(ROADS), SECRET, retry=1) as client:
        yield Box(world, client, str(key), data)


async def test_list_fetch_done_is_delivered_and_leaves_the_list(box: Box) -> None:
    assert await box.client.received() == [box.key]
    assert (await box.client.call("countReceiveEdoc")).count == 1
    assert await box.client.fetch(box.key) == box.data
    assert (await box.client.update_status(box.key, "done")).ok
    assert await box.client.received() == [] and (await box.client.call("countReceiveEdoc")).count == 0
    assert (await box.row())["state"] == "delivered" and await box.receipts() == 1


async def test_a_client_that_reads_slowly_gets_every_byte(box: Box) -> None:
    reader, writer = await box.begin_download()
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    found = bytearray()
    while len(found) < size:
        found += await reader.read(4096)
        await asyncio.sleep(0)
    assert bytes(found) == box.data
    writer.close()


@pytest.mark.parametrize("read", [0, 1, 100_000])
async def test_a_download_that_is_broken_off_can_be_repeated(box: Box, read: int) -> None:
    reader, writer = await box.begin_download()
    await reader.readuntil(b"\r\n\r\n")
    await reader.read(read)
    writer.transport.abort()
    row = await box.row()
    assert row["state"] == "sending" and row["lease_until"] is None
    assert await box.client.received() == [box.key], "it stays listed until it is confirmed"
    assert await box.client.fetch(box.key) == box.data
    assert (await box.client.update_status(box.key, "done")).ok
    assert await box.receipts() == 1


async def test_done_said_many_times_at_once_is_said_once(box: Box) -> None:
    await box.client.fetch(box.key)
    clients = [VxpClient(f"{box.world.url}/vxp", system_id(ROADS), SECRET) for _ in range(5)]
    answers = await asyncio.gather(*(c.update_status(box.key, "done") for c in clients))
    assert all(a.ok for a in answers)
    assert (await box.client.update_status(box.key, "done")).ok
    assert await box.receipts() == 1 and len(await box.world.journal("delivery.delivered")) == 1


async def test_done_without_a_fetch_is_believed_and_noted(box: Box) -> None:
    assert (await box.client.update_status(box.key, "done")).ok
    assert (await box.row())["state"] == "delivered"
    (event,) = await box.world.journal("delivery.delivered")
    assert event["data"]["by"] == "confirmation" and not await box.world.journal("delivery.fetched")


async def test_fail_then_done_ends_well(box: Box) -> None:
    await box.client.fetch(box.key)
    assert (await box.client.update_status(box.key, "fail")).ok
    listed = await box.client.call("getReceivedEdocList", {"messagetype": "edoc"})
    assert [(i["docId"], i["status"]) for i in listed.items or ()] == [(box.key, "fail")]
    assert await box.client.fetch(box.key) == box.data
    assert (await box.client.update_status(box.key, "done")).ok
    assert (await box.row())["state"] == "delivered"


async def test_done_then_fail_stays_delivered(box: Box) -> None:
    await box.client.update_status(box.key, "done")
    assert (await box.client.update_status(box.key, "fail")).ok
    assert (await box.row())["state"] == "delivered" and not await box.world.journal("delivery.failed-by-receiver")


async def test_what_is_delivered_may_be_read_again(box: Box) -> None:
    await box.client.update_status(box.key, "done")
    assert await box.client.fetch(box.key) == box.data


@pytest.mark.parametrize("word", ["inbox", "acceptance", "rejection", "processing"])
async def test_words_of_the_trade_do_not_confirm(box: Box, word: str) -> None:
    await box.client.fetch(box.key)
    assert (await box.client.update_status(box.key, word)).ok
    assert await box.client.received() == [box.key] and await box.receipts() == 0


async def test_an_odd_word_is_refused(box: Box) -> None:
    assert not (await box.client.update_status(box.key, "xong")).ok


async def test_the_old_sdk_gets_the_same_bytes_in_its_own_way(box: Box) -> None:
    async with VxpClient(f"{box.world.url}/vxp", system_id(ROADS), SECRET, sdk="2.0.0") as old:
        assert await old.fetch(box.key) == box.data


async def test_anothers_id_looks_like_one_that_never_was(box: Box) -> None:
    """The whole answer, byte for byte, for each operation that takes an id (P3)."""
    async with VxpClient(f"{box.world.url}/vxp", system_id(RAIL), SECRET, retry=1) as rail:
        for operation, more in (
            ("downloadEdoc", {"filePath": "x"}), ("getEdoc", {"filePath": "x"}), ("updateStatus", {"status": "done"}),
            ("updateStatus", {"status": "fail"}),
        ):  # fmt: skip
            answers = []
            for key in (box.key, str(uuid4()), "khong-phai-uuid"):
                answer = await rail.exchange(operation, {"docId": key, "docid": key, **more})
                assert answer is not None
                answers.append((answer.status, answer.body, {k: v for k, v in answer.headers.items() if k != "date"}))
            assert answers[0] == answers[1] == answers[2], operation
    assert (await box.row())["state"] == "queued" and (await box.row())["note"] == ""


async def test_a_sender_reads_its_own_package_by_the_id_it_was_given(box: Box) -> None:
    async with VxpClient(f"{box.world.url}/vxp", system_id(MINISTRY), SECRET) as ministry:
        answer = await ministry.send_edoc(box.data)
        assert answer.ok and await ministry.fetch(answer.doc_id) == box.data
        assert await ministry.fetch(box.key) is None, "the delivery is its receiver's"


async def test_the_units_page_hears_of_its_calls(box: Box) -> None:
    await box.client.received()

    async def called() -> bool:
        return bool(await box.world.rows("select 1 from unit_health where last_call_at is not null"))

    await until(called)
    assert (await box.world.core.fleet.probe(box.world.units[ROADS])).state == "ok"
    assert (await box.world.core.fleet.probe(box.world.units[RAIL])).state == "unproven"
