"""What our XSDs say beyond the rules of the linter: order, unknown elements, forms.

Always warnings, because the reader is tolerant, and none about an element a rule already spoke of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, cast

from lxml import etree

from axis.domain.catalogue import Severity
from axis.edxml.findings import Element, Subject, clip, local
from axis.edxml.tree import DSIG, parser
from axis.edxml.writer import NAMESPACE

_ONE_AT_A_TIME = Lock()  # a schema is compiled once, and its error log is its own, not the call's
_ABOUT_FORM = ("lint.signature", "lint.prefix", "lint.namespace")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*?) \)")


def check_schema(s: Subject, name: str) -> None:
    """What our XSD says beyond the rules: order, unknown elements, forms. Always warnings (the reader
    is tolerant), and none about an element that a rule already spoke of."""
    schema = _xsd(name)
    with _ONE_AT_A_TIME:
        schema.validate(s.root)
        log = list(cast(Iterable[Any], schema.error_log))  # iterable, whatever the stubs say
    spoken = {f.path for f in s.findings if not f.rule.startswith(_ABOUT_FORM)}
    absent = {f.path.rpartition("/")[0] for f in s.findings if f.rule == "lint.missing"}
    for entry in log:
        # the path libxml2 gives is an XPath with prefixes of the document; "*" steps lead there too
        element = _at(s.root, entry.path)
        message = entry.message.replace(f"{{{NAMESPACE}}}", "")
        path, where = s.path(element), s.line(element)
        expected = _EXPECTED.search(message)
        if path in spoken or (expected and path in absent):
            continue
        facts = {"element": local(element), "schema": name, "expected": expected[1] if expected else "—"}
        rule = "lint.schema"
        if "Missing child element" in message:
            rule = "lint.schema-missing"
        elif "not expected" in message:
            rule = "lint.schema-order"
        else:
            spoken.add(path)  # a wrong value is reported twice by libxml2
            facts["message"] = clip(message.rstrip("."))
        s.note(rule, Severity.WARNING, path, where, **facts)


def _at(root: Element, path: str | None) -> Element:
    space = {"edXML": NAMESPACE, "ds": DSIG}
    for element in root.iter("*"):
        if element.prefix and element.prefix not in space:
            space[element.prefix] = etree.QName(element).namespace or ""
    try:
        found = root.xpath(path, namespaces=space) if path else []
    except etree.XPathError:
        found = []
    return found[0] if isinstance(found, list) and found and isinstance(found[0], Element) else root


@cache
def _xsd(name: str) -> etree.XMLSchema:
    with Path(str(files("schemas").joinpath(name))).open("rb") as file:
        return etree.XMLSchema(etree.parse(file, parser()))
