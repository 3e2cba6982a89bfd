"""One act on many deliveries: the list is fixed when it is shown, and nothing but that list is acted on.

    choose    the filter of a list becomes a list of ids under a token that only this person can use, once
    look      how many, the first of them, what will happen; the number must be typed, a reason given
    confirm   the token is used up, each delivery moved by its own guarded statement, each journalled

Whatever the address or the form says later, it cannot widen the list: it is not in them. What moved meanwhile is
skipped and counted. A token proves by itself whom it was given to, so that its person can be told that the list was
used up or expired; to everybody else it is an address that does not exist.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import replace

from aiohttp import web

from axis.domain.errors import NotFound
from axis.fronts.console.operator_deliveries import Asked, waiting_of, wanted_of
from axis.fronts.console.operator_room import OPERATORS, room
from axis.fronts.console.pages import Form, form, reason_of, redirect, render, tool, url
from axis.fronts.console.routes import Route
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.sight import me
from axis.fronts.console.texts import gettext
from axis.store.operations import MOST_CHOSEN

SHOWN = 20
_MOVABLE = {"replay": frozenset({"parked", "refused"}), "park": frozenset({"queued", "sending"})}


async def choose(request: web.Request) -> web.StreamResponse:
    sent, here = await form(request), room(request)
    act, asked = sent.choice("act", _MOVABLE), Asked.of(sent.value)
    back = url(request, "operator.deliveries", _query(asked))
    wanted = await wanted_of(request, asked)
    states = (asked.states & _MOVABLE[act]) if asked.states else _MOVABLE[act]
    if wanted is None or not states:
        return redirect(request, back, note=gettext("Bộ lọc này không có lượt gửi nào làm được việc ấy."), tone="wait")
    narrowed = replace(wanted, states=states, noted=False, before=None)
    ids, more = await here.operations.movable(act, narrowed)
    if not ids:
        return redirect(request, back, note=gettext("Bộ lọc này không có lượt gửi nào làm được việc ấy."), tone="wait")
    token = _token(request, secrets.token_bytes(16))
    await here.operations.choose(token, me(request).id, act, ids)
    query = {**_query(asked), **({"more": "1"} if more else {})}
    return redirect(request, url(request, "operator.deliveries.choice", query, token=token))


def _query(asked: Asked) -> dict[str, str]:
    """The filter as it stands in an address: for the way back and for words, never for what is chosen."""
    given = {"unit": asked.unit, "state": asked.state, "kind": asked.kind, "age": asked.age, "q": asked.text}
    return {name: value for name, value in given.items() if value}


def _token(request: web.Request, random: bytes) -> str:
    proof = hmac.digest(tool(request, CONSOLE_SETTINGS).key, b"axis choice" + me(request).id.bytes + random, "sha256")
    return base64.urlsafe_b64encode(random + proof[:16]).decode().rstrip("=")


def _gone(request: web.Request) -> web.StreamResponse:
    """What is said of a list that is not there any more, to the person it was made for."""
    token = request.match_info["token"]
    if not hmac.compare_digest(token, _token(request, base64.urlsafe_b64decode(f"{token}=")[:16])):
        raise NotFound("delivery.unknown", id="–")
    return render(request, "operator/choice-gone.html", status=410, back=_back(request))


def _back(request: web.Request) -> str:
    """The list as it was filtered when the choice was made."""
    query = request.rel_url.query
    return url(request, "operator.deliveries", _query(Asked.of(lambda name: query.get(name, ""))))


async def look(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(request: web.Request, sent: Form | None = None) -> web.StreamResponse:
    operations, query = room(request).operations, request.rel_url.query
    found = await operations.chosen(request.match_info["token"], me(request).id)
    if found is None:
        return _gone(request)
    act, ids = found
    return render(
        request, "operator/choice.html", status=422 if sent is not None else 200, act=act, count=len(ids), sent=sent,
        rows=await operations.named(ids[:SHOWN]), more="more" in query, most=MOST_CHOSEN,
        back=_back(request), waits=await waiting_of(request),
    )  # fmt: skip


async def confirm(request: web.Request) -> web.StreamResponse:
    token, person, here, sent = request.match_info["token"], me(request), room(request), await form(request)
    reason = reason_of(sent)
    found = await here.operations.chosen(token, person.id)
    if found is None:
        return _gone(request)
    if sent.text("typed", required=True) != str(len(found[1])):
        sent.wrong("typed", gettext("Chưa đúng số lượt gửi."))
    if sent.faulty:
        return await _page(request, sent)
    taken = await here.operations.take(token, person.id)
    if taken is None:  # pressed twice at the same moment
        return _gone(request)
    act, ids = taken
    move = here.deliveries.replay if act == "replay" else here.deliveries.park
    done = 0
    for key in reversed(ids):  # the oldest first, in the order they were sent
        done += await move(key, person.actor, reason)
    here.wake()
    words = gettext("Đã gửi lại %(done)d lượt.") if act == "replay" else gettext("Đã giữ lại %(done)d lượt.")
    skipped = gettext(" Bỏ qua %(skipped)d lượt đã đổi trạng thái trong lúc chờ xác nhận.") if done < len(ids) else ""
    note = (words + skipped) % {"done": done, "skipped": len(ids) - done}
    return redirect(request, _back(request), note=note, tone="wait" if skipped else "good")


TOKEN = "{token:[A-Za-z0-9_-]{43}}"  # noqa: S105 - a pattern of addresses, not a secret
ROUTES = (
    Route("POST", "/ops/deliveries/choose", "operator.deliveries.choose", choose, OPERATORS, "all"),
    Route("GET", f"/ops/deliveries/choice/{TOKEN}", "operator.deliveries.choice", look, OPERATORS, "all"),
    Route("POST", f"/ops/deliveries/choice/{TOKEN}", "operator.deliveries.choice", confirm, OPERATORS, "all"),
)
