"""The one door in, for every source of packages.

    guard      room for one more upload? room on the disk? may this unit send?
    stream     pieces go to a worker thread: spool file, SHA-256 and reader see the same bytes once
    examine    still in the thread: digest, signature, verdict, sender, secrecy, route; then the
               payload is made durable, and the receipt signed
    commit     one statement writes package, deliveries, journal row and receipt

Nothing is answered before the commit, and nothing is half done without it: a refused upload leaves a
journal row for the operators and no bytes. The same package again gets the receipt it got (P4).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from axis.domain.codes import MAX_CODE_READ, MAX_DOCUMENT_ID
from axis.domain.deadlines import Deadlines
from axis.domain.directory import SENDING
from axis.domain.document import BusinessType, Kind, Package
from axis.domain.errors import AccessError, AxisError, ConflictError, PackageError, Unavailable
from axis.domain.events import Event
from axis.domain.ids import new_id
from axis.edxml.limits import DEFAULT, Limits
from axis.edxml.reader import PackageReader
from axis.hub import record
from axis.hub.changes import CHANGING, Changes
from axis.hub.contracts import Acceptance, Body, Source
from axis.hub.directory import Directory, Snapshot
from axis.hub.lifecycle import Lifecycle
from axis.hub.notary import Notary
from axis.hub.paper import PaperList
from axis.hub.routing import check_loop, check_sender, route
from axis.hub.standing import Almanac, start
from axis.store.journal import Journal
from axis.store.packages import Evidence, NewDelivery, Packages
from axis.store.payloads import Payloads, Spooled
from axis.telemetry import Telemetry
from axis.trust import signature
from axis.trust.verdict import judge

_TOLD_AS = {
    "intake.state-secret": Event.SECRET_REFUSED,
    **dict.fromkeys(
        ("status.illegal-move", "status.recall-not-deniable", "status.reason-missing", "status.reason-long",
         "status.not-a-receiver"), Event.STATUS_ILLEGAL,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """``uploads``: how many at once; ``waiting``: how many more may wait for their turn, and for how
    long (seconds); ``free_bytes``: below this the door is closed; ``own_code``: the axis's agency code;
    ``paper``: what must be accompanied by paper."""

    uploads: int = 64
    waiting: int = 256
    patience: float = 20.0
    free_bytes: int = 1 << 30
    own_code: str = ""
    limits: Limits = DEFAULT
    paper: PaperList = field(default_factory=PaperList)


class Examination:
    """One upload inside worker threads; its methods run one after the other, never at once."""

    def __init__(
        self, payloads: Payloads, source: Source, snapshot: Snapshot, notary: Notary, settings: IntakeSettings,
        deadlines: Deadlines,
    ) -> None:  # fmt: skip
        self._payloads = payloads
        self._opened: Spooled | None = None
        self._source = source
        self._snapshot = snapshot
        self._notary = notary
        self._settings = settings
        self._deadlines = deadlines
        self._reader = PackageReader(settings.limits, inclusive=source.unit.inclusive_c14n)

    @property
    def _spool(self) -> Spooled:
        """Opened by the thread that first writes: making a file waits for the disk, the event loop must not."""
        if self._opened is None:
            self._opened = self._payloads.spool()
        return self._opened

    def feed(self, piece: bytes) -> None:
        self._spool.write(piece)
        self._reader.feed(piece)

    def finish(self, piece: bytes, tail: bytes, at: datetime) -> record.Examined:
        if piece:
            self.feed(piece)
        self._check_digest(tail)
        reading = self._reader.close()
        package = reading.package
        self._check_content(package)
        unit = self._source.unit
        check = None
        if reading.seal is not None:
            check = signature.check(reading.seal, allow_sha1=unit.allows_sha1(at))
        # Before the verdict: of a package sent in another's name that is the news, not whose seal it bears.
        sender = check_sender(package, unit, self._snapshot)
        judgement = judge(check, unit, self._snapshot.anchors, at)
        check_loop(package, self._settings.own_code)
        plan = route(package.addressees, unit, self._snapshot, self._settings.own_code)
        paper = self._settings.paper.findings(package, self._snapshot.known_as)
        package = replace(package, findings=(*package.findings, *paper))
        sha256, size = self._spool.commit()
        return self._rows(record.Judged(package, judgement, sender, plan, sha256, size), at)

    def discard(self) -> None:
        if self._opened is not None:
            self._opened.discard()

    def _check_digest(self, tail: bytes) -> None:
        if self._spool.size == 0:
            raise PackageError("intake.empty")
        expected = self._source.expected
        if expected is None or expected(self._spool.digest()):
            return
        if tail:  # a client that counted the trailing CR LF as part of the file
            self.feed(tail)
            if expected(self._spool.digest()):
                return
        raise PackageError("intake.digest-mismatch")

    def _check_content(self, package: Package) -> None:
        for code in (package.sender.organ_id, *package.addressees):
            if len(code) > MAX_CODE_READ:
                raise PackageError("intake.code-too-long", code=f"{code[:32]}…", limit=MAX_CODE_READ)
        if len(package.document_id) > MAX_DOCUMENT_ID:  # of a status: a document's was judged by the reader
            raise PackageError("package.document-id-length", limit=MAX_DOCUMENT_ID)
        if package.secrecy:
            raise PackageError("intake.state-secret", marking=package.secrecy)
        declared = self._source.declared
        if declared is not None and declared is not package.kind:
            raise PackageError("intake.kind-mismatch", declared=declared.value, actual=package.kind.value)
        fresh = package.kind is Kind.DOCUMENT and package.business_type in (
            BusinessType.NEW,
            BusinessType.REPLACE,
        )
        if fresh and not package.attachments:
            raise PackageError("intake.no-attachment")

    def _rows(self, judged: record.Judged, at: datetime) -> record.Examined:
        source = self._source
        send_due, finish_due = start(self._deadlines, judged.package, source.unit, at)
        row = record.row(new_id(), source.unit.id, judged, source.front, at, send_due)
        deliveries = tuple(NewDelivery(new_id(), unit, codes) for unit, codes in judged.route.units)
        claimed = {name: getattr(row, name) for name in ("id", "document_id", "sha256", "size", "sender", "verdict")}
        receivers = [code for _, codes in judged.route.units for code in codes]
        claims = self._notary.claims(Event.ACCEPTED, at, claimed, receivers)
        data = {"front": source.front, "verdict": row.verdict, "sha256": row.sha256, "size": row.size,
                "receivers": receivers, "elsewhere": list(judged.route.elsewhere),
                "trace_id": source.trace_id}  # fmt: skip
        evidence = Evidence(claims.id, source.unit.code, data, self._notary.sign_here(claims))
        return record.Examined(judged, row, deliveries, evidence, finish_due)


class Intake:
    def __init__(
        self, *, packages: Packages, journal: Journal, payloads: Payloads, directory: Directory, notary: Notary,
        lifecycle: Lifecycle, changes: Changes, almanac: Almanac, workers: Executor, telemetry: Telemetry,
        settings: IntakeSettings, accepted: Callable[[], None],
    ) -> None:  # fmt: skip
        self._packages = packages
        self._journal = journal
        self._payloads = payloads
        self._directory = directory
        self._notary = notary
        self._lifecycle = lifecycle
        self._changes = changes
        self._almanac = almanac
        self._workers = workers
        self._telemetry = telemetry
        self._settings = settings
        self._accepted = accepted
        self._slots = asyncio.Semaphore(settings.uploads)
        self._waiting = 0
        self._closed = False

    def close(self) -> None:
        """Take nothing new; uploads under way go on to their end."""
        self._closed = True

    async def accept(self, body: Body, source: Source) -> Acceptance:
        """Take in one package. When this returns, it is durable and everybody it concerns will hear of it.
        Raises AxisError, and then nothing was taken."""
        try:
            async with self._slot(source):
                examined = await self._stream(body, source)
                acceptance = await self._commit(examined, source)
        except AxisError as error:
            await self._tell_refusal(error, source)
            raise
        self._telemetry.accepted(source.front, acceptance.verdict, acceptance.repeated)
        if not acceptance.repeated:
            self._accepted()
        return acceptance

    @asynccontextmanager
    async def _slot(self, source: Source) -> AsyncIterator[None]:
        if source.unit.state not in SENDING:
            raise AccessError("routing.unit-not-live", code=source.unit.code, state=source.unit.state.value)
        limit = self._settings.limits.package
        if source.size is not None and source.size > limit:
            raise PackageError("intake.too-large", limit=limit)
        if self._closed:
            raise Unavailable("intake.stopping")
        if self._payloads.free_bytes() - (source.size or 0) < self._settings.free_bytes:
            raise Unavailable("intake.disk-low")
        if self._slots.locked() and self._waiting >= self._settings.waiting:
            raise Unavailable("intake.busy")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._settings.patience):
                await self._slots.acquire()
        except TimeoutError:
            raise Unavailable("intake.busy") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    async def _stream(self, body: Body, source: Source) -> record.Examined:
        """Piece by piece through the worker thread, one piece ahead: while one is examined the next
        arrives. A small package costs one hop, because its only piece goes with ``finish``."""
        loop = asyncio.get_running_loop()
        snapshot = await self._directory.current()
        deadlines = await self._almanac.current()
        examination = Examination(self._payloads, source, snapshot, self._notary, self._settings, deadlines)
        running: asyncio.Future[None] | None = None
        finishing: asyncio.Future[record.Examined] | None = None
        done = False
        try:
            held = b""
            async for piece in body:
                if running is not None:
                    await running
                    running = None
                if held:
                    running = loop.run_in_executor(self._workers, examination.feed, held)
                held = piece
            if running is not None:
                await running
                running = None
            finishing = loop.run_in_executor(self._workers, examination.finish, held, body.tail, datetime.now(UTC))
            # Shielded: a caller that hangs up now must not leave a thread writing to a discarded file.
            examined = await asyncio.shield(finishing)
            done = True
            return examined
        finally:
            if not done:
                await self._abandon(examination, finishing or running)

    async def _abandon(self, examination: Examination, running: asyncio.Future[Any] | None) -> None:
        if running is not None and not running.done():
            await asyncio.wait([running])
        if running is not None and not running.cancelled():
            running.exception()  # retrieved: the caller hears of it, or has hung up
        await asyncio.get_running_loop().run_in_executor(self._workers, examination.discard)

    async def _commit(self, examined: record.Examined, source: Source) -> Acceptance:
        row, package = examined.row, examined.judged.package
        if package.kind is Kind.STATUS:
            fresh = await self._lifecycle.accept_status(examined)
        elif package.business_type in CHANGING:
            fresh = await self._changes.accept(examined)
        else:
            # COMMIT POINT of the intake: beyond this line the package exists and every failure is
            # written on its rows, never told to the sender.
            fresh = await self._packages.accept(
                row, examined.deliveries, examined.evidence, finish_due=examined.finish_due
            )
        findings = (*package.findings, *examined.judged.judgement.reasons)
        if fresh:
            return Acceptance(row.id, row.document_id, row.verdict, examined.evidence.jws, False, findings)
        return await self._repeat(examined, source, findings)

    async def _repeat(self, examined: record.Examined, source: Source, findings: tuple[Any, ...]) -> Acceptance:
        row = examined.row
        known = await self._packages.same_again(row.sender, row.identity, row.sha256)
        if known is None:  # cannot be: packages are never deleted
            raise Unavailable("storage.database-away")
        if known["sha256"] != row.sha256:
            if await self._changes.accept_again(examined):
                return Acceptance(row.id, row.document_id, row.verdict, examined.evidence.jws, False, findings)
            raise ConflictError(
                "intake.conflict", document_id=row.document_id, package_id=known["id"],
                received_at=f"{known['received_at']:%Y-%m-%d %H:%M:%SZ}",
            )  # fmt: skip
        await self._journal.write(
            Event.REPEATED, actor=source.unit.code, unit_id=source.unit.id, package_id=known["id"],
            data={"front": source.front, "trace_id": source.trace_id},
        )  # fmt: skip
        return Acceptance(known["id"], known["document_id"], known["verdict"], known["jws"], True, findings)

    async def _tell_refusal(self, error: AxisError, source: Source) -> None:
        """Every failure is visible to someone who can act; retries of an overloaded door are not news."""
        self._telemetry.refused(source.front, error.code)
        if isinstance(error, Unavailable):
            return
        event = _TOLD_AS.get(error.code, Event.REFUSED)
        facts = {key: str(value)[:500] for key, value in error.facts.items()}
        try:
            await self._journal.write(
                event, actor=source.unit.code, unit_id=source.unit.id, package_id=error.concerns,
                delivery_id=error.delivery,
                data={**error.told, "code": error.code, "facts": facts, "front": source.front,
                      "trace_id": source.trace_id},
            )  # fmt: skip
        except Unavailable:
            self._telemetry.log.warning("refusal not journalled", code=error.code, unit=source.unit.code)
