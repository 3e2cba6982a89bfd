"""Paths outside the VXP API: refusals as RFC 9457 problem details, in the caller's language.

Machines and curious people meet the same few things here: an unknown path, a wrong method, a refusal, a
crash. None of them shows more than the catalogue's words and a report id.
"""

from __future__ import annotations

from uuid import uuid4

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from axis.domain.errors import AxisError, NotFound, PackageError
from axis.fronts import problems

log = structlog.get_logger()


def problem_answer(request: web.Request, error: AxisError) -> web.Response:
    trace_id, accept = uuid4().hex, request.headers.get("Accept-Language", "")
    status, body = problems.problem(error, accept, trace_id)
    log.info("http.refused", code=error.code, status=status, remote=request.remote, trace_id=trace_id)
    return web.Response(
        status=status, body=body, content_type="application/problem+json",
        headers={**problems.retry_after(error), "Content-Language": problems.language(accept),
                 "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )  # fmt: skip


@web.middleware
async def in_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever a handler raises into problem details. Redirects and the like pass."""
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as error:
        allowed = ", ".join(sorted(error.allowed_methods))
        answer = problem_answer(request, PackageError("request.method", method=request.method[:20], allowed=allowed))
        answer.headers["Allow"] = allowed
        return answer
    except web.HTTPNotFound:
        return problem_answer(request, NotFound("request.unknown-path"))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return problem_answer(request, PackageError("request.malformed"))
    except Exception as error:
        if request.transport is None or request.writer.output_size > 0:
            raise ConnectionResetError("the caller is gone, or has a part of its answer") from error
        return problem_answer(request, problems.known(error))
