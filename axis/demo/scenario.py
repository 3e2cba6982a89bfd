"""The ministry of 2019 in a box: ``axis demo``.

A real hub, a real ministry and eight real units' systems, each its own process, exchange 445 signed
documents over loopback; then everybody's books are held against each other. The walk:

    prepare    plan, authority, certificates, one folder per office
    open       hub up, units onboarded by the real command, offices up
    watch      until every planned delivery and status is in somebody's book, or time is out
    settle     offices stopped, hub asked for its figures, receipts exported and verified
    tell       table, checks, what to try next
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from axis.demo.authority import Authority
from axis.demo.checks import Evidence, all_checks
from axis.demo.children import Children
from axis.demo.documents import make_plan
from axis.demo.hub import Hub
from axis.demo.proof import check_receipts
from axis.demo.stage import EVERYBODY, Options, Stage, put_up, read_histories
from axis.demo.story import Board, Figures, Sample, Story
from axis.demo.units import MINISTRY, UNITS
from axis.domain.errors import AxisError, SetupError
from axis.domain.states import WAITING

__all__ = ["Options", "run"]

PATIENCE = 60.0  # seconds in which nothing at all moved: then it never will
LOOK_EVERY = 0.25


def run(options: Options, story: Story | None = None) -> int:
    """The whole demo; 0 when every check holds. Ends by Ctrl-C or SIGTERM with 130 or 143."""
    return asyncio.run(_guarded(options, story or Story()))


async def _guarded(options: Options, story: Story) -> int:
    """Turn signals into one cancellation, so that everything is cleaned up on every way out."""
    work = asyncio.ensure_future(_whole(options, story))
    caught: list[int] = []

    def stop(number: int) -> None:
        if not caught:
            caught.append(number)
            work.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        return await work
    except asyncio.CancelledError:
        story.say("Đã dừng và dọn sạch.", "Stopped and cleaned up.")
        return 128 + caught[0] if caught else 1
    except AxisError as error:
        story.say(error.text("vi"), error.text("en"))
        return 1


async def _whole(options: Options, story: Story) -> int:
    data = _data_folder(options)
    children = Children()
    kept = False
    try:
        stage = Stage(
            options, data, make_plan(options.documents, options.seed), story, children,
            Hub(data, children), Authority.create("CA trình diễn, không có giá trị pháp lý"),
        )  # fmt: skip
        holds = await _play(stage)
        kept = options.keep
        return 0 if holds else 1
    finally:
        if kept:
            children.release("axis serve")
        await asyncio.shield(children.stop_all())
        if options.data is None and not kept:
            shutil.rmtree(data, ignore_errors=True)


def _data_folder(options: Options) -> Path:
    if options.data is None:
        return Path(tempfile.mkdtemp(prefix="axis-demo-"))
    data = options.data.resolve()
    if data.exists() and any(data.iterdir()):
        raise SetupError("demo.data-not-empty", path=data)
    data.mkdir(parents=True, exist_ok=True)
    return data


async def _play(stage: Stage) -> bool:
    story, started = stage.story, time.monotonic()
    story.say(
        f"Bộ Giao thông vận tải năm 2019: {len(stage.plan.documents)} văn bản, {len(UNITS)} đơn vị.",
        f"The Ministry of Transport in 2019: {len(stage.plan.documents)} documents, {len(UNITS)} units.",
    )
    story.say(f"Dữ liệu tại {stage.data}", f"Data in {stage.data}")
    story.roll(EVERYBODY)
    await put_up(stage)
    story.say(
        f"Trục sẵn sàng tại {stage.hub.url} sau {time.monotonic() - started:.1f} giây. Bắt đầu gửi.",
        f"The axis is ready at {stage.hub.url} after {time.monotonic() - started:.1f} s. Sending begins.",
    )
    finished = await _watch(stage)
    if not finished:
        story.say(
            f"Không có gì thay đổi trong {PATIENCE:g} giây; xem bảng dưới đây.",
            f"Nothing moved for {PATIENCE:g} s; see the table below.",
        )
    found = await _settle(stage)
    rows = found.ledger().rows(unit.code for unit in EVERYBODY)
    story.table(rows)
    holds = story.checks(await asyncio.to_thread(all_checks, found, rows))
    took = time.monotonic() - started
    story.say(f"Toàn bộ mất {took:.1f} giây.", f"All of it took {took:.1f} s.")
    if not stage.options.self_test:
        keep = stage.options.keep
        if keep:
            story.console_links(await stage.hub.invite_clerk(MINISTRY), await stage.hub.invite_operator())
        story.next_steps(
            stage.data, stage.hub.anchor, _sample(found), stays=keep or stage.options.data is not None,
            pid=stage.children.pid("axis serve") if keep else 0,
        )  # fmt: skip
    return holds and finished


async def _watch(stage: Stage) -> bool:
    """Look into the offices' books until everything planned is there; False when nothing moves."""
    expected = evidence(stage)
    arrivals, statuses = expected.must_arrive(), expected.statuses_planned()
    planned = Counter(code for code, _ in arrivals)
    entries, moved = 0, time.monotonic()
    with Board(stage.story, len(stage.plan.documents) + len(stage.plan.afterwards), planned, len(statuses)) as board:
        while True:
            read_histories(stage)
            found = evidence(stage)
            received = {(code, e["document_id"]) for code, e in found.documents_received()}
            back = found.statuses_back()
            sent = sum(1 for _ in found.entries("sent", [MINISTRY.code]))
            board.show(Figures(sent, Counter(code for code, _ in received), len(back)))
            if any(found.entries("all-sent")) and arrivals <= received and statuses <= back:
                return True
            before, entries = entries, sum(map(len, stage.histories.values()))
            if entries != before:
                moved = time.monotonic()
            elif time.monotonic() - moved > PATIENCE:
                return False
            stage.children.raise_if_dead()
            await asyncio.sleep(LOOK_EVERY)


async def _settle(stage: Stage) -> Evidence:
    """Stop the offices and gather what everybody has to say."""
    deliveries = await _settled_deliveries(stage)
    for unit in EVERYBODY:
        stage.exit_codes[unit.short] = await stage.children.stop(unit.short)
    read_histories(stage)
    receipts = await stage.hub.export_receipts(stage.data / "demo" / "receipts")
    found = evidence(stage)
    found.deliveries = deliveries
    found.receipts = await asyncio.to_thread(check_receipts, receipts, stage.hub.anchor)
    return found


def _sample(found: Evidence) -> Sample | None:
    if found.receipts.sample is None:
        return None
    receipt, pair = found.receipts.sample
    received = (e for code, e in found.documents_received() if (code, e["document_id"]) == pair)
    return next((Sample(receipt, pair[1], found.inboxes[pair[0]] / e["file"]) for e in received), None)


async def _settled_deliveries(stage: Stage) -> list[dict[str, Any]]:
    """The hub's own figures. The last confirmations may still be on their way: look again a few
    times before a delivery is shown as waiting."""
    for _ in range(10):
        deliveries = await stage.hub.deliveries()
        if not any(d["state"] in WAITING for d in deliveries):
            break
        await asyncio.sleep(LOOK_EVERY)
    return deliveries


def evidence(stage: Stage) -> Evidence:
    inboxes = {unit.code: stage.folder(unit) / "inbox" for unit in EVERYBODY}
    return Evidence(stage.plan, stage.histories, inboxes, exit_codes=stage.exit_codes)
