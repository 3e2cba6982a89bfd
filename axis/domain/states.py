"""The two state machines of a delivery, as data. Never mixed.

*Transport* is the axis's own word: has the package reached the receiver's system? *Handling* is
the receiver's and the sender's word about the document: the statuses of Decision 28 Đ10.2h with
the codes edXML gives them. These rows drive Python, the trigger that rejects every other move in
the database (a test holds the two equal), the diagram in docs/states.md and the property tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Transport(StrEnum):
    QUEUED = "queued"  # waits for its turn, its next attempt, or the receiver's fetch
    SENDING = "sending"  # an attempt is under way, or the receiver's system has fetched it
    DELIVERED = "delivered"  # the receiver's system confirmed it
    REFUSED = "refused"  # the receiver's system refused it for good
    PARKED = "parked"  # an operator (or the axis, asking for one) holds it
    RECALLED = "recalled"  # the sender took it back before it left


FINAL = frozenset({Transport.DELIVERED, Transport.REFUSED, Transport.RECALLED})


@dataclass(frozen=True, slots=True)
class Move:
    """``next_actor``: who acts next after this move (shown to the clerk)."""

    event: str
    origin: str
    target: str
    next_actor: str


TRANSPORT: tuple[Move, ...] = (
    Move("claimed", "queued", "sending", "axis"),
    Move("fetched", "queued", "sending", "receiver"),
    Move("delivered", "sending", "delivered", "receiver"),
    Move("delivered", "queued", "delivered", "receiver"),  # confirmed without a fetch we saw
    Move("delivered", "parked", "delivered", "receiver"),  # it had been fetched before it was parked
    Move("refused", "sending", "refused", "sender"),
    Move("postponed", "sending", "queued", "axis"),
    Move("released", "sending", "queued", "axis"),  # lease ran out: its holder died
    Move("parked", "queued", "parked", "operator"),
    Move("parked", "sending", "parked", "operator"),
    Move("replayed", "parked", "queued", "axis"),
    Move("replayed", "refused", "queued", "axis"),  # an operator re-sends, with reason and name
    Move("recalled", "queued", "recalled", "nobody"),
    Move("recalled", "parked", "recalled", "nobody"),
)


class Handling(StrEnum):
    """How far the receiver has come with the document; codes as they travel in edXML."""

    NONE = ""
    ARRIVED = "01"
    REFUSED = "02"
    ACCEPTED = "03"
    ASSIGNED = "04"
    IN_PROGRESS = "05"
    FINISHED = "06"


class TakingBack(StrEnum):
    """The conversation beside it: the sender asks the document back, the receiver answers. Kept
    apart from handling so that after a 16 the state before the 13 simply still stands."""

    NONE = ""
    ASKED = "13"
    AGREED = "15"
    DENIED = "16"


WORDS: dict[str, tuple[str, str]] = {
    "": ("Chưa có trạng thái", "No status yet"),
    "01": ("Đã đến", "Arrived"),
    "02": ("Từ chối tiếp nhận (trả lại)", "Refused (returned)"),
    "03": ("Đã tiếp nhận", "Accepted"),
    "04": ("Phân công", "Assigned"),
    "05": ("Đang xử lý", "In progress"),
    "06": ("Hoàn thành", "Finished"),
    "13": ("Yêu cầu lấy lại", "Asked back"),
    "15": ("Đồng ý lấy lại/cập nhật", "Return or update agreed"),
    "16": ("Từ chối lấy lại/cập nhật", "Return or update denied"),
}

TRANSPORT_WORDS: dict[str, tuple[str, str]] = {
    "queued": ("Chờ gửi", "Queued"),
    "sending": ("Đang gửi", "Sending"),
    "delivered": ("Đã nhận", "Delivered"),
    "refused": ("Hệ thống bên nhận từ chối", "Refused"),
    "parked": ("Tạm giữ", "Parked"),
    "recalled": ("Đã thu hồi", "Recalled"),
}

EVENT_WORDS: dict[str, tuple[str, str]] = {
    "claimed": ("trục bắt đầu một lần gửi", "the axis begins an attempt"),
    "fetched": ("hệ thống bên nhận lấy về", "the receiver's system fetches it"),
    "delivered": ("hệ thống bên nhận xác nhận", "the receiver's system confirms it"),
    "refused": ("hệ thống bên nhận từ chối hẳn", "the receiver's system refuses it for good"),
    "postponed": ("chưa gửi được, hẹn lần sau", "not this time: tried again later"),
    "released": ("tiến trình đang gửi đã dừng, trả lại hàng chờ", "its holder died: back into the queue"),
    "parked": ("người vận hành giữ lại", "an operator holds it back"),
    "replayed": ("người vận hành cho gửi lại", "an operator sends it again"),
    "recalled": ("bên gửi thu hồi trước khi đến nơi", "the sender takes it back before it left"),
}
"""What each event of TRANSPORT means to a person."""

_FORWARD = {  # decision-28.md section 3: forward only, with skips; 02 only before acceptance
    "": ("01", "02", "03", "04", "05", "06"),
    "01": ("02", "03", "04", "05", "06"),
    "03": ("04", "05", "06"),
    "04": ("05", "06"),
    "05": ("06",),
}

HANDLING: tuple[Move, ...] = tuple(
    Move(target, origin, target, "nobody" if target in ("02", "06") else "receiver")
    for origin, targets in _FORWARD.items()
    for target in targets
)

TAKING_BACK: tuple[Move, ...] = (
    Move("13", "", "13", "receiver"),
    Move("15", "13", "15", "nobody"),
    Move("16", "13", "16", "sender"),
    Move("13", "16", "13", "receiver"),
)

BY_SENDER = frozenset({"13"})
"""Status codes only the document's sender may issue; all others are the receiver's."""

KNOWN_STATUSES = frozenset(WORDS) - {""}


def transport_targets(origin: str) -> frozenset[str]:
    return frozenset(m.target for m in TRANSPORT if m.origin == origin)


def may_ask_back(handling: str, taking_back: str) -> bool:
    """13 is legal in any state but 02, and again after a 16."""
    return handling != Handling.REFUSED and taking_back in (TakingBack.NONE, TakingBack.DENIED)


def legal_statuses(handling: str, taking_back: str) -> tuple[str, ...]:
    """Status codes that may follow, in code order, whoever sends them."""
    if taking_back == TakingBack.AGREED:
        return ()
    forward = {m.target for m in HANDLING if m.origin == handling}
    answers = {m.target for m in TAKING_BACK if m.origin == taking_back and m.target != "13"}
    asks = {"13"} if may_ask_back(handling, taking_back) else set()
    return tuple(sorted(forward | answers | asks))


class StatusDecision(StrEnum):
    """What a status package does to the delivery it speaks of."""

    MOVE = "move"
    REPEAT = "repeat"  # the same again: nothing happens twice
    LATE = "late"  # overtaken by a later one: journalled and passed on, moves nothing
    NOTE = "note"  # a code nobody defined: kept and passed on, never interpreted
    ILLEGAL = "illegal"


_ORDER = ("", "01", "03", "04", "05", "06")


def decide_status(code: str, handling: str, taking_back: str) -> StatusDecision:
    """Apply decision-28.md section 3 to one incoming status code."""
    if code not in KNOWN_STATUSES:
        return StatusDecision.NOTE
    if code in (handling, taking_back):
        return StatusDecision.REPEAT
    if code in legal_statuses(handling, taking_back):
        return StatusDecision.MOVE
    overtaken = code in _ORDER and handling in _ORDER and _ORDER.index(code) < _ORDER.index(handling)
    return StatusDecision.LATE if overtaken else StatusDecision.ILLEGAL
