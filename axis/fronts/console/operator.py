"""The operator's pages: which unit is in trouble, and how it is mended, in two clicks.

operator_overview    every unit, worst first, and the axis itself
operator_units       one unit: facts, test, pause and resume, slow, state, secrets
operator_setup       entering and editing a unit in five steps that may be left and resumed
operator_deliveries  deliveries and their attempts; park, replay, resend one
operator_choosing    replay or park many: a list fixed when it was shown
operator_settings    effective settings, read only
operator_calendar    the working calendar
operator_people      everybody's accounts (its pages: people_room)
operator_journal     journal, alerts, messages
operator_room        what they all are given
"""

from __future__ import annotations

from axis.fronts.console import (
    operator_calendar,
    operator_choosing,
    operator_deliveries,
    operator_journal,
    operator_people,
    operator_settings,
    operator_setup,
    operator_units,
)
from axis.fronts.console.entrance import ACCOUNTS, IDENTITY
from axis.fronts.console.help import Topic
from axis.fronts.console.operator_overview import overview
from axis.fronts.console.operator_room import OPERATORS, ROOM
from axis.fronts.console.routes import Route
from axis.fronts.console.texts import N_

NEEDS = (ROOM, ACCOUNTS, IDENTITY)

ROUTES: tuple[Route, ...] = (
    Route("GET", "/ops", "operator.overview", overview, OPERATORS, "all", menu=N_("Tổng quan")),
    *operator_units.ROUTES,
    *operator_setup.ROUTES,
    *operator_choosing.ROUTES,
    *operator_deliveries.ROUTES,
    *operator_settings.ROUTES,
    *operator_calendar.ROUTES,
    *operator_people.ROUTES,
    *operator_journal.ROUTES,
)

HELP = (
    Topic("operator.overview", N_("Tổng quan các đơn vị"), OPERATORS),
    Topic("operator.overview.unit", N_("Trang của một đơn vị"), OPERATORS),
    Topic("operator.overview.setup", N_("Khai báo đơn vị"), OPERATORS),
    Topic("operator.deliveries", N_("Lượt gửi"), OPERATORS),
    Topic("operator.settings", N_("Cấu hình"), OPERATORS),
    Topic("operator.settings.calendar", N_("Lịch làm việc"), OPERATORS),
    Topic("operator.people", N_("Người dùng"), OPERATORS),
    Topic("operator.journal", N_("Nhật ký và cảnh báo"), OPERATORS),
)
