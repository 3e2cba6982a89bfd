"""Receipts at the moment of their event: signed before the commit, written by it, never after it.

The id of the journal row is made first (UUID version 7), so the receipt can name the event it proves
although the row does not exist yet; either both are committed or neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from typing import Any

from axis.domain.events import Event
from axis.domain.ids import new_id
from axis.store.packages import Evidence
from axis.trust.receipts import Claims, ReceiptSigner


class Notary:
    """``axis``: the hub's own agency code, named in every receipt."""

    def __init__(self, signer: ReceiptSigner, axis: str, workers: Executor) -> None:
        self._signer = signer
        self._axis = axis
        self._workers = workers

    def claims(
        self,
        event: Event,
        at: datetime,
        package: Mapping[str, Any],
        receivers: Sequence[str],
        status: str = "",
    ) -> Claims:
        """``package``: a mapping with the columns id, document_id, sha256, size, sender, verdict."""
        package_id = package["package_id"] if "package_id" in package else package["id"]
        return Claims(
            id=new_id(), axis=self._axis, event=event.value, time=at, package=package_id,
            document_id=package["document_id"], sha256=package["sha256"], size=package["size"],
            sender=package["sender"], receivers=tuple(receivers), verdict=package["verdict"], status=status,
        )  # fmt: skip

    def sign_here(self, claims: Claims) -> str:
        """For worker threads."""
        return self._signer.sign(claims)

    async def evidence(self, claims: Claims, actor: str, data: Mapping[str, Any]) -> Evidence:
        """Journal row and receipt of an event, ready to be written with its change."""
        if self._signer.is_slow:
            jws = await asyncio.get_running_loop().run_in_executor(self._workers, self._signer.sign, claims)
        else:
            jws = self._signer.sign(claims)
        return Evidence(claims.id, actor, data, jws)
