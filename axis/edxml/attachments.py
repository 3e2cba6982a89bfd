"""Reading attachments back: base64 text lying in a file -> the document a person opens.

``content`` decodes from the place the reader noted and unwraps by OUR RULE (edxml.md section 6): what
the *bytes* say decides, never the declared type. Nothing is ever written under a name from a package,
an archive is never extracted, only its one entry is streamed, and one level deep: an archive inside
the wrapper stays an archive. Memory is constant: text is decoded in pieces to a spooled temporary
file, an entry is inflated in pieces to another, and both stop at a limit of size and of ratio.

A wrapper is judged from its end record before the zip module sees it, because that module loads a
whole central directory: a million entries in 50 MB would otherwise cost half a gigabyte.
"""

from __future__ import annotations

import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final
from uuid import UUID

import pybase64

from axis.domain.catalogue import Severity
from axis.domain.document import Attachment, Finding
from axis.domain.errors import PackageError
from axis.edxml.names import safe_name

ZIP_BASED: Final = frozenset({
    "zip", "docx", "docm", "dotx", "xlsx", "xlsm", "xlsb", "xltx", "pptx", "pptm", "ppsx", "potx",
    "odt", "ods", "odp", "odg", "odf", "ott", "ots", "otp", "jar", "war", "ear", "apk", "aab",
    "epub", "vsdx", "xps", "oxps", "kmz", "asice", "asics", "sce", "bdoc",
})  # fmt: skip
"""Extensions whose own format is a zip; such a file is unwrapped only when the entry says so."""

_PIECE = 256 << 10
_LOCAL = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/=]+")
_REFERENCE = re.compile(rb"&#(?:0*(?:9|10|13|32)|[xX]0*(?:9|[aAdD]|20));")

_SPOILT: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, LookupError, NotImplementedError,
)  # fmt: skip
"""What the zip module raises over an archive that is none; it has no common class."""


@dataclass(frozen=True, slots=True)
class Unwrapping:
    """Limits. ``size``: bytes of decoded or inflated content. ``ratio``: inflated bytes per packed
    byte, looked at beyond ``free`` bytes (a small file may compress as well as it likes)."""

    size: int = 1 << 30
    ratio: int = 100
    free: int = 16 << 20
    spool: int = 1 << 20


@dataclass(slots=True)
class Content:
    """A readable attachment: ``stream`` stands at its start. Close it, or use ``with``."""

    name: str
    stream: IO[bytes]
    size: int
    unwrapped: bool = False
    findings: list[Finding] = field(default_factory=list)

    def __enter__(self) -> Content:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()


def content(
    file: IO[bytes], attachment: Attachment, limits: Unwrapping | None = None, *, tolerant: bool = False
) -> Content:
    """The content of ``attachment`` lying in ``file`` (a seekable file of the original bytes).

    Raises PackageError: ``attachment.base64`` for foreign characters (skipped with a warning when
    ``tolerant``), ``attachment.too-large``, ``attachment.bomb``, ``attachment.not-in-place``.
    """
    limits = limits or Unwrapping()
    name = safe_name(attachment.name)
    stream: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=limits.spool)  # noqa: SIM115  # handed out
    try:
        size, foreign = _decode(file, attachment, name, stream, limits, tolerant)
        result = Content(name, stream, size)
        if foreign:
            result.findings.append(_warning("attachment.base64-lenient", name))
        entry = wrapped_entry(stream, size, attachment.name)
        if entry is not None:
            _unwrap(result, entry, limits)
        result.stream.seek(0)
    except BaseException:
        stream.close()
        raise
    return result


def decoded(file: IO[bytes], attachment: Attachment, *, tolerant: bool = False) -> Iterator[bytes]:
    """The decoded bytes as they stand, in pieces, nothing unwrapped and nothing kept."""
    decoder = Decoder(safe_name(attachment.name), tolerant)
    for text in _text(file, attachment):
        yield decoder.feed(text)
    yield decoder.close()


# -- base64 -------------------------------------------------------------------------------------


class Decoder:
    """Base64 in pieces. White space is dropped, also where a signer wrote it as ``&#13;``.

    ``skipped`` is true once a tolerant decoder met something that is not base64."""

    def __init__(self, name: str = "", tolerant: bool = False) -> None:
        self._name = name
        self._tolerant = tolerant
        self._rest = b""
        self._done = False
        self._read = 0
        self.skipped = False

    def feed(self, text: bytes) -> bytes:
        text = self._rest + text
        cut = text.rfind(b"&", -16)  # a reference may be torn between two pieces
        torn = text[cut:] if cut >= 0 and b";" not in text[cut:] else b""
        return self._take(text[: len(text) - len(torn)], torn, last=False)

    def close(self) -> bytes:
        return self._take(self._rest, b"", last=True)

    def _take(self, text: bytes, torn: bytes, *, last: bool) -> bytes:
        clean = text
        if b"&" in clean:
            clean = _REFERENCE.sub(b"", clean)
        clean = clean.translate(None, b" \t\r\n")
        if self._tolerant and _FOREIGN.search(clean):
            clean, self.skipped = _FOREIGN.sub(b"", clean), True
        whole = len(clean) - len(clean) % 4
        body, tail = clean[:whole], clean[whole:]
        self._rest = tail + torn
        if last and tail:
            if not self._tolerant or len(tail) == 1:
                raise self._error(len(clean))
            body, self.skipped = body + tail + b"=" * (4 - len(tail)), True
        if body and self._done:  # something after the padding
            raise self._error(0)
        try:
            data = pybase64.b64decode(body, validate=True)
        except ValueError:
            bad = _FOREIGN.search(clean)
            raise self._error(bad.start() if bad else clean.find(b"=")) from None
        self._done = self._done or body.endswith(b"=")
        self._read += len(body)
        return data

    def _error(self, at: int) -> PackageError:
        return PackageError("attachment.base64", name=self._name, position=self._read + at + 1)


def _text(file: IO[bytes], attachment: Attachment) -> Iterator[bytes]:
    if attachment.offset < 0:
        raise PackageError("attachment.not-in-place", name=safe_name(attachment.name))
    at, end = attachment.offset, attachment.offset + attachment.length
    while at < end:
        file.seek(at)  # the file may be shared between two readers of one thread
        piece = file.read(min(_PIECE, end - at))
        if not piece:
            raise PackageError("attachment.base64", name=safe_name(attachment.name), position=at)
        at += len(piece)
        yield piece


def _decode(
    file: IO[bytes], attachment: Attachment, name: str, out: IO[bytes], limits: Unwrapping, tolerant: bool
) -> tuple[int, bool]:
    decoder, size = Decoder(name, tolerant), 0

    def keep(data: bytes) -> int:
        if size + len(data) > limits.size:
            raise PackageError("attachment.too-large", name=name, limit=limits.size)
        return out.write(data)

    for text in _text(file, attachment):
        size += keep(decoder.feed(text))
    size += keep(decoder.close())
    return size, decoder.skipped


# -- the wrapper --------------------------------------------------------------------------------


def wrapped_entry(stream: IO[bytes], size: int, name: str) -> zipfile.ZipInfo | None:
    """The one entry to unwrap, or None when the bytes are to be kept as they are."""
    stream.seek(0)
    if stream.read(4) != _LOCAL or not _one_small_directory(stream, size):
        return None
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except _SPOILT:
        return None
    if len(entries) != 1:
        return None
    entry = entries[0]
    odd = not entry.filename or entry.is_dir() or bool(entry.flag_bits & 0x1)  # the last: encrypted
    if odd or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return None
    extension = name.rpartition(".")[2].strip().lower()
    if extension in ZIP_BASED and not _is_wrapper_name(entry.filename, extension):
        return None
    return entry


def _one_small_directory(stream: IO[bytes], size: int) -> bool:
    """True when the end record speaks of exactly one entry whose directory is no larger than one
    entry can be. Its word is checked again by the zip module; this only bounds the work."""
    tail = min(size, _END.size + 0xFFFF)
    stream.seek(size - tail)
    data = stream.read(tail)
    at = data.rfind(b"PK\x05\x06")
    if at < 0 or len(data) - at < _END.size:
        return False
    _, disk, first, here, total, length, offset, _ = _END.unpack_from(data, at)
    small = length <= 46 + 3 * 0xFFFF
    before = size - tail + at  # the module would seek in front of the file for a directory longer than this
    return (disk, first, here, total) == (0, 0, 1, 1) and small and length <= before and offset + length <= size


def _is_wrapper_name(entry: str, extension: str) -> bool:
    stem, _, last = entry.rpartition(".")
    try:
        UUID(stem)
    except ValueError:
        return False
    return last.lower() == extension and len(stem) == 36


def _unwrap(result: Content, entry: zipfile.ZipInfo, limits: Unwrapping) -> None:
    """Inflate the entry into a file of its own. A broken archive is kept as it is, with a warning."""
    allowed = min(limits.size, max(limits.free, result.size * limits.ratio))
    target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=limits.spool)  # noqa: SIM115  # handed out
    written = 0
    try:
        if entry.header_offset < 0:  # something is missing in front, and the module would seek there
            raise zipfile.BadZipFile("starts before the file")
        with zipfile.ZipFile(result.stream) as archive, archive.open(entry) as source:
            while piece := source.read(_PIECE):
                written += len(piece)
                if written > allowed:
                    raise PackageError("attachment.bomb", name=result.name, limit=allowed)
                target.write(piece)
        if written != entry.file_size:
            raise zipfile.BadZipFile("shorter than its directory says")
    except (*_SPOILT, OSError) as error:
        target.close()
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the archive
        result.findings.append(_warning("attachment.zip-broken", result.name))
        return
    except BaseException:
        target.close()
        raise
    result.stream.close()
    result.stream, result.size, result.unwrapped = target, written, True


def _warning(rule: str, name: str) -> Finding:
    return Finding(rule, Severity.WARNING, "AttachmentEncoded/Attachment", facts=(("name", name),))
