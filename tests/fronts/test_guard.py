"""Connections that misbehave: malformed, slow, oversized, too many. The front answers in words where it
can, and always lets go."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from axis.demo.authority import Authority, leaf_extensions, new_key
from axis.demo.vxp_client import VxpClient
from axis.demo.vxp_wire import ServiceObject, head
from axis.domain.errors import SetupError, Unavailable
from axis.fronts import server
from axis.fronts.guard import Limits
from axis.fronts.uploads import PIECE, Pace
from axis.fronts.vxp_call import VxpSettings
from tests.fronts.stand_in import PACKAGE_ID, SECRET, SYSTEM, VECTORS, Recorder, parts, standing
from tests.fronts.test_vxp_front import rebased

SMUGGLED = [
    b"POST /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\nContent-Length: 1,2\r\n\r\nab",
    b"POST /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nabcde",
    b"POST /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nabcde",
    b"POST /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"POST /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
    b"POST /vxp/sendEdoc HTTP/1.1\nHost: x\n\n",
    b"POST /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\nX\x00: a\r\n\r\n",
    b"POST /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
    b"POST  /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /vxp/sendEdoc HTTP/9.9\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 is this TLS?\r\n\r\n",
    b"hello\r\n\r\n",
]


@pytest.mark.parametrize("request_bytes", SMUGGLED)
async def test_a_request_two_servers_could_read_differently_is_refused_in_complete_json(
    request_bytes: bytes,
) -> None:
    async with standing() as stand:
        answer = await stand.raw(request_bytes)
    status, headers, body = parts(answer)
    found = json.loads(body.decode("ascii"))
    assert (found["status"], found["DocId"], found.get("data", "")) == ("FAIL", "", "")
    assert headers["connection"] == "close" and (status, found["ErrorCode"]) in ((400, "41"), (200, "15"))
    assert answer.count(b"HTTP/1.") == 1, "nothing behind the refused request is answered"
    assert stand.recorder.sources == []


@pytest.mark.parametrize("tail", [b"zz\r\n", b"5\r\nab", b"-1\r\n", b"5\r\nabcdefgh\r\n"])
async def test_a_chunked_body_that_breaks_off_or_lies_is_never_accepted(tail: bytes) -> None:
    raw = rebased(VECTORS["vectors"][0]).replace(b"Content-Length: 61", b"Transfer-Encoding: chunked")
    start = raw[: raw.index(b"\r\n\r\n") + 4]
    async with standing() as stand:
        reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
        writer.write(start + tail)
        writer.write_eof()
        await reader.read()
        writer.close()
    assert stand.recorder.bodies == []


async def test_heads_of_64_kb_pass_and_endless_ones_are_refused_in_words() -> None:
    async with standing() as stand:
        fits = await stand.raw(
            b"POST /vxp/none HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 65536 + b"\r\nContent-Length: 0\r\n\r\n"
        )
        assert b"request.unknown-path" in fits
        for endless in (
            b"X: " + b"a" * 300_000,
            b"X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 8000,
            b"\r\n".join(b"X%d: a" % n for n in range(1000)) + b"\r\n\r\n",
        ):
            answer = await stand.raw(b"POST /vxp/sendEdoc HTTP/1.1\r\nHost: x\r\n", endless)
            status, _, body = parts(answer)
            assert (status, json.loads(body)["status"]) == (431, "FAIL")


async def test_a_download_is_refused_without_a_body_even_when_its_head_cannot_be_parsed() -> None:
    async with standing() as stand:
        answer = await stand.raw(b"GET /vxp/downloadEdoc HTTP/1.1\r\nHost: x\r\nX\x00: a\r\n\r\n")
    assert parts(answer)[0] == 400 and parts(answer)[2] == b""


@pytest.mark.parametrize("beginning", [b"", b"POST /vxp/sendEdoc HTTP/1.1\r\nHost:"])
async def test_a_head_that_never_ends_is_cut_off_in_time(beginning: bytes) -> None:
    async with standing(limits=Limits(head_seconds=0.2, keepalive_seconds=0.1)) as stand:
        answer = await asyncio.wait_for(stand.raw(beginning), 5)
    assert parts(answer)[0] == 408
    assert stand.listener.connections == 0


async def test_a_slow_head_within_its_time_is_served_though_idle_connections_are_shorter_lived() -> None:
    async with standing(limits=Limits(head_seconds=10, keepalive_seconds=0.05)) as stand:
        reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
        for byte in b"POST /vxp/none HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n":
            writer.write(bytes([byte]))
            await asyncio.sleep(0.004)  # the client's own slowness is what is tested here
        assert b"request.unknown-path" in await reader.read()
        writer.close()


def _slow_send(declared: int) -> bytes:
    service = ServiceObject(SYSTEM, SECRET, datetime.now(UTC))
    return head("POST", "/vxp/sendEdoc", service.send_headers("x", b"x" * declared))


@pytest.mark.parametrize("first", [b"", b"a few bytes"])
async def test_a_body_that_stops_coming_is_cut_off_and_the_caller_told_to_retry(first: bytes) -> None:
    settings = VxpSettings(pace=Pace(window=0.2))
    async with standing(settings=settings, limits=Limits(linger_seconds=0.1)) as stand:
        answer = await asyncio.wait_for(stand.raw(_slow_send(10_000), first), 5)
    assert json.loads(parts(answer)[2])["ErrorCode"] == "20"
    assert isinstance(stand.recorder.failed[0], Unavailable)


async def test_a_body_that_trickles_below_the_floor_is_cut_off() -> None:
    settings = VxpSettings(pace=Pace(floor=1_000_000, window=0.2))
    async with standing(settings=settings, limits=Limits(linger_seconds=0.1)) as stand:
        reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
        writer.write(_slow_send(100_000))

        async def trickle() -> None:
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.02)

        task = asyncio.create_task(trickle())
        try:
            # Not to the end: whoever goes on writing to a connection that is closed gets a reset.
            await asyncio.wait_for(reader.readuntil(b"request.too-slow"), 10)
        finally:
            task.cancel()
            writer.close()


async def test_a_caller_that_goes_away_in_the_middle_leaves_nothing_behind() -> None:
    async with standing() as stand:
        _, writer = await asyncio.open_connection("127.0.0.1", stand.port)
        writer.write(_slow_send(10_000) + b"half")
        await stand.recorder.arrived.wait()
        stand.recorder.arrived.clear()
        writer.close()
        await asyncio.wait_for(stand.recorder.arrived.wait(), 5)
    assert isinstance(stand.recorder.failed[0], Unavailable)
    assert stand.recorder.bodies == []


async def test_a_file_over_the_limit_is_refused_in_words_before_and_while_it_comes() -> None:
    settings = VxpSettings(max_package=PIECE)
    async with standing(settings=settings) as stand, VxpClient(stand.url, SYSTEM, SECRET) as office:
        assert (await office.send_edoc(b"x" * PIECE)).ok
        announced = await office.send_edoc(b"x" * (PIECE + 1))
        assert (announced.error_code, announced.doc_id) == ("10", "")
        raw = rebased(VECTORS["vectors"][0]).replace(b"Content-Length: 61", b"Transfer-Encoding: chunked")
        start = raw[: raw.index(b"\r\n\r\n") + 4]
        chunked = await stand.raw(start, b"80000\r\n" + b"x" * 0x80000 + b"\r\n0\r\n\r\n")
        assert b"request.too-large" in chunked


async def test_a_compressed_body_is_refused() -> None:
    raw = rebased(VECTORS["vectors"][0]).replace(b"Pragma: no-cache", b"Content-Encoding: gzip")
    async with standing() as stand:
        assert b"request.compressed" in await stand.raw(raw)
    assert stand.recorder.sources == []


@pytest.mark.parametrize("size", [0, 1, 2, PIECE - 1, PIECE, PIECE + 1, PIECE + 2, 3 * PIECE + 5])
@pytest.mark.parametrize("end", [b"", b"\r\n", b"\r"])
async def test_exactly_one_line_break_is_held_back_whatever_the_size(size: int, end: bytes) -> None:
    data = b"x" * size + end
    async with standing() as stand, VxpClient(stand.url, SYSTEM, SECRET) as office:
        assert (await office.send_edoc(data)).ok
    assert stand.recorder.bodies == [(data, b"\r\n")]


async def test_connections_from_one_address_are_capped_and_the_place_given_back() -> None:
    async with standing(limits=Limits(per_address=2)) as stand:
        held = [await asyncio.open_connection("127.0.0.1", stand.port) for _ in range(2)]
        for _, writer in held:
            writer.write(b"POST")
        answer = await stand.raw()
        assert parts(answer)[0] == 503 and b"too-many-connections" in answer
        for _, writer in held:
            writer.close()
        async with VxpClient(stand.url, SYSTEM, SECRET) as office:
            while not (await office.call("countReceiveEdoc")).ok:
                await asyncio.sleep(0)
    assert stand.listener.connections == 0


async def test_a_trusted_proxy_is_not_capped() -> None:
    limits = Limits(per_address=1, trusted=frozenset({"127.0.0.1"}))
    async with standing(limits=limits) as stand:
        _, writer = await asyncio.open_connection("127.0.0.1", stand.port)
        async with VxpClient(stand.url, SYSTEM, SECRET) as office:
            assert (await office.call("countReceiveEdoc")).ok
        writer.close()


async def test_a_peer_that_never_reads_its_answer_is_dropped() -> None:
    file = b"x" * 40_000_000
    service = ServiceObject(SYSTEM, SECRET, datetime.now(UTC))
    service.put({"docId": "11111111-2222-3333-4444-555555555555"})
    raw = head("GET", "/vxp/downloadEdoc", service.apache_headers("x", None))
    recorder = Recorder(file=file)

    async def big() -> None:
        async with standing(recorder, limits=Limits(stalled_seconds=0.2)) as stand:
            loop = asyncio.get_running_loop()
            with socket.socket() as peer:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                peer.setblocking(False)
                await loop.sock_connect(peer, ("127.0.0.1", stand.port))
                await loop.sock_sendall(peer, raw)
                await loop.sock_recv(peer, 1)
                while stand.listener.connections:
                    await asyncio.sleep(0.01)

    await asyncio.wait_for(big(), 20)


async def test_stopping_lets_the_request_under_way_finish() -> None:
    recorder = Recorder()
    raw = rebased(VECTORS["vectors"][0])
    async with standing(recorder) as stand:
        reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
        writer.write(raw[:-10])
        await recorder.arrived.wait()
        stopping = asyncio.create_task(stand.listener.stop())
        await asyncio.sleep(0)
        writer.write(raw[-10:])
        assert b'"status":"OK"' in await reader.read()
        await stopping
        writer.close()
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", stand.port)


async def test_a_unix_socket_serves_as_well(tmp_path: Path) -> None:
    async with standing() as stand:
        path = tmp_path / "axis.sock"
        await stand.listener.listen_unix(path)
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"POST /vxp/none HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        assert b"request.unknown-path" in await reader.read()
        writer.close()


def _tls_contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = Authority.create("Máy chủ thử")
    key = new_key()
    host = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    extensions = [*leaf_extensions(key.public_key(), authority.certificate), (host, False)]
    issued = authority.issue("127.0.0.1", key=key, extensions=extensions)
    key_file, chain = issued.write(folder, "server")
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(chain, key_file)
    return theirs, ssl.create_default_context(cafile=str(authority.write_anchor(folder / "ca.pem")))


async def test_tls_serves_as_well_and_a_handshake_that_never_comes_is_cut_off(tmp_path: Path) -> None:
    theirs, ours = _tls_contexts(tmp_path)
    async with standing() as stand:
        port = await stand.listener.listen("127.0.0.1", 0, theirs)
        async with VxpClient(f"https://127.0.0.1:{port}/vxp", SYSTEM, SECRET, tls=ours) as office:
            assert (await office.send_edoc(b"<edXML/>")).ok
            assert await office.fetch(str(PACKAGE_ID)) == stand.recorder.file
    assert server.HANDSHAKE_SECONDS <= 10


def test_a_start_without_the_compiled_parser_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    server.require_compiled_parser()
    monkeypatch.setenv("AIOHTTP_NO_EXTENSIONS", "1")
    with pytest.raises(SetupError):
        server.require_compiled_parser()
