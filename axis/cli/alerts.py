"""``axis alert``: deadlines missed, the messages that tell people, and a test that they arrive."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click

from axis.cli.common import config_option, data_option, json_option, language, print_rows, run, say
from axis.config import load
from axis.core import Core, open_core
from axis.domain.calendar import WorkingCalendar
from axis.domain.clock import VIETNAM
from axis.domain.deadlines import Rule, words
from axis.domain.directory import Unit
from axis.domain.errors import NotFound
from axis.hub.alerting.letters import MISSED, PRIORITIES, notation
from axis.hub.alerting.outcome import outcome, told

T = TypeVar("T")
PAGE = 500
LEVELS = {1: ("quá hạn", "missed"), 2: ("nhắc lại", "escalated")}
_limit = click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1), help="Số dòng · rows."
)
_all = click.option("--all", "everything", is_flag=True, help="Tất cả · all of them.")


@click.group()
def alert() -> None:
    """Cảnh báo quá hạn · deadlines missed, and who was told."""


async def _unit(core: Core, code: str) -> Unit:
    found = (await core.directory.current(0)).named(code)
    if found is None:
        raise NotFound("directory.unknown-unit", code=code)
    return found


async def _pages(
    fetch: Callable[[T | None, int], Awaitable[Sequence[Mapping[str, Any]]]], place: Callable[[Mapping[str, Any]], T],
    wanted: int | None,
) -> list[Mapping[str, Any]]:  # fmt: skip
    """Rows page by page, newest first; ``place``: where the next page begins. New rows shift nothing."""
    rows: list[Mapping[str, Any]] = []
    last: T | None = None
    while wanted is None or len(rows) < wanted:
        page = await fetch(last, PAGE if wanted is None else min(PAGE, wanted - len(rows)))
        rows += page
        if not page:
            break
        last = place(page[-1])
    return rows


@alert.command("list")
@click.option("--unit", "unit_code", default="", help="Mã đơn vị để quá hạn · code of the unit that missed.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]), help="Từ ngày · raised on or after that day."
)
@click.option("--level", type=click.IntRange(1, 2), help="1 quá hạn, 2 nhắc lại · 1 missed, 2 escalated.")
@_limit
@_all
@data_option
@config_option
@json_option
def list_alerts(
    unit_code: str, since: datetime | None, level: int | None, limit: int, everything: bool, data: Path,
    config_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Các cảnh báo, mới nhất trước · alerts, newest first."""

    async def work() -> list[dict[str, Any]]:
        async with open_core(load(data, config_file), connections=2) as core:
            unit_id = (await _unit(core, unit_code)).id if unit_code else None
            start = since.replace(tzinfo=VIETNAM) if since else None
            rows = await _pages(
                lambda last, n: core.alerts.page(last, unit_id, start, level, n),
                lambda row: (row["at"], row["id"]),
                None if everything else limit,
            )
            calendar, now = (await core.almanac.current()).calendar, datetime.now(UTC)
            return [_shown(row, calendar, now) for row in rows]

    columns = {"at": "Báo lúc · Raised", "level_words": "Mức · Level", "rule_words": "Việc · What", "unit": "Đơn vị · Unit",
               "notation": "Số, ký hiệu", "document_id": "Mã văn bản · DocumentId", "priority_words": "Khẩn",
               "due_at": "Hạn · Due", "outcome": "Nay thế nào · Outcome"}  # fmt: skip
    print_rows(run(work), columns, "Không có cảnh báo nào · no alerts.", as_json)


def _shown(row: Mapping[str, Any], calendar: WorkingCalendar, now: datetime) -> dict[str, Any]:
    """An alert as people read it, and how late: until it was done, or until now while it is still to be done."""
    own = 0 if language() == "vi" else 1
    rule, found = Rule(row["rule"]), outcome(row, calendar, now)
    until = found.met_at or (now if found.open else None)
    return {
        "id": row["id"], "at": row["at"], "level": row["level"], "level_words": LEVELS[row["level"]][own],
        "rule": rule.value, "rule_words": MISSED[rule][own], "unit": row["unit"], "unit_name": row["unit_name"],
        "notation": notation(row), "document_id": row["document_id"], "sender": row["sender"],
        "receiver": row["receiver"], "priority": row["priority"], "priority_words": PRIORITIES[row["priority"]][own],
        "due_at": row["due_at"], "met_at": found.met_at, "open": found.open,
        "provisional": found.guessed, "late": words(calendar, row["due_at"], until, language()) if until else "–",
        "outcome": told(found, row["due_at"], calendar, now, language()),
        "delivery_id": row["delivery_id"], "package_id": row["package_id"],
    }  # fmt: skip


@alert.command("messages")
@click.option("--waiting", is_flag=True, help="Chỉ những cái chưa gửi được · only those not sent.")
@_limit
@_all
@data_option
@config_option
@json_option
def messages(
    waiting: bool, limit: int, everything: bool, data: Path, config_file: Path | None, as_json: bool
) -> None:
    """Thư và lời gọi mang cảnh báo đi, mới nhất trước · the messages that carry alerts, newest first."""

    async def work() -> list[dict[str, Any]]:
        async with open_core(load(data, config_file), connections=2) as core:
            rows: list[Mapping[str, Any]] = await _pages(
                lambda last, n: core.alerts.messages(last, waiting, n), _id, None if everything else limit
            )
            return [{**row, "next_at": None if row["sent_at"] else row["next_at"]} for row in rows]

    columns = {"id": "Thư · Message", "channel": "Kênh · Channel", "address": "Tới · To", "unit": "Đơn vị · Unit",
               "alerts": "Số việc · Alerts", "created_at": "Tạo lúc · Made", "attempts": "Lần · Tries",
               "sent_at": "Đã gửi · Sent", "next_at": "Lần tới · Next", "note": "Ghi chú · Note"}  # fmt: skip
    print_rows(run(work), columns, "Không có thư nào · no messages.", as_json)


def _id(row: Mapping[str, Any]) -> UUID:
    found: UUID = row["id"]
    return found


@alert.command("test")
@click.argument("code")
@data_option
@config_option
@json_option
def test(code: str, data: Path, config_file: Path | None, as_json: bool) -> None:
    """Gửi ngay một cảnh báo thử tới đơn vị CODE · send a test to a unit's contacts and system, now.

    Exit 1 when it did not arrive everywhere, or when nobody would be told.
    """

    async def work() -> list[dict[str, Any]]:
        async with open_core(load(data, config_file), connections=2) as core:
            return [trial._asdict() for trial in await core.messenger.test(await _unit(core, code))]

    found = run(work)
    columns = {
        "channel": "Kênh · Channel",
        "address": "Tới · To",
        "sent": "Tới nơi · Arrived",
        "note": "Ghi chú · Note",
    }
    print_rows(found, columns, "", as_json)
    if not found:
        say(
            f"Đơn vị {code} chưa có địa chỉ nhận cảnh báo: axis unit set {code} --contact EMAIL, hoặc --alert-url URL.",
            f"Unit {code} has nobody to tell: axis unit set {code} --contact EMAIL, or --alert-url URL.",
        )
    raise SystemExit(0 if found and all(one["sent"] for one in found) else 1)
