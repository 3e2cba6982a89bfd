"""Markings of state secrecy. Such documents may not travel on this axis at all (A28), so a mark is
looked for in every place where a clerk or a program is known to put one; the words are data."""

from __future__ import annotations

import re

from axis.domain.text import composed

# Elements, compared in lower case, that state a degree of secrecy.
ELEMENTS = frozenset({
    "domat", "mucdomat", "domatvanban", "domatid", "securitylevel", "secretlevel", "secrecylevel",
    "securityclass", "securityclassification", "confidential", "confidentiality", "confidentiallevel",
    "secret", "classification",
})  # fmt: skip
# Values of those elements that mean "not secret".
HARMLESS = frozenset({
    "", "0", "00", "false", "no", "none", "null", "normal", "public", "unclassified", "thường", "thuong",
    "bình thường", "binh thuong", "không", "khong", "không mật", "khong mat",
})  # fmt: skip

_DEGREE = r"(?:TUYỆT|TỐI)\s+MẬT|MẬT"
# "Độ mật: Tối mật" in any value; a bracketed mark; the two upper degrees standing alone in capitals;
# a value that is nothing but the mark. "bảo mật", "Cục Mật mã", "bí mật" are ordinary words.
_STATED = re.compile(r"độ\s+(?:khẩn\s*,\s*)?mật\s*[:：]\s*([^\n;,.)\]]*)", re.IGNORECASE)
_BRACKETED = re.compile(rf"[(\[{{<«]\s*(?:ĐỘ\s+)?({_DEGREE})\s*[)\]}}>»]", re.IGNORECASE)
_CAPITALS = re.compile(r"(?<!\w)((?:TUYỆT|TỐI)\s+MẬT)(?!\w)")
_BEGINS = re.compile(rf"(?:{_DEGREE})(?!\w)", re.IGNORECASE)
_ALONE = re.compile(rf"[\s\-–*.:]*({_DEGREE})[\s\-–*.:]*", re.IGNORECASE)
MOST_SHOWN = 12  # characters of a degree nobody knows


def of_element(value: str) -> str:
    """The degree stated by an element of ELEMENTS; empty when harmless."""
    text = composed(value).strip()
    return "" if text.casefold() in HARMLESS else text


def of_text(value: str) -> str:
    """The degree marked inside an ordinary value; empty when there is none."""
    if len(value) < 3:
        return ""
    text = composed(value)
    stated = _STATED.search(text)
    if stated and (degree := of_element(stated.group(1))):
        # The degree alone: the refusal and its journal row must not repeat what may be secret (A28).
        known = _BEGINS.match(degree)
        return known.group(0) if known else degree[:MOST_SHOWN]
    for pattern in (_BRACKETED, _CAPITALS):
        if found := pattern.search(text):
            return found.group(1).upper()
    if found := _ALONE.fullmatch(text):
        return found.group(1).upper()
    return ""
