"""The admin port: is it alive, may it get work, how is it doing. For machines on the inside network.

``/livez`` needs nothing but a turning event loop: a failing database is no reason to restart a process.
``/readyz`` tells each check by name; 503 takes the process out of rotation. A check that hangs has
failed: it is given a few seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

log = structlog.get_logger()

Check = Callable[[], Awaitable[str]]
"""An empty text when all is well, else what is wrong."""

CHECK_SECONDS = 3.0


class AdminFront:
    def __init__(self, registry: CollectorRegistry, checks: Mapping[str, Check]) -> None:
        self._registry = registry
        self._checks = checks

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/livez", self.alive)
        app.router.add_get("/readyz", self.ready)
        app.router.add_get("/metrics", self.metrics)

    async def alive(self, request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(self, request: web.Request) -> web.Response:
        checks = await asked(self._checks)
        ready = not any(checks.values())
        answer = {"ready": ready, "checks": {name: text or "ok" for name, text in checks.items()}}
        return web.json_response(answer, status=200 if ready else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def asked(checks: Mapping[str, Check]) -> Mapping[str, str]:
    """What each says, by name; empty when all is well. One that hangs or fails says so."""
    results = await asyncio.gather(*(_ask(name, check) for name, check in checks.items()))
    return dict(zip(checks, results, strict=True))


async def _ask(name: str, check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:  # whatever it is, this process is not ready
        log.warning("ready.failed", check=name, exc_info=error)
        return type(error).__name__
