"""The marks of one delivery: how it stands first, and nothing that is over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from axis.fronts.console import texts
from axis.fronts.console.clerk_words import told

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def _row(business_type: int = 0, handling: str = "", taking_back: str = "", state: str = "delivered") -> dict[str, Any]:
    return {"business_type": business_type, "handling": handling, "taking_back": taking_back, "state": state,
            "arrived_at": NOW if state == "delivered" else None}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (_row(state="queued"), ["Chờ gửi"]), (_row(), ["Đã đến, chưa tiếp nhận"]),
        (_row(handling="03"), ["Đã tiếp nhận"]),
        (_row(taking_back="13"), ["Đã đến, chưa tiếp nhận", "Yêu cầu lấy lại"]),
        (_row(taking_back="16"), ["Đã đến, chưa tiếp nhận", "Từ chối lấy lại/cập nhật"]),
        (_row(handling="03", taking_back="16"), ["Đã tiếp nhận", "Từ chối lấy lại/cập nhật"]),
        (_row(handling="03", taking_back="recall"), ["Bị thu hồi, chờ bên nhận huỷ", "Đã tiếp nhận"]),
        (_row(handling="03", taking_back="15"), ["Đã thu hồi hoặc lấy lại"]),
        (_row(taking_back="13", state="recalled"), ["Đã thu hồi"]),
        (_row(2), ["Chờ trả lời"]), (_row(2, "03"), ["Đã tiếp nhận", "Chờ trả lời"]),
        (_row(2, taking_back="15"), ["Đồng ý lấy lại/cập nhật"]),
        (_row(1, taking_back="15"), ["Đồng ý lấy lại/cập nhật"]),
    ],
)  # fmt: skip
def test_a_delivery_is_told_by_what_counts_now(row: dict[str, Any], words: list[str]) -> None:
    with texts.speaking("vi"):
        assert [mark.words for mark in told(row)] == words
