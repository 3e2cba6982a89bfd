"""The least that taking a file in durably can cost: ``python -m benchmarks.bare PORT FOLDER``.

An aiohttp handler that streams the body to a file, fdatasyncs it, renames it and answers: no proof who
sends, no check of what, no database. The same server settings and the same one request per connection
(which the national axis's API demands) as the axis.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from uuid import uuid4

import uvloop
from aiohttp import web

ANSWER = b'{"status":"OK","ErrorCode":"0","ErrorDesc":"","DocId":"00000000-0000-0000-0000-000000000000"}'
READ_BUFFER = 256 * 1024


def _settle(fd: int, part: Path, place: Path) -> None:
    try:
        os.fdatasync(fd)
    finally:
        os.close(fd)
    part.rename(place)


def application(folder: Path) -> web.Application:
    async def take(request: web.Request) -> web.Response:
        name = uuid4().hex
        part, place = folder / f"{name}.part", folder / name
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        async for piece in request.content.iter_any():
            os.write(fd, piece)
        await asyncio.get_running_loop().run_in_executor(None, _settle, fd, part, place)
        response = web.Response(body=ANSWER, content_type="application/json")
        response.force_close()
        return response

    app = web.Application(client_max_size=1 << 30)
    app.router.add_post("/{tail:.*}", take)
    return app


async def serve(port: int, folder: Path) -> None:
    runner = web.AppRunner(
        application(folder), access_log=None, read_bufsize=READ_BUFFER,
        max_line_size=128 * 1024, max_field_size=128 * 1024,
    )  # fmt: skip
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_port=True, backlog=1024).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
