"""The form of a request, read once for all who look at it, and only as far as this person may send.

It is read after it is known who calls, and that they may: what the table of routes refuses is refused before a byte
of it is waited for. A file of many megabytes goes
to the disk of the axis for those alone who have a page that takes one; a stranger's form is a sign-in, which is small.
Nobody holds a form open: it arrives in time, or is not taken.
"""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler

from axis.domain.errors import PackageError, Unavailable
from axis.fronts.console.settings import CONSOLE_SETTINGS
from axis.fronts.console.sight import CONSOLE, person_of

STRANGERS = 16 * 1024
"""Bytes of a form somebody may send who is not signed in."""
MOST_FIELDS = 1_000
SECONDS = 20.0
"""A form of the usual size has to be here by then; a larger one gets a second more for each LEAST_PACE bytes."""
LEAST_PACE = 16 * 1024
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


@web.middleware
async def reading(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives every body its limit and reads forms. Raises PackageError for what is no form in UTF-8, Unavailable for
    one that does not come."""
    most = _most(request)
    request = request.clone(client_max_size=most)
    if request.method == "POST":
        try:
            larger = max(most - request.config_dict[CONSOLE_SETTINGS].form, 0)
            async with asyncio.timeout(SECONDS + larger / LEAST_PACE):
                await _read(request)
        except TimeoutError:
            raise Unavailable("request.too-slow") from None
    return await handler(request)


def _most(request: web.Request) -> int:
    """Bytes this caller may send here."""
    route, person = request.config_dict[CONSOLE].route_of(request), person_of(request)
    if route is not None and route.form and route.allows(person.role if person else None):
        most: int = route.form
        return most
    form: int = request.config_dict[CONSOLE_SETTINGS].form
    return form if person else min(form, STRANGERS)


async def _read(request: web.Request) -> None:
    if (request.charset or "utf-8").lower().replace("-", "") != "utf8" or request.content_type not in _FORMS:
        raise PackageError("request.malformed")
    try:
        fields = await request.post()
    except (ValueError, LookupError, EOFError) as error:  # whatever the parsers make of other people's bytes
        raise PackageError("request.malformed") from error
    if len(fields) > MOST_FIELDS:
        raise PackageError("request.malformed")
