"""All measurements in short form and one table of ratios beside their goals: what ``make bench`` runs.

    python -m benchmarks [--long]
    python -m benchmarks.verify | accept | transaction | claim | reports | console      one of them, with its options

A missed goal is shown, not an error: the exit code says only whether everything could be measured.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

import uvloop

from benchmarks import accept, claim, console, reports, transaction, verify
from benchmarks.machine import Figure, print_table

SMALL, LARGE, BASE = 5.0, 0.65, 1_000_000  # how many times the floor, below and from a megabyte on
SIGNXML, MEMORY = 5.0, 8.0


def verification(seconds: float) -> list[Figure]:
    """What verifying costs beside its floor and beside signxml."""
    figures = []
    for name in ("10 KB", "100 KB", "1 MB", "10 MB"):
        size = verify.SIZES[name]
        took = verify.measure(size, seconds)
        ms = {key: value * 1e3 for key, value in took.items()}
        goal = LARGE if size >= BASE else SMALL
        against = f"floor {ms['floor']:.2f} ms"
        ratio = took["axis"] / took["floor"]
        figures.append(Figure.at_most(f"verify {name}", f"{ms['axis']:.2f} ms", against, ratio, goal))
    ratio = took["signxml"] / took["axis"]
    value, against = f"{ms['axis']:.2f} ms", f"signxml {ms['signxml']:.0f} ms"
    figures.append(Figure.at_least("verify 10 MB, speed", value, against, ratio, SIGNXML))
    grown = verify.memory_in_fresh_process(verify.SIZES["50 MB"])
    figures.append(Figure.at_most("verify 50 MB, memory", f"{grown:.1f} MiB more", "MiB", grown, MEMORY))
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--long", action="store_true", help="every number in flight, more and longer rounds")
    long = parser.parse_args().long
    figures: list[Figure] = []
    print("accept …", file=sys.stderr)
    levels = {name: accept.LONG if long else accept.SHORT[name] for name in accept.SIZES}
    found, machine = asyncio.run(accept.run(levels, 5 if long else 3))
    figures += found
    print("transaction …", file=sys.stderr)
    figures += uvloop.run(transaction.run(*((7, 3.0) if long else (3, 1.0))))[0]
    print("claim …", file=sys.stderr)
    figures += uvloop.run(claim.run(*(claim.LONG if long else claim.SHORT)))[0]
    print("reports …", file=sys.stderr)
    measured = uvloop.run(reports.run(reports.LONG if long else reports.SHORT, 20 if long else 7))[0]
    figures += reports.worst(measured)
    print("console …", file=sys.stderr)
    measured = uvloop.run(console.run(*((console.LONG, 3, 7) if long else (console.SHORT, 1, 3))))[0]
    figures += console.worst(measured)
    print("verify …", file=sys.stderr)
    figures = [*verification(4.0 if long else 1.0), *figures]
    print(f"\n{machine}\nLoad, servers and database share this machine: read the ratios, not the rates.\n")
    print_table(figures)
    missed = sum(figure.met is False for figure in figures)
    print(f"\n{sum(figure.met is True for figure in figures)} goals met, {missed} missed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
