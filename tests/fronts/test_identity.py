"""Who is calling: cookies, forms that must be our own, ways back that stay here, and pages that say the same
of whatever is not to be had."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pyotp
import pytest
import structlog
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict
from yarl import URL

from axis.domain.people import Role
from axis.fronts.console import account
from axis.fronts.identity import Identity, IdentitySettings, caller_address, csrf_of, local_path
from axis.store.database import Database
from axis.store.people import digest
from tests.fronts.browser import Answer, Browser, Site, console, probe
from tests.hub.conftest import data_folder, database_url, furnished, scripted_kind
from tests.hub.people import BY, PASSWORD, household
from tests.hub.world import ROADS

__all__ = ["data_folder", "database_url", "furnished", "scripted_kind"]
COOKIE = "__Host-axis"
NEW = "một câu hoàn toàn khác"


@pytest.fixture
async def site(database: Database) -> AsyncIterator[Site]:
    async with household(database) as house, console(house) as found:
        yield found


async def signed_in(site: Site, login: str = "van.thu") -> Browser:
    if not await site.house.rows("select 1 from person where login = $1", login):
        await site.house.clerk(login, ROADS)
    browser = site.browser()
    await browser.sign_in(site.house, login)
    return browser


async def who(browser: Browser) -> str | None:
    found: str | None = json.loads((await browser.get("/console/who")).text)["login"]
    return found


# cookies


async def test_the_cookie_is_bound_to_the_host_and_out_of_reach_of_scripts(site: Site) -> None:
    browser = site.browser()
    page = await browser.get("/console/sign-in")
    raw = page.headers["Set-Cookie"]
    assert re.fullmatch(r"__Host-axis=[A-Za-z0-9_-]{43}; HttpOnly; Path=/; SameSite=Lax; Secure", raw), raw
    await site.house.clerk("van.thu", ROADS)
    answer = await browser.post("/console/sign-in", login="van.thu", password=PASSWORD)
    morsel = answer.set[COOKIE]
    assert (morsel["httponly"], morsel["secure"], morsel["samesite"], morsel["path"]) == (True, True, "Lax", "/")
    assert not morsel["domain"] and not morsel["max-age"] and not morsel["expires"]


async def test_without_tls_the_cookie_has_a_name_that_promises_nothing(database: Database) -> None:
    async with household(database) as house, console(house, settings=IdentitySettings(secure=False)) as site:
        browser = await signed_in(site)
        assert set(browser.cookies) == {"axis"} and await who(browser) == "van.thu"
        raw = (await site.browser().get("/console/sign-in")).headers["Set-Cookie"]
        assert re.fullmatch(r"axis=[A-Za-z0-9_-]{43}; HttpOnly; Path=/; SameSite=Lax", raw), raw


async def test_a_cookie_from_before_the_sign_in_is_worth_nothing_after_it(site: Site) -> None:
    """Fixation: whoever planted it, or saw it, holds nothing."""
    await site.house.clerk("van.thu", ROADS)
    planted = "A" * 43
    victim, attacker = site.browser(), site.browser()
    victim.cookies[COOKIE] = attacker.cookies[COOKIE] = planted
    await victim.get("/console/sign-in")
    assert victim.cookies[COOKIE] == planted, "a form's cookie may stay: it opens nothing"
    await victim.post("/console/sign-in", login="van.thu", password=PASSWORD)
    assert victim.cookies[COOKIE] != planted and await who(victim) == "van.thu"
    assert await who(attacker) is None
    assert await site.house.rows("select * from session where token = $1", digest(planted)) == []


async def test_the_cookie_changes_at_every_step_and_the_old_ones_are_dead(site: Site) -> None:
    await site.house.strong("an")
    browser, seen = site.browser(), []
    await browser.get("/console/sign-in")
    seen.append(browser.cookies[COOKIE])
    answer = await browser.post("/console/sign-in", login="an", password=PASSWORD)
    assert answer.location == "/console/sign-in/code"
    seen.append(browser.cookies[COOKIE])
    await browser.get(answer.location)
    await browser.post("/console/sign-in/code", code=site.house.code("an"))
    seen.append(browser.cookies[COOKIE])
    await browser.get("/console/account")
    await browser.post("/console/account", old=PASSWORD, password=NEW, repeat=NEW)
    assert len({*seen, browser.cookies[COOKIE]}) == 4 and await who(browser) == "an"
    for token in seen:
        old = site.browser()
        old.cookies[COOKIE] = token
        assert await who(old) is None


@pytest.mark.parametrize("value", ["", "x", "A" * 42, "A" * 44, "A" * 42 + "=", "%00" * 20, "é" * 43, "A" * 7000])
async def test_a_malformed_cookie_is_no_cookie(site: Site, value: str) -> None:
    browser = site.browser()
    answer = await browser.get("/console/sign-in", Cookie=f"{COOKIE}={value}")
    assert answer.status == 200 and COOKIE in answer.set


async def test_static_files_are_served_without_a_look_at_the_database_or_a_cookie(site: Site) -> None:
    page = await site.browser().get("/console/sign-in")
    asset = re.search(r'href="(/console/static/[^"]+\.css)"', page.text)
    assert asset
    answer = await site.browser().get(asset[1], Cookie=f"{COOKIE}={'A' * 43}")
    assert answer.status == 200 and "Set-Cookie" not in answer.headers


async def test_a_half_session_sees_what_nobody_sees(site: Site) -> None:
    await site.house.strong("an")
    browser = site.browser()
    await browser.get("/console/sign-in")
    await browser.post("/console/sign-in", login="an", password=PASSWORD)
    assert await who(browser) is None
    for path in ("/console", "/console/account", "/console/operators", "/console/nothing"):
        assert (await browser.get(path)).location.startswith("/console/sign-in"), path
    enrol = await browser.get("/console/sign-in/enrol")
    assert enrol.status == 303, "whoever has a second factor is not offered another one"


# timeouts, as a browser meets them


async def test_an_idle_session_leads_back_to_the_sign_in(site: Site) -> None:
    browser = await signed_in(site)
    site.house.clock.move(minutes=31)
    answer = await browser.get("/console/account?a=1")
    assert (answer.status, answer.location) == (303, "/console/sign-in?next=/console/account?a%3D1")


async def test_a_page_that_refreshes_itself_does_not_keep_anybody_signed_in(site: Site) -> None:
    browser = await signed_in(site)
    for _ in range(5):
        site.house.clock.move(minutes=5)
        assert (await browser.get("/console/account", **{"X-Axis-Poll": "1", "HX-Request": "true"})).status == 200
    site.house.clock.move(minutes=5)
    answer = await browser.get("/console/account", **{"X-Axis-Poll": "1", "HX-Request": "true"})
    assert answer.status == 401
    asked = await browser.get("/console/account", **{"HX-Request": "true"})
    assert asked.status == 401 and asked.headers["HX-Redirect"].startswith("/console/sign-in")


NOT_DONE = "Phiên đã hết hạn; việc vừa rồi CHƯA được làm."


async def test_a_form_after_the_session_ended_leads_to_the_sign_in_and_back_to_its_page(site: Site) -> None:
    browser = await signed_in(site)
    await browser.get("/console/account")
    site.house.clock.move(minutes=31)
    answer = await browser.post("/console/account", current="x")
    assert (answer.status, answer.location) == (303, "/console/sign-in?next=/console/account")
    page = await browser.get(answer.location)
    assert NOT_DONE in page.words and 'name="next" value="/console/account"' in page.text
    assert NOT_DONE not in (await browser.get(answer.location)).words, "once"
    answer = await browser.post("/console/sign-in", login="van.thu", password=PASSWORD, next="/console/account")
    assert answer.location == "/console/account"


@pytest.mark.parametrize(
    ("referer", "back"),
    [("{site}/console/who?a=%C4%91", "/console/who?a=%C4%91"), ("", "/console/act"),
     ("https://evil.example/console/who", "/console/act"), ("{site}/elsewhere", "/console/act"),
     ("{site}//evil.example", "/console/act"), ("http://[", "/console/act")],
)  # fmt: skip
async def test_the_way_back_from_a_form_is_the_page_of_ours_it_stood_on(site: Site, referer: str, back: str) -> None:
    browser = await signed_in(site)
    site.house.clock.move(minutes=31)
    answer = await browser.post("/console/act", headers={"Referer": referer.format(site=site.url)}, what="x")
    assert URL(answer.location) == URL("/console/sign-in").with_query(next=back)
    await browser.get(answer.location)
    answer = await browser.post("/console/sign-in", login="van.thu", password=PASSWORD, next=back)
    assert answer.location == (back if back != "/console/act" else "/console"), "nobody is led to what takes forms only"
    again = await browser.get(f"/console/sign-in?next={quote(back, safe='')}")
    assert again.location == answer.location


async def test_a_form_sent_after_signing_out_in_another_window_says_the_same(site: Site) -> None:
    browser = await signed_in(site)
    old, page = browser.csrf, {"Referer": f"{site.url}/console/mine"}
    await browser.post("/console/sign-out")
    for cookie in (False, True):
        if cookie:
            await browser.get("/console/sign-in")
        answer = await browser.post("/console/act", csrf=old, headers=page, what="x")
        assert (answer.status, answer.location) == (303, "/console/sign-in?next=/console/mine")
    assert NOT_DONE in (await browser.get(answer.location)).words
    unknown = await browser.post("/console/nothing-here", csrf=old, headers=page)
    assert (unknown.status, unknown.location) == (answer.status, answer.location), "addresses tell nothing"
    foreign = await browser.post("/console/act", csrf=old, headers={**page, "Referer": "https://evil.example/console"})
    assert (foreign.status, foreign.location) == (303, "/console/sign-in?next=/console/act"), "never to another site"
    stale = await browser.post("/console/sign-in", csrf=old, headers={"Referer": f"{site.url}/console/sign-in"})
    assert stale.status == 403 and 'href="/console/sign-in"' in stale.text


async def test_a_form_of_an_earlier_session_can_be_opened_again_and_its_reason_copied(site: Site) -> None:
    browser = await signed_in(site)
    old, page = browser.csrf, {"Referer": f"{site.url}/console/who?a=1"}
    await browser.post("/console/sign-out")
    await browser.sign_in(site.house, "van.thu")
    typed = {"what": "x", "reason": "Không thuộc <b>thẩm quyền</b>"}
    answer = await browser.post("/console/act", csrf=old, headers=page, **typed)
    assert answer.status == 403 and '<a href="/console/who?a=1">Mở lại biểu mẫu</a>' in answer.text
    assert "CHƯA được làm" in answer.words and "Không thuộc &lt;b&gt;thẩm quyền&lt;/b&gt;</textarea>" in answer.text
    assert browser.csrf not in answer.text.partition("<main")[2], "a page to copy from, not a form to send"
    unknown = await browser.post("/console/nothing-here", csrf=old, headers=page, **typed)
    assert unknown.status == 404, "nobody's form, so not even read"
    for headers in ({"Origin": "https://evil.example"}, {"Origin": ""}, {"Origin": "null"}):
        answer = await browser.post("/console/act", csrf=old, headers={**page, **headers}, **typed)
        assert answer.status == 403 and "thẩm quyền" not in answer.text, "nobody else's words on our page"
    for referer in ("", "https://evil.example/console/who", f"{site.url}/console/act"):
        answer = await browser.post("/console/act", csrf=old, headers={"Referer": referer}, **typed)
        assert answer.status == 403 and "Mở lại biểu mẫu" not in answer.text, referer


async def test_a_person_who_is_disabled_is_out_at_the_next_click(site: Site) -> None:
    browser = await signed_in(site)
    await site.house.accounts.staffing.disable("van.thu", by=BY)
    assert (await browser.get("/console/account")).status == 303


# forms


async def test_a_form_of_ours_is_taken(site: Site) -> None:
    browser = await signed_in(site)
    for headers in ({}, {"Sec-Fetch-Site": ""}, {"Origin": ""}, {"Origin": "", "Sec-Fetch-Site": ""},
                    {"Origin": "null"}, {"Sec-Fetch-Site": "none"}):  # fmt: skip
        answer = await browser.post("/console/act", what="việc", headers=headers)
        assert (answer.status, json.loads(answer.text)) == (200, {"did": "việc", "login": "van.thu"}), headers
    by_header = await browser.post("/console/act", csrf="", what="x", headers={"X-CSRF-Token": browser.csrf})
    assert by_header.status == 200


FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "another site, old browser": {"Origin": "https://evil.example", "Sec-Fetch-Site": ""},
    "a neighbour": {"Sec-Fetch-Site": "same-site"},
    "cross-site without origin": {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    "a sandbox": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "a sandbox, old browser": {"Origin": "null", "Sec-Fetch-Site": ""},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "a longer name": {"Origin": "http://127.0.0.1.evil.example"},
    "a name within": {"Origin": "http://evil.example/http://127.0.0.1"},
    "a user before": {"Origin": "http://127.0.0.1@evil.example"},
    "nonsense": {"Origin": "http://[::1"},
    "no scheme": {"Origin": "127.0.0.1"},
    "a word for site": {"Sec-Fetch-Site": "Same-Origin"},
}


@pytest.mark.parametrize("how", FOREIGN)
async def test_a_form_from_elsewhere_is_refused_even_with_the_token(site: Site, how: str) -> None:
    browser = await signed_in(site)
    answer = await browser.post("/console/act", what="x", headers=FOREIGN[how])
    assert answer.status == 403 and "did" not in answer.text
    assert "Biểu mẫu đã cũ" in answer.words


async def test_a_form_without_its_token_or_with_a_wrong_one_is_refused(site: Site) -> None:
    browser, other = await signed_in(site), await signed_in(site, "nguoi.khac")
    await other.get("/console/account")
    right = browser.csrf
    before = (await site.browser().get("/console/sign-in")).csrf
    wrong = ("", other.csrf, before, right[:-1], right + "0", right.upper(), "é", "\x00", "0" * 64, digest(right).hex())
    assert other.csrf and before and len({*wrong, right}) == len(wrong) + 1
    for token in wrong:
        answer = await browser.post("/console/act", csrf=token, what="x")
        assert answer.status == 403, token
        if token and token.isprintable():
            header = await browser.post("/console/act", csrf=right, what="x", headers={"X-CSRF-Token": token})
            assert header.status == 403, "a wrong header is not made good by the field"
    assert (await browser.post("/console/act", csrf=right, what="x")).status == 200


async def test_a_token_ends_with_its_session(site: Site) -> None:
    browser = await signed_in(site)
    old = browser.csrf
    await browser.post("/console/sign-out")
    await browser.sign_in(site.house, "van.thu")
    assert browser.csrf != old
    assert (await browser.post("/console/act", csrf=old, what="x")).status == 403


async def test_the_forms_before_the_sign_in_are_held_too(site: Site) -> None:
    """Signing somebody in as somebody else is an attack as well."""
    await site.house.clerk("van.thu", ROADS)
    link = await site.house.accounts.staffing.reset("van.thu", by=BY)
    stranger = (await site.browser().get("/console/sign-in")).csrf
    for path in ("/console/sign-in", "/console/sign-in/code", "/console/sign-in/enrol", "/console/sign-out", link.path):
        for csrf in ("", stranger):
            browser = site.browser()
            await browser.get("/console/sign-in")
            answer = await browser.post(path, csrf=csrf, login="van.thu", password=NEW, repeat=NEW)
            assert answer.status == 403, path
        bare = site.browser()
        assert (await bare.post(path, csrf=stranger, login="van.thu", password=NEW, repeat=NEW)).status == 403, path
    assert (await site.house.accounts.own.invitation(link.token)).login == "van.thu", "not used up by any of that"


async def test_every_form_of_these_pages_must_carry_its_token(site: Site) -> None:
    """Read off the table of routes, so that a further form cannot be forgotten."""
    browser = await signed_in(site)
    found = {f"/console{route.path}".replace("{token:[A-Za-z0-9_-]{1,128}}", "x") for route in posts()}
    assert len(found) >= 8
    for path in found:
        assert (await browser.post(path, csrf="", what="x")).status == 403, path


def posts() -> list[Any]:
    return [route for route in (*account.ROUTES, *probe().ROUTES) if route.method == "POST"]


async def test_a_token_in_the_address_or_in_a_file_counts_for_nothing(site: Site) -> None:
    browser = await signed_in(site)
    assert (await browser.post(f"/console/act?csrf={browser.csrf}", csrf="", what="x")).status == 403


async def test_a_huge_form_is_refused_before_it_is_read(site: Site) -> None:
    browser = await signed_in(site)
    answer = await browser.post("/console/act", what="x" * 150_000)
    assert answer.status == 413


@pytest.mark.parametrize(
    ("public", "secure", "host", "origin", "ours"),
    [
        ("", True, "axis.gov.vn", "https://axis.gov.vn", True),
        ("", True, "axis.gov.vn", "https://axis.gov.vn:443", True),
        ("", True, "AXIS.gov.vn", "https://axis.gov.vn", True),
        ("", True, "axis.gov.vn", "http://axis.gov.vn", False),  # anybody's on the way
        ("", False, "axis.gov.vn", "http://axis.gov.vn", True),
        ("", True, "localhost:8080", "http://localhost:8080", True),
        ("", True, "[::1]:8080", "http://[::1]:8080", True),
        ("", True, "axis.gov.vn:8443", "https://axis.gov.vn", False),
        ("", True, "axis.gov.vn", "https://axis.gov.vn.evil.example", False),
        ("", True, "axis.gov.vn", "ftp://axis.gov.vn", False),
        ("", True, "axis.gov.vn", "https://axis.gov.vn:0", False),
        ("", True, "axis.gov.vn", "https://axis.gov.vn:x", False),
        ("", True, "", "https://", False),
        ("https://axis.gov.vn/", True, "10.0.0.5:8080", "https://axis.gov.vn", True),  # a proxy that rewrites Host
        ("https://axis.gov.vn/", True, "10.0.0.5:8080", "http://axis.gov.vn", False),
    ],
)
def test_which_origins_are_ours(public: str, secure: bool, host: str, origin: str, ours: bool) -> None:
    identity = Identity(None, IdentitySettings(secure=secure, public_url=public))  # type: ignore[arg-type]
    request = make_mocked_request("POST", "/console/act", {"Host": host, "Origin": origin})
    assert identity._same_origin(request) is ours


def test_two_origins_are_none() -> None:
    headers = CIMultiDict([("Host", "a.vn"), ("Origin", "https://a.vn"), ("Origin", "https://a.vn")])
    identity = Identity(None)  # type: ignore[arg-type]
    assert not identity._same_origin(make_mocked_request("POST", "/console/act", headers))


def test_a_token_of_a_form_tells_nothing_of_its_cookie() -> None:
    assert csrf_of("A" * 43) != csrf_of("B" * 43) and "A" * 8 not in csrf_of("A" * 43)
    assert csrf_of("A" * 43).encode() != digest("A" * 43).hex().encode()


# the way back

LEAVING = [
    "/console/\\evil.example", "/console?\\\\evil.example",
    "", "/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "https://evil.example", "https:evil.example", "http:/evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,x", "/console\\@evil.example", "/console\r\nSet-Cookie: a=b", "/console\nLocation: x", "/console\t",
    "/console x", "console", "/consoleevil", "/console.evil.example", "/console@evil.example", "/vxp", " /console",
    "/console\x00", "/console/\u2028x", "/console/é", "/console#x", "/console:80", "/Console", "/console/" + "a" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("text", LEAVING)
def test_ways_back_that_could_lead_elsewhere(text: str) -> None:
    assert local_path(text) == ""


@pytest.mark.parametrize("text", ["/console", "/console/", "/console?a=1", "/console/documents?q=%C4%91i&after=a/b#x"])
def test_ways_back_that_stay_here(text: str) -> None:
    assert local_path(text) == text


@pytest.mark.parametrize("text", [t for t in LEAVING if t.isascii() and "\x00" not in t])
async def test_no_sign_in_leads_elsewhere(site: Site, text: str) -> None:
    await site.house.clerk("van.thu", ROADS)
    browser = site.browser()
    page = await browser.get(f"/console/sign-in?next={quote(text, safe='')}")
    assert 'name="next"' not in page.text
    answer = await browser.post("/console/sign-in", login="van.thu", password=PASSWORD, next=text)
    assert (answer.status, answer.location) == (303, "/console")
    assert "Set-Cookie" not in answer.location and "a" not in answer.set
    again = await browser.get(f"/console/sign-in?next={quote(text, safe='')}")
    assert again.location == "/console", "nor when somebody is signed in already"


async def test_the_sign_in_leads_back_through_every_step(site: Site) -> None:
    await site.house.strong("an")
    browser = site.browser()
    asked = await browser.get("/console/operators?q=%C4%91i")
    assert asked.location == "/console/sign-in?next=/console/operators?q%3D%25C4%2591i"
    page = await browser.get(asked.location)
    assert 'name="next" value="/console/operators?q=%C4%91i"' in page.text
    answer = await browser.post("/console/sign-in", login="an", password=PASSWORD, next="/console/operators?q=%C4%91i")
    page = await browser.get(answer.location)
    assert 'name="next" value="/console/operators?q=%C4%91i"' in page.text
    answer = await browser.post(
        "/console/sign-in/code", code=site.house.code("an"), next="/console/operators?q=%C4%91i"
    )
    assert answer.location == "/console/operators?q=%C4%91i"
    assert json.loads((await browser.get(answer.location)).text) == {"login": "an"}


# one face


async def test_what_one_may_not_see_looks_like_what_does_not_exist(site: Site) -> None:
    browser = await signed_in(site)
    forbidden, unknown = await browser.get("/console/operators"), await browser.get("/console/nothing-here")
    assert (forbidden.status, forbidden.text) == (404, unknown.text) == (unknown.status, forbidden.text)
    nobody = site.browser()
    for path in ("/console/operators", "/console/nothing-here", "/console/mine"):
        assert (await nobody.get(path)).location == f"/console/sign-in?next={path}"
    answer = await nobody.post("/console/act", csrf="", what="x")
    assert answer.status == 303 and answer.location.startswith("/console/sign-in"), "who may not is not even read"


async def test_an_unknown_login_and_a_wrong_password_answer_alike_to_the_byte(site: Site) -> None:
    await site.house.clerk("van.thu", ROADS)
    await site.house.clerk("da.khoa", ROADS)
    await site.house.accounts.staffing.disable("da.khoa", by=BY)
    await site.house.accounts.staffing.invite("moi.roi", "Mời", Role.OPERATOR, by=BY)
    seen = set()
    for login in ("van.thu", "ai.vay1", "da.khoa", "moi.roi"):
        browser = site.browser()
        await browser.get("/console/sign-in")
        before = site.house.accounts.passwords.computed
        answer = await browser.post("/console/sign-in", login=login, password="sai mật khẩu")
        seen.add((*face(answer, login), site.house.accounts.passwords.computed - before))
    assert len(seen) <= 2 and {s[0] for s in seen} == {422}  # the very first makes the hash of nobody
    assert len({s[:-1] for s in seen}) == 1
    for login in ("van.thu", "ai.vay1"):  # and when it blocks
        browser = site.browser()
        await browser.get("/console/sign-in")
        codes = [(await browser.post("/console/sign-in", login=login, password="sai")).status for _ in range(6)]
        assert codes == [422] * 4 + [429] * 2, login


def face(answer: Answer, login: str) -> tuple[Any, ...]:
    hidden = re.sub(r'value="[0-9a-f]{64}"', "", answer.text.replace(login, "?"))
    names = tuple(sorted(name for name in answer.headers if name != "Date"))
    return answer.status, hidden, names, answer.headers["Content-Length"]


async def test_a_block_says_when_to_come_back(site: Site) -> None:
    browser = site.browser()
    await browser.get("/console/sign-in")
    for _ in range(5):
        await browser.post("/console/sign-in", login="ai", password="sai")
    answer = await browser.post("/console/sign-in", login="ai", password="sai")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "60") and "1 phút" in answer.words
    english = await browser.get("/console/sign-in?lang=en")
    assert english.status == 303
    answer = await browser.post("/console/sign-in", login="ai", password="sai", headers={"Accept-Language": "en"})
    assert "1 more minutes" in answer.words


async def test_a_password_never_comes_back_in_a_page_nor_in_a_log(site: Site) -> None:
    link = await site.house.accounts.staffing.invite("an", "An", Role.AUDITOR, by=BY)
    with structlog.testing.capture_logs() as logged:
        browser = site.browser()
        await browser.get("/console/sign-in")
        pages = [await browser.post("/console/sign-in", login="an", password="bí-mật-gõ-nhầm")]
        pages.append(await browser.get(link.path))
        pages.append(await browser.post(link.path, password="bí-mật-thứ-hai", repeat="bí-mật-thứ-ba"))
        pages.append(await browser.post(link.path, password="ngắn-quá", repeat="ngắn-quá"))
        pages.append(await browser.post(link.path, password=NEW, repeat=NEW))
    assert [p.status for p in pages] == [422, 200, 422, 422, 303]
    told = "".join(p.text + str(p.headers) for p in pages) + str(logged)
    assert not re.search("bí-mật|ngắn-quá|hoàn toàn khác", told)
    assert link.token not in str(logged) and browser.cookies[COOKIE] not in str(logged)


# the whole way, through the pages


async def test_the_first_operator_comes_in_through_the_link(site: Site) -> None:
    link = await site.house.accounts.staffing.first_run(actor="axis")
    assert link
    browser = site.browser()
    page = await browser.get(link.path)
    assert "Tạo người vận hành đầu tiên" in page.words and page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    answer = await browser.post(link.path, login="an", name="Nguyễn An", password=NEW, repeat=NEW)
    assert answer.location == "/console/sign-in/enrol"
    page = await browser.get(answer.location)
    secret = "".join(re.findall(r"<code>([A-Z2-7 ]+)</code>", page.text)[0].split())
    assert "<svg" in page.text and f"secret={secret}" in page.text.replace("&amp;", "&")
    phone = pyotp.TOTP(secret)
    wrong = await browser.post("/console/sign-in/enrol", code="000000")
    assert wrong.status == 422 and secret in "".join(wrong.words.split()), "the same secret is shown again"
    answer = await browser.post("/console/sign-in/enrol", code=phone.at(site.house.clock.now))
    assert answer.location == "/console" and await who(browser) == "an"
    assert json.loads((await browser.get("/console/operators")).text) == {"login": "an"}
    for path in (link.path,):
        dead = await site.browser().get(path)
        assert dead.status == 404 and "không dùng được" in dead.words


async def test_a_link_that_does_not_work_says_so_and_no_more(site: Site) -> None:
    answers = [await site.browser().get(f"/console/invitation/{token}") for token in ("x", "A" * 43, "a" * 128)]
    assert {a.status for a in answers} == {404}
    assert len({re.sub(r"/invitation/[^\"?]+|value=\"[0-9a-f]{64}\"", "", a.text) for a in answers}) == 1


async def test_signing_out_ends_the_session_and_forgets_the_cookie(site: Site) -> None:
    browser = await signed_in(site)
    token = browser.cookies[COOKIE]
    answer = await browser.post("/console/sign-out")
    assert answer.location == "/console/sign-in" and answer.set[COOKIE]["max-age"] == "0"
    assert COOKIE not in browser.cookies
    browser.cookies[COOKIE] = token
    assert await who(browser) is None


async def test_signing_in_as_somebody_else_ends_who_one_was(site: Site) -> None:
    await site.house.clerk("khac", ROADS)
    browser = await signed_in(site)
    token = browser.cookies[COOKIE]
    answer = await browser.post("/console/sign-in", login="khac", password=PASSWORD)
    assert answer.status == 303 and await who(browser) == "khac"
    browser.cookies[COOKIE] = token
    assert await who(browser) is None


async def test_the_page_of_ones_own_account(site: Site) -> None:
    browser, elsewhere = await signed_in(site), await signed_in(site)
    page = await browser.get("/console/account")
    assert page.status == 200 and "Firefox" in page.words and "phiên này" in page.words
    answer = await browser.post("/console/account", old="sai", password=NEW, repeat=NEW)
    assert answer.status == 422 and "không đúng" in answer.words
    answer = await browser.post("/console/account", old=PASSWORD, password=NEW, repeat="khác")
    assert answer.status == 422 and "không giống nhau" in answer.words
    assert await who(elsewhere) == "van.thu"
    answer = await browser.post("/console/account", old=PASSWORD, password=NEW, repeat=NEW)
    assert answer.location == "/console/account" and await who(elsewhere) is None
    assert "Đã đổi mật khẩu" in (await browser.get("/console/account")).words
    answer = await browser.post("/console/account/language", language="en")
    assert "Language" in (await browser.get("/console/account")).words
    assert (await browser.post("/console/account/language", language="fr")).status == 400


async def test_ending_sessions_from_the_page(site: Site) -> None:
    browser, one, two = await signed_in(site), await signed_in(site), await signed_in(site)
    page = await browser.get("/console/account")
    ids = re.findall(r'name="session" value="([0-9a-f-]{36})"', page.text)
    assert len(ids) == 3, "this one cannot be ended by itself; the invitation's can"
    await browser.post("/console/account/sessions", session=ids[0])
    page = await browser.get("/console/account")
    assert re.findall(r'name="session" value="([0-9a-f-]{36})"', page.text) == ids[1:]
    await browser.post("/console/account/sessions")
    assert await who(one) is await who(two) is None and await who(browser) == "van.thu"
    assert (await browser.post("/console/account/sessions", session="không")).status == 400


# where from


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # nobody's proxy: what it says is ignored
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "198.51.100.1:4711, 10.0.0.2:80", "198.51.100.1"),  # a proxy that adds the port
        ("10.0.0.1", "[2001:DB8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, [::FFFF:10.0.0.2]:80", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 198.51.100.2:47:11", "10.0.0.1"),
        ("10.0.0.1", "[198.51.100.1]:80", "10.0.0.1"),
        ("", "198.51.100.1", "198.51.100.1"),  # a unix socket
        ("", "", "local"),
    ],
)
def test_who_really_calls(peer: str, forwarded: str, address: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/console", headers).clone(remote=peer)
    assert caller_address(request, frozenset({"10.0.0.1", "10.0.0.2"})) == address


async def test_the_middleware_knows_nobody_when_the_database_is_away(site: Site) -> None:
    """A refusal, never an open door."""
    browser = await signed_in(site)
    await site.house.database.close()
    answer = await browser.get("/console/mine")
    assert answer.status in (500, 503) and "van.thu" not in answer.text
