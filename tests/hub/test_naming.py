"""Which document is meant: numbers begin anew each year, and nothing is taken for another because it is near."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from axis.domain.document import Code, Dated, Package, Policy, ResponseFor
from axis.domain.errors import AxisError
from tests.hub.talks import Desk, recall_of, replacement_of, update_of
from tests.hub.world import MINISTRY, RAIL, ROADS, World, document, encoded, seal_of, signed, status_of


@pytest.fixture
def desk(still: World) -> Desk:
    return Desk(still)


def numbered(year: int, receivers: tuple[str, ...] = (ROADS,), number: str = "12") -> Package:
    day = date(year, 6, 1)
    return document(
        MINISTRY, receivers, document_id=f"{MINISTRY},{day:%Y/%m/%d},{number}/TB", code=Code(number, "TB"),
        promulgation_date=Dated(f"{day:%Y/%m/%d}", day),
    )  # fmt: skip


def without(package: Package, *fields: str) -> Package:
    """A recall or status that names its document by less."""
    cut = {field: Dated() if field == "promulgation_date" else "" for field in fields}
    return replace(package, response_for=tuple(replace(r, **cut) for r in package.response_for))  # type: ignore[arg-type]


async def refused(desk: Desk, package: Package) -> str:
    raw = encoded(package).replace(b"<edXML:DocumentId></edXML:DocumentId>", b"")
    with pytest.raises(AxisError) as caught:
        await desk.world.send(signed(raw, by=seal_of(package.sender.organ_id)), by=package.sender.organ_id)
    return caught.value.code


def status_without_id(by: str, about: Package, code: str, *, dated: bool) -> bytes:
    plain = encoded(status_of(by, about, code))
    plain = plain.replace(f"<edXML:DocumentId>{about.document_id}</edXML:DocumentId>".encode(), b"")
    if not dated:
        day = f"<edXML:PromulgationDate>{about.promulgation_date.text}</edXML:PromulgationDate>".encode()
        assert day in plain
        plain = plain.replace(day, b"")
    return signed(plain, by=seal_of(by))


@pytest.mark.parametrize("change", [recall_of, update_of], ids=["recall", "update"])
async def test_an_unknown_document_id_never_falls_back_to_the_number(
    desk: Desk, change: Callable[[Package], Package]
) -> None:
    sent = await desk.sent(numbered(2019))
    assert (await refused(desk, change(numbered(2018)))).endswith(".unknown-document")
    link = replacement_of(numbered(2018))
    named = await desk.sent(replace(link, response_for=(ResponseFor(MINISTRY, "12/TB", "", Dated()),)))
    (only,) = await desk.world.core.documents.links_of(named.package_id)
    assert only["package_id"] is None, "a replacement of last year's is linked by its name alone"
    assert await desk.stands(sent, ROADS) == ("queued", "", "")


async def test_a_recall_by_number_means_the_document_of_that_day_or_none(desk: Desk) -> None:
    older, newer = await desk.sent(numbered(2018)), await desk.sent(numbered(2019))
    assert await refused(desk, without(recall_of(numbered(2018)), "document_id", "promulgation_date")) == (
        "document.ambiguous"
    )
    other_day = replace(numbered(2019), promulgation_date=Dated("2019/06/02", date(2019, 6, 2)))
    assert await refused(desk, without(recall_of(other_day), "document_id")) == "recall.unknown-document"
    assert [(await desk.row(s, ROADS))["state"] for s in (older, newer)] == ["queued", "queued"]
    await desk.sent(without(recall_of(numbered(2018)), "document_id"))
    assert [(await desk.row(s, ROADS))["state"] for s in (older, newer)] == ["recalled", "queued"]


async def test_a_status_by_number_is_refused_where_its_unit_has_two_and_finds_the_one_it_has(desk: Desk) -> None:
    older = numbered(2018)
    first, second = await desk.sent(older), await desk.sent(numbered(2019, (ROADS, RAIL)))
    with pytest.raises(AxisError) as caught:
        await desk.world.send(status_without_id(ROADS, older, "03", dated=False), by=ROADS)
    assert caught.value.code == "document.ambiguous" and older.document_id not in str(caught.value)
    await desk.world.send(status_without_id(ROADS, older, "03", dated=True), by=ROADS)
    assert [(await desk.stands(s, ROADS))[1] for s in (first, second)] == ["03", ""]
    await desk.world.send(status_without_id(RAIL, older, "04", dated=False), by=RAIL)
    assert (await desk.stands(second, RAIL))[1] == "04", "it was sent one of them only"


async def test_a_status_with_an_unknown_id_needs_number_and_day(desk: Desk) -> None:
    package = numbered(2019)
    sent = await desk.sent(package)
    theirs = replace(package, document_id="their-own-key-77")
    last_year = replace(numbered(2018), document_id="their-own-key-78")
    assert await refused(desk, status_of(ROADS, last_year, "02", "nhầm")) == "status.unknown-document"
    assert await refused(desk, without(status_of(ROADS, theirs, "02", "nhầm"), "promulgation_date")) == (
        "status.unknown-document"
    )
    await desk.say(ROADS, theirs, "03")
    assert (await desk.stands(sent, ROADS))[1] == "03"


async def test_a_recall_that_names_another_agencys_document_touches_none_of_the_senders(desk: Desk) -> None:
    sent = await desk.sent(numbered(2019))
    foreign = replace(recall_of(numbered(2019)), response_for=(ResponseFor(RAIL, "12/TB", "", Dated()),))
    assert await refused(desk, foreign) == "recall.unknown-document"
    await desk.world.change(MINISTRY, aliases=("G04",))
    await desk.sent(replace(foreign, response_for=(ResponseFor("g04", "12/TB", "", Dated()),)))
    assert (await desk.stands(sent, ROADS))[0] == "recalled", "old and new code are one agency"


async def test_agencies_behind_a_relay_are_believed_by_document_id_only(desk: Desk) -> None:
    relay = await desk.world.add("000.00.00.G22", relays=True, policy=Policy.REFERENCE_ONLY)
    about = document("000.00.00.H41", [ROADS])
    sent = await desk.world.send(encoded(about), by=relay.code)
    by_number = ResponseFor("H41", about.code.full, "", about.promulgation_date)
    await desk.world.send(encoded(replace(recall_of(about), response_for=(by_number,))), by=relay.code)
    assert (await desk.row(sent, ROADS))["state"] == "queued"
    by_id = replace(by_number, document_id=about.document_id)
    await desk.world.send(encoded(replace(recall_of(about), response_for=(by_id,))), by=relay.code)
    assert (await desk.row(sent, ROADS))["state"] == "recalled"


async def test_composed_and_taken_apart_are_the_same_name_and_the_exact_one_comes_first(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS], document_id=f"{MINISTRY},2019/06/01,77/QĐ-HĐQLÝ", code=Code("77", "HĐQLÝ"))
    apart = replace(
        package, document_id=unicodedata.normalize("NFD", package.document_id),
        code=Code("77", unicodedata.normalize("NFD", "HĐQLÝ")), promulgation_date=Dated(),
    )  # fmt: skip
    sent = await desk.sent(package)
    await desk.say(ROADS, apart, "03")
    assert (await desk.stands(sent, ROADS))[1] == "03"
    exact = await desk.sent(replace(apart, promulgation_date=package.promulgation_date))
    await desk.say(ROADS, apart, "04")
    assert [(await desk.stands(s, ROADS))[1] for s in (sent, exact)] == ["03", "04"]
