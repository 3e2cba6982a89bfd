"""Sign-on against a provider that is a program of its own, and that can misbehave in every way we know."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from joserfc.jwk import ECKey, RSAKey

from axis.domain.errors import SetupError
from axis.domain.people import Role
from axis.fronts.oidc import SignOnSettings, read_client_secret
from axis.fronts.oidc_keys import Keys, NotProven
from axis.hub.doorkeeper import ADDRESS_TRIES
from axis.store.database import Database
from tests.fronts.browser import Answer, Browser, Site, console
from tests.fronts.oidc_provider import MISBEHAVIOURS, Provider, key, provider
from tests.hub.conftest import data_folder, database_url, furnished, scripted_kind
from tests.hub.people import BY, PASSWORD, Household, household
from tests.hub.world import ROADS

__all__ = ["data_folder", "database_url", "furnished", "scripted_kind"]


@dataclass
class Street:
    """A console, a provider it trusts, and a clerk whose subject there is known."""

    house: Household
    site: Site
    provider: Provider

    async def go(self, browser: Browser | None = None, next_path: str = "") -> tuple[Answer, Browser]:
        """To the provider and back; what the axis then answers."""
        browser = browser or self.site.browser()
        away = await browser.get(f"/console/oidc/start?next={next_path}")
        assert away.status == 303, away.words
        back = await browser.get(away.location)
        return await browser.get(back.location), browser

    async def go_away(self) -> tuple[Answer, Browser]:
        browser = self.site.browser()
        return await browser.get("/console/oidc/start"), browser

    async def refused(self) -> None:
        answer, browser = await self.go()
        assert answer.status in (422, 503), answer.words
        assert (await self.who(browser)) is None
        assert await self.house.events("person.signed-in") == []

    async def who(self, browser: Browser) -> str | None:
        found: str | None = json.loads((await browser.get("/console/who")).text)["login"]
        return found


@asynccontextmanager
async def street(database: Database, **changes: Any) -> AsyncIterator[Street]:
    async with household(database) as house, provider(house.clock) as idp:
        settings = SignOnSettings(
            issuer=idp.issuer, client_id=idp.client_id, secret=idp.client_secret, name="Cổng Bộ", **changes
        )
        link = await house.accounts.staffing.invite(
            "van.thu", "Thư", Role.CLERK, by=BY, unit_id=await house.unit(ROADS)
        )
        assert link
        await house.accounts.staffing.link_oidc("van.thu", idp.issuer, "s-1", by=BY)
        async with console(house, sign_on=settings) as site:
            yield Street(house, site, idp)


@pytest.fixture
async def here(database: Database) -> AsyncIterator[Street]:
    async with street(database) as found:
        yield found


# as it should be


async def test_somebody_the_provider_knows_comes_in_and_goes_where_they_wanted(here: Street) -> None:
    browser = here.site.browser()
    page = await browser.get("/console/sign-in?next=/console/who%3Fa%3D1")
    assert "Đăng nhập qua Cổng Bộ" in page.words
    assert 'href="/console/oidc/start?next=/console/who?a%3D1"' in page.text.replace("%3F", "?")
    before = dict(browser.cookies)
    answer, browser = await here.go(browser, "/console/who%3Fa%3D1")
    assert (answer.status, answer.location) == (303, "/console/who?a=1")
    assert browser.cookies["__Host-axis"] != before["__Host-axis"]
    assert await here.who(browser) == "van.thu"
    (event,) = await here.house.events("person.signed-in")
    assert event["data"]["method"] == "oidc" and event["data"]["second_factor"] is False


async def test_what_the_browser_carries_away_tells_nothing_it_could_use(here: Street) -> None:
    browser = here.site.browser()
    away = await browser.get("/console/oidc/start")
    query = parse_qs(urlsplit(away.location).query)
    assert set(query) == {
        "response_type", "client_id", "redirect_uri", "state", "scope", "nonce", "code_challenge",
        "code_challenge_method",
    }  # fmt: skip
    assert query["redirect_uri"] == [f"{here.site.url}/console/oidc/return"]
    (row,) = await here.house.rows("select * from oidc_attempt")
    assert query["code_challenge"] != [row["verifier"]] and here.provider.client_secret not in away.location
    assert query["state"][0] not in str(row) and len(query["state"][0]) == 43


@pytest.mark.parametrize("basic", [True, False])
async def test_the_client_proves_itself_in_either_way(here: Street, basic: bool) -> None:
    here.provider.basic = basic
    assert (await here.go())[0].status == 303


async def test_a_token_of_an_elliptic_key_is_believed_too(here: Street) -> None:
    key("e1", "EC")
    here.provider.signing, here.provider.algorithm, here.provider.published = "e1", "ES256", ["k1", "e1"]
    assert (await here.go())[0].status == 303


@pytest.mark.parametrize("how", ["no kid", "several audiences"])
async def test_what_is_unusual_and_still_right_is_believed(here: Street, how: str) -> None:
    here.provider.misbehave = how
    here.provider.published = ["stranger2", "k1"]
    if how == "several audiences":
        here.provider.claims = {"aud": ["truc", "another"], "azp": "truc"}
    assert (await here.go())[0].status == 303


# as it must not be


@pytest.mark.parametrize("how", MISBEHAVIOURS)
async def test_a_provider_that_misbehaves_lets_nobody_in(
    database: Database, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with street(database) as here:
        here.provider.misbehave = how
        browser = here.site.browser()
        with structlog.testing.capture_logs() as logged:
            away = await browser.get("/console/oidc/start")
            if away.status == 303:
                back = await browser.get(away.location)
                answer = await browser.get(back.location)
            else:
                answer = away
        assert answer.status in (422, 503), answer.words
        assert await here.who(browser) is None and await here.house.events("person.signed-in") == []
        assert logged or how in ("other state", "redirect"), "somebody must be able to find out why"
        assert "eyJ" not in str(logged), "no token in a log"
        assert not [r for r in caplog.records if r.name == "aiohttp.server"], "the provider did what it was told to"
        here.provider.misbehave = ""
        if how != "mixed up":  # what discovery said is believed for an hour
            here.house.clock.move(minutes=2)
            assert (await here.go())[0].status == 303, "and the next honest answer is taken"


async def test_a_replayed_answer_is_refused_by_state_and_by_code(here: Street) -> None:
    browser = here.site.browser()
    away = await browser.get("/console/oidc/start")
    back = (await browser.get(away.location)).location
    assert (await browser.get(back)).status == 303
    for again in (browser, here.site.browser()):
        assert (await again.get(back)).status == 422
    # the same code under a state of the attacker's own
    other = here.site.browser()
    mine = parse_qs(urlsplit((await other.get("/console/oidc/start")).location).query)["state"][0]
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert (await other.get(f"/console/oidc/return?state={mine}&code={code}")).status == 422
    assert await here.who(other) is None


async def test_an_answer_is_taken_only_by_the_browser_that_left(here: Street) -> None:
    """An attacker who sends somebody the end of their own sign-on must not sign them in as themselves."""
    attacker, victim = here.site.browser(), here.site.browser()
    away = await attacker.get("/console/oidc/start")
    back = (await attacker.get(away.location)).location
    await victim.get("/console/sign-in")
    assert (await victim.get(back)).status == 422 and await here.who(victim) is None
    bare = here.site.browser()
    assert (await bare.get(back)).status == 422
    assert (await attacker.get(back)).status == 303, "and was not used up by that"


async def test_an_answer_that_comes_too_late_is_refused(here: Street) -> None:
    browser = here.site.browser()
    away = await browser.get("/console/oidc/start")
    back = (await browser.get(away.location)).location
    here.house.clock.move(minutes=10)
    assert (await browser.get(back)).status == 422


@pytest.mark.parametrize(
    "query", ["", "?state=x", "?code=x", "?state=a&state=b&code=c", "?error=x", "?state=%00&code=%FF"]
)
async def test_answers_nobody_asked_for_are_refused(here: Street, query: str) -> None:
    assert (await here.site.browser().get(f"/console/oidc/return{query}")).status == 422


async def test_two_codes_in_one_answer_are_refused(here: Street) -> None:
    browser = here.site.browser()
    away = await browser.get("/console/oidc/start")
    back = (await browser.get(away.location)).location
    assert (await browser.get(back + "&code=other")).status == 422


@pytest.mark.parametrize(
    "next_path", ["//evil.example", "https://evil.example", "/%5Cevil.example", "javascript:alert(1)"]
)
async def test_the_way_back_leads_nowhere_else(here: Street, next_path: str) -> None:
    answer, _ = await here.go(next_path=next_path)
    assert (answer.status, answer.location) == (303, "/console")


# keys


async def test_a_rotated_key_is_fetched_once_it_is_needed(here: Street) -> None:
    await here.go()
    assert here.provider.calls.count("keys") == 1 and here.provider.calls.count("discovery") == 1
    here.provider.signing, here.provider.published = "k2", ["k2"]
    here.house.clock.move(minutes=1)
    assert (await here.go())[0].status == 303
    assert here.provider.calls.count("keys") == 2
    here.provider.signing = "k1"  # the old one was withdrawn
    here.house.clock.move(minutes=1)
    assert (await here.go())[0].status == 422


async def test_unknown_keys_do_not_make_the_axis_ask_again_and_again(here: Street) -> None:
    await here.go()
    here.provider.misbehave = "key of its own"
    for _ in range(5):
        assert (await here.go())[0].status == 422
    assert here.provider.calls.count("keys") == 1
    here.house.clock.move(minutes=1)
    for _ in range(3):
        assert (await here.go())[0].status == 422
    assert here.provider.calls.count("keys") == 2


async def test_keys_withdrawn_in_silence_are_forgotten_within_the_hour(here: Street) -> None:
    await here.go()
    here.provider.published = ["k2"]
    here.house.clock.move(minutes=61)
    assert (await here.go())[0].status == 422


async def test_a_weak_or_foreign_key_is_none(here: Street) -> None:
    with pytest.warns(Warning):
        weak = RSAKey.generate_key(1024, {"kid": "w"})
    curve = ECKey.generate_key("P-384", {"kid": "c"})

    async def fetch() -> dict[str, Any]:
        return {"keys": [weak.as_dict(private=False), curve.as_dict(private=False)]}

    keys = Keys(fetch, here.house.clock)
    for algorithm in ("RS256", "ES256"):
        await keys._load()
        assert keys._candidates(algorithm, None) == []
    with pytest.raises(NotProven):
        await keys.claims("a.b.c")


# the provider away, or off


@pytest.mark.parametrize("how", ["down", "token down"])
async def test_a_provider_that_is_away_is_said_to_be_and_the_password_still_works(here: Street, how: str) -> None:
    here.provider.misbehave = how
    browser = here.site.browser()
    answer = await browser.get("/console/oidc/start")
    if answer.status == 303:
        answer = await browser.get((await browser.get(answer.location)).location)
    assert answer.status == 503 and "không trả lời" in answer.words
    assert 'name="password"' in answer.text


async def test_a_provider_on_a_network_nobody_approved_is_not_asked(database: Database) -> None:
    async with household(database) as house:
        settings = SignOnSettings(issuer="http://10.0.0.1:9", client_id="x")
        async with console(house, sign_on=settings) as site:
            with structlog.testing.capture_logs() as logged:
                answer = await site.browser().get("/console/oidc/start")
            assert answer.status == 503 and "10.0.0.1" not in answer.text
            assert any("10.0.0.1" in str(one.get("why")) for one in logged), "the operator sees what is missing"


async def test_strangers_make_one_call_however_many_they_are_while_the_provider_is_away(here: Street) -> None:
    here.provider.misbehave = "down"
    found = await asyncio.gather(*(here.site.browser().get("/console/oidc/start") for _ in range(ADDRESS_TRIES)))
    assert {answer.status for answer in found} == {503} and here.provider.calls == ["discovery"]
    here.provider.misbehave = ""
    here.house.clock.move(seconds=9)
    answer, _ = await here.go_away()
    assert answer.status == 503 and here.provider.calls == ["discovery"], "asked again only after ten seconds"
    here.house.clock.move(seconds=1)
    found = await asyncio.gather(*(here.site.browser().get("/console/oidc/start") for _ in range(5)))
    assert {answer.status for answer in found} == {303}, "and what failed was nobody's fault"
    assert here.provider.calls == ["discovery"] * 2


async def test_departures_are_counted_before_the_provider_is_asked_and_block_no_password(here: Street) -> None:
    await here.house.clerk("chi.lan", ROADS)
    found = [await here.go_away() for _ in range(ADDRESS_TRIES)]
    assert {answer.status for answer, _ in found} == {303}
    here.house.clock.move(minutes=9)
    asked = len(here.provider.calls)
    answer, _ = await here.go_away()
    assert (answer.status, answer.headers["Retry-After"]) == (429, "60") and len(here.provider.calls) == asked
    browser = here.site.browser()
    await browser.get("/console/sign-in")
    assert (await browser.post("/console/sign-in", login="chi.lan", password=PASSWORD)).status == 303
    away, browser = found[0]
    assert (await browser.get((await browser.get(away.location)).location)).status == 303
    assert (await here.go_away())[0].status == 303, "somebody came back: there is room for another"


@pytest.mark.parametrize(
    ("site", "mode", "dest", "status"),
    [
        ("cross-site", "no-cors", "image", 403), ("cross-site", "navigate", "iframe", 403), ("cross-site", "", "", 403),
        ("same-site", "no-cors", "image", 403), ("nonsense", "cors", "empty", 403),
        ("cross-site", "navigate", "document", 303), ("same-site", "navigate", "document", 303),
        ("same-origin", "navigate", "document", 303), ("none", "navigate", "document", 303), ("", "", "", 303),
    ],
)  # fmt: skip
async def test_a_sign_on_begins_by_going_there_and_not_by_what_another_page_loads(
    here: Street, site: str, mode: str, dest: str, status: int
) -> None:
    says = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
    assert (await here.site.browser().get("/console/oidc/start", **says)).status == status
    counted = await here.house.rows("select failures from login_guard where starts_with(key, 'departure:')")
    assert len(counted) == (status == 303) and len(here.provider.calls) == (status == 303)


async def test_without_a_provider_there_is_no_button_and_no_way(database: Database) -> None:
    async with household(database) as house, console(house) as site:
        browser = site.browser()
        assert "oidc" not in (await browser.get("/console/sign-in")).text
        for path in ("/console/oidc/start", "/console/oidc/return?state=a&code=b"):
            answer = await browser.get(path)
            assert answer.status == 422 and "chưa được cấu hình" in answer.words


# who it is


async def test_a_subject_nobody_linked_is_nobody(here: Street) -> None:
    here.provider.subject, here.provider.claims = "s-9", {"preferred_username": "van.thu"}
    answer, browser = await here.go()
    assert answer.status == 422 and "chưa gắn" in answer.words and await here.who(browser) is None


async def test_a_claim_equal_to_a_login_is_that_person_where_the_setting_says_so(database: Database) -> None:
    async with street(database, match_login=True) as here:
        await here.house.accounts.staffing.unlink_oidc("van.thu", by=BY)
        here.provider.claims = {"preferred_username": "Van.Thu"}
        _, browser = await here.go()
        assert await here.who(browser) == "van.thu"
        here.provider.subject = "s-2"  # somebody else who was given the name later
        answer, browser = await here.go()
        assert answer.status == 422 and await here.who(browser) is None


@pytest.mark.parametrize(("verified", "login"), [(True, "thu@mt.gov.vn"), (False, None), ("true", None), (None, None)])
async def test_an_address_counts_only_when_the_provider_verified_it(
    database: Database, verified: Any, login: str | None
) -> None:
    async with street(database, match_login=True, login_claim="email") as here:
        roads = await here.house.unit(ROADS)
        await here.house.accounts.staffing.invite("thu@mt.gov.vn", "Thư", Role.CLERK, by=BY, unit_id=roads)
        here.provider.subject, here.provider.claims = "s-7", {"email": "thu@mt.gov.vn", "email_verified": verified}
        _, browser = await here.go()
        assert await here.who(browser) == login


@pytest.mark.parametrize(
    ("trust", "amr", "through"),
    [
        (True, ["pwd", "mfa"], True), (True, ["otp"], True), (True, ["pwd"], False), (True, None, False),
        (True, "mfa", False), (True, [["mfa"]], False), (False, ["mfa"], False),
    ],
)  # fmt: skip
async def test_an_operator_needs_a_second_factor_here_unless_the_provider_vouches_for_one(
    database: Database, trust: bool, amr: Any, through: bool
) -> None:
    async with street(database, trust_mfa=trust) as here:
        await here.house.strong("an")
        await here.house.accounts.staffing.link_oidc("an", here.provider.issuer, "s-op", by=BY)
        here.provider.subject, here.provider.claims = "s-op", {"amr": amr}
        answer, browser = await here.go()
        if through:
            assert await here.who(browser) == "an"
            return
        assert answer.location == "/console/sign-in/code" and await here.who(browser) is None
        await browser.get(answer.location)
        await browser.post("/console/sign-in/code", code=here.house.code("an"))
        assert await here.who(browser) == "an"


def test_the_secret_of_the_client_is_read_from_its_file(tmp_path: Any) -> None:
    file = tmp_path / "secret"
    file.write_text("bí mật\n", encoding="utf-8")
    file.chmod(0o640)
    with pytest.raises(SetupError, match=r"key\.exposed"):
        read_client_secret(str(file))
    file.chmod(0o600)
    assert read_client_secret(str(file)) == "bí mật" and read_client_secret("") == ""
    with pytest.raises(SetupError):
        read_client_secret(str(tmp_path / "none"))
    assert "bí mật" not in repr(SignOnSettings(issuer="https://idp", secret="bí mật"))
