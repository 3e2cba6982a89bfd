"""Every finding about a package at once, for the people who build one.

The door (``PackageReader``) stops at the first refusal; an integrator wants the whole list. One pass
over the file feeds that very reader, whose word is always among the findings, and cuts a skeleton
(the package without attachment contents). The skeleton becomes a tree with line numbers; the rules
of ``rules`` and ``filerules`` look at it, then our XSD, whose complaints are dropped where a rule
has already said it better. Nothing is fetched, no entity is expanded, memory does not grow with
attachments.

Error: the law or the axis refuses such a package, or the national library breaks on it. Warning: it
travels. ``ok`` means no errors. Signatures are looked at for place and kind only: whether one holds
is for the room ``trust``.
"""

from __future__ import annotations

import codecs
import re
import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from lxml import etree

from axis.domain.catalogue import Severity
from axis.domain.clock import VIETNAM
from axis.domain.document import Finding, Kind
from axis.domain.errors import AxisError, PackageError
from axis.edxml.attachments import Unwrapping
from axis.edxml.filerules import check_attachments
from axis.edxml.findings import MAX_FINDINGS, Subject, children, local
from axis.edxml.limits import DEFAULT, Limits
from axis.edxml.reader import PackageReader
from axis.edxml.rules import check_document, check_status
from axis.edxml.schema import check_schema
from axis.edxml.skeleton import Skeleton, skeleton
from axis.edxml.tree import DSIG, tree
from axis.edxml.writer import NAMESPACE

# Findings of the reader that a rule here tells with more detail.
_SAID_BETTER = frozenset({
    "package.date", "package.number", "package.no-document-id", "package.document-id-built",
    "package.attachment-unlisted", "package.attachment-missing", "signature.legacy",
    "package.repaired-prefix", "package.repaired-stray-text", "package.repaired-leading-space",
})  # fmt: skip
# Refusals of the reader that the rules repeat with path, line and law.
_NAMED_HERE = {
    "package.no-header": {"lint.not-edxml"}, "package.no-sender": {"lint.missing"},
    "package.no-receiver": {"lint.missing"}, "package.no-response-for": {"lint.missing"},
}  # fmt: skip
# After these no tree is built: there is none, or it is not for us to build.
_FATAL = re.compile(
    r"package\.(empty|doctype|encoding|dialect-|not-well-formed|too-large|depth|elements|token|name$|namespaces)"
)
_FORM_OF_NAMES = {
    "edXML": None, "edXMLEnvelope": "edXML", "edXMLHeader": "edXML", "MessageHeader": "edXML",
    "AttachmentEncoded": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """``kind`` is empty when the file is no package at all."""

    findings: tuple[Finding, ...]
    size: int = 0
    kind: str = ""
    document_id: str = ""

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.WARNING)

    @property
    def ok(self) -> bool:
        return not self.errors

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": "axis.lint.v1",
            "ok": self.ok,
            "size": self.size,
            "kind": self.kind,
            "document_id": self.document_id,
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "findings": [f.to_json() for f in self.findings],
        }


def lint(
    source: str | Path | IO[bytes],
    *,
    today: date | None = None,
    limits: Limits = DEFAULT,
    unwrapping: Unwrapping | None = None,
) -> Report:
    """Check a package. ``source``: a path, or a seekable binary file, read from its start. Never
    raises for what is inside it."""
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            return lint(file, today=today, limits=limits, unwrapping=unwrapping)
    return _Linter(source, today or datetime.now(VIETNAM).date(), limits, unwrapping).report()


class _Linter:
    def __init__(self, file: IO[bytes], today: date, limits: Limits, unwrapping: Unwrapping | None) -> None:
        self._file = file
        self._today = today
        self._unwrapping = unwrapping
        self._reader = PackageReader(limits)
        self._refusal: AxisError | None = None
        self._size = 0
        self._kind = ""
        self._document_id = ""
        self._early: list[Finding] = []

    def report(self) -> Report:
        self._file.seek(0)
        with tempfile.TemporaryFile() as transcoded:
            try:
                body, bones = self._cut(transcoded)
            except PackageError as error:
                bones, body = None, self._file
                self._say(error.code, Severity.ERROR, **error.facts)
            read = self._door()
            own: list[Finding] = []
            if bones is not None and not (self._refusal and _FATAL.match(self._refusal.code)):
                own = self._examine(body, bones)
        return Report(self._merged(own, read), self._size, self._kind, self._document_id)

    # -- one pass ----------------------------------------------------------------------------

    def _watch(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._refusal is None:
            try:
                self._reader.feed(piece)
            except AxisError as error:
                self._refusal = error

    def _cut(self, transcoded: IO[bytes]) -> tuple[IO[bytes], Skeleton]:
        """The skeleton and the file it was cut from: a UTF-8 copy when the package is in UTF-16."""
        start = self._file.read(4)
        self._file.seek(0)
        if start[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return self._file, skeleton(self._file, self._watch)
        decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
        while piece := self._file.read(256 << 10):
            self._watch(piece)
            transcoded.write(decoder.decode(piece).encode())
        transcoded.write(decoder.decode(b"", True).encode())
        transcoded.seek(0)
        self._say("lint.encoding", Severity.WARNING, encoding="UTF-16")
        return transcoded, skeleton(transcoded, lambda _: None)

    def _door(self) -> tuple[Finding, ...]:
        """What the reader of the axis itself has to say."""
        if self._refusal is None:
            try:
                package = self._reader.close().package
            except AxisError as error:
                self._refusal = error
            else:
                self._kind, self._document_id = package.kind.value, package.document_id
                if package.secrecy:  # QĐ 28 Đ1.2: state secrets are out of scope, the axis keeps no body
                    self._say("lint.secrecy", Severity.ERROR, 0, mark=package.secrecy[:100])
                return package.findings
        return ()

    # -- the tree ----------------------------------------------------------------------------

    def _examine(self, body: IO[bytes], bones: Skeleton) -> list[Finding]:
        root = tree(bones, self._say)
        if root is None:
            return []
        s = Subject(root, bones, self._today)
        envelope = s.first(root, "edXMLEnvelope")
        header = s.first(envelope, "edXMLHeader")
        message = s.first(header, "MessageHeader")
        outer = (("edXMLEnvelope", envelope), ("edXMLHeader", header), ("MessageHeader", message))
        for name, element in outer:
            if element is None:
                s.error("lint.not-edxml", root, missing=name)
                return s.findings
        assert header is not None and message is not None
        self._names(s)
        self._signatures(s, header)
        if s.value(message, "StatusCode"):
            self._kind = self._kind or Kind.STATUS.value
            check_status(s, header, message)
            check_schema(s, "edxml-status.xsd")
        else:
            self._kind = self._kind or Kind.DOCUMENT.value
            kind = s.value(header, "TraceHeaderList/Bussiness/BussinessDocType")
            check_document(s, header, message)
            check_attachments(s, body, kind in ("", "0"), self._unwrapping)
            check_schema(s, "edxml-document.xsd")
        return s.findings

    # -- form --------------------------------------------------------------------------------

    def _names(self, s: Subject) -> None:
        """The namespace, and the literal prefixes some programs look for (edxml.md section 1)."""
        told = False
        for element in s.root.iter("*"):
            name, uri = local(element), etree.QName(element).namespace or ""
            if not told and uri not in (NAMESPACE, DSIG) and name in _FORM_OF_NAMES:
                told = True
                s.warn("lint.namespace", element, found=uri, expected=NAMESPACE)
            if name in _FORM_OF_NAMES and element.prefix != _FORM_OF_NAMES[name]:
                found = f"{element.prefix}:{name}" if element.prefix else name
                wanted = f"edXML:{name}" if _FORM_OF_NAMES[name] else name
                s.warn("lint.prefix", element, name=name, found=found, expected=wanted)

    def _signatures(self, s: Subject, header: etree._Element) -> None:
        genuine = list(s.root.iter(f"{{{DSIG}}}Signature"))
        legacy = [e for e in children(header, "Signature") if etree.QName(e).namespace != DSIG]
        for element in legacy:
            s.warn("lint.signature-legacy", element)
        if len(genuine) > 1 or any(e.getparent() is not header for e in genuine):
            s.error("lint.signature-place", genuine[-1])
        if not genuine and not legacy:
            s.warn("lint.signature-none", header)

    # -- the list ----------------------------------------------------------------------------

    def _say(self, rule: str, severity: Severity, line: int = 1, /, **facts: object) -> None:
        self._early.append(Finding(rule, severity, "", line, tuple(_text(facts).items())))

    def _merged(self, own: list[Finding], read: tuple[Finding, ...]) -> tuple[Finding, ...]:
        rules = {f.rule for f in own}
        found = [*self._early, *own, *(f for f in read if f.rule not in _SAID_BETTER)]
        refusal = self._refusal
        if refusal is not None and not (_NAMED_HERE.get(refusal.code, set()) & rules):
            if refusal.code == "package.not-well-formed":
                found = [f for f in found if f.rule != "lint.malformed"]
            facts = _text(refusal.facts)
            line = int(facts["line"]) if facts.get("line", "").isdigit() else 0
            path = facts.get("path", "")
            found.append(Finding(refusal.code, Severity.ERROR, path, line, tuple(facts.items())))
        found.sort(key=lambda f: (f.line, f.severity is Severity.WARNING))
        if len(own) >= MAX_FINDINGS:
            found.append(Finding("lint.many", Severity.WARNING, facts=(("limit", str(MAX_FINDINGS)),)))
        return tuple(found)


def _text(facts: dict[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in facts.items()}
