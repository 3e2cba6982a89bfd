"""Lists and the search box: what is found, how it is typed, and that nobody finds what is not theirs."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from axis.domain.document import Code, OtherInfo
from axis.domain.period import Period
from axis.domain.search import By, recognise
from axis.store.lookups import STANDINGS, Filter, Lookups
from tests.hub.talks import Desk, recall_of, update_of
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS, World, document


@pytest.fixture
async def desk(still: World) -> AsyncIterator[Desk]:
    yield Desk(still)


def lookups(desk: Desk, window: int = 5_000) -> Lookups:
    return Lookups(desk.world.core.database, window)


@pytest.mark.parametrize(
    ("typed", "by", "text"),
    [
        ("", By.NOTHING, ""),
        ("   \u200b ", By.NOTHING, ""),
        (" 123/BGTVT-VP ", By.CODE, "123/bgtvt-vp"),
        ("000.00.00.G04,2019/07/01,123/BGTVT-VP", By.DOCUMENT_ID, "000.00.00.G04,2019/07/01,123/BGTVT-VP"),
        ("01A21642-3890-72BD-8363-9B937EA11E39", By.ID, "01a21642-3890-72bd-8363-9b937ea11e39"),
        ("đường  sắt\n\tĐắk Lắk", By.WORDS, "đường sắt Đắk Lắk"),
        (unicodedata.normalize("NFD", "Đắk Lắk"), By.WORDS, "Đắk Lắk"),
        ("a" * 500, By.WORDS, "a" * 200),
        ("'; drop table package --", By.WORDS, "'; drop table package --"),
        ("123", By.WORDS, "123"),
        ("số 123", By.WORDS, "123"),
        ("Số: 3649/BGTVT-VT", By.CODE, "3649/bgtvt-vt"),
        ("Công văn số 57/CYT-VP ngày 12/8/2019", By.CODE, "57/cyt-vp"),
        ("quyet dinh 15/QĐ-TTg ngày 1 tháng 2 năm 2019 của Thủ tướng", By.CODE, "15/qđ-ttg"),
        ("3649 / BGTVT - VT", By.CODE, "3649/bgtvt-vt"),
        ("(57/CYT–VP).", By.CODE, "57/cyt-vp"),
        ("57/CYT", By.CODE, "57/cyt"),
        ("57/", By.CODE, "57/"),
        ("05/2019/TT-BGTVT", By.CODE, "05/2019/tt-bgtvt"),
        ("Mã văn bản: G04,2019/07/01,1/A-B", By.DOCUMENT_ID, "G04,2019/07/01,1/A-B"),
        ("BGTVT-VT", By.WORDS, "BGTVT VT"),
        ("Triển khai Quyết định số 15/QĐ-TTg", By.WORDS, "Triển khai Quyết định số 15/QĐ-TTg"),
        ("5 ngày làm việc", By.WORDS, "5 ngày làm việc"),
        ("số 5 của Bộ", By.WORDS, "số 5 của Bộ"),
    ],
)
def test_what_is_typed_is_recognised(typed: str, by: By, text: str) -> None:
    found = recognise(typed)
    assert (found.by, found.text) == (by, text)


SUBJECTS = {
    "one": "Quyết định về quản lý đường bộ tỉnh Đắk Lắk",
    "two": "V/v báo cáo an toàn đường sắt",
    "three": "Kế hoạch kiểm tra phương tiện thuỷ",
}


async def _sent(desk: Desk) -> dict[str, UUID]:
    found = {}
    for number, (name, subject) in enumerate(SUBJECTS.items(), 901):
        package = document(MINISTRY, [ROADS, RAIL], subject=subject, code=Code(str(number), "QĐ-BGTVT"))
        sent = await desk.sent(package)
        await desk.receive(sent, ROADS)
        found[name] = sent.package_id
    return found


TYPED: list[tuple[str, list[str]]] = [
    ("", ["three", "two", "one"]), ("duong bo", ["one"]), ("ĐƯỜNG", ["two", "one"]), ("dak lak", ["one"]),
    (unicodedata.normalize("NFD", "Đắk Lắk"), ["one"]), ("đường sat", ["two"]), ("902", ["two"]),
    ("901/QĐ-BGTVT", ["one"]), ("901/qđ-bgtvt", ["one"]), ("Số: 901 / QĐ-BGTVT", ["one"]), ("901/QĐ", ["one"]),
    ("901/QĐ-BGTVT ngày 1/7/2019", ["one"]), ("901/Q", ["one"]), ("901/", ["one"]), ("90/QĐ", []),
    ("901/BGTVT", []),
    ("QĐ-BGTVT", ["three", "two", "one"]), ("số 902", ["two"]), ("phương ti", ["three"]), ("không có", []),
]  # fmt: skip
NOTHING_LEFT = ("((", "& | ! :*", "%")
"""Words of which nothing is left find nothing, and hurt nobody."""


@pytest.mark.parametrize("window", [5_000, 0, 1])
async def test_both_lists_find_by_words_codes_and_ids(desk: Desk, window: int) -> None:
    names = {key: name for name, key in (await _sent(desk)).items()}
    units, found = desk.world.units, lookups(desk, window)
    for typed, expected in (*TYPED, *((typed, []) for typed in NOTHING_LEFT)):
        by = Filter(recognise(typed))
        outgoing = await found.outgoing(units[MINISTRY].id, by, 50)
        assert [names[row["id"]] for row in outgoing] == expected, typed
        incoming = await found.incoming(units[ROADS].id, by, 50)
        assert [names[row["package_id"]] for row in incoming] == expected, typed
        assert await found.incoming(units[RAIL].id, by, 50) == [], "not fetched: not theirs to see yet"
        assert await found.outgoing(units[ROADS].id, by, 50) == [], "they sent nothing"


async def test_the_beginning_of_a_number_finds_what_is_ones_own_however_many_others_have(desk: Desk) -> None:
    """The statement ends at five hundred: those of other units must not push out the one that was asked for."""
    own = await desk.sent(document(MINISTRY, [ROADS], code=Code("57", "CYT-VP")))
    await desk.receive(own, ROADS)
    foreign = await desk.sent(document(RAIL, [PORTS], code=Code("57", "CYT-TC")))
    columns = await desk.world.rows(
        "select string_agg(column_name, ', ') as names from information_schema.columns where table_name = 'package'"
        " and is_generated = 'NEVER' and column_name not in ('id', 'identity', 'document_id')"
    )
    names = columns[0]["names"]
    await desk.world.execute(
        f"insert into package (id, identity, document_id, {names})"
        f" select gen_random_uuid(), n::text, n::text, {names} from package, generate_series(1, 501) n where id = $1",
        foreign.package_id,
    )  # fmt: skip
    found, units, by = lookups(desk), desk.world.units, Filter(recognise("57/CYT"))
    assert [r["id"] for r in await found.outgoing(units[MINISTRY].id, by, 9)] == [own.package_id]
    assert [r["package_id"] for r in await found.incoming(units[ROADS].id, by, 9)] == [own.package_id]
    assert await found.incoming(units[PORTS].id, by, 9) == [], "on their way, not theirs to see yet"


async def test_ids_and_document_ids_lead_to_the_document(desk: Desk) -> None:
    package = document(MINISTRY, [ROADS])
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    delivery = (await desk.row(sent, ROADS))["id"]
    found, units = lookups(desk), desk.world.units
    for typed in (package.document_id, str(sent.package_id), str(delivery)):
        by = Filter(recognise(typed))
        assert [r["id"] for r in await found.outgoing(units[MINISTRY].id, by, 9)] == [sent.package_id]
        assert [r["package_id"] for r in await found.incoming(units[ROADS].id, by, 9)] == [sent.package_id]
        assert await found.incoming(units[RAIL].id, by, 9) == []


_COPIES = """
    insert into package (id, identity, document_id, source_unit, sender, parties, kind, business_type, sender_name,
        code_number, code_notation, subject, type_name, signer_name, priority, paper, about, status_code, sha256, size,
        encoding, verdict, details, front, received_at, units)
    select overlay(gen_random_uuid()::text placing 'f' from 1 for 1)::uuid, 'copy ' || n, document_id, $2::uuid,
        '000.00.03.G04', array[$2::uuid], kind, business_type, sender_name, code_number, code_notation, subject,
        type_name, signer_name, priority, paper, about, status_code, sha256, size, encoding, verdict, details, front,
        received_at, units
    from package, generate_series(1, 501) n where id = $1"""


async def test_what_others_number_alike_hides_nothing_of_ours(desk: Desk) -> None:
    package, units, found = document(MINISTRY, [ROADS], code=Code("15", "CV")), desk.world.units, lookups(desk)
    sent = await desk.sent(package)
    await desk.receive(sent, ROADS)
    await desk.world.execute(_COPIES, sent.package_id, units[PORTS].id)
    for typed in ("15/CV", "15/C", package.document_id):
        by = Filter(recognise(typed))
        assert [r["id"] for r in await found.outgoing(units[MINISTRY].id, by, 9)] == [sent.package_id], typed
        assert [r["package_id"] for r in await found.incoming(units[ROADS].id, by, 9)] == [sent.package_id], typed


async def test_filters_and_the_cursor_cut_the_list(desk: Desk) -> None:
    units, found = desk.world.units, lookups(desk)
    sent = []
    for number in range(7):
        sent.append(await desk.sent(document(MINISTRY, [ROADS], other=OtherInfo(priority=number % 3))))
        await desk.receive(sent[-1], ROADS)
    seen: list[UUID] = []
    before = None
    while rows := await found.outgoing(units[MINISTRY].id, Filter(before=before), 3):
        seen += [row["id"] for row in rows]
        before = rows[-1]["id"]
    assert seen == [s.package_id for s in reversed(sent)]
    urgent = await found.incoming(units[ROADS].id, Filter(priority=1), 50)
    assert len(urgent) == 4 and all(row["priority"] >= 1 for row in urgent)
    assert len(await found.incoming(units[ROADS].id, Filter(counterpart=units[MINISTRY].id), 50)) == 7
    assert await found.incoming(units[ROADS].id, Filter(counterpart=units[RAIL].id), 50) == []
    assert await found.outgoing(units[MINISTRY].id, Filter(period=Period.month("2019-06")), 50) == []
    assert await found.older(units[MINISTRY].id, True, sent[3].package_id) == 3
    assert await found.newer(units[MINISTRY].id, True, sent[3].package_id) == 3
    assert await found.newer(units[ROADS].id, False, UUID(int=0)) == 7


async def test_how_a_delivery_stands_in_one_word(desk: Desk) -> None:
    units, found = desk.world.units, lookups(desk)
    about = document(MINISTRY, [ROADS])
    sent = await desk.sent(about)

    async def standing() -> set[str]:
        lists = {word: await found.outgoing(units[MINISTRY].id, Filter(standing=word), 9) for word in STANDINGS}
        return {word for word, rows in lists.items() if rows}

    assert await standing() == {"on-its-way"} and (await found.waiting(units[ROADS].id))["waiting"] == 1
    await desk.receive(sent, ROADS)
    assert await standing() == {"arrived"}
    await desk.world.execute("update delivery set missed = 2")
    assert await standing() == {"overdue"}
    await desk.say(ROADS, about, "03")
    assert await standing() == {"accepted"}
    await desk.say(MINISTRY, about, "13", to=ROADS)
    assert await standing() == {"to-answer"}
    await desk.say(ROADS, about, "16", reason="x")
    await desk.say(ROADS, about, "06")
    assert await standing() == {"finished"}


async def test_what_waits_for_an_answer_is_listed_counted_and_gone_once_answered(desk: Desk) -> None:
    found, ministry, roads = lookups(desk), desk.world.units[MINISTRY].id, desk.world.units[ROADS].id
    first, second = document(MINISTRY, [ROADS]), document(MINISTRY, [ROADS])
    update, recall = update_of(first), recall_of(second)
    sent = {}
    for name, package in (("first", first), ("second", second), ("update", update), ("recall", recall)):
        sent[name] = await desk.sent(package)
        await desk.receive(sent[name], ROADS)
    names = {acceptance.package_id: name for name, acceptance in sent.items()}

    async def waits(unit: UUID, outgoing: bool) -> list[str]:
        rows = await found.to_answer(unit, outgoing, 9)
        back = await found.to_answer(unit, outgoing, 9, before=UUID(int=2**128 - 1))
        assert [row["id"] for row in back] == [row["id"] for row in reversed(rows)]
        counts = await found.open_counts(unit)
        assert counts["to_answer_out" if outgoing else "to_answer_in"] == len(rows)
        return [names[row["package_id"]] for row in rows]

    assert await waits(roads, False) == await waits(ministry, True) == ["second", "update", "recall"]
    for unit, outgoing in ((ministry, False), (roads, True), (desk.world.units[RAIL].id, False)):
        assert await waits(unit, outgoing) == []
    changed = await found.changed([acceptance.package_id for acceptance in sent.values()], roads)
    assert changed == {sent["first"].package_id: ["update"], sent["second"].package_id: ["recall"]}
    assert await found.changed([sent["first"].package_id], desk.world.units[RAIL].id) == {}, "not theirs to know"
    await desk.say(ROADS, second, "15")
    assert await waits(roads, False) == await waits(ministry, True) == ["update"]
    await desk.say(ROADS, update, "15")
    assert await waits(roads, False) == await waits(ministry, True) == []
    rows = await found.incoming(roads, Filter(standing="answered"), 9)
    assert [names[row["package_id"]] for row in rows] == ["recall", "update"], "neither of them was taken back"
    (back,) = await found.incoming(roads, Filter(standing="taken-back"), 9)
    assert names[back["package_id"]] == "second"


async def test_a_document_and_its_story_are_seen_by_those_it_concerns(desk: Desk) -> None:
    units, found = desk.world.units, lookups(desk)
    about = document(MINISTRY, [ROADS, RAIL])
    sent = await desk.sent(about)
    await desk.receive(sent, ROADS)
    await desk.say(ROADS, about, "03")
    ministry, roads, rail = (units[code].id for code in (MINISTRY, ROADS, RAIL))
    for scope, deliveries in ((None, 2), (ministry, 2), (roads, 1)):
        row = await found.document(sent.package_id, scope)
        assert row is not None and bool(row["own"]) is (scope == ministry)
        assert len(await found.deliveries(sent.package_id, scope)) == deliveries
    assert await found.document(sent.package_id, rail) is None, "not fetched"
    whole = await found.timeline(sent.package_id, ministry)
    part = await found.timeline(sent.package_id, roads)
    assert {e["event"] for e in whole} - {e["event"] for e in part} == {"package.accepted"}
    assert all(e["unit"] == ROADS for e in part) and len(await found.receipts(sent.package_id, roads)) == 2
    assert await found.timeline(sent.package_id, rail) == [] and await found.receipts(sent.package_id, rail) == []
    other = await desk.sent(document(RAIL, [ROADS]))
    assert await found.document(other.package_id, ministry) is None


async def test_a_document_names_its_sender_and_all_it_was_routed_to(desk: Desk) -> None:
    units = desk.world.units
    sent = await desk.sent(document(MINISTRY, [ROADS, RAIL]))
    row = (await desk.world.rows("select parties from package where id = $1", sent.package_id))[0]
    assert set(row["parties"]) == {units[code].id for code in (MINISTRY, ROADS, RAIL)}


@pytest.mark.parametrize("window", [1_000, 0])
async def test_whatever_stands_in_a_subject_finds_it(desk: Desk, window: int) -> None:
    """The index is asked for a few words put together as text: none of them may be read as anything else."""
    units, found = desk.world.units, lookups(desk, window)
    for subject in (
        "Hợp đồng O'Neil 'số' \\ 12-34/HĐ", "Trang https://mt.gov.vn/a?b=c&d=e:* của Bộ", "a' | 'b & !(c) <-> d:*",
        "Thư của van.thu@mt.gov.vn ngày 2026-11-26", "Đề án 5.000 tỷ (đợt 2); phụ lục A*B", "@01a2 @0199 một dấu móc",
    ):  # fmt: skip
        sent = await desk.sent(document(MINISTRY, [ROADS], subject=subject))
        await desk.receive(sent, ROADS)
        by = Filter(recognise(subject))
        assert by.wanted.by is By.WORDS
        assert [row["id"] for row in await found.outgoing(units[MINISTRY].id, by, 9)] == [sent.package_id], subject
        assert [row["package_id"] for row in await found.incoming(units[ROADS].id, by, 9)] == [sent.package_id], subject
