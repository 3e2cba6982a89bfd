"""Whose word it is, where several addressees are behind one delivery, and what it makes of the delivery.

A delivery with one addressee *is* that addressee, and nothing here touches it. With several, the rules look at the
one that speaks or is spoken to (``heard``), its word is written beside the delivery, and the delivery moves when all
of them have come that far (axis/domain/addressees.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from axis.domain.addressees import Word, handling_of_all, taking_back_of_all, way
from axis.domain.codes import normal
from axis.domain.states import BY_SENDER, Standing, StatusDecision, decide_status, may_recall
from axis.hub.directory import Directory, Snapshot
from axis.hub.standing import Row
from axis.store.database import Transaction
from axis.store.documents import Documents


@dataclass(frozen=True, slots=True)
class Voices:
    """``words``: of everybody behind the delivery ``row``; ``who``: codes of those concerned now."""

    row: Row
    words: tuple[Word, ...]
    who: frozenset[str]

    @property
    def partial(self) -> bool:
        """Whether this concerns some of them only."""
        return len(self.who) < len(self.words)

    def standing(self, word: Word) -> Standing:
        return Standing(word.handling, word.taking_back, self.row["business_type"], self.row["state"])

    def recallable(self) -> list[str]:
        return [w.code for w in self.words if w.code in self.who and may_recall(self.standing(w))]


def whole(row: Row) -> Row:
    """The delivery itself, of a row that was heard as one of its addressees."""
    voices: Voices | None = row.get("voices")
    return voices.row if voices else row


class Addressees:
    def __init__(self, *, documents: Documents, directory: Directory) -> None:
        self._documents = documents
        self._directory = directory

    async def voices(self, work: Transaction, row: Row, codes: Iterable[str]) -> Voices | None:
        """None where there is one addressee only. Codes that name none of them mean all."""
        snapshot = self._directory.snapshot
        several = _several(row["receivers"], snapshot)
        if len(several) < 2:
            return None
        said: Mapping[str, Row] = {one["code"]: one for one in await self._documents.words(work, row["id"])}
        words = tuple(_word(row, code, said.get(code)) for code in several.values())
        named = {several[key] for code in codes if (key := agency(code, snapshot)) in several}
        return Voices(row, words, frozenset(named or several.values()))

    async def heard(self, work: Transaction, row: Row, by: str, code: str) -> Row:
        """The row as those stand whose word ``code`` is; the rules judge by it. ``by``: the agency that speaks, or
        that is asked. Only behind a relay does each speak for itself: elsewhere it is the word of everybody of whom
        it may be said."""
        voices = await self.voices(work, row, [by])
        if voices is None:
            return {**row, "speaker": by}
        relays = self._directory.snapshot.units[row["unit_id"]].relays
        if not voices.partial or not (relays or code in BY_SENDER):
            may = {w.code for w in voices.words if decide_status(code, voices.standing(w)) is StatusDecision.MOVE}
            if not may:
                return {**row, "voices": replace(voices, who=frozenset(w.code for w in voices.words)), "speaker": by}
            voices = replace(voices, who=frozenset(may))
        word = next(w for w in voices.words if w.code in voices.who)
        stands = {"handling": word.handling, "taking_back": word.taking_back}
        return {**row, **stands, "voices": voices, "speaker": by}

    async def handle(self, work: Transaction, row: Row, code: str, reason: str) -> str:
        """Write a status 01–06; how far all have come when that moves the delivery, else empty."""
        voices: Voices | None = row.get("voices")
        if voices is None:
            return code
        words = [_said(voices, word, code, reason) for word in voices.words]
        await self._write(work, voices, words)
        return _moved(voices, words)

    async def talk(self, work: Transaction, voices: Voices | None, target: str, reason: str = "") -> Sequence[str]:
        """Write what was asked, ordered or answered; the moves of the delivery that follow, none while the others
        stand elsewhere."""
        if voices is None:
            return (target,)
        words = [
            replace(w, taking_back=target, reason=reason or w.reason) if w.code in voices.who else w
            for w in voices.words
        ]
        await self._write(work, voices, words)
        now = voices.row["taking_back"]
        return way(now, taking_back_of_all(words, now, voices.row["business_type"]), voices.row["business_type"])

    @staticmethod
    def without(row: Row) -> str:
        """How far the others have come once these gave it back, when that moves the delivery; else empty."""
        voices: Voices | None = row.get("voices")
        if voices is None:
            return ""
        return _moved(
            voices, [replace(w, taking_back="15") if w.code in voices.who else w for w in voices.words]
        )

    async def _write(self, work: Transaction, voices: Voices, words: Sequence[Word]) -> None:
        for before, word in zip(voices.words, words, strict=True):
            if word != before:
                await self._documents.put_word(
                    work, voices.row["id"], word.code, word.handling, word.taking_back, word.reason
                )


def _moved(voices: Voices, words: Sequence[Word]) -> str:
    now = voices.row["handling"]
    together = handling_of_all(words, now)
    return together if together != now else ""


def _several(receivers: Sequence[str], snapshot: Snapshot) -> dict[str, str]:
    """Agency to the code it was addressed by: two codes of one agency are one addressee."""
    found: dict[str, str] = {}
    for code in receivers:
        found.setdefault(agency(code, snapshot), code)
    return found


def agency(code: str, snapshot: Snapshot) -> str:
    """The same for every code of one agency."""
    unit = snapshot.named(code)
    return str(unit.id) if unit else normal(code)


def _word(row: Row, code: str, said: Row | None) -> Word:
    stands: Any = said or row
    return Word(code, stands["handling"], stands["taking_back"], stands["reason"])


def _said(voices: Voices, word: Word, code: str, reason: str) -> Word:
    if word.code not in voices.who or decide_status(code, voices.standing(word)) is not StatusDecision.MOVE:
        return word
    return replace(word, handling=code, reason=reason or word.reason)
