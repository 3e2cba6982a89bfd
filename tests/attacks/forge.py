"""All forgeries of a sample, cheaply reproducible: (name, bytes), drawn by a seeded generator."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.attacks import bytewise
from tests.attacks.samples import Sample
from tests.attacks.tampering import tampered
from tests.attacks.wrapping import PLACES, REFERENCES, TRICKS, Choice, permutations, wrap


def forgeries(sample: Sample, rng: random.Random, wrappings: int) -> Iterator[tuple[str, bytes]]:
    """Every kind; of the tens of thousands of wrappings ``wrappings`` (0: all), of each place, reference
    and trick some."""
    for choice in _some(permutations(sample), rng, wrappings):
        yield "wrapped: " + "/".join(map(str, choice)), wrap(sample, *choice).encode()
    for name, text, _code in tampered(sample):
        yield "tampered: " + name, text.encode()
    for kind, cases in (
        ("flipped", bytewise.flipped(sample, rng, 1.0 if wrappings else 10.0)),
        ("truncated", bytewise.truncated(sample)),
        ("padded", bytewise.padded(sample)),
        ("respelled", bytewise.respelled(sample)),
    ):
        for name, data in cases:
            yield f"{kind}: {name}", data


def _some(choices: list[Choice], rng: random.Random, count: int) -> list[Choice]:
    if not count:
        return choices
    found = rng.sample(choices, count)
    for words in (PLACES, REFERENCES, TRICKS):
        assert all(any(word in choice for choice in found) for word in words)
    return found
