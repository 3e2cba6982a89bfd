"""Which machine, how fast its disk, and the table every figure ends in.

A figure means nothing away from its machine, and little beside one taken an hour earlier: so every run
names the machine, and every goal is a ratio of two things measured in turns within one run.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

BLOCK = 8192  # what PostgreSQL writes at least


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. ``goal`` stands as in the design; ``met`` is None where there is none."""

    name: str
    value: str
    against: str
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None

    @classmethod
    def at_least(cls, name: str, value: str, against: str, ratio: float, goal: float) -> Figure:
        return cls(name, value, against, ratio, f">= {goal:g}", ratio >= goal)

    @classmethod
    def at_most(cls, name: str, value: str, against: str, ratio: float, goal: float) -> Figure:
        return cls(name, value, against, ratio, f"<= {goal:g}", ratio <= goal)


def print_table(figures: Iterable[Figure]) -> None:
    print(f"{'':>44} {'measured':>30} {'against':>34} {'ratio':>7} {'goal':>8}")
    for f in figures:
        ratio = "" if f.ratio is None else f"{f.ratio:.2f}"
        mark = "" if f.met is None else "✓" if f.met else "✗"
        print(f"{f.name:>44} {f.value:>30} {f.against:>34} {ratio:>7} {f.goal:>8} {mark}")


def describe(postgres: str = "", syncs: float = 0.0) -> str:
    """Processor, cores, versions, disk, date and commit, in one line."""
    parts = [f"{_processor()}, {os.cpu_count()} cores", f"Python {platform.python_version()}"]
    parts += [f"PostgreSQL {postgres}"] if postgres else []
    parts += [f"disk {syncs:,.0f} fsync/s"] if syncs else []
    load = os.getloadavg()[0]
    parts += [f"{datetime.now(UTC):%Y-%m-%d %H:%M}Z", f"commit {_commit()}", f"load at the start {load:.1f}"]
    return ", ".join(parts)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def fsync_rate(folder: Path, seconds: float = 0.5) -> float:
    """Blocks of 8 KiB appended and made durable one by one: what one writer without tricks reaches."""
    path, block, count = folder / "fsync.probe", os.urandom(BLOCK), 0
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        started = time.perf_counter()
        while (took := time.perf_counter() - started) < seconds:
            os.write(fd, block)
            os.fdatasync(fd)
            count += 1
    finally:
        os.close(fd)
        path.unlink()
    return count / took


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def spread(values: Sequence[float]) -> str:
    """Median and range: the range shows how noisy the machine was."""
    return f"{statistics.median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


def cpu_seconds(pid: int) -> float:
    """Processor time of a process, all its threads, and its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(n) for n in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Living descendants of a process, itself first."""
    found = [pid]
    for parent in found:
        for tasks in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in tasks.read_text().split()]
    return found
