"""Records of a package -> ``Package``, by the tolerant rules of edxml.md section 9.

What is missing stays empty and nothing is invented; what cannot be understood is kept as text and told
as a finding. Refused here: a package that does not say who sends it, or to whom.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from axis.domain.codes import MAX_DOCUMENT_ID, build_document_id
from axis.domain.document import (
    Attachment,
    Business,
    Code,
    Dated,
    DocumentChange,
    Kind,
    ManifestReference,
    Organization,
    OtherInfo,
    Package,
    ReceiverChange,
    Replacement,
    ResponseFor,
    Signer,
    Staff,
    Trace,
)  # fmt: skip
from axis.domain.errors import PackageError
from axis.edxml import secrecy
from axis.edxml.names import bare_id
from axis.edxml.pairing import pair
from axis.edxml.shape import Record

Report = Callable[..., None]

_TIME = r"(?:[ T]+(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\.\d+)?(?:Z|[+\-]\d{2}:?\d{2})?)?"
_DATES = tuple(re.compile(form + _TIME) for form in (
    r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})",
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})",
    r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})",
))  # fmt: skip


def parse_date(text: str) -> date | None:
    """yyyy/MM/dd, else yyyy-MM-dd, else dd/MM/yyyy, each with an optional time; strict calendar."""
    for form in _DATES:
        if found := form.fullmatch(text):
            try:
                return date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                return None
    return None


class _Builder:
    def __init__(self, report: Report) -> None:
        self._report = report

    def dated(self, record: Record, name: str, path: str) -> Dated:
        text = record.value(name)
        if not text:
            return Dated()
        value = parse_date(text)
        if value is None:
            self._report("package.date", path=f"{path}/{name}", line=0, value=text[:100])
        return Dated(text, value)

    def number(self, record: Record, name: str, default: int, path: str) -> int:
        text = record.value(name)
        if not text:
            return default
        if re.fullmatch(r"[+-]?[0-9]{1,9}", text):
            return int(text)
        self._report("package.number", path=f"{path}/{name}", line=0, value=text[:100])
        return default

    def response(self, record: Record) -> ResponseFor:
        return ResponseFor(
            record.value("OrganId"), record.value("Code"), record.value("DocumentId"),
            self.dated(record, "PromulgationDate", "ResponseFor"),
        )  # fmt: skip

    def other(self, record: Record) -> OtherInfo:
        path = "OtherInfo"
        return OtherInfo(
            priority=self.number(record, "Priority", 0, path),
            sphere_of_promulgation=record.value("SphereOfPromulgation"),
            typer_notation=record.value("TyperNotation"),
            promulgation_amount=self.number(record, "PromulgationAmount", 1, path),
            page_amount=self.number(record, "PageAmount", 1, path),
            direction=record.value("Direction").lower() in ("1", "true"),
            appendixes=record.record("Appendixes").all("Appendix"),
        )

    def business(self, record: Record) -> Business:
        return Business(
            type=self.number(record, "BussinessDocType", 0, "Bussiness"),
            document_id=record.value("DocumentId"),
            reason=record.value("BussinessDocReason"),
            paper=record.value("Paper"),
            changes=tuple(_change(one) for one in record.each("BussinessDocumentInfo")),
            # The samples repeat entries: once is enough.
            replacements=tuple(dict.fromkeys(
                _replacement(one) for one in record.each("ReplacementInfoList", "ReplacementInfo")
            )),
            staff=tuple(_staff(one) for one in record.each("StaffInfo")),
        )  # fmt: skip


def _organization(record: Record) -> Organization:
    value = record.value
    return Organization(
        value("OrganId"), value("OrganizationInCharge"), value("OrganName"), value("OrganAdd"),
        value("Email"), value("Telephone"), value("Fax"), value("Website"),
    )  # fmt: skip


def _staff(record: Record) -> Staff:
    value = record.value
    return Staff(value("Department"), value("DepartmentId"), value("Staff"), value("StaffId"),
                 value("Email"), value("Mobile"))  # fmt: skip


def _change(record: Record) -> DocumentChange:
    receivers = tuple(
        ReceiverChange(one.value("OrganId"), one.value("ReceiverType"))
        for one in record.each("ReceiverList", "Receiver")
    )
    return DocumentChange(record.value("DocumentInfo"), record.value("DocumentReceiver"), receivers)


def _replacement(record: Record) -> Replacement:
    organs = tuple(code for one in record.each("OrganIdList") for code in one.all("OrganId"))
    return Replacement(record.value("DocumentId"), tuple(dict.fromkeys(organs)))


def attachment(record: Record) -> Attachment:
    offset, length = record.content or (-1, 0)
    value = record.value
    return Attachment(bare_id(value("ContentId")), value("AttachmentName"), value("Description"),
                      value("ContentType") or value("MimeType"), offset, length)  # fmt: skip


def package(top: Record, attachments: tuple[Attachment, ...], report: Report) -> Package:
    """The facts. Raises PackageError when sender, receiver or the header itself is missing."""
    envelopes = top.each("edXML", "edXMLEnvelope")
    header = envelopes[-1].record("edXMLHeader") if envelopes else Record()
    messages = header.each("MessageHeader")
    if not messages:
        raise PackageError("package.no-header")
    message = messages[-1]
    sender = _organization(message.record("From"))
    if not sender.organ_id:
        raise PackageError("package.no-sender")
    build = _Builder(report)
    responses = tuple(build.response(one) for one in message.each("ResponseFor") if one.values)
    responses = tuple(one for one in responses if one != ResponseFor())
    if message.value("StatusCode"):
        return _status(message, sender, responses, build)
    return _document(top, header, message, sender, responses, attachments, build, report)


def _status(
    message: Record, sender: Organization, responses: tuple[ResponseFor, ...], build: _Builder
) -> Package:
    if not responses:
        raise PackageError("package.no-response-for")
    staff = message.each("StaffInfo")
    return Package(
        kind=Kind.STATUS, sender=sender, response_for=responses,
        document_id=message.value("DocumentId"),
        status_code=message.value("StatusCode"),
        status_description=message.value("Description"),
        status_staff=_staff(staff[-1]) if staff else None,
        status_timestamp=message.value("Timestamp"),
        secrecy=secrecy.of_text(message.value("Description")),
    )  # fmt: skip


def _document(
    top: Record, header: Record, message: Record, sender: Organization, responses: tuple[ResponseFor, ...],
    attachments: tuple[Attachment, ...], build: _Builder, report: Report,
) -> Package:  # fmt: skip
    receivers = tuple(o for o in (_organization(one) for one in message.each("To")) if o != Organization())
    if not any(o.organ_id for o in receivers):
        raise PackageError("package.no-receiver")
    value = message.value
    code = message.record("Code")
    issued, kind, signer = (
        message.record("PromulgationInfo"),
        message.record("DocumentType"),
        message.record("SignerInfo"),
    )
    number = Code(code.value("CodeNumber"), code.value("CodeNotation"))
    promulgated = build.dated(issued, "PromulgationDate", "PromulgationInfo")
    traces = header.record("TraceHeaderList")
    business = traces.each("Bussiness")
    body = top.record("edXML").record("edXMLEnvelope").record("edXMLBody")
    manifest = tuple(
        ManifestReference(bare_id(one.value("ContentId")), one.value("ContentType"), one.value("Description"),
                          one.value("AttachmentName"))
        for one in body.each("edXMLManifest", "Reference")
    )  # fmt: skip
    return Package(
        kind=Kind.DOCUMENT,
        sender=sender,
        receivers=receivers,
        document_id=_document_id(value("DocumentId"), sender, promulgated, number, report),
        code=number,
        place=issued.value("Place"),
        promulgation_date=promulgated,
        document_type=build.number(kind, "Type", 2, "DocumentType"),
        type_detail=build.number(kind, "TypeDetail", -1, "DocumentType"),
        type_name=kind.value("TypeName"),
        subject=value("Subject"),
        content=value("Content"),
        signer=Signer(signer.value("Competence"), signer.value("Position"), signer.value("FullName")),
        due_date=build.dated(message, "DueDate", "MessageHeader"),
        other=build.other(message.record("OtherInfo")),
        response_for=responses,
        steering_type=build.number(message, "SteeringType", 0, "MessageHeader"),
        task_codes=message.record("ResponseForTask").all("TaskCode"),
        application_type=value("ApplicationType"),
        to_places=message.record("ToPlaces").all("Place"),
        paper=traces.value("Paper"),
        business=build.business(business[-1]) if business else None,
        trace=tuple(
            Trace(one.value("OrganId"), one.value("Timestamp")) for one in traces.each("TraceHeader")
        ),
        manifest=manifest,
        attachments=paired(attachments, manifest, report),
        secrecy=_secrecy(message),
    )


def _document_id(given: str, sender: Organization, promulgated: Dated, number: Code, report: Report) -> str:
    if len(given) > MAX_DOCUMENT_ID:
        raise PackageError("package.document-id-length", limit=MAX_DOCUMENT_ID)
    if given:
        return given
    day = promulgated.value.strftime("%Y/%m/%d") if promulgated.value else ""
    built = build_document_id(sender.organ_id, day, number.number, number.notation)
    rule = "package.document-id-built" if built else "package.no-document-id"
    report(rule, path="MessageHeader/DocumentId", line=0, value=built)
    return built


def _secrecy(message: Record) -> str:
    places = [message.value(name) for name in ("Subject", "Content", "ApplicationType")]
    places += [message.record("OtherInfo").value(name) for name in ("SphereOfPromulgation", "TyperNotation")]
    places += [message.record("DocumentType").value("TypeName"), message.record("Code").value("CodeNotation")]
    places += message.record("OtherInfo").record("Appendixes").all("Appendix")
    return next((degree for degree in map(secrecy.of_text, places) if degree), "")


def paired(
    attachments: tuple[Attachment, ...], manifest: tuple[ManifestReference, ...], report: Report
) -> tuple[Attachment, ...]:
    """Attachments with what only the manifest knows of them. Nothing is dropped, lonely ones are told."""
    found: list[Attachment] = []
    for both in pair(manifest, attachments):
        one, reference = both.attachment, both.reference
        if one is None:
            assert reference is not None
            report("package.attachment-missing", path="edXMLManifest/Reference", line=0,
                   name=reference.attachment_name or reference.content_id)  # fmt: skip
        elif reference is None:
            report("package.attachment-unlisted", path="AttachmentEncoded/Attachment", line=0, name=one.name)
            found.append(one)
        else:
            found.append(replace(
                one, content_id=one.content_id or reference.content_id,
                name=one.name or reference.attachment_name,
                description=one.description or reference.description,
                content_type=one.content_type or reference.content_type,
            ))  # fmt: skip
    return tuple(found)
