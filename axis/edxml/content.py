"""Where the base64 of an attachment lies in the file, and whether it is nothing but base64.

The content itself is never kept. Its range is of use only when the bytes there *are* its text: a comment
or CDATA section in between makes it unreadable in place. Character references are let through when they
stand for white space (``&#13;``, from Windows), as ``attachments`` reads them; otherwise, like any other
character that is not base64, they are foreign. Expat does not say how long a piece is, so a reference
shows as a gap between where one piece ended and where the next one starts.
"""

from __future__ import annotations

from axis.edxml.scanner import BASE64


class Content:
    __slots__ = ("_last", "_next", "offset", "trouble")

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.offset = -1
        self.trouble = ""  # the finding's rule
        self._next = -1
        self._last = ""

    def raw(self, index: int, length: int) -> None:
        """A run that the scanner has found to be base64."""
        if self.offset < 0:
            self.offset = index
        self._next = index + length
        self._last = ""

    def text(self, index: int, piece: str) -> bool:
        """A piece of text from the parser; False when nothing more need be looked at."""
        if self.offset < 0:
            self.offset = index
        elif not self._adjoins(index):
            self.trouble = self.trouble or "attachment.foreign-characters"
        if not piece.isascii() or piece.encode().translate(None, BASE64):
            self.trouble = self.trouble or "attachment.foreign-characters"
        self._next = index + len(piece)
        self._last = piece
        return not self.trouble

    def interrupted(self) -> None:
        """A comment, instruction or CDATA section stands inside: no range can be named."""
        self.trouble = "attachment.not-plain"

    def end(self, index: int) -> tuple[int, int]:
        """Offset and length, given where the end tag starts; (-1, 0) when unusable."""
        if self.offset < 0:
            self.offset = index
        elif not self.trouble and not self._adjoins(index):
            self.trouble = "attachment.foreign-characters"
        return (-1, 0) if self.trouble == "attachment.not-plain" else (self.offset, index - self.offset)

    def _adjoins(self, index: int) -> bool:
        """Nothing but what was reported stands before ``index``. White space may be written longer
        than it is: CR LF, or a reference."""
        return index == self._next or self._last in ("\t", "\n", "\r", " ")
