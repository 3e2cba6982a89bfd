"""The pages of a clerk: what came, what was sent, one document, what is due, and what may be done about it.

    /console/in, /out          lists with one search box, filters in the address, files of what is filtered
    /console/document/ID       everything about a document; its files; acts, each with a page that asks first
    /console/late, /unaccepted, /to-answer   what somebody still has to do
    /console/registers         the three registers of Decree 30/2020

A unit administrator sees the same. Each statement behind these pages carries the person's own unit
(clerk_tools); what belongs to another unit is answered like what never was.
"""

from __future__ import annotations

from axis.fronts.console import clerk_acts, clerk_document, clerk_exports, clerk_files, clerk_lists, clerk_tools
from axis.fronts.console.clerk_tools import CLERKS
from axis.fronts.console.help import Topic
from axis.fronts.console.routes import Route, Scope
from axis.fronts.console.texts import N_

NEEDS = clerk_tools.NEEDS
OWN: Scope = "own-unit"

_ACTING = "clerk.document.act"
_ID = "{id:[0-9a-f-]{36}}"
_NUMBER = "{number:[0-9]{1,4}}"
_EVENT = "{event:[0-9a-f-]{36}}"
_DOCUMENT = f"/document/{_ID}"
_ACT = _DOCUMENT + "/{act:" + "|".join(clerk_acts.ACTS) + "}/{delivery:[0-9a-f-]{36}}"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/in", "clerk.received", clerk_lists.received, CLERKS, OWN, menu=N_("Văn bản đến")),
    Route("GET", "/in/newer", "clerk.received.newer", clerk_lists.received_newer, CLERKS, OWN),
    Route("GET", "/in/export", "clerk.received.export", clerk_exports.received, CLERKS, OWN),
    Route("GET", "/out", "clerk.sent", clerk_lists.sent, CLERKS, OWN, menu=N_("Văn bản đi")),
    Route("GET", "/out/newer", "clerk.sent.newer", clerk_lists.sent_newer, CLERKS, OWN),
    Route("GET", "/out/export", "clerk.sent.export", clerk_exports.sent, CLERKS, OWN),
    Route("GET", "/late", "clerk.late", clerk_lists.late, CLERKS, OWN, menu=N_("Quá hạn")),
    Route(
        "GET", "/unaccepted", "clerk.unaccepted", clerk_lists.unaccepted, CLERKS, OWN, menu=N_("Chưa tiếp nhận"),
        help="clerk.late",
    ),
    Route(
        "GET", "/to-answer", "clerk.to-answer", clerk_lists.to_answer, CLERKS, OWN, menu=N_("Chờ trả lời"),
        help="clerk.late",
    ),
    Route("GET", "/registers", "clerk.registers", clerk_exports.registers, CLERKS, OWN, menu=N_("Sổ đăng ký")),
    Route("GET", "/registers/{kind:[a-z-]+}", "clerk.registers.file", clerk_exports.register, CLERKS, OWN),
    Route("GET", _DOCUMENT, "clerk.document", clerk_document.document, CLERKS, OWN),
    Route("GET", _DOCUMENT + "/original", "clerk.document.original", clerk_files.original, CLERKS, OWN),
    Route("GET", f"{_DOCUMENT}/attachment/{_NUMBER}", "clerk.document.attachment", clerk_files.attachment, CLERKS, OWN),
    Route("GET", f"{_DOCUMENT}/receipt/{_EVENT}", "clerk.document.receipt", clerk_files.receipt, CLERKS, OWN),
    Route("GET", _DOCUMENT + "/recall", "clerk.document.recall", clerk_acts.ask_recall, CLERKS, OWN, help=_ACTING),
    Route("POST", _DOCUMENT + "/recall", "clerk.document.recall", clerk_acts.recall, CLERKS, OWN, help=_ACTING),
    Route("GET", _ACT, "clerk.document.act", clerk_acts.ask, CLERKS, OWN),
    Route("POST", _ACT, "clerk.document.act", clerk_acts.act, CLERKS, OWN),
)  # fmt: skip

HELP = (
    Topic("clerk.received", N_("Văn bản đến, văn bản đi"), CLERKS),
    Topic("clerk.sent", N_("Văn bản đi: từng nơi nhận"), CLERKS),
    Topic("clerk.document", N_("Trang một văn bản"), CLERKS),
    Topic("clerk.document.act", N_("Tiếp nhận, trả lại, lấy lại, thu hồi"), CLERKS),
    Topic("clerk.late", N_("Quá hạn, chưa tiếp nhận, chờ trả lời"), CLERKS),
    Topic("clerk.registers", N_("Sổ đăng ký và xuất tệp"), CLERKS),
)
