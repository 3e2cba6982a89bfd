"""Packages of the demo: planned documents and statuses as edXML, by the project's own strict writer.

Written bytes are a function of the plan (the ids inside are derived, not random), so a repeat after
a lost answer is the same package. Three are spoilt on purpose: the axis has to refuse them.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from axis.demo.documents import RECALL, REPLACE, UPDATE, Document
from axis.demo.pdf import render
from axis.demo.units import BY_CODE, UNKNOWN_CODE
from axis.domain.clock import VIETNAM
from axis.domain.codes import build_document_id
from axis.domain.document import (
    Business,
    Code,
    Dated,
    Kind,
    Organization,
    OtherInfo,
    Package,
    Replacement,
    ResponseFor,
    Signer,
    Staff,
)
from axis.domain.states import WORDS
from axis.edxml.writer import FileToSend, document_bytes, status_bytes

TAMPERED: Final = "tampered"
UNKNOWN_RECEIVER: Final = "unknown-receiver"
DOCTYPE: Final = "doctype"
BAD_KINDS: Final = (TAMPERED, UNKNOWN_RECEIVER, DOCTYPE)

Sign = Callable[[bytes], bytes]


def _organization(code: str) -> Organization:
    unit = BY_CODE.get(code)
    return Organization(organ_id=code, organ_name=unit.name if unit else "Đơn vị không có trong danh bạ")


def _dated(text: str) -> Dated:
    return Dated(text, date(*map(int, text.split("/"))) if text else None)


def _ids(document_id: str) -> Callable[[], UUID]:
    counter = itertools.count()
    return lambda: uuid5(NAMESPACE_URL, f"{document_id}#{next(counter)}")


def document_package(document: Document, seed: int) -> bytes:
    """The unsigned package of a planned document with its attachments."""
    package = Package(
        kind=Kind.DOCUMENT,
        sender=_organization(document.sender),
        receivers=tuple(_organization(code) for code in document.receivers),
        document_id=document.document_id,
        code=Code(document.number, document.notation),
        place="Hà Nội",
        promulgation_date=_dated(document.date),
        type_name=document.type_name,
        subject=document.subject,
        content=document.subject,
        signer=Signer(document.competence, document.position, document.full_name),
        due_date=_dated(document.due),
        other=OtherInfo(
            priority=document.priority,
            sphere_of_promulgation=document.sphere,
            page_amount=2 if document.scan_bytes else 1,
        ),
        to_places=("Như trên", "Lưu: VT"),
        business=_business(document),
        response_for=(
            (ResponseFor(document.sender, document_id=document.about),) if document.business == RECALL else ()
        ),
    )
    name = f"{document.number}_{document.notation}".replace("Đ", "D")
    files = [_file(f"{name}.pdf", "Văn bản", render(document.lines))]
    if document.scan_bytes:
        scan = render([f"Phụ lục kèm theo văn bản số {document.number}"], document.scan_bytes, seed)
        files.append(_file(f"{name}_phu-luc.pdf", "Phụ lục (bản quét)", scan))
    return document_bytes(package, files, ids=_ids(document.document_id))


def _business(document: Document) -> Business | None:
    """Each kind names the document it speaks of in its own place (edxml.md section 3); a recall in ResponseFor."""
    if not document.business:
        return None
    staff = (Staff(department="Văn thư", staff="Văn thư Bộ"),)
    about, to = document.about, document.receivers
    return Business(
        type=document.business, document_id=about if document.business == UPDATE else "", reason=document.subject,
        replacements=(Replacement(about, to),) if document.business == REPLACE else (), staff=staff,
    )  # fmt: skip


def _file(name: str, description: str, content: bytes) -> FileToSend:
    return FileToSend(name, lambda: io.BytesIO(content), description)


def bad_package(kind: str, like: Document, seed: int, sign: Sign) -> tuple[str, bytes]:
    """A package the axis must refuse, and its DocumentId. ``like``: any good document."""
    document = replace(like, number=f"9{BAD_KINDS.index(kind)}", notation="BGTVT-THU", scan_bytes=0)
    if kind == UNKNOWN_RECEIVER:
        document = replace(document, receivers=(*document.receivers[:1], UNKNOWN_CODE))
    data = sign(document_package(document, seed))
    if kind == TAMPERED:  # one letter of the subject, after the signature was made
        marker = b"<edXML:Subject>"
        at = data.index(marker) + len(marker)
        data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    elif kind == DOCTYPE:
        data = data.replace(b"?>", b'?>\r\n<!DOCTYPE edXML [<!ENTITY a "a">]>', 1)
    return document.document_id, data


def status_package(
    by: str, document: Package, status: str, reason: str, now: datetime, clerk: str = ""
) -> bytes:
    """The unsigned status package by which ``by`` answers the sender of ``document``."""
    package = Package(
        kind=Kind.STATUS,
        sender=_organization(by),
        response_for=(
            ResponseFor(
                organ_id=document.sender.organ_id,
                code=document.code.full,
                document_id=document.document_id
                or build_document_id(
                    document.sender.organ_id,
                    document.promulgation_date.text,
                    document.code.number,
                    document.code.notation,
                ),
                promulgation_date=document.promulgation_date,
            ),
        ),
        status_code=status,
        status_description=reason or f"{BY_CODE[by].name}: {WORDS[status][0]}",
        status_staff=Staff(department="Văn thư", staff=clerk or "Văn thư cơ quan"),
        status_timestamp=now.astimezone(VIETNAM).strftime("%Y/%m/%d %H:%M:%S"),
    )
    return status_bytes(package)
