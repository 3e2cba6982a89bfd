"""``GET /pull/{token}``: the bytes of one delivery, for whoever holds the link the axis sent.

The token is made and opened by the hub; it is a capability, so it never stands in a log, and a forged
or expired one looks like one that never was. One byte range may be asked for, so that a big package
need not start again after a broken connection.
"""

from __future__ import annotations

import re
from typing import Protocol

from aiohttp import web

from axis.domain.errors import AccessError, NotFound
from axis.fronts import outgoing
from axis.hub.contracts import Fetched

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Links(Protocol):
    async def open_link(self, token: str) -> Fetched: ...


class PullFront:
    def __init__(self, links: Links) -> None:
        self._links = links

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/pull/{token}", self.pull)

    async def pull(self, request: web.Request) -> web.StreamResponse:
        try:
            fetched = await self._links.open_link(request.match_info["token"])
        except NotFound:
            raise AccessError("access.link") from None
        tag = f'"{fetched.sha256}"'
        headers = {
            "ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff", "Content-Type": "application/octet-stream",
        }  # fmt: skip
        if tag in (part.strip() for part in request.headers.get("If-None-Match", "").split(",")):
            return web.Response(status=304, headers={"ETag": tag})
        wanted = _range(request, fetched.size, tag)
        if wanted is None:
            response = web.StreamResponse(headers=headers)
            start, length = 0, fetched.size
        elif wanted[0] >= fetched.size or wanted[1] <= 0:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{fetched.size}"})
        else:
            start, length = wanted
            headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{fetched.size}"
            response = web.StreamResponse(status=206, headers=headers)
        response.content_length = length
        if request.method == "HEAD":
            await response.prepare(request)
            return response
        pieces = outgoing.skip(aiter(fetched.chunks()), start, length)
        return await outgoing.send_stream(request, response, pieces)


def _range(request: web.Request, size: int, tag: str) -> tuple[int, int] | None:
    """(start, length) of a single range; None when the whole is meant. Several ranges, odd ones, and a
    range of another version (If-Range) mean the whole, as RFC 9110 allows."""
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or request.headers.get("If-Range", tag) != tag or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return size - length, length
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return None
    return start, end - start + 1
