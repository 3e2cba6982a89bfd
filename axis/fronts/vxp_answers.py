"""The answers of the VXP API, as its client reads them. Pure functions.

The client's rules, each learnt from a failure: status, ErrorCode and ErrorDesc always there and never
null; DocId also on failure; data an empty text on a failed getEdoc and an array on a successful list,
even when nothing was found; one null field loses the whole list, so absent fields are left out; ASCII
only, because one of its readers knows nothing else. On a failed downloadEdoc the body is empty: any
other body would be stored as the document.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from axis.domain.clock import VIETNAM
from axis.domain.codes import OLD_FORM
from axis.domain.directory import Unit, UnitState
from axis.domain.document import EXCLUSIVE_TYPES, Kind
from axis.domain.states import WORDS, Handling, TakingBack
from axis.hub.contracts import Sent, Waiting

Answer = dict[str, object]

RECEIVED_WORDS: Mapping[str, str] = {
    "initial": "Đang chờ đơn vị lấy về",
    "processing": "Đơn vị đã lấy về, chưa xác nhận",
    "fail": "Đơn vị đã báo lỗi; trục vẫn giữ văn bản",
}
"""Status words of the received list, with their meaning. They are ours: the real hub's are not known.
``done`` never stands there: what is done has left the list."""

SENT_WORDS: Mapping[str, tuple[str, str]] = {
    "queued": ("initial", "Đang chờ chuyển đến đơn vị nhận"),
    "sending": ("processing", "Đang chuyển đến đơn vị nhận"),
    "delivered": ("done", "Đơn vị nhận đã lấy về"),
    "refused": ("fail", "Hệ thống của đơn vị nhận từ chối"),
    "parked": ("processing", "Người vận hành trục đang giữ để xử lý"),
    "held": ("initial", "Chờ văn bản đi trước đến nơi nhận"),
    "recalled": ("fail", "Đã thu hồi trước khi đến nơi nhận"),
}
"""Transport state -> (status word, its meaning) in the sent list: initial, processing, done, fail."""

UPDATE_WORDS: Mapping[str, str] = {
    "done": "done",
    "fail": "fail",
    "processing": "processing",
    "inbox": "processing",
    "acceptance": "processing",
    "assignment": "processing",
    "rejection": "processing",
    "cancellation": "processing",
}
"""What updateStatus takes -> what it does to the delivery. The five last ones are words of the trade
that some systems send here; they do not say that the package is safely stored, so it stays listed."""

_MESSAGE_TYPES = {Kind.DOCUMENT: "edoc", Kind.STATUS: "status"}


def encode(answer: Mapping[str, object]) -> bytes:
    """Complete ASCII JSON on one line."""
    return json.dumps(answer, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def ok(**fields: object) -> Answer:
    return {"status": "OK", "ErrorCode": "0", "ErrorDesc": "Thành công", **fields}


def fail(operation: str, code: str, text: str) -> Answer:
    """A failure in the shape the operation's reader needs; for an operation we do not know (an odd path,
    a head that cannot be parsed) with every field any reader could need."""
    answer: Answer = {"status": "FAIL", "ErrorCode": code, "ErrorDesc": text}
    if operation in ("sendEdoc", ""):
        answer["DocId"] = ""
    if operation in ("getEdoc", ""):
        answer["data"] = ""
    return answer


def clock(moment: datetime | None) -> str:
    """The date style of packages, in Vietnam time."""
    return moment.astimezone(VIETNAM).strftime("%Y/%m/%d %H:%M:%S") if moment else ""


def _item(**fields: str | int | bool) -> Answer:
    return {name: value for name, value in fields.items() if value != ""}


def received_item(waiting: Waiting) -> Answer:
    item = _item(
        docId=str(waiting.id), serviceType="eDoc", messageType=_MESSAGE_TYPES[waiting.kind],
        created_time=clock(waiting.created_at), updated_time=clock(waiting.updated_at),
        to=waiting.receiver, status=waiting.state,
        status_desc=RECEIVED_WORDS.get(waiting.state, ""),
    )  # fmt: skip
    return {**item, "from": waiting.sender}


def sent_item(sent: Sent) -> Answer:
    word, text = SENT_WORDS.get(sent.state, ("processing", ""))
    said = _received_status(sent)
    words = [WORDS[said][0]] if said in WORDS and said else []
    if sent.taking_back in (TakingBack.ORDERED, TakingBack.DENIED) and sent.taking_back != said:
        words.append(WORDS[sent.taking_back][0])
    if sent.reason and (said == Handling.REFUSED or sent.taking_back == TakingBack.DENIED):
        words.append(sent.reason)  # of this return or denial: an earlier one's is over with it
    return _item(
        serviceType="eDoc", messageType=_MESSAGE_TYPES[sent.kind], title=sent.subject,
        notation=sent.notation, fromCode=sent.sender, toCode=sent.receiver,
        senderDocId=str(sent.package_id), receiverDocId=str(sent.delivery_id),
        sentTime=clock(sent.sent_at), receivedTime=clock(sent.received_at),
        sendStatus=word, sendStatusDesc=text,
        receiveStatus=said, receiveStatusDesc=": ".join(words),
    )  # fmt: skip


def _received_status(sent: Sent) -> str:
    """One code for two machines: how far the receiver is, unless a request is open or the document was given back.
    After a denial the state before the request stands again; updates and recalls have their answer. A recall in
    the axis's own word is no code of the trade: until it is answered, the status before stands."""
    document = sent.business_type in EXCLUSIVE_TYPES
    if sent.taking_back in (TakingBack.NONE, TakingBack.ORDERED):
        return sent.handling
    if sent.taking_back == TakingBack.DENIED and document:
        return sent.handling or sent.taking_back
    return sent.taking_back


def _forms(unit: Unit) -> tuple[str, str]:
    """(code in the form of Decision 20, code in the older form) of a unit; empty where it has none."""
    old = next((code for code in unit.codes if OLD_FORM.fullmatch(code)), "")
    new = next((code for code in unit.codes if not OLD_FORM.fullmatch(code)), "")
    return new, old


def _listed(units: Iterable[Unit]) -> list[Unit]:
    return [u for u in units if u.state not in (UnitState.DRAFT, UnitState.RETIRED)]


def _parents(units: Iterable[Unit]) -> dict[str, str]:
    return {code: str(unit.id) for unit in units for code in unit.codes}


def agencies(units: list[Unit]) -> list[Answer]:
    parents = _parents(units)
    return [
        _item(id=str(u.id), pid=parents.get(u.parent, ""), code=u.code, name=u.name, mail=u.email,
              oldCode=_forms(u)[1])
        for u in _listed(units)
    ]  # fmt: skip


def agencies_qd20(units: list[Unit]) -> list[Answer]:
    """``level`` is not looked at: what it means to the real hub is not known, so all units are given."""
    return [
        _item(id=str(u.id), code=_forms(u)[0] or u.code, name=u.name, mail=u.email, code102=_forms(u)[1])
        for u in _listed(units)
    ]


def synchronized_units(units: list[Unit], center: str) -> list[Answer]:
    """With retired units, marked deleted: the caller mirrors this list. ``version`` is a Java int, so
    minutes since 1970 rather than a finer clock."""
    parents = _parents(units)
    return [
        _item(id=str(u.id), pid=parents.get(u.parent, ""), code=u.code, name=u.name, mail=u.email,
              version=int(u.changed_at.timestamp()) // 60 if u.changed_at else 0, centerCode=center,
              deleted=u.state is UnitState.RETIRED, modifyDate=clock(u.changed_at), isAgency=True)
        for u in units if u.state is not UnitState.DRAFT
    ]  # fmt: skip
