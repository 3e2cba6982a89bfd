"""The one ds:Signature of a package: captured, held to the profile, carried on as a ``Seal``.

The profile (design, section 6) leaves nothing to interpretation: every child at its place and once,
no comment, no instruction, no attribute that is not named here, base64 in canonical form. What is not
expected is refused by its own code. Nothing here judges *who* signed.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from axis.domain.errors import SignatureError
from axis.edxml import canonical
from axis.edxml.canonical import EXCLUSIVE, INCLUSIVE, Node

DSIG = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = DSIG + "enveloped-signature"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
DIGESTS = {
    DSIG + "sha1": "sha1",
    XENC + "sha256": "sha256",
    MORE + "sha384": "sha384",
    XENC + "sha512": "sha512",
}
METHODS = {
    DSIG + "rsa-sha1": ("rsa", "sha1"), MORE + "rsa-sha256": ("rsa", "sha256"),
    MORE + "rsa-sha384": ("rsa", "sha384"), MORE + "rsa-sha512": ("rsa", "sha512"),
    MORE + "ecdsa-sha256": ("ec", "sha256"), MORE + "ecdsa-sha384": ("ec", "sha384"),
}  # fmt: skip
MAX_CERTIFICATES = 8

_SPACE = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Seal:
    """Everything the signature says, and what the document says to it (``computed``)."""

    canonicalization: str
    transform: str
    signature_method: str
    digest_method: str
    signed_info: bytes
    signature: bytes
    claimed: bytes
    certificates: tuple[bytes, ...]
    rsa_key: tuple[int, int] | None = None
    computed: bytes = b""

    def over(self, digest: bytes) -> Seal:
        """The same seal, with the digest of the document it came in."""
        return replace(self, computed=digest)


class Element:
    """A captured element: canonical tags of its node, and its children in order."""

    __slots__ = ("attributes", "content", "kids", "local", "node", "uri")

    def __init__(self, node: Node, attributes: Sequence[str]) -> None:
        self.node = node
        self.local = node.local
        self.uri = node.uri
        self.attributes = {
            attributes[i]: attributes[i + 1]
            for i in range(0, len(attributes), 2)
            if attributes[i] != "xmlns" and not attributes[i].startswith("xmlns:")
        }
        self.kids: list[Element] = []
        self.content: list[str | Element] = []

    def canonical(self, inclusive: bool) -> str:
        inside = [
            canonical.text(part) if isinstance(part, str) else part.canonical(inclusive)
            for part in self.content
        ]
        node = self.node
        return "".join([node.open_inclusive if inclusive else node.open, *inside, node.close])

    @property
    def text(self) -> str:
        return "".join(part for part in self.content if isinstance(part, str))


def refuse(code: str, **facts: object) -> SignatureError:
    return SignatureError("signature." + code, **facts)


def _children(element: Element, expected: str) -> list[Element]:
    """The children, which must be exactly ``expected`` (``?`` may lack, ``*`` any number), in order."""
    rest = list(element.kids)
    for kid in rest:
        if kid.uri != DSIG:
            raise refuse("unknown-child", parent=element.local, name=kid.local)
    found: list[Element] = []
    for word in expected.split():
        name = word.rstrip("?*")
        count = 0
        while rest and rest[0].local == name and (count == 0 or word.endswith("*")):
            found.append(rest.pop(0))
            count += 1
        if not count and not word.endswith(("?", "*")):
            _unexpected(element, rest, expected)
            raise refuse("missing-child", parent=element.local, name=name)
    _unexpected(element, rest, expected)
    if element.text.strip(" \t\r\n"):
        raise refuse("stray-text", parent=element.local)
    return found


def _unexpected(element: Element, rest: list[Element], expected: str) -> None:
    for kid in rest[:1]:
        names = {word.rstrip("?*") for word in expected.split()}
        repeated = kid.local in names and sum(k.local == kid.local for k in element.kids) > 1
        if kid.local == "Object":
            raise refuse("object")
        if kid.local == "InclusiveNamespaces":
            raise refuse("inclusive-namespaces")
        if repeated:
            raise refuse("repeated-child", parent=element.local, name=kid.local)
        if kid.local not in names:
            raise refuse("unknown-child", parent=element.local, name=kid.local)


def _attributes(element: Element, *allowed: str) -> None:
    for name in element.attributes:
        if name not in allowed:
            raise refuse("unknown-attribute", name=name, parent=element.local)


def _leaf(element: Element) -> str:
    """White-space-free text of an element that may hold nothing else."""
    if element.kids:
        raise refuse("unknown-child", parent=element.local, name=element.kids[0].local)
    return _SPACE.sub("", element.text)


def _bytes(element: Element, limit: int = 16_384) -> bytes:
    text = _leaf(element)
    try:
        value = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        raise refuse("base64", name=element.local) from None
    if not value or len(value) > limit or binascii.b2a_base64(value, newline=False).decode() != text:
        raise refuse("base64", name=element.local)
    return value


def _algorithm(element: Element) -> str:
    _attributes(element, "Algorithm")
    for kid in element.kids:
        raise refuse("inclusive-namespaces" if kid.local == "InclusiveNamespaces" else "parameters",
                     parent=element.local, name=kid.local)  # fmt: skip
    if element.text.strip(" \t\r\n"):
        raise refuse("stray-text", parent=element.local)
    return element.attributes.get("Algorithm", "")


def _canonicalization(uri: str, inclusive: bool) -> str:
    if uri == INCLUSIVE and not inclusive:
        raise refuse("inclusive-not-enabled")
    if uri not in (EXCLUSIVE, INCLUSIVE):
        raise refuse("canonicalization", algorithm=uri)
    return uri


def profile(signature: Element, inclusive: bool) -> Seal:
    """Hold a captured Signature to the profile. Raises SignatureError with the code of the violation."""
    _attributes(signature, "Id")
    info, value, key_info = _children(signature, "SignedInfo SignatureValue KeyInfo")
    _attributes(info, "Id")
    _attributes(value, "Id")
    c14n, method, reference = _children(info, "CanonicalizationMethod SignatureMethod Reference")
    canonicalization = _canonicalization(_algorithm(c14n), inclusive)
    signature_method = _algorithm(method)
    if signature_method not in METHODS:
        raise refuse("method", algorithm=signature_method)
    transform, digest_method, claimed = _reference(reference, inclusive)
    whole = canonicalization == INCLUSIVE
    if whole and info.node.xml_attributes:
        raise refuse("xml-attributes")  # C14N 1.0 would copy them into SignedInfo
    certificates, rsa_key = _key_info(key_info)
    return Seal(canonicalization, transform, signature_method, digest_method, info.canonical(whole).encode(),
                _bytes(value), claimed, certificates, rsa_key)  # fmt: skip


def _reference(reference: Element, inclusive: bool) -> tuple[str, str, bytes]:
    if reference.attributes.get("URI") != "":
        raise refuse("reference", uri=reference.attributes.get("URI", "-"))
    _attributes(reference, "URI", "Id")
    transforms, method, value = _children(reference, "Transforms DigestMethod DigestValue")
    _attributes(transforms)
    _attributes(value)
    chain = [_algorithm(one) for one in _children(transforms, "Transform*")]
    if chain == [ENVELOPED] and inclusive:
        transform = INCLUSIVE  # no canonicaliser named means C14N 1.0 (XML-DSig 4.4.3.2); .NET's default
    elif len(chain) == 2 and chain[0] == ENVELOPED:
        transform = _canonicalization(chain[1], inclusive)
    else:
        raise refuse("transforms", found=" ".join(chain) or "-")
    digest_method = _algorithm(method)
    if digest_method not in DIGESTS:
        raise refuse("digest-method", algorithm=digest_method)
    claimed = _bytes(value)
    if len(claimed) != hashlib.new(DIGESTS[digest_method]).digest_size:
        raise refuse("digest-length")
    return transform, digest_method, claimed


def _key_info(key_info: Element) -> tuple[tuple[bytes, ...], tuple[int, int] | None]:
    _attributes(key_info, "Id")
    names = sorted(kid.local for kid in key_info.kids)
    if "X509Data" not in names:
        raise refuse("no-certificate")
    parts = _children(
        key_info, "KeyValue? X509Data" if key_info.kids[0].local == "KeyValue" else "X509Data KeyValue?"
    )
    data = next(part for part in parts if part.local == "X509Data")
    values = [part for part in parts if part.local == "KeyValue"]
    _attributes(data)
    found: list[bytes] = []
    for kid in data.kids:
        if kid.uri != DSIG or kid.local not in (
            "X509Certificate",
            "X509SubjectName",
            "X509IssuerSerial",
            "X509SKI",
        ):
            raise refuse("unknown-child", parent="X509Data", name=kid.local)
        _attributes(kid)
        if kid.local == "X509Certificate":
            found.append(_bytes(kid))
    if data.text.strip(" \t\r\n"):
        raise refuse("stray-text", parent="X509Data")
    if not found:
        raise refuse("no-certificate")
    if len(found) > MAX_CERTIFICATES:
        raise refuse("too-many-certificates", limit=MAX_CERTIFICATES)
    return tuple(dict.fromkeys(found)), _rsa_key(values[0]) if values else None


def _rsa_key(value: Element) -> tuple[int, int]:
    """A KeyValue is superfluous; it is let through only because it can be compared with the certificate."""
    _attributes(value)
    (key,) = _children(value, "RSAKeyValue")
    _attributes(key)
    modulus, exponent = _children(key, "Modulus Exponent")
    return int.from_bytes(_bytes(modulus), "big"), int.from_bytes(_bytes(exponent), "big")


class Capture:
    """What is inside ds:Signature, as a tree: bounded by the limit of the header."""

    def __init__(self, node: Node, attributes: Sequence[str]) -> None:
        self.root = Element(node, attributes)
        self._open = [self.root]

    @property
    def node(self) -> Node:
        return self._open[-1].node

    def start(self, node: Node, attributes: Sequence[str]) -> None:
        element = Element(node, attributes)
        top = self._open[-1]
        top.kids.append(element)
        top.content.append(element)
        self._open.append(element)

    def end(self) -> bool:
        """True when the Signature itself was closed."""
        self._open.pop()
        return not self._open

    def text(self, value: str) -> None:
        self._open[-1].content.append(value)
