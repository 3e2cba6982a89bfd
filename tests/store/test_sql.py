"""Named statements: loaded whole, refused when malformed, and all of ours are well formed."""

from __future__ import annotations

from pathlib import Path

import pytest

from axis.store.sql import FOLDER, queries


def test_a_block_becomes_a_query_that_carries_its_name(tmp_path: Path) -> None:
    (tmp_path / "room.sql").write_text(
        "-- About the room.\n\n-- name: first\n-- Why it is there.\nSELECT 1;\n\n"
        "-- name: second\n-- Another.\n-- with a remark\nSELECT 2\n"
    )
    room = queries("room", tmp_path)
    assert (room.first.name, room.first.purpose) == ("room.first", "Why it is there.")
    assert room.first.sql == "-- room.first\nSELECT 1"
    assert room.second.sql.endswith("SELECT 2")
    assert [query.name for query in room] == ["room.first", "room.second"]
    with pytest.raises(AttributeError, match="third"):
        _ = room.third


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "-- name: a\nSELECT 1",
        "-- name: a\n-- purpose only\n",
        "-- name: A B\n-- Purpose.\nSELECT 1",
        "-- name: a\n-- Purpose.\nSELECT 1\n-- name: a\n-- Purpose.\nSELECT 2",
    ],
    ids=["no name", "no purpose", "no statement", "bad name", "twice"],
)
def test_a_malformed_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "room.sql").write_text(text)
    with pytest.raises(ValueError, match=r"room"):
        queries("room", tmp_path)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.stem)
def test_every_statement_of_ours_is_well_formed(path: Path) -> None:
    assert list(queries(path.stem))
