"""The linter tells everything at once, in the words of the law, and never breaks on what it reads."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axis.domain.document import Business, Code, Dated, Finding, Kind, Organization, Package, ResponseFor
from axis.domain.errors import AxisError
from axis.edxml.linter import Report, lint
from axis.edxml.reader import PackageReader
from axis.edxml.writer import FileToSend, document_bytes, status_bytes

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
TODAY = date(2019, 10, 1)
DAY = Dated("2019/09/30", date(2019, 9, 30))
DOCUMENT = Package(
    kind=Kind.DOCUMENT,
    sender=Organization(organ_id="G04.01"),
    receivers=(Organization(organ_id="G04.02"), Organization(organ_id="G04.03")),
    code=Code("12", "TCDB-VP"),
    promulgation_date=DAY,
    subject="V/v kiểm tra",
)
STATUS = Package(
    kind=Kind.STATUS,
    sender=Organization(organ_id="G04.02"),
    response_for=(ResponseFor("G04.01", "12/TCDB-VP", "G04.01,2019/09/30,12/TCDB-VP", DAY),),
    status_code="02",
    status_description="Gửi nhầm nơi nhận",
)


def file(name: str, content: bytes) -> FileToSend:
    return FileToSend(name, lambda: io.BytesIO(content))


PDF = file("a.pdf", b"%PDF-1.4\n")
GOOD = document_bytes(DOCUMENT, [PDF]).decode()
GOOD_STATUS = status_bytes(STATUS).decode()


def check(text: str | bytes) -> Report:
    return lint(io.BytesIO(text.encode() if isinstance(text, str) else text), today=TODAY)


def found(report: Report, rule: str) -> Finding:
    return next(f for f in report.findings if f.rule == rule)


def rules(report: Report) -> list[str]:
    return [f.rule for f in report.findings]


def law(finding: Finding) -> str:
    return dict(finding.facts).get("law", "")


def without(name: str, text: str = GOOD) -> str:
    return re.sub(rf"\s*<edXML:{name}>.*?</edXML:{name}>", "", text, flags=re.S)


def with_value(name: str, value: str, text: str = GOOD) -> str:
    element = rf"(<(?:edXML:)?{name}(?: [^>]*)?>)[^<]*(</)"
    changed = re.sub(element, lambda m: m[1] + value + m[2], text, count=1)
    assert changed != text
    return changed


def test_what_the_writer_writes_has_no_finding_but_the_missing_signature() -> None:
    two = document_bytes(DOCUMENT, [PDF, file("a.xlsx", b"PK\x03\x04")]).decode()
    for text in (GOOD, GOOD_STATUS, two):
        report = check(text)
        assert rules(report) == ["lint.signature-none"]
        assert report.ok and report.size == len(text.encode())


def test_a_report_is_plain_json_in_both_languages() -> None:
    report = check(without("Subject"))
    data = json.loads(json.dumps(report.to_json()))
    assert (data["schema"], data["kind"]) == ("axis.lint.v1", "document")
    assert (data["ok"], data["errors"]) == (False, 1)
    missing = next(f for f in data["findings"] if f["rule"] == "lint.missing")
    assert missing["facts"]["law"] == "N.MessageHeader.Subject"
    assert missing["path"] == "edXMLHeader/MessageHeader/Subject" and missing["line"] == 5
    assert "Subject" in missing["vi"] and "Subject" in missing["en"] and missing["vi"] != missing["en"]


def test_everything_is_told_at_once() -> None:
    bad = with_value("SteeringType", "7", without("Subject"))
    bad = with_value("PromulgationDate", "2019/02/30", with_value("CodeNumber", "9" * 12, bad))
    expected = {"lint.missing", "lint.out-of-range", "lint.date-calendar", "lint.too-long"}
    assert expected <= set(rules(check(bad)))


@pytest.mark.parametrize(
    ("name", "path", "code"),
    [
        ("OrganId", "From/OrganId", "N.MessageHeader.From.OrganId"),
        ("To", "To", "N.MessageHeader.To"),
        ("CodeNumber", "Code/CodeNumber", "N.MessageHeader.Code.CodeNumber"),
        ("CodeNotation", "Code/CodeNotation", "N.MessageHeader.Code.CodeNotation"),
        ("Code", "Code/CodeNumber", "N.MessageHeader.Code.CodeNumber"),
        ("PromulgationInfo", "PromulgationInfo/PromulgationDate",
         "N.MessageHeader.PromulgationInfo.PromulgationDate"),
        ("Subject", "Subject", "N.MessageHeader.Subject"),
    ],
)  # fmt: skip
def test_each_required_field_of_the_law_is_missed_by_its_code(name: str, path: str, code: str) -> None:
    report = check(without(name))
    finding = found(report, "lint.missing")
    assert (finding.path, law(finding)) == (f"edXMLHeader/MessageHeader/{path}", code)
    assert not report.ok


@pytest.mark.parametrize(
    ("name", "value", "rule", "code", "severity"),
    [
        ("SteeringType", "3", "lint.out-of-range", "R.MessageHeader.SteeringType", "error"),
        ("SteeringType", " 1", "lint.not-a-number", "T.MessageHeader.SteeringType", "error"),
        ("SteeringType", "", "lint.not-a-number", "T.MessageHeader.SteeringType", "error"),
        ("PromulgationDate", "2019/10/02", "lint.date-future",
         "R.MessageHeader.PromulgationInfo.PromulgationDate", "error"),
        ("PromulgationDate", "30/09/2019", "lint.date-form",
         "T.MessageHeader.PromulgationInfo.PromulgationDate", "warning"),
        ("PromulgationDate", "2019/02/30", "lint.date-calendar",
         "M.MessageHeader.PromulgationInfo.PromulgationDate", "error"),
        ("PromulgationDate", "hôm nay", "lint.date",
         "T.MessageHeader.PromulgationInfo.PromulgationDate", "error"),
        ("CodeNotation", "x" * 31, "lint.too-long", "R.MessageHeader.Code.CodeNotation", "warning"),
        ("Subject", "x" * 501, "lint.too-long", "R.MessageHeader.Subject", "warning"),
        ("Subject", "ệ" * 5000, "lint.too-long", "R.MessageHeader.Subject", "warning"),
        ("OrganId", "01.02.G22", "lint.code-form", "M.MessageHeader.From.OrganId", "warning"),
        ("DocumentId", "12/abc", "lint.document-id-form", "M.MessageHeader.DocumentId", "warning"),
        ("DocumentId", "G04.01,2018/01/01,12/TCDB-VP", "lint.document-id-mismatch",
         "M.MessageHeader.DocumentId", "warning"),
        ("Subject", "null", "lint.null", "", "warning"),
    ],
)  # fmt: skip
def test_each_value_is_judged_by_the_law(name: str, value: str, rule: str, code: str, severity: str) -> None:
    finding = found(check(with_value(name, value)), rule)
    assert (law(finding), finding.severity.value) == (code, severity)
    assert finding.line == 1 + GOOD[: GOOD.index(f"<edXML:{name}>")].count("\n")


def test_a_value_too_long_names_its_length_and_the_limit_in_characters() -> None:
    facts = dict(found(check(with_value("Subject", "ệ" * 5000)), "lint.too-long").facts)
    assert (facts["length"], facts["limit"]) == ("5000", "500")


def test_a_uuid_is_a_fine_document_id() -> None:
    report = check(with_value("DocumentId", "3ed3cc90-1dcb-4382-9725-1de9cd899790"))
    assert rules(report) == ["lint.signature-none"]


def test_a_receiver_named_twice_is_an_error_at_the_second() -> None:
    finding = found(check(GOOD.replace("G04.03", "g04.02 ")), "lint.duplicate-receiver")
    assert finding.path == "edXMLHeader/MessageHeader/To[2]" and law(finding) == "M.MessageHeader.To"


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_a_recall_update_or_replacement_must_say_of_what(kind: int) -> None:
    report = check(document_bytes(replace(DOCUMENT, business=Business(type=kind)), [PDF]))
    assert dict(found(report, "lint.business").facts)["type"] == str(kind)


def test_a_recall_needs_no_attachment_and_a_new_document_does() -> None:
    recall = replace(DOCUMENT, business=Business(type=1), response_for=STATUS.response_for)
    assert check(document_bytes(recall)).ok
    bare = re.sub("<AttachmentEncoded>.*</AttachmentEncoded>", "<AttachmentEncoded />", GOOD, flags=re.S)
    none = check(bare)
    assert {"lint.attachment-missing", "lint.reference-dangling"} <= set(rules(none))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda t: without("Description", t), "lint.reason-missing"),
        (lambda t: with_value("Description", "x" * 1001, t), "lint.reason-too-long"),
        (lambda t: with_value("StatusCode", "77", t), "lint.value"),
        (lambda t: with_value("StatusCode", "2", t), "lint.value"),
        (lambda t: without("ResponseFor", t), "lint.missing"),
        (lambda t: without("From", t), "lint.missing"),
    ],
)
def test_a_status_is_judged_too(change: Callable[[str], str], rule: str) -> None:
    report = check(change(GOOD_STATUS))
    assert rule in rules(report) and report.kind == "status"


def content(name: str, kind: str, data: bytes | str) -> Report:
    text = data if isinstance(data, str) else b64encode(data).decode()
    changed = with_value("ContentTransferEncoded", text)
    changed = changed.replace("a.pdf", name)
    return check(changed.replace("application/pdf", kind))


@pytest.mark.parametrize(
    ("name", "kind", "data", "rule"),
    [
        ("a.txt", "application/zip", b"no zip", "lint.wrapper-expected"),
        ("a.pdf", "application/pdf", b"<html>", "lint.not-what-it-says"),
        ("a.pdf", "application/pdf", b"%PDF-1.4\n" + b"\xef\xbf\xbd" * 9, "lint.not-what-it-says"),
        ("a.docx", "application/docx", b"%PDF", "lint.not-what-it-says"),
        ("a", "text/plain", b"x", "lint.attachment-name"),
        ("../a.txt", "text/plain", b"x", "lint.attachment-name"),
        ("a.txt", "text/plain", "${__StringFromFile(x)}", "attachment.base64"),
        ("a.txt", "text/plain", "!" * 9000, "attachment.base64"),
        ("a.txt", "text/plain", "", "lint.attachment-empty"),
        ("a.txt", "text/plain", " \r\n ", "lint.attachment-empty"),
    ],
)
def test_each_attachment_is_opened(name: str, kind: str, data: bytes | str, rule: str) -> None:
    assert rule in rules(content(name, kind, data))


def test_a_wrapper_under_another_type_is_told() -> None:
    wrapped = document_bytes(DOCUMENT, [file("a.txt", b"x" * 9000)]).decode()
    assert rules(check(wrapped)) == ["lint.signature-none"]
    assert "lint.wrapper-unannounced" in rules(check(wrapped.replace("application/zip", "text/plain")))


def test_ids_that_do_not_match_are_paired_and_told() -> None:
    report = check(with_value("ContentId", "cid:other"))
    assert dict(found(report, "lint.attachment-paired").facts)["how"] == "order"
    assert "lint.cid-repeated" in rules(check(GOOD.replace("cid:", "cid:cid:")))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "package.empty"),
        ("hello", "package.not-well-formed"),
        (GOOD.replace("</edXML:From>", ""), "package.not-well-formed"),
        (GOOD.replace("V/v", "a & b"), "package.not-well-formed"),
        (GOOD.replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>', 1), "package.doctype"),
        ('<edXMLEnvelope xmlns="http://www.go.vn/eDoc"/>', "package.dialect-lgsp"),
        ('<a xmlns="http://www.e-doc.vn/Schema/"/>', "package.dialect-soap"),
        ("<a/>", "lint.not-edxml"),
        (GOOD.replace("QCVN_102_2016", "OTHER"), "lint.namespace"),
        (GOOD.replace("edXML:", "e:").replace("xmlns:edXML", "xmlns:e"), "lint.prefix"),
        ("\ufeff" + GOOD, "lint.bom"),
        ("\r\n" + GOOD, "lint.stray-before"),
        ("1212" + GOOD, "lint.stray-before"),
        (GOOD.replace("<AttachmentEncoded>", '<AttachmentEncoded xlink:href="">'), "lint.undeclared-prefix"),
        (GOOD.replace("<edXML:Subject>", "<edXML:Other/><edXML:Subject>"), "lint.schema-order"),
        (GOOD.replace("<edXML:edXMLHeader>", '<edXML:edXMLHeader x="1">'), "lint.schema"),
    ],
)
def test_the_form_of_the_file_is_judged(text: str, rule: str) -> None:
    assert rule in rules(check(text))


def test_a_syntax_error_is_told_with_its_line() -> None:
    text = GOOD.replace("V/v", "a & b")
    finding = found(check(text), "package.not-well-formed")
    assert finding.line == 1 + text[: text.index("a & b")].count("\n")


def test_utf_16_is_read_and_told() -> None:
    report = check(("\ufeff" + GOOD.replace("UTF-8", "UTF-16")).encode("utf-16-le"))
    assert "lint.encoding" in rules(report) and report.kind == "document"


def test_a_signature_of_the_edxml_namespace_is_no_signature() -> None:
    report = check(document_bytes(DOCUMENT, [PDF], signature=b"<Signature><SignedInfo/></Signature>"))
    assert rules(report) == ["lint.signature-legacy"]


def test_what_the_door_refuses_is_never_ok() -> None:
    twice = GOOD.replace("</edXML:MessageHeader>", "</edXML:MessageHeader><edXML:MessageHeader/>")
    assert not check(twice).ok


def test_lines_after_a_broken_up_attachment_are_those_of_the_file() -> None:
    body = b64encode(b"%PDF-" + bytes(30_000)).decode()
    lines = "\r\n".join(body[i : i + 76] for i in range(0, len(body), 76))
    text = with_value("ContentTransferEncoded", lines)
    end = "  </AttachmentEncoded>"
    text = text.replace(end, f"    <Attachment>\r\n    </Attachment>\r\n{end}")
    finding = found(check(text), "lint.attachment-empty")
    assert finding.line == 1 + text[: text.rindex("<Attachment>")].count("\n")


def test_memory_stays_flat_however_large_the_attachment(tmp_path: Path) -> None:
    head, tail = with_value("ContentTransferEncoded", "@").split("@")
    path = tmp_path / "big.edxml"
    with path.open("wb") as out:
        out.write(head.encode())
        for _ in range(48):
            out.write(b"JVBE" * (1 << 18))
        out.write(tail.encode())
    lint(path, today=TODAY)  # what is built once, such as the schema, is not counted
    tracemalloc.start()
    report = lint(path, today=TODAY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20
    assert rules(report) == ["lint.signature-none", "lint.not-what-it-says"]


def test_a_flood_of_elements_is_not_turned_into_a_tree() -> None:
    report = check(GOOD.replace("<edXML:Subject>", "<a/>" * 300_000 + "<edXML:Subject>"))
    assert not report.ok


def test_many_receivers_do_not_cost_their_square() -> None:
    many = "".join(f"<edXML:To><edXML:OrganId>x{n}</edXML:OrganId></edXML:To>" for n in range(8_000))
    report = check(GOOD.replace("<edXML:To>", many + "<edXML:To>", 1))
    assert "lint.many" in rules(report)


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("edoc_update.edxml", {
            ("lint.document-id-mismatch", 46), ("lint.date-calendar", 91), ("lint.signature-legacy", 117),
        }),
        ("status_acceptance_03.edxml", {
            ("lint.signature-none", 4), ("lint.schema-order", 9), ("lint.schema-order", 20),
            ("lint.schema-order", 26),
        }),
        ("status_cancellation_13.edxml", {
            ("lint.signature-none", 4), ("lint.schema-order", 9), ("lint.schema-order", 20),
            ("lint.schema-order", 26),
        }),
    ],
)  # fmt: skip
@pytest.mark.skipif(not SAMPLES.exists(), reason="the real samples lie beside the project")
def test_real_samples_are_accepted_with_reasons(sample: str, expected: set[tuple[str, int]]) -> None:
    report = lint(SAMPLES / sample, today=TODAY)
    assert report.ok
    assert {(f.rule, f.line) for f in report.findings} == expected


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_linter_answers_whatever_is_cut_or_put_in(data: st.DataObject) -> None:
    text = GOOD.encode()
    at = data.draw(st.integers(0, len(text)))
    pieces = [b"", b"<", b">", b"&", b"<a>", b"</a>", b"\x00", b"\xff", b"<!--", b"]]>"]
    junk = data.draw(st.sampled_from(pieces))
    skip = data.draw(st.integers(0, 40))
    broken = text[:at] + junk + text[at + skip :]
    report = check(broken)
    reader = PackageReader()
    try:
        reader.feed(broken)
        reader.close()
    except AxisError:
        assert not report.ok
    assert all("?" not in f.text("vi").replace("<?", "").replace("?>", "") for f in report.findings)
    assert all(f.text("en") for f in report.findings)


def test_a_mark_of_secrecy_is_an_error() -> None:
    report = check(with_value("Subject", "Độ mật: Tối mật. V/v kiểm tra"))
    assert dict(found(report, "lint.secrecy").facts)["mark"]
    assert not report.ok


def test_many_threads_may_lint_at_once() -> None:
    bad = GOOD.replace("<edXML:Subject>", "<edXML:Other/><edXML:Subject>")
    with ThreadPoolExecutor(4) as pool:
        texts = [GOOD, bad] * 20
        got = list(pool.map(lambda t: rules(check(t)), texts))
    assert all(("lint.schema-order" in r) == (t == bad) for t, r in zip(texts, got, strict=True))


class Hasty(io.BytesIO):
    """A file that hands out a few bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(7 if size is None or size < 0 or size > 7 else size)


def test_findings_do_not_depend_on_how_the_bytes_arrive() -> None:
    text = with_value("ContentTransferEncoded", b64encode(bytes(5000)).decode()).encode()
    slow: IO[Any] = Hasty(text)
    assert lint(slow, today=TODAY).findings == check(text).findings
