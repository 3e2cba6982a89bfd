"""The table of routes: who may call what, and whose data it shows.

A page exists by standing here and in no other way, so the matrix *route × role × own or other unit* that
tests walk is complete by construction. ``scope`` is what the handler must hold to; the role is held by
the console before the handler runs.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from axis.domain.people import Role

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Scope = Literal["own-unit", "all", "self", "public"]

EVERYBODY = frozenset(Role)
"""Everybody who is signed in."""
_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)*")
_METHODS = frozenset({"GET", "POST"})


@dataclass(frozen=True, slots=True)
class Route:
    """One way in.

    ``method``  GET (answers HEAD too) or POST; nothing else is needed by forms
    ``path``    below /console, ``""`` for /console itself; parameters as ``{name}``
    ``name``    dotted: the room, then the page: ``clerk.sent``, ``clerk.sent.document``
    ``roles``   who may; empty means public
    ``scope``   whose data: of the person's own unit, all units', the person's own, or nobody's (public)
    ``menu``    the words of its link in the navigation (a msgid marked with N_); empty: no link
    ``help``    the topic its "?" leads to; empty: the topic of its name, or of the nearest name above it
    ``form``    bytes its form may have, where files are uploaded; 0: as the settings say
    """

    method: str
    path: str
    name: str
    handler: Handler
    roles: frozenset[Role] = frozenset()
    scope: Scope = "public"
    menu: str = ""
    help: str = ""
    form: int = 0

    def __post_init__(self) -> None:
        if self.method not in _METHODS or not _NAME.fullmatch(self.name):
            raise ValueError(f"not a route of the console: {self.method} {self.name}")
        if self.path and not self.path.startswith("/"):
            raise ValueError(f"{self.name}: a path begins with / or is empty")
        if bool(self.roles) == (self.scope == "public"):
            raise ValueError(f"{self.name}: public is what has no roles, and nothing else is")

    @property
    def public(self) -> bool:
        return not self.roles

    def allows(self, role: Role | None) -> bool:
        return self.public or role in self.roles


def checked(routes: Iterable[Route]) -> tuple[Route, ...]:
    """The routes, none of which says what another says differently."""
    found: dict[tuple[str, str], Route] = {}
    names: dict[str, str] = {}
    for route in routes:
        if (route.method, route.path) in found:
            raise ValueError(f"{route.method} {route.path} stands twice: {route.name}")
        if names.setdefault(route.name, route.path) != route.path:
            raise ValueError(f"{route.name} names two paths")
        found[route.method, route.path] = route
    return tuple(found.values())
