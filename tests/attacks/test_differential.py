"""Second opinions on everything we accept: signxml on the signature, lxml on the words.

What our reader and seal take, signxml takes too, pinned to the same certificate and place; and the words
we read are those that another parser reads in the document it verified.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter

import pytest
import signxml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod

from axis.domain.document import Package
from axis.domain.errors import AxisError
from axis.edxml.dialects import NATIVE
from axis.edxml.seal import DSIG
from axis.trust.signature import check
from tests.attacks.forge import forgeries
from tests.attacks.samples import NAMES, Sample, sample, taken

EXAMPLES = int(os.environ.get("ATTACK_EXAMPLES", "600"))
_SPACE = {"e": NATIVE, "ds": DSIG}
_PINNED = SignatureConfiguration(
    location=f"./{{{NATIVE}}}edXMLEnvelope/{{{NATIVE}}}edXMLHeader/",
    expect_references=1,
    signature_methods=frozenset({SignatureMethod.RSA_SHA256, SignatureMethod.ECDSA_SHA256}),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
)


def ours(data: bytes, rng: random.Random) -> Package | None:
    """The package when its seal is whole, whoever made it."""
    try:
        reading = taken(data, rng)
        if reading.seal is None:
            return None
        check(reading.seal)
    except AxisError:
        return None
    return reading.package


def agree(data: bytes, honest: Sample, rng: random.Random) -> bool:
    """True when we accept it and the others agree; fails when they do not."""
    package = ours(data, rng)
    if package is None:
        return False
    result = signxml.XMLVerifier().verify(data, x509_cert=honest.issued.certificate, expect_config=_PINNED)
    assert not isinstance(result, list)
    assert result.signed_xml is not None
    assert words(result.signed_xml) == {
        "From/OrganId": [package.sender.organ_id],
        "To/OrganId": [one.organ_id for one in package.receivers],
        "DocumentId": [package.document_id] if package.document_id else [],
        "Subject": [package.subject] if package.subject else [],
        "StatusCode": [package.status_code] if package.status_code else [],
        "ResponseFor/DocumentId": [one.document_id for one in package.response_for],
    }
    return True


def words(root: etree._Element) -> dict[str, list[str]]:
    """By ``string()``, never ``.text``: it ends at a comment."""
    found: dict[str, list[str]] = {}
    for path in ("From/OrganId", "To/OrganId", "DocumentId", "Subject", "StatusCode", "ResponseFor/DocumentId"):
        steps = "/".join(f"e:{name}" for name in path.split("/"))
        places = root.xpath(f"/e:edXML/e:edXMLEnvelope/e:edXMLHeader/e:MessageHeader/{steps}", namespaces=_SPACE)
        assert isinstance(places, list)
        found[path] = [str(place.xpath("string()")).strip() for place in places]  # type: ignore[union-attr]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_honest_packages_are_accepted_by_all(name: str) -> None:
    assert agree(sample(name).data, sample(name), random.Random(1))


@pytest.mark.parametrize("name", NAMES)
def test_every_forgery_that_says_the_same_is_accepted_by_signxml(name: str) -> None:
    honest, rng = sample(name), random.Random(name)
    own = ("another", "a stranger", "self-signed", "a seal that")  # sound seals of somebody else
    agreed = sum(
        agree(data, honest, rng)
        for trick, data in forgeries(honest, rng, 200)
        if not trick.removeprefix("tampered: ").startswith(own)
    )
    assert agreed > 50


# -- documents changed at random, by what they are made of ---------------------------------------

_HARMLESS = (
    "comment", "space in tag", "quotes", "reference", "cdata", "empty tag", "declaration", "space around", "order",
)  # fmt: skip
_HARMFUL = (
    "drop", "double", "swap", "text", "attribute", "instruction", "prefix", "wrap", "unwrap", "move seal", "rename",
    "space", "comment in text",
)  # fmt: skip
_TOKEN = re.compile(r"<[^>]*>|[^<]+")


def change(tokens: list[str], act: str, rng: random.Random) -> None:
    """One change of that kind somewhere; nothing when the place does not suit."""
    at = rng.randrange(len(tokens))
    token = tokens[at]
    tag, start = token.startswith("<"), bool(re.match(r"<[A-Za-z]", token))
    if act == "comment":
        tokens.insert(at + 1 if tag else at, "<!-- > QUJD -->")
    elif act == "space in tag" and tag and token[1] not in "?!":
        tokens[at] = re.sub(r"\s*/?>$", lambda m: rng.choice([" ", "\n", "\t\r\n"]) + m.group().strip(), token)
    elif act == "quotes" and start:
        tokens[at] = token.replace('"', "'")
    elif act == "reference" and not tag and token.strip():
        place = rng.randrange(len(token))
        if token[place] not in "&;#\r" and "&" not in token:
            tokens[at] = f"{token[:place]}&#{ord(token[place])};{token[place + 1 :]}"
    elif act == "cdata" and not tag and "&" not in token:
        tokens[at] = f"<![CDATA[{token}]]>"
    elif act == "empty tag" and start and at + 1 < len(tokens) and tokens[at + 1].startswith("</"):
        tokens[at : at + 2] = [token[:-1] + "/>"]
    elif act == "declaration" and start:
        tokens[at] = re.sub(r"/?>$", lambda m: f' xmlns:u{rng.randrange(9)}="urn:u"' + m.group(), token)
    elif act == "space around":
        tokens.insert(rng.choice([len(tokens), at]), rng.choice(["\n", " ", "<!---->"]))
    elif act == "order" and start and token.count('="') > 1:
        name, *attributes = re.split(r"\s+(?=[\w:]+=)", token.rstrip(">"))
        rng.shuffle(attributes)
        tokens[at] = " ".join([name, *attributes]) + ">"
    elif act in _HARMFUL:
        _harm(tokens, act, at, rng)


def _harm(tokens: list[str], act: str, at: int, rng: random.Random) -> None:
    token, other = tokens[at], rng.randrange(len(tokens))
    start = bool(re.match(r"<[A-Za-z]", token))
    if act == "drop":
        del tokens[at : at + rng.choice([1, 3])]
    elif act == "double":
        tokens[at:at] = tokens[at : at + rng.choice([1, 3])]
    elif act == "swap":
        tokens[at], tokens[other] = tokens[other], token
    elif act == "text" and not token.startswith("<"):
        tokens[at] = token.swapcase() + rng.choice(["", "x", "0"])
    elif act == "attribute" and start:
        tokens[at] = re.sub(r"/?>$", lambda m: rng.choice([' Id="x"', ' xml:id="x"', ' a="b"']) + m.group(), token)
    elif act == "instruction":
        tokens.insert(at, "<?x y?>")
    elif act == "prefix" and start:
        tokens[at] = re.sub(r"/?>$", lambda m: ' xmlns:edXML="urn:x"' + m.group(), token)
    elif act == "wrap":
        tokens.insert(at, "<w>")
        tokens.insert(min(len(tokens), at + 4), "</w>")
    elif act == "unwrap" and start:
        del tokens[at]
    elif act == "move seal":
        first = next((i for i, t in enumerate(tokens) if t.startswith("<ds:Signature ")), None)
        last = next((i for i, t in enumerate(tokens) if t == "</ds:Signature>"), None)
        if first is not None and last is not None and first < last:
            moved = tokens[first : last + 1]
            del tokens[first : last + 1]
            tokens[min(at, len(tokens)) : min(at, len(tokens))] = moved
    elif act == "rename" and start:
        tokens[at] = token.replace("edXML:", rng.choice(["", "e:", "ds:"]), 1)
    elif act == "space":
        tokens.insert(at, rng.choice([" ", "\r\n", "&#13;"]))
    elif act == "comment in text" and not token.startswith("<") and len(token) > 1:
        tokens[at] = token[:1] + "<!---->" + token[1:]


def changed(honest: Sample, acts: list[str], rng: random.Random) -> bytes:
    tokens = _TOKEN.findall(honest.text)
    for act in acts:
        change(tokens, act, rng)
    return "".join(tokens).encode()


_ACTS = st.one_of(
    st.lists(st.sampled_from(_HARMLESS), min_size=1, max_size=6),
    st.lists(st.sampled_from(_HARMLESS + _HARMFUL), min_size=1, max_size=4),
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), _ACTS, st.randoms(use_true_random=False))
def test_what_we_accept_of_changed_documents_signxml_and_lxml_accept_and_read_alike(
    name: str, acts: list[str], rng: random.Random
) -> None:
    honest = sample(name)
    agree(changed(honest, acts, rng), honest, rng)


def test_of_changed_documents_some_are_accepted_and_most_are_refused() -> None:
    """The strategy is worth something: both answers occur."""
    rng, answers = random.Random(11), Counter[bool]()
    for _ in range(200):
        honest = sample(rng.choice(NAMES))
        acts = rng.choices(_HARMLESS if rng.random() < 0.5 else _HARMLESS + _HARMFUL, k=rng.randrange(1, 4))
        answers[agree(changed(honest, acts, rng), honest, rng)] += 1
    assert answers[True] > 20 and answers[False] > 60
