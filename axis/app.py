"""The composition root: builds everything, owns the order of start and stop.

``Core`` is the use cases over a database and a payload folder, without sockets: what the command line
works with. ``Hub`` adds the fronts, the courier and the timers: what ``axis serve`` runs. Nothing else
creates a pool, a session, a thread pool or a scheduler.

Stopping: the door closes (new packages are asked to come back), requests and attempts under way
get their time, then database and files are let go. What the time did not suffice for is safe:
uploads were not answered, leases run out.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path
from uuid import UUID

import aiohttp
from aiohttp import web

from axis import settings
from axis.adapter import Adapter
from axis.config import Config
from axis.domain.calendar import Hours
from axis.domain.errors import SetupError
from axis.domain.period import Period
from axis.fronts.admin import AdminFront, Check
from axis.fronts.guard import Limits as ListenLimits
from axis.fronts.lint import LintFront
from axis.fronts.pull import PullFront
from axis.fronts.rest import RestFront
from axis.fronts.server import Listener
from axis.fronts.vxp import VxpFront
from axis.fronts.vxp_call import Hub as VxpHub
from axis.hub.alerting.channels import Caller, Mailer
from axis.hub.alerting.messenger import Messenger
from axis.hub.alerting.watch import Watch
from axis.hub.almanac import Almanac
from axis.hub.changes import Changes
from axis.hub.courier import Courier
from axis.hub.desk import Desk
from axis.hub.directory import Directory
from axis.hub.fleet import Fleet
from axis.hub.intake import Intake
from axis.hub.issuing import Issuer
from axis.hub.lifecycle import Lifecycle
from axis.hub.mailroom import Mailroom
from axis.hub.notary import Notary
from axis.hub.notices import Notices
from axis.hub.reporting.reports import Reports
from axis.hub.taking_back import Taker
from axis.hub.timers import Timers
from axis.hub.units import Onboarding
from axis.outbound import OutboundPolicy, guarded_session, networks
from axis.store import migrator
from axis.store.alerts import Alerts
from axis.store.calendar import SpecialDays
from axis.store.database import Database
from axis.store.deliveries import Deliveries
from axis.store.documents import Documents
from axis.store.embedded import Embedded
from axis.store.journal import Journal
from axis.store.packages import Packages
from axis.store.payloads import PayloadStore
from axis.store.registers import Registers
from axis.store.reports import Counters
from axis.store.samples import Samples
from axis.store.units import Units
from axis.telemetry import Telemetry
from axis.trust.keys import HubIdentity
from axis.trust.receipts import ReceiptSigner
from axis.trust.sealing import Sealer

CHANNEL = "axis_wake"
DIRECTORY_CHANNEL = "axis_directory"  # named in the first migration too


def adapter_kinds() -> dict[str, type[Adapter]]:
    """Every installed adapter kind, found by entry point so that one agency's odd system can be served
    by a package of its own."""
    return {point.name: point.load() for point in entry_points(group="axis.adapters")}


@dataclass
class Core:
    """The use cases and the stores under them."""

    config: Config
    telemetry: Telemetry
    database: Database
    packages: Packages
    documents: Documents
    deliveries: Deliveries
    units: Units
    journal: Journal
    payloads: PayloadStore
    sealer: Sealer
    identity: HubIdentity
    directory: Directory
    almanac: Almanac
    reports: Reports
    alerts: Alerts
    messenger: Messenger
    fleet: Fleet
    onboarding: Onboarding
    workers: ThreadPoolExecutor
    notary: Notary
    embedded: Embedded | None
    last_calls: dict[UUID, datetime]

    async def learn_calls(self) -> None:
        """When each unit's system last called, for the adapters' probes."""
        health = await self.units.health()
        by_code = {u.code: u.id for u in await self.directory.units()}
        self.last_calls.update(
            {
                by_code[c]: row["last_call_at"]
                for c, row in health.items()
                if c in by_code and row["last_call_at"]
            }
        )


@asynccontextmanager
async def open_core(
    config: Config, *, connections: int | None = None, migrate: bool = True
) -> AsyncIterator[Core]:
    """Open the stores of a data folder: beside a running hub, or alone (then the embedded database runs
    for as long as this does)."""
    async with AsyncExitStack() as stack:
        data = _data_folder(config.data)
        embedded = None
        url = config.database.url
        if not url:
            binaries = Path(config.database.binaries) if config.database.binaries else None
            embedded = Embedded(data, bin_dir=binaries)
            await stack.enter_async_context(embedded)
            url = embedded.dsn
        if migrate:
            await migrator.migrate(url)
        database = await Database.connect(url, max_size=connections or config.database.connections)
        stack.push_async_callback(database.close)
        sealer = Sealer.open(data / "keys" / "sealing.key")
        identity = _identity(config, data)
        units, journal = Units(database), Journal(database)
        directory = Directory(units, sealer)
        hours = Hours.parse(config.calendar.hours)
        almanac = Almanac(
            database=database, days=SpecialDays(database), journal=journal, directory=directory,
            hours=hours, settings=settings.deadline(config, hours),
        )  # fmt: skip
        reports = Reports(Counters(database), Registers(database), directory, _undecided(almanac))
        session = _LazySession(config)
        stack.push_async_callback(session.close)
        last_calls: dict[UUID, datetime] = {}
        fleet = Fleet(adapter_kinds(), directory, session, last_calls.get)
        workers = ThreadPoolExecutor(config.intake.workers, thread_name_prefix="axis-worker")
        stack.callback(workers.shutdown, wait=True)
        telemetry, alerts = Telemetry(), Alerts(database)
        messenger = Messenger(
            alerts=alerts, directory=directory, almanac=almanac, mailer=Mailer(settings.mail(config)),
            caller=Caller(session), telemetry=telemetry, settings=settings.messenger(config),
        )  # fmt: skip
        yield Core(
            config=config, telemetry=telemetry, reports=reports, alerts=alerts, messenger=messenger, database=database,
            packages=Packages(database),
            documents=Documents(database), almanac=almanac, deliveries=Deliveries(database), units=units,
            journal=journal, payloads=PayloadStore(data / "payloads"),
            sealer=sealer, identity=identity, directory=directory, fleet=fleet,
            onboarding=Onboarding(database=database, units=units, journal=journal, sealer=sealer, fleet=fleet),
            workers=workers, notary=Notary(ReceiptSigner(identity), config.hub.code, workers), embedded=embedded,
            last_calls=last_calls,
        )  # fmt: skip


def _undecided(almanac: Almanac) -> Callable[[Period], Awaitable[list[int]]]:
    """The years of a period whose decision nobody entered: its deadlines are provisional."""

    async def years(period: Period) -> list[int]:
        known = await almanac.decisions()
        return [year for year in period.years if year not in known]

    return years


class _LazySession:
    """The one guarded client session of this process, opened when an adapter first needs it."""

    def __init__(self, config: Config) -> None:
        outbound = config.outbound
        self._policy = OutboundPolicy(
            approved=networks(outbound.approved),
            plain_http=outbound.plain_http,
            total_seconds=outbound.timeout,
        )
        self._session: aiohttp.ClientSession | None = None

    def __call__(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = guarded_session(self._policy)
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _data_folder(data: Path) -> Path:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SetupError("setup.data-folder", directory=data, detail=error.strerror or str(error)) from error
    return data.resolve()


def _identity(config: Config, data: Path) -> HubIdentity:
    if config.receipts.key:
        return HubIdentity.load(Path(config.receipts.key), Path(config.receipts.chain))
    return HubIdentity.load_or_create(data / "keys", config.hub.name)


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
        taker = Taker(documents=core.documents, journal=core.journal, notary=core.notary)
        lifecycle = Lifecycle(
            database=core.database, packages=core.packages, documents=core.documents, journal=core.journal,
            directory=core.directory, notary=core.notary, taker=taker, almanac=core.almanac,
        )  # fmt: skip
        changes = Changes(
            database=core.database, packages=core.packages, documents=core.documents, journal=core.journal,
            directory=core.directory, taker=taker,
        )  # fmt: skip
        issuer = Issuer(
            payloads=core.payloads, notary=core.notary, identity=core.identity, workers=core.workers
        )
        self.desk = Desk(
            documents=core.documents, lifecycle=lifecycle, changes=changes, issuer=issuer, acted=self._accepted
        )
        self.notices = Notices(
            database=core.database, documents=core.documents, packages=core.packages, directory=core.directory,
            almanac=core.almanac, lifecycle=lifecycle, issuer=issuer, telemetry=telemetry,
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
            identity=core.identity, lease=config.courier.lease, samples=Samples(core.database),
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
        RestFront(core.directory, core.reports).add_routes(app)
        LintFront(core.workers, core.config.data / "payloads").add_routes(app)
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
        self.timers.stop()
        await asyncio.gather(self._public.stop(), self.courier.drain(drain), return_exceptions=True)
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
