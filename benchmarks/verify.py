"""What it costs to verify a signed package, against the least it could cost and against signxml.

    floor    SHA-256 + lxml parse + lxml exclusive C14N + one RSA-2048 verification, nothing else
    axis     the reader fed in 64 KiB chunks, the seal checked, every field of the package read
             (CRLF: base64 in lines of 76 characters)
    signxml  XMLVerifier with certificate, location and count of references pinned

Sizes are those of the attachment before base64. Peak memory is measured in a fresh process per size
that generates the file piece by piece, so that only the reader can make it grow.
"""

from __future__ import annotations

import base64
import datetime
import gc
import hashlib
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from axis.edxml.dialects import NATIVE
from axis.edxml.reader import PackageReader
from axis.trust.signature import check, sign

SIZES = {"10 KB": 10_000, "100 KB": 100_000, "1 MB": 1_000_000, "10 MB": 10_000_000, "50 MB": 50_000_000}
CHUNK = 64 << 10

HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>\r
<edXML xmlns="{NATIVE}">\r
  <edXML:edXMLEnvelope xmlns:edXML="{NATIVE}">\r
    <edXML:edXMLHeader>\r
      <edXML:MessageHeader>\r
        <edXML:From>\r
          <edXML:OrganId>G22.01</edXML:OrganId>\r
          <edXML:OrganName>Cục Chuyển đổi số</edXML:OrganName>\r
        </edXML:From>\r
        <edXML:To>\r
          <edXML:OrganId>G22.02</edXML:OrganId>\r
          <edXML:OrganName>Văn phòng Bộ</edXML:OrganName>\r
        </edXML:To>\r
        <edXML:DocumentId>G22.01,2019/03/12,74/CĐS-VP</edXML:DocumentId>\r
        <edXML:Code>\r
          <edXML:CodeNumber>74</edXML:CodeNumber>\r
          <edXML:CodeNotation>CĐS-VP</edXML:CodeNotation>\r
        </edXML:Code>\r
        <edXML:PromulgationInfo>\r
          <edXML:Place>Hà Nội</edXML:Place>\r
          <edXML:PromulgationDate>2019/03/12</edXML:PromulgationDate>\r
        </edXML:PromulgationInfo>\r
        <edXML:DocumentType>\r
          <edXML:Type>2</edXML:Type>\r
          <edXML:TypeName>Công văn</edXML:TypeName>\r
        </edXML:DocumentType>\r
        <edXML:Subject>V/v kết nối, liên thông phần mềm quản lý văn bản</edXML:Subject>\r
        <edXML:SignerInfo>\r
          <edXML:Position>Cục trưởng</edXML:Position>\r
          <edXML:FullName>Nguyễn Văn A</edXML:FullName>\r
        </edXML:SignerInfo>\r
        <edXML:SteeringType>0</edXML:SteeringType>\r
      </edXML:MessageHeader>\r
    </edXML:edXMLHeader>\r
    <edXML:edXMLBody>\r
      <edXML:edXMLManifest version="1.0">\r
        <edXML:Reference>\r
          <edXML:ContentId>cid:1</edXML:ContentId>\r
          <edXML:ContentType>application/pdf</edXML:ContentType>\r
          <edXML:AttachmentName>74.pdf</edXML:AttachmentName>\r
        </edXML:Reference>\r
      </edXML:edXMLManifest>\r
    </edXML:edXMLBody>\r
  </edXML:edXMLEnvelope>\r
  <AttachmentEncoded>\r
    <Attachment>\r
      <ContentId>cid:1</ContentId>\r
      <AttachmentName>74.pdf</AttachmentName>\r
      <ContentType>application/pdf</ContentType>\r
      <edXML:ContentTransferEncoded xmlns:edXML="{NATIVE}">"""
TAIL = """</edXML:ContentTransferEncoded>\r
    </Attachment>\r
  </AttachmentEncoded>\r
</edXML>\r
"""


def key_and_certificate() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=9))
        .add_extension(x509.KeyUsage(True, False, False, False, False, False, False, False, False), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return key, certificate


def document(size: int, breaks: bool = False) -> bytes:
    """An unsigned package as the writer makes it, with ``size`` bytes in its one attachment."""
    content = base64.b64encode(os.urandom(size)).decode()
    if breaks:
        content = "\r\n".join(content[i : i + 76] for i in range(0, len(content), 76))
    return (HEAD + content + TAIL).encode()


def floor(data: bytes, certificate: x509.Certificate, value: bytes, info: bytes) -> None:
    from lxml import etree

    hashlib.sha256(data).digest()
    tree = etree.fromstring(data, etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True))
    etree.tostring(tree, method="c14n", exclusive=True, with_comments=False)
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(value, info, padding.PKCS1v15(), hashes.SHA256())


def axis(data: bytes) -> None:
    reader = PackageReader()
    for at in range(0, len(data), CHUNK):
        reader.feed(data[at : at + CHUNK])
    seal = reader.close().seal
    assert seal is not None
    check(seal)


def signxml(data: bytes, certificate: x509.Certificate) -> None:
    from lxml import etree
    from signxml.verifier import SignatureConfiguration, XMLVerifier

    huge = etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True)
    location = "./" + "".join(f"{{{NATIVE}}}{name}/" for name in ("edXMLEnvelope", "edXMLHeader"))
    config = SignatureConfiguration(location=location)
    XMLVerifier().verify(data, parser=huge, x509_cert=certificate, expect_config=config)


def measure(size: int, seconds: float, breaks: bool = False) -> dict[str, float]:
    """Median seconds of each, taken in turns so that the machine's moods weigh on all alike."""
    key, certificate = key_and_certificate()
    data = sign(document(size, breaks), key, [certificate])
    info = os.urandom(800)
    value = key.sign(info, padding.PKCS1v15(), hashes.SHA256())
    works: dict[str, Callable[[], None]] = {
        "floor": lambda: floor(data, certificate, value, info),
        "axis": lambda: axis(data),
        "signxml": lambda: signxml(data, certificate),
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    started = time.perf_counter()
    for turn in range(2000):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if turn:  # the first one warms up
                times[name].append(time.perf_counter() - start)
        if turn >= 5 and time.perf_counter() - started > seconds:
            break
    return {name: statistics.median(found) for name, found in times.items()}


# -- memory ----------------------------------------------------------------------------------


def stream(size: int, head: bytes) -> Iterator[bytes]:
    """A signed head, then base64 without end, then the tail: nothing of it is ever whole in memory."""
    yield head
    line = base64.b64encode(os.urandom(48 << 10))
    left = size * 4 // 3
    while left > 0:
        yield line
        left -= len(line)
    yield TAIL.encode()


def memory(size: int) -> int:
    """Peak growth in KiB of a fresh process that reads a package of ``size``; run by ``--memory``."""
    key, certificate = key_and_certificate()
    signed = sign(document(16), key, [certificate])
    head = signed[: signed.rindex(b"ContentTransferEncoded xmlns")]
    head += signed[len(head) :].partition(b">")[0] + b">"
    axis(signed)  # modules, tables and caches belong to the base
    gc.collect()
    before = _peak()
    reader = PackageReader()
    for chunk in stream(size, head):
        reader.feed(chunk)
    reader.close()
    return max(0, _peak() - before)


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    return int(next(row for row in status.splitlines() if row.startswith("VmHWM")).split()[1])


def memory_in_fresh_process(size: int) -> float:
    """Peak growth in MiB."""
    command = [sys.executable, "-m", "benchmarks.verify", "--memory", str(size)]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [row.partition(":")[2].strip() for row in info.read_text().splitlines() if row.startswith("model name")]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main(argv: list[str] | None = None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["--memory"]:
        print(memory(int(argv[1])))
        return 0
    quick = "--quick" in argv
    print(f"verify: {machine()}")
    columns = ("attachment", "floor ms", "axis ms", "x floor", "x signxml", "MB/s", "+MiB")
    print("{:>15} {:>9} {:>9} {:>8} {:>9} {:>6} {:>6}".format(*columns))
    for name, size in SIZES.items():
        if quick and size > 10_000_000:
            continue
        for breaks in (False, True) if size >= 1_000_000 and not quick else (False,):
            took = measure(size, 1.0 if quick else 4.0, breaks)
            print(
                f"{name + ' CRLF' * breaks:>15} {took['floor'] * 1e3:9.2f} {took['axis'] * 1e3:9.2f} "
                f"{took['axis'] / took['floor']:8.2f} {took['signxml'] / took['axis']:9.1f} "
                f"{size * 4 / 3 / took['axis'] / 1e6:6.0f} {memory_in_fresh_process(size):6.1f}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
