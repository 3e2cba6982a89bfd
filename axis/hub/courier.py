"""Deliveries by push: claim, attempt, settle.

    claim    one statement takes due deliveries, urgent first, at most a few per unit, under a lease;
             the row itself is the intent, written before the act
    attempt  the unit's adapter answers Delivered, Refused or Later; any exception is Later
    settle   one guarded statement, naming the attempt: a holder that lost its lease settles nothing

A dead agency slows nobody: its share of the window is capped, its breaker opens at the third failure
in a row, and its own call or one success brings its whole queue back at once. Wake-ups are hints;
the loop looks by itself as well, at the latest every ``poll`` seconds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from axis.adapter import Delivered, Later, Outcome, Parcel
from axis.domain.directory import Unit, UnitState
from axis.domain.errors import Unavailable
from axis.domain.events import Event
from axis.domain.schedule import MAX_WISH, Schedule
from axis.hub.directory import Directory
from axis.hub.fleet import Fleet
from axis.hub.notary import Notary
from axis.hub.standing import Almanac, terms
from axis.store.deliveries import Claim, Deliveries
from axis.store.payloads import Payloads
from axis.store.units import Units
from axis.telemetry import Telemetry

ATTEMPTING = frozenset({UnitState.TESTING, UnitState.LIVE})
SUCCESS_NOTED_EVERY = 5.0  # seconds
MOST_ASKED = 1000  # characters kept of what an attempt asked


@dataclass(frozen=True, slots=True)
class CourierSettings:
    """``window``: attempts at once; ``per_unit``: of one unit; ``batch``: claimed at a time; ``lease``,
    ``poll``, ``attempt_timeout``: seconds; ``public_url``: where pull links lead, empty = none."""

    window: int = 64
    per_unit: int = 4
    batch: int = 50
    lease: float = 30.0
    poll: float = 1.0
    attempt_timeout: float = 1800.0
    public_url: str = ""
    schedule: Schedule = field(default_factory=Schedule)


class Courier:
    def __init__(
        self, *, deliveries: Deliveries, units: Units, payloads: Payloads, directory: Directory, fleet: Fleet,
        notary: Notary, almanac: Almanac, telemetry: Telemetry, settings: CourierSettings, holder: str,
        make_link: Callable[[UUID, UUID], str],
    ) -> None:  # fmt: skip
        self._deliveries = deliveries
        self._units = units
        self._payloads = payloads
        self._directory = directory
        self._fleet = fleet
        self._notary = notary
        self._almanac = almanac
        self._telemetry = telemetry
        self._settings = settings
        self._holder = holder
        self._make_link = make_link
        self._wake = asyncio.Event()
        self._flying: dict[UUID, tuple[Claim, asyncio.Task[None]]] = {}
        self._noted: dict[UUID, float] = {}
        self._failing: set[UUID] = set()
        self._hastening: set[asyncio.Task[None]] = set()  # the loop itself holds tasks weakly
        self._stopping = False
        self._resting = asyncio.Event()
        self._resting.set()
        self.trouble = ""
        self.public_url = settings.public_url

    def wake(self, *_: object) -> None:
        """Something may be due. A hint; never needed for correctness."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled or stopped."""
        self._resting.clear()
        beat = asyncio.create_task(self._heartbeat())
        try:
            while not self._stopping:
                self._wake.clear()
                if not await self._look():
                    await self._pause()
        finally:
            self._resting.set()
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)

    async def _look(self) -> int:
        """Claim once. Whatever goes wrong, the loop lives on, and ``trouble`` says so to /readyz: one bad
        statement must not end all delivering until somebody restarts us."""
        try:
            claimed = await self._claim()
        except Unavailable as error:
            self.trouble = error.code
            self._telemetry.log.warning("courier waits for the database", code=error.code)
            return 0
        except Exception as error:
            self.trouble = type(error).__name__
            self._telemetry.log.error("courier could not claim", exc_info=error)
            return 0
        self.trouble = ""
        return claimed

    async def drain(self, patience: float) -> None:
        """Claim nothing more; let attempts under way end; cancel the rest (their leases run out and
        somebody tries again under the same id)."""
        self._stopping = True
        self._wake.set()
        await self._resting.wait()  # a claim under way still adds to what flies
        tasks = [task for _, task in self._flying.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._settings.poll):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _claim(self) -> int:
        room = self._settings.window - len(self._flying)
        caps = self._caps((await self._directory.current()).units) if room > 0 else {}
        if not caps:
            return 0
        claims = await self._deliveries.claim(
            caps, min(room, self._settings.batch), self._holder, self._settings.lease
        )
        for claim in claims:
            task = asyncio.create_task(self._fly(claim), name=f"delivery {claim.id}")
            self._flying[claim.id] = (claim, task)
            task.add_done_callback(partial(self._landed, claim.id))
        return len(claims)

    def _caps(self, units: Mapping[UUID, Unit]) -> dict[UUID, int]:
        busy: dict[UUID, int] = {}
        for claim, _ in self._flying.values():
            busy[claim.unit_id] = busy.get(claim.unit_id, 0) + 1
        caps = {}
        for unit in units.values():
            if unit.state in ATTEMPTING and not unit.paused and self._fleet.pushes(unit):
                # A system that failed last time gets one knock, not four; one an operator slows, as many as they say.
                limit = 1 if unit.id in self._failing else unit.parallel or self._settings.per_unit
                if (free := limit - busy.get(unit.id, 0)) > 0:
                    caps[unit.id] = free
        return caps

    def _landed(self, key: UUID, task: asyncio.Task[None]) -> None:
        self._flying.pop(key, None)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            # Its lease runs out and the delivery is tried again under the same id.
            self._telemetry.log.error("attempt not settled", delivery=str(key), exc_info=error)

    async def _fly(self, claim: Claim) -> None:
        started = datetime.now(UTC)
        unit = self._directory.snapshot.units.get(claim.unit_id)
        outcome = (
            await self._attempt(claim, unit) if unit else Later("unit left the directory", unit_down=False)
        )
        # Shielded: once the receiver has answered, a shutdown must not make us forget the answer.
        await asyncio.shield(self._settle(claim, unit, started, outcome))

    async def _attempt(self, claim: Claim, unit: Unit) -> Outcome:
        parcel = Parcel(
            delivery_id=str(claim.id), package_id=str(claim.package_id), attempt=claim.attempt, kind=claim.kind,
            sender=claim.sender, receiver=claim.receivers[0], document_id=claim.document_id, subject=claim.subject,
            priority=claim.priority, verdict=claim.verdict, sha256=claim.sha256, size=claim.size,
            accepted_at=claim.received_at, open=lambda: self._payloads.open(claim.sha256), pull_link=self._link(claim),
            business_type=claim.business_type,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._settings.attempt_timeout):
                return await self._fleet.adapter(unit).deliver(parcel)
        except TimeoutError:
            return Later("the attempt took too long")
        except Exception as error:  # an adapter's fault is temporary unless it says Refused
            self._telemetry.log.warning(
                "adapter failed", unit=unit.code, adapter=unit.adapter, error=repr(error)[:500]
            )
            return Later(f"{type(error).__name__}: {error}"[:500])

    def _link(self, claim: Claim) -> str:
        base = self.public_url
        return f"{base.rstrip('/')}/pull/{self._make_link(claim.id, claim.unit_id)}" if base else ""

    async def _settle(self, claim: Claim, unit: Unit | None, started: datetime, outcome: Outcome) -> None:
        while True:
            try:
                settled = await self._write(claim, started, outcome)
                break
            except Unavailable:
                # The answer of the receiver is known and must not be lost while the database is away;
                # when the lease runs out meanwhile, the guard refuses this write and a retry follows.
                await asyncio.sleep(0.5)
        name = type(outcome).__name__.lower()
        if not settled:
            self._telemetry.log.warning("lease lost before settling", delivery=str(claim.id), outcome=name)
            return
        self._telemetry.attempted(
            unit.code if unit else "", name, (datetime.now(UTC) - started).total_seconds()
        )
        if unit:
            await self._health(unit, outcome)

    async def _write(self, claim: Claim, started: datetime, outcome: Outcome) -> bool:
        now = datetime.now(UTC)
        if isinstance(outcome, Later):
            pause = self._settings.schedule.delay(claim.attempt, claim.priority, random.random)
            wish = (outcome.not_before - now).total_seconds() if outcome.not_before else 0.0
            at = now + timedelta(seconds=max(pause, min(wish, MAX_WISH)))
            data = {"text": outcome.text[:500], "attempt": claim.attempt, "next": at.isoformat()}
            return await self._deliveries.settle_later(
                claim, started, self._holder, outcome.text[:1000], at, data, outcome.asked[:MOST_ASKED]
            )
        delivered = isinstance(outcome, Delivered)
        event = Event.DELIVERED if delivered else Event.DELIVERY_REFUSED
        facts = {"id": claim.package_id, "document_id": claim.document_id, "sha256": claim.sha256, "size": claim.size,
                 "sender": claim.sender, "verdict": claim.verdict}  # fmt: skip
        claims = self._notary.claims(event, now, facts, claim.receivers)
        text = outcome.proof if isinstance(outcome, Delivered) else f"{outcome.code}: {outcome.text}"
        data = {"attempt": claim.attempt, "by": "push", "answer": text[:500]}
        evidence = await self._notary.evidence(claims, "axis", data)
        # COMMIT POINT of a pushed delivery: with this statement its fate is written.
        asked = outcome.asked[:MOST_ASKED]
        if not delivered:
            return await self._deliveries.settle_refused(claim, started, self._holder, text[:1000], evidence, asked)
        found = {"kind": claim.kind, "business_type": claim.business_type, "priority": claim.priority}
        due = terms(await self._almanac.current(), now, found)
        return await self._deliveries.settle_delivered(
            claim, started, self._holder, text[:1000], evidence, due, asked
        )

    async def _health(self, unit: Unit, outcome: Outcome) -> None:
        try:
            if isinstance(outcome, Later):
                if outcome.unit_down:
                    await self._failed(unit, outcome.text)
                return
            await self._succeeded(unit)
        except Unavailable:
            pass  # health is advice; the next attempt writes it again

    async def _failed(self, unit: Unit, text: str) -> None:
        known = self._telemetry.failures.get(unit.code, 0)
        pause = self._settings.schedule.breaker(known + 1, random.random)
        failures = await self._units.failed(unit.id, text[:500], datetime.now(UTC) + timedelta(seconds=pause))
        self._telemetry.unit_failing(unit.code, failures, text)
        self._failing.add(unit.id)

    async def _succeeded(self, unit: Unit) -> None:
        now = asyncio.get_running_loop().time()
        recovered = unit.id in self._failing
        if recovered or now - self._noted.get(unit.id, float("-inf")) >= SUCCESS_NOTED_EVERY:
            self._noted[unit.id] = now
            # The database remembers failures seen by other processes, and by us before a restart.
            recovered = await self._units.succeeded(unit.id) or recovered
            self._telemetry.unit_working(unit.code)
        if recovered:
            await self._hasten(unit.id)

    async def _hasten(self, unit_id: UUID) -> None:
        self._failing.discard(unit_id)
        await self._deliveries.hasten(unit_id)
        self._wake.set()

    def called_back(self, unit_id: UUID, failed_before: bool) -> None:
        """The unit's own system called: it is alive, so its back-off is over. ``failed_before``: some
        process saw it fail, perhaps another one than this."""
        if failed_before or unit_id in self._failing:
            task = asyncio.create_task(self._hasten(unit_id))
            self._hastening.add(task)
            task.add_done_callback(self._hastened)

    def _hastened(self, task: asyncio.Task[None]) -> None:
        self._hastening.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._telemetry.log.warning("back-off not cleared", error=repr(error)[:300])

    async def _heartbeat(self) -> None:
        """Prolong what we hold; cancel what we lost."""
        while True:
            await asyncio.sleep(self._settings.lease / 3)
            flying = dict(self._flying)
            if not flying:
                continue
            try:
                held = await self._deliveries.renew(list(flying), self._holder, self._settings.lease)
            except Exception as error:  # without a beat every lease here would be lost
                self._telemetry.log.warning("leases not prolonged", error=repr(error)[:300])
                continue
            for key, flight in flying.items():
                if key not in held and self._flying.get(key) is flight:
                    flight[1].cancel()
