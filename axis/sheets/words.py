"""How Vietnam writes numbers, dates and the fixed phrases of a report.

Short forms of locale libraries are wrong here ("5/11/26"), so the forms are spelt out: dd/MM/yyyy,
HH:mm, 1.234.567,89, "12,5 %", and "ngày 05 tháng 11 năm 2026" where a document is signed. An English
report keeps these forms: only its words change, so that two prints of one table cannot disagree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from axis.domain.clock import VIETNAM
from axis.domain.text import composed
from axis.sheets.sheet import Language


@dataclass(frozen=True, slots=True)
class Phrases:
    total: str
    empty: str
    conditions: str
    notes: str
    made_by: str
    made_at: str
    rows: str
    provisional: str
    continued: str
    page: str
    yes: str
    no: str
    table: str
    cut: str
    cut_note: str
    units: tuple[str, str, str, str]


VIETNAMESE = Phrases(
    total="Tổng cộng",
    empty="Không có dòng nào trong kỳ này",
    conditions="Điều kiện lọc",
    notes="Ghi chú",
    made_by="Người lập",
    made_at="Thời điểm lập",
    rows="Số dòng",
    provisional="SỐ LIỆU TẠM TÍNH",
    continued="tiếp theo",
    page="Trang",
    yes="Có",
    no="Không",
    table="Bảng",
    cut=" […đã cắt: ô Excel chứa tối đa 32.767 ký tự]",
    cut_note="{count} ô dài hơn 32.767 ký tự đã bị cắt; bản CSV có đủ.",
    units=("ngày", "giờ", "phút", "giây"),
)
ENGLISH = Phrases(
    total="Total",
    empty="No rows in this period",
    conditions="Conditions",
    notes="Notes",
    made_by="Made by",
    made_at="Made at",
    rows="Rows",
    provisional="PROVISIONAL FIGURES",
    continued="continued",
    page="Page",
    yes="Yes",
    no="No",
    table="Table",
    cut=" […cut: an Excel cell holds 32,767 characters]",
    cut_note="{count} cells longer than 32,767 characters were cut; the CSV file has them whole.",
    units=("d", "h", "min", "s"),
)


def phrases(language: Language) -> Phrases:
    return VIETNAMESE if language == "vi" else ENGLISH


def number(value: int | float | Decimal) -> str:
    """1.234.567 or 1.234,5: at most two decimals."""
    if isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    whole, _, decimals = f"{value:,.2f}".partition(".")
    decimals = decimals.rstrip("0")
    return whole.replace(",", ".") + ("," + decimals if decimals else "")


def percent(ratio: int | float | Decimal) -> str:
    """A ratio as "12,5 %": at most one decimal."""
    return f"{number(round(Decimal(str(ratio)) * 100, 1))} %"


def day(value: date) -> str:
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


def moment(value: datetime) -> str:
    """dd/MM/yyyy HH:mm, in the zone the value is told in."""
    return f"{day(value)} {value.hour:02}:{value.minute:02}"


def formal_day(value: date) -> str:
    """The date as a signed document says it."""
    return f"ngày {value.day:02} tháng {value.month:02} năm {value.year:04}"


def signed_at(place: str, made_at: datetime) -> str:
    """Place and formal date above a signature."""
    formal = formal_day(made_at.astimezone(VIETNAM))
    return f"{place}, {formal}" if place else formal.capitalize()


def period(first: date, last: date, language: Language = "vi") -> str:
    if language == "vi":
        return f"Từ ngày {day(first)} đến ngày {day(last)}"
    return f"From {day(first)} to {day(last)}"


def duration(value: timedelta, language: Language = "vi") -> str:
    """The two largest units: "1 ngày 2 giờ", "3 phút 5 giây"; under a minute with one decimal."""
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    units = phrases(language).units
    seconds = value.total_seconds()
    if seconds < 60:
        return f"{sign}{number(round(seconds, 1))} {units[3]}"
    whole = round(seconds)
    parts = (whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60)
    first = next(place for place, part in enumerate(parts) if part)
    told = [f"{parts[place]} {units[place]}" for place in range(first, min(first + 2, 4)) if parts[place]]
    return sign + " ".join(told)


def clock(value: timedelta) -> str:
    """h:mm:ss, hours beyond 24: the form spreadsheets read as a length of time."""
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    seconds = round(value.total_seconds())
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens: "Sổ văn bản đi" is "so-van-ban-di"."""
    bare = composed(text.replace("đ", "d").replace("Đ", "D"), "NFKD")
    return re.sub(r"[^a-z0-9]+", "-", bare.encode("ascii", "ignore").decode().lower()).strip("-")
