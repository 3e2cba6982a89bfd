"""``axis serve`` and ``axis migrate``.

With several workers the first process keeps the embedded database and starts the others; each is a
whole hub on the same address (SO_REUSEPORT) and the same database. A worker that dies is started again.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import click
import uvloop

from axis.app import Hub, open_hub
from axis.cli.common import config_option, data_option, fail, json_option, print_rows, run, say
from axis.cli.people import link_url
from axis.config import Config, load
from axis.domain.errors import AxisError, SetupError
from axis.store import migrator
from axis.store.embedded import Embedded
from axis.telemetry import configure_logging

CANNOT_START = 7  # the exit code of a SetupError: trying again changes nothing


@click.command()
@data_option
@config_option
@click.option("--listen", help="HOST:PORT của API · of the API (port 0: any free one).")
@click.option("--admin", help="HOST:PORT của /livez /readyz /metrics · of health and metrics.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Số tiến trình · processes."
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path),
    help="Ghi JSON cổng khi sẵn sàng · written with the ports when ready.",
)
@click.option("--worker", is_flag=True, hidden=True)
def serve(
    data: Path, config_file: Path | None, listen: str | None, admin: str | None, workers: int,
    ready_file: Path | None, worker: bool,
) -> None:  # fmt: skip
    """Chạy trục cho tới khi nhận SIGTERM · serve until SIGTERM; what is under way is finished first.

    Without a configured database, PostgreSQL runs embedded under DATA.
    """
    try:
        config = load(data, config_file)
        if listen:
            config = replace(config, listen=replace(config.listen, public=listen))
        if admin:
            config = replace(config, listen=replace(config.listen, admin=admin))
        configure_logging(config.log.level)
        work = (
            _workers(config, config_file, workers, ready_file)
            if workers > 1
            else _serve(config, ready_file, worker)
        )
        code = uvloop.run(work)
    except AxisError as error:
        raise SystemExit(fail(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    if code:
        raise SystemExit(code)


def _until_told() -> asyncio.Event:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


async def _serve(config: Config, ready_file: Path | None, worker: bool) -> int:
    told = _until_told()
    async with open_hub(config, reuse_port=worker) as hub:
        host = config.listen.public.rpartition(":")[0] or "127.0.0.1"
        if ready_file:
            _write_ready(ready_file, {"port": hub.port, "admin_port": hub.admin_port, "pid": os.getpid()})
        say(
            f"Trục sẵn sàng: http://{host}:{hub.port}{config.listen.prefix} · quản trị: cổng {hub.admin_port}",
            f"Axis ready: http://{host}:{hub.port}{config.listen.prefix} · admin: port {hub.admin_port}",
        )
        if config.console.enabled:
            await _first_run(config, hub)
        courier = asyncio.ensure_future(hub.failed())
        waiter = asyncio.ensure_future(told.wait())
        done, _ = await asyncio.wait({courier, waiter}, return_when=asyncio.FIRST_COMPLETED)
        waiter.cancel()
        if courier in done:
            courier.result()
        courier.cancel()
        say("Đang dừng, chờ việc dở dang kết thúc …", "Stopping, letting work under way end …")
    return 0


async def _first_run(config: Config, hub: Hub) -> None:
    """While the console has no operator: the way in, once. Which process says it, the database decides."""
    link = await hub.core.accounts.staffing.first_run(actor="axis")
    if link is not None:
        say(
            "Trang web chưa có người vận hành. Người vận hành đầu tiên vào bằng đường dẫn dùng một lần này"
            " (mất thì `axis person first-run`):",
            "The console has no operator yet. The first one comes in by this one-time link"
            " (lost? `axis person first-run`):",
        )
        click.echo(link_url(config, link, hub.port))


def _write_ready(file: Path, facts: dict[str, int]) -> None:
    part = file.with_name(f"{file.name}.{os.getpid()}")
    part.write_text(json.dumps(facts))
    part.replace(file)


async def _workers(config: Config, config_file: Path | None, count: int, ready_file: Path | None) -> int:
    told = _until_told()
    if config.listen.public.endswith(":0"):
        raise SetupError("setup.address", address=config.listen.public, detail="workers need a fixed port")
    async with AsyncExitStack() as stack:
        url = config.database.url
        if not url:
            binaries = Path(config.database.binaries) if config.database.binaries else None
            url = (await stack.enter_async_context(Embedded(config.data, bin_dir=binaries))).dsn
        await migrator.migrate(url)
        async with asyncio.TaskGroup() as group:
            keepers = [
                group.create_task(_keep(config, config_file, url, told, ready_file if number == 0 else None))
                for number in range(count)
            ]
    return max(keeper.result() for keeper in keepers)


async def _keep(
    config: Config, config_file: Path | None, url: str, told: asyncio.Event, ready_file: Path | None
) -> int:
    """One worker, started again when it dies. 7: it cannot be configured, so all of them stop."""
    command = [sys.executable, "-m", "axis.cli.main", "serve", "--worker", "--data", str(config.data)]
    command += ["--listen", config.listen.public, "--admin", "127.0.0.1:0"]
    command += ["--config", str(config_file)] if config_file else []
    command += ["--ready-file", str(ready_file)] if ready_file else []
    environment = {**os.environ, "AXIS_DATABASE_URL": url}
    while not told.is_set():
        child = await asyncio.create_subprocess_exec(*command, env=environment, start_new_session=True)
        ended, stop = asyncio.ensure_future(child.wait()), asyncio.ensure_future(told.wait())
        await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if told.is_set() and child.returncode is None:
            child.send_signal(signal.SIGTERM)
        code = await ended
        if code == CANNOT_START and not told.is_set():
            told.set()
            return code
        if not told.is_set():
            say(
                f"Tiến trình {child.pid} kết thúc (mã {code}), khởi động lại",
                f"Worker {child.pid} ended ({code}), restarting",
            )
            await asyncio.sleep(0.5)
    return 0


@click.command()
@data_option
@config_option
@click.option("--status", "only_status", is_flag=True, help="Chỉ xem · only show.")
@json_option
def migrate(data: Path, config_file: Path | None, only_status: bool, as_json: bool) -> None:
    """Nâng cấp cơ sở dữ liệu · apply what the database lacks; refuse one newer than this program."""

    async def work() -> list[dict[str, object]]:
        config = load(data, config_file)
        async with AsyncExitStack() as stack:
            url = config.database.url or (await stack.enter_async_context(Embedded(config.data))).dsn
            if not only_status:
                await migrator.migrate(url)
            found = await migrator.status(url)
        return [
            {"number": m.number, "name": m.name, "applied_at": m.applied_at, "sha256": m.sha256}
            for m in found
        ]

    rows = run(work)
    print_rows(rows, {"number": "#", "name": "Migration", "applied_at": "Áp dụng · Applied"}, "–", as_json)
