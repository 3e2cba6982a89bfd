"""Forgeries of the Signature itself, each with the code it must be refused by.

Wherever the trick is in SignedInfo, it is signed with the honest key over the honest digest, so that
nothing but the profile stands in its way; the package says something else, or what it said.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from axis.demo.authority import Authority, Issued, leaf_extensions, new_key
from axis.edxml.canonical import EXCLUSIVE, INCLUSIVE
from axis.edxml.seal import DSIG, ENVELOPED, MORE
from axis.trust.signature import sign
from tests.attacks.samples import STRANGER, SUB, Sample
from tests.attacks.wrapping import certificate, evil, method_of, seal, signed_info

Case = tuple[str, str, str]
"""Name, text, expected code."""

_TEXTS = ("DigestValue", "SignatureValue", "X509Certificate")
_BREAKS = {"comment": "<!--x-->", "instruction": "<?x y?>"}
_ALGORITHMS = {
    "none": "", "hmac-sha1": DSIG + "hmac-sha1", "hmac-sha256": MORE + "hmac-sha256", "dsa": DSIG + "dsa-sha1",
    "rsa-md5": MORE + "rsa-md5", "ripemd": MORE + "rsa-ripemd160",
    "pss": "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    "ecdsa-sha1": MORE + "ecdsa-sha1", "unknown": "urn:x", "with a space": MORE + "rsa-sha256 ",
    "by another case": MORE + "RSA-SHA256", "eddsa": "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
}  # fmt: skip
_TRANSFORMS = {
    "none": (), "only enveloped": (ENVELOPED,), "only canonical": (EXCLUSIVE,), "reversed": (EXCLUSIVE, ENVELOPED),
    "twice": (ENVELOPED, ENVELOPED, EXCLUSIVE), "XPath": (ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116"),
    "XPath filter": (ENVELOPED, "http://www.w3.org/2002/06/xmldsig-filter2", EXCLUSIVE),
    "XSLT": (ENVELOPED, "http://www.w3.org/TR/1999/REC-xslt-19991116", EXCLUSIVE),
    "base64": (ENVELOPED, DSIG + "base64"), "decrypt": ("http://www.w3.org/2002/07/decrypt#XML", ENVELOPED, EXCLUSIVE),
    "a third": (ENVELOPED, EXCLUSIVE, EXCLUSIVE), "with comments first": (EXCLUSIVE + "WithComments", ENVELOPED),
}  # fmt: skip
_REFERENCES = ("#", "#x", "#xpointer(/)", "cid:1", "file:///etc/passwd", "http://127.0.0.1/", ".", "?", " ")


def tampered(sample: Sample) -> Iterator[Case]:
    """Every forgery of this room, over a true and over a false package."""
    for resigned in (*_confused(sample), *_transformed(sample), *_referred(sample), *_doubled(sample)):
        name, signature, code = resigned
        for said, text in (("true", sample.unsigned), ("false", evil(sample.unsigned))):
            yield f"{name}, {said}", insert(text, signature), code
    yield from _interrupted(sample)
    yield from _misshapen(sample)
    yield from _of_another_key(sample)


def insert(text: str, signature: str) -> str:
    return text.replace("</edXML:edXMLHeader>", f"{signature}</edXML:edXMLHeader>", 1)


@cache
def digest(sample: Sample) -> bytes:
    root = etree.fromstring(sample.unsigned.encode())
    return hashlib.sha256(etree.tostring(root, method="c14n", exclusive=True)).digest()


def _confused(sample: Sample) -> Iterator[Case]:
    """Algorithm confusion."""
    for name, uri in _ALGORITHMS.items():
        info = signed_info(sample.issued, digest(sample), method="@").replace("@", uri)
        yield f"method {name}", seal(sample.issued, info), "signature.method"
    public = sample.issued.certificate.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    info = signed_info(sample.issued, digest(sample), method=MORE + "hmac-sha256")
    for secret in (public, sample.issued.der, b""):  # HMAC with what everybody knows
        made = seal(sample.issued, info)
        value = base64.b64encode(hmac.digest(secret or b"\0", info.encode(), "sha256")).decode()
        yield "HMAC by the public key", re.sub("(?<=SignatureValue>)[^<]+", value, made, count=1), "signature.method"
    for name in ("rsa-sha1", "hmac-sha1"):
        info = signed_info(sample.issued, digest(sample), method=DSIG + name)
        code = "signature.sha1" if name == "rsa-sha1" else "signature.method"
        yield name, seal(sample.issued, info), code
    other = "ecdsa-sha256" if method_of(sample.issued).endswith("rsa-sha256") else "rsa-sha256"
    info = signed_info(sample.issued, digest(sample), method=MORE + other)
    yield "the other family", seal(sample.issued, info), "signature.key-mismatch/signature.digest"
    for name, uri in (("md5", MORE + "md5"), ("sha224", MORE + "sha224"), ("none", ""), ("sha3", "urn:sha3")):
        info = signed_info(sample.issued, digest(sample), digest_method=uri)
        yield f"digest {name}", seal(sample.issued, info), "signature.digest-method"
    for length in (0, 1, 20, 31, 33, 64):
        info = signed_info(sample.issued, (digest(sample) * 2)[:length])
        code = "signature.digest-length" if length else "signature.base64"
        yield f"digest of {length} bytes", seal(sample.issued, info), code
    for uri in (EXCLUSIVE + "WithComments", INCLUSIVE + "#WithComments", "http://www.w3.org/2006/12/xml-c14n11",
                "http://www.w3.org/2010/xml-c14n2", ""):  # fmt: skip
        info = signed_info(sample.issued, digest(sample), canonicalization=uri)
        yield f"canonicalisation {uri}", seal(sample.issued, info), "signature.canonicalization"
        info = signed_info(sample.issued, digest(sample), transforms=(ENVELOPED, uri))
        yield f"transform {uri}", seal(sample.issued, info), "signature.canonicalization"
    info = signed_info(sample.issued, digest(sample), canonicalization=INCLUSIVE)
    yield "inclusive, not enabled", seal(sample.issued, info), "signature.inclusive-not-enabled"


def _transformed(sample: Sample) -> Iterator[Case]:
    for name, steps in _TRANSFORMS.items():
        info = signed_info(sample.issued, digest(sample), transforms=steps)
        code = "signature.missing-child/signature.transforms" if not steps else "signature.transforms"
        if steps[:1] == (ENVELOPED,) and len(steps) == 2:
            code = "signature.canonicalization"
        yield f"transforms {name}", seal(sample.issued, info), code
    plain = signed_info(sample.issued, digest(sample))
    listed = f'<x:InclusiveNamespaces xmlns:x="{EXCLUSIVE}" PrefixList="{{}}"></x:InclusiveNamespaces>'
    for prefixes in ("", "#default", "edXML", "edXML edXML", "ds w"):
        for end in ("</ds:Transform></ds:Transforms>", "</ds:CanonicalizationMethod>"):
            info = plain.replace(end, listed.format(prefixes) + end)
            yield f"prefixes {prefixes!r}", seal(sample.issued, info), "signature.inclusive-namespaces"
    for inside in ("<ds:XPath>not(self::edXML)</ds:XPath>", "<ds:HMACOutputLength>8</ds:HMACOutputLength>"):
        for end in ("</ds:Transform>", "</ds:SignatureMethod>", "</ds:DigestMethod>", "</ds:CanonicalizationMethod>"):
            info = plain.replace(end, inside + end, 1)
            yield f"parameters in {end}", seal(sample.issued, info), "signature.parameters"


def _referred(sample: Sample) -> Iterator[Case]:
    for uri in _REFERENCES:
        info = signed_info(sample.issued, digest(sample), uri=uri)
        yield f"reference {uri}", seal(sample.issued, info), "signature.reference"
    plain = signed_info(sample.issued, digest(sample))
    yield "no URI", seal(sample.issued, plain.replace(' URI=""', "")), "signature.reference"
    typed = plain.replace(' URI=""', ' URI="" Type="urn:x"')
    yield "a typed reference", seal(sample.issued, typed), "signature.unknown-attribute"
    reference = re.search("<ds:Reference .*</ds:Reference>", plain)
    assert reference
    for second in (reference.group(), reference.group().replace('URI=""', 'URI="#o1"'), "<ds:Manifest></ds:Manifest>"):
        for pair in (reference.group() + second, second + reference.group()):
            yield "two references", seal(sample.issued, plain.replace(reference.group(), pair)), "*"


def _doubled(sample: Sample) -> Iterator[Case]:
    """A second one of what there must be one of; two SignedInfo; one in an Object."""
    true = signed_info(sample.issued, digest(sample))
    false = signed_info(sample.issued, bytes(32))
    sound = seal(sample.issued, true)
    yield "two SignedInfo, the true one first", sound.replace(true, true + false), "signature.repeated-child"
    yield "two SignedInfo, the false one first", sound.replace(true, false + true), "signature.repeated-child"
    for inside in (false, true):
        boxed = sound.replace("</ds:Signature>", f"<ds:Object>{inside}</ds:Object></ds:Signature>")
        yield "SignedInfo in an Object", boxed, "signature.object"
        yield "only in an Object", boxed.replace(true, "", 1) if inside is false else boxed, "*"
        yield "SignedInfo in SignedInfo", sound.replace("</ds:SignedInfo>", inside + "</ds:SignedInfo>", 1), "*"
        yield "SignedInfo in KeyInfo", sound.replace("</ds:KeyInfo>", inside + "</ds:KeyInfo>"), "*"
    for name in ("CanonicalizationMethod", "SignatureMethod", "Transforms", "DigestMethod", "DigestValue"):
        found = re.search(f"<ds:{name}.*?</ds:{name}>", true)
        assert found
        twice = true.replace(found.group(), found.group() * 2)
        yield f"two {name}", seal(sample.issued, twice), "signature.repeated-child"
    for name in ("SignatureValue", "KeyInfo", "X509Data"):
        found = re.search(f"<ds:{name}.*?</ds:{name}>", sound)
        assert found
        yield f"two {name}", sound.replace(found.group(), found.group() * 2), "signature.repeated-child"
        yield f"no {name}", sound.replace(found.group(), ""), "*"
    yield "two signatures", sound * 2, "signature.second"
    nested = sound.replace("</ds:Signature>", sound + "</ds:Signature>")
    yield "a signature in the signature", nested, "signature.misplaced"


def _interrupted(sample: Sample) -> Iterator[Case]:
    """Comments and instructions where a reader that takes the first text only would stop."""
    for what, mark in _BREAKS.items():
        for name in _TEXTS:
            for at in ("start", "middle", "end"):
                found = re.search(f"(?<=<ds:{name}>)[^<]+", sample.text)
                assert found
                value = found.group()
                cut = {"start": 0, "middle": len(value) // 2, "end": len(value)}[at]
                text = sample.text.replace(value, value[:cut] + mark + value[cut:], 1)
                yield f"{what} at the {at} of {name}", text, f"signature.{what}"
        for value in ("000.00.00.G22", "000.00.00.H41", "000.00.00.G22,2019/03/12,74/VP", "03"):
            for false in (f"{value}{mark}.evil", f"{mark}{value}", f"{value[0]}{mark}{value[1:]}"):
                if f">{value}<" in sample.text:
                    text = sample.text.replace(f">{value}<", f">{false}<", 1)
                    yield f"{what} in {false}", text, f"signature.{what}-in-value"
    for what, mark in _BREAKS.items():
        if "JVBERi0=" in sample.text:
            for false in (f"JVBE{mark}Ri0=", f"JVBERi0={mark}", f"JVBERi0={mark}AAAA"):
                yield f"{what} in content", sample.text.replace("JVBERi0=", false), f"signature.{what}-in-value"
    if "JVBERi0=" in sample.text:
        for false in ("<![CDATA[JVBERi0=]]>", "JVBE<![CDATA[]]>Ri0=", "&#74;VBERi0=", "JVBERi0&#x3D;", "JVBERi0&#61;"):
            yield f"content as {false}", sample.text.replace("JVBERi0=", false), "signature.content"


def _misshapen(sample: Sample) -> Iterator[Case]:
    for name in _TEXTS:
        found = re.search(f"(?<=<ds:{name}>)[^<]+", sample.text)
        assert found
        value = found.group()
        for false, code in (
            ("*" + value, "signature.base64"), (value + "=", "signature.base64"), (value + "AAAA", "*"),
            ("", "signature.base64"), (value[:-4], "*"), (f"<x>{value}</x>", "signature.unknown-child"),
            (value.replace("A", "\u0410"), "signature.base64"), (value.replace("+", "-"), "*"),
            (f"{value}\u00a0", "signature.base64"),
        ):  # fmt: skip
            if false != value:
                yield f"{name} as {false[:12]!r}", sample.text.replace(value, false, 1), code
    inside, outside = sample.signature, sample.unsigned
    stray = inside.replace("<ds:KeyInfo>", "x<ds:KeyInfo>")
    yield "text in the signature", insert(outside, stray), "signature.stray-text"
    foreign = inside.replace("<ds:KeyInfo>", "<ds:KeyInfo x='1'>")
    yield "a foreign attribute", insert(outside, foreign), "signature.unknown-attribute"
    for place in ("<edXML:MessageHeader>", "<edXML:edXMLHeader>", "</edXML:edXMLEnvelope>", "</edXML>"):
        for moved in (evil(outside), outside):
            before = place == "<edXML:edXMLHeader>"
            text = moved.replace(place, inside + place if before or place.startswith("</") else place + inside, 1)
            yield f"the signature at {place}", text, "signature.misplaced"


def _of_another_key(sample: Sample) -> Iterator[Case]:
    """Key substitution: everything is sound, but for who did it."""
    false = evil(sample.unsigned).encode()
    stranger = STRANGER.issue("Văn phòng thử nghiệm", key=_fresh(sample))
    mine = {
        "a stranger's authority of the same name": (stranger, stranger.chain),
        "self-signed under the same subject": (own := _self_signed(sample), own.chain),
        "another unit's certificate": (other := _other_unit(sample), other.chain),
    }
    for name, (issued, chain) in mine.items():
        yield name, sign(false, issued.key, chain).decode(), "verdict.policy-required"
    mixed = [stranger.chain[0], sample.issued.chain[0]]
    for order in (mixed, mixed[::-1]):
        text = sign(false, stranger.key, order).decode()
        yield "the honest certificate beside a stranger's", text, "signature.leaf-ambiguous"
    text = sign(false, stranger.key, sample.issued.chain).decode()
    yield "a stranger's value under the honest certificate", text, "signature.value"
    posing = Authority(_fresh(sample), sample.issued.certificate, sample.issued.chain)
    below = posing.issue("dưới con dấu", key=_fresh(sample))
    yield "a seal that issues seals", sign(false, below.key, below.chain).decode(), "verdict.policy-required"
    info = signed_info(stranger, _digest_of(false), method=method_of(stranger))
    for key_info, code in (
        (_key_value(stranger), "signature.no-certificate"),
        (_key_value(stranger) + _data(sample.issued), "*"), (_data(sample.issued) + _key_value(stranger), "*"),
        ("<ds:KeyName>honest</ds:KeyName>" + _data(sample.issued), "*"),
        ('<ds:RetrievalMethod URI="http://127.0.0.1/key"></ds:RetrievalMethod>', "signature.no-certificate"),
        ("<ds:X509Data><ds:X509SubjectName>CN=x</ds:X509SubjectName></ds:X509Data>", "signature.no-certificate"),
        ("<ds:X509Data>" + certificate(b"\x30\x03\x02\x01\x01") + "</ds:X509Data>", "signature.certificate-unreadable"),
        ("<ds:X509Data>" + certificate(b"AAA") * 9 + "</ds:X509Data>", "signature.too-many-certificates"),
    ):  # fmt: skip
        yield f"key info {key_info[:24]}", insert(false.decode(), seal(stranger, info, key_info=key_info)), code
    for kind, code in (("rsa1024", "signature.weak-key"), ("ec521", "signature.curve")):
        weak = STRANGER.issue("yếu", key_type=kind)
        info = signed_info(weak, _digest_of(false))
        yield kind, insert(false.decode(), seal(weak, info)), code


def _fresh(sample: Sample) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    return _key("rsa2048" if isinstance(sample.issued.key, rsa.RSAPrivateKey) else "ec256")


@cache
def _key(kind: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    return new_key(kind, fresh=True)


def _digest_of(data: bytes) -> bytes:
    return hashlib.sha256(etree.tostring(etree.fromstring(data), method="c14n", exclusive=True)).digest()


def _self_signed(sample: Sample) -> Issued:
    key, honest = _fresh(sample), sample.issued.certificate
    builder = x509.CertificateBuilder(
        honest.subject, honest.subject, key.public_key(), honest.serial_number,
        honest.not_valid_before_utc, honest.not_valid_after_utc,
    )  # fmt: skip
    for extension, critical in leaf_extensions(key.public_key(), honest):
        builder = builder.add_extension(extension, critical)
    made = builder.sign(key, hashes.SHA256())
    return Issued(key, made, (made,))


def _other_unit(sample: Sample) -> Issued:
    return SUB.issue("Đơn vị khác", key=_fresh(sample))


def _data(issued: Issued) -> str:
    return "<ds:X509Data>" + "".join(map(certificate, (issued.der, *issued.intermediates))) + "</ds:X509Data>"


def _key_value(issued: Issued) -> str:
    key = issued.key.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        parts = (numbers.n.to_bytes(256, "big"), numbers.e.to_bytes(3, "big"))
        modulus, exponent = (base64.b64encode(part).decode() for part in parts)
        return (
            f"<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{modulus}</ds:Modulus><ds:Exponent>{exponent}</ds:Exponent>"
            "</ds:RSAKeyValue></ds:KeyValue>"
        )
    point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return (
        '<ds:KeyValue><d:ECKeyValue xmlns:d="http://www.w3.org/2009/xmldsig11#"><d:NamedCurve '
        f'URI="urn:oid:1.2.840.10045.3.1.7"/><d:PublicKey>{base64.b64encode(point).decode()}</d:PublicKey>'
        "</d:ECKeyValue></ds:KeyValue>"
    )
