"""The supervisor with real servers: shared, adopted, restarted, as root and as an ordinary user."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from axis.domain.errors import SetupError, Unavailable
from axis.store import cluster, sockets
from axis.store.database import connect_once
from axis.store.embedded import Embedded
from axis.store.postmaster import Postmaster

ROOT = os.geteuid() == 0
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))

# Starts the server of a folder, tells its pid, and leaves properly when its input ends.
_OTHER = """
import asyncio, os, sys
from pathlib import Path
from axis.store.embedded import Embedded
async def main():
    async with Embedded(Path(sys.argv[1])) as server:
        print(server.pid, flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(main())
"""
# The same whole life, after dropping to an ordinary user inside the interpreter: that user may not
# be able to run this interpreter's file at all.
_ORDINARY = """
import asyncio, concurrent.futures.thread, os, sys
from pathlib import Path
from axis.store.database import connect_once
from axis.store.embedded import Embedded
os.setgroups([]); os.setgid(int(sys.argv[3])); os.setuid(int(sys.argv[2]))
os.chdir("/")
async def main():
    async with Embedded(Path(sys.argv[1])) as server:
        connection = await connect_once(server.dsn)
        print(await connection.fetchval("SELECT 'sống'"), os.stat(f"/proc/{server.pid}").st_uid)
        await connection.close()
asyncio.run(main())
"""


class Other:
    """Another process of the axis on the same folder."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", _OTHER, str(folder)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.server_pid = int(self.process.stdout.readline())

    def leave(self) -> None:
        self.process.communicate(b"", timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def running(pid: int | None) -> bool:
    """True while the process exists and is no mere entry waiting for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


async def until(fits: Callable[[], Any]) -> None:
    """Return as soon as a condition of the outside world holds."""
    async with asyncio.timeout(30):
        while not fits():
            await asyncio.sleep(0.005)


async def ask(server: Embedded, sql: str) -> Any:
    connection = await connect_once(server.dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def patiently(server: Embedded, sql: str) -> Any:
    """Ask until the server is back."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await ask(server, sql)
            except Unavailable:
                await asyncio.sleep(0.005)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every user can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="axis-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


async def test_data_lives_on_in_a_folder_with_spaces_and_vietnamese_letters(tmp_path: Path) -> None:
    folder = tmp_path / "dữ liệu của Trục"
    async with Embedded(folder) as server:
        connection = await connect_once(server.dsn)
        await connection.execute("CREATE TABLE kept AS SELECT 28 AS n")
        assert await connection.fetchval("SELECT current_setting('is_superuser')") == "off"
        assert await connection.fetchval("SHOW data_checksums") == "on"
        assert await connection.fetchval("SHOW listen_addresses") == ""
        assert await connection.fetchval("SHOW fsync") == "on"
        assert await connection.fetchval("SELECT upper('đơn vị')") == "ĐƠN VỊ"
        await connection.close()
        assert int(server.version.split(".")[0]) >= 15
        pid = server.pid
        assert pid is not None
        assert os.getsid(pid) != os.getsid(0)  # the terminal's Ctrl-C does not reach it
    assert not running(pid)
    async with Embedded(folder) as server:
        assert await ask(server, "SELECT n FROM kept") == 28


async def test_nobody_else_gets_in(tmp_path: Path) -> None:
    async with Embedded(tmp_path) as server:
        password = tmp_path / "postgres" / "password"
        assert stat.S_IMODE(password.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "postgres" / "socket").stat().st_mode) == 0o700
        with pytest.raises(SetupError) as told:
            await connect_once(server.dsn.replace(password.read_text(), "guess"))
        assert told.value.code == "storage.database-login"


async def test_a_folder_too_deep_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    folder = tmp_path / ("sâu " * 20) / ("thẳm " * 15)
    async with Embedded(folder) as server:
        assert await ask(server, "SELECT 1") == 1
        assert "%2Faxis-" in server.dsn
        short = sockets.folder_for(folder / "postgres")
        assert short.exists()
    assert not short.exists()


async def test_a_short_socket_folder_prepared_by_somebody_else_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / ("sâu " * 25)
    squatted = sockets.folder_for(folder / "postgres")
    squatted.mkdir(mode=0o777)
    squatted.chmod(0o777)
    try:
        with pytest.raises(SetupError) as told:
            await Embedded(folder).start()
        assert told.value.code == "storage.postgres-folder"
    finally:
        squatted.rmdir()


async def test_a_killed_server_is_started_again_while_in_use(tmp_path: Path) -> None:
    async with Embedded(tmp_path) as server:
        connection = await connect_once(server.dsn)
        await connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        first = server.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert await patiently(server, "SELECT count(*) FROM kept") == 1000
        assert server.pid != first
        connection.terminate()


async def test_a_killed_backend_costs_no_data(tmp_path: Path) -> None:
    async with Embedded(tmp_path) as server:
        connection = await connect_once(server.dsn)
        await connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        os.kill(await connection.fetchval("SELECT pg_backend_pid()"), signal.SIGKILL)
        assert await patiently(server, "SELECT count(*) FROM kept") == 1000
        connection.terminate()


async def test_a_server_left_by_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    other = Other(tmp_path)
    other.kill()
    server = Embedded(tmp_path)
    await server.start()
    assert server.pid == other.server_pid
    assert await ask(server, "SELECT 1") == 1
    await server.stop()
    assert not running(other.server_pid)


async def test_both_killed_at_once_is_recovered_from(tmp_path: Path) -> None:
    other = Other(tmp_path)
    other.kill()
    os.kill(other.server_pid, signal.SIGKILL)
    async with Embedded(tmp_path) as server:  # its backends may still hold the memory for a moment
        assert server.pid != other.server_pid
        assert await ask(server, "SELECT 1") == 1


async def test_the_last_one_out_stops_the_server(tmp_path: Path) -> None:
    mine = Embedded(tmp_path)
    await mine.start()
    other = Other(tmp_path)
    assert other.server_pid == mine.pid
    await mine.stop()
    assert running(other.server_pid)
    async with Embedded(tmp_path) as again:
        assert again.pid == other.server_pid
    assert running(other.server_pid)
    other.leave()
    assert not running(other.server_pid)


async def test_of_two_users_one_restarts_a_killed_server_for_both(tmp_path: Path) -> None:
    async with Embedded(tmp_path) as one, Embedded(tmp_path) as two:
        first = one.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: one.pid == two.pid and one.pid not in (None, first))
        assert await ask(two, "SELECT 1") == 1


async def test_many_starting_at_once_share_one_server(tmp_path: Path) -> None:
    servers = [Embedded(tmp_path) for _ in range(4)]
    await asyncio.gather(*(server.start() for server in servers))
    (pid,) = {server.pid for server in servers}
    assert running(pid)
    await asyncio.gather(*(server.stop() for server in servers))
    assert not running(pid)


async def test_a_recorded_pid_that_belongs_to_a_stranger_is_no_hindrance(tmp_path: Path) -> None:
    async with Embedded(tmp_path) as server:
        record = tmp_path / "postgres" / "data" / "postmaster.pid"
        lines = record.read_text().splitlines()
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        record.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        async with Embedded(tmp_path) as server:
            assert await ask(server, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_start_that_is_cancelled_leaves_no_server_behind(tmp_path: Path) -> None:
    async with Embedded(tmp_path):
        pass
    server, record = Embedded(tmp_path), tmp_path / "postgres" / "data" / "postmaster.pid"
    starting = asyncio.create_task(server.start())
    await until(record.exists)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await server.stop()  # for the case that the start was through already
    assert Postmaster.of(record.parent) is None


async def test_an_interrupted_first_start_is_begun_again(tmp_path: Path) -> None:
    half_made = tmp_path / "postgres" / "data.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18")
    async with Embedded(tmp_path) as server:
        assert await ask(server, "SELECT 1") == 1
    assert not half_made.exists()


async def test_a_server_that_cannot_start_tells_why(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "local.conf").write_text("no_such_setting = 1\n")
    server = Embedded(tmp_path)
    with pytest.raises(SetupError) as told:
        await server.start()
    assert told.value.code in ("storage.postgres-start", "storage.postgres-initdb")
    assert "no_such_setting" in str(told.value)
    (tmp_path / "postgres" / "local.conf").write_text("work_mem = 7MB\n")
    async with server:
        assert await ask(server, "SHOW work_mem") == "7MB"


async def test_a_folder_without_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as told:
        await Embedded(tmp_path, bin_dir=tmp_path).start()
    assert told.value.code == "storage.postgres-binaries"


async def test_data_of_another_major_version_is_never_opened(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(SetupError) as told:
        await Embedded(tmp_path).start()
    assert told.value.code == "storage.postgres-binaries"
    assert "made by version 9" in str(told.value)


@pytest.mark.skipif(not DEBIAN, reason="the system has no PostgreSQL of its own")
async def test_a_configured_folder_of_programs_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AXIS_POSTGRES_BIN", str(DEBIAN[0]))
    async with Embedded(tmp_path) as server:
        assert server.bin_dir == DEBIAN[0]
        assert await ask(server, "SELECT upper('đ')") == "Đ"
    monkeypatch.delenv("AXIS_POSTGRES_BIN")
    async with Embedded(tmp_path) as server:  # its data keeps its major, whatever is preferred today
        assert server.bin_dir == DEBIAN[0]


@pytest.mark.skipif(not ROOT, reason="only root has privileges to drop")
async def test_without_user_namespaces_root_drops_to_a_system_user(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Embedded(open_folder / "d") as server:
        await ask(server, "SELECT 1")
    monkeypatch.setenv("PATH", "/nowhere")  # no unshare there
    async with Embedded(open_folder / "d") as server:  # takes the same data over, files and all
        assert await ask(server, "SELECT 1") == 1
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0


@pytest.mark.skipif(not ROOT, reason="only root has privileges to drop")
async def test_programs_the_user_cannot_reach_are_copied_beside_the_data(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = cluster.find_binaries(None, open_folder)
    hidden = open_folder / "hidden"
    hidden.mkdir(mode=0o700)
    home = found.folder.parent.parent
    for part in (home, home.with_name(home.name + ".libs")):
        if part.exists():
            shutil.copytree(part, hidden / part.name, symlinks=True)
    monkeypatch.setenv("PATH", "/nowhere")
    async with Embedded(open_folder / "d", bin_dir=hidden / home.name / "pginstall" / "bin") as server:
        assert await ask(server, "SELECT 1") == 1
        assert server.bin_dir is not None
        assert server.bin_dir.is_relative_to(open_folder / "d" / "postgres")


@pytest.mark.skipif(not ROOT, reason="only root has privileges to drop")
async def test_root_in_a_folder_no_other_user_can_enter_is_told_what_to_do(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_folder.chmod(0o700)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SetupError) as told:
        await Embedded(open_folder / "d").start()
    assert told.value.code == "storage.postgres-root"


@pytest.mark.skipif(not ROOT, reason="the other tests ran as an ordinary user already")
def test_an_ordinary_user_needs_nothing_special(open_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(open_folder, nobody.pw_uid, nobody.pw_gid)
    command = [sys.executable, "-c", _ORDINARY, str(open_folder), str(nobody.pw_uid), str(nobody.pw_gid)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (said.returncode, said.stdout.split()) == (0, ["sống", str(nobody.pw_uid)]), said.stderr
