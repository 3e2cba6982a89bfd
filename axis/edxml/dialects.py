"""Dialects met in the wild (edxml.md section 11), told apart by the namespace of an outer element.

Dialect A is read natively. B (the provincial guide) and C (older SOAP systems) are recognised so
that the refusal can name them and say what to send instead, rather than "no edXMLHeader".
"""

from __future__ import annotations

NATIVE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

# namespace prefix -> code of the refusal
FOREIGN = (
    ("http://www.go.vn/eDoc", "package.dialect-lgsp"),
    ("http://www.e-doc.vn/Schema", "package.dialect-soap"),
)
# C travels inside a SOAP envelope: Envelope > Body/Header > message > content.
DEPTH = 5


def refusal(uri: str, depth: int) -> str:
    """The code that refuses an element of this namespace at this depth (root = 1), or empty."""
    if depth <= DEPTH:
        for prefix, code in FOREIGN:
            if uri.startswith(prefix):
                return code
    return ""
