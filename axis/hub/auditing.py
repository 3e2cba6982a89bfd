"""What an auditor works with: everything to read, nothing to change, and a journal that writes down each look.

All that is read here is read over a ``Reader`` (store/reader.py), under the database's own read-only role.
Two of them: one for pages, whose statements have seconds, and one for files and for counting anew, whose
statements have a minute. The journal alone is written through the ordinary pool, *before* anything is
shown: what could not be written down is not shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from axis.domain.events import Event
from axis.domain.people import Person
from axis.hub.directory import Directory
from axis.hub.reporting.reports import Reports, Undecided
from axis.hub.reporting.series import Series
from axis.hub.standing import Almanac
from axis.store.alerts import Alerts
from axis.store.audit import Audit
from axis.store.database import Database
from axis.store.journal import Journal
from axis.store.lookups import Lookups
from axis.store.reader import Reader
from axis.store.registers import Registers
from axis.store.reports import Counters
from axis.store.samples import Samples
from axis.trust.certificates import TrustAnchors, fingerprint
from axis.trust.keys import HubIdentity

PAGE_SECONDS, FILE_SECONDS = 5.0, 60.0
LONGEST_PATH = 1_000


@dataclass(frozen=True, slots=True)
class Auditing:
    """``patient``: the search for files; ``reports``, ``series``: of the same figures as everybody's;
    ``anchors``: what receipts are checked against, ``signer``: the fingerprint that signs them today,
    ``axis``: the code in them."""

    reader: Reader
    audit: Audit
    patient: Audit
    lookups: Lookups
    alerts: Alerts
    reports: Reports
    series: Series
    directory: Directory
    almanac: Almanac
    anchors: TrustAnchors
    signer: str
    axis: str
    journal: Journal

    async def looked(self, person: Person, look: str, path: str, *, unit_id: UUID | None = None) -> None:
        """Write down that somebody looks. ``look``: what at, a key of ``domain.telling.LOOKS``."""
        await self.journal.write(
            Event.LOOKED, actor=person.actor, unit_id=unit_id,
            data={"look": look, "path": path[:LONGEST_PATH], "login": person.login, "staff": person.name},
        )  # fmt: skip

    async def exported(self, person: Person, path: str, what: str, form: str) -> None:
        """Write down that somebody takes a file away."""
        await self.journal.write(
            Event.EXPORTED, actor=person.actor,
            data={"path": path[:LONGEST_PATH], "what": what, "format": form, "login": person.login,
                  "staff": person.name},
        )  # fmt: skip


def open_auditing(
    *, database: Database, journal: Journal, directory: Directory, almanac: Almanac, identity: HubIdentity, code: str,
    undecided: Undecided | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Auditing:  # fmt: skip
    """``database``: the connections pages read with; it opens none of its own."""
    reader, patient = Reader(database, PAGE_SECONDS), Reader(database, FILE_SECONDS)
    return Auditing(
        reader=reader, audit=Audit(reader), patient=Audit(patient), lookups=Lookups(reader), alerts=Alerts(reader),
        reports=Reports(Counters(patient), Registers(patient), directory, undecided, now),
        series=Series(Counters(reader), Samples(reader), directory), directory=directory, almanac=almanac,
        anchors=TrustAnchors([identity.chain[-1]]), signer=fingerprint(identity.certificate), axis=code,
        journal=journal,
    )  # fmt: skip
