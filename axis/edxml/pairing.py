"""Which manifest entry speaks of which attachment.

Ids are compared without their ``cid:`` (the library adds one at every parse and build). Where they do
not match, order decides when as many are left on both sides, else the name (edxml.md section 6).
Nothing is dropped: what stays alone is kept and reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from axis.domain.document import Attachment, ManifestReference
from axis.edxml.names import bare_id, safe_name


@dataclass(frozen=True, slots=True)
class Pair:
    """A manifest entry and its attachment; one of them may be missing. ``how``: ``id``, ``order``,
    ``name`` or empty."""

    reference: ManifestReference | None
    attachment: Attachment | None
    how: str = ""


def pair(manifest: Sequence[ManifestReference], attachments: Sequence[Attachment]) -> list[Pair]:
    """Bring manifest and attachments together: by id, else by order when as many are left on both
    sides, else by name. In the order of the attachments; lonely references last."""
    partner: dict[int, tuple[ManifestReference, str]] = {}
    left = list(manifest)

    def match(how: str, key_of: dict[int, str]) -> None:
        for number, key in key_of.items():
            found = next((r for r in left if key and _key(r, how) == key), None)
            if found is not None:
                left[:] = [r for r in left if r is not found]
                partner[number] = (found, how)

    match("id", {n: bare_id(a.content_id) for n, a in enumerate(attachments)})
    alone = [n for n in range(len(attachments)) if n not in partner]
    if len(alone) == len(left):
        partner.update({n: (r, "order") for n, r in zip(alone, left, strict=True)})
        left = []
    else:
        match("name", {n: safe_name(attachments[n].name).casefold() for n in alone})
    pairs = [
        Pair(*((partner[n][0], a, partner[n][1]) if n in partner else (None, a)))
        for n, a in enumerate(attachments)
    ]
    return pairs + [Pair(r, None) for r in left]


def _key(reference: ManifestReference, how: str) -> str:
    return bare_id(reference.content_id) if how == "id" else safe_name(reference.attachment_name).casefold()
