"""Whole walks: a webhook receiver that is a real HTTP program, a directory changed elsewhere, the sweeps."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import asyncpg
import pytest
import structlog
from aiohttp import web

from axis import webhooks
from axis.hub import timers
from tests.hub.conftest import Opened
from tests.hub.world import MINISTRY, PORTS, ROADS, World, document, signed, system_id, until

WEB = "000.00.05.G04"


class Office:
    """The system of a unit with a webhook: checks the call, fetches the bytes, keeps them by id."""

    def __init__(self, secret: str) -> None:
        self.secret, self.held, self.calls = secret, dict[str, bytes](), list[tuple[str, int]]()
        self.answers: list[web.Response] = []

    async def receive(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        key = webhooks.verify_webhook(request.headers, body, [self.secret], datetime.now(UTC))
        answer = self.answers.pop(0) if self.answers else web.Response()
        self.calls.append((key, answer.status))
        if answer.status == 200:
            said = await request.json()
            if said["type"] == "ping":
                return answer
            async with aiohttp.ClientSession() as http, http.get(said["data"]["pull_link"]) as found:
                self.held[key] = await found.read()
        return answer


@pytest.fixture
async def office() -> AsyncIterator[tuple[Office, str]]:
    found = Office(webhooks.new_secret())
    runner = web.AppRunner(web.Application())
    runner.app.router.add_post("/axis", found.receive)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield found, f"http://127.0.0.1:{runner.addresses[0][1]}/axis"
    await runner.cleanup()


async def join(world: World, office: tuple[Office, str]) -> Office:
    await world.add(WEB, "webhook", settings={"url": office[1]}, secrets={"webhook": office[0].secret})
    return office[0]


async def test_a_webhook_unit_is_told_and_fetches_the_accepted_bytes(world: World, office: tuple[Office, str]) -> None:
    receiver = await join(world, office)
    data = signed(document(MINISTRY, [WEB]))
    accepted = await world.send(data)
    row = await world.in_state((await world.delivery(accepted.package_id))["id"], "delivered")
    assert receiver.held == {str(row["id"]): data} and row["fetched_at"]
    assert (await world.core.fleet.probe(world.units[WEB])).state == "ok"


async def test_a_receiver_that_is_busy_is_asked_again_under_the_same_id(
    world: World, office: tuple[Office, str]
) -> None:
    receiver = await join(world, office)
    receiver.answers += [web.Response(status=503), web.Response(status=500), web.Response(status=429)]
    accepted = await world.send(document(MINISTRY, [WEB]))
    row = await world.in_state((await world.delivery(accepted.package_id))["id"], "delivered")
    assert receiver.calls == [(str(row["id"]), status) for status in (503, 500, 429, 200)]


async def test_a_receiver_that_refuses_is_not_asked_again(world: World, office: tuple[Office, str]) -> None:
    receiver = await join(world, office)
    refusal = {"refused": True, "code": "trung", "reason": "đã có văn bản này"}
    receiver.answers.append(web.json_response(refusal, status=422))
    accepted = await world.send(document(MINISTRY, [WEB]))
    row = await world.in_state((await world.delivery(accepted.package_id))["id"], "refused")
    assert "trung" in row["note"] and "đã có văn bản này" in row["note"] and len(receiver.calls) == 1


# -- two processes, one database ------------------------------------------------------------------


async def test_a_change_made_by_another_process_is_seen_by_itself(opened: Opened) -> None:
    async with opened() as one, opened(serving=False) as other:
        await other.add(WEB, "mailbox", aliases=("G04.05",))
        snapshot = await until(lambda: one.core.directory.snapshot.named("g04.05") and one.core.directory.snapshot)
        assert snapshot.systems[system_id(WEB)].unit.code == WEB
        await other.change(WEB, aliases=())
        await until(lambda: one.core.directory.snapshot.named("g04.05") is None)
        key = await one.core.directory.by_system_id(system_id(WEB))
        assert key is not None
        credential = await other.row("select id from credential where public_id = $1", system_id(WEB))
        await other.core.onboarding.revoke(credential["id"], actor="test")
        await until(lambda: system_id(WEB) not in one.core.directory.snapshot.systems)


async def test_what_one_process_accepts_another_delivers_at_once(opened: Opened) -> None:
    async with opened(serving=False) as door, opened() as _:
        accepted = await door.send(document(MINISTRY, [PORTS]))
        await door.in_state((await door.delivery(accepted.package_id))["id"], "delivered")
    assert len(door.peer(PORTS).calls) == 1


async def test_two_hubs_and_uploads_of_the_same_bytes_at_both(opened: Opened) -> None:
    async with opened() as one, opened() as two:
        data = signed(document(MINISTRY, [PORTS, ROADS]))
        answers = await asyncio.gather(*(w.send(data) for w in (one, two) * 4))
        assert len({(a.package_id, a.receipt) for a in answers}) == 1
        await one.in_state((await one.delivery(answers[0].package_id, PORTS))["id"], "delivered")
    assert len(one.peer(PORTS).calls) == 1


# -- sweeps ---------------------------------------------------------------------------------------


async def test_only_old_files_nobody_refers_to_are_swept(still: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await still.send(document(MINISTRY, [ROADS]))
    kept = still.core.payloads.path((await still.row("select sha256 from package"))["sha256"])
    orphan = kept.with_name(kept.name[:2] + "0" * 62)
    young = kept.with_name(kept.name[:2] + "1" * 62)
    for file in (orphan, young):
        file.write_bytes(b"x")
    for file in (kept, orphan):
        os.utime(file, (time.time() - 2 * 86400,) * 2)
    older = timers._older  # its turn comes once a day; here the sweep is led to the folder in question
    monkeypatch.setattr(timers, "_older", lambda folder, limit: older(kept.parent, limit))
    await still.hub.timers.orphans()
    assert kept.exists() and young.exists() and not orphan.exists()
    young.unlink()


@pytest.fixture
async def waiting_sweep(still: World, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A serving hub one sweep of which waits for a table; ends with the transaction of this connection."""
    other = await asyncpg.connect(database_url)
    await other.execute("begin; lock table backlog_sample in access exclusive mode")
    await still.hub.start()
    held = "select 1 from pg_locks where relation = 'backlog_sample'::regclass and not granted"
    await until(lambda: still.rows(held))
    try:
        yield other
    finally:
        await other.close()
        await still.hub.stop()


async def test_a_sweep_under_way_ends_before_the_timers_do(still: World, waiting_sweep: asyncpg.Connection) -> None:
    stopping = asyncio.ensure_future(still.hub.timers.stop(30))
    await asyncio.wait({stopping}, timeout=0.2)
    assert not stopping.done()
    await waiting_sweep.execute("commit")
    await stopping
    assert len(await still.rows("select 1 from backlog_sample")) == 1


async def test_a_sweep_that_does_not_end_is_cut_short_without_a_fuss(
    still: World, waiting_sweep: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with structlog.testing.capture_logs() as logged:
        await still.hub.timers.stop(0.1)
        await until(lambda: any(line["event"] == "sweep cut short" for line in logged))
    assert [line["log_level"] for line in logged if line.get("sweep") == "samples"] == ["info"]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_the_figures_tell_what_waits(still: World) -> None:
    for _ in range(3):
        await still.send(document(MINISTRY, [ROADS]))
    await still.hub.timers.figures()
    registry = still.core.telemetry.registry
    assert registry.get_sample_value("axis_queue_waiting", {"unit": ROADS}) == 3
    assert (registry.get_sample_value("axis_payload_free_bytes") or 0) > 0
    assert (registry.get_sample_value("axis_receipt_certificate_days_left") or 0) > 30
