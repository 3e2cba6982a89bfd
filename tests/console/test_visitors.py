"""The console over a real hub: who is signed in, and what a form without its token is worth."""

from __future__ import annotations

import pytest
from aiohttp import web

from axis.domain.people import ROLE_WORDS, Role
from axis.fronts.console import help as help_pages
from axis.fronts.console import home
from axis.fronts.console.pages import redirect, render, url
from axis.fronts.console.routes import EVERYBODY, Route
from tests.console import html
from tests.console.stand_in import module
from tests.console.visitors import visited
from tests.hub.world import ROADS, World

MODULES = [home, help_pages]


async def _sign_in(request: web.Request) -> web.StreamResponse:
    return render(request, "home.html")


async def _act(request: web.Request) -> web.StreamResponse:
    return redirect(request, url(request, "help"), note="Đã làm.")


PAGES = module(
    Route("GET", "/sign-in", "account.sign-in", _sign_in),
    Route("POST", "/act", "act", _act, EVERYBODY, "self"),
)


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_comes_in_and_sees_who_it_is(still: World, role: Role) -> None:
    async with visited(still.core, modules=MODULES) as visits:
        visitor = await visits.of(role, ROADS, language="en" if role is Role.AUDITOR else "vi")
        page = await visitor.page("/console")
        person = " ".join(page.xpath("//details[@class='person']")[0].itertext())
        assert f"Người {role.value}-1" in person
        unit = " ".join(page.xpath("//p[@class='unit']")[0].itertext())
        assert ROLE_WORDS[role][1 if role is Role.AUDITOR else 0] in unit


async def test_a_form_counts_only_with_the_token_of_this_session(still: World) -> None:
    async with visited(still.core, modules=[*MODULES, PAGES]) as visits:
        clerk, other = await visits.of(Role.CLERK, ROADS), await visits.of(Role.CLERK, ROADS)
        done = await clerk.send("/console/act", {})
        assert done.status == 303
        note = done.cookies["axis-note"].value
        for visitor, shown in ((clerk, True), (other, False)):
            answer = await visitor.see("/console/help", Cookie=f"axis={visitor.token}; axis-note={note}")
            assert ("Đã làm." in await answer.text()) == shown
        for fields in ({"csrf": ""}, {"csrf": "0" * 64}):
            answer = await clerk.send("/console/act", fields)
            assert answer.status == 403
            html.check(await answer.text())
        assert (await visits.anybody.send("/console/act", {})).status == 403
        assert (await visits.anybody.see("/console")).headers["Location"] == "/console/sign-in?next=/console"
