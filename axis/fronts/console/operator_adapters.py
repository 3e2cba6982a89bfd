"""The settings of a kind of connection as fields of a form, made from its own ``Settings`` dataclass.

What a kind asks for is its own business, an adapter of one agency's odd system included: names we know get words,
others are shown by their name. Values are judged by the adapter's constructor, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from axis.domain.directory import PARALLEL
from axis.domain.errors import SetupError
from axis.fronts.console.pages import Form
from axis.fronts.console.texts import N_, gettext

PREFIX = "s-"
_WORDS = {
    "url": N_("Địa chỉ nhận (https://…)"),
    "timeout": N_("Số giây cho một lần gọi"),
    "headers": N_("Đầu mục HTTP gửi thêm, mỗi dòng một mục Tên: giá trị"),
    "ca": N_("Chứng thư gốc của bên nhận (PEM), nếu không dùng gốc chung"),
    "quiet_hours": N_("Số giờ im lặng trước khi báo vàng, khi không có gì chờ"),
    "folder": N_("Thư mục ghi gói tin trên máy này"),
    "mood": N_("Cách trả lời: accept, refuse hoặc later"),
}
_KINDS = {
    "mailbox": N_("Hộp thư: hệ thống của đơn vị tự lấy về qua API"),
    "webhook": N_("Webhook: trục gọi hệ thống của đơn vị"),
    "loopback": N_("Vòng lại: để thử trên chính máy này"),
    "skeleton": N_("Khung mẫu cho kiểu kết nối riêng"),
}
_LONG = frozenset({"ca"})


@dataclass(frozen=True, slots=True)
class Setting:
    """One field. ``form``: text, number, tick, area or map."""

    name: str
    label: str
    form: str
    value: str
    required: bool

    @property
    def field(self) -> str:
        return PREFIX + self.name


def kind_words(kind: str) -> str:
    return gettext(_KINDS[kind]) if kind in _KINDS else kind


def setting_words(name: str) -> str:
    return gettext(_WORDS[name]) if name in _WORDS else name


def settings_of(kind: type[Any], given: Mapping[str, Any]) -> list[Setting]:
    """The fields of a kind, filled with what the unit has."""
    found = []
    for item in fields(kind):
        default = item.default if item.default is not MISSING else None
        if default is None and item.default_factory is not MISSING:
            default = item.default_factory()
        value = given.get(item.name, default)
        required = item.default is MISSING and item.default_factory is MISSING
        found.append(Setting(item.name, setting_words(item.name), _form(item.name, default), _shown(value), required))
    return found


def read(kind: type[Any], sent: Form, before: Mapping[str, Any]) -> dict[str, Any]:
    """What the form says, beside the settings that are not the adapter's. Raises SetupError for no number."""
    found = {name: value for name, value in before.items() if name.startswith("vxp_") or name == PARALLEL}
    for setting in settings_of(kind, {}):
        text = sent.text(setting.field, lines=True)
        if setting.form == "tick":
            found[setting.name] = bool(text)
        elif setting.form == "map":
            if text:
                found[setting.name] = _map(setting.name, text)
        elif text:
            found[setting.name] = _number(setting.name, text) if setting.form == "number" else text
    return found


def _form(name: str, default: object) -> str:
    if isinstance(default, bool):
        return "tick"
    if isinstance(default, int | float):
        return "number"
    if isinstance(default, Mapping):
        return "map"
    return "area" if name in _LONG else "text"


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {text}" for name, text in value.items())
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _number(name: str, text: str) -> int | float:
    try:
        number = float(text.replace(",", "."))
        return int(number) if number.is_integer() else number
    except (ValueError, OverflowError) as error:
        raise SetupError("adapter.setting-wrong", name=name, why=text[:80]) from error


def _map(name: str, text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if not colon and line.strip():
            raise SetupError("adapter.setting-wrong", name=name, why=line[:80])
        if key.strip():
            found[key.strip()] = value.strip()
    return found
