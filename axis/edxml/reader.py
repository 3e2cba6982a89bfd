"""Bytes of a package -> its facts, and the digest its signature is about, in one pass.

    Scanner  cuts the bytes, feeds expat, leads base64 past it
    Kinds    resolve names and write canonical tags
    Placing  says what an element means at its place (table: ``shape``)
    Capture  takes over inside ds:Signature; ``seal.profile`` judges it
    build    turns what was read into a Package

What is read is what is digested: the same events feed both, nothing is parsed again. The digest's
algorithm is known only at the Signature, so canonical output waits (at most the header) until then;
when the header ends without one, canonicalising stops. A sender who may use inclusive C14N gets both
forms written until the Signature chooses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from axis.domain.codes import has_control
from axis.domain.document import Attachment, Package
from axis.domain.errors import AxisError, PackageError, SignatureError
from axis.edxml import build, canonical, secrecy
from axis.edxml.canonical import INCLUSIVE, Kinds, Node
from axis.edxml.content import Content
from axis.edxml.limits import DEFAULT, Limits
from axis.edxml.notes import Notes
from axis.edxml.placing import Placing
from axis.edxml.scanner import SLICE, Scanner
from axis.edxml.seal import DIGESTS, Capture, Seal, profile
from axis.edxml.shape import IDENTIFIERS, Record, Role, Take

_BATCH = 1 << 10


@dataclass(frozen=True, slots=True)
class Reading:
    """``seal`` is None when the package claims no XML-DSig signature."""

    package: Package
    seal: Seal | None


class PackageReader:
    """Feed it bytes in any chunks. ``inclusive``: the sender may use C14N 1.0 (a unit's setting).
    ``measure``: digest an unsigned package by this algorithm, for whoever is about to sign it."""

    def __init__(self, limits: Limits = DEFAULT, *, inclusive: bool = False, measure: str = "") -> None:
        self._limits = limits
        self._inclusive = self._both = inclusive
        self._measure = measure
        self._scanner = Scanner(self, limits)
        self.notes = Notes(limits.findings, self._scanner.line)
        self._kinds = Kinds(limits, inclusive)
        self._placing = Placing(self._kinds, self.notes)
        self._node = self._kinds.root
        self._stack: list[Node] = []
        self._records = [Record()]
        self._values: list[str] = []
        self._room = limits.header + 2 * SLICE  # characters that may still be kept
        self._elements = 0
        self._out: list[str] = []  # canonical output that is not hashed yet
        self._out_inclusive: list[str] = []
        self._hash = hashlib.sha256()
        self._hashing = False
        self._holding = True  # in the header, before the Signature: output is held back
        self._capture: Capture | None = None
        self._seal: Seal | None = None
        self._content = Content()
        self._attachments: list[Attachment] = []
        self._marks: list[str] = []
        self._dead: AxisError | None = None
        self.header_end = -1  # where the end tag of the header starts
        self._listen()

    # -- the caller's side -------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """Take the next bytes. Raises PackageError or SignatureError as soon as a refusal is certain."""
        if self._dead:
            raise self._dead
        try:
            self._scanner.feed(bytes(data))
        except AxisError as error:
            self._die(error)
            raise

    def close(self) -> Reading:
        """The package is complete. Raises like ``feed``."""
        if self._dead:
            raise self._dead
        try:
            self._scanner.close()
            package = build.package(self._records[0], tuple(self._attachments), self.notes.report)
        except AxisError as error:
            self._die(error)
            raise
        self._scanner.release()
        package = replace(
            package,
            encoding=self._scanner.encoding,
            repairs=tuple(self.notes.repairs),
            secrecy=self._marks[0] if self._marks else package.secrecy,
            findings=tuple(self.notes.findings),
        )
        return Reading(package, self._seal.over(self.digest()) if self._seal else None)

    def _die(self, error: AxisError) -> None:
        self._dead = type(error)(error.code, **error.facts)  # without the traceback and all it holds
        self._scanner.release()

    def digest(self) -> bytes:
        """Of the document without its Signature, after ``close``."""
        return self._hash.digest()

    # -- what the scanner tells --------------------------------------------------------------

    def raw(self, run: bytes, length: int) -> None:
        if self._capture:
            self._capture.text(run.decode("ascii"))
            return
        node = self._node
        if self._hashing:
            if self._out:
                self._flush()
            self._hash.update(run)
        elif self._holding:
            self._emit(run.decode("ascii"))
        if node.leaf:
            self._value(run.decode("ascii"))
        elif node.role is not None and node.role.take is Take.CONTENT:
            self._content.raw(self._scanner.end(), length)

    def repaired(self, word: str) -> None:
        self.notes.repaired(word)

    def step(self) -> None:
        if self._hashing:
            self._flush()
        elif not self._holding:
            self._out.clear()
        elif self._scanner.end() > self._limits.header:
            raise PackageError("package.header-size", limit=self._limits.header)
        if self._elements > self._limits.elements:
            raise PackageError("package.elements", limit=self._limits.elements)

    def _flush(self) -> None:
        out = self._out
        for at in range(0, len(out), _BATCH):  # canonical tags may be much longer than what they stand for
            self._hash.update("".join(out[at : at + _BATCH]).encode())
        out.clear()

    def _emit(self, text: str) -> None:
        self._out.append(text)
        if self._both:
            self._out_inclusive.append(text)

    # -- parser events -----------------------------------------------------------------------

    def _listen(self) -> None:
        parser = self._scanner.parser
        parser.StartElementHandler = self._start_both if self._both else self._start
        parser.EndElementHandler = self._end_both if self._both else self._end
        parser.CharacterDataHandler = self._text_both if self._both else self._text
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartCdataSectionHandler = self._cdata

    def _start(self, name: str, attributes: list[str]) -> None:
        parent = self._node
        node = parent.kids.get((name, *attributes) if attributes else name)
        if node is None:
            node = self._placing.place(parent, name, attributes)
        self._elements += 1
        if node.opens and self._open(node, attributes):
            return
        self._stack.append(parent)
        self._node = node
        self._out.append(node.open)

    def _end(self, name: str) -> None:
        node = self._node
        self._out.append(node.close)
        self._node = self._stack.pop()
        if node.role is not None:
            self._close(node, node.role)

    def _text(self, value: str) -> None:
        self._out.append(canonical.text(value))
        if self._node.leaf:
            self._value(value)

    def _start_both(self, name: str, attributes: list[str]) -> None:
        depth = len(self._stack)
        self._start(name, attributes)
        if len(self._stack) > depth:
            self._out_inclusive.append(self._node.open_inclusive)

    def _end_both(self, name: str) -> None:
        self._out_inclusive.append(self._node.close)
        self._end(name)

    def _text_both(self, value: str) -> None:
        self._text(value)
        self._out_inclusive.append(self._out[-1])

    def _content_text(self, piece: str) -> None:
        self._emit(canonical.text(piece))
        if not self._content.text(self._scanner.index(), piece):
            self._content_seen()

    def _comment(self, _data: str) -> None:
        self._interrupted("comment")

    def _instruction(self, target: str, data: str) -> None:
        text = canonical.instruction(target, data)
        if not self._stack:
            text = "\n" + text if self._records[0].records else text + "\n"
        self._emit(text)
        if target == "xml-stylesheet":
            self.notes.doubt("package.stylesheet", "signature.stylesheet")
        self._interrupted("instruction")

    def _interrupted(self, what: str) -> None:
        self._elements += 1
        self._cdata()
        if self._node.leaf or self._in_content():
            self.notes.doubt(f"package.{what}-in-value", f"signature.{what}-in-value", self._node.path)

    def _cdata(self) -> None:
        if self._in_content():
            self._content.interrupted()

    def _in_content(self) -> bool:
        role = self._node.role
        return role is not None and role.take is Take.CONTENT

    # -- elements that mean something --------------------------------------------------------

    def _open(self, node: Node, attributes: list[str]) -> bool:
        """Start a record, an attachment's content, or the Signature (True: the event is used up)."""
        role = node.role
        assert role is not None
        if role.take is Take.SEAL:
            self._claim(node, attributes)
            return True
        if role.take is Take.CONTENT:
            self._content.begin()
            parser = self._scanner.parser
            parser.buffer_text = False  # piece by piece: only so do positions tell what stands between
            parser.CharacterDataHandler = self._content_text
            return False
        found = self._records[-1].records.setdefault(role.name, [])
        if found and role.single:
            self._repeated(node, role)
        record = Record()
        self._records.append(record)
        if role.name != "Attachment":  # these are built when they end, and not kept
            found.append(record)
        elif len(self._attachments) >= self._limits.attachments:
            raise PackageError("package.attachments", limit=self._limits.attachments)
        if self._holding and role.name in ("edXMLBody", "AttachmentEncoded"):
            self._stop_holding()
            self.notes.doubt("package.order", "signature.order", node.path)
        return False

    def _close(self, node: Node, role: Role) -> None:
        record = self._records[-1]
        if role.take is Take.VALUE:
            self._close_value(node, role, record)
        elif role.take is Take.MARK:
            if degree := secrecy.of_element("".join(self._values)):
                self._marks.append(degree)
            self._values.clear()
        elif role.take is Take.CONTENT:
            self._close_content(node, record)
        else:
            self._records.pop()
            if role.name == "Attachment":
                self._attachments.append(build.attachment(record))
            elif role.name == "edXMLHeader":
                self._close_header()

    def _close_value(self, node: Node, role: Role, record: Record) -> None:
        values = self._values
        value = (values[0] if len(values) == 1 else "".join(values)).strip()
        values.clear()
        if value in ("null", "NULL"):  # what the real hub writes for nothing
            value = ""
        found = record.values.setdefault(role.name, [])
        if found and role.single:
            self._repeated(node, role)
        if role.name in IDENTIFIERS and has_control(value):
            raise PackageError("package.control-character", path=node.path, line=self.notes.line())
        found.append(value)

    def _close_content(self, node: Node, record: Record) -> None:
        offset, length = self._content.end(self._scanner.index())
        if self._content.trouble:
            # A CDATA section or ``&#65;`` leaves the digest as it is, but not what is decoded in place.
            name = record.value("AttachmentName")
            self.notes.doubt(self._content.trouble, "signature.content", node.path, name=name)
        if record.content is not None:
            self.notes.doubt("package.repeated", "signature.repeated", node.path, name=node.local)
        record.content = (offset, length) if self._scanner.encoding == "utf-8" else (-1, 0)
        self._content_seen()

    def _content_seen(self) -> None:
        self._scanner.parser.buffer_text = True
        self._listen()

    def _close_header(self) -> None:
        self.header_end = self._scanner.index()
        if self.header_end > self._limits.header and self._scanner.encoding == "utf-8":
            raise PackageError("package.header-size", limit=self._limits.header)
        self._room = self._limits.metadata
        if self._seal or not self._holding:
            return
        if self._measure:
            self._hash = hashlib.new(self._measure)
            self._hashing = True
        self._holding = self._both = False
        self._out_inclusive.clear()
        self._listen()

    def _stop_holding(self) -> None:
        self._holding = self._both = False
        self._out.clear()
        self._out_inclusive.clear()
        self._listen()

    def _value(self, piece: str) -> None:
        self._room -= len(piece)
        if self._room < 0:
            raise PackageError("package.metadata", limit=self._limits.metadata)
        self._values.append(piece)

    def _repeated(self, node: Node, role: Role) -> None:
        if role.identity:
            raise PackageError("package.ambiguous", name=role.name, path=node.path, line=self.notes.line())
        self.notes.doubt("package.repeated", "signature.repeated", node.path, name=role.name)

    # -- the signature -----------------------------------------------------------------------

    def _claim(self, node: Node, attributes: list[str]) -> None:
        """A ds:Signature at its place: from here on nothing doubtful is let through."""
        if self._seal:
            raise SignatureError("signature.second", line=self.notes.line())
        self.notes.claim()
        self._capture = Capture(node, attributes)
        parser = self._scanner.parser
        parser.StartElementHandler = self._seal_start
        parser.EndElementHandler = self._seal_end
        parser.CharacterDataHandler = self._capture.text
        parser.CommentHandler = self._seal_comment
        parser.ProcessingInstructionHandler = self._seal_instruction

    def _seal_start(self, name: str, attributes: list[str]) -> None:
        assert self._capture is not None
        self._elements += 1
        parent = self._capture.node
        node = parent.kids.get((name, *attributes) if attributes else name)
        self._capture.start(node or self._placing.inside(parent, name, attributes), attributes)

    def _seal_end(self, _name: str) -> None:
        assert self._capture is not None
        if not self._capture.end():
            return
        self._seal = profile(self._capture.root, self._inclusive)
        self._capture = None
        self._hash = hashlib.new(DIGESTS[self._seal.digest_method])
        self._hashing = True
        self._holding = self._both = False
        if self._seal.transform == INCLUSIVE:
            self._out = self._out_inclusive
            self._kinds.choose_inclusive((*self._stack, self._node))
        self._out_inclusive = []
        self._listen()

    def _seal_comment(self, _data: str) -> None:
        raise SignatureError("signature.comment", line=self.notes.line())

    def _seal_instruction(self, _target: str, _data: str) -> None:
        raise SignatureError("signature.instruction", line=self.notes.line())


def read(data: bytes | Iterable[bytes], limits: Limits = DEFAULT, *, inclusive: bool = False) -> Reading:
    """Read a whole package at hand."""
    reader = PackageReader(limits, inclusive=inclusive)
    for chunk in [data] if isinstance(data, bytes) else data:
        reader.feed(chunk)
    return reader.close()
