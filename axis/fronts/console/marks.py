"""Marks: a state as icon + word + colour, never by colour alone (WCAG 1.4.1).

Words come from ``axis.domain``; colours are those Vietnamese clerks know: waiting is yellow, done is green,
refused is red, *khẩn* orange, *hoả tốc* red, overdue red, everything else grey. A tone is the name of a
class in ``console.css``, whose contrast a test computes; an icon is the name of a drawing in
``drawn.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from axis.domain.directory import UnitState
from axis.domain.states import TRANSPORT_WORDS, WORDS
from axis.fronts.console import filters
from axis.fronts.console.texts import N_, gettext

Tone = Literal["wait", "good", "bad", "urgent", "plain"]
TONES: tuple[Tone, ...] = ("wait", "good", "bad", "urgent", "plain")


@dataclass(frozen=True, slots=True)
class Mark:
    """``words``: already in the language being spoken; ``code``: shown small before them (01 … 16)."""

    words: str
    tone: Tone
    icon: str
    code: str = ""


_HANDLING: dict[str, tuple[Tone, str]] = {
    "": ("plain", "dash"),
    "01": ("good", "inbox"),
    "02": ("bad", "cross"),
    "03": ("good", "check"),
    "04": ("good", "person"),
    "05": ("wait", "clock"),
    "06": ("good", "check"),
    "13": ("wait", "back"),
    "15": ("good", "back"),
    "16": ("bad", "cross"),
    "recall": ("wait", "back"),
}
_TRANSPORT: dict[str, tuple[Tone, str]] = {
    "queued": ("wait", "clock"),
    "sending": ("wait", "arrow"),
    "delivered": ("good", "check"),
    "refused": ("bad", "cross"),
    "parked": ("urgent", "pause"),
    "held": ("wait", "pause"),
    "recalled": ("plain", "back"),
}
_URGENCY: tuple[tuple[str, Tone, str], ...] = (
    (N_("Thường"), "plain", ""),
    (N_("Khẩn"), "urgent", "up"),
    (N_("Thượng khẩn"), "urgent", "up"),
    (N_("Hoả tốc"), "bad", "flash"),
    (N_("Hoả tốc hẹn giờ"), "bad", "flash"),
)
_UNITS: dict[str, tuple[str, Tone, str]] = {
    UnitState.DRAFT: (N_("Đang khai báo"), "plain", "dash"),
    UnitState.TESTING: (N_("Đang thử"), "wait", "clock"),
    UnitState.LIVE: (N_("Đang hoạt động"), "good", "check"),
    UnitState.SUSPENDED: (N_("Tạm dừng"), "urgent", "pause"),
    UnitState.RETIRED: (N_("Đã thôi kết nối"), "plain", "cross"),
}
_HEALTH: dict[str, tuple[str, Tone, str]] = {
    "proven": (N_("Tốt"), "good", "check"),
    "unproven": (N_("Đã cấu hình, chưa kiểm chứng"), "wait", "clock"),
    "trouble": (N_("Có lỗi"), "bad", "cross"),
    "off": (N_("Không dùng"), "plain", "dash"),
}
_OUTCOMES: dict[str, tuple[str, Tone, str]] = {
    "delivered": (N_("Đã nhận"), "good", "check"),
    "refused": (N_("Bị từ chối"), "bad", "cross"),
    "later": (N_("Hẹn lần sau"), "wait", "clock"),
    "lost": (N_("Bị gián đoạn"), "plain", "dash"),
}


def handling(code: str) -> Mark:
    """Of a status code of a document (01–06, 13–16, ``recall``), or of none; an undefined code as it is."""
    tone, icon = _HANDLING.get(code, ("plain", "dash"))
    pair = WORDS.get(code)
    words = filters.word(pair) if pair else gettext("Mã trạng thái không quy định")
    return Mark(words, tone, icon, code if code != "recall" else "")


def transport(state: str) -> Mark:
    tone, icon = _TRANSPORT[state]
    return Mark(filters.word(TRANSPORT_WORDS[state]), tone, icon)


def urgency(priority: int) -> Mark | None:
    """None for an ordinary document: it carries no label."""
    if priority <= 0:
        return None
    words, tone, icon = _URGENCY[min(priority, len(_URGENCY) - 1)]
    return Mark(gettext(words), tone, icon)


def unit(state: str) -> Mark:
    words, tone, icon = _UNITS[state]
    return Mark(gettext(words), tone, icon)


def health(state: str) -> Mark:
    """``proven``, ``unproven`` (configured but not yet proven), ``trouble``, ``off``."""
    words, tone, icon = _HEALTH[state]
    return Mark(gettext(words), tone, icon)


def overdue(text: str) -> Mark:
    """A deadline that was missed, in the words of ``domain.deadlines``."""
    return Mark(text, "bad", "alarm")


def mark(text: str, tone: Tone, icon: str) -> Mark:
    """Any other mark a page needs; ``text`` is already translated."""
    return Mark(text, tone, icon)


def outcome(name: str) -> Mark:
    """How an attempt ended: ``delivered``, ``refused``, ``later``, ``lost``."""
    words, tone, icon = _OUTCOMES[name]
    return Mark(gettext(words), tone, icon)


MAKERS = {
    "handling": handling, "transport": transport, "urgency": urgency, "unit_state": unit, "health": health,
    "overdue": overdue, "mark": mark, "outcome": outcome,
}  # fmt: skip
"""Globals of templates: ``{{ ui.badge(handling("01")) }}``."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of a timeline. ``kind``: ``hub`` for the axis's own events, ``status`` for what a person or an
    agency said; ``words`` as ``domain.telling`` tells them."""

    at: datetime
    words: str
    kind: Literal["hub", "status"] = "hub"
    organisation: str = ""
    person: str = ""
    note: str = ""
    mark: Mark | None = None
