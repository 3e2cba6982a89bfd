"""A hub that kills itself at a named point: ``python -m tests.scenarios.doomed POINT serve …``.

The product knows nothing of this. The program replaces one function by one that dies around it, then
becomes the ordinary ``axis`` command. A point is ``before`` or ``after`` a function, at its first call.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import signal
import sys
from typing import Any

POINTS: dict[str, tuple[str, str, str]] = {
    # the intake
    "first byte spooled": ("after", "axis.store.payloads", "Spool.write"),
    "all bytes here, nothing durable": ("before", "axis.store.payloads", "Spool.commit"),
    "payload written, not yet at its place": ("after", "axis.store.payloads", "os.fdatasync"),
    "payload at its place, folder not synced": ("before", "axis.store.payloads", "sync_folder"),
    "payload durable, no row": ("after", "axis.store.payloads", "Spool.commit"),
    "before the commit": ("before", "axis.store.packages", "Packages.accept"),
    "committed, not answered": ("after", "axis.store.packages", "Packages.accept"),
    "accepted, answer half made": ("after", "axis.hub.intake", "Intake.accept"),
    # delivery by push
    "claimed, not attempted": ("after", "axis.store.deliveries", "Deliveries.claim"),
    "the receiver has it, we do not know": ("after", "adapters.webhook", "Webhook.deliver"),
    "before settling": ("before", "axis.store.deliveries", "Deliveries.settle_delivered"),
    "settled": ("after", "axis.store.deliveries", "Deliveries.settle_delivered"),
    # delivery by pull
    "fetched, not noted": ("before", "axis.store.deliveries", "Deliveries.mark_fetched"),
    "fetch noted, no byte sent": ("after", "axis.store.deliveries", "Deliveries.mark_fetched"),
    "confirmation not written": ("before", "axis.store.deliveries", "Deliveries.confirm_delivered"),
    "confirmed, not answered": ("after", "axis.store.deliveries", "Deliveries.confirm_delivered"),
}


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _matters(result: Any) -> bool:
    """An empty claim is not a claim."""
    return bool(result != [])


def _doomed(function: Any, when: str) -> Any:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def waiting(*args: Any, **more: Any) -> Any:
            if when == "before":
                _die()
            result = await function(*args, **more)
            if _matters(result):
                _die()
            return result

        return waiting

    @functools.wraps(function)
    def plain(*args: Any, **more: Any) -> Any:
        if when == "before":
            _die()
        result = function(*args, **more)
        _die()
        return result

    return plain


class _Os:
    """``os`` of one module, with one function replaced there and nowhere else."""

    def __init__(self, name: str, function: Any) -> None:
        self.__dict__[name] = function

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


def arm(point: str) -> None:
    when, module_name, path = POINTS[point]
    module = importlib.import_module(module_name)
    owner, _, name = path.rpartition(".")
    if owner == "os":
        module.os = _Os(name, _doomed(getattr(os, name), when))  # type: ignore[attr-defined]  # that is the trick
        return
    holder = getattr(module, owner) if owner else module
    setattr(holder, name, _doomed(getattr(holder, name), when))


if __name__ == "__main__":
    named = sys.argv.pop(1)
    if named == "payload at its place, folder not synced":
        # The folders of a fresh store are synced at the start; only payloads' folders count here.
        from axis.store import payloads

        original = payloads.sync_folder

        def at_payload(folder: Any) -> None:
            if folder.parent.name == "payloads" and folder.name != "payloads":
                _die()
            original(folder)

        payloads.sync_folder = at_payload
    else:
        arm(named)
    from axis.cli.main import main

    main()
