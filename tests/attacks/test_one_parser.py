"""One parser in the verifying path: what is verified is what is used (the parser-differential attacks).

Two looks: which modules the door imports when it runs, and which it could reach by any import in the code.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATH = (
    "axis.hub.intake", "axis.edxml.reader", "axis.edxml.attachments", "axis.trust.signature", "axis.trust.verdict",
    "axis.trust.certificates",
)  # fmt: skip
OTHER_PARSERS = (
    "lxml", "signxml", "xmlsec", "defusedxml", "xmltodict", "html", "xml.etree", "xml.dom", "xml.sax", "bs4",
    "libxml2", "pyexpat", "xml.parsers",
)  # fmt: skip
THE_PARSER = "axis.edxml.scanner"


@cache
def imports(module: str) -> frozenset[str]:
    """Everything a module of ours names in an import, wherever in it."""
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{module}: relative imports hide the graph"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


def is_ours(name: str) -> str:
    """The module of ours behind an imported name, or nothing."""
    for candidate in (name, name.rpartition(".")[0]):
        path = ROOT.joinpath(*candidate.split("."))
        if candidate.startswith("axis") and (path.with_suffix(".py").exists() or (path / "__init__.py").exists()):
            return candidate
    return ""


def reached(start: str) -> dict[str, str]:
    """Every module of ours that can be reached, and by whom."""
    found, todo = {start: ""}, [start]
    while todo:
        module = todo.pop()
        packages = [".".join(module.split(".")[:n]) for n in range(1, module.count(".") + 1)]
        for name in (*imports(module), *packages):
            if (ours := is_ours(name)) and ours not in found:
                found[ours] = module
                todo.append(ours)
    return found


@pytest.mark.parametrize("module", PATH)
def test_no_import_in_the_code_leads_to_another_parser(module: str) -> None:
    for found, by in reached(module).items():
        for name in imports(found):
            used = [p for p in OTHER_PARSERS if name == p or name.startswith(p + ".")]
            assert not used or found == THE_PARSER, f"{module} -> {by} -> {found} -> {name}"


def test_the_way_to_other_parsers_is_seen_where_there_is_one() -> None:
    assert any("lxml.etree" in imports(found) for found in reached("axis.edxml.linter"))
    assert THE_PARSER in reached("axis.hub.intake")


def test_no_other_parser_is_loaded_when_the_door_is() -> None:
    looked_for = ("lxml", "signxml", "xml.etree", "xml.dom", "xml.sax", "defusedxml")
    code = f"import sys, {', '.join(PATH)}; print([m for m in sys.modules if m.startswith({looked_for!r})])"
    # Without what measures coverage: it brings parsers of its own into every child.
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=quiet
    )
    assert done.stdout.strip() == "[]"


def test_the_text_of_a_tree_is_never_taken_up_to_its_first_comment_only() -> None:
    """``.text``, ``.tail`` and ``findtext`` of a tree end at a comment; ``string()`` does not."""
    offences = []
    for file in sorted((ROOT / "axis").rglob("*.py")):
        source = file.read_text()
        tree = ast.parse(source)
        if not any("lxml" in n or "Element" in n for n in imports(_module(file))):
            continue
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("text", "tail") and id(node) not in called:
                offences.append(f"{file.name}:{node.lineno} .{node.attr}")
            if isinstance(node, ast.Attribute) and node.attr in ("findtext", "xinclude", "XSLT"):
                offences.append(f"{file.name}:{node.lineno} {node.attr}")
    assert offences == []


def _module(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
