"""``POST /lint``: everything there is to say about a package, before it is ever sent.

Open to whoever reaches the API: integrators use it before they have credentials. So it is bounded: the
body goes to an unnamed file on disk, never to memory; few checks run at once, the others are told to
come back; nothing of the package is kept or logged.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from concurrent.futures import Executor
from pathlib import Path
from typing import IO

from aiohttp import web

from axis.domain.errors import Unavailable
from axis.edxml.linter import lint
from axis.fronts.uploads import Pace, Upload
from axis.fronts.vxp import continue_always

AT_ONCE = 2


class LintFront:
    """``folder``: where bodies lie while they are checked; the store's disk, not a RAM disk."""

    def __init__(
        self, workers: Executor, folder: Path, limit: int = 64 * 1024 * 1024, pace: Pace | None = None
    ) -> None:
        self._workers = workers
        self._folder = folder
        self._limit = limit
        self._pace = pace
        self._running = 0

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/lint", self.handle, expect_handler=continue_always)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self._running >= AT_ONCE:
            raise Unavailable("request.busy")
        self._running += 1
        try:
            body = await self._check(Upload(request, self._limit, self._pace))
        finally:
            self._running -= 1
        return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "no-store"})

    async def _check(self, upload: Upload) -> bytes:
        loop = asyncio.get_running_loop()
        file: IO[bytes] = await loop.run_in_executor(self._workers, self._open)
        try:
            async for piece in upload:
                await loop.run_in_executor(self._workers, file.write, piece)
            return await loop.run_in_executor(self._workers, _report, file)
        finally:
            file.close()

    def _open(self) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=self._folder)


def _report(file: IO[bytes]) -> bytes:
    file.flush()
    return json.dumps(lint(file).to_json(), ensure_ascii=False).encode()
