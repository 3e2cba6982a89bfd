"""Who works with the console, and what each may see: rules as data.

    clerk        of one unit: its documents, sent and received
    unit-admin   of one unit: the same, and the accounts of that unit
    operator     runs the axis: every unit, people, settings
    auditor      reads everything, changes nothing

What a rule does not allow does not exist for the person (P3): fronts answer "no such page", never
"forbidden". Passwords follow NIST SP 800-63B: long, no rules about kinds of characters, not one of those
everybody tries first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from axis.domain.text import composed

MIN_PASSWORD = 12  # characters
MAX_PASSWORD = 256
MAX_NAME = 120


class Role(StrEnum):
    CLERK = "clerk"
    UNIT_ADMIN = "unit-admin"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class PersonState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


SEES_EVERYTHING = frozenset({Role.OPERATOR, Role.AUDITOR})
"""Roles that see every unit's documents."""
OF_A_UNIT = frozenset({Role.CLERK, Role.UNIT_ADMIN})
"""Roles that belong to a unit and see that unit's documents only."""
CHANGES = frozenset({Role.CLERK, Role.UNIT_ADMIN, Role.OPERATOR})
"""Roles that may change anything at all."""
SECOND_FACTOR = frozenset({Role.OPERATOR, Role.AUDITOR})
"""Roles whose password alone opens nothing."""
MANAGES: dict[Role, frozenset[Role]] = {
    Role.OPERATOR: frozenset(Role),
    Role.UNIT_ADMIN: OF_A_UNIT,
}
"""Whose accounts each role looks after; a unit administrator those of the own unit only. Other administrators of that
unit are among them: a unit hands the task over, and has somebody while one is away, without asking those who run
the axis; what the new one may do is what the old one may, so nobody is raised above whom they were made by."""

ROLE_WORDS: dict[Role, tuple[str, str]] = {
    Role.CLERK: ("Văn thư", "Clerk"),
    Role.UNIT_ADMIN: ("Quản trị đơn vị", "Unit administrator"),
    Role.OPERATOR: ("Người vận hành", "Operator"),
    Role.AUDITOR: ("Người kiểm tra", "Auditor"),
}
STATE_WORDS: dict[PersonState, tuple[str, str]] = {
    PersonState.INVITED: ("chờ nhận lời mời", "invited"),
    PersonState.ACTIVE: ("đang dùng", "active"),
    PersonState.DISABLED: ("đã khoá", "disabled"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One account; nothing in it is secret. ``unit_*`` are empty for those who belong to no unit."""

    id: UUID
    login: str
    name: str
    role: Role
    state: PersonState = PersonState.ACTIVE
    unit_id: UUID | None = None
    unit_code: str = ""
    unit_name: str = ""
    language: str = "vi"
    has_totp: bool = False
    has_password: bool = False
    created_at: datetime | None = None
    last_login_at: datetime | None = None

    @property
    def actor(self) -> str:
        """How the journal names them."""
        return f"person:{self.login}"

    @property
    def sees_everything(self) -> bool:
        return self.role in SEES_EVERYTHING

    @property
    def may_change(self) -> bool:
        return self.role in CHANGES

    @property
    def needs_totp(self) -> bool:
        return self.role in SECOND_FACTOR

    def sees(self, unit_id: UUID | None) -> bool:
        """Whether what belongs to that unit may be shown to them."""
        return self.sees_everything or (unit_id is not None and unit_id == self.unit_id)

    def manages(self, role: Role, unit_id: UUID | None) -> bool:
        """Whether they look after accounts of that role and unit."""
        if role not in MANAGES.get(self.role, ()):
            return False
        return self.role not in OF_A_UNIT or (unit_id is not None and unit_id == self.unit_id)


_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")


def login_of(text: str) -> str:
    """A login as it is stored and compared: lower case, without what a keyboard or a copy adds."""
    return composed(text, "NFKC").strip().lower()


def is_login(text: str) -> bool:
    """2 to 64 characters, from which an e-mail address may be made too."""
    return _LOGIN.fullmatch(text) is not None


def person_name(text: str) -> str:
    """A name on one line, in composed Unicode; empty when nothing printable is left."""
    kept = "".join(c if c.isprintable() else " " for c in composed(text))
    return " ".join(kept.split())[:MAX_NAME].strip()


def password_text(text: str) -> str:
    """A password as it is hashed: the same letters typed with another keyboard are the same password
    (ế is one character or three, depending on the input method)."""
    return composed(text, "NFKC")


_COMMONEST = """
123456789012 1234567890123 12345678901234 123456123456 111111111111 000000000000 qwertyuiop12
qwertyuiop123 qwertyuiopas qwerty123456 1q2w3e4r5t6y 1qaz2wsx3edc q1w2e3r4t5y6 asdfghjkl123 zxcvbnm12345
password1234 password12345 passwordpassword passw0rd1234 p@ssword1234 p@ssw0rd1234 p@ssw0rd12345
administrator administrator1 admin1234567 admin12345678 adminadmin123 admin@123456 admin@1234567
welcome12345 welcome123456 letmein12345 iloveyou1234 iloveyou12345 changeme1234 changeme12345
matkhau12345 matkhau123456 matkhau@12345 matkhau@123456 anhyeuem1234 anhyeuem12345 emyeuanh1234
motconvitxoera haiconthanlan vietnam12345 vietnam123456 vietnam@12345 vietnam@123456 hanoivietnam
bogiaothong123 bogiaothongvantai giaothongvantai vanthu123456 vanthu@123456 abcd12345678 abc123456789
abcdefghijkl abcdefghijklm 123456789abc 1234567890ab 123456abcdef 987654321098 correcthorsebatterystaple
"""
COMMONEST = frozenset(_COMMONEST.split())
"""Of twelve characters and more, those that are tried first, in English and in Vietnamese."""

_REPEATED = re.compile(r"(.{1,4}?)\1+.{0,3}", re.DOTALL)


def password_fault(password: str, login: str) -> str:
    """Why a password may not be used: a code of the catalogue, or empty when it may."""
    text = password_text(password)
    plain = text.casefold()
    if len(text) < MIN_PASSWORD:
        return "people.password-short"
    if len(text) > MAX_PASSWORD:
        return "people.password-long"
    if plain in COMMONEST or plain.strip() != plain or _REPEATED.fullmatch(plain):
        return "people.password-common"
    if login and login in plain and len(plain) - len(login) < MIN_PASSWORD // 2:
        return "people.password-login"
    return ""
