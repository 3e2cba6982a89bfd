"""The settings in force, read only: what they are, and what they mean in the words of ``config/axis.toml``.

That file is held equal to the program's defaults by a test and says every meaning in both languages, so it is the one
place the words come from. Secrets are not among what the page is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from aiohttp import web

from axis.fronts.console import texts
from axis.fronts.console.operator_room import OPERATORS, room
from axis.fronts.console.pages import render
from axis.fronts.console.routes import Route
from axis.fronts.console.texts import N_, gettext

SECTIONS = {
    "hub": N_("Trục"), "listen": N_("Cổng nghe"), "database": N_("Cơ sở dữ liệu"), "intake": N_("Tiếp nhận"),
    "courier": N_("Phát văn bản"), "outbound": N_("Gọi ra ngoài"), "receipts": N_("Biên nhận"),
    "calendar": N_("Giờ làm việc"), "alerts": N_("Cảnh báo quá hạn"), "mail": N_("Máy chủ thư"),
    "paper": N_("Danh mục gửi kèm bản giấy"), "console": N_("Trang cho người dùng"), "log": N_("Nhật ký kỹ thuật"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    title: str
    settings: tuple[Setting, ...]


async def settings(request: web.Request) -> web.StreamResponse:
    given = room(request).settings
    shown = [
        Section(name, gettext(SECTIONS[name]) if name in SECTIONS else name,
                tuple(Setting(key, _value(value), _meaning(name, key)) for key, value in values.items()))
        for name, values in given.items()
    ]  # fmt: skip
    paper = given.get("paper", {})
    return render(
        request, "operator/settings.html", sections=shown, receivers=_list(paper.get("receivers")),
        types=_list(paper.get("types")),
    )  # fmt: skip


def _list(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, tuple | list) else []


def _value(value: object) -> str:
    if isinstance(value, bool):
        return gettext("có") if value else gettext("không")
    if isinstance(value, tuple | list):
        return ", ".join(_value(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _meaning(section: str, name: str) -> str:
    return meanings().get((section, name), ("", ""))[0 if texts.language() == "vi" else 1]


@cache
def meanings() -> Mapping[tuple[str, str], tuple[str, str]]:
    """(section, name) -> Vietnamese and English, from the comments above each setting; the settings of one block
    share its comment."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    section, comment, fresh = "", "", False
    for line in files("config").joinpath("axis.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section, comment = line.strip("[] "), ""
        elif line.startswith("#"):
            comment, fresh = f"{comment} {line[1:].strip()}" if fresh else line[1:].strip(), True
        elif "=" in line:
            vi, _, en = comment.partition("· ")
            found[section, line.partition("=")[0].strip()] = (vi.strip(), en.strip() or vi.strip())
            fresh = False
        else:
            comment, fresh = "", False
    return found


ROUTES = (Route("GET", "/ops/settings", "operator.settings", settings, OPERATORS, "all", menu=N_("Cấu hình")),)
