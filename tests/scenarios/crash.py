"""Kill everything, many times, under load; then count.

    python -m tests.scenarios.crash --hub-kills 200 --postgres-kills 50 --seed 1

Senders and receivers are programs of their own with histories of their own. The hub and PostgreSQL's
postmaster are killed with SIGKILL at random moments, a tenth of them while they start. In the end
nothing may be lost, doubled, changed or astray.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from tests.scenarios import checker
from tests.scenarios.checker import Found, Line
from tests.scenarios.world import Unit, World, until

_CLOCK = Event()  # never set; the chaos's own clock


@dataclass
class Load:
    """Programs that send and receive. ``senders`` and ``hooks`` are unit numbers."""

    world: World
    senders: list[Unit]
    receivers: list[Unit]
    seed: int = 1
    limit: int = 10**9
    largest: int = 2_200_000
    pause: float = 0.5
    parallel: int = 2
    endpoints: list[str] = field(default_factory=list)
    _programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def history(self, unit: Unit, role: str) -> Path:
        return self.world.folder / unit.code / f"{role}.jsonl"

    def _config(self, unit: Unit, role: str) -> dict[str, Any]:
        return {
            "role": role, "unit": unit.code, "system_id": unit.system_id, "secret": unit.secret,
            "endpoints": self.endpoints or [self.world.hub.endpoint], "folder": str(self.world.folder / unit.code),
            "history": str(self.history(unit, role)), "receivers": [r.code for r in self.receivers],
            "hook_port": unit.hook_port, "hook_secret": unit.hook_secret, "seed": f"{self.seed} {unit.code}",
            "prefix": f"{self.seed}{unit.code[7:9]}", "limit": self.limit, "largest": self.largest,
            "pause": self.pause, "parallel": self.parallel,
        }  # fmt: skip

    def _start(self, name: str, configs: list[dict[str, Any]]) -> None:
        path = self.world.folder / f"{name}.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(configs))
        command = [sys.executable, "-m", "tests.scenarios.offices", "--config", str(path)]
        with path.with_suffix(".log").open("ab") as log:
            self._programs[name] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)

    def start(self) -> None:
        boxes = [self._config(unit, "mailbox") for unit in self.receivers if not unit.hook_port]
        hooks = [self._config(unit, "hook") for unit in self.receivers if unit.hook_port]
        for name, configs in (("mailboxes", boxes), ("hooks", hooks)):
            if configs:
                self._start(name, configs)
        self._start("senders", [self._config(unit, "sender") for unit in self.senders])

    def alive(self) -> None:
        for name, program in self._programs.items():
            log = (self.world.folder / f"{name}.log").read_text(errors="replace")[-2000:]
            assert program.poll() in (None, 0), f"{name} ended with {program.returncode}: {log}"

    def end(self, name: str, within: float = 120) -> None:
        """Close a program's standard input and wait until it has finished what it had in hand."""
        if (program := self._programs.get(name)) is not None:
            assert program.stdin is not None
            program.stdin.close()
            assert program.wait(within) == 0, f"{name}: {(self.world.folder / f'{name}.log').read_text()[-2000:]}"

    def finished(self) -> bool:
        return self._programs["senders"].poll() is not None

    def abandon(self) -> None:
        for program in self._programs.values():
            if program.poll() is None:
                program.kill()
            program.wait(10)
            if program.stdin is not None:
                program.stdin.close()

    def sent(self) -> list[Line]:
        return [line for unit in self.senders for line in checker.read_history(self.history(unit, "sender"))]

    def received(self) -> dict[str, list[Line]]:
        return {
            unit.code: checker.read_history(self.history(unit, "hook" if unit.hook_port else "mailbox"))
            for unit in self.receivers
        }

    def drain(self, within: float = 120) -> None:
        """Senders finish, everything promised arrives, receivers finish."""
        self.end("senders", within)
        until(lambda: not checker.missing(self.sent(), self.received()), "everything promised has arrived", within)
        until(lambda: all(r["state"] == "delivered" for r in self.world.deliveries()), "every row is delivered", within)
        for name in ("mailboxes", "hooks"):
            self.end(name)

    def judge(self) -> Found:
        """The verdict over histories, rows and receipts. The hub is up."""
        found = checker.check(self.sent(), self.received())
        checker.check_rows(self.world.deliveries(), found)
        receipts = self.world.folder / "receipts"
        self.world.command("receipt", "export", "--all", "--to", str(receipts))
        checker.check_receipts(receipts, next(self.world.data.rglob("receipt-root.pem")), self.sent(), found)
        return found


@dataclass
class Chaos:
    """Kills, and how long recovery took."""

    world: World
    random: random.Random
    restarts: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    young: int = 0
    both: int = 0

    def kill_hub(self) -> None:
        hub = self.world.hub
        together = self.random.random() < 0.15 and (pid := self.world.postmaster()) is not None
        if together:  # as when the machine dies: the next start finds both dead
            os.kill(pid, signal.SIGKILL)
            self.both += 1
        assert hub.kill() == -signal.SIGKILL, hub.said()
        hub.start()
        if self.random.random() < 0.1:  # once more, while it starts
            self.pause(0.0, 0.9)
            hub.kill()
            self.young += 1
            hub.start()
        (self.cold if together else self.restarts).append(hub.wait_ready())

    def kill_postgres(self) -> None:
        """The running hub has to notice and start it again."""
        pid = until(self.world.postmaster, "PostgreSQL is ready")
        assert pid is not None
        began = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        until(lambda: self.world.postmaster() not in (None, pid), "PostgreSQL was started again", 60)
        self.recoveries.append(time.monotonic() - began)

    def pause(self, least: float, most: float) -> None:
        _CLOCK.wait(self.random.uniform(least, most))

    def run(self, hub_kills: int, postgres_kills: int, most: float, deadline: float, load: Load) -> tuple[int, int]:
        """All kills in random order; how many of each were done before the deadline."""
        plan = ["hub"] * hub_kills + ["postgres"] * postgres_kills
        self.random.shuffle(plan)
        done = {"hub": 0, "postgres": 0}
        for one in plan:
            if time.monotonic() > deadline:
                break
            self.pause(0.02, most)
            load.alive()
            self.kill_hub() if one == "hub" else self.kill_postgres()
            done[one] += 1
        return done["hub"], done["postgres"]


def quantiles(values: Sequence[float]) -> str:
    if not values:
        return "-"
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"median {statistics.median(ordered):.2f} s, p95 {p95:.2f} s, max {ordered[-1]:.2f} s (n={len(ordered)})"


def run(
    folder: Path, hub_kills: int, postgres_kills: int, seed: int, *, minutes: float = 25, most: float = 1.5,
    pause: float = 0.5,
) -> Found:  # fmt: skip
    """A whole world from start to verdict; figures are printed."""
    world = World(folder)
    world.hub.up()
    world.onboard(mailboxes=5, hooks=2)
    units = list(world.units.values())
    load = Load(world, senders=units[:2], receivers=units[2:], seed=seed, pause=pause)
    chaos, began = Chaos(world, random.Random(seed)), time.monotonic()
    try:
        load.start()
        done = chaos.run(hub_kills, postgres_kills, most, began + minutes * 60, load)
        healed = time.monotonic()
        load.drain()
        drained = time.monotonic() - healed
        found = load.judge()
        code = world.hub.stop()
        if code != 0:
            found.wrong.append(f"EXIT: the hub ended with {code}: {world.hub.said()}")
        if spooled := world.spooled():
            found.wrong.append(f"SPOOL: {spooled}")
        found.figures |= {
            "hub kills": done[0], "of them again while starting": chaos.young,
            "of them with PostgreSQL": chaos.both, "postgres kills": done[1],
        }  # fmt: skip
        _print(found, chaos, healed - began, drained)
        return found
    finally:
        load.abandon()
        world.close()


def _print(found: Found, chaos: Chaos, lasted: float, drained: float) -> None:
    for name, value in found.figures.items():
        print(f"{name:>30}  {value}")
    print(f"{'hub start to ready':>30}  {quantiles(chaos.restarts)}")
    print(f"{'the same, PostgreSQL dead too':>30}  {quantiles(chaos.cold)}")
    print(f"{'PostgreSQL dead to ready':>30}  {quantiles(chaos.recoveries)}")
    print(f"{'chaos':>30}  {lasted:.0f} s, drained in {drained:.1f} s")
    print(f"{'WRONG':>30}  {len(found.wrong)}")
    for line in found.wrong[:50]:
        print("   ", line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hub-kills", type=int, default=200)
    parser.add_argument("--postgres-kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=25, help="stop killing after this long")
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="axis-crash-"))
    print(f"seed {given.seed}, folder {folder}", flush=True)
    found = None
    try:
        found = run(folder, given.hub_kills, given.postgres_kills, given.seed, minutes=given.minutes)
    finally:
        if not given.keep and found is not None and not found.wrong:
            shutil.rmtree(folder)
    raise SystemExit(1 if found.wrong else 0)


if __name__ == "__main__":
    main()
