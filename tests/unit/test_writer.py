"""The strict writer writes the form of the reference library and refuses the rest."""

from __future__ import annotations

import io
import tempfile
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, BinaryIO, cast
from uuid import UUID

import pytest
from lxml import etree

from axis.domain.document import (
    Business,
    Code,
    Dated,
    Kind,
    Organization,
    OtherInfo,
    Package,
    ResponseFor,
    Trace,
)
from axis.domain.errors import PackageError
from axis.edxml.writer import NAMESPACE, FileToSend, document_bytes, status_bytes, write_document

DAY = Dated("2019/09/30", date(2019, 9, 30))
DOCUMENT = Package(
    kind=Kind.DOCUMENT,
    sender=Organization(organ_id="G04.01", organ_name="Tổng cục <A> & B"),
    receivers=(Organization(organ_id="G04.02"), Organization(organ_id="000.00.00.G22")),
    code=Code("12", "TCĐB-VP"),
    promulgation_date=DAY,
    subject="  V/v kiểm tra\n",
)
STATUS = Package(
    kind=Kind.STATUS,
    sender=Organization(organ_id="G04.02"),
    response_for=(ResponseFor("G04.01", "12/TCĐB-VP", "G04.01,2019/09/30,12/TCĐB-VP", DAY),),
    status_code="03",
    status_timestamp="2019/09/30 08:00:00",
)


def file(name: str, content: bytes, **more: Any) -> FileToSend:
    return FileToSend(name, lambda: io.BytesIO(content), **more)


PDF = file("công văn.pdf", b"%PDF-1.4 ...")


def numbered() -> Callable[[], UUID]:
    numbers = iter(range(1, 1000))
    return lambda: UUID(int=next(numbers))


def contents(data: bytes) -> list[bytes]:
    tree = etree.fromstring(data)
    return [b64decode(e.text) for e in tree.iter(f"{{{NAMESPACE}}}ContentTransferEncoded")]


def test_a_document_has_exactly_the_form_of_the_reference_library() -> None:
    data = document_bytes(DOCUMENT, [PDF], ids=numbered())
    assert data.decode() == "\r\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<edXML xmlns="{NAMESPACE}">',
            f'  <edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}">',
            "    <edXML:edXMLHeader>",
            "      <edXML:MessageHeader>",
            "        <edXML:From>",
            "          <edXML:OrganId>G04.01</edXML:OrganId>",
            "          <edXML:OrganName>Tổng cục &lt;A&gt; &amp; B</edXML:OrganName>",
            "        </edXML:From>",
            "        <edXML:To>",
            "          <edXML:OrganId>G04.02</edXML:OrganId>",
            "        </edXML:To>",
            "        <edXML:To>",
            "          <edXML:OrganId>000.00.00.G22</edXML:OrganId>",
            "        </edXML:To>",
            "        <edXML:DocumentId>G04.01,2019/09/30,12/TCĐB-VP</edXML:DocumentId>",
            "        <edXML:Code>",
            "          <edXML:CodeNumber>12</edXML:CodeNumber>",
            "          <edXML:CodeNotation>TCĐB-VP</edXML:CodeNotation>",
            "        </edXML:Code>",
            "        <edXML:PromulgationInfo>",
            "          <edXML:PromulgationDate>2019/09/30</edXML:PromulgationDate>",
            "        </edXML:PromulgationInfo>",
            "        <edXML:Subject>V/v kiểm tra</edXML:Subject>",
            "        <edXML:SteeringType>0</edXML:SteeringType>",
            "      </edXML:MessageHeader>",
            "    </edXML:edXMLHeader>",
            "    <edXML:edXMLBody>",
            '      <edXML:edXMLManifest version="1.0">',
            "        <edXML:Reference>",
            "          <edXML:ContentId>cid:00000000-0000-0000-0000-000000000001</edXML:ContentId>",
            "          <edXML:ContentType>application/pdf</edXML:ContentType>",
            "          <edXML:AttachmentName>công văn.pdf</edXML:AttachmentName>",
            "        </edXML:Reference>",
            "      </edXML:edXMLManifest>",
            "    </edXML:edXMLBody>",
            "  </edXML:edXMLEnvelope>",
            "  <AttachmentEncoded>",
            "    <Attachment>",
            "      <ContentId>cid:00000000-0000-0000-0000-000000000001</ContentId>",
            "      <AttachmentName>công văn.pdf</AttachmentName>",
            "      <ContentType>application/pdf</ContentType>",
            f'      <edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">'
            "JVBERi0xLjQgLi4u</edXML:ContentTransferEncoded>",
            "    </Attachment>",
            "  </AttachmentEncoded>",
            "</edXML>",
            "",
        ]
    )


def test_a_status_has_a_message_header_and_nothing_else() -> None:
    text = status_bytes(STATUS).decode()
    assert "edXMLBody" not in text and "AttachmentEncoded" not in text
    assert text.endswith("  </edXML:edXMLEnvelope>\r\n</edXML>\r\n")
    assert text.index("From") < text.index("ResponseFor") < text.index("StatusCode") < text.index("Timestamp")


def test_a_recall_without_files_keeps_the_two_elements_that_may_be_empty() -> None:
    recall = replace(DOCUMENT, business=Business(type=1), trace=(Trace("G04.01", "2019/09/30 08:00:00"),))
    text = document_bytes(recall).decode()
    assert '<edXML:edXMLManifest version="1.0" />' in text
    assert "  <AttachmentEncoded />\r\n</edXML>\r\n" in text
    assert text.index("Bussiness") < text.index("TraceHeader>")


def test_direction_is_always_written_with_other_info_and_negative_numbers_never() -> None:
    text = document_bytes(replace(DOCUMENT, other=OtherInfo(priority=2, page_amount=-1)), [PDF]).decode()
    assert "<edXML:Direction>false</edXML:Direction>" in text
    assert "PageAmount" not in text


def test_a_pdf_travels_as_it_is_and_a_text_inside_a_zip_of_one_entry() -> None:
    data = document_bytes(DOCUMENT, [PDF, file("a.txt", b"xin chao")], ids=numbered())
    pdf, wrapped = contents(data)
    assert pdf == b"%PDF-1.4 ..."
    with zipfile.ZipFile(io.BytesIO(wrapped)) as archive:
        (entry,) = archive.infolist()
        assert UUID(entry.filename.removesuffix(".txt"))
        assert archive.read(entry) == b"xin chao"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.PDF", b"%PDF", "application/pdf"),
        ("a.docx", b"PK\x03\x04 many entries", "application/docx"),
        ("a.zip", b"PK\x03\x04", "application/zip"),
        ("a.xlsx", b"PK\x03\x04", "application/zip"),
    ],
)
def test_content_types_follow_the_extension(name: str, content: bytes, kind: str) -> None:
    assert f"<ContentType>{kind}</ContentType>" in document_bytes(DOCUMENT, [file(name, content)]).decode()


@pytest.mark.parametrize("name", ["F.ZIP", "f.pdf"])
def test_a_zip_that_a_reader_would_open_by_mistake_is_wrapped_once_more(name: str) -> None:
    (content,) = contents(document_bytes(DOCUMENT, [file(name, b"PK\x03\x04 a zip")]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read(archive.namelist()[0]) == b"PK\x03\x04 a zip"


def test_the_same_input_and_ids_give_the_same_bytes() -> None:
    files = [PDF, file("a.txt", b"x")]
    assert document_bytes(DOCUMENT, files, ids=numbered()) == document_bytes(DOCUMENT, files, ids=numbered())


def test_a_signature_is_put_in_the_header_as_received() -> None:
    mark = b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'
    signed = document_bytes(DOCUMENT, [PDF], signature=mark)
    assert b"      " + mark + b"\r\n    </edXML:edXMLHeader>" in signed


def test_an_inner_carriage_return_survives_a_parser() -> None:
    data = document_bytes(replace(DOCUMENT, subject="a\r\nb"), [PDF])
    assert etree.fromstring(data).findtext(f".//{{{NAMESPACE}}}Subject") == "a\r\nb"


class Zeros(io.RawIOBase):
    """A stream of zeros of the given size that hands out odd pieces."""

    def __init__(self, size: int) -> None:
        self.left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        piece = bytes(min(self.left, max(size - 5, 4)))
        self.left -= len(piece)
        return piece


@pytest.mark.parametrize("name", ["a.pdf", "a.bin"])
def test_a_large_attachment_leaves_in_small_pieces(name: str) -> None:
    pieces: list[int] = []
    big = FileToSend(name, lambda: cast(BinaryIO, Zeros(20_000_000)))
    write_document(DOCUMENT, [big], lambda data: pieces.append(len(data)))
    assert max(pieces) <= 300_000


@pytest.fixture
def spools(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    made: list[Any] = []
    real = tempfile.SpooledTemporaryFile

    def watch(*args: Any, **more: Any) -> Any:
        made.append(real(*args, **more))
        return made[-1]

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", watch)
    yield made


def test_temporary_files_are_closed_even_when_the_sink_fails(spools: list[Any]) -> None:
    def sink(data: bytes) -> None:
        if b"ContentTransferEncoded" not in data and len(data) > 50 and not data.lstrip().startswith(b"<"):
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_document(DOCUMENT, [file("a.txt", bytes(range(256)) * 40)], sink)
    assert spools and all(spool.closed for spool in spools)


NEVER: list[tuple[str, Package, list[FileToSend]]] = [
    ("writer.attachment-missing", DOCUMENT, []),
    ("writer.attachment-empty", DOCUMENT, [file("a.pdf", b"")]),
    ("writer.attachment-name", DOCUMENT, [file("README", b"x")]),
    ("writer.attachment-name", DOCUMENT, [file("../a.pdf", b"x")]),
    ("writer.attachment-name", DOCUMENT, [file("a\u202efdp.exe", b"x")]),
    ("writer.missing", replace(DOCUMENT, subject=" "), [PDF]),
    ("writer.missing", replace(DOCUMENT, receivers=()), [PDF]),
    ("writer.missing", replace(DOCUMENT, receivers=(Organization(organ_name="x"),)), [PDF]),
    ("writer.missing", replace(DOCUMENT, sender=Organization()), [PDF]),
    ("writer.missing", replace(DOCUMENT, code=Code("", "x")), [PDF]),
    ("writer.missing", replace(DOCUMENT, promulgation_date=Dated()), [PDF]),
    ("writer.date", replace(DOCUMENT, due_date=Dated("hôm nay")), [PDF]),
    ("writer.time", replace(DOCUMENT, trace=(Trace("G04", "2019-09-30T08:00:00"),)), [PDF]),
    ("writer.duplicate-receiver", replace(DOCUMENT, receivers=DOCUMENT.receivers * 2), [PDF]),
    ("writer.document-id", replace(DOCUMENT, code=Code("1", "a,b")), [PDF]),
    ("writer.document-id", replace(DOCUMENT, document_id="x"), [PDF]),
    ("writer.character", replace(DOCUMENT, subject="a\x0bb"), [PDF]),
    ("writer.character", replace(DOCUMENT, subject="a\ufffeb"), [PDF]),
    ("writer.character", replace(DOCUMENT, subject="a\ud800b"), [PDF]),
    ("writer.kind", STATUS, [PDF]),
]


@pytest.mark.parametrize(("code", "package", "files"), NEVER)
def test_what_must_never_be_produced_is_refused_before_the_first_byte(
    code: str, package: Package, files: list[FileToSend]
) -> None:
    written: list[bytes] = []
    with pytest.raises(PackageError) as refusal:
        write_document(package, files, written.append)
    assert refusal.value.code == code
    assert not written
    assert "?" not in refusal.value.text("vi")


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("writer.status-code", {"status_code": "3"}),
        ("writer.missing", {"status_code": ""}),
        ("writer.missing", {"response_for": ()}),
        ("writer.reason", {"status_code": "02"}),
        ("writer.reason", {"status_code": "02", "status_description": "x" * 1001}),
        ("writer.kind", {"kind": Kind.DOCUMENT}),
    ],
)
def test_a_status_that_must_never_be_produced_is_refused(code: str, change: dict[str, Any]) -> None:
    with pytest.raises(PackageError) as refusal:
        status_bytes(replace(STATUS, **change))
    assert refusal.value.code == code
