"""Alerts on their way to people: claim, send, settle.

    claim    the most urgent message that is due, for a lease: its next try is written before this one begins
    send     by mail or by a signed call; the text is made now, so that it says how late it is now
    settle   sent, or again later; guarded by the attempt: who was overtaken settles nothing

A process that dies between sending and settling leaves a message that is sent once more under the same
Message-ID or webhook-id. Tries go on for ever, at last once a day: an alert ends by arriving. When its address left
the directory it goes to whoever listens now, and ends when nobody does. A few messages are sent at once, but one at
a time to one system, and when a system or the mail server does not answer at all, what is due there waits with the
one that found out: who is silent holds up nobody else. While e-mail is off its messages wait, visibly, and count no
tries.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from axis.domain.directory import Unit
from axis.domain.errors import AxisError, Unavailable
from axis.domain.ids import new_id
from axis.domain.schedule import Schedule
from axis.hub.alerting import letters
from axis.hub.alerting.channels import Caller, Failed, Mailer, Sent, failed
from axis.hub.alerting.watch import hearers
from axis.hub.almanac import Almanac
from axis.hub.directory import Directory, Snapshot
from axis.store.alerts import EMAIL, WEBHOOK, Alerts, Message
from axis.telemetry import Telemetry

DELAYS = (60.0, 300.0, 1800.0, 7200.0, 21600.0, 86400.0)
OFF_FOR = 900.0  # seconds until a message is looked at again that only an operator can set free
MOST_HELD = 900.0  # seconds that one failure holds up others: a message that is never taken must not silence the rest
LOOK_AGAIN = 1.0  # seconds between two looks for more while something is under way
LEASE = 120.0  # seconds; longer than any attempt


@dataclass(frozen=True, slots=True)
class MessengerSettings:
    """``with_subject``: whether mail quotes subjects; ``escalate_to``: the operators' addresses; ``at_once``:
    messages on their way at the same time; ``lease``: seconds."""

    with_subject: bool = True
    escalate_to: tuple[str, ...] = ()
    at_once: int = 4
    lease: float = LEASE
    schedule: Schedule = field(default_factory=lambda: Schedule(DELAYS))


@dataclass(frozen=True, slots=True)
class Gone:
    """An address nobody listens at any more. ``hearers``: who does now, and from which level on."""

    hearers: Mapping[str, int]


class Trial(NamedTuple):
    """How a test message fared on one channel."""

    channel: str
    address: str
    sent: bool
    note: str


class Messenger:
    def __init__(
        self, *, alerts: Alerts, directory: Directory, almanac: Almanac, mailer: Mailer, caller: Caller,
        telemetry: Telemetry, settings: MessengerSettings, now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._alerts = alerts
        self._directory = directory
        self._almanac = almanac
        self._mailer = mailer
        self._caller = caller
        self._telemetry = telemetry
        self._settings = settings
        self._now = now
        self._passing_on = asyncio.Lock()
        self._claiming = asyncio.Lock()
        self._busy: dict[UUID, Message] = {}
        self._freed = asyncio.Event()

    async def send(self) -> int:
        """Send what is due; how many messages arrived."""
        if not self._mailer.on:
            await self._alerts.put_off(EMAIL, OFF_FOR, failed("alert.mail-off").note)
        first = await self._claim()
        if first is None:
            return 0
        others = (self._work(None) for _ in range(self._settings.at_once - 1))
        ended = await asyncio.gather(self._work(first), *others, return_exceptions=True)
        for one in ended:
            if isinstance(one, BaseException):
                raise one
        return sum(one for one in ended if isinstance(one, int))

    async def test(self, unit: Unit) -> list[Trial]:
        """A message to everybody a unit wants told, now, and how each fared. Nothing is stored."""
        snapshot, now = await self._directory.current(), self._now()
        found = []
        for address in unit.listeners:
            outcome = await self._mail_trial(unit, address, now)
            found.append(Trial(EMAIL, address, isinstance(outcome, Sent), outcome.note))
        if unit.alert_url:
            secrets = _secrets(unit, snapshot)
            body = letters.trial_call(now)
            outcome = (
                await self._caller.send(unit.alert_url, secrets, new_id(), body, now)
                if secrets
                else failed("alert.no-secret", code=unit.code)
            )
            found.append(Trial(WEBHOOK, unit.alert_url, isinstance(outcome, Sent), outcome.note))
        return found

    async def _mail_trial(self, unit: Unit, address: str, now: datetime) -> Sent | Failed:
        if not self._mailer.on:
            return failed("alert.mail-off")
        message = letters.trial(unit, message_id=new_id(), sender=self._mailer.sender, to=address, now=now)
        return await self._mailer.send(message, address)

    async def _claim(self) -> Message | None:
        channels = (EMAIL, WEBHOOK) if self._mailer.on else (WEBHOOK,)
        lease = max(self._settings.lease, 2 * self._mailer.settings.timeout)
        async with self._claiming:  # whom we call is known before the next claim is made
            message = await self._alerts.claim(lease, channels, self._busy.values())
            if message is not None:
                self._busy[message.id] = message
        return message

    async def _work(self, message: Message | None) -> int:
        """Until there is nothing to send and nothing under way: what comes meanwhile need not wait for the slowest."""
        sent = 0
        while True:
            message = message or await self._claim()
            if message is not None:
                sent += await self._carry(message)
            elif self._busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._freed.wait(), LOOK_AGAIN)
            else:
                return sent
            message = None

    async def _carry(self, message: Message) -> bool:
        try:
            outcome = await self._try(message)
            # Shielded: what has arrived must not be forgotten because we are being stopped.
            await asyncio.shield(self._settle(message, outcome))
        finally:
            del self._busy[message.id]
            self._freed.set()
            self._freed.clear()
        return isinstance(outcome, Sent)

    async def _try(self, message: Message) -> Sent | Failed | Gone:
        try:
            snapshot = await self._directory.current()
            unit = snapshot.units.get(message.unit_id) if message.unit_id else None
            if unit is None:
                return Gone({})
            hears = hearers(unit, snapshot, self._settings.escalate_to) if message.channel == EMAIL else {}
            # Where it goes now. An address that was mistyped and since corrected must not be tried for ever.
            address = message.address if message.address in hears else ""
            if message.channel == WEBHOOK:
                address = unit.alert_url
            if not address:
                return Gone(hears)
            return await (self._mail if message.channel == EMAIL else self._call)(message, unit, address, snapshot)
        except Unavailable:
            raise  # the database is away: the lease brings the message back
        except Exception as error:  # one message that cannot be made must not stop those behind it
            self._telemetry.log.error("alert not written", message=str(message.id), exc_info=error)
            return failed("alert.failed", why=error.code if isinstance(error, AxisError) else type(error).__name__)

    async def _mail(self, message: Message, unit: Unit, address: str, snapshot: Snapshot) -> Sent | Failed:
        calendar = (await self._almanac.current()).calendar
        made = letters.mail(
            await self._alerts.carried(message), unit, message_id=message.id, sender=self._mailer.sender, to=address,
            calendar=calendar, now=self._now(), with_subject=self._settings.with_subject,
        )  # fmt: skip
        return await self._mailer.send(made, address)

    async def _call(self, message: Message, unit: Unit, address: str, snapshot: Snapshot) -> Sent | Failed:
        secrets = _secrets(unit, snapshot)
        if not secrets:
            return failed("alert.no-secret", OFF_FOR, code=unit.code)
        calendar = (await self._almanac.current()).calendar
        body = letters.call(await self._alerts.carried(message), message.created_at, calendar)
        return await self._caller.send(address, secrets, message.id, body, self._now())

    async def _settle(self, message: Message, outcome: Sent | Failed | Gone) -> None:
        while True:
            try:
                settled = await self._write(message, outcome)
                break
            except Unavailable:
                # It has arrived perhaps, and must not be said again for want of a database; when the lease
                # runs out meanwhile, the guard refuses this write.
                await asyncio.sleep(0.5)
        log = self._telemetry.log.bind(message=str(message.id), channel=message.channel, attempt=message.attempt)
        if not settled:
            log.warning("lease lost before settling an alert")
        elif isinstance(outcome, Failed):
            log.warning("alert not sent", why=outcome.note)

    async def _write(self, message: Message, outcome: Sent | Failed | Gone) -> bool:
        if isinstance(outcome, Gone):
            return await self._pass_on(message, outcome)
        if isinstance(outcome, Sent):
            # COMMIT POINT of a message: with this statement it is told.
            return await self._alerts.settle_sent(message, outcome.note)
        pause = outcome.waits or self._settings.schedule.delay(message.attempt, message.priority, random.random)
        settled = await self._alerts.settle_later(message, pause, outcome.note[:1000])
        if settled and outcome.down:  # those behind it would wait for the same silence, one after the other
            held, like = min(pause, MOST_HELD), None if message.channel == EMAIL else message
            await self._alerts.put_off(message.channel, held, outcome.note[:1000], like)
        return settled


    async def _pass_on(self, message: Message, gone: Gone) -> bool:
        async with self._passing_on:  # two old addresses of one unit must not both be replaced by the same new one
            made = await self._alerts.readdress(message, gone.hearers)
        if made is not None:
            log = self._telemetry.log.bind(message=str(message.id), unit=str(message.unit_id), old=message.address)
            log.info("alert passed on: its address left the directory", messages=made)
        return made is not None


def _secrets(unit: Unit, snapshot: Snapshot) -> list[str]:
    """Every webhook secret of a unit that is valid now: during a rotation old and new both sign."""
    held = snapshot.secrets.get(unit.id, {})
    return [held[name] for name in sorted(held) if name.partition("#")[0] == WEBHOOK]
