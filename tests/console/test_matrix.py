"""Route × role × own or other unit, made from the console's own table: every cell is called.

A cell that is forbidden answers 404 with the status, headers and body of an address that does not exist, and asks
the database for the same things; whoever is not signed in is sent to the sign-in; a form without its token is
refused by every address. ``cells.py`` fills the addresses and says once more who may call what: a route that
stands in the table and not there fails here, and so does the opposite.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from aiohttp import ClientResponse

from axis.domain.people import OF_A_UNIT, Role
from axis.fronts.console.app import MODULES
from axis.fronts.console.routes import Route
from axis.fronts.identity import csrf_of
from axis.store.database import Database, Transaction
from tests.conftest import ServerForTests
from tests.console import html
from tests.console.cells import FILLS, OPEN, ROOMS, SENT, Cell, cell, who_may
from tests.console.visitors import Visitor
from tests.console.world import NOBODY, SECRET, WHO, Town, opened
from tests.hub.world import RAIL, ROADS

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("matrix")]

ROUTES: tuple[Route, ...] = tuple(route for module in MODULES for route in module.ROUTES)
READS = [route for route in ROUTES if route.method == "GET"]
FORMS = [route for route in ROUTES if route.method == "POST"]
UNKNOWN = "/khong/co/trang/nay"
REPORT = re.compile(r"(?:Mã sự cố|Report)[^<]*<[^>]*>[^<]*")
ENDS = frozenset({"account.sign-out"})
"""What ends the caller's own session is called by somebody who came for that."""


def _called(route: Route) -> str:
    return f"{route.method} {route.name}"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def town(
    postgres: ServerForTests, furnished: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    async with opened(postgres, furnished, tmp_path_factory.mktemp("matrix")) as found:
        yield found


# -- the table itself ------------------------------------------------------------------------------


async def test_the_matrix_and_the_table_name_the_same_routes(town: Town) -> None:
    table = {route.name for route in town.console.routes}
    assert {route.name for route in ROUTES} | {"static"} == table
    for route in town.console.routes:
        assert who_may(route.name) == route.roles, f"{route.name}: the two tables disagree"
        assert ("{" in route.path) <= (route.name in FILLS), f"{route.name}: nothing fills its address"
    assert set(FILLS) <= table and table >= OPEN and set(SENT) <= table, "cells of routes that are gone"
    assert all(any(n == r or n.startswith(r + ".") for n in table) for r in ROOMS)


async def test_every_path_of_a_unit_names_somebody_elses_too(town: Town) -> None:
    """Where an address holds an id and the scope is one's unit, there is one of another unit to be refused."""
    for route in ROUTES:
        if route.scope == "own-unit" and re.search(r"\{(id|delivery|event|code|login)\b", route.path):
            found = await cell(town, route)
            assert found.own and found.other and found.others_own and found.missing, route.name


async def test_scopes_belong_to_roles() -> None:
    for route in ROUTES:
        if route.roles & {Role.CLERK, Role.UNIT_ADMIN}:
            assert route.scope in ("own-unit", "self"), route.name
        if route.method == "POST" and Role.AUDITOR in route.roles:
            assert route.scope == "self" or route.name == "auditor.receipts", f"{route.name}: auditors change nothing"


# -- faces -----------------------------------------------------------------------------------------


async def face(answer: ClientResponse) -> tuple[int, list[tuple[str, str]], str]:
    """All of an answer that could tell something: status, headers in their order, body."""
    headers = [(name, value) for name, value in answer.headers.items() if name != "Date"]
    return answer.status, headers, REPORT.sub("", await answer.text())


async def ask(visitor: Visitor, method: str, path: str, fields: Mapping[str, Any] | None = None) -> ClientResponse:
    where = f"/console{path}"
    if method == "POST":
        return await visitor.send(where, dict(fields or {}))
    headers = {"Cookie": f"axis={visitor.token}", "X-CSRF-Token": csrf_of(visitor.token)} if visitor.token else {}
    answer = await visitor.reader.request(method, where, headers=headers, allow_redirects=False)
    await answer.read()
    return answer


async def refused(visitor: Visitor, method: str, path: str, fields: Mapping[str, Any] | None = None) -> None:
    """Exactly like an address that does not exist, said in the same way."""
    unknown = await face(await ask(visitor, method, UNKNOWN, fields))
    assert unknown[0] == 404
    assert await face(await ask(visitor, method, path, fields)) == unknown, f"{method} {path}"


def paths(found: Cell) -> Iterator[str]:
    yield from found.own
    yield from found.other
    yield from found.missing


async def test_the_unknown_page_is_one_page_for_each_person(town: Town) -> None:
    for who, visitor in town.people.items():
        if who == NOBODY:
            continue
        text = await (await ask(visitor, "GET", UNKNOWN)).text()
        html.check(text)
        assert "khong/co" not in text
        await refused(visitor, "GET", f"/{'x' * 1500}")
        await refused(visitor, "GET", f"/document/{quote('<script>')}")


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("route", READS, ids=_called)
async def test_reading(town: Town, route: Route, who: str) -> None:
    """GET and HEAD."""
    visitor, found = town.people[who], await cell(town, route)
    if route.public:
        for path in found.own:
            answer = await ask(visitor, "GET", path)
            assert answer.status < 500 and answer.status != 403, f"{path}: {answer.status}"
        return
    if who == NOBODY:
        for path in paths(found):
            for method in ("GET", "HEAD"):
                answer = await ask(visitor, method, path)
                back = f"?next={'/console' + path}" if "?" not in path else ""
                assert answer.status == 303 and answer.headers["Location"].startswith(f"/console/sign-in{back}"), path
                assert await answer.read() == b""
        return
    if Role(who) not in route.roles:
        for path in paths(found):
            for method in ("GET", "HEAD"):
                await refused(visitor, method, path)
        return
    for path in (*found.other, *found.missing):
        for method in ("GET", "HEAD"):
            await refused(visitor, method, path)
    for path in found.own:
        answer = await ask(visitor, "GET", path)
        assert answer.status in (200, 303), f"{path}: {answer.status} {(await answer.read())[:600]!r}"
        if route.scope == "own-unit":
            assert SECRET.encode() not in await answer.read()
    if Role(who) in OF_A_UNIT:
        for path in found.others_own:
            answer = await ask(await town.neighbour(Role(who)), "GET", path)
            assert answer.status == 200, f"{path}: the cell proves nothing, {answer.status}"


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("route", FORMS, ids=_called)
async def test_forms(town: Town, route: Route, who: str) -> None:
    """POST with the token of the session: what is not theirs is not there, what is theirs is understood."""
    visitor, found, sent = town.people[who], await cell(town, route), SENT.get(route.name, {})
    if route.public:
        return
    if who == NOBODY:
        page = await visitor.see("/console/sign-in")
        visitor = Visitor(visitor.reader, page.cookies["axis"].value)
        for path in paths(found):
            answer = await ask(visitor, "POST", path, sent)
            back = f"/console/sign-in?next=/console{path.partition('?')[0]}"
            assert answer.status == 303 and answer.headers["Location"].startswith(back), path
            assert await answer.read() == b""
        return
    allowed = Role(who) in route.roles
    for path in paths(found) if not allowed else (*found.other, *found.missing):
        await refused(visitor, "POST", path, sent)
    for path in found.own if allowed else ():
        answer = await ask(visitor, "POST", path, sent)
        assert answer.status in (200, 303, 409, 422), f"{path}: {answer.status} {(await answer.text())[:900]}"


@pytest.mark.parametrize("route", ROUTES, ids=_called)
async def test_other_methods_tell_nothing_to_those_who_may_not_call(town: Town, route: Route) -> None:
    found = await cell(town, route)
    path = next(paths(found))
    table = {r.method for r in ROUTES if r.path == route.path}
    table |= {"HEAD"} if "GET" in table else set()
    for who, visitor in town.people.items():
        for method in sorted({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - table):
            answer = await ask(visitor, method, path)
            if who == NOBODY:
                # A form of nobody is refused for its token first, wherever it goes.
                assert answer.status in (303, 403) or route.public, f"{method} {path}: {answer.status}"
            elif any(r.allows(Role(who)) for r in ROUTES if r.path == route.path):
                assert answer.status == 405 and answer.headers["Allow"], f"{method} {path}: {answer.status}"
            else:
                await refused(visitor, method, path)


# -- forms without their token ---------------------------------------------------------------------


@pytest.mark.parametrize("route", FORMS, ids=_called)
async def test_no_form_counts_without_its_token(town: Town, route: Route) -> None:
    """Nothing is done and nothing is told, whoever sends it and wherever to: who may not send it is answered as at an
    address that is not there, and of who may, what is another unit's is refused like what is their own."""
    found, sent = await cell(town, route), dict(SENT.get(route.name, {}))
    before = await town.world.row("select count(*) from journal where actor like 'person:%'")
    other = csrf_of(town.rail.token)
    for who, visitor in town.people.items():
        may = who != NOBODY and route.allows(Role(who))
        unknown = await _face_of_refusal(await visitor.send(f"/console{UNKNOWN}", sent))
        assert unknown[0] == (403 if who == NOBODY else 404)
        refusals = []
        for path in paths(found):
            faces, where = [], f"/console{path}"
            for token in ("", "0" * 64, other, "é"):
                faces.append(await _face_of_refusal(await visitor.send(where, {**sent, "csrf": token})))
            for header in ("https://evil.example", "null"):
                faces.append(await _face_of_refusal(await visitor.send(where, sent, Origin=header)))
            faces.append(await _face_of_refusal(await visitor.send(where, sent, Sec_Fetch_Site="cross-site")))
            assert all(one == faces[0] for one in faces), f"{who}: {where}"
            # An address no route has is not there for anybody.
            assert not may or faces[0][0] == 403 or (faces[0] == unknown and path not in found.own), path
            refusals += faces
        told = {one for one in map(repr, refusals) if one != repr(unknown)}
        assert len(told) == (1 if may else 0), f"{who} learns from how they are refused"
    assert await town.world.row("select count(*) from journal where actor like 'person:%'") == before


async def _face_of_refusal(answer: ClientResponse) -> tuple[int, list[tuple[str, str]], str]:
    """Somebody without a cookie gets another one with each answer, and with it another token in the page."""
    status, headers, text = await face(answer)
    headers = [(name, value) for name, value in headers if name != "Set-Cookie"]
    return status, headers, re.sub(r'value="[0-9a-f]{64}"', "", text)


@pytest.mark.parametrize("route", [route for route in FORMS if route.form], ids=_called)
async def test_a_file_is_taken_in_only_of_those_who_may_send_one(town: Town, route: Route) -> None:
    """The role is known before the body is read: of others it is not."""
    path = next(paths(await cell(town, route)))

    def large() -> dict[str, BytesIO]:
        return {"file": BytesIO(b"x" * (route.form // 2))}

    for who, visitor in town.people.items():
        if who != NOBODY and route.allows(Role(who)):
            assert (await ask(visitor, "POST", path, large())).status in (200, 422)
            continue
        unknown = await _face_of_refusal(await ask(visitor, "POST", UNKNOWN, large()))
        assert unknown[0] == (403 if who == NOBODY else 404), "not even read"
        assert await _face_of_refusal(await ask(visitor, "POST", path, large())) == unknown, who


# -- lists, whose addresses hold no id --------------------------------------------------------------


LISTS = [route for route in READS if route.scope == "own-unit" and "{" not in route.path]


@pytest.mark.parametrize("route", LISTS, ids=_called)
async def test_no_question_put_to_a_list_reaches_another_unit(town: Town, route: Route) -> None:
    rows = await town.world.rows("select id, document_id, code_number from package where subject like $1", f"{SECRET}%")
    assert len(rows) == 2
    questions = [
        "", "days=all", f"unit={RAIL}", f"sender={RAIL}&receiver={RAIL}", f"scope={town.world.units[RAIL].id}",
        f"unit_id={town.world.units[RAIL].id}", f"days=all&q={quote(SECRET)}",
        *(f"days=all&q={quote(str(row[name]))}" for row in rows for name in ("id", "document_id", "code_number")),
    ]  # fmt: skip
    for who in (role.value for role in route.roles):
        for question in questions:
            for form in ("xlsx", "csv", "html") if route.name.endswith("export") else ("",):
                asked = "&".join(filter(None, (question, f"format={form}" if form else "")))
                answer = await ask(town.people[who], "GET", f"{route.path}?{asked}")
                assert answer.status in (200, 400, 404), f"{asked}: {answer.status}"
                told = _plain(await answer.read(), form)
                for row in rows:
                    typed = quote(str(row["id"])) in question
                    assert typed or str(row["id"]) not in told, f"{route.name}?{asked}"
                if quote(SECRET) not in question:  # what was typed is shown again
                    assert SECRET not in told, f"{route.name}?{asked}"
                else:
                    assert f"{SECRET} về" not in told and f"{SECRET} gửi" not in told, f"{route.name}?{asked}"


def _plain(data: bytes, form: str) -> str:
    if form != "xlsx" or not data.startswith(b"PK"):
        return data.decode("utf-8", "replace")
    from tests.sheets.reading import xlsx_parts

    return "\n".join(xlsx_parts(data).values())


# -- what cannot be seen can be measured ------------------------------------------------------------


@contextmanager
def asked_of_the_database() -> Iterator[list[str]]:
    """The names of all statements, in their order: work that differs could be measured from outside."""
    found: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for owner in (Database, Transaction):
            for name in ("fetch", "fetchrow", "fetchval", "execute", "executemany"):
                before = getattr(owner, name)

                def noted(self: Any, query: Any, *args: Any, _before: Any = before) -> Any:
                    found.append(query.name)
                    return _before(self, query, *args)

                patch.setattr(owner, name, noted)
        yield found


async def _work(visitor: Visitor, method: str, path: str, fields: Mapping[str, Any]) -> list[str]:
    with asked_of_the_database() as found:
        await ask(visitor, method, path, fields)
    return [name for name in found if _of_the_console(name)]


def _of_the_console(name: str) -> bool:
    """The hub behind the console works on meanwhile."""
    return name.split(".")[0] in {"lookups", "people", "sessions", "operations", "audit", "reader", "packages"}


@pytest.mark.parametrize("route", [r for r in ROUTES if r.name in FILLS and r.scope == "own-unit"], ids=_called)
async def test_what_is_another_units_costs_what_nothing_costs(town: Town, route: Route) -> None:
    found, clerk = await cell(town, route), town.people[min(role.value for role in route.roles)]
    if not found.other or not found.missing:
        return
    for other, missing in zip(found.other, found.missing, strict=False):
        expected = await _work(clerk, route.method, missing, {})
        assert await _work(clerk, route.method, other, {}) == expected, other


@pytest.mark.parametrize("who", [role.value for role in Role])
async def test_what_a_role_may_not_call_costs_what_nothing_costs(town: Town, who: str) -> None:
    visitor = town.people[who]
    for route in ROUTES:
        if not route.allows(Role(who)):
            path, sent = next(paths(await cell(town, route))), SENT.get(route.name, {})
            expected = await _work(visitor, route.method, UNKNOWN, sent)
            assert await _work(visitor, route.method, path, sent) == expected, _called(route)


async def test_sign_out_ends_what_it_should(town: Town) -> None:
    for role in Role:
        visitor = await town.visits.of(role, ROADS)
        assert (await ask(visitor, "POST", "/sign-out")).status == 303
        assert (await ask(visitor, "GET", "/account")).headers["Location"].startswith("/console/sign-in")
