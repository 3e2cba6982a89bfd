"""A package as it is remembered: the searchable columns, and the rest of its header as details.

Written out by hand rather than by reflection over dataclasses: this runs once per accepted package,
and what is kept of a state document should be readable here in one sitting.

The reader allows a megabyte in one element, the index of words a megabyte for all of a row's, and the other
indexes 2,704 bytes. So the columns hold the beginning of a text that is many times longer than QCVN 102 allows
(500 characters for a subject, 11 and 30 for a number); the package itself is kept as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from axis.domain.codes import MAX_DOCUMENT_ID
from axis.domain.document import Dated, Organization, Package
from axis.domain.text import stream_safe
from axis.hub.routing import Route
from axis.store.packages import Evidence, NewDelivery, PackageRow
from axis.trust.verdict import Judgement

MAX_TEXT, MAX_NUMBER = 4_000, 250
"""Characters that a searchable column holds of a text, and of a number or a notation."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A package that passed every check, before anything is written."""

    package: Package
    judgement: Judgement
    sender: str
    route: Route
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Examined:
    """What comes out of the worker thread: durable bytes, and the rows to commit. ``finish_due``: by when
    the receivers are to be done with it; ``about``: the very package a person had before them, where the
    DocumentId alone may name a newer one by now."""

    judged: Judged
    row: PackageRow
    deliveries: tuple[NewDelivery, ...]
    evidence: Evidence
    finish_due: datetime | None = None
    about: UUID | None = None

    @property
    def actor(self) -> str:
        """How the journal names who did it: the person at the desk of the axis, so that what a person did is found by
        their login; else the party whose system sent it. For which unit it was done is the row's unit."""
        return self.evidence.actor if self.evidence.actor.startswith("person:") else self.row.sender


def row(
    package_id: UUID, source_unit: UUID, judged: Judged, front: str, received_at: datetime,
    send_due: datetime | None = None,
) -> PackageRow:  # fmt: skip
    package = judged.package
    # The index of words composes these again, in the database: text that would hold it for minutes stays outside.
    return PackageRow(
        id=package_id,
        kind=package.kind.value,
        business_type=package.business_type,
        sender=judged.sender,
        sender_name=stream_safe(package.sender.organ_name[:MAX_TEXT]),
        source_unit=source_unit,
        identity=package.identity(judged.sha256),
        document_id=package.document_id,
        code_number=stream_safe(package.code.number[:MAX_NUMBER]),
        code_notation=stream_safe(package.code.notation[:MAX_NUMBER]),
        subject=stream_safe(package.subject[:MAX_TEXT]),
        type_name=stream_safe(package.type_name[:MAX_TEXT]),
        promulgation_date=package.promulgation_date.value,
        due_date=package.due_date.value,
        signer_name=stream_safe(package.signer.full_name[:MAX_TEXT]),
        priority=min(max(package.other.priority, 0), 4),
        paper=package.said_paper,
        about=about(package)[: MAX_DOCUMENT_ID + 1],  # too long for any: it names none
        status_code=package.status_code,
        sha256=judged.sha256,
        size=judged.size,
        encoding=package.encoding,
        verdict=judged.judgement.verdict.value,
        details=details(judged),
        front=front,
        received_at=received_at,
        send_due_at=send_due,
    )


def about(package: Package) -> str:
    """DocumentId of the document this package speaks of; empty for a new document."""
    if package.business_type == 2 and package.business:
        return package.business.document_id
    if package.business_type == 3 and package.business and package.business.replacements:
        return package.business.replacements[0].document_id
    return package.response_for[0].document_id if package.response_for else ""


def details(judged: Judged) -> dict[str, Any]:
    package, judgement = judged.package, judged.judgement
    signer = judgement.signer
    found: dict[str, Any] = {
        "from": _organization(package.sender),
        "to": [_organization(o) for o in package.receivers],
        "elsewhere": list(judged.route.elsewhere),
        "place": package.place,
        "content": package.content,
        "document_type": package.document_type,
        "signer": {
            "competence": package.signer.competence,
            "position": package.signer.position,
            "full_name": package.signer.full_name,
        },
        "other": {
            "sphere": package.other.sphere_of_promulgation,
            "typer": package.other.typer_notation,
            "pages": package.other.page_amount,
            "copies": package.other.promulgation_amount,
            "appendixes": list(package.other.appendixes),
        },
        "steering_type": package.steering_type,
        "to_places": list(package.to_places),
        "response_for": [
            {
                "organ_id": r.organ_id,
                "code": r.code,
                "document_id": r.document_id,
                "date": _date(r.promulgation_date),
            }
            for r in package.response_for
        ],
        "trace": [{"organ_id": t.organ_id, "timestamp": t.timestamp} for t in package.trace],
        "attachments": [
            {
                "content_id": a.content_id,
                "name": a.name,
                "description": a.description,
                "content_type": a.content_type,
                "offset": a.offset,
                "length": a.length,
            }
            for a in package.attachments
        ],
        "dialect": package.dialect,
        "repairs": list(package.repairs),
        "findings": [f.to_json() for f in package.findings],
        "verdict_reasons": [f.to_json() for f in judgement.reasons],
        "signed_by": {"subject": signer.subject, "issuer": signer.issuer, "fingerprint": signer.fingerprint}
        if signer
        else None,
    }
    if package.business:
        found["business"] = _business(package)
    if package.status_code:
        found["status"] = _status(package)
    return found


def _business(package: Package) -> Mapping[str, Any]:
    business = package.business
    assert business is not None
    return {
        "type": business.type,
        "document_id": business.document_id,
        "reason": business.reason,
        "changes": [
            {
                "document_info": c.document_info,
                "document_receiver": c.document_receiver,
                "receivers": [{"organ_id": r.organ_id, "type": r.receiver_type} for r in c.receivers],
            }
            for c in business.changes
        ],
        "replacements": [
            {"document_id": r.document_id, "organ_ids": list(r.organ_ids)} for r in business.replacements
        ],
        "staff": [{"department": s.department, "staff": s.staff, "email": s.email} for s in business.staff],
    }


def _status(package: Package) -> Mapping[str, Any]:
    staff = package.status_staff
    return {
        "code": package.status_code,
        "description": package.status_description,
        "timestamp": package.status_timestamp,
        "staff": {"department": staff.department, "staff": staff.staff} if staff else None,
    }


def _organization(found: Organization) -> dict[str, str]:
    return {"organ_id": found.organ_id, "name": found.organ_name, "in_charge": found.organization_in_charge}


def _date(found: Dated) -> str:
    return found.value.isoformat() if found.value else found.text
