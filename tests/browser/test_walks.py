"""Each role through its work, from the invitation on, as people do it: reading, typing, pressing.

Nothing is known here that a page does not show. Every page on the way is looked at by axe, the window must stay quiet:
no error of the browser, no dialog, nothing asked of another machine.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pyotp
import pytest

from axis.domain.events import Event
from axis.domain.people import Role
from axis.hub.people import By
from tests.browser.chromium import Watched, window
from tests.console.poison import BROWSERS
from tests.console.world import Town, arrived
from tests.hub.talks import Desk
from tests.hub.world import MINISTRY, PORTS, ROADS, document

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "một câu rất dễ nhớ của tôi"


class Walk:
    """One person's way: a window, and the phone that makes their codes."""

    def __init__(self, town: Town, me: Watched, login: str) -> None:
        self.town, self.me, self.login = town, me, login
        self.phone: pyotp.TOTP | None = None
        self.found: list[str] = []

    async def look(self) -> None:
        """What axe says of where one stands."""
        self.found += await self.me.fair_in_both_lights()

    async def join(self, role: Role, unit: str = "") -> None:
        """By the link of an invitation: a password, and a second factor where the role asks for one."""
        unit_id = self.town.world.units[unit].id if unit else None
        link = await self.town.visits.accounts.staffing.invite(
            self.login, f"Người đi {self.login}", role, by=By("cli:thu"), unit_id=unit_id
        )
        await self.me.go(link.path.removeprefix("/console"))
        await self.me.shows("Nhận lời mời")
        await self.look()
        await self.me.write("password", PASSWORD)
        await self.me.write("repeat", PASSWORD)
        await self.me.press("Đặt mật khẩu và đăng nhập")
        if not unit:
            await self.me.shows("Cài mã xác thực hai bước")
            await self.look()
            key = await self.me.page.inner_text("main ol code")
            self.phone = pyotp.TOTP(key.replace(" ", ""))
            await self.me.write("code", self.phone.now())
            await self.me.press("Xác nhận")

    async def leave(self) -> None:
        await self.me.page.locator("details.person > summary").click()
        await self.me.press("Đăng xuất")

    async def come_back(self) -> None:
        """Through the front door: password, and the code of the next half minute."""
        await self.me.go("/")
        await self.me.shows("Đăng nhập")
        await self.look()
        await self.me.write("login", self.login)
        await self.me.write("password", "không phải mật khẩu này")
        self.me.expected = (422,)
        await self.me.press("Đăng nhập")
        self.me.expected = ()
        await self.look()
        await self.me.write("password", PASSWORD)
        await self.me.press("Đăng nhập")
        if self.phone is not None:
            await self.me.shows("Mã xác thực")
            await self.look()
            await self.me.write("code", self.phone.at(datetime.now(UTC), counter_offset=1))
            await self.me.press("Tiếp tục")

    def done(self) -> None:
        self.me.quiet()
        assert not self.found, "\n".join(self.found)


async def test_a_clerk(browser: Any, town: Town, site: str) -> None:
    package = document(MINISTRY, [ROADS], subject="Kiểm tra cầu Thăng Long trước Tết")
    sent = await arrived(Desk(town.world), package)
    async with window(browser, site) as me:
        walk = Walk(town, me, "di.bo")
        await walk.join(Role.CLERK, ROADS)
        await me.shows("Văn bản đến")
        await walk.leave()
        await walk.come_back()
        await me.write("q", "cau thang long truoc tet")  # without accents
        await me.page.keyboard.press("Enter")
        await me.page.wait_for_url("**q=cau*")
        await me.page.get_by_text("Kiểm tra cầu Thăng Long").first.wait_for()
        await walk.look()
        data = await me.saved(me.page.locator("a[href*='/in/export'][href*='xlsx']").first)
        cells = [str(cell.value) for row in openpyxl.load_workbook(io.BytesIO(data)).active for cell in row]
        assert any("Thăng Long" in cell for cell in cells) and not any("quốc lộ" in cell for cell in cells)
        await me.follow("Kiểm tra cầu Thăng Long")
        await walk.look()
        assert (await me.saved(me.page.locator("a[href*='/attachment/0']").first)).startswith(b"%PDF")
        await me.follow("Tiếp nhận (03)")
        await walk.look()
        await me.write("reason", "đã vào sổ 12")
        await me.press("Tiếp nhận (03)")
        await me.shows("Đã báo tiếp nhận (03).")
        await me.shows("Người đi di.bo")
        await walk.look()
        assert (await town.desk.row(sent, ROADS))["handling"] == "03"
        await me.go("/registers")
        await walk.look()
        walk.done()


async def test_a_clerk_sends_and_recalls_with_the_keyboard(browser: Any, town: Town, site: str) -> None:
    package = document(ROADS, [MINISTRY], subject="Công văn gửi nhầm ngày hôm nay")
    sent = await arrived(Desk(town.world), package)
    async with window(browser, site, cookie=town.people["clerk"].token) as me:
        await me.go("/out?q=gui%20nham%20ngay")
        link = me.page.get_by_role("link", name="Công văn gửi nhầm")
        await link.focus()
        await me.page.keyboard.press("Enter")
        await me.page.wait_for_url("**/document/*")
        recall = me.page.locator(f"a[href$='/document/{sent.package_id}/recall']").first
        await recall.focus()
        await me.page.keyboard.press("Enter")
        await me.page.wait_for_url("**/recall")
        found = await me.fair_in_both_lights()
        await me.page.locator("[name='reason']").focus()
        await me.page.keyboard.type("ban hành nhầm <b>x</b>")
        button = me.page.locator("form.confirm button.bad, form.confirm button[type=submit], form.confirm button").first
        await button.focus()
        await me.page.keyboard.press("Enter")
        await me.page.wait_for_url(f"**/document/{sent.package_id}")
        await me.shows("Đã gửi lệnh thu hồi tới 1 nơi nhận.")
        await me.shows("ban hành nhầm <b>x</b>")
        me.quiet()
    assert not found, "\n".join(found)
    assert (await town.desk.stands(sent, MINISTRY))[2] == "recall"


async def test_an_operator(browser: Any, town: Town, site: str) -> None:
    async with window(browser, site) as me:
        walk = Walk(town, me, "truc.ban")
        await walk.join(Role.OPERATOR)
        await walk.leave()
        await walk.come_back()
        await me.shows("Tổng quan")
        await walk.look()
        # PORTS stands paused since the town was made: flow again, and stop again.
        await me.page.locator(f"a[href$='/ops/unit/{PORTS}']").first.click()
        await me.page.wait_for_url(f"**/ops/unit/{PORTS}")
        await walk.look()
        await me.page.locator("a[href$='/resume']").first.click()
        await me.page.wait_for_url("**/resume")
        await me.write("reason", "đơn vị báo đã sửa xong")
        await me.page.locator("form.confirm button").last.click()
        await me.page.wait_for_url(f"**/ops/unit/{PORTS}")
        await me.shows("Đã phát tiếp tới đơn vị.")
        await me.page.locator("a[href$='/pause']").first.click()
        await me.page.wait_for_url("**/pause")
        await walk.look()
        await me.write("reason", "bảo trì")
        await me.page.locator("form.confirm button").last.click()
        await me.shows("Đã tạm dừng phát tới đơn vị.")
        changes = [row["data"] for row in await town.world.journal("unit.changed")]
        assert [one.get("reason") for one in changes][-2:] == ["đơn vị báo đã sửa xong", "bảo trì"]
        # Everything that is parked, by the filter: a count, the typed number, a reason.
        await me.go("/ops/deliveries?state=parked")
        await walk.look()
        before = await town.world.row("select count(*) from delivery where state = 'parked'")
        assert before["count"] > 0
        await me.press("Gửi lại những lượt tạm giữ, bị từ chối")
        await me.page.wait_for_url("**/choice/*")
        await me.shows(f"Danh sách đã chốt: {before['count']} lượt gửi.")
        await walk.look()
        me.expected = (422,)
        await me.write("typed", "999")
        await me.write("reason", "hệ thống nhận chạy lại")
        await me.page.locator("form.confirm button").last.click()
        await me.shows("Chưa đúng số lượt gửi.")
        await walk.look()
        me.expected = ()
        await me.write("typed", str(before["count"]))
        await me.page.locator("form.confirm button").last.click()
        await me.page.wait_for_url("**/ops/deliveries?state=parked")
        await me.shows(f"Đã gửi lại {before['count']} lượt.")
        assert (await town.world.row("select count(*) from delivery where state = 'parked'"))["count"] == 0
        replayed = (await town.world.journal("delivery.replayed"))[-1]
        assert replayed["actor"] == "person:truc.ban"
        walk.done()


async def test_an_auditor(browser: Any, town: Town, site: str) -> None:
    async with window(browser, site) as me:
        walk = Walk(town, me, "kiem.toan")
        await walk.join(Role.AUDITOR)
        await walk.leave()
        await walk.come_back()
        await walk.look()
        await me.go("/audit/documents")
        await me.write("q", "duy tu quoc lo")
        await me.page.keyboard.press("Enter")
        await me.page.wait_for_url("**q=duy*")
        await me.page.get_by_text("Về việc duy tu quốc lộ").first.wait_for()
        await me.page.locator(f"a[href$='/audit/documents/{town.papers.received.package_id}']").first.click()
        await me.page.wait_for_url(f"**/{town.papers.received.package_id}")
        await walk.look()
        assert not await me.page.locator("main form[method=post]").count(), "an auditor has nothing to send"
        jws = await me.saved(me.page.locator("a[href*='/receipts/']").first)
        await me.go("/audit/receipts")
        await me.write("jws", jws.decode())
        await me.press("Kiểm tra")
        await me.shows("Biên nhận hợp lệ.")
        await me.shows("Trục đang lưu đúng biên nhận này.")
        await walk.look()
        await me.write("jws", jws.decode()[:-8] + "AAAAAAAA")
        await me.press("Kiểm tra")
        await me.shows("Biên nhận không dùng làm bằng chứng được.")
        await walk.look()
        looks = [row for row in await town.world.journal(Event.LOOKED) if row["actor"] == "person:kiem.toan"]
        assert any(str(town.papers.received.package_id) in row["data"]["path"] for row in looks)
        walk.done()


async def test_a_unit_administrator_in_english_in_the_dark(browser: Any, town: Town, site: str) -> None:
    async with window(browser, site, cookie=town.people["unit-admin"].token, color_scheme="dark") as me:
        await me.go("/in?lang=en")
        await me.shows("Incoming")
        found = await me.fair()
        await me.go("/figures/own")
        assert await me.page.get_attribute("html", "lang") == "en"
        found += await me.fair()
        me.quiet()
    assert not found, "\n".join(found)


async def test_without_scripts_the_same_work_is_done(browser: Any, town: Town, site: str) -> None:
    """Search, open, accept, with JavaScript switched off."""
    package = document(MINISTRY, [ROADS], subject="Không cần kịch bản nào cả")
    sent = await arrived(Desk(town.world), package)
    async with window(browser, site, cookie=town.people["clerk"].token, java_script_enabled=False) as me:
        await me.go("/in")
        await me.write("q", "khong can kich ban")
        await me.page.locator("main form[role=search] button, main form button").first.click()
        await me.page.wait_for_url("**q=khong*")
        await me.follow("Không cần kịch bản nào cả")
        await me.follow("Tiếp nhận (03)")
        await me.press("Tiếp nhận (03)")
        await me.page.wait_for_url(f"**/document/{sent.package_id}")
        assert "Đã báo tiếp nhận (03)." in await me.page.inner_text("body")
        me.quiet()
    assert (await town.desk.row(sent, ROADS))["handling"] == "03"


async def test_hostile_words_open_nothing_in_a_browser(browser: Any, town: Town, site: str) -> None:
    fit = [text for text in BROWSERS if text.strip() and text.isprintable()]
    for start in range(0, len(fit), 12):
        words = " ".join(fit[start : start + 12])
        await arrived(Desk(town.world), document(MINISTRY, [ROADS], subject=words, type_name=words[:100]))
    async with window(browser, site, cookie=town.people["clerk"].token) as me:
        await me.go("/in?days=all")
        assert "evil.example" in await me.text()
        for text in fit[::9]:
            await me.write("q", text)
            await me.page.keyboard.press("Enter")
            await me.page.wait_for_load_state("networkidle")
        me.quiet()
