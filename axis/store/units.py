"""The directory as stored: units with their codes, credentials, signers, health; and the trust anchors.

Writes run in one transaction with their journal row. Reads of the whole directory are cheap (a few
hundred rows) and cached by ``axis.hub.directory`` against ``version``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from axis.domain.codes import normal
from axis.domain.directory import Signer, Unit, UnitState
from axis.domain.document import Policy
from axis.domain.errors import ConflictError, NotFound
from axis.store.database import Database, Transaction
from axis.store.sql import queries

SQL = queries("units")


def _unit(row: Mapping[str, Any], signers: tuple[Signer, ...] = ()) -> Unit:
    return Unit(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        state=UnitState(row["state"]),
        adapter=row["adapter"],
        policy=Policy(row["policy"]),
        parent=row["parent"],
        aliases=tuple(row["aliases"]),
        settings=row["settings"],
        email=row["email"],
        sha1_until=row["sha1_until"],
        inclusive_c14n=row["inclusive_c14n"],
        relays=row["relays"],
        paused=row["paused"],
        auto_arrived=row["auto_arrived"],
        contacts=tuple(row["contacts"]),
        alert_url=row["alert_url"],
        signers=signers,
        changed_at=row["changed_at"],
    )


def _normal_codes(unit: Unit) -> list[str]:
    return list(dict.fromkeys(normal(code) for code in unit.codes))


class Units:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def version(self) -> int:
        return int(await self._db.fetchval(SQL.version))

    async def clock(self) -> datetime:
        """The database's own time."""
        there: datetime = await self._db.fetchval(SQL.clock)
        return there

    async def all(self) -> list[Unit]:
        signers: dict[UUID, list[Signer]] = {}
        for row in await self._db.fetch(SQL.all_signers):
            signers.setdefault(row["unit_id"], []).append(
                Signer(row["fingerprint"], row["valid_from"], row["valid_to"])
            )
        return [_unit(row, tuple(signers.get(row["id"], ()))) for row in await self._db.fetch(SQL.all_units)]

    async def health(self) -> dict[str, Mapping[str, Any]]:
        """By unit code: failures, not_before, last success, error and call."""
        return {row["code"]: row for row in await self._db.fetch(SQL.all_units)}

    async def credentials(self) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.all_credentials)

    async def anchors(self) -> list[bytes]:
        return [bytes(row["certificate"]) for row in await self._db.fetch(SQL.all_anchors)]

    async def list_anchors(self) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.list_anchors)

    async def add(self, on: Transaction, unit: Unit) -> None:
        await self._check_codes(on, unit)
        await on.execute(
            SQL.add, unit.id, unit.code, unit.name, unit.parent, list(unit.aliases), unit.state.value, unit.adapter,
            unit.settings, unit.policy.value, unit.email, unit.sha1_until, unit.inclusive_c14n, unit.relays,
            unit.auto_arrived, list(unit.contacts), unit.alert_url,
        )  # fmt: skip
        await self._write_codes(on, unit)

    async def change(self, on: Transaction, code: str, changes: Mapping[str, Any]) -> tuple[Unit, Unit]:
        """Old and new. Raises NotFound for an unknown code."""
        row = await on.fetchrow(SQL.lock, code)
        if row is None:
            raise NotFound("directory.unknown-unit", code=code)
        old = _unit(row)
        new = replace(old, **changes)
        await on.execute(
            SQL.change, new.id, new.name, new.parent, list(new.aliases), new.state.value, new.adapter, new.settings,
            new.policy.value, new.email, new.sha1_until, new.inclusive_c14n, new.relays, new.paused,
            new.auto_arrived, list(new.contacts), new.alert_url,
        )  # fmt: skip
        if new.codes != old.codes:
            await on.execute(SQL.drop_codes, new.id)
            await self._check_codes(on, new)
            await self._write_codes(on, new)
        return old, new

    async def _check_codes(self, on: Transaction, unit: Unit) -> None:
        for code in _normal_codes(unit):
            owner = await on.fetchval(SQL.owner_of_code, code)
            if owner is not None:
                raise ConflictError("directory.code-taken", code=code, owner=owner)

    async def _write_codes(self, on: Transaction, unit: Unit) -> None:
        for code in _normal_codes(unit):
            await on.execute(SQL.add_code, code, unit.id)

    async def add_credential(
        self, on: Transaction, credential_id: UUID, unit: Unit, kind: str, public_id: str, sealed: str
    ) -> None:
        # Only a system id names its owner to the door; an adapter's own secrets are found by unit.
        owner = await on.fetchval(SQL.owner_of_credential, kind, public_id) if kind == "vxp" else None
        if owner is not None and owner != unit.code:
            raise ConflictError("directory.system-id-taken", system_id=public_id, owner=owner)
        await on.execute(SQL.add_credential, credential_id, unit.id, kind, public_id, sealed, None)

    async def expire_credentials(
        self, on: Transaction, unit_id: UUID, kind: str, public_id: str, overlap: float
    ) -> None:
        await on.execute(SQL.expire_credentials, unit_id, kind, public_id, overlap)

    async def credentials_of(self, unit_id: UUID) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.credentials_of, unit_id)

    async def revoke_credential(self, on: Transaction, credential_id: UUID) -> UUID | None:
        unit_id: UUID | None = await on.fetchval(SQL.revoke_credential, credential_id)
        return unit_id

    async def bind_signer(self, on: Transaction, unit_id: UUID, signer: Signer, certificate: bytes) -> bool:
        bound = await on.fetchval(
            SQL.bind_signer, unit_id, signer.fingerprint, certificate, signer.valid_from, signer.valid_to
        )
        return bound is not None

    async def signers_of(self, unit_id: UUID) -> Sequence[Mapping[str, Any]]:
        return await self._db.fetch(SQL.signers_of, unit_id)

    async def add_anchor(self, on: Transaction, fingerprint: str, certificate: bytes, subject: str) -> bool:
        return await on.fetchval(SQL.add_anchor, fingerprint, certificate, subject) is not None

    async def drop_anchor(self, on: Transaction, fingerprint: str) -> str | None:
        subject: str | None = await on.fetchval(SQL.drop_anchor, fingerprint)
        return subject

    async def failed(self, unit_id: UUID, text: str, not_before: datetime) -> int:
        """Failures in a row, this one included; from the third on the breaker stays open until then."""
        return int(await self._db.fetchval(SQL.health_failed, unit_id, text, not_before))

    async def succeeded(self, unit_id: UUID) -> bool:
        """True when it had failed before, as seen by any process."""
        return bool(await self._db.fetchval(SQL.health_succeeded, unit_id))

    async def called(self, unit_id: UUID) -> bool:
        """The same, for a call of the unit's own system."""
        return bool(await self._db.fetchval(SQL.health_called, unit_id))
