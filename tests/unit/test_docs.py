"""The pages tell what the program does: those written by commands, the settings, the links, the commands."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from axis.cli.main import cli
from axis.cli.reference import VXP_CODES, errors_page, states_page, vxp_page
from axis.config import Config, load
from axis.fronts.problems import CODES, FAMILIES

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for folder in (".", "docs", "docs/decisions", "certs", "schemas", "config", "benchmarks")
    for page in (ROOT / folder).glob("*.md")
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# pages written by commands


def test_the_page_of_states_is_what_the_command_writes() -> None:
    assert text("docs/states.md") == states_page() + "\n", "axis states --markdown > docs/states.md"


def test_the_page_of_errors_is_what_the_command_writes() -> None:
    assert text("docs/errors.md") == errors_page() + "\n", "axis errors --markdown > docs/errors.md"


def test_the_guide_of_the_client_api_shows_the_table_of_error_codes() -> None:
    shown = text("docs/vxp.md").partition("<!-- axis errors --vxp -->\n")[2].partition("\n<!-- end -->")[0]
    assert shown == vxp_page(), "axis errors --vxp, between the markers of docs/vxp.md"


def test_every_error_code_that_a_front_answers_has_its_words() -> None:
    answered = {row.vxp for _, row in FAMILIES} | {row.vxp for row in CODES.values()}
    assert answered | {"0"} == set(VXP_CODES)


# settings


def test_the_commented_configuration_holds_every_setting_with_its_default() -> None:
    given = tomllib.loads(text("config/axis.toml"))
    config = Config(Path("data"))
    sections = {f.name: getattr(config, f.name) for f in fields(Config) if f.name != "data"}
    assert {name: set(keys) for name, keys in given.items()} == {
        name: {f.name for f in fields(section)} for name, section in sections.items()
    }
    assert load(Path("data"), ROOT / "config/axis.toml", {}) == config


def test_every_setting_has_a_comment_in_two_languages() -> None:
    comment: list[str] = []
    was_comment = False
    for line in text("config/axis.toml").splitlines():
        if line.startswith("#"):
            comment = [*comment, line] if was_comment else [line]
            was_comment = True
        elif not line or line.startswith("["):
            comment, was_comment = [], False
        else:  # settings that stand together share the comment above them
            assert comment, f"no comment above: {line}"
            assert "·" in " ".join(comment) or " or " in " ".join(comment), f"one language only: {comment}"
            was_comment = False


def test_the_production_example_is_accepted() -> None:
    assert load(Path("data"), ROOT / "config/production.toml", {}).listen.trusted


# links


def anchors(page: Path) -> set[str]:
    """The fragments under which the headings of a page are reached."""
    found = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in found}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_of_a_page_resolves(name: str) -> None:
    page = ROOT / name
    for target in _LINK.findall(text(name)):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, fragment = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{name}: {target}"
        if fragment:
            assert fragment in anchors(there), f"{name}: {target}"


def test_every_decision_is_listed() -> None:
    listed = set(_LINK.findall(text("docs/decisions/README.md")))
    assert listed == {p.name for p in (ROOT / "docs/decisions").glob("[0-9]*.md")}


# commands


def commands(page: str) -> Iterator[list[str]]:
    """Words of every ``axis`` or ``make`` line in a page's shell blocks and inline code."""
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    blocks += re.findall(r"^    (axis .*)$", page, re.MULTILINE)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    lines += re.findall(r"(?<!`)`((?:axis|make) [^`\n]+)`", page)
    for line in lines:
        if line.startswith(("axis ", "make ")):
            yield [w for w in shlex.split(line.replace("[", "").replace("]", ""), comments=True) if w != "&"]


def check(words: list[str]) -> str:
    """What is wrong with a command line, or an empty text."""
    if words[0] == "make":
        missing = [w for w in words[1:] if not re.search(rf"^{w}:", text("Makefile"), re.MULTILINE)]
        return f"no target {missing}" if missing else ""
    found: click.Command = cli
    rest = words[1:]
    while isinstance(found, click.Group) and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        inner = found.get_command(click.Context(found), name)
        if inner is None:
            return f"no command {name}"
        found = inner
    known = {opt for p in found.params for opt in (*p.opts, *p.secondary_opts)} | {"--help", "-h"}
    unknown = [w for w in rest if w.startswith("-") and w != "-" and w.partition("=")[0] not in known]
    return f"unknown options {unknown}" if unknown else ""


@pytest.mark.parametrize("name", NAMES)
def test_every_command_on_a_page_exists(name: str) -> None:
    wrong = [f"{shlex.join(words)}: {why}" for words in commands(text(name)) if (why := check(words))]
    assert not wrong, "\n".join(wrong)


def test_the_check_of_commands_would_notice_wrong_ones() -> None:
    assert check(["axis", "unit", "frobnicate"]) == "no command frobnicate"
    assert check(["axis", "unit", "list", "--frobnicate"]) == "unknown options ['--frobnicate']"
    assert check(["make", "coffee"]) == "no target ['coffee']"
    assert len(list(commands(text("README.md")))) > 10


# words


def test_every_word_of_the_glossary_stands_in_the_code() -> None:
    files = [p for p in (ROOT / "axis").rglob("*") if p.suffix in (".py", ".sql")]
    source = "\n".join(p.read_text(encoding="utf-8") for p in files)
    cells = [line.split("|")[3] for line in text("docs/glossary.md").splitlines() if line.startswith("| ")]
    words = [word for cell in cells for word in re.findall(r"`([^`]+)`", cell) if not word.startswith("axis ")]
    missing = [w for w in words if re.split(r"[./]", w.removesuffix(".py"))[-1] not in source]
    assert len(words) > 40 and not missing


@pytest.mark.parametrize("word", ["recipient", "consignment", "dispatch", "withdraw"])
def test_no_synonym_of_the_glossary_enters_the_code(word: str) -> None:
    files = [*(ROOT / "axis").rglob("*.py"), *(ROOT / "adapters").rglob("*.py"), *(ROOT / "axis").rglob("*.sql")]
    using = [str(p.relative_to(ROOT)) for p in files if re.search(rf"\b{word}", p.read_text(encoding="utf-8"), re.I)]
    assert not using
