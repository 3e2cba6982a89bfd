"""One office as a real program, told what to do a line at a time: ``python -m tests.scenarios.desk --config FILE``.

Each line on standard input is a JSON command, each line on standard output its answer. The program holds
its unit's credentials and speaks the client API, like the software of that unit; a unit that is called
serves its hook and keeps what came. ``Desk`` starts one and gives it orders.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import aiohttp
from aiohttp import web

from axis.demo.vxp_client import VxpClient
from axis.edxml.reader import PackageReader
from tests.scenarios.world import Unit


class Office:
    """The program's side."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config
        self._seen: list[dict[str, Any]] = []

    async def run(self) -> None:
        if self._config["hook_port"]:
            app = web.Application()
            app.router.add_post("/hook", self._called)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self._config["hook_port"]).start()
        reader = asyncio.StreamReader(limit=2**24)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        self._answer({"ready": True})
        while line := await reader.readline():
            order = json.loads(line)
            self._answer(await getattr(self, order.pop("do"))(**order))

    @staticmethod
    def _answer(found: object) -> None:
        print(json.dumps(found, ensure_ascii=False), flush=True)

    def _client(self) -> VxpClient:
        return VxpClient(self._config["endpoint"], self._config["system_id"], self._config["secret"])

    async def send(self, file: str, kind: str) -> dict[str, Any]:
        async with self._client() as client:
            answer = await client.send_edoc(Path(file).read_bytes(), kind)
        return {"ok": answer.ok, "code": answer.error_code, "text": answer.error_desc, "id": answer.doc_id}

    async def waiting(self, kind: str) -> list[str]:
        async with self._client() as client:
            return await client.received(kind)

    async def fetch(self, key: str) -> dict[str, Any] | None:
        async with self._client() as client:
            data = await client.fetch(key)
        return _read(data) if data else None

    async def confirm(self, key: str) -> bool:
        async with self._client() as client:
            return (await client.update_status(key, "done")).ok

    async def sent(self, key: str) -> list[dict[str, Any]]:
        async with self._client() as client:
            values = {"servicetype": "eDoc", "messagetype": "edoc", "docId": key}
            return list((await client.call("getSentEdocList", values)).items or ())

    async def came(self) -> list[dict[str, Any]]:
        """What a called unit has been given, in order."""
        return self._seen

    async def _called(self, request: web.Request) -> web.Response:
        data = json.loads(await request.read())["data"]
        async with aiohttp.ClientSession() as http, http.get(data["pull_link"]) as answer:
            if answer.status != 200:
                return web.Response(status=503)
            self._seen.append({**_read(await answer.read()), "package": data["package_id"]})
        return web.Response(status=200)


def _read(data: bytes) -> dict[str, Any]:
    reader = PackageReader()
    reader.feed(data)
    package = reader.close().package
    about = package.response_for[0].document_id if package.response_for else ""
    return {
        "kind": package.kind.value, "document_id": package.document_id, "status": package.status_code, "about": about,
        "from": package.sender.organ_id, "type": package.business_type, "reason": package.status_description,
    }  # fmt: skip


class Desk:
    """The test's side: starts the program, gives orders, waits for answers."""

    def __init__(self, unit: Unit, endpoint: str, folder: Path) -> None:
        self.unit, self._folder = unit, folder
        self._file = folder / f"{unit.code}.json"
        self._file.touch(mode=0o600)
        self._file.write_text(json.dumps({
            "endpoint": endpoint, "system_id": unit.system_id, "secret": unit.secret, "hook_port": unit.hook_port,
        }))  # fmt: skip
        self._number = 0

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.scenarios.desk", "--config", str(self._file), limit=2**24,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert (await self._line()) == {"ready": True}
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def _line(self) -> Any:
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            return json.loads(await self._process.stdout.readline())

    async def do(self, what: str, **order: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **order}).encode() + b"\n")
        return await self._line()

    async def send(self, data: bytes, kind: str = "edoc") -> dict[str, Any]:
        """Hand in a package; the answer as the client reads it."""
        self._number += 1
        file = self._folder / f"{self.unit.code}-{self._number}.edxml"
        file.write_bytes(data)
        answer: dict[str, Any] = await self.do("send", file=str(file), kind=kind)
        return answer

    async def take_all(self, kind: str = "edoc") -> list[dict[str, Any]]:
        """Fetch and confirm everything that waits, in the order of the list."""
        found = []
        for key in await self.do("waiting", kind=kind):
            found.append(await self.do("fetch", key=key))
            assert await self.do("confirm", key=key)
        return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, required=True)
    asyncio.run(Office(json.loads(parser.parse_args().config.read_text())).run())
