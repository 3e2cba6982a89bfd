"""What a report is, before anybody thinks of a file format."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol, TypeAlias

Language: TypeAlias = Literal["vi", "en"]
CellKind: TypeAlias = Literal["text", "number", "percent", "date", "datetime", "duration"]
Row: TypeAlias = Mapping[str, object]

PAPER = 165
"""Characters of the columns that stand beside each other on a sheet of A4 on its side, in the type a page prints."""
REGISTER_SIGNERS = ("NGƯỜI LẬP", "VĂN THƯ")
"""Who signs a printed register."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    ``key``    where its value stands in a row; a row without the key has an empty cell
    ``kind``   how values are shown: a percent is a ratio (0.125 is "12,5 %"), a duration is a
               ``timedelta`` or seconds, a datetime carries its zone. A string is text in any kind
    ``width``  in characters
    """

    key: str
    title_vi: str
    title_en: str
    kind: CellKind = "text"
    width: int = 16

    def title(self, language: Language) -> str:
        return self.title_vi if language == "vi" else self.title_en


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table, with everything a reader needs to judge it.

    ``rows``        may be a database cursor: read once, in order
    ``totals``      the last row by column key, read after the rows (a mapping filled on the way is right)
    ``conditions``  "Điều kiện lọc": pairs of name and value (who exported, unit, counterpart ...)
    ``heads``       how many of the first columns name a row: a table of figures wider than the paper is printed in
                    blocks of columns, each beginning with these; 0: columns of text, which give way
    ``numbered``    heads numbered (1), (2) ... as the forms of Decree 30 appendix IV are
    ``organisation``, ``period``, ``signers``  head and foot of a printed register
    """

    name: str
    title_vi: str
    title_en: str
    columns: tuple[Column, ...]
    rows: Iterable[Row] | AsyncIterable[Row] = ()
    totals: Row | None = None
    notes: tuple[str, ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()
    numbered: bool = False
    organisation: str = ""
    period: tuple[date, date] | None = None
    signers: tuple[str, ...] = ()
    heads: int = 0

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError("a sheet without columns")

    def blocks(self) -> list[tuple[Column, ...]]:
        """The columns as they stand beside each other on paper."""
        if not self.heads or sum(column.width for column in self.columns) <= PAPER:
            return [self.columns]
        heads = self.columns[: self.heads]
        made: list[tuple[Column, ...]] = []
        for column in self.columns[self.heads :]:
            if not made or sum(one.width for one in made[-1]) + column.width > PAPER:
                made.append(heads)
            made[-1] = (*made[-1], column)
        return made

    def title(self, language: Language) -> str:
        return self.title_vi if language == "vi" else self.title_en


@dataclass(frozen=True, slots=True)
class Report:
    """One file.

    ``marks``        parts of the file name after the title: unit code, period
    ``provisional``  the period is not over or not settled; every format says so
    ``place``        before the date in the signature block: "Hà Nội"
    ``balanced``     of a report that checks something: whether it adds up, once all its rows were read
    """

    title: str
    sheets: tuple[Sheet, ...]
    made_at: datetime
    made_by: str
    provisional: bool = False
    marks: tuple[str, ...] = ()
    language: Language = "vi"
    place: str = ""
    balanced: Callable[[], bool] | None = None

    def __post_init__(self) -> None:
        if self.made_at.tzinfo is None:
            raise ValueError("a report made at a time without a zone")


class SheetWriter(Protocol):
    """One file in the making. Rows go in as they come; calls must not overlap."""

    def begin(self, sheet: Sheet) -> None:
        """Open the next table. ``sheet.rows`` and ``sheet.totals`` are not looked at."""
        ...

    def row(self, row: Row) -> None: ...

    def end(self, totals: Row | None = None) -> None:
        """Close the table begun last."""
        ...

    def close(self) -> None:
        """Finish the file. What it was written to stays open."""
        ...

    def discard(self) -> None:
        """Give up: free what the writer holds. What was written by then is not a whole file."""
        ...


def fill(writer: SheetWriter, report: Report) -> None:
    """Write a whole report whose rows are not asynchronous."""
    for _ in steps(writer, report):
        pass


def steps(writer: SheetWriter, report: Report) -> Iterator[None]:
    """The same, with a pause after every row and after the end."""
    try:
        for sheet in report.sheets:
            if isinstance(sheet.rows, AsyncIterable):
                raise TypeError("asynchronous rows are written by axis.sheets.export.save or stream")
            writer.begin(sheet)
            for row in sheet.rows:
                writer.row(row)
                yield
            writer.end(sheet.totals)
        writer.close()
    except BaseException:
        writer.discard()
        raise
    yield
