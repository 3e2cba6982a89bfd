"""Names that come from a package: shown to people, never used as paths.

A name may hold anything a sender can type: ``../``, a NUL, a right-to-left override that makes
``fdp.exe`` look like ``exe.pdf``, a device name of Windows. What is shown, and what a browser is
told to save as, goes through ``safe_name``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from axis.domain.text import composed

MAX_NAME: Final = 200
"""Bytes of UTF-8: room for a suffix such as " (1)" below the 255 of common file systems."""
UNNAMED: Final = "van-ban"

_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_SEPARATORS = re.compile('[/\\\\:*?"<>|\u2044\u2215\u29f8\u29f9\ufe68\uff0f\uff3c]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)", re.IGNORECASE)
_CID = re.compile(r"\s*cid:\s*", re.IGNORECASE)


def bare_id(content_id: str) -> str:
    """A ContentId without any leading ``cid:``; the library adds one at every parse and build."""
    while found := _CID.match(content_id):
        content_id = content_id[found.end() :]
    return content_id.strip()


def safe_name(name: str) -> str:
    """A name that is harmless on every screen and file system, and keeps its extension."""
    text = composed(name)
    text = "".join(c for c in text if unicodedata.category(c) not in _HIDDEN)
    text = _SEPARATORS.sub("_", text)
    text = " ".join(text.split()).strip(" .")
    if not text or not text.strip("_."):
        return UNNAMED
    stem, dot, extension = text.rpartition(".")
    if not dot or not 0 < len(extension.encode()) <= 20:
        stem, dot, extension = text, "", ""
    if _RESERVED.fullmatch(stem.split(".")[0].strip()):
        stem = f"_{stem}"
    room = MAX_NAME - len((dot + extension).encode())
    if len(stem.encode()) > room:
        stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .")
    return f"{stem}{dot}{extension}"
