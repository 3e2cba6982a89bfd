-- name: accept
-- One statement, one commit: the package, its deliveries, its journal row and its receipt, or nothing.
-- No row comes back when this sender already holds the identity: the caller then reads ``by_identity``.
-- A delivery that must not overtake another starts held behind it ($32). A package sent too late is told once:
-- the sweep over deadlines looks at its first delivery at once, and finds the others told (bit 8). The clocks of the
-- receivers start when they have it.
-- What spoke of a document before it came is linked to it now: one look into an index that is all but empty.
with p as (
    insert into package (
        id, kind, business_type, sender, sender_name, source_unit, identity, document_id, code_number,
        code_notation, subject, type_name, promulgation_date, due_date, signer_name, priority, paper, about,
        status_code, sha256, size, encoding, verdict, details, front, received_at, send_due_at, units, parties)
    values (
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
        $23, $24, $25, $26, $27, $28,
        case when $2 = 'document' then array(select $6::uuid union select unnest($30::uuid[])) else '{}' end)
    on conflict (sender, identity) do nothing
    returning id
), d as (
    insert into delivery (
        id, package_id, unit_id, receivers, kind, priority, source_unit, business_type, state, follows, finish_due_at,
        look_at, missed, created_at)
    select t.id, p.id, t.unit_id, string_to_array(t.receivers, chr(31)), $2, $16, $6, $3,
           case when t.follows = '' then 'queued' else 'held' end, string_to_array(t.follows, chr(31))::uuid[], $33::timestamptz,
           case when $26 > $27 and t.place = 1 then least($26, now()) end,
           case when $26 > $27 and t.place > 1 then 8 else 0 end, $26  -- one clock: both counters file it under one day
    from p, unnest($29::uuid[], $30::uuid[], $31::text[], $32::text[]) with ordinality as t(id, unit_id, receivers, follows, place)
), j as (
    insert into journal (id, event, package_id, unit_id, actor, data)
    select $34, 'package.accepted', p.id, $6, $35, $36 from p
), r as (
    insert into receipt (event_id, package_id, event, jws)
    select $34, p.id, 'package.accepted', $37 from p
), l as (
    update link set about = p.id from p, package s
    where $2 = 'document' and $3 in (0, 3) and $8 <> '' and link.document_id = $8 and link.about is null
      and s.id = link.package_id and s.sender = $4
)
select id from p

-- name: by_identity
-- The package a sender already has under an identity, with the receipt of its acceptance.
select p.id, p.sha256, p.document_id, p.verdict, p.received_at, r.jws
from package p left join receipt r on r.package_id = p.id and r.event = 'package.accepted'
where p.sender = $1 and p.identity = $2

-- name: same_again
-- What a sender holds under an identity, or under one given when it was sent again; the same bytes first.
select p.id, p.sha256, p.document_id, p.verdict, p.received_at, r.jws
from package p left join receipt r on r.package_id = p.id and r.event = 'package.accepted'
where p.sender = $1 and (p.identity = $2 or (p.sha256 = $3 and p.identity like 'again:%'))
order by p.sha256 = $3 desc, p.id limit 1

-- name: show
-- Everything about one package but its bytes.
select p.*, u.code as source_code, u.name as source_name from package p join unit u on u.id = p.source_unit where p.id = $1

-- name: find
-- The newest packages of a sender with this DocumentId.
select id from package where document_id = $1 order by id desc limit 20

-- name: deliveries_of
-- The fate of one package, receiver by receiver.
select d.*, u.code as unit_code, u.name as unit_name, addressees(d) as addressees
from delivery d join unit u on u.id = d.unit_id where d.package_id = $1 order by u.code

-- name: page
-- Newest first, before an id: the cursor of ``axis package list``. Details are left out on purpose.
select id, kind, business_type, sender, sender_name, document_id, subject, priority, verdict, status_code, sha256,
       size, received_at
from package
where ($1::uuid is null or id < $1) and ($2 = '' or sender = $2) and ($3 = '' or kind = $3)
order by id desc limit $4

-- name: timeline
-- The story of one package, in the order it happened.
select j.position, j.id, j.at, j.event, j.delivery_id, j.unit_id, j.actor, j.data, u.code as unit
from journal j left join unit u on u.id = j.unit_id where j.package_id = $1 order by j.position

-- name: receipts_of
-- Every receipt made for one package.
select event_id, delivery_id, event, jws, made_at from receipt where package_id = $1 order by made_at, event_id

-- name: receipts_after
-- All receipts in order of their event ids (which sort by time), a page at a time.
select event_id, package_id, delivery_id, event, jws, made_at from receipt
where ($1::uuid is null or event_id > $1) order by event_id limit $2

-- name: known_payloads
-- Which of these digests a package refers to.
select distinct sha256 from package where sha256 = any($1::text[])

-- name: totals
-- Figures of the whole register by unit: what each sent and received, and where it stands.
select u.code, u.name, d.kind, d.state, count(*) as deliveries
from delivery d join unit u on u.id = d.unit_id group by 1, 2, 3, 4 order by 1, 3, 4
