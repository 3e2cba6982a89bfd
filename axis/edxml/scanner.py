"""Bytes to parser events: one expat, fed once, with long base64 led past it.

Text between ``>`` and ``<`` that holds only base64 and white space is its own canonical form and says
nothing to a parser. When a start tag is known to be complete, such a run goes straight to the sink;
the first foreign byte hands the text back to expat, for which it simply continues.

How we know that we stand in content right behind a start tag: the bytes from the last ``<`` to the
first ``>`` after it are fed *alone*. If that makes expat report a start tag, the tag is this one (an
earlier unfinished one would make ``<`` an error) and it ends at this ``>`` (there is no other). In a
comment, CDATA or instruction nothing is reported; ``<x/>`` is told by its slash.

What is odd at the front of the file (byte order mark, stray text before the declaration, UTF-16) is
mended here and told to the sink as a repair.
"""

from __future__ import annotations

import binascii
import codecs
from collections.abc import Callable
from typing import Any, Protocol, cast
from xml.parsers import expat

import pybase64

from axis.domain.errors import PackageError
from axis.edxml.limits import Limits

GATHER = 16 << 10  # smaller feeds are gathered: old expat rescans an unfinished token at each feed
SLICE = 256 << 10  # larger ones are cut: memory must not depend on how the caller cuts
LONG = 4 << 10  # runs shorter than this are cheaper inside expat
PREFIX = 4 << 10  # stray text before the declaration
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n"


class Sink(Protocol):
    """Who hears the events. Parser handlers are set by the sink itself, on ``Scanner.parser``."""

    def raw(self, run: bytes, length: int) -> None:
        """Base64 in canonical form, led past the parser; ``length`` bytes of the file from ``end()``."""

    def repaired(self, word: str) -> None:
        """The front of the file had to be mended."""

    def step(self) -> None:
        """A slice went through: time to hash, to count."""


class Scanner:
    def __init__(self, sink: Sink, limits: Limits) -> None:
        self._sink = sink
        self._limits = limits
        self.parser = expat.ParserCreate("utf-8", intern=None)  # kept names would grow with what a sender makes up
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.buffer_size = 64 << 10
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.XmlDeclHandler = self._declaration
        if hasattr(self.parser, "SetReparseDeferralEnabled"):  # expat 2.6+: tags must be reported at once
            self.parser.SetReparseDeferralEnabled(False)
        self.encoding = "utf-8"
        self.size = 0  # bytes received
        self._pending = bytearray()  # received, not yet looked at
        self._tail = b""  # looked at and held back: an unfinished tag, or a CR that may start a CR LF
        self._decoder: codecs.IncrementalDecoder | None = None
        self._begun = self._raw = self._opened = self._final = False
        self._given = 0  # bytes given to expat
        self._shift = 0  # bytes of the file that expat never sees and that lie before its position
        self._lines = 0  # line ends among them

    # -- positions ---------------------------------------------------------------------------

    def index(self) -> int:
        """Where the present event starts: a byte of the original file (UTF-8 files)."""
        return self.parser.CurrentByteIndex + self._shift

    def end(self) -> int:
        """The byte behind everything given to expat and led past it."""
        return self._given + self._shift

    def line(self) -> int:
        return self.parser.CurrentLineNumber + self._lines

    # -- feeding -----------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._limits.package:
            raise PackageError("package.too-large", limit=self._limits.package)
        if len(self._pending) + len(data) < GATHER:
            self._pending += data
            return
        if self._pending:
            head = SLICE - len(self._pending)
            self._slice(bytes(self._pending) + data[:head])
            self._pending.clear()
            data = data[head:]
        for at in range(0, len(data), SLICE):
            self._slice(data[at : at + SLICE])

    def close(self) -> None:
        if not self.size:
            raise PackageError("package.empty")
        self._final = True
        self._slice(bytes(self._pending))
        self._pending.clear()
        self._parse(b"", True)
        self._sink.step()

    def _slice(self, data: bytes) -> None:
        first = not self._begun
        if first:
            data = self._begin(data)
        if self._decoder:
            try:
                data = self._decoder.decode(data, self._final).encode()
            except UnicodeError:
                raise PackageError("package.encoding", encoding=self.encoding) from None
        if first and (b"\0" in data[:2] or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))):
            # Expat guesses UTF-16 from its first two bytes, whatever encoding it was told.
            raise PackageError("package.encoding", encoding="UTF-16")
        if self._tail:
            data, self._tail = self._tail + data, b""
        self._scan(data)
        self._sink.step()

    def _begin(self, data: bytes) -> bytes:
        """Mend the front of the file."""
        self._begun = True
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self.encoding = "utf-16"
            self._decoder = codecs.getincrementaldecoder("utf-16")()
            self._sink.repaired("utf-16")
            return data
        if data.startswith(codecs.BOM_UTF8):
            self._shift += len(codecs.BOM_UTF8)
            data = data[len(codecs.BOM_UTF8) :]
            if data.startswith(codecs.BOM_UTF8):  # expat would skip this one, other parsers refuse it
                self._sink.repaired("stray-text")
        first = data.find(b"<", 0, PREFIX)
        if first > 0 and data.startswith(b"<?xml", first):
            stray = data[:first]
            self._sink.repaired("stray-text" if stray.strip() else "leading-space")
            self._shift += first
            self._lines += _line_ends(stray)
            data = data[first:]
        return data

    def _scan(self, data: bytes) -> None:
        fed = at = self._run(data, 0) if self._raw else 0
        size = len(data)
        if self._leading():
            return
        while fed < size:
            mark = data.rfind(b"<", at, at + LONG)
            if mark >= 0 and mark + LONG < size:
                at = mark + 1
                continue
            tag = mark if mark >= 0 else at - 1  # no other "<" follows for LONG bytes, or to the end
            after = data.find(b"<", tag + 1)
            shut = data.find(b">", tag + 1, after if after >= 0 else size)
            if tag >= fed and data[tag] == 60:
                if shut >= 0:
                    self._parse(data[fed:tag])
                    fed = shut + 1
                    if self._tag(data[tag:fed]):
                        fed = self._run(data, fed)
                        if self._leading():
                            return
                elif after < 0 and size - tag < LONG and not self._final:
                    self._parse(data[fed:tag])
                    self._tail = data[tag:]
                    return
            after = data.find(b"<", max(fed, tag + 1))
            if after < 0:
                self._parse(data[fed:])
                return
            at = after

    def _leading(self) -> bool:
        """A run of base64 is under way."""
        return self._raw

    def _tag(self, tag: bytes) -> bool:
        """Feed one complete tag alone; True when content of that element starts right behind it."""
        handler = cast("Callable[[str, Any], object]", self.parser.StartElementHandler)
        self._opened = False

        def opened(name: str, attributes: Any) -> None:
            self.parser.StartElementHandler = handler  # first: the handler may set another one
            self._opened = True
            handler(name, attributes)

        self.parser.StartElementHandler = opened
        self._parse(tag)
        if self.parser.StartElementHandler is opened:  # else an end tag's handler has set another one
            self.parser.StartElementHandler = handler
        return self._opened and not tag.endswith(b"/>")

    def _run(self, data: bytes, start: int) -> int:
        """Lead base64 past the parser from ``start``; where it stopped."""
        mark = data.find(b"<", start)
        stop = len(data) if mark < 0 else mark
        run = data[start:stop]
        plain = _one_line(run)
        foreign = b"" if plain else run.translate(None, BASE64)
        if foreign:
            run = run[: run.index(foreign[:1])]
        self._raw = mark < 0 and not foreign
        if self._raw and run.endswith(b"\r") and not self._final:
            self._tail, run = b"\r", run[:-1]
        if run:
            clean = run if plain else _with_line_feeds(run)
            self._sink.raw(clean, len(run))
            self._lines += clean.count(b"\n") if not plain and b"\n" in clean else 0
            self._shift += len(run)
        return start + len(run)

    def _parse(self, data: bytes, final: bool = False) -> None:
        if not data and not final:
            return
        self._given += len(data)
        try:
            self.parser.Parse(data, final)
        except expat.ExpatError as error:
            raise PackageError(
                "package.not-well-formed",
                line=error.lineno + self._lines, column=error.offset + 1,
                reason=expat.ErrorString(error.code),
            ) from None  # fmt: skip
        if self._given - self.parser.CurrentByteIndex > self._limits.token and not final:
            raise PackageError("package.token", line=self.line(), limit=self._limits.token)

    def release(self) -> None:
        """Cut the cycles of handlers, so that a reader is freed when it is dropped, not when the collector
        comes by."""
        del self.parser, self._sink

    # -- the prologue ------------------------------------------------------------------------

    def _doctype(self, *_: object) -> None:
        raise PackageError("package.doctype", line=self.line())

    def _declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0":
            self._sink.repaired("xml-version")
        said = (encoding or self.encoding).lower()
        if said not in ("utf-8", "utf8") and not (said.startswith("utf-16") and self._decoder):
            raise PackageError("package.encoding", encoding=encoding)


def _one_line(run: bytes) -> bool:
    """True for a run of nothing but base64, told by decoding it: many times faster than looking at each
    byte. False says nothing: white space, padding in the middle, a length not divisible by four."""
    if b"\n" in run or b"\r" in run:
        return False
    whole = len(run) & ~3
    try:
        pybase64.b64decode(run if whole == len(run) else run[:whole], validate=True)
    except (ValueError, binascii.Error):
        return False
    return whole == len(run) or not run[whole:].translate(None, BASE64)


def _with_line_feeds(run: bytes) -> bytes:
    """CR LF and CR become LF. Lines of one length, as every encoder makes them, are told by two strided
    looks; then dropping each CR is enough, and many times faster than replacing pairs."""
    first = run.find(b"\r")
    if first < 0:
        return run
    width = run.find(b"\r", first + 1) - first
    if width > 1:
        returns, feeds = run[first::width], run[first + 1 :: width]
        count = len(returns)
        if returns == b"\r" * count and feeds == b"\n" * count:
            clean = run.replace(b"\r", b"")
            if len(clean) == len(run) - count:
                return clean
    return run.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _line_ends(data: bytes) -> int:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")
