"""The vocabulary of the journal: one word per business event, used by journal, pages, filters, docs."""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    # packages
    ACCEPTED = "package.accepted"
    REPEATED = "package.repeated"
    REFUSED = "package.refused"
    SECRET_REFUSED = "package.secret-refused"  # noqa: S105 - an event name, not a password
    # deliveries
    FETCHED = "delivery.fetched"
    DELIVERED = "delivery.delivered"
    DELIVERY_REFUSED = "delivery.refused"
    POSTPONED = "delivery.postponed"
    RELEASED = "delivery.released"
    PARKED = "delivery.parked"
    REPLAYED = "delivery.replayed"
    RECALLED = "delivery.recalled"
    FAILED_BY_RECEIVER = "delivery.failed-by-receiver"
    PROCESSING = "delivery.processing-by-receiver"
    HELD = "delivery.held"
    FREED = "delivery.freed"
    RESENT = "delivery.resent"
    # the sender takes back, changes, replaces
    RECALL_ORDERED = "recall.ordered"
    RECALL_ANSWERED = "recall.answered"
    UPDATED = "document.updated"
    REPLACED = "document.replaced"
    SENT_AGAIN = "document.sent-again"
    # statuses
    STATUS_MOVED = "status.moved"
    STATUS_REPEATED = "status.repeated"
    STATUS_LATE = "status.late"
    STATUS_NOTED = "status.noted"
    STATUS_ILLEGAL = "status.illegal"
    # deadlines (decision-28.md section 2)
    DEADLINE_MISSED = "deadline.missed"
    DEADLINE_ESCALATED = "deadline.escalated"
    DEADLINE_MOVED = "deadline.moved"
    # calendar
    CALENDAR_YEAR_SET = "calendar.year-set"
    CALENDAR_DAY_SET = "calendar.day-set"
    CALENDAR_FORGOTTEN = "calendar.forgotten"
    # directory
    UNIT_ADDED = "unit.added"
    UNIT_CHANGED = "unit.changed"
    UNIT_TESTED = "unit.tested"
    CREDENTIAL_ADDED = "credential.added"
    CREDENTIAL_REVOKED = "credential.revoked"
    CERTIFICATE_BOUND = "certificate.bound"
    ANCHOR_ADDED = "anchor.added"
    ANCHOR_REMOVED = "anchor.removed"
    # people of the console
    FIRST_RUN = "person.first-run"
    PERSON_INVITED = "person.invited"
    PERSON_JOINED = "person.joined"
    PERSON_RESET = "person.reset"
    PERSON_CHANGED = "person.changed"
    PERSON_DISABLED = "person.disabled"
    PERSON_ENABLED = "person.enabled"
    PERSON_LINKED = "person.linked"
    SIGNED_IN = "person.signed-in"
    SIGNED_OUT = "person.signed-out"
    SIGN_IN_BLOCKED = "person.sign-in-blocked"
    PASSWORD_CHANGED = "person.password-changed"  # noqa: S105 - an event name, not a password
    TOTP_ENROLLED = "person.totp-enrolled"
    SESSIONS_ENDED = "person.sessions-ended"
    # what auditors look at
    LOOKED = "auditor.looked"
    # what people take away
    EXPORTED = "report.exported"


RECEIPTED = frozenset(
    {Event.ACCEPTED, Event.DELIVERED, Event.DELIVERY_REFUSED, Event.STATUS_MOVED, Event.RECALLED}
)
"""Events a signed receipt is made for (section 7 of the first issue; Decision 28 Đ6.3)."""
