"""What stands in the addresses of the matrix: for every route with a parameter, something of one's own, something of
another's, and something that is not there. ``OPEN`` and ``ROOMS`` say once more, on their own, who may call what.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from axis.domain.calendar import DayKind
from axis.domain.people import Role
from axis.fronts.console.routes import Route
from axis.store.operations import Operations
from tests.console.world import Town
from tests.hub.world import MINISTRY, PORTS, RAIL, ROADS

EVERYBODY = frozenset(Role)
CLERKS = frozenset({Role.CLERK, Role.UNIT_ADMIN})
OPERATOR, AUDITOR = frozenset({Role.OPERATOR}), frozenset({Role.AUDITOR})

ROOMS: Mapping[str, frozenset[Role]] = {
    "clerk": CLERKS, "unit": frozenset({Role.UNIT_ADMIN}), "operator": OPERATOR, "auditor": AUDITOR, "home": EVERYBODY,
    "account.self": EVERYBODY, "account.language": EVERYBODY, "account.sessions": EVERYBODY,
    "figures": frozenset({Role.OPERATOR, Role.AUDITOR}), "figures.own": frozenset({Role.UNIT_ADMIN}),
}  # fmt: skip
"""By the name of a route, or the nearest name above it."""
OPEN = frozenset({
    "account.sign-in", "account.sign-in.code", "account.sign-in.enrol", "account.sign-out", "account.invitation",
    "account.oidc.start", "account.oidc.return", "public", "help", "help.topic", "static",
})  # fmt: skip
"""Public, each by its own name: nothing becomes public by standing below something that is."""


def who_may(name: str) -> frozenset[Role] | None:
    """What this table says of a route; None when it says nothing."""
    if name in OPEN:
        return frozenset()
    while name and name not in ROOMS:
        name = name.rpartition(".")[0]
    return ROOMS.get(name)


@dataclass(frozen=True, slots=True)
class Cell:
    """Addresses below /console. ``other``: another unit's, or another person's; ``others_own``: those of ``other``
    that somebody of the same role in Rail does get, which proves that something is there; ``missing``: nobody's."""

    own: Sequence[str] = ()
    other: Sequence[str] = ()
    others_own: Sequence[str] = ()
    missing: Sequence[str] = ()


Fill = Callable[[Town], Awaitable[Cell]]
FILLS: dict[str, Fill] = {}


def fill(*names: str) -> Callable[[Fill], Fill]:
    def kept(made: Fill) -> Fill:
        FILLS.update(dict.fromkeys(names, made))
        return made

    return kept


async def cell(town: Town, route: Route) -> Cell:
    """The addresses of a route. One without parameters has one."""
    return await FILLS[route.name](town) if route.name in FILLS else Cell(own=[route.path])


def _document(tail: str) -> Fill:
    async def made(town: Town) -> Cell:
        papers, other = town.papers, [town.papers.rails.package_id, town.papers.rails_sent.package_id]
        return Cell(
            own=[f"/document/{key}{tail}" for key in (papers.received.package_id, papers.sent.package_id)],
            other=[f"/document/{key}{tail}" for key in other], others_own=[f"/document/{key}{tail}" for key in other],
            missing=[*(f"/document/{uuid4()}{tail}" for _ in other), f"/document/{'-' * 36}{tail}"],
        )  # fmt: skip

    return made


FILLS["clerk.document"] = _document("")
FILLS["clerk.document.original"] = _document("/original")
FILLS["clerk.document.attachment"] = _document("/attachment/0")


@fill("clerk.document.recall")
async def _recall(town: Town) -> Cell:
    papers = town.papers
    return Cell(
        own=[f"/document/{papers.sent.package_id}/recall"],
        # What somebody else sent is not recalled by who received it.
        other=[f"/document/{sent.package_id}/recall" for sent in (papers.rails_sent, papers.rails, papers.received)],
        others_own=[f"/document/{papers.rails_sent.package_id}/recall"],
        missing=[f"/document/{uuid4()}/recall"],
    )


@fill("clerk.document.receipt")
async def _receipt(town: Town) -> Cell:
    papers = town.papers
    theirs, mine = await town.receipt(papers.rails_sent), await town.receipt(papers.sent)
    neighbour = await town.receipt(papers.shared, RAIL)

    def at(package: UUID, event: UUID) -> str:
        return f"/document/{package}/receipt/{event}"

    return Cell(
        own=[at(papers.sent.package_id, mine)],
        other=[
            at(papers.rails_sent.package_id, theirs), at(papers.sent.package_id, theirs),
            at(papers.rails_sent.package_id, mine), at(papers.shared.package_id, neighbour),
        ],
        others_own=[at(papers.rails_sent.package_id, theirs)],
        missing=[at(uuid4(), uuid4()), at(papers.sent.package_id, uuid4())],
    )  # fmt: skip


@fill("clerk.document.act")
async def _act(town: Town) -> Cell:
    papers = town.papers
    received, sent = papers.received.package_id, papers.sent.package_id
    mine, to_ministry = await town.delivery(papers.received, ROADS), await town.delivery(papers.sent, MINISTRY)
    rails, neighbour = await town.delivery(papers.rails, RAIL), await town.delivery(papers.shared, RAIL)
    theirs = papers.rails.package_id
    return Cell(
        own=[f"/document/{received}/accept/{mine}", f"/document/{sent}/ask-back/{to_ministry}"],
        other=[
            f"/document/{theirs}/accept/{rails}", f"/document/{received}/accept/{rails}",
            f"/document/{theirs}/accept/{mine}", f"/document/{papers.shared.package_id}/accept/{neighbour}",
        ],
        others_own=[f"/document/{theirs}/accept/{rails}",
                    f"/document/{papers.shared.package_id}/accept/{neighbour}"],
        missing=[
            f"/document/{uuid4()}/accept/{uuid4()}", f"/document/{received}/accept/{uuid4()}",
            f"/document/{uuid4()}/accept/{mine}", f"/document/{papers.shared.package_id}/accept/{uuid4()}",
            f"/document/{received}/burn/{mine}",
        ],
    )  # fmt: skip


@fill("clerk.registers.file")
async def _register(town: Town) -> Cell:
    kinds = ("outgoing-register", "incoming-register", "follow-up-register")
    return Cell(own=[f"/registers/{kind}" for kind in kinds], missing=["/registers/reconciliation", "/registers/x"])


@fill("clerk.received.newer")
async def _newer_in(town: Town) -> Cell:
    return Cell(own=[f"/in/newer?since={await town.delivery(town.papers.received, ROADS)}"])


@fill("clerk.sent.newer")
async def _newer_out(town: Town) -> Cell:
    return Cell(own=[f"/out/newer?since={town.papers.sent.package_id}"])


@fill("figures.own")
async def _own_figures(town: Town) -> Cell:
    return Cell(
        own=["/figures/own", f"/figures/own?unit={ROADS}"], other=[f"/figures/own?unit={RAIL}"],
        missing=["/figures/own?unit=000.00.99.G04"],
    )  # fmt: skip


def _unit(tail: str) -> Fill:
    async def made(town: Town) -> Cell:
        return Cell(own=[f"/ops/unit/{ROADS}{tail}"], missing=[f"/ops/unit/000.00.99.G04{tail}"])

    return made


for _name in ("pause", "resume", "slow", "secret", "test"):
    FILLS[f"operator.overview.unit.{_name}"] = _unit(f"/{_name}")
FILLS["operator.overview.unit"] = _unit("")
FILLS["operator.overview.unit.state"] = _unit("/state?to=suspended")


@fill("operator.overview.setup")
async def _setup(town: Town) -> Cell:
    steps = ("info", "connection", "certificates", "test", "open")
    return Cell(own=[f"/ops/unit/{ROADS}/setup/{step}" for step in steps],
                missing=["/ops/unit/000.00.99.G04/setup/info", f"/ops/unit/{ROADS}/setup/x"])  # fmt: skip


@fill("operator.overview.unit.revoke")
async def _revoke(town: Town) -> Cell:
    rows = await town.world.core.units.credentials_of(town.world.units[RAIL].id)
    live = [row["id"] for row in rows if row["revoked_at"] is None]
    if not live:  # the operator's own cell revoked it
        await town.world.core.onboarding.rotate(town.world.units[RAIL], "he-thong.moi", "", actor="test")
        rows = await town.world.core.units.credentials_of(town.world.units[RAIL].id)
        live = [row["id"] for row in rows if row["revoked_at"] is None]
    key = live[0]
    return Cell(
        own=[f"/ops/unit/{RAIL}/revoke/{key}"], other=[f"/ops/unit/{ROADS}/revoke/{key}"],
        missing=[f"/ops/unit/{ROADS}/revoke/{uuid4()}"],
    )  # fmt: skip


@fill("operator.deliveries.one")
async def _delivery(town: Town) -> Cell:
    key = await town.delivery(town.papers.received, ROADS)
    return Cell(own=[f"/ops/deliveries/{key}"], missing=[f"/ops/deliveries/{uuid4()}"])


@fill("operator.deliveries.one.act")
async def _delivery_act(town: Town) -> Cell:
    parked, queued, back = [
        await town.delivery(town.papers.by_state[name], code)
        for name, code in (("parked", PORTS), ("queued", RAIL), ("02", MINISTRY))
    ]
    return Cell(
        own=[f"/ops/deliveries/{queued}/park", f"/ops/deliveries/{parked}/replay", f"/ops/deliveries/{back}/resend"],
        missing=[f"/ops/deliveries/{uuid4()}/park", f"/ops/deliveries/{queued}/burn"],
    )


@fill("operator.deliveries.choice")
async def _choice(town: Town) -> Cell:
    operations = Operations(town.world.core.database)
    ids = [await town.delivery(town.papers.by_state["parked"], PORTS)]
    mine, theirs = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    people = {row["login"]: row["id"] for row in await town.world.rows("select login, id from person")}
    await operations.choose(mine, people[town.login(Role.OPERATOR)], "replay", ids)
    await operations.choose(theirs, people[town.login(Role.AUDITOR)], "replay", ids)
    return Cell(own=[f"/ops/deliveries/choice/{mine}"], other=[f"/ops/deliveries/choice/{theirs}"],
                missing=[f"/ops/deliveries/choice/{secrets.token_urlsafe(32)}"])  # fmt: skip


@fill("operator.people.one")
async def _person(town: Town) -> Cell:
    return Cell(own=[f"/ops/people/{town.spare}"], missing=["/ops/people/khong.co"])


@fill("operator.people.one.act")
async def _person_act(town: Town) -> Cell:
    acts = ("disable", "enable", "reset", "end-sessions")
    return Cell(own=[f"/ops/people/{town.spare}/{act}" for act in acts],
                missing=["/ops/people/khong.co/disable", f"/ops/people/{town.spare}/burn"])  # fmt: skip


def _of_the_unit(*tails: str) -> Fill:
    """People: one's own, one of the other unit's, and those of no unit."""

    async def made(town: Town) -> Cell:
        own, rails = await town.colleague(), town.spare
        others = [rails, town.login(Role.OPERATOR), town.login(Role.AUDITOR)]
        return Cell(
            own=[f"/unit/people/{own}{tail}" for tail in tails],
            other=[f"/unit/people/{login}{tail}" for login in others for tail in tails],
            others_own=[f"/unit/people/{rails}{tail}" for tail in tails],
            missing=[f"/unit/people/khong.co{tail}" for _ in others for tail in tails],
        )

    return made


FILLS["unit.people.one"] = _of_the_unit("")
FILLS["unit.people.one.act"] = _of_the_unit("/disable", "/enable", "/reset", "/end-sessions")


def _audited(tail: str) -> Fill:
    async def made(town: Town) -> Cell:
        keys = (town.papers.received.package_id, town.papers.rails.package_id)
        return Cell(own=[f"/audit/documents/{key}{tail}" for key in keys],
                    missing=[f"/audit/documents/{uuid4()}{tail}"])  # fmt: skip

    return made


FILLS["auditor.documents.document"] = _audited("")
FILLS["auditor.documents.document.original"] = _audited("/original")
FILLS["auditor.documents.document.attachment"] = _audited("/files/0")


@fill("auditor.documents.document.receipt")
async def _audited_receipt(town: Town) -> Cell:
    papers = town.papers
    event = await town.receipt(papers.sent)
    return Cell(
        own=[f"/audit/documents/{papers.sent.package_id}/receipts/{event}"],
        missing=[f"/audit/documents/{papers.rails.package_id}/receipts/{event}",
                 f"/audit/documents/{papers.sent.package_id}/receipts/{uuid4()}"],
    )  # fmt: skip


@fill("operator.settings.calendar.unset")
async def _unset(town: Town) -> Cell:
    await town.world.core.almanac.set_day(date(2030, 9, 3), DayKind.HOLIDAY, "Ngày thử", actor="test")
    return Cell(own=["/ops/settings/calendar/unset"])


@fill("account.invitation")
async def _invitation(town: Town) -> Cell:
    return Cell(own=[f"/invitation/{town.invitation}"])


@fill("help.topic")
async def _topic(town: Town) -> Cell:
    return Cell(own=["/help/marks", "/help/clerk.sent"])


@fill("static")
async def _static(town: Town) -> Cell:
    return Cell(own=[f"/static/{town.console.assets.url('console.css')}"])


SENT: Mapping[str, Mapping[str, Any]] = {
    "operator.deliveries.choose": {"act": "park", "state": "queued"},
    "operator.overview.unit.slow": {"parallel": "2"}, "operator.overview.unit.secret": {"kind": "vxp", "overlap": "0"},
    "operator.overview.unit.state": {"to": "suspended"},
    "operator.overview.new": {"policy": "required"},
    "operator.overview.setup": {"policy": "required", "kind": "mailbox"},
    "operator.settings.calendar.set": {"kind": "holiday"}, "operator.settings.calendar.unset": {"day": "03/09/2030"},
    "operator.people.one": {"role": "clerk", "language": "vi"},
    "operator.people.invite": {"role": "clerk", "language": "vi"},
    "unit.people.one": {"role": "clerk", "language": "vi"}, "unit.people.invite": {"role": "clerk", "language": "vi"},
    "account.language": {"language": "vi"},
}  # fmt: skip
"""What a browser would send in forms that offer choices; reasons and names stay empty."""
