"""People for operators: everybody, of every role and unit.

The pages are those of people_room; the rules are those of ``hub.people``: nobody takes the console from themselves,
the last operator stays.
"""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from axis.domain.people import OF_A_UNIT, Role
from axis.fronts.console.operator_room import OPERATORS, room, unit_choices
from axis.fronts.console.pages import Form
from axis.fronts.console.people_room import Choices, PeopleRoom
from axis.fronts.console.texts import N_, gettext


async def _unit(request: web.Request, sent: Form, role: Role) -> UUID | None:
    code = sent.value("unit")
    unit = (await room(request).directory.current(0)).named(code) if code else None
    if role in OF_A_UNIT and unit is None:
        sent.wrong("unit", gettext("Vai trò này thuộc một đơn vị: hãy chọn đơn vị."))
    if role not in OF_A_UNIT and code:
        sent.wrong("unit", gettext("Vai trò này không thuộc đơn vị nào: hãy bỏ chọn."))
    return unit.id if unit else None


async def _units(request: web.Request) -> Choices:
    return await unit_choices(request, gettext("không thuộc đơn vị nào"))


PEOPLE = PeopleRoom(
    "operator.people", tuple(Role), _unit, _units,
    N_("Đây là tài khoản của chính anh chị: việc khoá, đặt lại, đổi vai trò phải do người vận hành khác làm."),
)  # fmt: skip
ROUTES = PEOPLE.routes("/ops", OPERATORS, "all", menu=N_("Người dùng"))
