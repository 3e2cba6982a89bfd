"""The sender of a measurement, a process of its own: ``python -m benchmarks.load``.

Requests are made beforehand, head and body ready as bytes; while the clock runs they are only written to
sockets. A request has a connection of its own, as the API demands. The parent gives one burst a line
on standard input (JSON: port, size, requests, inflight) and gets one line back.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import cast

import uvloop

from axis.demo.vxp_wire import ServiceObject, head
from benchmarks.machine import percentile
from benchmarks.ministry import SECRET, SENDER, SYSTEM, Ministry, Prepared, receivers

Request = tuple[bytes, bytes]


class Exchange(asyncio.Protocol):
    """One request and its answer."""

    def __init__(self, request: Request, done: asyncio.Future[bytes]) -> None:
        self._request = request
        self.done = done
        self._heard = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).writelines(self._request)

    def data_received(self, data: bytes) -> None:
        self._heard += data

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(bytes(self._heard))


def request(package: Prepared, port: int) -> Request:
    """As the national client sends a document: signed head, announced digest, CR LF at the end."""
    service = ServiceObject(SYSTEM, SECRET, datetime.now())  # noqa: DTZ005  # the client's stamp is local time
    service.put({"servicetype": "eDoc", "messagetype": "edoc", "from": SENDER, "to": json.dumps(receivers(10))})
    headers = service.send_headers(f"127.0.0.1:{port}", package.data)
    return head("POST", "/vxp/sendEdoc", headers) + package.head, package.body + b"\r\n"


async def burst(requests: list[Request], port: int, inflight: int) -> dict[str, float]:
    """Send them all, ``inflight`` at a time."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    failed: list[bytes] = []
    waiting = iter(requests)

    async def sender() -> None:
        for one in waiting:
            started, exchange = time.perf_counter(), Exchange(one, loop.create_future())
            await loop.create_connection(lambda made=exchange: made, "127.0.0.1", port)  # type: ignore[misc]  # bound now
            async with asyncio.timeout(60):
                answer = await exchange.done
            times.append(time.perf_counter() - started)
            if b" 200 " not in answer[:16] or b'"ErrorCode":"0"' not in answer.replace(b": ", b":"):
                failed.append(answer)

    cpu, started = time.process_time(), time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(inflight)))
    took = time.perf_counter() - started
    if failed:
        print(failed[0].decode("utf-8", "replace"), file=sys.stderr)
    return {
        "rate": len(times) / took, "p50": percentile(times, 0.5), "p99": percentile(times, 0.99),
        "failed": len(failed), "cpu": (time.process_time() - cpu) / len(times),
    }  # fmt: skip


class Stock:
    """Prepared packages by size. The axis is sent each once; the bare handler takes anything."""

    def __init__(self, ministry: Ministry) -> None:
        self._ministry = ministry
        self._sources: dict[int, Iterator[Prepared]] = {}
        self._tails: dict[int, bytes] = {}

    def take(self, size: int, count: int, port: int) -> list[Request]:
        source = self._sources.setdefault(size, self._ministry.packages(size))
        made = []
        for package in islice(source, count):
            start, tail = request(package, port)
            made.append((start, self._tails.setdefault(size, tail)))  # one body in memory for all of a size
        return made


def main() -> None:
    stock = Stock(Ministry(Path(sys.argv[1])))
    print("ready", flush=True)
    for line in sys.stdin:
        wish = json.loads(line)
        requests = stock.take(wish["size"], wish["requests"], wish["port"])
        print("go", flush=True)
        print(json.dumps(uvloop.run(burst(requests, wish["port"], wish["inflight"]))), flush=True)


if __name__ == "__main__":
    main()
