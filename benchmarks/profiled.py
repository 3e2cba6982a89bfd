"""``axis serve`` in one process with its clock in view: ``python -m benchmarks.profiled FILE serve …``.

Two profiles, by processor time and not by the clock, so that waiting counts for nothing: the event loop's
thread, and what the worker threads do for a package. Written to FILE when the server stops. Profiling makes
calls dearer than they are; read it for shares.
"""

from __future__ import annotations

import cProfile
import functools
import io
import pstats
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axis.cli.main import main
from axis.hub.intake import Examination

LINES = 32
_held = threading.local()
_all: list[cProfile.Profile] = []


def _counted(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def run(*args: Any) -> Any:
        profile = getattr(_held, "profile", None)
        if profile is None:
            profile = _held.profile = cProfile.Profile(time.thread_time)
            _all.append(profile)
        _held.depth = getattr(_held, "depth", 0) + 1
        if _held.depth == 1:
            profile.enable()
        try:
            return method(*args)
        finally:
            _held.depth -= 1
            if not _held.depth:
                profile.disable()

    return run


def _told(title: str, profiles: list[cProfile.Profile]) -> str:
    text = io.StringIO()
    print(f"\n=== {title}", file=text)
    if profiles:
        found = pstats.Stats(*profiles, stream=text)
        found.strip_dirs().sort_stats("tottime").print_stats(LINES)
        found.sort_stats("cumulative").print_stats(LINES)
    return "\n".join(line for line in text.getvalue().splitlines() if line.strip())


if __name__ == "__main__":
    file = Path(sys.argv[1])
    sys.argv = ["axis", *sys.argv[2:]]
    for name in ("feed", "finish", "discard"):
        setattr(Examination, name, _counted(getattr(Examination, name)))
    loop = cProfile.Profile(time.thread_time)
    try:
        loop.runcall(main)
    finally:
        file.write_text(_told("event loop", [loop]) + "\n" + _told("worker threads", _all) + "\n")
