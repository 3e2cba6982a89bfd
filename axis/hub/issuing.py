"""Packages the axis itself writes: in a unit's name when it speaks for it, in a person's when a clerk acts on
the page of the axis.

Such a package names the unit in From, because other units' software keeps its books by sender; where a
person acted, StaffInfo names the person; and it bears the axis's own signature, so that anybody can tell
who wrote the bytes. Its verdict is *unproven*: the unit did not sign it. Nothing here decides whether a
package may be: what comes out is ``Examined``, as out of the door, and goes the same way from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from uuid import UUID

from axis.domain.directory import Unit
from axis.domain.document import Kind, Package, Verdict
from axis.domain.events import Event
from axis.domain.ids import new_id
from axis.edxml.writer import document_bytes, status_bytes
from axis.hub import record
from axis.hub.notary import Notary
from axis.hub.routing import Route
from axis.store.packages import NewDelivery
from axis.store.payloads import Payloads
from axis.trust import signature
from axis.trust.keys import HubIdentity
from axis.trust.verdict import Judgement


class Issuer:
    def __init__(
        self, *, payloads: Payloads, notary: Notary, identity: HubIdentity, workers: Executor
    ) -> None:
        self._payloads = payloads
        self._notary = notary
        self._identity = identity
        self._workers = workers

    async def issue(
        self, package: Package, unit: Unit, deliveries: Sequence[NewDelivery], *, front: str, actor: str,
        about: UUID | None = None,
    ) -> record.Examined:  # fmt: skip
        """Write, sign and store a package of ``unit``. When this returns its bytes are durable, and nothing
        refers to them yet. Raises PackageError for what a strict writer must not write."""
        at = datetime.now(UTC)
        loop = asyncio.get_running_loop()
        sha256, size = await loop.run_in_executor(self._workers, self._store, package)
        judged = record.Judged(
            package, Judgement(Verdict.UNPROVEN, (), None), unit.code, Route(()), sha256, size
        )
        row = record.row(new_id(), unit.id, judged, front, at)
        receivers = [code for delivery in deliveries for code in delivery.receivers]
        facts = {"id": row.id, "document_id": row.document_id, "sha256": sha256, "size": size, "sender": unit.code,
                 "verdict": row.verdict}  # fmt: skip
        claims = self._notary.claims(Event.ACCEPTED, at, facts, receivers, package.status_code)
        data = {"front": front, "verdict": row.verdict, "sha256": sha256, "receivers": receivers}
        evidence = await self._notary.evidence(claims, actor, data)
        return record.Examined(judged, row, tuple(deliveries), evidence, about=about)

    def _store(self, package: Package) -> tuple[str, int]:
        plain = status_bytes(package) if package.kind is Kind.STATUS else document_bytes(package)
        data = signature.sign(plain, self._identity.key, self._identity.chain)
        spool = self._payloads.spool()
        try:
            spool.write(data)
            return spool.commit()
        except BaseException:
            spool.discard()
            raise
