"""What XlsxWriter does not promise and we need: cells that say their text exactly, legal sheet names.

Two private methods of XlsxWriter are replaced, which is why its version is pinned to 3.3: in constant
memory it copies a text of the shape ``<r>...</r>`` into the sheet's XML *unescaped*, a way to write
formulas from outside, and of overlapping ``_x0041_x0042_`` it protects only the first.
``tests/sheets/test_hostile.py`` fails when either replacement is no longer called.
"""

from __future__ import annotations

import re

from xlsxwriter.worksheet import Worksheet

from axis.sheets.cell import legible

MAX_NAME = 31
LINE_HEIGHT = 15.75  # points, of the 12 point font all cells have
MAX_HEIGHT = 409
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_RESERVED = frozenset({"history"})


class LiteralWorksheet(Worksheet):
    """A worksheet whose texts are never markup."""

    def _xml_rich_inline_string(self, string, attributes=()):  # type: ignore[no-untyped-def]
        self._xml_inline_string(string, True, attributes)

    @staticmethod
    def _escape_control_characters(data):  # type: ignore[no-untyped-def]
        # Control characters are gone by now (cell.legible); what looks like an escape is not one.
        return _ESCAPE_LIKE.sub("_x005F_", data) if isinstance(data, str) else data

    def heighten(self, line: int, lines: float) -> None:
        """Make the row just written, and not yet followed by another, so many lines high."""
        # Those of earlier rows are in the temporary file: memory stays bounded.
        self.row_info.clear()
        self.row_sizes.clear()
        if lines > 1:
            self.set_row(line, min(lines * LINE_HEIGHT, MAX_HEIGHT))

    def drop(self) -> None:
        """Close the temporary file of a workbook that will not be finished."""
        self._opt_close()


class SheetNames:
    """Gives legal names, each once: Excel compares them without case."""

    def __init__(self, nameless: str) -> None:
        self._nameless = nameless
        self._taken = set(_RESERVED)

    def take(self, wanted: str, ending: str = "") -> str:
        """``wanted``, made legal and cut to 31 UTF-16 units together with ``ending``."""
        bare = _FORBIDDEN.sub("-", legible(wanted)).strip(" '") or self._nameless
        number = 1
        while True:
            tail = ending if number == 1 else f"{ending} ({number})"
            name = cut_utf16(bare, MAX_NAME - utf16_length(tail)).rstrip(" '") + tail
            if name.casefold() not in self._taken:
                self._taken.add(name.casefold())
                return name
            number += 1


def utf16_length(text: str) -> int:
    """Length as Excel counts it."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut_utf16(text: str, units: int) -> str:
    """At most so many UTF-16 units, never half a character."""
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore")
