"""From the sections of the configuration to the settings of each part: the one place that knows both."""

from __future__ import annotations

from dataclasses import asdict, replace

from axis import __version__
from axis.config import Config
from axis.domain.calendar import Hours
from axis.domain.deadlines import DeadlineSettings
from axis.domain.schedule import Schedule
from axis.edxml.limits import DEFAULT
from axis.fronts.console.settings import ConsoleSettings
from axis.fronts.identity import IdentitySettings
from axis.fronts.oidc import SignOnSettings, read_client_secret
from axis.fronts.vxp_call import VxpSettings
from axis.hub.alerting.channels import MailSettings
from axis.hub.alerting.messenger import MessengerSettings
from axis.hub.alerting.watch import WatchSettings
from axis.hub.courier import CourierSettings
from axis.hub.doorkeeper import Lifetimes
from axis.hub.intake import IntakeSettings
from axis.hub.paper import PaperList


def intake(config: Config) -> IntakeSettings:
    given = config.intake
    return IntakeSettings(
        uploads=given.uploads, waiting=given.waiting, patience=given.patience, free_bytes=given.free_bytes,
        own_code=config.hub.code, limits=replace(DEFAULT, package=given.max_package),
        paper=PaperList(config.paper.receivers, config.paper.types),
    )  # fmt: skip


def deadline(config: Config, hours: Hours) -> DeadlineSettings:
    given = config.alerts
    return DeadlineSettings.parse(
        given.morning, hours, given.urgent_minutes, given.escalate_minutes, given.escalate_urgent_minutes
    )


def mail(config: Config) -> MailSettings:
    given = config.mail
    return MailSettings(
        host=given.host, port=given.port, security=given.security, username=given.username,
        password_file=given.password_file, sender=given.sender, timeout=given.timeout, name=config.hub.name,
    )  # fmt: skip


def messenger(config: Config) -> MessengerSettings:
    return MessengerSettings(with_subject=config.alerts.with_subject, escalate_to=config.alerts.escalate_to)


def courier(config: Config) -> CourierSettings:
    given = config.courier
    return CourierSettings(
        window=given.window, per_unit=given.per_unit, batch=given.batch, lease=given.lease, poll=given.poll,
        public_url=config.hub.public_url, schedule=Schedule(given.delays),
    )  # fmt: skip


def watch(config: Config) -> WatchSettings:
    return WatchSettings(config.alerts.enabled, config.alerts.escalate_to)


def vxp(config: Config) -> VxpSettings:
    return VxpSettings(
        prefix=config.listen.prefix, max_package=config.intake.max_package, center=config.hub.code
    )


def console(config: Config, key: bytes) -> ConsoleSettings:
    """``key``: for the notes, the same in every process of this hub."""
    return ConsoleSettings(
        key=key, name=config.hub.name, version=__version__, secure=config.console.secure_cookies
    )


def identity(config: Config) -> IdentitySettings:
    return IdentitySettings(
        secure=config.console.secure_cookies, trusted=frozenset(config.listen.trusted),
        public_url=config.hub.public_url,
    )  # fmt: skip


def lifetimes(config: Config) -> Lifetimes:
    return Lifetimes.of(config.console.idle_minutes, config.console.absolute_hours)


def sign_on(config: Config) -> SignOnSettings:
    """Raises SetupError for a secret's file that is not there or that others may read."""
    given = config.console
    return SignOnSettings(
        issuer=given.oidc_issuer, client_id=given.oidc_client_id,
        secret=read_client_secret(given.oidc_client_secret_file if given.oidc_issuer else ""), scopes=given.oidc_scopes,
        name=given.oidc_name, login_claim=given.oidc_login_claim, match_login=given.oidc_match_login,
        trust_mfa=given.oidc_trust_mfa,
    )  # fmt: skip


def shown(config: Config) -> dict[str, dict[str, object]]:
    """Every setting as pages may show it, by section: no secret is among them."""
    found = {name: dict(section) for name, section in asdict(config).items() if name != "data"}
    url = str(found["database"]["url"])
    found["database"]["url"] = f"…@{url.rpartition('@')[2].partition('?')[0]}" if url else ""
    return found
