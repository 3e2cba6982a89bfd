"""``axis trust``: the authorities whose certificates the axis believes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from axis.cli.common import (
    by_option,
    config_option,
    data_option,
    done,
    json_option,
    print_rows,
    run,
    told_json_option,
)
from axis.config import load
from axis.core import open_core
from axis.trust.certificates import describe, load_certificates, parse


@click.group()
def trust() -> None:
    """Chứng thư gốc được tin cậy · authorities the axis trusts."""


@trust.command("add")
@told_json_option
@click.argument("file", type=click.Path(path_type=Path))
@by_option
@data_option
@config_option
def add(file: Path, actor: str, data: Path, config_file: Path | None) -> None:
    """Tin cậy các chứng thư gốc trong tệp PEM · trust every certificate of a PEM file."""

    async def work() -> list[tuple[bool, str]]:
        certificates = load_certificates(file)
        async with open_core(load(data, config_file), connections=2) as core:
            return [
                (await core.onboarding.trust(one, actor=actor), describe(one).subject) for one in certificates
            ]

    found = run(work)
    done(
        {"anchors": [{"subject": subject, "added": fresh} for fresh, subject in found]},
        "\n".join(f"{'Đã thêm' if fresh else 'Đã có từ trước'}: {subject}" for fresh, subject in found),
        "\n".join(f"{'Added' if fresh else 'Known'}: {subject}" for fresh, subject in found),
    )


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
@told_json_option
@click.argument("fingerprint")
@by_option
@data_option
@config_option
def remove(fingerprint: str, actor: str, data: Path, config_file: Path | None) -> None:
    """Thôi tin cậy một chứng thư gốc · stop trusting an authority."""

    async def work() -> None:
        async with open_core(load(data, config_file), connections=2) as core:
            subject = await core.onboarding.distrust(fingerprint.lower(), actor=actor)
        done({"removed": subject}, f"Không còn tin cậy: {subject}", f"No longer trusted: {subject}")

    run(work)
