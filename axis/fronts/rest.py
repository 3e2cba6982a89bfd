"""``/api/v1``: a unit's own reports and registers, for its software.

    GET /api/v1/reports             which there are
    GET /api/v1/reports/{name}      one of them, as JSON, CSV, XLSX or a page for printing
    GET /api/v1/openapi.json        this, for tools; open to everybody

A caller proves itself as it does to the VXP API (callers.py) and is always answered about its own unit:
there is no parameter that could name another. Refusals are problem details (plain_http.py), in
Vietnamese or English as ``Accept-Language`` asks; so are the headings of a report. A report is made whole in
a temporary file, a few at once and fewer for one unit, and then sent however slowly its reader takes it: no
unit shuts out the others. One that breaks off breaks the connection, so that half a register never passes
for a whole.
What is taken away stands in the journal (rest_journal.py).
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import IO, Literal, Protocol
from uuid import uuid4

from aiohttp import web

from axis.domain.directory import Unit
from axis.domain.errors import PackageError, Unavailable
from axis.domain.period import Period
from axis.fronts import outgoing, problems, rest_openapi
from axis.fronts.callers import Caller, Callers
from axis.fronts.identity import caller_address
from axis.fronts.rest_journal import Journal, TakenAway
from axis.fronts.turns import Turns
from axis.fronts.vxp_call import Directory, plain
from axis.hub.reporting import files as report_files
from axis.hub.reporting.questions import KINDS, Question
from axis.sheets.sheet import Language, Report

PREFIX = "/api/v1"
EACH, AT_ONCE = 2, 4  # reports one process makes at once, of one unit and in all; the database has more to do
SECONDS = 600.0  # for making one
_PERIOD = {"from": "first", "to": "last", "day": "day", "week": "week", "month": "month", "quarter": "quarter",
           "half": "half", "year": "year"}  # fmt: skip
PARAMETERS = (*_PERIOD, "with", "format")
_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Accept-Language"}


class Reports(Protocol):
    async def ask(
        self, name: str, period: Period, *, unit: str = "", counterpart: str = "", scope: Unit | None = None,
        made_by: str, language: Language = "vi", deep: bool = False,
    ) -> Question: ...  # fmt: skip

    async def make(self, question: Question) -> Report: ...


class RestFront:
    """``trusted``: addresses of our own reverse proxies, which say who really calls."""

    def __init__(
        self, directory: Directory, reports: Reports, journal: Journal, *, trusted: frozenset[str] = frozenset(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._callers = Callers(directory, now, event="rest.call")
        self._reports = reports
        self._taken = TakenAway(journal, now)
        self._trusted = trusted
        self._now = now
        self._making = Turns(each=EACH, in_all=AT_ONCE)
        self._sending = Turns(each=2 * EACH)

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get(f"{PREFIX}/reports", self.list, allow_head=False)
        app.router.add_get(f"{PREFIX}/reports/{{name}}", self.report, allow_head=False)
        app.router.add_get(f"{PREFIX}/openapi.json", self.openapi, allow_head=False)

    async def list(self, request: web.Request) -> web.StreamResponse:
        await self._prove(request)
        _parameters(request, ())
        language = _language(request)
        found = [
            {"name": kind.name, "title": kind.title(language), "about": kind.about(language),
             "formats": report_files.FORMATS, "href": f"{PREFIX}/reports/{kind.name}"}
            for kind in KINDS.values()
        ]  # fmt: skip
        return _json({"reports": found}, language)

    async def report(self, request: web.Request) -> web.StreamResponse:
        caller = await self._prove(request)
        given = _parameters(request, PARAMETERS)
        name, language = given.get("format") or "json", _language(request)
        media_type = report_files.media_type(name)
        period = Period.parse(self._now(), **{_PERIOD[key]: text for key, text in given.items() if key in _PERIOD})
        question = await self._reports.ask(
            request.match_info["name"], period, counterpart=given.get("with", ""), scope=caller.unit,
            made_by=f"{caller.unit.code} ({plain(caller.system_id)})", language=language,
        )  # fmt: skip
        with self._sending.taken(caller.unit.id), tempfile.TemporaryFile() as file:
            report = await self._made(caller, question, name, file)
            address = caller_address(request, self._trusted)
            await self._taken.tell(caller, question, given.get("with", ""), name, address)
            return await self._send(request, report, question, name, media_type, file)

    async def openapi(self, request: web.Request) -> web.StreamResponse:
        return _json(rest_openapi.document(), "en")

    async def _prove(self, request: web.Request) -> Caller:
        return await self._callers.prove(request, "reports", (), uuid4().hex)

    async def _made(self, caller: Caller, question: Question, name: str, file: IO[bytes]) -> Report:
        """The report, whole in the file."""
        with self._making.taken(caller.unit.id):
            try:
                async with asyncio.timeout(SECONDS):
                    report = await self._reports.make(question)
                    async with aclosing(report_files.pieces(report, question, name)) as pieces:
                        async for piece in pieces:
                            await asyncio.to_thread(file.write, piece)
            except TimeoutError as error:
                raise Unavailable("request.busy") from error
        return report

    async def _send(
        self, request: web.Request, report: Report, question: Question, name: str, media_type: str, file: IO[bytes]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={
            **_ALWAYS, "Content-Type": media_type, "Content-Language": question.language,
            "Content-Disposition": f'attachment; filename="{report_files.file_name(report, name)}"',
        })  # fmt: skip
        response.content_length = file.seek(0, os.SEEK_END)
        file.seek(0)
        return await outgoing.send_stream(request, response, outgoing.lying(file))


def _parameters(request: web.Request, known: tuple[str, ...]) -> dict[str, str]:
    """The query's parameters. Raises PackageError for one that is unknown or stands twice: a misspelt
    filter must not answer a wider question. Nor must an empty one: its caller lost the value on the way."""
    given: dict[str, str] = {}
    for key, value in request.rel_url.query.items():
        if key not in known or key in given:
            raise PackageError("report.bad-parameter", name=plain(key)[:40], allowed=", ".join(known) or "–")
        if not value.strip():
            raise PackageError("report.empty-parameter", name=key)
        given[key] = value
    return given


def _language(request: web.Request) -> Literal["vi", "en"]:
    return "en" if problems.language(request.headers.get("Accept-Language", "")) == "en" else "vi"


def _json(value: object, language: str) -> web.Response:
    return web.Response(
        body=json.dumps(value, ensure_ascii=False).encode(), content_type="application/json",
        headers={**_ALWAYS, "Content-Language": language},
    )  # fmt: skip
