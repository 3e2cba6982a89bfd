"""One unit: how it stands and everything that is done about it.

A page of confirmation says what will happen before anything does. Tests call the unit's system now; their result is
on the page that answers. A new secret is on the page that answers and nowhere else: it is stored sealed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import web

from axis.adapter import Health
from axis.domain.directory import MOST_PARALLEL, PARALLEL, Unit, UnitState
from axis.domain.document import Policy
from axis.domain.errors import AxisError
from axis.fronts.console import marks, texts
from axis.fronts.console.operator_adapters import kind_words, setting_words
from axis.fronts.console.operator_deliveries import waiting_of
from axis.fronts.console.operator_overview import counted, look
from axis.fronts.console.operator_room import CODE, ID, OPERATORS, id_of, room, unit_of
from axis.fronts.console.pages import Form, form, reason_of, redirect, render, url
from axis.fronts.console.routes import Handler, Route
from axis.fronts.console.sight import me
from axis.fronts.console.texts import N_, gettext
from axis.fronts.console.waiting import stopped
from axis.hub.alerting.messenger import Trial
from axis.hub.units import WEBHOOK
from axis.store.operations import STANDING, Wanted
from axis.trust.certificates import describe, parse

PATIENCE = 45.0  # seconds a test may take in all
POLICIES = {
    Policy.REQUIRED: N_("Chỉ nhận gói tin có chữ ký được xác minh"),
    Policy.ATTACHED: N_("Chữ ký trong tệp đính kèm (chưa dùng được)"),
    Policy.REFERENCE_ONLY: N_("Nhận tất cả, gắn nhãn gói tin không có chữ ký được xác minh"),
}
PROBED = {"ok": "proven", "unproven": "unproven", "failing": "trouble"}
NEXT: Mapping[UnitState, tuple[UnitState, ...]] = {
    UnitState.DRAFT: (UnitState.TESTING, UnitState.RETIRED),
    UnitState.TESTING: (UnitState.LIVE, UnitState.DRAFT, UnitState.SUSPENDED, UnitState.RETIRED),
    UnitState.LIVE: (UnitState.SUSPENDED, UnitState.TESTING, UnitState.RETIRED),
    UnitState.SUSPENDED: (UnitState.LIVE, UnitState.TESTING, UnitState.RETIRED),
    UnitState.RETIRED: (UnitState.DRAFT,),
}
"""What an operator is offered; the order is that of the page."""


@dataclass(frozen=True, slots=True)
class Tested:
    probe: Health
    health: str
    trials: list[Trial]


async def show(request: web.Request) -> web.StreamResponse:
    return await _page(request, await unit_of(request))


async def _page(
    request: web.Request, unit: Unit, *, tested: Tested | None = None, secret: object = None, status: int = 200
) -> web.StreamResponse:
    here = room(request)
    (seen,) = await look(here, unit)
    troubled = Wanted(unit.id, STANDING | {"queued", "sending"}, noted=True)
    return render(
        request, "operator/unit.html", status=status, seen=seen, unit=unit, tested=tested, secret=secret,
        kind_words=kind_words, counted=counted, certificates=await certificates_of(request, unit), now=here.now(),
        states=NEXT[unit.state], waits=await waiting_of(request),
        stopped=stopped(unit, (await here.operations.pauses([unit])).get(unit.id)) if unit.paused else "",
        credentials=await here.units.credentials_of(unit.id), per_unit=here.per_unit,
        failures=(await here.operations.deliveries(troubled, 8)).rows,
        policy=gettext(POLICIES[unit.policy]),
        settings=sorted((setting_words(name), value) for name, value in unit.settings.items() if name != PARALLEL),
    )  # fmt: skip


async def certificates_of(request: web.Request, unit: Unit) -> list[dict[str, Any]]:
    """With the names in them; one that cannot be read any more is shown by its fingerprint."""
    found = []
    for row in await room(request).units.signers_of(unit.id):
        try:
            facts = describe(parse(bytes(row["certificate"])))
            subject, issuer = facts.subject, facts.issuer
        except AxisError:
            subject, issuer = "", ""
        found.append({**dict(row), "subject": subject, "issuer": issuer})
    return found


async def try_out(request: web.Request, unit: Unit) -> Tested:
    """Call the unit's system and everybody who hears of deadlines, now; journalled."""
    here = room(request)
    await here.learn_calls()
    try:
        async with asyncio.timeout(PATIENCE):
            probe = await here.fleet.probe(unit)
            trials = await here.messenger.test(unit)
    except TimeoutError:
        probe, trials = Health("failing", gettext("Quá %(seconds)d giây không trả lời.") % {"seconds": PATIENCE}), []
    told = {"probe": probe.state, "answer": probe.text[:500], "messages": [f"{t.channel}: {t.sent}" for t in trials]}
    await here.onboarding.tested(unit, told, actor=me(request).actor)
    return Tested(probe, PROBED.get(probe.state, "trouble"), trials)


async def test(request: web.Request) -> web.StreamResponse:
    unit = await unit_of(request)
    return await _page(request, unit, tested=await try_out(request, unit))


# pause, resume, slow, state


async def change(request: web.Request, unit: Unit, changes: Mapping[str, Any], reason: str) -> None:
    here = room(request)
    await here.onboarding.change(unit.code, changes, actor=me(request).actor, reason=reason)
    here.directory.changed()
    here.wake()


def _flow(paused: bool) -> tuple[Handler, Handler]:
    """The page that asks and the act, of pausing or resuming."""
    name = "pause" if paused else "resume"

    async def ask(request: web.Request, sent: Form | None = None) -> web.StreamResponse:
        unit = await unit_of(request)
        (seen,) = await look(room(request), unit)
        return render(request, f"operator/unit-{name}.html", unit=unit, seen=seen, sent=sent, counted=counted)

    async def ask_first(request: web.Request) -> web.StreamResponse:
        return await ask(request)

    async def act(request: web.Request) -> web.StreamResponse:
        unit, sent = await unit_of(request), await form(request)
        reason = reason_of(sent)
        if sent.faulty:
            return await _again(ask, request, sent)
        if unit.paused is not paused:
            await change(request, unit, {"paused": paused}, reason)
        note = gettext("Đã tạm dừng phát tới đơn vị.") if paused else gettext("Đã phát tiếp tới đơn vị.")
        return redirect(request, url(request, "operator.overview.unit", code=unit.code), note=note)

    return ask_first, act


async def _again(ask: Any, request: web.Request, sent: Form) -> web.StreamResponse:
    """The same page with what is wrong."""
    response: web.StreamResponse = await ask(request, sent)
    response.set_status(422)
    return response


async def ask_slow(request: web.Request, sent: Form | None = None) -> web.StreamResponse:
    unit = await unit_of(request)
    return render(
        request, "operator/unit-slow.html", unit=unit, sent=sent, per_unit=room(request).per_unit,
        numbers=[("", gettext("như mọi đơn vị (%(n)d)") % {"n": room(request).per_unit}),
                 *((str(n), str(n)) for n in range(1, MOST_PARALLEL + 1))],
        now=str(unit.parallel or ""),
    )  # fmt: skip


async def slow(request: web.Request) -> web.StreamResponse:
    unit, sent = await unit_of(request), await form(request)
    number = sent.choice("parallel", ["", *map(str, range(1, MOST_PARALLEL + 1))])
    reason = reason_of(sent)
    if sent.faulty:
        return await _again(ask_slow, request, sent)
    settings = {name: value for name, value in unit.settings.items() if name != PARALLEL}
    if number:
        settings[PARALLEL] = int(number)
    if settings != dict(unit.settings):
        await change(request, unit, {"settings": settings}, reason)
    note = gettext("Đã đặt số lần gửi cùng lúc.")
    return redirect(request, url(request, "operator.overview.unit", code=unit.code), note=note)


async def ask_state(request: web.Request, sent: Form | None = None) -> web.StreamResponse:
    unit = await unit_of(request)
    wanted = sent.value("to") if sent is not None else request.rel_url.query.get("to", "")
    if wanted not in NEXT[unit.state]:
        raise web.HTTPNotFound
    return render(
        request, "operator/unit-state.html", unit=unit, to=UnitState(wanted), sent=sent,
        typed=unit.code if wanted == UnitState.RETIRED else "",
    )  # fmt: skip


async def set_state(request: web.Request) -> web.StreamResponse:
    unit, sent = await unit_of(request), await form(request)
    to = UnitState(sent.choice("to", NEXT[unit.state]))
    reason = reason_of(sent)
    if to is UnitState.RETIRED and sent.text("typed", required=True) != unit.code:
        sent.wrong("typed", gettext("Chưa đúng mã của đơn vị."))
    if sent.faulty:
        return await _again(ask_state, request, sent)
    await change(request, unit, {"state": to}, reason)
    note = gettext("Đã chuyển trạng thái: %(state)s.") % {"state": marks.unit(to).words}
    return redirect(request, url(request, "operator.overview.unit", code=unit.code), note=note)


# secrets


async def ask_secret(request: web.Request, sent: Form | None = None) -> web.StreamResponse:
    unit = await unit_of(request)
    kinds = await room(request).units.credentials_of(unit.id)
    live = [c for c in kinds if c["revoked_at"] is None]
    systems = list(dict.fromkeys(c["public_id"] for c in live if c["kind"] == "vxp"))
    return render(request, "operator/unit-secret.html", unit=unit, sent=sent, systems=systems, newest=_newest(kinds))


def _newest(credentials: Any) -> str:
    """Which credential was the last when the form was shown: a form sent twice makes one secret."""
    return str(credentials[-1]["id"]) if credentials else ""


async def secret(request: web.Request) -> web.StreamResponse:
    unit, sent, here = await unit_of(request), await form(request), room(request)
    system, hours = sent.text("system", longest=200), sent.choice("overlap", ("0", "24", "72"))
    kind = sent.choice("kind", ("vxp", WEBHOOK))
    if kind == "vxp" and not system:
        sent.wrong("system", gettext("Chưa nhập mục này."))
    if sent.faulty:
        return await _again(ask_secret, request, sent)
    if sent.value("newest") != _newest(await here.units.credentials_of(unit.id)):
        note = gettext("Khoá đã được cấp bằng chính biểu mẫu này hoặc ở nơi khác: hãy xem danh sách.")
        return redirect(request, url(request, "operator.overview.unit", code=unit.code), note=note, tone="wait")
    try:
        made = await here.onboarding.rotate(
            unit, system if kind == "vxp" else "", "", actor=me(request).actor, overlap=int(hours) * 3600
        )
    except AxisError as error:
        sent.wrong("system", texts.words(error))
        return await _again(ask_secret, request, sent)
    here.directory.changed()
    return await _page(request, unit, secret=made)


async def _credential(request: web.Request, unit: Unit, wanted: UUID) -> Mapping[str, Any]:
    for row in await room(request).units.credentials_of(unit.id):
        if row["id"] == wanted and row["revoked_at"] is None:
            return row
    raise web.HTTPNotFound


async def ask_revoke(request: web.Request) -> web.StreamResponse:
    unit = await unit_of(request)
    row = await _credential(request, unit, id_of(request))
    return render(request, "operator/unit-revoke.html", unit=unit, credential=row, sent=None)


async def revoke(request: web.Request) -> web.StreamResponse:
    unit = await unit_of(request)
    row = await _credential(request, unit, id_of(request))
    await room(request).onboarding.revoke(row["id"], actor=me(request).actor)
    room(request).directory.changed()
    note = gettext("Đã thu hồi khoá; hệ thống dùng khoá ấy không kết nối được nữa.")
    return redirect(request, url(request, "operator.overview.unit", code=unit.code), note=note)


def _pair(path: str, name: str, get: Handler, post: Handler) -> tuple[Route, Route]:
    at, named = f"/ops/unit/{CODE}/{path}", f"operator.overview.unit.{name}"
    return Route("GET", at, named, get, OPERATORS, "all"), Route("POST", at, named, post, OPERATORS, "all")


ROUTES = (
    Route("GET", f"/ops/unit/{CODE}", "operator.overview.unit", show, OPERATORS, "all"),
    Route("POST", f"/ops/unit/{CODE}/test", "operator.overview.unit.test", test, OPERATORS, "all"),
    *_pair("pause", "pause", *_flow(True)),
    *_pair("resume", "resume", *_flow(False)),
    *_pair("slow", "slow", ask_slow, slow),
    *_pair("state", "state", ask_state, set_state),
    *_pair("secret", "secret", ask_secret, secret),
    *_pair(f"revoke/{ID}", "revoke", ask_revoke, revoke),
)
