"""How much a package may ask of the reader. Every limit is enforced while the bytes arrive.

No parser counts elements, and the expat of Python 3.11 rescans an unfinished token at each feed:
so the counting is ours, and a single tag, comment or instruction may not outgrow ``token``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes unless said otherwise. ``metadata`` bounds everything kept outside the header.

    Canonical form repeats a declaration wherever it is used, so a long URI declared once and used in
    thousands of tiny elements would make gigabytes of a small file: ``namespaces`` bounds the text of all
    declarations in force at one place, ``declarations`` what new kinds of elements may show of them."""

    package: int = 1 << 30
    header: int = 1 << 20
    metadata: int = 1 << 20
    token: int = 256 << 10
    elements: int = 100_000
    depth: int = 64
    attributes: int = 256
    name: int = 1 << 10
    attribute_value: int = 64 << 10
    namespaces: int = 2 << 10
    declarations: int = 8 << 20
    attachments: int = 1_000
    findings: int = 200


DEFAULT = Limits()
