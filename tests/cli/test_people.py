"""``axis person``: links shown once, and everything an operator does to accounts from the machine itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from axis.cli.people import link_url
from axis.config import Config, HubSection, ListenSection
from axis.domain.errors import AccessError
from axis.hub.people import Link
from axis.store.database import Database
from tests.cli.conftest import Axis, said
from tests.cli.test_commands import refused
from tests.hub.people import HERE, PASSWORD, Household, household
from tests.hub.world import ROADS

LINK = re.compile(r"http://127\.0\.0\.1:\d+/console/invitation/([A-Za-z0-9_-]{43})")


@pytest.fixture
async def house(database: Database) -> AsyncIterator[Household]:
    """The same database as a hub sees it, at the real time: commands have no other clock."""
    async with household(database) as found:
        found.clock.now = datetime.now(UTC)
        yield found


def token(link: str) -> str:
    found = LINK.fullmatch(link.strip())
    assert found, link
    return found[1]


async def test_the_first_operator_comes_in_by_a_link_that_is_printed_once(axis: Axis, house: Household) -> None:
    told = await axis("person", "first-run")
    assert told.exit_code == 0 and LINK.fullmatch(told.stdout.strip()) and "dùng một lần" in told.stderr
    again = said(await axis("person", "first-run", "--json"))
    assert set(again) == {"login", "link", "expires_at"}
    await refused_link(house, token(told.stdout))
    entered = await house.accounts.own.join(token(again["link"]), PASSWORD, HERE, login="an", name="An")
    await house.enrol(entered)
    await refused(axis, 5, "people.not-first", "person", "first-run")
    shown = said(await axis("person", "show", "an", "--json"))
    assert (shown["role"], shown["totp"], shown["password"]) == ("operator", True, True)


async def refused_link(house: Household, dead: str) -> None:
    with pytest.raises(AccessError):
        await house.accounts.own.invitation(dead)


async def test_a_clerk_is_invited_seen_changed_and_shut_out(axis: Axis, house: Household) -> None:
    invite = ["person", "invite", "Van.Thu", "--name", "Trần  Thư", "--role", "clerk"]
    await refused(axis, 4, "people.unit-needed", *invite)
    await refused(axis, 3, "directory.unknown-unit", *invite, "--unit", "khong-co")
    made = said(await axis(*invite, "--unit", ROADS, "--language", "en", "--json"))
    assert made["login"] == "van.thu"
    await refused(axis, 5, "people.login-taken", *invite, "--unit", ROADS)
    (row,) = said(await axis("person", "list", "--json"))
    assert (row["name"], row["unit"], row["state"], row["language"]) == ("Trần Thư", ROADS, "invited", "en")
    await house.accounts.own.join(token(made["link"]), PASSWORD, HERE)
    (row,) = said(await axis("person", "list", "--state", "active", "--find", "thư", "--role", "clerk", "--json"))
    assert said(await axis("person", "list", "--after", "van.thu", "--json")) == []
    table = await axis("person", "list")
    assert "Văn thư" in table.stdout and "đang dùng" in table.stdout
    assert "Clerk" in (await axis("person", "list", lang="en")).stdout
    (session,) = said(await axis("person", "sessions", "van.thu", "--json"))
    assert (session["address"], session["method"]) == (HERE.address, "invitation")
    assert said(await axis("person", "disable", "van.thu", "--reason", "nghỉ", "--json"))["state"] == "disabled"
    assert said(await axis("person", "sessions", "van.thu", "--json")) == []
    await refused(axis, 5, "people.disabled", "person", "reset", "van.thu")
    told = await axis("person", "enable", "van.thu", lang="en")
    assert told.exit_code == 0 and "enabled" in told.stderr
    actors = {e["actor"] for e in await house.events() if e["event"] in ("person.invited", "person.disabled")}
    assert actors == {"cli:thu"}
    for verb in ("show", "reset", "disable", "enable", "sessions"):
        await refused(axis, 3, "people.unknown", "person", verb, "ai")


async def test_a_reset_prints_a_new_link_and_forgets_a_lost_phone_when_asked(axis: Axis, house: Household) -> None:
    await house.strong("an")
    first = said(await axis("person", "reset", "an", "--json"))
    assert said(await axis("person", "show", "an", "--json"))["totp"] is True
    second = said(await axis("person", "reset", "an", "--totp", "--json"))
    assert said(await axis("person", "show", "an", "--json"))["totp"] is False
    await refused_link(house, token(first["link"]))
    await house.accounts.own.invitation(token(second["link"]))


async def test_sessions_are_ended_from_the_machine(axis: Axis, house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    entered = await house.sign_in("van.thu")
    told = await axis("person", "sessions", "van.thu", "--end")
    assert told.exit_code == 0 and HERE.address in told.stdout and "2 phiên" in told.stderr
    assert not await house.alive(entered)


async def test_a_person_is_linked_to_a_subject_and_unlinked(axis: Axis, house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    link = ["person", "link-oidc", "van.thu"]
    assert (await axis(*link)).exit_code == 2
    assert (await axis(*link, "--subject", "s", "--remove")).exit_code == 2
    await refused(axis, 7, "people.sign-on-off", *link, "--subject", "s-1")
    assert said(await axis(*link, "--subject", "s-1", "--issuer", "https://idp", "--json"))["linked"] is True
    shown = said(await axis("person", "show", "van.thu", "--json"))
    assert [(one["issuer"], one["subject"]) for one in shown["sign_on"]] == [("https://idp", "s-1")]
    assert "https://idp" in (await axis("person", "show", "van.thu")).stdout
    await refused(axis, 5, "people.link-taken", *link, "--subject", "s-2", "--issuer", "https://idp")
    assert said(await axis(*link, "--remove", "--json")) == {"login": "van.thu", "linked": False, "links": 1}


@pytest.mark.parametrize(
    ("config", "start"),
    [
        ({"hub": HubSection(public_url="https://truc.example/")}, "https://truc.example/console/"),
        ({"listen": ListenSection(public="127.0.0.1:8080")}, "http://127.0.0.1:8080/console/"),
        ({"listen": ListenSection(public=":8443", certificate="c.pem")}, "https://127.0.0.1:8443/console/"),
    ],
)
def test_a_link_leads_to_where_people_reach_the_axis(config: dict[str, object], start: str) -> None:
    made = Config(Path("x"), **config)  # type: ignore[arg-type]
    assert link_url(made, Link("t", datetime.now(UTC))) == f"{start}invitation/t"
