"""The self-test is worth something only if it can fail: every claim turns false when it should."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from axis.demo.checks import Evidence, ReceiptCount, all_checks
from axis.demo.documents import make_plan
from axis.demo.history import Entry
from axis.demo.packages import BAD_KINDS
from axis.demo.units import BY_CODE, MINISTRY_CODE, UNITS

ROAD = "000.00.01.G04"
DOWN = next(unit.code for unit in UNITS if unit.down_for)


@pytest.fixture
def found(tmp_path: Path) -> Evidence:
    """What a flawless run leaves behind."""
    plan = make_plan(25, 2019)
    histories: dict[str, list[Entry]] = {code: [{"at": "0", "event": "ready"}] for code in BY_CODE}
    histories[DOWN].append({"at": "3", "event": "back"})
    evidence = Evidence(plan, histories, {code: tmp_path / code for code in BY_CODE})
    for document in (*plan.documents, *plan.unsigned, *plan.afterwards):
        digest = hashlib.sha256(document.document_id.encode()).hexdigest()
        histories[document.sender].append(
            {"at": "1", "event": "sent", "document_id": document.document_id, "sha256": digest}
            | {"receivers": list(document.receivers)}
        )
        for code in document.receivers:
            _arrive(evidence, code, document.document_id, document.sender, digest)
    for kind in BAD_KINDS:
        histories[MINISTRY_CODE].append({"at": "1", "event": "bad-refused", "kind": kind, "code": "22"})
    evidence.receipts = ReceiptCount(
        exported=10,
        accepted=frozenset((e["document_id"], e["sha256"]) for _, e in evidence.entries("sent")),
        delivered=frozenset(evidence.must_arrive()),
    )
    evidence.exit_codes = dict.fromkeys(BY_CODE, 0)
    return evidence


def _arrive(evidence: Evidence, code: str, document_id: str, sender: str, digest: str) -> None:
    plan, history = evidence.plan, evidence.histories[code]
    assert isinstance(history, list)
    refused = plan.is_refused(document_id, code)
    delivery = {"kind": "document", "unit": code, "state": "refused" if refused else "delivered"}
    delivery |= {"document_id": document_id, "taking_back": "15" if document_id in plan.recalled else ""}
    evidence.deliveries = [*evidence.deliveries, delivery]
    if refused:
        history.append({"at": "2", "event": "refused", "document_id": document_id})
        return
    file = evidence.inboxes[code] / f"{hashlib.md5(document_id.encode()).hexdigest()}.edxml"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(document_id.encode())
    history.append(
        {"at": "4" if code == DOWN else "2", "event": "received", "key": file.stem, "kind": "document"}
        | {"document_id": document_id, "sender": sender, "sha256": digest, "file": file.name, "status": ""}
        | {"about": "", "seal": "proven" if BY_CODE[sender].signs else "none"}
    )
    for status in plan.answers(document_id, code) if sender == MINISTRY_CODE else ():
        back = evidence.histories[MINISTRY_CODE]
        assert isinstance(back, list)
        back.append(
            {"at": "5", "event": "received", "key": f"{document_id}{code}{status}", "kind": "status"}
            | {"document_id": "", "sender": code, "about": document_id, "status": status, "seal": "proven"}
        )


def _failing(found: Evidence) -> set[str]:
    rows = found.ledger().rows(BY_CODE)
    return {check.en for check in all_checks(found, rows) if not check.holds}


def _received(found: Evidence, code: str, kind: str = "document") -> list[Entry]:
    return [e for e in found.histories[code] if e["event"] == "received" and e["kind"] == kind]


def test_a_flawless_run_holds(found: Evidence) -> None:
    assert _failing(found) == set()


def _lose_a_document(found: Evidence) -> None:
    found.histories[ROAD].remove(_received(found, ROAD)[0])


def _lose_a_status(found: Evidence) -> None:
    found.histories[MINISTRY_CODE].remove(_received(found, MINISTRY_CODE, "status")[0])


def _register_twice(found: Evidence) -> None:
    found.histories[ROAD].append(copy.copy(_received(found, ROAD)[0]))


def _misdeliver(found: Evidence) -> None:
    _received(found, ROAD)[0]["document_id"] = "000.00.00.G04,2019/01/01,1/LA"


def _change_a_byte_on_disk(found: Evidence) -> None:
    file = found.inboxes[ROAD] / _received(found, ROAD)[0]["file"]
    file.write_bytes(file.read_bytes() + b" ")


def _spoil_a_seal(found: Evidence) -> None:
    _received(found, ROAD)[0]["seal"] = "none"


def _hide_a_missing_signature(found: Evidence) -> None:
    _received(found, MINISTRY_CODE)[0]["seal"] = "proven"


def _accept_a_bad_one(found: Evidence) -> None:
    found.histories[MINISTRY_CODE].append({"at": "1", "event": "bad-accepted", "kind": BAD_KINDS[0]})


def _leave_one_waiting(found: Evidence) -> None:
    found.deliveries[0]["state"] = "queued"


def _forget_a_delivery(found: Evidence) -> None:
    found.deliveries = found.deliveries[1:]


def _break_a_receipt(found: Evidence) -> None:
    found.receipts = replace(found.receipts, broken=("x: receipt.broken",))


def _lack_a_receipt(found: Evidence) -> None:
    found.receipts = replace(found.receipts, delivered=frozenset())


def _accept_other_bytes(found: Evidence) -> None:
    found.receipts = replace(found.receipts, accepted=frozenset((i, "0" * 64) for i, _ in found.receipts.accepted))


def _end_badly(found: Evidence) -> None:
    found.exit_codes = {**found.exit_codes, "axis": 1}


def _answer_while_down(found: Evidence) -> None:
    _received(found, DOWN)[0]["at"] = "2"


def _never_answer_the_recall(found: Evidence) -> None:
    next(d for d in found.deliveries if d["taking_back"] == "15")["taking_back"] = "recall"  # type: ignore[index]


def _overtake(found: Evidence) -> None:
    entries, late = found.histories[ROAD], found.plan.afterwards[-1].about
    assert isinstance(entries, list)
    moved = next(e for e in _received(found, ROAD) if e["document_id"] == late)
    entries.remove(moved)
    entries.append(moved)


@pytest.mark.parametrize(
    ("spoil", "claim"),
    [
        (_lose_a_document, "planned deliveries stand"),
        (_lose_a_status, "statuses of the units"),
        (_register_twice, "registered twice"),
        (_misdeliver, "not addressed to them"),
        (_change_a_byte_on_disk, "Every byte"),
        (_spoil_a_seal, "verified the signature"),
        (_hide_a_missing_signature, "two unsigned"),
        (_accept_a_bad_one, "Three bad packages"),
        (_never_answer_the_recall, "answered 15"),
        (_overtake, "overtook"),
        (_leave_one_waiting, "nothing is left waiting"),
        (_forget_a_delivery, "difference 0"),
        (_break_a_receipt, "receipts verify offline"),
        (_lack_a_receipt, "every delivery its own receipt"),
        (_accept_other_bytes, "receipt of acceptance"),
        (_end_badly, "ended normally"),
        (_answer_while_down, "While the"),
    ],
)
def test_each_fault_makes_its_claim_false(found: Evidence, spoil: Callable[[Evidence], None], claim: str) -> None:
    spoil(found)
    failing = _failing(found)
    assert any(claim in text for text in failing), failing
