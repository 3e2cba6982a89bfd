"""loopback: into this process or a folder of this machine. A real twin of a receiver, for tests and
try-outs: it checks what it is given, keeps one copy per delivery id and never a half-written one.

With ``folder`` each parcel becomes ``<delivery_id>.edxml`` there, written aside, synced and renamed.
Without it, bytes are kept in ``received``. ``mood`` lets an operator see what refusal and waiting look
like. Whatever is put into ``outbox`` is collected as inbound.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, ClassVar
from uuid import uuid4

from adapters import answers
from axis.adapter import Delivered, Health, Inbound, Outcome, Parcel, Refused, Tools, read_settings
from axis.domain.errors import AxisError, SetupError

_MOODS = ("accept", "refuse", "later")
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}")
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class LoopbackSettings:
    """``folder`` (empty: memory) and ``mood``: ``accept``, ``refuse`` or ``later``."""

    folder: str = ""
    mood: str = "accept"

    def __post_init__(self) -> None:
        if not isinstance(self.folder, str) or (self.folder and not Path(self.folder).is_absolute()):
            raise SetupError("adapter.setting-wrong", name="folder", why="/…")
        if self.mood not in _MOODS:
            raise SetupError("adapter.setting-wrong", name="mood", why=" | ".join(_MOODS))


class Loopback:
    kind: ClassVar[str] = "loopback"
    pulls: ClassVar[bool] = False
    Settings: ClassVar[type] = LoopbackSettings

    def __init__(self, tools: Tools) -> None:
        self._settings = read_settings(LoopbackSettings, tools.settings)
        self.received: dict[str, bytes] = {}
        self.outbox: list[bytes] = []

    async def deliver(self, parcel: Parcel) -> Outcome:
        place = self._settings.folder.rstrip("/") or "memory"
        return replace(await self._put(parcel), asked=f"PUT {place}/{parcel.delivery_id} · {parcel.size} B")

    async def _put(self, parcel: Parcel) -> Outcome:
        if self._settings.mood == "refuse":
            return Refused("loopback.refused", "mood = refuse")
        if self._settings.mood == "later":
            return answers.later("delivery.busy", unit_down=False, status="–")
        if not _SAFE_NAME.fullmatch(parcel.delivery_id):
            return answers.later("delivery.storage", why="delivery_id", unit_down=False)
        try:
            if self._settings.folder:
                return await self._into_folder(parcel, Path(self._settings.folder))
            return await self._into_memory(parcel)
        except AxisError as error:
            return answers.failed(error, 0)
        except OSError as error:
            return answers.later("delivery.storage", why=error.strerror or type(error).__name__)

    async def collect(self) -> AsyncIterator[Inbound]:
        for item in list(self.outbox):
            yield Inbound(open=_opener(item), acknowledge=self._forget(item), origin="loopback")

    async def probe(self) -> Health:
        folder = self._settings.folder
        if folder and not await asyncio.to_thread(os.access, folder, os.W_OK | os.X_OK):
            return Health("failing", answers.words("delivery.storage", why=folder))
        return Health("ok", answers.words("probe.answered", answer=folder or "memory"))

    async def _into_memory(self, parcel: Parcel) -> Outcome:
        if parcel.delivery_id in self.received:
            return Delivered("loopback: already held")
        whole = b"".join([piece async for piece in answers.checked(parcel)])
        self.received[parcel.delivery_id] = whole
        return Delivered(f"loopback: {len(whole)} bytes")

    async def _into_folder(self, parcel: Parcel, folder: Path) -> Outcome:
        target = folder / f"{parcel.delivery_id}.edxml"
        if await asyncio.to_thread(target.exists):
            return Delivered(f"{target.name}: already held")
        aside = folder / f".{parcel.delivery_id}.{uuid4().hex}.part"
        try:
            with await asyncio.to_thread(aside.open, "xb") as file:
                async for piece in answers.checked(parcel):
                    await asyncio.to_thread(file.write, piece)
                await asyncio.to_thread(_sync, file)
            await asyncio.to_thread(_publish, aside, target)
        finally:
            # not awaited: a cancelled delivery must leave nothing behind either
            aside.unlink(missing_ok=True)
        return Delivered(f"{target.name}: {parcel.size} bytes")

    def _forget(self, item: bytes) -> Callable[[], Awaitable[None]]:
        async def acknowledge() -> None:
            self.outbox[:] = [other for other in self.outbox if other is not item]

        return acknowledge


def _opener(item: bytes) -> Callable[[], AsyncIterator[bytes]]:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(item), _PIECE):
            yield item[start : start + _PIECE]

    return pieces


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _publish(aside: Path, target: Path) -> None:
    """Rename, and make the new name itself durable."""
    aside.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
