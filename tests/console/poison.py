"""What somebody could write to hurt whoever reads it, and what a page may make of it.

``texts()`` are those of tests/sheets (formulas, markup, XSS polyglots, writing in all directions, every control
character) and what only a browser falls for. ``shape`` is the skeleton of a page: a hostile page has no other
elements, attributes or nesting than one that shows ordinary words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

import lxml.html

from axis.fronts.console.filters import LONGEST
from axis.sheets.cell import legible as legible
from tests.console import html
from tests.sheets import hostile

BROWSERS = [
    "</title><script>alert(1)</script>", "</bdi><script src=//evil.example></script>",
    "</textarea><svg onload=alert(1)>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<template><script>alert(1)</script>",
    "<details open ontoggle=alert(1)>", "<input autofocus onfocus=alert(1)>", "<video><source onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", "<plaintext>",
    "<xmp><img src=x onerror=alert(1)>",
    "<select><option><script>alert(1)</script>", "<isindex type=image src=1 onerror=alert(1)>", "<bdi>", "</bdi>",
    "<b>đậm</b>", "</main></body></html>", "\"></option></select><script>alert(1)</script>", "' hx-get='/console/ops",
    "\" hx-on:click=\"alert(1)", "<div hx-get=/console/ops hx-trigger=load>", "data-hx-get=x", "hx-vals='js:alert(1)'",
    "<a href=java&#x09;script:alert(1)>x</a>", "<svg><animate onbegin=alert(1)>", "<image src=x onerror=alert(1)>",
    "%3Cscript%3Ealert(1)%3C/script%3E", "\\u003cscript\\u003e", "\\x3cscript\\x3e", "＜script＞alert(1)＜/script＞",
    "{{constructor.constructor('alert(1)')()}}", "{% include 'home.html' %}", "{{ page.csrf }}", "{{ config }}",
    "%(name)s",
    "%s%s%s%n", "a%00b", "\r\nSet-Cookie: a=b", "\r\nLocation: //evil.example", "x\r\n\r\n<script>alert(1)</script>",
    "../../../../etc/passwd", "..\\..\\windows\\win.ini", "'; drop table package; --", "1' or '1'='1",
    "$$; select 1; $$",
    "%", "_", "%_%", "\\%", "a\\", "(?:", "[", "*", "&&", "| !", "<-> 'x' & !", "a:*", "NEAR(", "\u0000\u0001\u0002",
    "\u202e\u2066gnp.\u2069exe", "\u2067RTL\u2066", "\u206a\u206f", "\u200f\u200e", "\u061c" * 20, "Ω" * 500,
    "a" + "\u0300" * 500, "\ufdfd" * 40, "\u1160" * 30, "\U000e0001\U000e007f", "\ud83d\ude00", "1" * 400, "../" * 60,
]  # fmt: skip


def texts() -> list[str]:
    """Each once; every sort of them, and for the combinations of sheets those of two starters."""
    return list(dict.fromkeys((*BROWSERS, *_of_sheets())))


def _of_sheets() -> Iterator[str]:
    rest = hostile.texts()[len({*hostile.FORMULAS, *hostile.MARKUP, *hostile.WRITING}) :]
    yield from (*hostile.FORMULAS, *hostile.MARKUP, *hostile.WRITING)
    yield from (text for text in rest if not text.endswith("1+1") or text[-4] in "=＠")


ORDINARY = ("Về việc duy tu quốc lộ 1A", "", " ", "a", "Văn bản dài " * 400, "dòng một\ndòng hai", "x" * 400)
"""What the shape of a page is learnt from."""


def shown(text: str, longest: int = LONGEST) -> str:
    """How a page shows it, spaces aside: as ``said`` does, read back from HTML."""
    told = legible(text).strip()
    return plain(told if len(told) <= longest else told[:longest].rstrip() + " …")


def plain(text: str) -> str:
    return " ".join(text.split())


def said(page: lxml.html.HtmlElement) -> set[str]:
    """Everything a page shows of other people's words."""
    return {plain(element.text_content()) for element in page.iter("bdi")}


Shape = set[tuple[str, str, frozenset[str]]]


def shape(page: lxml.html.HtmlElement) -> Shape:
    """Each element by its parent, its name and the names of its attributes; the way through a long list aside."""
    found: Shape = set()
    page = deepcopy(page)
    for pager in page.xpath("//nav[@class='pages']"):
        assert {one.tag for one in pager.iter()} <= {"nav", "ul", "li", "a", "span", "svg", "use", "path", "button"}
        pager.getparent().remove(pager)
    for element in page.iter():
        assert isinstance(element.tag, str), f"a comment or an instruction: {element}"
        parent = element.getparent()
        above = parent.tag if parent is not None else ""
        found.add((above, element.tag, frozenset(element.attrib)))
    return found


_RAW = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def checked(text: str) -> lxml.html.HtmlElement:
    """A page that is as every page is, without a raw control character."""
    assert not (found := _RAW.search(text)), f"raw {found[0]!r} in {text[max(0, found.start() - 60) : found.start()]!r}"
    return html.check(text)
