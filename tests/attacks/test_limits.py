"""What a hostile package may cost, and that nothing but a refusal ever comes out of it."""

from __future__ import annotations

import base64
import io
import json
import os
import random
import subprocess
import sys
import zipfile
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axis.domain.document import Attachment
from axis.domain.errors import AxisError, PackageError
from axis.edxml import attachments
from axis.edxml.attachments import Unwrapping
from axis.edxml.linter import lint
from axis.edxml.reader import Reading
from axis.trust.signature import check
from tests.attacks.hostile import KINDS
from tests.attacks.samples import NAMES, sample, taken
from tests.attacks.test_named import NAMED
from tests.unit.packages import SAMPLES

KEPT = 24 << 10  # KiB a reader may need for anything: the header, a slice or two, the pieces of both
MUTANTS = int(os.environ.get("ATTACK_MUTANTS", "5000"))
SMALL = Unwrapping(size=1 << 20, ratio=100, free=1 << 16, spool=1 << 16)


# -- memory and time -----------------------------------------------------------------------------


def costs(small: int, large: int) -> dict[str, list[dict[str, float]]]:
    command = [sys.executable, "-m", "tests.attacks.hostile", str(small), str(large)]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=1_200)
    found: dict[str, list[dict[str, float]]] = json.loads(done.stdout)
    assert set(found) == set(KINDS)
    return found


def hold(small: int, large: int) -> None:
    for name, (less, more) in costs(small, large).items():
        assert more["grown"] < KEPT, name
        if "header" not in name and "ids" not in name:  # the header is held, up to its limit
            assert more["grown"] < less["grown"] + (4 << 10) or less["code"] != more["code"], name
        if less["code"] == more["code"] and less["seconds"] > 0.01:  # work grows with the input, not with its square
            assert more["seconds"] / less["seconds"] < 2.5 * large / small, name


def test_memory_does_not_grow_and_time_grows_with_the_size_of_any_hostile_input() -> None:
    hold(250_000, 1_000_000)


@pytest.mark.slow
def test_memory_does_not_grow_with_large_hostile_inputs() -> None:
    hold(4_000_000, 32_000_000)


# -- nothing else is ever raised -----------------------------------------------------------------

_TOKENS = [
    b"<", b">", b"/>", b"</", b"<!--", b"-->", b"<?", b"?>", b"<![CDATA[", b"]]>", b"&", b"&#0;", b"&#x10FFFF;",
    b"&lt;", b"'", b'"', b"=", b"xmlns", b" xmlns=''", b" xmlns:ds='urn:x'", b"<ds:Signature>",
    b"</ds:Signature>", b"<edXML:From>",
    b"</edXML:OrganId>", b"\0", b"\xff", b"\xc0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"<!DOCTYPE a>", b"<!ENTITY a 'b'>", b"<?xml version='1.0'?>", b"encoding='UTF-16'", b"\r", b"\r\n", b"PK\x03\x04",
    b"<Attachment>", b"</edXML:edXMLHeader>", b":", b"ds:", b" Id='a'", b"\xe2\x80\xae", b"&#13;", b"=" * 5,
    b"A" * 5000,
]  # fmt: skip


def corpus() -> list[bytes]:
    found = [sample(name).data for name in NAMES] + [sample("document-ec").unsigned.encode()]
    found += [path.read_bytes() for path in SAMPLES.glob("*.edxml")]
    found += [text if isinstance(text, bytes) else text.encode() for text, _ in NAMED.values() if len(text) < 30_000]
    return found


def mutated(rng: random.Random, seeds: list[bytes]) -> bytes:
    data = rng.choice(seeds)
    for _ in range(rng.choice([1, 1, 2, 4, 9])):
        at, size = rng.randrange(len(data) + 1), rng.choice([0, 1, 3, 40, 700])
        act = rng.randrange(6)
        if act == 0:
            data = data[:at] + data[at + size :]
        elif act == 1:
            data = data[:at] + data[at : at + size] * 2 + data[at + size :]
        elif act == 2:
            data = data[:at] + rng.choice(_TOKENS) + data[at:]
        elif act == 3:
            data = data[:at] + rng.randbytes(rng.randrange(4)) + data[at + 1 :]
        elif act == 4:
            other = rng.choice(seeds)
            data = data[:at] + other[rng.randrange(len(other) + 1) :]
        else:
            data = data[:at] + rng.choice(_TOKENS) + data[at + size :]
    return data


def put_through(data: bytes, rng: random.Random) -> str:
    """Reader, seal and attachments; the code, or what was read. Whatever else is raised goes on up."""
    try:
        reading = taken(data, rng)
        if reading.seal:
            check(reading.seal)
    except AxisError as error:
        assert error.text("vi") and error.text("en")
        return error.code
    opened(reading, data, rng.random() < 0.5)
    return "accepted"


def opened(reading: Reading, data: bytes, tolerant: bool) -> None:
    for one in reading.package.attachments:
        assert one.offset == -1 or 0 <= one.offset <= one.offset + one.length <= len(data)
        try:
            with attachments.content(io.BytesIO(data), one, SMALL, tolerant=tolerant) as content:
                assert len(content.stream.read()) == content.size
        except PackageError as error:
            assert error.text("vi")


def test_thousands_of_mutants_end_in_a_package_or_in_a_refusal() -> None:
    rng, seeds = random.Random(20_190_312), corpus()
    codes = Counter(put_through(mutated(rng, seeds), rng) for _ in range(MUTANTS))
    assert len(codes) > 30 and codes["accepted"] > MUTANTS // 100
    print(f"{MUTANTS} mutants, {len(codes)} codes, {codes['accepted']} accepted")


def test_the_linter_says_something_about_every_mutant() -> None:
    rng, seeds = random.Random(5), corpus()
    for _ in range(MUTANTS // 5):
        data = mutated(rng, seeds)
        report = lint(io.BytesIO(data))
        assert all(one.text("vi") and one.text("en") for one in report.findings)
        if not report.ok:
            continue
        taken(data, None)  # what the linter has nothing against, the reader takes


@pytest.mark.parametrize("name", NAMED)
def test_the_linter_never_says_ok_to_what_is_refused_for_its_form(name: str) -> None:
    text, code = NAMED[name]
    report = lint(io.BytesIO(text if isinstance(text, bytes) else text.encode()))
    assert len(report.findings) < 1_000
    if code.startswith("package."):
        assert not report.ok


_PARTS = st.one_of(
    st.binary(max_size=40), st.sampled_from(_TOKENS),
    st.text(max_size=12).map(lambda t: t.encode("utf-8", "surrogatepass")),
    st.sampled_from(["<edXML xmlns='http://www.mic.gov.vn/TBT/QCVN_102_2016'>", "<edXMLEnvelope>", "<edXMLHeader>",
                     "<MessageHeader>", "</MessageHeader>", "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'>",
                     "<SignedInfo>", "<AttachmentEncoded>", "<ContentTransferEncoded>", "QUJD",
                     "</x>"]).map(str.encode),
)  # fmt: skip


@settings(max_examples=800, deadline=None)
@given(st.lists(_PARTS, max_size=30).map(b"".join), st.randoms(use_true_random=False))
def test_no_bytes_at_all_raise_anything_else(data: bytes, rng: random.Random) -> None:
    put_through(data, rng)
    lint(io.BytesIO(data))


def test_no_spoilt_archive_raises_anything_else() -> None:
    """Cut, flipped and doubled at every byte: unwrapped whole, kept as it is, or refused."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0d2c7ec4-52a3-4b0e-8d0f-3a4f3c1d2b10.txt", b"van ban " * 40)
    whole = made.getvalue()
    for at in range(len(whole)):
        for spoilt in (
            whole[:at] + whole[at + 1 :], whole[:at] + whole[at + 3 :], whole[:at], whole[at:],
            whole[:at] + whole[at:] * 2, whole[:at] + bytes([whole[at] ^ 0x80]) + whole[at + 1 :],
            whole[:at] + b"\xff\xff" + whole[at + 2 :], whole[:at] + b"\0\0\0\0" + whole[at + 4 :],
        ):  # fmt: skip
            encoded = base64.b64encode(spoilt)
            try:
                placed = Attachment(name="a.txt", offset=0, length=len(encoded))
                with attachments.content(io.BytesIO(encoded), placed, SMALL) as content:
                    content.stream.read()
            except PackageError as error:
                assert error.text("vi")
