"""Onboarding: units, their credentials and certificates, and the authorities the axis trusts.

Each verb is one transaction with its journal row: who, what, when. A secret is shown once, sealed at
rest, and rotated with an overlap in which the old one still works.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from axis.domain.codes import is_issuable
from axis.domain.directory import MOST_PARALLEL, PARALLEL, Signer, Unit, is_email
from axis.domain.errors import AccessError, NotFound, PackageError, SetupError
from axis.domain.events import Event
from axis.domain.ids import new_id
from axis.hub.directory import credential_purpose
from axis.hub.fleet import Fleet
from axis.store.database import Database
from axis.store.journal import Journal
from axis.store.units import Units
from axis.trust.certificates import describe, fingerprint
from axis.trust.sealing import Sealer
from axis.webhooks import new_secret

MIN_SECRET = 16  # characters
WEBHOOK = "webhook"  # the kind of the secret that signs calls to a unit
OVERLAP = 24 * 3600.0  # seconds two secrets are both valid during a rotation


@dataclass(frozen=True, slots=True)
class NewCredential:
    """``secret`` is what was given or made: the only time it is shown."""

    kind: str
    public_id: str
    secret: str


class Onboarding:
    def __init__(
        self, *, database: Database, units: Units, journal: Journal, sealer: Sealer, fleet: Fleet
    ) -> None:
        self._db = database
        self._units = units
        self._journal = journal
        self._sealer = sealer
        self._fleet = fleet

    async def add(
        self, unit: Unit, *, system_id: str = "", secret: str = "", secrets: Mapping[str, str] | None = None,
        certificates: tuple[Certificate, ...] = (), actor: str,
    ) -> list[NewCredential]:  # fmt: skip
        """A new unit with all it brings, or nothing. ``secret`` empty: one is made and returned."""
        for code in unit.codes:
            if not is_issuable(code):
                raise PackageError("directory.bad-code", code=code)
        _check_parallel(unit)
        credentials = self._credentials(system_id, secret, secrets or {})
        self._check_alerts(unit, {c.kind: c.secret for c in credentials})
        # The adapter's own constructor judges its settings, before anything is written.
        self._fleet.make(
            unit.adapter, unit.settings, {c.kind: c.secret for c in credentials if c.kind != "vxp"}
        )
        async with self._db.transaction() as work:
            await self._units.add(work, unit)
            await self._journal.write(
                Event.UNIT_ADDED, actor=actor, unit_id=unit.id, on=work,
                data={"code": unit.code, "name": unit.name, "state": unit.state.value, "adapter": unit.adapter,
                      "policy": unit.policy.value},
            )  # fmt: skip
            for credential in credentials:
                sealed = self._seal(credential)
                await self._units.add_credential(
                    work, new_id(), unit, credential.kind, credential.public_id, sealed
                )
            for certificate in certificates:
                await self._bind(work, unit, certificate, actor)
        return credentials

    async def change(self, code: str, changes: Mapping[str, Any], *, actor: str, reason: str = "") -> Unit:
        """New values of a unit; at least one."""
        if not changes:
            raise PackageError("directory.no-change")
        async with self._db.transaction() as work:
            old, new = await self._units.change(work, code, changes)
            for alias in set(new.aliases) - set(old.aliases):
                if not is_issuable(alias):
                    raise PackageError("directory.bad-code", code=alias)
            if (new.contacts, new.alert_url) != (old.contacts, old.alert_url):
                self._check_alerts(new, self._fleet.secrets_of(new.id))
            if (new.adapter, new.settings) != (old.adapter, old.settings):
                # With the unit's own secrets: a webhook cannot be judged without its signing secret.
                self._fleet.make(new.adapter, new.settings, self._fleet.secrets_of(new.id))
            _check_parallel(new)
            data: dict[str, Any] = {k: [str(getattr(old, k)), str(getattr(new, k))] for k in changes}
            if reason:
                data["reason"] = reason
            await self._journal.write(Event.UNIT_CHANGED, actor=actor, unit_id=new.id, data=data, on=work)
        return new

    async def rotate(
        self, unit: Unit, system_id: str, secret: str, *, actor: str, overlap: float = OVERLAP
    ) -> NewCredential:
        """A new secret for a system id, or without one for the unit's webhooks; the old one works for
        ``overlap`` seconds more (webhooks are signed with both meanwhile)."""
        if system_id:
            (credential,) = self._credentials(system_id, secret, {})
        else:
            credential = NewCredential(WEBHOOK, WEBHOOK, secret or new_secret())
            self._fleet.make(unit.adapter, unit.settings, {WEBHOOK: credential.secret})
            self._check_alerts(unit, {WEBHOOK: credential.secret})
        async with self._db.transaction() as work:
            kind, public_id = credential.kind, credential.public_id
            await self._units.expire_credentials(work, unit.id, kind, public_id, overlap)
            await self._units.add_credential(work, new_id(), unit, kind, public_id, self._seal(credential))
            data = {"kind": kind, "public_id": public_id, "overlap_seconds": overlap}
            await self._journal.write(
                Event.CREDENTIAL_ADDED, actor=actor, unit_id=unit.id, data=data, on=work
            )
        return credential

    async def revoke(self, credential_id: UUID, *, actor: str) -> None:
        """At once, no overlap: for a secret that leaked."""
        async with self._db.transaction() as work:
            unit_id = await self._units.revoke_credential(work, credential_id)
            if unit_id is None:
                raise NotFound("directory.unknown-credential", id=credential_id)
            data = {"credential": str(credential_id)}
            await self._journal.write(
                Event.CREDENTIAL_REVOKED, actor=actor, unit_id=unit_id, data=data, on=work
            )

    async def bind(self, unit: Unit, certificate: Certificate, *, actor: str) -> bool:
        """Let a certificate sign for a unit; False when it may already."""
        async with self._db.transaction() as work:
            return await self._bind(work, unit, certificate, actor)

    async def trust(self, certificate: Certificate, *, actor: str) -> bool:
        """Trust an authority; False when it is trusted already."""
        der = certificate.public_bytes(Encoding.DER)
        facts = describe(certificate)
        async with self._db.transaction() as work:
            added = await self._units.add_anchor(work, fingerprint(der), der, facts.subject)
            if added:
                data = {"fingerprint": fingerprint(der), "subject": facts.subject}
                await self._journal.write(Event.ANCHOR_ADDED, actor=actor, data=data, on=work)
        return added

    async def distrust(self, wanted: str, *, actor: str) -> str:
        """Its subject. Packages accepted before keep their verdict: it was true at that time."""
        async with self._db.transaction() as work:
            subject = await self._units.drop_anchor(work, wanted)
            if subject is None:
                raise NotFound("directory.unknown-anchor", fingerprint=wanted)
            data = {"fingerprint": wanted, "subject": subject}
            await self._journal.write(Event.ANCHOR_REMOVED, actor=actor, data=data, on=work)
        return subject

    async def tested(self, unit: Unit, found: Mapping[str, Any], *, actor: str) -> None:
        """Somebody tried the unit's connection: journalled, because the axis called somebody else's system."""
        await self._journal.write(Event.UNIT_TESTED, actor=actor, unit_id=unit.id, data=found)

    async def request_agency(self, unit: Unit, text: str) -> None:
        """registerAgency of the VXP API: the directory is the operators', so the answer is no."""
        raise AccessError("directory.agency-not-through-api")

    async def retire_agency(self, unit: Unit, code: str) -> None:
        """deleteAgency of the VXP API: the same."""
        raise AccessError("directory.agency-not-through-api")

    async def _bind(self, work: Any, unit: Unit, certificate: Certificate, actor: str) -> bool:
        der = certificate.public_bytes(Encoding.DER)
        signer = Signer(fingerprint(der), certificate.not_valid_before_utc, certificate.not_valid_after_utc)
        bound = await self._units.bind_signer(work, unit.id, signer, der)
        if bound:
            data = {"fingerprint": signer.fingerprint, "subject": describe(certificate).subject}
            await self._journal.write(
                Event.CERTIFICATE_BOUND, actor=actor, unit_id=unit.id, data=data, on=work
            )
        return bound

    def _check_alerts(self, unit: Unit, secrets: Mapping[str, str]) -> None:
        """Can this unit be told of deadlines where it wishes?"""
        for address in unit.contacts:
            if not is_email(address):
                raise SetupError("alert.bad-contact", address=address)
        if unit.alert_url:
            signing = {name: secret for name, secret in secrets.items() if name.partition("#")[0] == WEBHOOK}
            if not signing:
                raise SetupError("alert.no-secret", code=unit.code)
            # Judged by the adapter that calls such addresses: its form, and whether the secret can sign.
            self._fleet.make(WEBHOOK, {"url": unit.alert_url}, signing)

    def _seal(self, credential: NewCredential) -> str:
        return self._sealer.seal(credential.secret, credential_purpose(credential.kind, credential.public_id))

    @staticmethod
    def _credentials(system_id: str, secret: str, secrets: Mapping[str, str]) -> list[NewCredential]:
        found = []
        if system_id:
            if secret and len(secret) < MIN_SECRET:
                raise SetupError("directory.weak-secret", length=len(secret))
            found.append(NewCredential("vxp", system_id, secret or randomness.token_urlsafe(32)))
        return found + [NewCredential(kind, kind, value) for kind, value in secrets.items()]


def _check_parallel(unit: Unit) -> None:
    if PARALLEL in unit.settings and unit.parallel is None:
        raise SetupError("adapter.setting-wrong", name=PARALLEL, why=f"1–{MOST_PARALLEL}")
