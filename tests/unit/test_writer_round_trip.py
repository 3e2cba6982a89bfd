"""What the writer writes, the reader reads back equal; it is valid by our XSD and clean by our linter."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from axis.domain.document import (
    Business,
    Code,
    Dated,
    DocumentChange,
    Kind,
    Organization,
    OtherInfo,
    Package,
    ReceiverChange,
    Replacement,
    ResponseFor,
    Signer,
    Staff,
    Trace,
)
from axis.edxml.attachments import content
from axis.edxml.linter import lint
from axis.edxml.pairing import pair
from axis.edxml.reader import PackageReader
from axis.edxml.writer import FileToSend, document_bytes, status_bytes

SCHEMAS = Path(__file__).parents[2] / "schemas"
XSD = {
    Kind.DOCUMENT: etree.XMLSchema(etree.parse(SCHEMAS / "edxml-document.xsd")),
    Kind.STATUS: etree.XMLSchema(etree.parse(SCHEMAS / "edxml-status.xsd")),
}

words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\r\t"),
    max_size=20,
).map(lambda t: "" if t.strip().lower() == "null" else t.strip())
said = words.filter(bool)
days = st.dates(date(1, 1, 1), date(2019, 9, 30)).map(
    lambda d: Dated(f"{d.year:04}/{d.month:02}/{d.day:02}", d)
)
some_day = st.one_of(st.just(Dated()), days)
times = st.datetimes().map(
    lambda t: f"{t.year:04}/{t.month:02}/{t.day:02} {t.hour:02}:{t.minute:02}:{t.second:02}"
)
codes = st.from_regex(
    r"[A-Z][0-9]{2}(\.[0-9A-Z]{2,3}){0,3}|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}", fullmatch=True
)
numbers = st.from_regex(r"[0-9A-Za-z]{1,11}", fullmatch=True)
notations = st.from_regex(r"[A-ZĐa-z&<>\-]{1,30}", fullmatch=True).filter(lambda t: t.lower() != "null")
flags = st.sampled_from(["", "0", "1"])


def organizations(**fixed: st.SearchStrategy[str]) -> st.SearchStrategy[Organization]:
    return st.builds(Organization, codes, words, words, words, words, words, words, words, **fixed)


def tuples(inner: st.SearchStrategy[object], least: int = 0, by: object = None) -> st.SearchStrategy[object]:
    return st.lists(inner, min_size=least, max_size=3, unique_by=by).map(tuple)  # type: ignore[arg-type]  # any key


document_ids = st.builds(lambda c, d, n, s: f"{c},{d.text},{n}/{s}", codes, days, numbers, notations)
staff = st.builds(Staff, said, words, words, words, words, words)
responses = st.builds(ResponseFor, codes, words, document_ids, some_day)
changes = st.builds(
    DocumentChange, st.sampled_from("01"), flags, tuples(st.builds(ReceiverChange, codes, flags))
)
business = st.builds(
    Business,
    st.integers(0, 3),
    document_ids,
    words,
    flags,
    tuples(changes),
    tuples(st.builds(Replacement, document_ids, tuples(codes, by=str)), 1, by=lambda r: r.document_id),
    tuples(staff),
)
documents = st.builds(
    Package,
    kind=st.just(Kind.DOCUMENT),
    sender=organizations(),
    receivers=tuples(organizations(), 1, by=lambda o: o.organ_id),
    code=st.builds(Code, numbers, notations),
    place=words,
    promulgation_date=days,
    document_type=st.integers(0, 10**6),
    type_detail=st.integers(-1, 99),
    type_name=words,
    subject=said,
    content=words,
    signer=st.builds(Signer, words, words, words),
    due_date=some_day,
    other=st.builds(
        OtherInfo, st.integers(0, 4), words, words, st.integers(0, 9), st.integers(0, 999), st.booleans(),
        tuples(said),
    ),
    response_for=tuples(responses, 1),
    steering_type=st.integers(0, 2),
    task_codes=tuples(said),
    application_type=words,
    to_places=tuples(said),
    paper=flags,
    business=st.one_of(st.none(), business),
    trace=tuples(st.builds(Trace, codes, times)),
)  # fmt: skip
statuses = st.builds(
    Package,
    kind=st.just(Kind.STATUS),
    sender=organizations(),
    response_for=st.tuples(responses),
    status_code=st.sampled_from(["01", "02", "03", "04", "05", "06", "13", "15", "16"]),
    status_description=said,
    status_staff=st.one_of(st.none(), staff),
    status_timestamp=st.one_of(st.just(""), times),
)
names = st.builds(
    lambda stem, end: f"{stem}.{end}",
    st.from_regex(r"[a-zđ0-9][a-zđ0-9 _]{0,20}", fullmatch=True).map(lambda t: f"vb {t.strip()}"),
    st.sampled_from(["txt", "xls", "xlsx", "doc", "PDF", "ZIP", "Zip", "rar", "unk", "odt"]),
)
files = st.lists(st.tuples(names, st.binary(min_size=1, max_size=3000)), min_size=1, max_size=3)

careful = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(data: bytes, step: int = 10_000) -> Package:
    reader = PackageReader()
    for at in range(0, len(data), step):
        reader.feed(data[at : at + step])
    reading = reader.close()
    assert reading.seal is None
    return reading.package


def clean(data: bytes, kind: Kind) -> None:
    tree = etree.fromstring(data)
    XSD[kind].assertValid(tree)
    report = lint(io.BytesIO(data), today=date(2019, 10, 1))
    assert report.ok, report.errors
    assert not [f for f in report.findings if f.rule.startswith("lint.schema")]


@careful
@given(documents, files)
def test_a_document_comes_back_equal_and_its_files_byte_for_byte(
    package: Package, sent: list[tuple[str, bytes]]
) -> None:
    data = document_bytes(package, [FileToSend(n, lambda c=c: io.BytesIO(c)) for n, c in sent])
    back = read(data)
    given_id = f"{package.sender.organ_id},{package.promulgation_date.text},{package.code.full}"
    assert replace(back, manifest=(), attachments=()) == replace(package, document_id=given_id)
    assert [p.how for p in pair(back.manifest, back.attachments)] == ["id"] * len(sent)
    for attachment, (name, original) in zip(back.attachments, sent, strict=True):
        assert attachment.name == name
        with content(io.BytesIO(data), attachment) as opened:
            assert opened.stream.read() == original
    clean(data, Kind.DOCUMENT)


@careful
@given(statuses, st.integers(1, 64))
def test_a_status_comes_back_equal_in_any_pieces(package: Package, step: int) -> None:
    data = status_bytes(package)
    assert read(data, step) == package
    clean(data, Kind.STATUS)
