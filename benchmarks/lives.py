"""How a delivery of a made-up history stands at the end of it: states, handling, times, lateness.

Shares are invented, so that every state occurs; none of them was measured anywhere."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

_HANDLING = (("", 5), ("01", 8), ("02", 3), ("03", 14), ("04", 5), ("05", 15), ("06", 50))


def life_of(
    dice: random.Random, at: datetime, now: datetime, business: int, finish_due: datetime | None
) -> dict[str, Any]:
    """What became of a delivery made at that moment; nothing in it is later than ``now``."""
    found: dict[str, Any] = dict.fromkeys(
        ("arrived_at", "arrival_due_at", "told_at", "register_due_at", "registered_at", "completed_at", "finished_at",
         "look_at", "recall_ordered_at")
    )  # fmt: skip
    found |= {"state": "delivered", "handling": "", "taking_back": "", "note": "", "reason": "", "missed": 0,
              "attempts": dice.choices((1, 2, 5), (95, 4, 1))[0], "changed_at": at,
              "failed_reports": dice.choices((0, 1, 3), (990, 8, 2))[0]}  # fmt: skip
    end = pick(dice, (("delivered", 967), ("recalled", 15), ("refused", 5), ("parked", 3), ("queued", 10)))
    arrived = at + timedelta(seconds=dice.expovariate(1 / 60))
    if end == "queued" and now - at > timedelta(days=3):
        end = "delivered"
    if end != "delivered" or arrived >= now:
        found["state"] = "queued" if arrived >= now else end
        if found["state"] in ("recalled", "refused"):
            found["finished_at"] = found["changed_at"] = arrived
            found["note"] = "thu hồi" if end == "recalled" else "hệ thống từ chối"
        if found["state"] == "recalled" and business in (0, 3):
            found["taking_back"] = "15"
            found["recall_ordered_at"] = arrived if dice.random() < 0.7 else None
        if finish_due and finish_due < now and found["state"] == "parked":
            found["missed"] = 4
        return found
    found |= {"finished_at": arrived, "changed_at": arrived}
    if business in (0, 3):
        _handled(dice, found, arrived, now, finish_due)
        _looked_at(found, now, finish_due)
    return found


def _handled(
    dice: random.Random, found: dict[str, Any], arrived: datetime, now: datetime, finish_due: datetime | None
) -> None:
    day = arrived.replace(hour=0, minute=0, second=0, microsecond=0)
    dues = {"arrival_due_at": day + timedelta(hours=24), "register_due_at": day + timedelta(hours=41)}
    found |= {"arrived_at": arrived, **dues}
    handling = pick(dice, _HANDLING)
    told = arrived + timedelta(hours=dice.expovariate(1 / 1.5))
    registered = told + timedelta(hours=dice.expovariate(1 / 8))
    completed = registered + timedelta(days=dice.expovariate(1 / 6))
    if handling and told < now:
        later = [step for step, when in (("01", told), ("03", registered), ("06", completed)) if when < now]
        reached = later[-1]
        handling = min(handling, {"01": "01", "03": "05", "06": "06"}[reached]) if handling != "02" else (
            "02" if reached != "01" else "01")  # fmt: skip
        found |= {"handling": handling, "told_at": told}
        if handling != "01":
            found["registered_at"] = registered
        if handling == "06":
            found["completed_at"] = completed
        if handling == "02":
            found["reason"] = "Văn bản không đúng thẩm quyền giải quyết"
    for bit, due, met in ((1, "arrival_due_at", "told_at"), (2, "register_due_at", "registered_at")):
        if (found[met] or now) > found[due] and dice.random() < 0.98:  # the sweep may come a moment too late
            found["missed"] |= bit
    if finish_due and (found["completed_at"] or now) > finish_due and handling != "02":
        found["missed"] |= 4
    if handling != "02" and dice.random() < 0.02:
        found["taking_back"] = pick(dice, (("13", 2), ("15", 5), ("16", 2), ("recall", 1)))
        if found["taking_back"] == "recall" or (found["taking_back"] == "15" and dice.random() < 0.6):
            found["recall_ordered_at"] = arrived


def _looked_at(found: dict[str, Any], now: datetime, finish_due: datetime | None) -> None:
    """When the sweep over deadlines looks next: at the first one that is still to come."""
    if found["handling"] not in ("02", "06") and found["taking_back"] not in ("15", "recall"):
        steps = ((found["arrival_due_at"], found["told_at"]), (found["register_due_at"], found["registered_at"]),
                 (finish_due, found["completed_at"]))  # fmt: skip
        found["look_at"] = min((due for due, met in steps if due and not met and due > now), default=None)


def tries(life: dict[str, Any]) -> list[str]:
    """How the attempts ended, where one failed. What came at once was pulled, and left no attempt."""
    ends = [life["state"]] if life["state"] in ("delivered", "refused") else ["later"]
    failed = life["attempts"] > 1 or life["state"] == "refused"
    return ["later"] * (life["attempts"] - 1) + ends if failed else []


def pick(dice: random.Random, weighed: Any) -> Any:
    return dice.choices([value for value, _ in weighed], [weight for _, weight in weighed])[0]
