"""The attacks by name, each refused by its own stable code; and no code that no attack provokes."""

from __future__ import annotations

import random
from functools import cache

import pytest

from axis.domain.catalogue import package as package_words
from axis.domain.catalogue import signature as signature_words
from axis.domain.errors import PackageError, SignatureError
from axis.edxml.canonical import EXCLUSIVE, INCLUSIVE
from axis.edxml.limits import DEFAULT, Limits
from axis.edxml.reader import read
from axis.edxml.seal import DSIG, ENVELOPED
from axis.trust.signature import check
from tests.attacks.samples import cut, sample
from tests.attacks.tampering import insert, tampered
from tests.attacks.wrapping import evil, seal, signed_info, wrap
from tests.unit import test_reader

HONEST = sample("document-ec")
TEXT, HEAD = HONEST.text, "<edXML xmlns"
SUBJECT, END = "<edXML:Subject>", "</edXML>\r\n"


def put(mark: str, what: str, text: str = TEXT) -> str:
    """``what`` before ``mark``."""
    assert mark in text
    return text.replace(mark, what + mark, 1)


def entities(count: int) -> str:
    lines = ['<!ENTITY a0 "AAAAAAAAAA">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, count)]
    return f"<!DOCTYPE edXML [{''.join(lines)}]>"


def wrapped(*choice: object) -> str:
    target, place, reference, *rest = choice
    id_name, trick = (*map(str, rest), "Id", "none")[:2] if rest else ("Id", "none")
    return wrap(HONEST, str(target), str(place), str(reference), id_name, trick, 1)


NAMED: dict[str, tuple[str | bytes, str]] = {
    "XSW1: the whole original inside the signature": (wrapped("root", "signature", ""), "signature.wrapped"),
    "XSW2: the original before the signature": (wrapped("message", "before", "#{id}"), "package.ambiguous"),
    "XSW3: a false header before the true one": (wrapped("message", "twin-before", "#{id}"), "package.ambiguous"),
    "XSW4: the original inside the false element": (wrapped("attachments", "nested", "#{id}"), "signature.reference"),
    "XSW5: the original at the end of the root": (wrapped("root", "root-end", ""), "signature.wrapped"),
    "XSW6: the signature in the original in the signature": (wrapped("root", "in-itself", ""), "signature.wrapped"),
    "XSW7: a false header in an unknown element": (wrapped("message", "twin-unknown", ""), "signature.wrapped"),
    "XSW8: the original in an Object": (wrapped("root", "object", ""), "signature.wrapped"),
    "a signed attachment beside a false one": (wrapped("attachment", "twin-before", "#{id}"), "signature.reference"),
    "a false attachment appended": (
        put("</AttachmentEncoded>", "<Attachment><AttachmentName>x.exe</AttachmentName></Attachment>"),
        "signature.digest",
    ),
    "a second AttachmentEncoded": (put(END, "<AttachmentEncoded></AttachmentEncoded>"), "signature.digest"),
    "a duplicate sender": (
        put("<edXML:From>", "<edXML:From><edXML:OrganId>000.00.00.X</edXML:OrganId></edXML:From>"),
        "package.ambiguous",
    ),
    "a duplicate subject": (put(SUBJECT, "<edXML:Subject>x</edXML:Subject>"), "signature.repeated"),
    "a duplicate id": (put(SUBJECT, '<a Id="1"/><b wsu:Id="1" xmlns:wsu="urn:w"/>'), "signature.repeated-id"),
    "a misplaced signature": (
        HONEST.unsigned.replace("</edXML:edXMLBody>", HONEST.signature + "</edXML:edXMLBody>"),
        "signature.misplaced",
    ),
    "a part of a signature elsewhere": (put(SUBJECT, f"<d:SignedInfo xmlns:d='{DSIG}'/>"), "signature.stray-part"),
    "a body before the signature": (
        HONEST.text.replace("<edXML:edXMLHeader>", "<edXML:edXMLBody/><edXML:edXMLHeader>"),
        "signature.order",
    ),
    "a comment that ends a value early": (TEXT.replace("000.00.00.G22<", "000.00.00.G22<!---->.evil<", 1),
                                          "signature.comment-in-value"),
    "an instruction that ends a value early": (TEXT.replace("000.00.00.G22<", "000.00.00.G22<?x y?>.evil<", 1),
                                               "signature.instruction-in-value"),
    "an element inside a value": (TEXT.replace("000.00.00.G22<", "000.00.00.G22<b/>.evil<", 1),
                                  "package.element-in-value"),
    "an invisible letter in a code": (TEXT.replace("H41<", "H41\u2060<"), "package.control-character"),
    "content spelled by references": (TEXT.replace("JVBERi0=", "JVBERi0&#61;"), "signature.content"),
    "a wrong reference": (TEXT.replace('URI=""', 'URI="#xpointer(/)"'), "signature.reference"),
    "a void canonical form": (put(SUBJECT, '<x xmlns:r="1/relative"/>'), "signature.namespace"),
    "an undeclared prefix": (put(SUBJECT, "<q:x/>"), "signature.repaired"),
    "a billion laughs": (put(HEAD, entities(10)), "package.doctype"),
    "a quadratic entity": (
        put(HEAD, f'<!DOCTYPE a [<!ENTITY a "{"A" * 50_000}">]>').replace("họp", "&a;" * 5_000), "package.doctype"
    ),
    "an external entity": (put(HEAD, '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "package.doctype"),
    "an external DTD": (put(HEAD, '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd">'), "package.doctype"),
    "a public DTD": (put(HEAD, '<!DOCTYPE a PUBLIC "-//W3C//DTD" "http://127.0.0.1/a.dtd">'), "package.doctype"),
    "a parameter entity": (
        put(HEAD, '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/">%x;]>'), "package.doctype"
    ),
    "a default attribute": (put(HEAD, '<!DOCTYPE edXML [<!ATTLIST edXML Id ID "x">]>'), "package.doctype"),
    "a DOCTYPE in the middle": (put(SUBJECT, "<!DOCTYPE a>"), "package.not-well-formed"),
    "an undeclared entity": (TEXT.replace("họp", "&xxe;"), "package.not-well-formed"),
    "an XInclude": (
        put(SUBJECT, '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'),
        "signature.digest",
    ),
    "a stylesheet": (put(HEAD, '<?xml-stylesheet type="text/xsl" href="http://127.0.0.1/x"?>'),
                     "signature.stylesheet"),
    "deep": (put(SUBJECT, "<a>" * 100_000), "package.depth"),
    "wide": (put(END, "<a/>" * 3_000_000), "package.elements"),
    "wide in comments": (put(END, "<!---->" * 200_000), "package.elements"),
    "a million attributes": (put(END, "<a" + "".join(f" a{n}=''" for n in range(1_000_000)) + "/>"),
                             "package.token"),
    "some attributes too many": (put(END, "<a" + "".join(f" a{n}=''" for n in range(1_000)) + "/>"),
                                 "package.attributes"),
    "a long name": (put(END, f"<{'a' * 2_000}/>"), "package.name"),
    "a long attribute": (put(END, f"<a b='{'x' * 100_000}'/>"), "package.attribute-value"),
    "an endless token": (put(END, f"<!--{'x' * 1_000_000}"), "package.token"),
    "an endless header": (put(SUBJECT, f"<a>{'x y ' * 500_000}</a>"), "package.header-size"),
    "namespaces that swell": (
        TEXT.replace(HEAD, f"<edXML xmlns:p='urn:{'x' * 60_000}' xmlns").replace(END, "<p:a/>" * 10_000 + END),
        "package.namespaces",
    ),
    "many namespaces": (
        put(END, "<a" + "".join(f" xmlns:p{n}='urn:p{n}'" for n in range(200)) + "/>"), "package.namespaces"
    ),
    "truncated": (TEXT[:-30], "package.not-well-formed"),
    "padded": (TEXT + "A" * 100, "package.not-well-formed"),
    "another root behind": (TEXT + "<edXML/>", "package.not-well-formed"),
    "stray text in front": ("1212" + TEXT, "signature.repaired"),
    "re-encoded": (("\ufeff" + TEXT.replace("UTF-8", "UTF-16")).encode("utf-16-le"), "signature.repaired"),
    "UTF-16 without a mark": (sample("status-ec").text.encode("utf-16-le"), "package.encoding"),
    "UTF-16 behind a mark of UTF-8": (b"\xef\xbb\xbf" + TEXT.encode("utf-16-be"), "package.encoding"),
    "two marks": ("\ufeff\ufeff" + sample("status-ec").text, "signature.repaired"),
    "UTF-7": (TEXT.replace("UTF-8", "UTF-7"), "package.encoding"),
    "a NUL": (TEXT.replace("họp", "h\0p"), "package.not-well-formed"),
    "a reference to NUL": (TEXT.replace("họp", "h&#0;p"), "package.not-well-formed"),
    "overlong UTF-8": (TEXT.encode().replace(b"74/VP", b"74\xc0\xafVP"), "package.not-well-formed"),
    "a surrogate": (TEXT.encode().replace(b"74/VP", b"74\xed\xa0\x80VP"), "package.not-well-formed"),
    "a reference to a surrogate": (TEXT.replace("họp", "&#xD800;"), "package.not-well-formed"),
    "a prefix of three parts": (put(SUBJECT, "<a:b:c/>"), "package.bad-name"),
    "one attribute by two prefixes": (
        put(SUBJECT, "<a xmlns:p='urn:a' xmlns:q='urn:a' p:x='1' q:x='2'/>"), "package.attribute-twice"
    ),
    "an attribute twice": (put(SUBJECT, "<a b='1' b='2'/>"), "package.not-well-formed"),
    "the signature taken away, a false one left in another namespace": (
        insert(evil(HONEST.unsigned), f'<ds:Signature xmlns:ds="{DSIG}#"><ds:SignedInfo/></ds:Signature>'),
        "signature.repaired",
    ),
    "nothing": ("", "package.empty"),
}  # fmt: skip
# The last but one is unsigned: it is *told*, not refused, and judged as a package without signature.
TOLD = {"the signature taken away, a false one left in another namespace": "signature.legacy"}


@cache
def provoked(data: str | bytes, inclusive: bool = False, limits: Limits = DEFAULT) -> tuple[str, ...]:
    """The code of the refusal, or those of the findings."""
    rng = random.Random(len(data))
    try:
        raw = data if isinstance(data, bytes) else data.encode()
        reading = read(cut(raw, rng), limits, inclusive=inclusive)
        if reading.seal:
            check(reading.seal)
    except (PackageError, SignatureError) as error:
        assert error.text("vi") and error.text("en")
        return (error.code,)
    return tuple(one.rule for one in reading.package.findings)


@pytest.mark.parametrize("name", [n for n in NAMED if n not in TOLD])
def test_refused_by_its_own_code_is(name: str) -> None:
    text, code = NAMED[name]
    assert provoked(text) == (code,)


def test_a_signature_in_another_namespace_is_none_and_told() -> None:
    for name, code in TOLD.items():
        text = NAMED[name][0]
        assert code in provoked(text)
        raw = text if isinstance(text, bytes) else text.encode()
        assert read(raw).seal is None


def test_no_run_of_base64_hides_anything() -> None:
    """The runs that are led past the parser: what is foreign in them, or looks like markup, is seen."""
    run = "QUJD" * 5_000
    for inside, code in (
        (f"{run}<!--{run}-->", "signature.comment-in-value"), (f"{run}<?x {run}?>", "signature.instruction-in-value"),
        (f"<![CDATA[{run}]]>", "signature.content"), (f"{run}<![CDATA[]]>{run}", "signature.content"),
        (f"{run}&#65;{run}", "signature.content"), (f"{run}-{run}", "signature.content"),
        (f"{run}\u00a0{run}", "signature.content"), (f"{run}<x/>{run}", "package.element-in-value"),
        (f"{run}<edXML:From/>", "package.element-in-value"), (f"{run}]]>{run}", "package.not-well-formed"),
        (f"{run}\0{run}", "package.not-well-formed"), (f"{run}<", "package.not-well-formed"),
        (f"<x a='>{run}'>", "package.element-in-value"), (run, "signature.digest"),
        (run[:-1] + "=", "signature.digest"),
    ):  # fmt: skip
        assert provoked(TEXT.replace("JVBERi0=", inside)) == (code,), inside[-30:]
    said = f"{run}\r\n"
    outside = TEXT.replace("<AttachmentEncoded>", f"{said}<AttachmentEncoded a='{run}>'>{said}")
    assert provoked(outside) == ("signature.digest",)


# -- every code is provoked ----------------------------------------------------------------------


def _extra() -> list[tuple[str, bool]]:
    """What takes a sender with a setting of its own."""
    seal_of = signed_info(HONEST.issued, bytes(32), canonicalization=INCLUSIVE, transforms=(ENVELOPED, EXCLUSIVE))
    marked = HONEST.unsigned.replace(HEAD, "<edXML xml:lang='vi' xmlns", 1)
    return [(insert(marked, seal(HONEST.issued, seal_of)), True)]


def test_every_code_of_packages_and_signatures_is_provoked_by_a_test() -> None:
    found: dict[str, str] = {}

    def note(where: str, data: str | bytes, **options: bool) -> None:
        for code in provoked(data, **options):
            found.setdefault(code, where)

    for name, (text, _) in NAMED.items():
        note(f"named: {name}", text)
    for name, text, _code in [*tampered(HONEST), *tampered(sample("document-rsa"))]:
        note(f"tampered: {name}", text)
    for text, inclusive in _extra():
        note("inclusive", text, inclusive=inclusive)
    for name, (text, _) in test_reader.REFUSED.items():
        note(f"reader, refused: {name}", text)
    for name, (told, _rules) in test_reader.TOLERATED.items():
        note(f"reader, told: {name}", told)
    for code, (text, limits) in test_reader.LIMITS.items():
        assert provoked(text, limits=limits) == (code,)
        found.setdefault(code, "limits")
    for text in ODD_UNSIGNED:
        note("unsigned", text)
    assert {*package_words.ENTRIES, *signature_words.ENTRIES} - set(found) == set()


_PLAIN = HONEST.unsigned
ODD_UNSIGNED = (
    _PLAIN.replace("JVBERi0=", "JVBE-"), _PLAIN.replace("JVBERi0=", "<![CDATA[JVBE]]>"),
    put("<edXML:edXMLEnvelope", "<AttachmentEncoded></AttachmentEncoded>", _PLAIN),
    put(SUBJECT, f"<SignedInfo xmlns='{DSIG}'/>", _PLAIN), put(SUBJECT, "<x xmlns:xml='urn:x'/>", _PLAIN),
    put("</edXML:edXMLManifest>", "<edXML:Reference><edXML:ContentId>9</edXML:ContentId></edXML:Reference>", _PLAIN),
    put("</AttachmentEncoded>", "<Attachment><AttachmentName>c</AttachmentName></Attachment>", _PLAIN),
    _PLAIN.replace("<edXML:DocumentId>000.00.00.G22,2019/03/12,74/VP</edXML:DocumentId>", ""),
    _PLAIN.replace("<edXML:DocumentId>000.00.00.G22,2019/03/12,74/VP</edXML:DocumentId>", "").replace(">74<", "><"),
    ("\ufeff" + _PLAIN.replace("UTF-8", "UTF-16")).encode("utf-16-le"),
)  # fmt: skip
