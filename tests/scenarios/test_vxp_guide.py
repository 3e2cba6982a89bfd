"""The client and the package printed in docs/vxp.md, run as a reader would run them, against a real hub."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import which

import pytest

from axis.app import open_hub
from axis.config import Config, ListenSection
from axis.domain.directory import Unit, UnitState
from axis.domain.document import Policy
from axis.domain.ids import new_id

GUIDE = (Path(__file__).parents[2] / "docs/vxp.md").read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)[number]


async def run(*command: str, folder: Path, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={"PATH": os.environ["PATH"], **environment}, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out
    return out.decode()


@asynccontextmanager
async def two_units(folder: Path) -> AsyncIterator[str]:
    """The endpoint of a hub that knows the guide's two units."""
    async with open_hub(Config(folder / "data", listen=ListenSection(public="127.0.0.1:0"))) as hub:
        for code, system in (("H99.01", "demo.01"), ("H99.02", "demo.02")):
            unit = Unit(new_id(), code, code, UnitState.TESTING, "mailbox", policy=Policy.REFERENCE_ONLY)
            await hub.core.onboarding.add(unit, system_id=system, secret=f"a-secret-of-{system}", actor="test")
        yield f"http://127.0.0.1:{hub.port}/vxp"


async def test_the_guides_client_sends_its_package_and_fetches_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "vxp.py").write_text(block("python"), encoding="utf-8")
    (tmp_path / "first.edxml").write_text(block("xml"), encoding="utf-8")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    async with two_units(tmp_path) as endpoint:
        client = (sys.executable, str(tmp_path / "vxp.py"), endpoint)
        sent = await run(*client, "demo.01", "a-secret-of-demo.01", "first.edxml", folder=tmp_path)
        again = await run(*client, "demo.01", "a-secret-of-demo.01", "first.edxml", folder=tmp_path)
        fetched = await run(*client, "demo.02", "a-secret-of-demo.02", folder=inbox)
        nothing = await run(*client, "demo.02", "a-secret-of-demo.02", folder=inbox)
    assert "'status': 'OK'" in sent and sent == again
    assert fetched.rstrip().endswith("OK") and nothing == ""
    (file,) = inbox.iterdir()
    assert file.read_bytes() == (tmp_path / "first.edxml").read_bytes()


@pytest.mark.skipif(not (which("curl") and which("openssl")), reason="curl and openssl are the example's tools")
async def test_the_guides_call_with_curl_and_openssl_is_answered(tmp_path: Path) -> None:
    async with two_units(tmp_path) as endpoint:
        given = {"ENDPOINT": endpoint, "SYSTEM_ID": "demo.01", "SECRET": "a-secret-of-demo.01"}
        listed = await run("sh", "-ec", block("sh", 1), folder=tmp_path, **given)
    assert '"code":"H99.02"' in listed
