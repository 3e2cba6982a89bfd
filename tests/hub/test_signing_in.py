"""Signing in: steps, tokens that rotate, timeouts, codes that work once, guessing that is slowed down, and
one answer and one amount of work for whatever was wrong."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pyotp
import pytest
import structlog

from axis.domain.errors import AccessError, AxisError, PackageError, Unavailable
from axis.domain.people import Role
from axis.hub.doorkeeper import ADDRESS_TRIES, TRIES, Entered, Step, Where, agent_text
from axis.store.database import Database
from axis.store.people import digest
from axis.trust.passwords import Cost
from tests.hub.people import BY, HERE, PASSWORD, Household, household
from tests.hub.world import RAIL, ROADS

THERE = Where("198.51.100.4", "Khác")


@pytest.fixture
async def house(database: Database) -> AsyncIterator[Household]:
    async with household(database) as found:
        yield found


async def refused(work: object, code: str = "people.wrong") -> AxisError:
    with pytest.raises(AxisError) as told:
        await work  # type: ignore[misc]
    assert told.value.code == code
    return told.value


# steps


async def test_a_clerk_comes_in_by_password_alone(house: Household) -> None:
    person = await house.clerk("van.thu", ROADS)
    entered = await house.sign_in(" Van.Thu ")
    assert (entered.step, entered.person.login) == (Step.DONE, "van.thu")
    session = await house.session(entered)
    assert session.full and session.person.unit_code == ROADS and not session.strong
    assert session.person.id == person.id and session.person.last_login_at == house.clock.now


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
async def test_a_role_that_sees_everything_sets_up_a_second_factor_first(house: Household, role: Role) -> None:
    link = await house.accounts.staffing.invite("an", "An", role, by=BY)
    entered = await house.accounts.own.join(link.token, PASSWORD, HERE)
    assert entered.step is Step.ENROL
    half = await house.session(entered)
    assert not half.full
    done = await house.enrol(entered)
    assert done.step is Step.DONE and (await house.session(done)).strong
    entered = await house.accounts.signing_in.password("an", PASSWORD, HERE)
    assert entered.step is Step.CODE
    assert (await house.session(await house.sign_in("an"))).full


async def test_every_step_begins_a_new_session_and_ends_the_one_before(house: Household) -> None:
    link = await house.accounts.staffing.invite("an", "An", Role.OPERATOR, by=BY)
    first = await house.accounts.own.join(link.token, PASSWORD, HERE)
    second = await house.enrol(first)
    assert not await house.alive(first) and await house.alive(second)
    third = await house.accounts.signing_in.password("an", PASSWORD, HERE)
    fourth = await house.accounts.signing_in.code(third.token, await house.session(third), house.code("an"), HERE)
    tokens = {e.token for e in (first, second, third, fourth)}
    assert len(tokens) == 4 and all(len(token) == 43 for token in tokens)
    assert not await house.alive(third) and await house.alive(fourth)


async def test_tokens_and_secrets_are_stored_as_what_opens_nothing(house: Household) -> None:
    await house.strong("an")
    entered = await house.sign_in("an")
    everything = json.dumps(
        [await house.rows(f"select * from {t}") for t in ("person", "session", "invitation", "login_guard", "journal")],
        default=lambda v: v.hex() if isinstance(v, bytes) else str(v),
    )
    assert entered.token not in everything and PASSWORD not in everything
    assert house.phones["an"].secret not in everything
    assert digest(entered.token).hex() in everything and "$argon2id$" in everything


async def test_a_half_session_is_good_for_nothing_but_its_second_step(house: Household) -> None:
    await house.strong("an")
    half = await house.accounts.signing_in.password("an", PASSWORD, HERE)
    session = await house.session(half)
    await refused(house.accounts.signing_in.offer(half.token, session), "people.step-over")
    await refused(house.accounts.signing_in.enrol(half.token, session, "123456", HERE), "people.step-over")
    await refused(
        house.accounts.own.change_password(half.token, session, PASSWORD, "một câu hoàn toàn khác", HERE),
        "people.step-over",
    )
    await house.clerk("van.thu", ROADS)
    full = await house.sign_in("van.thu")
    await refused(
        house.accounts.signing_in.code(full.token, await house.session(full), "123456", HERE), "people.step-over"
    )


async def test_a_password_alone_never_replaces_a_second_factor(house: Household) -> None:
    """Two half sessions from before the enrolment: the slower one must not set up its own phone."""
    link = await house.accounts.staffing.invite("an", "An", Role.OPERATOR, by=BY)
    mine = await house.accounts.own.join(link.token, PASSWORD, HERE)
    thief = await house.accounts.signing_in.password("an", PASSWORD, THERE)
    offered = await house.accounts.signing_in.offer(thief.token, await house.session(thief))
    stale = await house.session(thief)
    await house.enrol(mine)
    code = pyotp.TOTP(offered.secret).at(house.clock.now)
    await refused(house.accounts.signing_in.enrol(thief.token, stale, code, THERE), "people.step-over")
    assert (await house.sign_in("an")).step is Step.DONE


async def test_no_hand_in_the_database_makes_a_clerks_session_an_operators(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    entered = await house.sign_in("van.thu")
    await house.rows("update person set role = 'operator', unit_id = null returning 1")
    assert not await house.alive(entered)


async def test_the_offered_secret_stays_the_same_however_often_it_is_shown(house: Household) -> None:
    link = await house.accounts.staffing.invite("an", "An", Role.OPERATOR, by=BY)
    entered = await house.accounts.own.join(link.token, PASSWORD, HERE)
    session = await house.session(entered)
    shown = await asyncio.gather(*(house.accounts.signing_in.offer(entered.token, session) for _ in range(4)))
    assert len({o.secret for o in shown}) == 1


# codes


async def test_a_code_works_once_even_when_sent_many_times_at_once(house: Household) -> None:
    await house.strong("an")
    halves = [await house.accounts.signing_in.password("an", PASSWORD, HERE) for _ in range(3)]
    sessions = [await house.session(h) for h in halves]
    code = house.code("an")
    found = await asyncio.gather(
        *(house.accounts.signing_in.code(h.token, s, code, HERE) for h, s in zip(halves, sessions, strict=True)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in found) == ["AccessError", "AccessError", "Entered"]
    house.clock.move(seconds=5)
    again = await house.accounts.signing_in.password("an", PASSWORD, HERE)
    await refused(
        house.accounts.signing_in.code(again.token, await house.session(again), code, HERE), "people.wrong-code"
    )


async def test_an_older_code_does_not_work_after_a_newer_one(house: Household) -> None:
    await house.strong("an")
    older = house.code("an", -1)
    first = await house.accounts.signing_in.password("an", PASSWORD, HERE)
    await house.accounts.signing_in.code(first.token, await house.session(first), house.code("an"), HERE)
    second = await house.accounts.signing_in.password("an", PASSWORD, HERE)
    await refused(
        house.accounts.signing_in.code(second.token, await house.session(second), older, HERE), "people.wrong-code"
    )


async def test_the_code_of_the_enrolment_is_used_up_by_it(house: Household) -> None:
    link = await house.accounts.staffing.invite("an", "An", Role.OPERATOR, by=BY)
    entered = await house.accounts.own.join(link.token, PASSWORD, HERE)
    at = house.clock.now
    await house.enrol(entered)
    house.clock.now = at
    half = await house.accounts.signing_in.password("an", PASSWORD, HERE)
    await refused(
        house.accounts.signing_in.code(half.token, await house.session(half), house.code("an"), HERE),
        "people.wrong-code",
    )


async def test_codes_are_guessed_five_times_from_wherever(house: Household) -> None:
    await house.strong("an")
    for number in range(TRIES):
        where = Where(f"203.0.113.{number}")
        half = await house.accounts.signing_in.password("an", PASSWORD, where)
        await refused(
            house.accounts.signing_in.code(half.token, await house.session(half), "000000", where), "people.wrong-code"
        )
    half = await house.accounts.signing_in.password("an", PASSWORD, THERE)
    session = await house.session(half)
    await refused(house.accounts.signing_in.code(half.token, session, house.code("an"), THERE), "people.blocked")
    (event,) = await house.events("person.sign-in-blocked")
    assert event["data"] == {"login": "an", "address": "203.0.113.4", "failures": 5, "what": "code"}
    house.clock.move(seconds=61)
    entered = await house.accounts.signing_in.code(half.token, session, house.code("an"), THERE)
    assert entered.step is Step.DONE


# timeouts


async def test_a_session_ends_when_nobody_uses_it(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    entered = await house.sign_in("van.thu")
    for _ in range(4):
        house.clock.move(minutes=29)
        assert await house.accounts.door.find(entered.token)
    house.clock.move(minutes=29, seconds=59)
    assert await house.accounts.door.find(entered.token)
    house.clock.move(minutes=30)
    assert await house.accounts.door.find(entered.token) is None


async def test_a_page_that_refreshes_itself_does_not_keep_a_session_alive(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    entered = await house.sign_in("van.thu")
    for _ in range(5):
        house.clock.move(minutes=5)
        assert await house.accounts.door.find(entered.token, touch=False)
    house.clock.move(minutes=5)
    assert await house.accounts.door.find(entered.token, touch=False) is None


async def test_a_session_ends_after_ten_hours_however_busy(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    entered = await house.sign_in("van.thu")
    for _ in range(29):
        house.clock.move(minutes=20)
        assert await house.accounts.door.find(entered.token)
    house.clock.move(minutes=19, seconds=59)
    assert await house.accounts.door.find(entered.token)
    house.clock.move(seconds=1)
    assert await house.accounts.door.find(entered.token) is None


async def test_the_second_step_must_come_within_ten_minutes(house: Household) -> None:
    await house.strong("an")
    half = await house.accounts.signing_in.password("an", PASSWORD, HERE)
    session = await house.session(half)
    house.clock.move(minutes=10)
    assert not await house.alive(half)
    # Even a handler that held the session from before gets nothing for it once it was swept away.
    await house.accounts.door.sweep()
    await refused(house.accounts.signing_in.code(half.token, session, house.code("an"), HERE), "people.step-over")


async def test_what_can_open_nothing_any_more_is_forgotten(house: Household) -> None:
    await house.strong("an")
    await house.accounts.staffing.invite("binh", "Bình", Role.AUDITOR, by=BY)
    entered = await house.sign_in("an")
    await refused(house.accounts.signing_in.password("an", "sai", HERE))
    await house.accounts.signing_in.depart("s", "b", "n", "v", "")
    assert await house.accounts.door.sweep() == 0
    assert await house.alive(entered)
    house.clock.move(days=5)
    await house.accounts.door.sweep()
    for table in ("session", "login_guard", "oidc_attempt"):
        assert await house.rows(f"select * from {table}") == [], table
    assert [r["purpose"] for r in await house.rows("select * from invitation where used_at is null")] == []
    assert len(await house.rows("select * from invitation")) == 1, "what was used stays, as evidence"
    assert await house.accounts.door.sweep() == 0


# guessing


async def guess(house: Household, login: str = "van.thu", where: Where = HERE, password: str = "sai mật khẩu") -> str:
    try:
        await house.accounts.signing_in.password(login, password, where)
    except AxisError as error:
        return error.code
    return "in"


async def test_five_failures_block_for_a_minute_and_each_further_one_twice_as_long(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    assert [await guess(house) for _ in range(TRIES + 1)] == ["people.wrong"] * TRIES + ["people.blocked"]
    assert await guess(house, password=PASSWORD) == "people.blocked", "the right one too"
    assert await guess(house, where=THERE, password=PASSWORD) == "in", "not from elsewhere"
    for minutes in (1, 2, 4, 8, 16, 30, 30):
        error = await refused(house.accounts.signing_in.password("van.thu", PASSWORD, HERE), "people.blocked")
        assert error.facts == {"minutes": minutes}
        house.clock.move(minutes=minutes, seconds=-1)
        assert await guess(house) == "people.blocked"
        house.clock.move(seconds=1)
        assert await guess(house) == "people.wrong"
    house.clock.move(minutes=30)
    assert await guess(house, password=PASSWORD) == "in"
    assert [await guess(house) for _ in range(TRIES)] == ["people.wrong"] * TRIES, "forgiven by the one that was right"


async def test_a_day_without_a_try_forgets_the_failures(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    for _ in range(TRIES - 1):
        await guess(house)
    house.clock.move(days=1, seconds=1)
    assert [await guess(house) for _ in range(TRIES + 1)] == ["people.wrong"] * TRIES + ["people.blocked"]


async def test_many_guesses_at_once_are_many_guesses(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    found = await asyncio.gather(*(guess(house) for _ in range(20)))
    assert (found.count("people.wrong"), found.count("people.blocked")) == (TRIES, 20 - TRIES)
    assert await guess(house, password=PASSWORD) == "people.blocked"


async def test_an_address_guesses_fifty_times_in_ten_minutes_whatever_the_login(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    found = [await guess(house, f"ai{number}") for number in range(ADDRESS_TRIES + 1)]
    assert found == ["people.wrong"] * ADDRESS_TRIES + ["people.blocked"]
    assert await guess(house, password=PASSWORD) == "people.blocked"
    assert len(await house.rows("select * from login_guard")) == ADDRESS_TRIES + 1, "and fills no table meanwhile"
    assert await guess(house, password=PASSWORD, where=THERE) == "in"
    house.clock.move(minutes=10)
    assert await guess(house, password=PASSWORD) == "in"


async def test_those_who_sign_in_do_not_use_up_the_address_they_share(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    for _ in range(ADDRESS_TRIES + 5):
        assert await guess(house, password=PASSWORD) == "in"


async def test_trying_again_and_again_while_blocked_blocks_nobody_else_at_the_address(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    found = [await guess(house, "ai.do") for _ in range(ADDRESS_TRIES * 2)]
    assert found.count("people.blocked") == ADDRESS_TRIES * 2 - TRIES
    assert await guess(house, password=PASSWORD) == "in"


async def test_an_address_of_ipv6_counts_by_its_network(house: Household) -> None:
    found = [await guess(house, where=Where(f"2001:db8:0:1::{n:x}")) for n in range(TRIES + 1)]
    assert found == ["people.wrong"] * TRIES + ["people.blocked"]
    assert await guess(house, where=Where("2001:db8:0:2::1")) == "people.wrong"


async def test_an_address_of_ipv4_is_itself_also_where_it_is_written_as_one_of_ipv6(house: Household) -> None:
    mapped = Where("::ffff:203.0.113.5")
    assert [await guess(house, where=mapped) for _ in range(TRIES + 1)] == ["people.wrong"] * TRIES + ["people.blocked"]
    assert await guess(house, where=Where("203.0.113.5")) == "people.blocked"
    assert await guess(house, where=Where("::ffff:198.51.100.77")) == "people.wrong"


async def test_a_try_that_nobody_could_judge_is_none_and_washes_no_other_away(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    passwords = house.accounts.passwords
    room = passwords._room

    async def busy(times: int) -> list[str]:
        passwords._room = 0
        found = [await guess(house, password=PASSWORD) for _ in range(times)]
        passwords._room = room
        return found

    assert await busy(ADDRESS_TRIES + 1) == ["request.busy"] * (ADDRESS_TRIES + 1)
    for _ in range(TRIES - 1):
        assert await guess(house) == "people.wrong"
        assert await busy(TRIES) == ["request.busy"] * TRIES
    assert await guess(house) == "people.wrong"
    assert await busy(1) == ["people.blocked"], "five failures are five, whatever came between"
    house.clock.move(minutes=1)
    assert await busy(2) == ["request.busy"] * 2
    assert await guess(house, password=PASSWORD) == "in"
    one = await house.sign_in("van.thu")
    passwords._room, session = 0, await house.session(one)
    for _ in range(TRIES + 1):
        with pytest.raises(Unavailable, match=r"request\.busy"):
            await house.accounts.own.change_password(one.token, session, PASSWORD, "một câu hoàn toàn khác", HERE)


async def test_the_journal_tells_of_a_block_and_never_of_what_was_typed(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    for login in ("van.thu", "mat khau go nham o day"):
        for _ in range(TRIES):
            await guess(house, login, password="bí mật gõ nhầm")
    blocked = await house.events("person.sign-in-blocked")
    assert [(e["data"]["login"], e["unit_id"] is None) for e in blocked] == [("van.thu", False), ("?", True)]
    everything = json.dumps(
        await house.rows("select * from journal") + await house.rows("select * from login_guard"), default=str
    )
    assert "nham" not in everything and "nhầm" not in everything


# one answer


async def test_unknown_wrong_disabled_and_invited_get_one_answer_and_one_amount_of_work(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    await house.clerk("da.khoa", ROADS)
    await house.accounts.staffing.disable("da.khoa", by=BY)
    await house.accounts.staffing.invite("moi.xong", "Mời", Role.OPERATOR, by=BY)
    await guess(house, "khoi.dong")  # the hash of nobody is made once, by whoever comes first
    told = set()
    for login, password in (
        ("van.thu", "sai mật khẩu"), ("ai.vay1", PASSWORD), ("da.khoa", PASSWORD), ("moi.xong", PASSWORD), ("", ""),
        ("không phải tên", PASSWORD), ("a\x00b", PASSWORD), ("' or 1=1 --", PASSWORD), ("a" * 5000, "b" * 5000),
    ):  # fmt: skip
        before = house.accounts.passwords.computed
        error = await refused(house.accounts.signing_in.password(login, password, HERE))
        told.add((type(error), error.text("vi"), error.text("en"), tuple(error.facts)))
        assert house.accounts.passwords.computed - before == 1, login[:20]
    assert len(told) == 1


async def test_the_work_for_nobody_is_that_for_somebody(database: Database) -> None:
    """At the real cost: both take the time of one Argon2id, far above what the rest of a sign-in takes."""
    async with household(database, Cost()) as house:
        await house.clerk("van.thu", ROADS)
        await guess(house, "khoi.dong")
        times: dict[str, list[float]] = {"van.thu": [], "ai.vay": []}
        for round_ in range(4):
            for login, taken in times.items():
                began = time.perf_counter()
                assert await guess(house, login, where=Where(f"192.0.2.{round_}")) == "people.wrong"
                taken.append(time.perf_counter() - began)
        known, unknown = min(times["van.thu"]), min(times["ai.vay"])
        assert 0.5 < known / unknown < 2.0


async def test_a_password_is_hashed_anew_when_the_cost_was_changed(house: Household, database: Database) -> None:
    await house.clerk("van.thu", ROADS)
    await house.sign_in("van.thu")
    (before,) = await house.rows("select password_hash from person")
    async with household(database, Cost(memory=128, passes=2)) as dearer:
        dearer.clock.now = house.clock.now
        entered = await dearer.sign_in("van.thu")
        assert await dearer.alive(entered)
        (after,) = await dearer.rows("select password_hash from person")
        assert "m=64,t=1" in before["password_hash"] and "m=128,t=2" in after["password_hash"]
        await dearer.sign_in("van.thu")
        assert (await dearer.rows("select password_hash from person")) == [after]


async def test_too_many_at_once_are_asked_to_come_back(house: Household) -> None:
    house.accounts.passwords._room = 0
    with pytest.raises(Unavailable) as told:
        await house.accounts.signing_in.password("ai", "x", HERE)
    assert told.value.code == "request.busy"


# ending


async def test_signing_out_ends_this_session_and_no_other(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    one, other = await house.sign_in("van.thu"), await house.sign_in("van.thu", THERE)
    await house.accounts.signing_in.sign_out(one.token, await house.session(one))
    assert not await house.alive(one) and await house.alive(other)
    assert [e["event"] for e in await house.events("person.signed-out")] == ["person.signed-out"]


async def test_a_new_password_ends_every_other_session_and_replaces_this_one(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    one, other = await house.sign_in("van.thu"), await house.sign_in("van.thu", THERE)
    session, new = await house.session(one), "một câu hoàn toàn khác"
    own = house.accounts.own
    await refused(own.change_password(one.token, session, "sai", new, HERE))
    with pytest.raises(PackageError):
        await own.change_password(one.token, session, PASSWORD, "ngắn", HERE)
    assert await house.alive(one) and await house.alive(other)
    changed = await own.change_password(one.token, session, PASSWORD, new, HERE)
    assert await house.alive(changed) and not await house.alive(one) and not await house.alive(other)
    assert await guess(house, password=PASSWORD) == "people.wrong"
    assert await guess(house, password=new) == "in"
    (event,) = await house.events("person.password-changed")
    assert event["data"] == {"login": "van.thu", "ended": 2} and event["actor"] == "person:van.thu"


async def test_the_right_old_password_beside_a_new_one_that_will_not_do_is_no_failure(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    one = await house.sign_in("van.thu")
    session, own = await house.session(one), house.accounts.own
    for _ in range(TRIES):
        with pytest.raises(PackageError):
            await own.change_password(one.token, session, PASSWORD, "ngắn", HERE)
    for _ in range(TRIES - 1):
        await refused(own.change_password(one.token, session, "sai", "một câu hoàn toàn khác", HERE))
    assert await guess(house, password=PASSWORD) == "in"


async def test_an_old_password_that_was_right_is_forgiven_though_the_change_fails(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    one = await house.sign_in("van.thu")
    session = await house.session(one)
    await house.accounts.signing_in.sign_out(one.token, session)
    for _ in range(TRIES + 1):
        await refused(
            house.accounts.own.change_password(one.token, session, PASSWORD, "một câu hoàn toàn khác", HERE),
            "people.step-over",
        )
    assert await guess(house, password=PASSWORD) == "in"


async def test_the_old_password_is_guessed_five_times_by_a_stolen_session(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    one = await house.sign_in("van.thu")
    session = await house.session(one)
    for _ in range(TRIES):
        await refused(house.accounts.own.change_password(one.token, session, "sai", "một câu hoàn toàn khác", HERE))
    await refused(
        house.accounts.own.change_password(one.token, session, PASSWORD, "một câu hoàn toàn khác", HERE),
        "people.blocked",
    )


async def test_a_password_changed_between_proof_and_session_wins(house: Household) -> None:
    """What was proven is worth nothing once it is changed: the session is opened by the very hash."""
    await house.clerk("van.thu", ROADS)
    people = house.accounts.signing_in._people
    account = await people.named("van.thu")
    assert account is not None
    one = await house.sign_in("van.thu")
    await house.accounts.own.change_password(
        one.token, await house.session(one), PASSWORD, "một câu hoàn toàn khác", HERE
    )
    with pytest.raises(AccessError):
        async with house.database.transaction() as work:
            await house.accounts.door.open(work, account, HERE, method="password", strong=False)


async def test_the_list_of_sessions_shows_ones_own_and_ends_one_of_them(house: Household) -> None:
    await house.clerk("van.thu", ROADS)
    await house.clerk("nguoi.khac", RAIL)
    house.clock.move(hours=1)
    await house.accounts.door.sweep()
    one, other, foreign = [
        await house.sign_in(n, w) for n, w in (("van.thu", HERE), ("van.thu", THERE), ("nguoi.khac", HERE))
    ]
    session, own = await house.session(one), house.accounts.own
    shown = await own.sessions(one.token, session)
    assert {(s["address"], s["current"]) for s in shown} == {(HERE.address, True), (THERE.address, False)}
    assert {s["agent"] for s in shown} == {"Mozilla/5.0 (th nghim)", "Khc"}
    (theirs,) = await own.sessions(foreign.token, await house.session(foreign))
    assert not await own.end_session(session, theirs["id"]) and await house.alive(foreign)
    (there,) = [s["id"] for s in shown if not s["current"]]
    assert await own.end_session(session, there) and not await house.alive(other) and await house.alive(one)
    again = await house.sign_in("van.thu", THERE)
    assert await own.end_others(one.token, session) == 1
    assert await house.alive(one) and not await house.alive(again) and await house.alive(foreign)


def test_what_a_browser_calls_itself_is_made_harmless() -> None:
    assert agent_text("Mozilla\r\nX: y\x1b[31m\u202e" + "a" * 500) == "MozillaX: y[31m" + "a" * 185


async def test_nothing_secret_is_shown_by_what_a_log_could_print(house: Household) -> None:
    with structlog.testing.capture_logs() as logged:
        await house.strong("an")
        entered = await house.sign_in("an")
        await guess(house, "an", password="bí mật gõ nhầm")
        half = await house.accounts.signing_in.password("an", PASSWORD, HERE)
        await refused(
            house.accounts.signing_in.code(half.token, await house.session(half), "123456", HERE), "people.wrong-code"
        )
    account = await house.accounts.signing_in._people.named("an")
    told = repr((logged, entered, half, account, await house.session(entered)))
    assert logged
    for secret in (PASSWORD, "gõ nhầm", entered.token, half.token, house.phones["an"].secret, "argon2", "123456"):
        assert secret not in told
    assert isinstance(entered, Entered)
