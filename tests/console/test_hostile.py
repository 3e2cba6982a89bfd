"""Hostile texts through every field a text comes in by: inert on every page, in every file and in the log.

They come the way they would: in signed packages through the door, in statuses, in forms, in addresses. What XML
cannot carry is put into the database as a program that is not ours would. A page that shows them has the shape of
one that shows ordinary words (poison.py), and shows them as they are.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import lxml.html
import pytest
import pytest_asyncio
import structlog

from axis.domain.errors import AxisError
from axis.domain.people import Role
from axis.fronts.console.clerk_exports import FORMS
from axis.hub.people import By
from axis.telemetry import configure_logging
from tests.conftest import ServerForTests
from tests.console import html, poison
from tests.console.poisoned import TEXTS, Poisoned, lists, pages_of, poisoned
from tests.console.visitors import Visitor
from tests.console.world import hub_of
from tests.hub.talks import Desk
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, document
from tests.sheets import reading

SAMPLED = pytest.mark.parametrize("every", [30, pytest.param(1, marks=pytest.mark.slow)])
"""All texts through every field take many minutes. In CI each goes through one page, the pages in turn, and some
through every page; forms take a third of them."""

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("hostile"), pytest.mark.no_cover]


def some(every: int) -> Sequence[str]:
    """All texts, or a third of them: the combinations stand in threes and fours, so that no sort is left out."""
    return TEXTS[:: 1 if every == 1 else 3]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ill(
    postgres: ServerForTests, furnished: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Poisoned]:
    async with hub_of(postgres, furnished, tmp_path_factory.mktemp("hostile")) as world, poisoned(world) as found:
        yield found


# -- pages -----------------------------------------------------------------------------------------


async def test_there_are_enough_of_them() -> None:
    assert len(TEXTS) >= 400
    assert len(set(TEXTS)) == len(TEXTS)


async def test_most_of_them_come_through_the_door(ill: Poisoned) -> None:
    assert len(ill.by_text) == len(TEXTS) and ill.door >= 200


@SAMPLED
async def test_every_page_of_a_document_shows_them_and_nothing_else(ill: Poisoned, every: int) -> None:
    desk = Desk(ill.world)
    for number, (text, sent) in enumerate(ill.by_text.items()):
        row = await ill.world.row("select subject, sender_name from package where id = $1", sent.package_id)
        key = str((await desk.row(sent, ROADS))["id"])
        pages = pages_of(ill, sent, key)
        for who, path, name in pages if number % every == 0 else [pages[number % len(pages)]]:
            page = await ill.page(who, path, name)
            words = poison.said(page)
            if poison.shown(row["subject"]):
                assert any(poison.shown(row["subject"], n) in words for n in (200, 300, 500, 2000)), f"{path} {text!r}"


async def test_every_list_shows_them_and_nothing_else(ill: Poisoned) -> None:
    rows = await ill.world.rows("select subject from package where kind = 'document'")
    expected = {poison.shown(row["subject"], 300) for row in rows} - {""}
    for who, path, name in lists(ill):
        words: set[str] = set()
        where = path
        for _ in range(60):
            page = await ill.page(who, where, name)
            words |= poison.said(page)
            following = page.xpath("//nav[@class='pages']//a[@rel='next']/@href|//a[@rel='next']/@href")
            if not following:
                break
            where = urljoin(where, following[0])
        else:
            raise AssertionError(f"{path} does not end")
        if name in ("in", "out", "audit"):
            assert not expected - words, f"{name}: {list(expected - words)[:5]}"


@SAMPLED
async def test_what_is_searched_for_is_only_text(ill: Poisoned, every: int) -> None:
    """Shown again in the field, in a chip, in addresses; never found by what it means to a database."""
    room = lists(ill)
    for number, text in enumerate(TEXTS):
        text = text[:600]  # an address has an end: 8 KB, refused before anybody reads it
        typed = quote(text.encode("utf-8", "surrogatepass"), safe="")
        if every > 1 and number % 2:
            continue
        for who, path, name in room if number % (3 * every - 2) == 0 else [room[number // 2 % len(room)]]:
            answer = await who.see(f"{path}{'&' if '?' in path else '?'}q={typed}")
            body = await answer.text()
            assert answer.status in (200, 400), f"{name} {text!r}: {answer.status} {body[:800]}"
            page = poison.checked(body)
            if answer.status == 200:
                strange = poison.shape(page) - ill.shapes[name]
                assert not strange, f"{name} {text!r}: {strange}"
                for again in page.xpath("//input[@name='q']/@value"):
                    assert _bare(again) in _bare(poison.legible(text)), f"{name} {text!r}: {again!r}"


def _bare(text: str) -> str:
    """Without what stands for a character that could not be read."""
    return poison.plain(re.sub("[\ufffd\ud800-\udfff]", "", text))


# -- forms -----------------------------------------------------------------------------------------


async def _sent(who: Visitor, path: str, fields: Mapping[str, str]) -> tuple[int, str, str]:
    answer = await who.send(path, {name: _utf8(value) for name, value in fields.items()})
    return answer.status, await answer.text(), answer.headers.get("Location", "")


def _utf8(text: str) -> str:
    """A browser replaces lone surrogates before it sends."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


async def _shown(ill: Poisoned, who: Visitor, status: int, text: str, where: str) -> None:
    """What a form led to, whether it was taken or shown again."""
    assert status in (200, 303, 400, 409, 422), f"{status} {text[:900]}"
    if status == 303:
        page = await (await who.see(where)).text()
        poison.checked(page)
    else:
        poison.checked(text)


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.slow)])
async def test_reasons_of_clerks(ill: Poisoned, every: int) -> None:
    """Through the desk into signed statuses, back out on both sides."""
    desk, done = Desk(ill.world), 0
    tried = list(ill.by_text.items())[every - 1 :: every]
    for number, (text, sent) in enumerate(tried):
        at = f"/console/document/{sent.package_id}"
        key = (await desk.row(sent, ROADS))["id"]
        path = f"{at}/return/{key}"
        status, body, where = await _sent(ill.clerk, path, {"reason": text, "seen": "delivered.."})
        await _shown(ill, ill.clerk, status, body, where)
        if status == 303:
            done += 1
            reason = (await ill.world.row("select reason from delivery where id = $1", key))["reason"]
            page = await ill.page(ill.ministry, at) if every > 1 or number % 3 == 0 else None
            if page is not None:
                assert poison.shown(reason, 1000) in poison.said(page), repr(text)
    assert done >= len(tried) * (0.8 if every > 1 else 0.5), "those of the short version were returned before"


@SAMPLED
async def test_facts_of_a_unit(ill: Poisoned, every: int) -> None:
    at = f"/console/ops/unit/{PORTS}"
    for number, text in enumerate(some(every)):
        if not text.strip() or len(text) > 20_000:
            continue
        fields = {"name": text, "parent": "", "aliases": "", "email": "", "contacts": "", "alert_url": "",
                  "policy": "required"}  # fmt: skip
        status, body, where = await _sent(ill.operator, f"{at}/setup/info", fields)
        await _shown(ill, ill.operator, status, body, where)
        if status == 303:
            for who, path in [(ill.operator, at), (ill.auditor, "/console/audit"), (ill.operator, "/console/ops"),
                              (ill.operator, f"{at}/pause"), (ill.ministry, "/console/out"),
                              (ill.operator, "/console/figures")][: 6 if number % 12 == 0 else number % 2]:  # fmt: skip
                page = poison.checked(await (await who.see(path)).text())
                if path == at:
                    name = (await ill.world.row("select name from unit where code = $1", PORTS))["name"]
                    assert poison.shown(name)[:100] in poison.plain(page.text_content()), repr(text)
        if number % min(every, 10) == 0:
            for name in ("aliases", "email", "contacts", "alert_url", "parent"):
                other = {**fields, "name": "Cảng", name: text}
                status, body, where = await _sent(ill.operator, f"{at}/setup/info", other)
                await _shown(ill, ill.operator, status, body, where)
    await ill.world.change(PORTS, name="Đơn vị Cảng", aliases=(), contacts=(), email="", alert_url="")


@SAMPLED
async def test_reasons_and_names_of_operators(ill: Poisoned, every: int) -> None:
    at = f"/console/ops/unit/{RAIL}"
    link = await ill.visits.accounts.staffing.invite(
        f"nguoi.ten.{every}", "Người Tên", Role.CLERK, by=By("cli:thu"), unit_id=ill.world.units[RAIL].id
    )
    for number, text in enumerate(some(every)):
        cut = text[:900]
        status, body, where = await _sent(ill.operator, f"{at}/{('pause', 'resume')[number % 2]}", {"reason": cut})
        await _shown(ill, ill.operator, status, body, where)
        person = {"name": text[:115], "role": "clerk", "language": "vi", "unit": RAIL}
        status, body, where = await _sent(ill.operator, f"/console/ops/people/{link.login}", person)
        await _shown(ill, ill.operator, status, body, where)
        if number % min(every, 10) == 0:
            for path, fields in (
                ("/console/ops/settings/calendar/set", {"day": "03/09/2030", "kind": "holiday", "name": text[:290]}),
                ("/console/ops/settings/calendar/import", {"year": "2031", "decision": text[:290], "rows": text[:500]}),
                ("/console/ops/invite", {"login": text[:60], "name": text[:100], "role": "clerk", "language": "vi",
                                         "unit": RAIL}),
                ("/console/audit/receipts", {"jws": text[:5000]}),
                ("/console/sign-in", {"login": text[:300], "password": text[:300], "next": text}),
            ):  # fmt: skip
                who = ill.auditor if "audit" in path else ill.operator
                status, body, where = await _sent(who, path, fields)
                assert not where or where.startswith("/console"), where
                if status != 429:
                    await _shown(ill, who, status, body, where)
    for who, path, name in lists(ill)[-4:]:
        await ill.page(who, path, name if "people" in name else "")
    await ill.page(ill.operator, "/console/ops/settings/calendar?year=2030")


async def test_names_of_files_and_downloads(ill: Poisoned) -> None:
    """No header is broken by a name, no file is opened as anything but octets."""
    for sent in list(ill.by_text.values())[::3]:
        for who, path in (
            (ill.clerk, f"/console/document/{sent.package_id}/attachment/0"),
            (ill.clerk, f"/console/document/{sent.package_id}/original"),
            (ill.auditor, f"/console/audit/documents/{sent.package_id}/files/0"),
        ):
            answer = await who.see(path)
            assert answer.status == 200, path
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert answer.headers.getall("Content-Disposition")[0].startswith("attachment; filename=")
            assert len(answer.headers.getall("Content-Disposition")) == 1
            assert not re.search("[\x00-\x1f\x7f-\U0010ffff]", answer.headers["Content-Disposition"])
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert "evil" not in {name.lower() for name in answer.headers} and "Set-Cookie" not in answer.headers


# -- files -----------------------------------------------------------------------------------------

_NUMBER = re.compile(r"-\d+(,\d+)?")
_EXPORTS = (
    ("clerk", "/console/in/export?days=all"), ("ministry", "/console/out/export?days=all"),
    ("clerk", "/console/registers/incoming-register?"), ("ministry", "/console/registers/outgoing-register?"),
    ("ministry", "/console/registers/follow-up-register?"), ("auditor", "/console/audit/documents/export?days=all"),
    ("auditor", "/console/audit/journal/export?days=7"), ("auditor", "/console/audit/reconciliation/export?deep=1"),
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("who", "path"), _EXPORTS, ids=lambda value: value.split("?")[0].removeprefix("/console/"))
async def test_no_file_holds_anything_active(ill: Poisoned, who: str, path: str, form: str) -> None:
    answer = await getattr(ill, who).see(f"{path}&format={form}&q=")
    assert answer.status == 200, await answer.text()
    data = await answer.read()
    if form == "xlsx":
        cells = reading.xlsx_cells(data)
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
        assert not [cell for cell in cells if cell.hyperlink]
        for name, part in reading.xlsx_parts(data).items():
            assert not re.search(r"<(\w+:)?(f|hyperlink|ddeLink|externalReference|legacyDrawing)[ />]", part), name
            assert 'TargetMode="External"' not in part, name
    elif form == "csv":
        for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"):
            assert not [cell for cell in row if reading.begins_badly(cell) and not _NUMBER.fullmatch(cell)]
    else:
        inactive(reading.page(data))


def inactive(page: lxml.html.HtmlElement) -> None:
    for element in page.iter():
        assert isinstance(element.tag, str), element
        assert element.tag not in ("script", "iframe", "object", "embed", "base", "link", "img", "svg", "form", "input",
                                   "a", "video", "audio", "applet", "math"), element.tag  # fmt: skip
        assert not [name for name in element.attrib if name.lower().startswith("on") or name in ("src", "href")]


@pytest.mark.parametrize("start", range(0, len(TEXTS), 97))
async def test_conditions_of_a_file_are_text_too(ill: Poisoned, start: int) -> None:
    """What was searched for stands in the head of an export."""
    typed = quote(TEXTS[start][:400].encode("utf-8", "surrogatepass"), safe="")
    for who, path in (("clerk", "/console/in/export"), ("auditor", "/console/audit/documents/export")):
        answer = await getattr(ill, who).see(f"{path}?days=all&q={typed}&format=xlsx")
        if answer.status == 200:
            assert {cell.data_type for cell in reading.xlsx_cells(await answer.read())} <= {"s", "n", "d"}
        answer = await getattr(ill, who).see(f"{path}?days=all&q={typed}&format=html")
        if answer.status == 200:
            inactive(reading.page(await answer.read()))


# -- the log ---------------------------------------------------------------------------------------


def lines_of(told: str, written: int) -> Sequence[dict[str, Any]]:
    """Each event is one line for every reader, whatever they take for the end of a line; nothing drives a terminal."""
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", told)
    lines = told.splitlines()
    assert len(lines) == told.count("\n") == written
    return [json.loads(line) for line in lines]


async def test_the_log_is_one_json_line_for_each_event() -> None:
    out = io.StringIO()
    before = structlog.get_config()
    try:
        configure_logging("info", out)
        log = structlog.get_logger()
        for text in TEXTS:
            log.info("thử", text=text, unit={"name": [text]})
            try:
                raise ValueError(text)
            except ValueError:
                log.exception("hỏng", report=text)
    finally:
        structlog.configure(**before)
    told = out.getvalue()
    read = lines_of(told, 2 * len(TEXTS))
    # Two lone surrogates side by side are one character to whoever reads JSON.
    joined = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in TEXTS]
    again = [one["text"].encode("utf-16", "surrogatepass").decode("utf-16", "replace") for one in read[::2]]
    assert again == joined, "and reads back as it was"
    assert "thử" in told, "words stay legible"


async def test_what_strangers_call_stays_one_line_of_the_log(ill: Poisoned) -> None:
    out = io.StringIO()
    before = structlog.get_config()
    try:
        configure_logging("info", out)
        import axis.fronts.console.errors as errors

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(errors, "log", structlog.get_logger())
            for text in TEXTS[::5]:
                typed = quote(text[:1000].encode("utf-8", "surrogatepass"), safe="")
                for path in (f"/console/{typed}", f"/console/document/{typed}", f"/console/in?after={typed}",
                             f"/console/ops/people/{typed}"):  # fmt: skip
                    answer = await ill.clerk.see(path)
                    assert answer.status in (200, 400, 404), f"{path}: {answer.status}"
                    html.check(await answer.text())
    finally:
        structlog.configure(**before)
    lines_of(out.getvalue(), out.getvalue().count("\n"))


# -- much of it ------------------------------------------------------------------------------------


async def test_ten_megabytes_of_subject_do_not_travel_to_a_browser(ill: Poisoned) -> None:
    """Refused at the door in words, or kept whole and shown in part."""
    package = document(MINISTRY, [ROADS], subject="<script>" * (10 << 17))
    with pytest.raises(AxisError):
        await ill.world.send(package)
    sent = await ill.world.send(document(MINISTRY, [ROADS], subject="<script>" * 3000))
    grow = "update package set subject = repeat($2, 1310720) where id = $1"
    await ill.world.execute(grow, sent.package_id, "<script>")
    await Desk(ill.world).receive(sent, ROADS)
    key = str((await Desk(ill.world).row(sent, ROADS))["id"])
    for who, path, name in [*pages_of(ill, sent, key), *lists(ill)]:
        answer = await who.see(path)
        assert answer.status == 200, name
        assert len(await answer.read()) < 1_500_000, name
    for form in ("csv", "xlsx", "html"):
        answer = await ill.clerk.see(f"/console/in/export?days=all&format={form}")
        assert answer.status == 200 and len(await answer.read()) > 1000
    await ill.world.execute("update package set subject = 'ngắn lại' where id = $1", sent.package_id)


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_ten_megabytes_in_a_form_are_refused(ill: Poisoned) -> None:
    for path in ("/console/sign-in", f"/console/ops/unit/{RAIL}/pause", "/console/ops/invite"):
        answer = await ill.operator.send(path, {"reason": "<b>" * (10 << 20), "login": "x"})
        assert answer.status == 413
        poison.checked(await answer.text())
