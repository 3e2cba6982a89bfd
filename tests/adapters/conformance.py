"""The suite every kind that pushes over HTTP passes: subclass ``PushConformance``, say how to build one.

    class TestMyKind(PushConformance):
        def settings(self, url, seconds): return {"url": url, "timeout": seconds}
        def build(self, tools): return MyKind(tools)

The peer is a real one on this machine and misbehaves for real; only the clock of the adapter is ours.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import aiohttp
import pytest

from axis.adapter import Adapter, Delivered, Later, Outcome, Parcel, Refused, Tools
from axis.outbound import OutboundPolicy, guarded_session, networks
from tests.adapters.authority import Authority
from tests.adapters.misbehaviour import CASES, OK, REFUSAL, Case, early_but_open, mute, raw, status
from tests.adapters.peer import PATIENCE, Peer, Request, answer, until_gone

NOW = datetime(2019, 6, 3, 8, 0, 0, tzinfo=UTC)
SHORT, LONG = 0.4, 2.0  # seconds of patience an adapter is given
MIB = 1024 * 1024
SUBJECTS = {
    "quotes": "V/v \"hồ sơ\" \\ 'số'",
    "line ends": "dòng một\r\nX-Injected: yes\r\n\r\ndòng hai",
    "odd signs": "🧾 \u202e\u2028 e\u0301\u0000",
    "long": "đ" * 30_000,
}


def make_parcel(size: int = 2000, **changes: Any) -> Parcel:
    piece = bytes(range(256)) * 256

    async def pieces() -> AsyncIterator[bytes]:
        left = size
        while left:
            yield piece[: min(left, len(piece))]
            left -= min(left, len(piece))

    digest = hashlib.sha256()
    for start in range(0, size, len(piece)):
        digest.update(piece[: min(size - start, len(piece))])
    return replace(
        Parcel(
            delivery_id="0197a1f0-1111-7000-8000-000000000001",
            package_id="0197a1f0-2222-7000-8000-000000000002",
            attempt=1,
            kind="document",
            sender="000.00.00.G22",
            receiver="000.01.12.G22",
            document_id="000.00.00.G22.2019.06.03.01",
            subject="V/v báo cáo",
            priority=0,
            verdict="proven",
            sha256=digest.hexdigest(),
            size=size,
            accepted_at=NOW - timedelta(minutes=1),
            open=pieces,
            pull_link="https://truc.example/lay/abc?exp=1",
        ),
        **changes,
    )


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("one")


@pytest.fixture
async def http(authority: Authority) -> AsyncIterator[aiohttp.ClientSession]:
    policy = OutboundPolicy(
        approved=networks(["127.0.0.0/8"]),
        plain_http=True,
        connect_seconds=SHORT,
        total_seconds=LONG,
        trust=authority.client_context(),
    )
    async with guarded_session(policy) as session:
        yield session


class PushConformance:
    carries_bytes: ClassVar[bool] = False
    secrets: ClassVar[Mapping[str, str]] = {}

    def settings(self, url: str, seconds: float) -> dict[str, Any]:
        raise NotImplementedError

    def build(self, tools: Tools) -> Adapter:
        raise NotImplementedError

    def key(self, request: Request) -> str:
        """What the receiver tells repeats by."""
        raise NotImplementedError

    def adapter(self, http: aiohttp.ClientSession, url: str, seconds: float = LONG) -> Adapter:
        return self.build(
            Tools(http=http, now=lambda: NOW, settings=self.settings(url, seconds), secrets=self.secrets)
        )

    async def outcome(
        self, http: aiohttp.ClientSession, peer: Peer, parcel: Parcel | None = None, seconds: float = LONG
    ) -> Outcome:
        async with asyncio.timeout(PATIENCE):
            return await self.adapter(http, peer.url, seconds).deliver(parcel or make_parcel())

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
    async def test_whatever_the_peer_does_has_one_of_three_meanings(
        self, http: aiohttp.ClientSession, case: Case
    ) -> None:
        async with Peer(case.script) as peer:
            outcome = await self.outcome(http, peer, seconds=SHORT if case.silent else LONG)
            assert isinstance(outcome, case.outcomes), outcome
            assert len(peer.requests) == 1, "one attempt on our books is one request on the wire"
            called = outcome.asked.split(" ")
            assert called[1].startswith(peer.url) and called[-1] == "B", "the books say what was asked, whatever came"
            await peer.all_closed()
        if isinstance(outcome, Later):
            assert case.unit_down in (None, outcome.unit_down)
            assert outcome.text and "\n" not in outcome.text and len(outcome.text) < 1000
        if isinstance(outcome, Delivered):
            assert outcome.proof.startswith("HTTP 2") and len(outcome.proof) < 400

    async def test_a_refusal_carries_the_receivers_code_and_reason(self, http: aiohttp.ClientSession) -> None:
        async with Peer(status(422, REFUSAL)) as peer:
            assert await self.outcome(http, peer) == Refused("van-ban.trung", "Đã có văn bản này")

    async def test_a_gone_address_is_loud_but_not_final(self, http: aiohttp.ClientSession) -> None:
        async with Peer(status(410)) as peer:
            outcome = await self.outcome(http, peer)
        assert isinstance(outcome, Later) and "CẢNH BÁO" in outcome.text

    @pytest.mark.parametrize(
        ("wish", "date", "seconds"),
        [
            ("120", "", 120),
            ("0", "", None),
            ("-5", "", None),
            ("soon", "", None),
            ("1.5", "", None),
            ("٣", "", None),
            ("99999999", "", 86400),
            ("9" * 5000, "", 86400),
            ("Mon, 03 Jun 2019 08:10:00 GMT", "", 600),
            ("Monday, 03-Jun-19 08:10:00 GMT", "", 600),
            ("Mon Jun  3 08:10:00 2019", "", 600),
            ("Mon, 03 Jun 2019 15:10:00 +0700", "", 600),
            ("Mon, 03 Jun 2019 07:59:59 GMT", "", None),
            ("Mon, 03 Jun 2039 08:00:00 GMT", "", 86400),
            ("Mon, 99 Jun 2019 08:00:00 GMT", "", None),
            # the peer's clock is a year behind: the distance to its own Date is what it means
            ("Sun, 03 Jun 2018 08:01:00 GMT", "Sun, 03 Jun 2018 08:00:00 GMT", 60),
        ],
    )
    @pytest.mark.parametrize("code", [429, 503])
    async def test_a_wish_to_be_asked_later_is_obeyed_up_to_a_day(
        self, http: aiohttp.ClientSession, code: int, wish: str, date: str, seconds: int | None
    ) -> None:
        headers = {"Retry_After": wish} | ({"Date": date} if date else {})
        async with Peer(status(code, **headers)) as peer:
            outcome = await self.outcome(http, peer)
        assert isinstance(outcome, Later)
        assert outcome.not_before == (None if seconds is None else NOW + timedelta(seconds=seconds))

    async def test_a_second_answer_is_not_taken_for_the_next_parcels(
        self, http: aiohttp.ClientSession
    ) -> None:
        async def twice(request: Request) -> None:
            await answer(request, 200 if request.number == 1 else 503)
            if request.number == 1:
                await request.say(OK)

        async with Peer(twice) as peer:
            adapter = self.adapter(http, peer.url)
            assert isinstance(await adapter.deliver(make_parcel()), Delivered)
            assert isinstance(await adapter.deliver(make_parcel()), Later)

    async def test_retries_keep_the_key_the_receiver_tells_repeats_by(
        self, http: aiohttp.ClientSession
    ) -> None:
        async with Peer(status(503)) as peer:
            for attempt in (1, 2, 3):
                await self.outcome(http, peer, make_parcel(attempt=attempt))
            assert {self.key(request) for request in peer.requests} == {make_parcel().delivery_id}

    @pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
    async def test_a_subject_with_any_signs_breaks_nothing(
        self, http: aiohttp.ClientSession, subject: str
    ) -> None:
        async with Peer(status(200)) as peer:
            assert isinstance(await self.outcome(http, peer, make_parcel(subject=subject)), Delivered)
            assert "x-injected" not in peer.requests[0].headers

    async def test_a_cancelled_delivery_lets_go_of_the_connection(self, http: aiohttp.ClientSession) -> None:
        async with Peer(mute) as peer:
            delivery = asyncio.create_task(self.adapter(http, peer.url).deliver(make_parcel()))
            await peer.seen(1)
            delivery.cancel()
            with pytest.raises(asyncio.CancelledError):
                await delivery
            await peer.all_closed()

    async def test_nobody_listening_is_later(self, http: aiohttp.ClientSession) -> None:
        async with Peer(mute) as peer:
            pass
        outcome = await self.outcome(http, peer)
        assert isinstance(outcome, Later) and outcome.unit_down

    async def test_a_black_hole_costs_no_more_than_the_time_to_connect(
        self, http: aiohttp.ClientSession
    ) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as hole:
            address = hole.getsockname()
            fillers = [socket.socket() for _ in range(4)]
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(address)
            try:
                adapter = self.adapter(http, f"http://127.0.0.1:{address[1]}/in")
                async with asyncio.timeout(LONG):
                    outcome = await adapter.deliver(make_parcel())
            finally:
                for filler in fillers:
                    filler.close()
        assert isinstance(outcome, Later) and outcome.unit_down

    async def test_a_certificate_we_trust_for_this_name_is_needed(
        self, http: aiohttp.ClientSession, authority: Authority
    ) -> None:
        stranger = Authority("two")
        contexts: list[tuple[ssl.SSLContext, type]] = [
            (authority.server_context("127.0.0.1"), Delivered),
            (authority.server_context("elsewhere.example"), Later),
            (authority.server_context("127.0.0.1", expired=True), Later),
            (stranger.server_context("127.0.0.1"), Later),
        ]
        for context, expected in contexts:
            async with Peer(status(200), tls=context) as peer:
                assert isinstance(await self.outcome(http, peer), expected)

    async def test_plain_text_where_tls_is_expected_is_later(self, http: aiohttp.ClientSession) -> None:
        async with Peer(raw(OK), greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n") as peer:
            adapter = self.adapter(http, peer.url.replace("http:", "https:"))
            outcome = await adapter.deliver(make_parcel())
        assert isinstance(outcome, Later) and "delivery.tls" in outcome.text

    async def test_an_address_that_is_not_allowed_is_later_and_opens_nothing(
        self, http: aiohttp.ClientSession
    ) -> None:
        outcome = await self.adapter(http, "http://10.0.0.1:1/in").deliver(make_parcel())
        assert isinstance(outcome, Later) and "outbound.address" in outcome.text

    async def test_twenty_megabytes_pass_without_filling_memory(self, http: aiohttp.ClientSession) -> None:
        read = 0

        async def take(request: Request) -> None:
            nonlocal read
            read = await request.read_body(keep=False)
            await request.say(OK)

        parcel = make_parcel(20 * MIB)
        async with Peer(take) as peer:
            adapter = self.adapter(http, peer.url)
            tracemalloc.start()
            try:
                assert isinstance(await adapter.deliver(parcel), Delivered)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert peak < 3 * MIB
        assert read == parcel.size if self.carries_bytes else read < 20_000


class ByteConformance(PushConformance):
    """In addition, for kinds that carry the package itself."""

    carries_bytes = True

    async def test_a_success_before_the_bytes_were_taken_does_not_count(
        self, http: aiohttp.ClientSession
    ) -> None:
        async with Peer(early_but_open) as peer:
            outcome = await self.outcome(http, peer, make_parcel(20 * MIB))
            assert isinstance(outcome, Later) and "delivery.too-early" in outcome.text
            await peer.all_closed()

    async def test_a_cancelled_upload_does_not_linger_behind_a_peer_that_reads_nothing(
        self, http: aiohttp.ClientSession
    ) -> None:
        cancelled = asyncio.Event()
        left = asyncio.get_running_loop().create_future()

        async def stuck(request: Request) -> None:
            await cancelled.wait()
            try:
                await until_gone(request)
            except ConnectionError:
                left.set_result("cut")
            else:
                left.set_result("flushed")

        async with Peer(stuck) as peer:
            delivery = asyncio.create_task(self.adapter(http, peer.url).deliver(make_parcel(20 * MIB)))
            await peer.seen(1)
            delivery.cancel()
            with pytest.raises(asyncio.CancelledError):
                await delivery
            cancelled.set()
            assert await asyncio.wait_for(left, PATIENCE) == "cut"

    @pytest.mark.parametrize("wrong", [{"size": 1999}, {"size": 2001}, {"sha256": "00" * 32}], ids=str)
    async def test_bytes_that_changed_in_the_store_never_arrive_whole(
        self, http: aiohttp.ClientSession, wrong: dict[str, Any]
    ) -> None:
        whole = False

        async def take(request: Request) -> None:
            nonlocal whole
            whole = await request.read_body() >= 2000
            await request.say(OK)

        async with Peer(take) as peer:
            outcome = await self.outcome(http, peer, replace(make_parcel(), **wrong))
            await peer.all_closed()
        assert isinstance(outcome, Later) and "delivery.changed" in outcome.text
        assert not outcome.unit_down and not whole
