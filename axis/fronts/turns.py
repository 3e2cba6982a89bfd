"""Turns at what is heavy: so many at once in one process, and so many of them one caller's (a person, or a unit).

Making a file and sending it are turns of two kinds. Making costs the disk and the processors and ends by itself;
sending lasts as long as the reader likes, so it must hold up nobody but that caller. A reader who takes nothing at
all is let go by the guard (fronts/guard.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from axis.domain.errors import Unavailable


class Turns:
    """``each``: of one caller; ``in_all``: of everybody, 0: no limit."""

    def __init__(self, *, each: int, in_all: int = 0) -> None:
        self._each, self._in_all = each, in_all
        self._of: Counter[UUID] = Counter()

    @contextmanager
    def taken(self, caller: UUID) -> Iterator[None]:
        """One turn of that caller. Raises Unavailable ``request.busy``."""
        if self._of[caller] >= self._each or 0 < self._in_all <= self._of.total():
            raise Unavailable("request.busy")
        self._of[caller] += 1
        try:
            yield
        finally:
            self._of[caller] -= 1
            if not self._of[caller]:
                del self._of[caller]


SENDS = Turns(each=4)
"""Files on their way to somebody, of whatever kind."""
