"""The console as a serving hub offers it: every room of its pages with what that room works with.

The pages take their tools from here alone. What they are given is over the same stores and use cases as
everything else; the auditors' are read under the database's own read-only role (hub/auditing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from axis import settings
from axis.core import Core, undecided
from axis.fronts.console import auditor_room, clerk_tools, entrance, figures, operator_room, public
from axis.fronts.console.app import Console
from axis.fronts.identity import Identity
from axis.fronts.oidc import SignOn
from axis.hub.auditing import open_auditing
from axis.hub.desk import Desk
from axis.hub.reporting.reports import Reports
from axis.hub.reporting.series import Series
from axis.store.lookups import Lookups
from axis.store.operations import Operations
from axis.store.registers import Registers
from axis.store.reports import Counters
from axis.store.samples import Samples
from axis.trust.certificates import TrustAnchors

NOTES = "console notes"
"""What the key of the notes is derived for (trust/sealing.py)."""


def console(
    core: Core, *, desk: Desk, checks: Mapping[str, public.Check], trouble: Callable[[], str], wake: Callable[[], None]
) -> Console:
    """``checks``: as ``/readyz`` asks them; ``trouble``: of the courier; ``wake``: there is something to deliver.
    Raises SetupError for a secret of the sign-on provider that cannot be read."""
    config, reading, directory = core.config, core.reading, core.directory
    accounts = core.accounts
    identity = Identity(accounts.door, settings.identity(config))
    samples = Samples(reading)
    series = Series(Counters(reading), samples, directory)
    reports = Reports(Counters(reading), Registers(reading), directory, undecided(core.almanac))
    tools: Mapping[web.AppKey[Any], Any] = {
        entrance.ACCOUNTS: accounts,
        entrance.IDENTITY: identity,
        entrance.SIGN_ON: SignOn(settings.sign_on(config), accounts.signing_in, core.session),
        **clerk_tools.tools(
            lookups=Lookups(reading), desk=desk, directory=directory, fleet=core.fleet, almanac=core.almanac,
            reports=reports, journal=core.journal, payloads=core.payloads,
            anchors=TrustAnchors([core.identity.chain[-1]]),
            checkers=core.checkers,
        ),
        operator_room.ROOM: operator_room.Room(
            operations=Operations(reading), directory=directory, units=core.units, onboarding=core.onboarding,
            fleet=core.fleet, messenger=core.messenger, deliveries=core.deliveries, documents=core.documents,
            almanac=core.almanac, alerts=core.alerts, settings=settings.shown(config),
            free_bytes=core.payloads.free_bytes, needed_bytes=config.intake.free_bytes, trouble=trouble,
            learn_calls=core.learn_calls, wake=wake, per_unit=config.courier.per_unit,
            checks=checks,
        ),
        auditor_room.AUDITING: open_auditing(
            database=reading, journal=core.journal, directory=directory, almanac=core.almanac, identity=core.identity,
            code=config.hub.code, undecided=undecided(core.almanac),
        ),
        figures.SERIES: series,
        public.FIGURES: public.PublicFigures(config.console.public_page, series, samples, directory, checks),
    }  # fmt: skip
    return Console(settings.console(config, core.sealer.derive(NOTES)), identity.middlewares, tools)
