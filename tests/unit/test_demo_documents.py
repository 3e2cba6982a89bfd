"""The plan of the demo: the same for one seed, realistic, legal, and its PDFs open."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from dataclasses import replace

import pytest

from axis.demo.documents import SCAN_BYTES, Document, Plan, make_plan
from axis.demo.pdf import folded, render
from axis.demo.units import BY_CODE, MINISTRY, MINISTRY_CODE, UNITS
from axis.domain.codes import is_issuable
from axis.domain.states import Standing, legal_statuses


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(445, 2019)


def test_one_seed_gives_one_plan(plan: Plan) -> None:
    assert make_plan(445, 2019) == plan


def test_another_seed_gives_other_documents(plan: Plan) -> None:
    assert make_plan(445, 2020).documents != plan.documents


def test_the_ministry_sends_exactly_the_documents_asked_for(plan: Plan) -> None:
    assert len(plan.documents) == 445
    assert len({d.document_id for d in plan.documents}) == 445
    assert {d.sender for d in plan.documents} == {MINISTRY_CODE}


def test_number_and_notation_are_unique_within_the_year(plan: Plan) -> None:
    assert max(Counter((d.number, d.notation) for d in plan.documents).values()) == 1


def test_every_document_goes_to_one_to_eight_different_known_units(plan: Plan) -> None:
    for document in plan.documents:
        assert 1 <= len(document.receivers) <= 8
        assert len(set(document.receivers)) == len(document.receivers)
        assert set(document.receivers) <= set(BY_CODE) - {MINISTRY_CODE}


def test_documents_keep_the_lengths_of_the_regulation(plan: Plan) -> None:
    for d in plan.documents:
        assert len(d.number) <= 11
        assert len(d.notation) <= 30
        assert len(d.subject) <= 500
        assert len(d.full_name) <= 50
        assert "{" not in d.subject
        assert re.fullmatch(r"2019/\d\d/\d\d", d.date)


def test_some_are_urgent_and_a_few_carry_a_scan(plan: Plan) -> None:
    urgent = sum(d.priority > 0 for d in plan.documents)
    assert 0.04 <= urgent / 445 <= 0.12
    assert [d.scan_bytes for d in plan.documents if d.scan_bytes] == [SCAN_BYTES] * 3


def test_every_planned_answer_is_a_legal_walk_through_the_statuses(plan: Plan) -> None:
    for document, code in plan.deliveries():
        at = Standing(business_type=document.business)
        for status in plan.answers(document.document_id, code):
            assert status in legal_statuses(at)
            at = replace(at, handling=status)


@pytest.mark.parametrize("count", [1, 2, 25, 445])
def test_a_unit_that_refuses_or_returns_does_so_with_a_document_it_gets(count: int) -> None:
    plan = make_plan(count, 2019)
    planned = {(d.document_id, code) for d, code in plan.deliveries()}
    for code, ids in (*plan.refused.items(), *plan.returned.items()):
        assert all((document_id, code) in planned for document_id in ids)


def test_the_unsigned_documents_come_from_the_unit_without_a_certificate(plan: Plan) -> None:
    assert [BY_CODE[d.sender].signs for d in plan.unsigned] == [False, False]
    assert {d.receivers for d in plan.unsigned} == {(MINISTRY_CODE,)}


def test_a_document_survives_its_way_through_json(plan: Plan) -> None:
    for document in (*plan.documents[:20], *plan.unsigned):
        assert Document.from_json(json.loads(json.dumps(document.to_json()))) == document


def test_every_code_is_issuable_and_only_the_ministrys_is_real() -> None:
    assert all(is_issuable(unit.code) for unit in (MINISTRY, *UNITS))
    assert [unit.code for unit in BY_CODE.values() if not unit.invented] == [MINISTRY_CODE]
    assert len(BY_CODE) == 9


def _objects(pdf: bytes) -> list[bytes]:
    """The objects a reader finds through the cross-reference table; fails when the table lies."""
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", pdf)[1])
    assert pdf[start:].startswith(b"xref\n0 ")
    offsets = [int(m) for m in re.findall(rb"(\d{10}) 00000 n \n", pdf[start:])]
    found = []
    for number, at in enumerate(offsets, 1):
        assert pdf[at:].startswith(b"%d 0 obj\n" % number)
        found.append(pdf[at : pdf.index(b"\nendobj\n", at)])
    return found


@pytest.mark.parametrize("scan", [0, 100_000])
def test_a_pdf_has_a_true_cross_reference_table_and_true_lengths(scan: int, plan: Plan) -> None:
    objects = _objects(render(plan.documents[0].lines, scan))
    assert len(objects) == (8 if scan else 5)
    for body in objects:
        if (declared := re.search(rb"/Length (\d+) >>\nstream\n", body)) is not None:
            assert body[declared.end() :] == body[declared.end() :][: int(declared[1])] + b"\nendstream"


def test_a_scan_is_about_as_large_as_asked_and_cannot_be_compressed() -> None:
    pdf = render(["trang"], 1_000_000, seed=7)
    assert 0.97 < len(pdf) / 1_000_000 < 1.03
    assert len(zlib.compress(pdf)) > 0.9 * len(pdf)
    assert pdf == render(["trang"], 1_000_000, seed=7)


def test_text_of_a_page_is_folded_and_escaped() -> None:
    assert folded("Đường thủy nội địa (Quốc lộ 1\\2)") == "Duong thuy noi dia (Quoc lo 1\\2)"
    assert rb"\(Quoc lo 1\\2\)" in render(["(Quốc lộ 1\\2)"])
