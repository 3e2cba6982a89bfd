"""One table: a refusal -> the answer of each machine front.

VXP has its own JSON with a numeric ErrorCode; everything else gets RFC 9457 problem details. Both take
their words from the catalogue. The numbers 10–23 are those a provincial axis already uses, where the
meaning is the same; 40–43 are ours:

    10 invalid file              15 wrong system id or secret    18 receiver unknown
    19 sender not registered     20 axis fault: retry            21 file processing error
    22 edXML not conforming      23 receiver locked (not used: what a suspended unit gets waits for it)
    40 no such document          41 request not understood       42 not permitted
    43 contradicts what was accepted before
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import uuid4

import structlog

from axis.domain.catalogue import entries
from axis.domain.catalogue.entry import Remedy
from axis.domain.errors import (
    AccessError,
    AxisError,
    ConflictError,
    NotFound,
    PackageError,
    RoutingError,
    SetupError,
    SignatureError,
    StateError,
    Unavailable,
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Row:
    """``vxp``: ErrorCode. ``http``: status code for clients that look at it."""

    vxp: str
    http: int


FAMILIES: tuple[tuple[type[AxisError], Row], ...] = (
    (PackageError, Row("22", 422)),
    (SignatureError, Row("22", 422)),
    (RoutingError, Row("18", 422)),
    (ConflictError, Row("43", 409)),
    (StateError, Row("43", 409)),
    (AccessError, Row("42", 403)),
    (NotFound, Row("40", 404)),
    (Unavailable, Row("20", 503)),
    (SetupError, Row("20", 500)),
)

CODES: dict[str, Row] = {
    "access.credentials": Row("15", 401),
    "access.headers-disagree": Row("15", 401),
    "access.stale": Row("15", 401),
    "access.unit-inactive": Row("19", 403),
    "access.link": Row("40", 404),
    "request.unknown-path": Row("41", 404),
    "request.method": Row("41", 405),
    "request.malformed": Row("41", 400),
    "request.head-too-large": Row("41", 431),
    "request.head-slow": Row("20", 408),
    "request.missing": Row("41", 400),
    "request.unknown-value": Row("41", 400),
    "request.compressed": Row("10", 415),
    "request.too-large": Row("10", 413),
    "request.too-slow": Row("20", 408),
    "request.too-many-connections": Row("20", 503),
    "package.too-large": Row("10", 413),
    "package.empty": Row("10", 422),
    "intake.empty": Row("10", 422),
    "intake.too-large": Row("10", 413),
    "intake.digest-mismatch": Row("10", 422),
    "attachment.bomb": Row("21", 422),
    "attachment.too-large": Row("21", 413),
    "routing.sender-mismatch": Row("19", 422),
    "routing.unit-not-live": Row("19", 403),
}
"""Codes that answer otherwise than their family."""


def row(error: AxisError) -> Row:
    if error.code in CODES:
        return CODES[error.code]
    return next((found for family, found in FAMILIES if isinstance(error, family)), Row("20", 500))


class Fault(AxisError):
    """An unexpected error, as far as a caller may know it: a report id."""


def known(error: BaseException) -> AxisError:
    """The refusal itself, or for anything unexpected a Fault whose report id stands in the log beside
    the traceback. A refusal whose code nobody wrote down is unexpected too."""
    if isinstance(error, AxisError) and error.code in entries():
        return error
    report = uuid4().hex[:12]
    log.error("request.fault", report=report, exc_info=error)
    return Fault("request.fault", report=report)


def vxp_text(error: AxisError) -> str:
    """ErrorDesc: what happened and what to do, in Vietnamese, with the stable code and remedy class."""
    return f"{error.text('vi')} [{error.code}; {error.entry.remedy.value}]"


def language(accept: str) -> str:
    """``en`` when the caller prefers English to Vietnamese, else ``vi``."""
    best: dict[str, float] = {}
    for part in accept[:1000].split(","):
        name, _, rest = part.strip().partition(";")
        quality = rest.strip().removeprefix("q=").strip()
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        tag = name.strip().lower()[:2]
        best[tag] = max(best.get(tag, 0.0), weight)
    return "en" if best.get("en", 0.0) > best.get("vi", 0.0) else "vi"


def problem(error: AxisError, accept_language: str = "", trace_id: str = "") -> tuple[int, bytes]:
    """(HTTP status, RFC 9457 problem details in UTF-8)."""
    status, speech, entry = row(error).http, language(accept_language), error.entry
    details: dict[str, object] = {
        "type": f"urn:axis:error:{error.code}",
        "title": entry.vi if speech == "vi" else entry.en,
        "status": status,
        "detail": error.text(speech),
        "code": error.code,
        "remedy": entry.remedy.value,
    }
    if "{" in str(details["title"]):
        details["title"] = error.text(speech)
    if trace_id:
        details["trace_id"] = trace_id
    return status, json.dumps(details, ensure_ascii=False).encode()


def retry_after(error: AxisError) -> dict[str, str]:
    """The header that tells a well-behaved client when to come back."""
    return {"Retry-After": "5"} if error.entry.remedy is Remedy.RETRY else {}
