"""Payload files: what was committed is there and right, whatever kills the writer or rots the disk."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from axis.domain.errors import AxisError, SetupError, Unavailable
from axis.store.payloads import PIECE, PayloadStore

_WRITER = """
import os, sys, threading
from pathlib import Path
from axis.store.payloads import PayloadStore
store, says = PayloadStore(Path(sys.argv[1])), threading.Lock()
def write():
    while True:
        spool = store.spool()
        for _ in range(3):
            spool.write(os.urandom(70_000))
        sha256, size = spool.commit()
        with says:
            os.write(1, f"{sha256} {size}\\n".encode())
for _ in range(4):
    threading.Thread(target=write).start()
"""


def put(store: PayloadStore, content: bytes) -> str:
    spool = store.spool()
    spool.write(content)
    return spool.commit()[0]


async def read(store: PayloadStore, sha256: str, size: int | None = None) -> bytes:
    return b"".join([piece async for piece in store.open(sha256, size)])


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
async def test_what_was_committed_is_read_back(tmp_path: Path, length: int) -> None:
    store, content = PayloadStore(tmp_path), random.Random(length).randbytes(length)
    spool = store.spool()
    spool.write(content[:100])
    spool.write(content[100:])
    assert spool.digest() == hashlib.sha256(content).digest()
    assert spool.commit() == (hashlib.sha256(content).hexdigest(), length)
    sha256 = hashlib.sha256(content).hexdigest()
    pieces = [piece async for piece in store.open(sha256, length)]
    assert b"".join(pieces) == content
    assert all(len(piece) <= PIECE for piece in pieces)
    assert store.exists(sha256)
    assert store.size(sha256) == length
    assert list(store.digests()) == [sha256]
    assert list(store.spool_folder.iterdir()) == []


async def test_committing_the_same_bytes_again_is_harmless_and_heals_a_rotten_copy(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    sha256 = put(store, b"same")
    path = store.path(sha256)
    path.chmod(0o600)
    path.write_bytes(b"rotten")
    assert put(store, b"same") == sha256
    assert await read(store, sha256, 4) == b"same"


@pytest.mark.parametrize("damage", ["flip", "cut", "grow", "empty"])
async def test_a_damaged_payload_is_told_before_its_last_piece(tmp_path: Path, damage: str) -> None:
    store, content = PayloadStore(tmp_path), random.Random(1).randbytes(2 * PIECE + 5)
    sha256 = put(store, content)
    rotten = {"flip": content[:9] + bytes([content[9] ^ 1]) + content[10:], "cut": content[:-1],
              "grow": content + b"\0", "empty": b""}[damage]
    store.path(sha256).chmod(0o600)
    store.path(sha256).write_bytes(rotten)
    for size in (None, len(content)):
        given = b""
        with pytest.raises(Unavailable) as told:
            async for piece in store.open(sha256, size):
                given += piece
        assert told.value.code == "storage.payload-damaged"
        assert len(given) <= 2 * PIECE
    with pytest.raises(Unavailable):
        store.verify(sha256)


async def test_an_absent_payload_and_a_strange_name_are_refused(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    with pytest.raises(Unavailable) as told:
        await read(store, "0" * 64)
    assert told.value.code == "storage.payload-missing"
    for name in ("../../etc/passwd", "0" * 63, "A" * 64, "0" * 64 + "\n"):
        with pytest.raises(ValueError, match="SHA-256"):
            store.exists(name)


def test_a_discarded_spool_leaves_nothing_and_takes_nothing_more(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    spool = store.spool()
    spool.write(b"x")
    spool.discard()
    spool.discard()
    assert list(store.spool_folder.iterdir()) == []
    with pytest.raises(ValueError, match="discarded"):
        spool.write(b"y")


@pytest.mark.parametrize("failing", ["fdatasync", "fsync", "write"])
@pytest.mark.parametrize(
    ("number", "code"), [(errno.EIO, "storage.disk-failed"), (errno.ENOSPC, "storage.disk-full")]
)
def test_a_failed_write_or_sync_is_final_for_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, number: int, code: str
) -> None:
    store = PayloadStore(tmp_path)
    spool = store.spool()

    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, failing, fail)
        with pytest.raises(AxisError) as told:
            spool.write(b"x")
            spool.commit()
    assert told.value.code == code
    assert list(store.spool_folder.iterdir()) == []
    with pytest.raises(ValueError, match="failed"):
        spool.commit()


def test_a_disk_that_fills_up_is_told_and_the_spool_is_cleared(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    spool = store.spool()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(Unavailable) as told:
            spool.write(bytes(200_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert told.value.code == "storage.disk-full"
    assert list(store.spool_folder.iterdir()) == []


def test_a_sweep_spares_what_is_being_written_and_clears_what_was_left(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    spool = store.spool()
    spool.write(b"still ")
    (store.spool_folder / "left").write_bytes(b"by a killed process")
    PayloadStore(tmp_path)
    assert not (store.spool_folder / "left").exists()
    spool.write(b"there")
    sha256, _ = spool.commit()
    assert store.path(sha256).read_bytes() == b"still there"


def test_making_and_sweeping_at_once_never_loses_a_spool(tmp_path: Path) -> None:
    store, done = PayloadStore(tmp_path), threading.Event()

    def sweep() -> None:
        while not done.is_set():
            PayloadStore(tmp_path)

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        digests = {put(store, str(number).encode()) for number in range(200)}
    finally:
        done.set()
        sweeper.join()
    assert digests == set(store.digests())


def test_a_folder_that_cannot_be_used_is_for_the_operator(tmp_path: Path) -> None:
    (tmp_path / "payloads").write_text("a file where the folder should be")
    with pytest.raises(SetupError) as told:
        PayloadStore(tmp_path)
    assert told.value.code == "storage.payload-folder"


def test_free_space_is_told(tmp_path: Path) -> None:
    assert PayloadStore(tmp_path).free_bytes() > 0


def test_after_kill_9_every_committed_payload_is_there_and_the_spool_is_clean(tmp_path: Path) -> None:
    chance, promised = random.Random(28), {}
    for _ in range(8):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        with writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(chance.randrange(1, 60))]
            os.kill(writer.pid, signal.SIGKILL)
            lines += writer.stdout.readlines()
        promised |= dict(line.split() for line in lines if line.endswith(b"\n"))
        store = PayloadStore(tmp_path)
        assert list(store.spool_folder.iterdir()) == []
    assert len(promised) > 8
    for sha256, size in promised.items():
        store.verify(sha256.decode())
        assert store.size(sha256.decode()) == int(size)
    for sha256_kept in store.digests():  # also those killed between rename and answer are whole
        store.verify(sha256_kept)
