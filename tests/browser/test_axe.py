"""Every page of the table, as each role sees it, in both languages and both lights: axe finds nothing that matters.

The pages are those of the matrix (tests/console/cells.py), so a new page is looked at from the day it stands in the
table of routes.
"""

from __future__ import annotations

from typing import Any

import pytest

from axis.domain.people import Role
from axis.fronts.console.app import MODULES
from axis.fronts.console.routes import Route
from tests.browser.chromium import window
from tests.console.cells import cell
from tests.console.world import NOBODY, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILES = ("export", "file", "original", "attachment", "receipt", "newer")
"""The last words of routes that answer with a file or a piece of a page."""
MORE = {
    "clerk.received": ["/in?q=khong-co-gi", "/in?days=all&state=overdue"], "clerk.sent": ["/out?q=duy%20tu"],
    "auditor.documents": ["/audit/documents?q=duy"], "figures": ["/figures?year=2026"],
    "operator.deliveries": ["/ops/deliveries?state=parked"],
}  # fmt: skip


def _reader(route: Route) -> str:
    return min((role.value for role in route.roles), default=NOBODY)


PAGES = [
    route
    for module in MODULES
    for route in module.ROUTES
    if route.method == "GET" and route.name.rpartition(".")[2] not in FILES and route.name != "home.slash"
    and not route.name.startswith("account.oidc")
]  # fmt: skip
ROOMS = sorted({(_reader(route), route.name.split(".")[0]) for route in PAGES})


@pytest.mark.parametrize(("language", "dark"), [
    ("vi", True), ("en", False), pytest.param("en", True, marks=pytest.mark.slow),
])  # fmt: skip
@pytest.mark.parametrize(("who", "room"), ROOMS, ids=lambda value: str(value))
async def test_every_page_is_fair(
    browser: Any, town: Town, site: str, who: str, room: str, language: str, dark: bool
) -> None:
    """``dark``: in both lights. The words of a language change no colour, so the second one is seen in one light."""
    found: list[str] = []
    async with window(browser, site, cookie=town.people[who].token) as me:
        await me.go(f"/help?lang={language}")
        for route in PAGES:
            if (_reader(route), route.name.split(".")[0]) == (who, room):
                for path in [*(await cell(town, route)).own[:1 if room != "clerk" else 2], *MORE.get(route.name, ())]:
                    await me.go(path)
                    assert await me.page.get_attribute("html", "lang") == language, path
                    found += await (me.fair_in_both_lights() if dark else me.fair())
        me.quiet()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("who", [*Role, NOBODY])
async def test_the_page_of_what_is_not_there_is_fair(browser: Any, town: Town, site: str, who: str) -> None:
    async with window(browser, site, cookie=town.people[str(who)].token, viewport={"width": 390, "height": 800}) as me:
        me.expected = (404,)
        await me.go("/khong-co-trang-nay")
        found = await me.fair_in_both_lights()
        me.quiet()
    assert not found, "\n".join(found)


async def test_what_is_watched_is_seen(browser: Any, site: str) -> None:
    """The watcher itself: what it must report, it reports."""
    async with window(browser, site) as me:
        await me.go("/sign-in")
        await me.page.evaluate("() => { const s = document.createElement('script'); s.textContent = 'alert(1)';"
                               " document.body.append(s); }")  # fmt: skip
        await me.page.evaluate("() => alert('x')")
        await me.page.evaluate("() => { document.body.innerHTML += '<img src=/console/khong-co><input>'; }")
        await me.page.wait_for_timeout(300)
        told = "\n".join(me.wrong)
        assert "Content Security Policy" in told or "Content-Security-Policy" in told, told
        assert "dialog: x" in told
        assert any("label" in one or "image-alt" in one for one in await me.fair())


