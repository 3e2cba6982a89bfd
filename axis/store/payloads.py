"""The bytes of packages, kept under their SHA-256: written once, durable before anybody is answered.

    DIR/spool/<random>            being received; its writer holds a lock on it
    DIR/payloads/ab/ab12…         accepted; read only

``Spool.commit`` is the durable step: fdatasync the file, rename it into its place, fsync the folder.
Committing content that is there already replaces it by the same bytes, which costs nothing more and
heals a copy that has rotted. A file whose write or fsync failed is thrown away and never tried again:
after a failed fsync the kernel may have dropped the very pages a second fsync would claim to have
written. Spool files of killed processes lost their lock with them and are removed at the next start.

Reading proves what it gives out: the size before the first piece, the digest before the last one.
Methods of ``Spool`` block and are meant for worker threads, one at a time; a discard waits for the
write that a cancelled caller left running, so no thread ever writes to a descriptor that was closed
and handed to somebody else. ``open`` reads in threads by itself.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import logging
import os
import re
import secrets
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

from axis.domain.errors import AxisError, SetupError, Unavailable
from axis.store import locks
from axis.store.cluster import sync_folder

log = logging.getLogger("axis.store.payloads")

PIECE = 256 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Spooled(Protocol):
    """A payload being received: ``write`` pieces, then ``commit`` or ``discard``."""

    @property
    def size(self) -> int: ...

    def write(self, piece: bytes) -> None: ...

    def digest(self) -> bytes: ...

    def commit(self) -> tuple[str, int]: ...

    def discard(self) -> None: ...


class Payloads(Protocol):
    """Where payloads are kept; a folder here, an object store elsewhere."""

    def spool(self) -> Spooled: ...

    def open(self, sha256: str, size: int | None = None) -> AsyncIterator[bytes]: ...

    def exists(self, sha256: str) -> bool: ...

    def size(self, sha256: str) -> int: ...

    def digests(self) -> Iterator[str]: ...

    def free_bytes(self) -> int: ...


class Spool:
    """One file in the spool folder, owned by whoever made it until commit or discard."""

    def __init__(self, store: PayloadStore) -> None:
        self._store = store
        self._path, self._fd = _own_file(store.spool_folder)
        self._hash = hashlib.sha256()
        self._size = 0
        self._open = True
        self._busy = threading.RLock()

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    def digest(self) -> bytes:
        """SHA-256 of the bytes written so far."""
        return self._hash.digest()

    def write(self, piece: bytes) -> None:
        """Append; refuses everything after a first failure."""
        with self._busy:
            self._must_be_open()
            rest = memoryview(piece)
            try:
                while rest:
                    rest = rest[os.write(self._fd, rest):]
            except OSError as error:
                raise self._failed(error) from error
            self._hash.update(piece)
            self._size += len(piece)

    def commit(self) -> tuple[str, int]:
        """Make it durable under its digest; returns the SHA-256 in hex and the size."""
        with self._busy:
            self._must_be_open()
            sha256 = self._hash.hexdigest()
            place = self._store.path(sha256)
            try:
                os.fchmod(self._fd, 0o400)
                os.fdatasync(self._fd)
                self._path.rename(place)
                sync_folder(place.parent)
            except OSError as error:
                raise self._failed(error) from error
            self._close()
            return sha256, self._size

    def discard(self) -> None:
        """Throw it away; harmless after commit or a failure."""
        with self._busy:
            if self._open:
                self._path.unlink(missing_ok=True)
                self._close()

    def _close(self) -> None:
        self._open = False
        os.close(self._fd)

    def _failed(self, error: OSError) -> AxisError:
        log.error("spooling failed and is given up: %s", error)
        try:
            self.discard()
        except OSError:  # the disk is gone altogether; the next start sweeps the spool
            if self._open:
                self._close()
        return _told(error)

    def _must_be_open(self) -> None:
        if not self._open:
            raise ValueError("this spool file was committed, discarded or has failed")


class PayloadStore:
    """Payloads in a folder of a local file system. Several processes may share it."""

    def __init__(self, directory: Path) -> None:
        self.spool_folder = directory / "spool"
        self._folder = directory / "payloads"
        try:
            self._make_folders(directory)
            self._sweep()
        except OSError as error:
            raise SetupError("storage.payload-folder", folder=directory, detail=str(error)) from error

    def _make_folders(self, directory: Path) -> None:
        """All folders exist and are durable before the first payload needs one."""
        for folder in (self.spool_folder, self._folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        missing = [path for n in range(256) if not (path := self._folder / f"{n:02x}").is_dir()]
        for path in missing:
            path.mkdir(mode=0o700, exist_ok=True)
        if missing:
            sync_folder(self._folder)
            sync_folder(directory)

    def _sweep(self) -> None:
        """Remove what killed processes left; a file still locked is being written right now."""
        for path in self.spool_folder.iterdir():
            try:
                fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError:
                continue
            try:
                if locks.take(fd, fcntl.LOCK_EX):
                    path.unlink(missing_ok=True)
            finally:
                os.close(fd)

    def path(self, sha256: str) -> Path:
        """Where a payload is kept. The digest is checked: it may come from outside."""
        if not _DIGEST.fullmatch(sha256):
            raise ValueError("not a SHA-256 in lower-case hex")
        return self._folder / sha256[:2] / sha256

    def spool(self) -> Spool:
        """Begin to receive a payload."""
        try:
            return Spool(self)
        except OSError as error:
            raise _told(error) from error

    async def open(self, sha256: str, size: int | None = None) -> AsyncIterator[bytes]:
        """The bytes in pieces of 256 KiB. Damage is told at the latest instead of the last piece, so
        a receiver never holds a whole wrong payload."""
        fd = await asyncio.to_thread(self._open, sha256, size)
        try:
            digest, position = hashlib.sha256(), 0
            held = await asyncio.to_thread(_read, fd, position, digest, sha256)
            while held:
                position += len(held)
                following = await asyncio.to_thread(_read, fd, position, digest, sha256)
                if not following and digest.hexdigest() != sha256:
                    raise Unavailable("storage.payload-damaged", sha256=sha256)
                yield held
                held = following
            if digest.hexdigest() != sha256:  # cut down to nothing
                raise Unavailable("storage.payload-damaged", sha256=sha256)
        finally:
            os.close(fd)

    def _open(self, sha256: str, size: int | None) -> int:
        try:
            fd = os.open(self.path(sha256), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise Unavailable("storage.payload-missing", sha256=sha256) from error
        except OSError as error:
            raise _told(error) from error
        if size is not None and os.fstat(fd).st_size != size:
            os.close(fd)
            raise Unavailable("storage.payload-damaged", sha256=sha256)
        return fd

    def verify(self, sha256: str) -> None:
        """Read a payload through (blocking) and raise what is wrong with it; for fsck."""
        fd = self._open(sha256, None)
        try:
            digest, position = hashlib.sha256(), 0
            while piece := _read(fd, position, digest, sha256):
                position += len(piece)
        finally:
            os.close(fd)
        if digest.hexdigest() != sha256:
            raise Unavailable("storage.payload-damaged", sha256=sha256)

    def exists(self, sha256: str) -> bool:
        """True when it is kept here (not: undamaged)."""
        return self.path(sha256).is_file()

    def size(self, sha256: str) -> int:
        """Bytes on disk."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError as error:
            raise Unavailable("storage.payload-missing", sha256=sha256) from error

    def digests(self) -> Iterator[str]:
        """Every payload kept, in order; a folder at a time in memory."""
        for folder in sorted(self._folder.iterdir()):
            yield from sorted(path.name for path in folder.iterdir() if _DIGEST.fullmatch(path.name))

    def free_bytes(self) -> int:
        """Bytes that can still be written."""
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize


def _own_file(folder: Path) -> tuple[Path, int]:
    """A new file with our lock on it. A sweep of another process may come between making and locking;
    then that name is lost and another one is taken."""
    while True:
        path = folder / secrets.token_hex(16)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        if locks.take(fd, fcntl.LOCK_EX) and os.fstat(fd).st_nlink:
            return path, fd
        os.close(fd)


def _read(fd: int, position: int, digest: hashlib._Hash, sha256: str) -> bytes:
    # pread: when a cancelled reader has closed its descriptor and the number already belongs to a
    # socket, a read still under way must not swallow that socket's bytes.
    try:
        piece = os.pread(fd, PIECE, position)
    except OSError as error:  # the disk cannot read it any more
        raise Unavailable("storage.payload-damaged", sha256=sha256) from error
    digest.update(piece)
    return piece


def _told(error: OSError) -> AxisError:
    if error.errno in _FULL:
        return Unavailable("storage.disk-full")
    return Unavailable("storage.disk-failed", detail=error.strerror or "")
