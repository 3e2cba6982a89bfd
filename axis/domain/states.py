"""The two state machines of a delivery, as data. Never mixed.

*Transport* is the axis's own word: has the package reached the receiver's system? *Handling* is
the receiver's and the sender's word about the document: the statuses of Decision 28 Đ10.2h with
the codes edXML gives them. These rows drive Python, the trigger that rejects every other move in
the database (a test holds the two equal), the diagram in docs/states.md and the property tests.

Beside handling runs the conversation about having the document back (*taking back*): a request (13) that
may be denied, or an order (a recall, type 1) that may not. An update (type 2) is a request of its own, so
its own delivery carries the answer. Which rows hold depends on the type of the package delivered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from axis.domain.document import EXCLUSIVE_TYPES, BusinessType


class Transport(StrEnum):
    QUEUED = "queued"  # waits for its turn, its next attempt, or the receiver's fetch
    SENDING = "sending"  # an attempt is under way, or the receiver's system has fetched it
    DELIVERED = "delivered"  # the receiver's system confirmed it
    REFUSED = "refused"  # the receiver's system refused it for good
    PARKED = "parked"  # an operator (or the axis, asking for one) holds it
    HELD = "held"  # must not overtake an earlier delivery to the same receiver, which is under way
    RECALLED = "recalled"  # the sender took it back before its receiver had it


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
    Move("delivered", "parked", "delivered", "receiver"),  # it had been fetched before it was parked, or was returned
    Move("delivered", "held", "delivered", "receiver"),  # returned: its receiver has it by another way
    Move("refused", "sending", "refused", "sender"),
    Move("postponed", "sending", "queued", "axis"),
    Move("released", "sending", "queued", "axis"),  # lease ran out: its holder died
    Move("parked", "queued", "parked", "operator"),
    Move("parked", "sending", "parked", "operator"),
    Move("replayed", "parked", "queued", "axis"),
    Move("replayed", "refused", "queued", "axis"),  # an operator re-sends, with reason and name
    Move("freed", "held", "queued", "axis"),
    Move("recalled", "queued", "recalled", "nobody"),
    Move("recalled", "held", "recalled", "nobody"),
    Move("recalled", "parked", "recalled", "nobody"),
    Move("recalled", "refused", "recalled", "nobody"),  # so that nobody sends it again
    Move("recalled", "sending", "recalled", "nobody"),  # the attempt failed, or 15 came before done
)

STARTS = frozenset({Transport.QUEUED, Transport.HELD})
WAITING = frozenset({Transport.QUEUED, Transport.HELD, Transport.SENDING, Transport.PARKED})
"""What the reconciliation counts as waiting: everything that is not at an end."""


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
    """The conversation beside it: the sender asks or orders the document back, the receiver answers. Kept
    apart from handling so that after a 16 the state before the 13 simply still stands."""

    NONE = ""
    ASKED = "13"
    ORDERED = "recall"  # Decision 28 Đ8.2, Đ9.2: no right to deny
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
    "recall": ("Bị thu hồi, chờ bên nhận huỷ", "Recalled, to be cancelled by the receiver"),
}

TRANSPORT_WORDS: dict[str, tuple[str, str]] = {
    "queued": ("Chờ gửi", "Queued"),
    "sending": ("Đang gửi", "Sending"),
    "delivered": ("Đã nhận", "Delivered"),
    "refused": ("Hệ thống bên nhận từ chối", "Refused"),
    "parked": ("Tạm giữ", "Parked"),
    "held": ("Chờ văn bản đi trước", "Held behind an earlier one"),
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
    "freed": ("văn bản đi trước đã xong, tới lượt", "what went before it is settled: its turn"),
    "recalled": ("bên gửi thu hồi, bên nhận không còn nhận nữa", "the sender takes it back before its receiver had it"),
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

NOT_OF: dict[int, frozenset[str]] = {BusinessType.RECALL: frozenset({Handling.REFUSED.value})}
"""Handling that a type of package does not have: a recall is carried out, never returned (decision-28.md 4.1)."""

_OF_DOCUMENTS: tuple[Move, ...] = (
    Move("13", "", "13", "receiver"),
    Move("15", "13", "15", "nobody"),
    Move("16", "13", "16", "sender"),
    Move("13", "16", "13", "receiver"),
    Move("recall", "", "recall", "receiver"),
    Move("recall", "13", "recall", "receiver"),
    Move("recall", "16", "recall", "receiver"),
    Move("15", "recall", "15", "nobody"),
)

TAKING_BACK: dict[int, tuple[Move, ...]] = {
    BusinessType.NEW: _OF_DOCUMENTS,
    BusinessType.RECALL: (Move("15", "", "15", "nobody"),),  # decision-28.md 4.1: answer 15 only
    BusinessType.UPDATE: (Move("15", "", "15", "nobody"), Move("16", "", "16", "sender")),
    BusinessType.REPLACE: _OF_DOCUMENTS,
}
"""By the type of the package delivered. The event ``recall`` is a package of type 1 that names the document;
the others are status codes."""

BY_SENDER = frozenset({"13"})
"""Status codes only the document's sender may issue; all others are the receiver's."""

ANSWERS = frozenset({"15", "16"})
STATUSES_OF_TAKING_BACK = BY_SENDER | ANSWERS

REASONED = frozenset({Handling.REFUSED.value, TakingBack.DENIED.value})
"""A receiver that returns a document or denies a request says why (Decision 28 Đ5.4)."""
MAX_REASON = 1_000
"""Characters of a reason (decision-28.md section 3)."""

KNOWN_STATUSES = frozenset(WORDS) - {"", TakingBack.ORDERED}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a delivery stands: everything the rules about statuses look at."""

    handling: str = ""
    taking_back: str = ""
    business_type: int = BusinessType.NEW
    state: str = Transport.DELIVERED

    @property
    def frozen(self) -> bool:
        """Given back or ordered back: its handling is over (decision-28.md 4.3)."""
        return self.business_type in EXCLUSIVE_TYPES and (
            self.taking_back in (TakingBack.AGREED, TakingBack.ORDERED) or self.state == Transport.RECALLED
        )


def transport_targets(origin: str) -> frozenset[str]:
    return frozenset(m.target for m in TRANSPORT if m.origin == origin)


def may_ask_back(at: Standing) -> bool:
    """13 is legal in any state but 02 or recalled, and again after a 16."""
    return "13" in legal_statuses(at)


def may_recall(at: Standing) -> bool:
    """A recall is legal in any handling, 02 and 06 included, as long as it was not given back already."""
    moves = TAKING_BACK.get(at.business_type, ())
    return at.state != Transport.RECALLED and ("recall", at.taking_back) in {(m.event, m.origin) for m in moves}


def legal_statuses(at: Standing) -> tuple[str, ...]:
    """Status codes that may follow, in code order, whoever sends them."""
    forward = set() if at.frozen else {m.target for m in HANDLING if m.origin == at.handling}
    forward -= NOT_OF.get(at.business_type, frozenset())
    moves = TAKING_BACK.get(at.business_type, ())
    talk = {m.event for m in moves if m.origin == at.taking_back and m.event != "recall"}
    if at.state == Transport.RECALLED:  # an attempt may have reached it after all: it may still say so
        talk &= {"15"}
    if at.handling == Handling.REFUSED:
        talk -= BY_SENDER
    return tuple(sorted(forward | talk))


class StatusDecision(StrEnum):
    """What a status package does to the delivery it speaks of."""

    MOVE = "move"
    REPEAT = "repeat"  # the same again: nothing happens twice
    LATE = "late"  # overtaken by a later one: journalled and passed on, moves nothing
    NOTE = "note"  # a code nobody defined: kept and passed on, never interpreted
    ILLEGAL = "illegal"


_FORWARD_MOVES = frozenset((m.origin, m.target) for m in HANDLING)


def decide_status(code: str, at: Standing) -> StatusDecision:
    """Apply decision-28.md section 3 to one incoming status code."""
    if code not in KNOWN_STATUSES:
        return StatusDecision.NOTE
    if code in (at.handling, at.taking_back):
        return StatusDecision.REPEAT
    if code in legal_statuses(at):
        return StatusDecision.MOVE
    # Said before what stands now, and come after it: 01 after 02 as much as 03 after 05.
    overtaken = (code, at.handling) in _FORWARD_MOVES
    # Said before the receiver could know of the recall: what it says is true, and moves nothing any more.
    crossing = at.taking_back == TakingBack.ORDERED and (at.handling, code) in _FORWARD_MOVES
    return StatusDecision.LATE if overtaken or crossing else StatusDecision.ILLEGAL
