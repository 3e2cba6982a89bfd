"""How each unit stands, at a glance, from what is stored: nothing is called and nothing counted without bound.

    red      it fails now, cannot work as it is configured, or something waits longer than a day
    yellow   configured, not proven: nothing went well within a week, or it runs out soon
    either   the system of a unit that fetches is silent for too long (domain/silence.py)
    green    proven: its system took something or called since its last error
    grey     not in use: being entered, suspended, retired

Reasons are said in words, the worst first; the page orders units the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from axis.domain.clock import VIETNAM
from axis.domain.directory import Unit, UnitState
from axis.domain.document import Policy
from axis.domain.silence import Silence, judge, quiet_hours
from axis.fronts.admin import asked
from axis.fronts.console.filters import duration, number
from axis.fronts.console.operator_room import Room, room
from axis.fronts.console.pages import render
from axis.fronts.console.texts import N_, gettext
from axis.store.operations import MOST_COUNTED, waiting_of

Row = Mapping[str, Any]
PROVEN_FOR = timedelta(days=7)
TOO_OLD = timedelta(days=1)
SOON = 30  # days a certificate may have left
MESSAGES_LATE = 3600.0  # seconds a message about a deadline may take
_ACTIVE = frozenset({UnitState.TESTING, UnitState.LIVE})
_ORDER = {"trouble": 0, "unproven": 1, "proven": 2, "off": 3}
_CHECKS = {
    "database": (N_("Cơ sở dữ liệu"), N_("trả lời bình thường")),
    "serving": (N_("Tiến trình trả lời trang này"), N_("đang phục vụ")),
}
"""What checks of the axis are called here, and what is said of one that finds nothing wrong; disk and courier have
their own lines."""
_BREAKER = 3  # failures from which nobody knocks before ``not_before``


@dataclass(frozen=True, slots=True)
class Sight:
    """One unit as operators see it. ``health``: of ``marks.health``; ``breaker``: until when nobody knocks;
    ``certificate_days``: of the one that lasts longest, None without any."""

    unit: Unit
    row: Row
    backlog: Row
    health: str
    reasons: tuple[str, ...]
    age: timedelta | None
    breaker: datetime | None
    certificate_days: int | None

    @property
    def waiting(self) -> int:
        return int(self.backlog["queued"] + self.backlog["sending"] + self.backlog["held"])

    @property
    def rank(self) -> tuple[int, int, float, str]:
        """Worst first."""
        age = self.age.total_seconds() if self.age else 0.0
        return (_ORDER[self.health], -int(self.unit.paused), -age, self.unit.code)


def counted(value: int) -> str:
    """A count that stopped at its limit says so."""
    return f"{number(MOST_COUNTED)}+" if value > MOST_COUNTED else number(value)


def sight(unit: Unit, row: Row, backlog: Row, now: datetime, pulls: bool = False) -> Sight:
    age = now - backlog["oldest"] if backlog["oldest"] else None
    days = max(((s.valid_to - now).days for s in unit.signers if s.valid_from <= now), default=None)
    until = row["not_before"]
    opened = row["failures"] >= _BREAKER and until is not None and until.tzinfo is not None and until > now
    bad = _wrong(unit, row, age, days) if unit.state in _ACTIVE else []
    soft = _doubtful(unit, row, days, now, pulls) if unit.state in _ACTIVE else []
    if pulls and unit.state in _ACTIVE:
        how, words = _silence(unit, row, backlog, now)
        if how is not Silence.USUAL:
            (bad if how is Silence.FAILING else soft).insert(0, words)
    health = "trouble" if bad else "unproven" if soft else "proven" if unit.state in _ACTIVE else "off"
    return Sight(unit, row, backlog, health, (*bad, *soft), age, until if opened else None, days)


def _wrong(unit: Unit, row: Row, age: timedelta | None, days: int | None) -> list[str]:
    found = []
    if row["failures"]:
        found.append(gettext("%(count)s lần gửi liền nhau không được") % {"count": number(row["failures"])})
    if days is None and unit.policy is Policy.REQUIRED:
        found.append(gettext("chưa gắn chứng thư ký còn hiệu lực"))
    elif days is not None and days < 0:
        found.append(gettext("chứng thư ký đã hết hạn"))
    if age is not None and age > TOO_OLD:
        found.append(gettext("có lượt gửi chờ đã %(age)s") % {"age": duration(age)})
    return found


def _silence(unit: Unit, row: Row, backlog: Row, now: datetime) -> tuple[Silence, str]:
    """Of a system that calls by itself. One that never called is told as not proven."""
    if row["last_call_at"] is None:
        return Silence.USUAL, ""
    silent, waiting = now - row["last_call_at"], waiting_of(backlog)
    said = (
        gettext("hệ thống của đơn vị không gọi tới đã %(age)s trong khi có văn bản chờ lấy về")
        if waiting.any else gettext("đã %(age)s không có liên lạc nào")
    )  # fmt: skip
    return judge(silent, waiting, quiet_hours(unit.settings)), said % {"age": duration(silent)}


def _doubtful(unit: Unit, row: Row, days: int | None, now: datetime, pulls: bool) -> list[str]:
    found = []
    signs = [moment for moment in (row["last_success_at"], row["last_call_at"]) if moment]
    if not signs:
        found.append(gettext("chưa có lần liên lạc nào thành công"))
    elif not (pulls and row["last_call_at"]) and now - max(signs) > PROVEN_FOR:
        found.append(gettext("đã %(age)s không có liên lạc nào") % {"age": duration(now - max(signs))})
    if days is not None and 0 <= days <= SOON:
        found.append(gettext("chứng thư ký còn %(days)s ngày") % {"days": number(days)})
    if unit.paused:
        found.append(gettext("đang tạm dừng phát"))
    return found


async def look(here: Room, unit: Unit | None = None) -> list[Sight]:
    """Every unit (or one), the worst first."""
    now, health = here.now(), await here.units.health()
    backlog = await here.operations.backlog(unit.id if unit else None)
    units = [unit] if unit else (await here.directory.current(0)).units.values()
    found = [
        sight(u, health[u.code], backlog[u.id], now, here.fleet.pulls(u))
        for u in units if u.code in health and u.id in backlog
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.rank)


async def overview(request: web.Request) -> web.StreamResponse:
    here = room(request)
    shown = await look(here)
    return render(
        request, "operator/overview.html", partial="results", units=shown, facts=await _axis(here), counted=counted,
        at=f"{here.now().astimezone(VIETNAM):%H:%M}",
        stopped=[s for s in shown if s.unit.paused or s.unit.state is UnitState.SUSPENDED],
        numbers={name: sum(s.health == name for s in shown) for name in _ORDER},
        waiting=sum(s.waiting for s in shown), parked=sum(s.backlog["parked"] for s in shown),
        refused=sum(s.backlog["refused"] for s in shown),
        capped={name: any(s.backlog[name] > MOST_COUNTED for s in shown) for name in
                ("queued", "sending", "held", "parked", "refused")},
    )  # fmt: skip


async def _axis(here: Room) -> Sequence[Mapping[str, Any]]:
    """The axis itself: subject, health, what to know, and the route of the mend."""
    free, trouble, said = here.free_bytes(), here.trouble(), await asked(here.checks)
    disk = "trouble" if free < here.needed_bytes else "unproven" if free < 4 * here.needed_bytes else "proven"
    year = here.now().astimezone(VIETNAM).year
    decided = await here.almanac.decisions()
    late = await here.alerts.overdue(MESSAGES_LATE)
    return [
        {"name": gettext("Ổ đĩa"), "health": disk, "bytes": free, "words": "", "route": "operator.settings"},
        *({"name": gettext(name), "health": "trouble" if said.get(check) else "proven" if check in said else "unproven",
           "words": said.get(check) or (gettext(well) if check in said else gettext("không hỏi được")), "route": ""}
          for check, (name, well) in _CHECKS.items()),
        {"name": gettext("Bộ phát văn bản"), "health": "trouble" if trouble else "proven",
         "words": trouble or gettext("đang chạy"), "route": ""},
        {"name": gettext("Thư và tín hiệu cảnh báo"), "health": "trouble" if late else "proven",
         "words": "; ".join(f"{row['channel']}: {number(row['waiting'])} {row['note']}" for row in late)
         or gettext("không có gì bị kẹt"), "route": "operator.journal.messages"},
        {"name": gettext("Lịch làm việc năm %(year)d") % {"year": year},
         "health": "proven" if year in decided else "unproven",
         "words": decided.get(year, "") or gettext("tạm tính: chưa nhập quyết định của năm"),
         "route": "operator.settings.calendar"},
    ]  # fmt: skip
