"""The VXP API over the real hub: a document's way from one unit to another, and what a third one sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from axis.app import Hub, open_hub
from axis.config import Config, DatabaseSection, ListenSection
from axis.demo.vxp_client import VxpClient
from axis.domain.directory import Unit, UnitState
from axis.domain.document import Policy
from axis.domain.ids import new_id
from tests.unit.packages import DOCUMENT

SENDER, RECEIVER, THIRD = "000.00.00.G22", "000.00.00.H41", "G22.02"
SECRET = "a secret of the tests, long enough"
PACKAGE = DOCUMENT.encode()


@dataclass
class World:
    hub: Hub

    def client(self, code: str, **more: str) -> VxpClient:
        return VxpClient(f"http://127.0.0.1:{self.hub.port}/vxp", f"sys-{code}", SECRET, **more)  # type: ignore[arg-type]  # texts only here


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    config = Config(tmp_path, listen=ListenSection(public="127.0.0.1:0"), database=DatabaseSection(url=database_url))
    async with open_hub(config) as hub:
        for code in (SENDER, RECEIVER, THIRD, "G99"):
            unit = Unit(new_id(), code, f"Đơn vị {code}", UnitState.LIVE, "mailbox", Policy.REFERENCE_ONLY)
            await hub.core.onboarding.add(unit, system_id=f"sys-{code}", secret=SECRET, actor="test")
        await hub.core.directory.current(0)  # what was added is seen within a moment; tests do not wait
        yield World(hub)


async def test_a_document_goes_from_sender_to_receiver_and_both_lists_tell_it(world: World) -> None:
    async with world.client(SENDER) as sender, world.client(RECEIVER) as receiver:
        sent = await sender.send_edoc(PACKAGE, sender=SENDER)
        assert sent.ok, sent
        again = await sender.send_edoc(PACKAGE, sender=SENDER)
        assert again.doc_id == sent.doc_id, "a repeat is the same package"
        assert (await receiver.call("countReceiveEdoc")).count == 1
        (key,) = await receiver.received()
        assert await receiver.fetch(key) == PACKAGE
        assert (await receiver.call("getEdoc", {"docId": key})).data == PACKAGE
        listed = (await receiver.call("getReceivedEdocList", {"messagetype": "edoc"})).items
        assert listed and listed[0]["status"] == "processing" and listed[0]["from"] == SENDER
        assert (await receiver.call("updateStatus", {"docid": key, "status": "done"})).ok
        assert (await receiver.call("updateStatus", {"docid": key, "status": "done"})).ok, "a repeat is harmless"
        assert await receiver.received() == []
        outgoing = (await sender.call("getSentEdocList", {"docId": sent.doc_id, "messagetype": "edoc"})).items
        assert outgoing is not None
        assert {item["toCode"]: item["sendStatus"] for item in outgoing} == {RECEIVER: "done", THIRD: "initial"}


async def test_a_unit_learns_nothing_about_documents_that_are_not_its_own(world: World) -> None:
    async with world.client(SENDER) as sender, world.client(RECEIVER) as receiver:
        package = (await sender.send_edoc(PACKAGE)).doc_id
        (delivery,) = await receiver.received()
    for operation in ("getEdoc", "downloadEdoc", "updateStatus", "getSentEdocList"):
        answers = []
        for doc_id in (package, delivery, str(uuid4()), "no id"):
            async with world.client("G99") as stranger:
                found = await stranger.exchange(operation, {"docId": doc_id, "status": "done"})
                assert found is not None
                answers.append((found.status, found.body, sorted(set(found.headers) - {"date"})))
        assert answers.count(answers[0]) == len(answers), operation
    async with world.client("G99") as stranger:
        assert await stranger.received() == [] and (await stranger.call("countReceiveEdoc")).count == 0
    async with world.client(THIRD) as other_receiver:
        assert await other_receiver.fetch(delivery) is None, "another addressee's delivery is not mine"
        assert not (await other_receiver.update_status(delivery, "done")).ok


async def test_a_refused_package_comes_back_with_code_and_remedy(world: World) -> None:
    async with world.client(SENDER) as sender:
        unknown = await sender.send_edoc(PACKAGE.replace(b"000.00.00.H41", b"000.00.00.Z99"))
        assert (unknown.error_code, unknown.doc_id) == ("18", "") and "000.00.00.Z99" in unknown.error_desc
        broken = await sender.send_edoc(b"<edXML>")
        assert broken.error_code == "22" and "mend-and-resend" in broken.error_desc
        assert (await sender.send_edoc(b"")).error_code == "10"
        assert (await sender.send_edoc(PACKAGE, "status")).status == "FAIL", "announced as what it is not"
    async with world.client(RECEIVER) as posing:
        assert (await posing.send_edoc(PACKAGE)).error_code == "19"


async def test_the_directory_is_listed_but_not_changed_through_the_api(world: World) -> None:
    async with world.client(SENDER) as office:
        for operation in ("getAgenciesList", "getAgenciesListQD20", "getSynchronizeUnit"):
            items = (await office.call(operation, {"level": "1"})).items
            assert items is not None and len(items) == 4
        asked = await office.call("registerAgency", None, b"{not json")
        removed = await office.call("deleteAgency", {"AgencyCode": RECEIVER})
        assert {(r.status, r.error_code) for r in (asked, removed)} == {("FAIL", "42")}
        assert len((await office.call("getAgenciesList")).items or ()) == 4


@pytest.mark.parametrize("sdk", ["2.0.0", "2.0.1"])
async def test_both_versions_of_the_client_fetch_the_same_bytes(world: World, sdk: str) -> None:
    async with world.client(SENDER) as sender, world.client(RECEIVER, sdk=sdk) as receiver:
        sent = await sender.send_edoc(PACKAGE)
        assert sent.ok, sent
        (key,) = await receiver.received()
        assert await receiver.fetch(key) == PACKAGE
        assert await receiver.fetch(str(uuid4())) is None
