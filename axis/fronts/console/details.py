"""A row of the journal beside its sentence: whom and what it was about, on one line, and who did it, in words.

The journal keeps what programs read: names of fields, codes, moments of UTC. The two rooms that show it whole say the
same line, made here: fields in the order people ask for them, roles and states by their words, moments as Vietnam
writes them. What is not known here is still shown, as it is kept: a journal hides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from axis.domain.calendar import KIND_WORDS, DayKind
from axis.domain.clock import VIETNAM
from axis.domain.directory import UnitState
from axis.domain.document import Verdict
from axis.domain.people import ROLE_WORDS, STATE_WORDS, PersonState, Role
from axis.domain.states import TRANSPORT_WORDS, WORDS, Transport
from axis.fronts.console import marks, texts
from axis.fronts.console.filters import word
from axis.fronts.console.operator_adapters import kind_words
from axis.fronts.console.texts import N_, gettext
from axis.sheets import words
from axis.trust.verdict import label

_FIELDS: dict[str, str] = {
    "login": N_("tên đăng nhập"), "name": N_("tên"), "role": N_("vai trò"), "code": N_("mã"), "state": N_("trạng thái"),
    "paused": N_("tạm dừng gửi"), "changes": N_("thay đổi"), "until": N_("có giá trị tới"), "before": N_("trước đó"),
    "was": N_("khi đó"), "handling": N_("xử lý"), "unit": N_("đơn vị"), "unit_id": N_("đơn vị"),
    "language": N_("ngôn ngữ"), "adapter": N_("kiểu kết nối"), "policy": N_("chính sách chữ ký"),
    "settings": N_("thông số kết nối"),
    "parent": N_("đơn vị cấp trên"), "aliases": N_("mã khác"), "email": N_("thư điện tử"),
    "contacts": N_("thư nhận cảnh báo"), "alert_url": N_("địa chỉ nhận cảnh báo"), "relays": N_("chuyển tiếp hộ"),
    "auto_arrived": N_("tự báo đã đến"), "sha1_until": N_("nhận SHA-1 tới"), "inclusive_c14n": N_("dạng chuẩn cũ"),
    "year": N_("năm"), "decision": N_("quyết định"), "day": N_("ngày"), "days": N_("các ngày"), "kind": N_("loại"),
    "due": N_("hạn"), "due_at": N_("hạn"), "purpose": N_("đường dẫn"), "send": N_("hạn gửi"),
    "arrival": N_("hạn báo đến"), "register": N_("hạn tiếp nhận"),
    "finish": N_("hạn hoàn thành"), "system": N_("hệ thống gọi"), "by": N_("bên nói"), "said_at": N_("nói lúc"),
    "answer": N_("trả lời"), "probe": N_("kết quả thử"), "messages": N_("thư và tín hiệu thử"),
    "attempt": N_("lần gửi"), "next": N_("lần tới"), "holder": N_("tiến trình"),
    "receivers": N_("nơi nhận"), "verdict": N_("chữ ký số"),
    "document_id": N_("mã văn bản"), "package": N_("mã gói"), "status_package": N_("gói trạng thái"),
    "what": N_("nội dung"), "format": N_("dạng tệp"), "path": N_("trang"), "method": N_("cách vào"),
    "second_factor": N_("có mã hai bước"), "totp": N_("bỏ mã hai bước"), "ended": N_("số phiên bị kết thúc"),
    "address": N_("địa chỉ mạng"), "failures": N_("số lần sai"), "issuer": N_("nơi cấp tài khoản"),
    "unlinked": N_("số tài khoản đã gỡ"), "subject": N_("chủ thể chứng thư"), "public_id": N_("mã hệ thống"),
    "overlap_seconds": N_("khoá cũ còn dùng (giây)"), "facts": N_("chi tiết"), "front": N_("cửa vào"),
    "fingerprint": N_("dấu vân tay"), "credential": N_("mã khoá"), "sha256": N_("SHA-256"), "trace_id": N_("mã vết"),
}  # fmt: skip
# The sentence says these.
_TOLD = frozenset({"reason", "note", "text", "staff", "status", "rule", "level", "look", "told"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PROCESS = re.compile(r"[^\s:]+:\d+")
_BOOLEANS = {"True": N_("có"), "False": N_("không")}
_WAYS: dict[str, dict[str, str]] = {
    "method": {"password": N_("mật khẩu"), "invitation": N_("đường dẫn dùng một lần"), "oidc": N_("đăng nhập một lần")},
    "purpose": {"invite": N_("mời"), "reset": N_("đặt lại mật khẩu"), "first-run": N_("người vận hành đầu tiên")},
    "by": {"pull": N_("hệ thống lấy về"), "confirmation": N_("hệ thống xác nhận"), "push": N_("trục gửi tới")},
}
_LISTS = frozenset({"receivers", "messages"})
_NOTHING: tuple[Any, ...] = ("", "None", "()", "{}", "[]", None, [], {}, ())


def details(row: Mapping[str, Any]) -> str:
    """What a row of the journal (``event``, ``data``) says beside its sentence; empty when that is nothing."""
    given = {key: value for key, value in row["data"].items() if key not in _TOLD and value not in _NOTHING}
    if row["event"] != "unit.added":
        given.pop("code", None)  # of a refusal: its reason
    return _line(given, " · ")


def _line(given: Mapping[str, Any], between: str) -> str:
    known = (key for key in _FIELDS if key in given)
    rest = (key for key in given if key not in _FIELDS)
    return between.join(f"{_name(key)}: {_told(key, given[key])}" for key in (*known, *rest))


def actor(text: str) -> str:
    """Who did it: a person by the login, a command line by its user, the axis whichever of its processes it was; a unit
    by its code."""
    kind, _, name = text.partition(":")
    if kind == "person" and name:
        return name
    if kind == "cli" and name:
        return gettext("%(name)s (dòng lệnh)") % {"name": name}
    return gettext("trục") if text == "axis" or _PROCESS.fullmatch(text) else text


def _name(key: str) -> str:
    return gettext(_FIELDS[key]) if key in _FIELDS else key


def _told(key: str, value: Any) -> str:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value) and key not in _LISTS:
        return " → ".join("–" if one in _NOTHING else _told(key, one) for one in value)  # what was, what is
    if isinstance(value, Mapping):
        return _line(value, ", ")
    if isinstance(value, list):
        return "; ".join(_told(key, one) for one in value)
    text = str(value)
    if text in _BOOLEANS:
        return gettext(_BOOLEANS[text])
    if text in _WAYS.get(key, {}):
        return gettext(_WAYS[key][text])
    return _WORDS.get(key, _moment)(text)


def _moment(text: str) -> str:
    """Dates and times are recognised wherever they stand."""
    try:
        if _MOMENT.fullmatch(text):
            return words.moment(datetime.fromisoformat(text).astimezone(VIETNAM))
        return words.day(date.fromisoformat(text)) if _DAY.fullmatch(text) else text
    except (ValueError, OverflowError):
        return text


def _state(text: str) -> str:
    if text in set(UnitState):
        return marks.unit(text).words
    return word(STATE_WORDS[PersonState(text)]) if text in set(PersonState) else text


def _status(text: str) -> str:
    return f"{text} {word(WORDS[text])}" if text in WORDS else text


def _verdict(text: str) -> str:
    return label(Verdict(text), texts.language()) if text in set(Verdict) else text


_WORDS: dict[str, Callable[[str], str]] = {
    "role": lambda text: word(ROLE_WORDS[Role(text)]) if text in set(Role) else text,
    "kind": lambda text: word(KIND_WORDS[DayKind(text)]) if text in set(DayKind) else text,
    "was": lambda text: word(TRANSPORT_WORDS[Transport(text)]) if text in set(Transport) else text,
    "state": _state, "before": _status, "handling": _status, "verdict": _verdict, "adapter": kind_words,
}  # fmt: skip
