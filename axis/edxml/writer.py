"""The strict writer: a Package and files in, the bytes of an edXML file out.

The form is exactly that of the reference library (edxml.md sections 1, 2, 4 and 10): literal prefix
``edXML``, CR LF, two-space indent, fixed order, nothing empty except the manifest and
AttachmentEncoded of a document. Whatever a strict writer must never produce is refused *before* the
first byte leaves, so a caller never holds half of a bad package; the one exception is a file that
turns out larger than a zip may be.

The header is small and built in memory. Attachments stream: content is read in pieces and leaves as
one line of base64; a file that must travel inside a zip is zipped to a temporary file first.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final
from uuid import UUID, uuid4

import pybase64

from axis.domain.codes import has_control
from axis.domain.document import BusinessType, Kind, Package
from axis.domain.errors import PackageError
from axis.edxml.header import BLANK, Node, message_header, render, status_header, trace_list

NAMESPACE: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
MAX_WRAPPED: Final = 2**31 - 1  # beyond it zip needs zip64, which old Java readers do not open

_PIECE = 3 * 64 * 1024  # a multiple of 3, so that pieces of base64 join without padding
_SPOOL = 1 << 20
_AS_THEY_ARE = ("pdf", "doc", "docx", "zip")  # edxml.md section 10.7

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\r\n'
    f'<edXML xmlns="{NAMESPACE}">\r\n'
    f'  <edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}">\r\n'
)
_TAIL = "  </edXML:edXMLEnvelope>\r\n"

Sink = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class FileToSend:
    """A file to attach. ``open`` gives a fresh binary stream of the content each time it is called;
    ``content_id`` is made up (a UUID) when empty."""

    name: str
    open: Callable[[], BinaryIO]
    description: str = ""
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class _Planned:
    """``entry``: the name inside the zip that wraps the content; empty when it travels as it is."""

    file: FileToSend
    name: str
    content_id: str
    content_type: str
    entry: str


def write_document(
    package: Package,
    attachments: Sequence[FileToSend],
    out: Sink,
    *,
    signature: bytes = b"",
    ids: Callable[[], UUID] = uuid4,
) -> None:
    """Write a document package to ``out``, piece by piece. Manifest and attachments are made from
    ``attachments``; those of ``package`` are positions in another file and are not looked at.
    ``signature`` is put in the header as received. Raises PackageError ``writer.*``."""
    if package.kind is not Kind.DOCUMENT:
        raise PackageError("writer.kind", expected=Kind.DOCUMENT.value)
    if not attachments and package.business_type == BusinessType.NEW:
        raise PackageError("writer.attachment-missing")
    header = render(("MessageHeader", message_header(package)), 3)
    trace = render(("TraceHeaderList", trace_list(package)), 3)
    plans = [_plan(file, ids) for file in attachments]
    manifest = [line for plan in plans for line in render(_reference(plan), 4)]
    labels = [_render_plain(plan) for plan in plans]

    out(_HEAD.encode())
    _lines(out, 2, "edXMLHeader", [*header, *trace], signature)
    out(b"    <edXML:edXMLBody>\r\n")
    if manifest:
        out(b'      <edXML:edXMLManifest version="1.0">\r\n')
        out("".join(manifest).encode())
        out(b"      </edXML:edXMLManifest>\r\n")
    else:
        out(b'      <edXML:edXMLManifest version="1.0" />\r\n')
    out(b"    </edXML:edXMLBody>\r\n" + _TAIL.encode())
    if not plans:
        out(b"  <AttachmentEncoded />\r\n</edXML>\r\n")
        return
    out(b"  <AttachmentEncoded>\r\n")
    for plan, label in zip(plans, labels, strict=True):
        out(label.encode())
        out(f'      <edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">'.encode())
        _content(plan, out)
        out(b"</edXML:ContentTransferEncoded>\r\n    </Attachment>\r\n")
    out(b"  </AttachmentEncoded>\r\n</edXML>\r\n")


def document_bytes(
    package: Package,
    attachments: Sequence[FileToSend] = (),
    *,
    signature: bytes = b"",
    ids: Callable[[], UUID] = uuid4,
) -> bytes:
    """A whole document package in memory: for small ones and tests."""
    pieces: list[bytes] = []
    write_document(package, attachments, pieces.append, signature=signature, ids=ids)
    return b"".join(pieces)


def status_bytes(package: Package, *, signature: bytes = b"") -> bytes:
    """A status package. Raises PackageError ``writer.*``."""
    if package.kind is not Kind.STATUS:
        raise PackageError("writer.kind", expected=Kind.STATUS.value)
    lines = render(("MessageHeader", status_header(package)), 3)
    pieces: list[bytes] = [_HEAD.encode()]
    _lines(pieces.append, 2, "edXMLHeader", lines, signature)
    pieces.append(f"{_TAIL}</edXML>\r\n".encode())
    return b"".join(pieces)


def _lines(out: Sink, depth: int, name: str, lines: list[str], signature: bytes) -> None:
    pad = "  " * depth
    out(f"{pad}<edXML:{name}>\r\n{''.join(lines)}".encode())
    if signature:
        out(f"{pad}  ".encode() + signature + b"\r\n")
    out(f"{pad}</edXML:{name}>\r\n".encode())


def _plan(file: FileToSend, ids: Callable[[], UUID]) -> _Planned:
    """Decide how a file travels. The real library unzips whatever says application/zip unless the
    name ends in exactly "zip", so F.ZIP is wrapped once more and comes out right; a "pdf" or "doc"
    that is a zip in truth is wrapped as well, or our own reader would take it for a wrapper."""
    name = file.name.strip(BLANK)
    stem, dot, extension = name.rpartition(".")
    if not (stem and dot and extension.strip()) or has_control(name) or set(name) & set("/\\"):
        raise PackageError("writer.attachment-name", name=name)
    with file.open() as stream:
        start = stream.read(4)
    if not start:
        raise PackageError("writer.attachment-empty", name=name)
    kind = extension.lower()
    as_it_is = (
        kind in _AS_THEY_ARE
        and (kind != "zip" or extension == "zip")
        and (kind in ("docx", "zip") or start != b"PK\x03\x04")
    )
    content_id = file.content_id.strip(BLANK).removeprefix("cid:") or str(ids())
    entry = "" if as_it_is else f"{ids()}.{extension}"
    return _Planned(file, name, content_id, f"application/{kind if as_it_is else 'zip'}", entry)


def _reference(plan: _Planned) -> Node:
    fields: list[Node] = [
        ("ContentId", f"cid:{plan.content_id}"),
        ("ContentType", plan.content_type),
        ("Description", plan.file.description),
        ("AttachmentName", plan.name),
    ]
    return ("Reference", fields)


def _render_plain(plan: _Planned) -> str:
    """``Attachment`` and its children carry no prefix and no declaration of their own."""
    fields: list[Node] = [
        ("ContentId", f"cid:{plan.content_id}"),
        ("AttachmentName", plan.name),
        ("Description", plan.file.description),
        ("ContentType", plan.content_type),
    ]
    return "".join(render(("Attachment", fields), 2, prefix="")[:-1])


def _content(plan: _Planned, out: Sink) -> None:
    with plan.file.open() as stream:
        if not plan.entry:
            _encode(stream, out)
            return
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
            # the date is fixed so that the same input gives the same bytes
            info = zipfile.ZipInfo(plan.entry)
            info.compress_type = zipfile.ZIP_DEFLATED
            with zipfile.ZipFile(spool, "w") as archive, archive.open(info, "w") as target:
                size = 0
                for piece in _pieces(stream):
                    size += len(piece)
                    if size > MAX_WRAPPED:
                        raise PackageError("writer.attachment-large", name=plan.name, limit=MAX_WRAPPED)
                    target.write(piece)
            spool.seek(0)
            _encode(spool, out)


def _encode(stream: BinaryIO | tempfile.SpooledTemporaryFile[bytes], out: Sink) -> None:
    rest = b""
    for piece in _pieces(stream):
        data = rest + piece if rest else piece
        whole = len(data) - len(data) % 3  # a stream may hand out less than was asked for
        out(pybase64.b64encode(data[:whole]))
        rest = data[whole:]
    if rest:
        out(pybase64.b64encode(rest))


def _pieces(stream: BinaryIO | tempfile.SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece
