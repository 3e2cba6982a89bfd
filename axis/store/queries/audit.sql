-- What an auditor looks for: documents of all units, and the journal. Read under the reader's role (reader.py). Lists
-- are cut by ids and a number of rows, words are looked for among the newest first: lookups.sql tells why.

-- name: documents
-- Documents, newest first, places before $1 and after $2; $3 words, $4 rows, $5 how many of the newest are looked
-- through for words (``documents_among`` finds the rest); $6 sender ($7, a receiver, is ``documents_to``'s). ``place`` is where the next page goes on. Every row tells how
-- many were looked through and where that ended; with nothing found there is one row, whose place is null.
with near as materialized (
    select p.id as place, p.id as package_id from package p
    where p.kind = 'document' and p.id < $1 and p.id > $2 and ($6::uuid is null or p.source_unit = $6) and $7::uuid is null
    order by p.id desc limit case when $3::text = '' then $4::int else $5::int end
)
select n.looked, n.ended, f.*
from (select count(*) as looked, min(place::text)::uuid as ended from near) n left join lateral (
    select near.place, p.id, p.business_type, p.priority, p.sender, p.sender_name, p.document_id, p.code_number,
           p.code_notation, p.promulgation_date, p.type_name, left(p.subject, 600) as subject, p.verdict, p.received_at, p.units
    from near join package p on p.id = near.package_id where $3 = '' or p.search @@ wanted($3)
    order by near.place desc limit $4) f on true
order by f.place desc

-- name: documents_to
-- The same of one receiver ($7), perhaps from one sender ($6), by the index of what was routed to it: the place is that
-- of the first delivery, made together with its package.
with near as materialized (
    select d.id as place, d.package_id from delivery d
    where d.unit_id = $7 and d.kind = 'document' and d.round = 1 and d.id < $1 and d.id > $2
      and ($6::uuid is null or d.source_unit = $6)
    order by d.id desc limit case when $3::text = '' then $4::int else $5::int end
)
select n.looked, n.ended, f.*
from (select count(*) as looked, min(place::text)::uuid as ended from near) n left join lateral (
    select near.place, p.id, p.business_type, p.priority, p.sender, p.sender_name, p.document_id, p.code_number,
           p.code_notation, p.promulgation_date, p.type_name, left(p.subject, 600) as subject, p.verdict, p.received_at, p.units
    from near join package p on p.id = near.package_id where $3 = '' or p.search @@ wanted($3)
    order by near.place desc limit $4) f on true
order by f.place desc

-- name: documents_among
-- The same among the packages that have these words ($3), looked for by the index with $8, or are named ($5); of a
-- sender ($6) and a receiver ($7).
with hits as materialized (
    select id from package
    where $3::text <> '' and kind = 'document' and ($6::uuid is null or parties @> array[$6::uuid])
      and ($7::uuid is null or parties @> array[$7::uuid]) and search @@ $8::text::tsquery
      and ts_match_vq(search, wanted($3))
    union select unnest($5::uuid[])
), found as (
    select coalesce(d.id, p.id) as place, p.* from hits join package p on p.id = hits.id
    left join delivery d on d.package_id = p.id and d.unit_id = $7::uuid and d.round = 1
    where p.kind = 'document' and ($6::uuid is null or p.source_unit = $6) and ($7::uuid is null or d.id is not null)
)
select p.place, p.id, p.business_type, p.priority, p.sender, p.sender_name, p.document_id, p.code_number,
       p.code_notation, p.promulgation_date, p.type_name, left(p.subject, 600) as subject, p.verdict, p.received_at, p.units
from found p where p.place < $1 and p.place > $2
order by p.place desc limit $4

-- name: attempts
-- The newest attempts ($3) of one delivery ($2) of a package ($1), and how many there are; a dead system has thousands.
select a.attempt, a.started_at, a.finished_at, a.request, a.outcome, left(a.detail, 4000) as detail, a.holder,
       count(*) over () as all_of_them
from attempt a join delivery d on d.id = a.delivery_id where d.id = $2 and d.package_id = $1
order by a.attempt desc limit $3

-- name: journal_bounds
-- The positions between which the rows from $1 to before $2 lie, with a margin of ten minutes on each side.
select journal_place($1::timestamptz - interval '10 minutes') as low,
       journal_place($2::timestamptz + interval '10 minutes') as high

-- name: journal
-- The journal, newest first, positions before $1 and from $2 on, among the newest $3 rows of packages ($4), a unit
-- ($5), an event aside from the traffic ($6) or of all; of an event ($7), somebody ($8), from $9 to before $10; $11 rows.
-- Every row tells where the looking ended: with nothing found there is one row, whose position is null.
with near as materialized (
    select * from journal_near($1, $2, $3, null, $5, $6) where $4::uuid[] is null
    union all
    (select n.* from unnest($4::uuid[]) p(id) cross join lateral journal_near($1, $2, $3, p.id, null, '') n
     order by n.place desc limit $3)
), ended as (
    select count(*) as looked, min(place) as reached, min(written_at) as reached_at from near
), fitting as (
    select place from near
    where ($7::text = '' or what = $7) and ($8::text = '' or strpos(lower(who), lower($8)) > 0)
      and ($9::timestamptz is null or written_at >= $9) and ($10::timestamptz is null or written_at < $10)
      and ($5::uuid is null or whose = $5)
    order by place desc limit $11
)
select j.position, j.at, j.event, j.package_id, j.delivery_id, j.actor, j.data, u.code as unit, u.name as unit_name,
       p.kind, left(p.code_number, 100) as code_number, left(p.code_notation, 100) as code_notation,
       left(p.subject, 300) as subject, e.looked, e.reached, e.reached_at
from ended e left join fitting f on true left join journal j on j.position = f.place
left join unit u on u.id = j.unit_id left join package p on p.id = j.package_id
order by f.place desc nulls last

-- name: receipt
-- One receipt as the axis keeps it.
select r.event_id, r.package_id, r.event, r.jws, r.made_at from receipt r where r.event_id = $1

-- name: people
-- People in the order of their logins, after one of them ($1); of a role, in a state, with words; $5 rows.
select p.*, u.code as unit_code, u.name as unit_name from person_seen p left join unit u on u.id = p.unit_id
where p.login > $1 and ($2 = '' or p.role = $2) and ($3 = '' or p.state = $3)
  and ($4 = '' or strpos(p.login, lower($4)) > 0 or strpos(folded(p.name), folded($4)) > 0)
order by p.login limit $5
