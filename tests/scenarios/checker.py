"""What must hold after any disaster, judged from the histories of senders and receivers.

Nothing of the hub is imported here. Receipts are checked with a few lines over ``cryptography``; the
hub's own lists are only looked at for what stands still.
"""

from __future__ import annotations

import base64
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

Line = dict[str, Any]


@dataclass
class Found:
    """What is wrong, in words, and the figures of the run."""

    wrong: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)


def read_history(path: Path) -> list[Line]:
    """Every whole line; a last one cut off by a kill was never acted upon."""
    data = path.read_bytes() if path.exists() else b""
    return [json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]


def accepted(sent: Iterable[Line]) -> dict[str, Line]:
    """document id -> what was intended, of every document with an OK."""
    intended: dict[str, Line] = {}
    good: dict[str, Line] = {}
    for line in sent:
        if line["event"] == "intend":
            intended[line["document"]] = line
        elif line["event"] == "answer" and line["ok"]:
            good[line["document"]] = intended[line["document"]]
    return good


def missing(sent: Iterable[Line], received: Mapping[str, Sequence[Line]]) -> set[tuple[str, str]]:
    """(unit, digest) that were promised and have not come yet."""
    got = {unit: {line["sha256"] for line in lines if line["event"] == "received"} for unit, lines in received.items()}
    return {
        (unit, line["sha256"])
        for line in accepted(sent).values()
        for unit in line["receivers"]
        if line["sha256"] not in got.get(unit, ())
    }


def check(sent: Sequence[Line], received: Mapping[str, Sequence[Line]]) -> Found:
    found = Found()
    _senders(sent, found)
    for unit, sha256 in sorted(missing(sent, received)):
        found.wrong.append(f"LOST: {sha256[:12]} never reached {unit}")
    intended = {line["sha256"]: line for line in sent if line["event"] == "intend"}
    for unit, lines in received.items():
        _receiver(unit, lines, intended, found)
    return found


def _senders(sent: Sequence[Line], found: Found) -> None:
    ids: dict[str, set[str]] = defaultdict(set)
    answers = [line for line in sent if line["event"] == "answer"]
    for line in answers:
        if line["ok"]:
            ids[line["document"]].add(line["id"])
        elif line["code"] not in ("", "20"):
            found.wrong.append(f"REFUSED: {line['document']} with {line['code']}: {line['text']}")
    found.wrong += [f"TWO IDS: {document} got {sorted(given)}" for document, given in ids.items() if len(given) > 1]
    owners = Counter(one for given in ids.values() for one in given)
    found.wrong += [f"SHARED ID: {one}" for one, count in owners.items() if count > 1]
    unanswered = {line["document"] for line in sent if line["event"] == "intend"} - ids.keys()
    found.wrong += [f"UNANSWERED: {document}" for document in sorted(unanswered)]
    found.figures |= {
        "documents accepted": len(ids),
        "bytes accepted": sum(line["size"] for line in accepted(sent).values()),
        "answers": len(answers),
        "retry-later answers": sum(line["code"] == "20" for line in answers),
        "broken connections": sum(not line["ok"] and line["code"] == "" for line in answers),
        "repeated sends answered": sum(line["ok"] for line in answers) - len(ids),
    }


def _receiver(unit: str, lines: Sequence[Line], intended: Mapping[str, Line], found: Found) -> None:
    keys: dict[str, set[str]] = defaultdict(set)  # digest -> keys
    digests: dict[str, set[str]] = defaultdict(set)  # key -> digests
    closed: set[str] = set()
    repeats = 0
    for line in lines:
        key = line["key"]
        if line["event"] == "received":
            origin = intended.get(line["sha256"])
            if origin is None:
                found.wrong.append(f"ALIEN: {unit} received {line['sha256'][:12]}, which nobody sent")
            elif unit not in origin["receivers"]:
                found.wrong.append(f"WRONG UNIT: {unit} received {line['sha256'][:12]}")
            if key in closed:
                found.wrong.append(f"AFTER DONE: {unit} was given {key} again after its done was answered OK")
            repeats += key in digests
            keys[line["sha256"]].add(key)
            digests[key].add(line["sha256"])
        elif line["event"] == "confirmed" and line["ok"]:
            closed.add(key)
        elif line["event"] == "forged":
            found.wrong.append(f"FORGED: {unit} was called with a bad signature, key {key}")
    found.wrong += [f"TWICE: {unit} holds {one[:12]} under {sorted(k)}" for one, k in keys.items() if len(k) > 1]
    found.wrong += [f"CHANGED: {unit} got other bytes under {key}" for key, d in digests.items() if len(d) > 1]
    figures = found.figures
    figures["deliveries at registers"] = figures.get("deliveries at registers", 0) + len(digests)
    figures["repeats with the same key"] = figures.get("repeats with the same key", 0) + repeats


def check_rows(deliveries: Sequence[Mapping[str, Any]], found: Found) -> None:
    """Nothing stands still: at the end every delivery is delivered."""
    for row in deliveries:
        if row["state"] != "delivered":
            found.wrong.append(f"STUCK: {row['id']} to {row['unit']} is {row['state']} ({row['note']})")


def check_receipts(folder: Path, anchor: Path, sent: Sequence[Line], found: Found) -> None:
    """Every accepted document has a receipt of its acceptance, every receiver's delivery has one, and
    all receipts carry the hub's signature."""
    root = x509.load_pem_x509_certificate(anchor.read_bytes())
    said: Counter[tuple[str, str, str]] = Counter()
    count = 0
    for file in folder.rglob("*.jws"):
        claims = _verified(file.read_text().strip(), root)
        if claims is None:
            found.wrong.append(f"RECEIPT: {file.name} does not verify")
            continue
        count += 1
        for receiver in claims["receivers"]:
            said[claims["event"], claims["sha256"], receiver] += 1
    for line in accepted(sent).values():
        for receiver in line["receivers"]:
            for event in ("package.accepted", "delivery.delivered"):
                if said[event, line["sha256"], receiver] != 1:
                    number = said[event, line["sha256"], receiver]
                    found.wrong.append(f"RECEIPT: {number} of {event} for {line['document']} to {receiver}")
    found.figures["receipts verified"] = count


def _verified(jws: str, root: x509.Certificate) -> dict[str, Any] | None:
    try:
        head, body, signature = jws.split(".")
        header = json.loads(_decode(head))
        chain = [x509.load_der_x509_certificate(base64.b64decode(der)) for der in header["x5c"]]
        for child, parent in zip(chain, [*chain[1:], root], strict=True):
            if child != parent:
                child.verify_directly_issued_by(parent)
        key, signed, raw = chain[0].public_key(), f"{head}.{body}".encode(), _decode(signature)
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(raw, signed, padding.PKCS1v15(), hashes.SHA256())
        else:
            assert isinstance(key, ec.EllipticCurvePublicKey)
            r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
            key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
        claims: dict[str, Any] = json.loads(_decode(body))
    except Exception:  # whatever is wrong with it, it does not verify
        return None
    return claims


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
