"""What a list shows, read from its address: search box, filters, period; and as chips that take each away.

    ?q=…  ?state=returned  ?priority=1  ?unit=000.00.01.G04  ?days=30|7|90|365|all  ?from=01/11/2026&to=26/11/2026
    ?days=90&shown=90&from=01/11/2026   a form that showed ninety days, into which dates were typed

Without a period a list shows the last thirty days and says so. Whoever looks for one document by its number
or id looks among all of them: a list that hides what was asked for by name looks as if it were lost.

Of a named period and dates in one form that counts which was changed: the dates where the form showed that very
period (``shown``), else the named one, and then the dates are gone from the form too. A value no form of ours
offers is refused, so that a misspelt filter never answers a wider question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from aiohttp import web

from axis.domain.clock import VIETNAM
from axis.domain.directory import Unit, UnitState
from axis.domain.errors import AxisError, PackageError
from axis.domain.period import Period
from axis.domain.search import By, Wanted, agency_code, recognise
from axis.fronts.console import texts
from axis.fronts.console.clerk_words import STANDINGS, standing_options
from axis.fronts.console.pages import Form, here
from axis.fronts.console.texts import N_, gettext, ngettext
from axis.sheets import words
from axis.store.lookups import Filter

DAYS = (7, 90, 365)
DEFAULT_DAYS = 30
ALL = "all"
PARAMETERS = ("q", "state", "priority", "unit", "days", "shown", "from", "to")
_BY_NAME = frozenset({By.ID, By.DOCUMENT_ID, By.CODE})
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_PRIORITIES = ((1, N_("Khẩn trở lên")), (2, N_("Thượng khẩn trở lên")), (3, N_("Hoả tốc")))


@dataclass(frozen=True, slots=True)
class Asked:
    """``days``: the named period that counts, empty for dates; ``chosen``: what the form says of it, empty for the
    usual one or dates; ``named``: the unit whose code stands in the search box; ``fields``: the dates as typed, with
    what is wrong with them; then the list shows nothing."""

    outgoing: bool
    typed: str = ""
    wanted: Wanted = field(default_factory=Wanted)
    standing: str = ""
    priority: int = 0
    unit: Unit | None = None
    named: Unit | None = None
    period: Period | None = None
    days: str = ""
    chosen: str = ""
    units: Sequence[Unit] = ()
    fields: Form = field(default_factory=Form)

    def filter(self, before: UUID | None = None, above: UUID | None = None) -> Filter:
        other = self.unit or self.named
        return Filter(
            self.wanted, self.standing, self.priority, other.id if other else None, self.period, before, above
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the period leaves documents out."""
        return bool(self.typed or self.standing or self.priority or self.unit)

    @property
    def states(self) -> list[tuple[str, str]]:
        return [("", gettext("Tất cả")), *standing_options(self.outgoing)]

    @property
    def priorities(self) -> list[tuple[str, str]]:
        return [("", gettext("Tất cả")), *((str(key), gettext(text)) for key, text in _PRIORITIES)]

    @property
    def counterparts(self) -> list[tuple[str, str]]:
        found = sorted(self.units, key=lambda unit: (words.slug(unit.name), unit.code))
        return [("", gettext("Tất cả")), *((unit.code, unit.name[:100]) for unit in found)]

    @property
    def periods(self) -> list[tuple[str, str]]:
        """The first is what this list shows when none is named: the usual days, all of them, or those of the dates."""
        named = {str(days): _last(days) for days in (DEFAULT_DAYS, *DAYS)} | {ALL: gettext("Từ trước tới nay")}
        first = named.pop(_usual(self.wanted)) if self.days else gettext("Theo khoảng ngày")
        return [("", first), *named.items()]

    def chips(self, request: web.Request) -> list[tuple[str, str]]:
        """What narrows the list, each with the address without it."""
        found = []
        if self.typed:
            told = f"“{self.typed[:80]}”"
            found.append((f"{told} {self.named.name}" if self.named else told, here(request, q=None)))
        if self.standing:
            found.append((gettext(STANDINGS[self.standing][0]), here(request, state=None)))
        if self.priority:
            found.append((gettext(dict(_PRIORITIES)[self.priority]), here(request, priority=None)))
        if self.unit:
            found.append((self.unit.name, here(request, unit=None)))
        if self.period:
            found.append((self.period_words(), here(request, days=ALL, **{"from": None, "to": None})))
        return found

    def period_words(self) -> str:
        if self.days and self.days != ALL:
            return _last(int(self.days))
        return words.period(self.period.first, self.period.last, texts.language()) if self.period else ""

    def facts(self) -> dict[str, str]:
        """For the journal: the filter as its address says it."""
        told = {
            "q": self.typed, "state": self.standing, "priority": str(self.priority or ""),
            "unit": self.unit.code if self.unit else "", "period": self.period.name if self.period else "",
        }  # fmt: skip
        return {key: value for key, value in told.items() if value}

    def conditions(self) -> tuple[tuple[str, str], ...]:
        """For an export: what is in the file, in words."""
        everything, other = gettext("Tất cả"), self.unit or self.named
        told = words.period(self.period.first, self.period.last, texts.language()) if self.period else ""
        return (
            (gettext("Kỳ"), told or gettext("Từ trước tới nay")),
            (gettext("Tìm"), self.typed or "–"),
            (gettext("Trạng thái"), gettext(STANDINGS[self.standing][0]) if self.standing else everything),
            (gettext("Độ khẩn"), gettext(dict(_PRIORITIES)[self.priority]) if self.priority else everything),
            (
                gettext("Nơi nhận") if self.outgoing else gettext("Cơ quan gửi"),
                f"{other.code} {other.name}" if other else everything,
            ),
        )


def read(request: web.Request, units: Sequence[Unit], now: datetime, *, outgoing: bool) -> Asked:
    """Raises PackageError ``request.malformed`` for what no form of ours sends."""
    query = request.rel_url.query
    typed = _plain(query.get("q", ""))
    wanted = recognise(typed)
    standing, priority = query.get("state", ""), query.get("priority", "")
    if standing and standing not in STANDINGS:
        raise PackageError("request.malformed")
    if priority not in ("", *(str(key) for key, _ in _PRIORITIES)):
        raise PackageError("request.malformed")
    listed = [unit for unit in units if unit.state is not UnitState.DRAFT]
    code = query.get("unit", "")
    unit = next((unit for unit in listed if unit.code == code), None)
    if code and unit is None:
        raise PackageError("request.malformed")
    # The whole code of an agency is the unit on the other side; beside another one chosen it stays words.
    agency = agency_code(typed)
    named = next((one for one in listed if unit is None and agency in _codes(one)), None)
    if named is not None:
        wanted = Wanted()
    period, days, chosen, fields = _period(request, now, wanted)
    return Asked(
        outgoing, typed, wanted, standing, int(priority or 0), unit, named, period, days, chosen, listed, fields
    )


def _codes(unit: Unit) -> set[str]:
    return {code.upper() for code in (unit.code, *unit.aliases)}


def _period(request: web.Request, now: datetime, wanted: Wanted) -> tuple[Period | None, str, str, Form]:
    """The period, its name where it has one, what the form says of it, and the dates."""
    query = request.rel_url.query
    first, last = query.get("from", "").strip()[:40], query.get("to", "").strip()[:40]
    fields = Form({"from": (first,), "to": (last,)})
    today, chosen = now.astimezone(VIETNAM).date(), query.get("days", "")
    if chosen not in ("", ALL, *(str(number) for number in (DEFAULT_DAYS, *DAYS))):
        raise PackageError("request.malformed")
    if (first or last) and chosen == query.get("shown", ""):
        return _between(fields, first, last, today), "", "", fields
    fields = Form({"from": ("",), "to": ("",)})
    days = chosen or _usual(wanted)
    chosen = "" if days == _usual(wanted) else days
    if days == ALL:
        return None, days, chosen, fields
    return Period.between(today - timedelta(days=int(days) - 1), today), days, chosen, fields


def _usual(wanted: Wanted) -> str:
    return ALL if wanted.by in _BY_NAME else str(DEFAULT_DAYS)


def _between(fields: Form, first: str, last: str, today: date) -> Period | None:
    start, end = day_of(fields, "from", first), day_of(fields, "to", last)
    if fields.faulty:
        return None
    end = end or today
    try:
        return Period.between(start or days_before(end, DEFAULT_DAYS - 1), end)
    except AxisError as error:
        fields.wrong("from", texts.words(error))
        return None


def days_before(day: date, count: int) -> date:
    """Never before the first day there is: years that cannot be meant are refused by the period, with words."""
    return day - min(timedelta(days=count), day - date.min)


def day_of(fields: Form, name: str, text: str) -> date | None:
    """A day as people type it, ``05/11/2026``; what is none is noted beside its field."""
    if not text:
        return None
    found = _DAY.fullmatch(text)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(text)
    except ValueError:
        fields.wrong(name, gettext("Ghi ngày theo mẫu 05/11/2026."))
        return None


def _plain(text: str) -> str:
    """What was typed, without what no keyboard types: it is shown again, and written to the journal."""
    return "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text[:1000])).strip()[:500]


def _last(days: int) -> str:
    return ngettext("%(count)d ngày gần đây", "%(count)d ngày gần đây", days) % {"count": days}
