"""Small valid PDF files, made by hand: a page of text and, for a "scan", one big grey image.

The demo needs attachments that any reader opens, without a PDF library. Only the built-in font
Helvetica is used; it holds no Vietnamese letters, so the text inside loses its diacritics (the
fields of the package keep them). The image is seeded noise: it cannot be compressed, like a scan.
"""

from __future__ import annotations

import random
import textwrap
import unicodedata

_WIDTH = 2480  # pixels of an A4 scan at 300 dpi


def folded(text: str) -> str:
    """Vietnamese text without its diacritics, as far as the built-in fonts can show it."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return (
        "".join(c for c in plain if not unicodedata.combining(c)).encode("ascii", "replace").decode("ascii")
    )


def _page_text(lines: list[str]) -> bytes:
    out = ["BT /F1 11 Tf 15 TL 60 780 Td"]
    for line in lines:
        for part in textwrap.wrap(folded(line), 88) or [""]:
            escaped = part.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            out.append(f"({escaped}) Tj T*")
    out.append("ET")
    return "\n".join(out).encode("ascii")


def _stream(head: str, body: bytes) -> bytes:
    return f"<< {head} /Length {len(body)} >>\nstream\n".encode("ascii") + body + b"\nendstream"


def render(lines: list[str], scan_bytes: int = 0, seed: int = 0) -> bytes:
    """One page of ``lines``; with ``scan_bytes`` a second page showing an image of about that size."""
    pages = ["3 0 R"] + (["6 0 R"] if scan_bytes else [])
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R /Resources << {} >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(pages)}] /Count {len(pages)} >>".encode("ascii"),
        page.format(4, "/Font << /F1 5 0 R >>").encode("ascii"),
        _stream("", _page_text(lines)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    if scan_bytes:
        height = max(1, scan_bytes // _WIDTH)
        image = (
            f"/Type /XObject /Subtype /Image /Width {_WIDTH} /Height {height} "
            "/ColorSpace /DeviceGray /BitsPerComponent 8"
        )
        objects += [
            page.format(7, "/XObject << /Im1 8 0 R >>").encode("ascii"),
            _stream("", b"q 515 0 0 762 40 40 cm /Im1 Do Q"),
            _stream(image, random.Random(seed).randbytes(_WIDTH * height)),
        ]
    return _assembled(objects)


def _assembled(objects: list[bytes]) -> bytes:
    # the second line's bytes above 127 tell transfer programs that the file is binary
    pieces: list[bytes] = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"]
    offset, offsets = len(pieces[0]), []
    for number, body in enumerate(objects, 1):
        offsets.append(offset)
        piece = b"%d 0 obj\n" % number + body + b"\nendobj\n"
        pieces.append(piece)
        offset += len(piece)
    table = "".join(f"{at:010d} 00000 n \n" for at in offsets)
    size = len(objects) + 1
    pieces.append(
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
        f"startxref\n{offset}\n%%EOF\n".encode("ascii")
    )
    return b"".join(pieces)
