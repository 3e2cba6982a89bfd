"""Every main verb beside a living hub: what it prints, what it changes, and how it says no."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from axis import webhooks
from axis.adapter import Delivered
from axis.demo.authority import Authority, write_certificates
from axis.domain.catalogue import entries
from tests.cli.conftest import Axis, said
from tests.hub.world import (
    MINISTRY,
    PORTS,
    RAIL,
    ROADS,
    ROOT,
    World,
    document,
    encoded,
    refuse,
    signed,
    system_id,
    until,
)

NEW = "000.00.09.G04"


async def refused(axis: Axis, exit_code: int, code: str, *args: object, **more: Any) -> None:
    """The command says no in both languages, by code, on standard error only."""
    texts = []
    for lang in ("vi", "en"):
        result = await axis(*args, lang=lang, **more)
        assert (result.exit_code, result.stdout) == (exit_code, ""), result.output
        assert f"[{code}]" in result.stderr and "?" not in result.stderr, result.stderr
        texts.append(result.stderr)
    assert texts[0] != texts[1]


# -- units ----------------------------------------------------------------------------------------


async def test_a_unit_is_added_with_a_secret_shown_once_and_the_hub_knows_it_at_once(world: World, axis: Axis) -> None:
    made = said(await axis("unit", "add", NEW, "--name", "Cục Mới", "--state", "live", "--system-id", "moi",
                           "--alias", "G04.09", "--email", "vt@moi.vn", "--json"))  # fmt: skip
    (credential,) = made["credentials"]
    assert made["code"] == NEW and len(credential["secret"]) >= 32
    key = await until(lambda: world.core.directory.by_system_id("moi"))
    assert key.secrets == (credential["secret"].encode(),) and key.unit.aliases == ("G04.09",)
    shown = said(await axis("unit", "show", "g04.09", "--json"))
    assert shown["code"] == NEW and credential["secret"] not in json.dumps(shown)
    (event,) = [e for e in await world.journal("unit.added") if e["data"]["code"] == NEW]
    assert event["actor"] == "cli:thu"


async def test_a_secret_is_taken_from_a_file_and_never_printed(axis: Axis, still: World, tmp_path: Path) -> None:
    (tmp_path / "s").write_text("khoa-bi-mat-rat-dai-01\n")
    result = await axis("unit", "add", NEW, "--name", "x", "--system-id", "moi", "--secret-file", tmp_path / "s")
    assert result.exit_code == 0 and "khoa-bi-mat" not in result.output
    result = await axis("unit", "add", "000.00.10.G04", "--name", "y", "--system-id", "m2", "--secret-file", "-",
                        input="khoa-bi-mat-rat-dai-02\n")  # fmt: skip
    assert result.exit_code == 0 and "khoa-bi-mat" not in result.output
    key = await until(lambda: still.core.directory.by_system_id("m2"))
    assert key.secrets == (b"khoa-bi-mat-rat-dai-02",)
    await refused(axis, 7, "setup.file", "unit", "add", "000.00.11.G04", "--name", "z", "--system-id", "m3",
                  "--secret-file", tmp_path / "absent")  # fmt: skip
    await refused(axis, 7, "directory.weak-secret", "unit", "add", "000.00.11.G04", "--name", "z", "--system-id", "m3",
                  "--secret-file", "-", input="short")  # fmt: skip


@pytest.mark.parametrize(
    ("exit_code", "code", "args"),
    [(4, "directory.bad-code", ["khong-phai-ma", "--name", "x"]),
     (5, "directory.code-taken", [ROADS, "--name", "x"]),
     (5, "directory.code-taken", [NEW, "--name", "x", "--alias", ROADS]),
     (5, "directory.system-id-taken", [NEW, "--name", "x", "--system-id", system_id(ROADS)]),
     (7, "directory.unknown-adapter", [NEW, "--name", "x", "--adapter", "bo-cau"]),
     (7, "adapter.setting-missing", [NEW, "--name", "x", "--adapter", "webhook"]),
     (7, "webhook.secret-missing", [NEW, "--name", "x", "--adapter", "webhook", "--url", "https://a.vn/x"]),
     (7, "adapter.setting-unknown", [NEW, "--name", "x", "--setting", "color=red"]),
     (7, "directory.bad-setting", [NEW, "--name", "x", "--setting", "color"])],
)  # fmt: skip
async def test_a_unit_that_cannot_be_is_refused_and_nothing_is_left(
    axis: Axis, still: World, exit_code: int, code: str, args: list[str]
) -> None:
    await refused(axis, exit_code, code, "unit", "add", *args)
    assert [u["code"] for u in said(await axis("unit", "list", "--json"))] == [MINISTRY, ROADS, RAIL, PORTS]


async def test_what_is_not_named_stays_when_a_unit_is_changed(axis: Axis, still: World) -> None:
    result = await axis("unit", "set", ROADS, "--policy", "reference-only", "--alias", "G04.01", "--pause",
                        "--sha1-until", "2027-01-31", "--setting", "quiet_hours=24")  # fmt: skip
    assert result.exit_code == 0, result.output
    shown = said(await axis("unit", "show", ROADS, "--json"))
    assert (shown["policy"], shown["aliases"], shown["paused"]) == ("reference-only", ["G04.01"], True)
    assert shown["settings"] == {"quiet_hours": 24} and shown["state"] == "live"
    assert (await axis("unit", "set", ROADS, "--resume")).exit_code == 0
    shown = said(await axis("unit", "show", ROADS, "--json"))
    assert shown["paused"] is False and shown["policy"] == "reference-only"
    await refused(axis, 4, "directory.no-change", "unit", "set", ROADS)
    await refused(axis, 3, "directory.unknown-unit", "unit", "set", NEW, "--pause")
    await refused(axis, 5, "directory.code-taken", "unit", "set", RAIL, "--alias", "g04.01")
    await refused(axis, 4, "directory.bad-code", "unit", "set", RAIL, "--alias", "nham")


async def test_a_webhooks_address_can_be_changed_without_telling_its_secret_again(
    axis: Axis, still: World, tmp_path: Path
) -> None:
    (tmp_path / "w").write_text(webhooks.new_secret())
    assert (await axis("unit", "add", NEW, "--name", "x", "--adapter", "webhook", "--url", "https://a.vn/x",
                       "--webhook-secret-file", tmp_path / "w")).exit_code == 0  # fmt: skip
    result = await axis("unit", "set", NEW, "--url", "https://b.vn/y", "--setting", "timeout=5")
    assert result.exit_code == 0, result.output
    assert said(await axis("unit", "show", NEW, "--json"))["settings"] == {"url": "https://b.vn/y", "timeout": 5}
    await refused(axis, 7, "adapter.setting-wrong", "unit", "set", NEW, "--url", "ftp://b.vn")


async def test_a_secret_is_rotated_with_an_overlap_and_a_leaked_one_ends_at_once(axis: Axis, still: World) -> None:
    new = said(await axis("unit", "rotate", ROADS, "--system-id", system_id(ROADS), "--json"))["secret"]
    await still.core.directory.current(0)
    key = await still.core.directory.by_system_id(system_id(ROADS))
    assert key is not None and len(key.secrets) == 2 and key.secrets[0] == new.encode()
    old = said(await axis("unit", "show", ROADS, "--json"))["credentials"][0]
    assert (await axis("unit", "revoke", old["id"])).exit_code == 0
    await still.core.directory.current(0)
    key = await still.core.directory.by_system_id(system_id(ROADS))
    assert key is not None and key.secrets == (new.encode(),)
    await refused(axis, 3, "directory.unknown-credential", "unit", "revoke", old["id"])
    assert (await still.journal("credential.revoked"))[0]["actor"] == "cli:thu"


async def test_a_webhook_secret_is_rotated_and_both_sign_meanwhile(axis: Axis, still: World, tmp_path: Path) -> None:
    first = webhooks.new_secret()
    (tmp_path / "w").write_text(first)
    assert (await axis("unit", "add", NEW, "--name", "x", "--adapter", "webhook", "--url", "https://a.vn/x",
                       "--webhook-secret-file", tmp_path / "w")).exit_code == 0  # fmt: skip
    second = said(await axis("unit", "rotate", NEW, "--webhook", "--json"))["secret"]
    snapshot = await still.core.directory.current(0)
    unit = snapshot.named(NEW)
    assert unit is not None
    assert sorted(snapshot.secrets[unit.id].values()) == sorted([first, second])
    (tmp_path / "w").write_text("not a webhook secret")
    wrong = await axis("unit", "rotate", NEW, "--webhook", "--secret-file", tmp_path / "w")
    assert wrong.exit_code == 7
    assert (await axis("unit", "rotate", NEW)).exit_code == 2


async def test_a_certificate_is_bound_and_signs_from_then_on(axis: Axis, still: World, tmp_path: Path) -> None:
    seal = ROOT.issue("Văn thư mới")
    write_certificates(tmp_path / "c.pem", seal.chain)
    package = signed(document(ROADS, [RAIL]), by=seal)
    for word in ("Đã gắn", "từ trước"):
        result = await axis("unit", "bind", ROADS, tmp_path / "c.pem")
        assert result.exit_code == 0 and word in result.stderr
    await still.refresh(ROADS)
    assert (await still.send(package, by=ROADS)).verdict == "proven"
    (tmp_path / "bad.pem").write_text("nothing")
    assert (await axis("unit", "bind", ROADS, tmp_path / "bad.pem")).exit_code in (4, 7)


async def test_lists_and_pages_are_for_people_too(axis: Axis, still: World) -> None:
    listed = await axis("unit", "list")
    assert listed.exit_code == 0 and ROADS in listed.stdout and "Mã · Code" in listed.stdout
    assert "last_call_at" in (await axis("unit", "show", ROADS)).stdout
    assert (await axis("unit", "add", NEW)).exit_code == 2, "--name is needed"


# -- trust ----------------------------------------------------------------------------------------


async def test_authorities_are_added_listed_and_removed(axis: Axis, still: World, tmp_path: Path) -> None:
    other = Authority.create("Cơ quan khác")
    other.write_anchor(tmp_path / "ca.pem")
    for word in ("Added", "Known"):
        assert word in (await axis("trust", "add", tmp_path / "ca.pem", lang="en")).stderr
    anchors = said(await axis("trust", "list", "--json"))
    assert len(anchors) == 2 and any("Cơ quan khác" in a["subject"] for a in anchors)
    assert "SHA-256" in (await axis("trust", "list")).stdout
    (key,) = [a["fingerprint"] for a in anchors if "Cơ quan khác" in a["subject"]]
    assert (await axis("trust", "remove", key.upper())).exit_code == 0
    await refused(axis, 3, "directory.unknown-anchor", "trust", "remove", key)
    assert [e["event"] for e in await still.journal() if e["actor"] == "cli:thu"] == ["anchor.added", "anchor.removed"]


# -- packages and deliveries ----------------------------------------------------------------------


@pytest.fixture
async def delivered(world: World) -> AsyncIterator[tuple[World, bytes, dict[str, Any]]]:
    """A hub that took in one document for the ports office, and delivered it."""
    data = signed(document(MINISTRY, [PORTS, ROADS]))
    accepted = await world.send(data)
    row = await world.delivery(accepted.package_id, PORTS)
    yield world, data, await world.in_state(row["id"], "delivered")


async def test_a_package_is_listed_told_and_saved_byte_for_byte(
    delivered: tuple[World, bytes, dict[str, Any]], axis: Axis, tmp_path: Path
) -> None:
    _, data, row = delivered
    (listed,) = said(await axis("package", "list", "--json"))
    assert listed["id"] == str(row["package_id"]) and "details" not in listed
    for name in (listed["id"], listed["document_id"]):
        told = said(await axis("package", "show", name, "--json"))
        assert {d["unit"]: d["state"] for d in told["deliveries"]} == {PORTS: "delivered", ROADS: "queued"}
        assert [e["event"] for e in told["timeline"]] == ["package.accepted", "delivery.delivered"]
    page = (await axis("package", "show", listed["id"])).stdout
    assert "hệ thống bên nhận xác nhận đã nhận" in page and "chữ ký số hợp lệ" in page
    assert (await axis("package", "save", listed["id"], tmp_path / "p.edxml")).exit_code == 0
    assert (tmp_path / "p.edxml").read_bytes() == data
    assert said(await axis("package", "list", "--sender", ROADS, "--json")) == []
    assert "Chưa có" in (await axis("package", "list", "--kind", "status")).stderr
    await refused(axis, 3, "package.unknown", "package", "show", uuid4())
    await refused(axis, 3, "package.unknown", "package", "save", "khong-co", tmp_path / "q")
    await refused(axis, 7, "setup.file", "package", "save", listed["id"], tmp_path / "none" / "p")


async def test_a_damaged_package_is_not_saved(
    delivered: tuple[World, bytes, dict[str, Any]], axis: Axis, tmp_path: Path
) -> None:
    world, data, row = delivered
    file = world.core.payloads.path((await world.row("select sha256 from package"))["sha256"])
    file.chmod(0o600)
    file.write_bytes(data[:-1] + b"x")
    await refused(axis, 6, "storage.payload-damaged", "package", "save", row["package_id"], tmp_path / "p")
    assert not (tmp_path / "p").exists()
    file.write_bytes(data)


async def test_deliveries_are_listed_and_each_attempt_is_told(
    delivered: tuple[World, bytes, dict[str, Any]], axis: Axis
) -> None:
    world, _, row = delivered
    (listed,) = said(await axis("delivery", "list", "--unit", PORTS, "--state", "delivered", "--json"))
    assert listed["id"] == str(row["id"])
    (attempt,) = said(await axis("delivery", "show", row["id"], "--json"))
    assert (attempt["outcome"], attempt["attempt"]) == ("delivered", 1)
    told = (await axis("delivery", "show", row["id"])).stdout
    assert "ok" in told and "không ghi · not kept" in told and attempt["request"] is None
    await world.execute(
        "insert into attempt"
        " select delivery_id, 2, now(), now(), 'lost', '', '', 'POST https://a.example/' from attempt"
    )
    assert "POST https://a.example/" in (await axis("delivery", "show", row["id"])).stdout
    assert (await axis("delivery", "list", "--state", "deliverd")).exit_code == 2
    assert len(said(await axis("delivery", "list", "--all", "--json"))) == 2
    await refused(axis, 3, "delivery.unknown", "delivery", "show", uuid4())


async def test_an_operator_parks_and_replays_with_a_reason(
    delivered: tuple[World, bytes, dict[str, Any]], axis: Axis
) -> None:
    world, _, done = delivered
    waiting = (await world.deliveries(done["package_id"], ROADS))[0]["id"]
    assert (await axis("delivery", "park", waiting)).exit_code == 2, "without a reason nothing is held"
    assert (await axis("delivery", "park", "--reason", "x")).exit_code == 2
    assert "1 " in (await axis("delivery", "park", "--unit", ROADS, "--reason", "x", "--dry-run")).stderr
    assert (await axis("delivery", "park", waiting, "--reason", "chờ xác minh")).exit_code == 0
    assert (await world.row("select state, note from delivery where id = $1", waiting)) == {
        "state": "parked", "note": "chờ xác minh"}  # fmt: skip
    await refused(axis, 4, "delivery.not-movable", "delivery", "park", waiting, "--reason", "x")
    await refused(axis, 3, "delivery.unknown", "delivery", "park", uuid4(), "--reason", "x")
    assert (await axis("delivery", "replay", "--unit", ROADS, "--reason", "xong", "--by", "an")).exit_code == 0
    assert (await world.row("select state from delivery where id = $1", waiting))["state"] == "queued"
    (event,) = await world.journal("delivery.replayed")
    assert (event["actor"], event["data"]) == ("an", {"reason": "xong"})


async def test_a_refused_delivery_is_replayed_while_the_hub_runs(world: World, axis: Axis) -> None:
    world.peer(PORTS).answer = refuse()
    accepted = await world.send(document(MINISTRY, [PORTS]))
    key = (await world.delivery(accepted.package_id))["id"]
    await world.in_state(key, "refused")
    world.peer(PORTS).answer = lambda parcel: Delivered("ok")
    assert (await axis("delivery", "replay", key, "--reason", "họ đã sửa")).exit_code == 0
    await world.in_state(key, "delivered")


# -- receipts -------------------------------------------------------------------------------------


async def test_receipts_are_exported_and_verified_by_anybody(
    delivered: tuple[World, bytes, dict[str, Any]], axis: Axis, tmp_path: Path
) -> None:
    world, data, row = delivered
    package, folder = str(row["package_id"]), tmp_path / "out"
    events = [r["event"] for r in said(await axis("receipt", "list", package, "--json"))]
    assert events == ["package.accepted", "delivery.delivered"]
    assert (await axis("receipt", "export", package, "--to", folder)).exit_code == 0
    files = sorted((folder / package).iterdir())
    assert (await axis("receipt", "export", "--all", "--to", tmp_path / "all")).exit_code == 0
    assert [f.name for f in files] == sorted(f.name for f in (tmp_path / "all" / package).iterdir())
    assert (await axis("receipt", "export", "--to", folder)).exit_code == 2

    root, edxml = tmp_path / "root.pem", tmp_path / "p.edxml"
    write_certificates(root, world.core.identity.chain[-1:])
    edxml.write_bytes(data)
    good = await axis("verify", *files, "--trust", root, "--package", edxml, "--json")
    assert [r["valid"] and r["package_checked"] for r in said(good)] == [True, True]
    assert "✓" in (await axis("verify", files[0], "--trust", root)).stdout

    edxml.write_bytes(data + b" ")
    assert (await axis("verify", files[0], "--trust", root, "--package", edxml)).exit_code == 1
    head, body, mark = files[0].read_text().split(".")
    (tmp_path / "t.jws").write_text(f"{head}.{body[:-4]}AAAA.{mark}")
    tampered = await axis("verify", tmp_path / "t.jws", "--trust", root, "--json")
    assert tampered.exit_code == 1 and json.loads(tampered.stdout)[0]["valid"] is False
    ROOT.write_anchor(tmp_path / "other.pem")
    assert (await axis("verify", files[0], "--trust", tmp_path / "other.pem")).exit_code == 1
    await refused(axis, 7, "setup.file", "verify", tmp_path / "absent.jws", "--trust", root)


# -- looking at files and at the machine ----------------------------------------------------------


async def test_lint_tells_every_finding_and_answers_by_its_exit_code(axis: Axis, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.edxml", tmp_path / "bad.edxml"
    good.write_bytes(encoded(document(MINISTRY, [ROADS])))
    bad.write_bytes(good.read_bytes().replace(b"<edXML:Subject>", b"<edXML:Subjekt>", 1))
    assert (await axis("lint", good)).exit_code == 0
    found = await axis("lint", good, bad, "--json")
    reports = json.loads(found.stdout)
    assert found.exit_code == 1 and [r["file"] for r in reports] == [str(good), str(bad)]
    assert "✗" in (await axis("lint", bad)).stdout
    await refused(axis, 7, "setup.file", "lint", tmp_path / "absent")


async def test_the_doctor_is_red_where_something_is_broken(axis: Axis, still: World) -> None:
    findings = {f["subject"].split(" ")[0]: f for f in json.loads((await axis("doctor", "--json")).stdout)}
    assert {findings[s]["state"] for s in ("database", "clock", "trust", "queue")} == {"ok"}
    assert findings[ROADS]["state"] == "unproven", "configured, but its system never called"
    assert findings["console"]["state"] == "unproven" and "first-run" in findings["console"]["text"]
    assert (await axis("doctor")).exit_code == 0
    await still.execute("delete from signer where unit_id = $1", still.units[ROADS].id)
    await still.send(document(MINISTRY, [ROADS]))
    await still.execute("update delivery set created_at = now() - interval '3 days'")
    ill = await axis("doctor", "--json", lang="en")
    findings = {f["subject"]: f for f in json.loads(ill.stdout)}
    assert ill.exit_code == 1 and findings[f"queue {ROADS}"]["state"] == "failing"
    assert any(s.startswith(ROADS) and f["state"] == "failing" for s, f in findings.items())


async def test_migrations_are_shown(axis: Axis) -> None:
    rows = said(await axis("migrate", "--status", "--json"))
    assert rows[0]["number"] == 1 and rows[0]["applied_at"]
    assert said(await axis("migrate", "--json")) == rows


async def test_the_catalogue_is_printed_in_every_form(axis: Axis) -> None:
    assert {e["code"] for e in said(await axis("errors", "--json"))} == set(entries())
    assert (await axis("errors", "--markdown")).stdout.count("\n| `") == len(entries())
    assert "intake.conflict" in (await axis("errors")).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
async def test_completion_is_a_script(axis: Axis, shell: str) -> None:
    assert "_AXIS_COMPLETE" in (await axis("completion", shell)).stdout


async def test_help_stands_in_two_languages_for_every_command(axis: Axis) -> None:
    from axis.cli.main import COMMANDS

    text = (await axis("--help")).stdout
    for name in COMMANDS:
        assert name in text and (await axis(name, "--help")).exit_code == 0
    assert (await axis("khong-co")).exit_code == 2


async def test_a_setting_misspelt_is_told_by_name(axis: Axis, data_folder: Path) -> None:
    (data_folder / "axis.toml").write_text("[courier]\nwindows = 3\n")
    await refused(axis, 7, "config.unknown", "unit", "list")


async def test_the_verbs_tell_their_result_to_programs_too(axis: Axis, still: World, tmp_path: Path) -> None:
    ROOT.write_anchor(tmp_path / "again.pem")
    (anchor,) = said(await axis("trust", "add", tmp_path / "again.pem", "--json"))["anchors"]
    assert anchor["added"] is False and anchor["subject"]
    changed = said(await axis("unit", "set", ROADS, "--email", "vt@a.vn", "--json"))
    assert changed == {"code": ROADS, "changed": ["email"]}
    would = said(await axis("delivery", "replay", "--unit", ROADS, "--reason", "thử", "--dry-run", "--json"))
    assert would == {"would": "replay", "deliveries": []}
    told = said(await axis("receipt", "export", "--all", "--to", tmp_path / "out", "--json"))
    assert told["receipts"] >= 0 and told["folder"].endswith("out")
