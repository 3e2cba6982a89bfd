"""``axis trust``: the authorities whose certificates the axis believes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from axis.app import open_core
from axis.cli.common import by_option, config_option, data_option, json_option, print_rows, run, say
from axis.config import load
from axis.trust.certificates import describe, load_certificates, parse


@click.group()
def trust() -> None:
    """Chứng thư gốc được tin cậy · authorities the axis trusts."""


@trust.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@by_option
@data_option
@config_option
def add(file: Path, actor: str, data: Path, config_file: Path | None) -> None:
    """Tin cậy các chứng thư gốc trong tệp PEM · trust every certificate of a PEM file."""

    async def work() -> None:
        certificates = load_certificates(file)
        async with open_core(load(data, config_file), connections=2) as core:
            for certificate in certificates:
                fresh = await core.onboarding.trust(certificate, actor=actor)
                subject = describe(certificate).subject
                say(
                    f"{'Đã thêm' if fresh else 'Đã có từ trước'}: {subject}",
                    f"{'Added' if fresh else 'Known'}: {subject}",
                )

    run(work)


@trust.command("list")
@data_option
@config_option
@json_option
def list_anchors(data: Path, config_file: Path | None, as_json: bool) -> None:
    """Danh sách chứng thư gốc · the trust anchors."""

    async def work() -> list[dict[str, Any]]:
        async with open_core(load(data, config_file), connections=2) as core:
            return [
                {"fingerprint": row["fingerprint"], "subject": row["subject"], "added_at": row["added_at"],
                 "valid_to": parse(bytes(row["certificate"])).not_valid_after_utc}
                for row in await core.units.list_anchors()
            ]  # fmt: skip

    columns = {
        "subject": "Chủ thể · Subject",
        "valid_to": "Hiệu lực tới · Valid to",
        "fingerprint": "SHA-256",
    }
    print_rows(
        run(work), columns, "Chưa tin cậy chứng thư gốc nào: `axis trust add CA.pem` · none yet.", as_json
    )


@trust.command("remove")
@click.argument("fingerprint")
@by_option
@data_option
@config_option
def remove(fingerprint: str, actor: str, data: Path, config_file: Path | None) -> None:
    """Thôi tin cậy một chứng thư gốc · stop trusting an authority."""

    async def work() -> None:
        async with open_core(load(data, config_file), connections=2) as core:
            subject = await core.onboarding.distrust(fingerprint.lower(), actor=actor)
        say(f"Không còn tin cậy: {subject}", f"No longer trusted: {subject}")

    run(work)
