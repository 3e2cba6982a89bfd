"""What a clerk may do with a delivery, and the page that asks before it is done.

``hub.desk`` decides what is offered, by the same tables that judge what comes through the door. Each act has a
page that says what will happen and to whom (GET), and a form that does it (POST), after which the browser is
sent to the document. The form carries how the delivery stood when the page was made: if somebody was quicker,
nothing is done, and the same page says so and keeps the reason that was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from aiohttp import web

from axis.domain.errors import AxisError, NotFound, Unavailable
from axis.fronts import problems
from axis.fronts.console import texts
from axis.fronts.console.clerk_tools import ALMANAC, DESK, LOOKUPS, clerk, count_open, my_unit, uuid_of
from axis.fronts.console.clerk_words import arrived, number_of, stands, worst_first
from axis.fronts.console.pages import Form, form, reason_of, redirect, render, tool, url
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.texts import N_, gettext, ngettext
from axis.hub.desk import Desk

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """``code``: the status it says, empty for what is none; ``will``: what happens, told before."""

    name: str
    code: str
    words: str
    will: str
    done: str
    tone: Literal["primary", "bad"] = "primary"
    reasoned: bool = False


ACTS: dict[str, Act] = {
    act.name: act
    for act in (
        Act(
            "accept", "03", N_("Tiếp nhận (03)"),
            N_("Nơi gửi được báo “03 Đã tiếp nhận”: văn bản đã vào sổ văn bản đến của đơn vị. "
               "Sau đó không trả lại được nữa."),
            N_("Đã báo tiếp nhận (03)."),
        ),
        Act(
            "return", "02", N_("Trả lại (02)"),
            N_("Văn bản bị trả lại nơi gửi, kèm lý do. Đơn vị không xử lý văn bản này nữa."),
            N_("Đã trả lại văn bản (02)."), "bad", True,
        ),
        Act(
            "assign", "04", N_("Phân công (04)"), N_("Nơi gửi được báo “04 Phân công”: lãnh đạo đã phân công xử lý."),
            N_("Đã báo phân công (04)."),
        ),
        Act(
            "progress", "05", N_("Đang xử lý (05)"), N_("Nơi gửi được báo “05 Đang xử lý”."),
            N_("Đã báo đang xử lý (05)."),
        ),
        Act(
            "finish", "06", N_("Hoàn thành (06)"),
            N_("Nơi gửi được báo “06 Hoàn thành”. Đây là trạng thái cuối, không đổi lại được."),
            N_("Đã báo hoàn thành (06)."),
        ),
        Act(
            "agree", "15", N_("Đồng ý (15)"),
            N_("Nơi gửi được báo “15 Đồng ý lấy lại/cập nhật”. Đồng ý trả văn bản nghĩa là đơn vị huỷ bản của mình."),
            N_("Đã trả lời đồng ý (15)."),
        ),
        Act(
            "deny", "16", N_("Từ chối (16)"),
            N_("Nơi gửi được báo “16 Từ chối lấy lại/cập nhật”, kèm lý do. Văn bản vẫn ở đơn vị như trước."),
            N_("Đã trả lời từ chối (16)."), "bad", True,
        ),
        Act(
            "ask-back", "13", N_("Yêu cầu lấy lại (13)"),
            N_("Nơi nhận được yêu cầu trả lại văn bản và trả lời đồng ý (15) hoặc từ chối (16). "
               "Nếu hệ thống của họ chưa lấy văn bản về, trục huỷ ngay."),
            N_("Đã gửi yêu cầu lấy lại (13)."), "bad", True,
        ),
        Act(
            "resend", "", N_("Gửi lại"),
            N_("Nguyên văn gói tin được gửi lại cho nơi đã trả lại, bằng một lượt gửi mới."),
            N_("Đã xếp lượt gửi lại."), "primary", True,
        ),
    )
}  # fmt: skip
BY_CODE = {act.code: act for act in ACTS.values() if act.code}
_RECALL = Act(
    "recall", "", N_("Thu hồi"),
    N_("Nơi nhận phải huỷ văn bản và không được từ chối. Nơi chưa lấy về thì trục huỷ ngay. Sau khi thu hồi không "
       "cập nhật hay yêu cầu lấy lại được nữa."),
    "", "bad", True,
)  # fmt: skip
_ORDER = ("agree", "deny", "accept", "return", "assign", "progress", "finish", "resend", "ask-back", "recall")
"""Of the buttons: an answer that is waited for first, then what is done most."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A button: ``words`` in the language being spoken."""

    name: str
    words: str
    tone: str


def offered(document: Row, row: Row, unit: UUID) -> tuple[Offered, ...]:
    """What this unit may do with a delivery now: as its receiver, as the sender of its document, or both."""
    names: list[str] = []
    again = document["sent_again"]
    if row["unit_id"] == unit and (row["state"] == "delivered" or row["fetched_at"] is not None):
        theirs = Desk.offers(row, sender=False, again=again)
        names += [BY_CODE[code].name for code in theirs.statuses if code in BY_CODE]
    if row["source_unit"] == unit:
        mine = Desk.offers(row, sender=True, again=again)
        names += [BY_CODE[code].name for code in mine.statuses if code in BY_CODE]
        names += ["resend"] * mine.resend + ["recall"] * mine.recall
    names.sort(key=_ORDER.index)
    acts = [ACTS.get(name, _RECALL) for name in names]
    return tuple(Offered(act.name, gettext(act.words), act.tone) for act in acts)


async def ask(request: web.Request) -> web.StreamResponse:
    return await _confirm(request, *await _found(request))


async def act(request: web.Request) -> web.StreamResponse:
    row, delivery, what = await _found(request)
    sent = await form(request)
    reason = reason_of(sent, required=what.reasoned)
    if sent.faulty:
        return await _confirm(request, row, delivery, what, sent, status=422)
    # What changed since the page was made is looked at first: the person decided about something else.
    if sent.value("seen") != seen(delivery) or what.name not in _names(row, delivery, my_unit(request)):
        return await _confirm(request, row, delivery, what, sent, status=409, stale=True)
    desk = tool(request, DESK)
    try:
        who = await clerk(request)
        if what.code:
            await desk.say(who, delivery["id"], what.code, reason)
        else:
            await desk.resend(who, delivery["id"], reason)
    except (NotFound, Unavailable):
        raise
    except AxisError as error:
        return await _confirm(request, row, delivery, what, sent, status=problems.row(error).http, error=error)
    note = await _done(request, row, delivery, what)
    return redirect(request, url(request, "clerk.document", id=row["id"]), note=note)


async def _done(request: web.Request, row: Row, delivery: Row, what: Act) -> str:
    """What was done, truthfully: a document that never arrived is not asked back, its delivery ends on the axis."""
    after = await tool(request, LOOKUPS).deliveries(row["id"], my_unit(request))
    if what.code == "13" and any(one["id"] == delivery["id"] and one["state"] == "recalled" for one in after):
        return gettext("Văn bản chưa tới nơi nhận: trục đã huỷ lượt gửi này.")
    return gettext(what.done)


async def ask_recall(request: web.Request) -> web.StreamResponse:
    row, deliveries = await _recallable(request)
    return await _confirm_recall(request, row, deliveries)


async def recall(request: web.Request) -> web.StreamResponse:
    row, deliveries = await _recallable(request)
    sent = await form(request)
    reason = reason_of(sent)
    chosen = {uuid_of(text) for text in sent.all("unit")}
    if not chosen:
        sent.wrong("unit", gettext("Chọn ít nhất một nơi nhận."))
    if sent.faulty:
        return await _confirm_recall(request, row, deliveries, sent, status=422)
    may = _recall_from(row, deliveries)
    if not chosen <= may:
        return await _confirm_recall(request, row, deliveries, sent, status=409, stale=True)
    try:
        await tool(request, DESK).recall(await clerk(request), row["id"], sorted(chosen), reason)
    except (NotFound, Unavailable):
        raise
    except AxisError as error:
        status = problems.row(error).http
        return await _confirm_recall(request, row, deliveries, sent, status=status, error=error)
    count = len(chosen)
    note = ngettext("Đã gửi lệnh thu hồi tới %(count)d nơi nhận.", "Đã gửi lệnh thu hồi tới %(count)d nơi nhận.", count)
    return redirect(request, url(request, "clerk.document", id=row["id"]), note=note % {"count": count})


def seen(delivery: Row) -> str:
    """How a delivery stood: what a form carries to tell whether it still does."""
    return f"{delivery['state']}.{delivery['handling']}.{delivery['taking_back']}"


def _names(row: Row, delivery: Row, unit: UUID) -> set[str]:
    return {one.name for one in offered(row, delivery, unit)}


def _recall_from(row: Row, deliveries: Sequence[Row]) -> set[UUID]:
    """The units a document may be recalled from now."""
    return {one["unit_id"] for one in deliveries if Desk.offers(one, sender=True, again=row["sent_again"]).recall}


async def _found(request: web.Request) -> tuple[Row, Row, Act]:
    """The document, the newest delivery that is meant, and the act. What is not theirs is not there."""
    unit, package_id = my_unit(request), uuid_of(request.match_info["id"])
    delivery_id, what = uuid_of(request.match_info["delivery"]), ACTS.get(request.match_info["act"])
    row = await tool(request, LOOKUPS).document(package_id, unit)
    found = await tool(request, LOOKUPS).deliveries(package_id, unit) if row is not None else ()
    newest = {one["unit_id"]: one for one in found}
    delivery = next((one for one in newest.values() if one["id"] == delivery_id), None)
    if row is None or delivery is None or what is None:
        raise web.HTTPNotFound
    if delivery["source_unit"] != unit and not arrived(delivery):
        raise web.HTTPNotFound
    return row, delivery, what


async def _confirm(
    request: web.Request, row: Row, delivery: Row, what: Act, sent: Form | None = None, *, status: int = 200,
    error: AxisError | None = None, stale: bool = False,
) -> web.StreamResponse:  # fmt: skip
    deadlines, now = await tool(request, ALMANAC).current(), tool(request, CONSOLE_SETTINGS).now()
    open_ = what.name in _names(row, delivery, my_unit(request))
    await count_open(request)
    mine = delivery["unit_id"] == my_unit(request) and what.code != "13"
    return render(
        request, "clerk/act.html", status=status if status != 200 or open_ else 409, row=row, number=number_of(row),
        one=stands(delivery, deadlines, now), act=what, words=gettext(what.words), will=gettext(what.will), open=open_,
        sent=sent, seen=seen(delivery), stale=stale or not open_, error=texts.words(error) if error else "",
        whom=(row["sender_name"] or row["source_name"]) if mine else delivery["unit_name"],
        whom_code=row["sender"] if mine else ", ".join(delivery["receivers"]),
    )  # fmt: skip


async def _recallable(request: web.Request) -> tuple[Row, Sequence[Row]]:
    unit, package_id = my_unit(request), uuid_of(request.match_info["id"])
    row = await tool(request, LOOKUPS).document(package_id, unit)
    if row is None or not row["own"]:
        raise web.HTTPNotFound
    newest = {one["unit_id"]: one for one in await tool(request, LOOKUPS).deliveries(package_id, unit)}
    return row, list(newest.values())


async def _confirm_recall(
    request: web.Request, row: Row, deliveries: Sequence[Row], sent: Form | None = None, *, status: int = 200,
    error: AxisError | None = None, stale: bool = False,
) -> web.StreamResponse:  # fmt: skip
    deadlines, now = await tool(request, ALMANAC).current(), tool(request, CONSOLE_SETTINGS).now()
    may = _recall_from(row, deliveries)
    await count_open(request)
    chosen = {text.lower() for text in sent.all("unit")} if sent is not None else {str(key) for key in may}
    return render(
        request, "clerk/recall.html", status=status if status != 200 or may else 409, row=row, number=number_of(row),
        receivers=worst_first(deliveries, deadlines, now), may=may, chosen=chosen, act=_RECALL,
        words=gettext(_RECALL.words), will=gettext(_RECALL.will), sent=sent, stale=stale or not may,
        error=texts.words(error) if error else "",
    )  # fmt: skip
