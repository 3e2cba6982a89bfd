"""What templates do to values: Vietnamese forms of dates and numbers, and other people's text made inert.

Every text of a page is escaped, and the page as a whole is made ``legible`` (control characters and lone
surrogates become U+FFFD), whether or not it comes through a filter: see templating.py. Text from outside
further goes through ``said``: isolated, so that bidirectional marks in a subject cannot turn the words
around it, and cut, so that ten megabytes of subject do not travel to a browser.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from markupsafe import Markup, escape

from axis.domain.clock import VIETNAM
from axis.domain.telling import tell
from axis.fronts.console import texts
from axis.sheets import words
from axis.sheets.cell import legible

LONGEST = 2_000
_PLAIN, _VIETNAMESE = "<bdi>", '<bdi lang="vi">'
_NONE = Markup('<span class="none">–</span>')


def said(text: object, longest: int = LONGEST) -> Markup:
    """Somebody else's words, isolated, at most so long and known to be Vietnamese; a dash when there are none."""
    return _isolated(text, longest, _PLAIN if texts.language() == "vi" else _VIETNAMESE)


def isolated(text: object, longest: int = LONGEST) -> Markup:
    """A sentence of ours that quotes others: isolated and cut, in the language of the page."""
    return _isolated(text, longest, _PLAIN)


def whole(html: str) -> Markup:
    """Markup of literals of ours and of what ``escape`` made; joined as text, which costs a third of joining Markup."""
    return Markup(html)  # noqa: S704  # callers are in this file and in drawn.py, and escape whatever is not theirs


def _isolated(text: object, longest: int, begin: str) -> Markup:
    told = legible(str(text)).strip() if text is not None else ""
    if not told:
        return _NONE
    return whole(f"{begin}{escape(told if len(told) <= longest else told[:longest].rstrip() + ' …')}</bdi>")


def moment(value: datetime | None) -> Markup:
    """``05/11/2026 14:30`` in Vietnam time, machine-readable; a dash for none."""
    if value is None:
        return _NONE
    iso = value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return whole(f'<time datetime="{iso}">{words.moment(value.astimezone(VIETNAM))}</time>')


def day(value: date | datetime | None) -> Markup:
    """``05/11/2026``; of a datetime, its day in Vietnam; a dash for none."""
    if value is None:
        return _NONE
    told = value.astimezone(VIETNAM).date() if isinstance(value, datetime) else value
    return whole(f'<time datetime="{told.isoformat()}">{words.day(told)}</time>')


def number(value: int | float | Decimal | None) -> str:
    """``1.234.567``; a dash for none."""
    return "–" if value is None else words.number(value)


def percent(value: int | float | Decimal | None) -> str:
    """A ratio as ``12,5 %``; a dash for none (nothing to take a share of)."""
    return "–" if value is None else words.percent(value)


def duration(value: timedelta | float | None) -> str:
    """The two largest units: ``1 ngày 2 giờ``; numbers are seconds."""
    if value is None:
        return "–"
    return words.duration(value if isinstance(value, timedelta) else timedelta(seconds=value), texts.language())


def size(value: int | None) -> str:
    """Bytes as people say them: ``1,2 MB``."""
    if value is None:
        return "–"
    amount, unit = Decimal(value), "byte"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{words.number(round(amount, 1) if unit != 'byte' else int(amount))} {unit}"


def word(pair: tuple[str, str]) -> str:
    """The word of a (Vietnamese, English) pair of the domain in the language being spoken."""
    return pair[0 if texts.language() == "vi" else 1]


def told(row: dict[str, object]) -> Markup:
    """A row of the journal (``event``, ``data``) as a sentence."""
    data = row.get("data")
    return isolated(tell(str(row["event"]), data if isinstance(data, dict) else {}, texts.language()))


FILTERS = {
    "said": said, "isolated": isolated, "moment": moment, "day": day, "number": number, "percent": percent,
    "duration": duration, "size": size, "word": word, "told": told,
}  # fmt: skip
