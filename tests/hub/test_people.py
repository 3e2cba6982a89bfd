"""Looking after accounts: links that work once, who may act on whom, and sessions that end with the rights
they rested on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from typing import Any
from uuid import uuid4

import pytest

from axis.domain.errors import AxisError
from axis.domain.events import Event
from axis.domain.people import Person, PersonState, Role
from axis.domain.telling import SENTENCES
from axis.hub.doorkeeper import Step
from axis.hub.people import By
from axis.store.database import Database
from axis.store.people import People
from tests.hub.people import BY, HERE, PASSWORD, Household, household
from tests.hub.world import RAIL, ROADS


@pytest.fixture
async def house(database: Database) -> AsyncIterator[Household]:
    async with household(database) as found:
        yield found


async def refused(work: Awaitable[Any], code: str) -> AxisError:
    with pytest.raises(AxisError) as told:
        await work
    assert told.value.code == code
    return told.value


# the first run


async def test_the_first_link_makes_the_first_operator_and_no_second_one(house: Household) -> None:
    link = await house.accounts.staffing.first_run(actor="cli:thu")
    assert link is not None and link.path == f"/console/invitation/{link.token}"
    assert (await house.accounts.own.invitation(link.token)).purpose == "first-run"
    own = house.accounts.own
    await refused(own.join(link.token, PASSWORD, HERE, login="Không Được", name="A"), "people.bad-login")
    await refused(own.join(link.token, PASSWORD, HERE, login="an", name=" \x00"), "people.no-name")
    await refused(own.join(link.token, "ngắn", HERE, login="an", name="An"), "people.password-short")
    entered = await own.join(link.token, PASSWORD, HERE, login="An", name="Nguyễn  An")
    assert entered.step is Step.ENROL, "the first operator has no way around the second factor"
    assert (entered.person.login, entered.person.name, entered.person.role) == ("an", "Nguyễn An", Role.OPERATOR)
    await refused(own.join(link.token, PASSWORD, HERE, login="binh", name="Bình"), "people.link-dead")
    assert await house.accounts.staffing.first_run(actor="cli:thu", anew=True) is None


async def test_of_several_processes_starting_at_once_one_prints_a_link(house: Household) -> None:
    found = await asyncio.gather(*(house.accounts.staffing.first_run(actor="axis") for _ in range(6)))
    assert sum(link is not None for link in found) == 1
    assert len(await house.events("person.first-run")) == 1


async def test_the_command_makes_the_first_link_anew_and_the_lost_one_dies(house: Household) -> None:
    lost = await house.accounts.staffing.first_run(actor="axis")
    found = await house.accounts.staffing.first_run(actor="cli:thu", anew=True)
    assert lost and found
    await refused(house.accounts.own.invitation(lost.token), "people.link-dead")
    house.clock.move(hours=23, minutes=59)
    await house.accounts.own.invitation(found.token)
    house.clock.move(minutes=1)
    await refused(house.accounts.own.join(found.token, PASSWORD, HERE, login="an", name="An"), "people.link-dead")
    assert await house.accounts.staffing.first_run(actor="axis"), "an expired one does not stand in the way"


async def test_clerks_invited_before_do_not_shut_the_first_operator_out(house: Household) -> None:
    link = await house.accounts.staffing.first_run(actor="axis")
    assert link
    await house.accounts.staffing.invite("thu", "Thư", Role.CLERK, by=BY, unit_id=await house.unit(ROADS))
    own = house.accounts.own
    await refused(own.join(link.token, PASSWORD, HERE, login="thu", name="Thu"), "people.login-taken")
    entered = await own.join(link.token, PASSWORD, HERE, login="an", name="An")
    assert entered.person.role is Role.OPERATOR


async def test_a_first_link_left_over_makes_nobody_once_there_is_an_operator(house: Household) -> None:
    link = await house.accounts.staffing.first_run(actor="axis")
    assert link
    await house.strong("an")
    await refused(house.accounts.own.join(link.token, PASSWORD, HERE, login="trom", name="Trộm"), "people.not-first")
    assert [r["login"] for r in await house.rows("select login from person")] == ["an"]


async def test_nobody_has_a_password_before_they_choose_one(house: Household) -> None:
    await house.accounts.staffing.first_run(actor="axis")
    await house.accounts.staffing.invite("an", "An", Role.OPERATOR, by=BY)
    assert [r["password_hash"] for r in await house.rows("select password_hash from person")] == [""]
    for password in ("", "admin", "123456", "password"):
        await refused(house.accounts.signing_in.password("an", password, HERE), "people.wrong")


# invitations


async def test_a_link_is_used_up_by_the_password_and_not_by_looking(house: Household) -> None:
    link = await house.accounts.staffing.invite("van.thu", "Thư", Role.CLERK, by=BY, unit_id=await house.unit(ROADS))
    for _ in range(3):
        invited = await house.accounts.own.invitation(link.token)
    assert (invited.login, invited.name, invited.purpose) == ("van.thu", "Thư", "invite")
    found = await asyncio.gather(
        *(house.accounts.own.join(link.token, PASSWORD, HERE) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in found) == ["AccessError"] * 3 + ["Entered"]
    await refused(house.accounts.own.invitation(link.token), "people.link-dead")


async def test_a_link_expires_and_the_newest_is_the_only_one(house: Household) -> None:
    older = await house.accounts.staffing.invite("an", "An", Role.AUDITOR, by=BY)
    newer = await house.accounts.staffing.reset("an", by=BY)
    await refused(house.accounts.own.join(older.token, PASSWORD, HERE), "people.link-dead")
    house.clock.move(hours=72)
    await refused(house.accounts.own.join(newer.token, PASSWORD, HERE), "people.link-dead")


@pytest.mark.parametrize("token", ["", "x" * 43, "\ud800", "a" * 10_000])
async def test_a_link_nobody_made_is_dead(house: Household, token: str) -> None:
    await refused(house.accounts.own.join(token, PASSWORD, HERE, login="an", name="An"), "people.link-dead")


async def test_the_name_and_login_of_an_invitation_are_not_the_guests_to_choose(house: Household) -> None:
    link = await house.accounts.staffing.invite("an", "An", Role.AUDITOR, by=BY)
    entered = await house.accounts.own.join(link.token, PASSWORD, HERE, login="khac", name="Khác")
    assert (entered.person.login, entered.person.name) == ("an", "An")


@pytest.mark.parametrize(
    ("login", "name", "role", "unit", "code"),
    [
        ("Văn Thư", "A", Role.CLERK, ROADS, "bad-login"),
        ("a", "A", Role.CLERK, ROADS, "bad-login"),
        ("van.thu", "\r\n", Role.CLERK, ROADS, "no-name"),
        ("van.thu", "A", Role.CLERK, "", "unit-needed"),
        ("van.thu", "A", Role.UNIT_ADMIN, "", "unit-needed"),
        ("van.thu", "A", Role.OPERATOR, ROADS, "unit-not"),
        ("van.thu", "A", Role.AUDITOR, ROADS, "unit-not"),
    ],
)
async def test_what_no_person_can_be(house: Household, login: str, name: str, role: Role, unit: str, code: str) -> None:
    unit_id = await house.unit(unit) if unit else None
    await refused(house.accounts.staffing.invite(login, name, role, by=BY, unit_id=unit_id), f"people.{code}")
    assert await house.rows("select * from person") == []


async def test_a_login_is_taken_in_any_case_and_by_whoever_comes_first(house: Household) -> None:
    found = await asyncio.gather(
        *(house.accounts.staffing.invite(n, "An", Role.AUDITOR, by=BY) for n in ("an", "AN", " An")),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in found) == ["ConflictError", "ConflictError", "Link"]


# taking rights away


async def test_a_reset_ends_the_old_password_and_every_session(house: Household) -> None:
    await house.strong("an")
    entered = await house.sign_in("an")
    link = await house.accounts.staffing.reset("an", by=BY)
    assert not await house.alive(entered)
    await refused(house.accounts.signing_in.password("an", PASSWORD, HERE), "people.wrong")
    half = await house.accounts.own.join(link.token, "một câu hoàn toàn khác", HERE)
    assert half.step is Step.CODE, "the second factor stays"
    link = await house.accounts.staffing.reset("an", by=BY, totp=True)
    half = await house.accounts.own.join(link.token, "một câu hoàn toàn khác", HERE)
    assert half.step is Step.ENROL
    assert [e["data"]["totp"] for e in await house.events("person.reset")] == [False, True]


async def test_a_link_ends_the_sessions_its_person_still_has(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    link = await house.accounts.staffing.reset("van.thu", by=BY)
    entered = await house.accounts.own.join(link.token, PASSWORD, HERE)
    again = await house.accounts.staffing.reset("van.thu", by=BY)
    assert not await house.alive(entered)
    assert await house.alive(await house.accounts.own.join(again.token, PASSWORD, HERE))


async def test_disabling_ends_sessions_links_and_half_sessions_at_once(house: Household) -> None:
    await house.strong("an")
    await house.strong("binh", Role.AUDITOR)
    full, half = await house.sign_in("binh"), await house.accounts.signing_in.password("binh", PASSWORD, HERE)
    held = await house.session(half)
    gone = await house.accounts.staffing.disable("binh", by=BY, reason="nghỉ việc")
    assert gone.state is PersonState.DISABLED
    assert not await house.alive(full) and not await house.alive(half)
    await refused(house.accounts.signing_in.code(half.token, held, house.code("binh"), HERE), "people.step-over")
    await refused(house.accounts.signing_in.password("binh", PASSWORD, HERE), "people.wrong")
    await refused(house.accounts.staffing.disable("binh", by=BY), "people.disabled")
    await refused(house.accounts.staffing.reset("binh", by=BY), "people.disabled")
    (event,) = await house.events("person.disabled")
    assert event["data"] == {"login": "binh", "name": "Người binh", "reason": "nghỉ việc", "ended": 3}
    await house.accounts.staffing.enable("binh", by=BY)
    assert await house.alive(await house.sign_in("binh"))
    await refused(house.accounts.staffing.enable("binh", by=BY), "people.no-change")


async def test_somebody_disabled_before_they_joined_does_not_join(house: Household) -> None:
    link = await house.accounts.staffing.invite("an", "An", Role.AUDITOR, by=BY)
    await house.accounts.staffing.disable("an", by=BY)
    await refused(house.accounts.own.join(link.token, PASSWORD, HERE), "people.link-dead")
    assert (await house.accounts.staffing.enable("an", by=BY)).state is PersonState.INVITED


async def test_another_role_or_unit_ends_the_sessions(house: Household) -> None:
    """A clerk's session was opened without a second factor: it must not become an operator's."""
    await house.clerk("van.thu", ROADS)
    staffing, rail = house.accounts.staffing, await house.unit(RAIL)
    for changes in ({"unit_id": rail}, {"role": Role.UNIT_ADMIN}, {"role": Role.OPERATOR, "unit_id": None}):
        entered = await house.sign_in("van.thu")
        assert entered.step is Step.DONE
        await staffing.change("van.thu", changes, by=BY)
        assert not await house.alive(entered), changes
    assert (await house.accounts.signing_in.password("van.thu", PASSWORD, HERE)).step is Step.ENROL
    told = [e["data"]["changes"] for e in await house.events("person.changed")]
    assert list(told[1]) == ["role"] and told[1]["role"] == ["clerk", "unit-admin"]


async def test_another_name_or_language_leaves_the_sessions(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    entered = await house.sign_in("van.thu")
    changed = await house.accounts.staffing.change("van.thu", {"name": "Trần  Thư", "language": "en"}, by=BY)
    assert changed.name == "Trần Thư" and await house.alive(entered)
    await house.accounts.own.set_language(await house.session(entered), "vi")
    assert (await house.session(entered)).person.language == "vi"
    await refused(house.accounts.staffing.change("van.thu", {"name": "Trần Thư"}, by=BY), "people.no-change")
    await refused(house.accounts.staffing.change("van.thu", {"language": "fr"}, by=BY), "request.malformed")
    await refused(house.accounts.staffing.change("van.thu", {"password_hash": "x"}, by=BY), "people.no-change")
    await refused(house.accounts.staffing.change("ai", {"name": "x"}, by=BY), "people.unknown")


async def test_ending_somebodys_sessions(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    entered = await house.sign_in("van.thu")
    assert await house.accounts.staffing.end_sessions("van.thu", by=BY) == 2
    assert not await house.alive(entered)


# the last operator


async def test_the_last_operator_stays(house: Household) -> None:
    await house.strong("an")
    await house.accounts.staffing.invite("binh", "Bình", Role.OPERATOR, by=BY)
    staffing = house.accounts.staffing
    await refused(staffing.disable("an", by=BY), "people.last-operator")
    await refused(staffing.change("an", {"role": Role.AUDITOR}, by=BY), "people.last-operator")
    await staffing.disable("binh", by=BY)
    await staffing.enable("binh", by=BY)
    await house.strong("chi")
    await staffing.reset("an", by=BY)
    await refused(staffing.disable("chi", by=BY), "people.last-operator")  # the other cannot sign in now
    await staffing.disable("an", by=BY)


async def test_two_operators_who_disable_each_other_at_once_are_not_both_gone(house: Household) -> None:
    one, other = await house.strong("an"), await house.strong("binh")
    found = await asyncio.gather(
        house.accounts.staffing.disable("binh", by=By.of(one)), house.accounts.staffing.disable("an", by=By.of(other)),
        return_exceptions=True,
    )  # fmt: skip
    assert sorted(type(f).__name__ for f in found) == ["NotFound", "Person"]


async def test_nobody_disables_or_promotes_themselves(house: Household) -> None:
    one = await house.strong("an")
    await house.strong("binh")
    await refused(house.accounts.staffing.disable("an", by=By.of(one)), "people.oneself")
    await refused(house.accounts.staffing.change("an", {"role": Role.AUDITOR}, by=By.of(one)), "people.oneself")
    assert (await house.accounts.staffing.change("an", {"name": "Khác"}, by=By.of(one))).name == "Khác"


# who acts on whom


async def everybody(house: Household) -> dict[str, Person]:
    return {
        "admin": await house.clerk("admin", ROADS, Role.UNIT_ADMIN),
        "own": await house.clerk("own", ROADS),
        "foreign": await house.clerk("foreign", RAIL),
        "peer": await house.clerk("peer", ROADS, Role.UNIT_ADMIN),
        "operator": await house.strong("operator"),
        "auditor": await house.strong("auditor", Role.AUDITOR),
    }


ACTS = {
    "reset": lambda s, who, by: s.reset(who, by=by),
    "disable": lambda s, who, by: s.disable(who, by=by),
    "change": lambda s, who, by: s.change(who, {"name": "Tên khác"}, by=by),
    "end": lambda s, who, by: s.end_sessions(who, by=by),
    "link": lambda s, who, by: s.link_oidc(who, "https://idp", "x", by=by),
    "unlink": lambda s, who, by: s.unlink_oidc(who, by=by),
    "enable": lambda s, who, by: s.enable(who, by=by),
}
MAY = {"admin": {"own", "peer", "admin"}, "own": set(), "foreign": set(), "auditor": set()}


@pytest.mark.parametrize("actor", sorted(MAY))
async def test_accounts_somebody_does_not_look_after_do_not_exist_for_them(house: Household, actor: str) -> None:
    people = await everybody(house)
    by = By.of(people[actor])
    before = await house.rows("select * from person order by id")
    for name, act in ACTS.items():
        for whom in people:
            if whom in MAY[actor]:
                continue
            error = await refused(act(house.accounts.staffing, whom, by), "people.unknown")
            unknown = await refused(act(house.accounts.staffing, "ai", by), "people.unknown")
            assert error.text() == unknown.text().replace("ai", whom), (name, whom)
    assert await house.rows("select * from person order by id") == before


async def test_a_unit_administrator_looks_after_the_people_of_the_unit(house: Household) -> None:
    people = await everybody(house)
    by, staffing = By.of(people["admin"]), house.accounts.staffing
    roads, rail = await house.unit(ROADS), await house.unit(RAIL)
    await staffing.change("own", {"name": "Tên khác"}, by=by)
    await staffing.reset("own", by=by)
    await staffing.disable("own", by=by)
    await staffing.invite("moi", "Mới", Role.CLERK, by=by, unit_id=roads)
    await staffing.invite("phu", "Phụ", Role.UNIT_ADMIN, by=by, unit_id=roads)
    await staffing.change("phu", {"role": Role.CLERK}, by=by)
    await staffing.change("phu", {"role": Role.UNIT_ADMIN}, by=by)
    for role, unit_id in ((Role.CLERK, rail), (Role.UNIT_ADMIN, rail), (Role.OPERATOR, None), (Role.AUDITOR, None)):
        await refused(staffing.invite("moi2", "Mới", role, by=by, unit_id=unit_id), "people.unknown")
    for changes in ({"unit_id": rail}, {"role": Role.OPERATOR, "unit_id": None}, {"role": Role.OPERATOR}):
        with pytest.raises(AxisError):
            await staffing.change("moi", changes, by=by)
    (moi,) = await house.rows("select role, unit_id from person where login = 'moi'")
    assert (moi["role"], moi["unit_id"]) == ("clerk", roads)


async def test_nobody_ends_their_own_way_in(house: Household) -> None:
    people = await everybody(house)
    for actor in ("admin", "operator"):
        entered = await house.sign_in(actor)
        by, staffing = By.of(people[actor]), house.accounts.staffing
        await refused(staffing.disable(actor, by=by), "people.oneself")
        await refused(staffing.reset(actor, by=by), "people.oneself")
        await refused(staffing.end_sessions(actor, by=by), "people.oneself")
        await refused(staffing.change(actor, {"role": Role.CLERK, "unit_id": await house.unit(ROADS)}, by=by),
                      "people.oneself")  # fmt: skip
        assert await house.alive(entered)


async def test_of_two_administrators_who_disable_each_other_at_once_one_stays(house: Household) -> None:
    """Also where no operator is there whose row would make them wait for each other."""
    one = await house.clerk("mot", ROADS, Role.UNIT_ADMIN)
    other = await house.clerk("hai", ROADS, Role.UNIT_ADMIN)
    staffing = house.accounts.staffing
    found = await asyncio.gather(
        staffing.disable("hai", by=By.of(one)), staffing.disable("mot", by=By.of(other)), return_exceptions=True
    )
    assert sorted(type(f).__name__ for f in found) == ["NotFound", "Person"]
    states = await house.rows("select state from person order by state")
    assert [row["state"] for row in states] == ["active", "disabled"]
    gone = other if isinstance(found[0], Person) else one
    await refused(staffing.invite("moi", "Mới", Role.CLERK, by=By.of(gone), unit_id=await house.unit(ROADS)),
                  "people.unknown")  # fmt: skip


async def test_people_of_another_unit_are_not_read_at_all(house: Household) -> None:
    """The unit stands in the statement: what is not read can neither be shown nor measured."""
    await everybody(house)
    people, rail, roads = People(house.database), await house.unit(RAIL), await house.unit(ROADS)
    assert await people.named("own", unit_id=roads) and await people.named("own") and await people.named("operator")
    for login, unit_id in (("own", rail), ("operator", roads), ("ai", roads)):
        assert await people.named(login, unit_id=unit_id) is None
        async with house.database.transaction() as work:
            assert await people.lock(work, login, unit_id=unit_id) is None
    lost = By.of(Person(id=uuid4(), login="lac", name="Lạc", role=Role.UNIT_ADMIN))
    assert await house.accounts.staffing.page(by=lost) == []
    await refused(house.accounts.staffing.find("operator", by=lost), "people.unknown")


async def test_lists_hold_whom_one_may_see_a_page_at_a_time(house: Household) -> None:
    people = await everybody(house)
    staffing = house.accounts.staffing

    async def listed(by: By, **more: Any) -> list[str]:
        return [p.login for p in await staffing.page(by=by, **more)]

    names = sorted(people)
    assert (
        await listed(BY) == await listed(By.of(people["operator"])) == await listed(By.of(people["auditor"])) == names
    )
    assert await listed(By.of(people["admin"])) == ["admin", "own", "peer"]
    assert await listed(By.of(people["own"])) == await listed(By.of(people["foreign"])) == []
    assert await listed(BY, limit=2) == names[:2] and await listed(BY, after=names[1], limit=2) == names[2:4]
    assert await listed(BY, role="clerk") == ["foreign", "own"] and await listed(BY, state="disabled") == []
    assert await listed(BY, text="NGƯỜI O") == ["operator", "own"] and await listed(BY, text="%") == []
    assert (await staffing.find("OWN", by=By.of(people["admin"]))).login == "own"
    await refused(staffing.find("foreign", by=By.of(people["admin"])), "people.unknown")
    assert (await staffing.find("foreign", by=By.of(people["auditor"]))).unit_code == RAIL


# sign-on elsewhere

ISSUER = "https://idp.example"


async def test_a_subject_is_one_person_and_a_person_one_subject(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    await house.clerk("khac", RAIL)
    staffing = house.accounts.staffing
    await staffing.link_oidc("van.thu", ISSUER, "s1", by=BY)
    for login, subject in (("van.thu", "s1"), ("van.thu", "s2"), ("khac", "s1")):
        await refused(staffing.link_oidc(login, ISSUER, subject, by=BY), "people.link-taken")
    entered = await house.accounts.signing_in.external(ISSUER, "s1", "khac", HERE, strong=False, match=True)
    assert entered.person.login == "van.thu", "the subject counts, not the name"
    assert await staffing.unlink_oidc("van.thu", by=BY) == 1
    assert not await house.alive(entered)
    await refused(
        house.accounts.signing_in.external(ISSUER, "s1", "van.thu", HERE, strong=False, match=False),
        "people.sign-on-unknown",
    )


async def test_a_login_is_believed_once_and_only_when_the_setting_says_so(house: Household) -> None:
    await house.accounts.staffing.invite("van.thu", "Thư", Role.CLERK, by=BY, unit_id=await house.unit(ROADS))
    external = house.accounts.signing_in.external
    await refused(external(ISSUER, "s1", "van.thu", HERE, strong=False, match=False), "people.sign-on-unknown")
    entered = await external(ISSUER, "s1", "Van.Thu", HERE, strong=False, match=True)
    assert entered.step is Step.DONE and (await house.session(entered)).person.state is PersonState.ACTIVE
    await refused(external(ISSUER, "s2", "van.thu", HERE, strong=False, match=True), "people.sign-on-unknown")
    for login in ("", "ai", "\x00", "Văn Thư"):
        await refused(external(ISSUER, "s3", login, HERE, strong=False, match=True), "people.sign-on-unknown")
    assert [e["event"] for e in await house.events("person.")][1:] == [
        "person.linked", "person.joined", "person.signed-in"
    ]  # fmt: skip
    assert await house.rows("select * from invitation where used_at is null") == [], "the link of the invitation died"


async def test_a_role_that_sees_everything_needs_its_second_factor_here_too(house: Household) -> None:
    await house.strong("an")
    await house.accounts.staffing.link_oidc("an", ISSUER, "s1", by=BY)
    external = house.accounts.signing_in.external
    assert (await external(ISSUER, "s1", "", HERE, strong=False, match=False)).step is Step.CODE
    assert (await external(ISSUER, "s1", "", HERE, strong=True, match=False)).step is Step.DONE
    await house.strong("binh")
    await house.accounts.staffing.disable("an", by=BY)
    await refused(external(ISSUER, "s1", "", HERE, strong=True, match=False), "people.sign-on-unknown")


async def test_a_sign_on_comes_back_once_in_time_and_to_its_own_browser(house: Household) -> None:
    signing = house.accounts.signing_in
    await signing.depart("state", "browser", "nonce", "verifier", "/console/x")
    await refused(signing.arrive("state", "another browser", HERE), "people.sign-on-refused")
    assert await signing.arrive("state", "browser", HERE) == ("nonce", "verifier", "/console/x")
    await refused(signing.arrive("state", "browser", HERE), "people.sign-on-refused")
    await signing.depart("later", "browser", "nonce", "verifier", "")
    house.clock.move(minutes=10)
    await refused(signing.arrive("later", "browser", HERE), "people.sign-on-refused")


# the journal, the database


async def test_every_verb_is_journalled_with_who_and_whom_and_nothing_secret(house: Household) -> None:
    operator = await house.strong("an")
    by, staffing = By.of(operator), house.accounts.staffing
    link = await staffing.invite("binh", "Bình", Role.AUDITOR, by=by)
    links = [link, await staffing.reset("binh", by=by)]
    await staffing.change("binh", {"name": "Bình Nguyễn"}, by=by)
    await staffing.link_oidc("binh", ISSUER, "s1", by=by)
    await staffing.disable("binh", by=by)
    await staffing.enable("binh", by=by)
    mine = [e for e in await house.events() if e["data"].get("login") == "binh"]
    assert [e["event"].removeprefix("person.") for e in mine] == [
        "invited", "reset", "changed", "linked", "disabled", "enabled"
    ]  # fmt: skip
    assert {e["actor"] for e in mine} == {"person:an"}
    everything = json.dumps(await house.rows("select * from journal"), default=str)
    assert not any(one.token in everything or PASSWORD in everything for one in links)
    assert repr(links[0]) == "Link(binh)"


def test_every_event_of_people_has_its_sentence() -> None:
    assert all(event in SENTENCES for event in Event if event.value.startswith("person."))


async def test_the_database_refuses_what_no_rule_allows(house: Household) -> None:
    unit_id = await house.unit(ROADS)
    insert = "insert into person (id, login, name, role, unit_id) values ($1, $2, 'A', $3, $4) returning 1"
    for login, role, unit in (
        ("an", "clerk", None), ("an", "operator", unit_id), ("an", "boss", None), ("An", "auditor", None),
        ("a b", "auditor", None),
    ):  # fmt: skip
        with pytest.raises(Exception, match="check constraint"):
            await house.rows(insert, uuid4(), login, role, unit)
