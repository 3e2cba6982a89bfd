"""The line beside a row of the journal: whom and what, in words; and who did it."""

from __future__ import annotations

from typing import Any

import pytest

from axis.fronts.console import texts
from axis.fronts.console.details import actor, details


def told(data: dict[str, Any], event: str = "x", language: str = "vi") -> str:
    with texts.speaking(language):
        return details({"event": event, "data": data})


def test_an_invitation_says_whom_with_which_role_and_until_when() -> None:
    # as the database gives it back: shorter names first
    data = {"name": "Trần Thị Thư", "role": "clerk", "login": "van-thu", "until": "2026-11-29T15:06:40.533907+00:00"}
    assert told(data) == (
        "tên đăng nhập: van-thu · tên: Trần Thị Thư · vai trò: Văn thư · có giá trị tới: 29/11/2026 22:06"
    )
    assert told(data, language="en") == (
        "login: van-thu · name: Trần Thị Thư · role: Clerk · valid until: 29/11/2026 22:06"
    )


@pytest.mark.parametrize(
    ("data", "words", "english"),
    [
        ({"paused": ["False", "True"], "reason": "x"}, "tạm dừng gửi: không → có", "sending paused: no → yes"),
        ({"state": ["testing", "live"]}, "trạng thái: Đang thử → Đang hoạt động", "state: Testing → Live"),
        ({"changes": {"role": ["clerk", "auditor"]}}, "thay đổi: vai trò: Văn thư → Người kiểm tra",
         "changed: role: Clerk → Auditor"),
        ({"parent": ["", "G04"]}, "đơn vị cấp trên: – → G04", "parent unit: – → G04"),
        ({"status": "03", "before": "01", "staff": "An", "by": "G04.02"}, "trước đó: 01 Đã đến · bên nói: G04.02", ""),
        ({"days": [{"day": "2026-02-16", "kind": "holiday", "name": "Tết"}], "year": 2026},
         "năm: 2026 · các ngày: tên: Tết, ngày: 16/02/2026, loại: nghỉ lễ", ""),
        ({"receivers": ["G04.01", "G04.02"]}, "nơi nhận: G04.01; G04.02", ""),
        ({"look": "journal", "path": "/console/audit/journal"}, "trang: /console/audit/journal", ""),
        ({"code": "edxml.broken", "front": "vxp"}, "cửa vào: vxp", ""),
        ({"something_new": {"a": 1}, "b": False, "c": "2026-13-45", "d": None}, "something_new: a: 1 · b: không"
         " · c: 2026-13-45", "something_new: a: 1 · b: no · c: 2026-13-45"),
        ({"role": "stranger", "state": "lost"}, "vai trò: stranger · trạng thái: lost", ""),
        ({"method": "oidc", "second_factor": True}, "cách vào: đăng nhập một lần · có mã hai bước: có", ""),
        ({"by": "pull", "system": "cuc.01"}, "hệ thống gọi: cuc.01 · bên nói: hệ thống lấy về", ""),
        ({"unit": "G04.02", "level": 2, "rule": "register", "due_at": "2026-11-25T10:00:00+00:00"},
         "đơn vị: G04.02 · hạn: 25/11/2026 17:00", "unit: G04.02 · due: 25/11/2026 17:00"),
        ({"purpose": "invite"}, "đường dẫn: mời", "link: invitation"),
        ({"reason": "x", "note": "y"}, "", ""),
    ],
)  # fmt: skip
def test_fields_and_values_are_words_and_what_is_unknown_is_shown_as_it_is(
    data: dict[str, Any], words: str, english: str
) -> None:
    assert told(data) == words
    if english:
        assert told(data, language="en") == english


def test_the_code_of_a_new_unit_is_no_reason() -> None:
    assert told({"code": "G04.02", "name": "Cục"}, "unit.added") == "tên: Cục · mã: G04.02"


@pytest.mark.parametrize(
    ("kept", "words", "english"),
    [
        ("person:van-thu", "van-thu", "van-thu"), ("cli:root", "root (dòng lệnh)", "root (command line)"),
        ("axis", "trục", "the axis"), ("hub-1.bo.example:4321", "trục", "the axis"), ("G04.02", "G04.02", "G04.02"),
        ("000.00.04.G04", "000.00.04.G04", "000.00.04.G04"), ("person:", "person:", "person:"), ("", "", ""),
    ],
)  # fmt: skip
def test_who_did_it_is_told_in_words(kept: str, words: str, english: str) -> None:
    with texts.speaking("vi"):
        assert actor(kept) == words
    with texts.speaking("en"):
        assert actor(kept) == english
