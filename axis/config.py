"""Every setting: its meaning, its default, and the same in config/axis.toml with a comment.

Order of strength: command line, environment (AXIS_SECTION_NAME, and AXIS_DATABASE_URL), the file
named by --config or AXIS_CONFIG, DIR/axis.toml, defaults. Unknown names are refused: a misspelt limit
that silently does nothing is worse than none.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from axis.domain.errors import SetupError
from axis.domain.schedule import DELAYS

S = TypeVar("S")
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class HubSection:
    """``code``: the axis's own agency code (receipts, loop guard); ``name``: shown to people;
    ``public_url``: where agencies reach this axis, for pull links (empty: none are sent)."""

    code: str = "000.00.00.G04"
    name: str = "Trục liên thông văn bản"
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class ListenSection:
    """``public``: HOST:PORT of the API; ``admin``: of health and metrics; ``prefix``: of the VXP API;
    ``certificate``/``key``: PEM files when the hub itself speaks TLS; ``head_timeout``, ``drain``: seconds;
    ``per_address``: connections at once from one address; ``trusted``: addresses of our own reverse
    proxies, which that cap does not count."""

    public: str = "127.0.0.1:8080"
    admin: str = "127.0.0.1:0"
    prefix: str = "/vxp"
    certificate: str = ""
    key: str = ""
    head_timeout: float = 10.0
    per_address: int = 256
    trusted: tuple[str, ...] = ()
    drain: float = 25.0


@dataclass(frozen=True, slots=True)
class DatabaseSection:
    """``url``: any PostgreSQL >= 15 (empty: the embedded one under DIR); ``connections``: per process;
    ``binaries``: folder with initdb and postgres for the embedded one (empty: found by itself)."""

    url: str = ""
    connections: int = 16
    binaries: str = ""


@dataclass(frozen=True, slots=True)
class IntakeSection:
    """``max_package``: bytes; ``uploads``: at once; ``waiting``: for their turn; ``patience``: seconds they
    wait; ``free_bytes``: below this the axis asks senders to come back later; ``workers``: threads that
    verify and write."""

    max_package: int = 2048 * MIB
    uploads: int = 64
    waiting: int = 256
    patience: float = 20.0
    free_bytes: int = 512 * MIB
    workers: int = 8


@dataclass(frozen=True, slots=True)
class CourierSection:
    """``window``: attempts at once; ``per_unit``: of one unit; ``lease``, ``poll``: seconds; ``delays``: seconds
    between attempts, the last repeats for ever."""

    window: int = 64
    per_unit: int = 4
    batch: int = 50
    lease: float = 30.0
    poll: float = 1.0
    delays: tuple[float, ...] = DELAYS


@dataclass(frozen=True, slots=True)
class OutboundSection:
    """``approved``: networks (CIDR) that adapters may reach although they are not public;
    ``plain_http``: whether http:// is allowed; ``timeout``: seconds for one exchange."""

    approved: tuple[str, ...] = ()
    plain_http: bool = False
    timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class ReceiptSection:
    """``key`` and ``chain``: PEM files of the hub's receipt key and certificates (empty: made at first start)."""

    key: str = ""
    chain: str = ""


@dataclass(frozen=True, slots=True)
class CalendarSection:
    """``hours``: the office hours of a working day, every period of time counts in them."""

    hours: str = "08:00-12:00,13:00-17:00"


@dataclass(frozen=True, slots=True)
class AlertsSection:
    """``enabled``: whether people are told of deadlines missed (they are found, journalled and counted anyhow);
    ``escalate_to``: e-mail addresses of the operators, for what stays missed; ``with_subject``: whether mail
    quotes the subject of a document; ``morning``: the hour that ends the "morning of the next working day" of
    Decision 28 Đ6.2; ``urgent_minutes``: of working time to register an urgent document; ``escalate_minutes``:
    of working time between a miss and its escalation, ``escalate_urgent_minutes`` of an urgent document."""

    enabled: bool = True
    escalate_to: tuple[str, ...] = ()
    with_subject: bool = True
    morning: str = "12:00"
    urgent_minutes: int = 60
    escalate_minutes: int = 480
    escalate_urgent_minutes: int = 60


@dataclass(frozen=True, slots=True)
class MailSection:
    """``host``: the mail server alerts leave by (empty: e-mail is off, messages wait); ``security``: ``none``,
    ``starttls`` or ``tls``; ``username`` and ``password_file``: when it wants a login, never without encryption;
    ``sender``: the address they come from; ``timeout``: seconds for one message."""

    host: str = ""
    port: int = 25
    security: str = "starttls"
    username: str = ""
    password_file: str = ""
    sender: str = ""
    timeout: float = 20.0


@dataclass(frozen=True, slots=True)
class PaperSection:
    """What must be followed by paper (Decision 28 Đ5.3, Đ7.2). ``receivers``: agency codes; ``types``: names of
    document types."""

    receivers: tuple[str, ...] = ("000.00.00.G22",)
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsoleSection:
    """``enabled``: whether people are served pages; ``connections``: to the database for reading them, per process,
    so that many readers never hold up what is being sent; ``idle_minutes`` and ``absolute_hours``: how long a
    sign-in lasts without a request, and in all; ``secure_cookies``: browsers reach the axis by TLS (off: plain HTTP
    on this machine only); ``public_page``: whether everybody sees sums without documents. ``oidc_*``: sign-on
    through an OpenID Connect provider (empty issuer: off): ``oidc_name`` on its button, ``oidc_match_login``: somebody
    whose ``oidc_login_claim`` is a login here is that person from their first sign-on, ``oidc_trust_mfa``: a second
    factor the provider vouches for (``amr``) is enough."""

    enabled: bool = True
    connections: int = 6
    idle_minutes: int = 30
    absolute_hours: int = 10
    secure_cookies: bool = True
    public_page: bool = False
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret_file: str = ""
    oidc_scopes: tuple[str, ...] = ("openid", "profile", "email")
    oidc_name: str = ""
    oidc_login_claim: str = "preferred_username"
    oidc_match_login: bool = False
    oidc_trust_mfa: bool = False


@dataclass(frozen=True, slots=True)
class LogSection:
    """``level``: debug, info, warning or error."""

    level: str = "info"


@dataclass(frozen=True, slots=True)
class Config:
    """``data``: the folder of payloads, keys and, when embedded, the database."""

    data: Path
    hub: HubSection = field(default_factory=HubSection)
    listen: ListenSection = field(default_factory=ListenSection)
    database: DatabaseSection = field(default_factory=DatabaseSection)
    intake: IntakeSection = field(default_factory=IntakeSection)
    courier: CourierSection = field(default_factory=CourierSection)
    outbound: OutboundSection = field(default_factory=OutboundSection)
    receipts: ReceiptSection = field(default_factory=ReceiptSection)
    calendar: CalendarSection = field(default_factory=CalendarSection)
    alerts: AlertsSection = field(default_factory=AlertsSection)
    mail: MailSection = field(default_factory=MailSection)
    paper: PaperSection = field(default_factory=PaperSection)
    console: ConsoleSection = field(default_factory=ConsoleSection)
    log: LogSection = field(default_factory=LogSection)


def load(data: Path, file: Path | None = None, environment: Mapping[str, str] | None = None) -> Config:
    """The configuration of a data folder. Raises SetupError naming the setting that is wrong."""
    env = os.environ if environment is None else environment
    named = file or (Path(env["AXIS_CONFIG"]) if env.get("AXIS_CONFIG") else None)
    path = named or data / "axis.toml"
    given: dict[str, Any] = {}
    if named is not None or path.exists():
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SetupError("config.unreadable", file=path, detail=str(error)) from error
    config = Config(data)
    sections = {f.name: getattr(config, f.name) for f in fields(Config) if f.name != "data"}
    if unknown := sorted(given.keys() - sections.keys()):
        raise SetupError("config.unknown", name=unknown[0], known=", ".join(sections))
    made = {name: _section(name, default, given.get(name, {}), env) for name, default in sections.items()}
    config = replace(config, **made)
    url = env.get("AXIS_DATABASE_URL") or config.database.url
    return replace(config, database=replace(config.database, url=url))


def _section(name: str, default: S, given: Any, env: Mapping[str, str]) -> S:
    if not isinstance(given, dict):
        raise SetupError("config.wrong", name=name, why="must be a table")
    values = dict(given)
    known = {f.name: getattr(default, f.name) for f in fields(default)}  # type: ignore[arg-type]  # sections are dataclasses
    if unknown := sorted(values.keys() - known.keys()):
        raise SetupError("config.unknown", name=f"{name}.{unknown[0]}", known=", ".join(known))
    for key, was in known.items():
        text = env.get(f"AXIS_{name}_{key}".upper())
        if text is not None and f"{name}_{key}" != "database_url":
            values[key] = _from_text(f"{name}.{key}", text, was)
    for key, value in values.items():
        values[key] = _typed(f"{name}.{key}", value, known[key])
    return replace(default, **values)  # type: ignore[type-var]  # sections are dataclasses


def _from_text(name: str, text: str, was: object) -> object:
    try:
        if isinstance(was, bool):
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        if isinstance(was, int):
            return int(text)
        if isinstance(was, float):
            return float(text)
        if isinstance(was, tuple):
            parts = [part.strip() for part in text.split(",") if part.strip()]
            return [float(p) for p in parts] if was and isinstance(was[0], float) else parts
    except (KeyError, ValueError) as error:
        raise SetupError("config.wrong", name=name, why=f"{text!r}") from error
    return text


def _typed(name: str, value: object, was: object) -> object:
    if isinstance(was, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if isinstance(was, tuple) and isinstance(value, list):
        kind: type = float if was and isinstance(was[0], float) else str
        value = tuple(float(v) if kind is float and isinstance(v, int) else v for v in value)
        if not all(isinstance(v, kind) for v in value) or (kind is float and not value):
            raise SetupError("config.wrong", name=name, why=f"a list of {kind.__name__}")
        if kind is float and min(value) < 0:
            raise SetupError("config.wrong", name=name, why="must not be negative")
    if type(value) is not type(was):
        raise SetupError("config.wrong", name=name, why=f"{type(was).__name__}, not {type(value).__name__}")
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        raise SetupError("config.wrong", name=name, why="must not be negative")
    return value
