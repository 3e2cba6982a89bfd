"""Honest signed packages, and the door that every forgery must be refused at.

``decide`` is the whole decision of the axis about bytes: reader, seal, path of the certificate, binding
to the unit, under the policy *only proven*. It answers a code, or ``proven`` with the facts it read.
"""

from __future__ import annotations

import base64
import hashlib
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from lxml import etree

from axis.demo.authority import Authority, Issued
from axis.domain.directory import Signer, Unit, UnitState
from axis.domain.document import Package
from axis.domain.errors import PackageError, SignatureError
from axis.edxml import attachments, scanner
from axis.edxml.dialects import NATIVE
from axis.edxml.reader import PackageReader, Reading
from axis.edxml.seal import DSIG
from axis.trust.certificates import TrustAnchors
from axis.trust.signature import check, sign
from axis.trust.verdict import judge

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
PROVEN = "proven"

ROOT = Authority.create("Cơ quan chứng thực thử nghiệm")
SUB = ROOT.sub("Cơ quan chứng thực cấp hai thử nghiệm")
ANCHORS = TrustAnchors([ROOT.root])
STRANGER = Authority.create("Cơ quan chứng thực thử nghiệm")  # the same name, another key

DOCUMENT = f"""<?xml version="1.0" encoding="UTF-8"?>\r
<edXML xmlns="{NATIVE}">\r
  <edXML:edXMLEnvelope xmlns:edXML="{NATIVE}">\r
    <edXML:edXMLHeader>\r
      <edXML:MessageHeader>\r
        <edXML:From><edXML:OrganId>000.00.00.G22</edXML:OrganId><edXML:OrganName>Văn phòng &amp; Sở</edXML:OrganName></edXML:From>\r
        <edXML:To><edXML:OrganId>000.00.00.H41</edXML:OrganId></edXML:To>\r
        <edXML:To><edXML:OrganId>G22.02</edXML:OrganId></edXML:To>\r
        <edXML:DocumentId>000.00.00.G22,2019/03/12,74/VP</edXML:DocumentId>\r
        <edXML:Code><edXML:CodeNumber>74</edXML:CodeNumber><edXML:CodeNotation>VP</edXML:CodeNotation></edXML:Code>\r
        <edXML:PromulgationInfo><edXML:PromulgationDate>2019/03/12</edXML:PromulgationDate></edXML:PromulgationInfo>\r
        <edXML:Subject>V/v họp giao ban</edXML:Subject>\r
        <edXML:SteeringType>0</edXML:SteeringType>\r
      </edXML:MessageHeader>\r
      <edXML:TraceHeaderList><edXML:Bussiness><edXML:BussinessDocType>0</edXML:BussinessDocType></edXML:Bussiness></edXML:TraceHeaderList>\r
    </edXML:edXMLHeader>\r
    <edXML:edXMLBody>\r
      <edXML:edXMLManifest version="1.0">\r
        <edXML:Reference><edXML:ContentId>cid:1</edXML:ContentId></edXML:Reference>\r
        <edXML:Reference><edXML:ContentId>cid:2</edXML:ContentId></edXML:Reference>\r
      </edXML:edXMLManifest>\r
    </edXML:edXMLBody>\r
  </edXML:edXMLEnvelope>\r
  <AttachmentEncoded>\r
    <Attachment><ContentId>1</ContentId><AttachmentName>a.pdf</AttachmentName>\r
      <edXML:ContentTransferEncoded xmlns:edXML="{NATIVE}">JVBERi0=</edXML:ContentTransferEncoded></Attachment>\r
    <Attachment><ContentId>2</ContentId><AttachmentName>b.pdf</AttachmentName>\r
      <edXML:ContentTransferEncoded xmlns:edXML="{NATIVE}">@LONG@</edXML:ContentTransferEncoded></Attachment>\r
  </AttachmentEncoded>\r
</edXML>\r
"""  # noqa: E501  one element a line, as it travels

STATUS = f"""<edXML xmlns="{NATIVE}"><edXML:edXMLEnvelope xmlns:edXML="{NATIVE}"><edXML:edXMLHeader>
<edXML:MessageHeader><edXML:From><edXML:OrganId>000.00.00.H41</edXML:OrganId></edXML:From>
<edXML:ResponseFor><edXML:OrganId>000.00.00.G22</edXML:OrganId><edXML:Code>74/VP</edXML:Code>
<edXML:DocumentId>000.00.00.G22,2019/03/12,74/VP</edXML:DocumentId></edXML:ResponseFor>
<edXML:StatusCode>03</edXML:StatusCode><edXML:Description>Đã tiếp nhận</edXML:Description>
</edXML:MessageHeader></edXML:edXMLHeader></edXML:edXMLEnvelope></edXML>
"""


@dataclass(frozen=True)
class Facts:
    """What the hub acts on: the package without places and remarks, and digests of its files."""

    package: Package
    files: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Sample:
    name: str
    data: bytes
    issued: Issued
    unit: Unit
    facts: Facts

    @property
    def text(self) -> str:
        return self.data.decode()

    @property
    def signature(self) -> str:
        text = self.text
        return text[text.index("<ds:Signature ") : text.index("</ds:Signature>") + len("</ds:Signature>")]

    @property
    def unsigned(self) -> str:
        return self.text.replace(self.signature, "")


@dataclass(frozen=True)
class Decision:
    """``code``: of the refusal, or ``proven``. ``facts`` only when proven."""

    code: str
    facts: Facts | None = None


NAMES = ("document-rsa", "document-ec", "status-rsa", "status-ec")


@cache
def sample(name: str) -> Sample:
    kind, key = name.split("-")
    issued = SUB.issue("Văn phòng thử nghiệm", key_type={"rsa": "rsa2048", "ec": "ec256"}[key])
    long = base64.b64encode(random.Random(7).randbytes(9_000)).decode()
    text = DOCUMENT.replace("@LONG@", long) if kind == "document" else STATUS
    data = sign(text.encode(), issued.key, issued.chain)
    reader = PackageReader()
    reader.feed(data)
    return Sample(name, data, issued, bound(issued), facts(reader.close(), data))


def bound(issued: Issued) -> Unit:
    """A unit for which this seal may sign, and that must sign."""
    signer = Signer(issued.fingerprint, NOW - DAY, NOW + DAY)
    return Unit(UUID(int=1), "000.00.00.G22", "Đơn vị", UnitState.LIVE, "mailbox", signers=(signer,))


def facts(reading: Reading, data: bytes) -> Facts:
    package = reading.package
    digests = []
    for one in package.attachments:
        try:
            with attachments.content(io.BytesIO(data), one) as content:
                digests.append(hashlib.sha256(content.stream.read()).hexdigest())
        except PackageError as error:
            digests.append(error.code)
    bare = tuple(replace(a, offset=0, length=0) for a in package.attachments)
    return Facts(replace(package, attachments=bare, findings=(), repairs=()), tuple(digests))


def decide(data: bytes, honest: Sample, rng: random.Random | None = None, *, inclusive: bool = False) -> Decision:
    """The axis' decision about these bytes, cut at random when ``rng`` is given."""
    try:
        reading = taken(data, rng, inclusive=inclusive)
        if reading.seal is None:
            assert not claims_a_seal(data), "a package that claims a signature was read as unsigned"
        seal = check(reading.seal) if reading.seal else None
        judge(seal, honest.unit, ANCHORS, NOW)
    except (PackageError, SignatureError) as error:
        return Decision(error.code)
    return Decision(PROVEN, facts(reading, data))


def taken(data: bytes, rng: random.Random | None, *, inclusive: bool = False) -> Reading:
    reader = PackageReader(inclusive=inclusive)
    with small_steps() if rng is not None and rng.random() < 0.5 else _as_always():
        for piece in cut(data, rng):
            reader.feed(piece)
        return reader.close()


def cut(data: bytes, rng: random.Random | None) -> list[bytes]:
    if rng is None:
        return [data]
    points = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(9)))
    return [data[i:j] for i, j in zip([0, *points], [*points, len(data)], strict=True)]


@contextmanager
def small_steps() -> Iterator[None]:
    """Nothing is gathered, so nearly every cut reaches the scanner; base64 is led past from 48 bytes on."""
    kept = scanner.GATHER, scanner.LONG
    scanner.GATHER, scanner.LONG = 8, 48
    try:
        yield
    finally:
        scanner.GATHER, scanner.LONG = kept


@contextmanager
def _as_always() -> Iterator[None]:
    yield


def claims_a_seal(data: bytes) -> bool:
    """By another parser: an XML-DSig Signature stands somewhere."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, huge_tree=True))
    except (etree.XMLSyntaxError, ValueError):
        return False
    return next(root.iter(f"{{{DSIG}}}Signature"), None) is not None
