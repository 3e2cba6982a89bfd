"""``axis errors`` and ``axis completion``: reference written from the tables themselves."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from axis.cli.common import json_option, print_json
from axis.domain.catalogue import entries


@click.command()
@click.option("--markdown", is_flag=True, help="Ghi docs/errors.md · the reference page.")
@json_option
def errors(markdown: bool, as_json: bool) -> None:
    """Bảng mã lỗi: điều gì, vì sao, làm gì · every code: what, why, what to do."""
    rows = sorted(entries().items())
    if as_json:
        print_json(
            [
                {
                    "code": c,
                    "remedy": e.remedy.value,
                    "vi": e.vi,
                    "en": e.en,
                    "do_vi": e.do_vi,
                    "do_en": e.do_en,
                }
                for c, e in rows
            ]
        )
        return
    if markdown:
        click.echo("# Mã lỗi · Error codes\n\nWritten by `axis errors --markdown`; do not edit by hand.\n")
        click.echo("| code | class | vi | en |\n|---|---|---|---|")
        for code, e in rows:
            cells = (f"{e.vi} {e.do_vi}", f"{e.en} {e.do_en}")
            click.echo(
                f"| `{code}` | {e.remedy.value} | " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"
            )
        return
    for code, e in rows:
        click.echo(f"{code}  ({e.remedy.value})\n    {e.vi} {e.do_vi}\n    {e.en} {e.do_en}")


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """In mã gợi ý lệnh: eval "$(axis completion bash)" · print the completion script."""
    from axis.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "axis", "_AXIS_COMPLETE").source())
