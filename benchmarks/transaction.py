"""The acceptance statement alone: package, ten deliveries, journal row and receipt in one commit.

``Packages.accept`` as the intake calls it, on the embedded PostgreSQL as installed (fsync and
synchronous_commit on), against the disk: appending 8 KiB and making them durable, one after the other,
measured in the same rounds in the same folder.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import uvloop

from axis.config import load
from axis.core import Core, open_core
from axis.domain.directory import Unit
from axis.domain.ids import new_id
from axis.store.packages import Evidence, NewDelivery, PackageRow
from benchmarks.machine import Figure, describe, fsync_rate, print_table, spread
from benchmarks.ministry import Ministry

CONNECTIONS = (1, 8, 32)
GOALS = {32: 2.0}
_numbers = count(1)

# A package's details and receipt as they are for ten receivers, in size and shape.
DETAILS = {
    "from": {"organ_id": "000.00.01.G04", "name": "Đơn vị gửi", "in_charge": ""},
    "to": [{"organ_id": f"000.00.{n}.G04", "name": f"Đơn vị {n}", "in_charge": ""} for n in range(10, 20)],
    "content": "V/v kết nối, liên thông phần mềm quản lý văn bản và điều hành", "to_places": ["Như trên"],
    "attachments": [{"content_id": "1", "name": "vb.pdf", "content_type": "application/pdf", "length": 13_336}],
    "signed_by": {"subject": "CN=Bench,O=Bộ Thử nghiệm,C=VN", "issuer": "CN=Bench sub-CA", "fingerprint": "0" * 64},
}  # fmt: skip
JWS = "e" * 2600


def package(sender: Unit, receivers: list[Unit]) -> tuple[PackageRow, list[NewDelivery], Evidence]:
    number = next(_numbers)
    row = PackageRow(
        new_id(), "document", 0, sender.code, sender.name, sender.id, f"d:{number}", f"id-{number}", str(number),
        "BENCH", "V/v kết nối, liên thông phần mềm quản lý văn bản", "Công văn", None, None, "Nguyễn Văn A", 0, "",
        "", "", f"{number:064x}", 20_000, "utf-8", "proven", DETAILS, "vxp", datetime.now(UTC),
    )  # fmt: skip
    deliveries = [NewDelivery(new_id(), unit.id, (unit.code,)) for unit in receivers]
    data = {"front": "vxp", "verdict": "proven", "sha256": row.sha256, "receivers": [u.code for u in receivers]}
    return row, deliveries, Evidence(new_id(), sender.code, data, JWS)


async def accept_for(core: Core, connections: int, seconds: float) -> float:
    """Accepted packages per second, ``connections`` at a time."""
    units = list((await core.directory.current(0)).units.values())
    sender = next(u for u in units if u.code.startswith("000.00.01"))
    receivers = [u for u in units if u is not sender]
    done, until = 0, time.perf_counter() + seconds

    async def one() -> None:
        nonlocal done
        while time.perf_counter() < until:
            if not await core.packages.accept(*package(sender, receivers)):
                raise SystemExit("a fresh package was taken for a repeat")
            done += 1

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return done / (time.perf_counter() - started)


async def run(rounds: int, seconds: float) -> tuple[list[Figure], str]:
    with tempfile.TemporaryDirectory(prefix="axis-bench-") as folder:
        data = Path(folder) / "axis"
        async with open_core(load(data), connections=max(CONNECTIONS)) as core:
            await Ministry.found(Path(folder) / "keys").join(core)
            await accept_for(core, max(CONNECTIONS), seconds)  # warms up: connections, statements, tables
            rates: dict[int, list[float]] = {n: [] for n in CONNECTIONS}
            syncs: list[float] = []
            for _ in range(rounds):
                syncs.append(await asyncio.to_thread(fsync_rate, data, seconds))
                for connections in CONNECTIONS:
                    rates[connections].append(await accept_for(core, connections, seconds))
            version = core.embedded.version if core.embedded else ""
    figures = []
    for connections, found in rates.items():
        ratio = statistics.median(r / s for r, s in zip(found, syncs, strict=True))
        name, against = f"accept statement, {connections} connections", f"{spread(syncs)} fsync/s"
        value = f"{spread(found)}/s"
        goal = GOALS.get(connections)
        figures.append(
            Figure.at_least(name, value, against, ratio, goal) if goal else Figure(name, value, against, ratio)
        )
    return figures, describe(version, statistics.median(syncs))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.transaction", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--long", action="store_true")
    given = parser.parse_args(argv)
    figures, machine = uvloop.run(run(*((7, 3.0) if given.long else (3, 1.0))))
    print(f"transaction: {machine}")
    print_table(figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
