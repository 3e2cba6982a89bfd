"""The two ways an alert leaves the axis: by mail, and by a signed call to a unit's system.

Each sends one thing once and says ``Sent`` or ``Failed``; nothing is final, the messenger decides when to try
again. What they say goes into lists that people read, so it never quotes a password, a login dialogue, an
address with its query, or the body of an answer.

Mail: one conversation per message, all of it within ``timeout``. A password is only ever spoken under TLS, and
the certificate must hold. Calls: the guarded session, no redirects, signed as in axis/webhooks.py or not sent.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from pathlib import Path
from uuid import UUID

import aiohttp
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from axis import webhooks
from axis.domain.catalogue import entry
from axis.domain.directory import is_email
from axis.domain.errors import AxisError, SetupError
from axis.hub.alerting.letters import Sender, line

SECURITY = ("none", "starttls", "tls")
DOWN = frozenset({"alert.silent", "alert.unreachable", "alert.mail-login"})
"""What a server or system does to everybody alike."""


@dataclass(frozen=True, slots=True)
class Sent:
    """``note``: what the other side said."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """``waits``: seconds until it makes sense to try again, when that is not a matter of patience; ``down``: it was
    the other side that failed, not this message: whatever else goes there would fare the same."""

    note: str
    waits: float | None = None
    down: bool = False


def failed(code: str, waits: float | None = None, /, **facts: object) -> Failed:
    """In the words of the catalogue, with the code a person can look up."""
    return Failed(f"{entry(code).text('vi', facts).strip()} [{code}]", waits, code in DOWN)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Section ``mail`` of the configuration; ``name``: shown beside the sender's address. Raises SetupError for
    what could never work; an empty ``host`` means that e-mail is off."""

    host: str = ""
    port: int = 25
    security: str = "starttls"
    username: str = ""
    password_file: str = ""
    sender: str = ""
    timeout: float = 20.0
    name: str = ""

    def __post_init__(self) -> None:
        if not self.host:
            return
        if self.security not in SECURITY:
            raise SetupError("alert.mail-security", value=self.security)
        if not is_email(self.sender):
            raise SetupError("alert.mail-sender", value=self.sender)
        if self.username and self.security == "none":
            raise SetupError("alert.mail-in-clear")

    def password(self) -> str:
        """Read anew each time, so that a change needs no restart."""
        if not self.password_file:
            return ""
        try:
            return Path(self.password_file).read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SetupError("setup.file", file=self.password_file, detail=type(error).__name__) from error


class _LoginRefused(Exception):
    """Its text is what may be told."""


class Mailer:
    def __init__(self, settings: MailSettings) -> None:
        self.settings = settings

    @property
    def on(self) -> bool:
        return bool(self.settings.host)

    @property
    def sender(self) -> Sender:
        return line(self.settings.name, 100), self.settings.sender

    async def send(self, message: Message, to: str) -> Sent | Failed:
        """One message to one address. Only cancellation and mistakes of ours are raised."""
        wait = self.settings.timeout
        if not is_email(to):  # of units entered before addresses were checked
            return failed("alert.bad-contact", address=line(to, 100))
        try:
            async with asyncio.timeout(wait):
                return Sent(await self._converse(message.as_bytes(), to))
        except _LoginRefused as error:
            return failed("alert.mail-login", why=str(error))
        except SMTPResponseException as error:
            return failed("alert.mail-refused", status=error.code, answer=line(error.message, 200))
        except TimeoutError:  # theirs and ours
            return failed("alert.silent", seconds=f"{wait:g}")
        except AxisError as error:
            return Failed(f"{error.text('vi')} [{error.code}]", down=True)  # the file with the password
        except (SMTPException, OSError) as error:
            cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
            why = "TLS" if isinstance(cause, ssl.SSLError) else type(cause).__name__
            return failed("alert.unreachable", why=why)

    async def _converse(self, message: bytes, to: str) -> str:
        given = self.settings
        client = SMTP(
            hostname=given.host, port=given.port, timeout=given.timeout, use_tls=given.security == "tls",
            start_tls=given.security == "starttls",
        )  # fmt: skip
        try:
            await client.connect()
            if given.username:
                await self._login(client)
            await client.mail(given.sender)
            await client.rcpt(to)
            answer = await client.data(message)
            with suppress(SMTPException, OSError):  # it has been taken; a rude farewell changes nothing
                await client.quit()
            return f"{answer.code} {line(answer.message, 200)}"
        finally:
            client.close()

    async def _login(self, client: SMTP) -> None:
        password = self.settings.password()
        try:
            await client.login(self.settings.username, password)
        except SMTPResponseException as error:
            raise _LoginRefused(str(error.code)) from None  # its text may repeat what we said
        except (SMTPException, ValueError) as error:
            if isinstance(error, TimeoutError | ConnectionError):
                raise
            raise _LoginRefused(type(error).__name__) from None


class Caller:
    """``http`` gives the guarded client session; ``seconds``: for one exchange."""

    def __init__(self, http: Callable[[], aiohttp.ClientSession], seconds: float = 20.0) -> None:
        self._http = http
        self._seconds = seconds

    async def send(
        self, url: str, secrets: Sequence[str], message_id: UUID, body: bytes, now: datetime
    ) -> Sent | Failed:
        """One signed call. Only cancellation and mistakes of ours are raised."""
        stamp = int(now.timestamp())
        try:
            headers = {
                "Content-Type": "application/json",
                webhooks.ID: str(message_id),
                webhooks.TIMESTAMP: str(stamp),
                webhooks.SIGNATURE: webhooks.sign(secrets, str(message_id), stamp, body),
            }
            async with (
                asyncio.timeout(self._seconds),
                self._http().post(url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                status = response.status
        except AxisError as error:  # an address the axis will not call, a secret it cannot sign with
            told = "" if "url" in error.facts else f"{error.text('vi').strip()} "
            return Failed(f"{told}[{error.code}]")
        except TimeoutError:
            return failed("alert.silent", seconds=f"{self._seconds:g}")
        except (aiohttp.ClientError, OSError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            return failed("alert.unreachable", why=line(why, 100))
        return Sent(f"HTTP {status}") if 200 <= status < 300 else failed("alert.answered", status=status)
