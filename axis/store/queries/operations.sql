-- What operators read and choose. Every list is cut by ids and a number of rows; what is counted is counted up to a
-- limit. A statement that looks for states uses an index that holds no finished delivery.

-- name: backlog
-- Per unit (one of them with $2): how many wait, are parked and refused, each up to $1 (a kind), and since when the
-- oldest waits, and whether something of priority $3 or more is queued or being sent. States come from lists, so that only the index that holds all of them fits.
select u.id, w.queued, w.sending, s.held, s.parked, s.refused, least(w.oldest, s.oldest) as oldest, w.urgent
from unit u cross join lateral (
    select coalesce(sum(c.n) filter (where f.state = 'queued'), 0)::int as queued,
           coalesce(sum(c.n) filter (where f.state = 'sending'), 0)::int as sending, min(c.oldest) as oldest,
           bool_or(c.urgent) as urgent
    from (values ('document', 'queued'), ('status', 'queued'), ('document', 'sending'), ('status', 'sending')) f(kind, state),
         lateral (select (select count(*) from (
                              select from delivery d where d.unit_id = u.id and d.kind = f.kind and d.state = f.state
                                and d.state in ('queued', 'sending') limit $1) x) as n,
                         (select min(first.created_at) from generate_series(0, 4) p(priority), lateral (
                              select d.created_at from delivery d
                              where d.unit_id = u.id and d.kind = f.kind and d.state = f.state
                                and d.state in ('queued', 'sending') and d.priority = p.priority::smallint
                              order by d.id limit 1) first) as oldest,
                         exists (select from delivery d where d.unit_id = u.id and d.kind = f.kind and d.state = f.state
                                   and d.state in ('queued', 'sending') and d.priority >= $3) as urgent) c
) w cross join lateral (
    select coalesce(sum(c.n) filter (where f.state = 'held'), 0)::int as held,
           coalesce(sum(c.n) filter (where f.state = 'parked'), 0)::int as parked,
           coalesce(sum(c.n) filter (where f.state = 'refused'), 0)::int as refused,
           (select d.created_at from delivery d
            where d.unit_id = u.id and d.state = 'held' order by d.id limit 1) as oldest
    from (values ('held'), ('parked'), ('refused')) f(state),
         lateral (select count(*) as n from (
                      select from delivery d where d.unit_id = u.id and d.state = f.state
                        and d.state in ('held', 'parked', 'refused') limit $1) x) c
) s
where $2::uuid is null or u.id = $2

-- name: near_waiting
-- The newest $6 ids between $4 and $5 that are queued or being sent ($2), of a unit ($1) and a kind ($3).
select f.id
from unit u, unnest($2::text[]) s(state), (values ('document'), ('status')) k(kind), generate_series(0, 4) p(priority),
     lateral (select d.id from delivery d
              where d.unit_id = u.id and d.kind = k.kind and d.state = s.state and d.state in ('queued', 'sending')
                and d.priority = p.priority::smallint and d.id < $4 and d.id > $5
              order by d.id desc limit $6) f
where ($1::uuid is null or u.id = $1) and ($3 = '' or k.kind = $3)
order by f.id desc limit $6

-- name: near_stuck
-- The same of what stands still: held, parked, refused. The kind is looked at later.
select f.id
from unit u, unnest($2::text[]) s(state),
     lateral (select d.id from delivery d
              where d.unit_id = u.id and d.state = s.state and d.state in ('held', 'parked', 'refused')
                and d.id < $3 and d.id > $4
              order by d.id desc limit $5) f
where ($1::uuid is null or u.id = $1)
order by f.id desc limit $5

-- name: near_newest
-- The newest $3 ids between $1 and $2, whatever their state.
select id from delivery where id < $1 and id > $2 order by id desc limit $3

-- name: near_newest_of
-- The same of one unit. The comparison of rows and the order say "that kind" in a way only the index of a unit's rows
-- can serve: by the primary key a unit whose rows are old would be looked for among everybody's.
select f.id
from (values ('document'), ('status')) k(kind),
     lateral (select d.id from delivery d
              where d.unit_id = $1 and d.kind >= k.kind and (d.kind, d.id) < (k.kind, $2) and d.id > $3
              order by d.kind desc, d.id desc limit $4) f
order by f.id desc limit $4

-- name: near_of
-- The newest $5 ids between $3 and $4 of the deliveries of some packages ($1), to a unit ($2).
select d.id from unnest($1::uuid[]) p(id) join delivery d on d.package_id = p.id
where ($2::uuid is null or d.unit_id = $2) and d.id < $3 and d.id > $4
order by d.id desc limit $5

-- name: among
-- Those of some ids ($1) in these states ($2, empty: any), of a kind, with words in their note, with any note at all
-- ($5); newest first, $6 rows.
select d.id, d.package_id, d.receivers, d.kind, d.priority, d.state, d.handling, d.taking_back, d.attempts,
       d.next_attempt_at, left(d.note, 1000) as note, d.created_at, d.finished_at, u.code as unit, u.name as unit_name,
       p.sender, left(p.document_id, 300) as document_id, left(p.code_number, 100) as code_number,
       left(p.code_notation, 100) as code_notation, left(p.subject, 600) as subject
from unnest($1::uuid[]) n(id) join delivery d on d.id = n.id join unit u on u.id = d.unit_id
join package p on p.id = d.package_id
where (cardinality($2::text[]) = 0 or d.state = any($2)) and ($3 = '' or d.kind = $3)
  and ($4 = '' or strpos(folded(left(d.note, 1000)), folded($4)) > 0) and (not $5 or d.note <> '')
order by d.id desc limit $6

-- name: movable
-- The same, of those an act ($5) may move.
select d.id from unnest($1::uuid[]) n(id) join delivery d on d.id = n.id
where (cardinality($2::text[]) = 0 or d.state = any($2)) and ($3 = '' or d.kind = $3)
  and ($4 = '' or strpos(folded(left(d.note, 1000)), folded($4)) > 0)
  and case $5 when 'replay' then d.state in ('parked', 'refused') and d.taking_back not in ('recall', '13', '15')
              when 'park' then d.state in ('queued', 'sending') else false end
order by d.id desc

-- name: delivery
-- One delivery with what an operator is told of it.
select d.*, u.code as unit, u.name as unit_name, u.adapter, s.code as source_code, s.name as source_name,
       p.sender, p.sender_name, left(p.document_id, 300) as document_id, left(p.code_number, 100) as code_number,
       left(p.code_notation, 100) as code_notation, left(p.subject, 2000) as subject, p.sha256, p.size, p.verdict,
       p.front, p.received_at
from delivery d join unit u on u.id = d.unit_id join package p on p.id = d.package_id
join unit s on s.id = d.source_unit
where d.id = $1

-- name: attempts
-- The newest attempts of a delivery, before one of them; a dead system has thousands.
select attempt, started_at, finished_at, outcome, left(detail, 4000) as detail, holder, request from attempt
where delivery_id = $1 and ($2::integer is null or attempt < $2) order by attempt desc limit $3

-- name: happenings
-- The journal of one delivery, newest first.
select position, at, event, actor, data from journal where package_id = $1 and delivery_id = $2
order by position desc limit 200

-- name: journal
-- The journal among the newest $2 rows before a position ($1), of all units: an event or the beginning of one ($3),
-- somebody ($4); newest first, $5 rows.
with near as materialized (
    select * from journal where position < $1 order by position desc limit $2
)
select n.position, n.at, n.event, n.package_id, n.delivery_id, n.actor, n.data, u.code as unit, u.name as unit_name
from near n left join unit u on u.id = n.unit_id
where ($3 = '' or n.event = $3 or (right($3, 1) = '.' and starts_with(n.event, $3)))
  and ($4 = '' or strpos(lower(n.actor), lower($4)) > 0)
order by n.position desc limit $5

-- name: journal_of
-- The same of one unit ($6), by the index of its rows and no other.
with near as materialized (
    select * from journal where unit_id >= $6::uuid and (unit_id, position) < ($6, $1)
    order by unit_id desc, position desc limit $2
)
select n.position, n.at, n.event, n.package_id, n.delivery_id, n.actor, n.data, u.code as unit, u.name as unit_name
from near n left join unit u on u.id = n.unit_id
where ($3 = '' or n.event = $3 or (right($3, 1) = '.' and starts_with(n.event, $3)))
  and ($4 = '' or strpos(lower(n.actor), lower($4)) > 0)
order by n.position desc limit $5

-- name: journal_reach
-- Where the $2 newest rows before a position end; null when there are not so many.
select position from journal where position < $1 order by position desc offset $2::bigint - 1 limit 1

-- name: journal_reach_of
-- The same of one unit ($3).
select position from journal where unit_id >= $3::uuid and (unit_id, position) < ($3, $1)
order by unit_id desc, position desc offset $2::bigint - 1 limit 1

-- name: forget_selections
-- What nobody confirmed in time.
delete from selection where expires_at <= now()

-- name: choose
-- Fix a list of deliveries for one act, for $5 seconds.
insert into selection (token, person_id, act, deliveries, expires_at)
values ($1, $2, $3, $4, now() + make_interval(secs => $5))

-- name: chosen
-- A list somebody fixed and has not used.
select act, deliveries, expires_at from selection where token = $1 and person_id = $2 and expires_at > now()

-- name: take
-- Use it up: once, and only by whom it was fixed for.
delete from selection where token = $1 and person_id = $2 and expires_at > now() returning act, deliveries
