"""The form of a request, read once for all who look at it, and only as far as this person may send.

It is read after it is known who calls: a file of many megabytes goes to the disk of the axis for those alone to
whom the table of routes gives a page that takes one. Everybody else gets the limit of an address that does not
exist, so its answer tells no more than that one's.
"""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from axis.domain.errors import PackageError
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.sight import CONSOLE, person_of

_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


@web.middleware
async def reading(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives every body its limit and reads forms. Raises PackageError for what is no form in UTF-8."""
    request = request.clone(client_max_size=_most(request))
    if request.method == "POST":
        await _read(request)
    return await handler(request)


def _most(request: web.Request) -> int:
    """Bytes this caller may send here."""
    route, person = request.config_dict[CONSOLE].route_of(request), person_of(request)
    if route is not None and route.form and route.allows(person.role if person else None):
        most: int = route.form
        return most
    return request.config_dict[CONSOLE_SETTINGS].form


async def _read(request: web.Request) -> None:
    if (request.charset or "utf-8").lower().replace("-", "") != "utf8" or request.content_type not in _FORMS:
        raise PackageError("request.malformed")
    try:
        await request.post()
    except (ValueError, LookupError, EOFError) as error:  # whatever the parsers make of other people's bytes
        raise PackageError("request.malformed") from error
