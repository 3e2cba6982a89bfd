"""The VXP front on a socket: what goes over the wire, seen by a client that behaves like the real one."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from axis.demo.vxp_client import Exchange, VxpClient
from axis.demo.vxp_wire import SHAPES, ServiceObject, head
from axis.domain.directory import UnitState
from axis.domain.document import Kind
from axis.domain.errors import ConflictError, RoutingError, Unavailable
from axis.fronts.vxp_call import VxpSettings
from axis.fronts.vxp_operations import OPERATIONS
from tests.fronts.stand_in import PACKAGE_ID, SECRET, SYSTEM, UNIT, VECTORS, Recorder, parts, standing

ACCEPTED = VECTORS["accepted_responses"]["success"]


def client(url: str, **more: Any) -> VxpClient:
    return VxpClient(url, SYSTEM, SECRET, **more)


def rebased(vector: dict[str, Any], prefix: str = "/vxp") -> bytes:
    """An observed request, byte for byte, to our prefix."""
    raw = base64.b64decode(vector["raw_head_base64"]) + base64.b64decode(vector["body_base64"])
    method, _, rest = raw.partition(b" ")
    return method + b" " + prefix.encode() + rest


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda v: f"{v['operation']}-{v['note'][:12]}")
def test_our_own_client_sends_the_real_clients_bytes(vector: dict[str, Any]) -> None:
    sent = dict(vector["headers"])
    service = ServiceObject(vector["systemid"], vector["secret"], datetime.now(UTC))
    values = {k.removeprefix("XroadVnpt-"): v for k, v in json.loads(vector["signed_text"]).items()}
    service.values["timestamp"] = values["timestamp"]
    service.put({k: v for k, v in values.items() if k not in ("hash-file", "Content-Type")})
    if vector["operation"] == "sendEdoc":
        made = service.send_headers(sent["Host"], base64.b64decode(vector["file_base64"]))
    else:
        body = base64.b64decode(vector["body_base64"])
        made = service.apache_headers(sent["Host"], None if vector["method"] == "GET" else body)
    assert head(vector["method"], vector["path"], made) == base64.b64decode(vector["raw_head_base64"])


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda v: f"{v['operation']}-{v['note'][:12]}")
async def test_every_observed_request_is_answered_completely_and_the_connection_closed(
    vector: dict[str, Any],
) -> None:
    async with standing() as stand:
        answer = await stand.raw(rebased(vector))
    answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    status, headers, body = parts(answer)
    assert (status, headers["connection"]) == (200, "close")
    if vector["operation"] == "downloadEdoc":
        assert body == stand.recorder.file
        return
    found = json.loads(body.decode("ascii"))
    if vector["operation"] in ("registerAgency", "deleteAgency"):
        assert (found["status"], found["ErrorCode"]) == ("FAIL", "19")
        return
    assert (found["status"], found["ErrorCode"]) == ("OK", "0")
    assert set(found) - {"Receipt"} == set(ACCEPTED[vector["operation"]])
    if vector["operation"] == "sendEdoc":
        assert stand.recorder.bodies == [(base64.b64decode(vector["file_base64"]), b"\r\n")]


async def test_a_whole_session_on_one_object_works_though_every_header_goes_stale() -> None:
    async with standing() as stand, client(stand.url) as office:
        for _ in range(2):
            sent = await office.send_edoc(b"<edXML/>", sender=UNIT.code)
            assert (sent.ok, sent.doc_id) == (True, str(PACKAGE_ID))
            assert await office.received("status") == [str(PACKAGE_ID)]
            assert await office.fetch(str(PACKAGE_ID)) == stand.recorder.file
            assert (await office.call("updateStatus", {"docid": str(PACKAGE_ID), "status": "done"})).ok
            assert (await office.call("getEdoc", {"docId": str(PACKAGE_ID)})).data == stand.recorder.file
            assert (await office.call("countReceiveEdoc")).count == 7
            assert (await office.call("countReceiveStatus")).count == 3
            assert (await office.call("getSentEdocList", {"messagetype": "edoc"})).items
            for operation in ("getAgenciesList", "getAgenciesListQD20", "getSynchronizeUnit"):
                assert (await office.call(operation, {"level": "1"})).items
    assert stand.recorder.sources[0].declared is Kind.DOCUMENT


async def test_update_means_docid_and_all_others_docId_when_both_travel() -> None:
    other = "99999999-0000-0000-0000-000000000000"
    async with standing() as stand, client(stand.url) as office:
        office.documents.put({"docid": other})
        assert await office.fetch(str(PACKAGE_ID))
        await office.update_status(str(PACKAGE_ID), "fail")
    assert [str(s[1]) for s in stand.recorder.seen] == [str(PACKAGE_ID), other]


async def test_words_of_the_trade_in_update_status_keep_the_package_listed() -> None:
    async with standing() as stand, client(stand.url) as office:
        assert (await office.call("updateStatus", {"docId": str(PACKAGE_ID), "status": "Acceptance"})).ok
        bad = await office.call("updateStatus", {"docId": str(PACKAGE_ID), "status": "eaten"})
        assert (bad.status, bad.error_code) == ("FAIL", "41")
    assert stand.recorder.seen == [("confirm", PACKAGE_ID, "processing", "acceptance")]


async def test_a_docid_left_over_from_receiving_does_not_empty_the_sent_list() -> None:
    async with standing() as stand, client(stand.url) as office:
        result = await office.call("getSentEdocList", {"docId": "99999999-0000-0000-0000-000000000000"})
        assert result.items and result.items[0]["sendStatus"] == "done"


async def test_another_units_document_answers_byte_for_byte_like_one_that_never_was() -> None:
    async with standing() as stand:
        for operation in ("getEdoc", "downloadEdoc"):
            answers: list[Exchange | None] = []
            for doc_id in ("99999999-0000-0000-0000-000000000000", "no-id-at-all"):
                async with client(stand.url) as office:
                    answers.append(await office.exchange(operation, {"docId": doc_id}))
            first, second = answers
            assert first and second
            assert (first.status, first.body) == (second.status, second.body)
            assert set(first.headers) == set(second.headers)


@pytest.mark.parametrize("operation", list(OPERATIONS))
async def test_a_wrong_secret_is_answered_in_the_shape_the_operation_needs(operation: str) -> None:
    async with standing() as stand:
        unknown = VxpClient(stand.url, "nobody", SECRET)
        wrong = VxpClient(stand.url, SYSTEM, "wrong secret")
        one, two = await unknown.exchange(operation), await wrong.exchange(operation)
        assert one and two and (one.status, one.body) == (two.status, two.body)
    if operation == "downloadEdoc":
        assert (one.status, one.body, one.headers["content-length"]) == (401, b"", "0")
        return
    assert json.loads(one.body)["ErrorCode"] == "15"
    assert set(json.loads(one.body)) == set(VECTORS["accepted_responses"]["failure"][operation])
    assert "www-authenticate" not in one.headers


async def test_a_download_without_any_proof_is_refused_with_an_empty_body() -> None:
    async with standing() as stand:
        answer = await stand.raw(b"GET /vxp/downloadEdoc HTTP/1.1\r\nHost: x\r\n\r\n")
    status, headers, body = parts(answer)
    assert (status, body, headers["connection"]) == (401, b"", "close")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("GET /vxp/sendEdoc", "41"), ("DELETE /vxp/getEdoc", "41"), ("POST /vxp/sendedoc", "41"),
        ("POST /vxp/", "41"), ("PUT /vxp/a/b?c=d", "41"), ("OPTIONS /vxp/getAgenciesList", "41"),
        ("POST /vxp/%2e%2e/sendEdoc", "41"),
    ],
)  # fmt: skip
async def test_odd_paths_and_methods_get_complete_json(line: str, code: str) -> None:
    async with standing() as stand:
        answer = await stand.raw(f"{line} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
    status, headers, body = parts(answer)
    assert (status, headers["connection"]) == (200, "close")
    assert (json.loads(body)["status"], json.loads(body)["ErrorCode"]) == ("FAIL", code)


async def test_statuses_can_be_told_in_http_too() -> None:
    async with standing(settings=VxpSettings(always_200=False)) as stand, client(stand.url) as office:
        found = await office.exchange("getEdoc", {"docId": "none"})
        assert found and found.status == 404


@pytest.mark.parametrize("path", ["/vxp//sendEdoc", "/vxp/sendEdoc"])
async def test_a_slash_too_many_in_the_endpoint_is_accepted(path: str) -> None:
    async with standing() as stand:
        raw = rebased(VECTORS["vectors"][0]).replace(b"/vxp/sendEdoc", path.encode())
        assert b'"status":"OK"' in await stand.raw(raw)
        async with client(stand.url + "/") as office:
            assert (await office.send_edoc(b"<edXML/>")).ok
            assert await office.received()


@pytest.mark.parametrize("prefix", ["", "/", "/a/b"])
async def test_the_prefix_can_be_any(prefix: str) -> None:
    settings = VxpSettings(prefix=prefix)
    async with standing(settings=settings) as stand, client(stand.url.removesuffix("/vxp") + prefix) as office:
        assert await office.received()
        assert (await office.send_edoc(b"<edXML/>")).ok


@pytest.mark.parametrize("operation", ["countReceiveEdoc", "countReceiveStatus"])
async def test_counts_answer_get_as_well(operation: str) -> None:
    async with standing() as stand:
        service = ServiceObject(SYSTEM, SECRET, datetime.now(UTC))
        raw = head("GET", f"/vxp/{operation}", service.apache_headers("x", None))
        assert b'"count":' in await stand.raw(raw)


async def test_a_refusal_by_the_hub_keeps_its_code_and_its_words() -> None:
    for error, code in (
        (RoutingError("routing.unknown-receiver", codes="G99"), "18"),
        (RoutingError("routing.sender-mismatch", claimed="B", caller="A"), "19"),
        (ConflictError("intake.conflict"), "43"),
        (Unavailable("intake.busy"), "20"),
    ):
        async with standing(Recorder(raises=error)) as stand, client(stand.url) as office:
            answer = await office.send_edoc(b"<edXML/>")
            assert (answer.status, answer.error_code, answer.doc_id) == ("FAIL", code, "")
            assert error.code in answer.error_desc and answer.temporary is (code == "20")


async def test_a_crash_shows_a_report_id_and_the_log_has_the_rest() -> None:
    with structlog.testing.capture_logs() as logs:
        async with standing(Recorder(raises=RuntimeError("secret detail"))) as stand, client(stand.url) as office:
            answer = await office.call("getReceivedEdocList")
    assert answer.status == "FAIL" and "secret detail" not in answer.error_desc
    faults = [entry for entry in logs if entry["event"] == "request.fault"]
    assert len(faults) == 1 and faults[0]["report"] in answer.error_desc


async def test_a_unit_that_is_not_connected_is_told_so_only_after_its_proof() -> None:
    off = Recorder(unit=replace(UNIT, state=UnitState.RETIRED))
    async with standing(off) as stand:
        async with client(stand.url) as office:
            assert (await office.call("getReceivedEdocList")).error_code == "19"
        async with VxpClient(stand.url, SYSTEM, "wrong") as stranger:
            assert (await stranger.call("getReceivedEdocList")).error_code == "15"


async def test_old_stamps_are_logged_and_refused_only_where_a_unit_wants_it() -> None:
    def at() -> datetime:
        return datetime(2026, 11, 22, 14, 30, tzinfo=UTC)

    made = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
    with structlog.testing.capture_logs() as logs:
        async with standing(now=at) as stand, client(stand.url, now=lambda: made) as office:
            assert (await office.call("countReceiveEdoc")).ok
    assert [e["stamp_age"] for e in logs if e["event"] == "vxp.call"] == [2 * 86400]
    strict = Recorder(unit=replace(UNIT, settings={"vxp_max_age": 600}))
    async with standing(strict, now=at) as stand, client(stand.url, now=lambda: made) as office:
        assert (await office.call("countReceiveEdoc")).error_code == "15"


async def test_header_values_cannot_write_lines_of_their_own_into_the_log() -> None:
    evil = "000\u202e\x9b31m\x85{'event': 'vxp.accepted'}"  # C0 characters never pass the parser
    with structlog.testing.capture_logs() as logs:
        async with standing() as stand, client(stand.url) as office:
            await office.send_edoc(b"<edXML/>", sender=evil)
            await stand.raw(b"GET /vxp/x\x1b[31m HTTP/1.1\r\nHost: x\r\n\r\n")
    shown = [value for entry in logs for value in entry.values() if isinstance(value, str)]
    assert any("vxp.from-differs" in value for value in shown)
    assert not any(ord(c) < 32 or c in "\u202e\x85\x9b\x7f" for value in shown for c in value)


@pytest.mark.parametrize(
    ("encoding", "codec"), [("utf-16", "utf-16"), ("utf-16le", "utf-16-le"), ("iso-8859-1", "iso-8859-1")]
)
async def test_a_package_in_another_encoding_reaches_the_client_as_utf8_and_unchanged_by_download(
    encoding: str, codec: str
) -> None:
    name = "UTF-16" if encoding.startswith("utf-16") else "ISO-8859-1"
    text = f'<?xml version="1.0" encoding="{name}"?>\n<edXML>' + "Hà Nội".replace("ộ", "ô") * 500 + "</edXML>"
    async with standing(Recorder(file=text.encode(codec), encoding=encoding)) as stand, client(stand.url) as office:
        found = (await office.call("getEdoc", {"docId": str(PACKAGE_ID)})).data
        assert found.decode("utf-8") == text.replace(name, "UTF-8", 1)
        assert await office.fetch(str(PACKAGE_ID)) == text.encode(codec)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 20, 1001])
async def test_base64_is_whole_for_any_length(size: int) -> None:
    async with standing(Recorder(file=bytes(range(256)) * 4 + b"x" * size)) as stand, client(stand.url) as office:
        assert (await office.call("getEdoc", {"docId": str(PACKAGE_ID)})).data == stand.recorder.file


@pytest.mark.parametrize("operation", ["getEdoc", "downloadEdoc"])
async def test_a_disk_that_fails_halfway_breaks_the_connection_rather_than_shorten_the_document(
    operation: str,
) -> None:
    async with standing(Recorder(breaks_after=20)) as stand, client(stand.url) as office:
        assert await office.exchange(operation, {"docId": str(PACKAGE_ID)}) is None


@pytest.mark.parametrize("operation", ["getEdoc", "downloadEdoc"])
async def test_a_disk_that_fails_at_once_is_still_answered(operation: str) -> None:
    async with standing(Recorder(breaks_after=0)) as stand, client(stand.url) as office:
        found = await office.exchange(operation, {"docId": str(PACKAGE_ID)})
        assert found and (found.body == b"" if operation == "downloadEdoc" else b'"data":""' in found.body)


async def test_a_receiver_list_of_1200_codes_in_the_head_is_taken() -> None:
    codes = [f"{n:03}.00.00.G{n % 100:02}" for n in range(1200)]
    async with standing() as stand, client(stand.url) as office:
        answer = await office.call("sendEdoc", {"messagetype": "edoc", "to": json.dumps(codes)}, b"<edXML/>")
        assert answer.ok


async def test_register_agency_hands_on_text_that_is_no_json() -> None:
    async with standing() as stand, client(stand.url) as office:
        answer = await office.call("registerAgency", None, b'{"id": abc, \xff "name": }')
        assert answer.status == "FAIL"
    assert stand.recorder.seen[0][0] == "request"


def test_every_operation_of_the_client_is_served() -> None:
    assert set(OPERATIONS) == set(SHAPES)
