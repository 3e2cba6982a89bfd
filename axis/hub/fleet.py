"""The adapters at work: one instance per unit, made from its settings and secrets, made anew when
either changes. Kinds are found by the entry-point group ``axis.adapters`` and handed in by ``app``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from axis.adapter import Adapter, Health, Tools
from axis.domain.directory import PARALLEL, Unit
from axis.domain.errors import AxisError, SetupError
from axis.domain.silence import Waiting
from axis.hub.directory import Directory


class Fleet:
    """``http()`` gives the guarded client session every adapter shares."""

    def __init__(
        self, kinds: Mapping[str, type[Adapter]], directory: Directory, http: Callable[[], Any],
        last_call: Callable[[UUID], datetime | None], waiting: Callable[[UUID], Waiting | None] = lambda unit_id: None,
    ) -> None:  # fmt: skip
        self._kinds = kinds
        self._directory = directory
        self._http = http
        self._last_call = last_call
        self._waiting = waiting
        self._made: dict[UUID, tuple[object, Adapter]] = {}

    @property
    def kinds(self) -> Mapping[str, type[Adapter]]:
        return self._kinds

    def kind(self, name: str) -> type[Adapter]:
        try:
            return self._kinds[name]
        except KeyError:
            raise SetupError(
                "directory.unknown-adapter", adapter=name, known=", ".join(sorted(self._kinds))
            ) from None

    def pushes(self, unit: Unit) -> bool:
        """False for units that fetch by themselves and for kinds this installation lacks: their
        deliveries wait, and the doctor tells."""
        kind = self._kinds.get(unit.adapter)
        return kind is not None and not kind.pulls

    def pulls(self, unit: Unit) -> bool:
        """The unit's own system fetches: the axis never calls it."""
        kind = self._kinds.get(unit.adapter)
        return kind is not None and kind.pulls

    def secrets_of(self, unit_id: UUID) -> Mapping[str, str]:
        return self._directory.snapshot.secrets.get(unit_id, {})

    def adapter(self, unit: Unit) -> Adapter:
        secrets = self.secrets_of(unit.id)
        made_from = (unit.adapter, dict(unit.settings), dict(secrets))
        known = self._made.get(unit.id)
        if known is None or known[0] != made_from:
            known = (made_from, self.make(unit.adapter, unit.settings, secrets, unit.id))
            self._made[unit.id] = known
        return known[1]

    def make(
        self, kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str], unit_id: UUID | None = None
    ) -> Adapter:
        """A new adapter; its constructor validates. Raises SetupError."""

        def last_call() -> datetime | None:
            return self._last_call(unit_id) if unit_id else None

        def waiting() -> Waiting:
            return (self._waiting(unit_id) if unit_id else None) or Waiting()

        # Settings of the API front and the courier travel with the unit too: none of the adapter's business.
        settings = {n: value for n, value in settings.items() if not n.startswith("vxp_") and n != PARALLEL}
        tools = Tools(
            http=self._http(),
            now=lambda: datetime.now(UTC),
            settings=settings,
            secrets=secrets,
            last_call=last_call,
            waiting=waiting,
        )
        return self.kind(kind)(tools)

    async def probe(self, unit: Unit) -> Health:
        """Does the connection work? Never raises."""
        try:
            return await self.adapter(unit).probe()
        except AxisError as error:
            return Health("failing", error.text("vi"))
        except Exception as error:
            return Health("failing", f"{type(error).__name__}: {error}"[:300])
