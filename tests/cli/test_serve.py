"""The command as a process: serving until told to stop, exit codes, and faults that keep their insides."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import lxml.html
import pyotp
import pytest
from aiohttp import ClientSession, CookieJar
from yarl import URL

from axis.demo.authority import write_certificates
from axis.demo.vxp_client import VxpClient
from tests.conftest import ServerForTests
from tests.hub.world import MINISTRY, ROADS, ROOT, document, seal_of, signed, until

INVITATION = re.compile(r"http://127\.0\.0\.1:\d+(/console/invitation/[A-Za-z0-9_-]{43})\n")
PASSWORD = "một câu dễ nhớ của riêng tôi"


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


@asynccontextmanager
async def serving(machine: Machine, ready: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, URL]]:
    """A hub in a process of its own, and where its people find it."""
    hub = await machine.start("serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--ready-file", ready)
    try:
        await until(lambda: ready.exists() or hub.returncode is not None, 40)
        yield hub, URL(f"http://127.0.0.1:{json.loads(ready.read_text())['port']}")
    finally:
        if hub.returncode is None:
            hub.send_signal(signal.SIGTERM)
            await asyncio.wait_for(hub.communicate(), 30)


async def read_link(hub: asyncio.subprocess.Process) -> str:
    assert hub.stdout is not None
    line = (await asyncio.wait_for(hub.stdout.readline(), 20)).decode()
    found = INVITATION.fullmatch(line)
    assert found, line
    return found[1]


async def seen(browser: ClientSession, url: URL | str) -> lxml.html.HtmlElement:
    async with browser.get(url, allow_redirects=False) as answer:
        text = await answer.text()
        assert answer.status == 200, (url, answer.status, answer.headers.get("Location"), text[:1000])
        return lxml.html.document_fromstring(text)


async def sent(
    browser: ClientSession, url: URL | str, page: lxml.html.HtmlElement, **fields: str
) -> lxml.html.HtmlElement:
    """The form of a page, filled in; what the axis shows then."""
    token = str(page.xpath("string(//form[@method='post']//input[@name='csrf']/@value)"))
    async with browser.post(url, data={"csrf": token, **fields}) as answer:
        text = await answer.text()
        assert answer.status == 200, (url, answer.status, text[:2000])
        return lxml.html.document_fromstring(text)


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
    assert b"Traceback" not in err
    assert INVITATION.fullmatch(out.decode()), "one link, whichever process printed it, and nothing else"


async def test_the_first_operator_comes_in_by_the_link_that_serving_prints(machine: Machine, tmp_path: Path) -> None:
    """Only while there is nobody: the next start says nothing."""
    async with serving(machine, tmp_path / "ready") as (hub, site):
        link = str(site / (await read_link(hub)).lstrip("/"))
        jar = CookieJar(unsafe=True, treat_as_secure_origin=[site])
        async with ClientSession(cookie_jar=jar) as browser:
            page = await seen(browser, link)
            fields = {"login": "an.nv", "name": "Nguyễn Văn An", "password": PASSWORD, "repeat": PASSWORD}
            page = await sent(browser, link, page, **fields)
            secret = parse_qs(urlsplit(str(page.xpath("string(//a[starts-with(@href, 'otpauth:')]/@href)"))).query)
            code = pyotp.TOTP(secret["secret"][0]).now()
            await sent(browser, site / "console/sign-in/enrol", page, code=code)
            overview = await seen(browser, site / "console/ops")
            assert "Nguyễn Văn An" in overview.text_content()
            async with browser.get(site) as answer:
                assert "Nguyễn Văn An" in await answer.text(), "the bare name of the host leads here"
        told = {f["subject"]: f["text"] for f in json.loads((await machine.run("doctor", "--json"))[1])}
        assert "hub.public_url" in told["console"], "somebody can sign in; links for people lead to this machine only"
    async with serving(machine, tmp_path / "again") as (hub, site):
        assert (await asyncio.to_thread(urlopen, str(site / "console/sign-in"))).status == 200
        hub.send_signal(signal.SIGTERM)
        assert (await hub.communicate())[0] == b""


async def test_a_console_that_is_switched_off_is_not_there_and_needs_nobody(machine: Machine, tmp_path: Path) -> None:
    machine.environment["AXIS_CONSOLE_ENABLED"] = "false"
    async with serving(machine, tmp_path / "ready") as (hub, site):
        async with ClientSession() as browser, browser.get(site / "console/sign-in") as answer:
            assert answer.status == 404
        hub.send_signal(signal.SIGTERM)
        assert (await hub.communicate())[0] == b""


async def test_a_secret_of_sign_on_that_others_may_read_keeps_the_axis_from_starting(
    machine: Machine, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("s3cr3t-of-oidc")
    (tmp_path / "secret").chmod(0o644)
    machine.environment |= {"AXIS_CONSOLE_OIDC_ISSUER": "https://id.example", "AXIS_CONSOLE_OIDC_CLIENT_ID": "axis",
                            "AXIS_CONSOLE_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret")}  # fmt: skip
    code, out, err = await machine.run("serve", "--listen", "127.0.0.1:0")
    assert code == 7 and "[" in err and "s3cr3t" not in out + err and "Traceback" not in err


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
