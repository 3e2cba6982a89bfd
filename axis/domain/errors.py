"""Every way the axis says no, in one tree.

    AxisError
    ├── PackageError      the bytes are not an acceptable edXML package    mend and resend
    ├── SignatureError    the signature is refused                         mend and resend
    ├── RoutingError      somebody in From or To cannot be served          mend or ask
    ├── ConflictError     it contradicts something already accepted        mend and resend
    ├── StateError        the move is not legal from the present state     mend and resend
    ├── AccessError       who is calling, or may they                      ask an operator
    ├── NotFound          no such thing, or not yours: the same answer     mend and resend
    ├── Unavailable       the axis cannot take it at this moment           retry later
    └── SetupError        configuration or environment of this machine     ask an operator

An error carries a stable dotted *code* and *facts*. Its words (what, why, what to do; Vietnamese
and English) and its remedy class live once, in ``axis.domain.catalogue``; every front answers
from that table, so wording cannot drift and nothing internal leaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from axis.domain.catalogue import Entry, entry


class AxisError(Exception):
    """A refusal with a stable code.

    ``code``   a key of the catalogue, e.g. ``package.doctype``
    ``facts``  values for the placeholders of its texts; shown to the caller, so never secrets
    """

    concerns: UUID | None = None
    """The package this is about, when there is one: where its journal row belongs. Not shown."""
    delivery: UUID | None = None
    """The delivery of it, likewise."""
    told: Mapping[str, object] = MappingProxyType({})
    """What the journal row keeps beside code and facts: what was said, why and by whom. Not shown."""

    def __init__(self, code: str, /, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts: dict[str, object] = facts

    @property
    def entry(self) -> Entry:
        return entry(self.code)

    def text(self, language: str = "vi") -> str:
        """What happened, why, and what to do, in ``vi`` or ``en``."""
        return self.entry.text(language, self.facts)

    def __str__(self) -> str:
        return f"{self.code}: {self.text('en')}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, self.facts))


def _rebuild(kind: type[AxisError], code: str, facts: dict[str, object]) -> AxisError:
    return kind(code, **facts)


class PackageError(AxisError):
    """The bytes are not an acceptable edXML package."""


class SignatureError(AxisError):
    """The package claims a signature that is refused."""


class RoutingError(AxisError):
    """Somebody named in From or To cannot be served."""


class ConflictError(AxisError):
    """It contradicts something already accepted."""


class StateError(AxisError):
    """The move is not legal from the present state."""


class AccessError(AxisError):
    """The caller is unknown, or may not do this."""


class NotFound(AxisError):
    """No such thing, or not the caller's: both get this one answer (P3)."""


class Unavailable(AxisError):
    """The axis cannot take it at this moment; the same call may succeed later."""


class SetupError(AxisError):
    """Configuration, environment or an operator's input is wrong."""
