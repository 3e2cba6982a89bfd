"""A week, a month, a quarter, half a year or a year, chosen in the address: ``?month=2026-11``; without, this month.

A page with figures shows five chips (the week, month, quarter, half and year of what is being looked at), and the
periods before and after. Two periods at once, or none that exists, are refused by ``Period``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web

from axis.domain.clock import VIETNAM
from axis.domain.period import FIRST_YEAR, LAST_YEAR, Period
from axis.fronts.console import texts
from axis.fronts.console.sight import here
from axis.fronts.console.texts import N_, gettext
from axis.sheets import words

KINDS: dict[str, str] = {
    "week": N_("Tuần"), "month": N_("Tháng"), "quarter": N_("Quý"), "half": N_("Nửa năm"), "year": N_("Năm"),
}  # fmt: skip
_READ = {"week": Period.week, "month": Period.month, "quarter": Period.quarter, "half": Period.half,
         "year": Period.year}  # fmt: skip
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Chosen:
    """``title``: the period in words; ``tabs``: (words, address, current); ``previous``, ``next``: addresses,
    empty where nothing can be."""

    period: Period
    kind: str
    title: str
    tabs: Sequence[tuple[str, str, bool]]
    previous: str
    next: str

    @property
    def span(self) -> str:
        return words.period(self.period.first, self.period.last, texts.language())

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {self.kind: self.period.name}


def choose(request: web.Request, now: datetime, kind: str = "month") -> Chosen:
    """``kind``: what is shown when the address names no period."""
    query = request.rel_url.query
    given = {name: query[name] for name in KINDS if query.get(name, "").strip()}
    today = now.astimezone(VIETNAM).date()
    if given:
        kind, period = next(iter(given)), Period.parse(now, **given)
    else:
        period = _of(kind, today)
    anchor = max(period.first, min(today, period.last))
    tabs = [(gettext(label), _where(request, name, anchor), name == kind) for name, label in KINDS.items()]
    after = period.last + _DAY
    return Chosen(
        period, kind, _title(kind, period), tabs, _where(request, kind, period.first - _DAY),
        _where(request, kind, after) if after <= today else "",
    )  # fmt: skip


def _of(kind: str, day: date) -> Period:
    names = {"week": f"{day:%G-W%V}", "month": f"{day:%Y-%m}", "quarter": f"{day:%Y}Q{(day.month + 2) // 3}",
             "half": f"{day:%Y}H{(day.month + 5) // 6}", "year": f"{day:%Y}"}  # fmt: skip
    return _READ[kind](names[kind])


def _where(request: web.Request, kind: str, day: date) -> str:
    if not FIRST_YEAR < day.year < LAST_YEAR:
        return ""
    none: dict[str, str | None] = dict.fromkeys(KINDS)
    return here(request, **{**none, kind: _of(kind, day).name})


def _title(kind: str, period: Period) -> str:
    first = period.first
    match kind:
        case "week":
            year, week, _ = first.isocalendar()
            return gettext("Tuần %(week)d năm %(year)d") % {"week": week, "year": year}
        case "month":
            return gettext("Tháng %(month)d năm %(year)d") % {"month": first.month, "year": first.year}
        case "quarter":
            quarter = ("I", "II", "III", "IV")[(first.month - 1) // 3]
            return gettext("Quý %(quarter)s năm %(year)d") % {"quarter": quarter, "year": first.year}
        case "half" if first.month == 1:
            return gettext("Sáu tháng đầu năm %(year)d") % {"year": first.year}
        case "half":
            return gettext("Sáu tháng cuối năm %(year)d") % {"year": first.year}
    return gettext("Năm %(year)d") % {"year": first.year}
