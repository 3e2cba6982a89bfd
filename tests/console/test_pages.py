"""What handlers work with: languages and themes, parts, forms, notes, cursors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import lxml.etree
import lxml.html
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from axis.domain.errors import PackageError
from axis.fronts.console import help as help_pages
from axis.fronts.console import home, paging
from axis.fronts.console.pages import Form, form, here, reason_of, redirect, render, url
from axis.fronts.console.routes import EVERYBODY, Route
from axis.fronts.console.texts import gettext
from tests.console import html
from tests.console.gallery import gallery
from tests.console.stand_in import Reader, console, module, served

ASK = """{% extends layout %}{% block title %}{{ _("Lý do") }}{% endblock %}{% block main %}
{% call ui.confirm(page.url("ask"), _("Tìm"), page.url("home"), sent=sent) %}{% endcall %}{% endblock %}"""


async def _ask(request: web.Request) -> web.StreamResponse:
    if request.method != "POST":
        return render(request, "ask.html", sent=None)
    sent = await form(request)
    reason = reason_of(sent)
    if sent.faulty:
        return render(request, "ask.html", status=422, sent=sent)
    return redirect(request, url(request, "help", {"r": reason}), note=gettext("Tốt") + f" {reason}")


PAGES = module(
    Route("GET", "/ask", "ask", _ask, EVERYBODY, "self"), Route("POST", "/ask", "ask", _ask, EVERYBODY, "self")
)


@pytest.fixture
async def asking() -> AsyncIterator[Reader]:
    async with served(console([home, PAGES, help_pages], {"ask.html": ASK})) as reader:
        yield reader


# language and theme


@pytest.mark.parametrize(
    ("headers", "role", "language"),
    [
        ({}, "", "vi"),
        ({"Accept_Language": "en-GB,en;q=0.9"}, "", "en"),
        ({"Accept_Language": "fr"}, "", "vi"),
        ({"Accept_Language": "en", "X_Test_Language": "vi"}, "clerk", "vi"),
        ({"X_Test_Language": "en"}, "clerk", "en"),
        ({"X_Test_Language": "en", "Cookie": "axis-lang=vi"}, "clerk", "vi"),
        ({"Cookie": "axis-lang=xx"}, "", "vi"),
    ],
)
async def test_the_language_is_what_was_chosen_here_then_the_accounts_then_the_browsers(
    alone: Reader, headers: dict[str, str], role: str, language: str
) -> None:
    answer = await alone.see("/console/help", role, **headers)
    assert html.check(await answer.text()).getroottree().getroot().get("lang") == language
    assert answer.headers["Content-Language"] == language


async def test_switches_set_a_cookie_and_come_back_to_the_same_list(alone: Reader) -> None:
    answer = await alone.see("/console/gallery?state=late&lang=en&after=abc", "clerk")
    assert (answer.status, answer.headers["Location"]) == (303, "/console/gallery?state=late&after=abc")
    assert answer.cookies["axis-lang"].value == "en"
    answer = await alone.see("/console/help?theme=dark&lang=%3Cb%3E")
    assert answer.cookies["axis-theme"].value == "dark" and "axis-lang" not in answer.cookies
    text = await (await alone.see("/console/help", Cookie="axis-theme=dark")).text()
    assert '<html lang="vi" data-theme="dark">' in text
    text = await (await alone.see("/console/help", Cookie='axis-theme="><script>')).text()
    assert "data-theme" not in text


# parts


@pytest.mark.parametrize("path", ["/console/gallery", "/console/gallery?state=late&q=1234"])
async def test_a_part_is_the_same_region_of_the_whole_page(alone: Reader, path: str) -> None:
    whole = html.check(await (await alone.see(path, "clerk")).text())
    part = await (await alone.see(path, "clerk", HX_Request="true")).text()
    assert part.lstrip().startswith('<div id="results">')
    here = lxml.html.fragment_fromstring(part.strip())
    assert _canonical(here) == _canonical(whole.get_element_by_id("results"))


async def test_going_back_in_the_history_gets_the_whole_page(alone: Reader) -> None:
    answer = await alone.see("/console/gallery", "clerk", HX_Request="true", HX_History_Restore_Request="true")
    html.check(await answer.text())


def _canonical(element: lxml.html.HtmlElement) -> bytes:
    element.tail = None
    return lxml.etree.tostring(element, method="c14n")


# forms and notes


async def test_a_form_without_its_reason_comes_back_with_words_beside_the_field(asking: Reader) -> None:
    answer = await asking.send("/console/ask", {"reason": " \r\n "}, "clerk")
    assert answer.status == 422
    page = html.check(await answer.text())
    field = page.get_element_by_id("f-reason")
    assert field.get("aria-invalid") == "true"
    assert "w-reason" in field.get("aria-describedby").split()
    answer = await asking.send("/console/ask", {"reason": "a" * 1001}, "clerk")
    assert answer.status == 422 and "1000" in await answer.text()


async def test_a_note_is_shown_once_on_the_next_page_and_only_in_its_session(asking: Reader) -> None:
    answer = await asking.send("/console/ask", {"reason": "Quyết định <b>sai</b>"}, "clerk")
    assert answer.status == 303
    cookie = answer.cookies["axis-note"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    there = await asking.see(answer.headers["Location"], "clerk", Cookie=f"axis-note={cookie.value}")
    text = await there.text()
    assert "Tốt Quyết định &lt;b&gt;sai&lt;/b&gt;" in text and 'role="status"' in text
    assert there.cookies["axis-note"].value == "" and there.cookies["axis-note"]["max-age"] == "0"
    for forged in (cookie.value[:-8] + "AAAAAAA=", "x", "é", "", "A" * 5000):
        text = await (await asking.see("/console/help", "clerk", Cookie=f"axis-note={forged}")).text()
        assert 'class="note' not in text
    text = await (await asking.see("/console/help", "", Cookie=f"axis-note={cookie.value}")).text()
    assert 'class="note' not in text, "a note of one session is not another's"


async def test_htmx_is_sent_on_by_a_header(asking: Reader) -> None:
    answer = await asking.send("/console/ask", {"reason": "a"}, "clerk", HX_Request="true")
    assert (answer.status, answer.headers["HX-Redirect"]) == (200, "/console/help?r=a")


async def test_a_redirect_stays_within_the_axis() -> None:
    request = make_mocked_request("GET", "/console")
    for where in ("https://evil.example", "//evil.example", "/\\evil.example", "console", ""):
        with pytest.raises(ValueError, match="within"):
            redirect(request, where)


def test_fields_are_text_a_database_takes() -> None:
    sent = Form({"a": ("x", "y"), "long": ("a" * 11,)})
    assert sent.all("a") == ("x", "y") and sent.value("none") == "" and sent.ticked("a")
    assert sent.text("long", longest=10) and "long" in sent.errors and sent.faulty
    with pytest.raises(PackageError):
        sent.choice("a", ("b",))
    assert sent.choice("a", ("x",)) == "x"


async def test_what_was_typed_is_composed_and_without_nul(asking: Reader) -> None:
    answer = await asking.send("/console/ask", {"reason": "  e\u0302\u0301\x00\r\nb "}, "clerk")
    assert answer.headers["Location"] == "/console/help?r=%E1%BA%BF%0Ab"
    sent = Form({"name": ("An\n\tB  C",)})
    assert sent.text("name") == "An B C" and sent.text("name", lines=True) == "An\n\tB  C"


# lists


SHAPE = (datetime, UUID)
ROWS = [(datetime(2026, 11, 26, 7, n, tzinfo=UTC), UUID(int=n)) for n in range(7, 0, -1)]


def _request(query: str) -> web.Request:
    return make_mocked_request("GET", f"/console/sent?state=late{query}")


def _read(query: str) -> paging.Page[tuple[datetime, UUID]]:
    """A store in seven rows, newest first."""
    request = _request(query)
    at = paging.position(request, SHAPE, size=3)
    if at.before:
        rows = [row for row in reversed(ROWS) if row > at.before][: at.limit]
    else:
        rows = [row for row in ROWS if not at.after or row < at.after][: at.limit]
    return paging.page(request, rows, at, lambda row: row)


def test_every_row_is_met_once_forwards_and_backwards() -> None:
    first = _read("")
    second = _read("&" + first.next.partition("&")[2])
    third = _read("&" + second.next.partition("&")[2])
    assert [*first.rows, *second.rows, *third.rows] == ROWS
    assert not first.previous and not third.next and first.next.startswith("/console/sent?state=late&after=")
    back = _read("&" + third.previous.partition("&")[2])
    again = _read("&" + back.previous.partition("&")[2])
    assert back.rows == second.rows and again.rows == first.rows and not again.previous and back.next
    assert back.first == "/console/sent?state=late"


@pytest.mark.parametrize(
    "cursor",
    ["x", "W10", "bnVsbA", "é", "A" * 3000, paging.write(("a", "b")), paging.write((ROWS[0][0],)),
     paging.write(("2026-11-26", "{}")), "W" * 1999],
)  # fmt: skip
def test_a_cursor_of_another_shape_is_refused(cursor: str) -> None:
    with pytest.raises(PackageError, match="malformed"):
        paging.position(_request(f"&after={cursor}"), SHAPE)


@pytest.mark.parametrize(("value", "kind"), [(2**63, int), ("a\x00b", str), ("\ud800", str)])
def test_a_cursor_holds_only_what_a_database_takes(value: object, kind: type) -> None:
    raw = paging.write((value,)) if value != "\ud800" else "WyJcdWQ4MDAiXQ"
    with pytest.raises(PackageError):
        paging.position(_request(f"&before={raw}"), (kind,))


def test_another_filter_begins_the_list_anew() -> None:
    request = make_mocked_request("GET", "/console/sent?state=late&after=abc&q=1%2F2")
    assert here(request, state=None) == "/console/sent?q=1/2"
    assert here(request, state="a&b") == "/console/sent?q=1/2&state=a%26b"
    assert gallery()[1]
