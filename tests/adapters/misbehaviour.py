"""What peers do, well and badly, and what an adapter must make of it: one table for every kind.

Where the wire itself leaves two readings open (a reset racing an answer), both are listed; what never
stands here is Refused for anything but the agreed refusal, or an exception.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

from axis.adapter import Delivered, Later, Refused
from tests.adapters.peer import Request, Script, answer, until_gone

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REFUSAL = json.dumps({"refused": True, "code": "van-ban.trung", "reason": "Đã có\r\nvăn bản này"}).encode()


@dataclass(frozen=True)
class Case:
    """``silent``: the peer never answers in time, so the test gives the adapter a short patience.
    ``unit_down``: what Later must say about the peer as a whole; None: either."""

    name: str
    script: Script
    outcomes: tuple[type, ...]
    silent: bool = False
    unit_down: bool | None = None


def raw(data: bytes, then: Callable[[Request], None] | None = None, read: bool = True) -> Script:
    """Answer these very bytes and hang up."""

    async def script(request: Request) -> None:
        if read:
            await request.read_body(keep=False)
        await request.say(data)
        if then is not None:
            then(request)
        raise ConnectionResetError

    return script


def status(code: int, body: bytes = b"", **headers: str) -> Script:
    async def script(request: Request) -> None:
        await answer(request, code, body, {name.replace("_", "-"): value for name, value in headers.items()})

    return script


def drip(data: bytes, then_forever: bytes = b"", pause: float = 0.03) -> Script:
    """A byte at a time."""

    async def script(request: Request) -> None:
        await request.read_body(keep=False)
        for byte in data:
            await request.say(bytes([byte]))
            await asyncio.sleep(pause)
        while then_forever:
            await request.say(then_forever)
            await asyncio.sleep(pause)

    return script


def endless(start: bytes, piece: bytes) -> Script:
    async def script(request: Request) -> None:
        await request.read_body(keep=False)
        await request.say(start)
        while True:
            await request.say(piece)

    return script


async def mute(request: Request) -> None:
    await until_gone(request)


async def early_but_open(request: Request) -> None:
    await request.say(OK)
    await until_gone(request)


async def shut_mid_upload(request: Request) -> None:
    await request.reader.read(1)
    request.reset()


async def continues(request: Request) -> None:
    await request.say(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    await answer(request, 200, b"ok")


def _statuses() -> list[Case]:
    accepted = [Case(f"status {n}", status(n), (Delivered,)) for n in (200, 201, 202, 204, 299)]
    about_the_unit = (300, 301, 302, 303, 304, 307, 308, 401, 402, 403, 404, 405, 408, 410, 418, 421, 429)
    down = [
        Case(f"status {n}", status(n, Location="/elsewhere"), (Later,), unit_down=True)
        for n in (*about_the_unit, 500, 501, 502, 503, 504, 505, 511, 599, 600, 999)
    ]
    about_the_parcel = [
        Case(f"status {n}", status(n, b"{}"), (Later,), unit_down=False) for n in (400, 409, 413, 415, 422)
    ]
    return accepted + down + about_the_parcel


def _refusals() -> list[Case]:
    """Only 422 with the whole, literal agreement refuses."""
    not_quite = {
        "a string for true": b'{"refused":"true"}',
        "a one for true": b'{"refused":1}',
        "false": b'{"refused":false,"code":"x"}',
        "a list": b'[{"refused":true}]',
        "no JSON": b"refused: true",
        "nesting without end": b"[" * 60_000,
        "no UTF-8": b'{"refused":true,"code":"\xff"}',
    }
    half = b"HTTP/1.1 422 X\r\nContent-Length: 900\r\n\r\n" + REFUSAL
    huge = b'{"refused":true,"reason":"' + b"x" * 70_000 + b'"}'
    return [
        Case("the agreed refusal", status(422, REFUSAL), (Refused,)),
        Case("the agreed refusal with odd members", status(422, b'{"refused":true,"code":7}'), (Refused,)),
        Case("the refusal under another status", status(400, REFUSAL), (Later,)),
        Case("the refusal under a success", status(200, REFUSAL), (Delivered,)),
        Case("half a refusal", raw(half), (Later,)),
        Case("a refusal too long to read", status(422, huge), (Later,)),
        *(Case(f"a refusal with {name}", status(422, body), (Later,)) for name, body in not_quite.items()),
    ]


def _broken() -> list[Case]:
    half_body = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    lengths = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"
    chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nboom\r\n"
    switch = b"HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    both = (Delivered, Later)
    return [
        Case("hangs up without a word", raw(b""), (Later,)),
        Case("half a status line", raw(b"HTTP/1.1 20"), (Later,)),
        Case("half the headers", raw(b"HTTP/1.1 200 OK\r\nContent-Le"), (Later,)),
        Case("half the body of a success", raw(half_body), (Delivered,)),
        Case("a success, then a reset", raw(OK, Request.reset), both),
        Case("garbage", raw(bytes(range(256)) * 8), (Later,)),
        Case("another protocol", raw(b"220 mail.example ESMTP\r\n"), (Later,)),
        Case("two lengths", raw(lengths), (Later,)),
        Case("a bad chunk", raw(chunk), both),
        Case("a status of four digits", raw(b"HTTP/1.1 2000 OK\r\n\r\n"), (Later,)),
        Case(
            "a switch of protocols",
            raw(switch),
            (Later,),
        ),
        Case("HTTP/1.0", raw(b"HTTP/1.0 200 OK\r\n\r\nfine"), (Delivered,)),
        Case("HTTP/0.9", raw(b"fine"), (Later,)),
        Case("interim answers first", continues, (Delivered,)),
        Case("shuts in mid upload", shut_mid_upload, (Later,)),
        Case("answers before the body is read and hangs up", raw(OK, read=False), both),
    ]


def _slow() -> list[Case]:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    interim = b"HTTP/1.1 100 Continue\r\n\r\n" * 50
    return [
        Case("never answers", mute, (Later,), silent=True, unit_down=True),
        Case("headers a byte at a time", drip(OK, pause=0.1), (Later,), silent=True, unit_down=True),
        Case("a body a byte at a time", endless_drip(head), (Delivered,), silent=True),
        Case("an answer without end", endless(head.replace(b"9999", b"9" * 15), b"x" * 4096), (Delivered,)),
        Case("a refusal without end", endless(b"HTTP/1.1 422 X\r\n\r\n", b" " * 4096), (Later,)),
        Case("headers without end", endless(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 100), (Later,)),
        Case("one header without end", endless(b"HTTP/1.1 200 OK\r\nA: ", b"b" * 4096), (Later,)),
        Case("a status line without end", endless(b"HTTP/1.1 200 ", b"O" * 4096), (Later,)),
        Case("interim answers without end", endless(b"", interim), (Later,), silent=True),
    ]


def endless_drip(head: bytes) -> Script:
    async def script(request: Request) -> None:
        await request.read_body(keep=False)
        await request.say(head)
        await drip(b"", then_forever=b"x")(request)

    return script


CASES = [*_statuses(), *_refusals(), *_broken(), *_slow()]
