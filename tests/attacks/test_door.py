"""Forgeries sent to a real hub: nothing of them is stored, delivered or receipted."""

from __future__ import annotations

import random

from axis.domain.errors import AxisError
from axis.edxml.reader import read
from tests.attacks.forge import forgeries
from tests.attacks.samples import PROVEN, Sample, bound, decide, facts
from tests.hub.world import RAIL, ROADS, World, document, seal_of, signed

SENT = 120


async def test_no_forgery_gets_past_the_door_of_a_hub(still: World) -> None:
    package = document(ROADS, [RAIL])
    data = signed(package, content=b"%PDF-1.4 " + bytes(3_000))
    issued = seal_of(ROADS)
    honest = Sample("hub", data, issued, bound(issued), facts(read(data), data))
    rng = random.Random(8)
    false = [one for name, one in forgeries(honest, rng, 400) if decide_alone(one, honest) != PROVEN]
    assert len(false) > 1_000
    codes = set()
    for one in rng.sample(false, SENT):
        try:
            await still.send(one, by=ROADS)
        except AxisError as error:
            codes.add(error.code)
        else:
            raise AssertionError("a forgery was accepted")
    assert len(codes) > 12
    assert (await still.row("select count(*) as n from package"))["n"] == 0
    assert (await still.row("select count(*) as n from delivery"))["n"] == 0
    assert (await still.row("select count(*) as n from receipt"))["n"] == 0
    accepted = await still.send(data, by=ROADS)
    row = await still.row("select document_id, subject, verdict from package")
    assert (row["document_id"], row["subject"]) == (package.document_id, package.subject)
    assert accepted.verdict == row["verdict"] == PROVEN


def decide_alone(data: bytes, honest: Sample) -> str:
    """Without an authority we trust, everything sound ends as not proven: then the bytes decide."""
    decision = decide(data, honest)
    if decision.code != "verdict.policy-required":
        return decision.code
    same = read(data).seal
    return PROVEN if same is not None and same.certificates[0] == honest.issued.der else decision.code
