"""Lists of documents somebody should look at: returned, late, sent late, arrived and not taken up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axis.hub.reporting.registers import code_of, moment, state_words
from axis.sheets.sheet import Column, Language, Row
from axis.store.registers import Listed

Stored = Mapping[str, Any]

_DOCUMENT = (
    Column("code", "Số, ký hiệu", "Number and notation", "text", 16),
    Column("subject", "Trích yếu", "Subject", "text", 40),
    Column("sender", "Nơi gửi", "Sender", "text", 16),
    Column("sender_name", "Tên nơi gửi", "Sender's name", "text", 28),
)
_RECEIVER = (
    Column("receiver", "Nơi nhận", "Receiver", "text", 16),
    Column("receiver_name", "Tên nơi nhận", "Receiver's name", "text", 28),
)
_TAKEN_IN = Column("taken_in_at", "Trục nhận lúc", "Taken in", "datetime", 16)

COLUMNS: dict[Listed, tuple[Column, ...]] = {
    "returned": (
        *_DOCUMENT, *_RECEIVER, _TAKEN_IN,
        Column("returned_at", "Trả lại lúc", "Returned", "datetime", 16),
        Column("reason", "Lý do trả lại", "Reason", "text", 40),
        Column("round", "Lần gửi", "Round", "number", 8),
        Column("sent_again", "Đã gửi lại", "Sent again", "text", 10),
    ),
    "late": (
        *_DOCUMENT, *_RECEIVER, _TAKEN_IN,
        Column("state", "Tình trạng", "State", "text", 28),
        Column("what", "Bước chậm hoặc quá hạn", "What is late", "text", 48),
    ),
    "sent_late": (
        *_DOCUMENT,
        Column("date", "Ngày văn bản", "Date", "date", 12),
        Column("due_at", "Hạn gửi", "Was due", "datetime", 16),
        Column("sent_at", "Gửi lúc", "Sent", "datetime", 16),
        Column("behind", "Chậm", "Late by", "duration", 14),
    ),
    "untaken": (
        *_DOCUMENT, *_RECEIVER,
        Column("arrived_at", "Đến lúc", "Arrived", "datetime", 16),
        Column("told_at", "Phản hồi 01 lúc", "Answered 01", "datetime", 16),
        Column("due_at", "Hạn tiếp nhận", "To accept by", "datetime", 16),
        Column("priority", "Độ khẩn", "Urgency", "number", 8),
    ),
}  # fmt: skip
_STEPS = (
    ("told_late", "told_at", "arrival_due_at", ("phản hồi", "answered")),
    ("registered_late", "registered_at", "register_due_at", ("tiếp nhận", "accepted")),
    ("finished_late", "completed_at", "finish_due_at", ("hoàn thành", "finished")),
)
_OPEN = (
    ("overdue_arrival", "arrival_due_at", ("chưa phản hồi", "not answered")),
    ("overdue_register", "register_due_at", ("chưa tiếp nhận", "not accepted")),
    ("overdue_finish", "finish_due_at", ("chưa hoàn thành", "not finished")),
)


def listed(which: Listed, row: Stored, language: Language) -> Row:
    """A row of a list from one of ``store.registers``."""
    found: dict[str, object] = {
        "code": code_of(row) or row["document_id"], "subject": row["subject"], "sender": row["sender_unit"],
        "sender_name": row["sender_name"], "taken_in_at": row.get("created_at"),
    }  # fmt: skip
    if which == "sent_late":
        return found | {"date": row["promulgation_date"], "due_at": row["send_due_at"], "sent_at": row["received_at"],
                        "behind": row["received_at"] - row["send_due_at"]}  # fmt: skip
    found |= {"receiver": row["receiver_unit"], "receiver_name": row["receiver_name"]}
    if which == "returned":
        return found | {"returned_at": row["registered_at"], "reason": row["reason"], "round": row["round"],
                        "sent_again": row["sent_again"]}  # fmt: skip
    if which == "late":
        return found | {"state": state_words({**row, "taking_back": ""}, language), "what": _late(row, language)}
    return found | {"arrived_at": row["arrived_at"], "told_at": row["told_at"], "due_at": row["register_due_at"],
                    "priority": row["priority"]}  # fmt: skip


def _late(row: Stored, language: Language) -> str:
    speech = 0 if language == "vi" else 1
    words = [
        (f"{what[speech]} {moment(row[done])}, hạn {moment(row[due])}" if language == "vi"
         else f"{what[speech]} {moment(row[done])}, due {moment(row[due])}")
        for key, done, due, what in _STEPS if row[key]
    ]  # fmt: skip
    words += [
        f"{what[speech]}, {'hạn' if language == 'vi' else 'due'} {moment(row[due])}"
        for key, due, what in _OPEN if row[key] and row[due]
    ]  # fmt: skip
    return "; ".join(words)
