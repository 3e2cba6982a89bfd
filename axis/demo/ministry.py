"""The ministry's document system: ``python -m axis.demo.ministry --config FILE``, a real program.

It sends its documents, a bounded number at a time, and three bad ones among them that the axis has
to refuse; and it collects, through its own mailbox, the statuses that come back.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

from axis.demo.documents import Document
from axis.demo.office import Office, run_office
from axis.demo.packages import BAD_KINDS, bad_package
from axis.domain.document import Package

AT_ONCE = 6


def _refusal(text: str) -> str:
    """The dotted code at the end of what the axis says."""
    found = re.search(r"\[([a-z-]+\.[a-z-]+)", text)
    return found[1] if found else ""


async def _nothing_more(package: Package) -> None:
    """A status is in the history already; documents that arrive here are read by people."""


async def _send_bad(office: Office, kind: str, like: Document) -> None:
    document_id, data = bad_package(kind, like, office.config.seed, office.signed)
    answer = await office.send(data, "edoc")
    await office.history.record(
        "bad-accepted" if answer.ok else "bad-refused",
        kind=kind,
        document_id=document_id,
        code=_refusal(answer.error_desc) or answer.error_code,
        text=answer.error_desc,
    )


async def _send_all(office: Office) -> None:
    gap = 1 / office.config.speed if office.config.speed else 0.0

    async def clerk(jobs: Iterator[Document]) -> None:
        for document in jobs:
            if office.stopping.is_set():
                return
            await office.send_document(document)
            if gap:
                await office.rest(gap * AT_ONCE)

    documents = office.config.documents
    jobs = iter(documents)
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(clerk(jobs))
        for kind in BAD_KINDS:
            like = next((d for d in documents if not d.scan_bytes), documents[0])
            group.create_task(_send_bad(office, kind, like))
    await office.history.record("all-sent")


async def _work(office: Office) -> None:
    await office.history.record("ready")
    async with asyncio.TaskGroup() as group:
        group.create_task(_send_all(office))
        group.create_task(office.poll("status", _nothing_more, at_once=6))
        group.create_task(office.poll("edoc", _nothing_more))


def main() -> None:
    parser = argparse.ArgumentParser(prog="axis.demo.ministry", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    asyncio.run(run_office(parser.parse_args().config, _work))


if __name__ == "__main__":
    main()
