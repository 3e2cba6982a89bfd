"""The ministry's document system: ``python -m axis.demo.ministry --config FILE``, a real program.

It sends its documents, a bounded number at a time, and three bad ones among them that the axis has
to refuse; it collects, through its own mailbox, the statuses that come back; and afterwards it recalls a
letter that arrived, and updates and replaces a plan without waiting for anybody.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

from axis.demo.documents import RECALL, Document
from axis.demo.office import Office, run_office
from axis.demo.packages import BAD_KINDS, bad_package
from axis.domain.document import Package

AT_ONCE = 6


def _refusal(text: str) -> str:
    """The dotted code at the end of what the axis says."""
    found = re.search(r"\[([a-z-]+\.[a-z-]+)", text)
    return found[1] if found else ""


class Desk:
    """Who said what about which document: the statuses that came back."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str, str]] = set()
        self._news = asyncio.Event()

    async def read(self, package: Package) -> None:
        """A status; documents that arrive here are read by people."""
        for about in package.response_for:
            self._said.add((package.sender.organ_id, about.document_id, package.status_code))
        self._news.set()

    async def all_said(self, document: Document, status: str) -> None:
        """Wait until every receiver of a document said so."""
        while not {(code, document.document_id, status) for code in document.receivers} <= self._said:
            self._news.clear()
            await self._news.wait()


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


async def _afterwards(office: Office, desk: Desk) -> None:
    """The letter is recalled once everybody has it; update and replacement leave right behind the plan."""
    for document in office.config.later:
        if document.business == RECALL:
            letter = next(d for d in office.config.later if d.document_id == document.about)
            await desk.all_said(letter, "01")
        await office.send_document(document)


async def _send_everything(office: Office, desk: Desk) -> None:
    await _send_all(office)
    if not office.stopping.is_set():
        await _afterwards(office, desk)


async def _work(office: Office) -> None:
    await office.history.record("ready")
    desk = Desk()
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(_send_everything(office, desk))
        statuses = group.create_task(office.poll("status", desk.read, at_once=6))
        documents = group.create_task(office.poll("edoc", desk.read))
        await asyncio.wait([statuses, documents])  # told to stop
        sending.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(prog="axis.demo.ministry", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    asyncio.run(run_office(parser.parse_args().config, _work))


if __name__ == "__main__":
    main()
