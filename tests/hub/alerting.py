"""What the suites about alerts share: deliveries that owe something, a mail server, a call's receiver."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from aiosmtpd.smtp import SMTP as SmtpServer
from aiosmtpd.smtp import AuthResult

from axis.domain.clock import VIETNAM
from axis.domain.deadlines import Rule
from axis.hub.alerting.channels import Caller, Mailer, MailSettings
from axis.hub.alerting.messenger import Messenger, MessengerSettings
from axis.hub.alerting.watch import Watch, WatchSettings
from axis.outbound import OutboundPolicy, guarded_session, networks
from axis.store.alerts import Alerts
from axis.store.database import Database
from axis.webhooks import new_secret
from tests.hub.world import MINISTRY, ROADS, World

SECRET = new_secret()
SENDER = "truc@giao-thong.vn"
CLERK, CHIEF, OPERATOR = "van-thu@duong-bo.vn", "van-phong@bo.vn", "truc-ban@bo.vn"

OWING = """
with made as (
    select gen_random_uuid() as package_id, gen_random_uuid() as id, n from generate_series(1, $1::int) n
), p as (
    insert into package (id, kind, business_type, sender, sender_name, source_unit, identity, document_id, code_number,
        code_notation, subject, type_name, signer_name, priority, paper, about, status_code, sha256, size, encoding,
        verdict, details, front, received_at, send_due_at)
    select package_id, 'document', 0, '000.00.00.G04', $2, $3::uuid, package_id::text, coalesce($4, package_id::text),
           n::text, 'TB', $5, 'Thông báo', 'A', $6::smallint, '', '', '', repeat('0', 64), 1, 'UTF-8', 'proven', '{}',
           'test', $7::timestamptz, $8::timestamptz
    from made returning id
), d as (
    insert into delivery (id, package_id, unit_id, receivers, kind, priority, source_unit, business_type, look_at,
        arrived_at, arrival_due_at, register_due_at, finish_due_at, missed)
    select made.id, p.id, $9::uuid, array[$10::text], 'document', $6, $3, 0, $11::timestamptz, $7,
           case when $12 = 'arrival' then $13::timestamptz end, case when $12 = 'register' then $13 end,
           case when $12 = 'finish' then $13 end, $14::smallint
    from made join p on p.id = made.package_id
)
select id from made order by n
"""


def hour(day: int, clock: str) -> datetime:
    """A moment of June 2019, a month without holidays: Monday is the 3rd."""
    return datetime.strptime(f"2019-06-{day:02} {clock}", "%Y-%m-%d %H:%M").replace(tzinfo=VIETNAM)


MONDAY_EVENING, TUESDAY_EVENING = hour(3, "17:00"), hour(4, "17:00")


async def owing(
    world: World, count: int = 1, *, by: str = ROADS, rule: Rule = Rule.REGISTER, due: datetime = MONDAY_EVENING,
    look: datetime | None = None, priority: int = 0, subject: str = "Về việc thử nghiệm", sender_name: str = "Bộ GTVT",
    document_id: str | None = None, received: datetime | None = None, send_due: datetime | None = None,
    missed: int = 8,
) -> list[UUID]:  # fmt: skip
    """So many deliveries to a unit with one deadline set, as the hub leaves them behind."""
    rows = await world.rows(
        OWING, count, sender_name, world.units[MINISTRY].id, document_id, subject, priority,
        received or hour(3, "08:00"), send_due, world.units[by].id, by, look or due, rule.value, due, missed,
    )  # fmt: skip
    return [row["id"] for row in rows]


def watch(world: World, now: datetime | None = None, database: Database | None = None, **settings: Any) -> Watch:
    """The sweep, at a moment of the test's choice."""

    async def then() -> datetime:
        assert now is not None
        return now

    database = database or world.core.database
    return Watch(
        database=database, alerts=Alerts(database), almanac=world.core.almanac, directory=world.core.directory,
        telemetry=world.core.telemetry, settings=WatchSettings(**settings), now=then if now else None,
    )  # fmt: skip


async def told(world: World) -> list[dict[str, Any]]:
    return await world.rows("select * from alert order by at, level, delivery_id")


async def messages(world: World) -> list[dict[str, Any]]:
    return await world.rows("select * from alert_message order by id")


@asynccontextmanager
async def messenger(world: World, mail: MailSettings | None = None, seconds: float = 5.0, now: datetime | None = None,
                    **settings: Any) -> AsyncIterator[Messenger]:  # fmt: skip
    """What sends, with a guarded session of its own that may reach this machine."""
    session = guarded_session(OutboundPolicy(approved=networks(("127.0.0.0/8",)), plain_http=True))
    try:
        yield Messenger(
            alerts=Alerts(world.core.database), directory=world.core.directory, almanac=world.core.almanac,
            mailer=Mailer(mail or MailSettings()), caller=Caller(lambda: session, seconds),
            telemetry=world.core.telemetry, settings=MessengerSettings(**settings),
            now=lambda: now or datetime.now(UTC),
        )  # fmt: skip
    finally:
        await session.close()


Said = Callable[[EmailMessage], str | Awaitable[str]]


@dataclass
class Postbox:
    """A real mail server on this machine. ``answer``: what it says to a message; ``to``: to an address."""

    answer: Said = lambda message: "250 OK"
    to: Callable[[str], str] = lambda address: "250 OK"
    password: str = ""
    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        said = self.to(address)
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.letters.append(message)
        self.raw.append(envelope.content)
        said = self.answer(message)
        return said if isinstance(said, str) else await said

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = data.password == self.password.encode()
        # A careless server, that repeats what it was told.
        said = None if right else f"535 5.7.8 no: {data.login.decode()} {data.password.decode()}"
        return AuthResult(success=right, handled=False, message=said)

    @asynccontextmanager
    async def open(self, *, tls: ssl.SSLContext | None = None, implicit: bool = False) -> AsyncIterator[Postbox]:
        login = {"authenticator": self.authenticate, "auth_required": True} if self.password else {}
        made = lambda: SmtpServer(  # noqa: E731  # one per connection
            self, hostname="postbox.test", loop=asyncio.get_running_loop(), tls_context=None if implicit else tls,
            require_starttls=bool(tls) and not implicit, auth_require_tls=not implicit, **login,
        )  # fmt: skip
        server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0, ssl=tls if implicit else None)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()

    def settings(self, **changes: Any) -> MailSettings:
        given: dict[str, Any] = {"security": "none", "timeout": 5.0, "name": "Trục liên thông Bộ GTVT"} | changes
        return MailSettings(host="localhost", port=self.port, sender=SENDER, **given)
