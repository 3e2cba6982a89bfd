"""What every page of the console must be, whoever made it: ``check(text)`` raises AssertionError saying where."""

from __future__ import annotations

from collections import Counter

import lxml.etree
import lxml.html

UNLABELLED = ("hidden", "submit", "button", "image", "reset")
NAMED_BY = ("aria-label", "aria-labelledby", "title")


def parse(text: str) -> lxml.html.HtmlElement:
    assert text.startswith("<!DOCTYPE html>"), "no doctype"
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, recover=True)
    page = lxml.html.document_fromstring(text.encode(), parser=parser)
    # libxml2 knows HTML 4; what it says about elements that came later is no fault of ours.
    faults = [e for e in parser.error_log if e.type_name != "HTML_UNKNOWN_TAG"]
    assert not faults, f"malformed: {faults[0]}"
    return page


def check(text: str) -> lxml.html.HtmlElement:
    """A whole page."""
    page = parse(text)
    root = page.getroottree().getroot()
    assert root.get("lang") in ("vi", "en"), "no language"
    assert (page.findtext(".//title") or "").strip(" –"), "no title"
    assert len(page.findall(".//main")) == 1 and len(page.findall(".//h1")) == 1, "one main, one h1"
    skip = page.find(".//body/a")
    assert skip is not None and skip.get("href") == "#main", "the first link skips to the content"
    inert(page)
    usable(page)
    return page


def inert(page: lxml.html.HtmlElement) -> None:
    """Nothing a policy without inline code would have to allow, nothing from elsewhere."""
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        where = lxml.etree.tostring(element, encoding="unicode")[:200]
        assert element.tag not in ("iframe", "object", "embed", "base", "style", "applet", "frame"), where
        assert element.tag != "script" or (
            element.get("src", "").startswith("/console/static/") and not element.text
        ), where
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on") and name.lower() != "style", where
            assert name != "http-equiv", where
            if name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
                assert value.startswith(("/console", "?", "#", "otpauth:")) or value == "", where


def usable(page: lxml.html.HtmlElement) -> None:
    """Unique ids, labelled fields, captions and scopes, named links and buttons, tokens in forms."""
    ids = Counter(page.xpath("//@id"))
    assert not (twice := [found for found, count in ids.items() if count > 1]), f"ids twice: {twice}"
    labelled = set(page.xpath("//label/@for"))
    for field in page.xpath("//input|//select|//textarea"):
        if field.get("type") in UNLABELLED:
            continue
        named = field.get("id") in labelled or any(field.get(name) for name in NAMED_BY)
        assert named or field.xpath("ancestor::label"), f"no label: {field.get('name')}"
    for target in page.xpath("//@aria-describedby|//@aria-labelledby|//label/@for"):
        assert all(one in ids for one in target.split()), f"names nothing: {target}"
    for table in page.xpath("//table"):
        assert (table.findtext("caption") or "").strip() or table.get("aria-label"), "a table without caption"
        assert all(cell.get("scope") for cell in table.xpath(".//th")), "a th without scope"
        assert all(cell.get("data-label") for cell in table.xpath(".//td[ancestor::table[@class='records']]")), (
            "no data-label"
        )
    for named in page.xpath("//a[@href]|//button"):
        assert " ".join(named.itertext()).strip() or named.get("aria-label"), "a link or button without words"
    for image in page.xpath("//img"):
        assert image.get("alt") is not None, "an image without alt"
    for form in page.xpath("//form[@method='post']"):
        assert form.xpath(".//input[@type='hidden' and @name='csrf' and @value!='']"), f"no token: {form.get('action')}"
    for nav in page.xpath("//nav"):
        assert nav.get("aria-label"), "a nav without a name"
