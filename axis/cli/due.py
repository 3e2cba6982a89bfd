"""``axis calendar due``: the deadlines of Decision 28 for given inputs, each with its reason.

For clerks and operators who doubt a deadline: it names the clause, the days that were not counted and
the year that is still provisional. It computes with the calendar the hub computes with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import click

from axis.cli.common import config_option, data_option, json_option, language, print_rows, run, say
from axis.config import load
from axis.core import open_core
from axis.domain.calendar import ONE_DAY, WorkingCalendar
from axis.domain.clock import VIETNAM
from axis.domain.deadlines import URGENT_FROM, Deadlines, Rule, words

DATES = ["%Y-%m-%d", "%d/%m/%Y"]
_DATE = click.DateTime(DATES)
_MOMENT = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M", *DATES])
_WEEKDAYS = (("T2", "Mon"), ("T3", "Tue"), ("T4", "Wed"), ("T5", "Thu"), ("T6", "Fri"), ("T7", "Sat"), ("CN", "Sun"))
_RULES = {
    Rule.SEND: ("Gửi", "Send"),
    Rule.ARRIVAL: ("Báo đã đến (01)", "Say arrived (01)"),
    Rule.REGISTER: ("Tiếp nhận (03) hoặc trả lại (02)", "Register (03) or return (02)"),
    Rule.FINISH: ("Hoàn thành (06)", "Finish (06)"),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """``start``: the day it counts from. ``because``: the rule in a sentence."""

    rule: Rule
    start: date
    due: datetime
    because: str


def in_words(vi: str, en: str) -> str:
    return en if language() == "en" else vi


def day_words(day: date) -> str:
    """``T6 01/02/2019``."""
    return f"{in_words(*_WEEKDAYS[day.weekday()])} {day:%d/%m/%Y}"


def warn_provisional(year: int) -> None:
    """A year that nobody decided is never shown without saying so."""
    say(
        f"⚠ NĂM {year} TẠM TÍNH · PROVISIONAL: chưa nhập quyết định về ngày nghỉ và hoán đổi ngày làm việc của năm này. "
        f'Nhập bằng: axis calendar import TỆP --year {year} --decision "…"',
        f"⚠ YEAR {year} IS PROVISIONAL · TẠM TÍNH: nobody entered its decision on holidays and swapped days. "
        f'Enter it with: axis calendar import FILE --year {year} --decision "…"',
    )


@click.command("due")
@click.option("--promulgated", type=_DATE, help="Ngày ban hành · promulgation date.")
@click.option("--arrived", type=_MOMENT, help="Lúc đến đơn vị nhận, giờ Việt Nam · when it reached the receiver.")
@click.option("--due", "due_date", type=_DATE, help="Hạn xử lý ghi trong văn bản · DueDate of the document.")
@click.option(
    "--priority",
    type=click.IntRange(0, 4),
    default=0,
    show_default=True,
    help="Độ khẩn: 0 thường … 4 hoả tốc hẹn giờ · priority.",
)
@click.option("--now", "asked_for", type=_MOMENT, help="Tính tới lúc nào, bỏ trống là bây giờ · as of when.")
@data_option
@config_option
@json_option
def due(
    promulgated: datetime | None, arrived: datetime | None, due_date: datetime | None, priority: int,
    asked_for: datetime | None, data: Path, config_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Tính thời hạn từ ngày ban hành, lúc đến, hạn xử lý · each deadline, explained, to check by hand."""
    if not (promulgated or arrived or due_date):
        raise click.UsageError("--promulgated, --arrived, --due")

    async def work() -> Deadlines:
        async with open_core(load(data, config_file), connections=2) as core:
            return await core.almanac.current()

    deadlines = run(work)
    known = deadlines.calendar
    now = asked_for.replace(tzinfo=VIETNAM) if asked_for else datetime.now(UTC)
    found: list[Explained] = []
    if promulgated:
        found.append(_send(deadlines, promulgated.date(), priority))
    if arrived:
        found += _receive(deadlines, arrived.replace(tzinfo=VIETNAM), priority)
    if due_date:
        found.append(_finish(deadlines, due_date.date()))
    rows = [
        {"rule": one.rule.value if as_json else in_words(*_RULES[one.rule]), "day": day_words(one.due.date()),
         "due": one.due, "left": words(known, one.due, now, language()), "because": one.because,
         "skipped": _skipped(known, one.start, one.due.date()), "escalates": deadlines.escalates(one.due, priority)}
        for one in found
    ]  # fmt: skip
    columns = {"rule": "Việc · What", "day": "Ngày · Day", "due": "Hạn · Deadline", "left": "Còn lại · Left",
               "because": "Vì · Because", "skipped": "Không tính · Not worked", "escalates": "Báo cấp trên · Escalates"}  # fmt: skip
    print_rows(rows, columns, "", as_json)
    for year in sorted({one.start.year for one in found} | {one.due.year for one in found}):
        if known.provisional(year):
            warn_provisional(year)


def _send(deadlines: Deadlines, promulgated: date, priority: int) -> Explained:
    hour = f"{deadlines.settings.morning:%H:%M}"
    because = in_words(
        f"trước {hour} ngày làm việc sau ngày ký (QĐ 28 Đ6.2)",
        f"by {hour} of the working day after signing (Decision 28 Art. 6.2)",
    )
    if priority >= URGENT_FROM:
        because = in_words(
            "văn bản khẩn: trong ngày ký, kể cả ngày nghỉ (QĐ 28 Đ6.2)",
            "urgent: on the day of signing, rest days too (Decision 28 Art. 6.2)",
        )
    return Explained(Rule.SEND, promulgated, deadlines.send_due(promulgated, priority), because)


def _receive(deadlines: Deadlines, arrived: datetime, priority: int) -> list[Explained]:
    day = arrived.date()
    told = in_words(
        "trong ngày đến; đến sau giờ hoặc ngày nghỉ thì ngày làm việc sau (NĐ 30 Đ21.2c)",
        "the same day; after hours or on a rest day: the next working day (Decree 30 Art. 21.2c)",
    )
    registered = in_words(
        "hết giờ ngày làm việc sau ngày đến (NĐ 30 Đ22)",
        "end of the working day after arrival (Decree 30 Art. 22)",
    )
    if priority >= URGENT_FROM:
        minutes = deadlines.settings.urgent_minutes
        registered = in_words(
            f"văn bản khẩn: trong {minutes} phút làm việc (NĐ 30 Đ22)",
            f"urgent: within {minutes} working minutes (Decree 30 Art. 22)",
        )
    return [
        Explained(Rule.ARRIVAL, day, deadlines.arrival_due(arrived), told),
        Explained(Rule.REGISTER, day, deadlines.register_due(arrived, priority), registered),
    ]


def _finish(deadlines: Deadlines, due_date: date) -> Explained:
    because = in_words(
        "hết giờ ngày hạn xử lý, hoặc ngày làm việc sau nếu là ngày nghỉ (NĐ 30 Đ24.2)",
        "end of the due date, or of the next working day when it is a rest day (Decree 30 Art. 24.2)",
    )
    return Explained(Rule.FINISH, due_date, deadlines.finish_due(due_date), because)


def _skipped(known: WorkingCalendar, start: date, end: date) -> str:
    """The rest days in between, which make a deadline later than one expects."""
    runs: list[tuple[str, date, date]] = []
    day = start
    while day < end:
        if not known.is_working(day):
            special = known.special(day)
            name = special.name if special else in_words("cuối tuần", "weekend")
            if runs and runs[-1][0] == name and runs[-1][2] == day - ONE_DAY:
                runs[-1] = (name, runs[-1][1], day)
            else:
                runs.append((name, day, day))
        day += ONE_DAY
    return "; ".join(f"{a:%d/%m}{'' if a == b else f'–{b:%d/%m}'} {name}" for name, a, b in runs)
