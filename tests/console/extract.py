"""Every text of the console that must exist in English, and the entries a .po file still lacks.

    python -m tests.console.extract [FILE or FOLDER ...]      prints entries without English, ready to append

Help pages are whole texts with a file for each language, so they hold no msgids.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

PACKAGE = Path(str(files("axis.fronts.console")))
ENGLISH = PACKAGE / "locales" / "en" / "LC_MESSAGES"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "gettext": None, "ngettext": (1, 2), "_": None, "N_": None,
}  # fmt: skip
JINJA = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}


@dataclass(frozen=True, slots=True)
class Found:
    """``id``: the msgid, or singular and plural."""

    id: str | tuple[str, ...]
    file: Path
    line: int

    @property
    def where(self) -> str:
        return f"{self.file.relative_to(PACKAGE)}:{self.line}"


def sources(*within: Path) -> Iterator[Path]:
    for place in within or (PACKAGE,):
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (file for file in found if file.suffix in (".py", ".html"))


def messages(*within: Path) -> Iterator[Found]:
    """Every text marked for translation, wherever it stands."""
    for file in sources(*within):
        with file.open("rb") as source:
            if file.suffix == ".py":
                yield from (Found(id_, file, line) for line, id_, _, _ in extract("python", source, KEYWORDS))
            else:
                read = babel_extract(source, ("gettext", "ngettext", "_", "N_"), (), JINJA)
                yield from (
                    Found(_clean(name, id_), file, line)
                    for line, name, id_, _ in read
                    if id_ and (name == "ngettext" or isinstance(id_, str) or id_[0])
                )


def _clean(name: str | None, id_: object) -> str | tuple[str, ...]:
    if isinstance(id_, tuple):
        texts = tuple(text for text in id_ if isinstance(text, str))
        return texts[:2] if name == "ngettext" else texts[0]
    return str(id_)


def catalogues() -> dict[str, Catalog]:
    """The English files by name."""
    return {file.name: read_po(BytesIO(file.read_bytes()), locale="en") for file in sorted(ENGLISH.glob("*.po"))}


def english() -> dict[str, list[tuple[str, Message]]]:
    """Every English entry by its (singular) msgid, with the file it stands in."""
    found: dict[str, list[tuple[str, Message]]] = {}
    for name, catalogue in catalogues().items():
        for message in catalogue:
            if message.id:
                found.setdefault(key(message.id), []).append((name, message))
    return found


def key(id_: str | tuple[str, ...] | list[str]) -> str:
    return id_ if isinstance(id_, str) else id_[0]


def missing(*within: Path) -> Iterator[Found]:
    """Texts without English, each once."""
    known, seen = english(), set()
    for found in messages(*within):
        if key(found.id) not in known and key(found.id) not in seen:
            seen.add(key(found.id))
            yield found


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main(arguments: list[str]) -> int:
    count = 0
    for found in missing(*(Path(name).resolve() for name in arguments)):
        count += 1
        print(f"\n#: {found.where}\nmsgid {_quoted(key(found.id))}")
        if isinstance(found.id, tuple):
            print(f'msgid_plural {_quoted(found.id[1])}\nmsgstr[0] ""\nmsgstr[1] ""')
        else:
            print('msgstr ""')
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
