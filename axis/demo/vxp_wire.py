"""The bytes of a VXP call, as the national axis's Java SDK puts them on the wire.

Byte for byte, because a hub that only serves tidy clients serves nobody: the header map of one service
object is never cleared, so old values travel along; its order is that of a Java HashMap; lists are asked
for by POST with no body, counts with ``{}``; the file is followed by CR LF and announced by a hash whose
bytes lose their leading zeros. Pure functions and one small class, no I/O.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

PREFIX = "XroadVnpt-"
VERSION = ("XroadVnpt-version", "3.0.201608")
AGENT = ("User-Agent", "JAVASDKAgent/1.0.0 XRoad/VPCP")
_ESCAPES = {
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f",
    "\u2028": "\\u2028",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """How one operation is sent: method, and the body unless the caller gives one."""

    method: str
    body: bytes | None = b""


SHAPES: dict[str, Shape] = {
    "sendEdoc": Shape("POST"),
    "getReceivedEdocList": Shape("POST"),
    "getSentEdocList": Shape("POST"),
    "getEdoc": Shape("POST", b"{}"),
    "downloadEdoc": Shape("GET", None),
    "updateStatus": Shape("POST", b"{}"),
    "countReceiveEdoc": Shape("POST", b"{}"),
    "countReceiveStatus": Shape("POST", b"{}"),
    "getAgenciesList": Shape("POST"),
    "getAgenciesListQD20": Shape("POST"),
    "getSynchronizeUnit": Shape("POST"),
    "registerAgency": Shape("POST"),
    "deleteAgency": Shape("POST", b"{}"),
}


def stamp(moment: datetime) -> str:
    """Local time; the tail is milliseconds in four digits, and no zone."""
    return f"{moment:%d%m%YT%H%M%S}+{moment.microsecond // 1000:04d}"


def odd_hash(data: bytes) -> str:
    return "".join(f"{byte:x}" for byte in hashlib.sha256(data).digest())


def _bucket(key: str, size: int) -> int:
    """Where a Java HashMap of this many buckets keeps a text."""
    value, wide = 0, key.encode("utf-16-be")
    for unit in (wide[i] << 8 | wide[i + 1] for i in range(0, len(wide), 2)):
        value = (31 * value + unit) & 0xFFFFFFFF
    return (value ^ value >> 16) & (size - 1)


def java_order(keys: list[str]) -> list[str]:
    """Keys, given in the order they were first put in, in the order a Java HashMap walks them."""
    size = 16
    while len(keys) > size * 3 // 4:
        size *= 2
    return sorted(keys, key=lambda key: _bucket(key, size))


def signed_text(values: Mapping[str, str]) -> str:
    def quoted(text: str) -> str:
        return '"' + "".join(_ESCAPES.get(c, c) for c in text) + '"'

    return "{" + ",".join(f"{quoted(PREFIX + k)}:{quoted(values[k])}" for k in java_order(list(values))) + "}"


class ServiceObject:
    """One service object of the SDK: a header map that lives, and grows, as long as the object."""

    def __init__(self, system_id: str, secret: str, made_at: datetime) -> None:
        self._secret = secret.encode()
        self.values: dict[str, str] = {"systemid": system_id, "timestamp": stamp(made_at)}
        self.values["Content-Type"] = "application/json"

    def put(self, values: Mapping[str, str]) -> None:
        """What the caller gives for one call. It stays for all later ones."""
        self.values.update(values)

    def _signed_headers(self) -> list[tuple[str, str]]:
        order, text = java_order(list(self.values)), signed_text(self.values)
        return [
            ("XroadVnpt-sign-header-key", ";".join(order)),
            ("XroadVnpt-sign-header", text),
            ("XroadVnpt-hash-header", hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()),
            AGENT,
            VERSION,
        ]

    def apache_headers(self, host: str, body: bytes | None) -> list[tuple[str, str]]:
        """All operations but sendEdoc: each value a line, Content-Type before its twin."""
        self.values["Content-Type"] = "application/json"
        headers: list[tuple[str, str]] = []
        for key in java_order(list(self.values)):
            if key == "Content-Type":
                headers.append(("Content-Type", self.values[key]))
            value = "".join(" " if c in "\r\n" else c for c in self.values[key])
            headers.append((PREFIX + key, value))
        headers += self._signed_headers()
        headers += [("Content-Length", str(len(body)))] if body is not None else []
        headers += [("Host", host), ("Connection", "Keep-Alive")]
        headers += [("Expect", "100-continue")] if body else []
        return [*headers, ("Accept-Encoding", "gzip,deflate")]

    def send_headers(self, host: str, file: bytes) -> list[tuple[str, str]]:
        """sendEdoc: another HTTP stack, whose header names ignore case, so that of two keys that differ
        by case only the later is sent, where the earlier stood."""
        self.values["Content-Type"] = "application/octet-stream"
        self.values["hash-file"] = odd_hash(file)
        lines: dict[str, tuple[str, str]] = {}
        for key in java_order(list(self.values)):
            lines[key.lower()] = (PREFIX + key, self.values[key])
        return [
            ("Content-Type", "application/octet-stream"),
            *lines.values(),
            *self._signed_headers(),
            ("Cache-Control", "no-cache"),
            ("Pragma", "no-cache"),
            ("Host", host),
            ("Accept", "text/html, image/gif, image/jpeg, */*; q=0.2"),
            ("Connection", "keep-alive"),
            ("Content-Length", str(len(file) + 2)),
        ]


def head(method: str, path: str, headers: list[tuple[str, str]]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode()
