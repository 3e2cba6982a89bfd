"""``/api/v1``: a unit's software asks for the unit's own reports; nobody else's, and nothing half."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlparse
from uuid import uuid4

import openpyxl
import pytest
from aiohttp import ClientSession, web

from axis.demo.vxp_wire import ServiceObject
from axis.domain.clock import VIETNAM
from axis.domain.directory import Unit, UnitState
from axis.domain.errors import NotFound, Unavailable
from axis.domain.events import Event
from axis.domain.period import Period
from axis.fronts import rest, rest_journal
from axis.fronts.problems import CODES, FAMILIES
from axis.fronts.rest import RestFront
from axis.hub.reporting import files as report_files
from axis.hub.reporting.questions import KINDS, Question
from axis.sheets.sheet import Column, Report, Row, Sheet
from tests.fronts.stand_in import SECRET, SYSTEM, UNIT, Recorder
from tests.fronts.test_side_fronts import serving
from tests.hub.world import until

NOW = datetime(2019, 7, 1, 2, tzinfo=UTC)
COLUMNS = (Column("code", "Số, ký hiệu", "Number", "text"), Column("n", "Số lượng", "Count", "number"))


class Answers:
    """Plays the use case and the journal; ``asked`` holds its questions, ``told`` what is written down."""

    def __init__(self, rows: int = 3, breaks_after: int | None = None, wide: int = 0) -> None:
        self.rows, self.breaks_after, self.wide = rows, breaks_after, wide
        self.asked: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self.now = NOW
        self.gate: asyncio.Event | None = None
        self.begun = asyncio.Event()
        self.made = 0
        self.directory = Recorder()

    async def write(self, event: Event, **more: Any) -> None:
        if self.breaks_after == -1:
            raise Unavailable("storage.database-away")
        self.told.append({"event": event, **more})

    async def ask(self, name: str, period: Period, **more: Any) -> Question:
        self.asked.append({"name": name, "period": period, **more})
        if name not in KINDS:
            raise NotFound("report.unknown", name=name)
        return Question(KINDS[name], period, more["scope"], scope=more["scope"], made_by=more["made_by"],
                        language=more["language"])  # fmt: skip

    async def make(self, question: Question) -> Report:
        self.made += 1

        async def rows() -> AsyncIterator[Row]:
            self.begun.set()
            if self.gate is not None:
                await self.gate.wait()
            for number in range(self.rows):
                if self.breaks_after is not None and number >= self.breaks_after:
                    raise Unavailable("storage.database-away")
                yield {"code": f"{number}/TB – Sở{'x' * self.wide}", "n": number}

        sheet = Sheet("so", "Sổ", "Register", COLUMNS, rows(), totals={"n": 3})
        return Report("Sổ đăng ký văn bản đi", (sheet,), NOW, question.made_by, language=question.language,
                      marks=("A01.10", question.period.name))  # fmt: skip


def signed(secret: str = SECRET, **values: str) -> dict[str, str]:
    """Headers as the SDK of an agency makes them, for a call without a body."""
    service = ServiceObject(SYSTEM, secret, NOW.astimezone(VIETNAM))
    service.put(values)
    sent = dict(service.apache_headers("localhost", None))
    return {name: value for name, value in sent.items() if name.lower().startswith("xroadvnpt-")}


@asynccontextmanager
async def standing(
    answers: Answers | None = None, unit: Unit = UNIT
) -> AsyncIterator[tuple[str, ClientSession, Answers]]:
    found = answers or Answers()
    app = web.Application()
    found.directory.unit = unit
    front = RestFront(
        found.directory, found, found, trusted=frozenset({"127.0.0.1"}), now=lambda: found.now
    )
    front.add_routes(app)
    async with serving(app) as (url, session):
        yield f"{url}/api/v1", session, found


async def get(
    session: ClientSession, url: str, language: str = "", headers: Mapping[str, str] | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    given = dict(signed() if headers is None else headers)
    if language:
        given["Accept-Language"] = language
    async with session.get(url, headers=given) as answer:
        return answer.status, answer.headers, await answer.read()


async def test_the_list_names_every_report_in_the_callers_language() -> None:
    async with standing() as (url, session, _):
        for language, title in (("", "Sổ đăng ký văn bản đi"), ("en", "Register of outgoing documents")):
            status, headers, body = await get(session, url + "/reports", language)
            found = {report["name"]: report for report in json.loads(body)["reports"]}
            assert status == 200 and set(found) == set(KINDS)
            assert found["outgoing-register"]["title"] == title
            assert headers["Cache-Control"] == "no-store" and headers["Content-Language"] == (language or "vi")


@pytest.mark.parametrize("form", report_files.FORMATS)
async def test_a_report_comes_in_every_format_for_the_callers_own_unit(form: str) -> None:
    async with standing() as (url, session, answers):
        query = f"from=2019-06-03&to=2019-06-09&with=000.00.02.G04&format={form}"
        status, headers, body = await get(session, f"{url}/reports/outgoing-register?{query}", "en")
    (asked,) = answers.asked
    assert asked["scope"] == UNIT and "unit" not in asked and asked["counterpart"] == "000.00.02.G04"
    assert asked["period"] == Period.between(date(2019, 6, 3), date(2019, 6, 9)) and asked["language"] == "en"
    assert asked["made_by"] == f"A01.10 ({SYSTEM})"
    assert (status, headers["Cache-Control"]) == (200, "no-store")
    assert headers["Content-Type"] == report_files.media_type(form)
    name = f"so-dang-ky-van-ban-di_A01.10_2019-06-03--2019-06-09.{form}"
    assert headers["Content-Disposition"] == f'attachment; filename="{name}"' and name.isascii()
    match form:
        case "json":
            found = json.loads(body)
            assert found["period"] == {"name": "2019-06-03--2019-06-09", "from": "2019-06-03", "to": "2019-06-09"}
            assert found["sheets"][0]["rows"][2] == {"code": "2/TB – Sở", "n": 2}
            assert found["sheets"][0]["totals"] == {"code": None, "n": 3}
            assert [column["title"] for column in found["sheets"][0]["columns"]] == ["Number", "Count"]
        case "xlsx":
            assert openpyxl.load_workbook(io.BytesIO(body)).sheetnames
        case _:
            assert "2/TB – Sở" in body.decode("utf-8-sig").replace("<wbr>", "")


async def test_without_a_period_the_present_month_of_vietnam_is_meant() -> None:
    async with standing() as (url, session, answers):
        told = {"": "2019-07", "?month=2019-05": "2019-05", "?quarter=2019Q2": "2019Q2", "?year=2019": "2019",
                "?week=2019-W23": "2019-W23", "?day=2019-06-03": "2019-06-03"}  # fmt: skip
        for query, period in told.items():
            assert (await get(session, f"{url}/reports/summary{query}"))[0] == 200
            assert answers.asked[-1]["period"].name == period


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [("/reports/no-such", 404, "report.unknown"), ("/reports/summary?month=2019-13", 422, "report.bad-period"),
     ("/reports/summary?from=2019-06-09&to=2019-06-03", 422, "report.period-order"),
     ("/reports/summary?from=2019-06-09", 422, "report.period-conflict"),
     ("/reports/summary?month=2019-06&year=2019", 422, "report.period-conflict"),
     ("/reports/summary?from=2001-01-01&to=2019-01-01", 422, "report.period-too-long"),
     ("/reports/summary?format=pdf", 422, "report.bad-format"),
     ("/reports/summary?unit=A01.11", 422, "report.bad-parameter"),
     ("/reports/summary?month=2019-06&month=2019-05", 422, "report.bad-parameter"),
     ("/reports?month=2019-06", 422, "report.bad-parameter"), ("/nothing", 404, "request.unknown-path")],
)  # fmt: skip
async def test_what_cannot_be_answered_is_a_problem_with_a_code_in_two_languages(
    query: str, status: int, code: str
) -> None:
    async with standing() as (url, session, _):
        details = []
        for language in ("vi", "en"):
            got, headers, body = await get(session, url + query, language)
            found = json.loads(body)
            assert (got, found["status"], found["code"]) == (status, status, code)
            assert headers["Content-Type"].startswith("application/problem+json")
            assert headers["Content-Language"] == language
            assert headers["Cache-Control"] == "no-store" and "?" not in found["detail"]
            details.append(found["detail"])
        assert details[0] != details[1]


async def test_only_a_proven_system_of_a_connected_unit_is_answered() -> None:
    async with standing() as (url, session, answers):
        stale = signed()
        stale["XroadVnpt-timestamp"] = "01012019T000000+0000"
        for headers, code in (({}, "access.credentials"), (signed("wrong-secret-of-a-system"), "access.credentials"),
                              (stale, "access.headers-disagree")):  # fmt: skip
            for path in ("/reports", "/reports/summary"):
                status, _, body = await get(session, url + path, headers=headers)
                assert (status, json.loads(body)["code"]) == (401, code)
        assert answers.asked == []
        assert (await get(session, url + "/openapi.json", headers={}))[0] == 200, "open to everybody"
    async with standing(unit=replace(UNIT, state=UnitState.RETIRED)) as (url, session, _):
        status, _, body = await get(session, url + "/reports/summary")
        assert (status, json.loads(body)["code"]) == (403, "access.unit-inactive")
    async with standing(unit=replace(UNIT, settings={"vxp_max_age": 60})) as (url, session, _):
        assert (await get(session, url + "/reports"))[0] == 200
        old = ServiceObject(SYSTEM, SECRET, datetime(2019, 6, 1, tzinfo=UTC)).apache_headers("localhost", None)
        headers = {name: value for name, value in dict(old).items() if name.lower().startswith("xroadvnpt-")}
        assert (await get(session, url + "/reports", headers=headers))[0] == 401


@pytest.mark.parametrize("breaks_after", [0, 15_000])
async def test_a_report_that_cannot_be_finished_is_answered_in_words(breaks_after: int) -> None:
    async with standing(Answers(rows=20_000, breaks_after=breaks_after)) as (url, session, answers):
        status, _, body = await get(session, url + "/reports/outgoing-register")
        found = json.loads(body)
        assert (status, found["code"]) == (503, "storage.database-away"), "half a register is never begun"
        assert answers.told == [], "nothing was taken"


async def test_what_is_taken_away_is_written_down_once_an_hour_before_anything_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with standing() as (url, session, answers):
        june = f"{url}/reports/outgoing-register?month=2019-06"
        for _ in range(3):
            assert (await get(session, june))[0] == 200
        (row,) = answers.told
        assert row == {
            "event": Event.EXPORTED, "actor": "A01.10", "unit_id": UNIT.id,
            "data": {"report": "outgoing-register", "period": "2019-06", "format": "json", "system": SYSTEM,
                     "address": "127.0.0.1"},
        }  # fmt: skip
        assert (await get(session, june + "&format=csv"))[0] == 200
        elsewhere = {**signed(), "X-Forwarded-For": "203.0.113.9"}
        assert (await get(session, june, headers=elsewhere))[0] == 200
        assert [row["data"]["address"] for row in answers.told] == ["127.0.0.1", "127.0.0.1", "203.0.113.9"]
        answers.now += timedelta(minutes=59)
        await get(session, june)
        answers.now += timedelta(minutes=1)
        await get(session, june)
        assert len(answers.told) == 4, "told again when the hour is over"
        for refused in (url + "/reports/no-such", url + "/reports/summary?format=pdf", url + "/reports"):
            await get(session, refused)
        await get(session, june, headers=signed("wrong-secret-of-a-system"))
        assert len(answers.told) == 4, "nothing was taken"
        monkeypatch.setattr(rest_journal, "MOST", 1)
        for month in ("2019-05", "2019-06"):
            await get(session, f"{url}/reports/summary?month={month}")
            await get(session, f"{url}/reports/summary?month={month}")
        await get(session, f"{url}/reports/summary?month=2019-05")
        assert len(answers.told) == 7, "the oldest was forgotten"
    async with standing(Answers(breaks_after=-1)) as (url, session, _):
        status, _, body = await get(session, url + "/reports/summary")
        assert (status, json.loads(body)["code"]) == (503, "storage.database-away"), "not written down, not given"


async def test_more_reports_at_once_than_the_axis_makes_are_asked_to_come_back() -> None:
    answers = Answers()
    answers.gate = asyncio.Event()
    async with standing(answers) as (url, session, _):
        kept = [asyncio.create_task(get(session, url + "/reports/summary")) for _ in range(rest.EACH)]
        await until(lambda: answers.made == rest.EACH)
        status, headers, body = await get(session, url + "/reports/summary")
        assert (status, json.loads(body)["code"], headers["Retry-After"]) == (503, "request.busy", "5")
        answers.directory.unit = replace(UNIT, id=uuid4(), code="A01.11")
        kept += [asyncio.create_task(get(session, url + "/reports/summary")) for _ in range(rest.AT_ONCE - rest.EACH)]
        await until(lambda: answers.made == rest.AT_ONCE)
        answers.directory.unit = replace(UNIT, id=uuid4(), code="A01.12")
        assert (await get(session, url + "/reports/summary"))[0] == 503, "no more than that of everybody"
        answers.gate.set()
        assert [(await one)[0] for one in kept] == [200] * rest.AT_ONCE
        assert (await get(session, url + "/reports/summary"))[0] == 200


async def test_readers_who_take_their_time_shut_out_nobody_else() -> None:
    async with standing(Answers(rows=20_000, wide=1_000)) as (url, session, answers):
        parsed, slow = urlparse(url), []
        for _ in range(2 * rest.EACH):
            reader, writer = await asyncio.open_connection(parsed.hostname, parsed.port, limit=1024)
            head = "".join(f"{name}: {value}\r\n" for name, value in signed().items())
            writer.write(f"GET {parsed.path}/reports/summary?format=csv HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
            assert (await reader.readexactly(12)).endswith(b"200")
            slow.append(writer)
        answers.rows, answers.wide = 3, 0
        assert (await get(session, url + "/reports/summary"))[0] == 503, "that unit has files enough on their way"
        answers.directory.unit = replace(UNIT, id=uuid4(), code="A01.11")
        assert (await get(session, url + "/reports/summary"))[0] == 200, "another unit is served"
        for writer in slow:
            writer.transport.abort()


@pytest.mark.parametrize("query", ["with=", "month=", "from=&to=", "format=", "with=%20"])
async def test_a_parameter_without_a_value_is_refused(query: str) -> None:
    async with standing() as (url, session, answers):
        status, _, body = await get(session, f"{url}/reports/summary?{query}")
        assert (status, json.loads(body)["code"]) == (422, "report.empty-parameter") and not answers.asked


async def test_half_a_year_is_a_period() -> None:
    async with standing() as (url, session, answers):
        assert (await get(session, f"{url}/reports/summary?half=2019-2"))[0] == 200
        assert answers.asked[0]["period"] == Period.half("2019H2")


async def test_the_description_fits_the_front() -> None:
    async with standing() as (url, session, _):
        _, _, body = await get(session, url + "/openapi.json", headers={})
        _, _, report = await get(session, url + "/reports/summary?month=2019-06")
    found = json.loads(body)
    assert found["openapi"].startswith("3.1")
    app = web.Application()
    RestFront(Recorder(), Answers(), Answers()).add_routes(app)
    assert set(found["paths"]) == {route.resource.canonical for route in app.router.routes() if route.resource}
    get_ = found["paths"]["/api/v1/reports/{name}"]["get"]
    assert {p["name"] for p in get_["parameters"] if p["in"] == "query"} == set(rest.PARAMETERS)
    (name,) = [p for p in get_["parameters"] if p["in"] == "path"]
    assert name["schema"]["enum"] == list(KINDS)
    assert {"404", "422"} <= set(get_["responses"]) and set(get_["responses"]["200"]["content"]) == {
        report_files.media_type(form) for form in report_files.FORMATS
    }
    told = {"401", "403", "404", "422", "503"}
    assert {str(row.http) for row in CODES.values()} | {str(row.http) for _, row in FAMILIES} >= told
    schemas = found["components"]["schemas"]
    refs = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(found)))
    assert refs == set(schemas)
    said = json.loads(report)
    assert set(schemas["Report"]["required"]) == set(said)
    assert set(schemas["Sheet"]["required"]) == set(said["sheets"][0])


async def test_rows_that_are_given_up_let_go_of_what_they_hold() -> None:
    closed = []

    async def rows() -> AsyncIterator[Row]:
        try:
            for number in range(100_000):
                yield {"code": "x" * 100, "n": number}
        finally:
            closed.append(True)

    question = Question(KINDS["summary"], Period.month("2019-06"))
    report = Report("R", (Sheet("s", "S", "S", COLUMNS, rows()),), NOW, "x")
    async with aclosing(report_files.pieces(report, question, "json")) as pieces:
        async for piece in pieces:
            assert piece
            break
    assert closed == [True]
