"""Pages of coming in.

    /sign-in             password; the button of the provider where there is one
    /sign-in/code        the second factor
    /sign-in/enrol       setting one up
    /sign-out            ends the session, or the sign-in half way
    /invitation/{token}  an invitation, a new password, the first operator: a form, used up when it is sent
    /oidc/start|return   to the provider and back

What was wrong is one sentence of the catalogue above the form, the same for an unknown login and a wrong
password. Every answer that lets somebody further replaces the cookie. A password is read as it was typed
and is never put back into a page.
"""

from __future__ import annotations

import math
from typing import Any

from aiohttp import web
from markupsafe import Markup

from axis.domain.errors import AccessError, AxisError, PackageError, SetupError, Unavailable
from axis.fronts.console import texts
from axis.fronts.console.pages import form, redirect, render, tool, url
from axis.fronts.console.sight import CONSOLE, LANGUAGE_COOKIE, person_of
from axis.fronts.console.texts import gettext
from axis.fronts.identity import SESSION, Identity, local_path, session_of
from axis.fronts.oidc import SignOn
from axis.hub.accounts import Accounts
from axis.hub.doorkeeper import Entered, Step
from axis.store.sessions import Session

ACCOUNTS = web.AppKey("accounts", Accounts)
IDENTITY = web.AppKey("identity", Identity)
SIGN_ON = web.AppKey("sign_on", SignOn)

_STEPS = {Step.CODE: "account.sign-in.code", Step.ENROL: "account.sign-in.enrol"}


# signing in


async def sign_in_form(request: web.Request) -> web.StreamResponse:
    if person_of(request) is not None:
        return redirect(request, _opened(request, _wanted(request), session_of(request)))
    return _sign_in_page(request)


async def sign_in(request: web.Request) -> web.StreamResponse:
    identity, sent = tool(request, IDENTITY), await form(request)
    try:
        entered = await tool(request, ACCOUNTS).signing_in.password(
            sent.value("login"), await secret(request, "password"), identity.where(request)
        )
    except (AccessError, Unavailable) as error:
        return _sign_in_page(request, error, sent.value("login"))
    return await _further(request, entered, local_path(sent.value("next")))


def _sign_in_page(
    request: web.Request, error: AxisError | None = None, login: str = "", next_path: str | None = None
) -> web.Response:
    provider = tool(request, SIGN_ON)
    wanted = _wanted(request) if next_path is None else next_path
    return page(
        request, "sign-in", error, login=login, next=wanted, provider=provider.on, provider_name=provider.settings.name
    )


async def code_form(request: web.Request) -> web.StreamResponse:
    session = _half(request)
    if session is None:
        return _again(request)
    if not session.person.has_totp:
        return redirect(request, url(request, "account.sign-in.enrol", _next_query(_wanted(request))))
    return page(request, "code", next=_wanted(request))


async def code(request: web.Request) -> web.StreamResponse:
    session, identity, sent = _half(request), tool(request, IDENTITY), await form(request)
    if session is None:
        return _again(request)
    wanted = local_path(sent.value("next"))
    try:
        entered = await tool(request, ACCOUNTS).signing_in.code(
            identity.token(request), session, sent.value("code"), identity.where(request)
        )
    except (AccessError, Unavailable) as error:
        return _again(request) if error.code == "people.step-over" else page(request, "code", error, next=wanted)
    return await _further(request, entered, wanted)


async def enrol_form(request: web.Request) -> web.StreamResponse:
    session = _half(request)
    if session is None or session.person.has_totp:
        return _again(request)
    return await _enrol_page(request, session, _wanted(request))


async def enrol(request: web.Request) -> web.StreamResponse:
    session, identity, sent = _half(request), tool(request, IDENTITY), await form(request)
    if session is None:
        return _again(request)
    wanted = local_path(sent.value("next"))
    try:
        entered = await tool(request, ACCOUNTS).signing_in.enrol(
            identity.token(request), session, sent.value("code"), identity.where(request)
        )
    except (AccessError, Unavailable) as error:
        return (
            _again(request) if error.code == "people.step-over" else await _enrol_page(request, session, wanted, error)
        )
    return await _further(request, entered, wanted, gettext("Đã cài mã xác thực hai bước."))


async def _enrol_page(
    request: web.Request, session: Session, wanted: str, error: AxisError | None = None
) -> web.StreamResponse:
    try:
        offered = await tool(request, ACCOUNTS).signing_in.offer(tool(request, IDENTITY).token(request), session)
    except AccessError:
        return _again(request)
    groups = [offered.secret[start : start + 4] for start in range(0, len(offered.secret), 4)]
    picture = Markup(offered.picture)  # noqa: S704 - drawn by us, of our own text
    return page(request, "enrol", error, next=wanted, picture=picture, uri=offered.uri, groups=groups)


async def sign_out(request: web.Request) -> web.StreamResponse:
    session, identity = session_of(request), tool(request, IDENTITY)
    if session is not None:
        await tool(request, ACCOUNTS).signing_in.sign_out(identity.token(request), session)
    response = redirect(request, url(request, "account.sign-in"))
    identity.take(response)
    return response


# invitations


async def invitation_form(request: web.Request) -> web.StreamResponse:
    try:
        invited = await tool(request, ACCOUNTS).own.invitation(request.match_info["token"])
    except AccessError as error:
        return page(request, "link-dead", error, status=404)
    return page(request, "invitation", invited=invited, login=invited.login, name=invited.name)


async def invitation(request: web.Request) -> web.StreamResponse:
    own, identity, sent = tool(request, ACCOUNTS).own, tool(request, IDENTITY), await form(request)
    token, login, name = request.match_info["token"], sent.value("login"), sent.value("name")
    try:
        invited = await own.invitation(token)
    except AccessError as error:
        return page(request, "link-dead", error, status=404)
    try:
        entered = await own.join(token, await repeated(request), identity.where(request), login=login, name=name)
    except AccessError as error:
        return page(request, "link-dead", error, status=404)
    except AxisError as error:
        return page(
            request, "invitation", error, invited=invited, login=invited.login or login, name=invited.name or name
        )
    return await _further(request, entered, "")


# sign-on through a provider


async def oidc_start(request: web.Request) -> web.StreamResponse:
    identity = tool(request, IDENTITY)
    if not _meant(request):
        raise AccessError("people.form-old")
    try:
        away = await tool(request, SIGN_ON).begin(
            identity.token(request), _wanted(request), _return_url(request), identity.where(request)
        )
    except (AccessError, Unavailable, SetupError) as error:
        return _sign_in_page(request, error)
    return web.Response(status=303, headers={"Location": away})


async def oidc_return(request: web.Request) -> web.StreamResponse:
    identity, given = tool(request, IDENTITY), request.rel_url.query
    query = {key: list(given.getall(key)) for key in given}
    try:
        entered, wanted = await tool(request, SIGN_ON).finish(
            query, identity.token(request), _return_url(request), identity.where(request)
        )
    except (AccessError, Unavailable, SetupError) as error:
        return _sign_in_page(request, error, next_path="")
    return await _further(request, entered, local_path(wanted))


def _meant(request: web.Request) -> bool:
    """Whether somebody goes here: from our own pages, by a link or bookmark of anybody's, or in an old browser
    that does not say. What another site's page loads (a picture, a frame, a script) is nobody's sign-on."""
    says = request.headers.get
    if says("Sec-Fetch-Site", "none") in ("same-origin", "none"):
        return True
    return says("Sec-Fetch-Mode") == "navigate" and says("Sec-Fetch-Dest") == "document"


# what they share


def page(
    request: web.Request, template: str, error: AxisError | None = None, /, *, status: int = 0, **data: Any
) -> web.Response:
    """A page of this room with what was wrong, and the status that says so."""
    words = texts.words(error) if error else ""
    blocked = error is not None and error.code == "people.blocked"
    shown = status or (429 if blocked else 422 if error else 200)
    if isinstance(error, Unavailable) and not blocked:
        shown = 503
    response = render(request, f"account/{template}.html", status=shown, **{**data, "error": words})
    if blocked and error is not None:
        response.headers["Retry-After"] = str(math.ceil(float(str(error.facts["minutes"])) * 60))
    return response


async def _further(request: web.Request, entered: Entered, wanted: str, note: str = "") -> web.StreamResponse:
    """On to the next step or into the console, under the new cookie; what this browser was before ends."""
    accounts, identity = tool(request, ACCOUNTS), tool(request, IDENTITY)
    if (before := session_of(request)) is not None:
        await accounts.signing_in.sign_out(identity.token(request), before)
    if entered.step in _STEPS:
        response = redirect(request, url(request, _STEPS[entered.step], _next_query(wanted)))
    else:
        session = request[SESSION] = await accounts.door.find(entered.token)  # what a note is bound to
        response = redirect(request, _opened(request, wanted, session), note=note)
        response.del_cookie(LANGUAGE_COOKIE, path="/console")  # from now on the account's language counts
    identity.give(response, entered.token)
    return response


def _again(request: web.Request) -> web.StreamResponse:
    """The sign-in from its beginning."""
    return redirect(request, url(request, "account.sign-in", _next_query(_wanted(request))))


def _half(request: web.Request) -> Session | None:
    session = session_of(request)
    return session if session is not None and not session.full else None


def _opened(request: web.Request, wanted: str, session: Session | None) -> str:
    """Where somebody wanted to go; home where that takes forms only."""
    role = session.person.role if session is not None else None
    return tool(request, CONSOLE).opened(wanted, role) or url(request, "home")


def _wanted(request: web.Request) -> str:
    return local_path(request.rel_url.query.get("next", ""))


def _next_query(wanted: str) -> dict[str, str] | None:
    return {"next": wanted} if wanted else None


def _return_url(request: web.Request) -> str:
    return tool(request, IDENTITY).base_url(request) + url(request, "account.oidc.return")


async def secret(request: web.Request, name: str) -> str:
    """A password as it was typed."""
    value = (await request.post()).get(name, "")
    return value if isinstance(value, str) else ""


async def repeated(request: web.Request) -> str:
    """A new password, typed twice."""
    password = await secret(request, "password")
    if password != await secret(request, "repeat"):
        raise PackageError("people.password-repeat")
    return password
