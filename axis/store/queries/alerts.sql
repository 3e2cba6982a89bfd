-- name: clock
-- The database's time: the one moment a whole sweep goes by.
select clock_timestamp()

-- name: due
-- What the sweep must look at, urgent first. Rows another sweep or a settling courier holds are skipped and
-- found again next time. The index on look_at holds only rows that still have a moment to come. ``replaced``: the
-- replacement has come to the same unit; looked up for what is due only.
with due as materialized (
    select id, package_id, unit_id, kind, business_type, state, handling, taking_back, arrived_at, arrival_due_at, told_at,
           register_due_at, registered_at, finish_due_at, completed_at, missed, escalated, priority, round, look_at
    from delivery where look_at <= $1
    order by priority desc, look_at limit $2 for no key update skip locked
)
select due.*, p.source_unit, p.received_at, p.send_due_at, replaced_at(due.package_id, due.unit_id) as replaced
from due join package p on p.id = due.package_id
order by due.priority desc, due.look_at

-- name: found
-- What the sweep found, all at once: the masks and the next look of exactly those deliveries ($1-$4), and for
-- each deadline missed ($5-$13) an alert and a journal row. Gives the alerts that are new.
with moved as (
    update delivery d set missed = t.missed, escalated = t.escalated, look_at = t.look_at
    from unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::timestamptz[]) as t(id, missed, escalated, look_at)
    where d.id = t.id
), told as (
    select * from unnest($5::uuid[], $6::text[], $7::smallint[], $8::uuid[], $9::uuid[], $10::uuid[], $11::timestamptz[],
                         $12::smallint[], $13::text[])
        as t(id, rule, level, delivery_id, package_id, unit_id, due_at, priority, unit)
), fresh as (
    insert into alert (id, at, rule, level, delivery_id, package_id, unit_id, due_at, priority)
    select id, $14, rule, level, delivery_id, package_id, unit_id, due_at, priority from told
    on conflict (delivery_id, rule, level, due_at) do nothing
    returning id
), j as (
    insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
    select gen_random_uuid(), case level when 1 then 'deadline.missed' else 'deadline.escalated' end, package_id, delivery_id,
           unit_id, 'axis', jsonb_build_object('rule', rule, 'level', level, 'unit', unit, 'due_at',
           to_char(due_at at time zone 'UTC' + interval '7 hours', 'YYYY-MM-DD"T"HH24:MI:SS"+07:00"'))
    from told where id in (select id from fresh)
)
select id from fresh

-- name: add_messages
-- Messages for people, in the transaction of the alerts they carry ($4: ids, separated by commas).
insert into alert_message (id, channel, address, alerts, unit_id, priority)
select t.id, t.channel, t.address, string_to_array(t.alerts, ',')::uuid[], t.unit_id, t.priority
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::smallint[])
    as t(id, channel, address, alerts, unit_id, priority)

-- name: claim
-- The most urgent message that is due on these channels ($2), for one attempt: nobody else takes it before the
-- lease ($1 seconds) is over, and then under another attempt number. Not for a system that is being called ($3: units,
-- $4: addresses): one knock at a time is enough for one that does not answer.
update alert_message set attempts = attempts + 1, next_at = now() + make_interval(secs => $1)
where id = (
    select id from alert_message where sent_at is null and next_at <= now() and channel = any($2::text[])
      and not (channel = 'webhook' and (unit_id = any($3::uuid[]) or address = any($4::text[])))
    order by priority desc, next_at limit 1 for update skip locked
)
returning id, channel, address, unit_id, alerts, priority, attempts, created_at

-- name: put_off
-- A channel is off or does not answer ($1), all of it or one unit's system ($4, $5: its address): what is due there
-- waits $2 seconds more and says why ($3). No attempt was made.
update alert_message set next_at = now() + make_interval(secs => $2), note = $3
where sent_at is null and next_at <= now() and channel = $1
  and ($4::uuid is null or unit_id = $4 or address = $5::text)

-- name: settle_sent
-- It is with the people. A later attempt may have been begun meanwhile: then that one speaks.
update alert_message set sent_at = now(), note = $3 where id = $1 and attempts = $2 and sent_at is null returning id

-- name: settle_later
-- Not this time: again after $3 seconds, and why. The same guard.
update alert_message set next_at = now() + make_interval(secs => $3), note = $4
where id = $1 and attempts = $2 and sent_at is null returning id

-- name: readdress
-- Its address left the directory: whoever hears of such alerts now ($3, from which level on: $4) is told instead, each
-- of what no other message tells them; new ids in $5. The alerts stand, whether or not anybody is left. The same guard.
-- Messages of one sweep have ids of one moment, and so has what takes their place: no others are looked through.
-- Gives how many messages took its place; nothing when a later attempt has begun.
with gone as (
    delete from alert_message where id = $1 and attempts = $2 and sent_at is null
    returning id, channel, unit_id, alerts, priority
), others as materialized (
    select m.address, m.alerts from gone join alert_message m on m.unit_id = gone.unit_id and m.channel = gone.channel
    where m.id >= $6::uuid and m.id < $7::uuid and m.id <> gone.id
), wanted as (
    select t.id, t.address, array_agg(a.id order by x.place) as alerts
    from gone cross join unnest(gone.alerts) with ordinality as x(id, place) join alert a on a.id = x.id
    join unnest($3::text[], $4::smallint[], $5::uuid[]) as t(address, level, id) on a.level >= t.level
    where not exists (select from others o where o.address = t.address and a.id = any(o.alerts))
    group by t.id, t.address
), made as (
    insert into alert_message (id, channel, address, alerts, unit_id, priority)
    select w.id, gone.channel, w.address, w.alerts, gone.unit_id, gone.priority from wanted w cross join gone
    returning id
)
select (select count(*) from made)::int as made from gone

-- name: carried
-- The alerts of one message in their order, with what is told of each document. Texts are cut here: a subject
-- of ten megabytes never leaves the database. How the delivery stands now goes along: it is told as it is when it
-- is read.
select a.id, a.at, a.rule, a.level, a.delivery_id, a.package_id, a.unit_id, a.due_at, a.priority,
       left(d.receivers[1], 100) as receiver, left(p.sender, 100) as sender, left(p.sender_name, 300) as sender_name,
       left(p.document_id, 300) as document_id, left(p.code_number, 100) as code_number,
       left(p.code_notation, 100) as code_notation, left(p.subject, 600) as subject, p.received_at, p.promulgation_date,
       d.kind, d.business_type, d.state, d.handling, d.taking_back, d.arrived_at, d.arrival_due_at, d.told_at,
       d.register_due_at, d.registered_at, d.finish_due_at, d.completed_at, d.missed, d.escalated,
       replaced_at(d.package_id, d.unit_id) as replaced
from unnest($1::uuid[]) with ordinality as t(id, place)
join alert a on a.id = t.id join delivery d on d.id = a.delivery_id join package p on p.id = a.package_id
order by t.place

-- name: page
-- Alerts for people, newest first, before a place ($1, $2); of a unit, since a moment, of a level.
select a.id, a.at, a.rule, a.level, a.delivery_id, a.package_id, a.due_at, a.priority, u.code as unit, u.name as unit_name,
       left(p.document_id, 300) as document_id, p.code_number, p.code_notation, p.sender, p.received_at, p.promulgation_date, d.receivers[1] as receiver,
       d.kind, d.business_type, d.state, d.handling, d.taking_back, d.arrived_at, d.arrival_due_at, d.told_at, d.register_due_at,
       d.registered_at, d.finish_due_at, d.completed_at, d.missed, d.escalated, replaced_at(d.package_id, d.unit_id) as replaced
from alert a join unit u on u.id = a.unit_id join delivery d on d.id = a.delivery_id join package p on p.id = a.package_id
where ($1::timestamptz is null or (a.at, a.id) < ($1, $2::uuid)) and ($3::uuid is null or a.unit_id = $3)
  and ($4::timestamptz is null or a.at >= $4) and ($5::smallint is null or a.level = $5)
order by a.at desc, a.id desc limit $6

-- name: messages
-- Messages for people, newest first, before an id.
select m.id, m.channel, m.address, u.code as unit, cardinality(m.alerts) as alerts, m.priority, m.created_at, m.next_at,
       m.attempts, m.sent_at, m.note
from alert_message m left join unit u on u.id = m.unit_id
where ($1::uuid is null or m.id < $1) order by m.id desc limit $2

-- name: waiting
-- The same, of those not sent; their index holds no others.
select m.id, m.channel, m.address, u.code as unit, cardinality(m.alerts) as alerts, m.priority, m.created_at, m.next_at,
       m.attempts, m.sent_at, m.note
from alert_message m left join unit u on u.id = m.unit_id
where m.sent_at is null and ($1::uuid is null or m.id < $1) order by m.id desc limit $2

-- name: overdue
-- Messages that should have left more than $1 seconds ago, by channel: how many, since when, and the newest reason.
select channel, count(*) as waiting, min(created_at) as oldest, (array_agg(note order by next_at desc))[1] as note
from alert_message where sent_at is null and created_at < now() - make_interval(secs => $1) group by channel order by channel
