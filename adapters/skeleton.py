"""skeleton: copy this file to write a new kind. It is a small working one: PUT the package to a URL.

Copy it to ``adapters/<kind>.py`` (or into a package of your own), rename, change ``deliver``, register
the class under the entry-point group ``axis.adapters``, add the kind to the conformance suite. What you
may rely on, and what is asked of you, stands beside each part. docs/adapter-guide.md is the longer text.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

from adapters import answers
from axis.adapter import Health, Inbound, Outcome, Parcel, Tools, nothing, read_settings
from axis.domain.errors import SetupError


# 1. Settings: a frozen dataclass. An operator's input arrives here first, at onboarding, so each value
#    is judged in __post_init__ and refused by name. Secrets do not belong here but in ``tools.secrets``.
@dataclass(frozen=True, slots=True)
class SkeletonSettings:
    """``url``: each parcel is PUT to ``url/<delivery id>``; ``timeout``: seconds allowed on top of the
    time that the bytes take at ``slowest`` bytes a second."""

    url: str
    timeout: float = 20.0
    slowest: float = 64 * 1024

    def __post_init__(self) -> None:
        if not isinstance(self.url, str) or not self.url.startswith(("https://", "http://")):
            raise SetupError("adapter.setting-wrong", name="url", why="https://…")
        for name, value in (("timeout", self.timeout), ("slowest", self.slowest)):
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise SetupError("adapter.setting-wrong", name=name, why="> 0")


class Skeleton:
    # 2. ``kind`` is the name operators choose; ``pulls`` is true only when the unit fetches by itself.
    kind: ClassVar[str] = "skeleton"
    pulls: ClassVar[bool] = False
    Settings: ClassVar[type] = SkeletonSettings

    # 3. Everything from outside comes in ``tools``. Open no session, read no clock, keep no state that a
    #    restart would lose: several copies of this object may serve one unit.
    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._settings = read_settings(SkeletonSettings, tools.settings)

    # 4. The one question. The same parcel may come again after a success whose answer was lost, so give
    #    the receiver the delivery id as its key. Stream the bytes. Let CancelledError pass: the axis is
    #    stopping or has given up waiting. Refused only when the receiver says so in agreed words.
    async def deliver(self, parcel: Parcel) -> Outcome:
        digest = base64.b64encode(bytes.fromhex(parcel.sha256)).decode()
        return await answers.send(
            self._tools.http,
            "PUT",
            f"{self._settings.url.rstrip('/')}/{parcel.delivery_id}",
            data=answers.Upload(parcel),
            headers={
                "Idempotency-Key": parcel.delivery_id,
                "Content-Digest": f"sha-256=:{digest}:",  # RFC 9530: the receiver can check what it got
            },
            seconds=self._settings.timeout + parcel.size / self._settings.slowest,
            now=self._tools.now,
        )

    # 5. Systems that are asked for mail instead: yield each piece as Inbound; the axis calls
    #    ``acknowledge`` once it is durable, and only then may it be removed over there.
    def collect(self) -> AsyncIterator[Inbound]:
        return nothing()

    # 6. For the unit's page and `axis doctor`. Ask something harmless; *unproven* is an honest answer.
    async def probe(self) -> Health:
        return Health("unproven", answers.words("probe.untried"))
