"""``axis alert``, and what units and the doctor say about whom to tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Axis, said
from tests.hub.alerting import CHIEF, CLERK, MONDAY_EVENING, SENDER, TUESDAY_EVENING, Postbox, hour, owing, watch
from tests.hub.world import MINISTRY, RAIL, ROADS, World


async def test_alerts_are_listed_newest_first_with_how_late(axis: Axis, still: World) -> None:
    await still.change(ROADS, contacts=(CLERK,))
    await owing(still, 2, priority=3)
    await owing(still, by=RAIL, due=hour(3, "10:00"))
    await watch(still, MONDAY_EVENING).sweep()
    await watch(still, TUESDAY_EVENING).sweep()
    await still.execute("update delivery set handling = '03', registered_at = $1, told_at = $1 where unit_id = $2",
                        hour(4, "10:00"), still.units[RAIL].id)  # fmt: skip
    rows = said(await axis("alert", "list", "--json"))
    assert len(rows) == 6 and [r["level"] for r in rows] == [2, 2, 2, 1, 1, 1]
    done = [r for r in rows if r["unit"] == RAIL]
    assert {(r["late"], r["open"], r["due_at"]) for r in done} == {
        ("quá hạn 1 ngày làm việc", False, "2019-06-03T10:00:00+07:00")
    }
    assert all(r["open"] and "ngày làm việc" in r["late"] for r in rows if r["unit"] == ROADS)
    assert all(r["outcome"].startswith("đã tiếp nhận lúc 04/06/2019 10:00, trễ 1 ngày làm việc") for r in done)
    assert all(r["provisional"] and "tạm tính" in r["outcome"] for r in rows), "nobody entered the decision of 2019"
    assert rows == sorted(rows, key=lambda r: (r["at"], r["id"]), reverse=True)
    assert len(said(await axis("alert", "list", "--unit", ROADS, "--level", 2, "--json"))) == 2
    assert said(await axis("alert", "list", "--since", "2019-06-04", "--json")) == rows[:3]
    assert said(await axis("alert", "list", "--limit", 1, "--json")) == rows[:1]
    assert said(await axis("alert", "list", "--all", "--json")) == rows
    table = (await axis("alert", "list")).stdout
    assert "quá hạn tiếp nhận" in table and "nhắc lại" in table and "hoả tốc" in table
    assert "not registered in time" in (await axis("alert", "list", lang="en")).stdout
    assert (await axis("alert", "list", "--unit", "khong-co")).exit_code == 3
    found = said(await axis("alert", "messages", "--json"))
    assert [(m["address"], m["alerts"], m["unit"]) for m in found] == [(CLERK, 2, ROADS)] * 2
    assert said(await axis("alert", "messages", "--waiting", "--all", "--json")) == found


@pytest.fixture
def mail_file(data_folder: Path) -> Path:
    return data_folder / "axis.toml"


def configure(file: Path, box: Postbox) -> None:
    file.write_text(f'[mail]\nhost = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\nsender = "{SENDER}"\n')


async def test_a_test_tells_where_it_arrived(axis: Axis, still: World, mail_file: Path) -> None:
    nobody = await axis("alert", "test", RAIL)
    assert nobody.exit_code == 1 and "--contact" in nobody.stderr
    await still.change(ROADS, contacts=(CLERK, CHIEF))
    off = await axis("alert", "test", ROADS, "--json")
    assert off.exit_code == 1 and "alert.mail-off" in json.loads(off.stdout)[0]["note"]
    box = Postbox(to=lambda address: "250 OK" if address == CLERK else "550 5.1.1 no such user")
    async with box.open():
        configure(mail_file, box)
        half = await axis("alert", "test", ROADS, "--json")
        assert half.exit_code == 1 and [t["sent"] for t in json.loads(half.stdout)] == [True, False]
        box.to = lambda address: "250 OK"
        assert [t["sent"] for t in said(await axis("alert", "test", ROADS, "--json"))] == [True, True]
    assert [str(letter["To"]) for letter in box.letters] == [CLERK, CLERK, CHIEF]


async def test_whom_to_tell_is_entered_with_the_unit(axis: Axis, still: World, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("whsec_" + "QUJD" * 10)
    given = ("--contact", CLERK, "--contact", CHIEF, "--alert-url", "https://duong-bo.vn/canh-bao", "--auto-arrived")
    refused = await axis("unit", "add", "000.00.09.G04", "--name", "Cục", *given)
    assert refused.exit_code == 7 and "alert.no-secret" in refused.stderr
    said(await axis("unit", "add", "000.00.09.G04", "--name", "Cục", *given, "--webhook-secret-file", secret, "--json"))
    shown = said(await axis("unit", "show", "000.00.09.G04", "--json"))
    assert (shown["contacts"], shown["alert_url"], shown["auto_arrived"]) == (
        [CLERK, CHIEF], "https://duong-bo.vn/canh-bao", True,
    )  # fmt: skip
    said(await axis("unit", "set", "000.00.09.G04", "--contact", "", "--alert-url", "", "--no-auto-arrived", "--json"))
    shown = said(await axis("unit", "show", "000.00.09.G04", "--json"))
    assert (shown["contacts"], shown["alert_url"], shown["auto_arrived"]) == ([], "", False)
    bad = await axis("unit", "set", ROADS, "--contact", "Văn thư")
    assert bad.exit_code == 7 and "alert.bad-contact" in bad.stderr


async def test_the_doctor_tells_that_nobody_would_hear(axis: Axis, still: World, mail_file: Path) -> None:
    async def findings() -> dict[str, Any]:
        return {f["subject"]: f for f in json.loads((await axis("doctor", "--json")).stdout)}

    found = await findings()
    assert found["alerts"]["state"] == "ok" and found["listeners"]["state"] == "unproven"
    assert ROADS in found["listeners"]["text"] and RAIL in found["listeners"]["text"]
    await still.change(ROADS, contacts=(CLERK,))
    found = await findings()
    assert found["mail"]["state"] == "unproven"
    assert ROADS not in found["listeners"]["text"] and RAIL in found["listeners"]["text"]
    await owing(still)
    await watch(still, MONDAY_EVENING).sweep()
    await still.execute("update alert_message set created_at = now() - interval '2 hours', note = 'bận'")
    assert "alerts email" not in await findings(), "waiting is what it should do while mail is off"
    async with Postbox().open() as box:
        configure(mail_file, box)
        found = await findings()
    assert found["alerts email"]["state"] == "failing" and "bận" in found["alerts email"]["text"]
    assert "mail" not in found
    await still.execute("update alert_message set sent_at = now()")
    await still.execute("update unit set alert_url = 'https://x.vn/' where code = $1", MINISTRY)
    found = await findings()
    assert found[f"alerts {MINISTRY}"]["state"] == "failing" and "alerts email" not in found
