"""Answer shapes, against those the real client turns into a complete result."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from axis.demo.vxp_client import Exchange, VxpClient
from axis.domain.document import Kind
from axis.domain.errors import AccessError, AxisError, PackageError
from axis.domain.states import Transport
from axis.fronts import problems, vxp_answers
from axis.hub.contracts import Sent, Waiting
from tests.fronts.stand_in import NOW, PACKAGE_ID, VECTORS, Recorder

SHAPES: dict[str, Any] = VECTORS["accepted_responses"]
JSON_OPERATIONS = [name for name in SHAPES["success"] if name != "downloadEdoc"]


def types(value: Any) -> Any:
    return {k: types(v) for k, v in value.items()} if isinstance(value, dict) else type(value)


@pytest.mark.parametrize("operation", JSON_OPERATIONS)
def test_a_failure_has_exactly_the_accepted_fields(operation: str) -> None:
    assert types(vxp_answers.fail(operation, "15", "lý do")) == types(SHAPES["failure"][operation])


async def test_list_items_have_accepted_fields_of_accepted_types() -> None:
    units = await Recorder().units()
    waiting = Waiting(PACKAGE_ID, Kind.STATUS, "A", "B", "initial", "t", "d", "1/A", 0, 1, "proven", NOW, NOW)
    sent = Sent(PACKAGE_ID, UUID(int=2), Kind.DOCUMENT, "A", "B", "t", "1/A", "delivered", "03", "", NOW, NOW)
    made: dict[str, list[dict[str, object]]] = {
        "getReceivedEdocList": [vxp_answers.received_item(waiting)],
        "getSentEdocList": [vxp_answers.sent_item(sent)],
        "getAgenciesList": vxp_answers.agencies(units),
        "getAgenciesListQD20": vxp_answers.agencies_qd20(units),
        "getSynchronizeUnit": vxp_answers.synchronized_units(units, "A01"),
    }
    for operation, items in made.items():
        accepted = types(SHAPES["success"][operation]["data"][0])
        for item in items:
            assert types(item).items() <= accepted.items(), operation
        if operation in ("getReceivedEdocList", "getSentEdocList"):
            assert set(items[0]) == set(accepted)


async def test_absent_values_are_left_out_and_never_null() -> None:
    sent = Sent(PACKAGE_ID, UUID(int=2), Kind.DOCUMENT, "A", "B", "", "", "queued", "", "", NOW, None)
    item = vxp_answers.sent_item(sent)
    assert not {"title", "notation", "receivedTime", "receiveStatus"} & set(item)
    listed = vxp_answers.synchronized_units(await Recorder().units(), "")
    assert all(value not in (None, "") for unit in listed for value in unit.values())


def test_every_transport_state_has_a_word_of_the_sent_list() -> None:
    assert set(vxp_answers.SENT_WORDS) == {state.value for state in Transport}
    words = {word for word, _ in vxp_answers.SENT_WORDS.values()}
    assert words == {"initial", "processing", "done", "fail"}


async def test_retired_units_are_told_as_deleted_and_otherwise_not_listed() -> None:
    units = await Recorder().units()
    assert [u["code"] for u in vxp_answers.agencies(units)] == ["A01.10", "A01.10.01"]
    assert [u["deleted"] for u in vxp_answers.synchronized_units(units, "")] == [False, False, True]
    assert vxp_answers.agencies(units)[1]["pid"] == vxp_answers.agencies(units)[0]["id"]


def test_answers_are_ascii_and_read_the_same_by_the_client_that_knows_only_ascii() -> None:
    client = VxpClient("http://127.0.0.1:1", "s", "x")
    refusal = AccessError("access.credentials")
    text = problems.vxp_text(refusal)
    body = vxp_answers.encode(vxp_answers.fail("sendEdoc", "15", text))
    assert body.isascii() and b"\n" not in body
    result = client.read("sendEdoc", Exchange(200, {}, body))
    assert (result.status, result.error_code, result.error_desc, result.doc_id) == ("FAIL", "15", text, "")
    assert "access.credentials" in text and "ask-an-operator" in text and "mã hệ thống" in text


@pytest.mark.parametrize("sdk", ["2.0.0", "2.0.1"])
@pytest.mark.parametrize("operation", JSON_OPERATIONS)
def test_both_versions_of_the_client_read_our_failures_completely(operation: str, sdk: str) -> None:
    client = VxpClient("http://127.0.0.1:1", "s", "x", sdk=sdk)
    body = vxp_answers.encode(vxp_answers.fail(operation, "20", "hỏng"))
    result = client.read(operation, Exchange(500, {}, body))
    assert (result.status, result.error_code, result.error_desc) == ("FAIL", "20", "hỏng")


def test_dates_are_in_vietnam_time() -> None:
    assert vxp_answers.clock(datetime(2026, 12, 31, 18, 0, tzinfo=UTC)) == "2027/01/01 01:00:00"


def test_every_kind_of_refusal_has_a_code_and_a_status() -> None:
    families = [k for k in AxisError.__subclasses__() if k.__module__ == "axis.domain.errors"]
    assert {family for family, _ in problems.FAMILIES} == set(families)
    for family in families:
        found = problems.row(family("some.code"))
        assert found.vxp.isdigit() and found.vxp != "0" and 400 <= found.http < 600


def test_the_table_names_only_codes_that_exist() -> None:
    from axis.domain.catalogue import entries

    assert {code for code in problems.CODES if not code.startswith("package.")} <= set(entries())


def test_an_unexpected_error_shows_a_report_id_and_nothing_else() -> None:
    for error in (RuntimeError("password=hunter2"), PackageError("nobody.wrote-this-down", secret="hunter2")):
        shown = problems.known(error)
        assert shown.code == "request.fault"
        assert "hunter2" not in shown.text("vi") + shown.text("en") + str(problems.problem(shown))


@pytest.mark.parametrize(
    ("accept", "found"),
    [
        ("", "vi"),
        ("en", "en"),
        ("vi,en;q=0.8", "vi"),
        ("en-GB,en;q=0.9,vi;q=0.5", "en"),
        ("fr", "vi"),
        ("en;q=x", "vi"),
    ],
)
def test_problems_speak_vietnamese_unless_english_is_preferred(accept: str, found: str) -> None:
    assert problems.language(accept) == found


def sent_with(handling: str, taking_back: str, reason: str = "", kind: int = 0) -> tuple[object, object]:
    sent = Sent(PACKAGE_ID, UUID(int=2), Kind.DOCUMENT, "A", "B", "t", "1/A", "delivered", handling, taking_back, NOW,
                NOW, reason, kind)  # fmt: skip
    item = vxp_answers.sent_item(sent)
    return item.get("receiveStatus"), item.get("receiveStatusDesc")


@pytest.mark.parametrize(("at", "status", "words"), [
    (("06", "16", "đã xử lý"), "06", "Hoàn thành: Từ chối lấy lại/cập nhật: đã xử lý"),
    (("", "16", "đã trình"), "16", "Từ chối lấy lại/cập nhật: đã trình"),
    (("05", "13", "lần trước không"), "13", "Yêu cầu lấy lại"),
    (("05", "15", "lần trước không"), "15", "Đồng ý lấy lại/cập nhật"),
    (("05", "recall", "lần trước không"), "05", "Đang xử lý: Bị thu hồi, chờ bên nhận huỷ"),
    (("02", "", "nhầm"), "02", "Từ chối tiếp nhận (trả lại): nhầm"),
    (("02", "recall", "nhầm"), "02", "Từ chối tiếp nhận (trả lại): Bị thu hồi, chờ bên nhận huỷ: nhầm"),
    (("01", "16", "không áp dụng", 2), "16", "Từ chối lấy lại/cập nhật: không áp dụng"),
    (("01", "15", "", 1), "15", "Đồng ý lấy lại/cập nhật"),
])  # fmt: skip
def test_the_sent_list_shows_what_stands_and_the_reason_of_that_only(
    at: tuple[str, str, str], status: str, words: str
) -> None:
    assert sent_with(*at) == (status, words)
