"""``axis calendar``: the working calendar, and the decision each year rests on.

Works beside a running hub, which sees changes within a second.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import click

from axis.cli.common import (
    by_option,
    config_option,
    data_option,
    done,
    json_option,
    print_json,
    print_rows,
    read_bytes,
    run,
    say,
    told_json_option,
)
from axis.cli.due import DATES, day_words, due, in_words, warn_provisional
from axis.config import load
from axis.core import open_core
from axis.domain.calendar import KIND_WORDS, DayKind, SpecialDay, WorkingCalendar
from axis.domain.calendar_file import Row, read_rows
from axis.domain.errors import SetupError
from axis.hub.reckoning import Applied, Reckoning

_YEAR = click.IntRange(2010, 2099)
_DATE = click.DateTime(DATES)


@click.group()
def calendar() -> None:
    """Lịch làm việc và thời hạn · the working calendar and the deadlines."""


calendar.add_command(due)


def _kind(kind: str) -> str:
    return in_words(*KIND_WORDS[DayKind(kind)]) if kind else "–"


@calendar.command("show")
@click.argument("year", type=_YEAR)
@data_option
@config_option
@json_option
def show(year: int, data: Path, config_file: Path | None, as_json: bool) -> None:
    """Ngày nghỉ, ngày làm bù và số ngày làm việc của năm YEAR · special days and working days of a year."""

    async def work() -> tuple[WorkingCalendar, str]:
        async with open_core(load(data, config_file), connections=2) as core:
            decisions = await core.almanac.decisions()
            return (await core.almanac.current()).calendar, decisions.get(year, "")

    known, decision = run(work)
    months = {month: _working_days(known, year, month) for month in range(1, 13)}
    days = [_fact(one) for one in known.specials(year)]
    if as_json:
        print_json({"year": year, "provisional": known.provisional(year), "decision": decision, "days": days,
                    "working_days": months, "total": sum(months.values())})  # fmt: skip
        return
    if known.provisional(year):
        warn_provisional(year)
    else:
        say(f"Căn cứ: {decision}", f"Decided by: {decision}")
    rows = [{**fact, "day": day_words(one.day), "kind": _kind(one.kind)} for fact, one in zip(days, known.specials(year), strict=True)]
    columns = {"day": "Ngày · Day", "kind": "Loại · Kind", "name": "Tên · Name", "source": "Nguồn · Source"}
    print_rows(rows, columns, "Không có ngày đặc biệt · no special days.", False)
    say("Nguồn: S thấy trong thông báo, 2 theo nguồn thứ cấp, holidays là thư viện.",
        "Source: S seen in a notice, 2 second-hand, holidays is the library.")  # fmt: skip
    click.echo("")
    totals = [{"month": f"{month:02}/{year}", "days": number} for month, number in months.items()]
    totals.append({"month": f"{year}", "days": sum(months.values())})
    print_rows(totals, {"month": "Tháng · Month", "days": "Ngày làm việc · Working days"}, "", False)
    if known.provisional(year):
        warn_provisional(year)  # again below: a long table scrolls the first one away


def _fact(one: SpecialDay) -> dict[str, str]:
    return {"day": one.day.isoformat(), "kind": one.kind.value, "name": one.name, "source": one.source}


def _working_days(known: WorkingCalendar, year: int, month: int) -> int:
    first = date(year, month, 1)
    return known.working_days(first, (first + timedelta(days=31)).replace(day=1))


@calendar.command("import")
@told_json_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--year", type=_YEAR, required=True, help="Năm của quyết định · the year it decides.")
@click.option("--decision", required=True, help="Số, ngày, cơ quan ban hành · what the days rest on: number, date, issuer.")
@click.option("--dry-run", is_flag=True, help="Chỉ xem sẽ thay đổi gì · only show what would change.")
@by_option
@data_option
@config_option
def import_year(
    file: Path, year: int, decision: str, dry_run: bool, actor: str, data: Path, config_file: Path | None
) -> None:
    """Nhập quyết định của một năm từ tệp CSV (day,kind,name) · enter a year's decision from a CSV file.

    \b
    kind: holiday (nghỉ lễ), make-up (nghỉ bù), worked (làm bù).
    Replaces every day entered for that year before · thay toàn bộ những ngày đã nhập của năm đó.
    """

    async def work() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        rows = _read(file, decision)
        async with open_core(load(data, config_file), connections=2) as core:
            before = (await core.almanac.current()).calendar
            changes = _changes(before, await core.almanac.preview(year, rows), year)
            if not dry_run:
                await core.almanac.import_year(year, decision, rows, actor=actor)
            return changes, [_fact(one) for one in await core.almanac.kept(year, rows)]

    changes, kept = run(work)
    told = "\n".join(
        f"  {day_words(date.fromisoformat(one['day']))}: {_kind(one['before'])} → {_kind(one['after'])}  {one['name']}"
        for one in changes
    )
    stays = "\n".join(f"  {day_words(date.fromisoformat(one['day']))}: {_kind(one['kind'])}  {one['name']}" for one in kept)
    rest_vi = f"\nGiữ theo thư viện, vì tệp không nêu ({len(kept)}):\n{stays}" if kept else ""
    rest_en = f"\nKept from the library, because the file does not name them ({len(kept)}):\n{stays}" if kept else ""
    mark = "Sẽ nhập" if dry_run else "Đã nhập"
    done(
        {"year": year, "decision": decision, "written": not dry_run, "changes": changes, "kept": kept},
        f"{mark} năm {year}: {len(changes)} ngày thay đổi.\n{told}".rstrip() + rest_vi,
        f"{'Would enter' if dry_run else 'Entered'} year {year}: {len(changes)} days change.\n{told}".rstrip() + rest_en,
    )


def _read(file: Path, decision: str) -> list[Row]:
    try:
        text = read_bytes(file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SetupError("calendar.bad-file", line=1, detail="UTF-8") from error
    return read_rows(text, decision.strip())


def _changes(before: WorkingCalendar, then: WorkingCalendar, year: int) -> list[dict[str, str]]:
    days = sorted({one.day for known in (before, then) for one in known.specials(year)})
    found = []
    for day in days:
        was, will = before.special(day), then.special(day)
        if (was and (was.kind, was.name)) != (will and (will.kind, will.name)):
            name = will.name if will else was.name if was else ""
            found.append({"day": day.isoformat(), "before": was.kind if was else "",
                          "after": will.kind if will else "", "name": name})  # fmt: skip
    return found


@calendar.command("set")
@told_json_option
@click.argument("day", type=_DATE)
@click.option("--kind", type=click.Choice([k.value for k in DayKind]), required=True, help="Nghỉ lễ, nghỉ bù, làm bù · kind of day.")
@click.option("--name", required=True, help="Tên ngày hoặc lý do · its name or reason.")
@by_option
@data_option
@config_option
def set_day(day: datetime, kind: str, name: str, actor: str, data: Path, config_file: Path | None) -> None:
    """Đặt riêng một ngày DAY · set one day by hand; its year stays as it was, provisional or not."""

    async def work() -> SpecialDay:
        async with open_core(load(data, config_file), connections=2) as core:
            return await core.almanac.set_day(day.date(), DayKind(kind), name, actor=actor)

    made = run(work)
    told = f"{day_words(made.day)}: {_kind(made.kind)}, {made.name}"
    done(_fact(made), told, told)


@calendar.command("unset")
@told_json_option
@click.argument("day", type=_DATE)
@by_option
@data_option
@config_option
def unset(day: datetime, actor: str, data: Path, config_file: Path | None) -> None:
    """Bỏ ngày DAY đã nhập · the day is again what the library and the shipped table say."""

    async def work() -> None:
        async with open_core(load(data, config_file), connections=2) as core:
            await core.almanac.forget_day(day.date(), actor=actor)

    run(work)
    done({"unset": day.date().isoformat()}, f"Đã bỏ {day_words(day.date())}.", f"{day_words(day.date())} is no longer set.")


@calendar.command("forget")
@told_json_option
@click.argument("year", type=_YEAR)
@by_option
@data_option
@config_option
def forget(year: int, actor: str, data: Path, config_file: Path | None) -> None:
    """Bỏ quyết định của năm YEAR và mọi ngày đã nhập · the year is provisional again."""

    async def work() -> int:
        async with open_core(load(data, config_file), connections=2) as core:
            return await core.almanac.forget_year(year, actor=actor)

    gone = run(work)
    done(
        {"forgotten": year, "days": gone},
        f"Năm {year} lại là tạm tính; đã bỏ {gone} ngày.",
        f"The year {year} is provisional again; {gone} days are gone.",
    )


@calendar.command("apply")
@told_json_option
@click.option("--since", type=_DATE, required=True, help="Từ ngày · deliveries made since that day.")
@click.option("--dry-run", is_flag=True, help="Chỉ đếm · only count.")
@by_option
@data_option
@config_option
def apply(since: datetime, dry_run: bool, actor: str, data: Path, config_file: Path | None) -> None:
    """Tính lại hạn đang mở theo lịch hiện nay · open deadlines anew, after the calendar was corrected."""

    async def work() -> Applied:
        async with open_core(load(data, config_file), connections=2) as core:
            reckoning = Reckoning(
                database=core.database, documents=core.documents, journal=core.journal, almanac=core.almanac
            )
            return await reckoning.apply(since.date(), actor=actor, dry_run=dry_run)

    found = run(work)
    done(
        {"looked": found.looked, "moved": found.moved, "dry_run": dry_run},
        f"{found.looked} lượt gửi đang mở, {found.moved} lượt {'sẽ đổi' if dry_run else 'đã đổi'} hạn.",
        f"{found.looked} open deliveries, {found.moved} {'would change' if dry_run else 'changed'}.",
    )
