"""Signature wrapping (XSW1 to XSW8) told in edXML, permuted over every way it was ever done.

    E   a package that says something else        O   the element that was signed, somewhere in it
    S   the signature, valid over O: made with the honest key, as a sender would who signs by reference

XSW1 O in S · XSW2 O before S · XSW3 E before O · XSW4 O in E's element · XSW5 O at the end of the root ·
XSW6 S in O in S of E · XSW7 E in an unknown element before O · XSW8 O in Object.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from axis.demo.authority import Issued
from axis.edxml.canonical import EXCLUSIVE
from axis.edxml.dialects import NATIVE
from axis.edxml.seal import DSIG, ENVELOPED, MORE, XENC
from tests.attacks.samples import Sample

PLACES = (
    "signature", "object", "key-info", "in-itself", "before", "after", "unknown", "nested", "parent",
    "root-end", "root-front", "twin-before", "twin-after", "twin-unknown",
)  # fmt: skip
REFERENCES = ("", "#{id}", "#xpointer(/)", "#xpointer(id('{id}'))", "cid:{id}")
IDS = ("Id", "ID", "id", "xml:id", "wsu:Id")
TRICKS = ("none", "redeclared", "default", "other-uri", "relative", "undeclared")
COPIES = (1, 2)
TARGETS = {
    "root": "edXML", "envelope": "edXML:edXMLEnvelope", "header": "edXML:edXMLHeader",
    "message": "edXML:MessageHeader", "sender": "edXML:From", "body": "edXML:edXMLBody",
    "manifest": "edXML:edXMLManifest", "attachments": "AttachmentEncoded", "attachment": "Attachment",
    "content": "edXML:ContentTransferEncoded",
}  # fmt: skip
_EVIL = (
    (",74/VP", ",99/VP"), ("000.00.00.H41", "000.00.00.X41"), ("V/v họp", "V/v chuyển tiền"),
    ("Về việc thử nghiệm", "Về việc chuyển tiền"),
    (">JVBERi0=<", ">RVZJTA==<"), ("Code>03<", "Code>02<"),
)  # fmt: skip
_WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"


def evil(text: str) -> str:
    """The same package, saying something else."""
    for honest, false in _EVIL:
        text = text.replace(honest, false)
    return text


Choice = tuple[str, str, str, str, str, int]


def permutations(sample: Sample) -> list[Choice]:
    """Everything ``wrap`` can be asked for this sample."""
    targets = [t for t in TARGETS if _element(sample.unsigned, t)]
    return list(itertools.product(targets, PLACES, REFERENCES, IDS, TRICKS, COPIES))


def wrap(sample: Sample, target: str, place: str, reference: str, id_name: str, trick: str, copies: int) -> str:
    original = _marked(sample, target, id_name)
    seal = signed(sample, target, id_name, reference, "" if trick == "default" else "ds")
    hidden = _tricked(original, trick) * copies
    if place.startswith("twin"):
        return _twin(sample, target, place, trick, original, seal, copies)
    if place in ("signature", "object", "key-info", "in-itself"):
        return _with(evil(sample.unsigned), _stuffed(seal, place, hidden))
    text = evil(sample.unsigned)
    if place in ("nested", "parent"):
        name, found = TARGETS[target], _element(text, target)
        assert found
        if place == "nested":  # O is a child of the element that poses for it
            inside = found.replace(f"</{name}>", f"{hidden}</{name}>")
        else:  # the element that poses for O is a child of O
            inside = original.replace(f"</{name}>", f"{found}</{name}>") * copies
        return _with(text.replace(found, inside, 1), seal)
    at = {
        "before": ("</edXML:edXMLHeader>", hidden + seal), "after": ("</edXML:edXMLHeader>", seal + hidden),
        "unknown": ("<edXML:MessageHeader>", f"<Extensions>{hidden}</Extensions>"),
        "root-end": ("</edXML>", hidden), "root-front": ("<edXML:edXMLEnvelope", hidden),
    }  # fmt: skip
    mark, what = at[place]
    text = text.replace(mark, what + mark, 1)
    return text if place in ("before", "after") else _with(text, seal)


def _twin(sample: Sample, target: str, place: str, trick: str, original: str, seal: str, copies: int) -> str:
    """The signed package as it is, with the false element beside the true one."""
    found = _element(sample.unsigned, target)
    assert found
    false = _tricked(evil(found), trick) * copies
    if place == "twin-unknown":
        pair = f"<Extensions>{false}</Extensions>{original}"
    else:
        pair = false + original if place == "twin-before" else original + false
    if target == "root":
        pair = f"<wrap>{pair}</wrap>"
    return _with(sample.unsigned.replace(found, pair, 1), seal)


def _stuffed(seal: str, place: str, hidden: str) -> str:
    prefix = "ds:" if "</ds:Signature>" in seal else ""
    end = f"</{prefix}Signature>"
    if place == "object":
        hidden = f"<{prefix}Object>{hidden}</{prefix}Object>"
    elif place == "in-itself":
        hidden = hidden.replace("</", seal + "</", 1)
    elif place == "key-info":
        end = f"</{prefix}KeyInfo>"
    return seal.replace(end, hidden + end)


def _with(text: str, seal: str) -> str:
    return text.replace("</edXML:edXMLHeader>", f"{seal}</edXML:edXMLHeader>", 1)


def _tricked(element: str, trick: str) -> str:
    if trick == "redeclared":
        return f'<w xmlns:edXML="urn:evil">{element}</w>'
    if trick == "other-uri":
        element = element.replace(f'xmlns:edXML="{NATIVE}"', f'xmlns:edXML="urn:evil" xmlns:e="{NATIVE}"')
        return f'<w xmlns:ds="urn:evil">{element}</w>'
    if trick == "relative":
        return f'<w xmlns:r="relative">{element}</w>'
    return f"<q:w>{element}</q:w>" if trick == "undeclared" else element


def _element(text: str, target: str) -> str:
    """The first element of that name, whole; empty when there is none."""
    name = re.escape(TARGETS[target])
    found = re.search(rf"<{name}[ >].*?</{name}>", text, re.DOTALL)
    return found.group() if found else ""


@cache
def _marked(sample: Sample, target: str, id_name: str) -> str:
    """O with its id, and every declaration it needs to stand anywhere."""
    name = TARGETS[target]
    element = _element(sample.unsigned, target)
    extra = f' {id_name}="o1"'
    if id_name == "wsu:Id":
        extra += f' xmlns:wsu="{_WSU}"'
    start = element[: element.index(">")]
    if "xmlns:edXML=" not in start:
        extra += f' xmlns:edXML="{NATIVE}"'
    if "xmlns=" not in start:
        extra += f' xmlns="{NATIVE}"'
    return element.replace(f"<{name}", f"<{name}{extra}", 1)


@cache
def signed(sample: Sample, target: str, id_name: str, reference: str, prefix: str = "ds") -> str:
    """S: for ``""`` the package's own signature when the prefix is ``ds``; else made over O."""
    if not reference and prefix == "ds":
        return sample.signature
    of = _marked(sample, target, id_name) if reference else sample.unsigned
    root = etree.fromstring(of.encode())
    digest = hashlib.sha256(etree.tostring(root, method="c14n", exclusive=True)).digest()
    info = signed_info(sample.issued, digest, uri=reference.format(id="o1"))
    return seal(sample.issued, info, prefix)


# -- making signatures of any shape with an honest key ------------------------------------------


def method_of(issued: Issued) -> str:
    return MORE + ("rsa-sha256" if isinstance(issued.key, rsa.RSAPrivateKey) else "ecdsa-sha256")


def signed_info(
    issued: Issued, digest: bytes, *, uri: str = "", transforms: tuple[str, ...] = (ENVELOPED, EXCLUSIVE),
    canonicalization: str = EXCLUSIVE, method: str = "", digest_method: str = XENC + "sha256",
) -> str:  # fmt: skip
    steps = "".join(f'<ds:Transform Algorithm="{t}"></ds:Transform>' for t in transforms)
    return (
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{canonicalization}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{method or method_of(issued)}"></ds:SignatureMethod>'
        f'<ds:Reference URI="{uri}"><ds:Transforms>{steps}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest_method}"></ds:DigestMethod>'
        f"<ds:DigestValue>{base64.b64encode(digest).decode()}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )


def seal(issued: Issued, info: str, prefix: str = "ds", *, key_info: str = "") -> str:
    """A Signature whose value is sound for this SignedInfo, whatever stands in it."""
    declared = f'xmlns:{prefix}="{DSIG}"' if prefix else f'xmlns="{DSIG}"'
    colon = f"{prefix}:" if prefix else ""
    info = info.replace("ds:", colon) if colon != "ds:" else info
    tree = etree.fromstring(f"<{colon}Signature {declared}>{info}</{colon}Signature>")
    value = value_of(issued, etree.tostring(tree[0], method="c14n", exclusive=True))
    if not key_info:
        key_info = "<ds:X509Data>" + "".join(map(certificate, (issued.der, *issued.intermediates))) + "</ds:X509Data>"
    return (
        f"<{colon}Signature {declared}>{info}<{colon}SignatureValue>{base64.b64encode(value).decode()}"
        f"</{colon}SignatureValue><{colon}KeyInfo>{key_info.replace('ds:', colon)}</{colon}KeyInfo></{colon}Signature>"
    )


def certificate(der: bytes) -> str:
    return f"<ds:X509Certificate>{base64.b64encode(der).decode()}</ds:X509Certificate>"


def value_of(issued: Issued, data: bytes) -> bytes:
    key = issued.key
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    size = (key.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")
