"""Ids cut into stretches of time, so that words are looked for among the newest documents first.

An id begins with its milliseconds; the index of words holds ``@`` and the first four hexadecimal digits of each
document's id as one more word (``span_of``, migration 0009): all documents of 49.7 days share it. ``stretches`` cuts
what lies between two ids into pieces, newest or oldest first, each three times as long as the one before, and names
the words of each piece. A common word fills a page from the first; a rare one costs little in the last.

A delivery is made after its package, within ``LAG``: pieces of deliveries begin that much later than the documents
their words name. What was sent again is newer than that, and looked for by its own index.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

BITS = 32
"""Milliseconds of one span, as a power of two: four of the twelve hexadecimal digits of an id's time remain."""
LAG = 3_600_000
GROWS, MOST = 3, 16
"""Each piece is so many times as long as the one before; spans a piece names at most."""
_LAST = (1 << 48) - 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """Ids greater than ``low`` and smaller than ``high``. ``words``: a tsquery, one of which every document in it
    has; empty where it would name too many."""

    low: UUID
    high: UUID
    words: str


def stretches(low: UUID, high: UUID, *, back: bool = False, now: float | None = None) -> Iterator[Stretch]:
    """Pieces that cover everything between two ids up to ``now`` (seconds), newest first; ``back``: oldest first."""
    end = min(_time(high), int((time.time() if now is None else now) * 1000) + LAG, _LAST)
    start, width = _time(low), 1
    if back:
        edge, top = low, max(end, start)
        while True:
            upto = ((max(_time(edge) - LAG, 0) >> BITS) + width << BITS) + LAG
            if upto > top or width > MOST:
                yield _stretch(edge, high, top)
                return
            yield _stretch(edge, _id(upto), upto)
            edge, width = _id(upto), width * GROWS
    edge = high
    upper = end
    while True:
        down = ((upper >> BITS) - width + 1 << BITS) + LAG
        if down >= upper:  # too near the edge of a span: take the one before with it
            down -= 1 << BITS
        if down <= start or width > MOST:
            yield _stretch(low, edge, upper)
            return
        yield _stretch(_id(down), edge, upper)
        edge, upper, width = _id(down), down, width * GROWS


def _stretch(low: UUID, high: UUID, upper: int) -> Stretch:
    first, last = max(_time(low) - LAG, 0) >> BITS, upper >> BITS
    named = last - first + 1
    words = " | ".join(f"'@{number:04x}'" for number in range(last, first - 1, -1)) if named <= MOST else ""
    return Stretch(low, high, words)


def _time(key: UUID) -> int:
    return key.int >> 80


def _id(milliseconds: int) -> UUID:
    """Smaller than every id of that millisecond."""
    return UUID(int=milliseconds << 80)
