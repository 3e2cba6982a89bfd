"""Taking a document back from one receiver: by order (a recall, type 1) or by request (13).

    nothing on its way   the delivery ends here: nobody can fetch, push or replay it any more
      never left         the receiver need not even hear of it; the axis itself answers 15 to the sender
      perhaps seen       an attempt went out before: the receiver is told all the same
    under way            the word waits behind the attempt; when that fails, it is the last one
    arrived              the receiver is told, and answers
    of some addressees   of one delivery to several the others keep it: it travels on, the word behind it

The delivery stays locked by the caller from the look to the commit, so a fetch or a claim either came
before (then the receiver is told) or finds it gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from axis.domain.document import BusinessType
from axis.domain.events import Event
from axis.domain.states import MAX_REASON, WAITING, TakingBack, Transport
from axis.domain.text import shortened
from axis.hub.addressees import Addressees, Voices
from axis.hub.notary import Notary
from axis.hub.standing import FINISHED_TRYING, Row, under_way, was_seen
from axis.store.database import Transaction
from axis.store.documents import Documents
from axis.store.journal import Journal


@dataclass(frozen=True, slots=True)
class Taken:
    """``told``: the receiver must hear of it; ``behind``: but not before this delivery is settled."""

    told: bool
    behind: bool = False


class Taker:
    def __init__(
        self, *, documents: Documents, journal: Journal, notary: Notary, addressees: Addressees
    ) -> None:
        self._addressees = addressees
        self._documents = documents
        self._journal = journal
        self._notary = notary

    async def take(
        self, work: Transaction, row: Row, word: TakingBack, at: datetime, actor: str, data: Mapping[str, Any],
        voices: Voices | None = None,
    ) -> Taken:  # fmt: skip
        """Carry out ``word`` (ORDERED or ASKED) on a locked delivery that may be taken back; ``voices``: from whom
        of its several addressees."""
        if word not in await self._addressees.talk(work, voices, word):
            return Taken(told=True, behind=row["state"] in WAITING and row["fetched_at"] is None)
        seen = was_seen(row)
        look = row["look_at"] if word is TakingBack.ASKED else None  # while it is only asked, its clock runs
        await self._documents.move_taking_back(work, row["id"], word, row["taking_back"], look)
        # Who is only asked, and has it, may deny: then it stays as it is.
        has_it = row["handling"] != "" or row["fetched_at"] is not None
        if row["state"] in FINISHED_TRYING and (word is TakingBack.ORDERED or not has_it):
            await self.cancel(work, row, at, actor, data)
            if not seen:
                await self._documents.move_taking_back(work, row["id"], TakingBack.AGREED, word)
                await self._documents.notice(work, row["id"], TakingBack.AGREED, "never-left")
                return Taken(told=False)
        return Taken(told=True, behind=under_way(row))

    async def cancel(self, work: Transaction, row: Row, at: datetime, actor: str, data: Mapping[str, Any]) -> None:
        """End a delivery before its receiver has it; journalled, with a receipt."""
        if await self._documents.recall(work, row["id"], shortened(str(data.get("reason", "")), MAX_REASON)):
            await self._prove(work, Event.RECALLED, row, at, actor, data)

    async def cancel_updates(
        self, work: Transaction, rows: Sequence[Row], at: datetime, actor: str, data: Mapping[str, Any]
    ) -> None:
        """An update of a document that was taken back has nothing left to say: what has not left ends, an attempt
        under way is the last one. (The database does the same for whatever else takes a document back.)"""
        for row in (r for r in rows if r["business_type"] == BusinessType.UPDATE):
            if row["state"] in FINISHED_TRYING:
                await self.cancel(work, row, at, actor, data)
            elif row["state"] == Transport.SENDING:
                await self._documents.last_try(work, row["id"])

    async def reached(self, work: Transaction, row: Row, at: datetime, actor: str, data: Mapping[str, Any]) -> None:
        """End a delivery its receiver has by its own word; journalled, with a receipt."""
        if await self._documents.reached(work, row["id"]):
            await self._prove(work, Event.DELIVERED, row, at, actor, data)

    async def _prove(
        self, work: Transaction, event: Event, row: Row, at: datetime, actor: str, data: Mapping[str, Any]
    ) -> None:
        claims = self._notary.claims(event, at, row, row["receivers"])
        proof = await self._notary.evidence(claims, actor, {**data, "was": row["state"]})
        await self._journal.write(
            event, actor=actor, data=proof.data, unit_id=row["unit_id"], package_id=row["package_id"],
            delivery_id=row["id"], event_id=proof.event_id, on=work,
        )  # fmt: skip
        await self._journal.receipt(work, proof.event_id, row["package_id"], row["id"], event, proof.jws)


def ended(row: Row) -> bool:
    """Nothing of this delivery is left at its receiver, and nothing will come: returned, given back,
    recalled before it arrived, or refused by the receiver's system."""
    return (
        row["handling"] == "02"
        or row["taking_back"] == TakingBack.AGREED
        or row["state"] in (Transport.RECALLED, Transport.REFUSED)
    )
