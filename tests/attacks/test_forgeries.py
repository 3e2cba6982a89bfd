"""No forgery passes: each is refused by a code, or says exactly what the sender said."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from axis.domain.catalogue import entry
from axis.domain.document import Policy, Verdict
from axis.edxml.reader import read
from axis.trust.signature import check
from axis.trust.verdict import judge
from tests.attacks.forge import forgeries
from tests.attacks.samples import ANCHORS, NAMES, NOW, PROVEN, Sample, decide, sample
from tests.attacks.tampering import tampered

FEWEST = 1_000


def tally(honest: Sample, rng: random.Random, wrappings: int) -> Counter[str]:
    """Codes by how often; fails on the first forgery that gets through with something else to say."""
    codes: Counter[str] = Counter()
    for name, data in forgeries(honest, rng, wrappings):
        if data == honest.data:
            continue
        decision = decide(data, honest, rng)
        if decision.code == PROVEN:
            assert decision.facts == honest.facts, name
            codes["the same"] += 1
        else:
            assert entry(decision.code).vi, name
            codes[decision.code] += 1
    return codes


@pytest.mark.parametrize("name", NAMES)
def test_the_honest_package_is_proven_however_it_is_cut(name: str) -> None:
    honest, rng = sample(name), random.Random(name)
    for _ in range(50):
        decision = decide(honest.data, honest, rng)
        assert (decision.code, decision.facts) == (PROVEN, honest.facts)


@pytest.mark.parametrize("name", NAMES)
def test_thousands_of_forgeries_of_a_package_are_refused_or_say_the_same(name: str) -> None:
    codes = tally(sample(name), random.Random(f"ci {name}"), 1_500)
    refused = codes.total() - codes["the same"]
    assert refused >= FEWEST and len(codes) > 40
    assert 0 < codes["the same"] < refused // 10  # spellings that canonical form forgives, and no others
    print(f"{name}: {codes.total()} forgeries, {codes['the same']} say the same, {len(codes)} codes")


@pytest.mark.parametrize("name", NAMES)
def test_each_trick_with_the_signature_is_refused_by_its_own_code(name: str) -> None:
    honest, rng = sample(name), random.Random(name)
    for trick, text, code in tampered(honest):
        found = decide(text.encode(), honest, rng).code
        assert found != PROVEN and (code == "*" or found in code.split("/")), trick


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_seal_of_somebody_else_is_never_proven_even_where_anything_is_taken(name: str) -> None:
    honest = sample(name)
    lenient = replace(honest.unit, policy=Policy.REFERENCE_ONLY)
    count = 0
    for trick, text, code in tampered(honest):
        if code == "verdict.policy-required":
            seal = read(text.encode()).seal
            assert seal is not None
            judgement = judge(check(seal), lenient, ANCHORS, NOW)
            assert judgement.verdict is Verdict.UNPROVEN and judgement.reasons, trick
            count += 1
    assert count == 4


def test_a_senders_right_to_inclusive_canonical_form_opens_no_door() -> None:
    honest, rng = sample("status-ec"), random.Random(3)
    for name, data in forgeries(honest, rng, 300):
        decision = decide(data, honest, rng, inclusive=True)
        assert decision.code != PROVEN or decision.facts == honest.facts, name


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_permutation_of_wrapping_is_refused(name: str) -> None:
    codes = tally(sample(name), random.Random(f"all {name}"), 0)
    assert codes.total() > 20_000
    print(f"{name}: {codes.total()} forgeries, {codes['the same']} say the same, {len(codes)} codes: {codes}")
