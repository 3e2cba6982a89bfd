"""``Core``: the use cases over a database and a payload folder, without sockets.

What the command line works with beside a running hub or alone, and what ``Hub`` (app.py) puts its fronts, the
courier and the timers on. Nothing else creates a pool, a client session or a thread pool.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from uuid import UUID

import aiohttp

from axis import settings
from axis.adapter import Adapter
from axis.config import Config
from axis.domain.calendar import Hours
from axis.domain.errors import SetupError
from axis.domain.period import Period
from axis.domain.silence import Waiting
from axis.hub.accounts import Accounts, open_accounts
from axis.hub.alerting.channels import Caller, Mailer
from axis.hub.alerting.messenger import Messenger
from axis.hub.almanac import Almanac
from axis.hub.directory import Directory
from axis.hub.fleet import Fleet
from axis.hub.notary import Notary
from axis.hub.reporting.reports import Reports
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
from axis.store.operations import Operations, waiting_of
from axis.store.packages import Packages
from axis.store.payloads import PayloadStore
from axis.store.registers import Registers
from axis.store.reports import Counters
from axis.store.units import Units
from axis.telemetry import Telemetry
from axis.trust.keys import HubIdentity
from axis.trust.receipts import ReceiptSigner
from axis.trust.sealing import Sealer

PAGE_SECONDS = 10.0  # for one statement of a page
CHECKERS = 2  # threads that read whole packages to check receipts: not those that serve everybody's downloads


def adapter_kinds() -> dict[str, type[Adapter]]:
    """Every installed adapter kind, found by entry point so that one agency's odd system can be served
    by a package of its own."""
    return {point.name: point.load() for point in entry_points(group="axis.adapters")}


@dataclass
class Core:
    """The use cases and the stores under them. ``reading``: connections of their own for pages people read, none
    until one is asked for; a statement of theirs has some seconds, so no page can hold up the intake."""

    config: Config
    telemetry: Telemetry
    database: Database
    reading: Database
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
    accounts: Accounts
    session: LazySession
    alerts: Alerts
    messenger: Messenger
    fleet: Fleet
    onboarding: Onboarding
    workers: ThreadPoolExecutor
    checkers: ThreadPoolExecutor
    notary: Notary
    embedded: Embedded | None
    last_calls: dict[UUID, datetime]
    waiting: dict[UUID, Waiting]

    async def learn_calls(self) -> None:
        """When each unit's system last called and what waits for it, for the adapters' probes."""
        health = await self.units.health()
        by_code = {u.code: u.id for u in await self.directory.units()}
        self.last_calls.update(
            {
                by_code[c]: row["last_call_at"]
                for c, row in health.items()
                if c in by_code and row["last_call_at"]
            }
        )
        self.waiting.update({key: waiting_of(row) for key, row in (await Operations(self.database).backlog()).items()})


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
        reading = await Database.connect(
            url, min_size=0, max_size=config.console.connections, application_name="axis pages",
            statement_timeout=PAGE_SECONDS, replan=True,
        )  # fmt: skip
        stack.push_async_callback(reading.close)
        sealer = Sealer.open(data / "keys" / "sealing.key")
        identity = _identity(config, data)
        units, journal = Units(database), Journal(database)
        directory = Directory(units, sealer)
        hours = Hours.parse(config.calendar.hours)
        almanac = Almanac(
            database=database, days=SpecialDays(database), journal=journal, directory=directory,
            hours=hours, settings=settings.deadline(config, hours),
        )  # fmt: skip
        reports = Reports(Counters(database), Registers(database), directory, undecided(almanac))
        session = LazySession(config)
        stack.push_async_callback(session.close)
        last_calls: dict[UUID, datetime] = {}
        waiting: dict[UUID, Waiting] = {}
        fleet = Fleet(adapter_kinds(), directory, session, last_calls.get, waiting.get)
        workers = ThreadPoolExecutor(config.intake.workers, thread_name_prefix="axis-worker")
        stack.callback(workers.shutdown, wait=True)
        checkers = ThreadPoolExecutor(CHECKERS, thread_name_prefix="axis-receipts")
        stack.callback(checkers.shutdown, wait=True, cancel_futures=True)
        telemetry, alerts = Telemetry(), Alerts(database)
        messenger = Messenger(
            alerts=alerts, directory=directory, almanac=almanac, mailer=Mailer(settings.mail(config)),
            caller=Caller(session), telemetry=telemetry, settings=settings.messenger(config),
        )  # fmt: skip
        yield Core(
            accounts=open_accounts(
                database=database, journal=journal, sealer=sealer, workers=workers, name=config.hub.name,
                lifetimes=settings.lifetimes(config),
            ),
            config=config, telemetry=telemetry, database=database, reading=reading, session=session, reports=reports,
            alerts=alerts, messenger=messenger, packages=Packages(database), documents=Documents(database),
            almanac=almanac, deliveries=Deliveries(database), units=units,
            journal=journal, payloads=PayloadStore(data / "payloads"),
            sealer=sealer, identity=identity, directory=directory, fleet=fleet,
            onboarding=Onboarding(database=database, units=units, journal=journal, sealer=sealer, fleet=fleet),
            workers=workers, checkers=checkers, notary=Notary(ReceiptSigner(identity), config.hub.code, workers),
            embedded=embedded, last_calls=last_calls, waiting=waiting,
        )  # fmt: skip


def undecided(almanac: Almanac) -> Callable[[Period], Awaitable[list[int]]]:
    """The years the deadlines of a period fall into whose decision nobody entered: they are provisional. What starts
    on the last day is due on the next working day, and escalated the working day after."""

    async def years(period: Period) -> list[int]:
        known, calendar = await almanac.decisions(), (await almanac.current()).calendar
        due = calendar.next_working_day(period.last)
        met = {*period.years, due.year, calendar.next_working_day(due).year}
        return sorted(year for year in met if year not in known)

    return years


class LazySession:
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
