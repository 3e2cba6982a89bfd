"""Help: a short page for each page, behind the "?" that stands in the same place everywhere.

A module of pages exports its topics as ``HELP``; the text of a topic lies in ``templates/help/vi/NAME.html``
and ``templates/help/en/NAME.html`` (whole texts, not single sentences, are translated here). Help shows no
data and is public: whoever cannot sign in needs it most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType

from aiohttp import web

from axis.domain.people import Role
from axis.fronts.console import texts
from axis.fronts.console.pages import render
from axis.fronts.console.routes import Route
from axis.fronts.console.sight import CONSOLE, person_of
from axis.fronts.console.texts import N_, gettext

FIRST = "console"


@dataclass(frozen=True, slots=True)
class Topic:
    """``name``: of the route it explains, or of the room; ``roles``: whose list it stands in, empty for all."""

    name: str
    title: str
    roles: frozenset[Role] = frozenset()


def topics(modules: Iterable[ModuleType]) -> dict[str, Topic]:
    """Every topic by name, the general ones first."""
    found: dict[str, Topic] = {}
    for topic in (*HELP, *(t for m in modules if m.__name__ != __name__ for t in getattr(m, "HELP", ()))):
        if topic.name in found:
            raise ValueError(f"two topics of help are called {topic.name}")
        found[topic.name] = topic
    return found


async def index(request: web.Request) -> web.StreamResponse:
    return _show(request, FIRST)


async def topic(request: web.Request) -> web.StreamResponse:
    return _show(request, request.match_info["topic"])


def _show(request: web.Request, name: str) -> web.StreamResponse:
    all_topics = request.config_dict[CONSOLE].topics
    if name not in all_topics:
        raise web.HTTPNotFound
    person = person_of(request)
    listed = [
        t
        for t in all_topics.values()
        if not t.roles or (person is not None and person.role in t.roles) or t.name == name
    ]
    return render(
        request, "help/page.html", topic=all_topics[name], topics=listed, title=gettext(all_topics[name].title),
        text=f"help/{texts.language()}/{name}.html",
    )  # fmt: skip


HELP = (
    Topic(FIRST, N_("Dùng trang này")),
    Topic("marks", N_("Ý nghĩa các nhãn")),
    Topic("keys", N_("Phím tắt và trợ năng")),
)

ROUTES = (
    Route("GET", "/help", "help", index),
    Route("GET", "/help/{topic}", "help.topic", topic),
)
