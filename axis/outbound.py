"""Requests of the axis to addresses that somebody else wrote down.

A unit's address is typed by a person and resolved by a name server that is not ours, so it may point
at our own database, at the metadata service of a cloud, or at a neighbour. The guard therefore
judges three times, and only the last one counts as proof:

    the URL        scheme, user info, spelling of the host           ``check_url``, before any DNS
    the name       every address the resolver returns                ``_Resolver``
    the socket     the very address about to be connected            ``_open_socket``

The socket check sees literals (which skip the resolver) and makes rebinding pointless: there is no
look-up between judging and connecting. Allowed is what is globally routable, plus the networks an
operator approved in writing. One connection carries one exchange: on a kept connection a late second
answer would be taken for the answer to the next parcel.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from axis.domain.errors import SetupError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA special-purpose registries, written out: what `ipaddress` calls private differs between
# Python releases, and a guard must not change with the interpreter.
_CLOSED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
# IPv6: only 2000::/3 is handed out to the world. Tunnels and mappings inside or outside of it hide
# an IPv4 address, so they are closed even to an approval: write the IPv4 address itself.
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6 = tuple(
    ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_DISGUISES = tuple(
    ipaddress.IPv6Network(text)
    for text in ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
)
# Machines that hand out credentials to whoever asks. A range never approves them: only /32 or /128 does.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254", "169.254.170.2", "169.254.170.23", "168.63.129.16", "100.100.100.200",
        "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fe80::a9fe:a9fe",
    )
)  # fmt: skip
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9._-]{1,253}", re.IGNORECASE)  # after IDNA; NUL or space would cut it in C
_UNSAFE_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")


class OutboundRefused(SetupError):
    """The axis will not send to this address. Codes ``outbound.*``."""


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """What may be reached, and how long and how much.

    ``approved``      networks an operator allowed although they are not public
    ``plain_http``    whether ``http://`` is allowed at all
    ``per_peer``      open connections to one host and port
    ``answer_limit``  bytes of an answer that are read; the rest is cut off
    ``trust``         certificate authorities; None means those of the machine
    """

    approved: tuple[Network, ...] = ()
    plain_http: bool = False
    connect_seconds: float = 10.0
    total_seconds: float = 30.0
    per_peer: int = 8
    answer_limit: int = 64 * 1024
    trust: ssl.SSLContext | None = None


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The approved list of a configuration file. Raises OutboundRefused ``outbound.network``."""
    found = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text.strip()))
        except ValueError as error:
            raise OutboundRefused("outbound.network", network=text) from error
    return tuple(found)


def check_address(policy: OutboundPolicy, text: str) -> Address:
    """Judge one numeric address. Raises OutboundRefused when nothing may be sent to it."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise OutboundRefused("outbound.spelling", host=text) from error
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise OutboundRefused("outbound.spelling", host=text)
        # :: and ::1 also lie in ::/96; they are themselves, not a disguise
        if int(address) > 1 and any(address in network for network in _DISGUISES):
            raise OutboundRefused("outbound.disguise", address=text)
    approving = [network for network in policy.approved if address in network]
    if address in _METADATA:
        if not any(network.num_addresses == 1 for network in approving):
            raise OutboundRefused("outbound.metadata", address=text)
    elif not approving and not _public(address):
        raise OutboundRefused("outbound.address", address=text)
    return address


def _public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _CLOSED_V6)


def check_url(policy: OutboundPolicy, given: str | URL) -> URL:
    """Judge an address as it is written, without asking DNS; onboarding calls it before storing one."""
    if isinstance(given, str) and _UNSAFE_IN_URL.search(given):
        raise OutboundRefused("outbound.url", url=given)
    try:
        url = URL(given)
        host = url.raw_host
        port = url.port
    except ValueError as error:
        raise OutboundRefused("outbound.url", url=str(given)) from error
    if url.scheme not in ("http", "https"):
        raise OutboundRefused("outbound.scheme", scheme=url.scheme)
    if not host or not port or not (":" in host or _NAME.fullmatch(host)):
        raise OutboundRefused("outbound.url", url=str(given))
    # an empty user or odd brackets leave no trace in the parsed form, but somebody meant something by them
    written = urlsplit(given).netloc if isinstance(given, str) else given.raw_authority
    if "[" in written and ":" not in host:
        raise OutboundRefused("outbound.url", url=str(given))
    if url.raw_user is not None or url.raw_password is not None or "@" in written:
        raise OutboundRefused("outbound.userinfo", host=host)
    if url.scheme == "http" and not policy.plain_http:
        raise OutboundRefused("outbound.plain-http", host=host)
    _check_host(policy, host)
    return url


def _check_host(policy: OutboundPolicy, host: str) -> None:
    if ":" in host:
        check_address(policy, host)
        return
    last = host.removesuffix(".").rpartition(".")[2]
    if _NUMBER.fullmatch(last):
        # 127.1, 0x7f.1, 2130706433, 0177.0.0.1 and "127.0.0.1." name an address in ways that
        # other software reads otherwise: one spelling is enough
        if not _is_dotted_quad(host):
            raise OutboundRefused("outbound.spelling", host=host)
        check_address(policy, host)


def _is_dotted_quad(host: str) -> bool:
    try:
        return str(ipaddress.IPv4Address(host)) == host
    except ValueError:
        return False


class _Resolver(AbstractResolver):
    """Look-ups in threads of their own: a dead name server must not hold up the shared pool."""

    def __init__(self, policy: OutboundPolicy) -> None:
        self._policy = policy
        self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="outbound-dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._look_up, host, port, family
        )
        addresses = {str(sockaddr[0]): (kind, proto) for kind, _, proto, _, sockaddr in found}
        for address in addresses:
            # one forbidden address spoils the name: a mixture of both is how rebinding looks
            check_address(self._policy, address)
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=kind, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for address, (kind, proto) in addresses.items()
        ]

    @staticmethod
    def _look_up(host: str, port: int, family: int) -> list[tuple[Any, Any, int, str, tuple[Any, ...]]]:
        return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _watch(policy: OutboundPolicy) -> aiohttp.TraceConfig:
    """Judge each request before it starts, and stop redirects even where a caller asks to follow."""
    trace = aiohttp.TraceConfig()

    async def starting(_: object, __: SimpleNamespace, event: aiohttp.TraceRequestStartParams) -> None:
        check_url(policy, event.url)

    async def redirected(_: object, __: SimpleNamespace, event: aiohttp.TraceRequestRedirectParams) -> None:
        event.response.close()
        raise OutboundRefused("outbound.redirect", status=event.response.status)

    trace.on_request_start.append(starting)
    trace.on_request_redirect.append(redirected)
    return trace


def _bounded(limit: int) -> type[aiohttp.ClientResponse]:
    class BoundedResponse(aiohttp.ClientResponse):
        """``read`` (so ``text`` and ``json`` too) gives the first ``limit`` bytes and hangs up."""

        async def read(self) -> bytes:
            if self._body is None:
                pieces, held = [], 0
                try:
                    while held < limit and (piece := await self.content.read(limit - held)):
                        pieces.append(piece)
                        held += len(piece)
                except BaseException:
                    self.close()
                    raise
                if held >= limit:
                    self.close()
                self._body = b"".join(pieces)
            return self._body

    return BoundedResponse


def guarded_session(
    policy: OutboundPolicy, resolver: AbstractResolver | None = None
) -> aiohttp.ClientSession:
    """The one HTTP client for addresses outside; close it with ``await session.close()``.

    ``resolver`` replaces the machine's look-up; what it answers is still judged at the socket.
    """

    def open_socket(info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, proto, _, target = info
        check_address(policy, str(target[0]))
        made = socket.socket(family, kind, proto)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # a peer that stops reading would keep a closed socket's last bytes, and so the socket, for ever
            made.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(policy.total_seconds * 1000) + 1000
            )
        return made

    connector = aiohttp.TCPConnector(
        resolver=resolver or _Resolver(policy),
        socket_factory=open_socket,
        ssl=policy.trust or True,
        # merges simultaneous look-ups of one name; the socket check makes a stale answer harmless
        use_dns_cache=True,
        ttl_dns_cache=10,
        # no common limit: units that hang must not use up the connections of those that answer (P6)
        limit=0,
        limit_per_host=policy.per_peer,
        force_close=True,
    )
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=policy.total_seconds, sock_connect=policy.connect_seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        # compressed answers could grow without bound: neither asked for nor unpacked
        auto_decompress=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "axis"},
        response_class=_bounded(policy.answer_limit),
        trace_configs=[_watch(policy)],
        max_line_size=8190,
        max_field_size=8190,
        max_headers=64,
    )
