-- name: fold
-- Move a batch of changes into the counters: $1 rows at most. Zero rows come back when nothing was left.
-- Two processes that fold at once take different rows and touch the counters in one order; a change whose
-- transaction has not committed is not seen, and so not lost.
with taken as (
    delete from tally_change
    where ctid = any (array(select ctid from tally_change limit $1 for update skip locked))
    returning *
), summed as (
    select day, source_unit, unit_id, type, count(*) as rows,
           sum(n) as n, sum(again) as again, sum(delivered) as delivered, sum(refused) as refused,
           sum(recalled) as recalled, sum(waiting) as waiting, sum(failures) as failures,
           sum(priority_1) as priority_1, sum(priority_2) as priority_2, sum(priority_3) as priority_3,
           sum(priority_4) as priority_4, sum(proven) as proven, sum(attached) as attached,
           sum(paper_without) as paper_without, sum(paper_with) as paper_with, sum(returned) as returned,
           sum(told) as told, sum(told_late) as told_late, sum(registered) as registered,
           sum(registered_late) as registered_late, sum(with_due_date) as with_due_date, sum(finished) as finished,
           sum(finished_late) as finished_late, sum(overdue_arrival) as overdue_arrival,
           sum(overdue_register) as overdue_register, sum(overdue_finish) as overdue_finish,
           sum(asked_back) as asked_back, sum(recall_ordered) as recall_ordered, sum(given_back) as given_back,
           sum(denied) as denied, sum(recalled_by_sender) as recalled_by_sender, sum(recall_done) as recall_done,
           sum(feedback_complete) as feedback_complete, sum(retries) as retries
    from taken group by 1, 2, 3, 4
), folded as (
    insert into tally as t (
        day, source_unit, unit_id, type, n, again, delivered, refused, recalled, waiting, failures, priority_1,
        priority_2, priority_3, priority_4, proven, attached, paper_without, paper_with, returned, told, told_late,
        registered, registered_late, with_due_date, finished, finished_late, overdue_arrival, overdue_register,
        overdue_finish, asked_back, recall_ordered, given_back, denied, recalled_by_sender, recall_done,
        feedback_complete, retries)
    select day, source_unit, unit_id, type, n, again, delivered, refused, recalled, waiting, failures, priority_1,
           priority_2, priority_3, priority_4, proven, attached, paper_without, paper_with, returned, told, told_late,
           registered, registered_late, with_due_date, finished, finished_late, overdue_arrival, overdue_register,
           overdue_finish, asked_back, recall_ordered, given_back, denied, recalled_by_sender, recall_done,
           feedback_complete, retries
    from summed order by 1, 2, 3, 4
    on conflict (day, source_unit, unit_id, type) do update set
        n = t.n + excluded.n, again = t.again + excluded.again, delivered = t.delivered + excluded.delivered,
        refused = t.refused + excluded.refused, recalled = t.recalled + excluded.recalled,
        waiting = t.waiting + excluded.waiting, failures = t.failures + excluded.failures,
        priority_1 = t.priority_1 + excluded.priority_1, priority_2 = t.priority_2 + excluded.priority_2,
        priority_3 = t.priority_3 + excluded.priority_3, priority_4 = t.priority_4 + excluded.priority_4,
        proven = t.proven + excluded.proven, attached = t.attached + excluded.attached,
        paper_without = t.paper_without + excluded.paper_without, paper_with = t.paper_with + excluded.paper_with,
        returned = t.returned + excluded.returned, told = t.told + excluded.told,
        told_late = t.told_late + excluded.told_late, registered = t.registered + excluded.registered,
        registered_late = t.registered_late + excluded.registered_late,
        with_due_date = t.with_due_date + excluded.with_due_date, finished = t.finished + excluded.finished,
        finished_late = t.finished_late + excluded.finished_late,
        overdue_arrival = t.overdue_arrival + excluded.overdue_arrival,
        overdue_register = t.overdue_register + excluded.overdue_register,
        overdue_finish = t.overdue_finish + excluded.overdue_finish, asked_back = t.asked_back + excluded.asked_back,
        recall_ordered = t.recall_ordered + excluded.recall_ordered, given_back = t.given_back + excluded.given_back,
        denied = t.denied + excluded.denied,
        recalled_by_sender = t.recalled_by_sender + excluded.recalled_by_sender,
        recall_done = t.recall_done + excluded.recall_done,
        feedback_complete = t.feedback_complete + excluded.feedback_complete, retries = t.retries + excluded.retries
)
select coalesce(sum(rows), 0)::bigint from summed

-- name: fold_sent
-- The same for what was sent.
with taken as (
    delete from sent_tally_change
    where ctid = any (array(select ctid from sent_tally_change limit $1 for update skip locked))
    returning *
), summed as (
    select day, source_unit, type, count(*) as rows, sum(n) as n, sum(units) as units, sum(priority_1) as priority_1,
           sum(priority_2) as priority_2, sum(priority_3) as priority_3, sum(priority_4) as priority_4,
           sum(proven) as proven, sum(attached) as attached, sum(paper_without) as paper_without,
           sum(paper_with) as paper_with, sum(late) as late
    from taken group by 1, 2, 3
), folded as (
    insert into sent_tally as t (
        day, source_unit, type, n, units, priority_1, priority_2, priority_3, priority_4, proven, attached,
        paper_without, paper_with, late)
    select day, source_unit, type, n, units, priority_1, priority_2, priority_3, priority_4, proven, attached,
           paper_without, paper_with, late
    from summed order by 1, 2, 3
    on conflict (day, source_unit, type) do update set
        n = t.n + excluded.n, units = t.units + excluded.units, priority_1 = t.priority_1 + excluded.priority_1,
        priority_2 = t.priority_2 + excluded.priority_2, priority_3 = t.priority_3 + excluded.priority_3,
        priority_4 = t.priority_4 + excluded.priority_4, proven = t.proven + excluded.proven,
        attached = t.attached + excluded.attached, paper_without = t.paper_without + excluded.paper_without,
        paper_with = t.paper_with + excluded.paper_with, late = t.late + excluded.late
)
select coalesce(sum(rows), 0)::bigint from summed

-- name: sent
-- Packages sent from day $1 to day $2, by type and, as wanted, by day ($3) and sender ($4). $5 sender; $6 whose
-- report it is: such a unit is told of its own packages only, whatever else was asked.
select case when $3::boolean then day end as day, case when $4::boolean then source_unit end as sender, type,
       sum(n)::bigint as n, sum(units)::bigint as units, sum(priority_1)::bigint as priority_1,
       sum(priority_2)::bigint as priority_2, sum(priority_3)::bigint as priority_3,
       sum(priority_4)::bigint as priority_4, sum(proven)::bigint as proven, sum(attached)::bigint as attached,
       sum(paper_without)::bigint as paper_without, sum(paper_with)::bigint as paper_with, sum(late)::bigint as late
from sent_tally_now
where day between $1 and $2 and ($5::uuid is null or source_unit = $5) and ($6::uuid is null or source_unit = $6)
group by 1, 2, 3

-- name: received
-- Deliveries of packages taken in from day $1 to day $2, by type and, as wanted, by day ($3), sender ($4) and
-- receiver ($5). $6 sender, $7 receiver; $8 whose report it is: its own traffic only, whatever else was asked.
select case when $3::boolean then day end as day, case when $4::boolean then source_unit end as sender,
       case when $5::boolean then unit_id end as receiver, type,
       sum(n)::bigint as n, sum(again)::bigint as again, sum(delivered)::bigint as delivered,
       sum(refused)::bigint as refused, sum(recalled)::bigint as recalled, sum(waiting)::bigint as waiting,
       sum(failures)::bigint as failures, sum(priority_1)::bigint as priority_1, sum(priority_2)::bigint as priority_2,
       sum(priority_3)::bigint as priority_3, sum(priority_4)::bigint as priority_4, sum(proven)::bigint as proven,
       sum(attached)::bigint as attached, sum(paper_without)::bigint as paper_without,
       sum(paper_with)::bigint as paper_with, sum(returned)::bigint as returned, sum(told)::bigint as told,
       sum(told_late)::bigint as told_late, sum(registered)::bigint as registered,
       sum(registered_late)::bigint as registered_late, sum(with_due_date)::bigint as with_due_date,
       sum(finished)::bigint as finished, sum(finished_late)::bigint as finished_late,
       sum(overdue_arrival)::bigint as overdue_arrival, sum(overdue_register)::bigint as overdue_register,
       sum(overdue_finish)::bigint as overdue_finish, sum(asked_back)::bigint as asked_back,
       sum(recall_ordered)::bigint as recall_ordered, sum(given_back)::bigint as given_back,
       sum(denied)::bigint as denied, sum(recalled_by_sender)::bigint as recalled_by_sender,
       sum(recall_done)::bigint as recall_done, sum(feedback_complete)::bigint as feedback_complete,
       sum(retries)::bigint as retries
from tally_now
where day between $1 and $2 and ($6::uuid is null or source_unit = $6) and ($7::uuid is null or unit_id = $7)
  and ($8::uuid is null or source_unit = $8 or unit_id = $8)
group by 1, 2, 3, 4

-- name: balance_sent
-- What each sender's packages were routed to, as counted at acceptance, beside what became of it, as counted
-- at every move. The two sides come from different triggers; their difference is 0, or ``explain`` is asked.
select coalesce(s.unit_id, d.unit_id) as unit_id, coalesce(s.packages, 0) as packages,
       coalesce(s.units, 0) as units, coalesce(d.again, 0) as again, coalesce(d.delivered, 0) as delivered,
       coalesce(d.refused, 0) as refused, coalesce(d.recalled, 0) as recalled, coalesce(d.waiting, 0) as waiting
from (
    select source_unit as unit_id, sum(n)::bigint as packages, sum(units)::bigint as units
    from sent_tally_now
    where day between $1 and $2 and ($3::uuid is null or source_unit = $3) and ($4::uuid is null or source_unit = $4)
    group by 1
) s full join (
    select source_unit as unit_id, sum(again)::bigint as again, sum(delivered)::bigint as delivered,
           sum(refused)::bigint as refused, sum(recalled)::bigint as recalled, sum(waiting)::bigint as waiting
    from tally_now
    where day between $1 and $2 and ($3::uuid is null or source_unit = $3) and ($4::uuid is null or source_unit = $4)
    group by 1
) d on d.unit_id = s.unit_id

-- name: balance_received
-- How many deliveries each receiver was given, as counted when they were made, beside how they stand.
select unit_id, sum(n)::bigint as n, sum(delivered)::bigint as delivered, sum(refused)::bigint as refused,
       sum(recalled)::bigint as recalled, sum(waiting)::bigint as waiting
from tally_now
where day between $1 and $2 and ($3::uuid is null or unit_id = $3) and ($4::uuid is null or unit_id = $4)
group by 1

-- name: packages_off
-- Packages of one day (ids between $1 and $2, taken in from $3 until $4) whose deliveries are not as many as they
-- were routed to, or were made on another day than the package. $5 a unit concerned; null: all.
select p.id, p.document_id, p.source_unit, p.units::bigint as units, d.first_round, d.other_day
from package p
cross join lateral (
    select count(*) filter (where round = 1) as first_round,
           count(*) filter (where round = 1 and vietnam_day(created_at) <> vietnam_day(p.received_at)) as other_day
    from delivery where package_id = p.id
) d
where p.id > $1 and p.id < $2 and p.received_at >= $3 and p.received_at < $4
  and (d.first_round <> p.units or d.other_day > 0)
  and ($5::uuid is null or p.source_unit = $5
       or exists (select from delivery where package_id = p.id and unit_id = $5))
order by p.id

-- name: cells_off
-- Counters of deliveries of day $1 that differ from the rows (ids between $2 and $3): both, as JSON. $4 a unit
-- concerned; null: all.
with counted as (
    select source_unit, unit_id, type, sum(n) as n, sum(again) as again, sum(delivered) as delivered,
           sum(refused) as refused, sum(recalled) as recalled, sum(waiting) as waiting, sum(priority_1) as priority_1,
           sum(priority_2) as priority_2, sum(priority_3) as priority_3, sum(priority_4) as priority_4,
           sum(proven) as proven, sum(attached) as attached, sum(paper_without) as paper_without,
           sum(paper_with) as paper_with, sum(returned) as returned, sum(told) as told, sum(told_late) as told_late,
           sum(registered) as registered, sum(registered_late) as registered_late,
           sum(with_due_date) as with_due_date, sum(finished) as finished, sum(finished_late) as finished_late,
           sum(overdue_arrival) as overdue_arrival, sum(overdue_register) as overdue_register,
           sum(overdue_finish) as overdue_finish, sum(asked_back) as asked_back,
           sum(recall_ordered) as recall_ordered, sum(given_back) as given_back, sum(denied) as denied,
           sum(recalled_by_sender) as recalled_by_sender, sum(recall_done) as recall_done,
           sum(feedback_complete) as feedback_complete, sum(failures) as failures, sum(retries) as retries
    from tally_now where day = $1 and ($4::uuid is null or source_unit = $4 or unit_id = $4) group by 1, 2, 3
), found as (
    select source_unit, unit_id, type, sum(n) as n, sum(again) as again, sum(delivered) as delivered,
           sum(refused) as refused, sum(recalled) as recalled, sum(waiting) as waiting, sum(priority_1) as priority_1,
           sum(priority_2) as priority_2, sum(priority_3) as priority_3, sum(priority_4) as priority_4,
           sum(proven) as proven, sum(attached) as attached, sum(paper_without) as paper_without,
           sum(paper_with) as paper_with, sum(returned) as returned, sum(told) as told, sum(told_late) as told_late,
           sum(registered) as registered, sum(registered_late) as registered_late,
           sum(with_due_date) as with_due_date, sum(finished) as finished, sum(finished_late) as finished_late,
           sum(overdue_arrival) as overdue_arrival, sum(overdue_register) as overdue_register,
           sum(overdue_finish) as overdue_finish, sum(asked_back) as asked_back,
           sum(recall_ordered) as recall_ordered, sum(given_back) as given_back, sum(denied) as denied,
           sum(recalled_by_sender) as recalled_by_sender, sum(recall_done) as recall_done,
           sum(feedback_complete) as feedback_complete, sum(failures) as failures, sum(retries) as retries
    from delivery_counts
    where id > $2 and id < $3 and day = $1 and ($4::uuid is null or source_unit = $4 or unit_id = $4)
    group by 1, 2, 3
)
select source_unit, unit_id, type, to_jsonb(counted) as counted, to_jsonb(found) as found
from counted full join found using (source_unit, unit_id, type)
where to_jsonb(counted) is distinct from to_jsonb(found)
order by source_unit, unit_id, type

-- name: sent_cells_off
-- The same for counters of packages sent.
with counted as (
    select source_unit, type, sum(n) as n, sum(units) as units, sum(priority_1) as priority_1,
           sum(priority_2) as priority_2, sum(priority_3) as priority_3, sum(priority_4) as priority_4,
           sum(proven) as proven, sum(attached) as attached, sum(paper_without) as paper_without,
           sum(paper_with) as paper_with, sum(late) as late
    from sent_tally_now where day = $1 and ($4::uuid is null or source_unit = $4) group by 1, 2
), found as (
    select source_unit, type, sum(n) as n, sum(units) as units, sum(priority_1) as priority_1,
           sum(priority_2) as priority_2, sum(priority_3) as priority_3, sum(priority_4) as priority_4,
           sum(proven) as proven, sum(attached) as attached, sum(paper_without) as paper_without,
           sum(paper_with) as paper_with, sum(late) as late
    from package_counts
    where id > $2 and id < $3 and day = $1 and ($4::uuid is null or source_unit = $4) group by 1, 2
)
select source_unit, type, to_jsonb(counted) as counted, to_jsonb(found) as found
from counted full join found using (source_unit, type)
where to_jsonb(counted) is distinct from to_jsonb(found)
order by source_unit, type
