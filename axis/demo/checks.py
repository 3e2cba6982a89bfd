"""What the self-test claims, each claim with its evidence.

Three witnesses that cannot copy from each other: the plan, the offices' own histories and files, and
the hub. A claim holds when they agree; what was found is shown beside it either way.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from axis.demo.documents import Plan
from axis.demo.history import Entry
from axis.demo.packages import BAD_KINDS
from axis.demo.story import Check
from axis.demo.table import Ledger, Row, states_of, total
from axis.demo.units import BY_CODE, MINISTRY_CODE, UNITS

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ReceiptCount:
    """Exported receipts, verified offline. What those that hold speak of: ``accepted`` (DocumentId,
    digest), ``delivered`` (receiver, DocumentId). ``sample``: a receipt of a delivery, for people."""

    exported: int = 0
    broken: tuple[str, ...] = ()
    accepted: frozenset[Pair] = frozenset()
    delivered: frozenset[Pair] = frozenset()
    sample: tuple[Path, Pair] | None = None


@dataclass
class Evidence:
    """``histories``: code -> entries. ``deliveries``: the hub's own list, documents only."""

    plan: Plan
    histories: Mapping[str, Sequence[Entry]]
    inboxes: Mapping[str, Path] = field(default_factory=dict)
    deliveries: Sequence[Mapping[str, object]] = ()
    receipts: ReceiptCount = field(default_factory=ReceiptCount)
    exit_codes: Mapping[str, int] = field(default_factory=dict)

    def entries(self, event: str, codes: Iterable[str] = BY_CODE) -> Iterator[tuple[str, Entry]]:
        for code in codes:
            for entry in self.histories.get(code, ()):
                if entry["event"] == event:
                    yield code, entry

    def documents_received(self) -> Iterator[tuple[str, Entry]]:
        return ((code, e) for code, e in self.entries("received") if e["kind"] == "document")

    def statuses_back(self) -> set[tuple[str, str, str]]:
        """(unit, document, status) as the ministry received them."""
        return {
            (e["sender"], e["about"], e["status"])
            for _, e in self.entries("received", [MINISTRY_CODE])
            if e["kind"] == "status"
        }

    def statuses_planned(self) -> set[tuple[str, str, str]]:
        return {
            (code, d.document_id, status)
            for d, code in self.plan.deliveries()
            if d.sender == MINISTRY_CODE
            for status in self.plan.answers(d.document_id, code)
        }

    def must_arrive(self) -> set[Pair]:
        return {
            (code, d.document_id) for d, code in self.plan.deliveries() if not self.plan.is_refused(d.document_id, code)
        }

    def ledger(self) -> Ledger:
        return Ledger(
            sent=Counter(code for _, e in self.entries("sent") for code in e["receivers"]),
            states=states_of(self.deliveries),
            received=Counter(code for code, _ in self.documents_received()),
            statuses=Counter(code for code, _, _ in self.statuses_back()),
        )


def all_checks(found: Evidence, rows: Sequence[Row]) -> list[Check]:
    return [
        *_sending(found),
        *_receiving(found),
        *_statuses(found),
        *_afterwards(found),
        *_figures(found, rows),
        *_receipts(found),
        _clean_end(found),
    ]


def _sending(found: Evidence) -> Iterator[Check]:
    sent = {e["document_id"] for _, e in found.entries("sent")}
    planned = {d.document_id for d in found.plan.documents}
    yield Check(
        f"Trục đã nhận đủ {len(planned)} văn bản của Bộ",
        f"All {len(planned)} documents of the ministry were accepted",
        planned <= sent,
        f"{len(planned & sent)}/{len(planned)}",
    )
    refused = {e["kind"]: e["code"] for _, e in found.entries("bad-refused")}
    yield Check(
        "Ba gói tin xấu bị từ chối: bị sửa sau khi ký, nơi nhận không có thật, có DOCTYPE",
        "Three bad packages were refused: altered after signing, unknown receiver, DOCTYPE",
        set(refused) == set(BAD_KINDS) and not any(found.entries("bad-accepted")),
        ", ".join(f"{kind} → {code}" for kind, code in sorted(refused.items())),
    )
    unsigned = {d.document_id for d in found.plan.unsigned}
    received = [e for _, e in found.documents_received()]
    seals = {e["document_id"]: e["seal"] for e in received if e["document_id"] in unsigned}
    yield Check(
        "Hai văn bản không ký của đơn vị “chỉ để biết, tham khảo” đến nơi, được nhận ra là không ký",
        "The two unsigned documents of the reference-only unit arrived and were seen to be unsigned",
        seals == dict.fromkeys(unsigned, "none"),
        str(sorted(seals.values())),
    )


def _receiving(found: Evidence) -> Iterator[Check]:
    received = list(found.documents_received())
    pairs = [(code, e["document_id"]) for code, e in received]
    must = found.must_arrive()
    yield Check(
        f"{len(must)} lượt nhận theo kế hoạch đều có trong sổ của chính đơn vị nhận",
        f"All {len(must)} planned deliveries stand in the receivers' own records",
        must <= set(pairs),
        f"{len(must & set(pairs))}/{len(must)}",
    )
    strangers = set(pairs) - must
    yield Check(
        "Không đơn vị nào nhận văn bản không gửi cho mình",
        "Nobody received what was not addressed to them",
        not strangers,
        f"{len(strangers)}",
    )
    keys = Counter((code, e["key"]) for code, e in received)
    twice = [pair for pair, n in (Counter(pairs) + keys).items() if n > 1]
    yield Check(
        "Không văn bản nào được ghi nhận hai lần",
        "No document was registered twice",
        not twice,
        f"{len(twice)}",
    )
    yield _same_bytes(found)
    unproven = [e for _, e in received if e["seal"] != "proven" and BY_CODE[e["sender"]].signs]
    yield Check(
        "Đơn vị nhận tự xác minh được chữ ký số của mọi gói tin có ký",
        "Receivers verified the signature of every signed package by themselves",
        bool(received) and not unproven,
        f"{len(received) - len(unproven)}/{len(received)}",
    )


def _same_bytes(found: Evidence) -> Check:
    """Reads the files again: what lies on the receivers' disks is what the senders signed."""
    original = {e["document_id"]: e["sha256"] for _, e in found.entries("sent")}
    wrong, size = [], 0
    for code, entry in found.documents_received():
        with (found.inboxes[code] / entry["file"]).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size += file.tell()
        if not digest == entry["sha256"] == original.get(entry["document_id"]):
            wrong.append((code, entry["document_id"]))
    return Check(
        "Từng byte đơn vị nhận lưu đúng như bên gửi đã ký",
        "Every byte the receivers stored is as the senders signed it",
        not wrong and bool(original),
        f"{size / 1e6:,.0f} MB, {len(wrong)} ≠",
    )


def _statuses(found: Evidence) -> Iterator[Check]:
    planned, back = found.statuses_planned(), found.statuses_back()
    yield Check(
        f"{len(planned)} trạng thái của các đơn vị đều về tới Bộ",
        f"All {len(planned)} statuses of the units came back to the ministry",
        planned == back,
        f"{len(planned & back)}/{len(planned)}" + (f", +{len(back - planned)}" if back - planned else ""),
    )
    refused = {(code, i) for code, ids in found.plan.refused.items() for i in ids}
    said = {(code, e["document_id"]) for code, e in found.entries("refused")}
    returned = {(code, i, "02") for code, ids in found.plan.returned.items() for i in ids}
    yield Check(
        "Văn bản bị hệ thống từ chối (422) và văn bản bị văn thư trả lại (02) đúng như kế hoạch",
        "The document refused by a system (422) and the one returned by a clerk (02) are as planned",
        refused == said and returned <= back,
        f"422: {len(said)}, 02: {len(returned & back)}",
    )


def _afterwards(found: Evidence) -> Iterator[Check]:
    recalled = found.plan.recalled
    rows = [d for d in found.deliveries if d["document_id"] in recalled]
    yield Check(
        "Văn bản thu hồi: mọi nơi nhận đã huỷ và trả lời 15",
        "The recalled document: every receiver cancelled it and answered 15",
        bool(rows) and all(d["taking_back"] == "15" for d in rows),
        f"{sum(d['taking_back'] == '15' for d in rows)}/{len(rows)}",
    )
    overtaken = []
    for code in {code for d in found.plan.afterwards for code in d.receivers}:
        order = [e["document_id"] for _, e in found.entries("received", [code]) if e["kind"] == "document"]
        for later in found.plan.afterwards:
            places = [order.index(i) if i in order else -1 for i in (later.about, later.document_id)]
            if later.about and not -1 < places[0] < places[1]:
                overtaken.append((code, later.document_id))
    yield Check(
        "Gói thu hồi, cập nhật, thay thế không vượt văn bản mà nó nói tới, ở mọi nơi nhận",
        "No recall, update or replacement overtook the document it speaks of, at any receiver",
        bool(found.plan.afterwards) and not overtaken,
        f"{len(found.plan.afterwards)} gói, {len(overtaken)} ≠",
    )


def _figures(found: Evidence, rows: Sequence[Row]) -> Iterator[Check]:
    summed = total(rows)
    yield Check(
        "Đã gửi = đã nhận + từ chối + thu hồi + đang chờ, chênh lệch 0 ở từng đơn vị",
        "Sent = delivered + refused + recalled + waiting, difference 0 for every unit",
        all(row.difference == 0 for row in rows) and summed.difference == 0,
        f"{summed.sent} = {summed.delivered} + {summed.refused} + {summed.recalled} + {summed.waiting}",
    )
    planned = Counter(code for _, code in found.plan.deliveries())
    agree = all(row.sent == planned[row.code] and row.delivered == row.received for row in rows)
    yield Check(
        "Số của trục, của từng đơn vị và của kế hoạch khớp nhau; không còn văn bản chờ",
        "The hub's, each unit's and the plan's figures agree; nothing is left waiting",
        agree and summed.waiting == 0 and not found.ledger().strangers(row.code for row in rows),
    )
    down = next(unit for unit in UNITS if unit.down_for)
    back = [e["at"] for _, e in found.entries("back", [down.code])]
    first = [e["at"] for code, e in found.documents_received() if code == down.code]
    others = [e["at"] for code, e in found.documents_received() if code != down.code]
    meanwhile = sum(at < back[0] for at in others) if back else 0
    yield Check(
        f"{down.short} mất kết nối lúc đầu: các đơn vị khác không phải chờ, đơn vị này nhận đủ khi trở lại",
        f"While the {down.english} was down the others did not wait; it got everything once back",
        bool(back) and meanwhile > 0 and all(at >= back[0] for at in first),
        f"{meanwhile} / {len(first)}",
    )


def _receipts(found: Evidence) -> Iterator[Check]:
    receipts = found.receipts
    yield Check(
        f"{receipts.exported} biên nhận xác minh được ngoại tuyến bằng chứng thư của trục",
        f"All {receipts.exported} receipts verify offline against the hub's certificate authority",
        receipts.exported > 0 and not receipts.broken,
        ", ".join(receipts.broken[:3]),
    )
    sent = {(e["document_id"], e["sha256"]) for _, e in found.entries("sent")}
    must = found.must_arrive()
    yield Check(
        "Mỗi văn bản có biên nhận của trục ghi đúng giá trị băm, mỗi lượt giao có biên nhận đã giao",
        "Every document has its receipt of acceptance with its digest, every delivery its own receipt",
        sent <= receipts.accepted and must <= receipts.delivered,
        f"{len(sent & receipts.accepted)}/{len(sent)}, {len(must & receipts.delivered)}/{len(must)}",
    )


def _clean_end(found: Evidence) -> Check:
    bad = {name: code for name, code in found.exit_codes.items() if code}
    wrong = ("damaged", "hook-refused", "not-sent", "not-answered")
    damaged = sum(1 for event in wrong for _ in found.entries(event))
    return Check(
        "Mọi chương trình kết thúc bình thường, không gói tin nào hỏng dọc đường",
        "Every program ended normally and no package was damaged on its way",
        not bad and not damaged,
        ", ".join([*(f"{name}: {code}" for name, code in bad.items()), *([str(damaged)] if damaged else [])]),
    )
