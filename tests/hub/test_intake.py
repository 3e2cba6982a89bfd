"""The door in: what is accepted is durable and provable; what is refused leaves nothing but its story."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest

from axis.config import IntakeSection
from axis.demo.authority import Authority
from axis.domain.directory import UnitState
from axis.domain.document import (
    Business,
    BusinessType,
    Code,
    Dated,
    Kind,
    Policy,
    Replacement,
    ResponseFor,
    Signer,
)
from axis.domain.errors import (
    AccessError,
    AxisError,
    ConflictError,
    PackageError,
    RoutingError,
    SignatureError,
)
from axis.trust import receipts
from tests.hub.conftest import Opened
from tests.hub.world import (
    MINISTRY,
    PORTS,
    RAIL,
    ROADS,
    ROOT,
    World,
    business,
    document,
    encoded,
    org,
    seal_of,
    signed,
    status_of,
    traced,
)


async def refused(world: World, package: Any, kind: type[AxisError], code: str, **source: Any) -> AxisError:
    """Send it, see it refused by that code, and see that nothing but a journal row is left."""
    before = dict(await world.counts())
    with pytest.raises(kind) as caught:
        await world.send(package, **source)
    assert caught.value.code == code
    assert dict(await world.counts()) == before
    assert world.spooled() == []
    assert "?" not in caught.value.text("vi"), caught.value.text("vi")
    return caught.value


# -- accepted -------------------------------------------------------------------------------------


async def test_accepted_means_rows_payload_journal_and_a_receipt_that_verifies_offline(
    still: World, tmp_path: Path
) -> None:
    data = signed(package := document(MINISTRY, [ROADS, PORTS]))
    accepted = await still.send(data)
    assert accepted.document_id == package.document_id and accepted.verdict == "proven"
    assert not accepted.repeated and accepted.findings == ()

    row = await still.row("select * from package")
    assert row["id"] == accepted.package_id and row["sha256"] == sha256(data).hexdigest()
    assert (row["sender"], row["kind"], row["size"]) == (MINISTRY, "document", len(data))
    assert [d["code"] for d in await still.deliveries()] == [ROADS, PORTS]
    assert {d["state"] for d in await still.deliveries()} == {"queued"}
    kept = b"".join([piece async for piece in still.core.payloads.open(row["sha256"], row["size"])])
    assert kept == data, "delivered will be byte for byte what was accepted (P2)"

    (event,) = await still.journal("package.accepted")
    file = tmp_path / "copy.edxml"
    file.write_bytes(data)
    check = receipts.verify(accepted.receipt, still.anchors, at=datetime.now(UTC), package=file)
    assert check.package_checked and check.claims.id == event["id"]
    assert check.claims.package == accepted.package_id and check.claims.receivers == (ROADS, PORTS)
    assert event["actor"] == MINISTRY and event["data"]["sha256"] == row["sha256"]


async def test_the_same_package_again_gets_the_same_id_and_the_same_receipt(still: World) -> None:
    data = signed(document(MINISTRY, [ROADS]))
    first = await still.send(data)
    counted = await still.counts()
    again = await still.send(data)
    assert again.repeated
    assert (again.package_id, again.receipt) == (first.package_id, first.receipt)
    assert await still.counts() == counted
    assert [e["package_id"] for e in await still.journal("package.repeated")] == [first.package_id]


async def test_one_document_id_with_other_bytes_is_a_conflict_that_names_it(still: World) -> None:
    package = document(MINISTRY, [ROADS])
    first = await still.send(package)
    error = await refused(still, replace(package, subject="Trích yếu khác"), ConflictError, "intake.conflict")
    assert error.facts["document_id"] == package.document_id
    assert error.facts["package_id"] == first.package_id
    (told,) = await still.journal("package.refused")
    assert told["data"]["code"] == "intake.conflict"


async def test_one_document_id_of_two_senders_is_two_documents(still: World) -> None:
    package = document(MINISTRY, [RAIL])
    await still.send(package)
    await still.send(replace(package, sender=org(ROADS)))
    assert (await still.counts())["package"] == 2


async def test_concurrent_identical_uploads_make_one_package(still: World) -> None:
    data = signed(document(MINISTRY, [ROADS, PORTS]))
    answers = await asyncio.gather(*(still.send(data, piece=1000 + i) for i in range(8)))
    assert len({a.package_id for a in answers}) == len({a.receipt for a in answers}) == 1
    assert sum(not a.repeated for a in answers) == 1
    assert await still.counts() == {"package": 1, "delivery": 2, "receipt": 1, "attempt": 0}
    assert still.spooled() == []


async def test_concurrent_uploads_under_one_document_id_make_one_package_and_conflicts(still: World) -> None:
    package = document(MINISTRY, [ROADS])
    each = [replace(package, subject=f"Bản {i}") for i in range(5)]
    answers = await asyncio.gather(*map(still.send, each), return_exceptions=True)
    assert sum(isinstance(a, ConflictError) for a in answers) == 4
    assert (await still.counts())["package"] == 1


@pytest.mark.parametrize("kind", [BusinessType.RECALL, BusinessType.UPDATE])
async def test_a_recall_or_update_under_the_same_document_id_is_no_conflict(still: World, kind: int) -> None:
    package = document(MINISTRY, [ROADS])
    await still.send(package)
    later = signed(replace(package, business=business(kind, package.document_id)))
    accepted = await still.send(later)
    assert not accepted.repeated and (await still.send(later)).repeated
    assert (await still.counts())["package"] == 2
    row = await still.row("select about from package where id = $1", accepted.package_id)
    assert row["about"] == (package.document_id if kind == BusinessType.UPDATE else "")


@pytest.mark.parametrize("piece", [1, 7, 4096])
async def test_the_size_of_the_pieces_does_not_matter(still: World, piece: int) -> None:
    data = signed(document(MINISTRY, [ROADS]))
    assert (await still.send(data, piece=piece)).verdict == "proven"
    assert (await still.row("select sha256 from package"))["sha256"] == sha256(data).hexdigest()


# -- routing --------------------------------------------------------------------------------------


async def test_unknown_receivers_are_all_named_and_nobody_gets_anything(still: World) -> None:
    package = document(MINISTRY, [ROADS, "000.00.77.G04", "000.00.99.G04"])
    error = await refused(still, package, RoutingError, "routing.unknown-receiver")
    assert error.facts["codes"] == "000.00.77.G04, 000.00.99.G04"


async def test_two_codes_of_one_unit_make_one_delivery_that_carries_both(still: World) -> None:
    await still.change(ROADS, aliases=("G04.01",))
    accepted = await still.send(document(MINISTRY, ["G04.01", PORTS, ROADS]))
    found = {d["code"]: d["receivers"] for d in await still.deliveries(accepted.package_id)}
    assert found == {ROADS: ["G04.01", ROADS], PORTS: [PORTS]}


async def test_a_retired_unit_is_served_by_its_nearest_receiving_parent(still: World) -> None:
    await still.add("000.01.01.G04", parent=ROADS, state=UnitState.RETIRED)
    await still.add("001.01.01.G04", parent="000.01.01.G04", state=UnitState.DRAFT)
    accepted = await still.send(document(MINISTRY, ["001.01.01.G04"]))
    (only,) = await still.deliveries(accepted.package_id)
    assert (only["code"], only["receivers"]) == (ROADS, ["001.01.01.G04"])


async def test_parents_that_go_round_are_an_unknown_receiver(still: World) -> None:
    await still.add("000.01.01.G04", parent="000.01.02.G04", state=UnitState.RETIRED)
    await still.add("000.01.02.G04", parent="000.01.01.G04", state=UnitState.RETIRED)
    await refused(still, document(MINISTRY, ["000.01.02.G04"]), RoutingError, "routing.unknown-receiver")


async def test_a_suspended_units_documents_are_taken_in(still: World) -> None:
    await still.change(ROADS, state=UnitState.SUSPENDED)
    accepted = await still.send(document(MINISTRY, [ROADS]))
    assert (await still.delivery(accepted.package_id))["state"] == "queued"


async def test_another_ministrys_code_goes_to_the_relay(still: World) -> None:
    await still.add("000.00.00.G22", relays=True)
    accepted = await still.send(document(MINISTRY, ["000.00.12.H41", ROADS]))
    assert [d["code"] for d in await still.deliveries(accepted.package_id)] == ["000.00.00.G22", ROADS]


async def test_a_relay_brings_foreign_senders_and_only_our_receivers_are_served(still: World) -> None:
    relay = await still.add("000.00.00.G22", relays=True, policy=Policy.REFERENCE_ONLY)
    package = document(" 000.00.00.h41 ", [ROADS, "000.00.00.H42", "000.00.77.G04"])
    accepted = await still.send(encoded(package), by=relay.code)
    row = await still.row("select * from package")
    assert (row["sender"], row["source_unit"]) == ("000.00.00.H41", relay.id)
    assert row["details"]["elsewhere"] == ["000.00.00.H42", "000.00.77.G04"]
    assert [d["code"] for d in await still.deliveries(accepted.package_id)] == [ROADS]


async def test_a_relays_package_without_a_receiver_of_ours_is_refused(still: World) -> None:
    await still.add("000.00.00.G22", relays=True, policy=Policy.REFERENCE_ONLY)
    package = encoded(document("000.00.00.H41", ["000.00.00.H42"]))
    await refused(still, package, RoutingError, "routing.no-receiver", by="000.00.00.G22")


async def test_a_relay_may_not_speak_for_a_unit_of_ours(still: World) -> None:
    await still.add("000.00.00.G22", relays=True, policy=Policy.REFERENCE_ONLY)
    package = encoded(document(ROADS, [RAIL]))
    await refused(still, package, RoutingError, "routing.sender-mismatch", by="000.00.00.G22")


async def test_a_unit_may_not_send_in_anothers_name(still: World) -> None:
    package = signed(document(MINISTRY, [RAIL]))
    error = await refused(still, package, RoutingError, "routing.sender-mismatch", by=ROADS)
    assert error.facts == {"claimed": MINISTRY, "caller": ROADS}


async def test_an_alias_is_the_same_sender_under_its_own_code(still: World) -> None:
    await still.change(ROADS, aliases=("G04.01",))
    package = signed(document("G04.01", [RAIL]), by=seal_of(ROADS))
    await still.send(package, by=ROADS)
    assert (await still.row("select sender from package"))["sender"] == ROADS


@pytest.mark.parametrize("state", [UnitState.DRAFT, UnitState.SUSPENDED, UnitState.RETIRED])
async def test_a_unit_that_is_not_live_may_not_send(still: World, state: UnitState) -> None:
    await still.change(ROADS, state=state)
    await refused(still, document(ROADS, [RAIL]), AccessError, "routing.unit-not-live")


async def test_a_package_that_passed_us_twice_is_a_loop(still: World) -> None:
    package = document(MINISTRY, [ROADS])
    await still.send(replace(package, trace=traced(MINISTRY, "000.00.00.G22")))
    other = replace(document(MINISTRY, [ROADS]), trace=traced(MINISTRY, "000.00.00.G22", MINISTRY.lower()))
    await refused(still, other, RoutingError, "routing.loop")


# -- content --------------------------------------------------------------------------------------


async def test_a_declared_kind_that_is_not_the_content_is_refused(still: World) -> None:
    package = document(MINISTRY, [ROADS])
    await refused(still, package, PackageError, "intake.kind-mismatch", declared=Kind.STATUS)
    await still.send(package, declared=Kind.DOCUMENT)
    status = status_of(ROADS, package, "03")
    await refused(still, status, PackageError, "intake.kind-mismatch", declared=Kind.DOCUMENT)


async def test_a_state_secret_is_refused_journalled_and_not_kept(still: World) -> None:
    package = signed(document(MINISTRY, [ROADS], subject="Độ mật: Tối mật - phương án"))
    await refused(still, package, PackageError, "intake.state-secret")
    assert not still.core.payloads.exists(sha256(package).hexdigest())
    (told,) = await still.journal("package.secret-refused")
    assert told["actor"] == MINISTRY and "phương án" not in json.dumps(told["data"], ensure_ascii=False)


@pytest.mark.parametrize("code", ["000.00.00.H41" + "1" * 60, "H41" + ".AAA" * 20], ids=["sender", "receiver"])
async def test_codes_no_receipt_could_hold_are_refused_by_name(still: World, code: str) -> None:
    relay = await still.add("000.00.00.G22", relays=True, policy=Policy.REFERENCE_ONLY)
    sender, by = (code, relay.code) if "000" in code else (MINISTRY, MINISTRY)
    package = encoded(document(sender, [ROADS])) if by == relay.code else signed(document(MINISTRY, [code]))
    await refused(still, package, PackageError, "intake.code-too-long", by=by)


def _long(length: int) -> str:
    """Words that no two of are alike: nothing to compress."""
    chosen = random.Random(length)
    return " ".join("".join(chosen.choices(ascii_lowercase, k=9)) for _ in range(length // 10))


@pytest.mark.parametrize(
    "changes",
    [{"subject": _long(850_000)}, {"type_name": _long(850_000)},
     {"sender": replace(org(MINISTRY), organ_name=_long(850_000))}, {"signer": Signer("", "", _long(850_000))},
     {"code": Code(_long(4_000), "TB")}, {"code": Code("1", _long(850_000))},
     {"response_for": (ResponseFor(MINISTRY, "1/TB", _long(850_000), Dated()),)},
     {"business": Business(type=3, reason="x", replacements=(Replacement(_long(6_000), (ROADS,)),))}],
    ids=["subject", "type", "sender", "signer", "number", "notation", "about", "replaced"],
)  # fmt: skip
async def test_what_the_reader_allows_is_not_too_long_for_an_index(still: World, changes: dict[str, Any]) -> None:
    package = replace(document(MINISTRY, [ROADS], content="x"), **changes)
    sent = await still.send(package)
    (row,) = await still.rows("select * from package where id = $1", sent.package_id)
    assert row["subject"] == package.subject[:4_000] and row["code_notation"] == package.code.notation[:250]
    payload = still.core.payloads.path(row["sha256"]).read_text()
    assert package.subject in payload and package.sender.organ_name in payload, "the package is kept as it came"


async def test_an_empty_upload_is_named(still: World) -> None:
    await refused(still, b"", PackageError, "intake.empty")


async def test_a_new_document_needs_a_file(still: World) -> None:
    from axis.edxml.writer import document_bytes

    before = document(MINISTRY, [ROADS])
    await still.send(before)
    bare = document_bytes(replace(document(MINISTRY, [ROADS]), business=business(1, before.document_id)), [])
    assert (await still.send(signed(bare))).verdict == "proven", "a recall needs none"
    text = encoded(document(MINISTRY, [ROADS])).decode()
    start, end = text.index("  <AttachmentEncoded>"), text.index("</edXML>", text.index("<AttachmentEncoded>"))
    cut = text[:start] + "  <AttachmentEncoded>\r\n  </AttachmentEncoded>\r\n" + text[end:]
    manifest = cut.index("<edXML:Reference>"), cut.index("</edXML:Reference>") + len("</edXML:Reference>")
    package = signed((cut[: manifest[0]] + cut[manifest[1] :]).encode())
    await refused(still, package, PackageError, "intake.no-attachment")


async def test_what_is_announced_larger_than_the_limit_is_refused_before_a_byte(opened: Opened) -> None:
    async with opened(serving=False, intake=IntakeSection(free_bytes=0, max_package=1000)) as world:
        await refused(world, b"x", PackageError, "intake.too-large", size=1001)
        await refused(world, document(MINISTRY, [ROADS]), PackageError, "package.too-large")


# -- the digest and the tail ----------------------------------------------------------------------


def announces(data: bytes) -> Any:
    wanted = sha256(data).digest()
    return lambda digest: digest == wanted


async def test_a_digest_that_does_not_match_is_refused(still: World) -> None:
    data = signed(document(MINISTRY, [ROADS]))
    await refused(still, data, PackageError, "intake.digest-mismatch", expected=announces(data + b"!"))


@pytest.mark.parametrize("counted", [False, True], ids=["tail not counted", "tail counted"])
async def test_the_clients_trailing_line_end_belongs_to_the_file_only_if_its_digest_says_so(
    still: World, counted: bool
) -> None:
    data = signed(document(MINISTRY, [ROADS]))
    assert data.endswith(b"\r\n")
    body, tail = data[:-2], b"\r\n"
    expected = announces(data if counted else body)
    await still.send(body, tail=tail, expected=expected)
    row = await still.row("select sha256 from package")
    assert row["sha256"] == sha256(data if counted else body).hexdigest()


async def test_a_tail_that_does_not_save_the_digest_is_refused(still: World) -> None:
    data = signed(document(MINISTRY, [ROADS]))
    await refused(still, data, PackageError, "intake.digest-mismatch", tail=b"\r\n", expected=announces(b"other"))


# -- who signed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "code"),
    [(Policy.REQUIRED, "verdict.policy-required"), (Policy.ATTACHED, "verdict.policy-attached"),
     (Policy.REFERENCE_ONLY, "")],
)  # fmt: skip
@pytest.mark.parametrize("lack", ["unsigned", "unbound", "untrusted"])
async def test_the_units_policy_decides_about_packages_that_are_not_proven(
    still: World, policy: Policy, code: str, lack: str
) -> None:
    await still.change(ROADS, policy=policy)
    package = document(ROADS, [RAIL])
    other = (ROOT if lack == "unbound" else Authority.create("Lạ")).issue("Người lạ")
    data = encoded(package) if lack == "unsigned" else signed(package, by=other)
    reason = {"unsigned": "verdict.unsigned", "unbound": "verdict.not-bound"}.get(lack, "certificate.")
    if code:
        error = await refused(still, data, SignatureError, code, by=ROADS)
        assert reason in str(error.facts["codes"])
        return
    accepted = await still.send(data, by=ROADS)
    assert accepted.verdict == "unproven" and accepted.findings[0].rule.startswith(reason)
    row = await still.row("select verdict, details from package")
    assert row["verdict"] == "unproven" and row["details"]["verdict_reasons"][0]["vi"]


@pytest.mark.parametrize("policy", list(Policy))
async def test_a_broken_signature_is_refused_under_every_policy(still: World, policy: Policy) -> None:
    await still.change(ROADS, policy=policy)
    data = signed(document(ROADS, [RAIL])).replace("thử nghiệm".encode(), "thử nghiẹm".encode(), 1)
    error = await refused(still, data, SignatureError, "signature.digest", by=ROADS)
    assert error.entry.remedy == "mend-and-resend"


async def test_a_binding_that_is_over_does_not_prove(still: World) -> None:
    await still.execute("update signer set valid_to = now() - interval '1 day' where unit_id = $1",
                        still.units[ROADS].id)  # fmt: skip
    await still.refresh(ROADS)
    error = await refused(still, document(ROADS, [RAIL]), SignatureError, "verdict.policy-required")
    assert error.facts["codes"] == "verdict.binding-over"


async def test_an_authority_no_longer_trusted_no_longer_proves(still: World) -> None:
    await still.core.onboarding.distrust(ROOT.chain[0].fingerprint(_sha()).hex(), actor="test")
    await still.core.directory.current(0)
    await refused(still, document(ROADS, [RAIL]), SignatureError, "verdict.policy-required")


def _sha() -> Any:
    from cryptography.hazmat.primitives.hashes import SHA256

    return SHA256()
