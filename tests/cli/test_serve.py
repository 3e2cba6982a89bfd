"""The command as a process: serving until told to stop, exit codes, and faults that keep their insides."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from axis.demo.authority import write_certificates
from axis.demo.vxp_client import VxpClient
from tests.conftest import ServerForTests
from tests.hub.world import MINISTRY, ROADS, ROOT, document, seal_of, signed, until


class Machine:
    """A data folder and a database, and ``python -m axis.cli.main`` on them."""

    def __init__(self, data: Path, url: str) -> None:
        self.data = data
        self.environment = {**os.environ, "AXIS_DATA": str(data), "AXIS_DATABASE_URL": url, "AXIS_LANG": "en",
                            "AXIS_INTAKE_FREE_BYTES": "0"}  # fmt: skip

    async def start(self, *args: object) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "axis.cli.main", *map(str, args), env=self.environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def run(self, *args: object) -> tuple[int, str, str]:
        process = await self.start(*args)
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()


@pytest.fixture
def machine(tmp_path: Path, postgres: ServerForTests, migrated_template: str) -> Iterator[Machine]:
    """An empty installation."""
    name = postgres.create(migrated_template)
    yield Machine(tmp_path / "data", postgres.dsn(name))
    postgres.drop(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def json_of(url: str) -> Any:
    def get() -> Any:
        with urlopen(url, timeout=10) as answer:
            return json.loads(answer.read())

    return await asyncio.to_thread(get)


@pytest.mark.parametrize("workers", [1, 2])
async def test_from_nothing_to_a_document_in_the_mailbox(machine: Machine, tmp_path: Path, workers: int) -> None:
    ROOT.write_anchor(tmp_path / "ca.pem")
    write_certificates(tmp_path / "seal.pem", seal_of(MINISTRY).chain)
    ready = tmp_path / "ready"
    serving = await machine.start(
        "serve", "--listen", f"127.0.0.1:{free_port()}", "--ready-file", ready, "--workers", workers
    )
    try:
        await until(lambda: ready.exists() or serving.returncode is not None, 40)
        ports = json.loads(ready.read_text())
        secrets = {}
        added = await asyncio.gather(
            machine.run("trust", "add", tmp_path / "ca.pem"),
            machine.run("unit", "add", MINISTRY, "--name", "Bộ", "--state", "live", "--system-id", "bo",
                        "--certificate", tmp_path / "seal.pem", "--json"),
            machine.run("unit", "add", ROADS, "--name", "Tổng cục", "--state", "live", "--system-id", "tc", "--json"),
        )  # fmt: skip
        assert [code for code, _, _ in added] == [0, 0, 0], added
        for _, out, _ in added[1:]:
            (made,) = json.loads(out)["credentials"]
            secrets[made["system_id"]] = made["secret"]
        endpoint = f"http://127.0.0.1:{ports['port']}/vxp"
        data = signed(document(MINISTRY, [ROADS]))
        async with VxpClient(endpoint, "bo", secrets["bo"]) as ministry:

            async def sent() -> bool:
                answer = await ministry.send_edoc(data)
                assert answer.ok or answer.error_code in ("15", "18", "20", "22"), answer
                return answer.ok

            await until(sent)  # the other worker learns of a new anchor within a second
        async with VxpClient(endpoint, "tc", secrets["tc"]) as roads:
            (waiting,) = await roads.received()
            assert await roads.fetch(waiting) == data
            assert (await roads.update_status(waiting, "done")).ok
        admin = f"http://127.0.0.1:{ports['admin_port']}"
        assert (await json_of(f"{admin}/readyz"))["ready"] and (await json_of(f"{admin}/livez"))["alive"]
        code, out, _ = await machine.run("delivery", "list", "--json")
        assert code == 0 and [d["state"] for d in json.loads(out)] == ["delivered"]
    finally:
        if serving.returncode is None:
            serving.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(serving.communicate(), 30)
    assert serving.returncode == 0, err.decode()
    assert b"Traceback" not in err and out == b""


async def test_an_address_in_use_is_told_and_ends_with_7(machine: Machine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, err = await machine.run("serve", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert code == 7 and "[setup.address]" in err and "Traceback" not in err


async def test_a_worker_that_cannot_be_configured_is_not_started_for_ever(machine: Machine, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, _, err = await asyncio.wait_for(machine.run("serve", "--listen", address, "--workers", 2), 40)
    assert code == 7 and "[setup.address]" in err and "Traceback" not in err


async def test_no_database_at_the_address_is_retry_later(machine: Machine) -> None:
    machine.environment["AXIS_DATABASE_URL"] = f"postgresql://a:b@127.0.0.1:{free_port()}/x"
    code, out, err = await machine.run("unit", "list")
    assert (code, out) == (6, "") and "[storage.database-away]" in err


async def test_a_fault_of_the_program_gives_an_id_and_70_not_its_insides(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import axis.cli.common as c\ndef broken(*a): raise RuntimeError('inside')\nc.run = broken\n"
    )
    machine.environment["PYTHONPATH"] = str(tmp_path)
    code, out, err = await machine.run("unit", "list")
    assert (code, out) == (70, "") and "report id" in err and "Traceback" not in err


async def test_the_version_and_help_need_no_database(machine: Machine) -> None:
    machine.environment["AXIS_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/x"
    for args in (("--version",), ("--help",), ("unit", "--help")):
        code, out, _ = await machine.run(*args)
        assert code == 0 and out
    assert (await machine.run("unit", "list", "--colour"))[0] == 2
