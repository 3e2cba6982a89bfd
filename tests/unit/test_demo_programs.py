"""Histories that survive, children that are stopped by their own handles."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from axis.demo.children import Children
from axis.demo.history import History, Tail, store
from axis.domain.errors import SetupError

WAITS = "import signal, sys; print('up', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()"


async def _up(log: Path) -> None:
    async with asyncio.timeout(20):
        while "up" not in log.read_text():
            await asyncio.sleep(0.01)


async def test_what_was_recorded_is_in_the_file_when_record_returns(tmp_path: Path) -> None:
    history, tail = History(tmp_path / "h"), Tail(tmp_path / "h")
    await asyncio.gather(*(history.record("sent", number=n, text="Số Đăng ký") for n in range(50)))
    assert [e["number"] for e in tail.read()] == list(range(50))
    assert tail.read() == []
    await history.close()


async def test_a_history_is_continued_not_overwritten(tmp_path: Path) -> None:
    for word in ("first", "second"):
        history = History(tmp_path / "h")
        await history.record(word)
        await history.close()
    assert [e["event"] for e in Tail(tmp_path / "h").read()] == ["first", "second"]


def test_a_line_still_being_written_waits_for_its_end(tmp_path: Path) -> None:
    file, tail = tmp_path / "h", Tail(tmp_path / "h")
    assert tail.read() == []
    file.write_bytes(b'{"event": "a"}\n{"eve')
    assert [e["event"] for e in tail.read()] == ["a"]
    file.write_bytes(b'{"event": "a"}\n{"event": "b"}\n')
    assert [e["event"] for e in tail.read()] == ["b"]


def test_a_stored_file_is_whole_and_leaves_no_partial_one(tmp_path: Path) -> None:
    store(tmp_path / "x.edxml", [b"abc", b"def"])
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"x.edxml": b"abcdef"}


async def test_a_child_is_asked_to_end_and_its_exit_code_is_told(tmp_path: Path) -> None:
    children = Children()
    await children.start("waits", [sys.executable, "-c", WAITS], tmp_path / "log")
    await _up(tmp_path / "log")
    assert await children.stop_all() == {"waits": -signal.SIGTERM}


async def test_a_child_that_does_not_listen_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("axis.demo.children.GRACE", 0.05)
    children = Children()
    await children.start("stubborn", [sys.executable, "-c", STUBBORN], tmp_path / "log")
    await _up(tmp_path / "log")
    assert await children.stop("stubborn") == -signal.SIGKILL


async def test_a_child_that_dies_by_itself_is_reported_with_its_last_words(tmp_path: Path) -> None:
    children = Children()
    child = await children.start("dies", [sys.executable, "-c", "raise SystemExit('hỏng')"], tmp_path / "log")
    await child.process.wait()
    with pytest.raises(SetupError) as refusal:
        children.raise_if_dead()
    assert refusal.value.code == "demo.program-died"
    assert "hỏng" in refusal.value.text("vi")
    assert await children.stop_all() == {"dies": 1}


async def test_a_released_child_stays(tmp_path: Path) -> None:
    children = Children()
    child = await children.start("stays", [sys.executable, "-c", WAITS], tmp_path / "log", tied=False)
    await _up(tmp_path / "log")
    children.release("stays")
    assert await children.stop_all() == {}
    os.kill(child.process.pid, 0)
    child.process.kill()
    await child.process.wait()
