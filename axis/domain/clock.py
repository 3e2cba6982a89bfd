"""The zone times are told in: Vietnam's (Decision 28 Đ14.4), which has no daylight saving."""

from __future__ import annotations

from datetime import timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
