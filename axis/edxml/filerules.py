"""The rules about attachments: listed and present, decodable, and what their type says.

Each attachment is decoded once, from its place in the file, to a temporary file that is closed before
the next one is opened.
"""

from __future__ import annotations

import io
from typing import IO, Final

from axis.domain.document import Attachment, ManifestReference
from axis.domain.errors import PackageError
from axis.edxml.attachments import Content, Unwrapping, content
from axis.edxml.findings import Element, Subject, children, clip
from axis.edxml.names import bare_id, safe_name
from axis.edxml.pairing import pair

MAX_ATTACHMENTS: Final = 1000

_ZIPS = frozenset({"docx", "xlsx", "pptx", "zip", "odt", "ods", "odp"})
_RUINED = b"\xef\xbf\xbd"  # what a byte becomes when binary is read as text and written as UTF-8


def check_attachments(s: Subject, file: IO[bytes], new: bool, limits: Unwrapping | None = None) -> None:
    """Everything about files. ``file``: the bytes the skeleton was cut from; ``new``: type 0."""
    found = [a for part in children(s.root, "AttachmentEncoded") for a in children(part, "Attachment")]
    envelope = s.first(s.root, "edXMLEnvelope")
    manifest = s.first(envelope, "edXMLBody/edXMLManifest")
    listed = children(manifest, "Reference") if manifest is not None else []
    if not found and new:
        s.missing("lint.attachment-missing", s.root, "AttachmentEncoded/Attachment")
    known = [_known(s, e) for e in found]
    _pairs(s, listed, found, known)
    for element, attachment in list(zip(found, known, strict=True))[:MAX_ATTACHMENTS]:
        _name(s, element, attachment)
        _content(s, element, attachment, file, limits)


def _known(s: Subject, e: Element) -> Attachment:
    return Attachment(
        content_id=s.value(e, "ContentId"),
        name=s.value(e, "AttachmentName"),
        content_type=s.value(e, "ContentType") or s.value(e, "MimeType"),
    )


def _pairs(s: Subject, listed: list[Element], found: list[Element], known: list[Attachment]) -> None:
    for e in (*listed, *found):
        written = s.value(e, "ContentId")
        if written.lower().count("cid:") > 1 and bare_id(written) != written.removeprefix("cid:"):
            s.warn("lint.cid-repeated", e, value=clip(written))
    manifest = [
        ManifestReference(content_id=s.value(e, "ContentId"), attachment_name=s.value(e, "AttachmentName"))
        for e in listed
    ]
    element_of = {id(r): e for r, e in zip(manifest, listed, strict=True)}
    element_of |= {id(a): e for a, e in zip(known, found, strict=True)}
    for one in pair(manifest, known):
        if one.attachment is None:
            assert one.reference is not None
            name = one.reference.attachment_name or one.reference.content_id
            s.warn("lint.reference-dangling", element_of[id(one.reference)], attachment=clip(name))
        elif one.reference is None:
            name = clip(one.attachment.name)
            s.warn("lint.attachment-unlisted", element_of[id(one.attachment)], attachment=name)
        elif one.how != "id":
            how_vi = "thứ tự" if one.how == "order" else "tên tệp"
            facts = {"attachment": clip(one.attachment.name), "how": one.how, "how_vi": how_vi}
            s.warn("lint.attachment-paired", element_of[id(one.attachment)], **facts)


def _name(s: Subject, e: Element, attachment: Attachment) -> None:
    shown = safe_name(attachment.name)
    if shown != attachment.name or "." not in attachment.name:
        s.warn("lint.attachment-name", e, attachment=clip(attachment.name), shown=shown)


def _content(s: Subject, e: Element, known: Attachment, file: IO[bytes], limits: Unwrapping | None) -> None:
    name = clip(known.name)
    element = s.first(e, "ContentTransferEncoded")
    text = s.raw(element)
    if element is None or not text.strip():
        s.error("lint.attachment-empty", e, attachment=name)
        return
    cut = s.skeleton.cuts.get(text)
    if cut is None:  # short: still in the tree
        file, offset, length = io.BytesIO(text.encode()), 0, len(text.encode())
    else:
        offset, length = cut.offset, cut.length
    place = Attachment(name=known.name, offset=offset, length=length)
    try:
        with content(file, place, limits) as opened:
            _opened(s, e, known, opened)
    except PackageError as refusal:
        s.error(refusal.code, element, "", **refusal.facts)


def _opened(s: Subject, e: Element, known: Attachment, opened: Content) -> None:
    name = clip(known.name)
    extension = known.name.rpartition(".")[2].strip() if "." in known.name else ""
    for finding in opened.findings:
        s.warn(finding.rule, e, **dict(finding.facts))
    if opened.size == 0:
        s.error("lint.attachment-empty", e, attachment=name)
        return
    # The national library unzips whatever says so, unless the name ends in exactly "zip", and fails as a
    # whole when that does not work.
    if known.content_type == "application/zip" and extension != "zip" and not opened.unwrapped:
        s.error("lint.wrapper-expected", e, attachment=name)
    elif opened.unwrapped and known.content_type != "application/zip":
        s.warn("lint.wrapper-unannounced", e, attachment=name, type=clip(known.content_type))
    start = opened.stream.read(1024)
    kind = extension.lower()
    wrong = (
        (kind == "pdf" and b"%PDF-" not in start)
        or (kind in _ZIPS and not start.startswith(b"PK"))
        or (kind in _ZIPS | {"pdf", "doc", "xls", "ppt"} and start.count(_RUINED) > 3)
    )
    if wrong:
        s.warn("lint.not-what-it-says", e, attachment=name, extension=kind)
