"""The header signature, against byte-exact requests of the real client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axis.domain.errors import AccessError
from axis.fronts import vxp_auth
from axis.fronts.vxp_auth import announces, read_head, receivers_of, sdk_hash, stamp_time, verify
from axis.fronts.vxp_operations import OPERATIONS
from tests.fronts.stand_in import SECRET, SYSTEM, VECTORS

Raw = list[tuple[bytes, bytes]]


def raw_headers(vector: dict[str, Any]) -> Raw:
    head = base64.b64decode(vector["raw_head_base64"])
    lines = head.rstrip(b"\r\n").split(b"\r\n")[1:]
    return [(n, v.strip()) for n, _, v in (line.partition(b":") for line in lines)]


def made(values: dict[str, str], encoding: str = "utf-8", **change: Any) -> Raw:
    """A head as the client makes it; ``lines`` replaces what stands beside the signed text."""
    full = {"systemid": SYSTEM, "timestamp": "22112026T205716+0427"} | values
    text = json.dumps({vxp_auth.PREFIX + k: v for k, v in full.items()}, ensure_ascii=False, separators=(",", ":"))
    mac = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    lines = change.get("lines") or [(k, v) for k, v in full.items()]
    raw = [(f"XroadVnpt-{k}".encode(), v.encode(encoding)) for k, v in lines]
    return [*raw, (b"XroadVnpt-sign-header", text.encode(encoding)), (b"XroadVnpt-hash-header", mac.encode())]


def refused(raw: Raw, *uses: str, secrets: tuple[bytes, ...] = (SECRET.encode(),)) -> str:
    with pytest.raises(AccessError) as found:
        verify(read_head(raw), secrets, uses)
    return found.value.code


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda v: f"{v['operation']}-{v['note'][:20]}")
def test_every_observed_request_of_the_real_client_is_proven(vector: dict[str, Any]) -> None:
    operation = OPERATIONS[vector["operation"]]
    signed = verify(read_head(raw_headers(vector)), (vector["secret"].encode(),), operation.uses)
    assert signed.get("systemid") == vector["systemid"]
    wanted = json.loads(vector["signed_text"])
    assert dict(signed.values) == {k.removeprefix("XroadVnpt-"): v for k, v in wanted.items()}
    assert vector["method"] in operation.methods


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda v: v["operation"])
def test_one_changed_byte_of_the_signed_text_is_refused(vector: dict[str, Any]) -> None:
    raw = [(n, v.replace(b"demo", b"dem0", 1) if n == b"XroadVnpt-sign-header" else v) for n, v in raw_headers(vector)]
    assert refused(raw) == "access.credentials"


@pytest.mark.parametrize("vector", [v for v in VECTORS["vectors"] if v["operation"] == "sendEdoc"])
def test_the_announced_hash_fits_the_file_in_the_clients_form_and_in_proper_hex(vector: dict[str, Any]) -> None:
    digest = hashlib.sha256(base64.b64decode(vector["file_base64"])).digest()
    assert sdk_hash(digest) == vector["expected_hash_file"]
    assert announces(vector["expected_hash_file"])(digest)
    assert announces(vector["sha256_of_file"].upper())(digest)
    assert not announces(vector["expected_hash_file"])(hashlib.sha256(b"other").digest())


def test_a_digest_with_zero_bytes_loses_them_as_the_client_does() -> None:
    assert sdk_hash(bytes([0x00, 0x0A, 0xFF])) == "0aff"


def test_several_secrets_are_good_during_a_rotation() -> None:
    assert verify(read_head(made({})), (b"new-secret", SECRET.encode())).get("systemid") == SYSTEM
    assert verify(read_head(made({})), (b"a", b"b", SECRET.encode())).get("systemid") == SYSTEM


def test_latin_letters_sent_one_byte_each_are_proven_by_the_second_try() -> None:
    raw = made({"title": "Hà Tĩnh".replace("ĩ", "i")}, encoding="latin-1")
    assert verify(read_head(raw), (SECRET.encode(),), ("title",)).get("title") == "Hà Tinh"


def test_vietnamese_letters_sent_as_utf8_are_proven() -> None:
    raw = made({"description": "Đã nhận đủ"})
    assert verify(read_head(raw), (SECRET.encode(),), ("description",)).get("description") == "Đã nhận đủ"


def test_unknown_system_bad_secret_and_missing_proof_are_one_answer() -> None:
    assert refused(made({}), secrets=()) == "access.credentials"
    assert refused(made({}), secrets=(b"wrong",)) == "access.credentials"
    assert refused([]) == "access.credentials"
    assert refused([h for h in made({}) if h[0] != b"XroadVnpt-hash-header"]) == "access.credentials"


@pytest.mark.parametrize("name", [b"XroadVnpt-systemid", b"XroadVnpt-sign-header", b"XroadVnpt-hash-header"])
def test_a_proof_header_that_stands_twice_is_refused(name: bytes) -> None:
    raw = made({})
    raw.append((name.lower(), dict(raw)[name]))
    assert refused(raw) == "access.credentials"


def test_as_many_comparisons_are_made_for_an_unknown_system_as_for_a_known_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: list[bytes] = []
    real = hmac.compare_digest

    def counting(a: bytes, b: bytes) -> bool:
        counted.append(a)
        return real(a, b)

    monkeypatch.setattr(vxp_auth.hmac, "compare_digest", counting)
    numbers = []
    for secrets in ((), (b"wrong",), (SECRET.encode(),), (b"one", SECRET.encode())):
        counted.clear()
        vxp_auth.proven_form(read_head(made({})), secrets)
        numbers.append(len(counted))
    assert len(set(numbers)) == 1 and numbers[0] > 0


def test_a_key_that_stands_twice_in_the_signed_text_is_refused() -> None:
    text = b'{"XroadVnpt-systemid":"demo.sys.01","XroadVnpt-docId":"a","XroadVnpt-docId":"b"}'
    mac = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest().encode()
    raw = [
        (b"XroadVnpt-systemid", SYSTEM.encode()),
        (b"XroadVnpt-sign-header", text),
        (b"XroadVnpt-hash-header", mac),
    ]
    assert refused(raw, "docId") == "access.headers-disagree"


@pytest.mark.parametrize(
    "text",
    [b"[]", b"{", b'"x"', b'{"XroadVnpt-systemid":1}', b'{"XroadVnpt-systemid":"\\ud800"}', b"[" * 50_000, b"\xff"],
)
def test_signed_text_that_is_no_flat_object_of_texts_is_refused(text: bytes) -> None:
    mac = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest().encode()
    raw = [
        (b"XroadVnpt-systemid", SYSTEM.encode()),
        (b"XroadVnpt-sign-header", text),
        (b"XroadVnpt-hash-header", mac),
    ]
    assert refused(raw) == "access.headers-disagree"


def test_the_system_id_inside_must_be_the_one_outside() -> None:
    raw = [(n, b"other" if n == b"XroadVnpt-systemid" else v) for n, v in made({})]
    assert refused(raw) == "access.headers-disagree"


@pytest.mark.parametrize(
    "lines",
    [
        [("status", "fail")],
        [],
        [("status", "done"), ("status", "done")],
        [("status", "done"), ("STATUS", "fail")],
    ],
)
def test_a_used_header_must_agree_with_its_signed_value(lines: list[tuple[str, str]]) -> None:
    base = [("systemid", SYSTEM), ("timestamp", "22112026T205716+0427")]
    assert refused(made({"status": "done"}, lines=base + lines), "status") == "access.headers-disagree"


def test_an_unsigned_header_of_a_used_name_is_refused() -> None:
    base = [("systemid", SYSTEM), ("timestamp", "22112026T205716+0427"), ("docId", "x")]
    assert refused(made({}, lines=base), "docId") == "access.headers-disagree"


def test_headers_the_operation_does_not_use_may_say_anything() -> None:
    base = [("systemid", SYSTEM), ("timestamp", "22112026T205716+0427"), ("from", "somebody")]
    assert verify(read_head(made({"from": "A"}, lines=base)), (SECRET.encode(),), ("status",)).get("from") == "A"


@pytest.mark.parametrize("lines", [["docId", "docid"], ["docId"], ["docid"]])
def test_both_spellings_of_the_document_id_travel_together(lines: list[str]) -> None:
    values = {"docId": "new", "docid": "old"}
    base = [("systemid", SYSTEM), ("timestamp", "22112026T205716+0427"), *((k, values[k]) for k in lines)]
    signed = verify(read_head(made(values, lines=base)), (SECRET.encode(),), ("docId", "docid"))
    assert (signed.get("docId", "docid"), signed.get("docid", "docId")) == ("new", "old")


def test_line_breaks_become_spaces_on_the_way_and_still_agree() -> None:
    base = [("systemid", SYSTEM), ("timestamp", "22112026T205716+0427"), ("description", "a b")]
    raw = made({"description": "a\nb "}, lines=base)
    assert verify(read_head(raw), (SECRET.encode(),), ("description",)).get("description") == "a\nb "


def test_an_empty_value_is_an_absent_one() -> None:
    base = [("systemid", SYSTEM), ("timestamp", "22112026T205716+0427"), ("docid", "")]
    signed = verify(read_head(made({"docid": ""}, lines=base)), (SECRET.encode(),), ("docId", "docid"))
    assert signed.get("docId", "docid") == ""


@given(st.dictionaries(st.sampled_from(["docId", "docid", "to", "status"]), st.text(max_size=30)), st.randoms())
def test_a_head_is_proven_whatever_its_values_and_the_case_of_its_names(values: dict[str, str], random: Any) -> None:
    try:
        for value in values.values():
            value.encode()
    except UnicodeEncodeError:
        return
    raw = made(values)
    raw = [(bytes(random.choice((c, c ^ 32)) if 65 <= c & ~32 <= 90 else c for c in n), v) for n, v in raw]
    random.shuffle(raw)
    signed = verify(read_head(raw), (SECRET.encode(),), ("docId", "to", "status"))
    assert {k: signed.values[k] for k in values} == values


@given(st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=80)), max_size=8))
def test_no_head_whatever_breaks_the_reader(raw: Raw) -> None:
    prefixed = [(b"XroadVnpt-" + n, v) for n, v in raw]
    for head in (raw, prefixed, [*prefixed, *made({})]):
        try:
            verify(read_head(head), (SECRET.encode(),), ("docId",))
        except AccessError:
            continue


def test_the_time_stamp_is_local_time_with_milliseconds() -> None:
    moment = stamp_time("22112026T205716+0427")
    assert moment is not None
    assert moment.isoformat() == "2026-11-22T20:57:16.427000+07:00"
    assert stamp_time("31022026T205716+0427") is None
    assert stamp_time("yesterday") is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('["A","B"]', ("A", "B")),
        ('"A"', ("A",)),
        ("000.00.00.A01", ("000.00.00.A01",)),
        ("", ()),
        ("[" * 5000, ("[" * 5000,)),
    ],
)
def test_the_receivers_header_is_a_json_array_a_json_text_or_plain(value: str, found: tuple[str, ...]) -> None:
    assert receivers_of(value) == found
