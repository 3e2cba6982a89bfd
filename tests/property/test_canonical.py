"""The streaming canonicaliser equals lxml's on documents made to hurt it, however the bytes are cut.

lxml (libxml2) is the oracle; it is never in the path. ``CANONICAL_EXAMPLES`` sets the count.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import re

import pytest
from lxml import etree

from axis.edxml import scanner
from axis.edxml.dialects import NATIVE
from axis.edxml.reader import PackageReader

EXAMPLES = int(os.environ.get("CANONICAL_EXAMPLES", "1000"))
DS = "http://www.w3.org/2000/09/xmldsig#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
INC = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
PREFIXES = ["", "a", "b", "edXML", "zz"]
URIS = [NATIVE, "urn:x", "urn:y", "http://example.vn/?a=1"]
EXTRA = '\n xmlns:a="urn:x"'
TEXTS = [
    "plain", "a &amp; b &lt;c&gt; d", "&#13;&#10;&#9;", "Văn phòng Chính phủ", "𝕏 🇻🇳", "]]&gt;", "\r\n  \r\n",
    "\r", "<![CDATA[<raw> & ]] > stuff]]>", "<![CDATA[QUJD]]>", "<!-- c < > & -->", "<?pi some > data?>",
    "<?empty?>", "&quot;&apos;\"'", "<!-- QUJDQUJD\n -->", "\u00a0\u0085\u2028", "&#x1F600;", "=", "a=b\n",
]  # fmt: skip
VALUES = [
    "", "v", "a&lt;b", "&#9;&#10;&#13;x", "tab\there\nand\r\nthere", "'quoted'", "Ữ &amp; &gt; >", "𝕏", "/>",
]  # fmt: skip
NUISANCES = ["&#43;", "é", "<!--x-->", "<?p q?>", "<![CDATA[QUJD]]>", "-", "]", ">"]


def _base64(rng: random.Random) -> str:
    size = rng.choice([3, 90, 3000, 6000, 20_000, 60_000]) + rng.randrange(7)
    text = base64.b64encode(rng.randbytes(size)).decode()
    style = rng.randrange(7)
    if style == 1:
        text = "\r\n".join(re.findall(".{1,76}", text))
    elif style == 2:
        text = "\n".join(re.findall(".{1,64}", text)) + "\n"
    elif style == 3:
        text = "\t \r" + text + "\r"
    elif style == 4:
        cut = rng.randrange(len(text))
        text = text[:cut] + rng.choice(NUISANCES) + text[cut:]
    elif style == 5:
        text = f"<![CDATA[{text}]]>"
    elif style == 6:
        text = f"<!-- > {text} -->"
    return text


def _element(rng: random.Random, bound: dict[str, str], depth: int) -> str:
    declared = {p: rng.choice(URIS) for p in PREFIXES if rng.random() < 0.15}
    if "" in bound and rng.random() < 0.08:
        declared[""] = ""
    scope = {**bound, **declared}
    prefix = rng.choice(["", *[p for p in scope if p]])
    name = (prefix + ":" if prefix else "") + rng.choice(["x", "Y1", "đơn", "Code_-.", "Subjekt"])
    parts = [(f"xmlns:{p}" if p else "xmlns", u) for p, u in declared.items()]
    seen: set[tuple[str, str]] = set()
    for _ in range(rng.choice([0, 0, 0, 1, 2, 5])):
        p = rng.choice(["", "xml", *[q for q in scope if q]])
        local = rng.choice(["lang", "n", "Id2", "z", "base2", "Đ"])
        key = (scope.get(p, p) if p else "", local)
        if key not in seen:
            seen.add(key)
            parts.append(((p + ":" if p else "") + local, rng.choice(VALUES)))
    rng.shuffle(parts)
    quote = [(k, v, "'" if '"' in v or ("'" not in v and rng.random() < 0.3) else '"') for k, v in parts]
    space = rng.choice([" ", "  ", "\n\t", "\r\n"])
    attributes = "".join(f"{space}{k}{rng.choice(['=', ' = '])}{q}{v}{q}" for k, v, q in quote)
    if rng.random() < 0.15:
        return f"<{name}{attributes}{rng.choice(['', ' '])}/>"
    inside = []
    for _ in range(rng.choice([0, 1, 1, 2, 4]) if depth < 7 else 0):
        roll = rng.random()
        inside.append(
            _element(rng, scope, depth + 1) if roll < 0.5
            else rng.choice(TEXTS) if roll < 0.85 else _base64(rng)
        )  # fmt: skip
    return f"<{name}{attributes}>{''.join(inside)}</{name}{rng.choice(['', ' ', chr(10)])}>"


def _document(rng: random.Random, with_signature: bool) -> str:
    bound = {"": NATIVE, "edXML": NATIVE}
    head = (
        f"<edXML:From><edXML:OrganId>A</edXML:OrganId></edXML:From><edXML:To><edXML:OrganId>B</edXML:OrganId>"
        f"</edXML:To>{_element(rng, bound, 0) if rng.random() < 0.6 else ''}"
    )
    seal = SEAL.format(transform=rng.choice([EXC, INC])) if with_signature else ""
    attachments = "".join(
        f"<Attachment>{_element(rng, {'': NATIVE}, 0)}<ContentTransferEncoded>{_content(rng, with_signature)}"
        f"</ContentTransferEncoded></Attachment>" for _ in range(rng.randrange(3))
    )  # fmt: skip
    return (
        rng.choice(["", "\ufeff"])
        + rng.choice(["", '<?xml version="1.0" encoding="UTF-8"?>', "<?xml version='1.0'?>\r\n"])
        + rng.choice(["", "<!-- before -->\n", "<?before it?>\n", "<?x?><?y z?>"])
        + f'<edXML xmlns="{NATIVE}"{rng.choice(["", EXTRA])}>'
        + f'<edXML:edXMLEnvelope xmlns:edXML="{NATIVE}"><edXML:edXMLHeader>'
        + f"<edXML:MessageHeader>{head}</edXML:MessageHeader>{seal}</edXML:edXMLHeader>"
        + f"<edXML:edXMLBody>{_element(rng, bound, 0)}</edXML:edXMLBody></edXML:edXMLEnvelope>\r\n"
        + f"{_element(rng, {'': NATIVE}, 0)}{_base64(rng) if rng.random() < 0.3 else ''}"
        + f"<AttachmentEncoded>{attachments}</AttachmentEncoded></edXML>"
        + rng.choice(["", "\r\n", "<!-- after -->", "\n<?after?>\n<?more x?>"])
    )


def _content(rng: random.Random, strict: bool) -> str:
    text = _base64(rng)
    # Anything but base64 in a signed attachment would be refused.
    return re.sub(r"[^A-Za-z0-9+/=\s]", "", text.partition("<")[0]) if strict else text


SEAL = (
    f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXC}"/>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="">'
    f'<ds:Transforms><ds:Transform Algorithm="{DS}enveloped-signature"/>'
    '<ds:Transform Algorithm="{transform}"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>'
    f"{base64.b64encode(bytes(32)).decode()}</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue>"
    "QUJD</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>QUJD</ds:X509Certificate></ds:X509Data>"
    "</ds:KeyInfo></ds:Signature>"
)


def _oracle(data: bytes) -> tuple[bytes, str]:
    """Digest of the document without its Signature, by lxml, and which transform was asked for."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, huge_tree=True))
    transform = EXC
    for seal in list(root.iter(f"{{{DS}}}Signature")):
        transform = seal.findall(f".//{{{DS}}}Transform")[1].get("Algorithm")
        parent, tail = seal.getparent(), seal.tail
        before = seal.getprevious()
        if tail and before is not None:
            before.tail = (before.tail or "") + tail
        elif tail:
            parent.text = (parent.text or "") + tail
        parent.remove(seal)
    text = etree.tostring(
        root.getroottree(), method="c14n", exclusive=transform == EXC, with_comments=False
    )  # fmt: skip
    return hashlib.sha256(text).digest(), transform


def _cuts(rng: random.Random, data: bytes) -> list[bytes]:
    style = rng.randrange(5)
    if style == 0:
        return [data]
    if style == 1:
        size = rng.choice([1, 7, 1000, 16_384, 16_385, 65_536])
        return [data[i : i + size] for i in range(0, len(data), size)]
    points = sorted(rng.randrange(len(data)) for _ in range(rng.randrange(1, 12)))
    return [data[i:j] for i, j in zip([0, *points], [*points, len(data)], strict=True)]


class _Small:
    """Cut as small as asked for: the scanner's gathering would hide most cuts."""

    def __enter__(self) -> None:
        self._kept = scanner.GATHER, scanner.LONG
        scanner.GATHER, scanner.LONG = 1, 48

    def __exit__(self, *_: object) -> None:
        scanner.GATHER, scanner.LONG = self._kept


def _agree(seed: int) -> None:
    rng = random.Random(seed)
    signed = rng.random() < 0.5
    data = _document(rng, signed).encode()
    expected, transform = _oracle(data)
    reader = PackageReader(
        inclusive=(signed and transform == INC) or rng.random() < 0.2, measure="" if signed else "sha256"
    )
    for chunk in _cuts(rng, data):
        reader.feed(chunk)
    reading = reader.close()
    assert reader.digest() == expected, f"seed {seed}"
    for one in reading.package.attachments:
        if one.offset >= 0 and one.length:
            assert data[one.offset - 1 : one.offset] == b">" and data[one.offset + one.length] == 60, f"seed {seed}"


@pytest.mark.parametrize("part", range(4))
def test_digest_equals_that_of_lxml_however_the_bytes_are_cut(part: int) -> None:
    for seed in range(part, EXAMPLES, 4):
        _agree(seed)


@pytest.mark.parametrize("part", range(4))
def test_digest_equals_that_of_lxml_when_every_cut_reaches_the_scanner(part: int) -> None:
    with _Small():
        for seed in range(1_000_000 + part, 1_000_000 + EXAMPLES, 4):
            _agree(seed)


def test_line_ends_are_normalised_like_two_replacements() -> None:
    rng = random.Random(1)
    for _ in range(20_000):
        if rng.random() < 0.3:
            run = b"".join(rng.choice([b"A", b"\r", b"\n", b"\r\n", b"BB"]) for _ in range(rng.randrange(12)))
        else:
            run = (b"A" * rng.randrange(5) + b"\r\n") * rng.randrange(6)
            place = rng.randrange(len(run) + 1)
            run = run[:place] + rng.choice([b"\r", b"\n", b"A", b""]) + run[place + rng.randrange(2) :]
        assert scanner._with_line_feeds(run) == run.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


@pytest.mark.slow
def test_digest_equals_that_of_lxml_on_ten_thousand_documents() -> None:
    for seed in range(2_000_000, 2_010_000):
        _agree(seed)
    with _Small():
        for seed in range(3_000_000, 3_010_000):
            _agree(seed)
