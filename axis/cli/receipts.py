"""``axis receipt`` and ``axis verify``: proof to keep, and how anybody checks it without the axis."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from axis.cli.common import (
    config_option,
    data_option,
    done,
    fail,
    json_option,
    language,
    print_json,
    print_rows,
    read_bytes,
    run,
    told_json_option,
)
from axis.config import load
from axis.core import open_core
from axis.domain.errors import AxisError, SetupError
from axis.trust import receipts
from axis.trust.certificates import TrustAnchors, load_certificates


@click.group()
def receipt() -> None:
    """Biên nhận có chữ ký số · signed receipts."""


@receipt.command("list")
@click.argument("package_id", type=click.UUID)
@data_option
@config_option
@json_option
def list_receipts(package_id: UUID, data: Path, config_file: Path | None, as_json: bool) -> None:
    """Biên nhận của một gói tin · the receipts of one package."""

    async def work() -> list[dict[str, Any]]:
        async with open_core(load(data, config_file), connections=2) as core:
            return [dict(row) for row in await core.packages.receipts_of(package_id)]

    columns = {"event_id": "Biên nhận · Receipt", "event": "Sự kiện · Event", "made_at": "Lúc · When"}
    print_rows(
        run(work), columns, "Không có biên nhận nào cho gói này · no receipts for this package.", as_json
    )


@receipt.command("export")
@told_json_option
@click.argument("package_ids", nargs=-1, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="Mọi biên nhận · all of them.")
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Thư mục · folder.",
)
@data_option
@config_option
def export(
    package_ids: tuple[UUID, ...], everything: bool, folder: Path, data: Path, config_file: Path | None
) -> None:
    """Ghi biên nhận ra tệp FOLDER/PACKAGE/EVENT.jws · write receipts as files."""
    if everything == bool(package_ids):
        raise click.UsageError("PACKAGE_IDS | --all")

    async def work() -> int:
        count = 0
        columns = (TextColumn("{task.description}"), TextColumn("{task.completed}"), TimeElapsedColumn())
        console = Console(stderr=True)
        async with open_core(load(data, config_file), connections=2) as core:
            with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
                task = progress.add_task("Biên nhận · receipts", total=None)
                last: UUID | None = None
                pending = list(package_ids)
                rows: list[Any] = []
                while True:
                    if everything:
                        rows = list(await core.packages.receipts_after(last, 1000))
                    elif pending:
                        package_id = pending.pop(0)
                        found = await core.packages.receipts_of(package_id)
                        rows = [{**row, "package_id": package_id} for row in found]
                    for row in rows:
                        _write(folder, row)
                    count += len(rows)
                    progress.advance(task, len(rows))
                    if (everything and not rows) or (not everything and not pending):
                        return count
                    last = rows[-1]["event_id"] if rows else last

    count = run(work)
    facts = {"receipts": count, "folder": folder}
    done(facts, f"Đã ghi {count} biên nhận vào {folder}.", f"Wrote {count} receipts to {folder}.")


def _write(folder: Path, row: Any) -> None:
    try:
        place = folder / str(row["package_id"])
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{row['event']}-{row['event_id']}.jws").write_text(row["jws"], encoding="ascii")
    except OSError as error:
        raise SetupError("setup.file", file=folder, detail=error.strerror or str(error)) from error


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--trust",
    "anchors",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="Chứng thư gốc của trục (PEM) · the axis's root certificate.",
)
@click.option(
    "--package",
    "package_file",
    type=click.Path(path_type=Path),
    help="Gói tin cần đối chiếu · the package it speaks of.",
)
@click.option("--signer", help="SHA-256 của chứng thư ký biên nhận, khi chứng thư gốc còn cấp cho nơi khác · fingerprint of the axis's receipt certificate, for a root that issues to others too.")
@json_option
def verify(
    files: tuple[Path, ...], anchors: tuple[Path, ...], package_file: Path | None, signer: str | None, as_json: bool
) -> None:
    """Kiểm tra biên nhận, không cần mạng · check receipts offline and say what they prove. Exit 1: one does not hold."""
    try:
        trusted = TrustAnchors([c for file in anchors for c in load_certificates(file)])
    except AxisError as error:
        raise SystemExit(fail(error)) from None
    results: list[dict[str, Any]] = []
    for file in files:
        try:
            check = receipts.verify(read_bytes(file), trusted, at=datetime.now(UTC), package=package_file, signer=signer)
        except SetupError as error:
            raise SystemExit(fail(error)) from None
        except AxisError as error:
            results.append(
                {"file": str(file), "valid": False, "code": error.code, "text": error.text(language())}
            )
        else:
            results.append({"file": str(file), "valid": True, "package_checked": check.package_checked,
                            "claims": check.claims.to_json(), "text": receipts.explain(check, language(), command=True)})  # fmt: skip
    if as_json:
        print_json(results)
    else:
        for result in results:
            click.echo(f"{'✓' if result['valid'] else '✗'} {result['file']}\n{result['text']}\n")
    raise SystemExit(0 if all(r["valid"] for r in results) else 1)
