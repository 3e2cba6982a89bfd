"""Every way the axis says no has its words, and every word is used."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from axis.domain.catalogue import Remedy, entries, entry, fill
from axis.domain.catalogue.outbound import ENTRIES as OUTBOUND
from axis.domain.errors import AxisError, PackageError, Unavailable
from axis.domain.telling import plain_note

ROOT = Path(__file__).parents[2]
_CODE = re.compile(r"[a-z][a-z0-9]*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)+")
SOURCES = [p for folder in ("axis", "adapters") for p in sorted((ROOT / folder).rglob("*.py"))]
_RAISED = ("AxisError", "PackageError", "SignatureError", "RoutingError", "ConflictError", "StateError", "AccessError",
           "NotFound", "Unavailable", "SetupError", "Fault")  # fmt: skip


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def raised(tree: ast.AST) -> Iterator[tuple[str, set[str], bool]]:
    """(code, names of the facts given, whether more come by **) of every error made with a literal code."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        first = node.args[0]
        if name in _RAISED and isinstance(first, ast.Constant) and isinstance(first.value, str):
            given = {keyword.arg for keyword in node.keywords if keyword.arg}
            yield first.value, given, any(keyword.arg is None for keyword in node.keywords)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_error_raised_stands_in_the_catalogue_with_all_its_facts(path: Path) -> None:
    for code, given, more in raised(ast.parse(path.read_text(encoding="utf-8"))):
        assert code in entries(), f"{code} has no words"
        if not more:
            assert placeholders(code) <= given, f"{code} is raised without {placeholders(code) - given}"


def placeholders(code: str) -> set[str]:
    item = entry(code)
    texts = (item.vi, item.en, item.do_vi, item.do_en)
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}


def test_no_words_are_left_of_a_refusal_that_is_gone() -> None:
    used: set[str] = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used |= {code for code, _, _ in raised(tree)}
        if "catalogue" not in path.parts and path.name != "problems.py":  # a table of answers raises nothing
            used |= set(strings(tree))
    composed = {text for text in used if text.endswith((".", "-")) and _CODE.fullmatch(text.rstrip(".-") + ".x")}
    unused = sorted(c for c in entries() if c not in used and not c.startswith(tuple(composed) or ("\0",)))
    assert unused == []


@pytest.mark.parametrize("code", sorted(entries()))
def test_a_text_says_what_and_what_to_do_in_both_languages(code: str) -> None:
    item = entry(code)
    assert _CODE.fullmatch(code) and item.remedy in Remedy
    for text in (item.vi, item.en, item.do_vi, item.do_en):
        assert text.strip(" ") == text
        assert not text or text.strip()[-1] in ".:!?)»”" or "{" in text[-12:], text
    assert item.vi and item.en and item.vi != item.en
    assert bool(item.do_vi) is bool(item.do_en)
    assert facts(item.vi + item.do_vi) == facts(item.en + item.do_en)


def facts(text: str) -> set[str]:
    """The facts a text tells, whatever their language: ``how_vi`` and ``how`` are one, ``vi`` and ``en`` too."""
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name} - {"vi", "en"}
    return {name.removesuffix("_vi").removesuffix("_en") for name in names}


def test_a_fact_that_is_absent_shows_as_a_question_mark() -> None:
    assert fill("mã {code} của {unit}", {"code": "x"}) == "mã x của ?"
    error = PackageError("intake.conflict")
    assert "?" in error.text("vi") and str(error).startswith("intake.conflict: ")


def test_an_error_travels_between_processes_whole() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(Unavailable("intake.disk-low", free=3)))
    assert (type(error), error.code, error.facts) == (Unavailable, "intake.disk-low", {"free": 3})
    assert issubclass(Unavailable, AxisError)


@pytest.mark.parametrize("code", [code for code in OUTBOUND if code.startswith("delivery.")])
def test_what_an_attempt_met_can_be_said_without_an_address_or_an_answer(code: str) -> None:
    for language in ("vi", "en"):
        plain = entry(code).plain(language)
        assert plain.endswith(".") and not set("{}“”").intersection(plain), plain


def test_a_note_is_told_by_its_code_alone() -> None:
    assert plain_note("HTTP 503 (10.1.2.3) [delivery.busy]") == "Hệ thống của đơn vị nhận đang bận hoặc tạm ngừng."
    assert "operators" in plain_note("10.1.2.3 lies in a private network [outbound.address]", "en")
    assert plain_note("fail", "en") == "the receiver reports a failure"
    for unsaid in ("", "TypeError: 10.1.2.3", "lease of a machine ran out"):
        assert plain_note(unsaid) == ""
    assert "10.1" not in plain_note("a code nobody wrote down, 10.1.2.3 [delivery.new]")
