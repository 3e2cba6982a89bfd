"""The words of the console: gettext whose source language is Vietnamese.

English stands in ``locales/en/LC_MESSAGES/*.po``, one file for each room of the console, so that two people
who write pages do not meet in one file; together they are one catalogue, and a text that two files translate
differently is an error. They are compiled in memory when a console is made, so there is no build step and no
binary file to forget.

The language of a request is a context variable: templates, macros and handlers say ``gettext("…")`` and
need not hand it on. Extraction (docs: CONTRIBUTING.md) reads ``gettext``, ``ngettext``, ``_`` and ``N_``;
``N_`` marks a text that is translated later, where it is shown.
"""

from __future__ import annotations

import gettext as catalogues
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Literal

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from axis.domain.errors import AxisError

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
NAMES: dict[Language, str] = {"vi": "Tiếng Việt", "en": "English"}

_LANGUAGE: ContextVar[str] = ContextVar("axis_console_language", default="vi")
_REPLACED: dict[str, catalogues.NullTranslations] = {}


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything said inside is said in that language."""
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def language() -> Language:
    """The language being spoken; of a pseudo-language of the tests, the one its dates and words come from."""
    return "en" if _LANGUAGE.get() == "en" else "vi"


def gettext(message: str) -> str:
    return _catalogue(_LANGUAGE.get()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    return _catalogue(_LANGUAGE.get()).ngettext(singular, plural, number)


def N_(message: str) -> str:
    """Marks a text for translation where it is written; ``gettext`` translates it where it is shown."""
    return message


def words(error: AxisError) -> str:
    """What an error tells, in the language of the request."""
    return error.text(language())


def known(tag: str) -> Language | None:
    """The language of a tag that came from outside, if it is one of ours."""
    return next((found for found in LANGUAGES if found == tag), None)


def load() -> None:
    """Read every language. What is wrong with a catalogue is told when a console is made, not to a reader."""
    for tag in LANGUAGES:
        _read(tag)


@contextmanager
def replaced(tag: str, catalogue: catalogues.NullTranslations) -> Iterator[None]:
    """For tests: a further language, such as one that marks every text that went through gettext."""
    _REPLACED[tag] = catalogue
    try:
        yield
    finally:
        del _REPLACED[tag]


def _catalogue(tag: str) -> catalogues.NullTranslations:
    return _REPLACED.get(tag) or _read(tag)


@cache
def _read(tag: str) -> catalogues.NullTranslations:
    """All files of a language as one catalogue; Vietnamese needs none."""
    if tag not in LANGUAGES or tag == "vi":
        return catalogues.NullTranslations()
    folder, compiled = files(__package__) / "locales" / tag / "LC_MESSAGES", io.BytesIO()
    named = sorted((f for f in folder.iterdir() if f.name.endswith(".po")), key=lambda f: f.name)
    write_mo(compiled, merged(tag, {file.name: file.read_bytes() for file in named}))
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)


def merged(tag: str, named: Mapping[str, bytes]) -> Catalog:
    """One catalogue of several files. Raises ValueError where two of them translate a text differently: whichever
    counted, the other's page would say something else than it means. Such texts need different words in Vietnamese."""
    whole, whence = Catalog(locale=tag), dict[str, str]()
    for name, content in named.items():
        for message in read_po(io.BytesIO(content), locale=tag):
            if not message.id:
                continue
            known, key = whole.get(message.id), message.id if isinstance(message.id, str) else message.id[0]
            if known is None:
                whole.add(message.id, message.string, flags=message.flags)
                whence[key] = name
            elif known.string != message.string:
                raise ValueError(f"{whence[key]} and {name} disagree about {key!r}")
    return whole
