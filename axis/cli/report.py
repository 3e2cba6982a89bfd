"""``axis report``: figures, lists and registers of any period, on the screen or as a file.

A file is journalled before it is written, as one that is taken through the console is. It takes its name when it is
whole, and never the place of another one unless that was wished. ``reconcile`` exits 1 when something does not add up.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from axis.cli.common import (
    by_option,
    config_option,
    data_option,
    json_option,
    language,
    print_facts,
    print_rows,
    run,
    say,
)
from axis.config import load
from axis.core import open_core
from axis.domain.errors import ConflictError, PackageError, SetupError
from axis.domain.events import Event
from axis.domain.period import Period
from axis.hub.reporting import files as report_files
from axis.hub.reporting.questions import KINDS, Kind
from axis.sheets.cell import settle, shown
from axis.sheets.sheet import Column, Language, Report, Row, Sheet

WIDE = 12  # columns: a wider table is told row by row
TOLD_EVERY = 1 << 20  # bytes between two words about progress
UNBALANCED = 1  # exit code of a reconciliation whose difference is not 0


@click.group()
def report() -> None:
    """Báo cáo, thống kê, sổ đăng ký · reports, figures, registers."""


@report.command("list")
@json_option
def list_reports(as_json: bool) -> None:
    """Có những báo cáo nào · which reports there are."""
    rows = [
        {"name": kind.name, "vi": kind.vi, "en": kind.en, "about_vi": kind.about_vi, "about_en": kind.about_en,
         "of_unit": kind.of_unit}
        for kind in KINDS.values()
    ]  # fmt: skip
    about = f"about_{language()}"
    columns = {"name": "Báo cáo · Report", "vi": "Tên", "en": "Title", about: "Nội dung · About"}
    print_rows(rows, columns, "–", as_json)


def _command(kind: Kind) -> click.Command:
    @click.command(kind.name, help=f"{kind.about_vi} · {kind.about_en}.", short_help=f"{kind.vi} · {kind.en}.")
    @click.option("--day", default="", help="Một ngày · one day: 2019-06-03.")
    @click.option("--week", default="", help="Một tuần · one week: 2019-W23.")
    @click.option("--month", default="", help="Một tháng · one month: 2019-06 (mặc định tháng này · default: this one).")
    @click.option("--quarter", default="", help="Một quý · one quarter: 2019Q2.")
    @click.option("--half", default="", help="Nửa năm · half a year: 2019H1.")
    @click.option("--year", default="", help="Một năm · one year: 2019.")
    @click.option("--from", "first", default="", help="Từ ngày, kể cả ngày đó · first day, included.")
    @click.option("--to", "last", default="", help="Đến ngày, kể cả ngày đó · last day, included.")
    @click.option("--unit", default="", help="Mã đơn vị · code of the unit.")
    @click.option("--with", "counterpart", default="", help="Chỉ với đơn vị này · traffic with this unit only.")
    @click.option("--format", "form", default="", help="table | json | csv | xlsx | html.")
    @click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Ghi ra tệp · write to a file.")
    @click.option("--force", is_flag=True, help="Thay tệp đã có · replace a file that exists.")
    @click.option("--deep", is_flag=True, hidden=kind.name != "reconciliation",
                  help="Đếm lại từng dòng, nêu chỗ sai · count the rows anew and name what is wrong.")
    @by_option
    @data_option
    @config_option
    def command(
        unit: str, counterpart: str, form: str, output: Path | None, force: bool, deep: bool, actor: str, data: Path,
        config_file: Path | None, **period: str,
    ) -> None:  # fmt: skip
        async def work() -> bool:
            wanted = _form(form, output)
            if output is not None:
                _free(output, force)
            asked = Period.parse(datetime.now(UTC), **period)
            async with open_core(load(data, config_file), connections=2) as core:
                reports = core.reports
                spoken: Language = "en" if language() == "en" else "vi"
                question = await reports.ask(
                    kind.name, asked, unit=unit, counterpart=counterpart, made_by=actor, language=spoken, deep=deep
                )
                made = await reports.make(question)
                if wanted == "table":
                    await _show(made)
                    return _balanced(made)
                await core.journal.write(
                    Event.EXPORTED, actor=actor, unit_id=question.unit_id,
                    data={"report": kind.name, "period": asked.name, "format": wanted, "with": counterpart},
                )
                async with aclosing(report_files.pieces(made, question, wanted)) as pieces:
                    await _write(pieces, output, force)
                return _balanced(made)

        if not run(work):
            raise SystemExit(UNBALANCED)

    return command


def _form(form: str, output: Path | None) -> str:
    """The format asked for, or the one the file's name tells; on the screen a table."""
    wanted = form or (output.suffix.removeprefix(".").lower() if output else "table")
    if wanted != "table" or output:
        report_files.media_type(wanted)
    if wanted == "xlsx" and output is None and sys.stdout.isatty():
        raise PackageError("report.no-terminal")
    return wanted


def _balanced(made: Report) -> bool:
    """Whether it adds up, told in every format: a program looks at the exit code. Other reports check nothing."""
    if made.balanced is None or made.balanced():
        return True
    say("Số liệu không khớp: chênh lệch khác 0, hoặc đếm lại thấy sai.",
        "It does not add up: a difference is not 0, or the recount found something wrong.")  # fmt: skip
    return False


def _free(output: Path, force: bool) -> None:
    """Raises ConflictError for a file that may not be replaced."""
    if not os.path.lexists(output):
        return
    if not output.is_file():
        raise PackageError("report.no-file", file=output)
    if not force:
        raise ConflictError("report.file-exists", file=output)


async def _write(pieces: AsyncGenerator[bytes, None], output: Path | None, force: bool) -> None:
    """A file under its own name is whole: it is written beside it, under a name that nobody can have or foresee."""
    if output is None:
        await _copy(pieces, sys.stdout.buffer)
        return
    part = output.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as out:
            try:
                await _copy(pieces, out)
                _named(part, output, force)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise SetupError("setup.file", file=output, detail=error.strerror or str(error)) from error
    say(f"Đã ghi {output}.", f"Wrote {output}.")


def _named(part: Path, output: Path, force: bool) -> None:
    """Give the whole file its name. Somebody may have written one under it meanwhile: a link never replaces."""
    if not force:
        try:
            os.link(part, output)
        except FileExistsError:
            raise ConflictError("report.file-exists", file=output) from None
        except OSError:  # a file system without links
            _free(output, force)
        else:
            return
    part.replace(output)


async def _copy(pieces: AsyncGenerator[bytes, None], out: BinaryIO) -> None:
    written = told = 0
    async for piece in pieces:
        out.write(piece)
        written += len(piece)
        if written - told >= TOLD_EVERY:
            told = written
            say(f"… {written >> 20} MiB")
    out.flush()


async def _show(made: Report) -> None:
    """On the screen: each sheet as a table, or row by row when it has too many columns."""
    for sheet in made.sheets:
        click.echo(f"\n{sheet.title(made.language)}  ({', '.join(value for _, value in sheet.conditions)})")
        rows = [row async for row in _rows(sheet)]
        if sheet.totals is not None and len(rows) > 1:
            total = "Tổng cộng" if made.language == "vi" else "Total"
            rows.append({sheet.columns[0].key: total, **sheet.totals})
        told = [_told(row, sheet.columns, made.language) for row in rows]
        if len(sheet.columns) <= WIDE:
            columns = {column.key: column.title(made.language) for column in sheet.columns}
            print_rows(told, columns, "Không có dòng nào · no rows.", False)
        else:
            _facts(told, sheet, made.language)
        for note in sheet.notes:
            click.echo(note)


def _facts(told: list[dict[str, Any]], sheet: Sheet, speech: Language) -> None:
    """A block for each row with what is not 0 in it."""
    for row in told:
        shown_here = {c.title(speech): row[c.key] for c in sheet.columns if row[c.key] not in ("", "0", "0 %")}
        print_facts(shown_here)
        click.echo()


async def _rows(sheet: Sheet) -> AsyncGenerator[Row, None]:
    if isinstance(sheet.rows, AsyncIterable):
        async for row in sheet.rows:
            yield row
    else:
        for row in sheet.rows:
            yield row


def _told(row: Row, columns: tuple[Column, ...], speech: Language) -> dict[str, Any]:
    return {c.key: shown(c.kind, settle(c.kind, row.get(c.key), speech), speech) for c in columns}


for _kind in KINDS.values():
    report.add_command(_command(_kind))
report.add_command(_command(KINDS["reconciliation"]), "reconcile")
