"""``axis report``: what it prints, what it writes, and how it says no."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import random
from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from axis.cli.report import _write, report
from axis.domain.errors import ConflictError
from axis.hub.reporting.questions import KINDS
from axis.store.reports import Counters
from tests.cli.conftest import said
from tests.hub.month import Month, empty, traffic
from tests.hub.world import PORTS, RAIL, ROADS
from tests.sheets import office

__all__ = ["empty"]

Axis = Callable[..., Coroutine[Any, Any, Result]]


@pytest.fixture
def axis(data_folder: Path, database_url: str) -> Axis:
    """The group by itself, as the ``axis`` of the other suites."""

    async def call(*args: object, lang: str = "vi") -> Result:
        environment = {"AXIS_DATA": str(data_folder), "AXIS_DATABASE_URL": database_url, "AXIS_LANG": lang,
                       "AXIS_BY": "cli:thu", "AXIS_INTAKE_FREE_BYTES": "0", "COLUMNS": "200"}  # fmt: skip
        result = await asyncio.to_thread(CliRunner().invoke, report, [str(arg) for arg in args], env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture
async def filled(empty: Month) -> Month:
    await traffic(empty.ledger, random.Random(7), 60)
    return empty


async def test_the_list_describes_every_report_in_both_languages(axis: Axis) -> None:
    found = {row["name"]: row for row in said(await axis("list", "--json"))}
    assert set(found) == set(KINDS)
    assert all(row[key] for row in found.values() for key in ("vi", "en", "about_vi", "about_en"))
    for lang, words in (("vi", "Từng văn bản bị từ chối"), ("en", "Each document that was returned")):
        result = await axis("list", lang=lang)
        assert result.exit_code == 0 and words in result.stdout


@pytest.mark.parametrize("name", [*KINDS, "reconcile"])
async def test_every_report_is_shown_on_the_screen_and_as_json(filled: Month, axis: Axis, name: str) -> None:
    asked = (name, "--quarter", "2019Q2", "--unit", ROADS)
    shown = await axis(*asked)
    assert shown.exit_code == 0, shown.output
    found = said(await axis(*asked, "--format", "json"))
    assert found["unit"]["code"] == ROADS and found["made_by"] == "cli:thu"
    assert found["period"] == {"name": "2019Q2", "from": "2019-04-01", "to": "2019-06-30"}
    for sheet in found["sheets"]:
        assert sheet["title"] in shown.stdout


async def test_a_file_is_written_whole_or_not_at_all(filled: Month, axis: Axis, tmp_path: Path) -> None:
    for name in ("so.xlsx", "so.csv", "so.html", "so.json"):
        result = await axis("outgoing-register", "--month", "2019-06", "--unit", ROADS, "--output", tmp_path / name)
        assert (result.exit_code, result.stdout) == (0, "") and name in result.stderr, result.output
    written = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    assert written == ["so.csv", "so.html", "so.json", "so.xlsx"]
    rows = json.loads((tmp_path / "so.json").read_text())["sheets"][0]["rows"]
    told = list(csv.reader(io.StringIO((tmp_path / "so.csv").read_text("utf-8-sig")), delimiter=";"))
    assert len(told) == len(rows) + 1 > 3
    assert [line[0] for line in told[1:]] == [row["code"] for row in rows]
    piped = await axis("outgoing-register", "--month", "2019-06", "--unit", ROADS, "--format", "csv")
    assert piped.stdout_bytes == (tmp_path / "so.csv").read_bytes()
    exported = await filled.world.journal("report.exported")
    assert [(row["actor"], row["data"]["report"], row["data"]["format"]) for row in exported] == [
        ("cli:thu", "outgoing-register", form) for form in ("xlsx", "csv", "html", "json", "csv")
    ]
    assert {row["unit_id"] for row in exported} == {filled.unit(ROADS).id}
    assert (await axis("outgoing-register", "--month", "2019-06", "--unit", ROADS)).exit_code == 0
    assert len(await filled.world.journal("report.exported")) == 5, "what is only looked at is no export"
    result = await axis("summary", "--output", tmp_path / "none" / "so.csv")
    assert result.exit_code == 7 and "[setup.file]" in result.stderr


async def test_the_workbook_of_a_month_has_the_same_totals_and_no_formula(
    filled: Month, axis: Axis, tmp_path: Path
) -> None:
    file = tmp_path / "thang.xlsx"
    asked = ("summary", "--month", "2019-06")
    assert (await axis(*asked, "--output", file)).exit_code == 0
    found = said(await axis(*asked, "--format", "json"))
    book = openpyxl.load_workbook(file)
    assert not [cell for page in book for line in page.iter_rows() for cell in line if cell.data_type == "f"]
    for sheet, page in zip(found["sheets"], book.worksheets, strict=False):
        lines = [[cell.value for cell in line] for line in page.iter_rows()]
        (totals,) = [line for line in lines if line[0] == "Tổng cộng"]
        wanted = [sheet["totals"][column["key"]] for column in sheet["columns"]]
        assert list(totals[2:]) == pytest.approx(wanted[2:])
        for row in sheet["rows"]:
            (line,) = [line for line in lines if line[0] == row["unit"]]
            assert line[2:] == pytest.approx([row[column["key"]] for column in sheet["columns"]][2:])
    plain = office.converted(file, office.AS_CSV, tmp_path).read_text("utf-8-sig")  # the first sheet: what was sent
    (line,) = [line for line in csv.reader(io.StringIO(plain), delimiter=";") if line and line[0] == "Tổng cộng"]
    assert [int(line[2]), int(line[3])] == [found["sheets"][0]["totals"][key] for key in ("packages", "targets")]


async def test_a_counterpart_narrows_every_report(filled: Month, axis: Axis) -> None:
    found = said(await axis("returned", "--year", 2019, "--unit", ROADS, "--with", RAIL, "--format", "json"))
    for row in found["sheets"][0]["rows"]:
        assert {row["sender"], row["receiver"]} == {ROADS, RAIL}
    found = said(await axis("incoming-register", "--year", 2019, "--unit", ROADS, "--with", PORTS, "--format", "json"))
    assert {row["author"] for row in found["sheets"][0]["rows"]} <= {f"Đơn vị {PORTS}"}


@pytest.mark.parametrize(
    ("exit_code", "code", "args"),
    [(4, "report.bad-period", ["summary", "--month", "sáu"]),
     (4, "report.period-conflict", ["summary", "--month", "2019-06", "--year", "2019"]),
     (4, "report.period-order", ["summary", "--from", "2019-06-02", "--to", "2019-06-01"]),
     (4, "report.unit-needed", ["outgoing-register"]), (3, "report.unknown-unit", ["summary", "--unit", "X9"]),
     (4, "report.no-counterpart", ["reconcile", "--with", RAIL]), (4, "report.bad-period", ["summary", "--half", "3"]),
     (4, "report.bad-format", ["summary", "--format", "pdf"]),
     (4, "report.bad-format", ["summary", "--output", "so.doc"])],
)  # fmt: skip
async def test_what_cannot_be_made_is_refused_in_both_languages(
    filled: Month, axis: Axis, exit_code: int, code: str, args: list[str]
) -> None:
    texts = []
    for lang in ("vi", "en"):
        result = await axis(*args, lang=lang)
        assert (result.exit_code, result.stdout) == (exit_code, ""), result.output
        assert f"[{code}]" in result.stderr
        texts.append(result.stderr)
    assert texts[0] != texts[1]


async def test_the_reconciliation_counts_the_rows_anew_when_asked(filled: Month, axis: Axis) -> None:
    found = said(await axis("reconcile", "--month", "2019-06", "--deep", "--format", "json"))
    assert [sheet["name"] for sheet in found["sheets"]] == ["sent", "received", "findings"]
    assert found["sheets"][2]["rows"] == []
    shown = await axis("reconcile", "--month", "2019-06")
    assert "Chênh lệch bằng 0 ở mọi đơn vị." in shown.stdout


async def test_a_file_that_exists_is_replaced_only_when_that_is_wished(
    filled: Month, axis: Axis, tmp_path: Path
) -> None:
    file, other = tmp_path / "so.csv", tmp_path / "so.csv.part"
    file.write_text("bản duy nhất")
    other.write_text("của người khác")
    asked = ("summary", "--half", "2019H1", "--output", file)
    texts = set()
    for lang in ("vi", "en"):
        result = await axis(*asked, lang=lang)
        assert result.exit_code == 5 and "[report.file-exists]" in result.stderr
        texts.add(result.stderr)
    assert len(texts) == 2 and file.read_text() == "bản duy nhất"
    assert await filled.world.journal("report.exported") == [], "nothing was taken away"
    assert (await axis(*asked, "--force")).exit_code == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbf") and other.read_text() == "của người khác"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["so.csv", "so.csv.part"]
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "nowhere")
    result = await axis("summary", "--force", "--output", link)
    assert result.exit_code == 4 and "[report.no-file]" in result.stderr and link.is_symlink()


async def test_a_file_that_somebody_else_writes_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "so.json"

    async def pieces() -> AsyncGenerator[bytes, None]:
        file.write_text("trước")
        yield b"{}"

    with pytest.raises(ConflictError, match=r"report\.file-exists"):
        await _write(pieces(), file, force=False)
    assert file.read_text() == "trước" and [path.name for path in tmp_path.iterdir()] == ["so.json"]


async def test_a_reconciliation_that_does_not_add_up_ends_with_1_in_every_format(filled: Month, axis: Axis) -> None:
    asked = ("reconcile", "--year", "2019")
    good = await axis(*asked, "--deep", "--format", "json")
    assert good.exit_code == 0 and said(good)["balanced"] is True
    assert "balanced" not in said(await axis("summary", "--year", "2019", "--format", "json"))
    await Counters(filled.ledger.database).fold()
    await filled.ledger.run("update tally set told = told + 1")
    assert (await axis(*asked)).exit_code == 0, "the ends add up: only a recount sees it"
    for form in ("table", "json", "csv", "html"):
        result = await axis(*asked, "--deep", "--format", form)
        assert result.exit_code == 1 and "không khớp" in result.stderr, form
    assert json.loads((await axis(*asked, "--deep", "--format", "json")).stdout)["balanced"] is False
    await filled.ledger.run("update tally set waiting = waiting + 1")
    result = await axis(*asked, "--format", "json")
    assert result.exit_code == 1 and json.loads(result.stdout)["balanced"] is False
