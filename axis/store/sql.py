"""SQL lives in axis/store/queries/*.sql, as named blocks; no statement is put together in Python.

    -- name: accept_package
    -- One transaction of intake: package, deliveries and journal rows.
    INSERT ...

``queries("packages").accept_package`` is a ``Query``; Database takes nothing else. Each statement is
sent with its name in a comment, so that pg_stat_activity and slow-query logs speak our language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("queries")
_HEAD = re.compile(r"^-- name:(.*)$", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Query:
    """A named statement: ``name`` is ``room.statement``."""

    name: str
    purpose: str
    sql: str


class Queries:
    """The statements of one file, as attributes."""

    def __init__(self, room: str, found: dict[str, Query]) -> None:
        self._room = room
        self._found = found

    def __getattr__(self, name: str) -> Query:
        try:
            return self._found[name]
        except KeyError:
            raise AttributeError(f"no statement {name} in queries/{self._room}.sql") from None

    def __iter__(self) -> Iterator[Query]:
        return iter(self._found.values())


@cache
def queries(room: str, folder: Path = FOLDER) -> Queries:
    """The statements of ``<room>.sql``. A malformed or repeated block raises ValueError."""
    text = (folder / f"{room}.sql").read_text(encoding="utf-8")
    preface, *parts = _HEAD.split(text)
    if any(line and not line.startswith("--") for line in map(str.strip, preface.splitlines())):
        raise ValueError(f"{room}.sql has a statement without a name")
    found: dict[str, Query] = {}
    for name, block in zip(map(str.strip, parts[::2]), parts[1::2], strict=True):
        if not _NAME.fullmatch(name) or name in found:
            raise ValueError(f"{room}.sql: the name {name!r} is misspelt or stands twice")
        found[name] = _query(f"{room}.{name}", block)
    return Queries(room, found)


def _query(name: str, block: str) -> Query:
    first, _, rest = block.strip().partition("\n")
    purpose, body = first.removeprefix("--").strip(), rest.strip().removesuffix(";").rstrip()
    statement = [line for line in body.splitlines() if line.strip() and not line.strip().startswith("--")]
    if not first.startswith("--") or not purpose or not statement:
        raise ValueError(f"{name} needs one line of purpose, then its statement")
    return Query(name, purpose, f"-- {name}\n{body}")
