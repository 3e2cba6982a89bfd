"""Where an embedded server's socket lives: a folder only its user can enter, with a short enough path."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from axis.domain.errors import SetupError

PORT = 5432  # only part of the socket's file name; nothing listens on the network
_LIMIT = 100  # bytes of a socket address; the systems' own limits are 103 to 107


def folder_for(folder: Path) -> Path:
    """Beside the data, or under /tmp, named after it, when that path is too long for a socket address
    (or holds a comma, which separates hosts in a DSN)."""
    beside = folder / "socket"
    if _fits(beside) and "," not in str(beside):
        return beside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"axis-{os.geteuid()}-{digest}"
    return short if _fits(short) else Path("/tmp") / short.name  # noqa: S108  # make_private checks it


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= _LIMIT


def make_private(folder: Path, owners: set[int]) -> None:
    """Make the folder, or be sure that nobody else made it before us (in /tmp anybody may)."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if not _is_private(folder, owners):
        raise SetupError("storage.postgres-folder", folder=folder, detail="not a private folder of this user")


def remove(folder: Path, owners: set[int]) -> None:
    """Clear a folder away that lies outside the data folder, if it is really ours."""
    if folder.exists() and _is_private(folder, owners):
        shutil.rmtree(folder, ignore_errors=True)


def _is_private(folder: Path, owners: set[int]) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid in owners and not found.st_mode & 0o077


def quoted(path: Path) -> str:
    """One entry of a PostgreSQL list setting."""
    return '"' + str(path).replace('"', '""') + '"'
