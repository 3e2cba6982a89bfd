"""A report as a file in one of four formats. JSON is for programs; the others are axis.sheets'.

    {"report", "title", "period": {"name", "from", "to"}, "unit", "counterpart", "made_at", "made_by", "language",
     "provisional", "sheets": [{"name", "title", "columns": [{"key", "title", "kind"}], "rows": [...],
     "totals", "notes"}], "balanced"}

``balanced`` is told of a reconciliation, last, when everything was read. Rows are objects by column key,
written as they are read; an absent value is null. Numbers are numbers, a percent is a ratio, days are
``2019-06-03``, times carry Vietnam's zone, a length of time is in seconds.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing
from datetime import date, datetime, timedelta

from axis.domain.clock import VIETNAM
from axis.domain.directory import Unit
from axis.domain.errors import PackageError
from axis.hub.reporting.questions import Question
from axis.sheets import export
from axis.sheets.sheet import Column, Report, Row, Sheet

FORMATS = ("json", "csv", "xlsx", "html")
JSON = "application/json"
_PIECE = 64 * 1024  # characters


def media_type(name: str) -> str:
    """Raises PackageError for a format there is not."""
    if name not in FORMATS:
        raise PackageError("report.bad-format", format=name[:20], allowed=", ".join(FORMATS))
    return JSON if name == "json" else export.FORMATS[name].media_type


def file_name(report: Report, name: str) -> str:
    """ASCII only."""
    if name == "json":
        return export.file_name(report, "csv").removesuffix(".csv") + ".json"
    return export.file_name(report, name)


def pieces(report: Report, question: Question, name: str) -> AsyncGenerator[bytes, None]:
    """The file in pieces, while its rows are read. Use it under ``contextlib.aclosing``."""
    return _json(report, question) if name == "json" else export.stream(report, name)


async def _json(report: Report, question: Question) -> AsyncGenerator[bytes, None]:
    period = question.period
    head = {
        "report": question.kind.name, "title": report.title,
        "period": {"name": period.name, "from": period.first, "to": period.last},
        "unit": _unit(question.unit), "counterpart": _unit(question.counterpart),
        "made_at": report.made_at, "made_by": report.made_by, "language": report.language,
        "provisional": report.provisional,
    }  # fmt: skip
    held = _dumped(head).removesuffix("}") + ',"sheets":['
    for place, sheet in enumerate(report.sheets):
        held += ("," if place else "") + _dumped(_head(sheet, report)).removesuffix("}") + ',"rows":['
        comma = ""
        async with aclosing(_rows(sheet)) as rows:
            async for row in rows:
                held += comma + _dumped(_row(row, sheet.columns))
                comma = ","
                if len(held) >= _PIECE:
                    yield held.encode()
                    held = ""
        totals = None if sheet.totals is None else _row(sheet.totals, sheet.columns)
        held += f'],"totals":{_dumped(totals)}}}'
    verdict = "" if report.balanced is None else f',"balanced":{_dumped(report.balanced())}'
    yield (held + f"]{verdict}}}\n").encode()


async def _rows(sheet: Sheet) -> AsyncGenerator[Row, None]:
    try:
        if isinstance(sheet.rows, AsyncIterable):
            async for row in sheet.rows:
                yield row
        else:
            for row in sheet.rows:
                yield row
    finally:
        if isinstance(sheet.rows, AsyncGenerator):
            await sheet.rows.aclose()


def _head(sheet: Sheet, report: Report) -> Mapping[str, object]:
    columns = [{"key": c.key, "title": c.title(report.language), "kind": c.kind} for c in sheet.columns]
    return {"name": sheet.name, "title": sheet.title(report.language), "columns": columns, "notes": list(sheet.notes)}


def _row(row: Row, columns: tuple[Column, ...]) -> Mapping[str, object]:
    return {column.key: row.get(column.key) for column in columns}


def _unit(unit: Unit | None) -> object:
    return {"code": unit.code, "name": unit.name} if unit else None


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(VIETNAM).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
    raise TypeError(f"no JSON for {type(value).__name__}")
