"""What there is to say about a package while it is read.

A *finding* travels with the package. A *doubt* is a finding in an unsigned package and a refusal in one
that claims a signature, whichever of the two comes first: tolerance and signatures exclude each other,
because two tolerant readers may understand two different documents under one signature.
"""

from __future__ import annotations

from collections.abc import Callable

from axis.domain.catalogue import Severity
from axis.domain.document import Finding
from axis.domain.errors import SignatureError


class Notes:
    """``line`` tells where the reader stands."""

    def __init__(self, limit: int, line: Callable[[], int]) -> None:
        self._limit = limit
        self.line = line
        self.heard = 0  # how often there was something to say, repeated or not
        self.findings: list[Finding] = []
        self.repairs: dict[str, None] = {}
        self.doubt_first: SignatureError | None = None
        self.claimed = False

    def report(
        self, rule: str, severity: Severity = Severity.WARNING, path: str = "", line: int = -1, **facts: str
    ) -> None:
        self.heard += 1
        if len(self.findings) < self._limit:
            where = self.line() if line < 0 else line
            self.findings.append(Finding(rule, severity, path, where, tuple(facts.items())))

    def doubt(self, rule: str, code: str, path: str = "", **facts: str) -> None:
        """Raises SignatureError ``code`` in a package that claims a signature; else reports ``rule``."""
        error = SignatureError(code, path=path, line=self.line(), **facts)
        if self.claimed:
            raise error
        self.doubt_first = self.doubt_first or error
        self.report(rule, Severity.WARNING, path, -1, **facts)

    def repaired(self, word: str, path: str = "") -> None:
        """A repair without which the package could not be read; said once."""
        self.heard += 1
        if word not in self.repairs:
            self.repairs[word] = None
            self.doubt("package.repaired-" + word, "signature.repaired", path, repair=word)

    def claim(self) -> None:
        """A signature is claimed: whatever was doubtful so far refuses the package, and all that follows."""
        if self.doubt_first:
            raise self.doubt_first
        self.claimed = True
