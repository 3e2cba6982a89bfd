"""The guard of outgoing requests against addresses a hostile or careless person could write down."""

from __future__ import annotations

import socket

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from axis.domain.catalogue import entries
from axis.outbound import OutboundPolicy, OutboundRefused, check_address, check_url, guarded_session, networks
from tests.adapters.peer import Peer, Request, answer

_ONE_WORD = """
http://127.0.0.1/ http://127.0.0.1:22/ https://127.255.255.254/ http://127.1/ http://127.0.1/
http://0/ http://0.0.0.0/ http://0.1.2.3/ http://00/ http://0x0/
http://2130706433/ http://017700000001/ http://0x7f000001/ http://0x7f.1/ http://0x7f.0.0.1/
http://0177.0.0.1/ http://0177.1/ http://127.0x0.0.1/ http://127.000.000.001/ http://127.0.0.1./
http://1.1.1.0x1/ http://08.8.8.8/ http://256.1.1.1/ http://1.2.3.4.5/ http://4294967295/
http://10.0.0.1/ http://10.255.255.255/ http://172.16.0.1/ http://172.31.255.255/ http://192.168.1.1/
http://100.64.0.1/ http://100.127.255.255/ http://169.254.0.1/ http://169.254.169.254/latest/meta-data/
http://169.254.170.2/ http://168.63.129.16/ http://100.100.100.200/ http://192.0.0.192/ http://192.0.0.8/
http://192.0.2.1/ http://192.88.99.1/ http://198.18.0.1/ http://198.19.255.255/ http://198.51.100.7/
http://203.0.113.9/ http://224.0.0.1/ http://239.255.255.250/ http://240.0.0.1/ http://255.255.255.255/
http://[::]/ http://[::1]/ http://[0:0:0:0:0:0:0:1]/ http://[::2]/ http://[::127.0.0.1]/
http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/ http://[::ffff:8.8.8.8]/ http://[0:0:0:0:0:ffff:10.0.0.1]/
http://[::ffff:0:127.0.0.1]/ http://[64:ff9b::7f00:1]/ http://[64:ff9b::8.8.8.8]/ http://[64:ff9b:1::a00:1]/
http://[2002:7f00:1::]/ http://[2002:a00:1::1]/ http://[2001:0:7f00:1::]/ http://[2001:2::1]/ http://[2001:10::1]/
http://[2001:db8::1]/ http://[3fff::1]/ http://[5f00::1]/ http://[100::1]/ http://[400::1]/
http://[fc00::1]/ http://[fd00:ec2::254]/ http://[fd12:3456::1]/ http://[fe80::1]/ http://[fe80::1%25lo]/
http://[fec0::1]/ http://[ff02::1]/ http://[ff0e::1]/ http://[fe80::a9fe:a9fe]/
http://①②⑦.⓪.⓪.①/ http://１２７.0.0.1/ http://127。0。0。1/ http://0X7F.1/
ftp://example.org/ file:///etc/passwd gopher://127.0.0.1:6379/_PING ws://example.org/ data:text/plain,x
javascript:alert(1) unix:///run/postgresql dict://example.org/ //example.org/ example.org /relative
http:// http:/// https://:443/ http://user@example.org/ http://user:pw@example.org/
http://:pw@example.org/ http://example.org@127.0.0.1/ http://example.org:pw@10.0.0.1/
http://example.org\\@127.0.0.1/ http://127.0.0.1\\.example.org/ http://[::1 http://[127.0.0.1]/
http://example.org:99999/ http://example.org:-1/ http://example.org:0/
"""
HOSTILE = [
    *_ONE_WORD.split(),
    "http://exa mple.org/",
    "http://127.0.0.1\t/",
    "http://example.org\x00.evil/",
    "",
]
UNTIDY = [
    "http://@example.org/",
    "http://[v1.x]/",
    " http://example.org/",
    "http://example.org/\r\nHost: 127.0.0.1",
]
OPEN = OutboundPolicy(plain_http=True)
DEMO = OutboundPolicy(approved=networks(["127.0.0.0/8", "::1/128"]), plain_http=True)


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_as_it_is_written(url: str) -> None:
    with pytest.raises(OutboundRefused) as refused:
        check_url(OPEN, url)
    assert refused.value.code in entries()
    assert refused.value.text("vi") and refused.value.text("en")


@pytest.mark.parametrize("url", HOSTILE)
async def test_a_hostile_address_opens_no_socket(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("a socket was made")

    async with guarded_session(OPEN) as session:
        monkeypatch.setattr(socket, "socket", no_socket)
        monkeypatch.setattr(socket, "getaddrinfo", no_socket)
        with pytest.raises((OutboundRefused, aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)):
            await session.get(url)
        monkeypatch.undo()


@pytest.mark.parametrize("url", UNTIDY)
def test_an_address_that_parsers_would_tidy_up_is_refused_at_onboarding(url: str) -> None:
    with pytest.raises(OutboundRefused):
        check_url(OPEN, url)


def test_the_list_is_long_enough() -> None:
    assert len(set(HOSTILE)) >= 100


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/",
        "https://example.org:8443/a?b=c",
        "http://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://trục.gov.vn/nhận",
        "https://0x.example.org/",
        "https://a1.2b/",
        "https://example.org/path@x",
    ],
)
def test_an_ordinary_address_passes(url: str) -> None:
    assert check_url(OPEN, url) == URL(url)


def test_plain_http_passes_only_where_the_policy_says_so() -> None:
    with pytest.raises(OutboundRefused, match="plain-http"):
        check_url(OutboundPolicy(), "http://example.org/")


def test_an_approval_opens_its_network_and_nothing_beside_it() -> None:
    policy = OutboundPolicy(approved=networks(["10.1.0.0/16", "fd00::/8"]))
    assert str(check_address(policy, "10.1.2.3")) == "10.1.2.3"
    assert str(check_address(policy, "fd12::1")) == "fd12::1"
    for address in ("10.2.0.1", "127.0.0.1", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd00:ec2::254"):
        with pytest.raises(OutboundRefused):
            check_address(policy, address)


def test_metadata_machines_are_not_approved_by_a_range_but_only_by_name() -> None:
    wide = OutboundPolicy(approved=networks(["0.0.0.0/0", "::/0"]))
    with pytest.raises(OutboundRefused, match="metadata"):
        check_address(wide, "169.254.169.254")
    named = OutboundPolicy(approved=networks(["100.100.100.200/32"]))
    check_address(named, "100.100.100.200")


def test_a_network_that_is_none_is_refused_by_name() -> None:
    for text in ("10.0.0.1/8", "ten", "10.0.0.0/33", ""):
        with pytest.raises(OutboundRefused, match="network"):
            networks([text])


class Liar(AbstractResolver):
    """A name server that answers what it is told, without asking the guard."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=kind, proto=6, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
async def test_a_name_that_leads_inside_is_refused_at_the_socket(address: str) -> None:
    async with guarded_session(OPEN, Liar(address)) as session:
        with pytest.raises(OutboundRefused):
            await session.get("http://example.org/")


async def test_a_name_with_one_forbidden_address_among_good_ones_is_refused_before_any_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def mixed(host: str, port: int, *_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in ("8.8.8.8", "10.0.0.1")]

    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("a socket was made")

    async with guarded_session(OPEN) as session:
        monkeypatch.setattr(socket, "getaddrinfo", mixed)
        monkeypatch.setattr(socket, "socket", no_socket)
        with pytest.raises(OutboundRefused) as refused:
            await session.get("http://two-faced.example/")
        monkeypatch.undo()
    assert refused.value.code == "outbound.address" and refused.value.facts["address"] == "10.0.0.1"


async def test_a_name_is_looked_up_and_reached_when_its_address_is_approved() -> None:
    async def ok(request: Request) -> None:
        await answer(request, 200)

    async with Peer(ok) as peer, guarded_session(DEMO) as session:
        async with session.get(f"http://localhost:{peer.port}/") as response:
            assert response.status == 200
        assert peer.requests[0].headers["host"] == f"localhost:{peer.port}"


async def test_what_is_no_address_at_all_is_refused_at_the_socket_too() -> None:
    with pytest.raises(OutboundRefused, match="spelling"):
        check_address(OPEN, "example.org")


async def test_a_name_that_changes_its_address_is_judged_on_every_connection() -> None:
    async def ok(request: Request) -> None:
        await answer(request, 200)

    async with Peer(ok) as peer:
        policy = OutboundPolicy(approved=networks(["127.0.0.1/32"]), plain_http=True)
        async with guarded_session(policy, Liar("127.0.0.1", "127.0.0.2")) as session:
            url = f"http://rebind.example:{peer.port}/"
            async with session.get(url) as response:
                assert response.status == 200
            session.connector.clear_dns_cache()  # what the end of the short cache does
            with pytest.raises(OutboundRefused):
                await session.get(url)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed_even_on_request(status: int) -> None:
    async def elsewhere(request: Request) -> None:
        await answer(request, status, headers={"Location": "/other"})

    async with Peer(elsewhere) as peer, guarded_session(DEMO) as session:
        with pytest.raises(OutboundRefused, match="redirect"):
            await session.get(peer.url, allow_redirects=True)
        assert len(peer.requests) == 1
        await peer.all_closed()


async def test_an_answer_is_cut_at_the_limit_and_never_unpacked() -> None:
    async def long(request: Request) -> None:
        await answer(request, 200, b"x" * 300_000, headers={"Content-Encoding": "gzip"})

    async with Peer(long) as peer, guarded_session(DEMO) as session:
        async with session.get(peer.url) as response:
            assert len(await response.read()) == DEMO.answer_limit
        assert peer.requests[0].headers["accept-encoding"] == "identity"


async def test_cookies_and_proxies_of_the_environment_play_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.9:1/")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.9:1/")

    async def biscuit(request: Request) -> None:
        await answer(request, 200, headers={"Set-Cookie": "a=b"})

    async with Peer(biscuit) as peer, guarded_session(DEMO) as session:
        for _ in range(2):
            async with session.get(peer.url) as response:
                assert response.status == 200
        assert "cookie" not in peer.requests[1].headers


async def test_one_peer_gets_no_more_connections_than_its_share() -> None:
    import asyncio

    gate = asyncio.Event()

    async def hold(request: Request) -> None:
        await gate.wait()
        await answer(request, 200)

    policy = OutboundPolicy(approved=DEMO.approved, plain_http=True, per_peer=2)
    async with Peer(hold) as peer, guarded_session(policy) as session:
        calls = [asyncio.create_task(session.get(peer.url)) for _ in range(6)]
        await peer.seen(2)
        gate.set()
        for call in calls:
            (await call).close()
        assert peer.most_open == 2
