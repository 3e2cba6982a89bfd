"""A skeleton -> a tree with line numbers, by the repairs the tolerant reader knows, each of them told.

No network, no entity expanded, no huge tree: a skeleton with a DOCTYPE never gets here.
"""

from __future__ import annotations

import codecs
import re
from typing import Any, Final, Protocol

from lxml import etree

from axis.domain.catalogue import Severity
from axis.edxml.findings import Element, clip
from axis.edxml.skeleton import Skeleton
from axis.edxml.writer import NAMESPACE

DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"

_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?(\sencoding\s*=\s*[\"']([^\"']{0,40})[\"'])")
_ROOT = re.compile(rb"<[A-Za-z_:][^\s/>]*")
_UNDECLARED = re.compile(r"Namespace prefix (\S+) ")


class Say(Protocol):
    def __call__(self, rule: str, severity: Severity, line: int = 1, /, **facts: object) -> None: ...


def tree(bones: Skeleton, say: Say) -> Element | None:
    """The root, or None when the skeleton is not well-formed (``lint.malformed`` was said)."""
    data = bones.data
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
        say("lint.bom", Severity.WARNING)
    start = max(data.find(b"<"), 0)
    if start:
        bones.moved(data[:start].count(b"\n"))
        say("lint.stray-before", Severity.WARNING, bytes=start)
        data = data[start:]
    if declared := _DECLARATION.match(data):
        encoding = declared[2].decode("ascii", "replace").lower()
        if encoding not in ("utf-8", "utf8", "utf-16"):
            say("lint.encoding", Severity.WARNING, encoding=encoding)
        data = data[: declared.start(1)] + data[declared.end(1) :]  # the copy is UTF-8 by now
    strict = parser()
    try:
        return etree.fromstring(data, strict)
    except etree.XMLSyntaxError as error:
        # the parser's own log: the exception's holds what other parsers of this thread complained of
        return _declared(data, error, strict.error_log, bones, say)


def _declared(
    data: bytes, error: etree.XMLSyntaxError, errors: Any, bones: Skeleton, say: Say
) -> Element | None:
    """Once more with the prefixes declared that were not; the vendor's own example needs it."""
    log = list(errors)
    prefixes = dict.fromkeys(m[1] for e in log if (m := _UNDECLARED.match(e.message)))
    root = _root_at(data)
    if prefixes and root and all(e.domain_name == "NAMESPACE" for e in log):
        for prefix in prefixes:
            first = next(e for e in log if f"prefix {prefix} " in e.message)
            say("lint.undeclared-prefix", Severity.WARNING, bones.line(first.line), prefix=prefix)
        added = "".join(f' xmlns:{p}="{NAMESPACE if p == "edXML" else "urn:" + p}"' for p in prefixes)
        try:
            return etree.fromstring(data[:root] + added.encode() + data[root:], parser())
        except etree.XMLSyntaxError as again:
            error = again
    line, column = error.position
    at = bones.line(line or 0)
    say("lint.malformed", Severity.ERROR, at, line=at, column=column, message=clip(error.msg or ""))
    return None


def parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _root_at(data: bytes) -> int:
    """Where the name of the root element ends."""
    at = 0
    while (at := data.find(b"<", at)) >= 0:
        if data.startswith((b"<?", b"<!--"), at):
            end = b"?>" if data.startswith(b"<?", at) else b"-->"
            at = max(data.find(end, at), at + 1)
        elif found := _ROOT.match(data, at):
            return found.end()
        else:
            return 0
    return 0
