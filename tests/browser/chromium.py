"""Debian's Chromium, one for a test module, and pages that note everything that must not happen.

``Watched`` is one browser window of one person. Whatever the console (of the browser) says as an error, every dialog,
every exception, every request that fails or leaves this machine is kept, and ``quiet`` fails with it. ``fair`` looks at
the page with axe-core: nothing serious and nothing critical may be found.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BINARY = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), "")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
LOOK = """async rules => {
    const found = await axe.run(document, {
        resultTypes: ["violations"],
        ...(rules ? {runOnly: {type: "rule", values: rules}} : {}),
    });
    return found.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v =>
        `${v.id} (${v.impact}): ${v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + " | " +
            (n.any[0] || n.all[0] || n.none[0] || {}).message).join(" || ")}`);
}"""


def missing() -> str:
    """What these tests need and this machine has not, with what to do; empty when all is there."""
    if find_spec("playwright") is None:
        return "Playwright is not installed: pip install -e '.[test,browser]'"
    return "" if BINARY else "Chromium is not installed: apt-get install chromium"


@dataclass
class Watched:
    """``page``: Playwright's. Addresses are below /console."""

    page: Any
    site: str
    wrong: list[str] = field(default_factory=list)
    expected: tuple[int, ...] = ()

    def watch(self) -> None:
        page = self.page
        page.on("console", lambda told: self._said(told))
        page.on("pageerror", lambda error: self.wrong.append(f"exception: {error}"))
        page.on("dialog", self._dialog)
        page.on("requestfailed", lambda r: self._failed(r))
        page.on("request", lambda r: self._asked(r))
        page.on("response", lambda r: self._answered(r))

    async def _dialog(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _said(self, told: Any) -> None:
        refused = "status of" in told.text and any(f"status of {status}" in told.text for status in self.expected)
        if told.type in ("error", "warning") and not refused:
            self.wrong.append(f"console {told.type} at {self.page.url}: {told.text}")

    def _failed(self, request: Any) -> None:
        # A download ends the navigation that asked for it; a page that is left takes its requests with it.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.wrong.append(f"failed: {request.url} {request.failure}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.wrong.append(f"asked for {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.wrong.append(f"{response.status} from {response.url}")

    async def go(self, path: str) -> None:
        await self.page.goto(f"{self.site}/console{path}", wait_until="load")

    async def text(self) -> str:
        return " ".join((await self.page.inner_text("body")).split())

    async def shows(self, words: str) -> None:
        found = await self.text()
        assert words in found, f"{self.page.url}: {words!r} is not in {found[:1500]}"

    async def press(self, words: str) -> None:
        """The button, or what looks like one, of that name; waits for what it leads to."""
        await self.page.get_by_role("button", name=words, exact=True).first.click()
        await self.page.wait_for_load_state("load")

    async def follow(self, words: str) -> None:
        await self.page.get_by_role("link", name=words).first.click()
        await self.page.wait_for_load_state("load")

    async def write(self, name: str, value: str) -> None:
        await self.page.locator(f"main [name='{name}']").first.fill(value)

    async def saved(self, locator: Any) -> bytes:
        """What a link or button saves."""
        async with self.page.expect_download() as coming:
            await locator.click()
        download = await coming.value
        return Path(await download.path()).read_bytes()

    async def fair(self, *rules: str) -> list[str]:
        """What axe finds that is serious or critical, of all rules or of those named."""
        if not await self.page.evaluate("() => 'axe' in window"):
            await self.page.evaluate(AXE)
        where = self.page.url.removeprefix(self.site)
        found = await self.page.evaluate(LOOK, list(rules) or None)
        return [f"{where}: {one}" for one in found]

    async def fair_in_both_lights(self) -> list[str]:
        """All rules as it is, then the colours in the dark."""
        found = await self.fair()
        await self.page.emulate_media(color_scheme="dark")
        found += [f"dark {one}" for one in await self.fair("color-contrast", "link-in-text-block")]
        await self.page.emulate_media(color_scheme="light")
        return found

    def quiet(self) -> None:
        assert not self.wrong, json.dumps(self.wrong, ensure_ascii=False, indent=1)


@asynccontextmanager
async def chromium() -> AsyncIterator[Any]:
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=BINARY, args=list(FLAGS), headless=True)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def window(browser: Any, site: str, *, cookie: str = "", **options: Any) -> AsyncIterator[Watched]:
    """A window of its own. ``cookie``: of somebody who is signed in already."""
    options = {"viewport": {"width": 1280, "height": 900}, "locale": "vi-VN", "color_scheme": "light",
               "reduced_motion": "reduce", **options}  # fmt: skip
    context = await browser.new_context(**options)
    context.set_default_timeout(10_000)
    if cookie:
        await context.add_cookies([{"name": "axis", "value": cookie, "url": site, "httpOnly": True, "sameSite": "Lax"}])
    try:
        watched = Watched(await context.new_page(), site)
        watched.watch()
        yield watched
    finally:
        await context.close()
