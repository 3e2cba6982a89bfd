"""Secrets at rest, and the private files of this machine: modes, rotation, concurrent starts."""

from __future__ import annotations

import multiprocessing
import os
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.fernet import Fernet

from axis.demo.authority import Authority, write_certificates, write_key
from axis.domain.errors import SetupError
from axis.trust import keys
from axis.trust.keys import IDENTITY_FILE, LEAF_DAYS, ROOT_FILE, ROOT_KEY_FILE, HubIdentity
from axis.trust.sealing import Sealer, rotate_keys

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


# -- sealing -----------------------------------------------------------------------------------------------


def test_a_secret_comes_back_only_for_its_purpose(tmp_path: Path) -> None:
    sealer = Sealer.open(tmp_path / "seal.key")
    token = sealer.seal("bí mật", "vxp:1")
    assert "bí mật" not in token and sealer.unseal(token, "vxp:1") == "bí mật"
    for other in ("vxp:2", "vxp:", "vxp:1b", ""):
        with pytest.raises(SetupError, match="unopened"):
            sealer.unseal(token, other)


def test_purpose_and_secret_cannot_run_into_each_other() -> None:
    sealer = Sealer(Fernet.generate_key())
    with pytest.raises(SetupError):
        sealer.unseal(sealer.seal("bc", "a"), "ab")


def test_a_derived_key_is_of_one_purpose_and_of_the_newest_key() -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    key = Sealer(new, old).derive("notes")
    assert len(key) == 32 and key == Sealer(new).derive("notes")
    assert len({key, Sealer(new).derive("other"), Sealer(old, new).derive("notes"), urlsafe_b64decode(new)}) == 4


def test_tampered_tokens_and_other_keys_are_refused() -> None:
    sealer = Sealer(Fernet.generate_key())
    token = sealer.seal("x", "p")
    for wrong in (token[:-4] + "AAA=", "", "ă", token[10:]):
        with pytest.raises(SetupError, match="unopened"):
            sealer.unseal(wrong, "p")
    with pytest.raises(SetupError, match="unopened"):
        Sealer(Fernet.generate_key()).unseal(token, "p")


def test_the_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "state" / "seal.key"
    token = Sealer.open(file).seal("x", "p")
    assert mode(file) == 0o600
    assert Sealer.open(file).unseal(token, "p") == "x"


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_others_may_read_is_refused(tmp_path: Path, bits: int) -> None:
    file = tmp_path / "seal.key"
    Sealer.open(file)
    os.chmod(file, bits)
    with pytest.raises(SetupError, match=r"key\.exposed"):
        Sealer.open(file)


def test_rotation_keeps_old_secrets_and_reseals_them(tmp_path: Path) -> None:
    file = tmp_path / "seal.key"
    old = Sealer.open(file)
    token = old.seal("x", "p")
    rotate_keys(file)
    new = Sealer.open(file)
    assert new.unseal(token, "p") == "x" and mode(file) == 0o600
    moved = new.reseal(token, "p")
    newest = Sealer(file.read_bytes().splitlines()[0])
    assert newest.unseal(moved, "p") == "x"
    with pytest.raises(SetupError):
        newest.unseal(token, "p")


@pytest.mark.parametrize("content", [b"", b"not a key\n"])
def test_a_broken_key_file_is_named_and_never_replaced(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "seal.key"
    file.write_bytes(content)
    os.chmod(file, 0o600)
    with pytest.raises(SetupError, match=r"seal\.key"):
        Sealer.open(file)
    assert file.read_bytes() == content


def test_a_sealer_does_not_show_its_keys() -> None:
    key = Fernet.generate_key()
    assert key.decode() not in repr(Sealer(key))


# -- the hub's identity ------------------------------------------------------------------------------------


def test_the_first_start_makes_a_key_and_later_starts_keep_it(tmp_path: Path) -> None:
    hub = HubIdentity.load_or_create(tmp_path, "Trục liên thông văn bản của một bộ có tên rất dài")
    again = HubIdentity.load_or_create(tmp_path, "tên khác")
    assert (hub.kid, hub.chain) == (again.kid, again.chain)
    assert hub.algorithm == "ES256" and not hub.is_slow and hub.days_left(NOW) > 1000
    assert mode(tmp_path / IDENTITY_FILE) == mode(tmp_path / ROOT_KEY_FILE) == 0o600
    assert b"PRIVATE" not in (tmp_path / ROOT_FILE).read_bytes()


def _start(directory: str, barrier: Barrier, out: multiprocessing.Queue[str]) -> None:
    barrier.wait()
    out.put(HubIdentity.load_or_create(Path(directory), "Trục").kid)


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, out = context.Barrier(3), context.Queue()
    starts = [context.Process(target=_start, args=(str(tmp_path), barrier, out)) for _ in range(3)]
    for process in starts:
        process.start()
    found = {out.get(timeout=60) for _ in starts}
    for process in starts:
        process.join()
    assert len(found) == 1


def test_a_leaf_near_its_end_is_renewed_under_the_same_root(tmp_path: Path) -> None:
    hub = HubIdentity.load_or_create(tmp_path, "Trục")
    for later in (NOW + (LEAF_DAYS - 30) * DAY, NOW + (LEAF_DAYS + 400) * DAY):
        renewed = HubIdentity.load_or_create(tmp_path, "Trục", later)
        assert renewed.kid != hub.kid and renewed.chain[-1] == hub.chain[-1]
        assert renewed.days_left(later) >= keys.RENEW_DAYS


def test_a_root_key_stored_away_is_asked_for_only_when_it_is_needed(tmp_path: Path) -> None:
    hub = HubIdentity.load_or_create(tmp_path, "Trục")
    (tmp_path / ROOT_KEY_FILE).unlink()
    assert HubIdentity.load_or_create(tmp_path, "Trục", NOW + (LEAF_DAYS - 30) * DAY).kid == hub.kid
    with pytest.raises(SetupError, match="root-missing"):
        HubIdentity.load_or_create(tmp_path, "Trục", NOW + (LEAF_DAYS + 1) * DAY)


def test_a_start_that_died_half_way_is_taken_up_again(tmp_path: Path) -> None:
    HubIdentity.load_or_create(tmp_path, "Trục")
    root = x509.load_pem_x509_certificate((tmp_path / ROOT_FILE).read_bytes())
    (tmp_path / IDENTITY_FILE).unlink()
    (tmp_path / ROOT_FILE).unlink()
    assert HubIdentity.load_or_create(tmp_path, "Trục").chain[-1] == root
    assert (tmp_path / ROOT_FILE).exists()


def test_a_damaged_identity_is_named_and_never_replaced(tmp_path: Path) -> None:
    HubIdentity.load_or_create(tmp_path, "Trục")
    file = tmp_path / IDENTITY_FILE
    whole = file.read_bytes()
    without_certificates = whole.partition(b"-----BEGIN CERT")[0]
    for damaged in (b"", without_certificates, whole.replace(b"PRIVATE KEY", b"PRIVATE KEX")):
        file.write_bytes(damaged)
        with pytest.raises(SetupError, match=r"key\.unreadable"):
            HubIdentity.load_or_create(tmp_path, "Trục")
        assert file.read_bytes() == damaged


def test_a_root_key_of_another_root_is_refused(tmp_path: Path) -> None:
    HubIdentity.load_or_create(tmp_path, "Trục")
    file = tmp_path / ROOT_KEY_FILE
    write_key(tmp_path / "other", Authority.create("r").key)
    _, mark, root = file.read_bytes().partition(b"-----BEGIN CERT")
    file.write_bytes((tmp_path / "other").read_bytes() + mark + root)
    with pytest.raises(SetupError, match=r"key\.mismatch"):
        HubIdentity.load_or_create(tmp_path, "Trục", NOW + LEAF_DAYS * DAY)


@pytest.mark.parametrize("key_type", ["ec256", "rsa2048"])
def test_a_configured_identity_is_loaded(tmp_path: Path, key_type: str) -> None:
    seal = Authority.create("Cơ quan chứng thực").sub("Cấp hai").issue("Trục", key_type=key_type)
    hub = HubIdentity.load(*seal.write(tmp_path, "hub"))
    assert hub.certificate == seal.certificate and hub.is_slow is (key_type == "rsa2048")


def test_configured_files_that_do_not_fit_are_refused_by_name(tmp_path: Path) -> None:
    root = Authority.create("r")
    one, two = root.issue("một"), root.issue("hai")
    key, chain = one.write(tmp_path, "one")
    _, other = two.write(tmp_path, "two")
    with pytest.raises(SetupError, match=r"key\.mismatch"):
        HubIdentity.load(key, other)
    with pytest.raises(SetupError, match=r"key\.missing"):
        HubIdentity.load(tmp_path / "none", chain)
    with pytest.raises(SetupError, match=r"key\.missing"):
        HubIdentity.load(key, tmp_path / "none")
    with pytest.raises(SetupError, match=r"key\.unreadable"):
        HubIdentity.load(key, key)
    with pytest.raises(SetupError, match=r"key\.chain.*expired"):
        HubIdentity.load(key, chain, NOW + 999 * DAY)
    write_certificates(chain, [one.certificate, Authority.create("r").root])
    with pytest.raises(SetupError, match=r"key\.chain"):
        HubIdentity.load(key, chain)
    curve = root.issue("x", key_type="ec384").write(tmp_path, "curve")
    with pytest.raises(SetupError, match=r"key\.kind"):
        HubIdentity.load(*curve)
    os.chmod(key, 0o644)
    with pytest.raises(SetupError, match=r"key\.exposed"):
        HubIdentity.load(key, chain)


def test_keys_written_for_the_demo_are_private_whatever_stood_there(tmp_path: Path) -> None:
    file = tmp_path / "k.pem"
    file.write_text("old")
    os.chmod(file, 0o644)
    write_key(file, Authority.create("r").key)
    assert mode(file) == 0o600
