"""The webhook kind: conformance, what stands in a call, and that a receiver can check it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import aiohttp
import pytest

from adapters import answers
from adapters.webhook import MOST_BYTES, Webhook, payload
from axis import webhooks
from axis.adapter import Adapter, Delivered, Later, Tools
from axis.domain.errors import AccessError, SetupError
from axis.webhooks import verify_webhook
from tests.adapters.authority import Authority
from tests.adapters.conformance import NOW, SUBJECTS, PushConformance, authority, http, make_parcel
from tests.adapters.misbehaviour import answer, status
from tests.adapters.peer import Peer, Request

__all__ = ["authority", "http"]

OLD, NEW = webhooks.new_secret(), webhooks.new_secret()
PRIVATE, PUBLIC = webhooks.new_key_pair()


class TestWebhookConforms(PushConformance):
    secrets: ClassVar[dict[str, str]] = {"a": OLD, "b": NEW, "c": PRIVATE, "authorization": "Bearer x"}

    def settings(self, url: str, seconds: float) -> dict[str, Any]:
        return {"url": url, "timeout": seconds, "headers": {"X-Tenant": "bo"}}

    def build(self, tools: Tools) -> Adapter:
        return Webhook(tools)

    def key(self, request: Request) -> str:
        return request.headers["webhook-id"]

    async def test_a_call_says_what_waits_and_never_carries_it(self, http: aiohttp.ClientSession) -> None:
        parcel = make_parcel()
        async with Peer(status(200, b'{"id": 7}')) as peer:
            outcome = await self.outcome(http, peer, parcel)
            call = peer.requests[0]
        assert outcome == Delivered(f'HTTP 200 {{"id": 7}} (webhook-id {parcel.delivery_id})')
        said = json.loads(call.body)
        assert said["type"] == "van-ban.moi" and said["timestamp"] == parcel.accepted_at.isoformat()
        assert said["data"]["pull_link"] == parcel.pull_link and said["data"]["size"] == 2000
        assert call.headers["content-type"] == "application/json"
        assert call.headers["x-tenant"] == "bo" and call.headers["authorization"] == "Bearer x"

    async def test_every_valid_secret_signs_so_that_each_receiver_can_check(
        self, http: aiohttp.ClientSession
    ) -> None:
        async with Peer(status(200)) as peer:
            await self.outcome(http, peer)
            call = peer.requests[0]
        assert len(call.headers["webhook-signature"].split(" ")) == 3
        for known in (OLD, NEW, PUBLIC):
            assert verify_webhook(call.headers, call.body, [known], NOW) == make_parcel().delivery_id
        with pytest.raises(AccessError, match="signature"):
            verify_webhook(call.headers, call.body + b" ", [OLD, NEW, PUBLIC], NOW)

    async def test_what_was_asked_is_told_without_what_is_secret(self, http: aiohttp.ClientSession) -> None:
        async def once(request: Request) -> None:
            await answer(request, 200 if request.number == 1 else 503)

        async with Peer(once) as peer:
            url = f"{peer.url}/in?key=SECRET#part"
            settings = self.settings(url, 2) | {"headers": {"X-Key": "SECRET"}}
            secrets = {**self.secrets, "authorization": "SECRET"}
            adapter = Webhook(Tools(http=http, now=lambda: NOW, settings=settings, secrets=secrets))
            parcel = make_parcel()
            done, later = await adapter.deliver(parcel), await adapter.deliver(parcel)
        assert isinstance(done, Delivered) and isinstance(later, Later)
        size = len(peer.requests[0].body)
        called = f"POST {peer.url}/in?… · webhook-id {parcel.delivery_id} · {size} B"
        assert done.asked == later.asked == called
        assert answers.asked("PUT", "https://me:SECRET@a.example/x", 3, {}) == "PUT https://a.example/x · 3 B"
        assert answers.asked("PUT", "http://[", 3, {}) == "PUT – · 3 B"

    async def test_nobody_reached_was_asked_all_the_same(self, http: aiohttp.ClientSession) -> None:
        adapter = Webhook(Tools(
            http=http, now=lambda: NOW, settings=self.settings("http://127.0.0.1:9/", 2), secrets=self.secrets,
        ))  # fmt: skip
        outcome = await adapter.deliver(make_parcel())
        assert isinstance(outcome, Later) and outcome.asked.startswith("POST http://127.0.0.1:9/ · webhook-id ")

    async def test_a_probe_is_a_signed_ping(self, http: aiohttp.ClientSession) -> None:
        async with Peer(status(200)) as peer:
            health = await self.adapter(http, peer.url).probe()
            call = peer.requests[0]
        assert health.state == "ok" and json.loads(call.body)["type"] == "ping"
        assert verify_webhook(call.headers, call.body, [NEW], NOW).startswith("ping-")

    @pytest.mark.parametrize("code", [401, 422, 503])
    async def test_a_probe_that_is_turned_away_is_failing(
        self, http: aiohttp.ClientSession, code: int
    ) -> None:
        async with Peer(status(code, b'{"refused":true,"code":"x"}')) as peer:
            health = await self.adapter(http, peer.url).probe()
        assert health.state == "failing" and str(code) in health.text

    async def test_a_receivers_own_authority_replaces_the_machines(self, http: aiohttp.ClientSession) -> None:
        private = Authority("private")
        async with Peer(status(200), tls=private.server_context("127.0.0.1")) as peer:
            settings = self.settings(peer.url, 2) | {"ca": private.pem}
            adapter = Webhook(Tools(http=http, now=lambda: NOW, settings=settings, secrets=self.secrets))
            assert isinstance(await adapter.deliver(make_parcel()), Delivered)


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_any_subject_survives_or_is_visibly_cut(subject: str) -> None:
    body = payload(make_parcel(subject=subject))
    said = json.loads(body)["data"]["subject"]
    assert len(body) < MOST_BYTES
    assert said == subject or (said.endswith("…") and subject.startswith(said[:-1]) and len(said) > 2000)


def test_a_retry_says_the_same_but_for_the_link() -> None:
    first, second = make_parcel(attempt=1), make_parcel(attempt=2)
    assert payload(first) == payload(second)
    assert json.loads(payload(replace(first, kind="status")))["type"] == "trang-thai.moi"


@pytest.mark.parametrize(("seconds", "passes"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_clocks_may_differ_by_five_minutes(seconds: int, passes: bool) -> None:
    headers = _signed(b"{}")
    now = NOW + timedelta(seconds=seconds)
    if passes:
        assert verify_webhook(headers, b"{}", [OLD], now) == "id-1"
    else:
        with pytest.raises(AccessError, match="stale"):
            verify_webhook(headers, b"{}", [OLD], now.timestamp())


def _signed(body: bytes, **changes: str) -> dict[str, str]:
    stamp = int(NOW.timestamp())
    return {
        "Webhook-Id": "id-1",
        "Webhook-Timestamp": str(stamp),
        "Webhook-Signature": webhooks.sign([OLD], "id-1", stamp, body),
    } | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"Webhook-Id": ""},
        {"Webhook-Id": "id-2"},
        {"Webhook-Id": "id.1"},
        {"Webhook-Id": "id\udcff"},
        {"Webhook-Timestamp": "1559548800.0"},
        {"Webhook-Timestamp": "-1559548800"},
        {"Webhook-Timestamp": "9" * 500},
        {"Webhook-Timestamp": "١٥٥٩٥٤٨٨٠٠"},
        {"Webhook-Signature": "v1,"},
        {"Webhook-Signature": "v1,\udcff v1a,\udcff v2,x"},
        {"Webhook-Signature": "v1a,AAAA " * 2000},
    ],
    ids=str,
)
def test_a_call_that_was_touched_is_refused_and_never_raises_anything_else(changes: dict[str, str]) -> None:
    with pytest.raises(AccessError) as refused:
        verify_webhook(_signed(b"{}", **changes), b"{}", [NEW, PUBLIC, OLD], NOW)
    assert refused.value.code.startswith("webhook.")


def test_bytes_cannot_move_between_time_and_body() -> None:
    headers = _signed(b"1.body")
    with pytest.raises(AccessError):
        verify_webhook(headers | {"Webhook-Id": f"id-1.{int(NOW.timestamp())}", "Webhook-Timestamp": "1"},
                       b"body", [OLD], 1.0)  # fmt: skip


def test_the_published_example_of_the_standard_verifies() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert verify_webhook(headers, b'{"test": 2432232314}', [secret], 1614265330.0) == headers["webhook-id"]


@pytest.mark.parametrize(
    "secret",
    ["", "plain", "whsec_", "whsec_!!", "whsec_AAAA", "whsk_AAAA", "whpk_" + "A" * 43 + "=", PUBLIC],
    ids=range(8),
)
def test_a_secret_that_cannot_sign_is_refused_at_once_and_never_shown(secret: str) -> None:
    settings = {"url": "https://a.example/"}
    with pytest.raises(SetupError) as refused:
        Webhook(Tools(http=None, now=lambda: NOW, settings=settings, secrets={"a": secret}))
    assert refused.value.code == "webhook.secret"
    assert len(secret) < 8 or secret not in str(refused.value)


def test_a_receivers_malformed_public_key_is_named_as_such() -> None:
    with pytest.raises(SetupError, match="whpk_"):
        verify_webhook(_signed(b"{}"), b"{}", ["whpk_AAAA"], NOW)


def test_a_connection_without_a_secret_is_refused() -> None:
    with pytest.raises(SetupError, match="secret-missing"):
        Webhook(Tools(http=None, now=lambda: NOW, settings={"url": "https://a.example/"}))


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "ftp://a.example/"},
        {"url": 5},
        {"url": "https://a.example/", "timeout": 0},
        {"url": "https://a.example/", "timeout": True},
        {"url": "https://a.example/", "timeout": float("nan")},
        {"url": "https://a.example/", "timeout": 1e9},
        {"url": "https://a.example/", "timeout": "5"},
        {"url": "https://a.example/", "headers": ["x"]},
        {"url": "https://a.example/", "headers": {"Webhook-Id": "x"}},
        {"url": "https://a.example/", "headers": {"Host": "x"}},
        {"url": "https://a.example/", "headers": {"A": "b\r\nC: d"}},
        {"url": "https://a.example/", "headers": {"A b": "c"}},
        {"url": "https://a.example/", "ca": "not PEM"},
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused_by_name(settings: dict[str, Any]) -> None:
    with pytest.raises(SetupError) as refused:
        Webhook(Tools(http=None, now=lambda: NOW, settings=settings, secrets={"a": OLD}))
    assert refused.value.code == "adapter.setting-wrong"
    assert refused.value.facts["name"] in settings


async def test_nothing_is_collected() -> None:
    webhook = Webhook(
        Tools(http=None, now=lambda: NOW, settings={"url": "https://a.example/"}, secrets={"a": OLD})
    )
    assert [item async for item in webhook.collect()] == []
