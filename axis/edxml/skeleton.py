"""A package without the content of its attachments, small enough for a tree.

The linter wants a tree with line numbers, and a tree must not grow with the attachments. So while the
file streams by, every run of text longer than ``LONGEST`` is replaced by a marker, and its place and
size are noted. The run is only *cut*, never judged: it lies between ``>`` and ``<``, so whatever
it holds cannot change the elements around it, and the reader, which sees every byte, checks it.

A marker carries a random token, so no package can hold one of its own making.
"""

from __future__ import annotations

import bisect
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Final

from axis.domain.errors import PackageError

LONGEST: Final = 1024
MAX_SKELETON: Final = 4 << 20
MAX_TAGS: Final = 250_000  # a tree of empty elements costs thirty times its text

_PIECE = 256 << 10
_CONTINUATION = bytes(range(0x80, 0xC0))


@dataclass(frozen=True, slots=True)
class Cut:
    """Bytes taken out: where they lie in the file, and how many characters they hold."""

    offset: int
    length: int
    characters: int


@dataclass(slots=True)
class Skeleton:
    data: bytes = b""
    cuts: dict[str, Cut] = field(default_factory=dict)
    _lines: list[int] = field(default_factory=list)  # lines of the copy on which a cut ended …
    _removed: list[int] = field(default_factory=list)  # … and the lines removed so far

    def line(self, copied: int) -> int:
        """The line in the file of a line in the copy. A cut moves only what starts after it, so an
        element that stands behind one on the same line is told a few lines early."""
        at = bisect.bisect_left(self._lines, copied)
        return copied + (self._removed[at - 1] if at else 0)

    def moved(self, lines: int) -> None:
        """Everything from the first line on stands ``lines`` further down in the file."""
        self._lines.insert(0, 0)
        self._removed = [lines, *(lines + r for r in self._removed)]


def skeleton(file: IO[bytes], watch: Callable[[bytes], None]) -> Skeleton:
    """Cut the long runs of ``file`` (from its present position) and show every piece to ``watch``.
    Raises PackageError ``lint.header-large`` when what is left is too much for a tree."""
    return _Cutter().run(file, watch)


class _Cutter:
    def __init__(self) -> None:
        self.token = secrets.token_hex(6)
        self.made = Skeleton()
        self.out = bytearray()
        self.text: bytearray | None = None  # text since the last ">", None inside a tag
        self.cut: list[int] | None = None  # offset, length, characters, lines of a run being cut
        self.at = 0
        self.copied = 1
        self.removed = 0

    def run(self, file: IO[bytes], watch: Callable[[bytes], None]) -> Skeleton:
        self.at = file.tell()
        while piece := file.read(_PIECE):
            watch(piece)
            self._take(piece)
            if len(self.out) > MAX_SKELETON:
                raise PackageError("lint.header-large", limit=MAX_SKELETON)
        self._end_of_run()
        if self.out.count(b"<") > MAX_TAGS:
            raise PackageError("lint.header-large", limit=MAX_SKELETON)
        self.made.data = bytes(self.out)
        return self.made

    def _take(self, piece: bytes) -> None:
        at = 0
        while at < len(piece):
            in_text = self.text is not None
            found = piece.find(b"<" if in_text else b">", at)
            end = len(piece) if found < 0 else found + (0 if in_text else 1)
            part = piece[at:end]
            if in_text:
                self._grow(part)
                if found >= 0:
                    self._end_of_run()
            else:
                self._copy(part)
                if found >= 0:
                    self.text = bytearray()
            self.at += len(part)
            at = end

    def _copy(self, part: bytes | bytearray) -> None:
        self.out += part
        self.copied += part.count(b"\n")

    def _grow(self, part: bytes) -> None:
        assert self.text is not None
        if self.cut is None:
            self.text += part
            if len(self.text) <= LONGEST:
                return
            self.cut = [self.at + len(part) - len(self.text), 0, 0, 0]
            part = bytes(self.text)
        self.cut[1] += len(part)
        self.cut[2] += len(part.translate(None, _CONTINUATION))
        self.cut[3] += part.count(b"\n")

    def _end_of_run(self) -> None:
        run, cut = self.text, self.cut
        self.text = self.cut = None
        if cut is None:
            self._copy(run or b"")
            return
        marker = f"CUT{self.token}{len(self.made.cuts):09d}"  # 24 characters: valid base64 as well
        self.made.cuts[marker] = Cut(*cut[:3])
        self.out += marker.encode()
        self.removed += cut[3]
        if cut[3]:
            self.made._lines.append(self.copied)
            self.made._removed.append(self.removed)
