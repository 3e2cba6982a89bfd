"""Roles as data, logins and passwords."""

from __future__ import annotations

import unicodedata
from uuid import uuid4

import pytest

from axis.domain.people import (
    COMMONEST,
    MANAGES,
    MIN_PASSWORD,
    OF_A_UNIT,
    SECOND_FACTOR,
    SEES_EVERYTHING,
    Person,
    Role,
    is_login,
    login_of,
    password_fault,
    password_text,
    person_name,
)

HERE, THERE = uuid4(), uuid4()


def person(role: Role) -> Person:
    return Person(id=uuid4(), login="ai-do", name="Ai đó", role=role, unit_id=HERE if role in OF_A_UNIT else None)


def test_a_role_sees_everything_or_belongs_to_a_unit() -> None:
    assert set(Role) == SEES_EVERYTHING | OF_A_UNIT and not SEES_EVERYTHING & OF_A_UNIT


@pytest.mark.parametrize("role", Role)
def test_what_each_role_sees(role: Role) -> None:
    found = person(role)
    assert found.sees(HERE)
    assert found.sees(THERE) is found.sees(None) is (role in {Role.OPERATOR, Role.AUDITOR})


@pytest.mark.parametrize("role", Role)
def test_who_sees_everything_proves_themselves_twice(role: Role) -> None:
    assert person(role).needs_totp is (role in SECOND_FACTOR) is person(role).sees_everything


def test_an_auditor_changes_nothing_and_looks_after_nobody() -> None:
    auditor = person(Role.AUDITOR)
    assert not auditor.may_change and Role.AUDITOR not in MANAGES
    assert not any(auditor.manages(role, unit) for role in Role for unit in (HERE, THERE, None))


def test_whose_accounts_each_role_looks_after() -> None:
    table = {
        (role, other, unit)
        for role in Role
        for other in Role
        for unit in (HERE, THERE, None)
        if person(role).manages(other, unit)
    }
    everybody = {(Role.OPERATOR, other, unit) for other in Role for unit in (HERE, THERE, None)}
    assert table == everybody | {(Role.UNIT_ADMIN, Role.CLERK, HERE), (Role.UNIT_ADMIN, Role.UNIT_ADMIN, HERE)}


def test_a_person_without_a_unit_is_confined_to_nothing_rather_than_to_everything() -> None:
    lost = Person(id=uuid4(), login="ai-do", name="Ai", role=Role.CLERK)
    assert not lost.sees(None) and not lost.sees(HERE)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("  Van.Thu ", "van.thu"), ("VANTHU@mt.gov.vn", "vanthu@mt.gov.vn"), ("ｖａｎｔｈｕ", "vanthu")],
)
def test_a_login_is_compared_without_what_a_keyboard_adds(typed: str, stored: str) -> None:
    assert login_of(typed) == stored and is_login(stored)


@pytest.mark.parametrize(
    "text",
    ["", "a", "A.b", ".ab", "a b", "văn-thư", "a" * 65, "a\nb", "a\x00b", "a/b", "<a>", "ab\n", "'or'1", "a\u202eb"],
)
def test_what_is_no_login(text: str) -> None:
    assert not is_login(text)


def test_a_name_is_one_line_of_printable_characters() -> None:
    assert person_name(" Nguyễn\u0000 Văn\r\n\tA\u202e ") == "Nguyễn Văn A"
    assert person_name("\x00\r\n") == ""
    assert len(person_name("x" * 500)) == 120
    assert person_name(unicodedata.normalize("NFD", "Nguyễn Thị Ế")) == "Nguyễn Thị Ế"


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("ngắn quá", "short"),
        ("x" * (MIN_PASSWORD - 1), "short"),
        ("con mèo ở trên cây cau", ""),
        ("khong co gi dac biet", ""),
        ("Zx9$" * 64 + "!", "long"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("abcabcabcabca", "common"),
        ("1234123412341", "common"),
        ("MatKhau@12345", "common"),
        (" dấu cách ở đầu câu", "common"),
        ("dấu cách ở cuối câu ", "common"),
        ("van.thu12345", "login"),
        ("x-van.thu-xx", "login"),
        ("van.thu đi lên núi hái hoa", ""),
    ],
)
def test_which_passwords_are_refused_and_why(password: str, fault: str) -> None:
    assert password_fault(password, "van.thu") == (f"people.password-{fault}" if fault else "")


@pytest.mark.parametrize("password", sorted(COMMONEST))
def test_the_list_of_the_commonest_holds_only_what_the_length_would_let_through(password: str) -> None:
    assert len(password) >= MIN_PASSWORD and password == password.casefold()
    assert password_fault(password.upper(), "somebody") == "people.password-common"


def test_the_same_letters_of_another_keyboard_are_the_same_password() -> None:
    composed = "một câu tiếng Việt"
    assert password_text(unicodedata.normalize("NFD", composed)) == password_text(composed)
