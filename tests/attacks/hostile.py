"""A program of its own: feed the reader hostile input of two sizes, and tell what each cost.

    python -m tests.attacks.hostile SMALL LARGE

prints a JSON object by kind: code, peak of the resident set above the start (KiB) and processor time
(seconds) at both sizes. Input is made piece by piece, so that the memory is the reader's.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from axis.domain.errors import AxisError
from axis.edxml.dialects import NATIVE
from axis.edxml.limits import Limits
from axis.edxml.reader import PackageReader
from axis.trust.signature import check
from tests.attacks.samples import sample

PIECE = 64 << 10
LOOSE = Limits(package=1 << 40, elements=1 << 40, metadata=1 << 40)
"""Without the limits that would end it early: growth must be bounded by construction, not by them."""

HONEST = sample("document-ec").text
FRONT, BACK = HONEST.split("JVBERi0=")
BEFORE_SEAL, SEAL_ON = HONEST.split("<ds:Signature ", 1)
SEAL_ON = "<ds:Signature " + SEAL_ON


def repeated(what: str, size: int) -> Iterator[bytes]:
    """About ``size`` bytes of it, in pieces."""
    data = what.encode()
    block = data * max(1, PIECE // len(data))
    for _ in range(max(1, size // len(block))):
        yield block


def around(before: str, middle: Iterator[bytes], after: str) -> Iterator[bytes]:
    yield before.encode()
    yield from middle
    yield after.encode()


def in_body(what: str) -> Callable[[int], Iterator[bytes]]:
    return lambda size: around(HONEST[: -len("</edXML>\r\n")], repeated(what, size), "</edXML>")


def in_content(what: str) -> Callable[[int], Iterator[bytes]]:
    return lambda size: around(FRONT, repeated(what, size), BACK)


def in_header(what: str) -> Callable[[int], Iterator[bytes]]:
    return lambda size: around(BEFORE_SEAL, repeated(what, size), SEAL_ON)


def unsigned_body(what: str) -> Callable[[int], Iterator[bytes]]:
    text = sample("document-ec").unsigned
    return lambda size: around(text[: -len("</edXML>\r\n")], repeated(what, size), "</edXML>")


def drops(size: int) -> Iterator[bytes]:
    """One tag that never ends, a few bytes at a time."""
    yield f"<edXML xmlns='{NATIVE}'><a b='".encode()
    for _ in range(size // 16):
        yield b"x" * 16


KINDS: dict[str, Callable[[int], Iterator[bytes]]] = {
    "elements": in_body("<a/>"), "elements unsigned": unsigned_body("<a/>"),
    "elements with ids": unsigned_body("<a Id='x'/>"), "comments": in_body("<!---->"),
    "instructions": in_body("<?a b?>"),
    "long comments": in_body(f"<!--{'x' * 60_000}-->"), "text": in_body("nothing but text "),
    "escapes": in_body("&lt;"), "CDATA": in_body("<![CDATA[>]]>"), "attributes": in_body("<a b='c' d='e' f='g'/>"),
    "returns": in_body("\r"), "white space": in_body(" "), "base64": in_content("QUJD"),
    "lines of base64": in_content("QUJD" * 19 + "\r\n"), "base64 beside elements": in_body("<a>QUJD</a>"),
    "one character at a time": in_content("Q "), "foreign content": in_content("é"),
    "references in content": in_content("&#10;"), "header of elements": in_header("<a/>"),
    "header of ids": in_header("<a id=''/>"), "header of text": in_header("x "),
    "header of comments": in_header("<!---->"),
    "attachments": in_body("<AttachmentEncoded></AttachmentEncoded>"),
    "namespaces": in_body("<p:a xmlns:p='urn:p'><p:b/></p:a>"),
    "drops": drops,
    "wide namespaces": lambda size: around(
        HONEST.replace("<edXML xmlns", f"<edXML xmlns:p='urn:{'x' * 1_700}' xmlns", 1)[: -len("</edXML>\r\n")],
        repeated("<p:a/>", size), "</edXML>",
    ),
    "wide namespaces with ids": lambda size: around(
        BEFORE_SEAL.replace("<edXML xmlns", f"<edXML xmlns:p='urn:{'x' * 1_700}' xmlns", 1),
        repeated("<p:a id=''/>", size), SEAL_ON,
    ),
    "changing namespaces": lambda size: around(
        HONEST[: -len("</edXML>\r\n")],
        (f"<a xmlns:p='urn:{n:09d}{'x' * 900}'><p:b/></a>".encode() * 60 for n in range(size // 60_000 or 1)),
        "</edXML>",
    ),
}  # fmt: skip


LIMITED = ("attachments",)
"""Something is kept of each of these: bounded by the number of elements alone."""


@dataclass(frozen=True)
class Cost:
    code: str
    grown: int
    seconds: float


def cost(name: str, size: int) -> Cost:
    """Read it under the limits of its kind."""
    code = "accepted"
    reader = PackageReader(Limits() if name in LIMITED else LOOSE)
    before, start = _peak(reset=True), time.process_time()
    try:
        for piece in KINDS[name](size):
            reader.feed(piece)
        reading = reader.close()
        if reading.seal:
            check(reading.seal)
    except AxisError as error:
        code = error.code
    spent = time.process_time() - start
    return Cost(code, _peak() - before, spent)


def _peak(reset: bool = False) -> int:
    """The largest resident set so far, or since the reset, in KiB."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    return int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1])  # type: ignore[index]


def main(small: int, large: int) -> None:
    found = {}
    for name in KINDS:
        cost(name, small)  # once unmeasured: what a process keeps, it keeps from now on
        found[name] = [asdict(min((cost(name, size) for _ in range(2)), key=_seconds)) for size in (small, large)]
    print(json.dumps(found))


def _seconds(cost: Cost) -> float:
    return cost.seconds


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
