"""A ministry for measuring: one sender, units that receive in mailboxes, and its packages by the hundred.

Packages are different documents (DocumentId, seal and digest of their own) over one shared attachment, so
a thousand of a megabyte cost the memory of one. Seals are RSA-2048 under a two-step chain, which is what
agencies hold.
"""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

from axis.core import Core
from axis.demo.authority import Authority
from axis.demo.seal import Seal
from axis.domain.codes import build_document_id
from axis.domain.directory import Unit, UnitState
from axis.domain.document import Code, Dated, Kind, Organization, OtherInfo, Package, Signer
from axis.domain.ids import new_id
from axis.edxml.writer import FileToSend, document_bytes
from axis.trust.certificates import load_certificates
from axis.trust.signature import sign

SENDER = "000.00.01.G04"
SYSTEM, SECRET = "bench.000-00-01-g04", "0123456789abcdef0123456789abcdef"
_CUT = b"<edXML:ContentTransferEncoded"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A signed package in two parts; ``body`` is shared by all of a size."""

    head: bytes
    body: bytes

    @property
    def data(self) -> bytes:
        return self.head + self.body


def receivers(count: int) -> list[str]:
    return [f"000.00.{10 + n}.G04" for n in range(count)]


class Ministry:
    """Its keys lie in a folder, so that whoever registers it and whoever sends for it are two processes."""

    def __init__(self, folder: Path) -> None:
        self.seal = Seal.load(folder / "seal.key.pem", folder / "seal.chain.pem")
        (self.root,) = load_certificates(folder / "root.pem")
        self._numbers = itertools.count(1)
        self._series = uuid4().hex[:8]

    @classmethod
    def found(cls, folder: Path) -> Ministry:
        """A new one, with its keys."""
        root = Authority.create("Bench root", key_type="rsa2048")
        root.sub("Bench sub-CA", key_type="rsa2048").issue("Bench", key_type="rsa2048").write(folder, "seal")
        root.write_anchor(folder / "root.pem")
        return cls(folder)

    async def join(self, core: Core, count: int = 10) -> None:
        """Register the sender and ``count`` receivers, those that are not there yet, and trust the authority."""
        known = {unit.code for unit in await core.directory.units()}
        await core.onboarding.trust(self.root, actor="bench")
        sender = Unit(new_id(), SENDER, "Đơn vị gửi", UnitState.LIVE, "mailbox")
        certificates = (self.seal.chain[0],)
        await core.onboarding.add(
            sender, system_id=SYSTEM, secret=SECRET, certificates=certificates, actor="bench"
        )
        for code in receivers(count):
            if code in known:
                continue
            unit = Unit(new_id(), code, f"Đơn vị {code}", UnitState.LIVE, "mailbox")
            await core.onboarding.add(unit, actor="bench")

    def packages(self, size: int, to: int = 10) -> Iterator[Prepared]:
        """Documents without end, each with an attachment of ``size`` bytes."""
        content = os.urandom(size)
        file = FileToSend("vb.pdf", lambda: io.BytesIO(content), "Văn bản", content_id="1")
        template = document_bytes(self._package(0, to), [file])
        body = template[template.index(_CUT) :]
        small = [FileToSend("vb.pdf", lambda: io.BytesIO(b"%PDF"), "Văn bản", content_id="1")]
        for number in self._numbers:
            unsigned = document_bytes(self._package(number, to), small)
            whole = sign(unsigned[: unsigned.index(_CUT)] + body, self.seal.key, self.seal.chain)
            yield Prepared(whole[: -len(body)], body)

    def _package(self, number: int, to: int) -> Package:
        notation, day = f"BENCH-{self._series}", "2019/03/12"
        return Package(
            kind=Kind.DOCUMENT,
            sender=Organization(organ_id=SENDER, organ_name="Đơn vị gửi"),
            receivers=tuple(Organization(organ_id=c, organ_name=f"Đơn vị {c}") for c in receivers(to)),
            document_id=build_document_id(SENDER, day, str(number), notation),
            code=Code(str(number), notation), place="Hà Nội", promulgation_date=Dated(day, date(2019, 3, 12)),
            type_name="Công văn", subject="V/v kết nối, liên thông phần mềm quản lý văn bản",
            content="V/v kết nối, liên thông phần mềm quản lý văn bản và điều hành",
            signer=Signer("TL. BỘ TRƯỞNG", "Chánh Văn phòng", "Nguyễn Văn A"), other=OtherInfo(page_amount=2),
            to_places=("Như trên", "Lưu: VT"),
        )  # fmt: skip
