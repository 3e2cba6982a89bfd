"""The table of routes holds everybody: roles, methods, sign-in, and one face for all that is not to be had."""

from __future__ import annotations

import pytest
from aiohttp import ClientResponse, web

from axis.domain.errors import AccessError, NotFound, PackageError, Unavailable
from axis.domain.people import Role
from axis.fronts.console import help as help_pages
from axis.fronts.console import home
from axis.fronts.console.app import HEADERS, MODULES, Console
from axis.fronts.console.pages import render
from axis.fronts.console.routes import EVERYBODY, Route, checked
from axis.fronts.console.sight import MENU_COUNTS
from tests.console import html
from tests.console.stand_in import Reader, console, module, served

OPERATORS = frozenset({Role.OPERATOR})


async def _page(request: web.Request) -> web.StreamResponse:
    return render(request, "home.html")


async def _sign_in(request: web.Request) -> web.StreamResponse:
    return render(request, "home.html")


async def _theirs(request: web.Request) -> web.StreamResponse:
    request[MENU_COUNTS] = {"home.marked": "7"}  # what a handler did before it found out
    raise NotFound("life.no-such-document", document_id=request.match_info["id"])


async def _raise(request: web.Request) -> web.StreamResponse:
    name = request.match_info["what"]
    errors: dict[str, Exception] = {
        "busy": Unavailable("request.busy"), "access": AccessError("access.credentials"),
        "secret": RuntimeError("the password is tiger"), "malformed": PackageError("request.malformed"),
        "conflict": web.HTTPConflict(text="tiger"), "unwritten": NotFound("no.such-code"),
    }  # fmt: skip
    raise errors[name]


async def _form(request: web.Request) -> web.StreamResponse:
    await request.post()
    return render(request, "home.html")


async def _stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"a;b")
    return response


PAGES = module(
    Route("GET", "/sign-in", "account.sign-in", _sign_in),
    Route("GET", "/theirs/{id}", "clerk.document", _theirs, EVERYBODY, "own-unit"),
    Route("GET", "/marked", "home.marked", _page, EVERYBODY, "self", menu="Khẩn"),
    Route("GET", "/units", "operator.units", _page, OPERATORS, "all", menu="Thường"),
    Route("POST", "/units/{id}/pause", "operator.units.pause", _page, OPERATORS, "all"),
    Route("GET", "/raise/{what}", "raising", _raise, EVERYBODY, "self"),
    Route("POST", "/form", "form", _form, EVERYBODY, "self"),
    Route("POST", "/upload", "upload", _form, OPERATORS, "all", form=50_000),
    Route("GET", "/stream", "stream", _stream, EVERYBODY, "self"),
)


def _console() -> Console:
    return console([home, PAGES, help_pages])


@pytest.fixture
async def reader() -> Reader:  # type: ignore[misc]
    async with served(_console()) as found:
        yield found


async def _face(answer: ClientResponse) -> tuple[int, dict[str, str], str]:
    return answer.status, {k: v for k, v in answer.headers.items() if k != "Date"}, await answer.text()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("role", ["clerk", "unit-admin", "auditor"])
async def test_what_is_forbidden_looks_exactly_like_what_does_not_exist(
    reader: Reader, role: str, language: str
) -> None:
    said = {"X_Test_Language": language}
    unknown = await _face(await reader.see("/console/nothing/here?q=1", role, **said))
    assert unknown[0] == 404
    for path in ("/console/units", "/console/units?lang=en", "/console/theirs/42", "/console/static/none.css",
                 "/console/units/x/pause", "/console/help/nothing", "/console/raise/unwritten/x"):  # fmt: skip
        assert await _face(await reader.see(path, role, **said)) == unknown, path
    for path in ("/console/units", "/console/units/x/pause", "/console/nothing"):
        assert await _face(await reader.send(path, {"a": "b"}, role, **said)) == unknown, path
    html.check(unknown[2])


async def test_a_wrong_method_is_told_only_to_those_who_may_call_the_address(reader: Reader) -> None:
    answer = await reader.see("/console/units/x/pause", "operator")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    answer = await reader.send("/console/units", {}, "operator")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


async def test_without_a_session_every_address_leads_to_the_sign_in(reader: Reader) -> None:
    for path in ("/console", "/console/units?q=a%2Fb", "/console/theirs/1", "/console/nothing"):
        answer = await reader.see(path)
        assert answer.status == 303
        assert answer.headers["Location"].startswith("/console/sign-in?next=/console"), path
        asked_first = await reader.request("HEAD", path, allow_redirects=False)
        assert (asked_first.status, asked_first.headers["Location"]) == (303, answer.headers["Location"]), path
    assert (await reader.send("/console/form", {})).headers["Location"] == "/console/sign-in?next=/console/form"
    part = await reader.see("/console/units", HX_Request="true")
    assert (part.status, part.headers["HX-Redirect"]) == (401, "/console/sign-in?next=/console/units")
    polled = await reader.see("/console/units", HX_Request="true", X_Axis_Poll="1")
    assert polled.status == 401 and "HX-Redirect" not in polled.headers
    assert (await reader.see("/console/sign-in")).status == 200


@pytest.mark.parametrize(
    ("what", "status"),
    [("busy", 503), ("access", 401), ("secret", 500), ("malformed", 400), ("conflict", 400),
     ("unwritten", 404)],
)  # fmt: skip
async def test_every_failure_is_a_page_that_tells_nothing_of_the_inside(reader: Reader, what: str, status: int) -> None:
    answer = await reader.see(f"/console/raise/{what}", "clerk")
    text = await answer.text()
    assert answer.status == status
    html.check(text)
    assert "tiger" not in text and "Traceback" not in text and "RuntimeError" not in text
    assert ("Mã sự cố" in text) == (what == "secret")
    assert ("Retry-After" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"a=b"),
        ("application/json", b"{}"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
        ("application/x-www-form-urlencoded; charset=nothing", b"a=b"),
        ("application/x-www-form-urlencoded", b"a=\xff\xfe"),
        ("multipart/form-data", b"--x\r\n\r\n"),
        ("multipart/form-data; boundary=x", b"nothing"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\na'),
        ("", b"a=b"),
    ],
)
async def test_what_is_no_form_is_refused_before_anybody_reads_it(reader: Reader, kind: str, body: bytes) -> None:
    answer = await reader.post("/console/form", data=body, headers={"Content-Type": kind, "X-Test-Role": "clerk"})
    assert answer.status == 400, await answer.text()


async def test_a_form_has_a_size_limit_of_its_own() -> None:
    async with served(console([home, PAGES, help_pages], form=1000)) as reader:
        answer = await reader.send("/console/form", {"reason": "a" * 1000}, "clerk")
        assert answer.status == 413
        html.check(await answer.text())
        assert (await reader.send("/console/form", {"reason": "a" * 900}, "clerk")).status == 200


async def test_a_large_form_is_read_only_of_those_the_table_lets_send_one() -> None:
    """For everybody else its address is one that does not exist, before as much as that is read."""
    async with served(console([home, PAGES, help_pages], form=1000)) as reader:
        for size, status in ((900, 200), (40_000, 200), (60_000, 413)):
            assert (await reader.send("/console/upload", {"file": "a" * size}, "operator")).status == status
        large = {"file": "a" * 40_000}
        for role in ("clerk", "unit-admin", "auditor"):
            unknown = await _face(await reader.send("/console/nothing", large, role))
            assert await _face(await reader.send("/console/upload", large, role)) == unknown and unknown[0] == 404
        for path in ("/console/nothing", "/console/upload"):
            answer = await reader.send(path, large, "")
            assert (answer.status, answer.headers["Location"]) == (303, f"/console/sign-in?next={path}")


async def test_every_answer_has_the_headers(reader: Reader) -> None:
    asked = [
        await reader.see(path, role)
        for path, role in (
            ("/console", ""),
            ("/console", "clerk"),
            ("/console/", "clerk"),
            ("/console/nothing", "clerk"),
            ("/console/units", "operator"),
            ("/console/stream", "clerk"),
            ("/console/raise/secret", "clerk"),
            ("/console/help", ""),
            ("/console/help?theme=dark", ""),
        )
    ]
    asked.append(await reader.request("HEAD", "/console/help"))
    asked.append(await reader.request("PUT", "/console/help"))
    for answer in asked:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (answer.url, name)
        assert answer.headers["Server"] == "axis" and "Strict-Transport-Security" not in answer.headers


async def test_behind_tls_browsers_are_told_to_stay_there() -> None:
    async with served(console([home, help_pages], secure=True)) as reader:
        assert "max-age" in (await reader.see("/console/help")).headers["Strict-Transport-Security"]


async def test_static_files_are_kept_for_ever_and_named_by_their_content(reader: Reader) -> None:
    text = await (await reader.see("/console/help")).text()
    page = html.check(text)
    urls = page.xpath("//link/@href|//script/@src")
    assert len(urls) == 7
    for url in urls:
        packed = await reader.see(url)
        plain = await reader.see(url, Accept_Encoding="identity")
        assert packed.status == 200 and await packed.read() == await plain.read()
        assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    for path in ("vendor/README.md", "../app.py", "..%2f..%2fapp.py", "console.css", "vendor"):
        assert (await reader.see(f"/console/static/{path}", "clerk")).status == 404, path


def test_a_route_says_one_thing() -> None:
    with pytest.raises(ValueError, match="public"):
        Route("GET", "/x", "x", _page, EVERYBODY)
    with pytest.raises(ValueError, match="public"):
        Route("GET", "/x", "x", _page, frozenset(), "all")
    with pytest.raises(ValueError, match="not a route"):
        Route("PUT", "/x", "x", _page)
    with pytest.raises(ValueError, match="begins with"):
        Route("GET", "x", "x", _page)
    with pytest.raises(ValueError, match="twice"):
        checked([Route("GET", "/x", "x", _page), Route("GET", "/x", "x", _page)])
    with pytest.raises(ValueError, match="two paths"):
        checked([Route("GET", "/x", "x", _page), Route("GET", "/y", "x", _page)])


def test_a_console_without_its_tools_does_not_start() -> None:
    key = web.AppKey("desk", str)
    with pytest.raises(ValueError, match="desk"):
        console([module(NEEDS=(key,))])
    assert console([module(NEEDS=(key,))], tools={key: "desk"}).app[key] == "desk"


def test_every_page_of_a_menu_has_help_of_its_own_and_every_topic_a_text_in_both_languages() -> None:
    modules = MODULES
    topics = help_pages.topics(modules)
    made = console([m for m in modules if not getattr(m, "NEEDS", ())])
    for module_ in modules:
        for route in module_.ROUTES:
            if route.menu:
                assert route.name in topics or route.help in topics, f"no help for {route.name}"
    for name in topics:
        for language in ("vi", "en"):
            made.templates.get_template(f"help/{language}/{name}.html")
