"""What the reader takes from a package, what it puts up with, and what it refuses."""

from __future__ import annotations

import base64
from datetime import date

import pytest

from axis.domain.document import Kind
from axis.domain.errors import AxisError, PackageError, SignatureError
from axis.edxml.build import parse_date
from axis.edxml.limits import Limits
from axis.edxml.reader import PackageReader, read
from benchmarks.verify import memory_in_fresh_process
from tests.unit.packages import DOCUMENT, SAMPLES, STATUS, changed


def rules(text: str | bytes) -> list[str]:
    data = text if isinstance(text, bytes) else text.encode()
    return [one.rule for one in read(data).package.findings]


def test_the_update_sample_is_read_whole() -> None:
    data = (SAMPLES / "edoc_update.edxml").read_bytes()
    reading = read(data)
    package = reading.package
    assert reading.seal is None
    assert package.kind is Kind.DOCUMENT
    assert package.sender.organ_name == "Văn phòng Chính phủ"
    assert package.addressees == ("000.00.00.H41", "000.00.00.H14", "000.00.00.G17")
    assert package.document_id == "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"
    assert package.code.full == "7816/VPCP-TTĐT"
    assert package.promulgation_date.value == date(2018, 9, 28)
    assert package.other.page_amount == 22 and package.other.appendixes
    assert package.business is not None and package.business_type == 2
    assert [r.receiver_type for r in package.business.changes[0].receivers] == ["0", "1"]
    assert package.business.staff[0].mobile == "84912000001"
    assert package.trace[0].timestamp == "2018/09/28 00:00:00"
    assert [one.rule for one in package.findings] == ["signature.legacy"]
    (one,) = package.attachments
    content = base64.b64decode(data[one.offset : one.offset + one.length], validate=True)
    assert content.startswith(b"PK\x03\x04") and one.content_id == "209"


@pytest.mark.parametrize(("name", "code"), [("status_acceptance_03", "03"), ("status_cancellation_13", "13")])
def test_the_status_samples_are_read(name: str, code: str) -> None:
    package = read((SAMPLES / f"{name}.edxml").read_bytes()).package
    assert (package.kind, package.status_code) == (Kind.STATUS, code)
    assert len(package.addressees) == 1 and package.status_staff is not None
    assert package.response_for[0].document_id == "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"
    assert not package.findings and package.status_timestamp == "2015/09/20 11:08:36"


@pytest.mark.parametrize("size", [1, 2, 13, 4096, 16_384, 100_000])
def test_any_chunking_reads_the_same(size: int) -> None:
    for path in SAMPLES.glob("*.edxml"):
        data = path.read_bytes()
        assert read(data[i : i + size] for i in range(0, len(data), size)) == read(data)


# -- what it puts up with (edxml.md section 9) --------------------------------------------------

TOLERATED = {
    "a byte order mark": ("\ufeff" + DOCUMENT, []),
    "white space before the declaration": ("\r\n " + DOCUMENT, ["package.repaired-leading-space"]),
    "stray text before the declaration": ("1212" + DOCUMENT, ["package.repaired-stray-text"]),
    "an undeclared prefix": (changed(DOCUMENT, (' xmlns:edXML="', ' xmlns:other="')), ["package.repaired-prefix"]),
    "an undeclared xlink": (
        changed(DOCUMENT, ("<edXML:Reference>", '<edXML:Reference xlink:href="">')), ["package.repaired-prefix"]
    ),
    "no namespace at all": (
        DOCUMENT.replace("edXML:", "").replace(" xmlns=", " x=").replace(" xmlns:edXML=", " x="),
        ["package.repaired-namespace"],
    ),
    "another prefix": (DOCUMENT.replace("edXML:", "q:").replace("xmlns:edXML", "xmlns:q"), []),
    "LF instead of CR LF": (DOCUMENT.replace("\r\n", "\n"), []),
    "unknown elements": (changed(DOCUMENT, ("<edXML:Subject>", "<New><Deep>x</Deep></New><edXML:Subject>")), []),
    "another root": (
        DOCUMENT.replace("<edXML xmlns", "<Package xmlns").replace("</edXML>", "</Package>"),
        ["package.repaired-root"],
    ),
    "a prefixed root": (
        changed(DOCUMENT, ("<edXML xmlns=", "<e:edXML xmlns:e="), ("</edXML>", "</e:edXML>"),
                ("<AttachmentEncoded>", "<e:AttachmentEncoded>"), ("</AttachmentEncoded>", "</e:AttachmentEncoded>"),
                ("<Attachment>", "<e:Attachment>"), ("</Attachment>", "</e:Attachment>"),
                ("<ContentId>1</ContentId>", ""), ("<AttachmentName>a.pdf</AttachmentName>",
                                                   "<e:AttachmentName>a.pdf</e:AttachmentName>")), []),
    "XML 1.1": (changed(DOCUMENT, ('version="1.0"', 'version="1.1"')), ["package.repaired-xml-version"]),
    "no declaration": (changed(DOCUMENT, ('<?xml version="1.0" encoding="UTF-8"?>\r\n', "")), []),
    "comments between elements": (changed(DOCUMENT, ("<edXML:Subject>", "<!-- x --><edXML:Subject>")), []),
    "CDATA in a value": (
        changed(DOCUMENT, ("V/v họp giao ban", "<![CDATA[V/v ]]>họp <![CDATA[giao ban]]>")), []
    ),
    "the DigitalSignature of .NET programs": (
        changed(DOCUMENT, ("</edXML:edXMLHeader>", "<edXML:DigitalSignature/></edXML:edXMLHeader>")), []
    ),
    "Manifest for edXMLManifest": (DOCUMENT.replace("edXMLManifest", "Manifest"), []),
    "a comment in a value, joined": (
        changed(DOCUMENT, ("V/v họp", "V/v <!-- no -->họp")), ["package.comment-in-value"]
    ),
    "an instruction in a value, joined": (
        changed(DOCUMENT, ("V/v họp", "V/v <?no no?>họp")), ["package.instruction-in-value"]
    ),
    "an int with spaces": (changed(DOCUMENT, ("<edXML:SteeringType>0", "<edXML:SteeringType> 0 ")), []),
    "an int that is none": (
        changed(DOCUMENT, ("<edXML:SteeringType>0", "<edXML:SteeringType>ba")), ["package.number"]
    ),
    "an old date": (
        changed(DOCUMENT, ("<edXML:PromulgationDate>2019/03/12", "<edXML:PromulgationDate>12/03/2019")), []
    ),
    "a date that is none": (
        changed(DOCUMENT, ("<edXML:PromulgationDate>2019/03/12", "<edXML:PromulgationDate>2019/02/30")),
        ["package.date"],
    ),
    "two subjects, the last wins": (
        changed(DOCUMENT, ("<edXML:Subject>", "<edXML:Subject>x</edXML:Subject><edXML:Subject>")),
        ["package.repeated"],
    ),
    "an empty ResponseFor": (changed(DOCUMENT, ("<edXML:Subject>", "<edXML:ResponseFor /><edXML:Subject>")), []),
    "structural names in the wrong place": (
        changed(DOCUMENT, ("<edXML:Subject>", "<Junk><edXML:From>x</edXML:From></Junk><edXML:Subject>")),
        ["package.wrapped"],
    ),
    "the same id twice": (
        changed(DOCUMENT, ("<edXML:Subject>", '<a Id="1"/><b ID="1"/><edXML:Subject>')), ["package.repeated-id"]
    ),
    "a stylesheet": (changed(DOCUMENT, ("<edXML xmlns", "<?xml-stylesheet href='x'?><edXML xmlns")),
                     ["package.stylesheet"]),
    "a relative namespace": (
        changed(DOCUMENT, ("<edXML:Subject>", "<a xmlns='b'/><edXML:Subject>")), ["package.namespace-relative"]
    ),
    "two lists of attachments": (
        changed(DOCUMENT, ("<AttachmentEncoded>", "<AttachmentEncoded></AttachmentEncoded><AttachmentEncoded>")), []
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLERATED)
def test_an_unsigned_package_may_have(name: str) -> None:
    text, expected = TOLERATED[name]
    package = read(text.encode()).package
    assert [one.rule for one in package.findings] == expected
    assert all(one.text("vi") and one.text("en") for one in package.findings)
    assert package.sender.organ_id == "000.00.00.G22"
    assert package.addressees == ("000.00.00.H41", "G22.02")
    assert package.document_id == "000.00.00.G22,2019/03/12,74/VP"
    assert package.subject == "V/v họp giao ban"
    (one,) = package.attachments
    data = text.encode()
    assert (one.name, data[one.offset : one.offset + one.length]) == ("a.pdf", b"JVBERi0=")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_with_a_byte_order_mark_is_read_without_places_of_attachments(encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    data = (mark + changed(DOCUMENT, ("UTF-8", "UTF-16"))).encode(encoding)
    for size in (len(data), 3, 7001):
        package = read(data[i : i + size] for i in range(0, len(data), size)).package
        assert (package.encoding, package.repairs) == ("utf-16", ("utf-16",))
        assert package.subject == "V/v họp giao ban" and package.attachments[0].offset == -1


def test_a_missing_document_id_is_built_from_its_parts_and_never_invented() -> None:
    without = changed(DOCUMENT, ("<edXML:DocumentId>000.00.00.G22,2019/03/12,74/VP</edXML:DocumentId>", ""))
    package = read(without.encode()).package
    assert package.document_id == "000.00.00.G22,2019/03/12,74/VP"
    assert [one.rule for one in package.findings] == ["package.document-id-built"]
    bare = changed(without, ("<edXML:CodeNumber>74</edXML:CodeNumber>", ""))
    assert read(bare.encode()).package.document_id == ""
    assert rules(bare) == ["package.no-document-id"]


def test_the_word_null_means_nothing_and_values_are_trimmed() -> None:
    text = changed(DOCUMENT, ("V/v họp giao ban", "null"), ("000.00.00.H41", "\n 000.00.00.H41\t"))
    package = read(text.encode()).package
    assert package.subject == "" and package.addressees[0] == "000.00.00.H41"
    assert read(STATUS.encode()).package.status_code == "03"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019/03/12", date(2019, 3, 12)), ("2019-3-2", date(2019, 3, 2)), ("12/03/2019", date(2019, 3, 12)),
        ("2019/03/12 10:20:30", date(2019, 3, 12)), ("2019-03-12T10:20:30+07:00", date(2019, 3, 12)),
        ("2014/02/30", None), ("25/3/4", None), ("2019/03/12 trailing", None), ("2019/03/12 25:00:00", None),
        ("", None), ("٢٠١٩/03/12", date(2019, 3, 12)),
    ],
)  # fmt: skip
def test_dates_are_read_by_a_strict_calendar(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


# -- what it refuses ----------------------------------------------------------------------------

REFUSED = {
    "nothing": ("", "package.empty"),
    "no XML": ("hello", "package.not-well-formed"),
    "an unclosed file": (DOCUMENT[:-20], "package.not-well-formed"),
    "text behind the root": (DOCUMENT + "x", "package.not-well-formed"),
    "a raw ampersand": (changed(DOCUMENT, ("họp", "&")), "package.not-well-formed"),
    "an entity": (changed(DOCUMENT, ("họp", "&xxe;")), "package.not-well-formed"),
    "markup before the declaration": ("<x/>" + DOCUMENT, "package.not-well-formed"),
    "a DOCTYPE": (changed(DOCUMENT, ("<edXML xmlns", "<!DOCTYPE edXML><edXML xmlns")), "package.doctype"),
    "an internal entity": (
        changed(DOCUMENT, ("<edXML xmlns", '<!DOCTYPE e [<!ENTITY a "b">]><edXML xmlns')), "package.doctype"
    ),
    "Latin 1": (changed(DOCUMENT, ("UTF-8", "ISO-8859-1")), "package.encoding"),
    "UTF-7": (changed(DOCUMENT, ("UTF-8", "UTF-7")), "package.encoding"),
    "UTF-16 that is none": (changed(DOCUMENT, ("UTF-8", "UTF-16")), "package.encoding"),
    "two senders": (
        changed(DOCUMENT, ("<edXML:From>", "<edXML:From><edXML:OrganId>x</edXML:OrganId></edXML:From><edXML:From>")),
        "package.ambiguous",
    ),
    "two codes of the sender": (
        changed(DOCUMENT, ("<edXML:OrganId>", "<edXML:OrganId>x</edXML:OrganId><edXML:OrganId>")),
        "package.ambiguous",
    ),
    "two DocumentIds": (
        changed(DOCUMENT, ("<edXML:DocumentId>", "<edXML:DocumentId/><edXML:DocumentId>")), "package.ambiguous"
    ),
    "two StatusCodes": (
        changed(STATUS, ("<edXML:StatusCode>", "<edXML:StatusCode>02</edXML:StatusCode><edXML:StatusCode>")),
        "package.ambiguous",
    ),
    "two MessageHeaders": (
        changed(DOCUMENT, ("<edXML:MessageHeader>", "<edXML:MessageHeader/><edXML:MessageHeader>")),
        "package.ambiguous",
    ),
    "two headers": (
        changed(DOCUMENT, ("<edXML:edXMLHeader>", "<edXML:edXMLHeader/><edXML:edXMLHeader>")), "package.ambiguous"
    ),
    "two envelopes": (
        changed(DOCUMENT, ("<edXML:edXMLEnvelope ", "<edXMLEnvelope/><edXML:edXMLEnvelope ")), "package.ambiguous"
    ),
    "an element inside a value": (changed(DOCUMENT, (",74/VP", ",74<b/>/VP")), "package.element-in-value"),
    "an element inside content": (changed(DOCUMENT, ("JVBE", "JV<b/>BE")), "package.element-in-value"),
    "a control character in an id": (changed(DOCUMENT, (".H41", ".H\n41")), "package.control-character"),
    "an invisible character in an id": (changed(DOCUMENT, (".H41", ".H\u200b41")), "package.control-character"),
    "no MessageHeader": (DOCUMENT.replace("MessageHeader", "Message"), "package.no-header"),
    "no envelope": (DOCUMENT.replace("edXMLEnvelope", "Envelope"), "package.no-header"),
    "a MessageHeader elsewhere only": (
        DOCUMENT.replace("edXMLHeader", "Header"), "package.no-header"
    ),
    "no sender": (changed(DOCUMENT, ("000.00.00.G22<", "<")), "package.no-sender"),
    "no receiver": (DOCUMENT.replace("edXML:To>", "edXML:Too>"), "package.no-receiver"),
    "a status about nothing": (STATUS.replace("ResponseFor", "ResponseTo"), "package.no-response-for"),
    "dialect B": (DOCUMENT.replace("http://www.mic.gov.vn/TBT/QCVN_102_2016", "http://www.go.vn/eDoc"),
                  "package.dialect-lgsp"),
    "dialect C": (
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header>"
        "<e:MessageHeader xmlns:e='http://www.e-doc.vn/Schema/'/></s:Header></s:Envelope>", "package.dialect-soap"
    ),
    "a name with two colons": (changed(DOCUMENT, ("<edXML:Subject>", "<a:b:c/><edXML:Subject>")), "package.bad-name"),
    "one attribute by two prefixes": (
        changed(DOCUMENT, ("<edXML:Subject>", "<a xmlns:p='urn:a' xmlns:q='urn:a' p:x='1' q:x='2'/><edXML:Subject>")),
        "package.attribute-twice",
    ),
    "a DocumentId without end": (changed(DOCUMENT, ("74/VP<", "74/" + "V" * 600 + "<")), "package.document-id-length"),
    "a signature in the wrong place": (
        changed(DOCUMENT, ("<edXML:edXMLBody>", "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/><edXML:edXMLBody>")),
        "signature.misplaced",
    ),
    "an enveloping signature": (
        "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><Object/></Signature>", "signature.misplaced"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_is(name: str) -> None:
    text, code = REFUSED[name]
    for size in (len(text) * 2 + 1, 5):
        data = text.encode()
        with pytest.raises(AxisError) as caught:
            read(data[i : i + size] for i in range(0, len(data), size))
        assert caught.value.code == code
        assert "?" not in caught.value.text("vi").replace(code, "") or "UTF" in text


def test_a_refusal_is_said_again_whatever_is_fed_next() -> None:
    reader = PackageReader()
    for act in (lambda: reader.feed(b"<!DOCTYPE a>" + b" " * 20_000), lambda: reader.feed(b"x"), reader.close):
        with pytest.raises(PackageError, match=r"package\.doctype"):
            act()


def test_errors_name_the_line_even_behind_led_past_base64() -> None:
    content = ("QUJD" * 19 + "\r\n") * 3000
    text = changed(DOCUMENT, ("JVBERi0=", content), ("</AttachmentEncoded>", "<a>&b;</a></AttachmentEncoded>"))
    line = text[: text.index("&b;")].count("\n") + 1
    for size in (len(text), 1000):
        with pytest.raises(PackageError) as caught:
            read(text[i : i + size].encode() for i in range(0, len(text), size))
        assert caught.value.facts["line"] == line


# -- limits --------------------------------------------------------------------------------------

LIMITS = {
    "package.too-large": (DOCUMENT, Limits(package=500)),
    "package.header-size": (changed(DOCUMENT, ("V/v", "V" * 70_000)), Limits(header=60_000)),
    "package.elements": (changed(DOCUMENT, ("<edXML:Subject>", "<a/>" * 300 + "<edXML:Subject>")),
                         Limits(elements=300)),
    "package.depth": (
        changed(DOCUMENT, ("<edXML:Subject>", "<a>" * 70 + "</a>" * 70 + "<edXML:Subject>")), Limits()
    ),
    "package.attributes": (
        changed(DOCUMENT, ("<edXML:Subject>", "<a " + " ".join(f"a{i}='1'" for i in range(300)) + "/><edXML:Subject>")),
        Limits(),
    ),
    "package.attribute-value": (
        changed(DOCUMENT, ("<edXML:Subject>", f"<a b='{'x' * 70_000}'/><edXML:Subject>")), Limits()
    ),
    "package.namespaces": (
        changed(DOCUMENT, ("<edXML:Subject>", f"<a xmlns:p='urn:{'x' * 3000}'/><edXML:Subject>")), Limits()
    ),
    "package.name": (changed(DOCUMENT, ("<edXML:Subject>", f"<{'a' * 1100}/><edXML:Subject>")), Limits()),
    "package.token": (
        changed(DOCUMENT, ("</AttachmentEncoded>", f"<!--{'x' * 700_000}--></AttachmentEncoded>")), Limits()
    ),
    "package.metadata": (changed(DOCUMENT, ("a.pdf", "a" * 2_000_000)), Limits()),
    "package.attachments": (
        changed(DOCUMENT, ("<Attachment>", "<Attachment></Attachment>" * 1000 + "<Attachment>")), Limits()
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", LIMITS)
def test_a_limit_is_kept(code: str) -> None:
    text, limits = LIMITS[code]
    data = text.encode()
    for size in (len(data), 65_536, 999):
        with pytest.raises(PackageError) as caught:
            read((data[i : i + size] for i in range(0, len(data), size)), limits)
        assert caught.value.code == code


def test_findings_do_not_grow_without_end() -> None:
    text = changed(DOCUMENT, ("<edXML:Subject>", "<x><edXML:From/></x>" * 3000 + "<edXML:Subject>"))
    assert len(read(text.encode()).package.findings) == Limits().findings


def test_an_unfinished_tag_fed_byte_by_byte_costs_no_quadratic_time() -> None:
    reader = PackageReader()
    with pytest.raises(PackageError) as caught:
        reader.feed(b"<edXML><a b='")
        for _ in range(600_000):
            reader.feed(b"x")
        reader.close()
    assert caught.value.code == "package.token"


def test_memory_does_not_grow_with_the_attachment() -> None:
    assert memory_in_fresh_process(200_000_000) < 8


# -- attachments where they lie --------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 10, 3000, 5000, 300_000])
@pytest.mark.parametrize("width", [0, 64, 76])
@pytest.mark.parametrize("front", ["", "\ufeff", "1212"])
def test_the_place_of_an_attachment_is_that_in_the_original_file(size: int, width: int, front: str) -> None:
    content = base64.b64encode(bytes(size)).decode()
    if width:
        content = "\r\n".join(content[i : i + width] for i in range(0, len(content), width))
    data = (front + changed(DOCUMENT, ("JVBERi0=", content))).encode()
    for chunk in (len(data), 20_000, 333):
        (one,) = read(data[i : i + chunk] for i in range(0, len(data), chunk)).package.attachments
        assert data[one.offset : one.offset + one.length] == content.encode()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("QUJD-_", "attachment.foreign-characters"), ("QUJDé", "attachment.foreign-characters"),
        ("QU&#74;D", "attachment.foreign-characters"), ("QU&amp;D", "attachment.foreign-characters"),
        ("${__File(a)}", "attachment.foreign-characters"), ("<![CDATA[QUJD]]>", "attachment.not-plain"),
        ("QU<![CDATA[JD]]>", "attachment.not-plain"), ("A" * 9000 + "*", "attachment.foreign-characters"),
        ("A" * 9000 + "<![CDATA[A]]>", "attachment.not-plain"), ("QUJD&#65;", "attachment.foreign-characters"),
    ],
)  # fmt: skip
def test_content_that_is_not_base64_is_told(content: str, rule: str) -> None:
    text = changed(DOCUMENT, ("JVBERi0=", content))
    for size in (100_000, 7):
        data = text.encode()
        package = read(data[i : i + size] for i in range(0, len(data), size)).package
        assert [one.rule for one in package.findings] == [rule]
        assert (package.attachments[0].offset < 0) == (rule == "attachment.not-plain")


@pytest.mark.parametrize("content", ["QU&#13;\nJD", "QUJD&#xD;\r\n", "\tQU JD\r", "&#10;" + "QUJD" * 3000 + "&#10;"])
def test_white_space_in_content_may_be_written_in_any_way(content: str) -> None:
    assert rules(changed(DOCUMENT, ("JVBERi0=", content))) == []


def test_attachments_and_manifest_that_do_not_match_are_told() -> None:
    text = changed(DOCUMENT, ("cid:cid:1", "cid:9"), ("<ContentId>1</ContentId>", "<ContentId>2</ContentId>"))
    assert rules(text) == []  # paired by order
    more = changed(text, ("</edXML:Reference>", "</edXML:Reference><edXML:Reference><edXML:AttachmentName>b"
                          "</edXML:AttachmentName></edXML:Reference>"))  # fmt: skip
    assert sorted(set(rules(more))) == ["package.attachment-missing", "package.attachment-unlisted"]


# -- secrecy ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("V/v họp", "(MẬT) V/v họp"), "MẬT"), (("V/v họp", "[Tối Mật] V/v"), "TỐI MẬT"),
        (("V/v họp", "TUYỆT MẬT V/v"), "TUYỆT MẬT"), (("V/v họp", "Độ mật: Mật. V/v"), "Mật"),
        (("V/v họp", "Độ mật: Thường. V/v"), ""), (("V/v họp", "V/v bảo mật, Cục Mật mã, bí mật"), ""),
        (("<edXML:Subject>", "<DoMat>1</DoMat><edXML:Subject>"), "1"),
        (("<edXML:Subject>", "<SecurityLevel>Tuyệt mật</SecurityLevel><edXML:Subject>"), "Tuyệt mật"),
        (("<edXML:Subject>", "<DoMat>0</DoMat><Confidential>Không</Confidential><edXML:Subject>"), ""),
        (("<edXML:CodeNotation>VP", "<edXML:CodeNotation>MẬT"), "MẬT"),
    ],
)  # fmt: skip
def test_a_mark_of_state_secrecy_is_found(change: tuple[str, str], expected: str) -> None:
    assert read(changed(DOCUMENT, change).encode()).package.secrecy == expected


def test_nothing_of_a_claimed_signature_is_read_as_unsigned() -> None:
    text = changed(
        DOCUMENT,
        ("</edXML:edXMLHeader>", "<s:Signature xmlns:s='http://www.w3.org/2000/09/xmldsig#'/></edXML:edXMLHeader>"),
    )
    with pytest.raises(SignatureError) as caught:
        read(text.encode())
    assert caught.value.code == "signature.missing-child"
