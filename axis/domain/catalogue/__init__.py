"""The words of every refusal and finding: code -> remedy class and texts in two languages.

One module per room of codes (``package``, ``signature``, ``routing``, ``access``, ``setup`` …), each a
dict ``ENTRIES``. A text answers three questions: what happened, why, what to do. Placeholders are
``{name}``; a missing fact is shown as ``?`` rather than raising, because an error about an error
would hide the first one. docs/errors.md is written from this table by ``axis errors --markdown``.
"""

from __future__ import annotations

import importlib
import pkgutil
import string
from collections.abc import Mapping
from functools import cache

from axis.domain.catalogue.entry import Entry, Remedy, Severity

__all__ = ["Entry", "Remedy", "Severity", "entries", "entry", "fill"]


class _Lenient(string.Formatter):
    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, object]) -> object:
        return kwargs.get(str(key), "?")


def fill(template: str, facts: Mapping[str, object]) -> str:
    """Put facts into a text; an absent one reads ``?``."""
    return _Lenient().vformat(template, (), facts)


@cache
def entries() -> dict[str, Entry]:
    """Every entry by code. Two entries for one code are a mistake and raise ValueError."""
    found: dict[str, Entry] = {}
    for module in pkgutil.iter_modules(__path__):
        room = importlib.import_module(f"{__name__}.{module.name}")
        for code, item in getattr(room, "ENTRIES", {}).items():
            if code in found:
                raise ValueError(f"code {code} stands twice in the catalogue")
            found[code] = item
    return found


def entry(code: str) -> Entry:
    """The entry of a code. Raises KeyError for a code that nobody wrote down."""
    return entries()[code]
