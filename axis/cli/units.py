"""``axis unit``: the directory. Works beside a running hub, which sees changes within a second."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from axis.cli.common import (
    by_option,
    config_option,
    data_option,
    done,
    json_option,
    print_facts,
    print_json,
    print_rows,
    read_secret,
    run,
    say,
    told_json_option,
)
from axis.config import load
from axis.core import Core, open_core
from axis.domain.directory import Unit, UnitState
from axis.domain.document import Policy
from axis.domain.errors import NotFound, SetupError
from axis.domain.ids import new_id
from axis.trust.certificates import load_certificates

_STATES = click.Choice([s.value for s in UnitState])
_POLICIES = click.Choice([p.value for p in Policy])


@click.group()
def unit() -> None:
    """Đơn vị: thêm, sửa, xem · units: add, change, show."""


def _settings(pairs: tuple[str, ...], url: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"url": url} if url else {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise SetupError("directory.bad-setting", adapter="", detail=f"{pair!r}: NAME=VALUE")
        found[name.strip()] = _number(text)
    return found


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text.lower(), text)


def _addresses(given: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in the order given; the empty one stands for none."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, given))))


async def _find(core: Core, code: str) -> Unit:
    found = (await core.directory.current(0)).named(code)
    if found is None:
        raise NotFound("directory.unknown-unit", code=code)
    return found


def _settings_options(command: Any) -> Any:
    for option in reversed([
        click.option("--name", help="Tên đơn vị · name."),
        click.option("--adapter", help="Kiểu kết nối: mailbox, webhook … · kind of connection."),
        click.option("--url", help="Địa chỉ của kiểu đẩy · address of a pushing kind."),
        click.option("--setting", "settings", multiple=True, metavar="NAME=VALUE", help="Cấu hình của kiểu kết nối · a setting of the adapter."),
        click.option("--policy", type=_POLICIES, help="Chữ ký nào được nhận · which verdicts are accepted."),
        click.option("--state", type=_STATES, help="Trạng thái kết nối · state."),
        click.option("--alias", "aliases", multiple=True, metavar="CODE", help="Mã khác của đơn vị · another code of the unit."),
        click.option("--parent", help="Mã đơn vị cấp trên · code of the parent unit."),
        click.option("--email", help="Thư điện tử liên hệ · contact."),
        click.option("--sha1-until", type=click.DateTime(["%Y-%m-%d"]), help="Chấp nhận SHA-1 tới ngày · accept SHA-1 until."),
        click.option("--inclusive-c14n/--no-inclusive-c14n", default=None, help="Cho phép C14N 1.0 · allow inclusive C14N."),
        click.option("--auto-arrived/--no-auto-arrived", default=None, help="Trục tự báo 01 khi hệ thống của đơn vị đã nhận · the axis itself says 01 once the unit's system confirmed."),
        click.option("--contact", "contacts", multiple=True, metavar="EMAIL", help="Thư điện tử nhận cảnh báo quá hạn; '' để xoá · hears of deadlines; '' forgets all."),
        click.option("--alert-url", help="Địa chỉ hệ thống nhận cảnh báo quá hạn, ký như webhook; '' để xoá · where its system hears of deadlines, signed like a webhook; '' forgets it."),
        click.option("--relays/--no-relays", default=None, help="Hệ thống chuyển tiếp cho đơn vị ngoài trục (trục quốc gia) · carries packages of agencies the axis does not know."),
    ]):  # fmt: skip
        command = option(command)
    return command


@unit.command("add")
@click.argument("code")
@_settings_options
@click.option("--system-id", default="", help="System id VXP sẵn có · the VXP system id it already has.")
@click.option(
    "--secret-file",
    help="Tệp chứa khoá bí mật, '-' là stdin (bỏ trống: trục tự sinh) · file with its secret; left out: one is made and shown once.",
)
@click.option(
    "--webhook-secret-file",
    help="Tệp chứa khoá ký webhook (whsec_… hoặc whsk_…) · file with the webhook signing secret.",
)
@click.option(
    "--certificate",
    "certificates",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Chứng thư ký của đơn vị (PEM) · certificate that signs for it.",
)
@by_option
@data_option
@config_option
@json_option
def add(
    code: str, name: str | None, adapter: str | None, url: str | None, settings: tuple[str, ...], policy: str | None,
    state: str | None, aliases: tuple[str, ...], parent: str | None, email: str | None, sha1_until: datetime | None,
    inclusive_c14n: bool | None, relays: bool | None, auto_arrived: bool | None, contacts: tuple[str, ...],
    alert_url: str | None, system_id: str, secret_file: str | None, webhook_secret_file: str | None,
    certificates: tuple[Path, ...], actor: str, data: Path, config_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Thêm đơn vị CODE · add a unit. It sends and receives once its state is testing or live."""
    if not name:
        raise click.UsageError("--name")

    async def work() -> None:
        found = Unit(
            id=new_id(), code=code, name=name, state=UnitState(state or "draft"), adapter=adapter or "mailbox",
            policy=Policy(policy or "required"), parent=parent or "", aliases=aliases,
            settings=_settings(settings, url), email=email or "", sha1_until=sha1_until.date() if sha1_until else None,
            inclusive_c14n=bool(inclusive_c14n), relays=bool(relays), auto_arrived=bool(auto_arrived),
            contacts=_addresses(contacts), alert_url=alert_url or "",
        )  # fmt: skip
        secrets = {"webhook": read_secret(webhook_secret_file)} if webhook_secret_file else {}
        leaves = tuple(load_certificates(file)[0] for file in certificates)
        async with open_core(load(data, config_file), connections=2) as core:
            credentials = await core.onboarding.add(
                found, system_id=system_id, secret=read_secret(secret_file) if secret_file else "", secrets=secrets,
                certificates=leaves, actor=actor,
            )  # fmt: skip
        made = [c for c in credentials if c.kind == "vxp" and not secret_file]
        if as_json:
            print_json({"code": code, "id": found.id, "state": found.state.value,
                        "credentials": [{"system_id": c.public_id, "secret": c.secret} for c in made]})  # fmt: skip
            return
        say(
            f"Đã thêm đơn vị {code} – {name} ({found.state.value}).",
            f"Unit {code} – {name} added ({found.state.value}).",
        )
        for credential in made:
            click.echo(f"system id: {credential.public_id}\nsecret:    {credential.secret}")
            say(
                "Khoá chỉ hiện một lần: hãy chuyển cho đơn vị qua kênh an toàn.",
                "Shown this once: pass it on safely.",
            )

    run(work)


@unit.command("set")
@told_json_option
@click.argument("code")
@_settings_options
@click.option(
    "--pause/--resume",
    "paused",
    default=None,
    help="Tạm dừng hoặc tiếp tục phát · hold its deliveries back, or go on.",
)
@by_option
@data_option
@config_option
def change(
    code: str,
    settings: tuple[str, ...],
    url: str | None,
    actor: str,
    data: Path,
    config_file: Path | None,
    **given: Any,
) -> None:
    """Sửa đơn vị CODE · change a unit; what is not named stays."""

    async def work() -> None:
        async with open_core(load(data, config_file), connections=2) as core:
            found = await _find(core, code)
            changes = {key: value for key, value in given.items() if value not in (None, ())}
            if "contacts" in changes:
                changes["contacts"] = _addresses(changes["contacts"])
            if settings or url:
                changes["settings"] = {**found.settings, **_settings(settings, url)}
            for key, kind in (("policy", Policy), ("state", UnitState)):
                if key in changes:
                    changes[key] = kind(changes[key])
            if "sha1_until" in changes:
                changes["sha1_until"] = changes["sha1_until"].date()
            await core.onboarding.change(found.code, changes, actor=actor)
        told = {"code": found.code, "changed": sorted(changes)}
        done(told, f"Đã sửa đơn vị {found.code}.", f"Unit {found.code} changed.")

    run(work)


@unit.command("list")
@data_option
@config_option
@json_option
def list_units(data: Path, config_file: Path | None, as_json: bool) -> None:
    """Danh mục đơn vị · the directory."""

    async def work() -> list[dict[str, Any]]:
        async with open_core(load(data, config_file), connections=2) as core:
            health = await core.units.health()
            return [_row(u, health[u.code]) for u in await core.directory.units()]

    columns = {
        "code": "Mã · Code",
        "name": "Tên · Name",
        "state": "State",
        "adapter": "Adapter",
        "policy": "Chữ ký · Policy",
        "failures": "Lỗi",
    }  # fmt: skip
    print_rows(run(work), columns, "Chưa có đơn vị nào: `axis unit add` · no units yet.", as_json)


def _row(found: Unit, health: Any) -> dict[str, Any]:
    return {
        "code": found.code, "name": found.name, "aliases": list(found.aliases), "state": found.state.value,
        "adapter": found.adapter, "settings": dict(found.settings), "policy": found.policy.value, "parent": found.parent,
        "relays": found.relays, "paused": found.paused, "auto_arrived": found.auto_arrived, "email": found.email,
        "contacts": list(found.contacts), "alert_url": found.alert_url, "failures": health["failures"],
        "last_success_at": health["last_success_at"], "last_error_at": health["last_error_at"],
        "last_error": health["last_error"], "last_call_at": health["last_call_at"],
    }  # fmt: skip


@unit.command("show")
@click.argument("code")
@data_option
@config_option
@json_option
def show(code: str, data: Path, config_file: Path | None, as_json: bool) -> None:
    """Xem đơn vị CODE · everything about a unit but its secrets."""

    async def work() -> dict[str, Any]:
        async with open_core(load(data, config_file), connections=2) as core:
            found = await _find(core, code)
            row = _row(found, (await core.units.health())[found.code])
            credentials = await core.units.credentials_of(found.id)
            signers = await core.units.signers_of(found.id)
            row["credentials"] = [dict(c) for c in credentials]
            row["signers"] = [
                {k: s[k] for k in ("fingerprint", "valid_from", "valid_to", "added_at")} for s in signers
            ]
            return row

    row = run(work)
    if as_json:
        print_json(row)
    else:
        print_facts(row)


@unit.command("rotate")
@click.argument("code")
@click.option("--system-id", default="", help="System id cần đổi khoá · the system id whose secret changes.")
@click.option("--webhook", is_flag=True, help="Đổi khoá ký webhook · the secret that signs webhooks.")
@click.option("--secret-file", help="Khoá mới (bỏ trống: trục tự sinh) · the new secret; left out: made.")
@click.option(
    "--overlap-hours",
    default=24.0,
    show_default=True,
    help="Khoá cũ còn dùng được bao lâu · how long the old one works.",
)
@by_option
@data_option
@config_option
@json_option
def rotate(
    code: str, system_id: str, webhook: bool, secret_file: str | None, overlap_hours: float, actor: str, data: Path,
    config_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Đổi khoá bí mật, khoá cũ còn hiệu lực thêm một thời gian · a new secret, with an overlap."""
    if bool(system_id) == webhook:
        raise click.UsageError("--system-id ID | --webhook")

    async def work() -> None:
        async with open_core(load(data, config_file), connections=2) as core:
            found = await _find(core, code)
            secret = read_secret(secret_file) if secret_file else ""
            made = await core.onboarding.rotate(
                found, system_id, secret, actor=actor, overlap=overlap_hours * 3600
            )
        if as_json:
            print_json({"system_id": made.public_id, "secret": None if secret_file else made.secret})
        elif not secret_file:
            named = "webhook:  " if webhook else f"system id: {made.public_id}\nsecret:   "
            click.echo(f"{named} {made.secret}")

    run(work)


@unit.command("revoke")
@told_json_option
@click.argument("credential_id", type=click.UUID)
@by_option
@data_option
@config_option
def revoke(credential_id: UUID, actor: str, data: Path, config_file: Path | None) -> None:
    """Thu hồi ngay một khoá bị lộ · end a leaked secret at once (ids: axis unit show)."""

    async def work() -> None:
        async with open_core(load(data, config_file), connections=2) as core:
            await core.onboarding.revoke(credential_id, actor=actor)
        done({"revoked": credential_id}, "Đã thu hồi.", "Revoked.")

    run(work)


@unit.command("bind")
@told_json_option
@click.argument("code")
@click.argument("certificate", type=click.Path(path_type=Path))
@by_option
@data_option
@config_option
def bind(code: str, certificate: Path, actor: str, data: Path, config_file: Path | None) -> None:
    """Cho phép chứng thư CERTIFICATE ký thay đơn vị CODE · let a certificate sign for a unit."""

    async def work() -> None:
        leaf = load_certificates(certificate)[0]
        async with open_core(load(data, config_file), connections=2) as core:
            fresh = await core.onboarding.bind(await _find(core, code), leaf, actor=actor)
        done(
            {"code": code, "bound": fresh},
            "Đã gắn chứng thư." if fresh else "Chứng thư đã được gắn từ trước.",
            "Bound." if fresh else "Bound already.",
        )

    run(work)
