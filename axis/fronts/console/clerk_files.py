"""What may be taken away from a document: its attachments, the package as it came, its receipts.

Nothing a stranger sent is ever shown by the browser under our name: every file leaves as octets to be saved,
under a harmless name, with a policy that would forbid it everything if it were opened all the same.

The text of an attachment is read through the store, which proves the digest of the whole package before its
last piece: what a clerk saves is what was signed, or the download breaks. It goes to temporary files, never to
memory, and unwraps by the rules and limits of ``edxml.attachments``; a few at a time. Once it lies there whole its
turn is over: however slowly somebody reads, others are served.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import IO, Any
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from axis.domain.document import Attachment
from axis.domain.errors import AxisError, Unavailable
from axis.edxml.attachments import Content, Unwrapping, content
from axis.edxml.names import safe_name
from axis.fronts import outgoing
from axis.fronts.console import texts
from axis.fronts.console.clerk_tools import ANCHORS, CHECKERS, PAYLOADS, lookups_of, scope_of, uuid_of
from axis.fronts.console.clerk_words import number_of
from axis.fronts.console.pages import tool, url
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.sight import me
from axis.fronts.console.texts import gettext
from axis.fronts.turns import SENDS, Turns
from axis.sheets import words
from axis.trust import receipts

Row = Mapping[str, Any]
_MEMORY = 1 << 20
_decoding = Turns(each=2, in_all=4)  # attachments in one process; the disk has other things to do
_checking = Turns(each=1, in_all=2)  # receipts; each reads a whole package


@dataclass(frozen=True, slots=True)
class File:
    """For ``ui.attachments``; ``size`` is that of the decoded bytes, before anything is unwrapped."""

    name: str
    size: int
    url: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking a receipt: ``text`` in several lines."""

    event_id: UUID
    holds: bool
    text: str


def listed(request: web.Request, row: Row, room: str = "clerk.document") -> list[File]:
    found = []
    for number, one in enumerate(_attachments(row)):
        where = url(request, f"{room}.attachment", id=row["id"], number=number)
        lies = int(one.get("offset", -1)) >= 0
        why = "" if lies else gettext("Không tải riêng được: hãy tải gói gốc.")
        size = int(one.get("length", 0)) * 3 // 4
        found.append(File(safe_name(str(one.get("name", ""))), size, where if lies else "", why))
    return found


async def attachment(request: web.Request) -> web.StreamResponse:
    row = await _document(request)
    found, number = _attachments(row), int(request.match_info["number"])
    if number >= len(found) or int(found[number].get("offset", -1)) < 0:
        raise web.HTTPNotFound
    with SENDS.taken(me(request).id), await _decoded(request, row, found[number]) as made:
        return await _send(request, outgoing.lying(made.stream), made.name, made.size)


async def _decoded(request: web.Request, row: Row, one: Mapping[str, Any]) -> Content:
    asked = Attachment(name=str(one.get("name", "")), offset=0, length=int(one["length"]))
    with _decoding.taken(me(request).id), tempfile.SpooledTemporaryFile(max_size=_MEMORY) as text:
        pieces = tool(request, PAYLOADS).open(row["sha256"], row["size"])
        await _copy(pieces, int(one["offset"]), asked.length, text)
        return await asyncio.to_thread(content, text, asked, Unwrapping(), tolerant=True)


async def original(request: web.Request) -> web.StreamResponse:
    """The package as it came, byte for byte: what its signature speaks of."""
    row = await _document(request)
    name = f"{words.slug(number_of(row)) or 'van-ban'}.edxml"
    with SENDS.taken(me(request).id):
        return await _send(request, tool(request, PAYLOADS).open(row["sha256"], row["size"]), name, row["size"])


async def receipt(request: web.Request) -> web.StreamResponse:
    row = await _document(request)
    found = await _receipt(request, row, uuid_of(request.match_info["event"]), scope_of(request))
    jws = found["jws"].encode()
    name = f"bien-nhan-{words.slug(number_of(row)) or 'van-ban'}-{request.match_info['event']}.jws"
    return await _send(request, _whole(jws), name, len(jws))


async def check(request: web.Request, row: Row, event_id: UUID, scope: UUID | None) -> Checked:
    """Whether a receipt holds: signed by this axis's key, and about the very package that is kept here. Read in
    threads of its own: a click may cost a gigabyte, and what serves everybody's downloads must not wait for it."""
    jws = (await _receipt(request, row, event_id, scope))["jws"]
    package = tool(request, PAYLOADS).path(row["sha256"])
    now, anchors = tool(request, CONSOLE_SETTINGS).now(), tool(request, ANCHORS)
    verify = partial(receipts.verify, jws, anchors, at=now, package=package)
    try:
        with _checking.taken(me(request).id):
            held = await asyncio.get_running_loop().run_in_executor(tool(request, CHECKERS), verify)
    except Unavailable:
        raise
    except AxisError as error:
        return Checked(event_id, False, texts.words(error))
    except OSError as error:
        raise Unavailable("storage.payload-missing", sha256=row["sha256"]) from error
    return Checked(event_id, True, receipts.explain(held, texts.language()))


async def _document(request: web.Request) -> Row:
    row = await lookups_of(request).document(uuid_of(request.match_info["id"]), scope_of(request))
    if row is None:
        raise web.HTTPNotFound
    return row


def _attachments(row: Row) -> list[Mapping[str, Any]]:
    return list(row["details"].get("attachments") or ())


async def _receipt(request: web.Request, row: Row, event_id: UUID, scope: UUID | None) -> Row:
    found = await lookups_of(request).receipt(row["id"], event_id, scope)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _copy(pieces: AsyncIterator[bytes], start: int, length: int, out: IO[bytes]) -> None:
    """The bytes of one range; read to the end all the same, because the digest is proven there."""
    end, at = start + length, 0
    async with aclosing(pieces) as held:  # type: ignore[type-var]  # an async generator, as the protocol does not say
        async for piece in held:
            low, high = max(start - at, 0), min(end - at, len(piece))
            if low < high:
                await asyncio.to_thread(out.write, piece[low:high])
            at += len(piece)
    out.seek(0)


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _send(
    request: web.Request, pieces: AsyncIterator[bytes], name: str, size: int
) -> web.StreamResponse:
    response = web.StreamResponse(headers=saved_as(name) | {"Content-Length": str(size)})
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    return await outgoing.send_stream(request, response, pieces)


def saved_as(name: str) -> dict[str, str]:
    """Headers of a file to be saved under a name, in both spellings of RFC 6266."""
    harmless = safe_name(name)
    stem, dot, extension = harmless.rpartition(".")
    plain = words.slug(stem or harmless)[:100] or "van-ban"
    tail = "".join(c for c in extension if c.isascii() and c.isalnum())[:20]
    ascii_name = f"{plain}.{tail}" if dot and tail else plain
    return {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(harmless, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
