"""Accepting documents end to end, against a bare handler that only makes the bytes durable.

    axis   ``axis serve --workers 2`` with its embedded PostgreSQL, exactly as installed: the caller's HMAC,
           the package's signature and certificate path, routing to ten mailboxes, payload and rows
           durable, receipt signed
    bare   benchmarks/bare.py, two processes

Load, both servers and the database share the machine. Bursts alternate between the two; figures are
medians of rounds, ratios are taken within a round. ``--profile`` shows where the time goes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from axis.config import load as load_config
from axis.core import open_core
from benchmarks.machine import Figure, children, cpu_seconds, describe, fsync_rate, print_table
from benchmarks.ministry import Ministry

PROCESSES = 2
SIZES = {"10 KB": 10_000, "1 MB": 1_000_000, "10 MB": 10_000_000}
GOALS = {"10 KB": 0.35, "1 MB": 0.5, "10 MB": 0.6}
SHORT: dict[str, tuple[int, ...]] = {"10 KB": (16,), "1 MB": (8,), "10 MB": (4,)}
LONG: tuple[int, ...] = (1, 4, 8, 16, 32)
REQUESTS = {"10 KB": 400, "1 MB": 100, "10 MB": 16}
TAIL_GOAL = 3.0


@dataclass(frozen=True, slots=True)
class Burst:
    """``cpu``: milliseconds of processor time per document, by who spent it."""

    rate: float
    p50: float
    p99: float
    cpu: dict[str, float]


class Sender:
    """The load process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def _line(self) -> str:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise SystemExit("the load process ended; what it said stands above")
        return line.decode()

    async def burst(self, port: int, size: int, requests: int, inflight: int, watched: dict[str, int]) -> Burst:
        assert self._process.stdin is not None
        wish = {"port": port, "size": size, "requests": requests, "inflight": inflight}
        self._process.stdin.write(json.dumps(wish).encode() + b"\n")
        await self._line()
        before = _spent(watched)
        told = json.loads(await self._line())
        after = _spent(watched)
        if told["failed"]:
            raise SystemExit(f"{told['failed']} of {requests} requests failed")
        cpu = {name: (after[name] - before[name]) * 1e3 / requests for name in watched}
        return Burst(told["rate"], told["p50"], told["p99"], {**cpu, "load": told["cpu"] * 1e3})


def _spent(watched: dict[str, int]) -> dict[str, float]:
    spent = {}
    for name, pid in watched.items():
        others = {p for n, p in watched.items() if n != name}
        spent[name] = sum(cpu_seconds(p) for p in children(pid) if p not in others)
    return spent


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs during a measurement. ``watched``: processes whose work is counted."""

    sender: Sender
    axis: int
    bare: int
    hub: dict[str, int]
    plain: dict[str, int]
    postgres: str
    syncs: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def program(stack: AsyncExitStack, *command: str, ready: bool = True) -> asyncio.subprocess.Process:
    """A program of the measurement; ``ready``: it says so on its first line, the axis does not."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE if ready else subprocess.DEVNULL,
    )  # fmt: skip

    async def end() -> None:
        if process.returncode is None:
            process.terminate()
            await process.communicate()

    stack.push_async_callback(end)
    if process.stdout is not None and not await process.stdout.readline():
        raise SystemExit(f"{' '.join(command[:3])} did not start; what it said stands above")
    return process


@asynccontextmanager
async def stage(folder: Path, workers: int = PROCESSES, profile: Path | None = None) -> AsyncIterator[Stage]:
    """A ministry registered in a fresh data folder, both servers up, the load process ready."""
    async with AsyncExitStack() as stack:
        keys, data, plain = folder / "keys", folder / "axis", folder / "bare"
        plain.mkdir()
        ministry = Ministry.found(keys)
        async with open_core(load_config(data)) as core:
            await ministry.join(core)
            version = core.embedded.version if core.embedded else ""
            syncs = fsync_rate(data)
        axis, bare = free_port(), free_port()
        (data / "axis.toml").write_text('[log]\nlevel = "warning"\n')
        serve = ["serve", "--data", str(data), "--listen", f"127.0.0.1:{axis}", "--workers", str(workers)]
        command = ["-m", "benchmarks.profiled", str(profile)] if profile else ["-m", "axis.cli.main"]
        hub = await program(stack, *command, *serve, ready=False)
        plains = [await program(stack, "-m", "benchmarks.bare", str(bare), str(plain)) for _ in range(PROCESSES)]
        sender = Sender(await program(stack, "-m", "benchmarks.load", str(keys)))
        await answering(axis)
        pid = int((data / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
        yield Stage(
            sender, axis, bare, {"hub": hub.pid, "postgres": pid},
            {f"bare {n}": p.pid for n, p in enumerate(plains)}, version, syncs,
        )  # fmt: skip


async def answering(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(1.0)  # the second process needs its moment too
        return
    raise SystemExit("axis serve did not start; what it said stands above")


async def measure(on: Stage, name: str, inflight: int, rounds: int, share: float = 1.0) -> list[Figure]:
    """One size at one number in flight: bursts in turns, then the medians."""
    size = SIZES[name]
    ours: list[Burst] = []
    theirs: list[Burst] = []
    for turn in range(rounds + 1):  # the first pair warms up
        requests = max(inflight * 2, round(REQUESTS[name] * (share if turn else share / 4)))
        pair = [(ours, on.axis, on.hub), (theirs, on.bare, on.plain)]
        for found, port, watched in pair if turn % 2 else reversed(pair):
            burst = await on.sender.burst(port, size, requests, inflight, watched)
            if turn:
                found.append(burst)
    ratio = statistics.median(a.rate / b.rate for a, b in zip(ours, theirs, strict=True))
    cpu = {key: statistics.median(b.cpu[key] for b in ours) for key in ours[0].cpu}
    plain = statistics.median(sum(v for k, v in b.cpu.items() if k != "load") for b in theirs)
    spent = ", ".join(f"{key} {value:.2f}" for key, value in cpu.items())
    print(f"  {name} x{inflight}: CPU ms a document: {spent}; bare {plain:.2f}", flush=True)
    what = f"accept {name}, {inflight} in flight"
    tail = statistics.median(b.p99 / b.p50 for b in ours)
    p50, p99 = (statistics.median(getattr(b, key) for b in ours) * 1e3 for key in ("p50", "p99"))
    return [
        Figure.at_least(what, _said(ours), _said(theirs), ratio, GOALS[name]),
        Figure.at_most(f"{what}, p99", f"{p99:.0f} ms", f"p50 {p50:.0f} ms", tail, TAIL_GOAL),
    ]


def _said(bursts: list[Burst]) -> str:
    rate = statistics.median(b.rate for b in bursts)
    p50, p99 = (statistics.median(getattr(b, key) for b in bursts) * 1e3 for key in ("p50", "p99"))
    return f"{rate:,.0f}/s p50 {p50:.1f} p99 {p99:.1f} ms"


async def run(levels: dict[str, tuple[int, ...]], rounds: int, share: float = 1.0) -> tuple[list[Figure], str]:
    """Every wanted size and number in flight; the figures and the machine's description."""
    with tempfile.TemporaryDirectory(prefix="axis-bench-") as folder:
        async with stage(Path(folder)) as on:
            machine = describe(on.postgres, on.syncs)
            figures = [
                figure
                for name, wanted in levels.items()
                for inflight in wanted
                for figure in await measure(on, name, inflight, rounds, share)
            ]
    return figures, machine


async def profile(names: Iterable[str], share: float) -> None:
    """One process under load, size by size, and where its processor time goes."""
    for name in names:
        with tempfile.TemporaryDirectory(prefix="axis-bench-") as folder:
            file = Path(folder) / "profile"
            async with stage(Path(folder), 1, file) as on:
                requests = round(REQUESTS[name] * share)
                await on.sender.burst(on.axis, SIZES[name], requests, 8, on.hub)
            print(f"{name}, {requests} documents, 8 in flight, seconds of processor time\n{file.read_text()}")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.accept", description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="1, 4, 8, 16, 32 in flight, more rounds")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", choices=list(SIZES), action="append")
    parser.add_argument("--inflight", type=int, action="append")
    parser.add_argument("--share", type=float, default=1.0, help="share of the usual number of requests")
    parser.add_argument("--profile", action="store_true", help="where the time goes, at 10 KB and 1 MB")
    given = parser.parse_args(argv)
    if given.profile:
        asyncio.run(profile(given.size or ["10 KB", "1 MB"], given.share))
        return 0
    names = given.size or list(SIZES)
    levels = {n: tuple(given.inflight or (LONG if given.long else SHORT[n])) for n in names}
    figures, machine = asyncio.run(run(levels, given.rounds + 2 * given.long, given.share))
    print(f"accept: {machine}")
    print_table(figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
