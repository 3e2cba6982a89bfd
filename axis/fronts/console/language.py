"""Which language a request is answered in, and how a browser remembers a choice.

In this order: what was chosen in this browser (the switch in the header sets a cookie; signing in forgets
it), what the person's account says, what the browser asks for, Vietnamese. Language and theme are chosen by
a link (``?lang=en``, ``?theme=dark``) that sets the cookie and comes back to the same address without it.
"""

from __future__ import annotations

from aiohttp import web

from axis.fronts import problems
from axis.fronts.console import texts
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.sight import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, person_of

_YEAR = 365 * 24 * 3600


def chosen(request: web.Request) -> texts.Language:
    if kept := texts.known(request.cookies.get(LANGUAGE_COOKIE, "")):
        return kept
    person = person_of(request)
    if person is not None and (own := texts.known(person.language)):
        return own
    return texts.known(problems.language(request.headers.get("Accept-Language", ""))) or "vi"


def choice(request: web.Request) -> web.Response | None:
    """The answer to a link of the switches; None for any other request."""
    query = request.rel_url.query
    if request.method != "GET" or not ("lang" in query or "theme" in query):
        return None
    back = request.rel_url.without_query_params("lang", "theme")
    response = web.Response(status=303, headers={"Location": str(back)})
    settings = request.config_dict[CONSOLE_SETTINGS]
    if language := texts.known(query.get("lang", "")):
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=_YEAR, path="/console", secure=settings.secure, httponly=True,
            samesite="Lax",
        )  # fmt: skip
    if (theme := query.get("theme", "")) in (*THEMES, "auto"):
        # Not HttpOnly: the button changes it without a page load where scripts run.
        response.set_cookie(THEME_COOKIE, theme, max_age=_YEAR, path="/console", secure=settings.secure, samesite="Lax")
    return response
