"""``axis package`` and ``axis delivery``: what was taken in, and what became of it, receiver by receiver."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
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
    language,
    print_facts,
    print_json,
    print_rows,
    run,
    told_json_option,
)
from axis.config import load
from axis.core import Core, open_core
from axis.domain.document import Verdict
from axis.domain.errors import AxisError, NotFound, SetupError, StateError
from axis.domain.states import TRANSPORT_WORDS, WORDS, Transport
from axis.domain.telling import tell
from axis.hub.standing import shown_deadline
from axis.trust.verdict import label

PAGE = 500
_STORY = {"at": "Lúc · When", "actor": "Ai · Who", "unit": "Đơn vị · Unit", "words": "Việc gì · What"}
_RELATIONS = {
    ("recall", "to"): ("thu hồi", "recalls"), ("recall", "from"): ("bị thu hồi bởi", "recalled by"),
    ("update", "to"): ("cập nhật", "updates"), ("update", "from"): ("được cập nhật bởi", "updated by"),
    ("replace", "to"): ("thay thế", "replaces"), ("replace", "from"): ("bị thay thế bởi", "replaced by"),
    ("again", "to"): ("gửi lại của", "sent again after"), ("again", "from"): ("được gửi lại bằng", "sent again as"),
}  # fmt: skip
_limit = click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1), help="Số dòng · rows."
)
_all = click.option("--all", "everything", is_flag=True, help="Tất cả · all of them.")


@click.group()
def package() -> None:
    """Gói tin đã nhận · packages taken in."""


@click.group()
def delivery() -> None:
    """Lượt gửi tới từng đơn vị · deliveries, receiver by receiver."""


async def _pages(
    fetch: Callable[[UUID | None, int], Awaitable[Sequence[Mapping[str, Any]]]], wanted: int | None
) -> list[dict[str, Any]]:
    """Rows page by page, newest first: no statement grows with what is stored."""
    rows: list[dict[str, Any]] = []
    last: UUID | None = None
    while wanted is None or len(rows) < wanted:
        page = await fetch(last, PAGE if wanted is None else min(PAGE, wanted - len(rows)))
        rows += [dict(row) for row in page]
        if len(page) == 0 or (wanted is not None and len(rows) >= wanted):
            break
        last = page[-1]["id"]
    return rows


@package.command("list")
@click.option("--sender", default="", help="Mã đơn vị gửi · code of the sender.")
@click.option("--kind", default="", type=click.Choice(["", "document", "status"]))
@_limit
@_all
@data_option
@config_option
@json_option
def list_packages(
    sender: str, kind: str, limit: int, everything: bool, data: Path, config_file: Path | None, as_json: bool
) -> None:
    """Các gói tin, mới nhất trước · packages, newest first."""

    async def work() -> list[dict[str, Any]]:
        async with open_core(load(data, config_file), connections=2) as core:
            return await _pages(
                lambda last, n: core.packages.page(last, sender, kind, n), None if everything else limit
            )

    columns = {"id": "Gói · Package", "kind": "Loại", "sender": "Gửi · Sender", "document_id": "Mã văn bản · DocumentId",
               "subject": "Trích yếu · Subject", "verdict": "Xác minh · Verdict", "received_at": "Nhận lúc · Received"}  # fmt: skip
    print_rows(run(work), columns, "Chưa có gói tin nào · no packages yet.", as_json)


@package.command("show")
@click.argument("package_id")
@data_option
@config_option
@json_option
def show(package_id: str, data: Path, config_file: Path | None, as_json: bool) -> None:
    """Mọi điều về một gói tin · header, verdict, receivers and the story so far. ID or DocumentId."""

    async def work() -> dict[str, Any]:
        async with open_core(load(data, config_file), connections=2) as core:
            return await _story(core, await _package_id(core, package_id))

    found = run(work)
    if as_json:
        print_json(found)
        return
    head = (
        "id",
        "kind",
        "sender",
        "sender_name",
        "document_id",
        "subject",
        "priority",
        "sha256",
        "size",
        "received_at",
    )
    print_facts({**{key: found[key] for key in head}, "verdict": found["verdict_words"]})
    click.echo()
    columns = {"unit": "Đơn vị · Unit", "unit_name": "Tên · Name", "state_words": "Phát · Transport", "handling_words": "Xử lý · Handling",
               "deadline": "Hạn · Deadline", "attempts": "Lần · Tries", "finished_at": "Xong lúc · Done", "remark": "Ghi chú · Note"}  # fmt: skip
    print_rows(found["deliveries"], columns, "–", False)
    if found["links"]:
        click.echo()
        columns = {"relation": "Liên quan · Relation", "document_id": "Mã văn bản · DocumentId", "package_id": "Gói · Package",
                   "subject": "Trích yếu · Subject", "received_at": "Nhận lúc · Received"}  # fmt: skip
        print_rows(found["links"], columns, "–", False)
    click.echo()
    print_rows(found["timeline"], _STORY, "–", False)


@package.command("story")
@click.argument("package_id")
@data_option
@config_option
@json_option
def story(package_id: str, data: Path, config_file: Path | None, as_json: bool) -> None:
    """Toàn bộ câu chuyện: văn bản, thu hồi, cập nhật, thay thế, gửi lại · the whole chain as one story."""

    async def work() -> list[dict[str, Any]]:
        async with open_core(load(data, config_file), connections=2) as core:
            key = await _package_id(core, package_id)
            if await core.packages.show(key) is None:
                raise NotFound("package.unknown", id=package_id)
            chain = [row["id"] for row in await core.documents.chain(key)]
            return _told(await core.documents.story(chain))

    print_rows(run(work), {"document_id": "Mã văn bản · DocumentId", **_STORY}, "–", as_json)


async def _package_id(core: Core, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        found = await core.packages.find(text)
        if not found:
            raise NotFound("package.unknown", id=text) from None
        return found[0]


async def _story(core: Core, package_id: UUID) -> dict[str, Any]:
    row = await core.packages.show(package_id)
    if row is None:
        raise NotFound("package.unknown", id=package_id)
    found = dict(row)
    found["verdict_words"] = label(Verdict(found["verdict"]), language())
    deadlines, now = await core.almanac.current(), datetime.now(UTC)
    found["deliveries"] = [
        {**d, "unit": d["unit_code"], **_in_words(d), "deadline": shown_deadline(deadlines, d, now, language())}
        for d in await core.packages.deliveries_of(package_id)
    ]
    found["late"] = found["send_due_at"] is not None and found["received_at"] > found["send_due_at"]
    found["links"] = [{**link, "relation": _relation(link)} for link in await core.documents.links_of(package_id)]
    found["timeline"] = _told(await core.packages.timeline(package_id))
    return found


def _in_words(row: Mapping[str, Any]) -> dict[str, str]:
    place = 0 if language() == "vi" else 1
    said = [_said(row, place)]
    if several := row.get("addressees"):  # each of them has a word of its own
        said = [f"{one['code']}: {_said(one, place)}" for one in several]
    remark = row["reason"] or row["note"]
    if row["round"] > 1:
        remark = f"{'lượt' if place == 0 else 'round'} {row['round']}. {remark}".strip()
    return {
        "state_words": TRANSPORT_WORDS[row["state"]][place],
        "handling_words": " | ".join(said),
        "remark": remark,
    }


def _said(row: Mapping[str, Any], place: int) -> str:
    words = "; ".join(WORDS[code][place] for code in (row["handling"], row["taking_back"]) if code)
    return words or WORDS[""][place]


def _relation(link: Mapping[str, Any]) -> str:
    """What this package does to the other one, or the other to it."""
    return _RELATIONS[link["kind"], link["direction"]][0 if language() == "vi" else 1]


def _told(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "words": tell(row["event"], row["data"], language())} for row in rows]


@package.command("save")
@told_json_option
@click.argument("package_id")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
@config_option
def save(package_id: str, file: Path, data: Path, config_file: Path | None) -> None:
    """Ghi nguyên văn gói tin ra FILE · the original bytes, digest checked."""

    async def work() -> None:
        async with open_core(load(data, config_file), connections=2) as core:
            row = await core.packages.show(await _package_id(core, package_id))
            if row is None:
                raise NotFound("package.unknown", id=package_id)
            try:
                with file.open("wb") as out:
                    async for piece in core.payloads.open(row["sha256"], row["size"]):
                        out.write(piece)
            except OSError as error:
                raise SetupError("setup.file", file=file, detail=error.strerror or str(error)) from error
            except AxisError:
                await asyncio.to_thread(file.unlink, True)  # never leave the half of a document behind
                raise
        done(
            {"file": file, "sha256": row["sha256"], "size": row["size"]},
            f"Đã ghi {file} ({row['size']} byte).", f"Wrote {file} ({row['size']} bytes).",
        )  # fmt: skip

    run(work)


@delivery.command("list")
@click.option("--unit", "unit_code", default="", help="Mã đơn vị nhận · code of the receiver.")
@click.option("--state", default="", type=click.Choice(["", *(t.value for t in Transport)]), help="Trạng thái phát · transport state.")
@click.option("--kind", default="", type=click.Choice(["", "document", "status"]))
@_limit
@_all
@data_option
@config_option
@json_option
def list_deliveries(
    unit_code: str, state: str, kind: str, limit: int, everything: bool, data: Path, config_file: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Các lượt gửi, mới nhất trước · deliveries, newest first."""

    async def work() -> list[dict[str, Any]]:
        async with open_core(load(data, config_file), connections=2) as core:
            return await _pages(
                lambda last, n: core.deliveries.page(last, unit_code, state, kind, n),
                None if everything else limit,
            )

    columns = {"id": "Lượt gửi · Delivery", "unit": "Nhận · Unit", "document_id": "Mã văn bản · DocumentId", "state": "Phát · State",
               "handling": "Xử lý", "taking_back": "Lấy lại", "attempts": "Lần", "next_attempt_at": "Lần tới · Next", "note": "Ghi chú · Note"}  # fmt: skip
    print_rows(run(work), columns, "Không có lượt gửi nào · no deliveries.", as_json)


@delivery.command("show")
@click.argument("delivery_id", type=click.UUID)
@data_option
@config_option
@json_option
def show_delivery(delivery_id: UUID, data: Path, config_file: Path | None, as_json: bool) -> None:
    """Từng lần gửi của một lượt: đã gọi gì, được trả lời gì · every attempt of one delivery."""

    async def work() -> list[dict[str, Any]]:
        async with open_core(load(data, config_file), connections=2) as core:
            if await core.deliveries.get(delivery_id) is None:
                raise NotFound("delivery.unknown", id=delivery_id)
            rows = [dict(row) for row in await core.deliveries.attempts_of(delivery_id)]
            return rows if as_json else [{**row, "request": row["request"] or "không ghi · not kept"} for row in rows]

    columns = {
        "attempt": "Lần",
        "started_at": "Bắt đầu · Started",
        "request": "Đã gọi · Request",
        "outcome": "Kết quả · Outcome",
        "detail": "Chi tiết · Detail",
    }
    print_rows(run(work), columns, "Chưa gửi lần nào · not attempted yet.", as_json)


def _move(name: str, verb_vi: str, verb_en: str, words: str) -> None:
    @delivery.command(name, help=words)
    @click.argument("delivery_ids", nargs=-1, type=click.UUID)
    @click.option("--unit", "unit_code", default="", help="Mọi lượt của đơn vị · every one of a unit.")
    @click.option("--reason", required=True, help="Lý do, ghi vào nhật ký · why, written to the journal.")
    @click.option("--dry-run", is_flag=True, help="Chỉ đếm · only count.")
    @told_json_option
    @by_option
    @data_option
    @config_option
    def command(
        delivery_ids: tuple[UUID, ...], unit_code: str, reason: str, dry_run: bool, actor: str, data: Path,
        config_file: Path | None,
    ) -> None:  # fmt: skip
        if bool(delivery_ids) == bool(unit_code):
            raise click.UsageError("DELIVERY_IDS | --unit CODE")

        async def work() -> None:
            async with open_core(load(data, config_file), connections=2) as core:
                chosen = list(delivery_ids) or await _of_unit(core, unit_code, name)
                if dry_run:
                    facts = {"would": name, "deliveries": chosen}
                    done(facts, f"{len(chosen)} lượt gửi.", f"{len(chosen)} deliveries.")
                    return
                move = core.deliveries.replay if name == "replay" else core.deliveries.park
                for key in chosen:
                    if not await move(key, actor, reason):
                        await _explain(core, key, verb_vi)
                done(
                    {"did": name, "deliveries": chosen},
                    f"Đã {verb_vi} {len(chosen)} lượt gửi.", f"{len(chosen)} deliveries {verb_en}.",
                )  # fmt: skip

        run(work)


@delivery.command("resend")
@click.argument("delivery_id", type=click.UUID)
@click.option("--reason", required=True, help="Lý do, ghi vào nhật ký · why, written to the journal.")
@told_json_option
@by_option
@data_option
@config_option
def resend(delivery_id: UUID, reason: str, actor: str, data: Path, config_file: Path | None) -> None:
    """Gửi lại văn bản bị trả lại (02) bằng một lượt mới · send what was returned again, as a new delivery."""

    async def work() -> None:
        async with open_core(load(data, config_file), connections=2) as core:
            made = await core.documents.resend(delivery_id, actor, reason)
            if made is None:
                row = await core.deliveries.get(delivery_id)
                if row is None:
                    raise NotFound("delivery.unknown", id=delivery_id)
                state, handling = row["state"], row["handling"] or "–"
                raise StateError("delivery.not-resendable", id=delivery_id, state=state, handling=handling)
            done({"did": "resend", "delivery": made}, f"Lượt gửi mới: {made}.", f"New delivery: {made}.")

    run(work)


async def _of_unit(core: Core, code: str, name: str) -> list[UUID]:
    states = ("parked", "refused") if name == "replay" else ("queued",)
    found: list[UUID] = []
    for state in states:
        rows = await _pages(lambda last, n, s=state: core.deliveries.page(last, code, s, "", n), None)  # type: ignore[misc]  # the state is bound now
        found += [row["id"] for row in rows]
    return found


async def _explain(core: Core, key: UUID, action: str) -> None:
    row = await core.deliveries.get(key)
    if row is None:
        raise NotFound("delivery.unknown", id=key)
    raise StateError("delivery.not-movable", id=key, state=row["state"], action=action)


_move(
    "replay",
    "gửi lại",
    "replayed",
    "Gửi lại lượt đang giữ hoặc bị từ chối · send parked or refused ones again.",
)
_move("park", "giữ lại", "parked", "Giữ lại lượt đang chờ · hold waiting ones back.")
