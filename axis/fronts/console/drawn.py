"""What a page shows hundreds of times: icons, badges, deadlines. Drawn inline, so no font and no request.

Templates reach them as ``ui.icon``, ``ui.badge`` and ``ui.deadline``. They are functions and not macros because
half the time of a list went into them.
"""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

from axis.fronts.console import marks
from axis.fronts.console.filters import isolated, said, whole

ICONS = {
    "axis": "M3 12h18M12 3v18M5.5 5.5l13 13M18.5 5.5l-13 13",
    "check": "M4 12.5l5.5 5.5L20 6.5",
    "cross": "M5.5 5.5l13 13M18.5 5.5l-13 13",
    "clock": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5V12l3.5 2",
    "alarm": "M12 3.5L2.5 20h19zM12 10v4.5M12 17v.5",
    "dash": "M6 12h12",
    "inbox": "M3.5 13.5h4.5l1.5 3h5l1.5-3h4.5M3.5 13.5V19h17v-5.5L17 5H7z",
    "person": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c.7-3.8 3.6-5.5 7.5-5.5s6.8 1.7 7.5 5.5",
    "back": "M9 6.5L4 11.5l5 5M4 11.5h10a6 6 0 0 1 6 6V19",
    "arrow": "M4 12h15M13 6l6 6-6 6",
    "pause": "M8.5 5v14M15.5 5v14",
    "up": "M12 19V5M6 11l6-6 6 6",
    "flash": "M13.5 2.5L5 14h6.5l-1 7.5L19 10h-6.5z",
    "question": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.8v.3M12 16.7v.4",
    "contrast": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M12 7h5.5M12 11h8.5M12 15h8M12 19h4",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20.5 20.5",
    "file": "M6 3h8l4.5 4.5V21H6zM14 3v4.5h4.5",
    "sort": "M8 10l4-5 4 5M8 14l4 5 4-5",
    "sort-up": "M7 14.5l5-6 5 6",
    "sort-down": "M7 9.5l5 6 5-6",
}
"""By name: the path of a line drawing, 24 by 24."""
_NOTHING = Markup()


@cache
def icon(name: str) -> Markup:
    return Markup(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>'
    ).format(ICONS[name])


def badge(mark: marks.Mark | None) -> Markup:
    """A state as icon, word and colour; nothing for None."""
    if mark is None:
        return _NOTHING
    drawn = icon(mark.icon) if mark.icon else ""
    code = f'<span class="code">{said(mark.code, 10)}</span> ' if mark.code else ""
    return whole(f'<span class="badge {mark.tone}">{drawn}{code}<span>{isolated(mark.words, 160)}</span></span>')


def deadline(text: str, late: bool = False) -> Markup:
    """``late``: it was missed. Nothing for an empty text."""
    if not text:
        return _NOTHING
    if late:
        return badge(marks.overdue(text))
    return whole(f'<span class="due">{icon("clock")}{isolated(text, 160)}</span>')
