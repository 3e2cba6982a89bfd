"""Several addressees behind one delivery: a relay that passes a document on to provinces, a parent that receives
for units not connected yet. Each of them has the document on its own terms (decision-28.md section 3: per
document and receiver), while the package travels once.

What each said stands beside the delivery; the delivery itself stands where *all* of them stand, so that
whatever looks at deliveries (counters, deadlines, lists) never says more than is true of everybody:

    handling     the least advanced of those who have it still; returned when all of them returned it
    taking back  given back when all who have it gave it back; asked or ordered back when everybody who still
                 has it is; denied when nothing is open any more and somebody keeps it

Both only ever move as the tables of ``axis.domain.states`` allow (a property test holds that).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from axis.domain.document import EXCLUSIVE_TYPES, BusinessType
from axis.domain.states import TAKING_BACK, Handling, TakingBack

_OPEN = (TakingBack.ASKED.value, TakingBack.ORDERED.value)


@dataclass(frozen=True, slots=True)
class Word:
    """What one addressee said last, and what was asked of it."""

    code: str
    handling: str = ""
    taking_back: str = ""
    reason: str = ""


def handling_of_all(words: Sequence[Word], now: str) -> str:
    """Where all addressees stand who have the document; ``now``: where the delivery stood before."""
    kept = [
        word.handling for word in words
        if word.handling != Handling.REFUSED and word.taking_back != TakingBack.AGREED
    ]  # fmt: skip
    if kept:
        return min(kept)
    return Handling.REFUSED.value if all(word.handling == Handling.REFUSED for word in words) else now


def taking_back_of_all(words: Sequence[Word], now: str, business_type: int = BusinessType.NEW) -> str:
    """Where the talk about having it back stands with all of them; ``now``: where the delivery stood before.
    Who returned it has nothing to give back, unless everybody did. A recall or update is answered when everybody
    has answered it."""
    kept = [word.taking_back for word in words if word.handling != Handling.REFUSED]
    talks = kept or [word.taking_back for word in words]
    live = [talk for talk in talks if talk != TakingBack.AGREED]
    if not live:
        return TakingBack.AGREED.value
    if business_type not in EXCLUSIVE_TYPES:
        return now if "" in live else TakingBack.DENIED.value
    if live[0] in _OPEN and len(set(live)) == 1:
        return live[0]
    if now not in _OPEN or any(talk in _OPEN for talk in live):
        return now
    return TakingBack.DENIED.value


def way(now: str, then: str, business_type: int = BusinessType.NEW) -> tuple[str, ...]:
    """The moves from one word about taking back to another. Given back by one after the other, a document was
    never asked of all at once: then that move is made on the way."""
    if now == then:
        return ()
    direct = any((move.origin, move.target) == (now, then) for move in TAKING_BACK[business_type])
    return (then,) if direct else (TakingBack.ASKED.value, then)
