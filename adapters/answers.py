"""One HTTP exchange with an agency's system, and what its answer means.

The one contract of all kinds that speak HTTP, so that an operator meets the same words everywhere:

    2xx                        Delivered; the complete header block is the answer, the body only proof
    422 with {"refused": true} Refused: the only answer that ends a delivery
    everything else            Later: another status, silence, a broken connection, a bad certificate

A receiver that is misconfigured, moved or gone today must not lose a state document, so 404 and 410 are
Later too, only louder. ``Retry-After`` is obeyed, up to a day.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from axis.adapter import Delivered, Later, Outcome, Parcel, Refused
from axis.domain.catalogue import entry
from axis.domain.errors import AxisError

LONGEST_WAIT = timedelta(hours=24)
_PROOF_BYTES = 200
_TOLD_HEADERS = ("webhook-id", "Idempotency-Key")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# the parcel, not the peer, is what these complain about: other parcels may well pass
_ABOUT_THE_PARCEL = frozenset({400, 409, 411, 413, 415, 422})


@dataclass(frozen=True, slots=True)
class Answer:
    """``body``: what could be read of it, bounded; ``whole``: it was read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool


async def checked(parcel: Parcel) -> AsyncIterator[bytes]:
    """The parcel's bytes; raises AxisError ``delivery.changed`` in place of the last piece when they are
    not those that were accepted, so that no receiver ever holds a whole wrong package."""
    digest, size, held = hashlib.sha256(), 0, b""
    async for piece in parcel.open():
        digest.update(piece)
        size += len(piece)
        if held:
            yield held
        held = piece
    if (size, digest.hexdigest()) != (parcel.size, parcel.sha256.lower()):
        raise AxisError("delivery.changed", why=f"{size} / {parcel.size} bytes")
    yield held


class Upload(aiohttp.Payload):
    """A parcel on its way up, streamed; ``sent`` is true once its last byte was written.

    ``_consumed`` stops aiohttp from silently repeating an idempotent request: one attempt on our books
    is one request on the wire.
    """

    def __init__(self, parcel: Parcel, content_type: str = "application/xml") -> None:
        super().__init__(parcel, content_type=content_type)
        self._size = parcel.size
        self._parcel = parcel
        self.sent = False
        self.fault: AxisError | None = None

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise TypeError("a streamed upload is not text")

    async def write(self, writer: AbstractStreamWriter) -> None:
        self._consumed = True
        # taken now: by the time a cancellation gets here the client has let go of it
        transport = getattr(writer, "transport", None)
        try:
            async for piece in checked(self._parcel):
                await writer.write(piece)
        except BaseException as error:
            if isinstance(error, AxisError):
                self.fault = error
            _cut(transport)
            raise
        self.sent = True


def _cut(transport: asyncio.WriteTransport | None) -> None:
    """Reset the connection: an ordinary close would first wait for a peer that may never read the rest,
    and a reset also tells the receiver that the upload is incomplete."""
    if transport is None:
        return
    if (handle := transport.get_extra_info("socket")) is not None:
        with suppress(OSError):
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def words(code: str, **facts: object) -> str:
    """A text of the catalogue as one line."""
    return entry(code).text("vi", facts).strip()


def later(code: str, *, not_before: datetime | None = None, unit_down: bool = True, **facts: object) -> Later:
    """Later, in the words of the catalogue, with the code a person can look up."""
    return Later(f"{words(code, **facts)} [{code}]", not_before=not_before, unit_down=unit_down)


def asked(method: str, url: str, size: int | None, headers: Mapping[str, str]) -> str:
    """What a request asked, for the books: of its headers the id alone, of its address neither user nor query, which
    may be secrets; ``?…`` tells that there was one. ``size``: bytes announced."""
    try:
        called = URL(url)
        shown = str(called.with_user(None).with_query(None).with_fragment(None)) + ("?…" if called.query_string else "")
    except ValueError:
        shown = "–"
    ids = [f"{name} {headers[name]}" for name in _TOLD_HEADERS if name in headers]
    return " · ".join([f"{method} {shown}", *ids, f"{size} B"])


async def send(
    http: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    data: bytes | Upload,
    headers: Mapping[str, str],
    seconds: float,
    now: Callable[[], datetime],
    trust: ssl.SSLContext | None = None,
) -> Outcome:
    """Send one request and judge its answer. Only cancellation and mistakes of ours are raised."""
    outcome = await _judged(http, method, url, data, headers, seconds, now, trust)
    return replace(outcome, asked=asked(method, url, _announced(data), headers))


def _announced(data: bytes | Upload) -> int | None:
    return data.size if isinstance(data, Upload) else len(data)


async def _judged(
    http: aiohttp.ClientSession, method: str, url: str, data: bytes | Upload, headers: Mapping[str, str],
    seconds: float, now: Callable[[], datetime], trust: ssl.SSLContext | None,
) -> Outcome:  # fmt: skip
    try:
        answer = await _exchange(http, method, url, data, headers, seconds, trust)
    except (AxisError, TimeoutError, aiohttp.ClientError, OSError) as error:
        # the library hides a fault of the body behind a broken connection
        fault = data.fault if isinstance(data, Upload) else None
        return failed(fault or error, seconds)
    if isinstance(data, Upload) and not data.sent and 200 <= answer.status < 300:
        return later("delivery.too-early", status=answer.status)
    return judge(answer, now())


async def _exchange(
    http: aiohttp.ClientSession,
    method: str,
    url: str,
    data: bytes | Upload,
    headers: Mapping[str, str],
    seconds: float,
    trust: ssl.SSLContext | None,
) -> Answer:
    connect = min(seconds, http.timeout.sock_connect or seconds)
    limits = aiohttp.ClientTimeout(total=seconds, sock_connect=connect)
    async with (
        asyncio.timeout(seconds + 2),  # the client's own limit comes first; this one bounds its tidying up
        http.request(
            method, url, data=data, headers=headers, timeout=limits, allow_redirects=False, ssl=trust or True
        ) as response,
    ):
        try:
            body, whole = await response.read(), True
        except (TimeoutError, aiohttp.ClientError, OSError):
            # the status stands: a 200 whose body breaks off was still a 200
            body, whole = b"", False
        return Answer(response.status, response.headers, body, whole and response.content.at_eof())


def judge(answer: Answer, now: datetime) -> Outcome:
    """The meaning of a complete header block."""
    status = answer.status
    if 200 <= status < 300:
        return Delivered(f"HTTP {status} {excerpt(answer.body)}".strip())
    if status == 422 and (refusal := _refusal(answer)):
        return refusal
    down = status not in _ABOUT_THE_PARCEL
    wish = _retry_after(answer.headers, now) if status >= 400 else None
    if 300 <= status < 400:
        code = "delivery.redirected"
    elif status in (401, 403, 404):
        code = "delivery.not-let-in"
    elif status == 410:
        code = "delivery.gone"
    elif status in (429, 502, 503, 504):
        code = "delivery.busy"
    else:
        code = "delivery.broken" if status >= 500 else "delivery.unexpected"
    return later(code, not_before=wish, unit_down=down, status=status, answer=excerpt(answer.body))


def failed(error: BaseException, seconds: float) -> Later:
    """The meaning of an exchange that brought no answer."""
    if isinstance(error, AxisError):
        return Later(f"{error.text('vi')} [{error.code}]", unit_down=error.code != "delivery.changed")
    if isinstance(error, TimeoutError):
        return later("delivery.timeout", seconds=f"{seconds:g}")
    if isinstance(error, aiohttp.ClientSSLError):
        return later("delivery.tls")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return later("delivery.name-unknown")
    if isinstance(error, aiohttp.ClientConnectorError):
        return later("delivery.unreachable", why=error.strerror or type(error.os_error).__name__)
    # the library's own words may quote the peer at length: its kind is enough
    return later("delivery.interrupted", why=type(error).__name__)


def excerpt(body: bytes, most: int = _PROOF_BYTES) -> str:
    """The beginning of an answer, as one harmless line."""
    text = body[: most * 4].decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]


def _refusal(answer: Answer) -> Refused | None:
    if not answer.whole:
        return None
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("refused") is not True:
        return None
    code, reason = said.get("code"), said.get("reason")
    return Refused(
        code if isinstance(code, str) and _CODE.fullmatch(code) else "receiver.refused",
        excerpt(reason.encode(errors="replace"), 500) if isinstance(reason, str) else "",
    )


def _retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        # a number too long to be meant is the longest wait
        wait = timedelta(seconds=int(text)) if len(text) <= 9 else LONGEST_WAIT
    elif (until := _http_date(text)) is not None:
        # the peer's clock may be wrong: what it means is the distance to its own Date
        wait = until - (_http_date(headers.get("Date", "")) or now)
    else:
        return None
    return now + min(wait, LONGEST_WAIT) if wait > timedelta() else None


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
