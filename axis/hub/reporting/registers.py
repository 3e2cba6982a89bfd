"""The registers of Decree 30/2020 appendix IV, as tables.

Columns are the law's, in its order and number; what a cell holds is composed here from what the axis
knows. What it cannot know stays empty and is never invented: the number a receiver's clerk gives
(*số đến*), when that clerk passed the document on inside the unit, and who keeps the file copy. The
words of a receiver's state come from ``domain.states``. Times are told as ``08:05 03/06/2019``, in Vietnam.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from axis.domain.clock import VIETNAM
from axis.domain.document import BusinessType, Verdict
from axis.domain.states import TRANSPORT_WORDS, WORDS
from axis.domain.telling import plain_note
from axis.sheets.sheet import Column, Language, Row
from axis.trust.verdict import label

Stored = Mapping[str, Any]

OUTGOING = (
    Column("code", "Số, ký hiệu văn bản", "Number and notation", "text", 16),
    Column("date", "Ngày tháng văn bản", "Date", "date", 12),
    Column("title", "Tên loại và trích yếu nội dung văn bản", "Type and subject", "text", 40),
    Column("signer", "Người ký", "Signed by", "text", 20),
    Column("receivers", "Nơi nhận văn bản", "Receivers", "text", 32),
    Column("file_copy", "Đơn vị, người nhận bản lưu", "Who keeps the file copy", "text", 16),
    Column("copies", "Số lượng bản", "Copies", "number", 8),
    Column("sent_at", "Ngày chuyển", "Sent on", "datetime", 16),
    Column("receipt", "Ký nhận", "Received by", "text", 40),
    Column("remarks", "Ghi chú", "Remarks", "text", 32),
)
INCOMING = (
    Column("came_at", "Ngày đến", "Arrived on", "datetime", 16),
    Column("number", "Số đến", "Incoming number", "text", 8),
    Column("author", "Tác giả", "Author", "text", 28),
    Column("code", "Số, ký hiệu văn bản", "Number and notation", "text", 16),
    Column("date", "Ngày tháng văn bản", "Date", "date", 12),
    Column("title", "Tên loại và trích yếu nội dung văn bản", "Type and subject", "text", 40),
    Column("receiver", "Đơn vị hoặc người nhận", "Received for", "text", 24),
    Column("passed_on", "Ngày chuyển", "Passed on", "date", 12),
    Column("receipt", "Ký nhận", "Received by", "text", 28),
    Column("remarks", "Ghi chú", "Remarks", "text", 32),
)
FOLLOW_UP = (
    Column("number", "Số đến", "Incoming number", "text", 8),
    Column("document", "Tên loại, số, ký hiệu, ngày tháng, tác giả văn bản", "Type, number, date, author", "text", 44),
    Column("receiver", "Đơn vị hoặc người nhận", "Received for", "text", 24),
    Column("due_date", "Thời hạn giải quyết", "Due", "date", 12),
    Column("progress", "Tiến độ giải quyết", "Progress", "text", 32),
    Column("reply", "Số, ký hiệu văn bản trả lời", "Answered by", "text", 20),
    Column("remarks", "Ghi chú", "Remarks", "text", 32),
)
_BUSINESS = {
    BusinessType.RECALL: ("Thu hồi văn bản {about}", "Recalls {about}"),
    BusinessType.UPDATE: ("Cập nhật văn bản {about}", "Updates {about}"),
    BusinessType.REPLACE: ("Thay thế văn bản {about}", "Replaces {about}"),
}
_LATER = {
    "recall": ("Bị thu hồi {at}", "Recalled {at}"),
    "update": ("Được cập nhật {at}", "Updated {at}"),
    "replace": ("Bị thay thế bởi {code} {at}", "Replaced by {code} {at}"),
}
_TIMED = {"01": "told_at", "02": "registered_at", "03": "registered_at", "06": "completed_at"}
"""Which column tells when a word was said. Of 04 and 05 the axis keeps no time of their own."""


def outgoing(row: Stored, language: Language) -> Row:
    """A row of the outgoing register from one of ``store.registers``."""
    deliveries = [_with_times(one) for one in row["deliveries"]]
    names = [f"{', '.join(one['receivers'])} {one['name']}" for one in deliveries if one["round"] == 1]
    names += [str(code) for code in row["elsewhere"]]
    copies = str(row["copies"] or "")
    return {
        "code": code_of(row), "date": row["promulgation_date"], "title": _title(row), "signer": row["signer_name"],
        "receivers": "; ".join(names), "copies": int(copies) if copies.isdecimal() else None,
        "sent_at": row["received_at"], "receipt": "; ".join(_receipt(one, language) for one in deliveries),
        "remarks": _remarks(row, deliveries, row["reason"], language),
    }  # fmt: skip


def incoming(row: Stored, language: Language) -> Row:
    """A row of the incoming register."""
    return {
        "came_at": row["came_at"], "author": _author(row), "code": code_of(row), "date": row["promulgation_date"],
        "title": _title(row), "receiver": ", ".join(row["receivers"]), "receipt": state_words(row, language),
        "remarks": _remarks(row, [row], row["business_reason"], language),
    }  # fmt: skip


def follow_up(row: Stored, language: Language, now: datetime) -> Row:
    """A row of the follow-up register."""
    told = [row["type_name"], code_of(row), f"{row['promulgation_date']:%d/%m/%Y}" if row["promulgation_date"] else ""]
    return {
        "document": ", ".join(part for part in (*told, _author(row)) if part), "receiver": ", ".join(row["receivers"]),
        "due_date": row["due_date"], "progress": _progress(row, language, now), "reply": ", ".join(row["replies"]),
        "remarks": _remarks(row, [row], row["business_reason"], language),
    }  # fmt: skip


def code_of(row: Stored) -> str:
    return "/".join(part for part in (row["code_number"], row["code_notation"]) if part)


def state_words(row: Stored, language: Language) -> str:
    """How a delivery stands: the receiver's own word, else the axis's; then the talk about having it back."""
    speech = 0 if language == "vi" else 1
    handling, talk = row["handling"], row["taking_back"]
    if handling:
        text = WORDS[handling][speech]
        at = row[_TIMED[handling]] if handling in _TIMED else None
    else:
        text = TRANSPORT_WORDS.get(row["state"], (row["state"],) * 2)[speech]
        at = row.get("came_at") or row.get("arrived_at") if row["state"] == "delivered" else None
    told = f"{text} {moment(at)}" if at else text
    return f"{told}; {WORDS[talk][speech]}" if talk else told


def moment(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"


def _receipt(one: Stored, language: Language) -> str:
    return f"{', '.join(one['receivers'])}: {state_words(one, language)}"


def _with_times(one: Stored) -> dict[str, Any]:
    """A delivery that came as JSON, with its times as times."""
    return {k: datetime.fromisoformat(v) if v is not None and k.endswith("_at") else v for k, v in one.items()}


def _title(row: Stored) -> str:
    return " – ".join(part for part in (row["type_name"], row["subject"]) if part)


def _author(row: Stored) -> str:
    return row["sender_name"] or str(row["sender"])


def _progress(row: Stored, language: Language, now: datetime) -> str:
    words = [state_words(row, language)]
    due, done = row["finish_due_at"], row["completed_at"]
    over = row["handling"] == "02" or row["state"] in ("recalled", "refused") or row["taking_back"] in ("15", "recall")
    if due and done:
        words.append(_say(language, ("đúng hạn", "in time") if done <= due else ("trễ hạn", "late")))
    elif due and not over:
        words.append(_say(language, ("trong hạn", "not due yet") if now <= due else ("quá hạn", "overdue")))
    return ", ".join(words)


def _remarks(row: Stored, deliveries: Sequence[Stored], own_reason: str | None, language: Language) -> str:
    """What else must be known: what it does to other documents, what was done to it, why it came back."""
    found: list[str] = []
    kind = row["business_type"]
    if kind in _BUSINESS:
        words = _say(language, _BUSINESS[kind]).format(about=row["about"] or row["document_id"])
        found.append(_reasoned(words, own_reason))
    for later in row["later"]:
        words = _say(language, _LATER[later["kind"]])
        told = words.format(at=moment(datetime.fromisoformat(later["at"])), code=later["code"])
        found.append(_reasoned(" ".join(told.split()), later["reason"]))
    for one in deliveries:
        found += _came_back(one, language)
    if row["send_due_at"] and row["received_at"] > row["send_due_at"]:
        late = ("Gửi chậm, hạn {due}", "Sent late, was due {due}")
        found.append(_say(language, late).format(due=moment(row["send_due_at"])))
    if row["verdict"] != Verdict.PROVEN:
        words = label(Verdict(row["verdict"]), language)
        found.append(words[0].upper() + words[1:])
    return "; ".join(found)


def _came_back(one: Stored, language: Language) -> list[str]:
    codes, found = ", ".join(one["receivers"]), []
    if one["handling"] == "02":
        found.append(_reasoned(_say(language, ("{} trả lại", "{} returned it")).format(codes), one["reason"]))
    if one["taking_back"] == "16":
        denied = ("{} từ chối lấy lại", "{} did not give it back")
        found.append(_reasoned(_say(language, denied).format(codes), one["reason"]))
    if one["state"] in ("recalled", "refused"):
        words = {"recalled": ("{}: đã thu hồi tại trục", "{}: taken back at the axis"),
                 "refused": ("{}: hệ thống nhận từ chối", "{}: refused by its system")}[one["state"]]  # fmt: skip
        found.append(_reasoned(_say(language, words).format(codes), plain_note(one["note"], language) or one["note"]))
    if one["round"] > 1:
        found.append(_say(language, ("{}: gửi lại lần {}", "{}: sent again, round {}")).format(codes, one["round"]))
    return found


def _reasoned(text: str, reason: str | None) -> str:
    return f"{text}: {reason}" if reason else text


def _say(language: Language, words: tuple[str, str]) -> str:
    return words[0 if language == "vi" else 1]
