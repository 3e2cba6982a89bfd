"""What pages of people share: the list, an invitation, one person, and what is done about them.

A room of accounts is those pages for one kind of caretaker: operators look after everybody (operator_people), an
administrator of a unit after the people of that unit (unit_people). Whom each may act on, and who exists for them at
all, is decided by ``hub.people`` in its statements; a room says which roles its forms offer, and where a person's
unit comes from. A one-time link is on the page that answers, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import web

from axis.domain.errors import AxisError, ConflictError
from axis.domain.people import ROLE_WORDS, STATE_WORDS, PersonState, Role
from axis.fronts.console import texts
from axis.fronts.console.entrance import ACCOUNTS, IDENTITY
from axis.fronts.console.filters import word
from axis.fronts.console.pages import Form, form, reason_of, redirect, render, tool, url
from axis.fronts.console.paging import SIZE, forward, position
from axis.fronts.console.routes import Route, Scope
from axis.fronts.console.sight import me
from axis.fronts.console.texts import N_, NAMES, gettext
from axis.hub.people import By, Link

LOGIN = "{login:[a-z0-9][a-z0-9._@+-]{1,63}}"
ACT = "{act:disable|enable|reset|end-sessions}"
_BADGES: dict[PersonState, tuple[str, str]] = {
    PersonState.INVITED: ("wait", "clock"),
    PersonState.ACTIVE: ("good", "check"),
    PersonState.DISABLED: ("bad", "cross"),
}
_DONE = {
    "disable": N_("Đã khoá người dùng; mọi phiên của họ đã kết thúc."),
    "enable": N_("Đã mở khoá người dùng."),
    "end-sessions": N_("Đã kết thúc mọi phiên của người dùng."),
}
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PeopleRoom:
    """``name``: of its list in the table of routes; ``roles``: those its forms offer; ``unit``: the unit of somebody
    of a role as the form says it, what is wrong noted in the form; ``units``: the choices of that field, none where
    there is nothing to choose; ``oneself``: what is said on one's own page."""

    name: str
    roles: tuple[Role, ...]
    unit: Callable[[web.Request, Form, Role], Awaitable[UUID | None]]
    units: Callable[[web.Request], Awaitable[Choices]]
    oneself: str

    def routes(self, base: str, who: frozenset[Role], scope: Scope, menu: str) -> tuple[Route, ...]:
        """The pages below ``base``. The invitation does not stand below the list, where it could be a login."""
        one, act = f"{base}/people/{LOGIN}", f"{base}/people/{LOGIN}/{ACT}"
        return (
            Route("GET", f"{base}/people", self.name, self.people, who, scope, menu=menu),
            Route("GET", f"{base}/invite", f"{self.name}.invite", self.ask_invite, who, scope),
            Route("POST", f"{base}/invite", f"{self.name}.invite", self.invite, who, scope),
            Route("GET", one, f"{self.name}.one", self.person, who, scope),
            Route("POST", one, f"{self.name}.one", self.change, who, scope),
            Route("GET", act, f"{self.name}.one.act", self.ask, who, scope),
            Route("POST", act, f"{self.name}.one.act", self.act, who, scope),
        )

    async def people(self, request: web.Request) -> web.StreamResponse:
        query, at = request.rel_url.query, position(request, (str,))
        role, state = query.get("role", ""), query.get("state", "")
        rows = await tool(request, ACCOUNTS).staffing.page(
            by=_by(request), after=at.after[0] if at.after else "", role=role if role in set(Role) else "",
            state=state if state in set(PersonState) else "", text=query.get("q", "").replace("\x00", "")[:120].strip(),
            limit=SIZE + 1,
        )  # fmt: skip
        reach = (rows[SIZE - 1].login,) if len(rows) > SIZE else None
        return render(
            request, "people/list.html", partial="results", shown=forward(request, rows[:SIZE], reach, SIZE),
            **await self._shared(request), states=[(s.value, word(STATE_WORDS[s])) for s in PersonState],
        )  # fmt: skip

    # a new person

    async def ask_invite(self, request: web.Request) -> web.StreamResponse:
        return await self._invite_page(request)

    async def invite(self, request: web.Request) -> web.StreamResponse:
        sent = await form(request)
        login, name = sent.text("login", required=True, longest=64), sent.text("name", required=True, longest=120)
        role, language = Role(sent.choice("role", self.roles)), sent.choice("language", NAMES)
        unit_id = await self.unit(request, sent, role)
        if sent.faulty:
            return await self._invite_page(request, sent)
        try:
            link = await tool(request, ACCOUNTS).staffing.invite(
                login, name, role, by=_by(request), unit_id=unit_id, language=language
            )
        except AxisError as error:
            return await self._invite_page(request, sent, texts.words(error))
        return self._link_page(request, link)

    async def _invite_page(
        self, request: web.Request, sent: Form | None = None, wrong: str = ""
    ) -> web.StreamResponse:
        return render(
            request, "people/invite.html", status=422 if sent is not None else 200, sent=sent, wrong=wrong,
            **await self._shared(request),
        )  # fmt: skip

    def _link_page(self, request: web.Request, link: Link) -> web.StreamResponse:
        where = tool(request, IDENTITY).base_url(request) + link.path
        return render(request, "people/link.html", link=link, where=where, room=self.name)

    # one person

    async def person(self, request: web.Request) -> web.StreamResponse:
        return await self._page(request)

    async def _page(self, request: web.Request, sent: Form | None = None, wrong: str = "") -> web.StreamResponse:
        accounts, login = tool(request, ACCOUNTS), request.match_info["login"]
        found = await accounts.staffing.find(login, by=_by(request))
        oneself = gettext(self.oneself) if found.id == me(request).id else ""
        return render(
            request, "people/one.html", status=422 if sent is not None else 200, person=found, sent=sent, wrong=wrong,
            oneself=oneself, sessions=await accounts.door.sessions_of(found.id),
            links=await accounts.staffing.links_of(found), **await self._shared(request),
        )  # fmt: skip

    async def change(self, request: web.Request) -> web.StreamResponse:
        sent, staffing, login = await form(request), tool(request, ACCOUNTS).staffing, request.match_info["login"]
        name, role = sent.text("name", required=True, longest=120), Role(sent.choice("role", self.roles))
        changes = {"name": name, "role": role, "language": sent.choice("language", NAMES),
                   "unit_id": await self.unit(request, sent, role)}  # fmt: skip
        if sent.faulty:
            return await self._page(request, sent)
        try:
            await staffing.change(login, changes, by=_by(request))
        except AxisError as error:
            return await self._page(request, sent, texts.words(error))
        return redirect(request, url(request, f"{self.name}.one", login=login), note=gettext("Đã lưu."))

    # what is done about them

    async def ask(self, request: web.Request) -> web.StreamResponse:
        return await self._ask(request)

    async def _ask(self, request: web.Request, sent: Form | None = None, wrong: str = "") -> web.StreamResponse:
        _not_oneself(request)
        found = await tool(request, ACCOUNTS).staffing.find(request.match_info["login"], by=_by(request))
        return render(
            request, "people/act.html", status=422 if sent is not None else 200, person=found, sent=sent, wrong=wrong,
            act=request.match_info["act"], room=self.name,
        )  # fmt: skip

    async def act(self, request: web.Request) -> web.StreamResponse:
        sent, staffing, by = await form(request), tool(request, ACCOUNTS).staffing, _by(request)
        login, name = request.match_info["login"], request.match_info["act"]
        _not_oneself(request)
        reason = reason_of(sent) if name == "disable" else ""
        if sent.faulty:
            return await self._ask(request, sent)
        try:
            if name == "reset":
                return self._link_page(request, await staffing.reset(login, by=by, totp=sent.ticked("totp")))
            if name == "disable":
                await staffing.disable(login, by=by, reason=reason)
            elif name == "enable":
                await staffing.enable(login, by=by)
            else:
                await staffing.end_sessions(login, by=by)
        except ConflictError as error:
            return await self._ask(request, sent, texts.words(error))
        return redirect(request, url(request, f"{self.name}.one", login=login), note=gettext(_DONE[name]))

    async def _shared(self, request: web.Request) -> dict[str, Any]:
        return {
            "room": self.name, "role_words": ROLE_WORDS, "state_words": STATE_WORDS, "badges": _BADGES,
            "roles": [(role.value, word(ROLE_WORDS[role])) for role in self.roles], "languages": list(NAMES.items()),
            "units": await self.units(request),
        }  # fmt: skip


def _not_oneself(request: web.Request) -> None:
    """Each of these acts would end one's own session."""
    if request.match_info["login"] == me(request).login:
        raise ConflictError("people.oneself")


def _by(request: web.Request) -> By:
    return By.of(me(request))
