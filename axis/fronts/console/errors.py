"""Every failure as a page, in words from the catalogue and without a trace of the inside.

Outermost in the console, so nothing leaves it as anything but a page. What a person may not see is answered
exactly like what does not exist: the same status, headers and body for the same person, whether the address
is unknown, the role is wrong, or a handler raised NotFound about a document of another unit. The page of an
error therefore knows neither path nor route.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from axis.domain.errors import AccessError, NotFound, PackageError
from axis.fronts import problems
from axis.fronts.console import texts
from axis.fronts.console.language import chosen
from axis.fronts.console.sight import CONSOLE, Sight, person_of
from axis.fronts.console.templating import written
from axis.fronts.console.texts import N_, gettext
from axis.fronts.identity import FROM
from axis.sheets.cell import legible

log = structlog.get_logger()

_TITLES = {
    400: N_("Yêu cầu không đúng"),
    403: N_("Không được phép"),
    404: N_("Không có trang này"),
    405: N_("Thao tác không dùng ở đây"),
    409: N_("Không thực hiện được"),
    413: N_("Nội dung quá lớn"),
    422: N_("Không thực hiện được"),
    500: N_("Trục gặp lỗi"),
    503: N_("Trục đang bận"),
}
_NOT_FOUND = N_("Không có trang này, hoặc anh chị không được xem. Hãy kiểm tra địa chỉ, hoặc quay về trang đầu.")


@dataclass(frozen=True, slots=True)
class _Failure:
    status: int
    text: str
    code: str = ""
    report: str = ""
    allow: str = ""
    again: str = ""
    typed: str = ""


@web.middleware
async def as_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever is raised further in into a page."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _answer(request, error)
    except Exception as error:
        if request.transport is None or request.writer.output_size > 0:
            raise ConnectionResetError("the reader is gone, or has a part of the page") from error
        return _answer(request, error)


def _answer(request: web.Request, error: Exception) -> web.Response:
    with texts.speaking(chosen(request)):
        failure = _read(error)
        if isinstance(error, AccessError) and error.code == "people.form-old":
            if _ended(request):
                return request.config_dict[CONSOLE].to_sign_in(request)
            failure = _reopened(request, error, failure)
        log.info(
            "console.refused", status=failure.status, code=failure.code, report=failure.report, remote=request.remote
        )
        page = Sight(request, error=True)
        data = {"page": page, "layout": page.layout, "failure": failure, "title": gettext(_title(failure.status))}
        response = written(request, "error.html", data, failure.status)
        response.headers["Content-Language"] = page.language
        if failure.status == 503:
            response.headers["Retry-After"] = "5"
        if failure.allow:
            response.headers["Allow"] = failure.allow
        return response


def _read(error: Exception) -> _Failure:
    if isinstance(error, web.HTTPNotFound | NotFound):
        return _Failure(404, gettext(_NOT_FOUND))
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return _Failure(405, gettext("Địa chỉ này không nhận thao tác vừa gửi. Hãy quay về trang đầu."), allow=allowed)
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return _Failure(413, gettext("Biểu mẫu gửi lên lớn hơn mức trục nhận. Hãy rút gọn nội dung rồi gửi lại."))
    if isinstance(error, web.HTTPException) or _malformed(error):
        return _Failure(400, gettext("Địa chỉ hoặc biểu mẫu không đúng. Hãy quay về trang đầu và chọn lại."))
    known = problems.known(error)
    report = str(known.facts.get("report", ""))
    return _Failure(problems.row(known).http, known.text(texts.language()), known.code, report)


def _ended(request: web.Request) -> bool:
    """Whether a form of ours was sent after its session had ended elsewhere: by signing out in another window."""
    route = request.config_dict[CONSOLE].route_of(request)
    return person_of(request) is None and bool(request.get(FROM)) and not (route and route.public)


def _reopened(request: web.Request, error: AccessError, failure: _Failure) -> _Failure:
    """With the way back to the form, as the browser names it: the same whatever address the form was sent to."""
    person = person_of(request)
    again = request.config_dict[CONSOLE].opened(request.get(FROM, ""), person.role if person else None)
    return replace(failure, again=again, typed=legible(str(error.facts.get("typed", ""))))


def _malformed(error: Exception) -> bool:
    return isinstance(error, PackageError) and error.code == "request.malformed"


def _title(status: int) -> str:
    return _TITLES.get(status) or (_TITLES[500] if status >= 500 else _TITLES[400])
