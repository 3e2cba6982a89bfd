"""Packages on their way out: streamed in constant memory, whole or visibly broken.

Every answer announces its length where it is known, so that a body cut off by a failing disk can never
pass for a document: the connection is broken instead. The first piece is fetched before the head goes
out, so that what fails at once is still answered in words.

``getEdoc`` carries the package as base64 inside JSON, and its client turns it into text as UTF-8. A
package in another encoding would be damaged on that way, so it is written anew in UTF-8 here, with its
declaration mended; downloadEdoc gives the original bytes in any case (P2).
"""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import AsyncIterator
from typing import IO

import pybase64
from aiohttp import web

from axis.hub.contracts import Fetched

_DECLARED = re.compile(r"""^(\ufeff?<\?xml\s[^>]{0,200}?encoding\s*=\s*)(["'])[A-Za-z0-9._:-]{1,40}\2""")
_AS_UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
_DECLARATION_WITHIN = 1024
_PIECE = 256 * 1024


async def send_stream(
    request: web.Request, response: web.StreamResponse, pieces: AsyncIterator[bytes]
) -> web.StreamResponse:
    """Send a body whose first piece is already known to exist; break the connection when it fails later."""
    first = await anext(pieces, b"")
    await response.prepare(request)
    try:
        await response.write(first)
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
    except BaseException:
        if request.transport is not None:
            request.transport.abort()
        raise
    return response


async def lying(file: IO[bytes]) -> AsyncIterator[bytes]:
    """A file that lies ready, from where it stands, in pieces."""
    while piece := await asyncio.to_thread(file.read, _PIECE):
        yield piece


def needs_utf8(fetched: Fetched) -> bool:
    return fetched.encoding.strip().lower() not in _AS_UTF8


async def in_utf8(fetched: Fetched) -> AsyncIterator[bytes]:
    """The package's text in UTF-8, with the encoding in its XML declaration mended."""
    decoder = codecs.getincrementaldecoder(fetched.encoding)()
    head: str | None = ""
    async for piece in fetched.chunks():
        text = decoder.decode(piece)
        if head is not None:
            head += text
            if len(head) < _DECLARATION_WITHIN and "?>" not in head:
                continue
            text, head = _mend(head), None
        if text:
            yield text.encode("utf-8")
    rest = decoder.decode(b"", final=True)
    if head is not None:
        rest = _mend(head + rest)
    if rest:
        yield rest.encode("utf-8")


def _mend(head: str) -> str:
    return _DECLARED.sub(r"\1\2UTF-8\2", head, count=1).removeprefix("\ufeff")


async def in_base64(prefix: bytes, pieces: AsyncIterator[bytes], suffix: bytes) -> AsyncIterator[bytes]:
    """``prefix`` + base64 of the pieces on one line + ``suffix``."""
    first = await anext(pieces, b"")
    held = b""
    yield prefix
    while first:
        data = held + first
        cut = len(data) - len(data) % 3
        held = data[cut:]
        yield pybase64.b64encode(data[:cut])
        first = await anext(pieces, b"")
    yield pybase64.b64encode(held) + suffix


def base64_length(size: int) -> int:
    return (size + 2) // 3 * 4


async def skip(pieces: AsyncIterator[bytes], start: int, length: int) -> AsyncIterator[bytes]:
    """``length`` bytes from ``start`` on."""
    async for piece in pieces:
        if start >= len(piece):
            start -= len(piece)
            continue
        part = piece[start : start + length]
        start, length = 0, length - len(part)
        yield part
        if not length:
            return
