"""What a delivery waits for that is not its next attempt: a page must not promise one that will not happen. A unit may
be paused or not connected, and one whose system fetches is never called.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from axis.domain.clock import VIETNAM
from axis.domain.directory import SENDING, Unit
from axis.domain.silence import LIMITS
from axis.fronts.console.filters import duration, number
from axis.fronts.console.texts import gettext, ngettext
from axis.hub.fleet import Fleet
from axis.sheets import words as shown

Row = Mapping[str, Any]


def stopped(unit: Unit, pause: Row | None = None) -> str:
    """Why nothing goes to a unit now; empty while it flows. ``pause``: since when and why (``lookups.pauses``)."""
    if unit.paused and pause is None:
        return gettext("Đơn vị đang tạm dừng phát")
    if unit.paused and pause is not None:
        told = gettext("Tạm dừng từ %(at)s") % {"at": shown.moment(pause["at"].astimezone(VIETNAM))}
        return f"{told} – {pause['reason']}" if pause["reason"] else told
    return "" if unit.state in SENDING else gettext("Kết nối của đơn vị đang ngừng")


def waits(fleet: Fleet, unit: Unit | None, pause: Row | None = None) -> str:
    """What keeps a queued delivery; empty where the axis tries again by itself."""
    if unit is None:
        return ""
    return stopped(unit, pause) or (gettext("Chờ hệ thống của đơn vị lấy về") if fleet.pulls(unit) else "")


def told(row: Row, unit: Unit, fleet: Fleet, now: datetime) -> str:
    """What waits for a unit (``lookups.waiting``), to its own clerks, who cannot see it yet and may have to telephone.
    Empty when nothing waits."""
    if not row["waiting"]:
        return ""
    said = [_waiting(row["waiting"], fleet.pulls(unit))]
    parts = [
        (row["express"], gettext("%(n)s hoả tốc")), (row["urgent"], gettext("%(n)s khẩn")),
        (row["recalls"], ngettext("%(n)s lệnh thu hồi", "%(n)s lệnh thu hồi", row["recalls"])),
    ]  # fmt: skip
    if some := ", ".join(words % {"n": number(count)} for count, words in parts if count):
        said[0] += ", " + gettext("trong đó %(some)s") % {"some": some}
    age = now - row["oldest"] if row["oldest"] else timedelta()
    if age > LIMITS.doubtful:
        said.append(gettext("lâu nhất %(age)s") % {"age": duration(age)})
        if not stopped(unit):
            said.append(gettext("hãy báo quản trị phần mềm của đơn vị"))
    return "; ".join(said) + ". " + gettext("Văn bản hiện trong danh sách khi hệ thống của đơn vị đã có.")


def _waiting(count: int, fetched: bool) -> str:
    if fetched:
        words = ngettext(
            "%(n)s văn bản đang chờ hệ thống của đơn vị lấy về",
            "%(n)s văn bản đang chờ hệ thống của đơn vị lấy về", count,
        )  # fmt: skip
    else:
        words = ngettext(
            "%(n)s văn bản đang chờ gửi tới hệ thống của đơn vị",
            "%(n)s văn bản đang chờ gửi tới hệ thống của đơn vị", count,
        )  # fmt: skip
    return words % {"n": number(count)}
