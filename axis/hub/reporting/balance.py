"""Does it add up? Reconciliation of a period, unit by unit, and what is wrong when it does not.

    sent:      units the packages were routed to + sent again  =  delivered + refused + recalled + waiting
    received:  deliveries made                                 =  delivered + refused + recalled + waiting

The left side of ``sent`` is written once, when a package is accepted; the right side moves with every
move of every delivery. They come from different triggers over different tables, so a difference of 0
says something. All packages count here, statuses too. A difference is never hidden: ``findings`` counts
the rows anew and names each package and each counter that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from axis.sheets.sheet import Column, Language, Row
from axis.store.reports import Mismatch

_ENDS = ("delivered", "refused", "recalled", "waiting")


def _count(key: str, vi: str, en: str) -> Column:
    return Column(key, vi, en, "number", 14)


_UNIT = (Column("unit", "Mã đơn vị", "Unit", "text", 16), Column("name", "Tên đơn vị", "Name", "text", 36))
_STATES = (
    _count("delivered", "Đã đến hệ thống nhận", "Delivered"),
    _count("refused", "Hệ thống nhận từ chối", "Refused"),
    _count("recalled", "Dừng chuyển tại trục", "Stopped at the axis"),
    _count("waiting", "Đang chờ", "Waiting"),
    _count("difference", "Chênh lệch", "Difference"),
)
SENT = (
    *_UNIT,
    _count("packages", "Gói đã gửi", "Packages sent"),
    _count("units", "Số nơi nhận", "Receivers in all"),
    _count("again", "Gửi lại", "Sent again"),
    _count("expected", "Số lượt phải có", "Deliveries expected"),
    *_STATES,
)
RECEIVED = (*_UNIT, _count("expected", "Số lượt nhận", "Deliveries received"), *_STATES)
FINDINGS = (
    Column("day", "Ngày", "Day", "date", 12),
    Column("what", "Sai ở đâu", "Where", "text", 28),
    Column("sender", "Nơi gửi", "Sender", "text", 16),
    Column("receiver", "Nơi nhận", "Receiver", "text", 16),
    Column("measure", "Số đếm", "Measure", "text", 18),
    _count("counted", "Số đếm đang ghi", "Counted"),
    _count("found", "Đếm lại", "Found"),
    Column("package", "Gói", "Package", "text", 38),
    Column("document_id", "Mã văn bản", "DocumentId", "text", 32),
)
_WHAT = {
    "package": ("Gói thiếu hoặc thừa lượt gửi", "A package has too few or too many deliveries"),
    "midnight": ("Lượt gửi ghi sang ngày sau của gói", "Deliveries made on the day after their package"),
    "sent": ("Số đếm gói gửi", "Counter of packages sent"),
    "deliveries": ("Số đếm lượt nhận", "Counter of deliveries"),
}


def sent(rows: Iterable[Mapping[str, Any]], heads: Callable[[UUID], Row]) -> list[Row]:
    return [_row({**row, "expected": row["units"] + row["again"]}, heads) for row in rows]


def received(rows: Iterable[Mapping[str, Any]], heads: Callable[[UUID], Row]) -> list[Row]:
    return [_row({**row, "expected": row["n"]}, heads) for row in rows]


def totals(rows: Iterable[Row], columns: Iterable[Column]) -> Row:
    kept = list(rows)
    numbers = [column.key for column in columns if column.kind == "number"]
    return {key: sum(value for row in kept if isinstance(value := row[key], int)) for key in numbers}


def off(rows: Iterable[Row]) -> list[str]:
    """Codes of the units whose balance is not 0."""
    return [str(row["unit"]) for row in rows if row["difference"] != 0]


def finding(mismatch: Mismatch, code: Callable[[UUID | None], str], language: Language) -> Row:
    """A row of FINDINGS."""
    return {
        "day": mismatch.day, "what": _WHAT[mismatch.what][0 if language == "vi" else 1],
        "sender": code(mismatch.source_unit), "receiver": code(mismatch.unit_id), "measure": mismatch.measure,
        "counted": mismatch.counted, "found": mismatch.found,
        "package": str(mismatch.package_id or ""), "document_id": mismatch.document_id,
    }  # fmt: skip


def _row(row: Mapping[str, Any], heads: Callable[[UUID], Row]) -> Row:
    return {**row, **heads(row["unit_id"]), "difference": row["expected"] - sum(row[state] for state in _ENDS)}
