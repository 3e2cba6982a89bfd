"""``/api/v1`` as OpenAPI 3.1, drawn from the tables the front itself works with."""

from __future__ import annotations

from functools import cache
from typing import Any

from axis import __version__
from axis.hub.reporting import files as report_files
from axis.hub.reporting.questions import KINDS

_PERIODS = {
    "from": ("First day of the period, included; with `to`.", "2019-06-01"),
    "to": ("Last day of the period, included; with `from`.", "2019-06-30"),
    "day": ("One day.", "2019-06-03"),
    "week": ("Monday to Sunday, numbered as in ISO 8601.", "2019-W23"),
    "month": ("A month. Without any period: the present month.", "2019-06"),
    "quarter": ("A quarter.", "2019Q2"),
    "half": ("Half a year.", "2019H1"),
    "year": ("A year.", "2019"),
}
_REFUSALS = {
    "401": "The signed headers do not prove a system (`access.credentials`, `access.headers-disagree`, "
    "`access.stale`).",
    "403": "The unit is not connected (`access.unit-inactive`).",
    "404": "No such report or unit (`report.unknown`, `report.unknown-unit`).",
    "422": "A parameter is wrong (`report.bad-period`, `report.period-order`, `report.period-years`, "
    "`report.period-conflict`, `report.period-too-long`, `report.bad-format`, `report.bad-parameter`, "
    "`report.empty-parameter`, `report.no-counterpart`).",
    "503": "The axis is busy, or its database is away; see Retry-After.",
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "remedy"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "code": {"type": "string"},
        "remedy": {"enum": ["retry-later", "mend-and-resend", "ask-an-operator"]}, "trace_id": {"type": "string"},
    },
}  # fmt: skip
_UNIT = {
    "type": ["object", "null"],
    "properties": {"code": {"type": "string"}, "name": {"type": "string"}},
}
_COLUMN = {
    "type": "object",
    "required": ["key", "title", "kind"],
    "properties": {
        "key": {"type": "string"}, "title": {"type": "string"},
        "kind": {"enum": ["text", "number", "percent", "date", "datetime", "duration"]},
    },
}  # fmt: skip
_CELLS = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}
_SHEET = {
    "type": "object",
    "required": ["name", "title", "columns", "notes", "rows", "totals"],
    "properties": {
        "name": {"type": "string"}, "title": {"type": "string"},
        "columns": {"type": "array", "items": {"$ref": "#/components/schemas/Column"}},
        "notes": {"type": "array", "items": {"type": "string"}},
        "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Cells"}},
        "totals": {"oneOf": [{"$ref": "#/components/schemas/Cells"}, {"type": "null"}]},
    },
}  # fmt: skip
_REPORT = {
    "type": "object",
    "required": ["report", "title", "period", "unit", "counterpart", "made_at", "made_by", "language", "provisional",
                 "sheets"],
    "properties": {
        "report": {"enum": list(KINDS)}, "title": {"type": "string"},
        "period": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "from": {"type": "string", "format": "date"},
                           "to": {"type": "string", "format": "date"}},
        },
        "unit": {"$ref": "#/components/schemas/Unit"}, "counterpart": {"$ref": "#/components/schemas/Unit"},
        "made_at": {"type": "string", "format": "date-time"}, "made_by": {"type": "string"},
        "language": {"enum": ["vi", "en"]}, "provisional": {"type": "boolean"},
        "sheets": {"type": "array", "items": {"$ref": "#/components/schemas/Sheet"}},
        "balanced": {"type": "boolean", "description": "Of `reconciliation` only: every difference is 0."},
    },
}  # fmt: skip
_LIST = {
    "type": "object",
    "properties": {"reports": {"type": "array", "items": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "title": {"type": "string"}, "about": {"type": "string"},
                       "formats": {"type": "array", "items": {"type": "string"}}, "href": {"type": "string"}},
    }}},
}  # fmt: skip
_HEADERS = {
    "XroadVnpt-systemid": "The id of the calling system.",
    "XroadVnpt-sign-header": "The signed text: a flat JSON object of `XroadVnpt-` names and values.",
    "XroadVnpt-hash-header": "HMAC-SHA256 of that text under the system's secret, in lower-case hex.",
    "XroadVnpt-timestamp": "As in the signed text: `ddMMyyyyTHHmmss+SSSS`.",
}


@cache
def document() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Reports of the document interconnection axis", "version": __version__,
            "description": "A unit's own reports and registers (Decision 28/2018/QĐ-TTg Đ11, Decree 30/2020/NĐ-CP "
                           "appendix IV). Every call carries the signed headers of the VXP API and is answered about "
                           "the calling unit alone. Definitions of every figure: docs/reports.md.",
        },
        "security": [{name: [] for name in _HEADERS}],
        "paths": {
            "/api/v1/reports": {"get": {
                "operationId": "listReports", "summary": "Which reports there are.",
                "parameters": [_language()],
                "responses": {"200": _answer("Names, titles and formats.", _LIST),
                              **_refusals("401", "403", "422", "503")},
            }},
            "/api/v1/reports/{name}": {"get": {
                "operationId": "getReport", "summary": "One report about the calling unit.",
                "parameters": [
                    {"name": "name", "in": "path", "required": True, "schema": {"enum": list(KINDS)}},
                    *(_query(name, about, example) for name, (about, example) in _PERIODS.items()),
                    _query("with", "Code of a counterpart: traffic with it alone.", "000.00.02.G04"),
                    {"name": "format", "in": "query", "description": "The form of the answer.",
                     "schema": {"enum": list(report_files.FORMATS), "default": "json"}},
                    _language(),
                ],
                "responses": {"200": _report(), **_refusals(*_REFUSALS)},
            }},
            "/api/v1/openapi.json": {"get": {
                "operationId": "getDescription", "summary": "This description.", "security": [],
                "responses": {"200": _answer("OpenAPI 3.1.", {"type": "object"})},
            }},
        },
        "components": {
            "securitySchemes": {
                name: {"type": "apiKey", "in": "header", "name": name, "description": about}
                for name, about in _HEADERS.items()
            },
            "schemas": {"Problem": _PROBLEM, "Unit": _UNIT, "Column": _COLUMN, "Cells": _CELLS, "Sheet": _SHEET,
                        "Report": _REPORT},
        },
    }  # fmt: skip


def _query(name: str, about: str, example: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": about, "schema": {"type": "string"}, "example": example}


def _language() -> dict[str, Any]:
    return {"name": "Accept-Language", "in": "header", "schema": {"type": "string"},
            "description": "English when it is preferred to Vietnamese; else Vietnamese."}  # fmt: skip


def _answer(about: str, schema: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    return {"description": about, "content": {media: {"schema": schema}}}


def _report() -> dict[str, Any]:
    content: dict[str, Any] = {
        report_files.media_type(name): {"schema": {"type": "string", "contentMediaType": report_files.media_type(name)}}
        for name in report_files.FORMATS
    }
    content[report_files.JSON] = {"schema": {"$ref": "#/components/schemas/Report"}}
    name = {"description": "A file name in ASCII.", "schema": {"type": "string"}}
    return {"description": "The report, whole.", "headers": {"Content-Disposition": name}, "content": content}


def _refusals(*statuses: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: _answer(_REFUSALS[status], schema, "application/problem+json") for status in statuses}
