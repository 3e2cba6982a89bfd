"""The journal in words: one sentence for each event, so that a clerk reads what happened, who did it and why.

A row of the journal becomes *what* (a sentence of the table below, a status by its code and word) and,
where somebody gave them, the person and the reason. When and by which organisation stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from axis.domain.catalogue import entries
from axis.domain.events import Event
from axis.domain.states import WORDS

SENTENCES: dict[Event, tuple[str, str]] = {
    Event.ACCEPTED: ("trục tiếp nhận gói tin", "the axis accepted the package"),
    Event.REPEATED: ("gói tin được gửi lại, trùng với gói đã nhận", "the same package came again"),
    Event.REFUSED: ("trục từ chối gói tin", "the axis refused a package"),
    Event.SECRET_REFUSED: ("trục từ chối vì có dấu hiệu độ mật", "the axis refused it for a marking of secrecy"),
    Event.FETCHED: ("hệ thống bên nhận lấy về", "the receiver's system fetched it"),
    Event.DELIVERED: ("hệ thống bên nhận xác nhận đã nhận", "the receiver's system confirmed it"),
    Event.DELIVERY_REFUSED: ("hệ thống bên nhận từ chối", "the receiver's system refused it"),
    Event.POSTPONED: ("chưa gửi được, hẹn lần sau", "not delivered this time, tried again later"),
    Event.RELEASED: ("lần gửi bị gián đoạn, gửi lại", "the attempt was cut short, tried again"),
    Event.PARKED: ("người vận hành giữ lại", "an operator holds it back"),
    Event.REPLAYED: ("người vận hành cho gửi lại", "an operator sends it again"),
    Event.RECALLED: ("huỷ trên trục trước khi bên nhận có", "cancelled on the axis before its receiver had it"),
    Event.FAILED_BY_RECEIVER: ("bên nhận báo lỗi khi lưu", "the receiver reports a failure"),
    Event.PROCESSING: ("bên nhận báo đang lưu", "the receiver reports it is being stored"),
    Event.HELD: ("chờ văn bản đi trước", "held behind an earlier document"),
    Event.FREED: ("văn bản đi trước đã xong, tới lượt gửi", "what went before is settled, its turn"),
    Event.RESENT: ("gửi lại bằng một lượt mới", "sent again as a new delivery"),
    Event.RECALL_ORDERED: ("bên gửi thu hồi văn bản", "the sender recalled the document"),
    Event.RECALL_ANSWERED: ("bên nhận báo đã huỷ theo lệnh thu hồi", "the receiver cancelled it as the recall orders"),
    Event.UPDATED: ("bên gửi gửi gói cập nhật", "the sender sent an update"),
    Event.REPLACED: ("bên gửi gửi văn bản thay thế", "the sender sent a replacement"),
    Event.SENT_AGAIN: ("bên gửi gửi lại văn bản đã trả về", "the sender sent the returned document anew"),
    Event.STATUS_MOVED: ("trạng thái", "status"),
    Event.STATUS_REPEATED: ("trạng thái (lặp lại)", "status (a repeat)"),
    Event.STATUS_LATE: ("trạng thái (đến muộn, không đổi gì)", "status (late, moves nothing)"),
    Event.STATUS_NOTED: ("mã trạng thái không quy định, chỉ ghi lại", "an undefined status code, kept as it is"),
    Event.STATUS_ILLEGAL: ("trạng thái trái quy tắc, bị từ chối", "an illegal status, refused"),
    Event.DEADLINE_MISSED: ("quá hạn", "a deadline was missed"),
    Event.DEADLINE_ESCALATED: ("quá hạn kéo dài, báo cấp trên", "still overdue, escalated"),
    Event.DEADLINE_MOVED: ("thời hạn tính lại theo lịch mới", "deadlines computed anew for a changed calendar"),
    Event.CALENDAR_YEAR_SET: ("nhập lịch làm việc của năm", "the calendar of a year was entered"),
    Event.CALENDAR_DAY_SET: ("đặt một ngày của lịch", "a day of the calendar was set"),
    Event.CALENDAR_FORGOTTEN: ("bỏ một phần lịch", "part of the calendar was forgotten"),
    Event.UNIT_ADDED: ("thêm đơn vị", "a unit was added"),
    Event.UNIT_CHANGED: ("sửa đơn vị", "a unit was changed"),
    Event.UNIT_TESTED: ("thử kết nối với đơn vị", "the connection to a unit was tried"),
    Event.CREDENTIAL_ADDED: ("cấp khoá kết nối", "a credential was issued"),
    Event.CREDENTIAL_REVOKED: ("huỷ khoá kết nối", "a credential was revoked"),
    Event.CERTIFICATE_BOUND: ("gắn chứng thư", "a certificate was bound"),
    Event.ANCHOR_ADDED: ("tin cậy một chứng thư gốc", "an authority is trusted"),
    Event.ANCHOR_REMOVED: ("thôi tin cậy một chứng thư gốc", "an authority is no longer trusted"),
    Event.FIRST_RUN: ("tạo đường dẫn cho người vận hành đầu tiên", "a link for the first operator was made"),
    Event.PERSON_INVITED: ("mời người dùng", "a person was invited"),
    Event.PERSON_JOINED: ("người dùng nhận lời mời", "a person took up an invitation"),
    Event.PERSON_RESET: ("cấp lại quyền đăng nhập", "a link to sign in anew was made"),
    Event.PERSON_CHANGED: ("sửa người dùng", "a person was changed"),
    Event.PERSON_DISABLED: ("khoá người dùng", "a person was disabled"),
    Event.PERSON_ENABLED: ("mở khoá người dùng", "a person was enabled"),
    Event.PERSON_LINKED: ("gắn tài khoản đăng nhập một lần", "a sign-on account was linked"),
    Event.SIGNED_IN: ("đăng nhập", "signed in"),
    Event.SIGNED_OUT: ("đăng xuất", "signed out"),
    Event.SIGN_IN_BLOCKED: ("tạm chặn đăng nhập vì sai nhiều lần", "sign-in blocked for a while after failures"),
    Event.PASSWORD_CHANGED: ("đổi mật khẩu", "a password was changed"),
    Event.TOTP_ENROLLED: ("cài mã xác thực hai bước", "a second factor was set up"),
    Event.SESSIONS_ENDED: ("kết thúc các phiên đăng nhập", "sessions were ended"),
    Event.LOOKED: ("người kiểm tra xem", "an auditor looked at"),
    Event.EXPORTED: ("xuất danh sách hoặc sổ ra tệp", "a list or register was exported"),
}

LOOKS: dict[str, tuple[str, str]] = {
    "overview": ("trang đầu kiểm tra", "the first page of the audit"),
    "documents": ("danh sách văn bản của mọi đơn vị", "documents of all units"),
    "document": ("một văn bản", "a document"),
    "file": ("một tệp của văn bản", "a file of a document"),
    "receipt": ("một biên nhận", "a receipt"),
    "journal": ("nhật ký", "the journal"),
    "reconciliation": ("đối chiếu số liệu", "the reconciliation"),
    "receipt-form": ("trang kiểm tra biên nhận", "the page where receipts are checked"),
    "receipt-check": ("kiểm tra một biên nhận đưa vào", "a receipt that was brought to be checked"),
    "alerts": ("các cảnh báo quá hạn", "alerts about deadlines"),
    "people": ("danh sách người dùng", "the people of the console"),
    "figures": ("biểu đồ", "the charts"),
}
"""What an auditor may look at, as the journal names it."""

RULES: dict[str, tuple[str, str]] = {
    "send": ("gửi văn bản", "sending"),
    "arrival": ("báo đã đến (01)", "reporting arrival (01)"),
    "register": ("tiếp nhận (03) hoặc trả lại (02)", "acceptance (03) or return (02)"),
    "finish": ("hoàn thành (06)", "finishing (06)"),
}
"""The deadlines by what was to be done: axis.domain.deadlines.Rule."""


def tell(event: str, data: Mapping[str, Any], language: str = "vi") -> str:
    """One row of the journal as a sentence, with the person and the reason where they are known."""
    place = 0 if language == "vi" else 1
    known = event in set(Event)
    words = SENTENCES[Event(event)][place] if known else event
    if status := str(data.get("status") or (data.get("facts") or {}).get("target") or ""):
        words += f" {status}" + (f" {WORDS[status][place]}" if status in WORDS else "")
    if rule := str(data.get("rule") or ""):
        words += f": {RULES[rule][place] if rule in RULES else rule}"
    if look := str(data.get("look") or ""):
        words += f" {LOOKS[look][place] if look in LOOKS else look}"
    if data.get("told") is False:
        words += "; bên nhận chưa có" if place == 0 else "; the receiver did not have it yet"
    if staff := str(data.get("staff") or ""):
        words += f" – {staff}"
    code = data.get("code") if event != Event.UNIT_ADDED else ""  # there it is the unit's, no reason
    if reason := str(data.get("reason") or data.get("note") or data.get("text") or code or ""):
        words += f" – {'lý do' if place == 0 else 'reason'}: {reason}"
    return words


_CODED = re.compile(r"\[([a-z][a-z0-9.-]*)\]\s*$")
_SET_UP = (
    "Kết nối tới hệ thống của đơn vị nhận cần người vận hành trục xem lại.",
    "The connection with the receiving unit's system must be looked at by the operators of the axis.",
)


def plain_note(note: str, language: str = "vi") -> str:
    """What the note of an attempt says to those who do not run the axis: the sentence of its code, without addresses,
    ports and answers of somebody's machine. Empty for words that only operators can read."""
    place = 0 if language == "vi" else 1
    if note == "fail":
        return SENTENCES[Event.FAILED_BY_RECEIVER][place]
    found = _CODED.search(note)
    if found is None:
        return ""
    known = entries().get(found[1])
    plain = known.plain(language) if known and found[1].startswith("delivery.") else ""
    return plain or _SET_UP[place]
