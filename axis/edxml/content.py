"""Where the base64 of an attachment lies in the file, and whether it is nothing but base64.

The content itself is never kept. Its range is of use only when the bytes there *are* its text: a
comment, CDATA section or character reference in between makes it unreadable in place, and so does a
character that is neither base64 nor white space. Expat does not say how long a piece is, so each piece
must start where the one before it ended (a line end may be one byte or two).
"""

from __future__ import annotations

from axis.edxml.scanner import BASE64


class Content:
    __slots__ = ("_line_end", "_next", "offset", "trouble")

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.offset = -1
        self.trouble = ""  # the finding's rule
        self._next = -1
        self._line_end = False

    def raw(self, index: int, length: int) -> None:
        """A run that the scanner has found to be base64."""
        if self.offset < 0:
            self.offset = index
        self._next = index + length
        self._line_end = False

    def text(self, index: int, piece: str) -> bool:
        """A piece of text from the parser; False when nothing more need be looked at."""
        if self.offset < 0:
            self.offset = index
        elif not self._adjoins(index):
            self.trouble = "attachment.not-plain"
            return False
        if not piece.isascii() or piece.encode().translate(None, BASE64):
            self.trouble = "attachment.foreign-characters"
            return False
        self._next = index + len(piece)
        self._line_end = piece == "\n"
        return True

    def interrupted(self) -> None:
        """A comment or instruction stands inside."""
        self.trouble = self.trouble or "attachment.not-plain"

    def end(self, index: int) -> tuple[int, int]:
        """Offset and length, given where the end tag starts; (-1, 0) when unusable."""
        if self.offset < 0:
            return index, 0
        if not self.trouble and not self._adjoins(index):
            self.trouble = "attachment.not-plain"
        return (-1, 0) if self.trouble else (self.offset, index - self.offset)

    def _adjoins(self, index: int) -> bool:
        return index == self._next or (self._line_end and index == self._next + 1)
