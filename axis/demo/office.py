"""What every office of the demo has: a connection, an inbox on disk, a seal, and its own history.

An office trusts nobody: it checks the digest of what it fetched, and the signature on it, against
the authority it was given, and writes down what it saw before it tells the axis "done". A document
it already holds is not stored again: the delivery's id is the key (at least once on the wire, once
in the register).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import stat
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from axis.demo.documents import Document
from axis.demo.history import History, store
from axis.demo.packages import document_package, status_package
from axis.demo.seal import Examiner, Seal
from axis.demo.vxp_client import Result, VxpClient
from axis.domain.document import Kind, Package

PAUSE = 0.25  # seconds between two looks into an empty mailbox
TRIES = 40


@dataclass(frozen=True, slots=True)
class OfficeConfig:
    """Everything an office is told; its file is readable by its owner only, because of the secrets.
    ``hook_fd``: a bound socket it inherits, to be opened when it wants to be reachable."""

    code: str
    endpoint: str
    system_id: str
    secret: str
    folder: str
    anchor: str
    seed: int
    key: str = ""
    chain: str = ""
    sdk: str = "2.0.1"
    hook_fd: int = -1
    hook_secret: str = ""
    delay: float = 0.0
    down_for: float = 0.0
    refused: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()
    outbox: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    afterwards: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    speed: float = 0.0

    @staticmethod
    def read(path: Path) -> OfficeConfig:
        values = json.loads(path.read_text())
        for name in ("refused", "returned", "recalled", "outbox", "afterwards"):
            values[name] = tuple(values[name])
        return OfficeConfig(**values)

    def write(self, path: Path) -> None:
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), ensure_ascii=False))

    @property
    def documents(self) -> list[Document]:
        return [Document.from_json(value) for value in self.outbox]


    @property
    def later(self) -> list[Document]:
        return [Document.from_json(value) for value in self.afterwards]


class Office:
    def __init__(self, config: OfficeConfig, client: VxpClient) -> None:
        self.config = config
        self.client = client
        self.folder = Path(config.folder)
        self.inbox = self.folder / "inbox"
        self.inbox.mkdir(parents=True, exist_ok=True)
        self.history = History(self.folder / "history.jsonl")
        self.seal = Seal.load(Path(config.key), Path(config.chain)) if config.key else None
        self.examiner = Examiner(Path(config.anchor))
        self.stopping = asyncio.Event()
        self._held: set[str] = set()

    def signed(self, data: bytes) -> bytes:
        return self.seal.sign(data) if self.seal else data

    async def take_in(self, key: str, data: bytes, announced: str = "") -> Package | None:
        """Check, store and write down one package; None when it is held already. ``announced``: the
        digest the axis told beforehand, where it told one."""
        if key in self._held:
            await self.history.record("repeated", key=key)
            return None
        self._held.add(key)
        digest = hashlib.sha256(data).hexdigest()
        if announced and announced != digest:
            self._held.discard(key)
            await self.history.record("damaged", key=key, sha256=digest, announced=announced)
            raise ValueError(f"{key}: {digest} is not the announced {announced}")
        found = await asyncio.to_thread(self.examiner.examine, data)
        package, file = found.package, self.inbox / f"{key}.edxml"
        if package.kind is Kind.DOCUMENT:
            await asyncio.to_thread(store, file, [data])
        about = package.response_for[0].document_id if package.response_for else ""
        await self.history.record(
            "received",
            key=key,
            kind=package.kind.value,
            document_id=package.document_id,
            sender=package.sender.organ_id,
            sha256=digest,
            seal=found.seal,
            status=package.status_code,
            about=about,
            file=file.name if package.kind is Kind.DOCUMENT else "",
        )
        return package

    async def send_document(self, document: Document) -> None:
        data = await asyncio.to_thread(document_package, document, self.config.seed)
        data = await asyncio.to_thread(self.signed, data)
        answer = await self.send(data, "edoc")
        await self.history.record(
            "sent" if answer.ok else "not-sent",
            document_id=document.document_id,
            sha256=hashlib.sha256(data).hexdigest(),
            receivers=document.receivers,
            package_id=answer.doc_id,
            code=answer.error_code,
            text=answer.error_desc,
        )

    async def answer(self, package: Package, status: str, reason: str = "") -> bool:
        """Tell the sender of a document how far we are; True when the axis took it."""
        now = datetime.now(UTC)
        data = self.signed(status_package(self.config.code, package, status, reason, now))
        answer = await self.send(data, "status")
        await self.history.record(
            "answered" if answer.ok else "not-answered",
            document_id=package.document_id,
            status=status,
            package_id=answer.doc_id,
            code=answer.error_code,
            text=answer.error_desc,
        )
        return answer.ok

    async def send(self, data: bytes, message_type: str) -> Result:
        """Hand a package to the axis. Code 20 and silence mean "retry" in this API; the rest is final.
        The same bytes again are harmless: the axis gives the same answer."""
        pause = 0.1
        for _ in range(TRIES):
            answer = await self.client.send_edoc(data, message_type, sender=self.config.code)
            if answer.ok or not answer.temporary or self.stopping.is_set():
                return answer
            await self.history.record("send-again", code=answer.error_code, text=answer.error_desc)
            await self.rest(pause)
            pause = min(2.0, pause * 2)
        return answer

    async def rest(self, seconds: float) -> None:
        """Wait, unless we are told to stop."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return

    async def poll(
        self, message_type: str, handle: Callable[[Package], Awaitable[None]], at_once: int = 4
    ) -> None:
        """Look, fetch, check, store, confirm, until told to stop: the loop of the real client."""
        gate = asyncio.Semaphore(at_once)

        async def one(key: str) -> None:
            async with gate:
                if self.stopping.is_set():
                    return
                if self.config.delay:
                    await self.rest(self.config.delay)
                data = await self.client.fetch(key)
                if data is None:  # it stays in the list: the next round takes it
                    return
                package = await self.take_in(key, data)
                await self.client.update_status(key, "done")
            if package is not None:
                await handle(package)

        while not self.stopping.is_set():
            waiting = await self.client.received(message_type)
            await asyncio.gather(*(one(item) for item in waiting))
            if not waiting:
                await self.rest(PAUSE)

    async def close(self) -> None:
        await self.history.close()


async def run_office(path: Path, work: Callable[[Office], Awaitable[None]]) -> None:
    """Run an office until SIGTERM, SIGINT, or the end of its standard input (the demo is gone)."""
    config = OfficeConfig.read(path)
    async with VxpClient(config.endpoint, config.system_id, config.secret, sdk=config.sdk) as client:
        office = Office(config, client)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, office.stopping.set)
        unwatch = _watch_parent(loop, office.stopping)
        try:
            await work(office)
        finally:
            unwatch()
            await office.close()


def _watch_parent(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> Callable[[], object]:
    """When standard input is a pipe, somebody holds its other end and never writes: readable means
    that the demo is gone. Run by hand, on a terminal, there is nothing to watch."""
    fd = sys.stdin.fileno()
    if not stat.S_ISFIFO(os.fstat(fd).st_mode):
        return lambda: None

    def gone() -> None:
        loop.remove_reader(fd)
        stopping.set()

    loop.add_reader(fd, gone)
    return lambda: loop.remove_reader(fd)
