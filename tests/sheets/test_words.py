"""Vietnam's forms of numbers, dates, lengths of time and file names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from axis.sheets import words


def test_numbers() -> None:
    told = [words.number(value) for value in (0, -5, 999, 1234567, 1234.5, Decimal("0.10"), -1234567.891, 5.0)]
    assert told == ["0", "-5", "999", "1.234.567", "1.234,5", "0,1", "-1.234.567,89", "5"]


def test_percent() -> None:
    told = [words.percent(ratio) for ratio in (0.125, 1, 0, 1 / 3, Decimal("0.999"), -0.5)]
    assert told == ["12,5 %", "100 %", "0 %", "33,3 %", "99,9 %", "-50 %"]


def test_dates() -> None:
    assert words.day(date(2026, 11, 5)) == "05/11/2026"
    assert words.moment(datetime(2026, 11, 5, 9, 3, tzinfo=UTC)) == "05/11/2026 09:03"
    assert words.formal_day(date(2026, 1, 5)) == "ngày 05 tháng 01 năm 2026"
    assert words.signed_at("", datetime(2026, 11, 4, 18, tzinfo=UTC)) == "Ngày 05 tháng 11 năm 2026"
    assert words.period(date(2019, 6, 1), date(2019, 6, 30)) == "Từ ngày 01/06/2019 đến ngày 30/06/2019"
    assert words.period(date(2019, 6, 1), date(2019, 6, 30), "en") == "From 01/06/2019 to 30/06/2019"


@pytest.mark.parametrize(
    ("seconds", "told", "clock"),
    [
        (0, "0 giây", "0:00:00"),
        (0.84, "0,8 giây", "0:00:01"),
        (59.97, "60 giây", "0:01:00"),
        (60, "1 phút", "0:01:00"),
        (185, "3 phút 5 giây", "0:03:05"),
        (3600, "1 giờ", "1:00:00"),
        (93784, "1 ngày 2 giờ", "26:03:04"),
        (86401, "1 ngày", "24:00:01"),
        (-185, "-3 phút 5 giây", "-0:03:05"),
    ],
)
def test_lengths_of_time(seconds: float, told: str, clock: str) -> None:
    assert words.duration(timedelta(seconds=seconds)) == told
    assert words.clock(timedelta(seconds=seconds)) == clock


def test_english_units() -> None:
    assert words.duration(timedelta(hours=26), "en") == "1 d 2 h"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Sổ văn bản đi", "so-van-ban-di"),
        ("SỔ ĐĂNG KÝ — Văn bản đến (06/2019)", "so-dang-ky-van-ban-den-06-2019"),
        ("../../etc/passwd", "etc-passwd"),
        ("…", ""),
    ],
)
def test_slugs(text: str, slug: str) -> None:
    assert words.slug(text) == slug
