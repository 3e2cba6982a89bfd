"""Entering a unit in five steps: facts, connection, certificates, test, opening. Also how it is edited later.

The unit is a draft from the first step on, so the steps may be left at any point and taken up again, by somebody
else too: what is missing is read from the unit itself. Each step is one change through onboarding.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from aiohttp import web

from axis.domain.calendar_file import read_date
from axis.domain.directory import Unit, UnitState
from axis.domain.document import Policy
from axis.domain.errors import AxisError
from axis.domain.ids import new_id
from axis.fronts.console import texts
from axis.fronts.console.operator_adapters import kind_words, read, settings_of
from axis.fronts.console.operator_overview import look
from axis.fronts.console.operator_room import CODE, OPERATORS, room, unit_of
from axis.fronts.console.operator_units import POLICIES, Tested, certificates_of, change, try_out
from axis.fronts.console.pages import Form, form, redirect, render, url
from axis.fronts.console.routes import Route
from axis.fronts.console.sight import me
from axis.fronts.console.texts import N_, gettext
from axis.hub.units import WEBHOOK, NewCredential
from axis.trust.certificates import read_certificates
from axis.webhooks import new_secret

STEPS = {
    "info": N_("Thông tin"),
    "connection": N_("Kiểu kết nối"),
    "certificates": N_("Chứng thư"),
    "test": N_("Thử"),
    "open": N_("Mở"),
}
STEP = "{step:info|connection|certificates|test|open}"


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    words: str
    done: bool
    current: bool


async def steps_of(request: web.Request, unit: Unit | None, current: str) -> list[Step]:
    done = await _done(request, unit) if unit else dict.fromkeys(STEPS, False)
    return [Step(name, gettext(text), done[name], name == current) for name, text in STEPS.items()]


async def _done(request: web.Request, unit: Unit) -> dict[str, bool]:
    here = room(request)
    (seen,) = await look(here, unit)
    held = [c for c in await here.units.credentials_of(unit.id) if c["revoked_at"] is None]
    try:
        here.fleet.make(unit.adapter, unit.settings, here.fleet.secrets_of(unit.id))
        connected = any(c["kind"] == "vxp" for c in held) or here.fleet.pushes(unit)
    except AxisError:
        connected = False
    signed = unit.policy is not Policy.REQUIRED or (seen.certificate_days or -1) >= 0
    proven = bool(seen.row["last_success_at"] or seen.row["last_call_at"])
    return {"info": True, "connection": connected, "certificates": signed, "test": proven,
            "open": unit.state is UnitState.LIVE}  # fmt: skip


# a new unit, and the first step


async def new(request: web.Request) -> web.StreamResponse:
    return await _info(request, None)


async def _info(
    request: web.Request, unit: Unit | None, sent: Form | None = None, wrong: str = ""
) -> web.StreamResponse:
    return render(
        request, "operator/setup-info.html", status=422 if wrong or (sent is not None and sent.errors) else 200,
        unit=unit, sent=sent, wrong=wrong, steps=await steps_of(request, unit, "info"),
        policies=[(p.value, gettext(text)) for p, text in POLICIES.items()],
    )  # fmt: skip


def _facts(sent: Form) -> dict[str, Any]:
    """What the first step asks for, checked as far as a form can."""
    until = sent.text("sha1_until", longest=10)
    day: date | None = read_date(until) if until else None
    if until and day is None:
        sent.wrong("sha1_until", gettext("Ngày viết dạng 31/12/2027."))
    return {
        "name": sent.text("name", required=True, longest=300), "parent": sent.text("parent", longest=35),
        "aliases": _listed(sent, "aliases"), "email": sent.text("email", longest=254),
        "contacts": _listed(sent, "contacts"), "alert_url": sent.text("alert_url", longest=2000),
        "policy": Policy(sent.choice("policy", [p.value for p in Policy])), "sha1_until": day,
        "inclusive_c14n": sent.ticked("inclusive_c14n"), "auto_arrived": sent.ticked("auto_arrived"),
        "relays": sent.ticked("relays"),
    }  # fmt: skip


def _listed(sent: Form, name: str) -> tuple[str, ...]:
    parts = sent.text(name, lines=True).replace(",", "\n").replace(";", "\n").splitlines()
    return tuple(dict.fromkeys(filter(None, map(str.strip, parts))))


async def create(request: web.Request) -> web.StreamResponse:
    sent = await form(request)
    facts, code = _facts(sent), sent.text("code", required=True, longest=35)
    if sent.faulty:
        return await _info(request, None, sent)
    unit = Unit(id=new_id(), code=code, state=UnitState.DRAFT, adapter="mailbox", **facts)
    try:
        await room(request).onboarding.add(unit, actor=me(request).actor)
    except AxisError as error:
        return await _info(request, None, sent, texts.words(error))
    room(request).directory.changed()
    note = gettext("Đã ghi đơn vị ở trạng thái đang khai báo; có thể dừng và làm tiếp bất cứ lúc nào.")
    return redirect(request, url(request, "operator.overview.setup", code=code, step="connection"), note=note)


# the steps of a unit


async def step(request: web.Request) -> web.StreamResponse:
    unit, name = await unit_of(request), request.match_info["step"]
    return await (_info(request, unit) if name == "info" else _SHOWN[name](request, unit, None, ""))


async def save(request: web.Request) -> web.StreamResponse:
    return await _SAVED[request.match_info["step"]](request, await unit_of(request))


async def _save_info(request: web.Request, unit: Unit) -> web.StreamResponse:
    sent = await form(request)
    facts = _facts(sent)
    changed = {name: value for name, value in facts.items() if getattr(unit, name) != value}
    if sent.faulty:
        return await _info(request, unit, sent)
    try:
        if changed:
            await change(request, unit, changed, "")
    except AxisError as error:
        return await _info(request, unit, sent, texts.words(error))
    return _onward(request, unit, "connection")


def _onward(request: web.Request, unit: Unit, following: str) -> web.Response:
    where = url(request, "operator.overview.setup", code=unit.code, step=following)
    return redirect(request, where, note=gettext("Đã lưu."))


async def _connection(request: web.Request, unit: Unit, sent: Form | None, wrong: str) -> web.StreamResponse:
    here = room(request)
    asked = (sent.value("kind") if sent is not None else request.rel_url.query.get("kind", "")) or unit.adapter
    kind = asked if asked in here.fleet.kinds else unit.adapter
    known = here.fleet.kinds.get(kind)
    credentials = [c for c in await here.units.credentials_of(unit.id) if c["revoked_at"] is None]
    return render(
        request, "operator/setup-connection.html", status=422 if wrong else 200, unit=unit, sent=sent, wrong=wrong,
        steps=await steps_of(request, unit, "connection"), kind=kind,
        kinds=[(k, kind_words(k)) for k in here.fleet.kinds],
        fields=settings_of(known.Settings, unit.settings if kind == unit.adapter else {}) if known else [],
        system=next((c["public_id"] for c in credentials if c["kind"] == "vxp"), ""),
        signs=WEBHOOK in here.fleet.secrets_of(unit.id),
    )  # fmt: skip


async def _save_connection(request: web.Request, unit: Unit) -> web.StreamResponse:
    sent, here, actor = await form(request), room(request), me(request).actor
    kind = sent.choice("kind", here.fleet.kinds)
    system = sent.text("system", longest=200)
    made: list[NewCredential] = []
    try:
        settings = read(here.fleet.kind(kind).Settings, sent, unit.settings)
        held = dict(here.fleet.secrets_of(unit.id))
        signing = kind == WEBHOOK and WEBHOOK not in held
        # Judged with a secret like the one to come, so that nothing is issued for settings that cannot work.
        here.fleet.make(kind, settings, {**held, WEBHOOK: new_secret()} if signing else held)
        if signing:
            made.append(await here.onboarding.rotate(unit, "", "", actor=actor))
            await here.directory.current(0)
        if (kind, settings) != (unit.adapter, dict(unit.settings)):
            await change(request, unit, {"adapter": kind, "settings": settings}, "")
        known = {c["public_id"] for c in await here.units.credentials_of(unit.id) if c["kind"] == "vxp"}
        if system and system not in known:
            made.append(await here.onboarding.rotate(unit, system, "", actor=actor))
        here.directory.changed()
    except AxisError as error:
        if not made:
            return await _connection(request, unit, sent, texts.words(error))
        return await _secrets(request, unit, made, texts.words(error))
    return await _secrets(request, unit, made) if made else _onward(request, unit, "certificates")


async def _secrets(request: web.Request, unit: Unit, made: list[NewCredential], wrong: str = "") -> web.StreamResponse:
    steps = await steps_of(request, unit, "connection")
    return render(request, "operator/setup-secrets.html", unit=unit, made=made, wrong=wrong, steps=steps)


async def _certificates(request: web.Request, unit: Unit, sent: Form | None, wrong: str) -> web.StreamResponse:
    return render(
        request, "operator/setup-certificates.html", status=422 if wrong else 200, unit=unit, sent=sent, wrong=wrong,
        steps=await steps_of(request, unit, "certificates"), certificates=await certificates_of(request, unit),
        now=room(request).now().astimezone(UTC), needed=unit.policy is Policy.REQUIRED,
    )  # fmt: skip


async def _save_certificates(request: web.Request, unit: Unit) -> web.StreamResponse:
    sent = await form(request)
    name, content = await uploaded(request, "file")
    content = content or sent.value("pem").encode()
    if not content:
        return await _certificates(request, unit, sent, gettext("Chưa chọn tệp và chưa dán chứng thư nào."))
    try:
        found = read_certificates(content, name or "PEM")
        if not found:
            raise ValueError("a PEM without a certificate")
        await room(request).onboarding.bind(unit, found[0], actor=me(request).actor)
    except AxisError as error:
        return await _certificates(request, unit, sent, texts.words(error))
    except ValueError:
        return await _certificates(request, unit, sent, gettext("Trong tệp không có chứng thư nào."))
    room(request).directory.changed()
    note = gettext("Đã gắn chứng thư. Gắn thêm chứng thư khác, hoặc sang bước thử.")
    return redirect(request, url(request, "operator.overview.setup", code=unit.code, step="certificates"), note=note)


async def uploaded(request: web.Request, name: str) -> tuple[str, bytes]:
    """The name and the bytes of a file that came with a form; empty when none was chosen."""
    part = (await request.post()).get(name)
    if not isinstance(part, web.FileField):
        return "", b""
    with part.file as file:  # a copy of the request read it, which nobody else finishes
        return "".join(c for c in part.filename if c.isprintable())[:120], file.read()


async def _test(
    request: web.Request, unit: Unit, sent: Form | None, wrong: str, tested: Tested | None = None
) -> web.StreamResponse:
    steps = await steps_of(request, unit, "test")
    return render(request, "operator/setup-test.html", unit=unit, tested=tested, steps=steps)


async def _save_test(request: web.Request, unit: Unit) -> web.StreamResponse:
    return await _test(request, unit, None, "", await try_out(request, unit))


async def _open(request: web.Request, unit: Unit, sent: Form | None, wrong: str) -> web.StreamResponse:
    steps = await steps_of(request, unit, "open")
    missing = [s for s in steps if not s.done and s.name != "open"]
    return render(request, "operator/setup-open.html", unit=unit, sent=sent, steps=steps, missing=missing)


async def _save_open(request: web.Request, unit: Unit) -> web.StreamResponse:
    """Opening is a change of state: it is done, with its reason, on that page."""
    return redirect(request, url(request, "operator.overview.unit.state", {"to": "live"}, code=unit.code))


_SHOWN: Mapping[str, Callable[[web.Request, Unit, Form | None, str], Awaitable[web.StreamResponse]]] = {
    "connection": _connection, "certificates": _certificates, "test": _test, "open": _open,
}  # fmt: skip
_SAVED: Mapping[str, Callable[[web.Request, Unit], Awaitable[web.StreamResponse]]] = {
    "info": _save_info, "connection": _save_connection, "certificates": _save_certificates, "test": _save_test,
    "open": _save_open,
}  # fmt: skip

ROUTES = (
    Route("GET", "/ops/new-unit", "operator.overview.new", new, OPERATORS, "all", help="operator.overview.setup"),
    Route("POST", "/ops/new-unit", "operator.overview.new", create, OPERATORS, "all", help="operator.overview.setup"),
    Route("GET", f"/ops/unit/{CODE}/setup/{STEP}", "operator.overview.setup", step, OPERATORS, "all"),
    Route("POST", f"/ops/unit/{CODE}/setup/{STEP}", "operator.overview.setup", save, OPERATORS, "all"),
)
