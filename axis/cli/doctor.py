"""``axis doctor``: is everything as it must be, and what to do where it is not.

Green = proven just now; yellow = configured, not proven yet; red = broken. Exit 0, or 1 with any red.
"""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from axis.cli.common import config_option, data_option, json_option, language, print_json, run
from axis.config import load
from axis.core import Core, open_core
from axis.domain.directory import UnitState
from axis.domain.errors import AxisError
from axis.store import migrator
from axis.store.reader import OWNER, ROLE, Reader

CLOCK_TOLERANCE = 2.0  # seconds between this machine and the database
KEY_DAYS = 30
MOST_NAMED = 20
ALERT_PATIENCE = 3600.0  # seconds a message about a deadline may take to arrive


@dataclass(frozen=True, slots=True)
class Finding:
    """``state``: ok, unproven or failing."""

    subject: str
    state: str
    vi: str
    en: str

    def text(self) -> str:
        return self.vi if language() == "vi" else self.en


MARKS = {"ok": ("✓", "green"), "unproven": ("●", "yellow"), "failing": ("✗", "red")}


@click.command()
@data_option
@config_option
@json_option
def doctor(data: Path, config_file: Path | None, as_json: bool) -> None:
    """Khám khoá, cơ sở dữ liệu, ổ đĩa, đồng hồ và kết nối của từng đơn vị · check it all, say what to do."""

    async def work() -> list[Finding]:
        config = load(data, config_file)
        async with open_core(config, connections=2) as core:
            findings: list[Finding] = []
            for check in (_keys, _database, _reader, _console, _disk, _clock, _anchors, _units, _queues, _alerts, _listeners):
                findings += await _safely(check, core)
            return findings

    findings = run(work)
    if as_json:
        print_json([{"subject": f.subject, "state": f.state, "text": f.text()} for f in findings])
    else:
        for finding in findings:
            mark, colour = MARKS[finding.state]
            click.echo(f"{click.style(mark, fg=colour)} {finding.subject}: {finding.text()}")
    raise SystemExit(1 if any(f.state == "failing" for f in findings) else 0)


async def _safely(check: Callable[[Core], Awaitable[list[Finding]]], core: Core) -> list[Finding]:
    try:
        return await check(core)
    except AxisError as error:
        return [Finding(check.__name__.strip("_"), "failing", error.text("vi"), error.text("en"))]


async def _keys(core: Core) -> list[Finding]:
    days = core.identity.days_left(datetime.now(UTC))
    own = not core.config.receipts.key
    state = "failing" if days < 1 else "unproven" if days < KEY_DAYS else "ok"
    made_vi = " Khoá do trục tự tạo; môi trường thật nên cấu hình receipts.key." if own else ""
    made_en = " Made by the axis itself; production should configure receipts.key." if own else ""
    return [
        Finding("receipt key", state, f"chứng thư ký biên nhận còn {days} ngày.{made_vi}",
                f"the receipt certificate stays valid for {days} days.{made_en}")
    ]  # fmt: skip


async def _database(core: Core) -> list[Finding]:
    url = core.config.database.url or (core.embedded.dsn if core.embedded else "")
    missing = [m for m in await migrator.status(url) if m.applied_at is None]
    where_vi, where_en = ("nhúng", "embedded") if core.embedded else ("bên ngoài", "external")
    if missing:
        return [
            Finding(
                "database",
                "failing",
                "thiếu bản nâng cấp: chạy `axis migrate`.",
                "migrations missing: run `axis migrate`.",
            )
        ]
    return [
        Finding(
            "database",
            "ok",
            f"PostgreSQL {where_vi}, lược đồ đúng phiên bản.",
            f"{where_en} PostgreSQL, schema up to date.",
        )
    ]


async def _reader(core: Core) -> list[Finding]:
    """Does the database itself keep auditors from changing anything?"""
    standing = await Reader(core.database).standing()
    if standing == "ready":
        return [
            Finding("auditors", "ok", f"đọc bằng vai trò {ROLE}, cơ sở dữ liệu không cho sửa gì.",
                    f"read as the role {ROLE}, which the database lets change nothing.")
        ]  # fmt: skip
    if standing == "strong":
        return [
            Finding("auditors", "failing", f"vai trò {ROLE} ghi được hoặc xem được dữ liệu bí mật: thu lại các quyền đó.",
                    f"the role {ROLE} may write, or see what is secret: revoke those rights.")
        ]  # fmt: skip
    todo = f"`create role {ROLE} nologin; grant {ROLE} to {await core.database.fetchval(OWNER)};`"
    return [
        Finding("auditors", "unproven", f"chỉ đọc nhưng bằng quyền của trục ({standing}): quản trị cơ sở dữ liệu chạy {todo}",
                f"read-only, but with the axis's own rights ({standing}): the database's administrator says {todo}")
    ]  # fmt: skip


async def _console(core: Core) -> list[Finding]:
    """Can anybody run the axis from its pages, and are the links people are sent the right ones?"""
    if not core.config.console.enabled:
        return [Finding("console", "ok", "không phục vụ trang (console.enabled).", "serves no pages (console.enabled).")]
    operators = await core.accounts.staffing.operators()
    if not operators:
        return [
            Finding("console", "unproven", "chưa có người vận hành nào đăng nhập được: `axis person first-run` hoặc `axis person"
                    " invite LOGIN --role operator`.", "no operator who can sign in: `axis person first-run` or `axis person"
                    " invite LOGIN --role operator`.")
        ]  # fmt: skip
    if not core.config.hub.public_url:
        return [
            Finding("console", "unproven", "chưa đặt hub.public_url: đường dẫn mời người dùng chỉ mở được trên máy này.",
                    "hub.public_url is not set: links for people open on this machine only.")
        ]  # fmt: skip
    return [Finding("console", "ok", f"{operators} người vận hành.", f"{operators} operators.")]


async def _disk(core: Core) -> list[Finding]:
    free, limit = core.payloads.free_bytes(), core.config.intake.free_bytes
    total = shutil.disk_usage(core.config.data).total
    words = f"{free / 1e9:.1f} / {total / 1e9:.1f} GB"
    if free < limit:
        return [
            Finding(
                "disk",
                "failing",
                f"còn {words}: trục đang từ chối gói tin mới. Giải phóng chỗ trống.",
                f"{words} free: new packages are refused. Free some space.",
            )
        ]
    state = "unproven" if free < 4 * limit else "ok"
    return [Finding("disk", state, f"còn trống {words}.", f"{words} free.")]


async def _clock(core: Core) -> list[Finding]:
    before = datetime.now(UTC)
    there = await core.units.clock()
    apart = abs((there - before).total_seconds())
    if apart > CLOCK_TOLERANCE:
        return [
            Finding(
                "clock",
                "failing",
                f"đồng hồ lệch cơ sở dữ liệu {apart:.1f} giây: đồng bộ NTP.",
                f"{apart:.1f} s apart from the database: synchronise with NTP.",
            )
        ]
    return [
        Finding(
            "clock",
            "ok",
            "khớp với cơ sở dữ liệu; hãy bảo đảm NTP đồng bộ với trục quốc gia (QĐ 28 Đ14.4).",
            "agrees with the database; keep NTP synchronised with the national axis.",
        )
    ]


async def _anchors(core: Core) -> list[Finding]:
    count = len(await core.units.list_anchors())
    if not count:
        return [
            Finding(
                "trust",
                "unproven",
                "chưa tin cậy chứng thư gốc nào: `axis trust add CA.pem`; mọi chữ ký sẽ là chưa xác minh.",
                "no anchors: `axis trust add CA.pem`; every signature stays unproven.",
            )
        ]
    return [Finding("trust", "ok", f"{count} chứng thư gốc.", f"{count} anchors.")]


async def _units(core: Core) -> list[Finding]:
    await core.directory.current(0)
    await core.learn_calls()
    units = [u for u in await core.directory.units() if u.state in (UnitState.LIVE, UnitState.TESTING)]
    if not units:
        return [
            Finding(
                "units",
                "unproven",
                "chưa có đơn vị nào hoạt động: `axis unit add`.",
                "no live units: `axis unit add`.",
            )
        ]
    findings = []
    for unit in units:
        health = await core.fleet.probe(unit)
        text = health.text or health.state
        if not unit.signers and unit.policy.value == "required":
            text += " · chưa gắn chứng thư ký (axis unit bind)"
            health_state = "failing"
        else:
            health_state = health.state
        findings.append(Finding(f"{unit.code} {unit.name} ({unit.adapter})", health_state, text, text))
    return findings


async def _queues(core: Core) -> list[Finding]:
    now = datetime.now(UTC)
    findings: list[Finding] = []
    rows: list[Any] = list(await core.deliveries.backlog())
    for row in rows:
        hours = (now - row["oldest"]).total_seconds() / 3600
        if hours > 24:
            findings.append(
                Finding(
                    f"queue {row['code']}",
                    "failing",
                    f"{row['waiting']} lượt chờ, lâu nhất {hours:.0f} giờ: xem `axis delivery list --unit {row['code']}`.",
                    f"{row['waiting']} waiting, the oldest for {hours:.0f} h: see `axis delivery list --unit {row['code']}`.",
                )
            )
    return findings or [
        Finding(
            "queue",
            "ok",
            f"{sum(r['waiting'] for r in rows)} lượt gửi đang chờ.",
            f"{sum(r['waiting'] for r in rows)} deliveries waiting.",
        )
    ]


async def _alerts(core: Core) -> list[Finding]:
    """Would people hear of a deadline missed?"""
    snapshot, mail = await core.directory.current(), core.config.mail
    live = [u for u in snapshot.units.values() if u.state in (UnitState.LIVE, UnitState.TESTING)]
    findings = [
        Finding(
            f"alerts {unit.code}",
            "failing",
            f"có địa chỉ nhận cảnh báo nhưng chưa có khoá để ký: `axis unit rotate {unit.code} --webhook`.",
            f"an address for alerts but no secret to sign them: `axis unit rotate {unit.code} --webhook`.",
        )
        for unit in live
        if unit.alert_url and "webhook" not in snapshot.secrets.get(unit.id, {})
    ]
    if not mail.host and (core.config.alerts.escalate_to or any(unit.listeners for unit in live)):
        findings.append(
            Finding(
                "mail",
                "unproven",
                "chưa cấu hình máy chủ thư (mục [mail]) dù đã có địa chỉ liên hệ: cảnh báo bằng thư nằm chờ.",
                "no mail server (section [mail]) though there are contacts: alerts by e-mail wait.",
            )
        )
    for row in await core.alerts.overdue(ALERT_PATIENCE):
        if row["channel"] == "email" and not mail.host:
            continue
        hours = (datetime.now(UTC) - row["oldest"]).total_seconds() / 3600
        findings.append(
            Finding(
                f"alerts {row['channel']}",
                "failing",
                f"{row['waiting']} cảnh báo chưa gửi được, lâu nhất {hours:.0f} giờ: xem `axis alert messages --waiting`. {row['note']}",
                f"{row['waiting']} alerts not sent, the oldest for {hours:.0f} h: see `axis alert messages --waiting`. {row['note']}",
            )
        )
    return findings or [
        Finding("alerts", "ok", "cảnh báo quá hạn không bị kẹt.", "no alert about a deadline is stuck.")
    ]


async def _listeners(core: Core) -> list[Finding]:
    """Whose misses nobody of theirs would hear of."""
    snapshot = await core.directory.current()
    deaf = sorted(u.code for u in snapshot.units.values() if u.state is UnitState.LIVE and not (u.listeners or u.alert_url))
    if not deaf or not core.config.alerts.enabled:
        return []
    names = ", ".join(deaf[:MOST_NAMED]) + (f" … (+{len(deaf) - MOST_NAMED})" if len(deaf) > MOST_NAMED else "")
    return [
        Finding("listeners", "unproven", f"{len(deaf)} đơn vị không có ai nhận cảnh báo: {names}. `axis unit set MÃ --contact EMAIL`.",
                f"{len(deaf)} units with nobody to hear of deadlines: {names}. `axis unit set CODE --contact EMAIL`.")
    ]  # fmt: skip
