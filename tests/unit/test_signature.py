"""Seals that are whole, and every way one may not be."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable

import pytest
import signxml
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from axis.demo.authority import Authority, Issued, new_key
from axis.domain.errors import AxisError, PackageError, SetupError, SignatureError
from axis.edxml.reader import read
from axis.edxml.seal import DSIG, MORE
from axis.trust.signature import SealCheck, check, sign
from tests.unit.packages import DOCUMENT, SAMPLES, STATUS, changed

EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
INC = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_DER = Encoding.DER
KEYS = ("rsa2048", "ec256", "ec384")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create("Cơ quan chứng thực thử nghiệm")


@pytest.fixture(scope="module")
def seals(authority: Authority) -> dict[str, Issued]:
    return {kind: authority.issue("Văn phòng thử nghiệm", key_type=kind) for kind in KEYS}


@pytest.fixture(scope="module")
def signed(seals: dict[str, Issued]) -> str:
    return sign(DOCUMENT.encode(), seals["rsa2048"].key, seals["rsa2048"].chain).decode()


def verify(data: bytes | str, *, inclusive: bool = False, allow_sha1: bool = False) -> SealCheck:
    seal = read(data.encode() if isinstance(data, str) else data, inclusive=inclusive).seal
    assert seal is not None
    return check(seal, allow_sha1=allow_sha1)


def by_signxml(package: bytes, seal: Issued, c14n: str = EXC, hash_name: str = "sha256", **options: object) -> bytes:
    """The package signed by another implementation."""
    root = etree.fromstring(package)
    header = root[0][0]
    etree.SubElement(header, f"{{{DSIG}}}Signature", {"Id": "placeholder"}, nsmap={"ds": DSIG})
    family = "rsa" if isinstance(seal.key, rsa.RSAPrivateKey) else "ecdsa"
    signer = signxml.XMLSigner(
        signature_algorithm=f"{family}-{hash_name}", digest_algorithm=hash_name, c14n_algorithm=c14n
    )
    done = signer.sign(root, key=seal.key, cert=list(seal.chain), **options)
    return etree.tostring(done, xml_declaration=True, encoding="UTF-8")


# -- whole seals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KEYS)
def test_what_we_sign_we_verify_and_signxml_verifies(seals: dict[str, Issued], kind: str) -> None:
    seal = seals[kind]
    for package in [DOCUMENT.encode(), STATUS.encode(), *(p.read_bytes() for p in SAMPLES.glob("*.edxml"))]:
        done = sign(package, seal.key, seal.chain)
        found = verify(done)
        assert found.certificate == seal.chain[0].public_bytes(_DER)
        assert (found.canonicalization, found.sha1) == (EXC, False)
        kept = re.sub(rb"<ds:Signature .*</ds:Signature>", b"", done, flags=re.DOTALL)
        assert kept == package  # every other byte is as it was
        signxml.XMLVerifier().verify(done, x509_cert=seal.chain[0])


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("hash_name", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("c14n", [EXC, INC])
def test_what_signxml_signs_we_verify(seals: dict[str, Issued], kind: str, hash_name: str, c14n: str) -> None:
    if kind != "rsa2048" and hash_name == "sha512":
        done = by_signxml(DOCUMENT.encode(), seals[kind], c14n, hash_name)
        assert _code(done, inclusive=True) == "signature.method"
        return
    for package in [DOCUMENT.encode(), *(p.read_bytes() for p in SAMPLES.glob("*.edxml"))]:
        done = by_signxml(package, seals[kind], c14n, hash_name)
        assert verify(done, inclusive=c14n == INC).canonicalization == c14n


def test_the_key_value_beside_the_certificate_is_compared(seals: dict[str, Issued], authority: Authority) -> None:
    done = by_signxml(DOCUMENT.encode(), seals["rsa2048"], always_add_key_value=True).decode()
    verify(done)
    modulus = re.search("<ds:Modulus>(.*?)</ds:Modulus>", done, re.DOTALL)
    assert modulus
    other = new_key("rsa2048", fresh=True).public_key().public_numbers()
    text = base64.b64encode(other.n.to_bytes(256, "big")).decode()
    assert _code(done.replace(modulus.group(1), text)) == "signature.key-value"


def test_a_chain_in_any_order_has_one_leaf(authority: Authority) -> None:
    sub = authority.sub("Cấp hai")
    seal = sub.issue("Đơn vị")
    done = sign(DOCUMENT.encode(), seal.key, seal.chain).decode()
    first, second = re.findall("<ds:X509Certificate>.*?</ds:X509Certificate>", done)
    found = verify(done.replace(first + second, second + first))
    assert found.certificate == seal.chain[0].public_bytes(_DER) and len(found.intermediates) == 1


def test_a_signed_package_may_be_cut_anywhere(signed: str) -> None:
    data = signed.encode()
    whole = read(data)
    for size in (1, 17, 3000):
        assert read(data[i : i + size] for i in range(0, len(data), size)) == whole


# -- altered ones --------------------------------------------------------------------------------


def _code(text: str | bytes, **options: bool) -> str:
    with pytest.raises(AxisError) as caught:
        verify(text, **options)
    assert isinstance(caught.value, PackageError | SignatureError)
    assert caught.value.text("vi") and caught.value.text("en")
    return caught.value.code


def test_any_change_of_a_byte_outside_the_signature_breaks_the_digest(signed: str) -> None:
    start, end = signed.index("<ds:Signature "), signed.index("</ds:Signature>")
    for place in [*range(60, start, 37), *range(end + 20, len(signed), 37)]:
        one = signed[place]
        if one.isalnum():
            with pytest.raises((PackageError, SignatureError)):
                verify(signed[:place] + ("x" if one != "x" else "y") + signed[place + 1 :])
    assert _code(changed(signed, ("V/v họp", "V/v  họp"))) == "signature.digest"
    assert _code(changed(signed, ("JVBERi0=", "JVBERi0A"))) == "signature.digest"


D, S = "http://www.w3.org/2000/09/xmldsig#", "ds:Signature"
ALTERED: dict[str, tuple[tuple[str, str], str]] = {
    "a comment in a value": (("V/v họp", "V/v <!---->họp"), "signature.comment-in-value"),
    "an instruction in a value": (("V/v họp", "V/v <?x?>họp"), "signature.instruction-in-value"),
    "a comment in content": (("JVBE", "JVB<!---->E"), "signature.comment-in-value"),
    "a reference in content": (("JVBE", "JVB&#69;"), "signature.content"),
    "CDATA in content": (("JVBE", "<![CDATA[JVBE]]>"), "signature.content"),
    "foreign characters in content": (("JVBE", "JV-BE"), "signature.content"),
    "a repeated value": (("<edXML:Subject>", "<edXML:Subject/><edXML:Subject>"), "signature.repeated"),
    "a repeated body": (("<edXML:edXMLBody>", "<edXML:edXMLBody/><edXML:edXMLBody>"), "signature.repeated"),
    "a wrapped header": (("<edXML:edXMLBody>", "<edXML:edXMLBody><x><MessageHeader/></x>"), "signature.wrapped"),
    "a wrapped sender before": (("<edXML:Subject>", "<x><edXML:From/></x><edXML:Subject>"), "signature.wrapped"),
    "a body before the header": (("<edXML:edXMLHeader>", "<edXML:edXMLBody/><edXML:edXMLHeader>"), "signature.order"),
    "attachments before the envelope": (
        ("<edXML:edXMLEnvelope", "<AttachmentEncoded/><edXML:edXMLEnvelope"), "signature.order"
    ),
    "stray text at the front": (("<?xml", "1212<?xml"), "signature.repaired"),
    "white space at the front": (("<?xml", " <?xml"), "signature.repaired"),
    "XML 1.1": (('version="1.0"', 'version="1.1"'), "signature.repaired"),
    "an undeclared prefix before": (("<edXML:Subject>", "<q:x/><edXML:Subject>"), "signature.repaired"),
    "an undeclared prefix behind": (("<AttachmentEncoded>", "<q:x/><AttachmentEncoded>"), "signature.repaired"),
    "another namespace": (("<edXML:Subject>", "<edXML:Content xmlns:edXML='urn:x'/><edXML:Subject>"),
                          "signature.repaired"),
    "a relative namespace": (("<edXML:Subject>", "<x xmlns='1'/><edXML:Subject>"), "signature.namespace"),
    "a relative namespace behind": (("<AttachmentEncoded>", "<x xmlns='1'/><AttachmentEncoded>"),
                                    "signature.namespace"),
    "the xml prefix redeclared": (("<edXML:Subject>", "<x xmlns:xml='urn:x'/><edXML:Subject>"),
                                  "signature.namespace"),
    "a repeated id": (("<edXML:Subject>", "<x Id='1'/><x xml:id='1'/><edXML:Subject>"), "signature.repeated-id"),
    "a stylesheet": (("<edXML xmlns", "<?xml-stylesheet href='x'?><edXML xmlns"), "signature.stylesheet"),
    "a DOCTYPE": (("<edXML xmlns", "<!DOCTYPE edXML><edXML xmlns"), "package.doctype"),
    "part of a signature elsewhere": (("<edXML:Subject>", f"<SignedInfo xmlns='{D}'/><edXML:Subject>"),
                                      "signature.stray-part"),
    "a second signature": (("</edXML:edXMLHeader>", f"<Signature xmlns='{D}'/></edXML:edXMLHeader>"),
                           "signature.second"),
    "a signature in the body": (("<edXML:edXMLBody>", f"<edXML:edXMLBody><Signature xmlns='{D}'/>"),
                                "signature.misplaced"),
    "a signature in the message": (("<edXML:Subject>", f"<Signature xmlns='{D}'/><edXML:Subject>"),
                                   "signature.misplaced"),
    "a signature in the signature": (("<ds:SignedInfo>", "<ds:Signature/><ds:SignedInfo>"), "signature.misplaced"),
    "a wrapped header in the signature": (("</ds:KeyInfo>", "<edXML:MessageHeader/></ds:KeyInfo>"),
                                          "signature.wrapped"),
    "a comment in the digest": (("<ds:DigestValue>", "<ds:DigestValue><!---->"), "signature.comment"),
    "an instruction in the signature": (("<ds:DigestValue>", "<ds:DigestValue><?x?>"), "signature.instruction"),
    "an Object": (("</ds:KeyInfo>", "</ds:KeyInfo><ds:Object/>"), "signature.object"),
    "two SignedInfo": (("<ds:SignedInfo>", "<ds:SignedInfo/><ds:SignedInfo>"), "signature.repeated-child"),
    "two SignatureValues": (("<ds:SignatureValue>", "<ds:SignatureValue/><ds:SignatureValue>"),
                            "signature.repeated-child"),
    "two KeyInfo": (("<ds:KeyInfo>", "<ds:KeyInfo/><ds:KeyInfo>"), "signature.repeated-child"),
    "two References": (("<ds:Reference ", "<ds:Reference URI=''/><ds:Reference "), "signature.repeated-child"),
    "no SignatureValue": (("<ds:KeyInfo>", "<ds:KeyName/><ds:KeyInfo>"), "signature.unknown-child"),
    "a foreign child": (("<ds:SignatureValue>", "<x/><ds:SignatureValue>"), "signature.unknown-child"),
    "a child in a value": (("<ds:DigestValue>", "<ds:DigestValue><ds:x/>"), "signature.unknown-child"),
    "a foreign attribute": (("<ds:SignedInfo>", "<ds:SignedInfo x='1'>"), "signature.unknown-attribute"),
    "a Type": (('URI=""', 'URI="" Type="x"'), "signature.unknown-attribute"),
    "text between": (("<ds:SignatureValue>", "x<ds:SignatureValue>"), "signature.stray-text"),
    "a URI of an element": (('URI=""', 'URI="#a"'), "signature.reference"),
    "an xpointer": (('URI=""', 'URI="#xpointer(/)"'), "signature.reference"),
    "a URI of an attachment": (('URI=""', 'URI="cid:1"'), "signature.reference"),
    "no URI": ((' URI=""', ""), "signature.reference"),
    "an XPath transform": ((f"{D}enveloped-signature", "http://www.w3.org/TR/1999/REC-xpath-19991116"),
                           "signature.transforms"),
    "a third transform": (("</ds:Transforms>", f"<ds:Transform Algorithm='{EXC}'/></ds:Transforms>"),
                          "signature.transforms"),
    "no transform": ((f'<ds:Transform Algorithm="{EXC}"></ds:Transform></ds:Transforms>', "</ds:Transforms>"),
                     "signature.transforms"),
    "InclusiveNamespaces": ((f'Algorithm="{EXC}"></ds:Transform>',
                             f'Algorithm="{EXC}"><InclusiveNamespaces xmlns="{EXC}"/></ds:Transform>'),
                            "signature.inclusive-namespaces"),
    "a truncated HMAC": (("></ds:SignatureMethod>", "><ds:HMACOutputLength/></ds:SignatureMethod>"),
                         "signature.parameters"),
    "inclusive C14N": ((f'CanonicalizationMethod Algorithm="{EXC}"', f'CanonicalizationMethod Algorithm="{INC}"'),
                       "signature.inclusive-not-enabled"),
    "C14N with comments": ((f'CanonicalizationMethod Algorithm="{EXC}"',
                            f'CanonicalizationMethod Algorithm="{EXC}WithComments"'), "signature.canonicalization"),
    "HMAC": ((f"{MORE}rsa-sha256", f"{MORE}hmac-sha256"), "signature.method"),
    "no algorithm": ((f"{MORE}rsa-sha256", ""), "signature.method"),
    "MD5": (("http://www.w3.org/2001/04/xmlenc#sha256", f"{MORE}md5"), "signature.digest-method"),
    "a short digest": (("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmlenc#sha512"),
                       "signature.digest-length"),
    "an RSA key under an EC algorithm": ((f"{MORE}rsa-sha256", f"{MORE}ecdsa-sha256"), "signature.key-mismatch"),
    "another algorithm of the key": ((f"{MORE}rsa-sha256", f"{MORE}rsa-sha512"), "signature.value"),
    "SHA-1": ((f"{MORE}rsa-sha256", f"{D}rsa-sha1"), "signature.sha1"),
    "a spoilt base64": (("<ds:SignatureValue>", "<ds:SignatureValue>*"), "signature.base64"),
    "two X509Data": (("<ds:X509Data>", "<ds:X509Data><ds:X509SKI>AA==</ds:X509SKI></ds:X509Data><ds:X509Data>"),
                       "signature.repeated-child"),
}  # fmt: skip


@pytest.mark.parametrize("name", ALTERED)
def test_refused_is(signed: str, name: str) -> None:
    change, code = ALTERED[name]
    text = changed(signed, change)
    assert _code(text) == code


def _certificates(signed: str, value: str) -> str:
    return re.sub("<ds:X509Certificate>.*</ds:X509Certificate>", value, signed)


def test_certificates_that_say_nothing_are_refused(signed: str, authority: Authority) -> None:
    one = "<ds:X509Certificate>{}</ds:X509Certificate>"
    assert _code(_certificates(signed, "")) == "signature.no-certificate"
    assert _code(_certificates(signed, one.format("QUJD"))) == "signature.certificate-unreadable"
    many = "".join(one.format(base64.b64encode(bytes([i] * 5)).decode()) for i in range(9))
    assert _code(_certificates(signed, many)) == "signature.too-many-certificates"
    two = [base64.b64encode(authority.issue(n).chain[0].public_bytes(_DER)).decode() for n in "ab"]
    assert _code(_certificates(signed, "".join(map(one.format, two)))) == "signature.leaf-ambiguous"
    assert (
        _code(re.sub("<ds:KeyInfo>.*</ds:KeyInfo>", "<ds:KeyInfo></ds:KeyInfo>", signed)) == "signature.no-certificate"
    )
    assert _code(re.sub("<ds:KeyInfo>.*</ds:KeyInfo>", "", signed)) == "signature.missing-child"


def test_the_key_of_another_certificate_does_not_fit(signed: str, authority: Authority) -> None:
    for kind, code in (("rsa2048", "signature.value"), ("ec256", "signature.key-mismatch")):
        der = authority.issue("Khác", key=new_key(kind, fresh=True)).chain[0].public_bytes(_DER)
        text = base64.b64encode(der).decode()
        assert _code(_certificates(signed, f"<ds:X509Certificate>{text}</ds:X509Certificate>")) == code


def _forged(kind: str, authority: Authority, value: Callable[[object, bytes], bytes], method: str) -> str:
    """A package whose SignedInfo is signed by a key outside the profile, honestly otherwise."""
    key = new_key(kind)
    chain = authority.issue("Ngoài quy cách", key=key).chain
    good = authority.issue("Trong quy cách")
    text = sign(DOCUMENT.encode(), good.key, chain).decode().replace(f"{MORE}ecdsa-sha256", method)
    seal = read(text.encode()).seal
    assert seal is not None
    signature = base64.b64encode(value(key, seal.signed_info)).decode()
    return re.sub(
        "<ds:SignatureValue>.*</ds:SignatureValue>", f"<ds:SignatureValue>{signature}</ds:SignatureValue>", text
    )


def test_weak_and_strange_keys_are_refused(authority: Authority) -> None:
    def by_rsa(key: object, data: bytes) -> bytes:
        assert isinstance(key, rsa.RSAPrivateKey)
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def by_ec(key: object, data: bytes) -> bytes:
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key.sign(data, ec.ECDSA(hashes.SHA256()))

    assert _code(_forged("rsa1024", authority, by_rsa, f"{MORE}rsa-sha256")) == "signature.weak-key"
    assert _code(_forged("ec521", authority, by_ec, f"{MORE}ecdsa-sha256")) == "signature.curve"
    assert _code(_forged("ec256", authority, by_ec, f"{MORE}ecdsa-sha256")) == "signature.value"  # DER, not r and s


def test_sha1_is_verified_only_where_it_is_allowed(seals: dict[str, Issued]) -> None:
    seal = seals["rsa2048"]
    text = sign(DOCUMENT.encode(), seal.key, seal.chain).decode()
    tree = etree.fromstring(DOCUMENT.encode())
    digest = hashlib.sha1(etree.tostring(tree, method="c14n", exclusive=True)).digest()
    text = text.replace(f"{MORE}rsa-sha256", f"{D}rsa-sha1").replace(
        "http://www.w3.org/2001/04/xmlenc#sha256", f"{D}sha1"
    )
    text = re.sub("(?<=<ds:DigestValue>).*(?=</ds:DigestValue>)", base64.b64encode(digest).decode(), text)
    info = read(text.encode()).seal
    assert info is not None and isinstance(seal.key, rsa.RSAPrivateKey)
    value = seal.key.sign(info.signed_info, padding.PKCS1v15(), hashes.SHA1())
    text = re.sub("(?<=SignatureValue>).*(?=</ds:SignatureValue>)", base64.b64encode(value).decode(), text)
    assert verify(text, allow_sha1=True).sha1
    assert _code(text) == "signature.sha1"


def test_inclusive_c14n_below_xml_attributes_is_refused(seals: dict[str, Issued]) -> None:
    done = by_signxml(changed(DOCUMENT, ("<edXML xmlns", "<edXML xml:lang='vi' xmlns")).encode(), seals["ec256"], INC)
    assert _code(done, inclusive=True) == "signature.xml-attributes"


def test_utf_16_cannot_be_signed(signed: str) -> None:
    assert _code(changed(signed, ("UTF-8", "UTF-16")).encode("utf-16")) == "signature.repaired"


# -- signing -------------------------------------------------------------------------------------


def test_sign_refuses_what_it_could_not_verify(signed: str, seals: dict[str, Issued]) -> None:
    seal = seals["ec256"]
    for text, code in (
        (signed, "signature.second"),
        ("1212" + DOCUMENT, "signature.repaired"),
        (changed(DOCUMENT, ("V/v", "V<!-- -->")), "signature.comment-in-value"),
    ):
        with pytest.raises(SignatureError) as caught:
            sign(text.encode(), seal.key, seal.chain)
        assert caught.value.code == code
    for kind in ("rsa1024", "ec521"):
        with pytest.raises(SetupError):
            sign(DOCUMENT.encode(), new_key(kind), seal.chain)


def test_a_dummy_signature_of_the_library_may_stay_beside_the_real_one(seals: dict[str, Issued]) -> None:
    data = (SAMPLES / "edoc_update.edxml").read_bytes()
    done = sign(data, seals["ec256"].key, seals["ec256"].chain)
    assert [one.rule for one in read(done).package.findings] == ["signature.legacy"]
