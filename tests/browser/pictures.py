"""Pictures of the console: a table of every page there is, and of the few that the guides show.

    python -m tests.browser.pictures                 the chosen few, into docs/images
    python -m tests.browser.pictures --all FOLDER    every page of every role, on a desk and on a phone

Pages come from the console's own table of routes, filled as the matrix of access fills them (tests/console/cells.py),
so a new page is pictured from the day it stands there. What is seen is the ministry of scene.py: nobody's data, and
one-time links, secrets and keys that died with it.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axis.domain.people import Role
from axis.fronts.console.app import MODULES
from axis.fronts.console.routes import Route
from tests.browser.chromium import Watched, chromium, missing, window
from tests.browser.scene import scene
from tests.browser.ways import WALKERS, WAYS
from tests.conftest import ServerForTests
from tests.console.cells import cell
from tests.console.world import NOBODY, Town

DOCS = Path(__file__).parents[2] / "docs"
IMAGES, MOST_BYTES = DOCS / "images", 3_000_000
DESK, ZOOMED, PHONE = 1280, 640, 390
"""Widths in CSS pixels: a desk, the same at 200 %, a phone."""
FILES = ("export", "file", "original", "attachment", "receipt", "newer", "slash", "start", "return")
"""The last words of routes that answer with a file, a piece of a page or another address."""
ROUTES = {
    route.name: route
    for module in MODULES
    for route in module.ROUTES
    if route.method == "GET" and route.name.rpartition(".")[2] not in FILES
}


@dataclass(frozen=True, slots=True)
class Page:
    """``path`` below /console, or the name of a way; ``who``: one of tests.console.world.WHO."""

    name: str
    who: str
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One of docs/images: a page (the ``number``-th address of a route, or a way), cut at ``height`` pixels."""

    file: str
    who: str
    page: str
    query: str = ""
    number: int = 0
    width: int = DESK
    height: int = 860
    dark: bool = False
    language: str = "vi"


CLERK, OPERATOR, AUDITOR = Role.CLERK.value, Role.OPERATOR.value, Role.AUDITOR.value
CHOSEN = (
    Picture("dang-nhap", NOBODY, "account.sign-in", height=560),
    Picture("nhan-loi-moi", NOBODY, "account.invitation", height=700),
    Picture("van-ban-den", CLERK, "clerk.received"),
    Picture("van-ban-den-dien-thoai", CLERK, "clerk.received", width=PHONE, height=1100),
    Picture("van-ban-di", CLERK, "clerk.sent"),
    Picture("tim-khong-dau", CLERK, "clerk.received", "?q=quoc+lo&days=all"),
    Picture("van-ban", CLERK, "clerk.document", number=1, height=1180),
    Picture("tra-lai", CLERK, "return"),
    Picture("thu-hoi", CLERK, "clerk.document.recall"),
    Picture("qua-han", CLERK, "clerk.late", height=620),
    Picture("so-van-ban", CLERK, "clerk.registers"),
    Picture("tro-giup", CLERK, "help.topic", number=1, height=700),
    Picture("hai-buoc", NOBODY, "enrol"),
    Picture("tong-quan", OPERATOR, "operator.overview", height=1320),
    Picture("don-vi", OPERATOR, "unit", height=1000),
    Picture("chuyen-phat", OPERATOR, "operator.deliveries"),
    Picture("lan-gui", OPERATOR, "attempts", height=1000),
    Picture("xac-nhan-nhieu", OPERATOR, "operator.deliveries.choice"),
    Picture("lich-lam-viec", OPERATOR, "operator.settings.calendar"),
    Picture("nguoi-dung", OPERATOR, "operator.people", height=800),
    Picture("nhat-ky", OPERATOR, "operator.journal"),
    Picture("kiem-toan-doi-soat", AUDITOR, "auditor.reconciliation", height=920),
    Picture("cong-khai", NOBODY, "public"),
    Picture("tong-quan-toi-en", OPERATOR, "operator.overview", height=1100, dark=True, language="en"),
)  # fmt: skip


# the table


def readers(route: Route) -> list[str]:
    return sorted(role.value for role in route.roles) or [NOBODY]


async def pages(town: Town, most: int = 12) -> AsyncIterator[Page]:
    """Every page of every role, at most so many addresses of one route; then the ways."""
    for route in ROUTES.values():
        addresses = (await cell(town, route)).own[:most]
        for who in readers(route):
            for number, path in enumerate(addresses):
                yield Page(f"{who}-{route.name}{f'-{number}' if number else ''}", who, path)
        if route.name == "help":  # beside the pages of whoever is signed in
            for topic in town.console.topics.values():
                if topic.name != "console":
                    who = min((role.value for role in topic.roles), default=CLERK)
                    yield Page(f"{who}-help-{topic.name}", who, f"/help/{topic.name}")
    for name, who in WALKERS.items():
        yield Page(f"{who}-way-{name}", who, name)


async def visit(me: Watched, town: Town, path: str) -> None:
    me.expected = ()
    await (WAYS[path](me, town) if path in WAYS else me.go(path))
    await me.page.evaluate("document.fonts.ready")


async def _address(town: Town, picture: Picture) -> str:
    if picture.page in WAYS:
        return picture.page
    return (await cell(town, ROUTES[picture.page])).own[picture.number] + picture.query


LAST = """most => {
    const whole = "main :is(tr, p, dl, form, figure, .tiles, .acts, li, ul):not(td *, li *, figure *)";
    const parts = document.querySelectorAll(whole);
    const ends = [...parts].map(e => e.getBoundingClientRect().bottom + scrollY + (/TR|LI/.test(e.tagName) ? 0 : 8));
    return document.documentElement.scrollHeight <= most ? most : Math.max(...ends.filter(y => y <= most));
}"""
"""Where a picture of at most so many pixels ends without cutting a line."""


async def shoot(me: Watched, file: Path, most: int) -> None:
    """The page from its top, no more of it than ``most`` pixels. What has the focus is not what is shown."""
    await me.page.evaluate("document.activeElement && document.activeElement.blur()")
    end = await me.page.evaluate(LAST, most)
    size = await me.page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
    clip = {"x": 0, "y": 0, "width": size[0], "height": int(min(size[1], end))}
    await me.page.screenshot(path=file, full_page=True, clip=clip, animations="disabled", caret="hide")


async def write_chosen(browser: Any, town: Town, folder: Path, names: Iterable[str] = ()) -> None:
    site = str(town.visits.reader.make_url("")).rstrip("/")
    folder.mkdir(parents=True, exist_ok=True)
    for picture in CHOSEN:
        if names and picture.file not in names:
            continue
        look: dict[str, Any] = {
            "viewport": {"width": picture.width, "height": 860},
            "color_scheme": "dark" if picture.dark else "light",
        }
        async with window(browser, site, cookie=town.people[picture.who].token, **look) as me:
            await me.go(f"/help?lang={picture.language}")
            await visit(me, town, await _address(town, picture))
            await shoot(me, folder / f"{picture.file}.png", picture.height)
            me.quiet()


async def write_all(browser: Any, town: Town, folder: Path, only: str = "") -> None:
    site = str(town.visits.reader.make_url("")).rstrip("/")
    folder.mkdir(parents=True, exist_ok=True)
    async for page in pages(town):
        if only and only not in page.name:
            continue
        cookie = "" if page.path in WAYS and page.who == NOBODY else town.people[page.who].token
        async with window(browser, site, cookie=cookie) as me:
            await visit(me, town, page.path)
            for width in (DESK, PHONE):
                await me.page.set_viewport_size({"width": width, "height": 860})
                await shoot(me, folder / f"{page.name}-{width}.png", 6000)
            print(page.name, *me.wrong)


@asynccontextmanager
async def _stage() -> AsyncIterator[tuple[Any, Town]]:
    folder = Path(tempfile.mkdtemp(prefix="axis-pictures-"))
    server = ServerForTests(folder / "postgres")
    try:
        (folder / "data").mkdir()
        async with chromium() as browser, scene(server, folder / "data") as town:
            yield browser, town
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _main(everything: Path | None, only: str) -> None:
    async with _stage() as (browser, town):
        if everything is not None:
            await write_all(browser, town, everything, only)
        else:
            await write_chosen(browser, town, IMAGES, [only] if only else [])


if __name__ == "__main__":
    if lacks := missing():
        sys.exit(lacks)
    parser = argparse.ArgumentParser(prog="python -m tests.browser.pictures")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page, into a folder of its own")
    parser.add_argument("--only", default="", metavar="NAME", help="the pages (or the picture) of that name")
    given = parser.parse_args()
    asyncio.run(_main(given.all, given.only))
