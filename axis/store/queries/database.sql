-- Statements of axis/store/database.py and signals.py themselves.

-- name: try_alone
-- Take the session lock of a named duty, false when another process holds it.
SELECT pg_try_advisory_lock(hashtextextended('axis:duty:' || $1::text, 0))

-- name: end_alone
-- Give the session lock of a named duty back.
SELECT pg_advisory_unlock(hashtextextended('axis:duty:' || $1::text, 0))

-- name: notify
-- Send the collected hints in one go.
SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS hint (channel, payload)

-- name: alive
-- Prove that the connection still works.
SELECT 1
