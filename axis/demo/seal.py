"""An office's own seal, and its own judgement of other people's.

A receiver need not believe the axis: it verifies each package again, against the authority it was
given on paper, so to say, and looks whether the certificate names the organisation that sent it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from axis.demo.authority import PrivateKey
from axis.domain.document import Package
from axis.domain.errors import SignatureError
from axis.edxml.reader import PackageReader
from axis.trust import signature
from axis.trust.certificates import TrustAnchors, load_certificates

PROVEN: Final = "proven"
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Seal:
    key: PrivateKey
    chain: tuple[x509.Certificate, ...]

    @staticmethod
    def load(key_file: Path, chain_file: Path) -> Seal:
        key = load_pem_private_key(key_file.read_bytes(), None)
        assert isinstance(key, PrivateKey)
        return Seal(key, tuple(load_certificates(chain_file)))

    def sign(self, package: bytes) -> bytes:
        return signature.sign(package, self.key, self.chain)


@dataclass(frozen=True, slots=True)
class Examination:
    """``seal``: ``proven``, ``none``, or the code of what is wrong with it."""

    package: Package
    seal: str


class Examiner:
    def __init__(self, anchor: Path) -> None:
        self._anchors = TrustAnchors.load(anchor)

    def examine(self, data: bytes) -> Examination:
        reader = PackageReader()
        view = memoryview(data)
        for start in range(0, len(view), 1 << 18):
            reader.feed(bytes(view[start : start + (1 << 18)]))
        reading = reader.close()
        if reading.seal is None:
            return Examination(reading.package, NONE)
        try:
            sound = signature.check(reading.seal)
            path = self._anchors.validate(sound.certificate, sound.intermediates, datetime.now(UTC))
        except SignatureError as error:
            return Examination(reading.package, error.code)
        named = [str(a.value) for a in path.leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
        return Examination(reading.package, PROVEN if reading.package.sender.organ_name in named else "other")
