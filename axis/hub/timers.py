"""Sweeps: short, idempotent, each one line over the others. APScheduler only wakes them up; it keeps
no job store, and two processes running the same sweep at once is harmless.

    leases    every few seconds   deliveries whose holder died go back into the queue
    directory every second        a change made by another process is seen
    notices   every second        what the axis itself has to tell senders becomes status packages
    deadlines every 20 seconds    who missed a deadline is found, by one process at a time
    counters  every 5 seconds     changes are folded into the counters that reports read
    messages  every 5 seconds     alerts about them leave by mail and by call
    figures   every 5 seconds     backlog, free space and loop lag for the metrics
    samples   every minute        what waits, written down once in five minutes for its chart
    sessions  every 5 minutes     sign-ins and one-time links that can open nothing any more are forgotten
    orphans   every 5 minutes     one of the 256 payload folders: files no package refers to, older
                                  than a day, are removed
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from axis.domain.errors import Unavailable
from axis.hub.alerting.messenger import Messenger
from axis.hub.alerting.watch import Watch
from axis.hub.courier import Courier
from axis.hub.directory import Directory
from axis.hub.doorkeeper import Doorkeeper
from axis.hub.notices import Notices
from axis.store.database import Database
from axis.store.deliveries import Deliveries
from axis.store.packages import Packages
from axis.store.payloads import PayloadStore
from axis.store.reports import Counters
from axis.store.samples import Samples
from axis.telemetry import Telemetry
from axis.trust.keys import HubIdentity

ORPHAN_AGE = 24 * 3600.0  # seconds; an upload between its rename and its commit is never near that old
ORPHAN_EVERY = 300.0  # seconds
DEADLINES_EVERY = 20.0  # seconds: how late a missed deadline may be told
SESSIONS_EVERY = 300.0  # seconds
LAG_EVERY = 0.25  # seconds


class Timers:
    def __init__(
        self, *, database: Database, deliveries: Deliveries, packages: Packages, payloads: PayloadStore,
        counters: Counters, directory: Directory, courier: Courier, notices: Notices, watch: Watch,
        messenger: Messenger, telemetry: Telemetry, identity: HubIdentity, lease: float, samples: Samples,
        door: Doorkeeper,
    ) -> None:  # fmt: skip
        self._db = database
        self._deliveries = deliveries
        self._packages = packages
        self._payloads = payloads
        self._counters = counters
        self._directory = directory
        self._courier = courier
        self._notices = notices
        self._watch = watch
        self._messenger = messenger
        self._telemetry = telemetry
        self._identity = identity
        self._lease = lease
        self._samples = samples
        self._door = door
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._lag: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._stopping = False

    def start(self) -> None:
        for sweep, seconds in (
            (self.leases, max(self._lease / 6, 1.0)),
            (self.directory, 1.0),
            (self.notices, 1.0),
            (self.deadlines, DEADLINES_EVERY),
            (self.messages, 5.0),
            (self.fold, 5.0),
            (self.figures, 5.0),
            (self.samples, 60.0),
            (self.sessions, SESSIONS_EVERY),
            (self.orphans, ORPHAN_EVERY),
        ):
            self._scheduler.add_job(
                self._guarded, "interval", args=[sweep], seconds=seconds, next_run_time=datetime.now(UTC)
            )
        self._scheduler.start()
        self._lag = asyncio.create_task(self._measure_lag())

    async def stop(self, drain: float) -> None:
        """No sweep begins any more; those under way get ``drain`` seconds to end, then they are cut short."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.pause()
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=drain)
            self._scheduler.shutdown(wait=False)  # cancels what still runs
        if self._lag:
            self._lag.cancel()

    async def _guarded(self, sweep: Callable[[], Awaitable[None]]) -> None:
        if self._stopping:
            return
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        name = getattr(sweep, "__name__", "?")
        try:
            await sweep()
        except Unavailable as error:
            self._telemetry.log.info("sweep put off", sweep=name, code=error.code)
        except asyncio.CancelledError:
            # Nothing but stop() cancels a sweep: the next start takes it up again, and nobody need look into it.
            self._telemetry.log.info("sweep cut short", sweep=name)
        finally:
            self._under_way.discard(task)

    async def leases(self) -> None:
        if await self._deliveries.release_expired():
            self._courier.wake()

    async def directory(self) -> None:
        before = self._directory.snapshot.version
        if (await self._directory.current()).version != before:
            self._courier.wake()

    async def notices(self) -> None:
        if await self._notices.make():
            self._courier.wake()

    async def deadlines(self) -> None:
        async with self._db.alone("deadlines") as mine:
            if mine:
                await self._watch.sweep()

    async def messages(self) -> None:
        await self._messenger.send()

    async def fold(self) -> None:
        async with self._db.alone("tally") as mine:
            if mine:
                await self._counters.fold()

    async def figures(self) -> None:
        now = datetime.now(UTC)
        rows = await self._deliveries.backlog()
        self._telemetry.backlog(
            {r["code"]: (r["waiting"], (now - r["oldest"]).total_seconds()) for r in rows}
        )
        self._telemetry.free_bytes.set(self._payloads.free_bytes())
        self._telemetry.certificate_days.set(self._identity.days_left(now))

    async def samples(self) -> None:
        await self._samples.take()

    async def sessions(self) -> None:
        await self._door.sweep()

    async def orphans(self) -> None:
        """A refused conflict or a crash between rename and commit leaves a file nobody refers to."""
        async with self._db.alone("orphans") as mine:
            if not mine:
                return
            loop = asyncio.get_running_loop()
            folder = self._payloads.path(f"{int(time.time() / ORPHAN_EVERY) % 256:02x}{'0' * 62}").parent
            old = await loop.run_in_executor(None, _older, folder, time.time() - ORPHAN_AGE)
            for start in range(0, len(old), 1000):
                page = old[start : start + 1000]
                known = await self._packages.known_payloads([path.name for path in page])
                for path in page:
                    if path.name not in known:
                        await loop.run_in_executor(None, path.unlink, True)

    async def _measure_lag(self) -> None:
        loop = asyncio.get_running_loop()
        worst, since = 0.0, loop.time()
        while True:
            due = loop.time() + LAG_EVERY
            await asyncio.sleep(LAG_EVERY)
            worst = max(worst, loop.time() - due)
            if loop.time() - since > 15:
                worst, since = max(loop.time() - due, 0.0), loop.time()
            self._telemetry.loop_lag.set(worst)


def _older(folder: Path, limit: float) -> list[Path]:
    return [path for path in folder.iterdir() if path.stat().st_mtime < limit]
