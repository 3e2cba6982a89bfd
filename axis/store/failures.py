"""What a failing database means to the caller.

Everything that may pass by itself (connection lost, failover, too many connections, shutdown, a
primary turned read-only) is ``storage.database-away``; lock conflicts and exhausted resources are
``storage.database-busy``. What a statement says about its data (a unique key, a trigger's refusal)
is no failure of the database: it reaches the caller as one of the exceptions named here, so that
asyncpg stays in this package.
"""

from __future__ import annotations

from typing import Any

import asyncpg

from axis.domain.errors import AxisError, SetupError, Unavailable

DatabaseError = asyncpg.PostgresError  # ``.sqlstate``, ``.constraint_name``
UniqueViolation = asyncpg.UniqueViolationError
IntegrityViolation = asyncpg.IntegrityConstraintViolationError
Raised = asyncpg.RaiseError  # a trigger said no

PASSING = ("storage.database-away", "storage.database-busy")  # worth repeating the unit of work

_LOGIN = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError,
          asyncpg.exceptions.ClientConfigurationError)
_AWAY = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.TooManyConnectionsError,
         asyncpg.OperatorInterventionError, asyncpg.ReadOnlySQLTransactionError,
         asyncpg.exceptions.TargetServerAttributeNotMatched,
         asyncpg.ObjectNotInPrerequisiteStateError)  # a database closed to connections for maintenance
_BUSY = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError,
         asyncpg.InsufficientResourcesError)


def meaning(error: BaseException, lost: bool = False) -> AxisError | None:
    """What a driver's error means to the caller; None when it is about the statement or its data.
    ``lost``: the connection is closed, so whatever the driver complains of, that is why."""
    if isinstance(error, asyncpg.DiskFullError):
        return Unavailable("storage.disk-full")
    if isinstance(error, asyncpg.QueryCanceledError):
        return Unavailable("storage.too-slow")
    if isinstance(error, _LOGIN):
        return SetupError("storage.database-login", detail=str(error))
    if isinstance(error, _AWAY):
        return Unavailable("storage.database-away")
    if isinstance(error, _BUSY):
        return Unavailable("storage.database-busy")
    if lost and isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        return Unavailable("storage.database-away")
    return None


def lost(connection: Any) -> bool:
    """True when a connection is closed; one of a pool that was lost answers by raising."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True
