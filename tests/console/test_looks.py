"""How it looks and what it may not do: policy, colours, vendored files, hostile texts through every part."""

from __future__ import annotations

import hashlib
import itertools
import re
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import lxml.html
import pytest
from markupsafe import Markup

from axis.fronts.console import marks
from axis.fronts.console.charts import chart
from axis.fronts.console.drawn import ICONS
from axis.fronts.console.paging import Page
from axis.fronts.console.sight import the_page
from axis.sheets.cell import legible
from tests.console import html
from tests.console.extract import PACKAGE
from tests.console.gallery import AT, data, gallery
from tests.console.stand_in import Reader, console, served
from tests.sheets import hostile

CSS = (PACKAGE / "static" / "console.css").read_text()
VENDOR = PACKAGE / "static" / "vendor"


# policy: what stands in files


@pytest.mark.parametrize("file", sorted((PACKAGE / "templates").rglob("*.html")), ids=lambda file: file.name)
def test_templates_hold_nothing_the_policy_forbids(file: Path) -> None:
    source = file.read_text()
    assert not re.search(
        r"\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:|\|\s*safe|Markup|hx-on|hx-vals='js|autoescape", source, re.I
    )
    for script in re.findall(r"<script[^>]*>(.*?)</script>", source, re.DOTALL):
        assert not script
    assert not re.search(r"""(?:href|src|action|hx-\w+)=["']?https?:""", source)
    # A part of a page is made by the same template: nobody names a layout of their own.
    assert re.search(r"\{% extends layout %\}", source) or "{% extends" not in source


def test_only_our_own_scripts_and_no_code_from_strings() -> None:
    source = (PACKAGE / "static" / "console.js").read_text()
    assert not re.search(
        r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|https?://", source
    )
    assert not re.search(r"setAttribute\(\s*[\"']style|@import|url\(", source + CSS)


def test_vendored_files_are_those_that_were_published() -> None:
    readme = (VENDOR / "README.md").read_text()
    told = dict(re.findall(r"\| `([^`]+)` \|.*`([0-9a-f]{64})` \|", readme))
    found = {file.name for file in VENDOR.iterdir() if file.suffix in (".js", ".css")}
    assert found == set(told)
    for name, digest in told.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
    for package in ("htmx", "pico", "uplot"):
        assert (VENDOR / f"{package}.LICENSE.txt").read_text().strip()
    assert files("axis.fronts.console").joinpath("static/axis.svg").is_file()


# colours: WCAG 1.4.3 and 1.4.11


def _tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{6});", block))


LIGHT = _tokens(CSS[CSS.index(":root {") : CSS.index(':root[data-theme="dark"]')])
DARK = LIGHT | _tokens(CSS[CSS.index(':root[data-theme="dark"]') : CSS.index("@media (prefers-color-scheme")])
SYSTEM = LIGHT | _tokens(CSS[CSS.index("@media (prefers-color-scheme") : CSS.index("--pico-background-color")])


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


READ = [
    *((f"--{tone}", f"--{tone}-bg") for tone in marks.TONES),
    *itertools.product(("--text", "--quiet", "--link"), ("--ground", "--panel")),
    ("--bad", "--ground"), ("--bad", "--panel"),
    *(("--on-band", ground) for ground in ("--band", "--act", "--act-hover")),
]  # fmt: skip
SEEN = [
    *itertools.product(("--edge", "--focus"), ("--ground", "--panel")),
    *((name, "--ground") for name in ("--series-1", "--series-2", "--series-3", "--series-4")),
    *((f"--{tone}", "--ground") for tone in marks.TONES),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_is_read_and_seen(theme: str) -> None:
    tokens = LIGHT if theme == "light" else DARK
    for (one, other), least in [*((pair, 4.5) for pair in READ), *((pair, 3.0) for pair in SEEN)]:
        found = _contrast(tokens[one], tokens[other])
        assert found >= least, f"{theme}: {one} on {other} is {found:.2f}"


def test_the_dark_of_the_system_is_the_dark_that_is_chosen() -> None:
    assert SYSTEM == DARK


def test_every_state_has_a_mark_with_icon_word_and_colour() -> None:
    found = data()["all_marks"]
    assert isinstance(found, list) and len(found) > 30
    for mark in found:
        if mark is not None:
            assert mark.words and mark.tone in marks.TONES and mark.icon in ICONS, mark
    assert marks.urgency(0) is None and marks.urgency(99) == marks.urgency(4)
    for tone in marks.TONES:
        assert re.search(rf"\.{tone}\b[^{{]*\{{[^}}]*--tone: var\(--{tone}\)", CSS), tone


# the gallery: every part, both languages, both themes


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("theme", ["light", "dark", ""])
async def test_every_part_is_valid_in_both_languages_and_themes(alone: Reader, language: str, theme: str) -> None:
    answer = await alone.see(
        "/console/gallery", "clerk", X_Test_Language=language, Cookie=f"axis-theme={theme}" if theme else ""
    )
    page = html.check(await answer.text())
    assert page.getroottree().getroot().get("data-theme", "") == theme
    assert page.xpath("//nav[@class='menu']//a[@aria-current='page']")
    assert page.xpath("//th[@aria-sort='descending']") and page.xpath("//th[@aria-sort='none']")


async def test_all_is_there_without_a_script(alone: Reader) -> None:
    page = html.check(await (await alone.see("/console/gallery?state=late&q=12%2FQ%C4%90&after=x", "clerk")).text())
    search = page.xpath("//form[@class='search']")[0]
    fields = {field.name: field.get("value") for field in search.xpath(".//input")}
    assert search.get("method") == "get" and fields["q"] == "12/QĐ" and "after" not in fields
    assert page.xpath("//figure[@class='chart']//table//td[@data-value]")
    assert page.xpath("//details[@class='person']") and not page.xpath("//*[@hidden]")
    for form in page.xpath("//form"):
        assert form.xpath(".//button"), "a form that only a script could send"


# other people's texts


TEXTS = [text for text in (*hostile.FORMULAS, *hostile.FRONTS, *hostile.MARKUP, *hostile.WRITING) if text.strip()]


async def test_hostile_texts_end_as_texts_in_every_part() -> None:
    made = console(*gallery())
    structure = None
    async with served(made) as reader:
        await reader.see("/console/gallery", "clerk")
        page = Inert()
        token = the_page.__globals__["_PAGE"].set(page)
        try:
            for text in (*TEXTS, "a" * 10_000_000):
                shown = made.templates.get_template("gallery.html").render(**data(text), page=page, layout="only:main")
                body = lxml.html.fragment_fromstring(legible(shown), create_parent="div")
                html.inert(body)
                tags = [element.tag for element in body.iter() if isinstance(element.tag, str) and element.tag != "bdi"]
                structure = structure or tags
                assert [t for t in tags if t != "span"] == [t for t in structure if t != "span"], repr(text[:80])
                assert len(shown) < 600_000
        finally:
            the_page.__globals__["_PAGE"].reset(token)


class Inert:
    """A page that is nobody's: what macros ask of ``the_page``."""

    csrf, path = "token", "/console/gallery"

    def here(self, **changes: str | None) -> str:
        return "?" + "&".join(f"{name}={quote(value)}" for name, value in changes.items() if value is not None)

    def parameter(self, name: str) -> str:
        return "<script>" if name == "q" else ""

    def kept(self, *without: str) -> list[tuple[str, str]]:
        return [("state", '"><script>')]


@pytest.mark.parametrize("text", [t for t in TEXTS if "\x00" not in t][::7])
async def test_hostile_texts_through_the_address_and_forms_are_inert(alone: Reader, text: str) -> None:
    value = quote(text.encode("utf-8", "replace"))
    for path in (f"/console/gallery?q={value}&state={value}&sort={value}&x={value}", f"/console/help/{value}"):
        answer = await alone.see(path, "clerk")
        if answer.status in (200, 404):
            html.check(await answer.text())
    for header in ("<script>alert(1)</script>", "vi,<b>"):
        html.check(await (await alone.see("/console/help", "clerk", Accept_Language=header)).text())


def test_a_text_that_is_ours_is_escaped_like_any_other() -> None:
    made = console(*gallery())
    shown = str(made.templates.globals["ui"].note("<b>x</b>", "bad"))  # type: ignore[attr-defined]
    assert "&lt;b&gt;" in shown and 'role="alert"' in shown and isinstance(legible("a"), str)
    assert isinstance(made.templates.globals["ui"].badge(marks.handling("03")), Markup)  # type: ignore[attr-defined]


# charts


def test_a_chart_is_a_table_first() -> None:
    made = console(*gallery())
    figure = str(made.templates.globals["ui"].figure(chart("bar", "A", ["B", "C"], [("x", None), ("y", 1234.5)])))  # type: ignore[attr-defined]
    cells = lxml.html.fragment_fromstring(figure).xpath(".//td")
    assert [(cell.get("data-value"), cell.text) for cell in cells] == [("", "–"), ("1234.5", "1.234,5")]
    with pytest.raises(ValueError, match="one figure"):
        chart("line", "A", ["B", "C"], [("x", 1, 2)])
    with pytest.raises(ValueError, match="days"):
        chart("line", "A", ["B"], [(AT,)])
    assert not chart("line", "A", ["B"], []).dated
    assert Page([], "", "", "?").first == "?"
