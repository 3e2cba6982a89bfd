"""What a value is, settled once for all formats: by its type, never by what its text looks like."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from axis.domain.clock import VIETNAM
from axis.sheets import words
from axis.sheets.sheet import CellKind, Language

Number: TypeAlias = int | float | Decimal
Value: TypeAlias = str | Number | date | datetime | timedelta | None

# Controls of C0 and the like are legal in no XML 1.0 document, lone surrogates in no UTF-8 file. Those of C1 and DEL
# are legal and yet not to be seen: terminals obey them (U+009B begins a command), and a program that takes the file
# for Windows-1252 shows other characters in their place.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def settle(kind: CellKind, value: object, language: Language = "vi") -> Value:
    """The value as its column means it: datetimes without zone but in Vietnam time, durations as
    ``timedelta``, whatever does not fit the kind as text. ``None`` is an empty cell.

    Raises ``ValueError`` for a number that is not finite and for a time without a zone: a register
    must not show a guess.
    """
    if value is None or isinstance(value, str):
        return str(value) if value else None
    if isinstance(value, bool):
        said = words.phrases(language)
        return said.yes if value else said.no
    if isinstance(value, datetime):
        value = _in_vietnam(value)
        if kind == "date":
            return value.date()
    if kind == "text":
        return _as_text(value)
    if isinstance(value, int | float | Decimal):
        if not math.isfinite(value):
            raise ValueError(f"not a finite number: {value}")
        if kind == "duration":
            return timedelta(seconds=float(value))
        return value if kind in ("number", "percent") else str(value)
    return value if isinstance(value, date | timedelta) else str(value)


def shown(kind: CellKind, value: Value, language: Language = "vi") -> str:
    """A settled value as people read it on a page."""
    match value:
        case None:
            return ""
        case str():
            return legible(value)
        case datetime():
            return words.moment(value)
        case date():
            return words.day(value)
        case timedelta():
            return words.duration(value, language)
        case _:
            return words.percent(value) if kind == "percent" else words.number(value)


def legible(text: str) -> str:
    """The text with line ends as LF and every other control, and what XML forbids, as a visible U+FFFD."""
    return _ILLEGAL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _as_text(value: object) -> str:
    match value:
        case datetime():
            return words.moment(value)
        case date():
            return words.day(value)
        case timedelta():
            return words.clock(value)
        case _:
            return str(value)


def _in_vietnam(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value.astimezone(VIETNAM).replace(tzinfo=None)
