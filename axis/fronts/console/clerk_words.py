"""How a document and its deliveries are told to a clerk: marks, deadlines, the order of worry.

One delivery has at most three things to say: how it stands (the receiver's word, or before there is one the
axis's), whether somebody wants it back, and what is due next. A sender with forty receivers is told the worst
first: what came back, what is overdue, what is stuck; what is finished last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from axis.domain.clock import VIETNAM
from axis.domain.deadlines import Clock, Deadlines, open_rules
from axis.domain.telling import plain_note
from axis.fronts.console import marks, texts
from axis.fronts.console.marks import Mark, Tone
from axis.fronts.console.texts import N_, gettext
from axis.hub.reporting.registers import code_of
from axis.hub.standing import shown_deadline
from axis.sheets import words

Row = Mapping[str, Any]

STANDINGS: dict[str, tuple[str, Tone, str]] = {
    "overdue": (N_("Quá hạn"), "bad", "alarm"),
    "returned": (N_("Bị trả lại"), "bad", "cross"),
    "refused": (N_("Hệ thống từ chối"), "bad", "cross"),
    "asked-back": (N_("Đang yêu cầu lấy lại"), "wait", "back"),
    "on-its-way": (N_("Đang chuyển"), "wait", "clock"),
    "arrived": (N_("Đã đến, chưa tiếp nhận"), "wait", "inbox"),
    "accepted": (N_("Đã tiếp nhận"), "good", "check"),
    "finished": (N_("Hoàn thành"), "good", "check"),
    "taken-back": (N_("Đã thu hồi hoặc lấy lại"), "plain", "back"),
}
"""The filter's words for ``store.lookups.STANDINGS``."""
KINDS: dict[int, str] = {1: N_("Thu hồi"), 2: N_("Cập nhật"), 3: N_("Thay thế")}
"""What a package that is no new document does."""
_WORRY = {
    "overdue": 1, "returned": 0, "refused": 0, "asked-back": 2, "on-its-way": 3, "arrived": 4, "accepted": 5,
    "finished": 6, "taken-back": 7,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stands:
    """One delivery, told. ``late``: its next deadline was missed; ``worry``: smaller is worse. Words are made when
    they are asked for: of many receivers a list orders all and shows the worst."""

    row: Row
    late: bool
    worry: int
    deadlines: Deadlines
    now: datetime

    @property
    def marks(self) -> tuple[Mark, ...]:
        return told(self.row)

    @property
    def due(self) -> str:
        """The next deadline in words; empty when none is open."""
        return shown_deadline(self.deadlines, self.row, self.now, texts.language())


def stands(row: Row, deadlines: Deadlines, now: datetime) -> Stands:
    then = Clock.of(row)
    due = [moment for rule in open_rules(then) if (moment := then.due(rule)) is not None]
    late = bool(due) and min(due) <= now
    return Stands(row, late, 2 if row["state"] == "parked" else _WORRY[standing_of(row, late)], deadlines, now)


def worst_first(rows: Sequence[Row], deadlines: Deadlines, now: datetime) -> list[Stands]:
    found = [stands(row, deadlines, now) for row in rows]
    return sorted(found, key=lambda one: (one.worry, str(one.row.get("unit_name", "")), str(one.row["id"])))


def told(row: Row) -> tuple[Mark, ...]:
    """The marks of a delivery, the first of them how it stands."""
    state, handling, talk = row["state"], row["handling"], row["taking_back"]
    if state == "recalled":
        first = marks.transport(state)
    elif handling:
        first = marks.handling(handling)
    elif arrived(row):
        first = _standing_mark("arrived")
    else:
        first = marks.transport(state)
    return (first, marks.handling(talk)) if talk and not (state == "recalled" and talk == "15") else (first,)


def arrived(row: Row) -> bool:
    """Whether the receiver's system has it: then its content is the receiver's to see."""
    known = row.get("arrived_at") or row.get("fetched_at") or row.get("came_at")
    return known is not None or row["state"] == "delivered"


def standing_of(row: Row, late: bool) -> str:
    """As ``delivery.standing`` says it, for a row that is at hand."""
    if row["state"] == "recalled" or row["taking_back"] in ("recall", "15"):
        return "taken-back"
    if row["handling"] == "02":
        return "returned"
    if row["state"] == "refused":
        return "refused"
    if row["handling"] == "06":
        return "finished"
    if late:
        return "overdue"
    if row["taking_back"] == "13":
        return "asked-back"
    if row["handling"] in ("03", "04", "05"):
        return "accepted"
    return "arrived" if arrived(row) else "on-its-way"


def attempts(row: Row) -> str:
    """What the axis is doing about a delivery that has not arrived; empty once it has."""
    if row["state"] not in ("queued", "sending", "parked", "refused") or not row["attempts"]:
        return ""
    told = gettext("Đã thử gửi %(count)s lần") % {"count": words.number(row["attempts"])}
    if row["state"] == "queued" and row["next_attempt_at"] is not None:
        again = words.moment(row["next_attempt_at"].astimezone(VIETNAM))
        told += "; " + gettext("lần tới lúc %(at)s") % {"at": again}
    return told


def note_of(row: Row) -> str:
    """Why it stands so: the receiver's word, what an operator wrote, or what the last attempt met in plain words."""
    if row["reason"]:
        return str(row["reason"])
    note, kept = str(row["note"] or ""), row["state"] in ("parked", "refused", "recalled")
    return plain_note(note, texts.language()) or (note if kept and not note.startswith("lease of ") else "")


def number_of(row: Row) -> str:
    """Số, ký hiệu, or failing that the document's own id."""
    return code_of(row) or str(row["document_id"])


def kind_mark(business_type: int) -> Mark | None:
    """What the package does to another document; None for a new one."""
    words_ = KINDS.get(business_type)
    return marks.mark(gettext(words_), "plain", "back" if business_type == 1 else "arrow") if words_ else None


def standing_options(outgoing: bool) -> list[tuple[str, str]]:
    """For the filter; what never came to a unit is not in its list."""
    left_out = () if outgoing else ("on-its-way", "refused")
    return [(key, gettext(text)) for key, (text, _, _) in STANDINGS.items() if key not in left_out]


def _standing_mark(standing: str) -> Mark:
    text, tone, icon = STANDINGS[standing]
    return marks.mark(gettext(text), tone, icon)
