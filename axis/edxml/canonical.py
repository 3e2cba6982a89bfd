"""Canonical XML while the bytes arrive: exclusive C14N 1.0 without comments, and inclusive C14N 1.0.

A ``Node`` is one kind of element at one place: its path of names and the namespaces in force. Its
canonical start and end tags depend on nothing else, so they are written once, when the kind is first
met, and a repeated element costs one dictionary lookup. Attributes make a kind of their own.

    exclusive   a declaration is shown where it is *used* and not yet shown with that value
    inclusive   a declaration is shown where it is *made* and not yet in force with that value

Prefixes are resolved here, with the parser's namespaces off, so that a tolerant reader can go on
after an undeclared one; what is irregular is told by ``Node.flaw`` and judged by the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import ClassVar

from axis.domain.errors import PackageError
from axis.edxml.limits import Limits
from axis.edxml.shape import Role

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
XML = "http://www.w3.org/XML/1998/namespace"
XMLNS = "http://www.w3.org/2000/xmlns/"

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s&<>\"]*")
_KINDS = 2_048  # nodes kept for reuse, and how much text each may hold: bounds memory
_TEXT = 256


class Node:
    """One kind of element at one place. ``open``/``close`` are its exclusive canonical tags,
    ``open_inclusive`` its inclusive start tag; ``role``, ``leaf`` (text is wanted) and ``opens`` (something
    is to be done at its start) belong to the reader."""

    __slots__ = (
        "bound", "close", "depth", "flaw", "kids", "leaf", "local", "name", "open",
        "open_inclusive", "opens", "parent", "role", "shown", "uri", "xml_attributes",
    )  # fmt: skip

    def __init__(self, parent: Node | None, name: str) -> None:
        self.parent = parent
        self.name = name
        self.depth: int = parent.depth + 1 if parent else 0
        self.local = name
        self.uri = ""
        self.bound: dict[str, str] = parent.bound if parent else {"": "", "xml": XML}
        self.shown: dict[str, str] = parent.shown if parent else {"": ""}
        self.xml_attributes: bool = parent.xml_attributes if parent else False
        self.flaw = ""
        self.open = self.open_inclusive = self.close = ""
        self.kids: dict[str | tuple[str, ...], Node] = {}
        self.role: Role | None = None
        self.leaf = self.opens = False

    @property
    def path(self) -> str:
        """Local names from the root, e.g. ``edXML/edXMLEnvelope/edXMLHeader``."""
        names: list[str] = []
        node: Node | None = self
        while node is not None and node.depth:
            names.append(node.local)
            node = node.parent
        return "/".join(reversed(names))


def text(value: str) -> str:
    """Character data in canonical form."""
    if "&" in value:
        value = value.replace("&", "&amp;")
    if "<" in value:
        value = value.replace("<", "&lt;")
    if ">" in value:
        value = value.replace(">", "&gt;")
    if "\r" in value:
        value = value.replace("\r", "&#xD;")
    return value


_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
)


def instruction(target: str, data: str) -> str:
    """A processing instruction in canonical form."""
    return f"<?{target} {data}?>" if data else f"<?{target}?>"


def _split(name: str) -> tuple[str, str, bool]:
    prefix, colon, local = name.rpartition(":")
    return prefix, local, not colon or bool(prefix and local and ":" not in prefix)


class Kinds:
    """The nodes of one package. Those without anything to report are a function of the names above
    them alone, so they are shared by all packages of this process; when their number has grown too
    large (only a malicious sender gets there) the next package starts anew."""

    _shared: ClassVar[dict[Limits, tuple[Node, list[int]]]] = {}

    def __init__(self, limits: Limits, inclusive: bool) -> None:
        self._limits = limits
        self._inclusive = inclusive
        self._only_inclusive = False
        self._declarations = 0  # characters of declarations shown by new nodes
        found = None if inclusive else self._shared.get(limits)
        if found is None or found[1][0] <= 0:
            found = (Node(None, ""), [_KINDS])
            if not inclusive:
                if len(self._shared) > 8:
                    self._shared.clear()
                self._shared[limits] = found
        self.root, self._left = found

    def choose_inclusive(self, path: Iterable[Node]) -> None:
        """From now on ``Node.open`` is the inclusive form; what was written below ``path`` is forgotten."""
        self._only_inclusive = True
        for node in path:
            node.kids.clear()

    def keep(self, node: Node, attributes: Sequence[str]) -> None:
        """Let the next element of this kind find its node in ``kids``."""
        left, parent = self._left, node.parent
        if left[0] > 0 and parent is not None and len(node.name) + sum(map(len, attributes)) < _TEXT:
            left[0] -= 1
            parent.kids[(node.name, *attributes) if attributes else node.name] = node

    def enter(self, parent: Node, name: str, attributes: Sequence[str] = (), apex: bool = False) -> Node:
        """The node of a start tag. Irregularities are left in ``flaw`` as a word. ``apex``: the element
        is canonicalised as the root of a subset, so nothing above it has shown a namespace yet."""
        self._measure(parent, name, attributes)
        node = Node(parent, name)
        if apex:
            node.shown = {"": ""}
        prefix, node.local, good = _split(name)
        if not good:
            node.flaw = "name"
        node.close = f"</{name}>"
        declared: dict[str, str] = {}
        plain: list[tuple[str, str, str, str]] = []
        if attributes:
            declared = _declared(node, attributes)
            if declared:
                node.bound = {**parent.bound, **declared}
                if sum(len(p) + len(u) + 8 for p, u in node.bound.items()) > self._limits.namespaces:
                    raise PackageError("package.namespaces", limit=self._limits.namespaces)
            plain = _resolved(node, attributes)
        uri = node.bound.get(prefix)
        if uri is None:
            node.flaw = node.flaw or "prefix"
        else:
            node.uri = uri
        tail = "".join([f' {q}="{v.translate(_ATTRIBUTE)}"' for _, _, q, v in plain]) + ">"
        self._open_exclusive(node, prefix, plain, tail)
        if self._inclusive:
            made = node.bound if apex else declared
            before = {} if apex else parent.bound
            news = sorted((p, u) for p, u in made.items() if p != "xml" and before.get(p, "") != u)
            node.open_inclusive = f"<{name}{_declarations(news)}{tail}"
            if self._only_inclusive:
                node.open = node.open_inclusive
        return node

    def _measure(self, parent: Node, name: str, attributes: Sequence[str]) -> None:
        limits = self._limits
        if parent.depth >= limits.depth:
            raise PackageError("package.depth", limit=limits.depth)
        if len(name) > limits.name:
            raise PackageError("package.name", limit=limits.name)
        if attributes:
            if len(attributes) > 2 * limits.attributes:
                raise PackageError("package.attributes", limit=limits.attributes)
            if max(map(len, attributes[::2])) > limits.name:
                raise PackageError("package.name", limit=limits.name)
            if max(map(len, attributes)) > limits.attribute_value:
                raise PackageError("package.attribute-value", limit=limits.attribute_value)

    def _open_exclusive(
        self, node: Node, prefix: str, plain: list[tuple[str, str, str, str]], tail: str
    ) -> None:
        used = {prefix}
        for _, _, qualified, _ in plain:
            head, colon, _ = qualified.partition(":")
            if colon:
                used.add(head)
        used.discard("xml")
        shown, bound = node.shown, node.bound
        news = [(p, bound.get(p, "")) for p in used if shown.get(p) != bound.get(p, "")]
        if news:
            news.sort()
            node.shown = {**shown, **dict(news)}
        shows = _declarations(news)
        self._declarations += len(shows)
        if self._declarations > self._limits.declarations:
            raise PackageError("package.namespaces", limit=self._limits.declarations)
        node.open = f"<{node.name}{shows}{tail}"


def _declarations(pairs: list[tuple[str, str]]) -> str:
    return "".join(
        [
            f' {"xmlns:" + prefix if prefix else "xmlns"}="{uri.translate(_ATTRIBUTE)}"'
            for prefix, uri in pairs
        ]
    )


def _declared(node: Node, attributes: Sequence[str]) -> dict[str, str]:
    """Namespace declarations of a tag. A relative URI makes libxml2's canonicaliser fail, and a failed
    canonicaliser digests nothing (the "void canonicalisation" attack); it also writes ``&`` in a URI
    unescaped. Both are told as a flaw, so that no two canonicalisers can differ on a signed package."""
    declared: dict[str, str] = {}
    for i in range(0, len(attributes), 2):
        key = attributes[i]
        if key == "xmlns":
            prefix = ""
        elif key.startswith("xmlns:"):
            prefix = key[6:]
        else:
            continue
        uri = attributes[i + 1]
        if (not uri and prefix) or prefix == "xmlns" or uri == XMLNS or (prefix == "xml") != (uri == XML):
            node.flaw = node.flaw or "declaration"
        elif ":" in prefix or (key != "xmlns" and not prefix):
            node.flaw = node.flaw or "name"
        elif uri and not _ABSOLUTE.fullmatch(uri):
            node.flaw = node.flaw or "relative"
        declared[prefix] = uri
    return declared


def _resolved(node: Node, attributes: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """(namespace, local name, name, value) of the attributes that are no declarations, in canonical order."""
    found: list[tuple[str, str, str, str]] = []
    for i in range(0, len(attributes), 2):
        key = attributes[i]
        if key == "xmlns" or key.startswith("xmlns:"):
            continue
        prefix, local, good = _split(key)
        uri = node.bound.get(prefix) if prefix else ""
        if not good:
            node.flaw = node.flaw or "name"
        elif uri is None:
            node.flaw = node.flaw or "prefix"
        if prefix == "xml":
            node.xml_attributes = True
        found.append((uri or "", local, key, attributes[i + 1]))
    if len(found) > 1:
        found.sort()
        if any(a[:2] == b[:2] for a, b in pairwise(found)):
            node.flaw = "twice"
    return found
