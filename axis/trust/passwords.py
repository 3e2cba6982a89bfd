"""Passwords: Argon2id, as OWASP advises (19 MiB, two passes, one lane), computed in a worker thread.

Every verification costs the same, also for somebody who does not exist or has no password: then a hash
made here is verified against. Few are computed at once, so that people who guess passwords do not take
the threads that verify documents; beyond a short queue callers are asked to come back.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from axis.domain.errors import Unavailable
from axis.domain.people import password_text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cost:
    """``memory`` in KiB, ``passes``, ``lanes``. A change is taken over by each person's next sign-in."""

    memory: int = 19 * 1024
    passes: int = 2
    lanes: int = 1


class Passwords:
    def __init__(self, workers: Executor, cost: Cost | None = None, *, at_once: int = 2, waiting: int = 64) -> None:
        cost = cost or Cost()
        self._hasher = PasswordHasher(cost.passes, cost.memory, cost.lanes)
        self._workers = workers
        self._turns = asyncio.Semaphore(at_once)
        self._room = at_once + waiting
        self._nobodys = ""
        self.computed = 0

    async def hash(self, password: str) -> str:
        """What to store."""
        text = password_text(password)
        return await self._compute(lambda: self._hasher.hash(text))

    async def verify(self, hashed: str, password: str) -> bool:
        """Whether it is the password; ``hashed`` empty: the same work, and False."""
        text = password_text(password)
        if not self._nobodys:
            self._nobodys = await self._compute(lambda: self._hasher.hash(secrets.token_urlsafe(32)))
        return await self._compute(lambda: self._verified(hashed or self._nobodys, text)) and bool(hashed)

    def outdated(self, hashed: str) -> bool:
        """Whether it was made at another cost and should be made anew."""
        return self._hasher.check_needs_rehash(hashed)

    def _verified(self, hashed: str, text: str) -> bool:
        try:
            return self._hasher.verify(hashed, text)
        except (VerificationError, InvalidHashError):
            return False

    async def _compute(self, work: Callable[[], T]) -> T:
        async with self._turn():
            self.computed += 1
            return await asyncio.get_running_loop().run_in_executor(self._workers, work)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._room <= 0:
            raise Unavailable("request.busy")
        self._room -= 1
        try:
            async with self._turns:
                yield
        finally:
            self._room += 1
