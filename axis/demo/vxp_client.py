"""A client of the VXP API that behaves on the wire as the national axis's Java SDK does.

For the demo's offices and for tests: a connection of its own for each call but sendEdoc (which keeps
one), documents and agencies on separate service objects whose header maps are never cleared, waiting
3 s for ``100 Continue`` and then sending anyway, repeating a call whose connection broke (twice in all
for sendEdoc, ``retry`` times for the others), no timeouts. What the SDK makes of an answer is done here
too, so that an answer its readers cannot use fails here as well.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from axis.demo.vxp_wire import SHAPES, ServiceObject, head

CONTINUE_WAIT = 3.0
_HANOI = timedelta(hours=7)
_LISTS = frozenset(
    {"getReceivedEdocList", "getSentEdocList", "getAgenciesList", "getAgenciesListQD20", "getSynchronizeUnit"}
)
_AGENCY_CALLS = frozenset(
    {"getAgenciesList", "getAgenciesListQD20", "getSynchronizeUnit", "registerAgency", "deleteAgency"}
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP answer. ``headers`` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Result:
    """What the SDK's getters would give. No answer at all: every text is empty. ``values``: the JSON."""

    status: str = ""
    error_code: str = ""
    error_desc: str = ""
    doc_id: str = ""
    items: tuple[dict[str, Any], ...] | None = None
    count: int = -1
    data: bytes = b""
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        return self.status == "OK" and self.error_code == "0"

    @property
    def temporary(self) -> bool:
        """Silence, or the axis's word for "retry"."""
        return self.error_code in ("", "20")


class VxpClient:
    """Use as an asynchronous context manager. ``sdk``: which version's reading of answers is followed."""

    def __init__(
        self,
        endpoint: str,
        system_id: str,
        secret: str,
        *,
        sdk: str = "2.0.1",
        retry: int = 3,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC) + _HANOI,
    ) -> None:
        parts = urlsplit(endpoint)
        self._host, self._port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        self._authority, self._base = parts.netloc, parts.path
        self._tls = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._sdk, self._retry = sdk, retry
        self.documents = ServiceObject(system_id, secret, now())
        self.agencies = ServiceObject(system_id, secret, now())
        self._kept: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._kept is not None:
            await _close(self._kept[1])
            self._kept = None

    # the SDK's operations

    async def call(
        self, operation: str, values: Mapping[str, str] | None = None, data: bytes | None = None
    ) -> Result:
        """Any operation, read as the SDK reads it. ``data``: the file, or registerAgency's text."""
        return self.read(operation, await self.exchange(operation, values, data))

    async def exchange(
        self, operation: str, values: Mapping[str, str] | None = None, data: bytes | None = None
    ) -> Exchange | None:
        """Any operation, as it comes back; None when the connection broke every time."""
        shape = SHAPES[operation]
        service = self.agencies if operation in _AGENCY_CALLS else self.documents
        service.put(values or {})
        if operation == "sendEdoc":
            body = (data or b"") + b"\r\n"
            path = f"{self._base}/{operation}"  # a slash at the end of the endpoint gives two here
            request = head(shape.method, path, service.send_headers(self._authority, data or b""))
            return await self._repeat(2, lambda: self._on_kept(request, body))
        entity = shape.body if data is None else data
        path = f"{self._base.rstrip('/')}/{operation}"
        request = head(shape.method, path, service.apache_headers(self._authority, entity))
        return await self._repeat(self._retry, lambda: self._on_new(request, entity or b""))

    def read(self, operation: str, answer: Exchange | None) -> Result:
        """What the SDK makes of an answer."""
        if answer is None:
            return Result()
        if operation == "downloadEdoc":  # a body of any status is the document
            found = answer.body
            return Result("SUCCESS" if found else "FAIL", "0" if found else "100", data=found)
        charset = "ascii" if operation == "sendEdoc" else "utf-8"
        try:
            values = json.loads(b"".join(answer.body.splitlines()).decode(charset, "replace"))
            return self._filled(operation, values)
        except (ValueError, KeyError, TypeError):
            return Result()

    def _filled(self, operation: str, values: Mapping[str, Any]) -> Result:
        texts = [values[name] for name in ("status", "ErrorCode", "ErrorDesc")]
        if None in texts:
            raise ValueError("a required field is null")
        status, code, text = (str(t) for t in texts)
        result: dict[str, Any] = {"status": status, "error_code": code, "error_desc": text, "values": values}
        if operation == "sendEdoc":
            result["doc_id"] = str(values["DocId"])
        elif operation == "getEdoc" and (status != "FAIL" or self._sdk == "2.0.0"):
            result["data"] = base64.b64decode(values["data"])
        elif operation.startswith("count") and status != "FAIL":
            result["count"] = int(values["count"])
        elif operation in _LISTS and code == "0":
            items = values["data"]
            lost = any(
                value is None or isinstance(value, list | dict) for item in items for value in item.values()
            )
            result["items"] = None if lost else tuple(items)
        return Result(**result)

    # shorter names for what an office does all day

    async def send_edoc(self, data: bytes, message_type: str = "edoc", sender: str = "") -> Result:
        values = {"servicetype": "eDoc", "messagetype": message_type}
        return await self.call("sendEdoc", values | ({"from": sender} if sender else {}), data)

    async def received(self, message_type: str = "edoc") -> list[str]:
        """Ids of what waits; empty also when there was no answer."""
        values = {"servicetype": "eDoc", "messagetype": message_type}
        result = await self.call("getReceivedEdocList", values)
        return [str(item["docId"]) for item in result.items or ()]

    async def fetch(self, doc_id: str) -> bytes | None:
        """A package's bytes, by the call a program on this SDK version would use."""
        if self._sdk == "2.0.0":
            return (await self.call("getEdoc", {"docId": doc_id, "filePath": "/tmp/edoc"})).data or None  # noqa: S108  # a folder of the imagined client, never touched
        return (await self.call("downloadEdoc", {"docId": doc_id, "filePath": "/tmp/edoc"})).data or None  # noqa: S108  # the same

    async def update_status(self, doc_id: str, status: str) -> Result:
        return await self.call("updateStatus", {"docId": doc_id, "status": status})

    # the wire

    async def _repeat(self, times: int, once: Callable[[], Any]) -> Exchange | None:
        for _ in range(times):
            try:
                answer: Exchange = await once()
            except (ConnectionError, asyncio.IncompleteReadError):
                continue
            return answer
        return None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._host, self._port, ssl=self._tls, limit=2**20)

    async def _on_new(self, request: bytes, body: bytes) -> Exchange:
        reader, writer = await self._connect()
        try:
            writer.write(request)
            if body:
                early = await _await_continue(reader)
                if early is not None:
                    return early
                writer.write(body)
            await writer.drain()
            return await _read_answer(reader)
        finally:
            await _close(writer)

    async def _on_kept(self, request: bytes, body: bytes) -> Exchange:
        kept, self._kept = self._kept, None
        reader, writer = kept if kept and not kept[0].at_eof() else await self._connect()
        try:
            writer.write(request)
            writer.write(body)
            await writer.drain()
            answer = await _read_answer(reader)
        except BaseException:
            await _close(writer)
            raise
        if answer.headers.get("connection", "").lower() == "close" or self._kept is not None:
            await _close(writer)
        else:
            self._kept = reader, writer
        return answer


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        return  # the other side was faster


async def _await_continue(reader: asyncio.StreamReader) -> Exchange | None:
    """None: send the body. An answer: it came instead of the permission to go on."""
    try:
        async with asyncio.timeout(CONTINUE_WAIT):
            status, headers = await _read_head(reader)
    except TimeoutError:
        return None
    return None if status == 100 else await _read_body(reader, status, headers)


async def _read_answer(reader: asyncio.StreamReader) -> Exchange:
    status, headers = await _read_head(reader)
    while status == 100:
        status, headers = await _read_head(reader)
    return await _read_body(reader, status, headers)


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines[1:] if line)
    return int(lines[0].split(" ")[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def _read_body(reader: asyncio.StreamReader, status: int, headers: dict[str, str]) -> Exchange:
    if "content-length" in headers:
        return Exchange(status, headers, await reader.readexactly(int(headers["content-length"])))
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return Exchange(status, headers, b"" if status == 204 else await reader.read())
    pieces = []
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        pieces.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return Exchange(status, headers, b"".join(pieces))
