-- name: claim
-- Take due deliveries for push: urgent first, at most ``cap`` a unit, at most ``batch`` in all. $1 units, $2 caps.
-- A system that failed last time gets one knock at a time, whichever process saw the failure.
-- The lateral probes one narrow range of the waiting index per unit and priority, so a unit with a
-- hundred thousand postponed rows costs as little as an idle one. A row is locked where it is found, so its
-- place (ctid) holds until the statement ends and no index is asked twice.
with due as materialized (
    select d.place
    from (
        select c.unit_id, case when h.failures > 0 then least(c.cap, 1) else c.cap end as cap, h.not_before
        from unnest($1::uuid[], $2::int[]) as c(unit_id, cap)
        left join unit_health h on h.unit_id = c.unit_id
    ) capped
    join unit u on u.id = capped.unit_id and u.state in ('live', 'testing') and not u.paused
    cross join lateral (
        select w.place, w.priority, w.next_attempt_at
        from generate_series(4, 0, -1) as level(priority)
        cross join lateral (
            select ctid as place, delivery.priority, next_attempt_at from delivery
            where unit_id = capped.unit_id and state = 'queued'
              and delivery.priority = level.priority and next_attempt_at <= now()
            order by next_attempt_at limit capped.cap for update skip locked
        ) w
        limit capped.cap
    ) d
    where coalesce(capped.not_before, '-infinity') <= now()
    order by d.priority desc, d.next_attempt_at
    limit $3
), claimed as (
    update delivery d set state = 'sending', attempts = d.attempts + 1, holder = $4,
           lease_until = now() + make_interval(secs => $5), changed_at = now()
    from due where d.ctid = due.place
    returning d.id, d.package_id, d.unit_id, d.receivers, d.attempts, d.priority, d.business_type
)
select c.*, p.kind, p.sender, p.document_id, p.subject, p.verdict, p.sha256, p.size, p.received_at
from claimed c join package p on p.id = c.package_id
order by c.priority desc, c.id

-- name: renew
-- Prolong the leases this process holds; ids that do not come back were lost to somebody else.
update delivery set lease_until = now() + make_interval(secs => $3)
where id = any($1::uuid[]) and holder = $2 and state = 'sending'
returning id

-- name: settle
-- How an attempt ended for good: $10 is delivered (the receiver's system has it) or refused (it will not have
-- it: visible to the sender and to operators). Guarded by the attempt: a late worker overwrites nothing.
-- $11, $12: by when the receiver is to report the arrival and to register; null for what has no such deadline.
-- $13: what was asked of the receiver's system.
with moved as (
    update delivery set state = $10::text, finished_at = now(), lease_until = null, changed_at = now(),
           note = case when $10::text = 'refused' then $4 else '' end,
           arrived_at = case when $11::timestamptz is not null then coalesce(arrived_at, now()) else arrived_at end,
           arrival_due_at = coalesce(arrival_due_at, $11), register_due_at = coalesce(register_due_at, $12),
           look_at = case when taking_back in ('', '13', '16')
                          then least(look_at, $11, $12, case when $11::timestamptz is not null
                              then finish_clock(finish_due_at, coalesce(least(arrived_at, told_at), now())) end)
                          else next_look(look_at, null) end
    where id = $1 and state = 'sending' and attempts = $2
    returning id, package_id, unit_id
), tried as (
    insert into attempt (delivery_id, attempt, started_at, finished_at, outcome, detail, holder, request)
    select id, $2, $3, now(), $10::text, $4, $5, nullif($13::text, '') from moved
), j as (
    insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
    select $6, 'delivery.' || $10::text, package_id, id, unit_id, $7, $8 from moved
), r as (
    insert into receipt (event_id, package_id, delivery_id, event, jws)
    select $6, package_id, id, 'delivery.' || $10::text, $9 from moved
)
select id from moved

-- name: settle_later
-- Back into the queue until $6; but what may travel no more comes to its end (comes_to).
-- The journal tells it once a run of failures; the attempt table tells all, with what was asked ($9).
with moved as (
    update delivery d set state = comes_to(d, 'queued'),
           finished_at = case when comes_to(d, 'queued') <> 'queued' then now() end, lease_until = null,
           next_attempt_at = $6, note = $4, changed_at = now()
    where id = $1 and state = 'sending' and attempts = $2
    returning id, package_id, unit_id, state
), tried as (
    insert into attempt (delivery_id, attempt, started_at, finished_at, outcome, detail, holder, request)
    select id, $2, $3, now(), 'later', $4, $5, nullif($9::text, '') from moved
), j as (
    insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
    select $7, case when state = 'queued' then 'delivery.postponed' else 'delivery.' || state end,
           package_id, id, unit_id, $5, $8 from moved where $2 = 1 or state <> 'queued'
)
select id from moved

-- name: release_expired
-- Leases of dead holders: back into the queue. Whether that attempt arrived is unknown, so its row
-- says *lost* and the retry keeps the id (P4).
with dead as (
    select id, attempts, holder, lease_until from delivery
    where lease_until < now() order by lease_until limit $1 for update skip locked
), moved as (
    update delivery d set state = comes_to(d, 'queued'),
           finished_at = case when comes_to(d, 'queued') <> 'queued' then now() end,
           lease_until = null, next_attempt_at = now(), changed_at = now(), note = 'lease of ' || dead.holder || ' ran out'
    from dead where d.id = dead.id
    returning d.id, d.package_id, d.unit_id, d.state, dead.attempts, dead.holder, dead.lease_until
), tried as (
    insert into attempt (delivery_id, attempt, started_at, finished_at, outcome, detail, holder)
    select id, attempts, least(lease_until, now()), now(), 'lost', 'lease ran out', holder from moved
    on conflict do nothing
), j as (
    insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
    select gen_random_uuid(), case when state = 'queued' then 'delivery.released' else 'delivery.' || state end,
           package_id, id, unit_id, 'axis', jsonb_build_object('attempt', attempts, 'holder', holder) from moved
)
select id, unit_id from moved

-- name: inbox
-- What waits for a unit that pulls: not yet fetched before fetched, urgent first, then oldest; so a
-- client that never confirms does not hide its own new mail. Authorisation is the unit_id.
select d.id, d.kind, p.sender, d.receivers[1] as receiver, d.state, d.note, p.subject, p.document_id, p.code_number, p.code_notation,
       d.priority, p.size, p.verdict, d.created_at, d.changed_at
from delivery d join package p on p.id = d.package_id
where d.unit_id = $1 and d.kind = $2 and d.state in ('queued', 'sending')
order by d.state, d.priority desc, d.id limit $3

-- name: inbox_count
-- How many wait; counted up to 100,000 so that no call grows without bound.
select count(*) from (
    select 1 from delivery where unit_id = $1 and kind = $2 and state in ('queued', 'sending') limit 100000
) waiting

-- name: fetch
-- A package for its receiver; another unit's id looks exactly like one that never was (P3), and so does
-- what an operator holds back before it was fetched, or what must not overtake something else.
select d.id, d.state, d.fetched_at, d.kind, d.business_type, d.priority, p.id as package_id, p.sha256, p.size, p.encoding
from delivery d join package p on p.id = d.package_id
where d.id = $1 and d.unit_id = $2 and d.state not in ('recalled', 'held') and (d.state <> 'parked' or d.fetched_at is not null)

-- name: fetch_own
-- A package for the unit that sent it.
select id as package_id, sha256, size, encoding from package where id = $1 and source_unit = $2

-- name: mark_fetched
-- The receiver's system has taken the bytes for the first time: from here a recall must ask, not cancel.
with moved as (
    update delivery set state = 'sending', fetched_at = now(), attempts = attempts + 1, changed_at = now(),
           arrived_at = case when $6::timestamptz is not null then coalesce(arrived_at, now()) else arrived_at end,
           arrival_due_at = coalesce(arrival_due_at, $6), register_due_at = coalesce(register_due_at, $7),
           look_at = least(look_at, $6, $7, finish_clock(finish_due_at, coalesce(least(arrived_at, told_at), now())))
    where id = $1 and unit_id = $2 and state = 'queued'
    returning id, package_id, unit_id
)
insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
select $3, 'delivery.fetched', package_id, id, unit_id, $4, $5 from moved returning delivery_id

-- name: stamp_fetched
-- A fetch through a pull link while a push is under way: remembered, no move. Nothing is found when it was
-- recalled before: then it is not given.
update delivery set fetched_at = now(),
       arrived_at = case when $2::timestamptz is not null then coalesce(arrived_at, now()) else arrived_at end,
       arrival_due_at = coalesce(arrival_due_at, $2), register_due_at = coalesce(register_due_at, $3),
       look_at = least(look_at, $2, $3, finish_clock(finish_due_at, coalesce(least(arrived_at, told_at), now())))
where id = $1 and fetched_at is null and state <> 'recalled' returning id

-- name: confirmable
-- The delivery a pulling unit speaks of, with what its receipt will say.
select d.id, d.state, d.fetched_at, d.receivers, d.business_type, d.priority, p.id as package_id, p.document_id, p.sender,
       p.sha256, p.size, p.verdict, p.kind
from delivery d join package p on p.id = d.package_id
where d.id = $1 and d.unit_id = $2

-- name: confirm_delivered
-- The pulling unit confirms: delivered, once; a repeat finds nothing to move.
with moved as (
    update delivery set state = 'delivered', finished_at = now(), lease_until = null, note = '', changed_at = now(),
           fetched_at = coalesce(fetched_at, now()),
           arrived_at = case when $7::timestamptz is not null then coalesce(arrived_at, now()) else arrived_at end,
           arrival_due_at = coalesce(arrival_due_at, $7), register_due_at = coalesce(register_due_at, $8),
           look_at = case when taking_back in ('', '13', '16')
                          then least(look_at, $7, $8,
                                     finish_clock(finish_due_at, coalesce(least(arrived_at, told_at), now())))
                          else next_look(look_at, null) end
    where id = $1 and unit_id = $2 and (state in ('queued', 'sending') or (state = 'parked' and fetched_at is not null))
    returning id, package_id, unit_id
), j as (
    insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
    select $3, 'delivery.delivered', package_id, id, unit_id, $4, $5 from moved
), r as (
    insert into receipt (event_id, package_id, delivery_id, event, jws)
    select $3, package_id, id, 'delivery.delivered', $6 from moved
)
select id from moved

-- name: note_failure
-- The pulling unit says it failed, or is at it: stays in its list, marked; journalled for operators. A failure counts.
with noted as (
    update delivery set note = $3, changed_at = now(),
           failed_reports = failed_reports + ($5 = 'delivery.failed-by-receiver')::int
    where id = $1 and unit_id = $2 and state in ('queued', 'sending')
    returning id, package_id, unit_id
)
insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
select $4, $5, package_id, id, unit_id, $6, $7 from noted

-- name: outbox
-- What a unit sent, addressee by addressee, newest first. Authorisation is the source_unit.
select p.id as package_id, d.id as delivery_id, p.kind, p.sender, t.code as receiver, p.subject, p.code_number,
       p.code_notation, d.state, coalesce(a.handling, d.handling) as handling, coalesce(a.taking_back, d.taking_back) as taking_back,
       d.business_type, coalesce(a.reason, d.reason) as reason, p.received_at, d.finished_at
from package p join delivery d on d.package_id = p.id cross join lateral unnest(d.receivers) with ordinality as t(code, place)
left join addressee a on a.delivery_id = d.id and a.code = t.code
where p.source_unit = $1 and p.kind = $2 and ($3::uuid is null or p.id = $3)
order by p.id desc, d.id, t.place limit $4

-- name: page
-- Deliveries for people: newest first before an id, by unit and state.
select d.id, d.package_id, u.code as unit, d.receivers, d.kind, d.priority, d.state, d.handling, d.taking_back, d.attempts,
       d.next_attempt_at, d.note, d.created_at, d.finished_at, p.sender, p.document_id, p.subject, p.sha256
from delivery d join unit u on u.id = d.unit_id join package p on p.id = d.package_id
where ($1::uuid is null or d.id < $1) and ($2 = '' or u.code = $2) and ($3 = '' or d.state = $3) and ($4 = '' or d.kind = $4)
order by d.id desc limit $5

-- name: attempts_of
-- Every attempt of one delivery.
select attempt, started_at, finished_at, request, outcome, detail, holder from attempt where delivery_id = $1 order by attempt

-- name: for_journal
-- What a journal row about a delivery needs.
select d.id, d.state, d.handling, d.taking_back, d.package_id, d.unit_id, u.code as unit from delivery d join unit u on u.id = d.unit_id where d.id = $1

-- name: park
-- An operator holds a delivery. What may travel no more needs no holding: it ends (comes_to).
with moved as (
    update delivery d set state = comes_to(d, 'parked'),
           finished_at = case when comes_to(d, 'parked') <> 'parked' then now() end, lease_until = null, note = $2,
           changed_at = now()
    where id = $1 and state in ('queued', 'sending')
    returning id, package_id, unit_id, state
)
insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
select $3, 'delivery.' || state, package_id, id, unit_id, $4, $5 from moved returning delivery_id

-- name: replay
-- An operator sends it again: same delivery, same id, so the receiver's system can tell (P4). Not when its sender
-- sent another under its DocumentId instead. Clocks that ran, run on; of those that are met the sweep finds nothing
-- to tell.
with moved as (
    update delivery set state = 'queued', finished_at = null, lease_until = null, next_attempt_at = now(), note = '',
           changed_at = now(),
           look_at = least(look_at, arrival_due_at, register_due_at, finish_clock(finish_due_at, least(arrived_at, told_at)))
    where id = $1 and state in ('parked', 'refused') and taking_back not in ('recall', '13', '15')
      and not exists (select from link l where l.about = delivery.package_id and l.kind = 'again')
    returning id, package_id, unit_id
)
insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
select $2, 'delivery.replayed', package_id, id, unit_id, $3, $4 from moved returning delivery_id

-- name: hasten
-- The unit's system works again: everything that waited for a later try is due now.
update delivery set next_attempt_at = now()
where unit_id = $1 and state = 'queued' and next_attempt_at > now()

-- name: backlog
-- Per unit with anything waiting: how many, and since when.
select code, waiting, oldest from waiting_now
