"""The thirteen operations of the VXP API, one function each, over the hub's use cases.

They read signed values only. ``docId`` and ``docid`` travel together in real programs, where the one an
operation does not mean is old: updateStatus takes docid first, all others docId.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from aiohttp import web

from axis.domain.codes import normal
from axis.domain.document import Kind
from axis.domain.errors import NotFound, PackageError
from axis.fronts import outgoing, vxp_answers
from axis.fronts.uploads import Upload, announced_size
from axis.fronts.vxp_answers import Answer, ok
from axis.fronts.vxp_auth import announces, receivers_of
from axis.fronts.vxp_call import Call, Operation, plain
from axis.hub.contracts import Fetched, Source

log = structlog.get_logger()

MOST_WARNINGS = 20
_KINDS = {"edoc": Kind.DOCUMENT, "status": Kind.STATUS}


def _kind(call: Call) -> Kind:
    word = call.signed.get("messagetype").strip().lower() or "edoc"
    if word not in _KINDS:
        raise PackageError("request.unknown-value", name="messagetype", allowed="edoc, status")
    return _KINDS[word]


def _needed(call: Call, *names: str) -> str:
    value = call.signed.get(*names).strip()
    if not value:
        raise PackageError("request.missing", name=names[0])
    return value


def _document_id(call: Call, *names: str) -> UUID:
    """An id that is no UUID was never given out: the same answer as for one that is unknown."""
    text = _needed(call, *names)
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("access.unknown-document") from None


async def send_edoc(call: Call) -> Answer:
    """Hand in a package. The header's from and to are the caller's word only: what counts is inside the
    package; where the two disagree, the log tells."""
    announced = _needed(call, "hash-file")
    sender = call.signed.get("from").strip()
    if sender and normal(sender) not in {normal(c) for c in (*call.unit.codes, call.system_id)}:
        log.warning("vxp.from-differs", unit=call.unit.code, claimed=plain(sender), trace_id=call.trace_id)
    receivers = receivers_of(call.signed.get("to"))
    body = Upload(call.request, call.settings.max_package, call.settings.pace, crlf=True)
    source = Source(
        front="vxp", unit=call.unit, remote=call.request.remote or "", declared=_kind(call),
        expected=announces(announced), size=announced_size(call.request), trace_id=call.trace_id,
    )  # fmt: skip
    accepted = await call.hub.intake.accept(body, source)
    log.info(
        "vxp.accepted", unit=call.unit.code, package_id=str(accepted.package_id), repeated=accepted.repeated,
        claimed_receivers=len(receivers), first_claimed=plain(", ".join(receivers[:10])),
        trace_id=call.trace_id,
    )  # fmt: skip
    # Unknown fields are ignored by the client, so the proof of acceptance can travel with the answer, and
    # what the axis noticed without refusing it.
    warnings = [f"{finding.text('vi')} [{finding.rule}]" for finding in accepted.findings[:MOST_WARNINGS]]
    more = {"Warnings": warnings} if warnings else {}
    return ok(DocId=str(accepted.package_id), Receipt=accepted.receipt, **more)


async def received_list(call: Call) -> Answer:
    waiting = await call.hub.mailroom.waiting(call.unit, _kind(call), limit=call.settings.list_limit)
    return ok(data=[vxp_answers.received_item(item) for item in waiting])


async def sent_list(call: Call) -> Answer:
    """With a docId of a package of its own: that package's receivers. Any other docId is a left-over of
    an earlier call on the same object (a received package's id), and the whole list is meant."""
    kind, limit = _kind(call), call.settings.list_limit
    try:
        package_id = UUID(call.signed.get("docId", "docid").strip())
    except ValueError:
        package_id = None
    found = await call.hub.mailroom.sent(call.unit, kind, package_id, limit=limit) if package_id else []
    found = found or await call.hub.mailroom.sent(call.unit, kind, None, limit=limit)
    return ok(data=[vxp_answers.sent_item(item) for item in found])


async def _fetch(call: Call) -> Fetched:
    return await call.hub.mailroom.fetch(
        call.unit, _document_id(call, "docId", "docid"), plain(call.system_id)
    )


async def get_edoc(call: Call) -> web.StreamResponse:
    """The package as base64 in JSON, streamed; in UTF-8 whatever the original is written in."""
    fetched = await _fetch(call)
    prefix = vxp_answers.encode(ok(data=""))[:-2]
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.force_close()
    if outgoing.needs_utf8(fetched):
        pieces = outgoing.in_utf8(fetched)
    else:
        pieces = aiter(fetched.chunks())
        response.content_length = len(prefix) + outgoing.base64_length(fetched.size) + 2
    return await outgoing.send_stream(call.request, response, outgoing.in_base64(prefix, pieces, b'"}'))


async def download_edoc(call: Call) -> web.StreamResponse:
    """The package's own bytes."""
    fetched = await _fetch(call)
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    response.force_close()
    response.content_length = fetched.size
    return await outgoing.send_stream(call.request, response, aiter(fetched.chunks()))


async def update_status(call: Call) -> Answer:
    word = _needed(call, "status").lower()
    if word not in vxp_answers.UPDATE_WORDS:
        raise PackageError("request.unknown-value", name="status", allowed=", ".join(vxp_answers.UPDATE_WORDS))
    note = plain(call.signed.get("description"), 500)
    meaning = vxp_answers.UPDATE_WORDS[word]
    if word != meaning:
        note = f"{word}: {note}" if note else word
    await call.hub.mailroom.confirm(call.unit, _document_id(call, "docid", "docId"), meaning, note)
    return ok()


async def count_documents(call: Call) -> Answer:
    return ok(count=await call.hub.mailroom.count(call.unit, Kind.DOCUMENT))


async def count_statuses(call: Call) -> Answer:
    return ok(count=await call.hub.mailroom.count(call.unit, Kind.STATUS))


async def agencies(call: Call) -> Answer:
    return ok(data=vxp_answers.agencies(await call.hub.directory.units()))


async def agencies_qd20(call: Call) -> Answer:
    return ok(data=vxp_answers.agencies_qd20(await call.hub.directory.units()))


async def synchronized_units(call: Call) -> Answer:
    units = await call.hub.directory.units()
    return ok(data=vxp_answers.synchronized_units(units, call.settings.center))


async def register_agency(call: Call) -> Answer:
    """The body is not signed and often no valid JSON: it is handed on as text, for an operator to judge."""
    body = await Upload(call.request, call.settings.max_text, call.settings.pace).whole()
    await call.hub.units.request_agency(call.unit, body.decode("utf-8", "replace"))
    return ok()


async def delete_agency(call: Call) -> Answer:
    await call.hub.units.retire_agency(call.unit, _needed(call, "AgencyCode"))
    return ok()


_DOC = ("docId", "docid")

OPERATIONS: dict[str, Operation] = {
    "sendEdoc": Operation(send_edoc, ("from", "to", "messagetype", "hash-file")),
    "getReceivedEdocList": Operation(received_list, ("messagetype",)),
    "getSentEdocList": Operation(sent_list, ("messagetype", *_DOC)),
    "getEdoc": Operation(get_edoc, _DOC),
    "downloadEdoc": Operation(download_edoc, _DOC, ("GET",)),
    "updateStatus": Operation(update_status, ("status", "description", *_DOC)),
    "countReceiveEdoc": Operation(count_documents, (), ("POST", "GET")),
    "countReceiveStatus": Operation(count_statuses, (), ("POST", "GET")),
    "getAgenciesList": Operation(agencies),
    "getAgenciesListQD20": Operation(agencies_qd20),
    "getSynchronizeUnit": Operation(synchronized_units),
    "registerAgency": Operation(register_agency),
    "deleteAgency": Operation(delete_agency, ("AgencyCode",)),
}
