"""What a delivery waits for that is not its next attempt: a page must not promise one that will not happen. A unit may
be paused or not connected, and one whose system fetches is never called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axis.domain.clock import VIETNAM
from axis.domain.directory import SENDING, Unit
from axis.fronts.console.texts import gettext
from axis.hub.fleet import Fleet
from axis.sheets import words

Row = Mapping[str, Any]


def stopped(unit: Unit, pause: Row | None = None) -> str:
    """Why nothing goes to a unit now; empty while it flows. ``pause``: since when and why (``lookups.pauses``)."""
    if unit.paused and pause is None:
        return gettext("Đơn vị đang tạm dừng phát")
    if unit.paused and pause is not None:
        told = gettext("Tạm dừng từ %(at)s") % {"at": words.moment(pause["at"].astimezone(VIETNAM))}
        return f"{told} – {pause['reason']}" if pause["reason"] else told
    return "" if unit.state in SENDING else gettext("Kết nối của đơn vị đang ngừng")


def waits(fleet: Fleet, unit: Unit | None, pause: Row | None = None) -> str:
    """What keeps a queued delivery; empty where the axis tries again by itself."""
    if unit is None:
        return ""
    return stopped(unit, pause) or (gettext("Chờ hệ thống của đơn vị lấy về") if fleet.pulls(unit) else "")
