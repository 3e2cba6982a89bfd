"""``axis demo``: see axis.demo.scenario."""

from __future__ import annotations

from pathlib import Path

import click

from axis.demo import scenario
from axis.demo.stage import Options


@click.command()
@click.option("--keep", is_flag=True, help="Để trục chạy tiếp · leave the hub running at the end.")
@click.option(
    "--self-test", is_flag=True, help="Thoát 0 chỉ khi mọi điều đúng · exit 0 only if all of it holds."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Giữ dữ liệu ở đây · keep everything there (default: a temporary folder).",
)
@click.option("--documents", default=445, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=2019, show_default=True)
@click.option(
    "--speed",
    default=0.0,
    show_default=True,
    help="Văn bản mỗi giây, 0 = nhanh nhất · documents a second, 0 = as fast as it goes.",
)
def demo(keep: bool, self_test: bool, data: Path | None, documents: int, seed: int, speed: float) -> None:
    """Bộ GTVT năm 2019: 445 văn bản không giấy · the ministry of 2019 at work, with real programs on this machine."""
    options = Options(keep=keep, self_test=self_test, data=data, documents=documents, seed=seed, speed=speed)
    raise SystemExit(scenario.run(options))
