"""What a template sees of the request: ``page``.

Templates get no request, no application and no store: what they may show is listed here, and a test of a
macro can give them any other object with these names. Macros reach it as the global ``the_page()``,
because a macro sees nothing of the template that calls it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from axis.domain.people import ROLE_WORDS, Person
from axis.fronts.console import filters, texts
from axis.fronts.console.routes import Route
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.texts import gettext
from axis.fronts.identity import CSRF, PERSON, SESSION

if TYPE_CHECKING:
    from axis.fronts.console.app import Console
    from axis.fronts.console.pages import Note

CONSOLE: web.AppKey[Console] = web.AppKey("console")
THEMES = ("light", "dark")
THEME_COOKIE, LANGUAGE_COOKIE = "axis-theme", "axis-lang"
MENU_COUNTS: web.RequestKey[Mapping[str, str]] = web.RequestKey("menu_counts")
"""Of a request: what stands beside an entry of the navigation, by the name of its route."""
_PAGE: ContextVar[Any] = ContextVar("axis_console_page")


@dataclass(frozen=True, slots=True)
class Link:
    """``tag``: of a language; ``count``: beside it, as MENU_COUNTS of the request says."""

    words: str
    url: str
    current: bool = False
    tag: str = ""
    count: str = ""


class Sight:
    """One page being made, as its templates see it."""

    def __init__(self, request: web.Request, notes: Sequence[Note] = (), error: bool = False) -> None:
        self._request = request
        self._console = request.config_dict[CONSOLE]
        self._settings = request.config_dict[CONSOLE_SETTINGS]
        # A page of an error knows no route: that of a forbidden page is that of no page at all.
        self._route: Route | None = None if error else self._console.route_of(request)
        self.notes = tuple(notes)
        _PAGE.set(self)

    @property
    def language(self) -> texts.Language:
        return texts.language()

    @property
    def languages(self) -> list[Link]:
        """The switch: the same page in each language."""
        return [
            Link(texts.NAMES[tag], self.here(lang=tag) if self._route else f"?lang={tag}", tag == self.language, tag)
            for tag in texts.LANGUAGES
        ]

    @property
    def theme(self) -> str:
        """``light`` or ``dark`` where the person chose, else empty: as the system is."""
        chosen = self._request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else ""

    @property
    def theme_link(self) -> str:
        """Where the button leads without a script: this page in the other theme."""
        other = "light" if self.theme == "dark" else "dark"
        return self.here(theme=other) if self._route else f"?theme={other}"

    @property
    def theme_cookie(self) -> str:
        return THEME_COOKIE

    @property
    def now(self) -> datetime | None:
        """When this page is made, for paper; the page of an error is the same whenever it is asked for."""
        return self._settings.now() if self._route else None

    @property
    def axis(self) -> str:
        return self._settings.name

    @property
    def version(self) -> str:
        return self._settings.version

    @property
    def person(self) -> Person | None:
        return person_of(self._request)

    @property
    def role_words(self) -> str:
        return filters.word(ROLE_WORDS[self.person.role]) if self.person else ""

    @property
    def layout(self) -> str:
        return "base.html" if self.person else "plain.html"

    @property
    def menu(self) -> list[Link]:
        """The navigation: the routes with a menu that this person may call, in the order of the table."""
        role, now = (self.person.role if self.person else None), self._route.name if self._route else ""
        # The page of an error counts nothing: how far a request came before it failed is nobody's business.
        counts = self._request.get(MENU_COUNTS, {}) if self._route else {}
        return [
            Link(
                gettext(route.menu),
                self.url(route.name),
                now == route.name or now.startswith(route.name + "."),
                count=counts.get(route.name, ""),
            )
            for route in self._console.routes
            if route.menu and route.allows(role)
        ]

    @property
    def help(self) -> str:
        """The URL of the help that belongs to this page."""
        return self.url("help.topic", topic=self._console.topic_of(self._route))

    @property
    def csrf(self) -> str:
        return csrf_of(self._request)

    @property
    def name(self) -> str:
        """The name of the route, for the page's own scripts and tests."""
        return self._route.name if self._route else "error"

    def url(self, name: str, query: Mapping[str, str] | None = None, /, **parameters: object) -> str:
        return self._console.url(name, query, **parameters)

    def has(self, name: str) -> bool:
        """Whether there is such a page and this person may call it."""
        role = self.person.role if self.person else None
        return any(route.name == name and route.allows(role) for route in self._console.routes)

    def asset(self, name: str) -> str:
        return self.url("static", name=self._console.assets.url(name))

    @property
    def path(self) -> str:
        return self._request.rel_url.raw_path

    def here(self, **changes: str | None) -> str:
        return here(self._request, **changes)

    def parameter(self, name: str) -> str:
        """A parameter of the URL, as typed; empty when absent."""
        return self._request.rel_url.query.get(name, "")

    def kept(self, *without: str) -> list[tuple[str, str]]:
        """The parameters a form that filters must carry on as hidden fields; cursors never."""
        left_out = {*without, "after", "before", "lang", "theme"}
        return [(key, value) for key, value in self._request.rel_url.query.items() if key not in left_out]


def here(request: web.Request, **changes: str | None) -> str:
    """This URL with parameters set, or taken away (None). The cursor goes: another filter is another list."""
    made = request.rel_url.without_query_params("after", "before", *changes)
    given = {key: value for key, value in changes.items() if value is not None}
    return str(made.update_query(given) if given else made)


def the_page() -> Any:
    """The page being made: for macros."""
    return _PAGE.get()


def me(request: web.Request) -> Person:
    """Who calls a page that is not public: the console let nobody else in."""
    person = person_of(request)
    assert person is not None
    return person


def person_of(request: web.Request) -> Person | None:
    return request.get(PERSON)


def session_id(request: web.Request) -> str:
    """What ties a note to one session; empty when nobody is signed in."""
    session = request.get(SESSION)
    return str(session.id) if session is not None else ""


def csrf_of(request: web.Request) -> str:
    """The token a form carries in its field ``csrf``; empty when nobody is signed in."""
    found: str = request.get(CSRF, "")
    return found
