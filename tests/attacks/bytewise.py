"""Forgeries by the byte: flips, cuts, additions, and every other spelling of the same document.

A spelling that canonical form forgives may pass, and then says exactly what the sender said.
"""

from __future__ import annotations

import codecs
import random
import re
from collections.abc import Iterator

from tests.attacks.samples import Sample

_STRUCTURE = frozenset(b"<>/\"'=:&#;!?-[] \t\r\n")
_MASKS = (0x01, 0x20, 0x80)


def flipped(sample: Sample, rng: random.Random, share: float = 1.0) -> Iterator[tuple[str, bytes]]:
    """A bit of every byte of structure, and of a share of the others."""
    data = sample.data
    for at, byte in enumerate(data):
        if byte in _STRUCTURE or rng.random() < share * 0.1:
            mask = rng.choice(_MASKS)
            yield f"byte {at} ^ {mask:#x}", data[:at] + bytes([byte ^ mask]) + data[at + 1 :]


def truncated(sample: Sample, parts: int = 200) -> Iterator[tuple[str, bytes]]:
    data = sample.data
    for part in range(parts):
        end = len(data) * part // parts
        yield f"cut at {end}", data[:end]
        yield f"without {end} to {end + 7}", data[:end] + data[end + 7 :]
        yield f"twice {end} to {end + 40}", data[: end + 40] + data[end:]


_PADDING: tuple[bytes, ...] = (
    b"\n", b" ", b"x", b"\0", b"<!-- x -->", b"<?x y?>", b"<edXML/>", b"&amp;", b"]]>", b"\xef\xbb\xbf", b"\x1a",
    b"<!DOCTYPE a>", b"<?xml version='1.0'?>", b"<!--", b"<ds:Signature/>", b"\xff", b"\xc0\x80", b"\xed\xa0\x80",
)  # fmt: skip


def padded(sample: Sample) -> Iterator[tuple[str, bytes]]:
    """Something before, behind, or at every border between elements."""
    data = sample.data
    for padding in _PADDING:
        yield f"{padding!r} behind", data + padding
        yield f"{padding!r} before", padding + data
        yield f"{padding!r} behind, a lot", data + padding * 5_000
        for border in list(re.finditer(rb"(?<=>)(?=<)", data))[::3]:
            at = border.start()
            yield f"{padding!r} at {at}", data[:at] + padding + data[at:]
    yield "itself twice", data * 2
    yield "a mark before", codecs.BOM_UTF8 + data
    yield "two marks before", codecs.BOM_UTF8 * 2 + data


def respelled(sample: Sample) -> Iterator[tuple[str, bytes]]:
    """White space, line ends, references, quotes, encodings."""
    text = sample.text
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp1258", "latin-1"):
        for head in (text, text.replace("UTF-8", encoding), text.replace("UTF-8", "UTF-16")):
            yield f"as {encoding}", head.encode(encoding, "xmlcharrefreplace")
            yield f"as {encoding}, marked", ("\ufeff" + head).encode(encoding, "xmlcharrefreplace")
    for old, new in (
        ("\r\n", "\n"), ("\n", "\r"), ("\r\n", "\r"), ("\r\n", "&#13;\n"), ("\n", "\n\n"), ("  ", "\t"), ("  ", " "),
        ('"', "'"), ("><", "> <"), ("></", "></ "), ("/VP", "&#47;VP"), ("/VP", "&#x2f;VP"), ("/VP", "<![CDATA[/VP]]>"),
        ("&amp;", "&#38;"), ("&amp;", "<![CDATA[&]]>"), ("&amp;", "&#38;amp;"), ("họp", "h&#7885;p"), ("họp", "họp"),
        ("0", "&#48;"), ("H41", "H41\u200b"), ("H41", "Н41"), ("edXML:", "edxml:"), ("edXML:", "e:"),
        (" xmlns", "\txmlns"), ("<edXML:Subject>", "<edXML:Subject >"), ("=\"", " = \""), ("ds:", "dsig:"),
        ("></ds:CanonicalizationMethod>", "/>"), ("UTF-8", "utf-8"), ("1.0\" enc", "1.1\" enc"), ("<?xml", "<?xml "),
        ('encoding="UTF-8"', 'encoding="UTF-8" standalone="yes"'), ("<edXML xmlns", "<edXML xml:lang=\"vi\" xmlns"),
        ("<edXML xmlns", "<!-- c --><edXML xmlns"), ("<edXML xmlns", "<?c d?><edXML xmlns"),
        ("<edXML xmlns", "<edXML xmlns:unused=\"urn:x\" xmlns"), ("<edXML xmlns", "<edXML xmlns:r=\"rel\" xmlns"),
    ):  # fmt: skip
        for count in (-1, 1):
            yield f"{old!r} as {new!r} {count}", text.replace(old, new, count).encode()
    for found in list(re.finditer(r">([^<>]*[^<>\s][^<>]*)<", text)):
        value, at = found.group(1), found.start(1)
        first = value[0]
        spellings = (f"&#{ord(first)};{value[1:]}", f"<![CDATA[{value}]]>", f" {value}", f"{value}\n", value.swapcase())
        for spelling in spellings:
            if len(value) < 400:
                yield f"{value[:20]!r} as {spelling[:20]!r}", (text[:at] + spelling + text[at + len(value) :]).encode()
