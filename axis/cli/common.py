"""What every command shares: the data folder, errors as words and exit codes, tables and JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from getpass import getuser
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
from rich.console import Console
from rich.table import Table

from axis.domain.clock import VIETNAM
from axis.domain.errors import (
    AccessError,
    AxisError,
    ConflictError,
    NotFound,
    PackageError,
    RoutingError,
    SetupError,
    SignatureError,
    StateError,
    Unavailable,
)

T = TypeVar("T")
EXIT: tuple[tuple[type[AxisError], int], ...] = (
    (NotFound, 3), (ConflictError, 5), (Unavailable, 6), (SetupError, 7), (AccessError, 4),
    (PackageError, 4), (SignatureError, 4), (RoutingError, 4), (StateError, 4),
)  # fmt: skip

data_option = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), envvar="AXIS_DATA", default="data", show_default=True,
    help="Thư mục dữ liệu · data folder (AXIS_DATA).",
)  # fmt: skip
config_option = click.option(
    "--config", "config_file", type=click.Path(path_type=Path, dir_okay=False), envvar="AXIS_CONFIG",
    help="Tệp cấu hình · configuration file (default: DATA/axis.toml when it is there).",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="In JSON · print JSON.")
def _remember_json(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    context.meta["axis.json"] = wanted


told_json_option = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    callback=_remember_json,
    help="In kết quả dạng JSON · print the result as JSON.",
)  # for verbs whose result ``done`` tells
by_option = click.option(
    "--by", "actor", default=lambda: os.environ.get("AXIS_BY") or f"cli:{getuser()}", show_default="cli:USER",
    help="Người thực hiện, ghi vào nhật ký · who does it, written to the journal.",
)  # fmt: skip


def language() -> str:
    """``en`` when AXIS_LANG or the locale asks for it; else Vietnamese."""
    wanted = os.environ.get("AXIS_LANG") or os.environ.get("LANG", "")
    return "en" if wanted.lower().startswith("en") else "vi"


def say(vi: str, en: str = "") -> None:
    """A word to the person, on standard error."""
    click.echo(en if en and language() == "en" else vi, err=True)


def done(facts: Mapping[str, object], vi: str, en: str) -> None:
    """The result of a verb: facts for programs on standard output, or a word to the person."""
    if click.get_current_context().meta.get("axis.json"):
        print_json(facts)
    else:
        say(vi, en)


def fail(error: AxisError) -> int:
    """Tell an error and give its exit code."""
    click.echo(f"{error.text(language())} [{error.code}]", err=True)
    return next((code for kind, code in EXIT if isinstance(error, kind)), 70)


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run a command's coroutine; refusals become words and exit codes."""
    try:
        return asyncio.run(work())  # type: ignore[arg-type]  # every command's work is a coroutine function
    except AxisError as error:
        raise SystemExit(fail(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def plain(value: object) -> object:
    """Values as JSON takes them; times in Vietnam's zone, as the law wants (Decision 28 Đ14.4)."""
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).isoformat(timespec="seconds")
    if isinstance(value, UUID | Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def print_json(value: object) -> None:
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def print_rows(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], empty: str, as_json: bool
) -> None:
    """A list for people or for programs. ``columns``: key -> heading."""
    if as_json:
        print_json([dict(row) for row in rows])
        return
    if not rows:
        say(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, heading in enumerate(columns.values()):
        table.add_column(heading, overflow="fold", no_wrap=number == 0)  # the key stays whole: people copy it
    for row in rows:
        table.add_row(*(_cell(row[key]) for key in columns))
    Console(file=sys.stdout, highlight=False, markup=False).print(table)


def print_facts(facts: Mapping[str, object]) -> None:
    """One thing, a line each."""
    width = max(map(len, facts))
    for key, value in facts.items():
        click.echo(f"{key:<{width}}  {_cell(value)}")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
    if isinstance(value, list | tuple):
        return (" | " if value and isinstance(value[0], Mapping) else ", ").join(_cell(v) for v in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_cell(item)}" for key, item in value.items() if item not in (None, ""))
    if isinstance(value, bool):
        return "✓" if value else "–"
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else "·" for c in text)  # names come from outside: no terminal tricks


def read_secret(file: str) -> str:
    """A secret from a file or, with ``-``, from standard input; never from an argument others can see."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError("setup.file", file=file, detail=str(error)) from error
    return text.strip("\r\n")


def read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SetupError("setup.file", file=file, detail=error.strerror or str(error)) from error
