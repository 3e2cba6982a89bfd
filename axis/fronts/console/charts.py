"""Charts: drawn in the browser from the table that stands beside them, so the figures are always there in words.

    chart("line", gettext("Văn bản đi mỗi ngày"), [gettext("Ngày"), gettext("Đã gửi"), …], rows)

``ui.chart(c)`` writes a figure with the table inside ``<details>``; where scripts run, ``console.js`` reads
the table's ``data-value`` attributes and lets uPlot draw. Colours are told apart without colour vision and
lines by their dash as well; the first column is the horizontal axis (a date, or any text).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from axis.fronts.console.filters import number, percent
from axis.sheets import words

Figure = int | float | Decimal | None
At = date | str
LONGEST = 200  # characters of a name in a chart


@dataclass(frozen=True, slots=True)
class Cell:
    """``raw``: as a script reads it; ``shown``: as people read it."""

    raw: str
    shown: str


@dataclass(frozen=True, slots=True)
class Chart:
    kind: Literal["line", "bar"]
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    about: str = ""
    ratio: bool = False

    @property
    def dated(self) -> bool:
        """Whether the horizontal axis is time: a day is read otherwise than it is shown."""
        return bool(self.rows) and self.rows[0][0].raw != self.rows[0][0].shown


def chart(
    kind: Literal["line", "bar"],
    title: str,
    heads: Sequence[str],
    rows: Sequence[tuple[At, *tuple[Figure, ...]]],
    *,
    about: str = "",
    ratio: bool = False,
) -> Chart:
    """``rows``: where on the horizontal axis, then one figure for each further head (None: unknown, a gap).
    ``about``: one sentence that says what is to be seen; ``ratio``: figures are shares, shown in per cent."""
    if any(len(row) != len(heads) for row in rows):
        raise ValueError("a row of a chart has one figure for each head")
    told = percent if ratio else number

    def figure(value: Figure) -> Cell:
        return Cell("" if value is None else str(float(value)), told(value))

    made = tuple((_at(at), *(figure(value) for value in figures)) for at, *figures in rows)
    return Chart(kind, title[:LONGEST], tuple(head[:LONGEST] for head in heads), made, about[:LONGEST], ratio)


def _at(at: At) -> Cell:
    if isinstance(at, datetime):
        raise ValueError("a chart shows days, not moments")
    if isinstance(at, date):
        return Cell(at.isoformat(), words.day(at))
    return Cell(at[:LONGEST], at[:LONGEST])
