"""Pages of the console over ten years of a ministry's documents, and what clerks who click cost the intake.

A history is generated (history.py) and served by ``axis serve``; pages are asked for over HTTP by people who
are signed in, one request at a time, each until its last byte:

    search      whatever may be typed into the one box, by clerks of every unit and by an auditor
    lists       first, second and third pages, every filter, the last month and since ever
    overview    the operator's first page, the auditor's, the charts
    intake      documents accepted by a saturated axis while fifty clerks click, against while nobody does, in turns

    python -m benchmarks.console [--long] [--folder FOLDER] [--part search] …

The generated history has no journal: pages that read it are measured by what they cost with a short one.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import asyncpg
import uvloop
from yarl import URL

from axis.domain.clock import VIETNAM
from axis.domain.people import Role
from axis.store.lookups import STANDINGS
from benchmarks.accept import PROCESSES, SIZES, Sender, answering, free_port, program
from benchmarks.history import Shape
from benchmarks.machine import Figure, describe, fsync_rate, percentile, print_table, spread
from benchmarks.ministry import SENDER, Ministry
from benchmarks.readers import THINKING, Office, Questions, Reader, Readers
from benchmarks.reports import history

SEARCH, LIST, OVERVIEW = 0.2, 0.3, 0.3  # seconds, 95th percentile
INTAKE = 0.9  # of what it is while nobody clicks
CLERKS = 50
INFLIGHT, REQUESTS = 16, 1_500
SHORT = Shape(documents=20_000)
LONG = Shape(documents=1_000_000)
PARTS = ("search", "lists", "overview", "intake")
CONFIG = '[log]\nlevel = "warning"\n[console]\nsecure_cookies = false\n'


@dataclass(frozen=True, slots=True)
class Town:
    """Who looks: a clerk of every unit by its code, one operator, one auditor; ``crowd``: fifty clerks more."""

    clerks: Mapping[str, str]
    operator: str
    auditor: str
    crowd: Sequence[str]
    rows: Sequence[dict[str, str]]
    keys: Path
    postgres: str
    syncs: float


async def furnish(folder: Path, shape: Shape) -> Town:
    """The history, people to read it, and a ministry that goes on sending; the same folder may be used again."""
    keys = folder / "ministry"
    known = keys.exists()
    ministry = Ministry(keys) if known else Ministry.found(keys)
    async with history(folder / "whole", shape) as (core, version):
        codes = sorted(unit.code for unit in await core.directory.units() if unit.code != SENDER)
        if not known:
            await ministry.join(core)
        readers = Readers(core)
        clerks = {code: await readers.of(Role.CLERK, code) for code in codes[: shape.units]}
        crowd = [await readers.of(Role.CLERK, codes[number % shape.units]) for number in range(CLERKS)]
        operator, auditor = await readers.of(Role.OPERATOR), await readers.of(Role.AUDITOR)
        assert core.embedded is not None
        connection = await asyncpg.connect(core.embedded.dsn)
        try:
            rows = await connection.fetch(
                "select document_id, code_number, code_notation from package tablesample system (1) where"
                " kind = 'document' and code_notation = 'BC' limit 500"
            )
        finally:
            await connection.close()
        return Town(
            clerks, operator, auditor, crowd, [dict(row) for row in rows], keys, version, fsync_rate(folder / "whole")
        )  # fmt: skip


@asynccontextmanager
async def serving(folder: Path, keys: Path) -> AsyncIterator[tuple[int, Sender, Mapping[str, int]]]:
    """The axis as installed over that folder, and a load process beside it."""
    data, port = folder / "whole", free_port()
    (data / "axis.toml").write_text(CONFIG)
    async with AsyncExitStack() as stack:
        serve = ["serve", "--data", str(data), "--listen", f"127.0.0.1:{port}", "--workers", str(PROCESSES)]
        hub = await program(stack, "-m", "axis.cli.main", *serve, ready=False)
        sender = Sender(await program(stack, "-m", "benchmarks.load", str(keys)))
        await answering(port)
        pid = int((data / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
        yield port, sender, {"hub": hub.pid, "postgres": pid}


def lists(counterpart: str) -> Iterator[tuple[str, str]]:
    """Lists of a clerk: a name, and the address."""
    for side in ("in", "out"):
        yield f"{side}, the last month", f"/console/{side}"
        yield f"{side}, since ever", f"/console/{side}?days=all"
        yield f"{side}, one counterpart", f"/console/{side}?days=all&unit={counterpart}"
        yield f"{side}, flash", f"/console/{side}?days=all&priority=3"
        yield f"{side}, common word and a standing", f"/console/{side}?days=all&q=b%C3%A1o&state=to-answer"
        for standing in STANDINGS:
            yield f"{side}, {standing}", f"/console/{side}?days=all&state={standing}"
    for which in ("late", "unaccepted"):
        yield which, f"/console/{which}"
        yield f"{which} at others", f"/console/{which}?side=sent"


OPERATOR = (
    ("operator: deliveries", "/console/ops/deliveries"),
    *((f"operator: {state}", f"/console/ops/deliveries?state={state}")
      for state in ("queued", "sending", "delivered", "refused", "parked", "recalled")),
    ("operator: journal", "/console/ops/journal"),
    ("operator: alerts", "/console/ops/journal/alerts"),
    ("operator: people", "/console/ops/people"),
)  # fmt: skip
AUDITOR = (
    ("auditor: documents", "/console/audit/documents"),
    ("auditor: documents, since ever", "/console/audit/documents?days=all"),
    ("auditor: journal", "/console/audit/journal"),
    ("auditor: alerts", "/console/audit/alerts"),
    ("auditor: people", "/console/audit/people"),
)
OVERVIEWS = (
    ("overview of the operator", "operator", "/console/ops"),
    ("overview of the auditor", "auditor", "/console/audit"),
    ("charts of the axis", "operator", "/console/figures"),
)


class Measure:
    def __init__(self, town: Town, readers: Mapping[str, Reader], told: Callable[[str], None]) -> None:
        self._town, self._readers, self._told = town, readers, told

    async def searches(self, rounds: int) -> list[Figure]:
        """Every unit's clerk types something of every kind into both lists; the auditor into that of all."""
        figures = []
        for name, typed in Questions(self._town.rows).kinds().items():
            took: list[float] = []
            for _ in range(rounds):
                for code in self._town.clerks:
                    for side in ("in", "out"):
                        path = URL(f"/console/{side}").with_query(q=next(typed), days="all")
                        took.append((await self._readers[code].see(str(path))).seconds)
                path = URL("/console/audit/documents").with_query(q=next(typed), days="all")
                took.append((await self._readers["auditor"].see(str(path))).seconds)
            figures.append(self._figure(f"search: {name}", took, SEARCH))
        return figures

    async def lists(self, rounds: int) -> list[Figure]:
        """Each list of each clerk, three pages deep."""
        found: dict[str, list[float]] = {}
        codes = list(self._town.clerks)
        for _ in range(rounds):
            for number, code in enumerate(codes):
                for name, path in lists(codes[number - 1]):
                    found.setdefault(name, []).extend(await _deep(self._readers[code], path))
            for who, pages in (("operator", OPERATOR), ("auditor", AUDITOR)):
                for name, path in pages:
                    found.setdefault(name, []).extend(await _deep(self._readers[who], path))
        return [self._figure(name, took, LIST) for name, took in found.items()]

    async def overviews(self, rounds: int) -> list[Figure]:
        figures = []
        for name, who, path in OVERVIEWS:
            took = [(await self._readers[who].see(path)).seconds for _ in range(rounds * 10)]
            figures.append(self._figure(name, took, OVERVIEW))
        return figures

    def _figure(self, name: str, took: Sequence[float], goal: float) -> Figure:
        p50, p95, most = (percentile(took, share) * 1e3 for share in (0.5, 0.95, 1.0))
        self._told(f"  {name}: {p50:.0f} / {p95:.0f} / {most:.0f} ms")
        value = f"{p50:,.0f} / {p95:,.0f} / {most:,.0f} ms"
        against = f"p50 / p95 / max of {len(took)}"
        return Figure(name, value, against, p95 / 1e3 / goal, f"<= {goal * 1e3:.0f} ms", p95 <= goal * 1e3)


async def _deep(reader: Reader, path: str, pages: int = 3) -> list[float]:
    took: list[float] = []
    while path and len(took) < pages:
        seen = await reader.see(path)
        took.append(seen.seconds)
        path = seen.next
    return took


async def intake(
    port: int, sender: Sender, watched: Mapping[str, int], office: Office, rounds: int, told: Callable[[str], None]
) -> list[Figure]:
    """Bursts in turns: nobody at the console, fifty clerks at it. The first pair warms up."""
    alone, beside, ratios = [], [], []
    for turn in range(rounds + 1):
        rates = {}
        for clicking in (False, True) if turn % 2 else (True, False):
            async with office.working() if clicking else nullcontext():
                burst = await sender.burst(port, SIZES["10 KB"], REQUESTS, INFLIGHT, dict(watched))
            rates[clicking] = burst.rate
        told(f"  intake: {rates[False]:.0f}/s alone, {rates[True]:.0f}/s with {CLERKS} clerks")
        if turn:
            alone.append(rates[False])
            beside.append(rates[True])
            ratios.append(rates[True] / rates[False])
    what = f"accept 10 KB while {CLERKS} clerks click"
    pages = f"a page each {THINKING:g} s"
    return [
        Figure.at_least(what, f"{spread(beside)} /s", f"{spread(alone)} /s alone", statistics.median(ratios), INTAKE),
        Figure(f"pages of the clerks, {pages}", _said(office.clicks), f"p50 / p95 of {len(office.clicks)}"),
    ]


def _said(took: Sequence[float]) -> str:
    return " / ".join(f"{percentile(took, share) * 1e3:,.0f}" for share in (0.5, 0.95)) + " ms" if took else "none"


async def run(
    shape: Shape, rounds: int, bursts: int, folder: Path | None = None,
    told: Callable[[str], None] = lambda text: None, parts: Sequence[str] = PARTS,
) -> tuple[list[Figure], str]:  # fmt: skip
    """Figures, and the machine with its PostgreSQL. ``folder``: kept, and used again when it is there."""
    shape = replace(shape, ends=datetime.now(VIETNAM).date())
    with tempfile.TemporaryDirectory(prefix="axis-bench-") as name:
        kept = folder or Path(name)
        kept.mkdir(parents=True, exist_ok=True)
        town = await furnish(kept, shape)
        machine = describe(town.postgres, town.syncs)
        told(f"{shape.documents:,} documents, {shape.documents * shape.each:,} deliveries, {shape.units} units")
        tokens = {**town.clerks, "operator": town.operator, "auditor": town.auditor}
        async with (
            serving(kept, town.keys) as (port, sender, watched),
            Reader.all(port, [*tokens.values(), *town.crowd]) as browsers,
        ):
            measure, figures = Measure(town, dict(zip(tokens, browsers, strict=False)), told), []
            for name, part in (("search", measure.searches), ("lists", measure.lists), ("overview", measure.overviews)):
                figures += await part(rounds) if name in parts else []
            if "intake" in parts:
                office = Office(browsers[len(tokens) :], Questions(town.rows))
                figures += await intake(port, sender, watched, office, bursts, told)
    return figures, machine


def worst(figures: Sequence[Figure]) -> list[Figure]:
    """For the table of all measurements: the slowest of each goal instead of every line."""
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        key = "search" if figure.name.startswith("search") else "list" if "ms" in figure.goal else figure.name
        groups.setdefault(key, []).append(figure)
    found = [max(group, key=lambda figure: figure.ratio or 0.0) for group in groups.values()]
    return [replace(f, name=f"slowest: {f.name}") if "ms" in f.goal else f for f in found]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.console", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--long", action="store_true", help="a million documents, five million deliveries")
    parser.add_argument("--documents", type=int, default=0, help="that many documents")
    parser.add_argument("--rounds", type=int, default=0, help="how often each page is asked for by each reader")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one; may stand several times")
    parser.add_argument("--folder", type=Path, help="keep the history here, and use it when it is there")
    given = parser.parse_args(argv)
    shape, rounds, bursts = (LONG, 3, 7) if given.long else (SHORT, 1, 3)
    if given.documents:
        shape = replace(shape, documents=given.documents)
    parts = given.part or PARTS
    figures, machine = uvloop.run(run(shape, given.rounds or rounds, bursts, given.folder, print, parts))
    print(f"console: {machine}")
    print_table(figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
