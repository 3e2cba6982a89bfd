"""Forms of strangers, of the slow, and of people who are nobody any more once their form is here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest

from axis.domain.people import Role
from axis.fronts.console import bodies
from axis.fronts.identity import csrf_of
from tests.console.visitors import Visitor, Visits
from tests.console.world import visited
from tests.hub.talks import Desk
from tests.hub.world import MINISTRY, ROADS, World, document


class Slow:
    """A form of which all but one byte was sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def end(self, last: bytes = b"") -> str:
        """The answer, however long the server goes on to wait for what it will not look at."""
        self._writer.write(last)
        async with asyncio.timeout(15):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
            size = re.search(r"(?i)^content-length: (\d+)", head, re.M)
            return head + (await self._reader.readexactly(int(size[1]) if size else 0)).decode()


@asynccontextmanager
async def begun(visits: Visits, path: str, cookie: str, fields: dict[str, str]) -> AsyncIterator[tuple[Slow, bytes]]:
    server, body = visits.reader.server, urlencode(fields).encode()
    assert server.port is not None
    reader, writer = await asyncio.open_connection(server.host, server.port)
    head = [
        f"POST {path} HTTP/1.1", f"Host: {server.host}:{server.port}", *([f"Cookie: axis={cookie}"] if cookie else []),
        "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "Connection: close", "", "",
    ]  # fmt: skip
    try:
        writer.write("\r\n".join(head).encode() + body[:-1])
        await writer.drain()
        yield Slow(reader, writer), body[-1:]
    finally:
        writer.close()


def _fields(visitor: Visitor, **fields: str) -> dict[str, str]:
    return {"csrf": csrf_of(visitor.token), **fields}


@pytest.mark.parametrize("path", ["/console/nothing", "/console/sign-in", "/console/ops/invite"])
async def test_a_browser_that_never_had_a_page_of_ours_is_answered_without_its_form(world: World, path: str) -> None:
    async with visited(world) as visits, begun(visits, path, "", {"login": "x" * 1000}) as (slow, _):
        answer = await slow.end()
    assert answer.startswith("HTTP/1.1 403")


async def test_who_may_not_send_a_form_is_answered_without_it(world: World) -> None:
    async with visited(world) as visits:
        clerk = await visits.of(Role.CLERK, ROADS)
        for path in ("/console/ops/invite", "/console/nothing"):
            async with begun(visits, path, clerk.token, _fields(clerk, x="y" * 1000)) as (slow, _):
                assert (await slow.end()).startswith("HTTP/1.1 404")


async def test_a_form_that_does_not_come_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SECONDS", 0.2)
    async with visited(world) as visits:
        clerk = await visits.of(Role.CLERK, ROADS)
        path = "/console/account"
        async with begun(visits, path, clerk.token, _fields(clerk, old="x")) as (slow, _):
            answer = await slow.end()
    assert answer.startswith("HTTP/1.1 408") and "request.too-slow" in answer


async def test_a_stranger_has_room_for_a_sign_in_and_no_more(world: World) -> None:
    async with visited(world) as visits:
        token = (await visits.anybody.see("/console/sign-in")).cookies["axis"].value
        for size, status in ((1_000, 422), (bodies.STRANGERS, 413)):
            fields = {"csrf": csrf_of(token), "login": "x" * size, "password": "y"}
            answer = await visits.anybody.send("/console/sign-in", fields, Cookie=f"axis={token}")
            assert answer.status == status, size


async def test_more_fields_than_any_form_has_are_refused(world: World) -> None:
    async with visited(world) as visits:
        clerk = await visits.of(Role.CLERK, ROADS)
        answer = await clerk.send("/console/account", {f"f{n}": "" for n in range(bodies.MOST_FIELDS)})
        assert answer.status in (400, 413, 422)


async def test_an_operator_who_was_disabled_meanwhile_invites_nobody(world: World) -> None:
    async with visited(world) as visits:
        stays, goes = await visits.of(Role.OPERATOR), await visits.of(Role.OPERATOR)
        fields = _fields(goes, login="cua.sau", name="Cửa Sau", role="operator", language="vi", unit="")
        async with begun(visits, "/console/ops/invite", goes.token, fields) as (slow, last):
            assert (await stays.send("/console/ops/people/operator-2/disable", {"reason": "thôi việc"})).status == 303
            answer = await slow.end(last)
    assert answer.startswith("HTTP/1.1 303") and "/console/sign-in" in answer
    assert await world.rows("select 1 from person where login = 'cua.sau'") == []


async def test_a_clerk_who_was_disabled_meanwhile_accepts_nothing(world: World) -> None:
    desk = Desk(world)
    sent = await desk.sent(document(MINISTRY, [ROADS]))
    await desk.receive(sent, ROADS)
    async with visited(world) as visits:
        operator, clerk = await visits.of(Role.OPERATOR), await visits.of(Role.CLERK, ROADS)
        path = f"/console/document/{sent.package_id}/accept/{(await desk.row(sent, ROADS))['id']}"
        async with begun(visits, path, clerk.token, _fields(clerk, seen="delivered..", reason="")) as (slow, last):
            assert (await operator.send("/console/ops/people/clerk-2/disable", {"reason": "thôi việc"})).status == 303
            assert (await slow.end(last)).startswith("HTTP/1.1 303")
    assert (await desk.stands(sent, ROADS))[1] == ""
