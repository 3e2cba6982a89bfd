"""What an element is at the place where it stands: its role, and whether it may stand there at all."""

from __future__ import annotations

from axis.domain.errors import PackageError, SignatureError
from axis.edxml import dialects, secrecy
from axis.edxml.canonical import Kinds, Node
from axis.edxml.notes import Notes
from axis.edxml.seal import DSIG
from axis.edxml.shape import MARK, ROOT, STRUCTURAL, Role, Take

_IDS = 10_000


class Placing:
    """Asked once per kind of element, and each time for what has an id or gives something to say."""

    def __init__(self, kinds: Kinds, notes: Notes) -> None:
        self._kinds = kinds
        self._notes = notes
        self._ids: set[int] = set()

    def place(self, parent: Node, name: str, attributes: list[str]) -> Node:
        """The node of a start tag outside ds:Signature, with its role."""
        heard = self._notes.heard
        node = self._kinds.enter(parent, name, attributes)
        named = self.look(node, attributes)
        if node.depth <= dialects.DEPTH and (code := dialects.refusal(node.uri, node.depth)):
            raise PackageError(code, namespace=node.uri)
        if parent.leaf or (parent.role is not None and parent.role.take is Take.CONTENT):
            raise PackageError("package.element-in-value", path=node.path, line=self._notes.line())
        if node.depth == 1:
            role: Role | None = ROOT
        else:
            role = parent.role.kids.get(node.local) if parent.role else None
        if node.uri == DSIG:
            role = self._signature(node, role)
        elif role is None:
            role = self._unknown(node)
        else:
            role = self._known(node, role)
        node.role = role
        node.leaf = role is not None and role.take in (Take.VALUE, Take.MARK)
        node.opens = role is not None and not node.leaf
        if heard == self._notes.heard and not named:
            self._kinds.keep(node, attributes)
        return node

    def inside(self, parent: Node, name: str, attributes: list[str]) -> Node:
        """The node of a start tag inside ds:Signature. SignedInfo is canonicalised as an apex."""
        role = parent.role
        node = self._kinds.enter(parent, name, attributes, apex=role is not None and role.take is Take.SEAL)
        named = self.look(node, attributes)
        if node.local == "Signature":
            raise SignatureError("signature.misplaced", path=node.path, line=self._notes.line())
        if node.local in STRUCTURAL:
            raise SignatureError("signature.wrapped", path=node.path, line=self._notes.line())
        if not named:
            self._kinds.keep(node, attributes)
        return node

    def look(self, node: Node, attributes: list[str]) -> bool:
        """Names, namespaces and ids; True when the element has an id."""
        named = False
        if node.flaw == "prefix":
            self._notes.repaired("prefix", node.path)
        elif node.flaw == "name":
            raise PackageError("package.bad-name", name=node.name, line=self._notes.line())
        elif node.flaw == "twice":
            raise PackageError("package.attribute-twice", name=node.name, line=self._notes.line())
        elif node.flaw:
            self._notes.doubt("package.namespace-" + node.flaw, "signature.namespace", node.path)
        for i in range(0, len(attributes), 2):
            # Two elements with one id: whoever resolves references may choose the wrong one.
            if attributes[i].rpartition(":")[2].lower() == "id":
                mark = hash(attributes[i + 1])
                if mark in self._ids or len(self._ids) >= _IDS:
                    self._notes.doubt("package.repeated-id", "signature.repeated-id", node.path)
                self._ids.add(mark)
                named = True
        return named

    def _signature(self, node: Node, role: Role | None) -> Role | None:
        if role is not None and role.take is Take.SEAL:
            return role
        if node.local == "Signature":
            raise SignatureError("signature.misplaced", path=node.path, line=self._notes.line())
        self._notes.doubt("package.stray-signature-part", "signature.stray-part", node.path)
        return None

    def _unknown(self, node: Node) -> Role | None:
        if node.local in STRUCTURAL:
            self._notes.doubt("package.wrapped", "signature.wrapped", node.path)
        return MARK if node.local.lower() in secrecy.ELEMENTS else None

    def _known(self, node: Node, role: Role) -> Role | None:
        if role.take is Take.SEAL:  # the library's dummy: in the namespace of edXML, so no XML-DSig
            self._notes.report("signature.legacy", path=node.path)
            return None
        if role is ROOT and node.local != "edXML":
            self._notes.repaired("root", node.path)
        if node.uri != dialects.NATIVE and node.flaw != "prefix":
            self._notes.repaired("namespace", node.path)
        return role
