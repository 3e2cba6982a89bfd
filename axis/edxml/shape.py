"""Which elements of a package are read, where they stand, and how often they may.

A role is what an element means at its place; the same name elsewhere means nothing. Names are local
names (edxml.md section 9: prefixes are unreliable). Everything not named here is skipped, and signed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto


class Take(Enum):
    VALUE = auto()  # text
    RECORD = auto()  # holds values and records
    CONTENT = auto()  # base64 of an attachment: measured, never kept
    SEAL = auto()  # the place of the package signature
    MARK = auto()  # an element that states a degree of secrecy, wherever it stands


@dataclass(frozen=True)
class Role:
    """``single``: a second one is doubtful. ``identity``: a second one makes the package ambiguous
    about who or what it is, and refuses it even when nothing is signed."""

    name: str
    take: Take
    single: bool = True
    identity: bool = False
    kids: dict[str, Role] = field(default_factory=dict)


def _values(names: str) -> dict[str, Role]:
    """``OrganId! Place*``: ``!`` is an identity, ``*`` may repeat."""
    roles = {}
    for word in names.split():
        name = word.rstrip("!*")
        roles[name] = Role(name, Take.VALUE, "*" not in word, "!" in word)
    return roles


def _record(word: str, values: str = "", *kids: Role) -> dict[str, Role]:
    name = word.rstrip("!*")
    inside = {**_values(values), **{kid.name: kid for kid in kids}}
    return {name: Role(name, Take.RECORD, "*" not in word, "!" in word, inside)}


def _one(word: str, values: str = "", *kids: Role) -> Role:
    return next(iter(_record(word, values, *kids).values()))


_ORGANIZATION = "OrganizationInCharge OrganName OrganAdd Email Telephone Fax Website"
_STAFF = "Department DepartmentId Staff StaffId Email Mobile"
_CODE = _one("Code", "CodeNumber CodeNotation")

MESSAGE = _one(
    "MessageHeader!",
    "DocumentId! Subject Content DueDate SteeringType ApplicationType StatusCode! Description Timestamp",
    _one("From!", "OrganId! " + _ORGANIZATION),
    _one("To*", "OrganId " + _ORGANIZATION),
    _CODE,
    _one("PromulgationInfo", "Place PromulgationDate"),
    _one("DocumentType", "Type TypeDetail TypeName"),
    _one("SignerInfo", "Competence Position FullName"),
    _one("OtherInfo", "Priority SphereOfPromulgation TyperNotation PromulgationAmount PageAmount Direction",
         _one("Appendixes", "Appendix*")),
    _one("ResponseFor*", "OrganId Code DocumentId PromulgationDate"),
    _one("ResponseForTask", "TaskCode*"),
    _one("ToPlaces", "Place*"),
    _one("StaffInfo", _STAFF),
)  # fmt: skip

TRACE = _one(
    "TraceHeaderList", "Paper",
    _one("TraceHeader*", "OrganId Timestamp"),
    _one("Bussiness", "DocumentId BussinessDocType BussinessDocReason Paper",
         _one("BussinessDocumentInfo*", "DocumentInfo DocumentReceiver",
              _one("ReceiverList*", "", _one("Receiver*", "OrganId ReceiverType"))),
         _one("ReplacementInfoList*", "",
              _one("ReplacementInfo*", "DocumentId", _one("OrganIdList*", "OrganId*"))),
         _one("StaffInfo*", _STAFF)),
)  # fmt: skip

HEADER = _one("edXMLHeader!", "", MESSAGE, TRACE, Role("Signature", Take.SEAL))

_MANIFEST = _one("edXMLManifest", "", _one("Reference*", "ContentId ContentType Description AttachmentName"))
BODY = Role("edXMLBody", Take.RECORD, kids={
    "edXMLManifest": _MANIFEST, "Manifest": _MANIFEST,
})  # fmt: skip

ATTACHMENT = _one(
    "Attachment*", "ContentId AttachmentName Description FieldName MimeType ContentType",
    Role("ContentTransferEncoded", Take.CONTENT),
)  # fmt: skip

ROOT = _one(
    "edXML!", "",
    _one("edXMLEnvelope!", "", HEADER, BODY),
    _one("AttachmentEncoded*", "", ATTACHMENT),
)  # fmt: skip

# Names that would fool another reader if they stood elsewhere in a signed package (wrapping attacks).
STRUCTURAL = frozenset({
    "edXML", "edXMLEnvelope", "edXMLHeader", "MessageHeader", "From", "To", "edXMLBody", "edXMLManifest",
    "TraceHeaderList", "Bussiness", "AttachmentEncoded", "Attachment", "ContentTransferEncoded",
})  # fmt: skip
# Identifiers: a control or invisible character in one makes two that look the same.
IDENTIFIERS = frozenset({"OrganId", "DocumentId", "StatusCode", "CodeNumber", "CodeNotation"})

MARK = Role("mark", Take.MARK, single=False)


class Record:
    """What was read of one record element, in order of appearance."""

    __slots__ = ("content", "records", "values")

    def __init__(self) -> None:
        self.content: tuple[int, int] | None = None  # offset and length of an attachment's base64
        self.values: dict[str, list[str]] = {}
        self.records: dict[str, list[Record]] = {}

    def value(self, name: str) -> str:
        """The last value of that name (what the reference library keeps), or empty."""
        found = self.values.get(name)
        return found[-1] if found else ""

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(v for v in self.values.get(name, ()) if v)

    def record(self, name: str) -> Record:
        """The last record of that name, or an empty one."""
        found = self.records.get(name)
        return found[-1] if found else Record()

    def each(self, *path: str) -> list[Record]:
        """Every record at ``path`` below this one."""
        found = [self]
        for name in path:
            found = [kid for one in found for kid in one.records.get(name, ())]
        return found
