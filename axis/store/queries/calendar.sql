-- name: days
-- Every special day entered here: a few dozen a year at most.
select day, kind, name, source, entered_by, entered_at from calendar_day order by day

-- name: years
-- The years whose decision was entered.
select year, decision, entered_by, entered_at from calendar_year order by year

-- name: lock_year
-- One import of a year at a time; the second waits and then replaces the first. Given back with the transaction.
select pg_advisory_xact_lock(hashtext('axis calendar'), $1)

-- name: drop_days
-- Forget the days of a year, from $1 until just before $2.
delete from calendar_day where day >= $1 and day < $2

-- name: add_day
-- A special day; it replaces what stood there.
insert into calendar_day (day, kind, name, source, entered_by) values ($1, $2, $3, $4, $5)
on conflict (day) do update set kind = excluded.kind, name = excluded.name, source = excluded.source,
    entered_by = excluded.entered_by, entered_at = now()

-- name: drop_day
-- One day is again what the library and the shipped table say.
delete from calendar_day where day = $1 returning kind, name

-- name: add_year
-- The decision a year rests on; from now on the year is not provisional.
insert into calendar_year (year, decision, entered_by) values ($1, $2, $3)
on conflict (year) do update set decision = excluded.decision, entered_by = excluded.entered_by, entered_at = now()

-- name: drop_year
-- The year is provisional again.
delete from calendar_year where year = $1 returning decision
