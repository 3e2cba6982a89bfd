"""``/api/v1`` over the real use cases: what each unit's own key opens, and what it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from aiohttp import web

from axis.demo.vxp_wire import ServiceObject
from axis.domain.clock import VIETNAM
from axis.fronts.rest import RestFront
from axis.hub.reporting.questions import KINDS
from tests.fronts.test_side_fronts import serving
from tests.hub.conftest import data_folder, database_url, furnished, opened, scripted_kind, still
from tests.hub.month import Month, empty, month
from tests.hub.world import RAIL, ROADS, SECRET, system_id

__all__ = ["data_folder", "database_url", "empty", "furnished", "month", "opened", "scripted_kind", "still"]


def signed(code: str) -> dict[str, str]:
    service = ServiceObject(system_id(code), SECRET, datetime.now(UTC).astimezone(VIETNAM))
    sent = dict(service.apache_headers("localhost", None))
    return {name: value for name, value in sent.items() if name.lower().startswith("xroadvnpt-")}


async def test_each_key_opens_its_own_units_reports_and_no_others(month: Month) -> None:
    app = web.Application()
    RestFront(month.world.core.directory, month.reports, month.world.core.journal).add_routes(app)
    everything = set().union(*month.numbers.values())
    async with serving(app) as (url, session):
        for code in (ROADS, RAIL):
            told = set()
            for name in KINDS:
                query = "from=2019-05-01&to=2019-07-31"
                async with session.get(f"{url}/api/v1/reports/{name}?{query}", headers=signed(code)) as answer:
                    text = await answer.text()
                    assert answer.status == 200, text
                    assert json.loads(text)["unit"]["code"] == code
                    told |= {number for number in everything if f"{number}/TB" in text}
            assert told and told <= month.numbers[code]
        told = await month.world.journal("report.exported")
        assert {(row["actor"], row["unit_id"], row["data"]["report"]) for row in told} == {
            (code, month.unit(code).id, name) for code in (ROADS, RAIL) for name in KINDS
        }
        assert told[0]["data"]["system"] == system_id(told[0]["actor"]) and told[0]["data"]["address"] == "127.0.0.1"
        query = f"year=2019&with={RAIL}"
        async with session.get(f"{url}/api/v1/reports/outgoing-register?{query}", headers=signed(ROADS)) as answer:
            rows = (await answer.json())["sheets"][0]["rows"]
            assert rows and all(RAIL in row["receivers"] for row in rows)
        async with session.get(f"{url}/api/v1/reports/summary?with=khong-co", headers=signed(ROADS)) as answer:
            assert (answer.status, (await answer.json())["code"]) == (404, "report.unknown-unit")
