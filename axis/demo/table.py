"""The reconciliation: sent = delivered + refused + recalled + waiting, per unit, from three sources.

What the senders wrote down, what the hub says and what each receiver wrote down are counted apart
and then held against each other and against the plan. A difference is shown, never smoothed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from axis.domain.states import WAITING


@dataclass(frozen=True, slots=True)
class Row:
    """Document deliveries to one unit. ``received`` is the unit's own count."""

    code: str
    sent: int = 0
    delivered: int = 0
    refused: int = 0
    recalled: int = 0
    waiting: int = 0
    received: int = 0
    statuses: int = 0

    @property
    def difference(self) -> int:
        """0 when every document sent is accounted for."""
        return self.sent - self.delivered - self.refused - self.recalled - self.waiting

    def __add__(self, other: Row) -> Row:
        return Row(
            self.code, self.sent + other.sent, self.delivered + other.delivered,
            self.refused + other.refused, self.recalled + other.recalled, self.waiting + other.waiting,
            self.received + other.received, self.statuses + other.statuses,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ledger:
    """The counts of one source each, all per receiving unit.

    ``sent``      the senders' histories: accepted documents × receivers
    ``states``    the hub: transport state of each delivery of a document
    ``received``  the receivers' histories: documents stored
    ``statuses``  the ministry's history: statuses that came back, per unit that gave them
    """

    sent: Counter[str] = field(default_factory=Counter)
    states: dict[str, Counter[str]] = field(default_factory=dict)
    received: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)

    def rows(self, codes: Iterable[str]) -> list[Row]:
        return [self._row(code) for code in codes]

    def _row(self, code: str) -> Row:
        states = self.states.get(code, Counter())
        return Row(
            code=code, sent=self.sent[code], delivered=states["delivered"], refused=states["refused"],
            recalled=states["recalled"], waiting=sum(states[s] for s in WAITING),
            received=self.received[code], statuses=self.statuses[code],
        )  # fmt: skip

    def strangers(self, codes: Iterable[str]) -> set[str]:
        """Units that appear in some source but not among ``codes``: nobody may be left out."""
        seen = set(self.sent) | set(self.states) | set(self.received)
        return seen - set(codes)


def total(rows: Iterable[Row]) -> Row:
    summed = Row("")
    for row in rows:
        summed += row
    return summed


def states_of(deliveries: Iterable[Mapping[str, object]]) -> dict[str, Counter[str]]:
    """Counts per receiver and transport state, from the hub's own list of deliveries."""
    found: dict[str, Counter[str]] = {}
    for delivery in deliveries:
        found.setdefault(str(delivery["unit"]), Counter())[str(delivery["state"])] += 1
    return found
