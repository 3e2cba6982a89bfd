"""Settings: each known by name, typed, overridable; nothing misspelt passes."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from axis.config import Config, load
from axis.domain.errors import SetupError

SHIPPED = Path(__file__).parents[2] / "config" / "axis.toml"
SECTIONS = [f.name for f in fields(Config) if f.name != "data"]
SETTINGS = [(s, f.name) for s in SECTIONS for f in fields(getattr(Config(Path("x")), s))]


def write(folder: Path, text: str) -> Path:
    (folder / "axis.toml").write_text(text, encoding="utf-8")
    return folder


def literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def code_of(error: pytest.ExceptionInfo[SetupError]) -> str:
    return error.value.code


def test_an_absent_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, environment={}) == Config(tmp_path)


@pytest.mark.parametrize(("section", "name"), SETTINGS, ids=".".join)
def test_every_setting_can_be_written_in_the_file_and_given_by_the_environment(
    tmp_path: Path, section: str, name: str
) -> None:
    default = getattr(getattr(Config(tmp_path), section), name)
    changed: object
    if isinstance(default, bool):
        changed = not default
    elif isinstance(default, int | float):
        changed = type(default)(default + 3)
    elif isinstance(default, tuple):
        changed = (7.5, 9.0) if default and isinstance(default[0], float) else ("a", "b")
    else:
        changed = "khác"
    write(tmp_path, f"[{section}]\n{name} = {literal(changed)}\n")
    assert getattr(getattr(load(tmp_path, environment={}), section), name) == changed
    (tmp_path / "axis.toml").unlink()
    text = ",".join(map(str, changed)) if isinstance(changed, tuple) else str(changed)
    given = load(tmp_path, environment={f"AXIS_{section}_{name}".upper(): text})
    assert getattr(getattr(given, section), name) == changed


@pytest.mark.skipif(not SHIPPED.exists(), reason="this checkout ships no config/axis.toml")
def test_the_shipped_file_names_every_setting_with_its_default(tmp_path: Path) -> None:
    assert load(tmp_path, SHIPPED, environment={}) == Config(tmp_path)
    commented = SHIPPED.read_text(encoding="utf-8").replace("\n# ", "\n").replace("\n#", "\n")
    named = {line.split("=")[0].strip() for line in commented.splitlines() if "=" in line}
    assert {name for _, name in SETTINGS} <= named
    assert tomllib.loads(SHIPPED.read_text(encoding="utf-8")) is not None


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [("[courrier]\n", "config.unknown", "courrier"), ("[courier]\nwindows = 1\n", "config.unknown", "courier.windows"),
     ("data = '/x'\n", "config.unknown", "data"), ("courier = 3\n", "config.wrong", "courier"),
     ("[courier]\nwindow = 'many'\n", "config.wrong", "courier.window"),
     ("[courier]\nwindow = 1.5\n", "config.wrong", "courier.window"),
     ("[courier]\nwindow = true\n", "config.wrong", "courier.window"),
     ("[courier]\nwindow = -1\n", "config.wrong", "courier.window"),
     ("[courier]\npoll = true\n", "config.wrong", "courier.poll"),
     ("[courier]\ndelays = []\n", "config.wrong", "courier.delays"),
     ("[courier]\ndelays = ['x']\n", "config.wrong", "courier.delays"),
     ("[outbound]\napproved = [3]\n", "config.wrong", "outbound.approved"),
     ("[outbound]\nplain_http = 1\n", "config.wrong", "outbound.plain_http")],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(tmp_path: Path, text: str, code: str, name: str) -> None:
    with pytest.raises(SetupError) as caught:
        load(write(tmp_path, text), environment={})
    assert (code_of(caught), caught.value.facts["name"]) == (code, name)
    assert name in caught.value.text("vi") and name in caught.value.text("en")


@pytest.mark.parametrize("delays", ["[-5.0]", "[0.0, -1.0]"])
def test_delays_are_never_negative(tmp_path: Path, delays: str) -> None:
    with pytest.raises(SetupError, match="wrong"):
        load(write(tmp_path, f"[courier]\ndelays = {delays}\n"), environment={})


@pytest.mark.parametrize("value", ["x", "1.5", ""])
def test_an_environment_value_of_another_type_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(SetupError) as caught:
        load(tmp_path, environment={"AXIS_COURIER_WINDOW": value})
    assert caught.value.facts["name"] == "courier.window"


def test_a_whole_number_does_for_seconds(tmp_path: Path) -> None:
    config = load(write(tmp_path, "[courier]\npoll = 2\ndelays = [1, 2.5]\n"), environment={})
    assert config.courier.poll == 2.0 and config.courier.delays == (1.0, 2.5)


def test_the_stronger_source_wins(tmp_path: Path) -> None:
    write(tmp_path, '[database]\nurl = "postgresql://tep/x"\n[log]\nlevel = "warning"\n')
    other = tmp_path / "other.toml"
    other.write_text('[log]\nlevel = "error"\n')
    assert load(tmp_path, environment={}).database.url == "postgresql://tep/x"
    environment = {"AXIS_DATABASE_URL": "postgresql://moi-truong/x", "AXIS_CONFIG": str(other)}
    found = load(tmp_path, environment=environment)
    assert (found.database.url, found.log.level) == ("postgresql://moi-truong/x", "error")
    assert load(tmp_path, tmp_path / "axis.toml", environment).log.level == "warning"


@pytest.mark.parametrize("content", [b"[courier\n", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "axis.toml").write_bytes(content)
    with pytest.raises(SetupError, match="unreadable"):
        load(tmp_path, environment={})


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="unreadable"):
        load(tmp_path, tmp_path / "absent.toml", environment={})
