"""The national axis's client API (VXP), so that an agency changes nothing but its endpoint.

Every path under the prefix is answered here, in the client's own terms: complete ASCII JSON whatever
happens (for downloadEdoc: the bytes, or an empty body), one request per connection, no redirects, no
compression, no 202 or 204. A caller sees its own unit's packages only; the id of somebody else's
answers exactly like an id that never was (P3).

The operations are in vxp_operations; who is calling is settled in callers before any of them runs.
Requests of one unit are not serialised: order and idempotency are the hub's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import structlog
from aiohttp import web
from aiohttp.http import HttpVersion11

from axis.domain.errors import AxisError, NotFound, PackageError
from axis.fronts import problems, vxp_answers
from axis.fronts.callers import Callers
from axis.fronts.vxp_call import Call, Hub, Operation, VxpSettings, plain
from axis.fronts.vxp_operations import OPERATIONS

log = structlog.get_logger()


Observer = Callable[[str, str, float], None]


class VxpFront:
    """``observe(operation, ErrorCode, seconds)`` is told of every answer."""

    def __init__(
        self,
        hub: Hub,
        settings: VxpSettings | None = None,
        observe: Observer = lambda operation, code, seconds: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = settings or VxpSettings()
        self._hub = hub
        self._operations = OPERATIONS
        self._observe = observe
        self._callers = Callers(hub.directory, now)

    def add_routes(self, app: web.Application) -> None:
        """Every method and path under the prefix, so that nothing there is answered by anybody else."""
        prefix = self.settings.prefix.rstrip("/")
        app.router.add_route("*", prefix + "/{tail:.*}", self.handle, expect_handler=continue_always)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        started, trace_id = time.monotonic(), uuid4().hex
        path = request.rel_url.raw_path[len(self.settings.prefix.rstrip("/")) :]
        name = path.lstrip("/")
        operation = name if name in self._operations else ""
        code = "0"
        try:
            answer = await self._run(request, operation, trace_id)
        except Exception as error:  # the one place where anything at all becomes an answer
            if request.transport is None or request.writer.output_size > 0:
                raise ConnectionResetError("the caller is gone, or has a part of its answer") from error
            refusal = problems.known(error)
            code = problems.row(refusal).vxp
            response: web.StreamResponse = self._refuse(operation, refusal)
            log.info(
                "vxp.refused", operation=operation or "unknown", code=refusal.code, error_code=code,
                remote=request.remote, trace_id=trace_id,
            )  # fmt: skip
        else:
            response = answer if isinstance(answer, web.StreamResponse) else json_answer(answer)
        response.force_close()
        self._observe(operation or "unknown", code, time.monotonic() - started)
        return response

    async def _run(self, request: web.Request, name: str, trace_id: str) -> web.StreamResponse | vxp_answers.Answer:
        operation = self._operations.get(name)
        if operation is None:
            raise NotFound("request.unknown-path")
        if request.method not in operation.methods:
            raise PackageError("request.method", method=plain(request.method), allowed=operation.methods[0])
        call = await self._prove(request, name, operation, trace_id)
        return await operation.run(call)

    async def _prove(self, request: web.Request, name: str, operation: Operation, trace_id: str) -> Call:
        caller = await self._callers.prove(request, name, operation.uses, trace_id)
        await self._hub.mailroom.called(caller.unit)
        return Call(
            request, self.settings, self._hub, name, caller.unit, caller.system_id, caller.signed, trace_id
        )

    def _refuse(self, operation: str, refusal: AxisError) -> web.Response:
        found = problems.row(refusal)
        if operation == "downloadEdoc":  # any body of any status would be stored as the document
            return web.Response(status=found.http, headers=problems.retry_after(refusal))
        status = 200 if self.settings.always_200 else found.http
        answer = vxp_answers.fail(operation, found.vxp, problems.vxp_text(refusal))
        return json_answer(answer, status)


def json_answer(answer: vxp_answers.Answer, status: int = 200) -> web.Response:
    return web.Response(body=vxp_answers.encode(answer), status=status, content_type="application/json")


async def continue_always(request: web.Request) -> None:
    """100 Continue for whoever waits for it, and never a 417: the client gives up on that."""
    if request.version >= HttpVersion11 and request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer proper has not begun
