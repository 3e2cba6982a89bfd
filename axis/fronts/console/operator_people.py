"""People: who may sign in, with which role and unit; inviting, resetting, disabling, ending sessions.

The rules are those of ``hub.people``: nobody takes the console from themselves, the last operator stays. A one-time
link is on the page that answers, and nowhere else.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp import web

from axis.domain.errors import AxisError, ConflictError
from axis.domain.people import OF_A_UNIT, ROLE_WORDS, STATE_WORDS, PersonState, Role
from axis.fronts.console.entrance import ACCOUNTS, IDENTITY
from axis.fronts.console.filters import word
from axis.fronts.console.operator_room import OPERATORS, forward, myself, room, unit_choices, words
from axis.fronts.console.pages import Form, form, reason_of, redirect, render, tool, url
from axis.fronts.console.paging import SIZE, position
from axis.fronts.console.routes import Route
from axis.fronts.console.texts import N_, NAMES, gettext
from axis.hub.people import By, Link

LOGIN = "{login:[a-z0-9][a-z0-9._@+-]{1,63}}"
_BADGES: dict[PersonState, tuple[str, str]] = {
    PersonState.INVITED: ("wait", "clock"),
    PersonState.ACTIVE: ("good", "check"),
    PersonState.DISABLED: ("bad", "cross"),
}


def _by(request: web.Request) -> By:
    return By.of(myself(request))


def _shared() -> dict[str, Any]:
    return {
        "role_words": ROLE_WORDS, "state_words": STATE_WORDS, "badges": _BADGES,
        "roles": [(r.value, word(ROLE_WORDS[r])) for r in Role], "languages": list(NAMES.items()),
    }  # fmt: skip


async def people(request: web.Request) -> web.StreamResponse:
    query, at = request.rel_url.query, position(request, (str,))
    role, state = query.get("role", ""), query.get("state", "")
    rows = await tool(request, ACCOUNTS).staffing.page(
        by=_by(request), after=at.after[0] if at.after else "", role=role if role in set(Role) else "",
        state=state if state in set(PersonState) else "", text=query.get("q", "").replace("\x00", "")[:120].strip(),
        limit=SIZE + 1,
    )  # fmt: skip
    reach = (rows[SIZE - 1].login,) if len(rows) > SIZE else None
    return render(
        request, "operator/people.html", partial="results", shown=forward(request, rows[:SIZE], reach, SIZE),
        **_shared(), states=[(s.value, word(STATE_WORDS[s])) for s in PersonState],
    )  # fmt: skip


# a new person


async def ask_invite(request: web.Request) -> web.StreamResponse:
    return await _invite_page(request)


async def _invite_page(request: web.Request, sent: Form | None = None, wrong: str = "") -> web.StreamResponse:
    return render(
        request, "operator/person-invite.html", status=422 if sent is not None else 200, sent=sent, wrong=wrong,
        units=await unit_choices(request, gettext("không thuộc đơn vị nào")), **_shared(),
    )  # fmt: skip


async def invite(request: web.Request) -> web.StreamResponse:
    sent = await form(request)
    login, name = sent.text("login", required=True, longest=64), sent.text("name", required=True, longest=120)
    role, language = Role(sent.choice("role", list(Role))), sent.choice("language", list(NAMES))
    unit_id = await _unit(request, sent, role)
    if sent.faulty:
        return await _invite_page(request, sent)
    try:
        link = await tool(request, ACCOUNTS).staffing.invite(
            login, name, role, by=_by(request), unit_id=unit_id, language=language
        )
    except AxisError as error:
        return await _invite_page(request, sent, words(error))
    return _link_page(request, link)


async def _unit(request: web.Request, sent: Form, role: Role) -> UUID | None:
    code = sent.value("unit")
    unit = (await room(request).directory.current(0)).named(code) if code else None
    if role in OF_A_UNIT and unit is None:
        sent.wrong("unit", gettext("Vai trò này thuộc một đơn vị: hãy chọn đơn vị."))
    if role not in OF_A_UNIT and code:
        sent.wrong("unit", gettext("Vai trò này không thuộc đơn vị nào: hãy bỏ chọn."))
    return unit.id if unit else None


def _link_page(request: web.Request, link: Link) -> web.StreamResponse:
    where = tool(request, IDENTITY).base_url(request) + link.path
    return render(request, "operator/person-link.html", link=link, where=where)


# one person


async def person(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(request: web.Request, sent: Form | None = None, wrong: str = "") -> web.StreamResponse:
    accounts, login = tool(request, ACCOUNTS), request.match_info["login"]
    found = await accounts.staffing.find(login, by=_by(request))
    return render(
        request, "operator/person.html", status=422 if sent is not None else 200, person=found, sent=sent, wrong=wrong,
        oneself=found.id == myself(request).id, sessions=await accounts.door.sessions_of(found.id),
        links=await accounts.staffing.links_of(found), **_shared(),
        units=await unit_choices(request, gettext("không thuộc đơn vị nào")),
    )  # fmt: skip


async def change(request: web.Request) -> web.StreamResponse:
    sent, staffing, login = await form(request), tool(request, ACCOUNTS).staffing, request.match_info["login"]
    name, role = sent.text("name", required=True, longest=120), Role(sent.choice("role", list(Role)))
    changes = {"name": name, "role": role, "language": sent.choice("language", list(NAMES)),
               "unit_id": await _unit(request, sent, role)}  # fmt: skip
    if sent.faulty:
        return await _page(request, sent)
    try:
        await staffing.change(login, changes, by=_by(request))
    except AxisError as error:
        return await _page(request, sent, words(error))
    return redirect(request, url(request, "operator.people.one", login=login), note=gettext("Đã lưu."))


async def ask(request: web.Request) -> web.StreamResponse:
    return await _ask(request)


async def _ask(request: web.Request, sent: Form | None = None, wrong: str = "") -> web.StreamResponse:
    found = await tool(request, ACCOUNTS).staffing.find(request.match_info["login"], by=_by(request))
    _not_oneself(request, found.login)
    return render(
        request, "operator/person-act.html", status=422 if sent is not None else 200, person=found, sent=sent,
        wrong=wrong, act=request.match_info["act"],
    )  # fmt: skip


def _not_oneself(request: web.Request, login: str) -> None:
    """Each of these acts would end one's own session."""
    if login == myself(request).login:
        raise ConflictError("people.oneself")


_DONE = {
    "disable": N_("Đã khoá người dùng; mọi phiên của họ đã kết thúc."),
    "enable": N_("Đã mở khoá người dùng."),
    "end-sessions": N_("Đã kết thúc mọi phiên của người dùng."),
}


async def act(request: web.Request) -> web.StreamResponse:
    sent, staffing, by = await form(request), tool(request, ACCOUNTS).staffing, _by(request)
    login, name = request.match_info["login"], request.match_info["act"]
    _not_oneself(request, login)
    reason = reason_of(sent) if name == "disable" else ""
    if sent.faulty:
        return await _ask(request, sent)
    try:
        if name == "reset":
            return _link_page(request, await staffing.reset(login, by=by, totp=sent.ticked("totp")))
        if name == "disable":
            await staffing.disable(login, by=by, reason=reason)
        elif name == "enable":
            await staffing.enable(login, by=by)
        else:
            await staffing.end_sessions(login, by=by)
    except ConflictError as error:
        return await _ask(request, sent, words(error))
    return redirect(request, url(request, "operator.people.one", login=login), note=gettext(_DONE[name]))


ACT = "{act:disable|enable|reset|end-sessions}"
ROUTES = (
    Route("GET", "/ops/people", "operator.people", people, OPERATORS, "all", menu=N_("Người dùng")),
    Route("GET", "/ops/invite", "operator.people.invite", ask_invite, OPERATORS, "all"),
    Route("POST", "/ops/invite", "operator.people.invite", invite, OPERATORS, "all"),
    Route("GET", f"/ops/people/{LOGIN}", "operator.people.one", person, OPERATORS, "all"),
    Route("POST", f"/ops/people/{LOGIN}", "operator.people.one", change, OPERATORS, "all"),
    Route("GET", f"/ops/people/{LOGIN}/{ACT}", "operator.people.one.act", ask, OPERATORS, "all"),
    Route("POST", f"/ops/people/{LOGIN}/{ACT}", "operator.people.one.act", act, OPERATORS, "all"),
)
