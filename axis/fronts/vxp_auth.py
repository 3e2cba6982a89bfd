"""Who is calling through the VXP API: the header signature of the national axis's client SDK.

The client signs a flat JSON text, sends that text as a header, and sends each of its values as a header
of its own. Path, method and body are not signed. So: the raw bytes of the text are verified first and
never rebuilt; from then on only its values count, by their exact-case keys (``docId`` and ``docid`` are
two keys); the loose headers serve for one thing, to agree with them. An unknown system, a bad signature
and an unreadable head are one answer, after the same work.

Pure functions: nothing here does I/O.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from axis.domain.clock import VIETNAM
from axis.domain.errors import AccessError

PREFIX = "XroadVnpt-"
_SECRETS = 2
"""At least as many are tried for every call: the one in use and, during a rotation, the one before."""
_DUMMY = hashlib.sha256(b"no system has this secret").hexdigest().encode()
_STAMP = re.compile(r"(\d{2})(\d{2})(\d{4})T(\d{2})(\d{2})(\d{2})\+(\d{4})")

RawHeaders = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Head:
    """The three headers a caller proves itself with, as bytes; ``lines`` are all XroadVnpt-* headers by
    lower-case name without the prefix."""

    system_id: str
    signed: bytes
    mac: str
    lines: Mapping[str, tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class Signed:
    """What the caller signed: values by exact-case name without the prefix."""

    values: Mapping[str, str]

    def get(self, *names: str) -> str:
        """The first of these that is there and not empty, else an empty text."""
        return next((self.values[n] for n in names if self.values.get(n)), "")


def read_head(raw: RawHeaders) -> Head | None:
    """The signed head of a request, or None when it has none or an ambiguous one."""
    lines: dict[str, list[bytes]] = {}
    start = len(PREFIX)
    for name, value in raw:
        if name[:start].lower() == b"xroadvnpt-":
            lines.setdefault(name[start:].decode("latin-1").lower(), []).append(value.strip())
    proofs = [lines.get(n, []) for n in ("systemid", "sign-header", "hash-header")]
    if any(len(found) != 1 or not found[0] for found in proofs):
        return None
    (system_id,), (signed,), (mac,) = proofs
    return Head(system_id.decode("latin-1"), signed, mac.decode("latin-1"), {n: tuple(v) for n, v in lines.items()})


def _wire_forms(signed: bytes) -> dict[str, bytes]:
    """The texts that may have been signed, by how they are to be read: as sent, and as sent by a client
    that writes one byte per character. One for ASCII: which it is depends on the caller alone."""
    if signed.isascii():
        return {"utf-8": signed}
    return {"latin-1": signed.decode("latin-1").encode("utf-8"), "utf-8": signed}


def proven_form(head: Head | None, secrets: Sequence[bytes]) -> str | None:
    """``utf-8`` or ``latin-1``: how the proven text is to be read; None when the proof fails.

    With no head or no secrets the same work is done on a dummy, so that time tells nothing."""
    signed, mac = (head.signed, head.mac) if head else (b"{}", "")
    offered = mac.encode("utf-8", "surrogateescape")
    tried = [*secrets, *[_DUMMY] * (_SECRETS - len(secrets))]
    found: str | None = None
    for form, text in _wire_forms(signed).items():
        for index, secret in enumerate(tried):
            expected = hmac.digest(secret, text, "sha256").hex().encode()
            if hmac.compare_digest(expected, offered) and index < len(secrets):
                found = form
    return found if head is not None else None


def verify(head: Head | None, secrets: Sequence[bytes], uses: Iterable[str] = ()) -> Signed:
    """The signed values of a proven call. ``uses``: names the operation reads.

    Raises AccessError ``access.credentials`` or, once the caller is proven, ``access.headers-disagree``."""
    form = proven_form(head, secrets)
    if head is None or form is None:
        raise AccessError("access.credentials")
    values = _parse(head.signed, form)
    if values.get("systemid", "") != head.system_id:
        raise AccessError("access.headers-disagree", header=f"{PREFIX}systemid")
    for name in {n.lower(): n for n in ("timestamp", *uses)}.values():
        _agree(head, values, name, form)
    return Signed(values)


def _parse(signed: bytes, form: str) -> dict[str, str]:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    try:
        parsed = json.loads(signed.decode(form), object_pairs_hook=once)
        if not isinstance(parsed, dict) or not all(isinstance(v, str) for v in parsed.values()):
            raise ValueError("not a flat object of texts")
        for text in (*parsed, *parsed.values()):
            text.encode("utf-8")  # a lone surrogate would only fail later, somewhere else
    except (ValueError, RecursionError) as error:
        raise AccessError("access.headers-disagree", header=f"{PREFIX}sign-header") from error
    return {key.removeprefix(PREFIX): value for key, value in parsed.items() if key.startswith(PREFIX)}


def _plain(text: str) -> str:
    """The form values are compared in: one of the client's stacks turns line breaks into spaces."""
    if text.isprintable():
        return text.strip()
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text).strip()


def _agree(head: Head, values: Mapping[str, str], name: str, form: str) -> None:
    """The header lines of one name, whatever their case, against the signed values of that name.

    docId and docid travel together in real programs; one of the client's stacks then sends a single
    line for the two, so there, and only there, fewer lines than signed values are in order. Which line is
    which is not asked: a proxy may have put all names in lower case, and only signed values count."""
    lower = name.lower()
    signed = {key: _plain(value) for key, value in values.items() if key.lower() == lower and _plain(value)}
    try:
        sent = [_plain(line.decode(form)) for line in head.lines.get(lower, ())]
    except UnicodeDecodeError:
        raise AccessError("access.headers-disagree", header=PREFIX + name) from None
    sent = [line for line in sent if line]
    fewer = lower == "docid" and len(signed) > 1 and 0 < len(sent) <= len(signed)
    right = all(line in signed.values() for line in sent)
    if not right or not (len(sent) == len(signed) or fewer):
        raise AccessError("access.headers-disagree", header=PREFIX + name)


def sdk_hash(digest: bytes) -> str:
    """The client's odd hex: each byte without its leading zero. It cannot be read back."""
    return "".join(f"{byte:x}" for byte in digest)


def announces(hash_file: str) -> Callable[[bytes], bool]:
    """A judge of raw SHA-256 digests against an announced hash, in the client's form or proper hex."""
    wanted = hash_file.strip().lower().encode("utf-8")

    def judge(digest: bytes) -> bool:
        odd = hmac.compare_digest(sdk_hash(digest).encode(), wanted)
        return hmac.compare_digest(digest.hex().encode(), wanted) or odd

    return judge


def stamp_time(stamp: str) -> datetime | None:
    """``ddMMyyyyTHHmmss+SSSS``: local time of the client, the tail is milliseconds and no zone. Read as
    Vietnam time; None when it is no such stamp."""
    match = _STAMP.fullmatch(stamp.strip())
    if match is None:
        return None
    day, month, year, hour, minute, second, milli = (int(part) for part in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, min(milli, 999) * 1000, VIETNAM)
    except ValueError:
        return None


def receivers_of(value: str) -> tuple[str, ...]:
    """The header ``to``: the JSON text of what the caller gave (array or string), else plain text."""
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        parsed = value
    found = parsed if isinstance(parsed, list) else [parsed]
    return tuple(str(item).strip() for item in found if isinstance(item, str | int) and str(item).strip())
