"""Agency codes and document identifiers.

Two forms of agency code are in use at once: the old one of 13 characters, level 1 last
(``000.00.00.G22``), and the new one, level 1 first (``G22.01``; Decision 20/2020/QĐ-TTg). Real
traffic breaks both, and no mechanical conversion exists: the alias table of the unit directory is
the only bridge. So: strict when issuing, tolerant when receiving.
"""

from __future__ import annotations

import re
import unicodedata

from axis.domain.text import composed

OLD_FORM = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}")
NEW_FORM = re.compile(r"[A-Z]\d{2}(?:\.[0-9A-Z]{2,3})*")
MAX_CODE = 35
MAX_CODE_READ = 64  # what is accepted from others: receipts hold no longer ones
MAX_DOCUMENT_ID = 500


def is_issuable(code: str) -> bool:
    """True when a code has one of the two legal forms; what operators may register."""
    return bool(OLD_FORM.fullmatch(code)) or (len(code) <= MAX_CODE and bool(NEW_FORM.fullmatch(code)))


def normal(code: str) -> str:
    """The form codes are compared in: trimmed, NFC, upper case."""
    return composed(code).strip().upper()


def has_control(text: str) -> bool:
    """True when an identifier holds a control or formatting character (CR, LF, NUL, bidi …)."""
    return not text.isprintable() and any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in text)


def build_document_id(organ_id: str, date: str, number: str, notation: str) -> str:
    """``OrganId,yyyy/MM/dd,Number/Notation``, or empty when a part is missing: never random,
    because an identifier that changes at each reading identifies nothing."""
    parts = (organ_id.strip(), date.strip(), number.strip(), notation.strip())
    if not all(parts) or any("," in p for p in parts):
        return ""
    return f"{parts[0]},{parts[1]},{parts[2]}/{parts[3]}"
