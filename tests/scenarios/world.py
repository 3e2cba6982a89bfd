"""A hub as a real process, its units as an operator onboards them, and ways to hurt it.

Everything is done from outside: the ``axis`` command, signals to processes that were started here,
sockets on loopback. Waiting is always for a condition with a deadline.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

from axis.demo.authority import Authority, Issued
from axis.demo.vxp_client import VxpClient
from axis.webhooks import new_secret

T = TypeVar("T")
AXIS = [sys.executable, "-m", "axis.cli.main"]
# These processes are killed, stopped and watched by the second: measured for coverage they take twice the time.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
_TICK = Event()  # never set: its wait() is the pause between two looks at a condition

CONFIGURATION = """\
[listen]
per_address = 0
drain = 4.0
[intake]
free_bytes = {free_bytes}
[courier]
lease = {lease}
poll = 0.2
delays = [0.5, 1.0, 2.0]
[outbound]
approved = ["127.0.0.0/8"]
plain_http = true
timeout = 20.0
[log]
level = "warning"
"""


def until(condition: Callable[[], T], what: str, within: float = 30.0) -> T:
    """The first true value of a condition; fails with ``what`` when there is none in time."""
    deadline = time.monotonic() + within
    while True:
        if found := condition():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {within:g} s")
        _TICK.wait(0.01)


async def eventually(condition: Callable[[], T], what: str, within: float = 30.0) -> T:
    """The same, while this loop goes on."""
    return await asyncio.to_thread(until, condition, what, within)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Unit:
    code: str
    system_id: str
    secret: str
    issued: Issued
    hook_port: int = 0
    hook_secret: str = ""


class HubProcess:
    """One ``axis serve`` on a data folder. ``command``: another program that ends in it."""

    def __init__(
        self, data: Path, port: int, name: str = "hub", command: Sequence[str] = ()
    ) -> None:
        self.data, self.port, self.name = data, port, name
        self.ready_file, self.log = data / f"{name}.ready", data / f"{name}.log"
        self._command = [*(command or AXIS), "serve", "--data", str(data), "--listen", f"127.0.0.1:{port}",
                         "--ready-file", str(self.ready_file)]  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/vxp"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self, *more: str) -> None:
        self.ready_file.unlink(missing_ok=True)
        self.started = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._command, *more], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env=ENVIRONMENT,
            )  # fmt: skip

    def wait_ready(self, within: float = 60.0) -> float:
        """Seconds from the start until it said that it is ready."""
        process = self.process
        assert process is not None

        def ready() -> bool:
            assert process.poll() is None, f"{self.name} ended with {process.returncode}: {self.said()}"
            return self.ready_file.exists()

        until(ready, f"{self.name} is ready", within)
        return time.monotonic() - self.started

    def up(self, *more: str) -> float:
        self.start(*more)
        return self.wait_ready()

    def send_signal(self, number: int) -> None:
        """Only while it is certainly ours: a child that was not waited for keeps its pid."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, number)

    def kill(self) -> int:
        self.send_signal(signal.SIGKILL)
        return self.wait()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.send_signal(number)
        return self.wait(60)

    def wait(self, within: float = 30) -> int:
        return self.process.wait(within) if self.process is not None else 0

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def memory(self) -> tuple[int, int]:
        """(resident now, highest resident), bytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        wanted = [line.split() for line in lines if line.startswith(("VmRSS", "VmHWM"))]
        values = {name.rstrip(":"): int(value) * 1024 for name, value, _ in wanted}
        return values["VmRSS"], values["VmHWM"]

    def reset_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")


@dataclass
class World:
    """A data folder with a hub (not started) and onboarded units."""

    folder: Path
    lease: float = 3.0
    free_bytes: int = 0
    units: dict[str, Unit] = field(default_factory=dict)
    hub: HubProcess = field(init=False)
    authority: Authority = field(init=False)

    def __post_init__(self) -> None:
        self.data = self.folder / "data"
        self.data.mkdir(parents=True)
        self.authority = Authority.create("CA thử nghiệm")
        self.hub = HubProcess(self.data, free_port())
        self.configure(self.lease, self.free_bytes)

    def configure(self, lease: float, free_bytes: int) -> None:
        """Write the configuration; it counts from the next start."""
        self.lease, self.free_bytes = lease, free_bytes
        text = CONFIGURATION.format(lease=lease, free_bytes=free_bytes)
        (self.data / "axis.toml").write_text(text)

    def command(self, *arguments: str) -> str:
        """The ``axis`` command on the data folder; its standard output."""
        done = subprocess.run(
            [*AXIS, *arguments, "--data", str(self.data)], capture_output=True, text=True, timeout=120,
            start_new_session=True, env=ENVIRONMENT,
        )  # fmt: skip
        assert done.returncode == 0, f"axis {' '.join(arguments)}: {done.stderr[-2000:]}"
        return done.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.command(*arguments, "--json"))

    def onboard(self, mailboxes: int, hooks: int = 0) -> None:
        """Trust the authority and add units: mailboxes first, then those that are called. The hub is up."""
        anchor = self.authority.write_anchor(self.folder / "anchor.pem")
        self.command("trust", "add", str(anchor))
        for number in range(1, mailboxes + hooks + 1):
            self._add(f"000.00.{number:02d}.G04", number > mailboxes)

    def _add(self, code: str, hook: bool) -> None:
        issued = self.authority.issue(f"Đơn vị {code}", organization=f"Đơn vị {code}")
        _, chain = issued.write(self.folder / code, "seal")
        unit = Unit(code, f"test.{code[7:9]}", secrets.token_urlsafe(24), issued)
        arguments = ["unit", "add", code, "--name", f"Đơn vị {code}", "--state", "live", "--system-id", unit.system_id]
        arguments += ["--secret-file", self._private(code, "secret", unit.secret), "--certificate", str(chain)]
        if hook:
            unit.hook_port, unit.hook_secret = free_port(), new_secret()
            arguments += ["--adapter", "webhook", "--url", f"http://127.0.0.1:{unit.hook_port}/hook"]
            arguments += ["--webhook-secret-file", self._private(code, "hook", unit.hook_secret)]
        else:
            arguments += ["--adapter", "mailbox"]
        self.command(*arguments)
        self.units[code] = unit

    def copy(self, folder: Path) -> World:
        """The same world elsewhere, at a port of its own; this one must be stopped."""
        folder.mkdir(parents=True, exist_ok=True)
        world = World(folder / "world", self.lease, self.free_bytes)
        left = shutil.ignore_patterns("*.log", "*.ready", "*.lock")
        shutil.copytree(self.data, world.data, dirs_exist_ok=True, ignore=left)
        world.units, world.authority = dict(self.units), self.authority
        world.configure(self.lease, self.free_bytes)
        return world

    def _private(self, code: str, name: str, text: str) -> str:
        path = self.folder / code / name
        path.touch(mode=0o600)
        path.write_text(text)
        return str(path)

    def unit(self, number: int) -> Unit:
        return self.units[f"000.00.{number:02d}.G04"]

    def client(self, unit: Unit, hub: HubProcess | None = None) -> VxpClient:
        return VxpClient((hub or self.hub).endpoint, unit.system_id, unit.secret)

    def deliveries(self, *more: str) -> list[dict[str, Any]]:
        return list(self.json("delivery", "list", "--all", *more))

    def postmaster(self) -> int | None:
        """The pid in PostgreSQL's own file, when that process serves our data folder and is ready."""
        try:
            lines = (self.data / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
            serves = str(self.data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return None
        return pid if serves and len(lines) > 7 and lines[7].strip() == "ready" else None

    def spooled(self) -> list[str]:
        return [path.name for path in (self.data / "payloads" / "spool").iterdir()]

    def close(self) -> None:
        """End the hub if it still runs and, when it died, the PostgreSQL that outlived it."""
        self.hub.send_signal(signal.SIGCONT)
        if self.hub.process is not None and self.hub.process.poll() is None:
            self.hub.stop()
        if self.postmaster() is not None:
            self.command("migrate", "--status")  # joins the server and, as its last user, stops it


def processes_of(folder: Path) -> list[str]:
    """Command lines still running that name this folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


