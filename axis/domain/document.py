"""A package as the axis understands it: frozen facts read from the sender's bytes.

Names follow edXML (QCVN 102:2016) so that an integrator finds every field; ``business`` is the
element spelt ``Bussiness`` on the wire. Values are trimmed; absent values are empty strings or None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum

from axis.domain.catalogue import Severity, entry


class Kind(StrEnum):
    DOCUMENT = "document"
    STATUS = "status"


class BusinessType(IntEnum):
    """``BussinessDocType``; absent means NEW."""

    NEW = 0
    RECALL = 1
    UPDATE = 2
    REPLACE = 3


EXCLUSIVE_TYPES = frozenset({BusinessType.NEW, BusinessType.REPLACE})
"""Types of which one DocumentId names exactly one document. A recall or an update speaks of a
document that exists already and may come again under the same DocumentId."""


class Verdict(StrEnum):
    """Who vouches for a package. ``attached`` (signatures inside the files) is reserved."""

    PROVEN = "proven"
    ATTACHED = "attached"
    UNPROVEN = "unproven"


class Policy(StrEnum):
    """Which verdicts a unit's packages need in order to be accepted."""

    REQUIRED = "required"
    ATTACHED = "attached"
    REFERENCE_ONLY = "reference-only"


@dataclass(frozen=True, slots=True)
class Organization:
    organ_id: str = ""
    organization_in_charge: str = ""
    organ_name: str = ""
    organ_add: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as written and as understood; ``value`` is None when the text is no date."""

    text: str = ""
    value: date | None = None


@dataclass(frozen=True, slots=True)
class Code:
    number: str = ""
    notation: str = ""

    @property
    def full(self) -> str:
        return "/".join(part for part in (self.number, self.notation) if part)


@dataclass(frozen=True, slots=True)
class Signer:
    competence: str = ""
    position: str = ""
    full_name: str = ""


@dataclass(frozen=True, slots=True)
class OtherInfo:
    priority: int = 0
    sphere_of_promulgation: str = ""
    typer_notation: str = ""
    promulgation_amount: int = 1
    page_amount: int = 1
    direction: bool = False
    appendixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseFor:
    organ_id: str = ""
    code: str = ""
    document_id: str = ""
    promulgation_date: Dated = field(default_factory=Dated)


@dataclass(frozen=True, slots=True)
class Staff:
    department: str = ""
    department_id: str = ""
    staff: str = ""
    staff_id: str = ""
    email: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class ReceiverChange:
    organ_id: str
    receiver_type: str


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """``BussinessDocumentInfo`` of an update."""

    document_info: str = ""
    document_receiver: str = ""
    receivers: tuple[ReceiverChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Replacement:
    document_id: str
    organ_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Business:
    """The element ``Bussiness`` (sic)."""

    type: int = 0
    document_id: str = ""
    reason: str = ""
    paper: str = ""
    changes: tuple[DocumentChange, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    staff: tuple[Staff, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    organ_id: str = ""
    timestamp: str = ""


@dataclass(frozen=True, slots=True)
class ManifestReference:
    content_id: str = ""
    content_type: str = ""
    description: str = ""
    attachment_name: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment where it lies: ``offset`` and ``length`` are bytes of its base64 text in the
    original file (UTF-8 packages only; -1 otherwise). The content itself is never held in memory.
    ``content_id`` has every leading ``cid:`` removed."""

    content_id: str = ""
    name: str = ""
    description: str = ""
    content_type: str = ""
    offset: int = -1
    length: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a reader or linter has to say about a package.

    ``rule`` is a code of the catalogue; ``path`` an element path like
    ``edXMLHeader/MessageHeader/From/OrganId``; ``line`` counts from 1, 0 = unknown."""

    rule: str
    severity: Severity
    path: str = ""
    line: int = 0
    facts: tuple[tuple[str, str], ...] = ()

    def text(self, language: str = "vi") -> str:
        return entry(self.rule).text(language, {"path": self.path, "line": self.line, **dict(self.facts)})

    def to_json(self) -> dict[str, object]:
        return {
            "rule": self.rule, "severity": self.severity.value, "path": self.path, "line": self.line,
            "vi": self.text("vi"), "en": self.text("en"), "facts": dict(self.facts),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Package:
    """Everything read from one package. For a status package ``receivers`` is empty, ``response_for``
    holds one item and its ``organ_id`` is the addressee (edxml.md section 4)."""

    kind: Kind
    sender: Organization
    receivers: tuple[Organization, ...] = ()
    document_id: str = ""
    code: Code = field(default_factory=Code)
    place: str = ""
    promulgation_date: Dated = field(default_factory=Dated)
    document_type: int = 2
    type_detail: int = -1
    type_name: str = ""
    subject: str = ""
    content: str = ""
    signer: Signer = field(default_factory=Signer)
    due_date: Dated = field(default_factory=Dated)
    other: OtherInfo = field(default_factory=OtherInfo)
    response_for: tuple[ResponseFor, ...] = ()
    steering_type: int = 0
    task_codes: tuple[str, ...] = ()
    application_type: str = ""
    to_places: tuple[str, ...] = ()
    paper: str = ""
    business: Business | None = None
    trace: tuple[Trace, ...] = ()
    status_code: str = ""
    status_description: str = ""
    status_staff: Staff | None = None
    status_timestamp: str = ""
    manifest: tuple[ManifestReference, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    dialect: str = "A"
    encoding: str = "utf-8"
    repairs: tuple[str, ...] = ()
    secrecy: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def business_type(self) -> int:
        return self.business.type if self.business else BusinessType.NEW

    @property
    def said_paper(self) -> str:
        """``Paper`` as the sender says it: 0 not accompanied by paper, 1 accompanied (Decision 28 Đ5.3)."""
        return self.business.paper if self.business and self.business.paper else self.paper

    def identity(self, sha256: str) -> str:
        """What makes this package *the same again* for its sender (P4): the DocumentId for documents
        that own one, so that other bytes under it are a conflict; else the bytes themselves."""
        if self.kind is Kind.DOCUMENT and self.document_id and self.business_type in EXCLUSIVE_TYPES:
            return f"document:{self.document_id}"
        return f"{self.kind}:{self.business_type}:{sha256}"

    @property
    def addressees(self) -> tuple[str, ...]:
        """Agency codes this package must reach, as written, without repeats, in order."""
        if self.kind is Kind.STATUS:
            codes = [r.organ_id for r in self.response_for[:1]]
        else:
            codes = [o.organ_id for o in self.receivers]
        return tuple(dict.fromkeys(c for c in codes if c))
