"""A unit's document system: ``python -m axis.demo.agency --config FILE``, a real program.

It polls the axis as the real client does, or is called by webhooks and fetches from the link it was
given; stores what it gets; says "arrived" by itself (Decision 28 Đ6.3); and then answers like a clerk's
office does in a day: accepted, sometimes assigned, in progress, finished; once returned, once refused.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import time
from pathlib import Path

from aiohttp import ClientSession, web

from axis.demo.documents import progress
from axis.demo.office import Office, run_office
from axis.demo.themes import REFUSE_REASON, RETURN_REASON
from axis.domain.document import BusinessType, Kind, Package
from axis.domain.errors import AccessError
from axis.webhooks import verify_webhook

CLERKS = 3  # how many documents the office handles at a time


class Agency:
    def __init__(self, office: Office) -> None:
        self.office = office
        self.desk: asyncio.Queue[Package] = asyncio.Queue()

    async def work(self) -> None:
        office, config = self.office, self.office.config
        async with asyncio.TaskGroup() as group:
            clerks = [group.create_task(self._clerk()) for _ in range(CLERKS)]
            for document in config.documents:
                group.create_task(office.send_document(document))
            if config.hook_fd >= 0:
                await self._serve_hooks()
            else:
                await office.history.record("ready")
                await office.poll("edoc", self.desk.put)
            for clerk in clerks:
                clerk.cancel()

    async def _clerk(self) -> None:
        while True:
            package = await self.desk.get()
            await self._handle(package)

    async def _handle(self, package: Package) -> None:
        config = self.office.config
        if package.kind is not Kind.DOCUMENT:
            return
        if package.business_type in (BusinessType.RECALL, BusinessType.UPDATE):
            await self.office.answer(package, "15")  # the incoming document is cancelled, or changed
            return
        if not await self.office.answer(package, "01") or package.document_id in config.recalled:
            return
        if package.document_id in config.returned:
            await self.office.answer(package, "02", RETURN_REASON)
            return
        for status in progress(config.seed, package.document_id, config.code):
            if not await self.office.answer(package, status):
                return

    async def _serve_hooks(self) -> None:
        """Open the socket we inherited; until then the axis finds nobody there."""
        office, config = self.office, self.office.config
        await office.history.record("ready", down_for=config.down_for)
        if config.down_for:
            await office.rest(config.down_for)
        application = web.Application(client_max_size=64 * 1024)
        async with ClientSession(auto_decompress=False) as self._session:
            application.router.add_post("/hook", self._hook)
            runner = web.AppRunner(application, access_log=None)
            await runner.setup()
            await web.SockSite(runner, socket.socket(fileno=config.hook_fd)).start()
            if config.down_for:
                await office.history.record("back")
                # a unit that calls is alive: the axis stops waiting with what it holds for it
                await office.client.call("countReceiveEdoc")
            try:
                await office.stopping.wait()
            finally:
                await runner.cleanup()

    async def _hook(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            verify_webhook(request.headers, body, [self.office.config.hook_secret], time.time())
        except AccessError as error:
            await self.office.history.record("hook-refused", code=error.code)
            return web.json_response({"error": error.code}, status=401)
        event = json.loads(body)
        if event["type"] == "ping":
            return web.json_response({"ok": True})
        data = event["data"]
        if data["document_id"] in self.office.config.refused:
            await self.office.history.record("refused", document_id=data["document_id"], key=data["id"])
            answer = {"refused": True, "code": "unreadable-attachment", "reason": REFUSE_REASON}
            return web.json_response(answer, status=422)
        if self.office.config.delay:
            await self.office.rest(self.office.config.delay)
        async with self._session.get(data["pull_link"]) as response:
            if response.status != 200:
                text = (await response.text())[:300]
                await self.office.history.record("pull-failed", status=response.status, text=text)
                return web.json_response({"error": "pull"}, status=503)
            content = await response.read()
        package = await self.office.take_in(data["id"], content, announced=data["sha256"])
        if package is not None:
            self.desk.put_nowait(package)
        return web.json_response({"stored": data["id"]})


async def _work(office: Office) -> None:
    await Agency(office).work()


def main() -> None:
    parser = argparse.ArgumentParser(prog="axis.demo.agency", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    asyncio.run(run_office(parser.parse_args().config, _work))


if __name__ == "__main__":
    main()
