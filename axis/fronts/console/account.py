"""Pages of one's own account: password, language, where one is signed in; and the table of coming in.

/account   what is known of oneself; a new password, which ends every other session
"""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from axis.domain.errors import AccessError, AxisError, PackageError, Unavailable
from axis.fronts.console import entrance, texts
from axis.fronts.console.entrance import ACCOUNTS, IDENTITY, SIGN_ON, page, repeated, secret
from axis.fronts.console.help import Topic
from axis.fronts.console.pages import form, redirect, tool, url
from axis.fronts.console.routes import EVERYBODY, Route
from axis.fronts.console.sight import LANGUAGE_COOKIE, person_of
from axis.fronts.console.texts import N_, gettext
from axis.fronts.identity import SESSION, session_of
from axis.store.sessions import Session

NEEDS = (ACCOUNTS, IDENTITY, SIGN_ON)
HELP = (Topic("account", N_("Tài khoản của tôi và đăng nhập")),)


async def account(request: web.Request) -> web.StreamResponse:
    return await _account_page(request)


async def change_password(request: web.Request) -> web.StreamResponse:
    identity, session = tool(request, IDENTITY), _own(request)
    try:
        entered = await tool(request, ACCOUNTS).own.change_password(
            identity.token(request), session, await secret(request, "old"), await repeated(request),
            identity.where(request),
        )  # fmt: skip
    except (AccessError, PackageError, Unavailable) as error:
        return await _account_page(request, error)
    words = gettext("Đã đổi mật khẩu. Các phiên đăng nhập khác đã kết thúc.")
    request[SESSION] = await tool(request, ACCOUNTS).door.find(entered.token)  # what the note is bound to
    response = redirect(request, url(request, "account.self"), note=words)
    identity.give(response, entered.token)
    return response


async def set_language(request: web.Request) -> web.StreamResponse:
    sent = await form(request)
    language = sent.choice("language", texts.LANGUAGES)
    await tool(request, ACCOUNTS).own.set_language(_own(request), language)
    with texts.speaking(language):
        response = redirect(request, url(request, "account.self"), note=gettext("Đã đổi ngôn ngữ."))
    response.del_cookie(LANGUAGE_COOKIE, path="/console")
    return response


async def end_sessions(request: web.Request) -> web.StreamResponse:
    """One session, by the id in the field ``session``, or all but this one."""
    own, session, sent = tool(request, ACCOUNTS).own, _own(request), await form(request)
    if given := sent.value("session"):
        try:
            ended = int(await own.end_session(session, UUID(given)))
        except ValueError as error:
            raise PackageError("request.malformed") from error
    else:
        ended = await own.end_others(tool(request, IDENTITY).token(request), session)
    words = gettext("Đã kết thúc %(count)d phiên đăng nhập.") % {"count": ended}
    return redirect(request, url(request, "account.self"), note=words)


async def _account_page(request: web.Request, error: AxisError | None = None) -> web.StreamResponse:
    sessions = await tool(request, ACCOUNTS).own.sessions(tool(request, IDENTITY).token(request), _own(request))
    return page(request, "self", error, person=person_of(request), sessions=sessions)


def _own(request: web.Request) -> Session:
    session = session_of(request)
    if session is None or not session.full:
        raise AccessError("people.step-over")
    return session


ROUTES = (
    Route("GET", "/sign-in", "account.sign-in", entrance.sign_in_form),
    Route("POST", "/sign-in", "account.sign-in", entrance.sign_in),
    Route("GET", "/sign-in/code", "account.sign-in.code", entrance.code_form),
    Route("POST", "/sign-in/code", "account.sign-in.code", entrance.code),
    Route("GET", "/sign-in/enrol", "account.sign-in.enrol", entrance.enrol_form),
    Route("POST", "/sign-in/enrol", "account.sign-in.enrol", entrance.enrol),
    Route("POST", "/sign-out", "account.sign-out", entrance.sign_out),
    Route("GET", "/invitation/{token:[A-Za-z0-9_-]{1,128}}", "account.invitation", entrance.invitation_form),
    Route("POST", "/invitation/{token:[A-Za-z0-9_-]{1,128}}", "account.invitation", entrance.invitation),
    Route("GET", "/oidc/start", "account.oidc.start", entrance.oidc_start),
    Route("GET", "/oidc/return", "account.oidc.return", entrance.oidc_return),
    Route("GET", "/account", "account.self", account, EVERYBODY, "self"),
    Route("POST", "/account", "account.self", change_password, EVERYBODY, "self"),
    Route("POST", "/account/language", "account.language", set_language, EVERYBODY, "self"),
    Route("POST", "/account/sessions", "account.sessions", end_sessions, EVERYBODY, "self"),
)
