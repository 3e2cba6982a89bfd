"""People for the administrator of a unit: those of that unit, and nobody else.

    /unit/people               who, as what, in which state, when last here
    /unit/invite               a clerk or another administrator of the unit; the one-time link is shown once
    /unit/people/LOGIN         one of them; name, role, language
    /unit/people/LOGIN/ACT     a new link, disable, enable, end sessions: each has a page that asks first

The pages are those of people_room. The unit is the caller's own, never the form's, and stands in each statement
(``By.unit_id``): people of other units, operators and auditors are answered like those who never were. Only that a
login is taken cannot be kept from whoever wants it, because logins are the axis's.

An administrator may make another one of the same unit (domain/people.MANAGES says why) and may not act on
themselves, so the unit always keeps the one who acts; operators may still remove even the last.
"""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from axis.domain.people import MANAGES, Role
from axis.fronts.console.entrance import ACCOUNTS, IDENTITY
from axis.fronts.console.help import Topic
from axis.fronts.console.pages import Form
from axis.fronts.console.people_room import Choices, PeopleRoom
from axis.fronts.console.sight import me
from axis.fronts.console.texts import N_

NEEDS = (ACCOUNTS, IDENTITY)
ADMINISTRATORS = frozenset({Role.UNIT_ADMIN})


async def _unit(request: web.Request, sent: Form, role: Role) -> UUID | None:
    return me(request).unit_id


async def _units(request: web.Request) -> Choices:
    return []


PEOPLE = PeopleRoom(
    "unit.people", tuple(role for role in Role if role in MANAGES[Role.UNIT_ADMIN]), _unit, _units,
    N_("Đây là tài khoản của chính anh chị: việc khoá, đặt lại, đổi vai trò phải do quản trị khác của đơn vị hoặc "
       "người vận hành làm."),
)  # fmt: skip
ROUTES = PEOPLE.routes("/unit", ADMINISTRATORS, "own-unit", menu=N_("Người dùng"))
HELP = (Topic("unit.people", N_("Người dùng của đơn vị"), ADMINISTRATORS),)
