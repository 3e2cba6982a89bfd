"""A ministry whose papers hold everything that poison.py knows, and who looks at them.

The texts come the way they would, in signed packages through the door; what XML cannot carry is put into the database
as a program that is not ours would.
"""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import quote
from xml.sax.saxutils import escape

import lxml.html

from axis.domain.document import Organization, Signer
from axis.domain.errors import AxisError
from axis.domain.people import Role
from axis.edxml.writer import FileToSend, document_bytes
from axis.hub.contracts import Acceptance
from tests.console import poison
from tests.console.visitors import Visitor, Visits
from tests.console.world import visited
from tests.hub.talks import Desk
from tests.hub.world import MINISTRY, ROADS, World, document, signed

TEXTS = poison.texts()
_NAME = "ten-cua-tep.pdf"


@dataclass
class Poisoned:
    """``by_text``: what carries each text, for those that stand in a document; ``door``: how many came through it;
    ``shapes``: of pages with ordinary words, by their name."""

    world: World
    visits: Visits
    clerk: Visitor
    ministry: Visitor
    operator: Visitor
    auditor: Visitor
    by_text: dict[str, Acceptance] = field(default_factory=dict)
    door: int = 0
    shapes: dict[str, poison.Shape] = field(default_factory=dict)

    async def page(self, who: Visitor, path: str, name: str = "", status: int = 200) -> lxml.html.HtmlElement:
        """A page, of no other shape than the one of that name had with ordinary words."""
        answer = await who.see(path)
        text = await answer.text()
        assert answer.status == status, f"{path}: {answer.status} {text[:1500]}"
        found = poison.checked(text)
        if name:
            strange = poison.shape(found) - self.shapes[name]
            assert not strange, f"{path}: {strange}"
        return found

    async def learn(self, who: Visitor, path: str, name: str, status: int = 200) -> None:
        answer = await who.see(path)
        assert answer.status == status, f"{path}: {answer.status}"
        self.shapes.setdefault(name, set()).update(poison.shape(poison.checked(await answer.text())))


@asynccontextmanager
async def poisoned(world: World) -> AsyncIterator[Poisoned]:
    async with visited(world) as visits:
        made = Poisoned(
            world, visits, await visits.of(Role.UNIT_ADMIN, ROADS), await visits.of(Role.CLERK, MINISTRY),
            await visits.of(Role.OPERATOR), await visits.of(Role.AUDITOR),
        )  # fmt: skip
        desk = Desk(world)
        # Packages are append-only; what XML cannot carry is written by somebody who is not held to that.
        await world.execute("alter table package disable trigger user")
        for text in poison.ORDINARY:
            await learnt(made, desk, text)
        for text in TEXTS:
            made.by_text[text] = await carried(made, desk, text)
        yield made


async def carried(made: Poisoned, desk: Desk, text: str) -> Acceptance:
    """A document with a text in every field that takes one, returned for that reason by its receiver."""
    fit = text.strip() and not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", text)
    package = document(
        MINISTRY, [ROADS], subject=text, content=text, type_name=text[:100], place=text[:100],
        signer=Signer(text[:50], text[:50], text[:50]), to_places=(text[:100],),
    )  # fmt: skip
    package = replace(package, sender=Organization(MINISTRY, organ_name=text[:200]))
    raw = re.sub("[\x00\ud800-\udfff]", "\ufffd", text)
    try:
        if not fit:
            raise ValueError("XML cannot carry it")
        data = document_bytes(package, [FileToSend(_NAME, lambda: io.BytesIO(b"%PDF-1.4 x"), text[:100], "f1")])
        # Our own writer refuses such names; those of others may not.
        sent = await desk.world.send(signed(data.replace(_NAME.encode(), escape(text[:150]).encode())), by=MINISTRY)
        made.door += 1
    except (AxisError, ValueError):
        sent = await desk.sent(document(MINISTRY, [ROADS], subject="sẽ bị thay"))
        await desk.world.execute(
            "update package set subject = $2, sender_name = $2, type_name = $2, details ="
            " jsonb_set(details, '{attachments,0,name}', to_jsonb($2::text))"
            " || jsonb_build_object('content', $2::text, 'place', $2::text, 'signer', jsonb_build_object('full_name',"
            " $2::text, 'position', $2::text), 'elsewhere', jsonb_build_array($2::text)) where id = $1",
            sent.package_id, raw,
        )  # fmt: skip
    await desk.receive(sent, ROADS)
    return sent


async def learnt(made: Poisoned, desk: Desk, text: str) -> None:
    sent = await carried(made, desk, text)
    key = (await desk.row(sent, ROADS))["id"]
    for who, path, name in pages_of(made, sent, str(key)):
        await made.learn(who, path, name)
    for who, path, name in lists(made):
        await made.learn(who, path, name)
        await made.learn(who, f"{path}{'&' if '?' in path else '?'}q={quote('không có gì như thế')}", name)
        await made.learn(who, f"{path}{'&' if '?' in path else '?'}q={quote('duy tu')}", name)


def pages_of(made: Poisoned, sent: Acceptance, delivery: str) -> list[tuple[Visitor, str, str]]:
    """Every page about one document: who sees it, where, and what it is called here."""
    at = f"/console/document/{sent.package_id}"
    return [
        (made.clerk, at, "document"), (made.ministry, at, "document of sender"),
        (made.ministry, f"{at}/recall", "recall"), (made.clerk, f"{at}/return/{delivery}", "return"),
        (made.auditor, f"/console/audit/documents/{sent.package_id}", "audited"),
        (made.operator, f"/console/ops/deliveries/{delivery}", "delivery"),
    ]  # fmt: skip


def lists(made: Poisoned) -> list[tuple[Visitor, str, str]]:
    return [
        (made.clerk, "/console/in?days=all", "in"), (made.ministry, "/console/out?days=all", "out"),
        (made.clerk, "/console/unaccepted", "unaccepted"), (made.ministry, "/console/unaccepted?side=sent", "waiting"),
        (made.auditor, "/console/audit/documents?days=all", "audit"),
        (made.auditor, "/console/audit/journal?days=all", "audit journal"),
        (made.operator, "/console/ops/deliveries", "deliveries"), (made.operator, "/console/ops/journal", "journal"),
        (made.operator, "/console/ops/people", "people"), (made.auditor, "/console/audit/people", "audit people"),
    ]  # fmt: skip
