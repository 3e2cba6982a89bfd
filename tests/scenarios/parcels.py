"""Signed packages for scenarios, of any size, never whole in memory.

A file is written twice with the same ids: first past a reader that measures what a signature would
cover and where it belongs, then to disk with the signature at that place. The content is random and
comes from a seed, so it is given again, not kept.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast
from uuid import UUID

from cryptography import x509

from axis.demo.authority import Issued
from axis.domain.codes import build_document_id
from axis.domain.document import Code, Dated, Kind, Organization, Package, Signer
from axis.edxml.limits import DEFAULT
from axis.edxml.reader import PackageReader
from axis.edxml.seal import DSIG
from axis.edxml.writer import FileToSend, write_document
from axis.trust import signature

DAY = "2019/06/03"


@dataclass(frozen=True)
class Parcel:
    document_id: str
    sha256: str
    size: int


class _Random(io.RawIOBase):
    """A "PDF" of so many bytes, made while it is read."""

    def __init__(self, size: int, seed: int) -> None:
        self._left, self._random, self._first = size, random.Random(seed), True

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        count = self._left if size < 0 else min(size, self._left)
        self._left -= count
        data = self._random.randbytes(count)
        if self._first and count >= 5:
            data = b"%PDF-" + data[5:]
        self._first = False
        return data


def _package(number: str, sender: str, receivers: list[str]) -> Package:
    return Package(
        kind=Kind.DOCUMENT,
        sender=Organization(organ_id=sender, organ_name="Đơn vị gửi"),
        receivers=tuple(Organization(organ_id=code, organ_name="Đơn vị nhận") for code in receivers),
        document_id=build_document_id(sender, DAY, number, "TNGH"),
        code=Code(number, "TNGH"),
        place="Hà Nội",
        promulgation_date=Dated(DAY, date(2019, 6, 3)),
        type_name="Công văn",
        subject=f"V/v thử nghiệm số {number}",
        content=f"V/v thử nghiệm số {number}",
        signer=Signer("KT. BỘ TRƯỞNG", "THỨ TRƯỞNG", "Nguyễn Văn A"),
    )


def _ids(seed: int) -> Callable[[], UUID]:
    source = random.Random(seed)
    return lambda: UUID(int=source.getrandbits(128), version=4)


def _seal(reader: PackageReader, issued: Issued) -> bytes:
    """The ds:Signature of a package that was read by a measuring reader."""
    method, hash_name = signature._method(issued.key)
    info = signature._signed_info(method, reader.digest())
    canonical = info.replace("<ds:SignedInfo>", f'<ds:SignedInfo xmlns:ds="{DSIG}">', 1)
    value = signature._base64(signature._signature(issued.key, canonical.encode(), hash_name))
    chain = "".join(f"<ds:X509Certificate>{signature._base64(_der(c))}</ds:X509Certificate>" for c in issued.chain)
    return (
        f'<ds:Signature xmlns:ds="{DSIG}">{info}<ds:SignatureValue>{value}</ds:SignatureValue>'
        f"<ds:KeyInfo><ds:X509Data>{chain}</ds:X509Data></ds:KeyInfo></ds:Signature>"
    ).encode()


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def write_parcel(
    out: Callable[[bytes], object], issued: Issued, sender: str, receivers: list[str], *, number: str, size: int,
    seed: int,
) -> Parcel:  # fmt: skip
    """Write a signed package whose attachment has ``size`` bytes to ``out``, piece by piece."""
    package = _package(number, sender, receivers)

    def content() -> io.BytesIO:
        return cast(io.BytesIO, _Random(max(size, 16), seed))

    def write(sink: Callable[[bytes], object]) -> None:
        write_document(package, [FileToSend("van-ban.pdf", content, "Văn bản")], sink, ids=_ids(seed))

    reader = PackageReader(DEFAULT, measure="sha256")
    write(reader.feed)
    reader.close()
    seal, place, position, digest = _seal(reader, issued), reader.header_end, 0, hashlib.sha256()

    def sealing(piece: bytes) -> None:
        nonlocal position
        if position <= place < position + len(piece):
            piece = piece[: place - position] + seal + piece[place - position :]
            position -= len(seal)
        position += len(piece)
        digest.update(piece)
        out(piece)

    write(sealing)
    return Parcel(package.document_id, digest.hexdigest(), position + len(seal))


def parcel_bytes(
    issued: Issued, sender: str, receivers: list[str], *, number: str, size: int = 4096, seed: int = 0
) -> tuple[Parcel, bytes]:
    """A signed package in memory."""
    pieces: list[bytes] = []
    parcel = write_parcel(pieces.append, issued, sender, receivers, number=number, size=size, seed=seed)
    data = b"".join(pieces)
    assert len(data) == parcel.size
    return parcel, data


def parcel_file(
    path: Path, issued: Issued, sender: str, receivers: list[str], *, number: str, size: int, seed: int = 0
) -> Parcel:
    """A signed package on disk."""
    with path.open("wb") as file:
        return write_parcel(file.write, issued, sender, receivers, number=number, size=size, seed=seed)
