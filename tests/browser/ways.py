"""Pages that no address alone leads to: what a form answers, what is shown once, half a sign-in.

Each ends where the picture is taken, and is called by the name of its function.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pyotp

from axis.domain.people import Role
from axis.hub.people import By
from benchmarks.readers import PASSWORD
from tests.browser.chromium import Watched
from tests.browser.scene import BROWSER
from tests.console.world import NOBODY, Town
from tests.hub.world import PORTS, RAIL, ROADS

Way = Callable[[Watched, Town], Awaitable[None]]
WAYS: dict[str, Way] = {}
WALKERS: dict[str, str] = {}
"""Who goes each way."""


def way(who: str) -> Callable[[Way], Way]:
    def kept(made: Way) -> Way:
        name = made.__name__.strip("_").replace("_", "-")
        WAYS[name], WALKERS[name] = made, who
        return made

    return kept


@way(Role.OPERATOR.value)
async def _unit(me: Watched, town: Town) -> None:
    await me.go(f"/ops/unit/{RAIL}")


@way(Role.OPERATOR.value)
async def _attempts(me: Watched, town: Town) -> None:
    await me.go(f"/ops/deliveries/{await town.delivery(town.papers.by_state['held'], PORTS)}")


@way(Role.CLERK.value)
async def _return(me: Watched, town: Town) -> None:
    received = town.papers.received
    await me.go(f"/document/{received.package_id}/return/{await town.delivery(received, ROADS)}")


async def _half(me: Watched, town: Town, login: str, *, enrolled: bool) -> None:
    """Somebody whose password was right, and who is asked for the second step."""
    accounts = town.visits.accounts
    if all(row["login"] != login for row in await town.world.rows("select login from person")):
        link = await accounts.staffing.invite(login, "Đinh Công Sơn", Role.OPERATOR, by=By("cli:van-hanh"))
        entered = await accounts.own.join(link.token, PASSWORD, BROWSER)
        session = await accounts.door.find(entered.token)
        assert session is not None
        if enrolled:
            secret = (await accounts.signing_in.offer(entered.token, session)).secret
            session = await accounts.door.find(entered.token)
            assert session is not None
            await accounts.signing_in.enrol(entered.token, session, pyotp.TOTP(secret).now(), BROWSER)
    await me.go("/sign-in")
    await me.write("login", login)
    await me.write("password", PASSWORD)
    await me.press("Sign in" if "lang=en" in me.page.url else "Đăng nhập")


@way(NOBODY)
async def _enrol(me: Watched, town: Town) -> None:
    await _half(me, town, "dc.son", enrolled=False)


@way(NOBODY)
async def _code(me: Watched, town: Town) -> None:
    await _half(me, town, "dc.son.2", enrolled=True)


@way(NOBODY)
async def _wrong_password(me: Watched, town: Town) -> None:
    me.expected = (422,)
    await me.go("/sign-in")
    await me.write("login", "khong.co")
    await me.write("password", "không phải mật khẩu này")
    await me.press("Đăng nhập")


@way(Role.OPERATOR.value)
async def _link(me: Watched, town: Town) -> None:
    """What a new person is given: shown once."""
    known = len(await town.world.rows("select id from person"))
    await me.go("/ops/invite")
    await me.write("login", f"nguoi.moi.{known}")
    await me.write("name", "Phan Thị Mới")
    await me.page.locator("main [name=role]").first.select_option(Role.AUDITOR.value)
    await me.page.locator("main form[method=post] button").first.click()
    await me.page.wait_for_load_state("load")


@way(Role.OPERATOR.value)
async def _new_secret(me: Watched, town: Town) -> None:
    await me.go(f"/ops/unit/{RAIL}/secret")
    await me.page.locator("form.confirm button").first.click()
    await me.page.wait_for_load_state("load")


@way(Role.OPERATOR.value)
async def _wrong_form(me: Watched, town: Town) -> None:
    me.expected = (422,)
    await me.go("/ops/new-unit")
    await me.page.evaluate("() => document.querySelectorAll('form').forEach(form => { form.noValidate = true; })")
    await me.page.locator("main form[method=post] button").last.click()
    await me.page.wait_for_load_state("load")


@way(Role.OPERATOR.value)
async def _tested(me: Watched, town: Town) -> None:
    """The connection of the unit that is called, after it was tried."""
    await me.go(f"/ops/unit/{PORTS}")
    await me.page.locator("form[action$='/test'] button").first.click()
    await me.page.wait_for_load_state("load")


@way(Role.CLERK.value)
async def _not_found(me: Watched, town: Town) -> None:
    me.expected = (404,)
    await me.go("/khong-co-trang-nay")
