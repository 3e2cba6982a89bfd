"""Receipts, checked the way an outsider would: files and the hub's certificate authority, no hub."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from axis.demo.checks import Pair, ReceiptCount
from axis.demo.units import MINISTRY_CODE
from axis.domain.document import Verdict
from axis.domain.errors import AxisError
from axis.domain.events import Event
from axis.trust import receipts
from axis.trust.certificates import TrustAnchors


def check_receipts(files: Sequence[Path], anchor: Path) -> ReceiptCount:
    """Verify every exported receipt offline and collect what the good ones speak of."""
    anchors = TrustAnchors.load(anchor)
    broken: list[str] = []
    accepted: set[Pair] = set()
    delivered: set[Pair] = set()
    sample = None
    for file in files:
        try:
            claims = receipts.verify(file.read_bytes(), anchors, at=datetime.now(UTC)).claims
        except AxisError as error:
            broken.append(f"{file.name}: {error.code}")
            continue
        if claims.event == Event.ACCEPTED:
            accepted.add((claims.document_id, claims.sha256))
        elif claims.event == Event.DELIVERED:
            pairs = {(code, claims.document_id) for code in claims.receivers}
            delivered |= pairs
            if claims.verdict == Verdict.PROVEN and MINISTRY_CODE not in claims.receivers:
                sample = (file, next(iter(pairs)))
    return ReceiptCount(len(files), tuple(broken), frozenset(accepted), frozenset(delivered), sample)
