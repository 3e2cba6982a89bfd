"""One running PostgreSQL server, seen from outside: is it alive, is it ours, is it ready, stop it.

The server is usually our child but often not: the process that started it was killed, or another
process of the axis started it. So everything is told from ``postmaster.pid`` and the process
itself. A pidfd pins the process, so that a pid used again by a stranger can neither be taken for
ours nor be signalled; where the system has none, we look at the pid every now and then.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
from pathlib import Path

_LOOK_AGAIN = 0.05
_NOBODY = 2**31 - 2  # above every pid_max
_left_running: list[subprocess.Popen[bytes]] = []  # a dropped Popen warns that its process still runs


class Postmaster:
    """A handle on one server process. ``child`` when this process started it."""

    def __init__(self, pid: int, child: subprocess.Popen[bytes] | None = None) -> None:
        self.pid = pid
        self._child = child
        self._fd: int | None = None
        if hasattr(os, "pidfd_open"):
            try:
                self._fd = os.pidfd_open(pid)
            except OSError:  # gone already, or a kernel without pidfd
                self._fd = None

    @classmethod
    def of(cls, data: Path) -> Postmaster | None:
        """The living server of a data folder, whoever started it."""
        pid = _recorded_pid(data)
        if pid is None:
            return None
        found = cls(pid)
        if found.alive() and _serves(pid, data):
            return found
        found.close()
        return None

    def alive(self) -> bool:
        """False as soon as it exited, reaped or not."""
        if self._child is not None:
            return self._child.poll() is None
        if self._fd is not None:
            poll = select.poll()
            poll.register(self._fd, select.POLLIN)
            if poll.poll(0):
                self._reap()
                return False
            return True
        self._reap()
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def _reap(self) -> None:
        # As pid 1 of a container we inherit servers whose starter died: nobody else buries them.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when it is gone."""
        with contextlib.suppress(ProcessLookupError):
            if self._fd is not None:
                signal.pidfd_send_signal(self._fd, number)
            else:
                os.kill(self.pid, number)

    async def gone(self) -> None:
        """Return once it has exited."""
        if self._fd is not None:
            loop, exited = asyncio.get_running_loop(), asyncio.Event()
            loop.add_reader(self._fd, exited.set)
            try:
                await exited.wait()
            finally:
                loop.remove_reader(self._fd)
        while self.alive():  # noqa: ASYNC110  # only systems without pidfd come here twice
            await asyncio.sleep(_LOOK_AGAIN)

    def ready(self, data: Path) -> bool:
        """True when it takes connections (the word it writes into its pid file)."""
        lines = _lines(data / "postmaster.pid")
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() in ("ready", "standby")

    def close(self) -> None:
        """Let go of the handle, not of the server."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
        if self._child is not None and self._child.poll() is None:
            _left_running.append(self._child)
        self._child = None


def disarm(data: Path, socket_folder: Path) -> None:
    """Make lock files of a dead server harmless; the caller knows that none is alive.

    After a power cut or in a container the recorded pid often belongs to some other program by now,
    and PostgreSQL would refuse to start for ever. Only the pid is replaced: the shared memory id on
    the later lines must stay, it is how PostgreSQL tells that orphaned backends are still at work.
    """
    path = data / "postmaster.pid"
    lines = _lines(path)
    if lines and lines[0] != str(_NOBODY):
        lines[0] = str(_NOBODY)
        path.write_text("\n".join(lines) + "\n")
    for lock in socket_folder.glob(".s.PGSQL.*.lock"):
        lock.unlink(missing_ok=True)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except FileNotFoundError:
        return []


def _recorded_pid(data: Path) -> int | None:
    lines = _lines(data / "postmaster.pid")
    try:
        pid = abs(int(lines[0])) if lines else 0
    except ValueError:
        return None
    return pid if 1 < pid < _NOBODY else None


def _serves(pid: int, data: Path) -> bool:
    """True when the process was started for this very data folder."""
    wanted = os.fsencode(data)
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        command = ["ps", "-ww", "-o", "args=", "-p", str(pid)]  # systems without /proc
        return wanted in subprocess.run(command, capture_output=True, check=False).stdout
    return wanted in arguments
