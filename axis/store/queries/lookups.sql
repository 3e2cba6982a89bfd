-- name: incoming
-- What came to unit $1, newest first, ids before $2 and after $3; $4 standing, $5 least priority, $6 sender, $7 words,
-- $8 rows; with words only the newest $9 are looked through (``incoming_among`` finds the rest). What its system
-- never had is not in it: its content is not the receiver's to see. Every row tells how many were looked through and
-- where that ended; with nothing found there is one row, whose id is null.
with near as materialized (
    select d.* from delivery d
    where d.unit_id = $1 and d.kind = 'document' and d.id < $2 and d.id > $3 and ($4 = '' or d.standing = $4)
      and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')
      and ($6::uuid is null or d.source_unit = $6) and d.priority >= $5
    order by d.id desc limit case when $7 = '' then $8::int else $9::int end
)
select n.looked, n.ended, f.*
from (select count(*) as looked, min(id::text)::uuid as ended from near) n left join lateral (
    select d.id, d.package_id, d.receivers, d.kind, d.business_type, d.priority, d.state, d.handling, d.taking_back, d.round,
           d.reason, d.arrived_at, d.arrival_due_at, d.told_at, d.register_due_at, d.registered_at, d.finish_due_at,
           d.completed_at, d.missed, d.escalated, d.created_at, d.came_at,
           p.sender, p.sender_name, p.document_id, p.code_number, p.code_notation, p.promulgation_date, p.due_date, p.type_name, p.subject, p.verdict
    from near d join package p on p.id = d.package_id
    where $7 = '' or p.search @@ wanted($7) order by d.id desc limit $8) f on true
order by f.id desc

-- name: incoming_among
-- The same among the packages that have these words ($7), looked for by the index with $10 (see ``sought``), or are
-- named ($8); $9 rows.
-- What was sent again stands in a later stretch than its package: looked for besides, where a stretch is named.
with hits as materialized (
    select id from package
    where $7 <> '' and kind = 'document' and parties @> array[$1::uuid] and search @@ $10::text::tsquery
      and ts_match_vq(search, wanted($7))
    union
    select d.package_id from delivery d join package p on p.id = d.package_id
    where $7 <> '' and strpos($10::text, '@') > 0 and d.unit_id = $1 and d.round > 1 and d.id < $2 and d.id > $3
      and p.search @@ wanted($7)
    union select unnest($8::uuid[])
), near as materialized (
    select d.* from hits join delivery d on d.package_id = hits.id and d.unit_id = $1
    where d.kind = 'document' and d.id < $2 and d.id > $3
      and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')
      and ($6::uuid is null or d.source_unit = $6) and d.priority >= $5 and ($4 = '' or d.standing = $4)
    order by d.id desc limit $9
)
select d.id, d.package_id, d.receivers, d.kind, d.business_type, d.priority, d.state, d.handling, d.taking_back, d.round,
       d.reason, d.arrived_at, d.arrival_due_at, d.told_at, d.register_due_at, d.registered_at, d.finish_due_at,
       d.completed_at, d.missed, d.escalated, d.created_at, d.came_at,
       p.sender, p.sender_name, p.document_id, p.code_number, p.code_notation, p.promulgation_date, p.due_date, p.type_name, p.subject, p.verdict
from near d join package p on p.id = d.package_id order by d.id desc

-- name: outgoing
-- What unit $1 sent, newest first, ids before $2 and after $3; $4 standing of a receiver, $5 least priority, $6 receiver,
-- $7 words, $8 rows; with words the newest $9. Read as ``incoming``.
with near as materialized (
    (select p.id from package p
     where $4 = '' and p.source_unit = $1 and p.kind = 'document' and p.id < $2 and p.id > $3 and p.priority >= $5
       and ($6::uuid is null or exists (select from delivery d where d.package_id = p.id and d.unit_id = $6))
     order by p.id desc limit case when $7 = '' then $8::int else $9::int end)
    union all
    (select distinct d.package_id from delivery d
     where $4 <> '' and d.source_unit = $1 and d.standing = $4 and d.kind = 'document' and d.package_id < $2
       and d.package_id > $3 and d.priority >= $5 and ($6::uuid is null or d.unit_id = $6)
     order by d.package_id desc limit case when $7 = '' then $8::int else $9::int end)
)
select n.looked, n.ended, f.*
from (select count(*) as looked, min(id::text)::uuid as ended from near) n left join lateral (
    select p.id, p.business_type, p.priority, p.sender, p.document_id, p.code_number, p.code_notation, p.promulgation_date,
           p.due_date, p.type_name, p.subject, p.verdict, p.received_at, p.send_due_at, p.units
    from near join package p on p.id = near.id
    where $7 = '' or p.search @@ wanted($7) order by p.id desc limit $8) f on true
order by f.id desc

-- name: outgoing_among
-- The same among the packages that have these words ($7), looked for by the index with $10 (see ``sought``), or are
-- named ($8); $9 rows.
with hits as materialized (
    select id from package
    where $7 <> '' and kind = 'document' and parties @> array[$1::uuid] and search @@ $10::text::tsquery
      and ts_match_vq(search, wanted($7))
    union select unnest($8::uuid[])
)
select p.id, p.business_type, p.priority, p.sender, p.document_id, p.code_number, p.code_notation, p.promulgation_date,
       p.due_date, p.type_name, p.subject, p.verdict, p.received_at, p.send_due_at, p.units
from hits join package p on p.id = hits.id
where p.source_unit = $1 and p.kind = 'document' and p.id < $2 and p.id > $3 and p.priority >= $5
  and (($4 = '' and $6::uuid is null) or exists (
      select from delivery d where d.package_id = p.id and ($6::uuid is null or d.unit_id = $6) and ($4 = '' or d.standing = $4)))
order by p.id desc limit $9

-- name: sought
-- What the index of words is asked for a search ($1): its three rarest words, by the planner's own statistics, the last
-- one typed as a beginning. To intersect ten words costs more than to look at what three find, which ``ts_match_vq`` does:
-- the operator ``@@`` would be the index's again.
with said as (
    select w.lexeme, w.positions[cardinality(w.positions)] as place from unnest(to_tsvector('simple', folded($1))) w
), known as (
    select unnest(most_common_elems::text::text[]) as lexeme, unnest(most_common_elem_freqs) as share
    from pg_stats where schemaname = current_schema() and tablename = 'package' and attname = 'search'
), rarest as (
    select s.lexeme, s.place = (select max(place) from said) as last
    from said s left join known k on k.lexeme = s.lexeme
    order by s.place = (select max(place) from said) and length(s.lexeme) < 3, coalesce(k.share, 0), length(s.lexeme) desc
    limit 3
)
select coalesce(string_agg(concat('''', replace(replace(lexeme, '\', '\\'), '''', ''''''), '''',
                                  case when last then ':*' end), ' & '), '')
from rarest

-- name: named_id
-- The package of an id, or of a delivery's id, of a unit ($2) or all.
select id from package where (id = $1::uuid or id = (select package_id from delivery where id = $1::uuid))
  and ($2::uuid is null or parties @> array[$2::uuid])

-- name: named_document
-- Packages under a DocumentId, of a unit ($2) or all; the newest 500. Others use the same ids: they hide nothing.
select id from package
where kind = 'document' and document_id <> '' and document_id = $1 and ($2::uuid is null or parties @> array[$2::uuid])
order by id desc limit 500

-- name: named_code
-- Packages of a number and notation, in any case, of a unit ($2) or all; the newest 500.
select id from package
where kind = 'document' and lower(code_number || '/' || code_notation) = $1
  and ($2::uuid is null or parties @> array[$2::uuid])
order by id desc limit 500

-- name: named_beginning
-- Packages whose number and notation begin so ($1, the number whole: up to its first stroke), of a unit ($2) or all; the
-- newest 500. '0' comes next after '/', so what lies between is this number with any notation, in the order of bytes and
-- in that of languages; the beginning itself is looked at, because in the latter something else may lie there too.
select id from package
where kind = 'document' and lower(code_number || '/' || code_notation) >= split_part($1, '/', 1) || '/'
  and lower(code_number || '/' || code_notation) < split_part($1, '/', 1) || '0'
  and starts_with(lower(code_number || '/' || code_notation), $1) and ($2::uuid is null or parties @> array[$2::uuid])
order by id desc limit 500

-- name: receivers
-- The newest delivery to each receiver of some packages, for the list of what was sent.
select distinct on (d.package_id, d.unit_id)
       d.id, d.package_id, d.unit_id, d.receivers, d.kind, d.business_type, d.priority, d.state, d.handling, d.taking_back,
       d.round, d.reason, d.note, d.attempts, d.next_attempt_at, d.arrived_at, d.fetched_at, d.arrival_due_at, d.told_at,
       d.register_due_at, d.registered_at, d.finish_due_at, d.completed_at, d.missed, d.escalated, d.finished_at,
       u.code as unit_code, u.name as unit_name
from delivery d join unit u on u.id = d.unit_id
where d.package_id = any($1::uuid[]) and ($2::uuid is null or d.source_unit = $2 or d.unit_id = $2)
order by d.package_id, d.unit_id, d.round desc

-- name: older
-- How many came to (or went out from, $2) a unit before an id; counted up to 1,000.
select count(*) from (
    select 1 from delivery where not $2 and unit_id = $1 and kind = 'document' and id < $3
        and (arrived_at is not null or fetched_at is not null or state = 'delivered')
    union all
    select 1 from package where $2 and source_unit = $1 and kind = 'document' and id < $3
    limit 1000
) before

-- name: newer
-- How many came since an id; counted up to 100: the bar that says there is news.
select count(*) from (
    select 1 from delivery where not $2 and unit_id = $1 and kind = 'document' and id > $3
        and (arrived_at is not null or fetched_at is not null or state = 'delivered')
    union all
    select 1 from package where $2 and source_unit = $1 and kind = 'document' and id > $3
    limit 100
) news

-- name: waiting
-- The documents that wait for the unit's own system: how many, of them express, otherwise urgent, and recalls, among the
-- 1,000 most urgent; and since when the oldest of all waits. The state comes from a list: so only the index in the order
-- of urgency fits, and not that of what is due.
select count(*)::int as waiting, count(*) filter (where w.priority >= 3)::int as express,
       count(*) filter (where w.priority in (1, 2))::int as urgent,
       count(*) filter (where w.business_type = 1)::int as recalls,
       (select min(first.created_at)
        from unnest('{queued}'::text[]) s(state), generate_series(0, 4) p(priority), lateral (
            select d.created_at from delivery d
            where d.unit_id = $1 and d.kind = 'document' and d.state = s.state and d.state in ('queued', 'sending')
              and d.priority = p.priority::smallint
            order by d.id limit 1) first) as oldest
from unnest('{queued}'::text[]) s(state), lateral (
    select d.priority, d.business_type from delivery d
    where d.unit_id = $1 and d.kind = 'document' and d.state = s.state and d.state in ('queued', 'sending')
    order by d.priority desc, d.id limit 1000
) w

-- name: pauses
-- Since when and why units ($1) are paused: their newest pause among the newest 1,000 changes of units.
with near as materialized (
    select unit_id, at, data, position from journal
    where event = 'unit.changed' and package_id is null order by position desc limit 1000
)
select distinct on (unit_id) unit_id, at, coalesce(data ->> 'reason', '') as reason
from near where unit_id = any($1::uuid[]) and data -> 'paused' = '["False", "True"]'::jsonb
order by unit_id, position desc

-- name: document
-- A document for whoever may see it: the unit that sent it, a unit it came to, or, with null, an operator.
-- ``sent_again``: as another package under its DocumentId, as far as one may see that too.
select p.*, s.code as source_code, s.name as source_name, p.source_unit = $2 as own,
       p.business_type in (0, 3) and p.document_id <> '' and exists (
           select from package n
           where n.kind = 'document' and n.sender = p.sender and n.document_id = p.document_id and n.id > p.id
             and n.business_type in (0, 3)
             and ($2::uuid is null or n.source_unit = $2 or exists (
                 select from delivery d where d.package_id = n.id and d.unit_id = $2
                   and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')))) as sent_again
from package p join unit s on s.id = p.source_unit
where p.id = $1 and p.kind = 'document'
  and ($2::uuid is null or p.source_unit = $2 or exists (
      select from delivery d where d.package_id = p.id and d.unit_id = $2
        and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')))

-- name: deliveries
-- Every round to every receiver, for the sender and operators; only its own for a receiver.
select d.*, u.code as unit_code, u.name as unit_name, addressees(d) as addressees
from delivery d join unit u on u.id = d.unit_id join package p on p.id = d.package_id
where d.package_id = $1 and ($2::uuid is null or p.source_unit = $2 or d.unit_id = $2) order by u.code, d.round

-- name: timeline
-- The story of a document: all of it for its sender and operators, what concerns it for a receiver. Newest first.
select j.position, j.at, j.event, j.delivery_id, j.actor, j.data, u.code as unit, u.name as unit_name
from journal j left join unit u on u.id = j.unit_id join package p on p.id = j.package_id
where j.package_id = $1
  and ($2::uuid is null or p.source_unit = $2 or j.delivery_id in (
      select id from delivery where package_id = $1 and unit_id = $2))
order by j.position desc limit 500

-- name: receipts
-- The signed receipts one may take away, the newest $3 in the order of time; a receiver's are those of its own
-- deliveries. ``many``: how many there are.
select * from (
    select r.event_id, r.delivery_id, r.event, r.jws, r.made_at, count(*) over () as many
    from receipt r join package p on p.id = r.package_id
    where r.package_id = $1
      and ($2::uuid is null or p.source_unit = $2 or r.delivery_id in (
          select id from delivery where package_id = $1 and unit_id = $2))
    order by r.made_at desc, r.event_id desc limit $3) newest
order by made_at, event_id

-- name: receipt
-- One of them ($3), whether it is listed or not.
select r.event_id, r.delivery_id, r.event, r.jws, r.made_at
from receipt r join package p on p.id = r.package_id
where r.event_id = $3 and r.package_id = $1
  and ($2::uuid is null or p.source_unit = $2 or r.delivery_id in (
      select id from delivery where package_id = $1 and unit_id = $2))

-- name: links
-- What it speaks of and what speaks of it, as far as one may see that too; the newest $3 of each.
(select 'to' as direction, l.kind, l.document_id, o.id as package_id, o.subject, o.code_number, o.code_notation, o.received_at
from link l left join package o on o.id = l.about
     and ($2::uuid is null or o.source_unit = $2 or exists (select from delivery d where d.package_id = o.id and d.unit_id = $2
          and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')))
where l.package_id = $1 order by o.received_at desc nulls last, l.document_id limit $3)
union all
(select 'from', l.kind, o.document_id, o.id, o.subject, o.code_number, o.code_notation, o.received_at
from link l join package o on o.id = l.package_id
     and ($2::uuid is null or o.source_unit = $2 or exists (select from delivery d where d.package_id = o.id and d.unit_id = $2
          and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')))
where l.about = $1 order by l.package_id desc limit $3)
order by received_at nulls first

-- name: incoming_back
-- ``incoming`` read upwards: the rows after $3 that are nearest to it, oldest first; for the page before.
with near as materialized (
    select d.* from delivery d
    where d.unit_id = $1 and d.kind = 'document' and d.id < $2 and d.id > $3 and ($4 = '' or d.standing = $4)
      and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')
      and ($6::uuid is null or d.source_unit = $6) and d.priority >= $5
    order by d.id limit case when $7 = '' then $8::int else $9::int end
)
select n.looked, n.ended, f.*
from (select count(*) as looked, max(id::text)::uuid as ended from near) n left join lateral (
    select d.id, d.package_id, d.receivers, d.kind, d.business_type, d.priority, d.state, d.handling, d.taking_back, d.round,
           d.reason, d.arrived_at, d.arrival_due_at, d.told_at, d.register_due_at, d.registered_at, d.finish_due_at,
           d.completed_at, d.missed, d.escalated, d.created_at, d.came_at,
           p.sender, p.sender_name, p.document_id, p.code_number, p.code_notation, p.promulgation_date, p.due_date, p.type_name, p.subject, p.verdict
    from near d join package p on p.id = d.package_id
    where $7 = '' or p.search @@ wanted($7) order by d.id limit $8) f on true
order by f.id

-- name: incoming_among_back
-- ``incoming_among`` read upwards.
with hits as materialized (
    select id from package
    where $7 <> '' and kind = 'document' and parties @> array[$1::uuid] and search @@ $10::text::tsquery
      and ts_match_vq(search, wanted($7))
    union
    select d.package_id from delivery d join package p on p.id = d.package_id
    where $7 <> '' and strpos($10::text, '@') > 0 and d.unit_id = $1 and d.round > 1 and d.id < $2 and d.id > $3
      and p.search @@ wanted($7)
    union select unnest($8::uuid[])
), near as materialized (
    select d.* from hits join delivery d on d.package_id = hits.id and d.unit_id = $1
    where d.kind = 'document' and d.id < $2 and d.id > $3
      and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')
      and ($6::uuid is null or d.source_unit = $6) and d.priority >= $5 and ($4 = '' or d.standing = $4)
    order by d.id limit $9
)
select d.id, d.package_id, d.receivers, d.kind, d.business_type, d.priority, d.state, d.handling, d.taking_back, d.round,
       d.reason, d.arrived_at, d.arrival_due_at, d.told_at, d.register_due_at, d.registered_at, d.finish_due_at,
       d.completed_at, d.missed, d.escalated, d.created_at, d.came_at,
       p.sender, p.sender_name, p.document_id, p.code_number, p.code_notation, p.promulgation_date, p.due_date, p.type_name, p.subject, p.verdict
from near d join package p on p.id = d.package_id order by d.id

-- name: outgoing_back
-- ``outgoing`` read upwards.
with near as materialized (
    (select p.id from package p
     where $4 = '' and p.source_unit = $1 and p.kind = 'document' and p.id < $2 and p.id > $3 and p.priority >= $5
       and ($6::uuid is null or exists (select from delivery d where d.package_id = p.id and d.unit_id = $6))
     order by p.id limit case when $7 = '' then $8::int else $9::int end)
    union all
    (select distinct d.package_id from delivery d
     where $4 <> '' and d.source_unit = $1 and d.standing = $4 and d.kind = 'document' and d.package_id < $2
       and d.package_id > $3 and d.priority >= $5 and ($6::uuid is null or d.unit_id = $6)
     order by d.package_id limit case when $7 = '' then $8::int else $9::int end)
)
select n.looked, n.ended, f.*
from (select count(*) as looked, max(id::text)::uuid as ended from near) n left join lateral (
    select p.id, p.business_type, p.priority, p.sender, p.document_id, p.code_number, p.code_notation, p.promulgation_date,
           p.due_date, p.type_name, p.subject, p.verdict, p.received_at, p.send_due_at, p.units
    from near join package p on p.id = near.id
    where $7 = '' or p.search @@ wanted($7) order by p.id limit $8) f on true
order by f.id

-- name: outgoing_among_back
-- ``outgoing_among`` read upwards.
with hits as materialized (
    select id from package
    where $7 <> '' and kind = 'document' and parties @> array[$1::uuid] and search @@ $10::text::tsquery
      and ts_match_vq(search, wanted($7))
    union select unnest($8::uuid[])
)
select p.id, p.business_type, p.priority, p.sender, p.document_id, p.code_number, p.code_notation, p.promulgation_date,
       p.due_date, p.type_name, p.subject, p.verdict, p.received_at, p.send_due_at, p.units
from hits join package p on p.id = hits.id
where p.source_unit = $1 and p.kind = 'document' and p.id < $2 and p.id > $3 and p.priority >= $5
  and (($4 = '' and $6::uuid is null) or exists (
      select from delivery d where d.package_id = p.id and ($6::uuid is null or d.unit_id = $6) and ($4 = '' or d.standing = $4)))
order by p.id limit $9

-- name: overdue
-- What is overdue at unit $1 or, with $2, at those it sent to: oldest first, ids after $3 and before $4, $5 rows;
-- with $6 read backwards from $4. As ``standing`` says it, spelled out: each side has an index of exactly these, so
-- years of documents that were late once cost nothing.
with near as materialized (
    (select d.* from delivery d
     where not $2::boolean and not $6::boolean and d.unit_id = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and (d.missed & 1 <> 0 and d.told_at is null or d.missed & 2 <> 0 and d.registered_at is null
                or d.missed & 4 <> 0 and d.completed_at is null) and d.handling not in ('02', '06')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall') and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')
     order by d.id limit $5)
    union all
    (select d.* from delivery d
     where not $2::boolean and $6::boolean and d.unit_id = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and (d.missed & 1 <> 0 and d.told_at is null or d.missed & 2 <> 0 and d.registered_at is null
                or d.missed & 4 <> 0 and d.completed_at is null) and d.handling not in ('02', '06')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall') and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')
     order by d.id desc limit $5)
    union all
    (select d.* from delivery d
     where $2::boolean and not $6::boolean and d.source_unit = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and (d.missed & 1 <> 0 and d.told_at is null or d.missed & 2 <> 0 and d.registered_at is null
                or d.missed & 4 <> 0 and d.completed_at is null) and d.handling not in ('02', '06')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall')
     order by d.id limit $5)
    union all
    (select d.* from delivery d
     where $2::boolean and $6::boolean and d.source_unit = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and (d.missed & 1 <> 0 and d.told_at is null or d.missed & 2 <> 0 and d.registered_at is null
                or d.missed & 4 <> 0 and d.completed_at is null) and d.handling not in ('02', '06')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall')
     order by d.id desc limit $5)
)
select d.id, d.package_id, d.unit_id, d.receivers, d.kind, d.business_type, d.priority, d.state, d.handling, d.taking_back,
       d.round, d.reason, d.note, d.attempts, d.next_attempt_at, d.arrived_at, d.fetched_at, d.arrival_due_at, d.told_at,
       d.register_due_at, d.registered_at, d.finish_due_at, d.completed_at, d.missed, d.escalated, d.finished_at, d.created_at,
       d.came_at, r.code as unit_code, r.name as unit_name, p.sender,
       p.sender_name, p.document_id, p.code_number, p.code_notation, p.promulgation_date, p.due_date, p.type_name, p.subject,
       p.verdict, p.received_at
from near d join package p on p.id = d.package_id join unit r on r.id = d.unit_id
order by case when $6::boolean then d.id end desc, d.id

-- name: unaccepted
-- What arrived at unit $1 or, with $2, at those it sent to, and nobody has accepted or returned; as above.
with near as materialized (
    (select d.* from delivery d
     where not $2::boolean and not $6::boolean and d.unit_id = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and d.arrived_at is not null and d.registered_at is null and d.handling in ('', '01')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall')
     order by d.id limit $5)
    union all
    (select d.* from delivery d
     where not $2::boolean and $6::boolean and d.unit_id = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and d.arrived_at is not null and d.registered_at is null and d.handling in ('', '01')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall')
     order by d.id desc limit $5)
    union all
    (select d.* from delivery d
     where $2::boolean and not $6::boolean and d.source_unit = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and d.arrived_at is not null and d.registered_at is null and d.handling in ('', '01')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall')
     order by d.id limit $5)
    union all
    (select d.* from delivery d
     where $2::boolean and $6::boolean and d.source_unit = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and d.arrived_at is not null and d.registered_at is null and d.handling in ('', '01')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall')
     order by d.id desc limit $5)
)
select d.id, d.package_id, d.unit_id, d.receivers, d.kind, d.business_type, d.priority, d.state, d.handling, d.taking_back,
       d.round, d.reason, d.note, d.attempts, d.next_attempt_at, d.arrived_at, d.fetched_at, d.arrival_due_at, d.told_at,
       d.register_due_at, d.registered_at, d.finish_due_at, d.completed_at, d.missed, d.escalated, d.finished_at, d.created_at,
       d.came_at, r.code as unit_code, r.name as unit_name, p.sender,
       p.sender_name, p.document_id, p.code_number, p.code_notation, p.promulgation_date, p.due_date, p.type_name, p.subject,
       p.verdict, p.received_at
from near d join package p on p.id = d.package_id join unit r on r.id = d.unit_id
order by case when $6::boolean then d.id end desc, d.id

-- name: to_answer
-- What waits for an answer of unit $1 or, with $2, of those it sent to: asked back (13), recalled, an update; as above.
with near as materialized (
    (select d.* from delivery d
     where not $2::boolean and not $6::boolean and d.unit_id = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and (d.taking_back in ('13', 'recall') or d.business_type in (1, 2) and d.taking_back = '' and (d.arrived_at is not null or d.state = 'delivered'))
           and d.handling <> '02' and d.state not in ('recalled', 'refused')
           and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')
     order by d.id limit $5)
    union all
    (select d.* from delivery d
     where not $2::boolean and $6::boolean and d.unit_id = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and (d.taking_back in ('13', 'recall') or d.business_type in (1, 2) and d.taking_back = '' and (d.arrived_at is not null or d.state = 'delivered'))
           and d.handling <> '02' and d.state not in ('recalled', 'refused')
           and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')
     order by d.id desc limit $5)
    union all
    (select d.* from delivery d
     where $2::boolean and not $6::boolean and d.source_unit = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and (d.taking_back in ('13', 'recall') or d.business_type in (1, 2) and d.taking_back = '' and (d.arrived_at is not null or d.state = 'delivered'))
           and d.handling <> '02' and d.state not in ('recalled', 'refused')
     order by d.id limit $5)
    union all
    (select d.* from delivery d
     where $2::boolean and $6::boolean and d.source_unit = $1 and d.id > $3 and d.id < $4
           and d.kind = 'document' and (d.taking_back in ('13', 'recall') or d.business_type in (1, 2) and d.taking_back = '' and (d.arrived_at is not null or d.state = 'delivered'))
           and d.handling <> '02' and d.state not in ('recalled', 'refused')
     order by d.id desc limit $5)
)
select d.id, d.package_id, d.unit_id, d.receivers, d.kind, d.business_type, d.priority, d.state, d.handling, d.taking_back,
       d.round, d.reason, d.note, d.attempts, d.next_attempt_at, d.arrived_at, d.fetched_at, d.arrival_due_at, d.told_at,
       d.register_due_at, d.registered_at, d.finish_due_at, d.completed_at, d.missed, d.escalated, d.finished_at, d.created_at,
       d.came_at, r.code as unit_code, r.name as unit_name, p.sender,
       p.sender_name, p.document_id, p.code_number, p.code_notation, p.promulgation_date, p.due_date, p.type_name, p.subject,
       p.verdict, p.received_at
from near d join package p on p.id = d.package_id join unit r on r.id = d.unit_id
order by case when $6::boolean then d.id end desc, d.id

-- name: open_counts
-- How much is open at unit $1 and at those it sent to, each counted up to $2: what the navigation tells.
select (select count(*) from (select 1 from delivery d where d.unit_id = $1
           and d.kind = 'document' and (d.missed & 1 <> 0 and d.told_at is null or d.missed & 2 <> 0 and d.registered_at is null
                or d.missed & 4 <> 0 and d.completed_at is null) and d.handling not in ('02', '06')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall')
           and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered') limit $2) a) as overdue_in,
       (select count(*) from (select 1 from delivery d where d.source_unit = $1
           and d.kind = 'document' and (d.missed & 1 <> 0 and d.told_at is null or d.missed & 2 <> 0 and d.registered_at is null
                or d.missed & 4 <> 0 and d.completed_at is null) and d.handling not in ('02', '06')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall') limit $2) b) as overdue_out,
       (select count(*) from (select 1 from delivery d where d.unit_id = $1
           and d.kind = 'document' and d.arrived_at is not null and d.registered_at is null and d.handling in ('', '01')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall') limit $2) c) as unaccepted_in,
       (select count(*) from (select 1 from delivery d where d.source_unit = $1
           and d.kind = 'document' and d.arrived_at is not null and d.registered_at is null and d.handling in ('', '01')
           and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall') limit $2) e) as unaccepted_out,
       (select count(*) from (select 1 from delivery d where d.unit_id = $1 and d.kind = 'document'
           and (d.taking_back in ('13', 'recall') or d.business_type in (1, 2) and d.taking_back = '' and (d.arrived_at is not null or d.state = 'delivered'))
           and d.handling <> '02' and d.state not in ('recalled', 'refused')
           and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered') limit $2) f) as to_answer_in,
       (select count(*) from (select 1 from delivery d where d.source_unit = $1 and d.kind = 'document'
           and (d.taking_back in ('13', 'recall') or d.business_type in (1, 2) and d.taking_back = '' and (d.arrived_at is not null or d.state = 'delivered'))
           and d.handling <> '02' and d.state not in ('recalled', 'refused') limit $2) g) as to_answer_out

-- name: changed
-- Which of the packages $1 were recalled, updated or replaced by something that unit $2 sent or has.
select distinct l.about, l.kind from link l join package o on o.id = l.package_id
where l.about = any($1::uuid[]) and l.kind in ('recall', 'update', 'replace')
  and ($2::uuid is null or o.source_unit = $2 or exists (select from delivery d where d.package_id = o.id and d.unit_id = $2
       and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered')))
order by l.about, l.kind

-- name: chain
-- Every document of the story this one belongs to, in both directions, oldest first, as far as one may see it.
with recursive story(id) as (
    select $1::uuid
    union
    select case when l.package_id = s.id then l.about else l.package_id end
    from story s join link l on (l.package_id = s.id or l.about = s.id) and l.about is not null
)
select p.id, p.document_id, p.business_type, p.code_number, p.code_notation, p.subject, p.received_at
from story s join package p on p.id = s.id
where $2::uuid is null or p.source_unit = $2 or exists (
    select from delivery d where d.package_id = p.id and d.unit_id = $2
      and (d.arrived_at is not null or d.fetched_at is not null or d.state = 'delivered'))
order by p.id limit 200

-- name: story
-- ``timeline`` of several documents as one, newest first.
select j.position, j.at, j.event, j.delivery_id, j.actor, j.data, u.code as unit, u.name as unit_name,
       p.code_number, p.code_notation, p.document_id
from journal j left join unit u on u.id = j.unit_id join package p on p.id = j.package_id
where j.package_id = any($1::uuid[])
  and ($2::uuid is null or p.source_unit = $2 or j.delivery_id in (
      select id from delivery where package_id = any($1::uuid[]) and unit_id = $2))
order by j.position desc limit 500
