"""What the composition root tells the console."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """``key``     32 bytes or more from the hub's key file: signs notes; other than any other key
    ``name``       what the axis is called in the header
    ``version``    shown in the footer
    ``secure``     whether browsers reach us by TLS (or on this machine): cookies are ``__Host-`` and Secure
    ``form``       bytes a form may have
    """

    key: bytes
    name: str = "Trục liên thông văn bản"
    version: str = ""
    secure: bool = True
    form: int = 1 << 20
    now: Callable[[], datetime] = _now

    def cookie(self, name: str) -> str:
        """The name under which a browser keeps a cookie for this host alone."""
        return f"__Host-{name}" if self.secure else name


CONSOLE_SETTINGS = web.AppKey("console_settings", ConsoleSettings)
