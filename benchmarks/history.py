"""A history to measure against: a year of documents, deliveries and statuses, as they would stand now.

Written a day at a time, each day one transaction with randomness of its own, so a run that was stopped
goes on where it was, and the same seed gives the same history. Triggers of the user are off while rows
are copied; the counters are then made by one grouping of the rows (``count``), which tests/store/test_history.py
proves equal to what the triggers would have counted. Needs the owner of the tables.

    documents   packages of kind document       each     deliveries of one document
    statuses    status packages per delivery    units    who sends to whom, evenly but for the first
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from axis.domain.period import midnight
from benchmarks.lives import life_of, pick, tries

TABLES = ("package", "delivery", "link", "attempt")
_PACKAGE = (
    "id", "kind", "business_type", "sender", "sender_name", "source_unit", "identity", "document_id", "code_number",
    "code_notation", "subject", "type_name", "promulgation_date", "due_date", "signer_name", "priority", "paper",
    "about", "status_code", "sha256", "size", "encoding", "verdict", "details", "front", "received_at", "send_due_at",
    "units", "parties",
)  # fmt: skip
_DELIVERY = (
    "id", "package_id", "unit_id", "receivers", "kind", "priority", "state", "handling", "taking_back", "attempts",
    "next_attempt_at", "fetched_at", "finished_at", "note", "created_at", "changed_at", "source_unit", "business_type",
    "round", "arrived_at", "arrival_due_at", "told_at", "register_due_at", "registered_at", "finish_due_at",
    "completed_at", "missed", "look_at", "reason", "recall_ordered_at", "failed_reports",
)  # fmt: skip
_ATTEMPT = ("delivery_id", "attempt", "started_at", "finished_at", "outcome", "detail", "holder")
_TYPES = ((0, 94), (3, 1), (1, 2), (2, 3))
ACTS = (
    "V/v báo cáo kết quả", "Về việc triển khai", "V/v góp ý dự thảo", "Kế hoạch", "V/v đôn đốc", "Hướng dẫn",
    "V/v xử lý kiến nghị về", "Quyết định phê duyệt", "Thông báo kết luận về", "V/v cung cấp số liệu",
    "Giấy mời họp về", "V/v thẩm định", "Công điện về", "V/v nghiệm thu", "Tờ trình về",
)  # fmt: skip
MATTERS = (
    "bảo đảm trật tự, an toàn giao thông", "duy tu, sửa chữa kết cấu hạ tầng đường bộ",
    "vận tải hành khách dịp nghỉ lễ", "đăng kiểm phương tiện thuỷ nội địa", "nạo vét luồng hàng hải",
    "an toàn chạy tàu và đường ngang",
    "giải ngân vốn đầu tư công", "thu phí không dừng", "phòng, chống thiên tai và tìm kiếm cứu nạn",
    "giải phóng mặt bằng dự án cao tốc", "cấp phép hoạt động bến thuỷ", "kiểm soát tải trọng xe",
    "quy hoạch cảng hàng không", "đào tạo, sát hạch giấy phép lái xe", "ứng dụng công nghệ thông tin",
    "cải cách thủ tục hành chính", "chất lượng công trình cầu", "quản lý đèn tín hiệu và biển báo",
)  # fmt: skip
PLACES = (
    "Hà Nội", "Đắk Lắk", "Đà Nẵng", "Nghệ An", "Cao Bằng", "Hải Phòng", "Quảng Ninh", "Thừa Thiên Huế", "Cần Thơ",
    "Lâm Đồng", "Bình Định", "Khánh Hoà", "Kiên Giang", "Sơn La", "Lạng Sơn", "Phú Thọ", "Thái Nguyên", "Ninh Bình",
    "Quảng Trị", "Gia Lai", "Tây Ninh", "Long An", "Bến Tre", "Cà Mau", "Hậu Giang", "Điện Biên",
)  # fmt: skip
"""Subjects are put together from these, so that some words are everywhere and others are rare."""


@dataclass(frozen=True, slots=True)
class Shape:
    """``ends``: the day after the last; ``now``: the moment the history is seen from."""

    documents: int = 200_000
    each: int = 5
    units: int = 20
    statuses: float = 0.2
    days: int = 365
    ends: date = date(2020, 1, 1)
    seed: int = 28

    @property
    def now(self) -> datetime:
        return midnight(self.ends)

    @property
    def starts(self) -> date:
        return self.ends - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Place:
    id: UUID
    code: str
    name: str


@dataclass(slots=True)
class Day:
    """The rows of one day, in the order of the columns above."""

    packages: list[tuple[Any, ...]]
    deliveries: list[tuple[Any, ...]]
    links: list[tuple[Any, ...]]
    attempts: list[tuple[Any, ...]]


class History:
    def __init__(self, connection: Any, shape: Shape) -> None:
        self._connection = connection
        self._shape = shape
        self.units = [
            Place(UUID(int=(7 << 76) | (2 << 62) | n), f"000.00.{n:02}.G04", f"Đơn vị số {n}")
            for n in range(10, 10 + shape.units)
        ]

    async def write(self) -> int:
        """Units, then every day that is not there yet; how many days were written."""
        await self._prepare()
        done = {row["day"] for row in await self._connection.fetch("select day from history_day")}
        days = [self._shape.starts + timedelta(days=n) for n in range(self._shape.days)]
        missing = [day for day in days if day not in done]
        for day in missing:
            made = await asyncio.to_thread(self.day, day)
            await self._copy(day, made)
        return len(missing)

    async def count(self) -> None:
        """The counters, from the rows."""
        names = {table: await self._columns(table) for table in ("tally", "sent_tally")}
        async with self._connection.transaction():
            await self._connection.execute("truncate tally, tally_change, sent_tally, sent_tally_change")
            for table, view, keys in (("tally", "delivery_counts", 4), ("sent_tally", "package_counts", 3)):
                sums = ", ".join(f"sum({name})" for name in names[table][keys:])
                kept = ", ".join(names[table][:keys])
                await self._connection.execute(f"insert into {table} select {kept}, {sums} from {view} group by {kept}")

    async def settle(self) -> None:
        for table in (*TABLES, "tally", "sent_tally", "tally_change", "sent_tally_change"):
            await self._connection.execute(f"vacuum analyze {table}")

    def day(self, day: date) -> Day:
        """The rows of a day: the same for the same seed, whatever was made before."""
        shape, dice = self._shape, random.Random(f"{self._shape.seed} {day}")
        place = (day - shape.starts).days
        count = shape.documents * (place + 1) // shape.days - shape.documents * place // shape.days
        made = Day([], [], [], [])
        earlier: list[tuple[UUID, str, Place]] = []
        moments = sorted(midnight(day) + timedelta(seconds=dice.triangular(0, 86399, 34000)) for _ in range(count))
        for number, moment in enumerate(moments):
            self._document(dice, made, earlier, moment, f"{place * 100_000 + number}")
        return made

    async def _prepare(self) -> None:
        await self._connection.execute("create table if not exists history_day (day date primary key)")
        await self._connection.executemany(
            "insert into unit (id, code, name, state, adapter, policy)"
            " values ($1, $2, $3, 'live', 'mailbox', 'required') on conflict do nothing",
            [(unit.id, unit.code, unit.name) for unit in self.units],
        )

    async def _copy(self, day: date, made: Day) -> None:
        async with self._connection.transaction():
            for table in TABLES:
                await self._connection.execute(f"alter table {table} disable trigger user")
            rows = (("package", _PACKAGE, made.packages), ("delivery", _DELIVERY, made.deliveries),
                    ("link", ("package_id", "kind", "document_id", "about"), made.links),
                    ("attempt", _ATTEMPT, made.attempts))  # fmt: skip
            for table, columns, records in rows:
                await self._connection.copy_records_to_table(table, records=records, columns=columns)
            for table in TABLES:
                await self._connection.execute(f"alter table {table} enable trigger user")
            await self._connection.execute("insert into history_day values ($1)", day)

    async def _columns(self, table: str) -> list[str]:
        rows = await self._connection.fetch(
            "select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 order by attnum", table
        )
        return [row["attname"] for row in rows]

    def _document(
        self, dice: random.Random, made: Day, earlier: list[tuple[UUID, str, Place]], at: datetime, number: str
    ) -> None:
        source = dice.choice(self.units)
        others = [unit for unit in self.units if unit is not source]
        receivers = dice.sample(others, min(self._shape.each, len(others)))
        business = pick(dice, _TYPES)
        own = next((e for e in reversed(earlier[-200:]) if e[2] is source), None)
        if business and own is None:
            business = 0
        document_id, about = f"{source.code},{at:%Y/%m/%d},{number}/BC", ""
        key = id_at(at, dice)
        if business and own is not None:
            about = own[1]
            kind = {1: "recall", 2: "update", 3: "replace"}[business]
            made.links.append((key, kind, own[1], own[0]))
        elif earlier and dice.random() < 0.1:
            about = dice.choice(earlier[-200:])[1]
        priority = dice.choices((0, 1, 2, 3, 4), (85, 8, 3, 3, 1))[0]
        signed = (at - timedelta(days=dice.choices((0, 1, 3), (80, 15, 5))[0])).date()
        due = (at + timedelta(days=dice.randint(2, 20))).date() if business in (0, 3) and dice.random() < 0.3 else None
        send_due = midnight(signed + timedelta(days=1)) + timedelta(hours=12) if business in (0, 3) else None
        subject = f"{dice.choice(ACTS)} {dice.choice(MATTERS)} {dice.choice(PLACES)}, đợt {number}"
        made.packages.append((
            key, "document", business, source.code, source.name, source.id, f"doc:{document_id}", document_id, number,
            "BC", subject, "Báo cáo", signed, due, "Nguyễn Văn A", priority,
            dice.choices(("0", "1", ""), (80, 5, 15))[0], about, "", _digest(key), 20_000, "utf-8",
            dice.choices(("proven", "unproven"), (90, 10))[0], _details(source, receivers, subject), "vxp", at,
            send_due, len(receivers), [source.id, *(unit.id for unit in receivers)],
        ))  # fmt: skip
        for unit in receivers:
            self._delivery(dice, made, key, source, unit, business, priority, at, due)
        if business == 0:
            earlier.append((key, document_id, source))

    def _delivery(
        self, dice: random.Random, made: Day, package: UUID, source: Place, unit: Place, business: int, priority: int,
        at: datetime, due: date | None, round_: int = 1,
    ) -> None:  # fmt: skip
        now = self._shape.now
        finish_due = midnight(due) + timedelta(hours=17) if due else None
        life = life_of(dice, at, now, business, finish_due)
        key = id_at(at, dice)
        made.deliveries.append((
            key, package, unit.id, [unit.code], "document", priority, life["state"], life["handling"],
            life["taking_back"], life["attempts"], at, life["arrived_at"], life["finished_at"], life["note"], at,
            life["changed_at"], source.id, business, round_, life["arrived_at"], life["arrival_due_at"],
            life["told_at"], life["register_due_at"], life["registered_at"], finish_due, life["completed_at"],
            life["missed"], life["look_at"], life["reason"], life["recall_ordered_at"], life["failed_reports"],
        ))  # fmt: skip
        made.attempts += [(key, number, at, at, outcome, "", "bench") for number, outcome in enumerate(tries(life), 1)]
        if life["told_at"] and dice.random() < self._shape.statuses:
            self._status(dice, made, unit, source, str(life["handling"]), life["told_at"])
        if life["handling"] == "02" and round_ == 1 and dice.random() < 0.3 and life["registered_at"] < now:
            self._delivery(dice, made, package, source, unit, business, priority, life["registered_at"], due, 2)

    def _status(self, dice: random.Random, made: Day, by: Place, to: Place, code: str, at: datetime) -> None:
        key = id_at(at, dice)
        digest = _digest(key)
        made.packages.append((
            key, "status", 0, by.code, by.name, by.id, f"status:{digest}", f"{by.code},status,{key}", "", "", "", "",
            None, None, "", 0, "", "", code or "01", digest, 900, "utf-8", "proven", "{}", "vxp", at, None, 1,
            [],
        ))  # fmt: skip
        made.deliveries.append((
            id_at(at, dice), key, to.id, [to.code], "status", 0, "delivered", "", "", 1, at, at, at, "", at, at, by.id,
            0, 1, None, None, None, None, None, None, None, 0, None, "", None, 0,
        ))  # fmt: skip


def id_at(moment: datetime, dice: random.Random) -> UUID:
    """A UUID version 7 of that moment."""
    value = int(moment.timestamp() * 1000) << 80 | dice.getrandbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def _digest(key: UUID) -> str:
    return hashlib.sha256(key.bytes).hexdigest()


def _details(source: Place, receivers: list[Place], subject: str) -> str:
    return json.dumps({
        "from": {"organ_id": source.code, "organ_name": source.name},
        "to": [{"organ_id": unit.code, "organ_name": unit.name} for unit in receivers],
        "elsewhere": [], "place": "Hà Nội", "content": subject, "document_type": "8",
        "signer": {"competence": "KT. CỤC TRƯỞNG", "position": "Phó Cục trưởng", "full_name": "Nguyễn Văn A"},
        "other": {"sphere": "", "typer": "", "pages": 3, "copies": 1, "appendixes": []}, "steering_type": 0,
        "attachments": [{"content_id": "f1", "name": "van-ban.pdf", "content_type": "application/pdf", "offset": 4096,
                         "length": 16000}],
    }, ensure_ascii=False)  # fmt: skip


def periods(shape: Shape) -> Iterator[tuple[str, date, date]]:
    """A month, a quarter and the year at the end of the history."""
    last = shape.ends - timedelta(days=1)
    for name, days in (("month", 31), ("quarter", 92), ("year", 365)):
        yield name, max(shape.ends - timedelta(days=days), shape.starts), last


