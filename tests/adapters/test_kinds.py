"""The kinds that speak no HTTP: loopback, the real twin of a receiver, and mailbox, which waits."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from configparser import ConfigParser
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from adapters.loopback import Loopback
from adapters.mailbox import Mailbox
from axis.adapter import Delivered, Later, Refused, Tools
from axis.domain.errors import SetupError
from axis.domain.silence import Waiting
from tests.adapters.conformance import MIB, NOW, make_parcel


def tools(**settings: Any) -> Tools:
    return Tools(http=None, now=lambda: NOW, settings=settings)


@pytest.fixture(params=["memory", "folder"])
def loopback(request: pytest.FixtureRequest, tmp_path: Path) -> Loopback:
    return Loopback(tools(folder=str(tmp_path)) if request.param == "folder" else tools())


def held(loopback: Loopback, folder: Path) -> dict[str, bytes]:
    return loopback.received or {file.name: file.read_bytes() for file in folder.iterdir()}


async def test_a_parcel_arrives_once_however_often_it_comes(loopback: Loopback, tmp_path: Path) -> None:
    parcel = make_parcel(300_000)
    for attempt in (1, 2, 3):
        outcome = await loopback.deliver(replace(parcel, attempt=attempt))
        assert isinstance(outcome, Delivered)
    assert "already held" in outcome.proof and outcome.asked.endswith(f"/{parcel.delivery_id} · 300000 B")
    (only,) = held(loopback, tmp_path).values()
    assert only == b"".join([piece async for piece in parcel.open()])


@pytest.mark.parametrize("wrong", [{"size": 1999}, {"sha256": "0" * 64}], ids=str)
async def test_changed_bytes_leave_nothing_behind(
    loopback: Loopback, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    outcome = await loopback.deliver(replace(make_parcel(), **wrong))
    assert isinstance(outcome, Later) and "delivery.changed" in outcome.text
    assert held(loopback, tmp_path) == {}


async def test_a_cancelled_delivery_leaves_nothing_behind(loopback: Loopback, tmp_path: Path) -> None:
    begun, parcel = asyncio.Event(), make_parcel()

    async def stalls() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        begun.set()
        await asyncio.Event().wait()

    delivery = asyncio.create_task(loopback.deliver(replace(parcel, open=stalls)))
    await begun.wait()
    delivery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivery
    assert held(loopback, tmp_path) == {}


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "a\x00b", "x" * 101])
async def test_a_delivery_id_cannot_name_another_place(loopback: Loopback, tmp_path: Path, name: str) -> None:
    assert isinstance(await loopback.deliver(make_parcel(delivery_id=name)), Later)
    assert held(loopback, tmp_path) == {} and not (tmp_path.parent / "evil.edxml").exists()


async def test_a_folder_takes_twenty_megabytes_without_filling_memory(tmp_path: Path) -> None:
    parcel, loopback = make_parcel(20 * MIB), Loopback(tools(folder=str(tmp_path)))
    tracemalloc.start()
    try:
        assert isinstance(await loopback.deliver(parcel), Delivered)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * MIB


async def test_a_folder_that_is_gone_is_later_and_failing(tmp_path: Path) -> None:
    loopback = Loopback(tools(folder=str(tmp_path / "gone")))
    outcome = await loopback.deliver(make_parcel())
    assert isinstance(outcome, Later) and "delivery.storage" in outcome.text
    assert (await loopback.probe()).state == "failing"


async def test_moods_show_what_refusal_and_waiting_look_like() -> None:
    assert isinstance(await Loopback(tools(mood="refuse")).deliver(make_parcel()), Refused)
    assert isinstance(await Loopback(tools(mood="later")).deliver(make_parcel()), Later)
    assert (await Loopback(tools()).probe()).state == "ok"


async def test_what_is_collected_stays_until_it_is_acknowledged() -> None:
    loopback = Loopback(tools())
    loopback.outbox += [b"a" * 300_000, b"b"]
    for _ in range(2):
        found = [inbound async for inbound in loopback.collect()]
        pieces = [piece async for piece in found[0].open()]
        assert b"".join(pieces) == loopback.outbox[0] and max(map(len, pieces)) <= 256 * 1024
    await found[0].acknowledge()
    await found[0].acknowledge()
    assert loopback.outbox == [b"b"]


@pytest.mark.parametrize("settings", [{"folder": "relative"}, {"mood": "sad"}], ids=str)
def test_loopback_settings_that_cannot_work_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SetupError, match="setting-wrong"):
        Loopback(tools(**settings))


async def test_a_mailbox_waits_without_blaming_the_unit() -> None:
    mailbox = Mailbox(tools())
    outcome = await mailbox.deliver(make_parcel())
    assert Mailbox.pulls and isinstance(outcome, Later) and not outcome.unit_down
    assert [item async for item in mailbox.collect()] == []


@pytest.mark.parametrize(
    ("hours", "waiting", "state"),
    [
        (None, Waiting(), "unproven"), (0.0, Waiting(), "ok"), (71.9, Waiting(), "ok"), (72.1, Waiting(), "unproven"),
        (None, Waiting(True, True), "unproven"), (0.4, Waiting(True), "ok"), (0.6, Waiting(True), "unproven"),
        (3.9, Waiting(True), "unproven"), (4.1, Waiting(True), "failing"), (23.0, Waiting(True), "failing"),
        (0.9, Waiting(True, True), "unproven"), (1.1, Waiting(True, True), "failing"),
    ],
)  # fmt: skip
async def test_a_mailboxs_health_is_its_last_call(hours: float | None, waiting: Waiting, state: str) -> None:
    called = None if hours is None else NOW - timedelta(hours=hours)
    mailbox = Mailbox(Tools(http=None, now=lambda: NOW, last_call=lambda: called, waiting=lambda: waiting))
    health = await mailbox.probe()
    assert health.state == state and health.text


async def test_a_mailbox_tells_its_last_call_by_the_clock_of_vietnam() -> None:
    called = datetime(2026, 11, 25, 16, 13, tzinfo=UTC)
    for silent, words in ((timedelta(minutes=1), "gọi tới lần cuối lúc"), (timedelta(days=9), "không gọi tới từ")):
        mailbox = Mailbox(Tools(http=None, now=lambda later=silent: called + later, last_call=lambda: called))
        assert f"{words} 25/11/2026 23:13." in (await mailbox.probe()).text


def test_mailbox_settings_that_cannot_work_are_refused() -> None:
    for wrong in (0, -1, "3", True, 1e9):
        with pytest.raises(SetupError, match="setting-wrong"):
            Mailbox(tools(quiet_hours=wrong))


def test_every_registered_kind_answers_to_its_name() -> None:
    config = ConfigParser()
    config.read(Path(__file__).parents[2] / "setup.cfg")
    lines = config["options.entry_points"]["axis.adapters"].strip().splitlines()
    for name, _, target in (line.partition(" = ") for line in lines):
        module, _, attribute = target.partition(":")
        kind = getattr(import_module(module), attribute)
        assert kind.kind == name and isinstance(kind.pulls, bool) and isinstance(kind.Settings, type)
