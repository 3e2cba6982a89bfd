"""Receipts, checked the way an outsider would: files and the hub's certificate authority, no hub."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from axis.demo.checks import Pair, ReceiptCount
from axis.domain.errors import AxisError
from axis.domain.events import Event
from axis.trust import receipts
from axis.trust.certificates import TrustAnchors


def check_receipts(files: Sequence[Path], anchor: Path) -> ReceiptCount:
    """Verify every exported receipt offline and collect what the good ones speak of."""
    anchors = TrustAnchors.load(anchor)
    broken: list[str] = []
    accepted: set[str] = set()
    delivered: set[Pair] = set()
    for file in files:
        try:
            claims = receipts.verify(file.read_bytes(), anchors, at=datetime.now(UTC)).claims
        except AxisError as error:
            broken.append(f"{file.name}: {error.code}")
            continue
        if claims.event == Event.ACCEPTED:
            accepted.add(claims.document_id)
        elif claims.event == Event.DELIVERED:
            delivered.update((code, claims.document_id) for code in claims.receivers)
    return ReceiptCount(len(files), tuple(broken), frozenset(accepted), frozenset(delivered))
