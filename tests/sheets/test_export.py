"""Rows from the database go into a file as they come, and nothing is left behind when the reader goes away."""

from __future__ import annotations

import asyncio
import io
import tempfile
import threading
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from axis.sheets import export
from axis.sheets.export import FORMATS, file_name
from axis.sheets.sheet import Column
from tests.sheets import reading

WIDE = (*reading.COLUMNS, *(Column(f"more{place}", f"Cột {place}", f"Column {place}") for place in range(6)))


class Cursor:
    """Rows as a database gives them; knows whether it was closed."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.given = 0
        self.closed = False

    async def rows(self) -> AsyncIterator[dict[str, object]]:
        try:
            for number in range(self.count):
                self.given += 1
                yield {"number": number, "text": f"=văn bản {number}"}
        finally:
            self.closed = True


@pytest.mark.parametrize("name", FORMATS)
async def test_asynchronous_rows_make_the_same_file(name: str) -> None:
    cursor = Cursor(1234)
    whole = reading.report(cursor.rows(), totals={"number": 1234})
    rows = [{"number": number, "text": f"=văn bản {number}"} for number in range(1234)]
    plain = reading.report(rows, totals={"number": 1234})
    async with aclosing(export.stream(whole, name)) as pieces:
        streamed = b"".join([piece async for piece in pieces])
    assert cursor.closed
    assert contents(name, streamed) == contents(name, reading.made(plain, name))
    assert contents(name, b"".join(export.chunks(plain, name))) == contents(name, streamed)


async def test_it_is_saved_to_an_open_file() -> None:
    out = io.BytesIO()
    await export.save(reading.report(Cursor(3).rows()), "csv", out)
    assert len(reading.csv_rows(out.getvalue())) == 4


async def test_the_first_piece_comes_before_the_last_row_is_read() -> None:
    cursor = Cursor(100_000)
    async with aclosing(export.stream(reading.report(cursor.rows()), "csv")) as pieces:
        assert await anext(pieces)
        assert cursor.given <= export.BATCH
    assert cursor.closed


@pytest.mark.parametrize("name", FORMATS)
async def test_a_reader_who_goes_away_leaves_nothing_behind(name: str, own_folder: Path) -> None:
    entered, never = asyncio.Event(), asyncio.Event()
    closed = []

    async def rows() -> AsyncIterator[dict[str, object]]:
        try:
            for number in range(export.BATCH * 2):
                yield {"number": number}
            entered.set()
            await never.wait()
        finally:
            closed.append(True)

    async def read() -> None:
        async with aclosing(export.stream(reading.report(rows()), name)) as pieces:
            async for _ in pieces:
                pass

    reader = asyncio.create_task(read())
    await entered.wait()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert closed
    assert not list(own_folder.iterdir())


async def test_who_is_cancelled_waits_for_the_batch_in_hand() -> None:
    begun, go_on = threading.Event(), threading.Event()
    finished = []

    def work() -> None:
        begun.set()
        go_on.wait()
        finished.append(True)

    task = asyncio.create_task(export._in_thread(work))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    asyncio.get_running_loop().call_soon(task.cancel)  # twice: who stops the program may be impatient
    asyncio.get_running_loop().call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert finished


@pytest.mark.parametrize("name", FORMATS)
async def test_a_failing_row_fails_the_file(name: str, own_folder: Path) -> None:
    with pytest.raises(ValueError, match="finite"):
        await export.save(reading.report([{"number": 1}, {"number": float("nan")}]), name, io.BytesIO())
    assert not list(own_folder.iterdir())


def test_asynchronous_rows_cannot_be_written_at_once() -> None:
    with pytest.raises(TypeError, match="asynchronous"):
        reading.made(reading.report(Cursor(1).rows()), "csv")


def test_file_names_are_ascii_and_safe() -> None:
    whole = replace(reading.report([]), marks=("G04.01", "2019-06"))
    assert file_name(whole, "xlsx") == "so-van-ban-di_G04.01_2019-06.xlsx"
    assert file_name(reading.provisional(whole), "csv") == "so-van-ban-di_G04.01_2019-06_tam-tinh.csv"
    hostile = replace(whole, title="…", marks=("../..", 'a"b\r\nc/\\d', "đ\u202e"))
    assert file_name(hostile, "html") == "bang_abcd.html"
    assert file_name(replace(whole, title="CON", marks=()), "xlsx") == "bang-con.xlsx"
    assert len(file_name(replace(whole, title="x" * 500, marks=("y" * 500,)), "xlsx")) < 140


@pytest.mark.parametrize("name", FORMATS)
def test_memory_does_not_grow_with_the_rows(name: str, tmp_path: Path) -> None:
    check_memory(name, tmp_path, 10_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_a_hundred_thousand_rows_fit_into_little_memory(name: str, tmp_path: Path) -> None:
    check_memory(name, tmp_path, 100_000)


def check_memory(name: str, folder: Path, count: int) -> None:
    def rows() -> Iterator[dict[str, object]]:
        for number in range(count):
            more = {f"more{place}": "nội dung" for place in range(6)}
            yield {"number": number, "text": f"Văn bản số {number}\nhai dòng", **more}

    reading.made(reading.report([]), name)  # what is loaded once does not count
    tracemalloc.start()
    try:
        with (folder / "so").open("wb") as out:
            export.write(reading.report(rows(), WIDE), name, out)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    print(f"{name}: {count} rows, {(folder / 'so').stat().st_size / 1e6:.1f} MB, peak {peak / 1e6:.1f} MB")
    assert peak < (40 if count > 10_000 else 1.5) * 1e6


def contents(name: str, data: bytes) -> Any:
    return reading.xlsx_parts(data) if name == "xlsx" else data


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder
