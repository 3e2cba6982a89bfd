"""Everything one run of the demo holds, and how it is put up: hub, units, offices.

Certificates come from the demo's own authority, made just now and never an anchor elsewhere. Units are
onboarded by the real command, with the files an operator would be given.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

from axis.demo.authority import Authority
from axis.demo.children import Children
from axis.demo.documents import Document, Plan
from axis.demo.history import Entry, Tail
from axis.demo.hub import Hub
from axis.demo.office import OfficeConfig
from axis.demo.story import Story
from axis.demo.units import MINISTRY, UNITS, DemoUnit
from axis.webhooks import new_secret

EVERYBODY = (MINISTRY, *UNITS)


@dataclass(frozen=True, slots=True)
class Options:
    """``data``: keep everything there instead of a temporary folder. ``speed``: documents a second the
    ministry sends at most, 0 for as fast as it can. ``keep``: leave the hub running at the end.
    ``self_test``: only the verdict counts; nothing is proposed to try next."""

    keep: bool = False
    self_test: bool = False
    data: Path | None = None
    documents: int = 445
    seed: int = 2019
    speed: float = 0.0


@dataclass
class Stage:
    """What one run holds while it lasts."""

    options: Options
    data: Path
    plan: Plan
    story: Story
    children: Children
    hub: Hub
    authority: Authority
    tails: dict[str, Tail] = field(default_factory=dict)
    histories: dict[str, list[Entry]] = field(default_factory=dict)
    hooks: dict[str, socket.socket] = field(default_factory=dict)
    exit_codes: dict[str, int] = field(default_factory=dict)

    def folder(self, unit: DemoUnit) -> Path:
        return self.data / "demo" / unit.code


async def put_up(stage: Stage) -> None:
    """Hub, units, offices. Certificates come from the demo's own authority, made just now."""
    stage.data.joinpath("demo").mkdir()
    anchor = stage.authority.write_anchor(stage.data / "demo" / "anchor.pem")
    stage.story.say("Đang khởi động trục …", "Starting the axis …")
    await stage.hub.serve()
    await stage.hub.trust(anchor)
    stage.story.say(f"Đang đăng ký {len(EVERYBODY)} đơn vị …", f"Registering {len(EVERYBODY)} units …")
    try:
        async with asyncio.TaskGroup() as group:
            for unit in EVERYBODY:
                group.create_task(_onboard(stage, unit, anchor))
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None  # one refusal is enough to tell
    # units first, ministry last: everybody is there when the first document leaves
    await asyncio.gather(*(_start_office(stage, unit) for unit in UNITS))
    await _all_ready(stage)
    await _start_office(stage, MINISTRY)


async def _onboard(stage: Stage, unit: DemoUnit, anchor: Path) -> None:
    folder = stage.folder(unit)
    folder.mkdir()
    key = chain = certificate = None
    if unit.signs:
        kind = "rsa2048" if unit is MINISTRY else "ec256"
        issued = stage.authority.issue(f"{unit.short} (trình diễn)", organization=unit.name, key_type=kind)
        key, chain = issued.write(folder, "seal")
        certificate = chain
    secret, hook, hook_secret = secrets.token_urlsafe(32), "", ""
    if unit.adapter == "webhook":
        # bound but not listening: calls are refused until the agency opens it, and nobody takes the port
        bound = stage.hooks[unit.code] = socket.socket()
        bound.bind(("127.0.0.1", 0))
        hook, hook_secret = f"http://127.0.0.1:{bound.getsockname()[1]}/hook", new_secret()
    config = OfficeConfig(
        code=unit.code, endpoint=stage.hub.vxp, system_id=unit.system_id, secret=secret, folder=str(folder),
        anchor=str(anchor), seed=stage.options.seed, key=str(key or ""), chain=str(chain or ""), sdk=unit.sdk,
        hook_fd=stage.hooks[unit.code].fileno() if hook else -1, hook_secret=hook_secret, delay=unit.delay,
        down_for=unit.down_for, refused=tuple(stage.plan.refused.get(unit.code, ())),
        returned=tuple(stage.plan.returned.get(unit.code, ())),
        recalled=tuple(stage.plan.recalled), outbox=tuple(d.to_json() for d in _outbox(stage.plan, unit)),
        afterwards=tuple(d.to_json() for d in stage.plan.afterwards if d.sender == unit.code),
        speed=stage.options.speed,
    )  # fmt: skip
    config.write(folder / "config.json")
    secret_file = _private(folder / "secret", secret)
    hook_file = _private(folder / "hook-secret", hook_secret) if hook else None
    await stage.hub.register(unit, secret_file, certificate, hook, hook_file)


def _private(file: Path, text: str) -> Path:
    file.touch(mode=0o600)
    file.write_text(text)
    return file


def _outbox(plan: Plan, unit: DemoUnit) -> list[Document]:
    return [d for d in (*plan.documents, *plan.unsigned) if d.sender == unit.code]


async def _start_office(stage: Stage, unit: DemoUnit) -> None:
    program = "axis.demo.ministry" if unit is MINISTRY else "axis.demo.agency"
    folder = stage.folder(unit)
    command = [sys.executable, "-m", program, "--config", str(folder / "config.json")]
    hook = stage.hooks.pop(unit.code, None)
    fds = (hook.fileno(),) if hook else ()
    await stage.children.start(unit.short, command, folder / "log.txt", fds=fds)
    if hook:
        hook.close()
    stage.tails[unit.code] = Tail(folder / "history.jsonl")
    stage.histories[unit.code] = []


async def _all_ready(stage: Stage) -> None:
    async with asyncio.timeout(30):
        while True:
            read_histories(stage)
            if all(entries for entries in stage.histories.values()):
                return
            stage.children.raise_if_dead()
            await asyncio.sleep(0.05)


def read_histories(stage: Stage) -> None:
    """What the offices wrote since the last look."""
    for code, tail in stage.tails.items():
        stage.histories[code] += tail.read()
