"""The template environment: everything escaped, nothing undefined, no logic beyond what is listed here.

``extends layout`` at the top of every page is ``base.html`` or ``plain.html`` as the person is signed in or
not, or ``only:NAME`` when htmx asks for one block: a layout that consists of that block, so the same template
makes the page and the part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from jinja2 import ChoiceLoader, Environment, FunctionLoader, PackageLoader, StrictUndefined

from axis.fronts.console import charts, drawn, filters, marks, texts
from axis.fronts.console.sight import the_page
from axis.sheets.cell import legible

_BLOCK = re.compile(r"only:([a-z_]+)")


def _only(name: str) -> str | None:
    found = _BLOCK.fullmatch(name)
    return f"{{% block {found[1]} %}}{{% endblock %}}" if found else None


def written(request: web.Request, template: str, data: Mapping[str, Any], status: int) -> web.Response:
    """A page as an answer. Whatever came into it, it is text that UTF-8 and HTML take."""
    text = legible(aiohttp_jinja2.render_string(template, request, data))
    return web.Response(status=status, text=text, content_type="text/html")


def install(app: web.Application, **options: Any) -> Environment:
    environment = aiohttp_jinja2.setup(
        app,
        loader=ChoiceLoader([PackageLoader("axis.fronts.console"), FunctionLoader(_only)]),
        undefined=StrictUndefined,
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        default_helpers=False,
        auto_reload=False,
        **options,
    )
    del environment.globals["app"]
    environment.filters.update(filters.FILTERS)
    environment.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(marks.MAKERS, chart=charts.chart, the_page=the_page, drawn=drawn)
    environment.globals["ui"] = environment.get_template("_macros.html").module
    return environment
