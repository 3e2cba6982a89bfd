"""The axis itself, as the demo sees it: a real `axis serve` process and the real `axis` command.

Nothing here reaches inside: what an operator would type is what the demo runs.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from axis.demo.children import Children, last_lines, run_once
from axis.demo.units import DemoUnit
from axis.domain.errors import SetupError
from axis.trust.keys import ROOT_FILE

READY_WITHIN = 60.0


# The demo talks to itself over loopback in clear: both are refused unless an operator allows them.
CONFIGURATION = """\
# Written by axis demo. See config/axis.toml for every setting and its meaning.
[hub]
public_url = "{url}"
[listen]
public = "127.0.0.1:{port}"
[outbound]
approved = ["127.0.0.0/8"]
plain_http = true
[log]
level = "warning"
"""


class Hub:
    def __init__(self, data: Path, children: Children) -> None:
        self.data = data
        self.port = _free_port()
        self._children = children
        self._at_once = asyncio.Semaphore(2)  # commands are whole processes; two cores

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def vxp(self) -> str:
        return f"{self.url}/vxp"

    async def command(self, *arguments: str) -> str:
        """Run the real ``axis`` command on this data folder; its standard output."""
        full = [sys.executable, "-m", "axis.cli.main", *arguments, "--data", str(self.data)]
        async with self._at_once:
            code, out, error = await run_once(full)
        if code:
            words = shlex.join(["axis", *arguments])
            raise SetupError("demo.command-failed", command=words, exit=code, log=error.strip()[-2000:])
        return out

    async def serve(self) -> None:
        """Start the server and return when it says that it is ready."""
        configuration = CONFIGURATION.format(url=self.url, port=self.port)
        (self.data / "axis.toml").write_text(configuration, encoding="utf-8")
        ready, log = self.data / "demo" / "hub.ready", self.data / "demo" / "hub.log"
        command = [sys.executable, "-m", "axis.cli.main", "serve", "--data", str(self.data)]
        await self._children.start("axis serve", [*command, "--ready-file", str(ready)], log, tied=False)
        try:
            async with asyncio.timeout(READY_WITHIN):
                while not ready.exists():
                    self._children.raise_if_dead()
                    await asyncio.sleep(0.05)
        except TimeoutError as error:
            raise SetupError(
                "demo.not-ready", name="axis serve", seconds=f"{READY_WITHIN:g}", log=last_lines(log)
            ) from error

    async def trust(self, anchor: Path) -> None:
        await self.command("trust", "add", str(anchor))

    async def register(
        self, unit: DemoUnit, secret: Path, certificate: Path | None, hook: str, hook_secret: Path | None
    ) -> None:
        """One unit, the way an operator onboards it."""
        arguments = ["unit", "add", unit.code, "--name", unit.name, "--adapter", unit.adapter]
        arguments += ["--system-id", unit.system_id, "--secret-file", str(secret), "--policy", unit.policy]
        arguments += ["--state", "live"]
        if certificate is not None:
            arguments += ["--certificate", str(certificate)]
        if hook_secret is not None:
            arguments += ["--url", hook, "--webhook-secret-file", str(hook_secret)]
        await self.command(*arguments)

    async def deliveries(self) -> list[dict[str, Any]]:
        """Every delivery of a document, as the hub itself counts them."""
        arguments = ("delivery", "list", "--kind", "document", "--all", "--json")
        return list(json.loads(await self.command(*arguments)))

    async def export_receipts(self, folder: Path) -> Sequence[Path]:
        await self.command("receipt", "export", "--all", "--to", str(folder))
        return await asyncio.to_thread(lambda: sorted(folder.rglob("*.jws")))

    async def invite_clerk(self, unit: DemoUnit) -> str:
        """A clerk of the unit: the one-time link to their console."""
        arguments = ["person", "invite", "van-thu", "--name", f"Văn thư {unit.short}", "--role", "clerk"]
        return str(json.loads(await self.command(*arguments, "--unit", unit.code, "--json"))["link"])

    async def invite_operator(self) -> str:
        """The first operator: the one-time link of a first run."""
        return str(json.loads(await self.command("person", "first-run", "--json"))["link"])

    @property
    def anchor(self) -> Path:
        """The certificate an outsider checks receipts against; the hub made it at its first start."""
        return next(self.data.rglob(ROOT_FILE))


def _free_port() -> int:
    """A port nobody uses now. It must be known before the start: pull links carry it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
