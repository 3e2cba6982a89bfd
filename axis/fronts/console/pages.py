"""What every handler works with: render, redirect, forms, notes for the next page, tools.

    async def sent(request):
        desk = tool(request, DESK)
        return render(request, "clerk/sent.html", partial="results", rows=rows)

``partial`` names a block of the template: when htmx asks, only that block is answered, made by the same
template from the same data, so that it cannot differ from the same region of the whole page.

A form is read by ``form`` (text in NFC, at most so long, no NUL), its CSRF token was checked before
(identity). What a person does ends in ``redirect`` to a page that shows the result (so that a reload repeats
nothing) with a *note*: a sentence in a signed cookie bound to the session, shown once. A dangerous act has a
page before it that says what will happen and asks the reason (``ui.confirm``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from aiohttp import web

from axis.domain.errors import PackageError
from axis.domain.states import MAX_REASON
from axis.domain.text import composed
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.sight import CONSOLE, Sight, here, session_id
from axis.fronts.console.templating import written
from axis.fronts.console.texts import gettext
from axis.sheets.cell import legible

T = TypeVar("T")
Tool = web.AppKey[T]
NOTE = "axis-note"
_NOTE_SECONDS = 60
_LONGEST_NOTE = 600
MAX_TEXT = 10_000


def tool(request: web.Request, key: web.AppKey[T]) -> T:
    """What the composition root provided under a key that a module of pages listed in ``NEEDS``."""
    found: T = request.config_dict[key]
    return found


# answers


def render(
    request: web.Request, template: str, /, *, partial: str = "", status: int = 200, **data: Any
) -> web.Response:
    """The page; when htmx asks for a part of it and ``partial`` names that block, only the block."""
    only = partial if partial and wants_part(request) else ""
    page = Sight(request, notes=() if only else _notes(request))
    layout = f"only:{only}" if only else page.layout
    response = written(request, template, {**data, "page": page, "layout": layout}, status)
    response.headers["Content-Language"] = page.language
    if page.notes:
        response.del_cookie(_cookie(request), path="/", secure=_secure(request), httponly=True, samesite="Lax")
    return response


def wants_part(request: web.Request) -> bool:
    """Whether htmx asks for a part; going back in its history it asks for the whole page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def redirect(request: web.Request, where: str, *, note: str = "", tone: str = "good") -> web.Response:
    """After a form: see other (303). ``where`` is a path of ours, as ``url`` and ``here`` make them; ``note`` is a
    translated sentence shown there once, ``tone`` good, wait or bad."""
    if not where.startswith("/") or where.startswith(("//", "/\\")):
        raise ValueError("a redirect stays within the axis")
    response = web.Response(status=303, headers={"Location": where})
    if wants_part(request):
        response = web.Response(status=200, headers={"HX-Redirect": where})
    if note:
        response.set_cookie(
            _cookie(request), _seal(request, {"text": note[:_LONGEST_NOTE], "tone": tone}), path="/",
            max_age=_NOTE_SECONDS, secure=_secure(request), httponly=True, samesite="Lax",
        )  # fmt: skip
    return response


def url(request: web.Request, name: str, query: Mapping[str, str] | None = None, /, **parameters: object) -> str:
    """The path of a route by its name. Parameters are ids; a text that may hold a slash belongs in ``query``."""
    return tool(request, CONSOLE).url(name, query, **parameters)


__all__ = ["Form", "Note", "Tool", "form", "here", "reason_of", "redirect", "render", "tool", "url", "wants_part"]


# forms


class Form:
    """The fields of a form and what is wrong with them: ``errors`` by field, shown beside each field when the
    page is rendered again (status 422)."""

    def __init__(self, fields: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._fields = dict(fields or {})
        self.errors: dict[str, str] = {}

    @property
    def faulty(self) -> bool:
        """Whether something was noted as wrong so far."""
        return bool(self.errors)

    def text(self, name: str, *, required: bool = False, longest: int = MAX_TEXT, lines: bool = False) -> str:
        """A field's text, trimmed, on one line unless ``lines``. What is missing or too long is noted as an
        error."""
        value = self.value(name) if lines else " ".join(self.value(name).split())
        if required and not value:
            self.errors.setdefault(name, gettext("Chưa nhập mục này."))
        elif len(value) > longest:
            self.errors.setdefault(
                name,
                gettext("Dài quá %(longest)d ký tự (đang có %(count)d).") % {"longest": longest, "count": len(value)},
            )
        return value

    def choice(self, name: str, allowed: Iterable[str]) -> str:
        """One of the values the form offered. Raises PackageError for another: no browser sends that."""
        value = self.value(name)
        if value not in set(allowed):
            raise PackageError("request.malformed")
        return value

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may stand more than once."""
        return self._fields.get(name, ())

    def ticked(self, name: str) -> bool:
        return bool(self.value(name))

    def value(self, name: str) -> str:
        """As it was typed, trimmed: to fill the field again."""
        return self._fields.get(name, ("",))[0]

    def wrong(self, name: str, words: str) -> None:
        """Note an error of a field in the handler's own (translated) words."""
        self.errors.setdefault(name, words)


async def form(request: web.Request) -> Form:
    """The form a person sent. Files are not fields: a page that takes one reads ``request.post()`` itself."""
    found: dict[str, list[str]] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, str):
            found.setdefault(name, []).append(_clean(value))
    return Form({name: tuple(values) for name, values in found.items()})


def reason_of(sent: Form, *, required: bool = True) -> str:
    """The reason of an act, field ``reason``: asked for by every ``ui.confirm``; at most 1.000 characters."""
    return sent.text("reason", required=required, longest=MAX_REASON, lines=True)


def _clean(text: str) -> str:
    """NFC, line ends as LF, nothing that XML or the database would not take: it may end in a signed package."""
    return composed(legible(text.replace("\x00", ""))).strip()


# notes


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    tone: str


def _notes(request: web.Request) -> tuple[Note, ...]:
    raw = request.cookies.get(_cookie(request), "")
    found = _unseal(request, raw) if raw else None
    return (Note(str(found["text"]), str(found["tone"])),) if found else ()


def _seal(request: web.Request, value: dict[str, str]) -> str:
    until = int((tool(request, CONSOLE_SETTINGS).now() + timedelta(seconds=_NOTE_SECONDS)).timestamp())
    body = json.dumps({**value, "until": until}, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_mac(request, body) + body).decode()


def _unseal(request: web.Request, raw: str) -> dict[str, Any] | None:
    try:
        whole = base64.b64decode(raw, altchars=b"-_", validate=True)
    except ValueError:
        return None
    proof, body = whole[:32], whole[32:]
    if not hmac.compare_digest(proof, _mac(request, body)):
        return None
    found: dict[str, Any] = json.loads(body)
    return found if found["until"] >= tool(request, CONSOLE_SETTINGS).now().timestamp() else None


def _mac(request: web.Request, body: bytes) -> bytes:
    """Bound to the session: a note of one person's is not another's to show."""
    purpose = f"axis console note {session_id(request)}\n".encode()
    return hmac.digest(tool(request, CONSOLE_SETTINGS).key, purpose + body, hashlib.sha256)


def _secure(request: web.Request) -> bool:
    return tool(request, CONSOLE_SETTINGS).secure


def _cookie(request: web.Request) -> str:
    return tool(request, CONSOLE_SETTINGS).cookie(NOTE)
