"""Identifiers made by the axis: UUID version 7 (RFC 9562), so that they sort by time, can be known
before the row is written, and tell an outsider nothing about how many others there are."""

from __future__ import annotations

import os
import time
from uuid import UUID


def new_id() -> UUID:
    return _made(time.time_ns() // 1_000_000)


def beside(known: UUID) -> UUID:
    """A new id with the time of another: what belongs together is found in one stretch of ids."""
    return _made(known.int >> 80)


def _made(milliseconds: int) -> UUID:
    value = (milliseconds & ((1 << 48) - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
