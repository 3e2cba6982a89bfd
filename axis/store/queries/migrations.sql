-- Statements of axis/store/migrator.py.

-- name: lock
-- One migrator at a time on this database; the others wait and then find nothing left to do.
SELECT pg_advisory_lock(7250714020190101)

-- name: unlock
-- Let the next one in.
SELECT pg_advisory_unlock(7250714020190101)

-- name: exists
-- Has this database ever been migrated?
SELECT to_regclass('schema_migration') IS NOT NULL

-- name: begin_record
-- The record of applied migrations; a database without it is new.
CREATE TABLE IF NOT EXISTS schema_migration (
    number integer PRIMARY KEY CHECK (number > 0),
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)

-- name: applied
-- All applied migrations in order.
SELECT number, name, sha256, applied_at FROM schema_migration ORDER BY number

-- name: record
-- Note a migration, in the transaction that applied it.
INSERT INTO schema_migration (number, name, sha256) VALUES ($1, $2, $3)
