"""The reports that are counted: which counters are asked, and in which rows they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from axis.domain.directory import Unit, UnitState
from axis.hub.reporting import figures
from axis.hub.reporting.questions import Question
from axis.sheets.sheet import Column, Row
from axis.store.reports import Counters

_SENT = ("Văn bản gửi đi", "Documents sent")
_FATE = ("Tình hình văn bản đã gửi", "What became of documents sent")
_RECEIVED = ("Văn bản nhận đến", "Documents received")
Fill = Callable[[Iterable[figures.Counted]], Row]


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    titles: tuple[str, str]
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    totals: Row | None


async def make(counters: Counters, question: Question, units: Iterable[Unit]) -> list[Table]:
    """The tables of ``summary``, ``by-unit``, ``by-counterpart`` or ``by-day``."""
    makers = {"summary": _summary, "by-unit": _by_unit, "by-counterpart": _by_counterpart, "by-day": _by_day}
    return await makers[question.kind.name](counters, question, sorted(units, key=lambda unit: unit.code))


async def _summary(counters: Counters, question: Question, units: Sequence[Unit]) -> list[Table]:
    """Packages have many receivers, so what was sent *to one counterpart* is told in deliveries only."""
    out, into = await _both_ways(counters, question)
    made = []
    if question.counterpart is None:
        packages = await counters.sent(
            question.period, unit=question.unit_id, scope=question.scope_id, by_unit=True
        )
        made.append(_of_units("sent", _SENT, figures.SENT, "sender", packages, units, question, figures.sent))
    made.append(_of_units("fate", _FATE, figures.RECEIVED, "sender", out, units, question, figures.received))
    made.append(_of_units("received", _RECEIVED, figures.RECEIVED, "receiver", into, units, question, figures.received))
    return made


async def _by_unit(counters: Counters, question: Question, units: Sequence[Unit]) -> list[Table]:
    out, into = await _both_ways(counters, question)
    packages: Sequence[figures.Counted] = []
    columns: tuple[Column, ...] = figures.BY_UNIT
    if question.counterpart is None:
        packages = await counters.sent(
            question.period, unit=question.unit_id, scope=question.scope_id, by_unit=True
        )
    else:
        columns = tuple(column for column in columns if column.key not in ("packages", "sent_late"))
    sent, gone, come = (
        figures.grouped(rows, key) for rows, key in ((packages, "sender"), (out, "sender"), (into, "receiver"))
    )
    shown = _shown(units, {*sent, *gone, *come}, question)
    rows = [
        {**_head(unit), **figures.of_unit(sent.get(unit.id, ()), gone.get(unit.id, ()), come.get(unit.id, ()))}
        for unit in shown
    ]
    titles = (question.kind.vi, question.kind.en)
    totals = figures.of_unit(packages, out, into)
    return [Table("by-unit", titles, (*figures.UNIT, *columns), rows, totals)]


async def _by_counterpart(counters: Counters, question: Question, units: Sequence[Unit]) -> list[Table]:
    names = {unit.id: unit for unit in units}
    if question.unit is None and question.counterpart is not None:  # its counterparts are meant
        question = replace(question, unit=question.counterpart, counterpart=None)
    if question.unit is None:
        rows = await counters.received(question.period, scope=question.scope_id, by_sender=True, by_receiver=True)
        pairs = figures.grouped(rows, "sender", "receiver")
        heads = [
            (pair, {"sender": names[pair[0]].code, "sender_name": names[pair[0]].name,
                    "receiver": names[pair[1]].code, "receiver_name": names[pair[1]].name})
            for pair in sorted(pairs, key=lambda pair: (names[pair[0]].code, names[pair[1]].code))
        ]  # fmt: skip
        titles = (question.kind.vi, question.kind.en)
        columns = (*figures.SENDER, *figures.RECEIVER, *figures.RECEIVED)
        return [Table("pairs", titles, columns, figures.table(pairs, heads, figures.received), figures.received(rows))]
    out = await counters.received(
        question.period, sender=question.unit_id, receiver=question.counterpart_id, scope=question.scope_id,
        by_receiver=True,
    )  # fmt: skip
    into = await counters.received(
        question.period, sender=question.counterpart_id, receiver=question.unit_id, scope=question.scope_id,
        by_sender=True,
    )  # fmt: skip
    to = ("Gửi tới từng nơi (lượt)", "Sent to each (deliveries)")
    from_ = ("Nhận từ từng nơi (lượt)", "Received from each (deliveries)")
    return [
        _counterparts("sent-to", to, "receiver", out, names),
        _counterparts("received-from", from_, "sender", into, names),
    ]


async def _by_day(counters: Counters, question: Question, units: Sequence[Unit]) -> list[Table]:
    made = []
    if question.counterpart is None:
        packages = await counters.sent(question.period, unit=question.unit_id, scope=question.scope_id, by_day=True)
        made.append(_of_days("sent", _SENT, figures.SENT, packages, question, figures.sent))
    else:
        out = await counters.received(
            question.period, sender=question.unit_id, receiver=question.counterpart_id, scope=question.scope_id,
            by_day=True,
        )  # fmt: skip
        made.append(_of_days("fate", _FATE, figures.RECEIVED, out, question, figures.received))
    into = await counters.received(
        question.period, sender=question.counterpart_id, receiver=question.unit_id, scope=question.scope_id, by_day=True
    )
    made.append(_of_days("received", _RECEIVED, figures.RECEIVED, into, question, figures.received))
    return made


async def _both_ways(
    counters: Counters, question: Question
) -> tuple[Sequence[figures.Counted], Sequence[figures.Counted]]:
    """Deliveries by sender of what the unit sent, and by receiver of what it received."""
    unit, other = question.unit_id, question.counterpart_id
    if unit is None and other is None:  # all of them: read once, told both ways
        pairs = await counters.received(question.period, scope=question.scope_id, by_sender=True, by_receiver=True)
        return pairs, pairs
    out = await counters.received(
        question.period, sender=unit, receiver=other, scope=question.scope_id, by_sender=True
    )
    into = await counters.received(
        question.period, sender=other, receiver=unit, scope=question.scope_id, by_receiver=True
    )
    return out, into


def _of_units(
    name: str, titles: tuple[str, str], columns: tuple[Column, ...], key: str, rows: Sequence[figures.Counted],
    units: Sequence[Unit], question: Question, fill: Fill,
) -> Table:  # fmt: skip
    groups = figures.grouped(rows, key)
    heads = [(unit.id, _head(unit)) for unit in _shown(units, set(groups), question)]
    return Table(name, titles, (*figures.UNIT, *columns), figures.table(groups, heads, fill), fill(rows))


def _of_days(
    name: str, titles: tuple[str, str], columns: tuple[Column, ...], rows: Sequence[figures.Counted],
    question: Question, fill: Fill,
) -> Table:  # fmt: skip
    heads = [(day, {"day": day}) for day in question.period.days()]
    return Table(
        name, titles, (figures.DAY, *columns), figures.table(figures.grouped(rows, "day"), heads, fill), fill(rows)
    )


def _counterparts(
    name: str, titles: tuple[str, str], key: str, rows: Sequence[figures.Counted], names: Mapping[UUID, Unit]
) -> Table:
    groups: dict[Any, list[figures.Counted]] = figures.grouped(rows, key)
    heads = [(unit_id, _head(names[unit_id])) for unit_id in sorted(groups, key=lambda found: names[found].code)]
    filled = figures.table(groups, heads, figures.received)
    return Table(name, titles, (*figures.UNIT, *figures.RECEIVED), filled, figures.received(rows))


def _head(unit: Unit) -> Row:
    return {"unit": unit.code, "name": unit.name}


def _shown(units: Sequence[Unit], told: set[UUID], question: Question) -> list[Unit]:
    """The unit asked for; else every unit that takes part, and those that left but stand in the figures."""
    if question.unit is not None:
        return [unit for unit in units if unit.id == question.unit.id]
    absent = (UnitState.DRAFT, UnitState.RETIRED)
    return [unit for unit in units if unit.id in told or unit.state not in absent]
