"""Bytes of a package -> its facts, and the digest its signature is about, in one pass.

    Scanner  cuts the bytes, feeds expat, leads base64 past it
    Kinds    resolve names and write canonical tags
    shape    says which elements mean something, at which place
    Capture  takes over inside ds:Signature; ``seal.profile`` judges it
    build    turns what was read into a Package

What is read is what is digested: the same events feed both, nothing is parsed again. The digest's
algorithm is known only at the Signature, so canonical output waits (at most the header) until then;
when the header ends without one, canonicalising stops.

Tolerance and signatures exclude each other. Whatever had to be mended, joined or overlooked is
*doubtful*: a finding in an unsigned package, a refusal in one that claims a signature, whichever of
the two comes first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from axis.domain.catalogue import Severity
from axis.domain.codes import has_control
from axis.domain.document import Attachment, Finding, Package
from axis.domain.errors import AxisError, PackageError, SignatureError
from axis.edxml import build, canonical, dialects, secrecy
from axis.edxml.canonical import INCLUSIVE, Kinds, Node
from axis.edxml.content import Content
from axis.edxml.limits import DEFAULT, Limits
from axis.edxml.scanner import Scanner
from axis.edxml.seal import DIGESTS, DSIG, Capture, Seal, profile
from axis.edxml.shape import IDENTIFIERS, MARK, ROOT, STRUCTURAL, Record, Role, Take


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
        self._inclusive = inclusive
        self._measure = measure
        self._scanner = Scanner(self, limits)
        self._kinds = Kinds(limits, inclusive)
        self._node = Node(None, "")
        self._stack: list[Node] = []
        self._records = [Record()]
        self._values: list[str] = []
        self._room = limits.header
        self._elements = 0
        self._out: list[str] = []  # canonical output that is not hashed yet
        self._out_inclusive: list[str] = []
        self._hash = hashlib.sha256()
        self._hashing = self._ordered = True
        self._hashing = False
        self._in_header = True
        self._capture: Capture | None = None
        self._seal: Seal | None = None
        self._content = Content()
        self._attachments: list[Attachment] = []
        self.doubts: list[SignatureError] = []
        self._repairs: dict[str, None] = {}
        self._findings: list[Finding] = []
        self._marks: list[str] = []
        self._ids: set[int] = set()
        self._dead: AxisError | None = None
        self.header_end = -1  # where the end tag of the header starts
        self._listen(both=inclusive)

    # -- the caller's side -------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """Take the next bytes. Raises PackageError or SignatureError as soon as a refusal is certain."""
        if self._dead:
            raise self._dead
        try:
            self._scanner.feed(bytes(data))
        except AxisError as error:
            self._dead = error
            raise

    def close(self) -> Reading:
        """The package is complete. Raises like ``feed``."""
        if self._dead:
            raise self._dead
        try:
            self._scanner.close()
            package = build.package(self._records[0], tuple(self._attachments), self._report)
        except AxisError as error:
            self._dead = error
            raise
        package = replace(
            package,
            encoding=self._scanner.encoding,
            repairs=tuple(self._repairs),
            secrecy=self._marks[0] if self._marks else package.secrecy,
            findings=tuple(self._findings),
        )
        return Reading(package, self._seal.over(self.digest()) if self._seal else None)

    def digest(self) -> bytes:
        """Of the document without its Signature, after ``close``."""
        return self._hash.digest()

    # -- what the scanner tells --------------------------------------------------------------

    def raw(self, run: bytes, length: int) -> None:
        node = self._node
        if self._capture:
            self._capture.text(run.decode("ascii"))
            return
        if self._hashing:
            if self._out:
                self._flush()
            self._hash.update(run)
        elif self._in_header and self._ordered:
            self._out.append(run.decode("ascii"))
            self._out_inclusive.append(self._out[-1])
        if node.leaf:
            self._value(run.decode("ascii"))
        elif node.role is not None and node.role.take is Take.CONTENT:
            self._content.raw(self._scanner.end(), length)

    def repaired(self, word: str) -> None:
        if word not in self._repairs:
            self._repairs[word] = None
            self._doubt("package.repaired-" + word, "signature.repaired", repair=word)

    def step(self) -> None:
        if self._hashing:
            self._flush()
        elif not (self._in_header and self._ordered):
            self._out.clear()
        elif self._scanner.end() > self._limits.header and not self._capture:
            raise PackageError("package.header-size", limit=self._limits.header)
        if self._elements > self._limits.elements:
            raise PackageError("package.elements", limit=self._limits.elements)

    def _flush(self) -> None:
        self._hash.update("".join(self._out).encode())
        self._out.clear()

    # -- parser events -----------------------------------------------------------------------

    def _listen(self, both: bool = False) -> None:
        parser = self._scanner.parser
        parser.StartElementHandler = self._start_both if both else self._start
        parser.EndElementHandler = self._end_both if both else self._end
        parser.CharacterDataHandler = self._text_both if both else self._text
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction

    def _start(self, name: str, attributes: list[str]) -> None:
        parent = self._node
        node = None if attributes else parent.kids.get(name)
        if node is None:
            node = self._enter(parent, name, attributes)
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
        before = len(self._out)
        self._start(name, attributes)
        if len(self._out) > before:
            self._out_inclusive.append(self._node.open_inclusive)

    def _end_both(self, name: str) -> None:
        self._out_inclusive.append(self._node.close)
        self._end(name)

    def _text_both(self, value: str) -> None:
        self._text(value)
        self._out_inclusive.append(self._out[-1])

    def _content_text(self, piece: str) -> None:
        self._out.append(canonical.text(piece))
        if self._inclusive:
            self._out_inclusive.append(self._out[-1])
        if not self._content.text(self._scanner.index(), piece):
            self._listen(both=self._inclusive and not self._seal)
            self._scanner.parser.buffer_text = True

    def _comment(self, _data: str) -> None:
        self._interrupted("comment")

    def _instruction(self, target: str, data: str) -> None:
        text = canonical.instruction(target, data)
        if not self._stack:
            text = "\n" + text if self._elements else text + "\n"
        self._out.append(text)
        self._out_inclusive.append(text)
        if target == "xml-stylesheet":
            self._doubt("package.stylesheet", "signature.stylesheet")
        self._interrupted("instruction")

    def _interrupted(self, what: str) -> None:
        role = self._node.role
        if self._node.leaf or (role is not None and role.take is Take.CONTENT):
            self._content.interrupted()
            self._doubt(f"package.{what}-in-value", f"signature.{what}-in-value")

    # -- elements ----------------------------------------------------------------------------

    def _enter(self, parent: Node, name: str, attributes: list[str]) -> Node:
        """An element of a kind not met before, or with attributes: what is it here?"""
        node = self._kinds.enter(parent, name, attributes)
        local, uri, depth = node.local, node.uri, node.depth
        if node.flaw:
            self._flawed(node)
        if attributes:
            self._identified(node, attributes)
        if depth <= dialects.DEPTH and (code := dialects.refusal(uri, depth)):
            raise PackageError(code, namespace=uri)
        if depth == 1:
            role: Role | None = ROOT
        else:
            role = parent.role.kids.get(local) if parent.role else None
        if uri == DSIG:
            if local == "Signature" and (role is None or role.take is not Take.SEAL):
                raise SignatureError("signature.misplaced", path=node.path, line=self._scanner.line())
            if local != "Signature":
                self._doubt("package.stray-signature-part", "signature.stray-part", node)
                role = None
        self._assign(node, role)
        if not (role and role.take is Take.SEAL):
            self._kinds.keep(node)
        return node

    def _assign(self, node: Node, role: Role | None) -> None:
        parent = node.parent
        if parent is not None and (parent.leaf or (parent.role is not None and parent.role.take is Take.CONTENT)):
            raise PackageError("package.element-in-value", path=node.path, line=self._scanner.line())
        if role is None:
            if node.local in STRUCTURAL:
                self._doubt("package.wrapped", "signature.wrapped", node)
            elif node.local.lower() in secrecy.ELEMENTS:
                role = MARK
        elif role.take is Take.SEAL and node.uri != DSIG:
            self._report("signature.legacy", path=node.path)
            role = None
        elif role.take is not Take.SEAL:
            if role is ROOT and node.local != "edXML":
                self.repaired("root")
            if node.uri != dialects.NATIVE and node.flaw != "prefix":
                self.repaired("namespace")
        node.role = role
        node.leaf = role is not None and role.take in (Take.VALUE, Take.MARK)
        node.opens = role is not None and not node.leaf

    def _flawed(self, node: Node) -> None:
        if node.flaw == "prefix":
            self.repaired("prefix")
        elif node.flaw in ("name", "twice"):
            raise PackageError(f"package.attribute-{node.flaw}" if node.flaw == "twice" else "package.bad-name",
                               name=node.name, line=self._scanner.line())  # fmt: skip
        else:
            self._doubt("package.namespace-" + node.flaw, "signature.namespace", node)

    def _identified(self, node: Node, attributes: list[str]) -> None:
        """Two elements with one id: whoever resolves references may choose the wrong one (A7)."""
        for i in range(0, len(attributes), 2):
            if attributes[i].rpartition(":")[2].lower() == "id":
                mark = hash(attributes[i + 1])
                if mark in self._ids or len(self._ids) > 10_000:
                    self._doubt("package.repeated-id", "signature.repeated-id", node)
                self._ids.add(mark)

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
        parent = self._records[-1]
        found = parent.records.setdefault(role.name, [])
        if found and role.single:
            self._repeated(node, role)
        record = Record()
        if role.name == "Attachment":
            if len(self._attachments) >= self._limits.attachments:
                raise PackageError("package.attachments", limit=self._limits.attachments)
        else:
            found.append(record)
        self._records.append(record)
        if self._in_header and self._ordered and role.name in ("edXMLBody", "AttachmentEncoded"):
            self._ordered = False
            self._out.clear()
            self._out_inclusive.clear()
            self._doubt("package.order", "signature.order", node)
        return False

    def _close(self, node: Node, role: Role) -> None:
        record = self._records[-1]
        if role.take is Take.VALUE:
            values = self._values
            value = values[0] if len(values) == 1 else "".join(values)
            values.clear()
            value = value.strip()
            if value in ("null", "NULL"):
                value = ""
            found = record.values.setdefault(role.name, [])
            if found and role.single:
                self._repeated(node, role)
            if role.name in IDENTIFIERS and not value.isprintable() and has_control(value):
                raise PackageError("package.control-character", path=node.path, line=self._scanner.line())
            found.append(value)
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

    def _close_content(self, node: Node, record: Record) -> None:
        offset, length = self._content.end(self._scanner.index())
        if self._content.trouble:
            severity = Severity.ERROR if self._seal else Severity.WARNING
            self._report(self._content.trouble, severity, path=node.path)
        if "content" in record.values:
            self._doubt("package.repeated", "signature.repeated", node, name=node.local)
        record.values["content"] = []
        record.content = (offset, length) if self._scanner.encoding == "utf-8" else (-1, 0)
        self._scanner.parser.buffer_text = True
        self._listen(both=self._inclusive and self._in_header)

    def _close_header(self) -> None:
        self.header_end = self._scanner.index()
        if self._in_header and self._ordered and self.header_end > self._limits.header:
            raise PackageError("package.header-size", limit=self._limits.header)
        self._in_header = False
        self._room = self._limits.metadata
        if self._measure and not self._seal:
            self._hash = hashlib.new(self._measure)
            self._hashing = True
        if not self._seal:
            self._out_inclusive.clear()
            self._listen()

    def _value(self, piece: str) -> None:
        self._room -= len(piece)
        if self._room < 0:
            raise PackageError("package.metadata", limit=self._limits.metadata)
        self._values.append(piece)

    # -- the signature -----------------------------------------------------------------------

    def _claim(self, node: Node, attributes: list[str]) -> None:
        """A ds:Signature at its place: from here on nothing doubtful is let through."""
        if self._seal:
            raise SignatureError("signature.second", line=self._scanner.line())
        if self.doubts:
            raise self.doubts[0]
        self._capture = Capture(self._kinds, node, attributes)
        parser = self._scanner.parser
        parser.StartElementHandler = self._seal_start
        parser.EndElementHandler = self._seal_end
        parser.CharacterDataHandler = self._capture.text
        parser.CommentHandler = self._seal_comment
        parser.ProcessingInstructionHandler = self._seal_instruction

    def _seal_start(self, name: str, attributes: list[str]) -> None:
        assert self._capture is not None
        self._elements += 1
        node = self._capture.start(name, attributes)
        if node.local == "Signature":
            raise SignatureError("signature.misplaced", path=node.path, line=self._scanner.line())
        if node.local in STRUCTURAL:
            raise SignatureError("signature.wrapped", path=node.path, line=self._scanner.line())
        if node.flaw:
            self._flawed(node)
        if attributes:
            self._identified(node, attributes)

    def _seal_end(self, _name: str) -> None:
        assert self._capture is not None
        if not self._capture.end():
            return
        self._seal = profile(self._capture.root, self._inclusive)
        self._capture = None
        self._hash = hashlib.new(DIGESTS[self._seal.digest_method])
        self._hashing = True
        if self._seal.transform == INCLUSIVE:
            self._out = self._out_inclusive
            self._kinds.choose_inclusive()
            for node in (*self._stack, self._node):
                node.kids.clear()
        self._out_inclusive = []
        self._listen()

    def _seal_comment(self, _data: str) -> None:
        raise SignatureError("signature.comment", line=self._scanner.line())

    def _seal_instruction(self, _target: str, _data: str) -> None:
        raise SignatureError("signature.instruction", line=self._scanner.line())

    # -- doubts and findings -----------------------------------------------------------------

    def _repeated(self, node: Node, role: Role) -> None:
        if role.identity:
            raise PackageError("package.ambiguous", name=role.name, path=node.path, line=self._scanner.line())
        self._doubt("package.repeated", "signature.repeated", node, name=role.name)

    def _doubt(self, rule: str, code: str, node: Node | None = None, **facts: str) -> None:
        path, line = (node or self._node).path, self._scanner.line()
        error = SignatureError(code, path=path, line=line, **facts)
        if self._seal or self._capture:
            raise error
        if not self.doubts:
            self.doubts.append(error)
        self._report(rule, path=path, **facts)

    def _report(
        self, rule: str, severity: Severity = Severity.WARNING, path: str = "", line: int = -1, **facts: str
    ) -> None:
        if len(self._findings) < self._limits.findings:
            where = self._scanner.line() if line < 0 else line
            self._findings.append(Finding(rule, severity, path, where, tuple(facts.items())))


def read(
    data: bytes | Iterable[bytes], limits: Limits = DEFAULT, *, inclusive: bool = False
) -> Reading:
    """Read a whole package at hand."""
    reader = PackageReader(limits, inclusive=inclusive)
    for chunk in (data,) if isinstance(data, bytes | bytearray | memoryview) else data:
        reader.feed(chunk)
    return reader.close()
