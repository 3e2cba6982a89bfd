"""Deliveries for operators: lists by document, unit, state, kind, age and words of the note; one with its attempts;
and what is done about one: park, replay, resend. Every act is guarded by the state in the statement itself and
journalled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from axis.domain.errors import NotFound, StateError
from axis.domain.states import TRANSPORT_WORDS, Transport
from axis.domain.telling import tell
from axis.fronts.console import marks, texts
from axis.fronts.console.details import actor, details
from axis.fronts.console.filters import word
from axis.fronts.console.operator_adapters import kind_words
from axis.fronts.console.operator_room import ID, OPERATORS, id_of, room, unit_choices
from axis.fronts.console.pages import Form, form, here, reason_of, redirect, render, url
from axis.fronts.console.paging import SIZE, forward, position
from axis.fronts.console.routes import Route
from axis.fronts.console.sight import me
from axis.fronts.console.texts import N_, gettext
from axis.fronts.console.waiting import waits
from axis.hub.standing import standing
from axis.store.operations import Wanted

WAITING = frozenset({"queued", "sending", "held"})
AGES = {
    "1h": (N_("lâu hơn 1 giờ"), timedelta(hours=1)),
    "1d": (N_("lâu hơn 1 ngày"), timedelta(days=1)),
    "7d": (N_("lâu hơn 7 ngày"), timedelta(days=7)),
    "30d": (N_("lâu hơn 30 ngày"), timedelta(days=30)),
}
KINDS = {"document": N_("Văn bản"), "status": N_("Gói trạng thái")}
TABS = (("", N_("Tất cả")), ("waiting", N_("Đang chờ")), ("parked", N_("Tạm giữ")), ("refused", N_("Bị từ chối")))
_ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a list asks for. A value it does not know is no filter: a link may be old."""

    unit: str = ""
    state: str = ""
    kind: str = ""
    age: str = ""
    text: str = ""

    @classmethod
    def of(cls, get: Any) -> Asked:
        state, kind, age = get("state"), get("kind"), get("age")
        return cls(
            get("unit")[:64], state if state == "waiting" or state in set(Transport) else "",
            kind if kind in KINDS else "", age if age in AGES else "", get("q").replace("\x00", "")[:200].strip(),
        )  # fmt: skip

    @property
    def states(self) -> frozenset[str]:
        return WAITING if self.state == "waiting" else frozenset({self.state} - {""})


async def wanted_of(request: web.Request, asked: Asked, before: UUID | None = None) -> Wanted | None:
    """None when it names a unit that is not there: then nothing is found. What the box holds is the name of a document
    where there is one of that name, else words of the note: a clerk who telephones gives a number."""
    here_now = room(request)
    unit = (await here_now.directory.current()).named(asked.unit) if asked.unit else None
    if asked.unit and unit is None:
        return None
    older = here_now.now() - AGES[asked.age][1] if asked.age else None
    packages = await here_now.operations.packages(asked.text)
    words = "" if packages else asked.text
    return Wanted(unit.id if unit else None, asked.states, asked.kind, words, False, older, before, packages)


async def deliveries(request: web.Request) -> web.StreamResponse:
    query = request.rel_url.query
    asked, at = Asked.of(lambda name: query.get(name, "")), position(request, (UUID,))
    wanted = await wanted_of(request, asked, at.after[0] if at.after else None)
    found = await room(request).operations.deliveries(wanted, SIZE) if wanted else None
    reach = (found.reach,) if found and found.reach else None
    return render(
        request, "operator/deliveries.html", partial="results", asked=asked, waits=await waiting_of(request),
        shown=forward(request, found.rows if found else [], reach, SIZE),
        units=await unit_choices(request, gettext("Mọi đơn vị")),
        states=[("", gettext("Mọi trạng thái")), ("waiting", gettext("Đang chờ")),
                *((t.value, word(TRANSPORT_WORDS[t])) for t in Transport)],
        kinds=[("", gettext("Mọi loại")), *((key, gettext(text)) for key, text in KINDS.items())],
        ages=[("", gettext("Bất kỳ")), *((key, gettext(text)) for key, (text, _) in AGES.items())],
        tabs=[(gettext(text), here(request, state=key or None), asked.state == key) for key, text in TABS],
        acts=[act for act, states in (("replay", {"parked", "refused"}), ("park", {"queued", "sending"}))
              if not asked.states or asked.states & states],
    )  # fmt: skip


async def waiting_of(request: web.Request) -> Callable[[Any], str]:
    """For a list: what keeps a queued row, in short words; empty where the axis tries again by itself."""
    directory, fleet = await room(request).directory.current(), room(request).fleet
    return lambda row: waits(fleet, directory.named(row["unit"]))


# one


async def _found(request: web.Request) -> Any:
    row = await room(request).operations.delivery(id_of(request))
    if row is None:
        raise NotFound("delivery.unknown", id=id_of(request))
    return row


def _may(row: Any) -> dict[str, bool]:
    """What may be done with it now; the statements decide again."""
    at = standing(row)
    return {
        "park": row["state"] in ("queued", "sending"),
        "replay": row["state"] in ("parked", "refused") and row["taking_back"] not in ("recall", "13", "15"),
        "resend": at.handling == "02" and row["taking_back"] not in ("recall", "15"),
    }


async def show(request: web.Request) -> web.StreamResponse:
    row, operations = await _found(request), room(request).operations
    unit, at = (await room(request).directory.current()).units.get(row["unit_id"]), position(request, (int,))
    pause = (await operations.pauses([unit] if unit else [])).get(row["unit_id"])
    before = min(at.after[0], 2**31 - 1) if at.after else None
    attempts = await operations.attempts(row["id"], before, _ATTEMPTS + 1)
    reach = (attempts[_ATTEMPTS - 1]["attempt"],) if len(attempts) > _ATTEMPTS else None
    return render(
        request, "operator/delivery.html", row=row, may=_may(row), kind_words=kind_words,
        attempts=forward(request, attempts[:_ATTEMPTS], reach, _ATTEMPTS),
        story=[_happening(j) for j in await operations.happenings(row["package_id"], row["id"])],
        unit=unit, waits=waits(room(request).fleet, unit, pause),
    )  # fmt: skip


def _happening(row: Any) -> marks.Happening:
    status = row["event"].startswith("status.")
    return marks.Happening(
        row["at"], tell(row["event"], row["data"], texts.language()), "status" if status else "hub",
        person=actor(row["actor"]), note=details(row)[:600],
    )  # fmt: skip


async def _ask(request: web.Request, act: str, sent: Form | None = None) -> web.StreamResponse:
    row = await _found(request)
    if not _may(row)[act]:
        raise StateError("delivery.not-movable", id=row["id"], state=row["state"], action=gettext(_VERBS[act]))
    return render(request, f"operator/delivery-{act}.html", status=422 if sent is not None else 200, row=row, sent=sent)


_VERBS = {"park": N_("giữ lại"), "replay": N_("gửi lại"), "resend": N_("gửi lại bằng lượt mới")}
_DONE = {
    "park": N_("Đã giữ lại lượt gửi."),
    "replay": N_("Đã cho gửi lại; lần gửi tiếp theo là ngay bây giờ."),
    "resend": N_("Đã tạo lượt gửi mới."),
}


async def ask(request: web.Request) -> web.StreamResponse:
    return await _ask(request, request.match_info["act"])


async def act(request: web.Request) -> web.StreamResponse:
    name, row, sent, here_now = request.match_info["act"], await _found(request), await form(request), room(request)
    reason = reason_of(sent)
    if sent.faulty:
        return await _ask(request, name, sent)
    actor, target = me(request).actor, row["id"]
    if name == "resend":
        made = await here_now.documents.resend(row["id"], actor, reason)
        done, target = made is not None, made or target
    else:
        move = here_now.deliveries.park if name == "park" else here_now.deliveries.replay
        done = await move(row["id"], actor, reason)
    if not done:
        now = await _found(request)
        raise StateError("delivery.not-movable", id=row["id"], state=now["state"], action=gettext(_VERBS[name]))
    here_now.wake()
    return redirect(request, url(request, "operator.deliveries.one", id=target), note=gettext(_DONE[name]))


ACT = "{act:park|replay|resend}"
ROUTES = (
    Route("GET", "/ops/deliveries", "operator.deliveries", deliveries, OPERATORS, "all", menu=N_("Lượt gửi")),
    Route("GET", f"/ops/deliveries/{ID}", "operator.deliveries.one", show, OPERATORS, "all"),
    Route("GET", f"/ops/deliveries/{ID}/{ACT}", "operator.deliveries.one.act", ask, OPERATORS, "all"),
    Route("POST", f"/ops/deliveries/{ID}/{ACT}", "operator.deliveries.one.act", act, OPERATORS, "all"),
)
