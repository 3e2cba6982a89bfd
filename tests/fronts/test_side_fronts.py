"""Health and metrics, lint, pull links, and problem details on everything that is not VXP."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from prometheus_client import CollectorRegistry, Counter

from axis.fronts.admin import AdminFront, Check
from axis.fronts.lint import LintFront
from axis.fronts.pull import PullFront
from axis.fronts.server import Listener
from axis.fronts.uploads import Pace
from tests.fronts.stand_in import Recorder

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples"


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[tuple[str, ClientSession]]:
    listener = Listener(app, drain=2.0)
    await listener.open()
    port = await listener.listen("127.0.0.1", 0)
    try:
        async with ClientSession() as session:
            yield f"http://127.0.0.1:{port}", session
    finally:
        await listener.stop()


@asynccontextmanager
async def admin(**checks: Check) -> AsyncIterator[tuple[str, ClientSession]]:
    registry = CollectorRegistry()
    Counter("axis_seen_total", "Seen", registry=registry).inc()
    app = web.Application()
    AdminFront(registry, checks).add_routes(app)
    async with serving(app) as found:
        yield found


async def well() -> str:
    return ""


async def test_ready_names_every_check_and_one_bad_one_takes_the_process_out() -> None:
    async def full() -> str:
        return "12 bytes free"

    async def broken() -> str:
        raise ConnectionError("postgres://user:secret@host")

    async with admin(database=well) as (url, session), session.get(url + "/readyz") as answer:
        assert (answer.status, await answer.json()) == (200, {"ready": True, "checks": {"database": "ok"}})
    async with admin(a=well, disk=full, database=broken) as (url, session):
        async with session.get(url + "/readyz") as answer:
            found = await answer.json()
            assert answer.status == 503 and found["ready"] is False
            assert found["checks"] == {"a": "ok", "disk": "12 bytes free", "database": "ConnectionError"}
        async with session.get(url + "/livez") as answer:
            assert answer.status == 200, "a bad check is no reason to restart a process"


async def test_a_check_that_hangs_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("axis.fronts.admin.CHECK_SECONDS", 0.05)

    async def hangs() -> str:
        await asyncio.Event().wait()
        return ""

    async with admin(database=hangs) as (url, session), session.get(url + "/readyz") as answer:
        assert answer.status == 503 and "no answer" in (await answer.json())["checks"]["database"]


async def test_metrics_are_those_of_the_given_registry() -> None:
    async with admin() as (url, session), session.get(url + "/metrics") as answer:
        assert "axis_seen_total 1.0" in await answer.text()


@asynccontextmanager
async def pulling(recorder: Recorder) -> AsyncIterator[tuple[str, ClientSession]]:
    app = web.Application()
    PullFront(recorder).add_routes(app)
    async with serving(app) as (url, session):
        yield url + "/pull/good", session


async def test_a_pull_link_gives_the_bytes_with_their_digest_as_tag() -> None:
    recorder = Recorder()
    async with pulling(recorder) as (url, session):
        async with session.get(url) as answer:
            assert await answer.read() == recorder.file
            tag = answer.headers["ETag"]
            assert tag == f'"{hashlib.sha256(recorder.file).hexdigest()}"'
        async with session.get(url, headers={"If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        async with session.head(url) as answer:
            assert int(answer.headers["Content-Length"]) == len(recorder.file)


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-", 206, slice(0, None)), ("bytes=5-9", 206, slice(5, 10)), ("bytes=-4", 206, slice(-4, None)),
        ("bytes=10-9999", 206, slice(10, None)), ("bytes=9999-", 416, slice(0, 0)), ("bytes=-0", 416, slice(0, 0)),
        ("bytes=9-5", 200, slice(None)), ("bytes=0-1,3-4", 200, slice(None)), ("lines=1-2", 200, slice(None)),
        ("bytes=-", 200, slice(None)), ("bytes=-99999", 206, slice(None)),
    ],
)  # fmt: skip
async def test_a_broken_download_goes_on_where_it_stopped(asked: str, status: int, part: slice) -> None:
    recorder = Recorder()
    async with pulling(recorder) as (url, session), session.get(url, headers={"Range": asked}) as answer:
        assert (answer.status, await answer.read()) == (status, recorder.file[part])


async def test_a_range_of_another_version_gives_the_whole() -> None:
    recorder = Recorder()
    headers = {"Range": "bytes=5-", "If-Range": '"other"'}
    async with pulling(recorder) as (url, session), session.get(url, headers=headers) as answer:
        assert (answer.status, await answer.read()) == (200, recorder.file)


async def test_forged_links_are_a_problem_in_the_callers_language_and_never_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with pulling(Recorder()) as (url, session):
        async with session.get(url + "-forged") as answer:
            found = json.loads(await answer.read())
            assert (answer.status, answer.content_type) == (404, "application/problem+json")
            assert (found["code"], found["status"]) == ("access.link", 404) and "Liên kết" in found["title"]
        async with session.get(url + "-forged", headers={"Accept-Language": "en"}) as answer:
            assert "link" in json.loads(await answer.read())["title"]
    assert "good-forged" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/", 404, "request.unknown-path"), ("POST", "/pull/x", 405, "request.method")],
)
async def test_paths_and_methods_nobody_serves_are_problems(method: str, path: str, status: int, code: str) -> None:
    async with pulling(Recorder()) as (url, session):
        answer = await session.request(method, url.removesuffix("/pull/good") + path)
        assert (answer.status, json.loads(await answer.read())["code"]) == (status, code)


@asynccontextmanager
async def linting(folder: Path, limit: int = 100_000) -> AsyncIterator[tuple[str, ClientSession]]:
    app = web.Application()
    with ThreadPoolExecutor(2) as workers:
        LintFront(workers, folder, limit, Pace(window=5)).add_routes(app)
        async with serving(app) as (url, session):
            yield url + "/lint", session


async def test_lint_tells_all_findings_and_keeps_nothing(tmp_path: Path) -> None:
    data = (SAMPLES / "status_acceptance_03.edxml").read_bytes()
    async with linting(tmp_path) as (url, session):
        async with session.post(url, data=data, expect100=True) as answer:
            found = await answer.json()
            assert answer.status == 200 and found["kind"] == "status" and found["size"] == len(data)
        async with session.post(url, data=b"no package at all") as answer:
            assert (await answer.json())["ok"] is False
    assert list(tmp_path.iterdir()) == []


async def test_lint_has_a_limit_and_takes_no_compressed_bodies(tmp_path: Path) -> None:
    async with linting(tmp_path, limit=10) as (url, session):
        async with session.post(url, data=b"x" * 11) as answer:
            assert (answer.status, json.loads(await answer.read())["code"]) == (413, "request.too-large")
        async with session.post(url, data=b"x", headers={"Content-Encoding": "gzip"}) as answer:
            assert answer.status == 415
        async with session.post(url, data=b"x" * 10) as answer:
            assert answer.status == 200


async def test_more_checks_than_fit_are_told_to_come_back(tmp_path: Path) -> None:
    async with linting(tmp_path) as (url, session):
        gate = asyncio.Event()
        started: asyncio.Queue[None] = asyncio.Queue()

        async def slow() -> AsyncIterator[bytes]:
            yield b"<edXML>"
            started.put_nowait(None)
            await gate.wait()

        held = [asyncio.create_task(session.post(url, data=slow())) for _ in range(2)]
        for _ in held:
            await started.get()
        async with session.post(url, data=b"x") as answer:
            while answer.status == 200:  # the server may not have seen the other two yet
                answer = await session.post(url, data=b"x")
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
            answer.release()
        gate.set()
        for task in held:
            (await task).release()
