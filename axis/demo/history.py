"""An office's own memory: a file of JSON lines, on the disk before anyone acts on it.

The scenario trusts these files, not the hub, when it checks at the end who received what. Writers
that come at the same moment share one fsync.
"""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class History:
    """Appends entries; ``record`` returns when the entry is durable."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._pending: list[tuple[bytes, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def record(self, event: str, **facts: object) -> None:
        entry = {"at": datetime.now(UTC).isoformat(), "event": event, **facts}
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((json.dumps(entry, ensure_ascii=False).encode() + b"\n", done))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        await asyncio.shield(done)

    async def _flush(self) -> None:
        while self._pending:
            batch, self._pending = self._pending, []
            await asyncio.to_thread(self._write, b"".join(line for line, _ in batch))
            for _, done in batch:
                done.set_result(None)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        os.fdatasync(self._file.fileno())

    async def close(self) -> None:
        if self._flushing is not None:
            await self._flushing
        self._file.close()


class Tail:
    """Reads what was added to a history since the last call; a half-written last line waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> list[Entry]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [json.loads(line) for line in whole.splitlines()]


def store(path: Path, pieces: list[bytes]) -> None:
    """A file that is whole and durable under its final name, or not there at all."""
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
