"""What the database refuses whoever asks: illegal moves, and any change of what has been written down."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from axis.domain.document import BusinessType
from axis.domain.states import (
    FINAL,
    HANDLING,
    TAKING_BACK,
    TRANSPORT,
    Handling,
    Standing,
    TakingBack,
    Transport,
    legal_statuses,
    may_recall,
)

UNIT, PACKAGE = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[Any]:
    """A bare connection, as an operator's psql would be, to a database with one unit and one package."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            f"""insert into unit (id, code, name, state, adapter, policy)
                values ('{UNIT}', 'G04', 'Bộ', 'live', 'mailbox', 'required');
                insert into package (id, kind, business_type, sender, sender_name, source_unit, identity, document_id,
                    code_number, code_notation, subject, type_name, signer_name, priority, paper, about, status_code,
                    sha256, size, encoding, verdict, details, front)
                values ('{PACKAGE}', 'document', 0, 'G04', '', '{UNIT}', 'i', 'd', '', '', '', '', '', 0, '', '', '',
                    repeat('0', 64), 1, 'utf-8', 'proven', '{{}}', 'test');
                insert into journal (id, event, actor) values (gen_random_uuid(), 'package.accepted', 'test');
                insert into receipt (event_id, package_id, event, jws)
                values (gen_random_uuid(), '{PACKAGE}', 'package.accepted', 'x')"""
        )
        yield connection
    finally:
        await connection.close()


async def delivery(sql: Any, business_type: int = 0, **at: str) -> None:
    """One delivery, put into a state without asking anybody."""
    await sql.execute(
        f"""insert into delivery (id, package_id, unit_id, receivers, kind, priority, source_unit, business_type)
            values (gen_random_uuid(), '{PACKAGE}', '{UNIT}', array['G04'], 'document', 0, '{UNIT}', {business_type})"""
    )
    await force(sql, **at)


@asynccontextmanager
async def asleep(sql: Any) -> AsyncIterator[None]:
    """The guards of deliveries asleep, as only the owner of the tables can make them."""
    await sql.execute("alter table delivery disable trigger user")
    try:
        yield
    finally:
        await sql.execute("alter table delivery enable trigger user")


async def force(sql: Any, **at: str) -> None:
    values = {"state": "queued", "handling": "", "taking_back": "", **at}
    async with asleep(sql):
        await sql.execute(
            "update delivery set state = $1, handling = $2, taking_back = $3, finished_at ="
            " case when $1 = any($4::text[]) then now() end",
            values["state"], values["handling"], values["taking_back"], sorted(FINAL),
        )  # fmt: skip


async def allowed(sql: Any, column: str, target: str) -> bool:
    undo = sql.transaction()
    await undo.start()
    try:
        if column == "state":
            await sql.execute(
                "update delivery set state = $1, finished_at = case when $1 = any($2::text[]) then now() end",
                target, sorted(FINAL),
            )  # fmt: skip
        else:
            await sql.execute(f"update delivery set {column} = $1", target)
    except asyncpg.PostgresError as error:
        assert error.sqlstate in ("AX001", "AX002", "AX003"), error
        return False
    finally:
        await undo.rollback()
    return True


async def test_exactly_the_legal_transport_moves_pass(sql: Any) -> None:
    await delivery(sql)
    legal = {(m.origin, m.target) for m in TRANSPORT}
    for origin, target in itertools.permutations([*Transport, "lost"], 2):
        if origin != "lost":
            await force(sql, state=origin)
            assert await allowed(sql, "state", target) is ((origin, target) in legal), (origin, target)


async def test_exactly_the_legal_handling_moves_pass(sql: Any) -> None:
    await delivery(sql)
    legal = {(m.origin, m.target) for m in HANDLING}
    for origin, target in itertools.permutations([*Handling, "13", "99"], 2):
        if origin in list(Handling):
            await force(sql, handling=origin)
            assert await allowed(sql, "handling", target) is ((origin, target) in legal), (origin, target)


@pytest.mark.parametrize("kind", BusinessType)
async def test_exactly_the_legal_moves_of_taking_back_pass_in_every_handling(sql: Any, kind: BusinessType) -> None:
    """Both machines together, each pair against what Python would let a status or a recall do."""
    await delivery(sql, business_type=kind)
    legal = {(m.origin, m.target) for m in TAKING_BACK[kind]}
    for handling, taking_back in itertools.product(Handling, TakingBack):
        await force(sql, handling=handling, taking_back=taking_back)
        at = Standing(handling, taking_back, kind, "queued")
        may = {*legal_statuses(at), *(["recall"] if may_recall(at) else [])}
        for target in (*(t for t in TakingBack if t != taking_back), "03", "99"):
            expected = (taking_back, target) in legal and not (target == "13" and handling == "02")
            assert await allowed(sql, "taking_back", target) is expected, (handling, taking_back, target)
            assert (target in may) is expected or target == "03"
        for target in (h for h in Handling if h not in (handling, "")):
            assert await allowed(sql, "handling", target) is (target in may), (handling, taking_back, target)


async def test_the_rows_of_the_schema_are_those_of_the_program(sql: Any) -> None:
    rows = await sql.fetch("select event, origin, target from transport_move")
    assert {tuple(r) for r in rows} == {(m.event, m.origin, m.target) for m in TRANSPORT}
    assert {tuple(r) for r in await sql.fetch("select origin, target from handling_move")} == {
        (m.origin, m.target) for m in HANDLING
    }
    assert {tuple(r) for r in await sql.fetch("select business_type, origin, target from taking_back_move")} == {
        (int(kind), m.origin, m.target) for kind, moves in TAKING_BACK.items() for m in moves
    }


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", "'sending'"),
        ("state", "'delivered'"),
        ("handling", "'03'"),
        ("taking_back", "'13'"),
        ("attempts", "1"),
        ("state", "'held'"),
        ("follows", "array[gen_random_uuid()]"),
    ],
)
async def test_a_delivery_starts_queued_and_untouched(sql: Any, column: str, value: str) -> None:
    with pytest.raises(asyncpg.PostgresError) as caught:
        await sql.execute(
            f"""insert into delivery (id, package_id, unit_id, receivers, kind, priority, source_unit, {column})
                values (gen_random_uuid(), '{PACKAGE}', '{UNIT}', array['G04'], 'document', 0, '{UNIT}', {value})"""
        )
    assert caught.value.sqlstate == "AX001"


@pytest.mark.parametrize(
    "change",
    ["id = gen_random_uuid()", "package_id = gen_random_uuid()", "unit_id = gen_random_uuid()",
     "receivers = array['khac']", "kind = 'status'", "source_unit = gen_random_uuid()", "business_type = 3",
     "round = 2"],
)  # fmt: skip
async def test_a_delivery_never_changes_whose_it_is(sql: Any, change: str) -> None:
    await delivery(sql)
    with pytest.raises(asyncpg.PostgresError) as caught:
        await sql.execute(f"update delivery set {change}")
    assert caught.value.sqlstate == "AX004"


KEPT = {
    "journal": "actor = 'somebody else'", "receipt": "jws = 'forged'", "package": "subject = 'other'",
    "attempt": "outcome = 'delivered'", "delivery": None, "link": "about = null",
}  # fmt: skip


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("act", ["update", "delete", "truncate", "truncate cascade"])
async def test_what_was_written_stays_written(sql: Any, table: str, act: str) -> None:
    await delivery(sql)
    await sql.execute(f"insert into link values ('{PACKAGE}', 'update', 'x', '{PACKAGE}')")
    await sql.execute("insert into attempt select id, 1, now(), now(), 'lost', '', '' from delivery")
    statement = {
        "update": f"update {table} set {KEPT[table]}", "delete": f"delete from {table}",
        "truncate": f"truncate {table}", "truncate cascade": f"truncate {table} cascade",
    }[act]  # fmt: skip
    if act == "update" and KEPT[table] is None:
        return  # its guard is the subject of the tests above
    before = await sql.fetchval(f"select md5(string_agg(t::text, '')) from {table} t")
    with pytest.raises(asyncpg.PostgresError) as caught:
        await sql.execute(statement)
    assert caught.value.sqlstate in ("AX005", "0A000"), caught.value  # 0A000: a foreign key points there
    assert await sql.fetchval(f"select md5(string_agg(t::text, '')) from {table} t") == before


async def test_even_a_truncate_of_the_units_cannot_reach_what_is_kept(sql: Any) -> None:
    with pytest.raises(asyncpg.PostgresError) as caught:
        await sql.execute("truncate unit cascade")
    assert caught.value.sqlstate == "AX005"


@pytest.mark.parametrize(
    ("state", "finished"), [("queued", "now()"), ("delivered", "null"), ("refused", "null"), ("recalled", "null")]
)
async def test_finished_and_final_are_the_same_thing(sql: Any, state: str, finished: str) -> None:
    await delivery(sql)
    async with asleep(sql):
        with pytest.raises(asyncpg.CheckViolationError):
            await sql.execute(f"update delivery set state = '{state}', finished_at = {finished}")


async def test_only_what_is_being_sent_holds_a_lease(sql: Any) -> None:
    await delivery(sql)
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute("update delivery set lease_until = now()")


async def test_a_receiver_stands_once_under_a_package_and_an_identity_once_under_a_sender(sql: Any) -> None:
    await delivery(sql)
    with pytest.raises(asyncpg.UniqueViolationError):
        await delivery(sql)
    with pytest.raises(asyncpg.UniqueViolationError):
        await sql.execute("insert into package select gen_random_uuid(), kind, business_type, sender, sender_name,"
                          " source_unit, identity, document_id, code_number, code_notation, subject, type_name,"
                          " promulgation_date, due_date, signer_name, priority, paper, about, status_code, sha256,"
                          " size, encoding, verdict, details, front, received_at from package")  # fmt: skip


async def test_a_code_names_one_unit(sql: Any) -> None:
    await sql.execute(f"insert into unit_code values ('G04', '{UNIT}')")
    with pytest.raises(asyncpg.UniqueViolationError):
        await sql.execute(f"insert into unit_code values ('G04', '{UNIT}')")


@pytest.mark.parametrize("table", ["unit", "credential", "signer", "anchor", "calendar_day", "calendar_year"])
async def test_every_change_of_the_directory_changes_its_version(sql: Any, table: str) -> None:
    async def version() -> int:
        return int(await sql.fetchval("select version from directory_version"))

    adding = {
        "unit": "insert into unit (id, code, name, state, adapter, policy) values (gen_random_uuid(), 'G05', 'x',"
                " 'live', 'mailbox', 'required')",
        "credential": f"insert into credential (id, unit_id, kind, public_id, sealed) values (gen_random_uuid(),"
                      f" '{UNIT}', 'vxp', 'a', 'b')",
        "signer": f"insert into signer values ('{UNIT}', 'f', '', now(), now())",
        "anchor": "insert into anchor values ('f', '', 's')",
        "calendar_day": "insert into calendar_day values ('2019-04-29', 'make-up', 'x', 's', 'a')",
        "calendar_year": "insert into calendar_year values (2019, 'd', 'a')",
    }[table]  # fmt: skip
    seen = [await version()]
    key = "code = 'G05'" if table == "unit" else "true"
    column = "name" if table == "unit" else {
        "credential": "public_id", "anchor": "subject", "calendar_day": "name", "calendar_year": "decision",
    }.get(table, "fingerprint")
    for statement in (adding, f"update {table} set {column} = 'z' where {key}", f"delete from {table} where {key}"):
        await sql.execute(statement)
        seen.append(await version())
    assert seen == sorted(set(seen))
