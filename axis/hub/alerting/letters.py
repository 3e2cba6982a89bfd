"""What an alert says: a mail for people, a call for systems.

Vietnamese first, English second, plain text, urgent first. Of a document travel its number, its id, whom it is
from and, unless the operators forbid it, its subject; never its content. Everything that came from outside is
cut short and made one printable line: a subject with line breaks must not become a header or a second entry,
and one written to be read backwards must not. A mail keeps its Message-ID in every retry, a call its id.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.header import Header
from email.message import Message
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from axis.domain.calendar import WorkingCalendar
from axis.domain.clock import VIETNAM
from axis.domain.deadlines import URGENT_FROM, Level, Rule
from axis.domain.directory import Unit
from axis.hub.alerting.outcome import Outcome, moment, outcome, told
from axis.hub.standing import rests_on_guess

MOST_BYTES = 20_000  # of a call
TYPE, TRIAL_TYPE = "canh-bao.qua-han", "canh-bao.thu"
TAG = "[Trục liên thông]"
MISSED: Mapping[str, tuple[str, str]] = {
    Rule.SEND: ("gửi muộn", "sent too late"),
    Rule.ARRIVAL: ("quá hạn báo đã đến", "arrival not reported in time"),
    Rule.REGISTER: ("quá hạn tiếp nhận", "not registered in time"),
    Rule.FINISH: ("quá hạn giải quyết", "not finished in time"),
}
PRIORITIES = (
    ("thường", "ordinary"), ("khẩn", "urgent"), ("thượng khẩn", "very urgent"), ("hoả tốc", "express"),
    ("hoả tốc hẹn giờ", "express, by the hour"),
)  # fmt: skip
EXPRESS_FROM = 3
_FOOT_VI = "Thư do trục liên thông văn bản gửi tự động; xin không trả lời."
_FOOT_EN = "Sent automatically by the document interconnection axis; please do not reply."

_POLICY = compat32.clone(linesep="\r\n")

Row = Mapping[str, Any]
Sender = tuple[str, str]
"""Name and address."""


def line(text: str, most: int = 300) -> str:
    """A text from outside as one harmless line: no breaks, no invisible or direction-changing characters."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text[: most * 4]).split())
    return plain if len(plain) <= most else plain[:most].rstrip() + "…"


def notation(row: Row) -> str:
    """Number and notation of a document as people write them."""
    return "/".join(filter(None, (line(row["code_number"], 60), line(row["code_notation"], 60))))


def mail(
    rows: Sequence[Row], unit: Unit, *, message_id: UUID, sender: Sender, to: str, calendar: WorkingCalendar,
    now: datetime, with_subject: bool,
) -> Message:  # fmt: skip
    """One message about what a unit missed."""
    entries = [(row, outcome(row, calendar, now)) for row in _once(rows)]
    closed = sum(not found.open and row["rule"] != Rule.SEND for row, found in entries)
    names = (f"Đơn vị: {line(unit.name)} ({unit.code})", f"Unit: {line(unit.name)} ({unit.code})")
    over = (f", {closed} việc nay không còn phải làm", f", {closed} of them settled by now") if closed else ("", "")
    law = "(QĐ 28/2018/QĐ-TTg, NĐ 30/2020/NĐ-CP)"
    parts = [names[0], f"{len(entries)} việc quá hạn {law}{over[0]}, việc khẩn xếp trước:", ""]
    for number, (row, found) in enumerate(entries, 1):
        parts += [*_entry(number, row, found, calendar, now, with_subject), ""]
    parts += [_FOOT_VI, "", "-" * 60, names[1], f"{len(entries)} deadlines missed{over[1]}, urgent first:", ""]
    parts += [_entry_in_english(number, row, found, calendar, now) for number, (row, found) in enumerate(entries, 1)]
    return _message(_headline(entries, unit), "\n".join([*parts, "", _FOOT_EN, ""]), message_id, sender, to, now)


def trial(unit: Unit, *, message_id: UUID, sender: Sender, to: str, now: datetime) -> Message:
    """A message that only proves that messages arrive."""
    body = (
        f"Đơn vị {line(unit.name)} ({unit.code}) sẽ nhận cảnh báo quá hạn ở địa chỉ này. Đây là thư thử.\n{_FOOT_VI}\n"
        f"\nUnit {unit.code} will hear of deadlines at this address. This is a test.\n{_FOOT_EN}\n"
    )
    return _message(f"{TAG} Thư thử – {line(unit.name, 120)}", body, message_id, sender, to, now)


def _message(subject: str, body: str, message_id: UUID, sender: Sender, to: str, now: datetime) -> Message:
    # The older of the library's two ways: the newer one loses spaces between encoded words (Python 3.11). UTF-8
    # makes it base64, so no server has to understand 8BITMIME for Vietnamese to arrive.
    made = MIMEText(body, "plain", "utf-8", policy=_POLICY)
    name, address = sender
    origin = Header(name, "utf-8", header_name="From")
    origin.append(f"<{address}>", "us-ascii")
    made["From"] = origin  # type: ignore[assignment]  # the library takes a Header wherever it takes a text
    made["To"] = to
    made["Subject"] = Header(subject, "utf-8", header_name="Subject")  # type: ignore[assignment]  # the same
    made["Date"] = format_datetime(now.astimezone(VIETNAM))
    made["Message-ID"] = f"<{message_id}@{address.partition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    return made


def _once(rows: Sequence[Row]) -> list[Row]:
    """Each deadline once: when it was missed and escalated in one sweep, the escalation says both."""
    found: dict[tuple[UUID, str], Row] = {}
    for row in rows:
        key = (row["delivery_id"], row["rule"])
        if key not in found or row["level"] > found[key]["level"]:
            found[key] = row
    return list(found.values())


def _headline(entries: Sequence[tuple[Row, Outcome]], unit: Unit) -> str:
    rows = [row for row, _ in entries]
    counts = Counter(row["rule"] for row in rows)
    texts = [f"{count} {MISSED[rule][0]}" for rule, count in counts.most_common()]
    texts[0] = texts[0].replace(" ", " văn bản ", 1)
    if express := sum(row["priority"] >= EXPRESS_FROM for row in rows):
        texts.append(f"{express} hoả tốc")
    elif urgent := sum(row["priority"] >= URGENT_FROM for row in rows):
        texts.append(f"{urgent} khẩn")
    again = "Nhắc lại: " if any(row["level"] == Level.ESCALATED and found.open for row, found in entries) else ""
    return f"{TAG} {again}{', '.join(texts)} – {line(unit.name, 120)}"


def _entry(
    number: int, row: Row, found: Outcome, calendar: WorkingCalendar, now: datetime, with_subject: bool
) -> list[str]:
    urgency = f"[{PRIORITIES[row['priority']][0].upper()}] " if row["priority"] >= URGENT_FROM else ""
    again = " – nhắc lại, vẫn chưa xong" if row["level"] == Level.ESCALATED and found.open else ""
    lines = [
        f"{number}. {urgency}{MISSED[row['rule']][0].capitalize()}{again}",
        f"   Số, ký hiệu: {notation(row)}",
        f"   Mã văn bản: {line(row['document_id'])}",
    ]
    if with_subject:
        lines.append(f"   Trích yếu: {line(row['subject'])}")
    lines += [
        f"   Từ: {line(row['sender_name'], 200)} ({line(row['sender'], 60)}) – tới: {line(row['receiver'], 60)}",
        f"   Hạn: {moment(row['due_at'])} – {told(found, row['due_at'], calendar, now)}",
    ]
    return lines


def _entry_in_english(number: int, row: Row, found: Outcome, calendar: WorkingCalendar, now: datetime) -> str:
    urgency = f"[{PRIORITIES[row['priority']][1].upper()}] " if row["priority"] >= URGENT_FROM else ""
    again = " (reminder)" if row["level"] == Level.ESCALATED and found.open else ""
    return (
        f"{number}. {urgency}{notation(row)} from {line(row['sender'], 60)}: {MISSED[row['rule']][1]}{again}, "
        f"due {moment(row['due_at'])}, {told(found, row['due_at'], calendar, now, 'en')}"
    )


def call(rows: Sequence[Row], made_at: datetime, calendar: WorkingCalendar) -> bytes:
    """The body of a call about what a unit missed; long texts are cut until it is less than 20 kB. It says what was
    missed, not how it stands: a repeat has the same body."""
    most = 300
    while len(body := _body(rows, made_at, calendar, most)) >= MOST_BYTES and most > 10:
        most //= 2
    return body


def trial_call(now: datetime) -> bytes:
    return _encoded({"type": TRIAL_TYPE, "timestamp": _stamp(now), "data": {"alerts": []}})


def _body(rows: Sequence[Row], made_at: datetime, calendar: WorkingCalendar, most: int) -> bytes:
    alerts = [
        {
            "id": str(row["id"]), "rule": row["rule"], "level": row["level"],
            "document_id": line(row["document_id"], most), "notation": line(notation(row), most),
            "sender": line(row["sender"], most), "receiver": line(row["receiver"], most),
            "due_at": _stamp(row["due_at"]), "delivery_id": str(row["delivery_id"]),
            "package_id": str(row["package_id"]), "priority": row["priority"],
            "provisional": rests_on_guess(calendar, row, Rule(row["rule"]), row["due_at"]),
        }
        for row in rows
    ]  # fmt: skip
    return _encoded({"type": TYPE, "timestamp": _stamp(made_at), "data": {"alerts": alerts}})


def _stamp(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).isoformat(timespec="seconds")


def _encoded(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
