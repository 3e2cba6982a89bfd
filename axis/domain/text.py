"""Unicode normal forms of text that strangers wrote.

Canonical ordering sorts the combining marks behind a letter, and the sort of the standard library takes the
square of their number: one letter with a megabyte of marks would hold everything for minutes. UAX #15 (section
12, Stream-Safe Text Format) says how many a text can have in a row in any language: thirty. What goes beyond is
left out before the form is made; no keyboard types it.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Literal

MOST_MARKS = 30


def stream_safe(text: str) -> str:
    """The text without what goes beyond MOST_MARKS in a row: what others may put into a normal form."""
    if text.isascii():
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if _is_mark(character) else 0
        if run <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def composed(text: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFC") -> str:
    """The text in a normal form, in time that grows with its length only."""
    return unicodedata.normalize(form, stream_safe(text))


def forms(text: str) -> list[str]:
    """The text as it is, then composed and taken apart: how others may have written the same."""
    if text.isascii():
        return [text]
    return list(dict.fromkeys((text, composed(text), composed(text, "NFD"))))


def shortened(text: str, limit: int) -> str:
    """At most so many characters, and a sign where more were written: never cut in silence."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


@lru_cache(maxsize=4096)
def _is_mark(character: str) -> bool:
    """Whether it begins with a mark once taken apart: U+0F73 and U+FF9E do, though they are none themselves."""
    return unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) != 0
