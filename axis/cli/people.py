"""``axis person``: who may sign in to the console. Works beside a running hub.

A link is printed once, on standard output; it is handed to its person by whoever made it. Whoever may run
this command owns the data folder, so nothing here asks for a role.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from axis.cli.common import (
    by_option,
    config_option,
    data_option,
    done,
    json_option,
    language,
    print_facts,
    print_json,
    print_rows,
    run,
    say,
    told_json_option,
)
from axis.config import Config, load
from axis.core import Core, open_core
from axis.domain.errors import ConflictError, NotFound, SetupError
from axis.domain.people import ROLE_WORDS, STATE_WORDS, Person, PersonState, Role
from axis.hub.accounts import Accounts
from axis.hub.people import By, Link

T = TypeVar("T")
_ROLES = click.Choice([role.value for role in Role])
_STATES = click.Choice([state.value for state in PersonState])


@click.group()
def person() -> None:
    """Người dùng trang điều hành · people of the console: invite, reset, disable, list."""


def _with(data: Path, config_file: Path | None, work: Callable[[Core, Accounts], Awaitable[T]]) -> T:
    config = load(data, config_file)

    async def working() -> T:
        async with open_core(config, connections=2) as core:
            return await work(core, core.accounts)

    return run(working)


def link_url(config: Config, link: Link, port: int | None = None) -> str:
    """The whole address of a one-time link: where people reach the axis, as far as the configuration says."""
    if config.hub.public_url:
        return config.hub.public_url.rstrip("/") + link.path
    host, _, configured = config.listen.public.rpartition(":")
    scheme = "https" if config.listen.certificate else "http"
    here = "127.0.0.1" if host in ("", "0.0.0.0", "[::]") else host  # noqa: S104 - what people cannot type
    return f"{scheme}://{here}:{port or configured}{link.path}"


def _print_link(config: Config, link: Link) -> None:
    """The link to standard output, what to do with it to the person."""
    url = link_url(config, link)
    if click.get_current_context().meta.get("axis.json"):
        print_json({"login": link.login, "link": url, "expires_at": link.expires_at})
        return
    click.echo(url)
    say(
        "Đường dẫn dùng một lần, chỉ hiện ở đây. Trao tận tay cho người dùng.",
        "A one-time link, shown only here. Hand it to its person.",
    )


@person.command("first-run")
@told_json_option
@by_option
@data_option
@config_option
def first_run(actor: str, data: Path, config_file: Path | None) -> None:
    """Tạo đường dẫn cho người vận hành đầu tiên · the link for the first operator; an earlier one stops working."""

    async def work(_: Core, accounts: Accounts) -> Link:
        link = await accounts.staffing.first_run(actor=actor, anew=True)
        if link is None:
            raise ConflictError("people.not-first")
        return link

    _print_link(load(data, config_file), _with(data, config_file, work))


@person.command("invite")
@told_json_option
@click.argument("login")
@click.option("--name", required=True, help="Họ và tên · full name.")
@click.option("--role", type=_ROLES, required=True, help="Vai trò · role.")
@click.option("--unit", "unit_code", default="", help="Mã đơn vị của văn thư, quản trị đơn vị · code of their unit.")
@click.option("--language", "speech", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="Ngôn ngữ · language.")
@by_option
@data_option
@config_option
def invite(
    login: str, name: str, role: str, unit_code: str, speech: str, actor: str, data: Path, config_file: Path | None
) -> None:
    """Mời LOGIN và in đường dẫn nhận lời · invite a person and print their link (72 hours)."""

    async def work(core: Core, accounts: Accounts) -> Link:
        unit_id = None
        if unit_code:
            unit = (await core.directory.current(0)).named(unit_code)
            if unit is None:
                raise NotFound("directory.unknown-unit", code=unit_code)
            unit_id = unit.id
        return await accounts.staffing.invite(
            login, name, Role(role), by=By(actor), unit_id=unit_id, language=speech
        )

    _print_link(load(data, config_file), _with(data, config_file, work))


@person.command("reset")
@told_json_option
@click.argument("login")
@click.option("--totp", is_flag=True, help="Bỏ cả mã hai bước (mất điện thoại) · forget the second factor too.")
@by_option
@data_option
@config_option
def reset(login: str, totp: bool, actor: str, data: Path, config_file: Path | None) -> None:
    """Cấp đường dẫn đặt mật khẩu mới cho LOGIN · a link to set a new password; the old one stops working."""

    async def work(_: Core, accounts: Accounts) -> Link:
        return await accounts.staffing.reset(login, by=By(actor), totp=totp)

    _print_link(load(data, config_file), _with(data, config_file, work))


@person.command("list")
@click.option("--role", type=_ROLES, default=None, help="Vai trò · role.")
@click.option("--state", type=_STATES, default=None, help="Trạng thái · state.")
@click.option("--find", "text", default="", help="Trong tên đăng nhập hoặc họ tên · in login or name.")
@click.option("--after", default="", help="Sau tên đăng nhập này · after this login.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000), help="Nhiều nhất · at most.")
@data_option
@config_option
@json_option
def list_people(
    role: str | None, state: str | None, text: str, after: str, limit: int, data: Path, config_file: Path | None, as_json: bool
) -> None:
    """Danh sách người dùng · people."""

    async def work(_: Core, accounts: Accounts) -> list[Person]:
        return await accounts.staffing.page(
            by=By(""), after=after, role=role or "", state=state or "", text=text, limit=limit
        )

    rows = [_row(found) for found in _with(data, config_file, work)]
    if not as_json:
        place = 0 if language() == "vi" else 1
        for row in rows:
            row["role"] = ROLE_WORDS[Role(row["role"])][place]
            row["state"] = STATE_WORDS[PersonState(row["state"])][place]
    columns = {"login": "Tên đăng nhập · Login", "name": "Họ tên · Name", "role": "Vai trò · Role", "unit": "Đơn vị · Unit",
               "state": "Trạng thái · State", "last_login_at": "Đăng nhập · Signed in"}  # fmt: skip
    print_rows(rows, columns, "Chưa có ai: `axis person first-run` · nobody yet.", as_json)


def _row(found: Person) -> dict[str, Any]:
    return {
        "login": found.login, "name": found.name, "role": found.role.value, "unit": found.unit_code,
        "state": found.state.value, "language": found.language, "password": found.has_password, "totp": found.has_totp,
        "created_at": found.created_at, "last_login_at": found.last_login_at,
    }  # fmt: skip


@person.command("show")
@click.argument("login")
@data_option
@config_option
@json_option
def show(login: str, data: Path, config_file: Path | None, as_json: bool) -> None:
    """Xem LOGIN · everything about a person but their secrets."""

    async def work(_: Core, accounts: Accounts) -> dict[str, Any]:
        found = await accounts.staffing.find(login, by=By(""))
        links = [dict(link) for link in await accounts.staffing.links_of(found)]
        return {**_row(found), "sign_on": links, "sessions": len(await accounts.door.sessions_of(found.id))}

    facts = _with(data, config_file, work)
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)


@person.command("disable")
@told_json_option
@click.argument("login")
@click.option("--reason", default="", help="Lý do, ghi vào nhật ký · reason, for the journal.")
@by_option
@data_option
@config_option
def disable(login: str, reason: str, actor: str, data: Path, config_file: Path | None) -> None:
    """Khoá LOGIN ngay, mọi phiên kết thúc · disable at once; sessions end."""

    async def work(_: Core, accounts: Accounts) -> Person:
        return await accounts.staffing.disable(login, by=By(actor), reason=reason)

    found = _with(data, config_file, work)
    done({"login": found.login, "state": found.state.value}, f"Đã khoá {found.login}.", f"{found.login} is disabled.")


@person.command("enable")
@told_json_option
@click.argument("login")
@by_option
@data_option
@config_option
def enable(login: str, actor: str, data: Path, config_file: Path | None) -> None:
    """Mở khoá LOGIN · enable again, as they were."""

    async def work(_: Core, accounts: Accounts) -> Person:
        return await accounts.staffing.enable(login, by=By(actor))

    found = _with(data, config_file, work)
    done({"login": found.login, "state": found.state.value}, f"Đã mở khoá {found.login}.", f"{found.login} is enabled.")


@person.command("link-oidc")
@told_json_option
@click.argument("login")
@click.option("--subject", default="", help="Mã (sub) của người dùng ở nhà cung cấp · their subject at the provider.")
@click.option("--issuer", default="", help="Nhà cung cấp (bỏ trống: theo cấu hình) · the provider; left out: the configured one.")
@click.option("--remove", is_flag=True, help="Gỡ mọi liên kết · remove every link, end the sessions.")
@by_option
@data_option
@config_option
def link_oidc(
    login: str, subject: str, issuer: str, remove: bool, actor: str, data: Path, config_file: Path | None
) -> None:
    """Gắn LOGIN với tài khoản đăng nhập một lần · link a person to a subject of the sign-on provider."""
    if bool(subject) == remove:
        raise click.UsageError("--subject SUB | --remove")
    provider = issuer or load(data, config_file).console.oidc_issuer

    async def work(_: Core, accounts: Accounts) -> int:
        if remove:
            return await accounts.staffing.unlink_oidc(login, by=By(actor))
        if not provider:
            raise SetupError("people.sign-on-off")
        await accounts.staffing.link_oidc(login, provider, subject, by=By(actor))
        return 1

    number = _with(data, config_file, work)
    done(
        {"login": login, "linked": not remove, "links": number},
        f"Đã gỡ {number} liên kết." if remove else "Đã gắn.",
        f"{number} links removed." if remove else "Linked.",
    )


@person.command("sessions")
@click.argument("login")
@click.option("--end", is_flag=True, help="Kết thúc mọi phiên · sign them out everywhere.")
@by_option
@data_option
@config_option
@json_option
def sessions(login: str, end: bool, actor: str, data: Path, config_file: Path | None, as_json: bool) -> None:
    """Các phiên đăng nhập của LOGIN · where a person is signed in."""

    async def work(_: Core, accounts: Accounts) -> list[dict[str, Any]]:
        found = await accounts.staffing.find(login, by=By(""))
        rows = [dict(row) for row in await accounts.door.sessions_of(found.id)]
        if end:
            await accounts.staffing.end_sessions(login, by=By(actor))
        return rows

    rows = [{key: row[key] for key in ("id", "seen_at", "created_at", "method", "address", "agent")}
            for row in _with(data, config_file, work)]  # fmt: skip
    columns = {"seen_at": "Dùng gần nhất · Seen", "created_at": "Từ · Since", "method": "Cách · By",
               "address": "Địa chỉ · Address", "agent": "Trình duyệt · Browser"}  # fmt: skip
    print_rows(rows, columns, "Không đăng nhập ở đâu · not signed in.", as_json)
    if end and not as_json:
        say(f"Đã kết thúc {len(rows)} phiên.", f"{len(rows)} sessions ended.")
