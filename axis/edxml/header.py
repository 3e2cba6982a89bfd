"""The header of a package as a tree of elements, in the order of the reference library.

Order, names and the rule "null or empty: left out" are those of edxml.md sections 1, 2 and 4. What
the law requires of a package (decision-28.md section 7) is refused here when it is missing.
"""

from __future__ import annotations

import re
from typing import Final

from axis.domain.codes import build_document_id, has_control
from axis.domain.document import (
    Business,
    Dated,
    DocumentChange,
    Organization,
    OtherInfo,
    Package,
    ResponseFor,
    Staff,
)
from axis.domain.errors import PackageError
from axis.domain.states import MAX_REASON, REASONED
from axis.domain.text import composed

BLANK: Final = " \t\r\n"
"""Trimmed at both ends; U+00A0 stays, as the library leaves it."""

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DOCUMENT_ID = re.compile(r"[^,]+,\d{4}/\d{2}/\d{2},[^,/]+/[^,]+")
_TIME = re.compile(r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}")
_STATUS = re.compile(r"\d{2}")

Node = tuple[str, "str | list[Node]"]
"""An element: its name and either its text or its children."""


def message_header(p: Package) -> list[Node]:
    receivers = [o.organ_id.strip(BLANK) for o in p.receivers]
    for name, value in (
        ("From/OrganId", p.sender.organ_id),
        ("To/OrganId", all(receivers) and "".join(receivers)),
        ("Code/CodeNumber", p.code.number),
        ("Code/CodeNotation", p.code.notation),
        ("PromulgationInfo/PromulgationDate", _date("PromulgationDate", p.promulgation_date)),
        ("Subject", p.subject),
    ):
        if not value or not value.strip(BLANK):
            raise PackageError("writer.missing", path=f"MessageHeader/{name}")
    for code in receivers:
        if receivers.count(code) > 1:
            raise PackageError("writer.duplicate-receiver", organ=code)
    return [
        ("From", _organization(p.sender)),
        *(("To", _organization(o)) for o in p.receivers),
        ("DocumentId", _document_id(p)),
        ("Code", [("CodeNumber", p.code.number), ("CodeNotation", p.code.notation)]),
        (
            "PromulgationInfo",
            [("Place", p.place), ("PromulgationDate", _date("PromulgationDate", p.promulgation_date))],
        ),
        ("DocumentType", _document_type(p)),
        ("Subject", p.subject),
        ("Content", p.content),
        (
            "SignerInfo",
            [
                ("Competence", p.signer.competence),
                ("Position", p.signer.position),
                ("FullName", p.signer.full_name),
            ],
        ),
        ("DueDate", _date("DueDate", p.due_date)),
        ("OtherInfo", _other(p.other)),
        *(("ResponseFor", _response_for(r)) for r in p.response_for),
        ("SteeringType", str(p.steering_type)),
        ("ResponseForTask", [("TaskCode", code) for code in p.task_codes]),
        ("ApplicationType", p.application_type),
        ("ToPlaces", [("Place", place) for place in p.to_places]),
    ]


def status_header(p: Package) -> list[Node]:
    status = p.status_code.strip(BLANK)
    answered = p.response_for[0] if len(p.response_for) == 1 else ResponseFor()
    for name, value in (
        ("From/OrganId", p.sender.organ_id),
        ("ResponseFor/OrganId", answered.organ_id),
        ("ResponseFor/DocumentId", answered.document_id or answered.code),
        ("StatusCode", status),
    ):
        if not value.strip(BLANK):
            raise PackageError("writer.missing", path=f"MessageHeader/{name}")
    if not _STATUS.fullmatch(status):
        raise PackageError("writer.status-code", value=status)
    reason = p.status_description.strip(BLANK)
    if status in REASONED and not 0 < len(composed(reason)) <= MAX_REASON:
        raise PackageError("writer.reason", status=status, limit=MAX_REASON, length=len(reason))
    return [
        ("From", _organization(p.sender)),
        ("ResponseFor", _response_for(answered)),
        ("StaffInfo", _staff(p.status_staff) if p.status_staff else []),
        ("StatusCode", status),
        ("Description", reason),
        ("Timestamp", _time("Timestamp", p.status_timestamp)),
    ]


def trace_list(p: Package) -> list[Node]:
    """Bussiness before TraceHeader, as the library writes it; older samples have it after."""
    return [
        ("Paper", p.paper),
        *([("Bussiness", _business(p.business))] if p.business else ()),
        *(("TraceHeader", [("OrganId", t.organ_id), ("Timestamp", _passed(t.timestamp))]) for t in p.trace),
    ]


def _business(b: Business) -> list[Node]:
    replaced: list[Node] = [
        (
            "ReplacementInfo",
            [("DocumentId", r.document_id), ("OrganIdList", [("OrganId", code) for code in r.organ_ids])],
        )
        for r in b.replacements
    ]
    return [
        ("DocumentId", b.document_id),
        ("BussinessDocType", str(int(b.type))),
        ("BussinessDocReason", b.reason),
        ("Paper", b.paper),
        *(("BussinessDocumentInfo", _change(c)) for c in b.changes),
        ("ReplacementInfoList", replaced),
        *(("StaffInfo", _staff(s)) for s in b.staff),
    ]


def _change(c: DocumentChange) -> list[Node]:
    receivers: list[Node] = [
        ("Receiver", [("OrganId", r.organ_id), ("ReceiverType", r.receiver_type)]) for r in c.receivers
    ]
    return [
        ("DocumentInfo", c.document_info),
        ("DocumentReceiver", c.document_receiver),
        ("ReceiverList", receivers),
    ]


def _organization(o: Organization) -> list[Node]:
    return [
        ("OrganId", o.organ_id),
        ("OrganizationInCharge", o.organization_in_charge),
        ("OrganName", o.organ_name),
        ("OrganAdd", o.organ_add),
        ("Email", o.email),
        ("Telephone", o.telephone),
        ("Fax", o.fax),
        ("Website", o.website),
    ]


def _document_type(p: Package) -> list[Node]:
    if (p.document_type, p.type_detail) == (2, -1) and not p.type_name.strip(BLANK):
        return []  # the reader's defaults: saying nothing means the same
    return [
        ("Type", _count(p.document_type)),
        ("TypeDetail", _count(p.type_detail)),
        ("TypeName", p.type_name),
    ]


def _other(o: OtherInfo) -> list[Node]:
    if o == OtherInfo():
        return []
    return [
        ("Priority", _count(o.priority)),
        ("SphereOfPromulgation", o.sphere_of_promulgation),
        ("TyperNotation", o.typer_notation),
        ("PromulgationAmount", _count(o.promulgation_amount)),
        ("PageAmount", _count(o.page_amount)),
        ("Direction", "true" if o.direction else "false"),
        ("Appendixes", [("Appendix", text) for text in o.appendixes]),
    ]


def _response_for(r: ResponseFor) -> list[Node]:
    return [
        ("OrganId", r.organ_id),
        ("Code", r.code),
        ("DocumentId", r.document_id),
        ("PromulgationDate", _date("ResponseFor/PromulgationDate", r.promulgation_date)),
    ]


def _staff(s: Staff) -> list[Node]:
    return [
        ("Department", s.department),
        ("DepartmentId", s.department_id),
        ("Staff", s.staff),
        ("StaffId", s.staff_id),
        ("Email", s.email),
        ("Mobile", s.mobile),
    ]


def _document_id(p: Package) -> str:
    """The identifier given, or the one its parts make. A random one would identify nothing."""
    given = p.document_id.strip(BLANK)
    value = given or build_document_id(
        p.sender.organ_id, _date("PromulgationDate", p.promulgation_date), p.code.number, p.code.notation
    )
    if not _DOCUMENT_ID.fullmatch(value) or has_control(value):
        parts = ",".join((p.sender.organ_id, p.promulgation_date.text, p.code.full))
        raise PackageError("writer.document-id", value=value or parts)
    return value


def _count(number: int) -> str:
    return str(number) if number >= 0 else ""  # negative int: element left out, as in the library


def _date(path: str, dated: Dated) -> str:
    if dated.value is not None:
        return f"{dated.value.year:04}/{dated.value.month:02}/{dated.value.day:02}"
    if dated.text.strip(BLANK):
        raise PackageError("writer.date", path=path, value=dated.text)
    return ""


def _passed(text: str) -> str:
    return _time("TraceHeaderList/TraceHeader/Timestamp", text)


def _time(path: str, text: str) -> str:
    value = text.strip(BLANK)
    if value and not _TIME.fullmatch(value):
        raise PackageError("writer.time", path=path, value=value)
    return value


def _text(path: str, value: str) -> str:
    """Trimmed and escaped. A carriage return inside is written as a reference: raw, every parser
    would turn it into a line feed."""
    value = value.strip(BLANK)
    if found := _ILLEGAL.search(value):
        raise PackageError("writer.character", path=path, character=f"U+{ord(found[0]):04X}")
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def render(node: Node, depth: int, prefix: str = "edXML:", parent: str = "") -> list[str]:
    """The lines of an element; none at all when it holds nothing."""
    name, body = node
    path = f"{parent}/{name}" if parent else name
    pad = "  " * depth
    if isinstance(body, str):
        value = _text(path, body)
        return [f"{pad}<{prefix}{name}>{value}</{prefix}{name}>\r\n"] if value else []
    inner = [line for child in body for line in render(child, depth + 1, prefix, path)]
    return [f"{pad}<{prefix}{name}>\r\n", *inner, f"{pad}</{prefix}{name}>\r\n"] if inner else []
