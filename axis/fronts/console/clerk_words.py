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
from axis.domain.document import EXCLUSIVE_TYPES, BusinessType
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
    "to-answer": (N_("Chờ trả lời"), "wait", "back"),
    "on-its-way": (N_("Đang chuyển"), "wait", "clock"),
    "arrived": (N_("Đã đến, chưa tiếp nhận"), "wait", "inbox"),
    "accepted": (N_("Đã tiếp nhận"), "good", "check"),
    "finished": (N_("Hoàn thành"), "good", "check"),
    "answered": (N_("Đã trả lời"), "good", "check"),
    "taken-back": (N_("Đã thu hồi hoặc lấy lại"), "plain", "back"),
}
"""The filter's words for ``store.lookups.STANDINGS``."""
CHANGES = frozenset(BusinessType) - EXCLUSIVE_TYPES
"""Types that only change another document: their receivers answer 15 or 16."""
KINDS: dict[int, str] = {1: N_("Thu hồi"), 2: N_("Cập nhật"), 3: N_("Thay thế")}
"""What a package that is no new document does."""
CHANGED: dict[str, str] = {
    "recall": N_("Đã có lệnh thu hồi"), "replace": N_("Đã được thay thế"), "update": N_("Đã có cập nhật"),
}  # fmt: skip
"""What a later package did to a document; its reader must not miss it."""
_WORRY = {
    "overdue": 1, "returned": 0, "refused": 0, "to-answer": 1, "on-its-way": 3, "arrived": 4, "accepted": 5,
    "finished": 6, "answered": 6, "taken-back": 7,
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
    def addressees(self) -> list[tuple[str, tuple[Mark, ...], str]]:
        """Where several are behind one delivery: each one's code, how it stands, and why."""
        return [
            (one["code"], told({**self.row, **one}), one["reason"]) for one in self.row.get("addressees") or ()
        ]

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
    """The marks of a delivery, the first of them how it stands. What was taken back says nothing else."""
    state, handling, talk = row["state"], row["handling"], row["taking_back"]
    changes = row["business_type"] in CHANGES
    if state == "recalled":
        return (marks.transport(state),)
    if talk == "15" and not changes:
        return (_standing_mark("taken-back"),)
    said = [marks.handling(code) for code in ((talk, handling) if talk == "recall" else (handling, talk)) if code]
    if changes and not talk and arrived(row):
        said.append(_standing_mark("to-answer"))
    if not said or (talk in ("13", "16") and not handling and not changes):  # asked, or denied: it is where it was
        said.insert(0, _standing_mark("arrived") if arrived(row) else marks.transport(state))
    return tuple(said)


def arrived(row: Row) -> bool:
    """Whether the receiver's system has it: then its content is the receiver's to see."""
    known = row.get("arrived_at") or row.get("fetched_at") or row.get("came_at")
    return known is not None or row["state"] == "delivered"


def standing_of(row: Row, late: bool) -> str:
    """As ``delivery.standing`` says it, for a row that is at hand."""
    talk, changes = row["taking_back"], row["business_type"] in CHANGES
    if row["state"] == "recalled" or (talk == "15" and not changes):
        return "taken-back"
    if row["handling"] == "02":
        return "returned"
    if row["state"] == "refused":
        return "refused"
    if talk == "recall":
        return "to-answer"
    if changes and (talk or arrived(row)):
        return "answered" if talk else "to-answer"
    if row["handling"] == "06":
        return "finished"
    if late:
        return "overdue"
    if talk == "13":
        return "to-answer"
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


def advice(row: Row) -> str:
    """What the sender may do about a delivery that ended or rests on the axis; empty where nothing need be done."""
    if row["state"] == "refused":
        return gettext(
            "Cần làm: xem lý do, sửa rồi gửi văn bản lại từ phần mềm của đơn vị; nếu lỗi ở nơi nhận, báo người vận hành"
            " trục kèm số, ký hiệu."
        )
    if row["state"] == "parked":
        return gettext("Người vận hành trục đang giữ lượt gửi này; cần gấp thì báo họ kèm số, ký hiệu.")
    return ""


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


def changed_marks(kinds: Sequence[str]) -> tuple[Mark, ...]:
    """Of a document that something sent later recalls, replaces or updates; the gravest only."""
    for kind, words_ in CHANGED.items():
        if kind in kinds:
            tone: Tone = "plain" if kind == "update" else "bad"
            return (marks.mark(gettext(words_), tone, "back" if kind == "recall" else "arrow"),)
    return ()


def _standing_mark(standing: str) -> Mark:
    text, tone, icon = STANDINGS[standing]
    return marks.mark(gettext(text), tone, icon)
