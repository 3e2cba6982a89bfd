"""The skeleton is a working kind: what is copied from it starts out conforming."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.skeleton import Skeleton
from axis.adapter import Adapter, Later, Tools
from axis.domain.errors import SetupError
from axis.outbound import OutboundPolicy, guarded_session
from tests.adapters.conformance import NOW, ByteConformance, authority, http, make_parcel
from tests.adapters.misbehaviour import status
from tests.adapters.peer import Peer, Request

__all__ = ["authority", "http"]


class TestSkeletonConforms(ByteConformance):
    def settings(self, url: str, seconds: float) -> dict[str, Any]:
        return {"url": url, "timeout": seconds, "slowest": 1e9}

    def build(self, tools: Tools) -> Adapter:
        return Skeleton(tools)

    def key(self, request: Request) -> str:
        return request.headers["idempotency-key"]

    async def test_the_bytes_arrive_as_they_are_with_their_digest(self, http: aiohttp.ClientSession) -> None:
        parcel = make_parcel(300_000)
        async with Peer(status(200)) as peer:
            await self.outcome(http, peer, parcel)
        got = peer.requests[0]
        assert hashlib.sha256(got.body).hexdigest() == parcel.sha256
        digest = base64.b64encode(hashlib.sha256(got.body).digest()).decode()
        assert got.headers["content-digest"] == f"sha-256=:{digest}:"
        assert got.head.startswith(f"PUT /in/{parcel.delivery_id} ".encode())


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({}, "adapter.setting-missing"),
        ({"url": "https://a.example/", "colour": "red"}, "adapter.setting-unknown"),
        ({"url": "sftp://a.example/"}, "adapter.setting-wrong"),
        ({"url": "https://a.example/", "timeout": 0}, "adapter.setting-wrong"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(settings: dict[str, Any], code: str) -> None:
    with pytest.raises(SetupError) as refused:
        Skeleton(Tools(http=None, now=lambda: NOW, settings=settings))
    assert refused.value.code == code


class Nobody(AbstractResolver):
    """A name server that knows no name."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        raise OSError("no such name")

    async def close(self) -> None:
        return None


async def test_a_name_nobody_knows_is_later() -> None:
    async with guarded_session(OutboundPolicy(), Nobody()) as session:
        settings = {"url": "https://gone.example/"}
        outcome = await Skeleton(Tools(http=session, now=lambda: NOW, settings=settings)).deliver(
            make_parcel()
        )
    assert isinstance(outcome, Later) and "delivery.name-unknown" in outcome.text


async def test_health_is_honest_and_nothing_is_collected() -> None:
    skeleton = Skeleton(Tools(http=None, now=lambda: NOW, settings={"url": "https://a.example/"}))
    assert (await skeleton.probe()).state == "unproven"
    assert [item async for item in skeleton.collect()] == []
