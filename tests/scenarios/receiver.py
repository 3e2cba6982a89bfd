"""A receiver that is called, inside the test, so that the test decides when it answers."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Self

import aiohttp
from aiohttp import web

from tests.scenarios.world import Unit


@dataclass(frozen=True)
class Call:
    key: str
    digest: str


class Receiver:
    """An HTTP server on the unit's port. ``gate``: answers wait while it is closed."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.calls: list[Call] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hook", self._called)
        self._http = aiohttp.ClientSession(auto_decompress=False)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._unit.hook_port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.gate.set()
        await self._runner.cleanup()
        await self._http.close()

    async def _called(self, request: web.Request) -> web.Response:
        link = json.loads(await request.read())["data"]["pull_link"]
        async with self._http.get(link) as answer:
            if answer.status != 200:
                return web.Response(status=503)
            digest = hashlib.sha256(await answer.read()).hexdigest()
        self.calls.append(Call(request.headers["webhook-id"], digest))
        await self.gate.wait()
        return web.Response(status=200)

    def by_digest(self) -> dict[str, set[str]]:
        """digest -> the keys it came under."""
        found: dict[str, set[str]] = defaultdict(set)
        for call in self.calls:
            found[call.digest].add(call.key)
        return found
