"""The shape of one row of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_ASIDE = re.compile(r"\s*\([^()]*\{\w+\}[^()]*\)|: \{\w+\}")
"""A fact beside the sentence: between brackets, or after the colon."""


class Remedy(StrEnum):
    """What kind of act mends it (P8)."""

    RETRY = "retry-later"
    MEND = "mend-and-resend"
    OPERATOR = "ask-an-operator"


class Severity(StrEnum):
    """How much a finding weighs: an error refuses the package, a warning travels with it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Entry:
    """``vi``/``en``: what happened and why. ``do_vi``/``do_en``: what to do about it."""

    remedy: Remedy
    vi: str
    en: str
    do_vi: str
    do_en: str

    def text(self, language: str, facts: Mapping[str, object]) -> str:
        from axis.domain.catalogue import fill

        what, do = (self.vi, self.do_vi) if language == "vi" else (self.en, self.do_en)
        return fill(f"{what} {do}", facts)

    def plain(self, language: str) -> str:
        """What happened, without any fact: for those to whom an address or another system's answer says nothing, or
        should not. Empty where the sentence says nothing without its facts."""
        told = _ASIDE.sub("", self.vi if language == "vi" else self.en).rstrip(" .")
        return "" if "{" in told else f"{told}."
