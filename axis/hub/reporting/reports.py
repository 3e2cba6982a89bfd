"""Reports: which there are, who may read what, and how each is put together from counters and registers.

``ask`` settles a question (codes become units, a unit is confined to itself), ``make`` answers it with a
``Report`` whose rows may still be in the database: whoever writes the file reads them. Every report says
period, unit, counterpart, when and by whom it was made, and whether its figures may still change.

``scope`` is who asks: None for the operators of the axis, else the unit itself. It is not only checked
here: it goes into every statement, so that a question put wrongly finds nothing of somebody else.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import takewhile
from uuid import UUID

from axis.domain.directory import Unit
from axis.domain.errors import NotFound, PackageError
from axis.domain.period import Period
from axis.hub.directory import Directory
from axis.hub.reporting import balance, lists, registers, tables
from axis.hub.reporting.questions import KINDS, Question
from axis.sheets import words
from axis.sheets.sheet import REGISTER_SIGNERS, Column, Language, Report, Row, Sheet
from axis.store.registers import Listed, Registers
from axis.store.reports import Counters

Undecided = Callable[[Period], Awaitable[Sequence[int]]]


class Reports:
    """``undecided`` tells which years, of those the deadlines of a period fall into, have a provisional calendar."""

    def __init__(
        self, counters: Counters, stored: Registers, directory: Directory, undecided: Undecided | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._counters = counters
        self._stored = stored
        self._directory = directory
        self._undecided = undecided
        self._now = now

    async def ask(
        self, name: str, period: Period, *, unit: str = "", counterpart: str = "", scope: Unit | None = None,
        made_by: str, language: Language = "vi", deep: bool = False,
    ) -> Question:  # fmt: skip
        """Settle what is asked. Raises NotFound for an unknown report or unit, and for a unit that is not
        the one who asks; PackageError when a register is asked of no unit, or what is counted by package is to be
        narrowed to one receiver: it would be told whole under a heading that says otherwise."""
        kind = KINDS.get(name)
        if kind is None:
            raise NotFound("report.unknown", name=name[:40])
        about = await self._unit(unit) if unit else scope
        if scope is not None and (about is None or about.id != scope.id):
            raise NotFound("report.unknown-unit", code=unit[:40])
        if kind.of_unit and about is None:
            raise PackageError("report.unit-needed", name=name)
        if counterpart and not kind.counterpart:
            raise PackageError("report.no-counterpart", name=name)
        other = await self._unit(counterpart) if counterpart else None
        years = tuple(await self._undecided(period)) if self._undecided and kind.calendar else ()
        return Question(kind, period, about, other, scope, made_by, language, deep and scope is None, years)

    async def make(self, question: Question) -> Report:
        """The report; what is counted is counted now, what is listed is read when it is written."""
        now, kind = self._now(), question.kind
        wrong: list[str] = []
        sheets = await self._sheets(question, now, wrong)
        unit, other = question.unit, question.counterpart
        marks = (*((unit.code,) if unit else ()), *((other.code,) if other else ()), question.period.name)
        return Report(
            title=kind.title(question.language), sheets=tuple(sheets), made_at=now, made_by=question.made_by,
            provisional=bool(question.undecided) or not question.period.over(now), marks=marks,
            language=question.language,
            balanced=(lambda: not wrong) if kind.name == "reconciliation" else None,
        )  # fmt: skip

    async def _unit(self, code: str) -> Unit:
        found = (await self._directory.current()).named(code)
        if found is None:
            raise NotFound("report.unknown-unit", code=code[:40])
        return found

    async def _sheets(self, question: Question, now: datetime, wrong: list[str]) -> list[Sheet]:
        paper = _Paper(question, now)
        match question.kind.name:
            case "outgoing-register" | "incoming-register" | "follow-up-register":
                return [self._register(question, paper, now)]
            case "returned" | "unaccepted":
                return [self._list(question, paper, "returned" if question.kind.name == "returned" else "untaken")]
            case "late":
                return [self._list(question, paper, "late"), self._list(question, paper, "sent_late")]
            case "reconciliation":
                return await self._balance(question, paper, wrong)
            case _:
                units = await self._directory.units()
                return [paper.table(made) for made in await tables.make(self._counters, question, units)]

    def _register(self, question: Question, paper: _Paper, now: datetime) -> Sheet:
        unit, language = question.unit, question.language
        assert unit is not None  # ask() saw to it

        async def rows() -> AsyncGenerator[Row, None]:
            if question.kind.name == "outgoing-register":
                found = self._stored.outgoing(
                    unit.id, question.period, counterpart=question.counterpart_id, scope=question.scope_id
                )
            else:
                found = self._stored.incoming(
                    unit.id, question.period, counterpart=question.counterpart_id, scope=question.scope_id,
                    replies=question.kind.name == "follow-up-register",
                )  # fmt: skip
            async with aclosing(found):
                async for row in found:
                    match question.kind.name:
                        case "outgoing-register":
                            yield registers.outgoing(row, language)
                        case "incoming-register":
                            yield registers.incoming(row, language)
                        case _:
                            yield registers.follow_up(row, language, now)

        return paper.register(rows(), unit)

    def _list(self, question: Question, paper: _Paper, which: Listed) -> Sheet:
        async def rows() -> AsyncGenerator[Row, None]:
            found = self._stored.listed(
                which, question.period, unit=question.unit_id, counterpart=question.counterpart_id,
                scope=question.scope_id,
            )  # fmt: skip
            async with aclosing(found):
                async for row in found:
                    yield lists.listed(which, row, question.language)

        return paper.list(which, rows())

    async def _balance(self, question: Question, paper: _Paper, wrong: list[str]) -> list[Sheet]:
        """``wrong`` hears of everything that does not add up, findings as they are read."""
        units = {unit.id: unit for unit in await self._directory.units()}

        def heads(unit_id: UUID) -> Row:
            return {"unit": units[unit_id].code, "name": units[unit_id].name}

        def code(unit_id: UUID | None) -> str:
            return units[unit_id].code if unit_id in units else str(unit_id or "")

        about = (question.period, question.unit_id, question.scope_id)
        sent = balance.sent(await self._counters.balance_sent(*about), heads)
        received = balance.received(await self._counters.balance_received(*about), heads)
        wrong += [*balance.off(sent), *balance.off(received)]
        sheets = [paper.balance("sent", balance.SENT, sent), paper.balance("received", balance.RECEIVED, received)]
        if question.deep:

            async def rows() -> AsyncGenerator[Row, None]:
                async with aclosing(self._counters.explain(question.period, question.unit_id)) as found:
                    async for mismatch in found:
                        wrong.append(mismatch.what)
                        yield balance.finding(mismatch, code, question.language)

            sheets.append(paper.sheet("findings", ("Sai lệch tìm thấy", "What is wrong"), balance.FINDINGS, rows()))
        return sheets


class _Paper:
    """What stands on every sheet of a report, beside its rows."""

    def __init__(self, question: Question, now: datetime) -> None:
        self._question = question
        say, unit, other = question.say, question.unit, question.counterpart
        everybody = say("Tất cả", "All")
        self._conditions = (
            (say("Kỳ báo cáo", "Period"), _days(question.period)),
            (say("Đơn vị", "Unit"), f"{unit.code} {unit.name}" if unit else everybody),
            (say("Với đơn vị", "Counterpart"), f"{other.code} {other.name}" if other else everybody),
        )
        notes = [] if question.period.over(now) else [say("Kỳ báo cáo chưa kết thúc.", "The period is not over yet.")]
        notes += [
            say(f"Lịch làm việc năm {year} chưa có quyết định: số liệu về hạn là tạm tính.",
                f"The calendar of {year} is not decided yet: what is late in it is provisional.")
            for year in question.undecided
        ]  # fmt: skip
        self._notes = tuple(notes)

    def sheet(
        self, name: str, titles: tuple[str, str], columns: tuple[Column, ...],
        rows: AsyncGenerator[Row, None] | Sequence[Row], totals: Row | None = None, notes: tuple[str, ...] = (),
        heads: int = 0,
    ) -> Sheet:  # fmt: skip
        period = self._question.period
        return Sheet(
            name, *titles, columns, rows, totals=totals, notes=(*self._notes, *notes), conditions=self._conditions,
            period=(period.first, period.last), heads=heads,
        )  # fmt: skip

    def table(self, made: tables.Table) -> Sheet:
        """What names a row stands before the first figure."""
        heads = len(list(takewhile(lambda column: column.kind in ("text", "date"), made.columns)))
        return self.sheet(made.name, made.titles, made.columns, made.rows, made.totals, heads=heads)

    def list(self, which: Listed, rows: AsyncGenerator[Row, None]) -> Sheet:
        kind = self._question.kind
        sent_late = ("Văn bản gửi chậm", "Documents sent late")
        return self.sheet(which, sent_late if which == "sent_late" else (kind.vi, kind.en), lists.COLUMNS[which], rows)

    def register(self, rows: AsyncGenerator[Row, None], unit: Unit) -> Sheet:
        kind, period = self._question.kind, self._question.period
        columns = {"outgoing-register": registers.OUTGOING, "incoming-register": registers.INCOMING,
                   "follow-up-register": registers.FOLLOW_UP}[kind.name]  # fmt: skip
        return Sheet(
            kind.name, kind.vi, kind.en, columns, rows, notes=self._notes, conditions=self._conditions, numbered=True,
            organisation=unit.name, period=(period.first, period.last), signers=REGISTER_SIGNERS,
        )  # fmt: skip

    def balance(self, name: str, columns: tuple[Column, ...], rows: Sequence[Row]) -> Sheet:
        say, wrong = self._question.say, balance.off(rows)
        told = say("Chênh lệch bằng 0 ở mọi đơn vị.", "The difference is 0 for every unit.")
        if wrong:
            codes = ", ".join(wrong)
            told = say(f"Chênh lệch khác 0: {codes}. Tìm chỗ sai: axis report reconcile --deep.",
                       f"The difference is not 0: {codes}. Find where: axis report reconcile --deep.")  # fmt: skip
        titles = {"sent": ("Đối chiếu gói đã gửi", "Reconciliation of packages sent"),
                  "received": ("Đối chiếu lượt nhận", "Reconciliation of deliveries received")}[name]  # fmt: skip
        kept = sorted(rows, key=lambda row: str(row["unit"]))
        return self.sheet(name, titles, columns, kept, balance.totals(kept, columns), (told,))


def _days(period: Period) -> str:
    """As people write it; the short form is for names of files."""
    first, last = words.day(period.first), words.day(period.last)
    return first if first == last else f"{first} – {last}"
