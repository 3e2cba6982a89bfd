"""The composition root: builds everything, owns the order of start and stop.

``Core`` (core.py) is the use cases over a database and a payload folder; ``Hub`` adds the fronts, the courier and
the timers: what ``axis serve`` runs. Nothing else creates a scheduler.

Stopping: the door closes (new packages are asked to come back), requests and attempts under way
get their time, then database and files are let go. What the time did not suffice for is safe:
uploads were not answered, leases run out.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

from axis import settings
from axis.config import Config
from axis.console import console
from axis.core import Core, open_core
from axis.domain.errors import SetupError
from axis.fronts.admin import AdminFront, Check
from axis.fronts.console.home import add_front_door
from axis.fronts.console.public import add_short_address
from axis.fronts.guard import Limits as ListenLimits
from axis.fronts.lint import LintFront
from axis.fronts.pull import PullFront
from axis.fronts.rest import RestFront
from axis.fronts.server import Listener
from axis.fronts.vxp import VxpFront
from axis.fronts.vxp_call import Hub as VxpHub
from axis.hub.addressees import Addressees
from axis.hub.alerting.watch import Watch
from axis.hub.changes import Changes
from axis.hub.courier import Courier
from axis.hub.desk import Desk
from axis.hub.intake import Intake
from axis.hub.issuing import Issuer
from axis.hub.lifecycle import Lifecycle
from axis.hub.mailroom import Mailroom
from axis.hub.notices import Notices
from axis.hub.taking_back import Taker
from axis.hub.timers import Timers
from axis.store.reports import Counters
from axis.store.samples import Samples

CHANNEL = "axis_wake"
DIRECTORY_CHANNEL = "axis_directory"  # named in the first migration too


class Hub:
    """One serving process."""

    def __init__(self, core: Core) -> None:
        self.core = core
        config, telemetry = core.config, core.telemetry
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._stopping = False
        mailroom = Mailroom(
            deliveries=core.deliveries, units=core.units, payloads=core.payloads, notary=core.notary,
            sealer=core.sealer, almanac=core.almanac, called_back=self._called_back, pushes=core.fleet.pushes,
        )  # fmt: skip
        self.mailroom = mailroom
        addressees = Addressees(documents=core.documents, directory=core.directory)
        taker = Taker(
            documents=core.documents, journal=core.journal, notary=core.notary, addressees=addressees
        )
        lifecycle = Lifecycle(
            database=core.database, packages=core.packages, documents=core.documents, journal=core.journal,
            directory=core.directory, notary=core.notary, taker=taker, almanac=core.almanac, addressees=addressees,
        )  # fmt: skip
        changes = Changes(
            database=core.database, packages=core.packages, documents=core.documents, journal=core.journal,
            directory=core.directory, taker=taker, addressees=addressees,
        )  # fmt: skip
        issuer = Issuer(
            payloads=core.payloads, notary=core.notary, identity=core.identity, workers=core.workers
        )
        self.desk = Desk(
            documents=core.documents, lifecycle=lifecycle, changes=changes, issuer=issuer, acted=self._accepted
        )
        self.notices = Notices(
            database=core.database, documents=core.documents, packages=core.packages, directory=core.directory,
            almanac=core.almanac, lifecycle=lifecycle, issuer=issuer, journal=core.journal, telemetry=telemetry,
            addressees=addressees,
        )  # fmt: skip
        self.intake = Intake(
            packages=core.packages, journal=core.journal, payloads=core.payloads, directory=core.directory,
            notary=core.notary, lifecycle=lifecycle, changes=changes, almanac=core.almanac, workers=core.workers,
            telemetry=telemetry, settings=settings.intake(config), accepted=self._accepted,
        )  # fmt: skip
        self.courier = Courier(
            deliveries=core.deliveries, units=core.units, payloads=core.payloads, directory=core.directory,
            fleet=core.fleet, notary=core.notary, almanac=core.almanac, telemetry=telemetry,
            settings=settings.courier(config), holder=self._holder, make_link=mailroom.make_link,
        )  # fmt: skip
        watch = Watch(
            database=core.database, alerts=core.alerts, almanac=core.almanac, directory=core.directory,
            telemetry=telemetry, settings=settings.watch(config),
        )  # fmt: skip
        self.timers = Timers(
            database=core.database, deliveries=core.deliveries, packages=core.packages, payloads=core.payloads,
            counters=Counters(core.database), directory=core.directory, courier=self.courier,
            notices=self.notices, watch=watch, messenger=core.messenger, telemetry=telemetry,
            identity=core.identity, door=core.accounts.door, lease=config.courier.lease, samples=Samples(core.database),
        )  # fmt: skip
        limits = ListenLimits(
            head_seconds=config.listen.head_timeout, per_address=config.listen.per_address,
            trusted=frozenset(config.listen.trusted),
        )  # fmt: skip
        self._public = Listener(self._public_app(), limits, drain=config.listen.drain)
        self._admin = Listener(self._admin_app(), limits, drain=2.0)
        self._running: asyncio.Task[None] | None = None
        self.port = 0
        self.admin_port = 0

    def _public_app(self) -> web.Application:
        core, config = self.core, self.core.config
        app = web.Application(client_max_size=config.intake.max_package)
        hub = VxpHub(
            intake=self.intake, directory=core.directory, mailroom=self.mailroom, units=core.onboarding
        )
        VxpFront(hub, settings.vxp(config), observe=self.core.telemetry.called).add_routes(app)
        PullFront(self.mailroom).add_routes(app)
        RestFront(
            core.directory, core.reports, core.journal, trusted=frozenset(config.listen.trusted)
        ).add_routes(app)
        LintFront(core.workers, core.config.data / "payloads").add_routes(app)
        if config.console.enabled:
            console(
                core, desk=self.desk, checks=self._checks(), trouble=lambda: self.courier.trouble, wake=self._accepted
            ).add_to(app)
            add_front_door(app)
            if config.console.public_page:
                add_short_address(app)
        return app

    def _admin_app(self) -> web.Application:
        app = web.Application()
        AdminFront(self.core.telemetry.registry, self._checks()).add_routes(app)
        return app

    def _checks(self) -> Mapping[str, Check]:
        async def database() -> str:
            await self.core.units.version()
            return ""

        async def disk() -> str:
            free = self.core.payloads.free_bytes()
            return "" if free >= self.core.config.intake.free_bytes else f"{free} bytes free"

        async def serving() -> str:
            return "stopping" if self._stopping else ""

        async def courier() -> str:
            return self.courier.trouble

        return {"database": database, "disk": disk, "serving": serving, "courier": courier}

    async def start(self, *, reuse_port: bool = False) -> None:
        config = self.core.config
        await self.core.directory.current(0)
        await self.core.almanac.current()  # so that the first document need not wait for the calendar
        await self._public.open()
        await self._admin.open()
        tls = _tls(config)
        self.port = await _listen(self._public, config.listen.public, tls, reuse_port)
        host = config.listen.public.rpartition(":")[0] or "127.0.0.1"
        if not config.hub.public_url and host in ("127.0.0.1", "localhost"):
            # A hub for this machine alone knows its own address: pull links work without a setting.
            self.courier.public_url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self.admin_port = await _listen(self._admin, config.listen.admin, None, False)
        await self.core.database.listen(CHANNEL, self.courier.wake)
        await self.core.database.listen(DIRECTORY_CHANNEL, self.core.directory.changed)
        self._running = asyncio.create_task(self.courier.run(), name="courier")
        self.timers.start()

    async def stop(self) -> None:
        self._stopping = True
        self.intake.close()
        drain = self.core.config.listen.drain
        await asyncio.gather(
            self._public.stop(), self.courier.drain(drain), self.timers.stop(drain), return_exceptions=True
        )
        if self._running:
            await asyncio.gather(self._running, return_exceptions=True)
        await self._admin.stop()

    async def failed(self) -> None:
        """Returns only by raising what ended the courier: a hub that delivers nothing must not look alive."""
        assert self._running is not None
        await asyncio.shield(self._running)

    def _accepted(self) -> None:
        self.courier.wake()
        self.core.database.notify(CHANNEL)

    def _called_back(self, unit_id: UUID, failed_before: bool) -> None:
        self.core.last_calls[unit_id] = datetime.now(UTC)
        self.courier.called_back(unit_id, failed_before)


def _tls(config: Config) -> ssl.SSLContext | None:
    if not config.listen.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(config.listen.certificate, config.listen.key or None)
    except (OSError, ssl.SSLError) as error:
        raise SetupError("setup.file", file=config.listen.certificate, detail=str(error)) from error
    return context


async def _listen(listener: Listener, address: str, tls: ssl.SSLContext | None, reuse_port: bool) -> int:
    host, _, port = address.rpartition(":")
    try:
        return await listener.listen(host.strip("[]") or "127.0.0.1", int(port), tls, reuse_port)
    except (OSError, ValueError) as error:
        raise SetupError("setup.address", address=address, detail=str(error)) from error


@asynccontextmanager
async def open_hub(config: Config, *, reuse_port: bool = False) -> AsyncIterator[Hub]:
    """A serving hub: ready when the block begins, drained when it ends."""
    async with open_core(config) as core:
        hub = Hub(core)
        try:
            await hub.start(reuse_port=reuse_port)
            yield hub
        finally:
            await hub.stop()
