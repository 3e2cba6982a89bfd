"""The rules about values: what the law asks of the fields of a package (decision-28.md section 7).

Error: the law or the axis refuses such a package, or the national library breaks on it. Warning: it
travels, but somebody will read it differently. A value too long is always a warning with its length
and the limit, never a truncation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final
from uuid import UUID

from axis.domain.codes import is_issuable, normal
from axis.domain.states import KNOWN_STATUSES, MAX_REASON, REASONED
from axis.edxml.findings import Element, Subject, children, clip, local

LENGTHS: Final = {
    "OrganId": 35, "OrganName": 200, "OrganizationInCharge": 200, "OrganAdd": 250, "Email": 100,
    "Telephone": 20, "Fax": 20, "TypeName": 100, "CodeNumber": 11, "CodeNotation": 30, "Subject": 500,
    "Content": 500, "Competence": 100, "Position": 100, "FullName": 50, "SphereOfPromulgation": 100,
    "TyperNotation": 10,
}  # fmt: skip
"""Characters. ``Place`` (50) is checked below PromulgationInfo only: ToPlaces holds whole phrases."""

RANGES: Final = {
    "Priority": (0, 4), "SteeringType": (0, 2), "BussinessDocType": (0, 3), "PageAmount": (0, 999),
}  # fmt: skip
STRICT: Final = frozenset({"Priority", "SteeringType", "BussinessDocType"})
INTEGERS: Final = frozenset({*RANGES, "Type", "TypeDetail", "PromulgationAmount"})
FLAGS: Final = frozenset({"Paper", "DocumentInfo", "DocumentReceiver"})
REQUIRED: Final = ("Code/CodeNumber", "Code/CodeNotation", "Subject", "PromulgationInfo/PromulgationDate")
BUSINESS: Final = {
    "1": ("thu hồi", "recall", "MessageHeader/ResponseFor"),
    "2": ("cập nhật", "update", "TraceHeaderList/Bussiness/DocumentId"),
    "3": ("thay thế", "replacement", "TraceHeaderList/Bussiness/ReplacementInfoList"),
}

_FORMS = (
    re.compile(r"(?P<y>\d{4})/(?P<m>\d{2})/(?P<d>\d{2})(?P<time> \d{2}:\d{2}:\d{2})?"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?P<time>[ T]\d{1,2}:\d{2}.*)?"),
    re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})(?P<time> \d{1,2}:\d{2}.*)?"),
    re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})(?P<time>[ T].*)?"),
)
_TIMED = {"Timestamp"}
_DATED = {"PromulgationDate", "DueDate"}
_DOCUMENT_ID = re.compile(r"([^,]+),([^,]+),(.+)")


def check_document(s: Subject, header: Element, message: Element) -> None:
    """A document package: what must be there, who gets it, what it speaks of."""
    _required(s, message, "From/OrganId")
    _receivers(s, message)
    for path in REQUIRED:
        _required(s, message, path)
    _own_document_id(s, message)
    if s.first(message, "SteeringType") is None:
        s.missing("lint.missing", message, "SteeringType")
    _business(s, header, message)
    _leaves(s, header)


def check_status(s: Subject, header: Element, message: Element) -> None:
    """A status package: who reports, to whom, about what, which code, and why."""
    _required(s, message, "From/OrganId")
    answered = s.first(message, "ResponseFor")
    _required(s, message, "ResponseFor/OrganId")
    if answered is not None and not s.value(answered, "DocumentId") and not s.value(answered, "Code"):
        s.missing("lint.missing", message, "ResponseFor/DocumentId")
    status = s.first(message, "StatusCode")
    code = s.value(status)
    if status is None or not code:
        s.missing("lint.missing", message, "StatusCode")
    elif code not in KNOWN_STATUSES:
        known = ", ".join(sorted(KNOWN_STATUSES))
        say = s.warn if re.fullmatch(r"\d{2}", code) else s.error
        say("lint.value", status, "M", value=clip(code), allowed=known)
    if code in REASONED:
        reason = s.value(message, "Description")
        if not reason:
            s.missing("lint.reason-missing", message, "Description", limit=MAX_REASON)
        elif (size := s.length(reason)) > MAX_REASON:
            said = s.first(message, "Description")
            assert said is not None
            s.error("lint.reason-too-long", said, "R", length=size, limit=MAX_REASON)
    _leaves(s, header)


# -- presence -----------------------------------------------------------------------------------


def _required(s: Subject, message: Element, path: str) -> None:
    if not s.value(message, path):
        s.missing("lint.missing", message, path)


def _receivers(s: Subject, message: Element) -> None:
    receivers = children(message, "To")
    named = [(e, s.value(e, "OrganId")) for e in receivers]
    if not any(code for _, code in named):
        s.missing("lint.missing", message, "To")
    seen: set[str] = set()
    for element, code in named:
        if not code and len(receivers) > 1:
            s.missing("lint.missing", element, "OrganId")
        elif code and normal(code) in seen:
            s.error("lint.duplicate-receiver", element, "M", value=clip(code))
        seen.add(normal(code))


def _business(s: Subject, header: Element, message: Element) -> None:
    kind = s.value(header, "TraceHeaderList/Bussiness/BussinessDocType")
    if kind not in BUSINESS:
        return
    word, word_en, path = BUSINESS[kind]
    top, _, below = path.partition("/")
    if kind == "1":
        found = any(s.value(r, "DocumentId") or s.value(r, "Code") for r in children(message, "ResponseFor"))
    else:
        found = bool(s.value(s.first(header, path)))
    if not found:
        near = s.first(header, top)
        assert near is not None
        s.missing("lint.business", near, below, type=kind, word=word, word_en=word_en, needed=path)


def _own_document_id(s: Subject, message: Element) -> None:
    element = s.first(message, "DocumentId")
    if element is None or not s.value(element):
        s.warn("lint.document-id-missing", message if element is None else element)
        return
    number, notation = s.value(message, "Code/CodeNumber"), s.value(message, "Code/CodeNotation")
    expected = (
        ("OrganId", s.value(message, "From/OrganId")),
        ("PromulgationDate", s.value(message, "PromulgationInfo/PromulgationDate")),
        ("Code", f"{number}/{notation}" if number and notation else ""),
    )
    parts = _DOCUMENT_ID.fullmatch(s.value(element))
    for (name, header), inside in zip(expected, parts.groups() if parts else (), strict=False):
        if header and normal(inside) != normal(header):
            facts = {"part": name, "inside": clip(inside), "header": clip(header)}
            s.warn("lint.document-id-mismatch", element, "M", **facts)


# -- single values ------------------------------------------------------------------------------


def _leaves(s: Subject, header: Element) -> None:
    for top in ("MessageHeader", "TraceHeaderList"):
        for part in children(header, top):
            for leaf in s.leaves(part):
                _leaf(s, leaf)


def _leaf(s: Subject, e: Element) -> None:
    name, raw = local(e), s.raw(e)
    value = raw.strip()
    if value.lower() == "null":
        s.warn("lint.null", e)
        return
    if not value:
        if name == "SteeringType":  # the national library breaks on an empty one
            s.error("lint.not-a-number", e, "T", value="")
        return
    limit = 50 if name == "Place" and _below(e, "PromulgationInfo") else LENGTHS.get(name)
    if limit and (size := s.length(value)) > limit:
        s.warn("lint.too-long", e, "R", length=size, limit=limit)
    if check := _CHECKS.get(name):
        check(s, e, raw)


def _below(e: Element, name: str) -> bool:
    parent = e.getparent()
    return parent is not None and local(parent) == name


def _integer(s: Subject, e: Element, raw: str) -> None:
    name, value = local(e), raw.strip()
    strict = name in STRICT
    say = s.error if strict else s.warn
    if not re.fullmatch(r"-?\d{1,9}", value, re.ASCII) or (name == "SteeringType" and raw != value):
        say("lint.not-a-number", e, "T", value=clip(raw))
    elif name in RANGES and not RANGES[name][0] <= int(value) <= RANGES[name][1]:
        low, high = RANGES[name]
        say("lint.out-of-range", e, "R", value=value, allowed=f"{low}–{high}")


def _flag(s: Subject, e: Element, raw: str) -> None:
    if raw.strip() not in ("0", "1"):
        s.warn("lint.value", e, "M", value=clip(raw.strip()), allowed="0, 1")


def _direction(s: Subject, e: Element, raw: str) -> None:
    if raw.strip() not in ("true", "false"):
        s.warn("lint.value", e, "M", value=clip(raw.strip()), allowed="true, false")


def _organ(s: Subject, e: Element, raw: str) -> None:
    if not is_issuable(raw.strip()):
        s.warn("lint.code-form", e, "M", value=clip(raw.strip()))


def _date(s: Subject, e: Element, raw: str) -> None:
    """Forms in the order the reader tries them; a calendar day that does not exist is no date."""
    value = raw.strip()
    issued = local(e) == "PromulgationDate" and _below(e, "PromulgationInfo")
    say = s.error if issued else s.warn
    timed = local(e) in _TIMED
    form = "yyyy/MM/dd HH:mm:ss" if timed else "yyyy/MM/dd"
    found = next((m for f in _FORMS if (m := f.fullmatch(value))), None)
    if found is None:
        say("lint.date", e, "T", value=clip(value))
        return
    try:
        day = date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        say("lint.date-calendar", e, "M", value=clip(value))
        return
    if found.re is not _FORMS[0] or bool(found["time"]) != timed or raw != value:
        s.warn("lint.date-form", e, "T", value=clip(raw), form=form)
    if issued and day > s.today:
        s.error("lint.date-future", e, "R", value=clip(value), today=f"{s.today:%Y/%m/%d}")


def _document_id(s: Subject, e: Element, raw: str) -> None:
    value = raw.strip()
    parts = _DOCUMENT_ID.fullmatch(value)
    if parts is None or "/" not in parts[3] or not _FORMS[0].fullmatch(parts[2]):
        if not _is_uuid(value):
            s.warn("lint.document-id-form", e, "M", value=clip(value))
        return
    try:
        date(*(int(n) for n in parts[2].split("/")))
    except ValueError:
        s.warn("lint.date-calendar", e, "M", value=clip(value))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


_CHECKS: dict[str, Callable[[Subject, Element, str], None]] = {
    **dict.fromkeys(INTEGERS, _integer),
    **dict.fromkeys(FLAGS, _flag),
    **dict.fromkeys(_TIMED | _DATED, _date),
    "Direction": _direction,
    "OrganId": _organ,
    "DocumentId": _document_id,
}
