"""Nothing overtakes the document it speaks of, whatever comes between what: every interleaving of small
histories, and random longer ones.

A history is what the sender does after a document (update, replacement, recall, request) mixed with what
the receiver's side does meanwhile: a unit that pulls fetches and confirms; towards one that is pushed to,
attempts begin, arrive, fail, or lose their holder. Then everything is let run to its end. Checked against
the receiver's own eyes, not against the axis's rows:

    order    what speaks of a document is never seen before the document, if the document is seen at all
    gone     what was taken back before it left is never seen
    told     whoever has seen a document hears of its recall
    over     no update is seen after the recall of its document
    settled  in the end nothing waits, and every delivery is delivered or recalled (or refused, and taken back)

In the random ones operators park and replay, systems refuse, and receivers accept, return and give back what they
have seen. What a system refused may be replaced before an operator sends it again.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from axis.domain.document import Kind, Package, Policy
from axis.domain.errors import AxisError
from axis.domain.ids import new_id
from axis.store.deliveries import Claim
from axis.store.packages import Evidence
from tests.hub.talks import recall_of, replacement_of, update_of
from tests.hub.world import MINISTRY, PORTS, ROADS, World, document, encoded, status_of

SENDER = ("update", "replace", "recall", "13")
PULLING = ("fetch", "confirm")
PUSHED = ("claim", "arrive", "fail", "lose")
BESIDE = ("park", "replay", "accept", "return", "give_back")
Steps = Sequence[str]


class Run:
    """One history of one document to one unit. ``seen``: packages in the order the receiver first had them."""

    def __init__(self, world: World, code: str) -> None:
        self.world, self.code, self.unit = world, code, world.units[code]
        self.document = document(MINISTRY, [code])
        self.seen: list[UUID] = []
        self.speaks: dict[UUID, str] = {}
        self.recalled_unseen = False
        self.recall: UUID | None = None
        self.fetched: list[UUID] = []
        self.flying: list[Claim] = []
        self.refused = False
        self.now = 0

    async def play(self, steps: Steps) -> None:
        self.first = await self._send(self.document)
        assert self.first is not None
        for step in steps:
            await getattr(self, f"_{step}" if step != "13" else "_ask")()
        await self._let_run()
        await self._check(steps)

    # the sender

    async def _send(self, package: Package) -> UUID | None:
        try:
            return (await self.world.send(encoded(package), by=MINISTRY)).package_id
        except AxisError:  # refused by name: another suite's matter
            return None

    async def _after(self, word: str, package: Package) -> None:
        key = await self._send(package)
        if key is not None:
            self.speaks[key] = word
            if word in ("recall", "13") and self.first not in self.seen and not self._on_the_wire():
                self.recalled_unseen = True
            if word == "recall":
                self.recall = key

    def _on_the_wire(self) -> bool:
        return any(claim.package_id == self.first for claim in self.flying)

    async def _update(self) -> None:
        await self._after("update", update_of(self.document))

    async def _replace(self) -> None:
        await self._after("replace", replacement_of(self.document))

    async def _recall(self) -> None:
        await self._after("recall", recall_of(self.document))

    async def _ask(self) -> None:
        self.now += 1
        asked = status_of(
            MINISTRY, self.document, "13", to=self.code, status_timestamp=f"2019/06/02 08:{self.now:02}:00"
        )
        await self._after("13", asked)

    def _see(self, package_id: UUID) -> None:
        if package_id not in self.seen:
            self.seen.append(package_id)

    # a unit that pulls

    async def _fetch(self) -> None:
        mailroom = self.world.hub.mailroom
        waiting = [item for kind in (Kind.STATUS, Kind.DOCUMENT) for item in await mailroom.waiting(self.unit, kind)]
        for item in waiting:
            if item.id not in self.fetched:
                await mailroom.fetch(self.unit, item.id)
                self.fetched.append(item.id)
                row = await self.world.row("select package_id from delivery where id = $1", item.id)
                self._see(row["package_id"])
                return

    async def _confirm(self) -> None:
        """In any order: the newest first."""
        if self.fetched:
            key = self.fetched[-1]
            await self.world.hub.mailroom.confirm(self.unit, key, "done")
            self.fetched.remove(key)

    # a unit that is pushed to

    async def _claim(self) -> None:
        self.flying += await self.world.core.deliveries.claim({self.unit.id: 1}, 1, "test", 60.0)

    async def _arrive(self) -> None:
        if self.flying:
            claim = self.flying.pop()
            self._see(claim.package_id)
            await self.world.core.deliveries.settle_delivered(
                claim, datetime.now(UTC), "test", "ok", Evidence(new_id(), "axis", {}, "jws")
            )

    async def _fail(self) -> None:
        if self.flying:
            now = datetime.now(UTC)
            await self.world.core.deliveries.settle_later(
                self.flying.pop(), now, "test", "no", now - timedelta(seconds=1), {}
            )

    async def _lose(self) -> None:
        """The holder dies; whether its attempt arrived nobody knows."""
        if self.flying:
            claim = self.flying.pop()
            over = "update delivery set lease_until = now() - interval '1 second' where id = $1 and state = 'sending'"
            await self.world.execute(over, claim.id)
            await self.world.core.deliveries.release_expired()

    async def _refuse(self) -> None:
        if self.flying:
            claim, evidence = self.flying.pop(), Evidence(new_id(), "axis", {}, "jws")
            self.refused |= claim.package_id == self.first
            await self.world.core.deliveries.settle_refused(claim, datetime.now(UTC), "test", "no", evidence)

    # operators, and the receiver's clerk about what the receiver has seen

    async def _park(self) -> None:
        for key in (await self._in("queued", "sending"))[:1]:
            await self.world.core.deliveries.park(key, "op", "x")

    async def _replay(self) -> None:
        for key in await self._in("parked", "refused"):
            await self.world.core.deliveries.replay(key, "op", "x")

    async def _say(self, code: str) -> None:
        if self.first in self.seen:
            self.now += 1
            said = status_of(self.code, self.document, code, status_timestamp=f"2019/06/02 09:{self.now:02}:00")
            with contextlib.suppress(AxisError):  # not legal there: another suite's matter
                await self.world.send(encoded(said), by=self.code)

    async def _accept(self) -> None:
        await self._say("03")

    async def _return(self) -> None:
        await self._say("02")

    async def _give_back(self) -> None:
        await self._say("15")

    async def _in(self, *states: str) -> list[UUID]:
        rows = await self.world.rows(
            "select id from delivery where unit_id = $1 and state = any($2::text[]) order by id",
            self.unit.id, list(states),
        )  # fmt: skip
        return [row["id"] for row in rows]

    async def _let_run(self) -> None:
        for _ in range(30):
            await self._replay()
            if not await self._waiting():
                return
            if await self._in("parked"):  # asked back while it stood still: nobody sends it, so it is given back
                await self._give_back()
            for step in ("fetch", "confirm") if self.code == ROADS else ("claim", "arrive"):
                await getattr(self, f"_{step}")()

    async def _waiting(self) -> list[dict[str, object]]:
        return await self.world.rows(
            "select p.kind, d.state from delivery d join package p on p.id = d.package_id"
            " where d.unit_id = $1 and d.state in ('queued', 'held', 'sending', 'parked')", self.unit.id,
        )  # fmt: skip

    async def _check(self, steps: Steps) -> None:
        told = f"{self.code}: {' '.join(steps)}"
        assert await self._waiting() == [], told
        for key, word in self.speaks.items():
            if key in self.seen and self.first in self.seen and not (word == "replace" and self.refused):
                assert self.seen.index(self.first) < self.seen.index(key), f"{word} overtook: {told}"
        if self.recalled_unseen:
            assert self.first not in self.seen, f"seen after it was taken back: {told}"
        if self.recall is not None and self.first in self.seen:
            assert self.recall in self.seen, f"not told of the recall: {told}"
        if self.recall is not None and self.recall in self.seen:
            late = self.seen[self.seen.index(self.recall) :]
            assert not [key for key in late if self.speaks.get(key) == "update"], f"an update after the recall: {told}"
        (row,) = await self.world.deliveries(self.first, self.code)
        ends = {"delivered", "recalled"} | ({"refused"} if row["taking_back"] else set())
        assert row["state"] in ends, told
        if self.first in self.seen and not {"park", "give_back"} & set(steps):
            assert row["state"] == "delivered" or row["taking_back"] == "15", told


def interleavings(one: Steps, other: Steps) -> Iterator[tuple[str, ...]]:
    """Every way to mix two sequences that keeps the order within each."""
    size = len(one) + len(other)
    for places in itertools.combinations(range(size), len(one)):
        first, second = iter(one), iter(other)
        yield tuple(next(first) if place in places else next(second) for place in range(size))


def small_histories(receivers: Sequence[Steps]) -> list[tuple[str, ...]]:
    senders = [*((one,) for one in SENDER), *itertools.product(SENDER, repeat=2)]
    return list(dict.fromkeys(
        mixed for sender, receiver in itertools.product(senders, receivers) for mixed in interleavings(sender, receiver)
    ))  # fmt: skip


PULL_HISTORIES = small_histories([("fetch", "confirm", "fetch", "confirm")])
PUSH_HISTORIES = small_histories(
    [("claim", "arrive"), ("claim", "fail", "claim"), ("claim", "lose", "claim"), ("claim", "arrive", "claim")]
)


async def _ready(world: World) -> World:
    """Unsigned packages spare a thousand signatures; who may send what is proven elsewhere."""
    await world.change(MINISTRY, policy=Policy.REFERENCE_ONLY)
    return world


async def test_every_interleaving_with_a_unit_that_pulls(still: World) -> None:
    world = await _ready(still)
    assert len(PULL_HISTORIES) >= 250
    for steps in PULL_HISTORIES:
        await Run(world, ROADS).play(steps)


async def test_every_interleaving_with_a_unit_that_is_pushed_to(still: World) -> None:
    world = await _ready(still)
    assert len(PUSH_HISTORIES) >= 500
    for steps in PUSH_HISTORIES:
        await Run(world, PORTS).play(steps)


_LONGER = settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.no_cover  # a thousand histories through code that the tests above cover
@_LONGER
@given(st.lists(st.sampled_from([*SENDER, *PULLING, *PULLING, *BESIDE]), max_size=9))
async def test_longer_histories_with_a_unit_that_pulls(still: World, steps: list[str]) -> None:
    await Run(await _ready(still), ROADS).play(steps)


@pytest.mark.no_cover  # a thousand histories through code that the tests above cover
@_LONGER
@given(st.lists(st.sampled_from([*SENDER, *PUSHED, *PUSHED, *BESIDE, "refuse"]), max_size=9))
async def test_longer_histories_with_a_unit_that_is_pushed_to(still: World, steps: list[str]) -> None:
    await Run(await _ready(still), PORTS).play(steps)
