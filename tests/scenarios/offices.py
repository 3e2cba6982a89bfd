"""Senders and receivers as real programs: ``python -m tests.scenarios.offices --config FILE``.

Each writes its own history, a line of JSON at a time, on the disk before it acts on it; the checker
believes these files and nothing else. They end when their standard input closes: a sender finishes the
document in its hand first, asking again until it has an answer.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from axis.demo.authority import Issued, PrivateKey
from axis.demo.vxp_client import VxpClient
from tests.scenarios.parcels import parcel_bytes


class Book:
    """A history: durable line by line."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, event: str, **facts: object) -> None:
        os.write(self._fd, json.dumps({"event": event, **facts}).encode() + b"\n")
        os.fdatasync(self._fd)


def load_issued(folder: Path) -> Issued:
    key = load_pem_private_key((folder / "seal.key.pem").read_bytes(), None)
    chain = tuple(x509.load_pem_x509_certificates((folder / "seal.chain.pem").read_bytes()))
    assert isinstance(key, PrivateKey)
    return Issued(key, chain[0], chain)


class Sender:
    """``config``: unit, endpoints, receivers, parallel, limit, largest, often, seed."""

    def __init__(self, config: dict[str, Any], stop: asyncio.Event) -> None:
        self._config, self._stop = config, stop
        self._book = Book(Path(config["history"]))
        self._random = random.Random(config["seed"])
        self._numbers = itertools.count(1)
        self._issued = load_issued(Path(config["folder"]))

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for place in range(self._config["parallel"]):
                endpoint = self._config["endpoints"][place % len(self._config["endpoints"])]
                group.create_task(self._desk(endpoint))

    async def _desk(self, endpoint: str) -> None:
        config = self._config
        async with VxpClient(endpoint, config["system_id"], config["secret"]) as client:
            while not self._stop.is_set() and (number := next(self._numbers)) <= config["limit"]:
                await self._one(client, f"{config['prefix']}{number}")
                await self._rest(self._random.uniform(0, config["pause"]))

    def _size(self) -> int:
        """Of the attachment; the package is a third larger."""
        return int(self._random.uniform(2_500, self._config["largest"] if self._random.random() < 0.2 else 45_000))

    async def _one(self, client: VxpClient, number: str) -> None:
        config = self._config
        receivers = sorted(self._random.sample(config["receivers"], self._random.randint(1, len(config["receivers"]))))
        seed = self._random.getrandbits(40)
        parcel, data = await asyncio.to_thread(
            parcel_bytes, self._issued, config["unit"], receivers, number=number, size=self._size(), seed=seed
        )
        facts = {"document": parcel.document_id, "sha256": parcel.sha256}
        self._book.write("intend", **facts, size=parcel.size, receivers=receivers)
        again = self._random.random() < 0.15  # as if the answer had been lost
        while True:
            answer = await self._ask(client, data)
            self._book.write(
                "answer", **facts, ok=answer.ok, code=answer.error_code, text=answer.error_desc, id=answer.doc_id
            )
            if answer.ok and not again:
                return
            if answer.ok:
                again = False
                continue
            if not answer.temporary:
                return
            await asyncio.sleep(self._random.uniform(0.02, 0.2))

    async def _ask(self, client: VxpClient, data: bytes) -> Any:
        return await client.send_edoc(data, "edoc", sender=self._config["unit"])

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return


class Mailbox:
    """Looks, fetches, writes down, confirms: the loop of the real client."""

    def __init__(self, config: dict[str, Any], stop: asyncio.Event) -> None:
        self._config, self._stop = config, stop
        self._book = Book(Path(config["history"]))

    async def run(self) -> None:
        config = self._config
        endpoints = itertools.cycle(config["endpoints"])
        while not self._stop.is_set():
            async with VxpClient(next(endpoints), config["system_id"], config["secret"]) as client:
                waiting = await client.received()
                for key in waiting:
                    await self._take(client, key)
            if not waiting:
                await self._rest(0.1)

    async def _take(self, client: VxpClient, key: str) -> None:
        answer = await client.exchange("downloadEdoc", {"docId": key, "filePath": "/tmp/x"})
        if answer is None or answer.status != 200 or not answer.body:
            return
        self._book.write("received", key=key, sha256=hashlib.sha256(answer.body).hexdigest(), size=len(answer.body))
        done = await client.update_status(key, "done")
        self._book.write("confirmed", key=key, ok=done.ok, code=done.error_code)

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return


class Hook:
    """A receiver that is called, checks the caller, and fetches from the link it was given."""

    def __init__(self, config: dict[str, Any], stop: asyncio.Event) -> None:
        self._config, self._stop = config, stop
        self._book = Book(Path(config["history"]))
        self._secret = base64.b64decode(config["hook_secret"].removeprefix("whsec_"))

    async def run(self) -> None:
        app = web.Application(client_max_size=64 * 1024)
        app.router.add_post("/hook", self._called)
        async with aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=15)) as self._http:
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self._config["hook_port"]).start()
            await self._stop.wait()
            await runner.cleanup()

    async def _called(self, request: web.Request) -> web.Response:
        body, key = await request.read(), request.headers["webhook-id"]
        signed = f"{key}.{request.headers['webhook-timestamp']}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.new(self._secret, signed, hashlib.sha256).digest()).decode()
        if expected not in request.headers["webhook-signature"].split(" "):
            self._book.write("forged", key=key)
            return web.Response(status=401)
        try:
            async with self._http.get(json.loads(body)["data"]["pull_link"]) as answer:
                data = await answer.read() if answer.status == 200 else b""
        except (aiohttp.ClientError, TimeoutError) as error:
            self._book.write("not-fetched", key=key, why=repr(error))
            return web.Response(status=503)
        if not data:
            self._book.write("not-fetched", key=key, why=str(answer.status))
            return web.Response(status=503)
        self._book.write("received", key=key, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        return web.Response(status=200)


ROLES: dict[str, Any] = {"sender": Sender, "mailbox": Mailbox, "hook": Hook}


async def _main(configs: list[dict[str, Any]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told() -> None:
        loop.remove_reader(sys.stdin.fileno())
        stop.set()

    loop.add_reader(sys.stdin.fileno(), told)
    async with asyncio.TaskGroup() as group:
        for config in configs:
            group.create_task(ROLES[config["role"]](config, stop).run())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, required=True)
    asyncio.run(_main(json.loads(parser.parse_args().config.read_text())))
