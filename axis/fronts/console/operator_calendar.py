"""The working calendar: the days of a year, whether its decision was entered, and entering it.

A year's decision is a CSV file: it is read and shown as the changes it would make before anything is written; the
confirmation carries the text that was shown, not the file again.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from aiohttp import web

from axis.domain.calendar import KIND_WORDS, DayKind, WorkingCalendar
from axis.domain.calendar_file import Row, read_date, read_rows
from axis.domain.clock import VIETNAM
from axis.domain.errors import AxisError, SetupError
from axis.fronts.console import texts
from axis.fronts.console.operator_room import OPERATORS, room
from axis.fronts.console.operator_setup import uploaded
from axis.fronts.console.pages import Form, form, redirect, render, url
from axis.fronts.console.routes import Route
from axis.fronts.console.sight import me
from axis.fronts.console.texts import gettext
from axis.hub.almanac import BY_HAND, FIRST_YEAR, LAST_YEAR

MOST = 200_000  # bytes of a decision: a year has 366 lines


@dataclass(frozen=True, slots=True)
class Change:
    day: date
    before: str
    after: str
    name: str


def _year(text: str, now: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR else now


def _this_year(request: web.Request) -> int:
    return room(request).now().astimezone(VIETNAM).year


async def calendar(request: web.Request) -> web.StreamResponse:
    return await _page(request, _year(request.rel_url.query.get("year", "")[:4], _this_year(request)))


async def _page(
    request: web.Request, year: int, *, imported: Form | None = None, single: Form | None = None, wrong: str = ""
) -> web.StreamResponse:
    almanac = room(request).almanac
    known, decisions = (await almanac.current()).calendar, await almanac.decisions()
    months = [(f"{month:02}/{year}", _worked(known, year, month)) for month in range(1, 13)]
    return render(
        request, "operator/calendar.html", status=422 if wrong or single is not None else 200, year=year,
        decision=decisions.get(year, ""), provisional=known.provisional(year), days=known.specials(year), months=months,
        total=sum(number for _, number in months), years=_around(request, year), imported=imported, single=single,
        wrong=wrong, kind_words=KIND_WORDS, by_hand=BY_HAND, weekday=_weekday, source=_source,
        kinds=[(k.value, _kind(k)) for k in DayKind],
    )  # fmt: skip


def _around(request: web.Request, year: int) -> list[tuple[str, str, bool]]:
    now = _this_year(request)
    years = sorted({now - 1, now, now + 1, year} & set(range(FIRST_YEAR, LAST_YEAR + 1)))
    return [(str(y), url(request, "operator.settings.calendar", {"year": str(y)}), y == year) for y in years]


def _source(known_from: str) -> str:
    """Where a day is known from; the table we ship has letters for it (hub/almanac.py)."""
    if known_from == "S":
        return gettext("bảng đi kèm trục: theo thông báo")
    if known_from == "2":
        return gettext("bảng đi kèm trục: nguồn gián tiếp")
    return known_from


def _weekday(day: date) -> str:
    names = (
        gettext("thứ Hai"), gettext("thứ Ba"), gettext("thứ Tư"), gettext("thứ Năm"), gettext("thứ Sáu"),
        gettext("thứ Bảy"), gettext("Chủ nhật"),
    )  # fmt: skip
    return names[day.weekday()]


def _kind(kind: DayKind) -> str:
    return {DayKind.HOLIDAY: gettext("nghỉ lễ"), DayKind.MAKE_UP: gettext("nghỉ bù"),
            DayKind.WORKED: gettext("làm bù")}[kind]  # fmt: skip


def _worked(known: WorkingCalendar, year: int, month: int) -> int:
    first = date(year, month, 1)
    return known.working_days(first, first + timedelta(days=monthrange(year, month)[1]))


# a year's decision


async def preview(request: web.Request) -> web.StreamResponse:
    """What the file would change; and, with ``sure``, the change."""
    sent = await form(request)
    year = _year(sent.value("year"), _this_year(request))
    decision = sent.text("decision", required=True, longest=300)
    text, almanac = sent.value("rows"), room(request).almanac
    if not text:
        _, content = await uploaded(request, "file")
        text, problem = _decoded(content)
        if problem:
            sent.wrong("file", problem)
    if sent.faulty:
        wrong = sent.errors.get("file", "") or gettext("Chưa nhập mục này.")
        return await _page(request, year, imported=sent, wrong=wrong)
    try:
        rows = _rows(text, decision)
        then, kept = await almanac.preview(year, rows), await almanac.kept(year, rows)
        if sent.ticked("sure"):
            await almanac.import_year(year, decision, rows, actor=me(request).actor)
            room(request).directory.changed()
            note = gettext("Đã nhập quyết định của năm %(year)d.") % {"year": year}
            if kept:
                days = ", ".join(f"{one.day:%d/%m}" for one in kept)
                note += " " + gettext("Giữ theo thư viện: %(days)s.") % {"days": days}
            return redirect(request, url(request, "operator.settings.calendar", {"year": str(year)}), note=note)
    except AxisError as error:
        return await _page(request, year, imported=sent, wrong=texts.words(error))
    before = (await almanac.current()).calendar
    return render(
        request, "operator/calendar-preview.html", year=year, decision=decision, text=text, count=len(rows),
        changes=_changes(before, then, year), weekday=_weekday, kept=[(one, _kind(one.kind)) for one in kept],
    )  # fmt: skip


def _decoded(content: bytes) -> tuple[str, str]:
    """The text of a file, or why it is none."""
    if not content:
        return "", gettext("Chưa chọn tệp nào.")
    if len(content) > MOST:
        return "", gettext("Tệp lớn hơn 200 KB: đây không phải lịch của một năm.")
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", gettext("Tệp không phải UTF-8: khi lưu từ bảng tính, chọn “CSV UTF-8”.")


def _rows(text: str, decision: str) -> list[Row]:
    rows = read_rows(text, decision)
    if len(rows) > 400:
        raise SetupError("calendar.bad-file", line=400, detail="> 366")
    return rows


def _changes(before: WorkingCalendar, then: WorkingCalendar, year: int) -> list[Change]:
    found = []
    for day in sorted({one.day for known in (before, then) for one in known.specials(year)}):
        was, will = before.special(day), then.special(day)
        if (was and (was.kind, was.name)) != (will and (will.kind, will.name)):
            name = will.name if will else was.name if was else ""
            found.append(Change(day, _kind(was.kind) if was else "", _kind(will.kind) if will else "", name))
    return found


# one day


async def set_day(request: web.Request) -> web.StreamResponse:
    sent = await form(request)
    day, kind = read_date(sent.text("day", required=True, longest=10)), sent.choice("kind", list(DayKind))
    name = sent.text("name", required=True, longest=300)
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        sent.wrong("day", gettext("Ngày viết dạng 31/12/2027."))
    if sent.faulty or day is None:
        return await _page(request, _year(sent.value("year"), _this_year(request)), single=sent)
    try:
        await room(request).almanac.set_day(day, DayKind(kind), name, actor=me(request).actor)
    except AxisError as error:
        sent.wrong("day", texts.words(error))
        return await _page(request, day.year, single=sent)
    room(request).directory.changed()
    where = url(request, "operator.settings.calendar", {"year": str(day.year)})
    return redirect(request, where, note=gettext("Đã đặt ngày %(day)s.") % {"day": f"{day:%d/%m/%Y}"})


async def unset_day(request: web.Request) -> web.StreamResponse:
    sent = await form(request)
    day = read_date(sent.value("day"))
    if day is None:
        raise web.HTTPNotFound
    await room(request).almanac.forget_day(day, actor=me(request).actor)
    room(request).directory.changed()
    note = gettext("Đã bỏ ngày %(day)s; ngày ấy lại theo lịch chung.") % {"day": f"{day:%d/%m/%Y}"}
    return redirect(request, url(request, "operator.settings.calendar", {"year": str(day.year)}), note=note)


_AT = "/ops/settings/calendar"
ROUTES = (
    Route("GET", _AT, "operator.settings.calendar", calendar, OPERATORS, "all"),
    Route("POST", f"{_AT}/import", "operator.settings.calendar.import", preview, OPERATORS, "all"),
    Route("POST", f"{_AT}/set", "operator.settings.calendar.set", set_day, OPERATORS, "all"),
    Route("POST", f"{_AT}/unset", "operator.settings.calendar.unset", unset_day, OPERATORS, "all"),
)
