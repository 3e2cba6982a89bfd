"""One search box: what a clerk typed is recognised, not chosen from a menu.

    01a2…-…                    an id of the axis (a package or a delivery)
    000.00.00.G04,2019/07/01,123/BGTVT-VP   mã văn bản (DocumentId), whole
    123/BGTVT-VP               số, ký hiệu; ``57/CYT`` where no document is called so: the beginning of one
    anything else              words of the subject, the type, the sender, the signer; accents do not matter

A number is looked for however it was copied: ``Công văn số 57/CYT-VP ngày 12/8/2019``, ``57 / CYT-VP``, in fullwidth
characters, with a dash of a word processor. Only a text that is wholly such a reference is read so: ``Triển khai Quyết
định số 15/QĐ-TTg`` is the subject of another document, and stays words.
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
_CODE = re.compile(r"\S+/\S+|\d+/")
_TYPES = (
    "cong van|cv|quyet dinh|qd|thong bao|tb|bao cao|to trinh|ke hoach|chi thi|nghi quyet|nghi dinh|thong tu|thong cao|"
    "huong dan|quy che|quy dinh|chuong trinh|phuong an|de an|du an|bien ban|hop dong|cong dien|ban ghi nho|"
    "ban thoa thuan|giay moi|giay uy quyen|giay gioi thieu|phieu gui|phieu chuyen|phieu bao|thu cong|van ban|luat"
)  # the kinds of Decree 30/2020, as ``_bare`` leaves them
_NUMBERED = r"(?:so(?:\s*,?\s*k[iy] hieu)?|no)\b\s*[:.]?\s*|so(?=\d)|[:.]\s*"
_DATE = r"[,;]?\s+ngay\s+\d{1,2}(?:\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}|\s+thang\s+\d{1,2}\s+nam\s+\d{4})"
_PART = r"[^\s/,;-]+"
_REFERENCE = re.compile(
    rf"(?:(?:{_TYPES})\b\s*)?(?:{_NUMBERED})?(\d[^\s/,;:]*\s*/(?:\s*{_PART}(?:\s*[/-]\s*{_PART})*-?)?)"
    rf"(?:{_DATE})?(?:[,;]?\s+(?:cua|ve|v/v)\s.*)?"
)
_ONLY_NUMBER = re.compile(rf"(?:(?:{_TYPES})\b\s*)?(?:so|no)\b\s*[:.]?\s*(\d{{1,9}}[a-z]?)(?:{_DATE})?")
_BARE_NUMBER = re.compile(r"\d{1,9}[a-z]?")
_LABEL = re.compile(r"(?:ma van ban|ma dinh danh|ma goi|ma)\s*:\s*")
_NOTATION = re.compile(r"(?<!\S)[^\W\d_]+(?:-[^\W\d_]+)+(?!\S)")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | dict.fromkeys("⁄∕", "/"))
_FULLWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_AROUND = " .,;:\"'()[]{}“”‘’«»"


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

    @property
    def numbered(self) -> Wanted:
        """The same where a number alone is that of a document, whatever its notation."""
        if self.by is By.WORDS and _BARE_NUMBER.fullmatch(self.text.lower()):
            return Wanted(By.CODE, f"{self.text.lower()}/")
        return self


def recognise(typed: str) -> Wanted:
    """What somebody means by what they typed or pasted."""
    text = _spaced(composed(typed).translate(_FULLWIDTH))
    if not text:
        return Wanted()
    found = _named(_unlabelled(text)) or _named(_plain(text))
    if found is not None:
        return found
    # The index of words holds the parts of a notation, not the whole with its hyphens.
    return Wanted(By.WORDS, _NOTATION.sub(lambda match: match[0].replace("-", " "), text))


def agency_code(typed: str) -> str:
    """What might be the code of an agency, in one spelling; a directory knows whether it is one."""
    return _plain(_spaced(typed)).upper()


def _named(text: str) -> Wanted | None:
    """What names one document or a few, if it does."""
    try:
        return Wanted(By.ID, str(UUID(text)))
    except ValueError:
        pass
    if _DOCUMENT_ID.fullmatch(text):
        return Wanted(By.DOCUMENT_ID, text)
    plain = _plain(text)
    bare = _bare(plain)
    if found := _REFERENCE.fullmatch(bare):
        return Wanted(By.CODE, re.sub(r"\s+", "", plain[slice(*found.span(1))]).lower())
    if found := _ONLY_NUMBER.fullmatch(bare):
        return Wanted(By.WORDS, plain[slice(*found.span(1))])
    return Wanted(By.CODE, plain.lower()) if _CODE.fullmatch(plain) else None


def _spaced(text: str) -> str:
    """In one line, with single spaces, not too long."""
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text).split())[:MOST]


def _plain(text: str) -> str:
    """Without what copying adds: fullwidth characters, long dashes, quotes and stops around it, a label before it."""
    text = _spaced(unicodedata.normalize("NFKC", text)).translate(_DASHES).strip(_AROUND)
    return _unlabelled(text).strip(_AROUND)


def _unlabelled(text: str) -> str:
    found = _LABEL.match(_bare(text))
    return text[found.end() :] if found else text


def _bare(text: str) -> str:
    """Without accents and case, a character for each character."""
    return "".join("d" if c in "đĐ" else unicodedata.normalize("NFD", c)[0].lower()[0] for c in text)
