"""The ministry in a box, small: real hub, real offices, real processes, everything checked.

This is what a newcomer runs; if it fails, the README lies.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.scenarios.world import until

DEMO = [sys.executable, "-m", "axis.cli.main", "demo", "--documents", "25"]


def _processes_of(folder: Path) -> list[str]:
    """Command lines still running that name this data folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended while we looked
            continue
        if str(folder) in line:
            found.append(line)
    return found


@pytest.fixture
def temporary(tmp_path: Path) -> dict[str, str]:
    """An environment whose temporary folder is ours to look into afterwards."""
    return {**os.environ, "TMPDIR": str(tmp_path), "NO_COLOR": "1"}


def test_twenty_five_documents_reach_everybody_and_every_claim_holds(
    temporary: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run([*DEMO, "--self-test"], env=temporary, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    assert done.stdout.count("✓") >= 15
    assert "Cộng / Total" in done.stdout
    assert list(tmp_path.iterdir()) == []
    assert _processes_of(tmp_path) == []


@pytest.mark.slow  # the same demo once more
def test_a_demo_that_stays_shows_the_way_to_its_pages(temporary: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run([*DEMO, "--keep"], env=temporary, capture_output=True, text=True, timeout=170)
    pid = int(re.findall(r"^  kill (\d+)$", done.stdout, re.M)[-1])
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        links = re.findall(r"^  (http://127\.0\.0\.1:\d+/console/invitation/[\w-]{43})$", done.stdout, re.M)
        assert len(set(links)) == 2
        for link, word in zip(links, ("Văn thư Bộ", 'name="login"'), strict=True):  # the operator chooses a login
            with urlopen(link, timeout=30) as page:
                assert word in page.read().decode()
    finally:
        os.kill(pid, signal.SIGTERM)
        until(lambda: not _processes_of(tmp_path), "the axis that stayed has ended", 60)


def test_a_demo_told_to_stop_leaves_nothing_behind(temporary: dict[str, str], tmp_path: Path) -> None:
    with subprocess.Popen(DEMO, env=temporary, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        # the first progress line: everything is up and documents are on their way
        seen = next(line for line in demo.stdout if "Bắt đầu gửi" in line)
        demo.send_signal(signal.SIGTERM)
        rest = demo.stdout.read()
        assert demo.wait(timeout=60) == 128 + signal.SIGTERM, seen + rest
    assert list(tmp_path.iterdir()) == []
    assert _processes_of(tmp_path) == []
