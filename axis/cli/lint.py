"""``axis lint``: all findings about a package at once, so that mending takes one round, not three."""

from __future__ import annotations

from pathlib import Path

import click

from axis.cli.common import fail, json_option, language, print_json
from axis.domain.catalogue import Severity
from axis.domain.errors import AxisError, SetupError
from axis.edxml import linter


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def lint(files: tuple[Path, ...], as_json: bool) -> None:
    """Soát lỗi tệp edXML: mọi lỗi trong một lần · every finding with element, line, rule and remedy.

    Exit 0 without errors (warnings may remain), 1 with errors.
    """
    reports = {}
    try:
        for file in files:
            if not file.is_file():
                raise SetupError("setup.file", file=file, detail="not a file")
            reports[str(file)] = linter.lint(file)
    except AxisError as error:
        raise SystemExit(fail(error)) from None
    if as_json:
        print_json([{"file": name, **report.to_json()} for name, report in reports.items()])
    else:
        for name, report in reports.items():
            for finding in report.findings:
                mark = "✗" if finding.severity is Severity.ERROR else "!"
                where = f"{name}:{finding.line}" if finding.line else name
                click.echo(f"{mark} {where} {finding.path} [{finding.rule}]\n    {finding.text(language())}")
            errors = sum(f.severity is Severity.ERROR for f in report.findings)
            click.echo(f"{name}: {errors} lỗi · errors, {len(report.findings) - errors} cảnh báo · warnings")
    raise SystemExit(0 if all(report.ok for report in reports.values()) else 1)
