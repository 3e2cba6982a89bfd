"""PostgreSQL inside a data folder, kept running for as long as somebody uses it.

    DIR/postgres/  data/  socket/  password  postgres.log  start.lock  users.lock  local.conf

Every process of the axis that uses DIR holds a shared lock on users.lock; starting and stopping
happen alone under start.lock. Whoever finds no server starts one; whoever finds one, perhaps left by
a process that was killed, takes it over as it is; the last one out stops it. While in use, a server
that dies is started again: callers see `storage.database-away` for that moment.

The server is a plain child in its own session, not an asyncio one: asyncio kills its children when
the loop closes, ours must outlive us when others still use it. It listens on a socket in our own
0700 folder only, with a generated password. Nothing is decided by a time limit: crash recovery may
take long, and as long as the process lives it is waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from axis.domain.errors import AxisError, SetupError, Unavailable
from axis.store import cluster, locks, sockets
from axis.store.database import connect_once
from axis.store.postmaster import Postmaster, disarm
from axis.store.sql import queries

log = logging.getLogger("axis.store.embedded")
_Q = queries("reader")

_LOOK_AGAIN = 0.01
_ORPHANS_PATIENCE = 60.0  # seconds that backends of a killed postmaster may hold its memory
_STOP_PATIENCE = 60.0  # seconds for a fast shutdown before an immediate one; both are crash-safe
_DYING = 1.0  # seconds between a refused connection and the death that explains it
_LOG_KEPT = 16 * 1024 * 1024
_TRANSIENT = re.compile(r"still in use|lock file .* already exists|could not create shared memory segment")


class Embedded:
    """The server of one data folder. ``settings`` override the configuration (tests, sizes)."""

    def __init__(self, directory: Path, *, bin_dir: Path | None = None,
                 settings: Mapping[str, str] | None = None) -> None:
        configured = os.environ.get("AXIS_POSTGRES_BIN")
        self._folder = Path(directory).resolve() / "postgres"
        self._data = self._folder / "data"
        self._log = self._folder / "postgres.log"
        self._configured = bin_dir or (Path(configured) if configured else None)
        self._settings = dict(settings or {})
        self._socket = sockets.folder_for(self._folder)
        self._owners = {os.geteuid()}
        self._password = ""
        self._programs: cluster.Binaries | None = None
        self._server: Postmaster | None = None
        self._users: int | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def version(self) -> str:
        """Of the programs, e.g. ``18.6``; known after start."""
        return self._programs.version if self._programs else ""

    @property
    def dsn(self) -> str:
        """For the axis: owner of its database, not a superuser."""
        return self._dsn(cluster.ROLE, cluster.DATABASE)

    @property
    def admin_dsn(self) -> str:
        """For backup and repair: a superuser."""
        return self._dsn(cluster.SUPERUSER, cluster.DATABASE)

    @property
    def pid(self) -> int | None:
        """Of the running server, as far as this process knows."""
        return self._server.pid if self._server else None

    @property
    def bin_dir(self) -> Path | None:
        """Where pg_dump and its kin are; known after start."""
        return self._programs.folder if self._programs else None

    def _dsn(self, role: str, database: str) -> str:
        host = quote(str(self._socket), safe="")
        return f"postgresql://{role}:{self._password}@/{database}?host={host}&port={sockets.PORT}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self.stop()

    async def start(self) -> str:
        """Start the server or join the running one; returns the DSN once it takes connections."""
        if self._users is not None:
            return self.dsn
        try:
            self._folder.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            users = locks.lock_file(self._folder / "users.lock")
        except OSError as error:
            raise _unusable(self._folder, error) from error
        try:
            async with locks.exclusive(self._folder / "start.lock"):
                fcntl.flock(users, fcntl.LOCK_SH)  # never waits: exclusive only under start.lock
                try:
                    await self._ensure()
                except BaseException:  # also Ctrl-C: leave no server behind that nobody uses
                    await self._shut_down_if_last(users)
                    raise
        except BaseException:
            os.close(users)
            raise
        self._users = users
        self._watcher = asyncio.create_task(self._watch(), name="postgres-watcher")
        return self.dsn

    async def stop(self) -> None:
        """Leave; the last one out shuts the server down."""
        if self._users is None:
            return
        users, self._users = self._users, None
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
            self._watcher = None
        try:
            async with locks.exclusive(self._folder / "start.lock"):
                await self._shut_down_if_last(users)
        finally:
            os.close(users)
            self._let_go()

    async def _shut_down_if_last(self, users: int) -> None:
        if not locks.take(users, fcntl.LOCK_EX):  # somebody else holds it shared
            return
        if self._server is None or not self._server.alive():
            self._let_go()
            self._server = Postmaster.of(self._data)
        if self._server is not None:
            self._server.signal(signal.SIGINT)
            try:
                async with asyncio.timeout(_STOP_PATIENCE):
                    await self._server.gone()
            except TimeoutError:
                log.warning("fast shutdown of PostgreSQL takes too long, stopping it at once")
                self._server.signal(signal.SIGQUIT)
                await self._server.gone()
        if not self._socket.is_relative_to(self._folder):
            sockets.remove(self._socket, self._owners)

    def _let_go(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _watch(self) -> None:
        """Start it again whenever it dies; of several processes the first one does."""
        while True:
            assert self._server is not None
            await self._server.gone()
            log.warning("PostgreSQL (pid %s) is gone, starting it again", self._server.pid)
            pause = 0.1
            while True:
                try:
                    async with locks.exclusive(self._folder / "start.lock"):
                        await self._ensure()
                    break
                except (AxisError, OSError) as error:
                    log.error("PostgreSQL does not come back: %s", error)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 10.0)

    async def _ensure(self) -> None:
        """Under start.lock: find the server or start one, and wait until it takes connections."""
        self._let_go()
        way: cluster.RunAs | None = None
        deadline = time.monotonic() + _ORPHANS_PATIENCE
        while True:
            server = Postmaster.of(self._data)
            adopted = server is not None
            if server is None:
                way = way or await self._prepare()
                position = self._log.stat().st_size if self._log.exists() else 0
                server = self._launch(way)
            elif not self._password:
                self._password = self._read_password()
                self._programs = await asyncio.to_thread(cluster.find_binaries, self._configured, self._data)
            self._server = server
            if await self._becomes_ready(server) and (not adopted or await self._answers(server)):
                if not adopted:
                    await self._furnish()
                return
            self._let_go()
            if adopted:  # it was stopping or crashed meanwhile: start our own
                continue
            said = self._said_since(position)
            if not _TRANSIENT.search(said) or time.monotonic() > deadline:
                raise SetupError("storage.postgres-start", detail=said[-600:], log=self._log)
            await asyncio.sleep(_LOOK_AGAIN * 5)

    async def _prepare(self) -> cluster.RunAs:
        """Everything before a start: programs, user, data folder, socket folder, settings."""
        programs = await asyncio.to_thread(cluster.find_binaries, self._configured, self._data)
        way, self._programs = await cluster.choose(programs, self._folder)
        self._password = self._read_password()
        try:
            if not self._data.exists():
                await cluster.initialise(self._programs, way, self._data, self._password)
            way.own(self._data)
            cluster.configure(way, self._data)
            self._owners = {os.geteuid(), os.geteuid() if way.uid is None else way.uid}
            if self._socket.is_relative_to(self._folder):
                self._socket.mkdir(mode=0o700, exist_ok=True)
            else:
                sockets.make_private(self._socket, self._owners)
            way.own(self._socket)
            if self._log.exists() and self._log.stat().st_size > _LOG_KEPT:
                self._log.rename(self._log.with_suffix(".log.1"))
        except OSError as error:
            raise _unusable(self._folder, error) from error
        return way

    def _launch(self, way: cluster.RunAs) -> Postmaster:
        assert self._programs is not None
        disarm(self._data, self._socket)
        settings = {"unix_socket_directories": sockets.quoted(self._socket), "port": str(sockets.PORT),
                    "unix_socket_permissions": "0700", **self._settings}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with self._log.open("ab") as output:
            self._log.chmod(0o600)
            child = way.start([self._programs.tool("postgres"), "-D", str(self._data), *options],
                              cwd=str(self._folder), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        return Postmaster(child.pid, child)

    async def _becomes_ready(self, server: Postmaster) -> bool:
        while not server.ready(self._data):
            if not server.alive():
                return False
            await asyncio.sleep(_LOOK_AGAIN)
        return True

    async def _answers(self, server: Postmaster) -> bool:
        """Prove a found server by logging in: it may be dying at this very moment, and only ours knows
        the password. One that lives but has no connection to spare is good enough."""
        try:
            connection = await connect_once(self.dsn)
        except Unavailable:
            try:
                async with asyncio.timeout(_DYING):
                    await server.gone()
            except TimeoutError:
                return True
            return False
        await connection.close()
        return True

    async def _furnish(self) -> None:
        """A data folder made by an earlier program lacks the role auditors read by; our own role may not make
        it. A server too busy to be asked is served without: ``axis doctor`` tells."""
        with contextlib.suppress(Unavailable):
            connection = await connect_once(self.admin_dsn)
            try:
                for query in _Q.reader_role, _Q.reader_member:
                    await connection.execute(query.sql)
            finally:
                await connection.close()

    def _said_since(self, position: int) -> str:
        with self._log.open("rb") as source:
            source.seek(position)
            return source.read().decode(errors="replace").strip()

    def _read_password(self) -> str:
        """Read or make the password; made once, durable before the database that knows it."""
        path = self._folder / "password"
        if not path.exists():
            part = path.with_suffix(".part")
            part.unlink(missing_ok=True)
            fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fd, "w") as target:
                target.write(secrets.token_urlsafe(32))
                target.flush()
                os.fsync(target.fileno())
            part.rename(path)
            cluster.sync_folder(self._folder)
        return path.read_text().strip()


def _unusable(folder: Path, error: OSError) -> SetupError:
    return SetupError("storage.postgres-folder", folder=folder, detail=error.strerror or str(error))
