-- name: find
-- A document of a sender by its DocumentId in any of its forms ($2), the first one before the others; the document
-- itself (new, replacement) before a recall or update that came under the same id.
select id, document_id, business_type, sha256 from package
where kind = 'document' and sender = $1 and document_id = any($2::text[])
order by document_id = ($2::text[])[1] desc, business_type in (0, 3) desc, id desc limit 1

-- name: find_by_code
-- What is named by number and notation only: of a day where one is given ($3), and of what a unit was sent ($4).
select p.id, p.document_id, p.business_type, p.sha256 from package p
where p.kind = 'document' and p.sender = $1 and p.code_number || '/' || p.code_notation = any($2::text[])
  and ($3::date is null or p.promulgation_date = $3)
  and ($4::uuid is null or exists (select from delivery d where d.package_id = p.id and d.unit_id = $4))
order by p.business_type in (0, 3) desc, p.id desc limit 100

-- name: bearers
-- Every package that owns this DocumentId: the first one, and those sent again after it came back. Newest first.
select id, business_type, sha256, document_id, verdict, received_at, identity from package
where kind = 'document' and sender = $1 and document_id = $2 and business_type in (0, 3) order by id desc limit 100

-- name: lock
-- The deliveries of some documents to some units, or for some codes, and of what was sent about them since;
-- locked in one order, so that two who lock the same rows never wait for each other in a circle.
select d.*, p.document_id, p.sender, p.sha256, p.size, p.verdict, p.received_at, u.code as unit_code
from delivery d join package p on p.id = d.package_id join unit u on u.id = d.unit_id
where (d.package_id = any($1::uuid[])
       or d.package_id in (select package_id from link where about = any($1::uuid[]) and kind <> 'again'))
  and ($2::uuid[] is null or d.unit_id = any($2) or d.receivers && $3::text[])
order by d.id for update of d

-- name: lock_one
-- The deliveries of a document to a unit, round after round; locked in the order of their ids, like any others.
select d.*, p.document_id, p.sender, p.sha256, p.size, p.verdict, p.received_at, u.code as unit_code
from delivery d join package p on p.id = d.package_id join unit u on u.id = d.unit_id
where d.package_id = $1 and d.unit_id = $2 order by d.id for update of d

-- name: went_to
-- Whom a package went to: units, and the codes each received for.
select distinct unit_id, receivers from delivery where package_id = $1

-- name: newest_of
-- How a document stands at each of its receivers: the newest round.
select distinct on (d.unit_id) d.*, u.code as unit_code
from delivery d join unit u on u.id = d.unit_id where d.package_id = $1 order by d.unit_id, d.round desc

-- name: lock_delivery
-- One delivery with what a status about it must name; locked.
select d.*, p.document_id, p.sender, p.sha256, p.size, p.verdict, p.received_at, p.code_number, p.code_notation,
       p.promulgation_date, u.code as unit_code
from delivery d join package p on p.id = d.package_id join unit u on u.id = d.unit_id
where d.id = $1 for update of d

-- name: said_about
-- Deliveries to a unit of what was sent about a document (recalls, updates), oldest first; locked.
select d.*, p.document_id, p.sender, p.sha256, p.size, p.verdict, p.received_at, u.code as unit_code
from link l join delivery d on d.package_id = l.package_id join package p on p.id = d.package_id join unit u on u.id = d.unit_id
where l.about = $1 and d.unit_id = $2 and d.business_type = $3 order by d.id for update of d

-- name: recalled_by
-- The deliveries to a unit of the documents a recall names; locked.
select d.*, p.document_id, p.sender, p.sha256, p.size, p.verdict, p.received_at, u.code as unit_code
from link l join delivery d on d.package_id = l.about join package p on p.id = d.package_id join unit u on u.id = d.unit_id
where l.package_id = $1 and l.kind = 'recall' and d.unit_id = $2 order by d.id for update of d

-- name: speaks_of
-- Whether a package recalls, updates or replaces another.
select 1 from link where package_id = $1 and about = $2 and kind <> 'again' limit 1

-- name: link
-- What a package speaks of.
insert into link (package_id, kind, document_id, about) values ($1, $2, $3, $4) on conflict do nothing

-- name: move_handling
-- The receiver's word about the document; the trigger refuses an illegal one. $4 now, $5 when to look next.
update delivery set handling = $2, changed_at = now(), look_at = next_look(look_at, $5),
       told_at = coalesce(told_at, $4), registered_at = case when $2 <> '01' then coalesce(registered_at, $4) else registered_at end,
       completed_at = case when $2 = '06' then $4 else completed_at end, reason = case when $2 = '02' then $6 else reason end
where id = $1 and handling = $3 returning id

-- name: move_taking_back
-- The sender's request or order, and the receiver's answer.
update delivery set taking_back = $2, changed_at = now(), look_at = next_look(look_at, $4),
       reason = case when $2 = '16' and handling <> '02' then $5 else reason end
where id = $1 and taking_back = $3 returning id

-- name: recall
-- Taken back before its receiver had it: from here nobody can fetch, push or replay it.
update delivery set state = 'recalled', finished_at = now(), lease_until = null, look_at = next_look(look_at, null), note = $2,
       changed_at = now()
where id = $1 and state <> 'recalled' and state <> 'delivered' returning id

-- name: last_try
-- No attempt after the one under way.
update delivery set last_try = true, changed_at = now() where id = $1 and state = 'sending'

-- name: reached
-- Its receiver has it, as it says itself by returning it, whatever the axis saw of that. An attempt under way is
-- waited for, and ends it.
update delivery set state = 'delivered', finished_at = now(), arrived_at = coalesce(arrived_at, now()), note = '', changed_at = now()
where id = $1 and (state in ('queued', 'held', 'parked') or (state = 'sending' and lease_until is null)) returning id

-- name: words
-- What the addressees of a delivery said, under its lock.
select code, handling, taking_back, reason from addressee where delivery_id = $1

-- name: put_word
-- One addressee's word.
insert into addressee (delivery_id, code, handling, taking_back, reason) values ($1, $2, $3, $4, $5)
on conflict (delivery_id, code) do update set handling = excluded.handling, taking_back = excluded.taking_back,
    reason = excluded.reason, changed_at = now()

-- name: notice
-- Something the axis itself is to say to the sender of a document.
insert into notice (delivery_id, code, why) values ($1, $2, $3) on conflict do nothing

-- name: next_notice
-- One notice, locked; none when another process has it.
select n.id, n.code, n.why, n.delivery_id from notice n where n.not_before <= now()
order by n.not_before limit 1 for update skip locked

-- name: end_notice
-- Said, or no longer needed.
delete from notice where id = $1

-- name: put_off_notice
-- Not now: the receiver's or sender's unit is not connected at the moment, or the disk is full.
update notice set not_before = now() + make_interval(secs => $2) where id = $1

-- name: resend
-- The same package to the same unit once more, as a delivery of its own, after it was returned (02); not when its
-- sender sent another under its DocumentId instead. A due date gone by meanwhile is nobody's miss any more.
with ended as (
    select * from delivery where id = $1 and handling = '02' and taking_back not in ('recall', '15') and business_type in (0, 3)
      and not exists (select from link l where l.about = delivery.package_id and l.kind = 'again')
), again as (
    insert into delivery (id, package_id, unit_id, receivers, kind, priority, source_unit, business_type, round, finish_due_at)
    select $2, package_id, unit_id, receivers, kind, priority, source_unit, business_type, round + 1,
           finish_clock(finish_due_at, now())
    from ended
    on conflict (package_id, unit_id, round) do nothing
    returning id, package_id, unit_id
)
insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
select $3, 'delivery.resent', package_id, id, unit_id, $4, $5 from again returning delivery_id

-- name: links_of
-- What a package speaks of, and what speaks of it.
select 'to' as direction, l.kind, l.document_id, l.about as package_id, p.subject, p.received_at, p.business_type
from link l left join package p on p.id = l.about where l.package_id = $1
union all
select 'from', l.kind, p.document_id, l.package_id, p.subject, p.received_at, p.business_type
from link l join package p on p.id = l.package_id where l.about = $1
order by received_at nulls first, package_id

-- name: chain
-- Every package of one story: what replaces what, what was recalled, updated, sent again, in both directions.
with recursive story(id) as (
    select $1::uuid
    union
    select case when l.package_id = s.id then l.about else l.package_id end
    from story s join link l on (l.package_id = s.id or l.about = s.id) and l.about is not null
)
select p.id, p.document_id, p.business_type, p.subject, p.received_at from story s join package p on p.id = s.id
order by p.id limit 200

-- name: story
-- What happened to several packages, in the order it happened.
select j.position, j.id, j.at, j.event, j.package_id, j.delivery_id, j.unit_id, j.actor, j.data, p.document_id, u.code as unit
from journal j left join package p on p.id = j.package_id left join unit u on u.id = j.unit_id
where j.package_id = any($1::uuid[]) order by j.position

-- name: now
-- The time of this transaction.
select now()

-- name: open_since
-- Documents still with their receivers, made since an id (ids carry their time), in the order of ids; locked.
select d.*, p.due_date from delivery d join package p on p.id = d.package_id
where d.id >= $1 and d.kind = 'document' and d.business_type in (0, 3) and d.state not in ('recalled', 'refused')
  and d.completed_at is null and d.handling not in ('02', '06')
order by d.id limit $2 for update of d

-- name: move_deadlines
-- Deadlines computed anew.
update delivery d set arrival_due_at = t.arrival, register_due_at = t.register, finish_due_at = t.finish, missed = t.missed,
       escalated = t.escalated, look_at = next_look(d.look_at, t.look_at)
from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::smallint[], $6::smallint[], $7::timestamptz[])
    as t(id, arrival, register, finish, missed, escalated, look_at)
where d.id = t.id

-- name: of_receiver
-- A document's delivery for the unit it went to; anybody else's looks like one that never was (P3).
select d.id, d.package_id, d.unit_id, d.source_unit, d.receivers, d.state, d.handling, d.taking_back, d.business_type, d.round,
       d.fetched_at, p.document_id, p.sender, p.sender_name, p.code_number, p.code_notation, p.promulgation_date, p.subject
from delivery d join package p on p.id = d.package_id
where d.id = $1 and d.unit_id = $2 and d.kind = 'document' and (d.state = 'delivered' or d.fetched_at is not null)

-- name: of_sender
-- The same for the unit that sent it.
select d.id, d.package_id, d.unit_id, d.source_unit, d.receivers, d.state, d.handling, d.taking_back, d.business_type, d.round,
       d.fetched_at, p.document_id, p.sender, p.sender_name, p.code_number, p.code_notation, p.promulgation_date, p.subject
from delivery d join package p on p.id = d.package_id
where d.id = $1 and d.source_unit = $2 and d.kind = 'document'

-- name: sent_package
-- A document a unit sent, with the newest delivery to each of its receivers.
select distinct on (d.unit_id)
       d.id, d.package_id, d.unit_id, d.source_unit, d.receivers, d.state, d.handling, d.taking_back, d.business_type, d.round,
       d.fetched_at, p.document_id, p.sender, p.sender_name, p.code_number, p.code_notation, p.promulgation_date, p.subject
from delivery d join package p on p.id = d.package_id
where d.package_id = $1 and d.source_unit = $2 and d.kind = 'document' order by d.unit_id, d.round desc
