"""webhook: tell the unit's system that something waits, and where to fetch it.

A signed, thin call as in Standard Webhooks 1.0: less than 20 kB whatever the size of the document; the
bytes are fetched from ``pull_link``, which also records who fetched what. The body of a retry differs
only in that link. A receiver accepts with any 2xx, refuses for good with 422 and
``{"refused": true, "code": "...", "reason": "..."}``, and is asked again after anything else.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from uuid import uuid4

from adapters import answers
from axis import webhooks
from axis.adapter import Delivered, Health, Inbound, Outcome, Parcel, Refused, Tools, nothing, read_settings
from axis.domain.errors import SetupError

MOST_BYTES = 20_000
_TYPES = {"document": "van-ban.moi", "status": "trang-thai.moi"}
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
# what the signature or the connection rests on is not an operator's to overwrite
_OURS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "expect"})


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """``url`` of the receiver; ``timeout`` of one call in seconds; ``headers`` sent in addition;
    ``ca``: certificate authorities of the receiver (PEM), in place of the machine's."""

    url: str
    timeout: float = 20.0
    headers: Mapping[str, str] = field(default_factory=dict)
    ca: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.url, str) or not self.url.startswith(("https://", "http://")):
            raise _wrong("url", "https://…")
        if isinstance(self.timeout, bool) or not isinstance(self.timeout, int | float):
            raise _wrong("timeout", "0.1–120")
        if not 0.1 <= self.timeout <= 120:
            raise _wrong("timeout", "0.1–120")
        if not isinstance(self.headers, Mapping):
            raise _wrong("headers", "{name: value}")
        for name, value in self.headers.items():
            _check_header(name, value)
        if self.ca:
            self.trust()

    def trust(self) -> ssl.SSLContext | None:
        if not self.ca:
            return None
        try:
            return ssl.create_default_context(cadata=self.ca)
        except (ssl.SSLError, ValueError, TypeError) as error:
            raise _wrong("ca", "PEM") from error


def _wrong(name: str, why: str) -> SetupError:
    return SetupError("adapter.setting-wrong", name=name, why=why)


def _check_header(name: object, value: object) -> None:
    if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
        raise _wrong("headers", repr(name)[:80])
    if name.lower() in _OURS or name.lower().startswith("webhook-"):
        raise _wrong("headers", name)
    if not isinstance(value, str) or not value.isprintable() or not value.isascii():
        raise _wrong("headers", name)


class Webhook:
    """Every secret named in ``tools.secrets`` that starts ``whsec_`` or ``whsk_`` signs; one named
    ``authorization`` is sent as that header."""

    kind: ClassVar[str] = "webhook"
    pulls: ClassVar[bool] = False
    Settings: ClassVar[type] = WebhookSettings

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._settings = read_settings(WebhookSettings, tools.settings)
        self._trust = self._settings.trust()
        named = {name: value for name, value in tools.secrets.items() if name != "authorization"}
        self._secrets = tuple(named[name] for name in sorted(named))
        if not self._secrets:
            raise SetupError("webhook.secret-missing")
        for secret in self._secrets:
            webhooks.check_secret(secret)

    async def deliver(self, parcel: Parcel) -> Outcome:
        outcome = await self._call(parcel.delivery_id, payload(parcel))
        if isinstance(outcome, Delivered):
            return replace(outcome, proof=f"{outcome.proof} (webhook-id {parcel.delivery_id})")
        return outcome

    def collect(self) -> AsyncIterator[Inbound]:
        return nothing()

    async def probe(self) -> Health:
        """A signed ``ping``: proves address, certificate and, when the receiver checks it, the secret."""
        now = self._tools.now()
        body = _encoded({"type": "ping", "timestamp": now.isoformat(), "data": {}})
        outcome = await self._call(f"ping-{uuid4()}", body)
        if isinstance(outcome, Delivered):
            return Health("ok", answers.words("probe.answered", answer=outcome.proof))
        return Health("failing", outcome.text if not isinstance(outcome, Refused) else f"422 {outcome.code}")

    async def _call(self, message_id: str, body: bytes) -> Outcome:
        stamp = int(self._tools.now().timestamp())
        headers = {
            **self._settings.headers,
            "Content-Type": "application/json",
            webhooks.ID: message_id,
            webhooks.TIMESTAMP: str(stamp),
            webhooks.SIGNATURE: webhooks.sign(self._secrets, message_id, stamp, body),
        }
        if authorization := self._tools.secrets.get("authorization"):
            headers["Authorization"] = authorization
        return await answers.send(
            self._tools.http,
            "POST",
            self._settings.url,
            data=body,
            headers=headers,
            seconds=self._settings.timeout,
            now=self._tools.now,
            trust=self._trust,
        )


def payload(parcel: Parcel) -> bytes:
    """The call's body: what waits, never the document itself; a long subject is cut to fit."""
    data: dict[str, Any] = {
        "id": parcel.delivery_id,
        "package_id": parcel.package_id,
        "document_id": parcel.document_id,
        "kind": parcel.kind,
        "business_type": parcel.business_type,
        "sender": parcel.sender,
        "receiver": parcel.receiver,
        "subject": parcel.subject,
        "priority": parcel.priority,
        "verdict": parcel.verdict,
        "sha256": parcel.sha256,
        "size": parcel.size,
        "pull_link": parcel.pull_link,
    }
    event = {
        "type": _TYPES.get(parcel.kind, f"{parcel.kind}.moi"),
        "timestamp": parcel.accepted_at.isoformat(),
        "data": data,
    }
    body = _encoded(event)
    room = len(parcel.subject)
    while len(body) >= MOST_BYTES and room:
        room //= 2
        data["subject"] = parcel.subject[:room] + "…"
        body = _encoded(event)
    return body


def _encoded(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
