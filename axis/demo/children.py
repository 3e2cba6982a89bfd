"""The real programs the demo starts, held by their own process handles and stopped by them.

Each runs in a session of its own, so that a Ctrl-C at the terminal reaches only the demo, which
then stops its children in order. Offices also watch their standard input: it closes when the demo
dies, however it dies, so none stays behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from axis.domain.errors import SetupError

GRACE = 10.0


@dataclass
class Child:
    name: str
    process: Process
    log: Path
    stopping: bool = field(default=False)


class Children:
    def __init__(self) -> None:
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._children: dict[str, Child] = {}

    async def start(
        self, name: str, command: Sequence[str], log: Path, *, fds: Sequence[int] = (), tied: bool = True
    ) -> Child:
        """Start a program; its output goes to ``log``. ``tied``: it ends when its stdin closes."""
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE if tied else DEVNULL,
                stdout=out,
                stderr=out,
                env=self._environment,
                pass_fds=tuple(fds),
                start_new_session=True,
            )
        child = self._children[name] = Child(name, process, log)
        return child

    def raise_if_dead(self) -> None:
        """A program that ended by itself ends the demo, with the last lines it wrote."""
        for child in self._children.values():
            code = child.process.returncode
            if code is not None and not child.stopping:
                raise SetupError("demo.program-died", name=child.name, exit=code, log=last_lines(child.log))

    async def stop(self, name: str) -> int:
        """Ask a program to end, insist after a while; its exit code."""
        child = self._children.pop(name)
        child.stopping = True
        if child.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.process.terminate()
            try:
                async with asyncio.timeout(GRACE):
                    await child.process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    child.process.kill()
        code = await child.process.wait()
        if child.process.stdin is not None:
            child.process.stdin.close()
        return code

    async def stop_all(self) -> dict[str, int]:
        """Stop everything, the last started first, except what was released."""
        codes: dict[str, int] = {}
        for name in reversed(list(self._children)):
            codes[name] = await self.stop(name)
        return codes

    def pid(self, name: str) -> int:
        return self._children[name].process.pid

    def release(self, name: str) -> None:
        """Leave a program running after us."""
        self._children.pop(name)


def last_lines(log: Path, count: int = 12) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""


async def run_once(command: Sequence[str]) -> tuple[int, str, str]:
    """Run a program to its end: exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )
    try:
        out, error = await process.communicate()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    return process.returncode or 0, out.decode(errors="replace"), error.decode(errors="replace")
