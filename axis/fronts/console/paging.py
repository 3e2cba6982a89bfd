"""Pages of a list by cursor: where the last row stood, not how many went before.

    at = position(request, (datetime, UUID))              # ?after=… or ?before=… of the URL
    rows = await store.list(..., after=at.after, before=at.before, limit=at.limit)
    shown = page(request, rows, at, lambda row: (row["created_at"], row["id"]))

``rows`` come in the order of reading from ``after`` on, and in the *opposite* order from ``before``
backwards; one more than is shown, which tells whether there is a further page. New rows above do not move
what a reader sees. A cursor is no secret and no permission: it holds the sort key of a row, its types are
checked, and a query compares with it. One that does not fit is refused as a malformed request.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from aiohttp import web

from axis.domain.errors import PackageError

T = TypeVar("T")
Key = tuple[Any, ...]
SIZE = 50
_LONGEST = 2_000
_KINDS: dict[type, Callable[[str], Any]] = {
    str: str,
    int: int,
    UUID: UUID,
    datetime: lambda text: datetime.fromisoformat(text).astimezone(UTC),
}


@dataclass(frozen=True, slots=True)
class Position:
    """At most one of ``after`` and ``before`` is set; ``limit`` rows are to be fetched."""

    after: Key | None = None
    before: Key | None = None
    size: int = SIZE

    @property
    def limit(self) -> int:
        return self.size + 1


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """``previous``, ``next``: URLs with all filters kept, empty at the ends; ``first``: the URL without cursor."""

    rows: Sequence[T]
    previous: str
    next: str
    first: str


def position(request: web.Request, shape: tuple[type, ...], size: int = SIZE) -> Position:
    """Where the URL asks to read. Raises PackageError ``request.malformed`` for a cursor of another shape."""
    query = request.rel_url.query
    if after := query.get("after"):
        return Position(after=_read(after, shape), size=size)
    if before := query.get("before"):
        return Position(before=_read(before, shape), size=size)
    return Position(size=size)


def page(request: web.Request, rows: Sequence[T], at: Position, key: Callable[[T], Key]) -> Page[T]:
    """What is shown of the rows fetched, and the URLs of the pages around it."""
    more, shown = len(rows) > at.size, list(rows[: at.size])
    backwards = at.before is not None
    if backwards:
        shown.reverse()
    has_previous = more if backwards else at.after is not None
    has_next = True if backwards else more
    first = str(request.rel_url.without_query_params("after", "before"))
    if not shown:
        return Page(shown, "", "", first)

    def where(name: str, row: T) -> str:
        url = request.rel_url.without_query_params("after", "before")
        return str(url.extend_query({name: write(key(row))}))

    return Page(
        shown,
        where("before", shown[0]) if has_previous else "",
        where("after", shown[-1]) if has_next else "",
        first,
    )


@dataclass(frozen=True, slots=True)
class Forward(Generic[T]):
    """A page of a list that is read in one direction: ``first`` is empty on the first page, ``next`` at the end;
    ``searched``: the page ended because it looked through enough, not because it was full."""

    rows: Sequence[T]
    first: str
    next: str
    searched: bool = False


def forward(request: web.Request, rows: Sequence[T], reach: Key | None, size: int) -> Forward[T]:
    """``reach``: the key to go on from, None at the end."""
    plain = request.rel_url.without_query_params("after", "before")
    first = str(plain) if "after" in request.rel_url.query else ""
    following = str(plain.extend_query({"after": write(reach)})) if reach else ""
    return Forward(rows, first, following, bool(following) and len(rows) < size)


def write(key: Key) -> str:
    """A sort key as it stands in a URL."""
    told = [value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value) for value in key]
    raw = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(text: str, shape: tuple[type, ...]) -> Key:
    try:
        if len(text) > _LONGEST:
            raise ValueError("too long")
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        told = json.loads(raw)
        if not isinstance(told, list) or len(told) != len(shape) or not all(isinstance(v, str) for v in told):
            raise ValueError("another shape")
        key = tuple(_KINDS[kind](value) for kind, value in zip(shape, told, strict=True))
        if any("\x00" in value or any("\ud800" <= c <= "\udfff" for c in value) for value in told):
            raise ValueError("no text a database takes")
        if any(isinstance(value, int) and abs(value) >= 2**63 for value in key):
            raise ValueError("no number a database takes")
    except (ValueError, OverflowError, RecursionError, binascii.Error) as error:
        raise PackageError("request.malformed") from error
    return key
