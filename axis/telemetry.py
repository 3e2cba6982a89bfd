"""Two ways of telling what goes on: a structured log for developers, metrics for machines.

Labels are bounded (per unit, per outcome), never per document. Who did what to which document is
neither of these: that is the journal, in the store.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from axis import __version__

_SECRETS = ("secret", "password", "token", "authorization", "sign-header", "hash-header", "dsn")


def _redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        if any(word in key.lower() for word in _SECRETS):
            event[key] = "***"
    return event


# JSON escapes C0 itself; C1, line and paragraph separators, marks of direction and lone surrogates it does not.
_UNFIT = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def _line(event: Any, **options: Any) -> str:
    return _UNFIT.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(event, ensure_ascii=False, **options))


def configure_logging(level: str = "info", stream: Any = None) -> None:
    """JSON lines on standard error. What a reader could take for the end of a line, for an order to a terminal or
    for writing in the other direction is escaped: strangers' words stand in them."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _redact,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=True,
    )
    # The pool logs a whole traceback each time the database is away; our own line says it once.
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)
    logging.basicConfig(
        level=logging.WARNING, stream=stream or sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )


class Telemetry:
    def __init__(self) -> None:
        self.log = structlog.get_logger()
        self.registry = CollectorRegistry()
        self.failures: dict[str, int] = {}
        r = self.registry
        Gauge("axis_build_info", "Version of the program", ["version"], registry=r).labels(__version__).set(1)
        self._started = Gauge("axis_start_time_seconds", "When this process started", registry=r)
        self._started.set(time.time())
        self._accepted = Counter(
            "axis_packages_accepted_total", "Packages taken in", ["front", "verdict", "repeated"], registry=r
        )
        self._refused = Counter(
            "axis_packages_refused_total", "Packages refused", ["front", "code"], registry=r
        )
        self._attempts = Counter("axis_attempts_total", "Delivery attempts", ["unit", "outcome"], registry=r)
        self._seconds = Histogram(
            "axis_attempt_seconds", "Duration of delivery attempts", ["unit"],
            buckets=(0.05, 0.1, 0.5, 1, 5, 15, 30, 120, 600), registry=r,
        )  # fmt: skip
        self._calls = Histogram(
            "axis_vxp_call_seconds",
            "Calls of the VXP API",
            ["operation", "code"],
            buckets=(0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 30),
            registry=r,
        )
        self._failing = Gauge(
            "axis_unit_failures", "Failures in a row of a unit's system", ["unit"], registry=r
        )
        self._waiting = Gauge("axis_queue_waiting", "Deliveries waiting", ["unit"], registry=r)
        self._oldest = Gauge(
            "axis_queue_oldest_seconds", "Age of the oldest waiting delivery", ["unit"], registry=r
        )
        self.loop_lag = Gauge(
            "axis_event_loop_lag_seconds", "Longest delay of the event loop lately", registry=r
        )
        self.free_bytes = Gauge("axis_payload_free_bytes", "Free space for payloads", registry=r)
        self.certificate_days = Gauge(
            "axis_receipt_certificate_days_left", "Days the receipt key stays valid", registry=r
        )

    def accepted(self, front: str, verdict: str, repeated: bool) -> None:
        self._accepted.labels(front, verdict, str(repeated).lower()).inc()

    def refused(self, front: str, code: str) -> None:
        self._refused.labels(front, code).inc()

    def called(self, operation: str, code: str, seconds: float) -> None:
        self._calls.labels(operation, code).observe(seconds)

    def attempted(self, unit: str, outcome: str, seconds: float) -> None:
        self._attempts.labels(unit, outcome).inc()
        self._seconds.labels(unit).observe(seconds)

    def unit_failing(self, unit: str, failures: int, text: str) -> None:
        """One log line per change of a unit's health, not per attempt."""
        if not self.failures.get(unit):
            self.log.warning("unit's system fails", unit=unit, error=text[:300])
        self.failures[unit] = failures
        self._failing.labels(unit).set(failures)

    def unit_working(self, unit: str) -> None:
        if self.failures.pop(unit, 0):
            self.log.info("unit's system works again", unit=unit)
        self._failing.labels(unit).set(0)

    def backlog(self, waiting: Mapping[str, tuple[int, float]]) -> None:
        """``waiting``: unit -> (how many, age of the oldest in seconds)."""
        self._waiting.clear()
        self._oldest.clear()
        for unit, (count, age) in waiting.items():
            self._waiting.labels(unit).set(count)
            self._oldest.labels(unit).set(age)
