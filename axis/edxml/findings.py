"""What the rules of the linter see of a package, and where they write what they find.

Elements are found by local name: the linter says "wrong prefix" once and still checks everything
below it. Paths start below the envelope; ``[2]`` counts where siblings share a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, cast

from lxml import etree

from axis.domain.catalogue import Severity
from axis.domain.document import Finding
from axis.edxml.skeleton import Skeleton

MAX_FINDINGS: Final = 1000

_OUTER = ("edXML", "edXMLEnvelope")
_INDEX = re.compile(r"\[\d+\]")
_SHORT = re.compile(r"^edXMLHeader/(?:MessageHeader/)?")
_BLANK = " \t\r\n"

Element = etree._Element


def local(element: Element) -> str:
    """The local name; also of an undeclared ``prefix:name``."""
    return str(etree.QName(element).localname).rpartition(":")[2]


def children(parent: Element, name: str) -> list[Element]:
    return [e for e in parent.iterchildren("*") if local(e) == name]


@dataclass(slots=True)
class Subject:
    """One package under examination."""

    root: Element
    skeleton: Skeleton
    today: date
    findings: list[Finding] = field(default_factory=list)
    _places: dict[Element, tuple[dict[Element, int], dict[str, int]]] = field(default_factory=dict)

    # -- looking -----------------------------------------------------------------------------

    def first(self, parent: Element | None, path: str) -> Element | None:
        """The first element at a path of local names below ``parent``."""
        for name in path.split("/"):
            if parent is None:
                return None
            parent = next(iter(children(parent, name)), None)
        return parent

    def raw(self, element: Element | None) -> str:
        """The whole text. Never ``.text``, which ends at a comment."""
        return "" if element is None else str(element.xpath("string()"))

    def value(self, parent: Element | None, path: str = "") -> str:
        """The trimmed value, ``null`` read as absent."""
        element = self.first(parent, path) if path else parent
        text = self.raw(element).strip(_BLANK)
        return "" if text.lower() == "null" else text

    def length(self, text: str) -> int:
        cut = self.skeleton.cuts.get(text)
        return cut.characters if cut else len(text)

    def leaves(self, top: Element) -> Iterator[Element]:
        return (e for e in top.iter("*") if not any(True for _ in e.iterchildren("*")))

    def path(self, element: Element) -> str:
        names: list[str] = []
        here: Element | None = element
        while here is not None:
            name, parent = local(here), here.getparent()
            if name not in _OUTER:
                place, twins = self._place(here, parent)
                names.append(f"{name}[{place}]" if twins > 1 else name)
            here = parent
        return "/".join(reversed(names))

    def _place(self, element: Element, parent: Element | None) -> tuple[int, int]:
        """Which of how many siblings of its name; counted once per parent, or a package with many
        receivers would cost their square."""
        if parent is None:
            return 1, 1
        if parent not in self._places:
            counts: dict[str, int] = {}
            places: dict[Element, int] = {}
            for child in parent.iterchildren("*"):
                name = local(child)
                places[child] = counts[name] = counts.get(name, 0) + 1
            self._places[parent] = (places, counts)
        places, counts = self._places[parent]
        return places[element], counts[local(element)]

    def line(self, element: Element) -> int:
        return self.skeleton.line(cast(int, element.sourceline) or 0)

    # -- writing down ------------------------------------------------------------------------

    def error(self, rule: str, element: Element, law: str = "", /, **facts: object) -> None:
        self.note(rule, Severity.ERROR, self.path(element), self.line(element), law, **facts)

    def warn(self, rule: str, element: Element, law: str = "", /, **facts: object) -> None:
        self.note(rule, Severity.WARNING, self.path(element), self.line(element), law, **facts)

    def missing(self, rule: str, parent: Element, below: str, law: str = "N", /, **facts: object) -> None:
        """Something absent: told at the nearest element there is."""
        near: Element = parent
        for name in below.split("/"):
            found = self.first(near, name)
            if found is None:
                break
            near = found
        top = self.path(parent)
        path = f"{top}/{below}" if top else below
        self.note(rule, Severity.ERROR, path, self.line(near), law, **facts)

    def note(
        self, rule: str, severity: Severity, path: str, line: int, law: str = "", /, **facts: object
    ) -> None:
        """``law``: N, R, M or T; the code becomes e.g. ``N.MessageHeader.To``. The fact ``name`` is the
        path as a person says it."""
        if len(self.findings) >= MAX_FINDINGS:
            return
        said = {"name": _SHORT.sub("", path), **{k: str(v) for k, v in facts.items()}}
        if law:
            bare = _INDEX.sub("", path).removeprefix("edXMLHeader/")
            said["law"] = f"{law}.{bare.replace('/', '.')}"
        self.findings.append(Finding(rule, severity, path, line, tuple(said.items())))


def clip(text: str, limit: int = 200) -> str:
    """A value as it may stand in a message."""
    return text if len(text) <= limit else f"{text[:limit]}…"
