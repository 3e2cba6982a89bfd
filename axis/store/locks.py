"""Advisory file locks between processes (flock): they vanish with their holder, even by kill -9."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_LOOK_AGAIN = 0.01  # seconds; waiting without blocking a thread keeps the wait cancellable


def take(fd: int, how: int) -> bool:
    """Take an open file's lock (``fcntl.LOCK_SH`` or ``LOCK_EX``) if nobody holds it otherwise."""
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_file(path: Path) -> int:
    """Open (make) a lock file; closing the descriptor gives the lock back."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@asynccontextmanager
async def exclusive(path: Path) -> AsyncIterator[None]:
    """Alone among all processes and tasks that name this path."""
    fd = lock_file(path)
    try:
        while not take(fd, fcntl.LOCK_EX):  # noqa: ASYNC110  # another process changes it: there is no event to wait for
            await asyncio.sleep(_LOOK_AGAIN)
        yield
    finally:
        os.close(fd)
