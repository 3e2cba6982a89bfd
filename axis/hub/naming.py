"""Which document a package means: the one with its DocumentId, else the one with its number, notation and date.

    DocumentId   names one document or none. A recall, update or replacement that gives one never means another:
                 numbers begin anew each year, and last year's 12/TB must not take back this year's.
    Code         number and notation, with the date where one is given. More than one document of the sender that
                 fits is nobody's choice but the writer's: it is refused, never the newest taken.

A status moves one delivery and can be taken for what it is, so one with an unknown DocumentId may still name its
document by number, notation *and* date. Its receiver speaks of what was sent to it, and of nothing else (P3).
Texts match in both Unicode forms, composed and taken apart: systems differ in what they send back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from axis.domain.codes import normal
from axis.domain.document import EXCLUSIVE_TYPES, BusinessType, Package, ResponseFor
from axis.domain.errors import PackageError
from axis.domain.text import composed, forms
from axis.hub.directory import Snapshot
from axis.store.database import Transaction
from axis.store.documents import Documents

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """How a package names a document. ``organ_id``: whose it says it is; empty where it does not say."""

    document_id: str = ""
    code: str = ""
    day: date | None = None
    organ_id: str = ""

    @classmethod
    def of(cls, response: ResponseFor) -> Reference:
        return cls(response.document_id, response.code, response.promulgation_date.value, response.organ_id)

    @property
    def name(self) -> str:
        return self.document_id or self.code


def speaks_of(package: Package, kind: BusinessType) -> list[Reference]:
    """The documents a recall, update or replacement names, without repeats, in order. Where each kind names
    them: edxml.md section 3."""
    business = package.business
    found: list[Reference] = []
    if kind is BusinessType.REPLACE and business:
        found = [Reference(r.document_id) for r in business.replacements]
    if kind is BusinessType.UPDATE and business and business.document_id:
        found = [Reference(business.document_id)]
    if not found:
        found = [Reference.of(r) for r in package.response_for]
    if not found and kind is BusinessType.RECALL and business and business.document_id:
        found = [Reference(business.document_id)]
    return list(dict.fromkeys(r for r in found if r.name))


def is_senders(reference: Reference, sender: str, snapshot: Snapshot) -> bool:
    """Whether the agency a reference names is the sender itself, under any of its codes. Of agencies behind a
    relay the axis knows no other codes: there a DocumentId, found among the sender's own, is as good."""
    named = snapshot.named(reference.organ_id)
    if not reference.organ_id or normal(reference.organ_id) == normal(sender):
        return True
    if named is not None:
        return named.code == sender
    return snapshot.named(sender) is None and bool(reference.document_id)


async def meant_by_sender(documents: Documents, work: Transaction, sender: str, reference: Reference) -> Row | None:
    """What a recall, update or replacement of this sender means."""
    if reference.document_id:
        return await documents.find(work, sender, forms(reference.document_id))
    return await _by_number(documents, work, sender, reference, None)


async def meant_by_status(
    documents: Documents, work: Transaction, owner: str, reference: Reference, unit_id: UUID | None
) -> Row | None:
    """What a status about a document of ``owner`` means; ``unit_id``: whose word it is, when a receiver's."""
    if reference.document_id:
        found = await documents.find(work, owner, forms(reference.document_id))
        if found is not None or reference.day is None:
            return found
    return await _by_number(documents, work, owner, reference, unit_id)


async def _by_number(
    documents: Documents, work: Transaction, owner: str, reference: Reference, unit_id: UUID | None
) -> Row | None:
    if not reference.code:
        return None
    rows = await documents.find_by_code(work, owner, forms(reference.code), reference.day, unit_id)
    # The document itself before a recall or update that came under the same number.
    fitting = [row for row in rows if row["business_type"] in EXCLUSIVE_TYPES] or list(rows)
    if len({composed(row["document_id"]) or row["id"] for row in fitting}) > 1:
        raise PackageError("document.ambiguous", code=reference.code, sender=owner)
    return fitting[0] if fitting else None
