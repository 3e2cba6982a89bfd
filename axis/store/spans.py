"""Ids cut into two stretches of time, so that words are looked for among the newest documents first.

An id begins with its milliseconds; the index of words holds ``@`` and the first four hexadecimal digits of each
document's id as one more word (``span_of``, migration 0009): all documents of 49.7 days share it. ``stretches`` cuts
what lies between two ids after the newest span (or the oldest) and names its words. A common word fills a page from
the first stretch; what is rare there is rare, and the second costs little.

A delivery is made after its package, within ``LAG``: a stretch of deliveries begins that much later than the documents
its words name. What was sent again is newer than that, and looked for by its own index.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

BITS = 32
"""Milliseconds of one span, as a power of two: four of the twelve hexadecimal digits of an id's time remain."""
LAG = 3_600_000
FEW, MOST = 3, 4
"""So many spans are not cut at all; more than so many are not named: what is looked for there is rare."""
_LAST = (1 << 48) - 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """Ids greater than ``low`` and smaller than ``high``. ``words``: a tsquery, one of which every document in it
    has; empty where it would name too many."""

    low: UUID
    high: UUID
    words: str

    def among(self, sought: str) -> str:
        """A tsquery for the documents of this stretch, of those another one finds."""
        return f"({sought}) & ({self.words})" if self.words else sought


def stretches(low: UUID, high: UUID, *, back: bool = False, now: float | None = None) -> Iterator[Stretch]:
    """Everything between two ids up to ``now`` (seconds), newest first; ``back``: oldest first."""
    today = int((time.time() if now is None else now) * 1000) + LAG
    first, last = _span(_time(low) - LAG), _span(min(_time(high), today))
    if last - first < FEW:
        yield Stretch(low, high, _words(first, last))
        return
    if back:
        edge = (first + 1 << BITS) + LAG  # documents of later spans are not delivered before it
        yield Stretch(low, _id(edge), _words(first, first + 1))
        yield Stretch(_id(edge), high, _words(first + 1, last))
    else:
        edge = (last << BITS) + LAG
        if edge >= min(_time(high), today):  # the newest span has hardly begun: the one before with it
            edge -= 1 << BITS
        yield Stretch(_id(edge), high, _words(_span(edge - LAG), last))
        yield Stretch(low, _id(edge), _words(first, _span(edge)))


def _words(first: int, last: int) -> str:
    if last - first >= MOST:
        return ""
    return " | ".join(f"'@{number:04x}'" for number in range(last, first - 1, -1))


def _span(milliseconds: int) -> int:
    return max(milliseconds, 0) >> BITS


def _time(key: UUID) -> int:
    return key.int >> 80


def _id(milliseconds: int) -> UUID:
    """Smaller than every id of that millisecond."""
    return UUID(int=min(milliseconds, _LAST) << 80)
