"""One document: what it is, where it stands at each receiver, what happened, what belongs to it, what may be done.

The page is put together for a *scope*: a unit, which sees what concerns it, or None for those who see
everything; a room for auditors or operators may call ``gather`` with its own scope and show the same parts.
Unknown and forbidden are one answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import web
from markupsafe import Markup

from axis.domain.document import Verdict
from axis.domain.errors import SignatureError
from axis.domain.events import Event
from axis.domain.states import WORDS
from axis.domain.telling import plain_note, tell
from axis.fronts.console import clerk_files, filters, marks, texts
from axis.fronts.console.clerk_acts import Offered, offered
from axis.fronts.console.clerk_tools import ALMANAC, DIRECTORY, FLEET, count_open, lookups_of, my_unit, uuid_of
from axis.fronts.console.clerk_words import (
    CHANGED,
    KINDS,
    Stands,
    advice,
    arrived,
    attempts,
    kind_mark,
    note_of,
    number_of,
    worst_first,
)
from axis.fronts.console.marks import Happening, Mark
from axis.fronts.console.pages import here, render, tool
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.texts import N_, gettext
from axis.fronts.console.waiting import waits
from axis.trust import receipt_reader
from axis.trust.verdict import label

Row = Mapping[str, Any]
RELATIONS: dict[tuple[str, str], str] = {
    ("recall", "to"): N_("Văn bản bị thu hồi"), ("recall", "from"): N_("Bị thu hồi bởi"),
    ("update", "to"): N_("Cập nhật văn bản"), ("update", "from"): N_("Được cập nhật bởi"),
    ("replace", "to"): N_("Thay thế văn bản"), ("replace", "from"): N_("Bị thay thế bởi"),
    ("again", "to"): N_("Gửi lại của văn bản"), ("again", "from"): N_("Được gửi lại bằng"),
}  # fmt: skip
_SAID_BY_PEOPLE = frozenset({
    Event.STATUS_MOVED, Event.STATUS_REPEATED, Event.STATUS_LATE, Event.STATUS_NOTED, Event.STATUS_ILLEGAL,
    Event.RECALL_ORDERED, Event.RECALL_ANSWERED, Event.UPDATED, Event.REPLACED, Event.SENT_AGAIN,
})  # fmt: skip
_TROUBLE = frozenset({
    Event.DELIVERY_REFUSED, Event.DEADLINE_MISSED, Event.DEADLINE_ESCALATED, Event.REFUSED, Event.STATUS_ILLEGAL,
    Event.FAILED_BY_RECEIVER,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything on the page. ``receivers``: the newest round to each, worst first; ``earlier``: rounds before;
    ``changes``: the newest that recall, replace or update it; ``links`` and ``receipts``: the newest, with
    ``more_links`` and so many ``more_receipts`` before them."""

    row: Row
    receivers: Sequence[Stands]
    earlier: Sequence[Stands]
    tries: Mapping[UUID, str]
    advice: Mapping[UUID, str]
    facts: Sequence[tuple[str, Any]]
    links: Sequence[tuple[str, Row]]
    more_links: bool
    changes: Sequence[tuple[str, Row]]
    chain: Sequence[Row]
    story: Sequence[Happening]
    receipts: Sequence[Mapping[str, Any]]
    more_receipts: int
    whole: bool


async def gather(request: web.Request, package_id: UUID, scope: UUID | None) -> Shown:
    """Raises HTTPNotFound for what is not there, or not theirs."""
    lookups = lookups_of(request)
    row = await lookups.document(package_id, scope)
    if row is None:
        raise web.HTTPNotFound
    deadlines, now = await tool(request, ALMANAC).current(), tool(request, CONSOLE_SETTINGS).now()
    rows = [one for one in await lookups.deliveries(package_id, scope) if row["own"] or scope is None or arrived(one)]
    newest = {one["unit_id"]: one for one in rows}  # the rounds of a receiver come in their order
    earlier = [one for one in rows if newest[one["unit_id"]]["id"] != one["id"]]
    chain = await lookups.chain(package_id, scope)
    whole = request.rel_url.query.get("story", "") == "whole" and len(chain) > 1
    links, more_links = await lookups.links(package_id, scope)
    receipts = await lookups.receipts(package_id, scope)
    told = await (lookups.story([one["id"] for one in chain], scope) if whole else lookups.timeline(package_id, scope))
    kept = await _kept(request, rows)
    return Shown(
        row=row,
        receivers=worst_first(list(newest.values()), deadlines, now),
        earlier=worst_first(earlier, deadlines, now),
        tries={one["id"]: kept.get(one["id"]) or attempts(one) for one in rows},
        advice={one["id"]: advice(one) for one in rows if row["own"]},
        facts=_facts(row),
        links=[(_relation(link), link) for link in links],
        changes=[(_relation(one), one) for one in links if one["direction"] == "from" and one["kind"] in CHANGED][-3:],
        more_links=more_links,
        chain=chain,
        story=[happening(one, plain=scope is not None) for one in told],
        receipts=[_receipt(one) for one in receipts],
        more_receipts=receipts[0]["many"] - len(receipts) if receipts else 0,
        whole=whole,
    )  # fmt: skip


async def _kept(request: web.Request, rows: Sequence[Row]) -> Mapping[UUID, str]:
    """By delivery: what keeps it, of those that wait."""
    known, fleet = (await tool(request, DIRECTORY).current()).units, tool(request, FLEET)
    queued = {row["id"]: known[row["unit_id"]] for row in rows if row["state"] == "queued" and row["unit_id"] in known}
    pauses = await lookups_of(request).pauses(queued.values())
    return {key: waits(fleet, unit, pauses.get(unit.id)) for key, unit in queued.items()}


async def document(request: web.Request) -> web.StreamResponse:
    unit, package_id = my_unit(request), uuid_of(request.match_info["id"])
    shown = await gather(request, package_id, unit)
    checked = request.rel_url.query.get("receipt", "")
    check = await clerk_files.check(request, shown.row, uuid_of(checked), unit) if checked else None
    await count_open(request)
    acts: dict[UUID, tuple[Offered, ...]] = {
        one.row["id"]: offered(shown.row, one.row, unit) for one in shown.receivers
    }  # fmt: skip
    return render(
        request, "clerk/document.html", shown=shown, row=shown.row, acts=acts, check=check, number=number_of(shown.row),
        recallable=any(act.name == "recall" for found in acts.values() for act in found),
        kind=kind_mark(shown.row["business_type"]), attachments=clerk_files.listed(request, shown.row),
        verdict=verdict_mark(shown.row), number_of=number_of, note_of=note_of,
        stories=[(gettext("Văn bản này"), here(request, story=None), not shown.whole),
                 (gettext("Cả chuỗi văn bản"), here(request, story="whole"), shown.whole)],
    )  # fmt: skip


def happening(row: Row, *, plain: bool = True) -> Happening:
    """A row of the journal for the timeline: who and why stand beside the sentence, not in it. ``plain``: what went
    wrong with an attempt is told without what concerns operators only."""
    data, event = dict(row["data"]), str(row["event"])
    if plain and event in (Event.POSTPONED, Event.RECALLED) and "text" in data:
        data["text"] = plain_note(str(data["text"]), texts.language())
    person, why = str(data.pop("staff", "") or ""), ""
    for name in ("reason", "note", "text"):
        why = str(data.pop(name, "") or "") or why
    actor = str(row["actor"])
    if not person and actor.startswith("person:"):
        person = actor.removeprefix("person:")
    status = str(data.get("status") or "")
    if why in WORDS.get(status, ()):
        why = ""  # many programs say the word of the status once more
    sentence = tell(event, data, texts.language())
    if "code_number" in row:
        sentence = f"{number_of(row)}: {sentence}"
    return Happening(
        row["at"], sentence[:1].upper() + sentence[1:], "status" if event in _SAID_BY_PEOPLE else "hub",
        row["unit_name"] or "", person, why, _mark(event, status),
    )  # fmt: skip


def _mark(event: str, status: str) -> Mark | None:
    if event in _TROUBLE:  # an illegal status too: what was refused must not look like what stands
        return marks.mark("", "bad", "alarm")
    if status in WORDS and event in _SAID_BY_PEOPLE:
        return marks.handling(status)
    if event in (Event.RECALL_ORDERED, Event.RECALLED, Event.RECALL_ANSWERED):
        return marks.mark("", "wait", "back")
    if event in (Event.DELIVERED, Event.ACCEPTED):
        return marks.mark("", "good", "check")
    if event in (Event.POSTPONED, Event.HELD, Event.PARKED, Event.RELEASED):
        return marks.mark("", "wait", "clock")
    return marks.mark("", "plain", "arrow")


def _receipt(row: Row) -> Mapping[str, Any]:
    """With what it says of whom, as its own words have it: three receivers of one document look alike else."""
    try:
        said = receipt_reader.payload(receipt_reader.split(row["jws"]))
    except SignatureError:
        said = {}
    receivers = ", ".join(map(str, said.get("receivers") or ()))
    return {**row, "words": tell(row["event"], {"status": said.get("status") or ""}, texts.language()), "by": receivers}


def _relation(link: Row) -> str:
    words = RELATIONS[link["kind"], link["direction"]]
    return gettext(words)


def verdict_mark(row: Row) -> Mark:
    words = label(Verdict(row["verdict"]), texts.language())
    proven = row["verdict"] == Verdict.PROVEN
    return marks.mark(words[:1].upper() + words[1:], "good" if proven else "wait", "check" if proven else "question")


def _facts(row: Row) -> list[tuple[str, Any]]:
    """The header: what is empty is left out, but for what every document has."""
    details = row["details"]
    signer, other = details.get("signer") or {}, details.get("other") or {}
    business, signed = details.get("business") or {}, details.get("signed_by") or {}
    place = ", ".join(part for part in (details.get("place", ""), _day(row["promulgation_date"])) if part)
    post = signer.get("position") or signer.get("competence")
    found: list[tuple[str, str]] = [
        (gettext("Loại văn bản"), row["type_name"]),
        (gettext("Cơ quan gửi"), " – ".join(p for p in (row["sender_name"] or row["source_name"], row["sender"]) if p)),
        (gettext("Nơi và ngày ban hành"), place),
        (gettext("Người ký"), ", ".join(p for p in (signer.get("full_name"), post) if p)),
        (gettext("Hạn xử lý"), _day(row["due_date"])),
        (gettext("Số trang"), str(other.get("pages") or "")),
        (gettext("Số lượng bản"), str(other.get("copies") or "")),
        (gettext("Kèm bản giấy"), {"1": gettext("Có"), "0": gettext("Không")}.get(str(row["paper"]), "")),
        (gettext("Nơi nhận khác, ngoài trục"), ", ".join(map(str, details.get("elsewhere") or ()))),
        (gettext("Lý do"), str(business.get("reason") or "") if row["business_type"] in KINDS else ""),
        (gettext("Mã văn bản"), row["document_id"]),
        (gettext("Chứng thư ký"), str(signed.get("subject") or "")),
    ]  # fmt: skip
    told: list[tuple[str, Any]] = [(name, filters.said(value, 400)) for name, value in found if value]
    told.insert(3, (gettext("Trục nhận lúc"), filters.moment(row["received_at"])))
    told.append((gettext("Mã gói trên trục"), Markup("<code>{}</code>").format(row["id"])))
    return told


def _day(value: Any) -> str:
    return f"{value:%d/%m/%Y}" if value else ""
