"""Attachments come back as people sent them, in constant memory, whatever the archive tries."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zipfile
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axis.domain.document import Attachment, ManifestReference
from axis.domain.errors import PackageError
from axis.edxml.attachments import Content, Decoder, Unwrapping, content, decoded
from axis.edxml.names import MAX_NAME, UNNAMED, bare_id, safe_name
from axis.edxml.pairing import pair

UUID_NAME = "3ed3cc90-1dcb-4382-9725-1de9cd899790"


def opened(
    data: bytes,
    name: str = "a.doc",
    limits: Unwrapping | None = None,
    *,
    raw: bool = False,
    tolerant: bool = False,
) -> Content:
    text = data if raw else b64encode(data)
    file = io.BytesIO(b"<x>" + text + b"</x>")
    return content(file, Attachment(name=name, offset=3, length=len(text)), limits, tolerant=tolerant)


def read(data: bytes, name: str = "a.doc", limits: Unwrapping | None = None) -> tuple[bytes, bool]:
    with opened(data, name, limits) as result:
        return result.stream.read(), result.unwrapped


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return target.getvalue()


class Unseekable(io.RawIOBase):
    """What Java's ZipOutputStream writes to: sizes after the data, flag 0x0008."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        self.data += bytes(data)  # type: ignore[call-overload]  # bytes-like by protocol
        return len(bytes(data))  # type: ignore[call-overload]


def test_plain_content_comes_back_as_it_is() -> None:
    assert read(b"%PDF-1.4") == (b"%PDF-1.4", False)


def test_a_zip_of_one_entry_is_unwrapped_whatever_the_declared_type() -> None:
    assert read(zipped(("x.edxml", b"hello"))) == (b"hello", True)
    assert read(zipped(("x.bin", b"hello"), method=zipfile.ZIP_STORED), "a.pdf") == (b"hello", True)


def test_a_streamed_zip_is_read_through_its_central_directory() -> None:
    target = Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]  # a raw stream
        archive.writestr("tệp.doc", b"hello")
    flags = struct.unpack_from("<H", target.data, 6)[0]
    assert flags == 0x0808
    assert read(bytes(target.data)) == (b"hello", True)


@pytest.mark.parametrize("name", ["a.zip", "a.ZIP", "a.docx", "a.xlsx", "a.odt", "a.jar"])
def test_a_zip_based_file_is_unwrapped_only_from_an_entry_named_by_the_writer(name: str) -> None:
    extension = name.rpartition(".")[2].lower()
    one = zipped(("content.xml", b"x"))
    assert read(one, name) == (one, False)
    assert read(zipped((f"{UUID_NAME}.{extension}", one)), name) == (one, True)
    other = zipped((f"{UUID_NAME}.txt", one))
    assert read(other, name) == (other, False)


def test_an_archive_of_many_entries_is_kept_and_an_inner_one_is_not_opened() -> None:
    many = zipped(("a", b"1"), ("b", b"2"))
    assert read(many) == (many, False)
    inner = zipped(("deep.txt", b"1"))
    assert read(zipped(("x.doc", inner))) == (inner, True)


def test_an_entry_name_is_never_a_path(tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read(zipped(("../../evil.txt", b"x"))) == (b"x", True)
    assert read(zipped(("/etc/cron.d/evil", b"x"))) == (b"x", True)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("entries", [[("folder/", b"")], []])
def test_folders_and_empty_archives_are_kept(entries: list[tuple[str, bytes]]) -> None:
    data = zipped(*entries)
    assert read(data) == (data, False)


def test_a_broken_archive_is_kept_with_a_warning() -> None:
    data = bytearray(zipped(("x.doc", bytes(range(256)) * 50), method=zipfile.ZIP_STORED))
    data[200] ^= 0xFF
    with opened(bytes(data)) as result:
        assert result.stream.read() == bytes(data) and not result.unwrapped
        assert [f.rule for f in result.findings] == ["attachment.zip-broken"]


def test_an_encrypted_entry_is_kept() -> None:
    data = bytearray(zipped(("x.doc", b"hello")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert read(bytes(data)) == (bytes(data), False)


def test_a_bomb_is_stopped_at_its_ratio() -> None:
    bomb = zipped(("x.doc", bytes(50_000_000)))
    with pytest.raises(PackageError) as refusal:
        read(bomb, limits=Unwrapping(ratio=100, free=1 << 20))
    assert refusal.value.code == "attachment.bomb"


def test_content_beyond_the_limit_is_refused_while_decoding() -> None:
    with pytest.raises(PackageError) as refusal:
        read(bytes(1000), limits=Unwrapping(size=999))
    assert refusal.value.code == "attachment.too-large"


def test_a_million_overlapping_entries_are_not_even_listed() -> None:
    data = bytearray(zipped(("x.doc", b"hello")))
    end = data.rindex(b"PK\x05\x06")
    directory = bytes(data[data.index(b"PK\x01\x02") : end])
    start = data.index(b"PK\x01\x02")
    swollen = data[:start] + directory * 100_000
    swollen += struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(directory) * 100_000, start, 0)
    text = b64encode(swollen)
    file = io.BytesIO(text)
    tracemalloc.start()
    whole = Attachment(name="a.doc", offset=0, length=len(text))
    with content(file, whole, Unwrapping(spool=1 << 16)) as result:
        assert not result.unwrapped
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20  # 100,000 ZipInfo objects would be 60 MB


def test_two_directory_entries_behind_an_end_record_that_says_one_are_kept() -> None:
    data = bytearray(zipped(("x.doc", b"1"), ("y.doc", b"2")))
    at = data.rindex(b"PK\x05\x06")
    struct.pack_into("<2H", data, at + 8, 1, 1)
    assert read(bytes(data)) == (bytes(data), False)


def test_memory_does_not_grow_with_the_attachment(tmp_path: os.PathLike[str]) -> None:
    path = os.path.join(tmp_path, "big")
    with open(path, "wb") as file:
        for _ in range(64):
            file.write(b"QUJD" * (1 << 17))
    with open(path, "rb") as file:
        tracemalloc.start()
        with content(file, Attachment(name="a.pdf", offset=0, length=64 << 19)) as result:
            assert result.size == (64 << 19) // 4 * 3
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 8 << 20


@pytest.mark.parametrize(
    "text", [b"QUJD!REVG", b"QUJ", b"QUJD=", b"QQ==QUJD", b"QUJD-REVG", b"<QUJD", "QUJDĐ".encode(), b"&amp;"]
)
def test_foreign_characters_are_refused_and_skipped_only_when_tolerant(text: bytes) -> None:
    with pytest.raises(PackageError) as refusal:
        opened(text, raw=True)
    assert refusal.value.code == "attachment.base64"


def test_a_tolerant_reader_skips_what_is_not_base64_and_says_so() -> None:
    with opened(b"QU!JD\x00REV", raw=True, tolerant=True) as result:
        assert result.stream.read() == b"ABCDE"
        assert [f.rule for f in result.findings] == ["attachment.base64-lenient"]


def test_an_attachment_that_cannot_be_found_in_place_is_named() -> None:
    with pytest.raises(PackageError) as refusal:
        content(io.BytesIO(b""), Attachment(name="a.pdf", offset=-1, length=4))
    assert refusal.value.code == "attachment.not-in-place"


@given(st.binary(max_size=200), st.integers(1, 7), st.sampled_from([b"\r\n", b"&#13;\n", b"&#xD;\n", b" "]))
def test_base64_decodes_the_same_in_any_pieces_with_any_line_ends(data: bytes, step: int, end: bytes) -> None:
    text = b64encode(data)
    lined = end.join(text[i : i + 10] for i in range(0, len(text), 10))
    decoder = Decoder()
    got = b"".join(decoder.feed(lined[i : i + step]) for i in range(0, len(lined), step)) + decoder.close()
    assert got == data


@given(st.binary(max_size=60))
def test_a_decoder_answers_or_refuses_but_never_breaks(text: bytes) -> None:
    try:
        b"".join(decoded(io.BytesIO(text), Attachment(offset=0, length=len(text))))
    except PackageError as error:
        assert error.code == "attachment.base64"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("công văn.pdf", "công văn.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\x\\a.doc", "C__x_a.doc"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("CON.txt", "_CON.txt"),
        ("lpt1", "_lpt1"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("x.pdf. .", "x.pdf"),
        ("a／b.pdf", "a_b.pdf"),
        ("", UNNAMED),
        ("...", UNNAMED),
        ("cong va\u0306n.pdf", "cong văn.pdf"),
    ],
)
def test_a_name_is_shown_without_its_tricks(name: str, shown: str) -> None:
    assert safe_name(name) == shown


@given(st.text(max_size=400))
def test_a_safe_name_is_short_stable_and_holds_no_separator(name: str) -> None:
    shown = safe_name(name)
    assert shown and len(shown.encode()) <= MAX_NAME
    assert not set(shown) & set("/\\\0\n\r:") and shown not in (".", "..")
    assert safe_name(shown) == shown


def test_ids_are_compared_without_any_cid() -> None:
    assert bare_id("cid:cid:209") == bare_id(" CID: 209 ") == "209"


def reference(content_id: str, name: str = "") -> ManifestReference:
    return ManifestReference(content_id=content_id, attachment_name=name)


def test_manifest_and_attachments_pair_by_id_then_order_then_name() -> None:
    a, b, c = Attachment("1", "a.pdf"), Attachment("2", "b.pdf"), Attachment("3", "c.pdf")
    assert [p.how for p in pair([reference("cid:2"), reference("cid:cid:1")], [a, b])] == ["id", "id"]
    by_order = pair([reference("x"), reference("2"), reference("y")], [a, b, c])
    assert [(p.how, p.reference and p.reference.content_id) for p in by_order] == [
        ("order", "x"), ("id", "2"), ("order", "y"),
    ]  # fmt: skip
    by_name = pair([reference("x", "C.PDF")], [a, c])
    assert [(p.how, p.attachment) for p in by_name] == [("", a), ("name", c)]


def test_what_stays_alone_is_kept() -> None:
    alone = pair([reference("1"), reference("9", "z.pdf")], [])
    assert [p.attachment for p in alone] == [None, None]
    assert [p.reference for p in pair([], [Attachment("1")])] == [None]
