"""What the demo tells the person in front of it: Vietnamese first, English second.

On a terminal a live display with one bar per unit; elsewhere one plain line every few seconds. At
the end the table, the checks and what to try next. Nothing here decides anything.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from axis.demo.table import Row, total
from axis.demo.units import BY_CODE, DemoUnit

PLAIN_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    """Something the self-test claims, and whether it holds. ``detail`` says what was found."""

    vi: str
    en: str
    holds: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A receipt of a delivery, its document, and the package where its receiver stored it."""

    receipt: Path
    document_id: str
    package: Path


@dataclass
class Figures:
    """How far the demo is; filled from the offices' own histories."""

    sent: int = 0
    delivered: Counter[str] = field(default_factory=Counter)
    statuses: int = 0


class Story:
    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        if not self.console.is_terminal:
            self.console.width = 110  # a file or a pipe has no width of its own

    def say(self, vi: str, en: str) -> None:
        self.console.print(vi, markup=False, soft_wrap=True)
        self.console.print(f"  {en}", style="dim", markup=False, soft_wrap=True)

    def roll(self, units: Iterable[DemoUnit]) -> None:
        """Who takes part; invented codes marked as such."""
        table = _table("Đơn vị tham gia / Who takes part")
        for head in ("Mã\nCode", "Đơn vị\nUnit", "Kết nối\nBy", "Ghi chú\nNote"):
            table.add_column(head)
        for unit in units:
            code = unit.code + (" (*)" if unit.invented else "")
            vi, en = unit.character
            way = f"VXP {unit.sdk}" if unit.adapter == "mailbox" else "webhook"
            table.add_row(code, unit.name, way, f"{vi}\n[dim]{en}[/]" if vi else "")
        self.console.print(table)
        self.say(
            "(*) mã giả định cho bản trình diễn, không phải mã thật của đơn vị.",
            "(*) code invented for this demo, not the unit's real one.",
        )

    def table(self, rows: list[Row]) -> None:
        table = _table("Đối soát văn bản / Reconciliation of documents")
        table.add_column("Đơn vị nhận\nReceiver")
        for head in (
            "Gửi\nSent", "= Nhận\nDelivered", "+ Từ chối\nRefused", "+ Thu hồi\nRecalled",
            "+ Chờ\nWaiting", "Chênh lệch\nDifference", "Đơn vị đếm\nOwn count", "Trạng thái\nStatuses",
        ):  # fmt: skip
            table.add_column(head, justify="right")
        for row in rows:
            table.add_row(BY_CODE[row.code].short if row.code in BY_CODE else row.code, *_cells(row))
        table.add_section()
        table.add_row("Cộng / Total", *_cells(total(rows)), style="bold")
        self.console.print(table)

    def checks(self, checks: Iterable[Check]) -> bool:
        """Every check with its mark; True when all hold."""
        checks = list(checks)
        for check in checks:
            mark, style = ("✓", "green") if check.holds else ("✗", "bold red")
            self.console.print(f"{mark} {check.vi}", style=style, markup=False, soft_wrap=True)
            tail = f"  [{check.detail}]" if check.detail else ""
            self.console.print(f"    {check.en}{tail}", style="dim", markup=False, soft_wrap=True)
        return all(check.holds for check in checks)

    def console_links(self, clerk: str, operator: str) -> None:
        """Where to look at all of this with a browser, as whom."""
        self.console.print()
        self.say("Xem trên trang web (đường dẫn dùng một lần):", "Look at it in a browser (one-time links):")
        for vi, en, link in (
            ("Văn thư của Bộ", "A clerk of the ministry", clerk),
            ("Người vận hành, cần ứng dụng mã hai bước", "The operator; needs an authenticator application", operator),
        ):
            self.console.print(f"  # {vi} / {en}", style="dim", markup=False, soft_wrap=True)
            self.console.print(f"  {link}", markup=False, soft_wrap=True)

    def next_steps(self, data: Path, anchor: Path, sample: Sample | None, *, stays: bool, pid: int) -> None:
        """Commands worth trying. ``stays``: the data folder is still there afterwards; ``pid`` of the
        hub when it was left running, else 0."""
        axis = "axis" if shutil.which("axis") else _beside_python()
        folder = shlex.quote(str(data) if stays else "demo-data")
        commands = []
        if not stays:
            again = f"{axis} demo --data {folder}"
            commands.append(("Chạy lại và giữ dữ liệu", "Run again and keep the data", again))
            look = f"{axis} demo --keep"
            commands.append(("Chạy lại và xem trên trang web", "Run again and look in a browser", look))
        commands.append(("Danh mục đơn vị", "The units", f"{axis} unit list --data {folder}"))
        if sample is not None:
            document = f"{axis} package show {shlex.quote(sample.document_id)} --data {folder}"
            commands.append(("Hành trình của một văn bản", "The story of one document", document))
        if sample is not None and stays:
            package, receipt = shlex.quote(str(sample.package)), shlex.quote(str(sample.receipt))
            proof = f"{axis} verify {receipt} --trust {shlex.quote(str(anchor))} --package {package}"
            commands += [
                ("Kiểm tra biên nhận cùng gói tin, không cần trục", "Check a receipt offline", proof),
                ("Soát lỗi một gói tin", "Lint a package", f"{axis} lint {package}"),
            ]
        if pid:
            commands.append(("Trục vẫn đang chạy; để dừng", "The axis keeps running; to stop it", f"kill {pid}"))
        self.console.print()
        self.say("Thử tiếp:", "What to try next:")
        for vi, en, command in commands:
            self.console.print(f"  # {vi} / {en}", style="dim", markup=False, soft_wrap=True)
            self.console.print(f"  {command}", markup=False, soft_wrap=True)


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)


def _cells(row: Row) -> list[str]:
    numbers = (
        row.sent, row.delivered, row.refused, row.recalled, row.waiting, row.difference, row.received,
        row.statuses,
    )  # fmt: skip
    return [f"{n:,}".replace(",", ".") for n in numbers]  # Vietnamese thousands


class Board:
    """The live progress: bars on a terminal, else a plain line every few seconds."""

    def __init__(
        self, story: Story, documents: int, planned: Counter[str], statuses: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._console, self._clock = story.console, clock
        self._documents, self._planned, self._statuses = documents, planned, statuses
        self._started = self._last = clock()
        self._live: Live | None = None
        self._bars: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description:<42}"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn(),
            console=self._console, auto_refresh=False,
        )  # fmt: skip

    def __enter__(self) -> Board:
        if self._console.is_terminal:
            self._add("sent", "Bộ đã gửi / sent", self._documents)
            for code, count in self._planned.items():
                self._add(code, f"  → {BY_CODE[code].short}", count)
            self._add("statuses", "Trạng thái về / statuses back", self._statuses)
            self._live = Live(Group(self._progress), console=self._console, refresh_per_second=5)
            self._live.__enter__()
        return self

    def _add(self, key: str, label: str, goal: int) -> None:
        self._bars[key] = self._progress.add_task(label, total=goal)

    def show(self, figures: Figures) -> None:
        if self._live is not None:
            values = {"sent": figures.sent, "statuses": figures.statuses, **figures.delivered}
            for key, bar in self._bars.items():
                self._progress.update(bar, completed=values.get(key, 0))
            return
        if self._clock() - self._last >= PLAIN_EVERY:
            self._last = self._clock()
            self._line(figures)

    def _line(self, figures: Figures) -> None:
        delivered, planned = sum(figures.delivered.values()), sum(self._planned.values())
        self._console.print(
            f"[{self._clock() - self._started:5.1f} s] đã gửi / sent {figures.sent}/{self._documents}"
            f" · đã nhận / delivered {delivered}/{planned}"
            f" · trạng thái về / statuses back {figures.statuses}/{self._statuses}",
            markup=False, soft_wrap=True,
        )  # fmt: skip

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, tb)


def _beside_python() -> str:
    """How to call the command when it is not on the PATH: as it lies beside the interpreter."""
    found = Path(sys.executable).with_name("axis")
    if not found.exists():
        return f"{shlex.quote(sys.executable)} -m axis.cli.main"
    here = Path.cwd()
    return shlex.quote(str(found.relative_to(here) if found.is_relative_to(here) else found))
