-- name: outgoing
-- The outgoing register of unit $1, a page in the order of time: ids after $2 and before $3, taken in from $4
-- until $5, to unit $6 (null: anybody), $7 rows. $8 whose register may be read (null: anybody's).
-- Here and below the page is cut first, along an index, and only its rows are looked up elsewhere: whatever the
-- planner thinks of the size of a period, no page reads what belongs to another.
with page as materialized (
    select * from package p
    where p.source_unit = $1 and p.kind = 'document' and p.id > $2 and p.id < $3
      and p.received_at >= $4 and p.received_at < $5
      and ($6::uuid is null or exists (select from delivery d where d.package_id = p.id and d.unit_id = $6))
      and ($8::uuid is null or p.source_unit = $8)
    order by p.id limit $7
)
select p.id, p.business_type, p.sender, p.document_id, p.code_number, p.code_notation, p.promulgation_date, p.type_name,
       p.subject, p.signer_name, p.about, p.verdict, p.received_at, p.send_due_at,
       p.details #>> '{other,copies}' as copies, p.details #>> '{business,reason}' as reason,
       coalesce(p.details -> 'elsewhere', '[]') as elsewhere,
       (select coalesce(jsonb_agg(jsonb_build_object(
                   'receivers', d.receivers, 'name', u.name, 'state', d.state, 'handling', d.handling,
                   'taking_back', d.taking_back, 'round', d.round, 'arrived_at', coalesce(d.arrived_at, d.finished_at),
                   'told_at', d.told_at, 'registered_at', d.registered_at, 'completed_at', d.completed_at,
                   'reason', d.reason, 'note', d.note
               ) order by d.receivers, d.round), '[]')
        from delivery d join unit u on u.id = d.unit_id where d.package_id = p.id) as deliveries,
       (select coalesce(jsonb_agg(jsonb_build_object(
                   'kind', l.kind, 'code', concat_ws('/', nullif(r.code_number, ''), nullif(r.code_notation, '')),
                   'at', r.received_at, 'reason', r.details #>> '{business,reason}') order by r.id), '[]')
        from link l join package r on r.id = l.package_id
        where l.about = p.id and l.kind in ('recall', 'replace', 'update')) as later
from page p order by p.id

-- name: incoming
-- What came to unit $1, for its incoming register and, with $9, for the follow-up of documents and their answers: a
-- page in the order of arrival, which is the day of the book. Came after ($2, $3) and from $4 until $5; $6 the sender.
-- What its system never had (waiting, held, parked, or recalled in time) has no ``came_at`` and is not in it: it did
-- not come, and its content is not the receiver's to see (decision-28.md 4.4).
with page as materialized (
    select * from delivery d
    where d.unit_id = $1 and d.kind = 'document' and (d.came_at, d.id) > ($2::timestamptz, $3::uuid)
      and d.came_at >= $4 and d.came_at < $5
      and ($6::uuid is null or d.source_unit = $6) and ($8::uuid is null or d.unit_id = $8)
      and (not $9::boolean or d.business_type in (0, 3))
    order by d.came_at, d.id limit $7
)
select d.id, d.business_type, d.receivers, d.state, d.handling, d.taking_back, d.round, d.reason, d.note,
       d.came_at, d.told_at, d.registered_at, d.completed_at,
       d.finish_due_at, p.sender, p.sender_name, p.document_id, p.code_number, p.code_notation, p.promulgation_date,
       p.due_date, p.type_name, p.subject, p.about, p.verdict, p.received_at, p.send_due_at,
       p.details #>> '{business,reason}' as business_reason,
       (select coalesce(jsonb_agg(jsonb_build_object(
                   'kind', l.kind, 'code', concat_ws('/', nullif(r.code_number, ''), nullif(r.code_notation, '')),
                   'at', r.received_at, 'reason', r.details #>> '{business,reason}') order by r.id), '[]')
        from link l join package r on r.id = l.package_id
        where l.about = p.id and l.kind in ('recall', 'replace', 'update')
          and exists (select from delivery o where o.package_id = r.id and o.unit_id = d.unit_id
                      and o.came_at is not null)) as later,
       case when $9::boolean and p.document_id <> '' then array(
           select concat_ws('/', nullif(a.code_number, ''), nullif(a.code_notation, ''))
           from package a
           where a.about = p.document_id and a.kind = 'document' and a.about <> '' and a.business_type = 0
             and a.source_unit = d.unit_id and a.id > p.id
             and exists (select from delivery r where r.package_id = a.id and r.unit_id = d.source_unit)
           order by a.id limit 20
       ) else '{}' end as replies
from page d join package p on p.id = d.package_id order by d.came_at, d.id

-- name: returned
-- Documents returned (02), with the reasons, a page in the order of time: ids after $1 and before $2, made from
-- $3 until $4, of unit $5 and with unit $6 (null: any; each as sender or receiver), $7 rows, for $8 (null: all).
with page as materialized (
    select * from delivery d
    where d.handling = '02' and d.kind = 'document' and d.id > $1 and d.id < $2
      and d.created_at >= $3 and d.created_at < $4
      and ($5::uuid is null or d.source_unit = $5 or d.unit_id = $5)
      and ($6::uuid is null or d.source_unit = $6 or d.unit_id = $6)
      and ($8::uuid is null or d.source_unit = $8 or d.unit_id = $8)
    order by d.id limit $7
)
select d.id, d.round, d.receivers, d.reason, d.registered_at, d.created_at, s.code as sender_unit, s.name as sender_name,
       r.code as receiver_unit, r.name as receiver_name, p.code_number, p.code_notation, p.subject, p.document_id,
       exists (select from delivery n where n.package_id = d.package_id and n.unit_id = d.unit_id and n.round > d.round)
           or exists (select from link l where l.about = p.id and l.kind = 'again') as sent_again
from page d join package p on p.id = d.package_id join unit s on s.id = d.source_unit join unit r on r.id = d.unit_id
order by d.id

-- name: late
-- Documents whose receiver was late with 01, 03 or 06, or is overdue now; as above. A receiver is told of what came
-- to it only, as in its register: a due date passes too while a document is parked or held.
with page as materialized (
    select d.*, m.told_late, m.registered_late, m.finished_late, m.overdue_arrival, m.overdue_register, m.overdue_finish
    from delivery d, lateral measured(d) m
    where (d.missed & 7 <> 0 or d.told_at > d.arrival_due_at or d.registered_at > d.register_due_at
           or d.completed_at > d.finish_due_at)
      and d.kind = 'document' and d.id > $1 and d.id < $2 and d.created_at >= $3 and d.created_at < $4
      and m.told_late + m.registered_late + m.finished_late + m.overdue_arrival + m.overdue_register + m.overdue_finish > 0
      and ($5::uuid is null or d.source_unit = $5 or d.unit_id = $5)
      and ($6::uuid is null or d.source_unit = $6 or d.unit_id = $6)
      and ($8::uuid is null or d.source_unit = $8 or (d.unit_id = $8 and d.came_at is not null))
    order by d.id limit $7
)
select d.id, d.receivers, d.handling, d.state, d.created_at, d.told_at, d.arrival_due_at, d.registered_at,
       d.register_due_at, d.completed_at, d.finish_due_at, s.code as sender_unit, s.name as sender_name,
       r.code as receiver_unit, r.name as receiver_name, p.code_number, p.code_notation, p.subject, p.document_id,
       d.told_late, d.registered_late, d.finished_late, d.overdue_arrival, d.overdue_register, d.overdue_finish
from page d join package p on p.id = d.package_id join unit s on s.id = d.source_unit join unit r on r.id = d.unit_id
order by d.id

-- name: sent_late
-- Packages that came to the axis after the law wanted them sent; as above, of sender $5, to unit $6.
with page as materialized (
    select * from package p
    where p.received_at > p.send_due_at and p.id > $1 and p.id < $2 and p.received_at >= $3 and p.received_at < $4
      and ($5::uuid is null or p.source_unit = $5)
      and ($6::uuid is null or exists (select from delivery d where d.package_id = p.id and d.unit_id = $6))
      and ($8::uuid is null or p.source_unit = $8)
    order by p.id limit $7
)
select p.id, p.code_number, p.code_notation, p.subject, p.document_id, p.promulgation_date, p.received_at,
       p.send_due_at, s.code as sender_unit, s.name as sender_name
from page p join unit s on s.id = p.source_unit order by p.id

-- name: untaken
-- Documents that arrived and that nobody has accepted or returned; as above.
with page as materialized (
    select * from delivery d
    where d.arrived_at is not null and d.registered_at is null and d.handling in ('', '01')
      and d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall')
      and d.kind = 'document' and d.id > $1 and d.id < $2 and d.created_at >= $3 and d.created_at < $4
      and ($5::uuid is null or d.source_unit = $5 or d.unit_id = $5)
      and ($6::uuid is null or d.source_unit = $6 or d.unit_id = $6)
      and ($8::uuid is null or d.source_unit = $8 or d.unit_id = $8)
    order by d.id limit $7
)
select d.id, d.receivers, d.arrived_at, d.told_at, d.register_due_at, d.created_at, d.priority,
       s.code as sender_unit, s.name as sender_name, r.code as receiver_unit, r.name as receiver_name,
       p.code_number, p.code_notation, p.subject, p.document_id
from page d join package p on p.id = d.package_id join unit s on s.id = d.source_unit join unit r on r.id = d.unit_id
order by d.id
