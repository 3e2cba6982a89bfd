"""One search box: what a clerk typed is recognised, not chosen from a menu.

    01a2…-…                    an id of the axis (a package or a delivery)
    000.00.00.G04,2019/07/01,123/BGTVT-VP   mã văn bản (DocumentId), whole
    123/BGTVT-VP               số, ký hiệu
    anything else              words of the subject, the type, the sender, the signer; accents do not matter
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from axis.domain.text import composed

MOST = 200  # characters that are looked at
_DOCUMENT_ID = re.compile(r"[^,]+,\s*\d{4}/\d{1,2}/\d{1,2},.+")
_CODE = re.compile(r"\S+/\S+")


class By(StrEnum):
    NOTHING = "nothing"
    ID = "id"
    DOCUMENT_ID = "document-id"
    CODE = "code"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Wanted:
    by: By = By.NOTHING
    text: str = ""

    @property
    def id(self) -> UUID:
        return UUID(self.text)


def recognise(typed: str) -> Wanted:
    """What somebody means by what they typed or pasted."""
    text = composed(typed)
    text = " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text).split())[:MOST]
    if not text:
        return Wanted()
    try:
        return Wanted(By.ID, str(UUID(text)))
    except ValueError:
        pass
    if _DOCUMENT_ID.fullmatch(text):
        return Wanted(By.DOCUMENT_ID, text)
    if _CODE.fullmatch(text):
        return Wanted(By.CODE, text.lower())
    return Wanted(By.WORDS, text)
