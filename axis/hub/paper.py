"""Danh mục gửi kèm bản giấy: which documents must be accompanied by paper, and whether they say so.

No paper follows an electronic document, except to the Government and the Prime Minister and for a list
the head of the ministry decides (Decision 28 Đ5.3, Đ7.2). The list is a setting, since the ministry's is
not public. A document that disagrees with it is accepted with a warning: the clerk decides, not the axis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from axis.domain.catalogue import Severity
from axis.domain.codes import normal
from axis.domain.document import EXCLUSIVE_TYPES, Finding, Kind, Package

WITHOUT, WITH = "0", "1"
_PATH = "edXMLHeader/TraceHeaderList/Bussiness/Paper"


@dataclass(frozen=True, slots=True)
class PaperList:
    """``receivers``: agency codes; ``types``: names of document types (TypeName), compared without case."""

    receivers: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def why(self, package: Package, known: Callable[[str], str] = normal) -> str:
        """The receiver or type that stands in the list; empty when paper is not asked for. ``known``: the code the
        directory knows an agency by: one agency has an old and a new code, and either may stand on either side."""
        wanted = {known(code) for code in self.receivers}
        for organization in package.receivers:
            if known(organization.organ_id) in wanted:
                return organization.organ_id
        types = {name.strip().casefold() for name in self.types}
        return package.type_name if package.type_name.strip().casefold() in types else ""

    def findings(self, package: Package, known: Callable[[str], str] = normal) -> tuple[Finding, ...]:
        """At most one warning. A document that says nothing about paper is left alone."""
        if package.kind is not Kind.DOCUMENT or package.business_type not in EXCLUSIVE_TYPES:
            return ()
        why = self.why(package, known)
        if why and package.said_paper == WITHOUT:
            return (Finding("paper.missing", Severity.WARNING, _PATH, facts=(("why", why),)),)
        if not why and package.said_paper == WITH:
            return (Finding("paper.needless", Severity.WARNING, _PATH),)
        return ()
