-- What the books say of recalls, failures and arrivals: when the sender ordered a document back, how often a pulling
-- unit reported that it failed, and when a document came, which is the day it is entered in the receiver's register.

alter table delivery
    add column recall_ordered_at timestamptz,
    add column failed_reports integer not null default 0,
    add column came_at timestamptz generated always as (
        case when arrived_at is not null or fetched_at is not null or state = 'delivered'
             then least(arrived_at, fetched_at, case when state = 'delivered' then finished_at end) end) stored;
comment on column delivery.recall_ordered_at is 'when a recall (type 1) first named it for this receiver, whatever became of that; null: never';
comment on column delivery.failed_reports is 'how often the receiver''s pulling system said it could not take it (fail)';
comment on column delivery.came_at is 'when the receiver''s system had it first: the day of arrival; null: it has not come, and is not the receiver''s to see';

-- The registers of what came are read by this. A row enters when it arrives, so acceptance pays nothing.
create index delivery_came on delivery (unit_id, came_at, id) where kind = 'document' and came_at is not null;

-- Here, and not in the statements, so that no way to order a document back can forget it.
create function recall_stamped() returns trigger language plpgsql as $$
begin
    new.recall_ordered_at := now();
    return new;
end $$;
create trigger recall_stamped before update of taking_back on delivery for each row
    when (new.taking_back = 'recall' and old.taking_back <> 'recall' and new.recall_ordered_at is null)
    execute function recall_stamped();

-- What was ordered before: it still waits for the answer; or a recall went to the receiver as well, and the journal or
-- the recall's own way says that it was this delivery it took back (one that was given back before was not).
alter table delivery disable trigger user;
update delivery d set recall_ordered_at = coalesce(o.at, d.changed_at)
from (
    select d.id, min(coalesce(j.at, r.received_at)) as at
    from delivery d
    left join link l on l.about = d.package_id and l.kind = 'recall'
    left join package r on r.id = l.package_id
    left join journal j on j.package_id = d.package_id and j.delivery_id = d.id and j.event = 'recall.ordered'
    where d.business_type in (0, 3) and d.kind = 'document'
      and (d.taking_back = 'recall'
           or (d.taking_back = '15' or d.state = 'recalled')
              and (j.id is not null
                   or exists (select from delivery t where t.package_id = r.id and t.unit_id = d.unit_id
                              and t.state <> 'recalled')))
    group by d.id
) o
where o.id = d.id;
update delivery d set failed_reports = f.times
from (select delivery_id, count(*) as times from journal where event = 'delivery.failed-by-receiver' group by 1) f
where f.delivery_id = d.id;
alter table delivery enable trigger user;

-- The counters: recalls by themselves, so that they add up; whether the receiver has said its last word; failures and
-- retries by what was tried, not by moves.
do $$
declare
    place text;
begin
    foreach place in array array['tally', 'tally_change'] loop
        execute format('alter table %I add column recalled_by_sender integer not null default 0,
                        add column recall_done integer not null default 0,
                        add column feedback_complete integer not null default 0,
                        add column retries integer not null default 0', place);
    end loop;
end $$;
create or replace view tally_now as select * from tally union all select * from tally_change;

drop view delivery_counts;
drop function measured(delivery);
drop type measure;
create type measure as (
    delivered int, refused int, recalled int, waiting int, returned int, told int, told_late int, registered int,
    registered_late int, finished int, finished_late int, overdue_arrival int, overdue_register int, overdue_finish int,
    asked_back int, recall_ordered int, given_back int, denied int, recalled_by_sender int, recall_done int,
    feedback_complete int
);
create function measured(d delivery) returns measure language sql immutable as $$
    select (d.state = 'delivered')::int, (d.state = 'refused')::int, (d.state = 'recalled')::int,
           (d.state in ('queued', 'held', 'sending', 'parked'))::int,
           (d.handling = '02')::int,
           (d.told_at is not null)::int, coalesce(d.told_at > d.arrival_due_at, false)::int,
           (d.registered_at is not null)::int, coalesce(d.registered_at > d.register_due_at, false)::int,
           (d.completed_at is not null)::int, coalesce(d.completed_at > d.finish_due_at, false)::int,
           (open and d.missed & 1 <> 0 and d.told_at is null)::int,
           (open and d.missed & 2 <> 0 and d.registered_at is null)::int,
           (open and d.missed & 4 <> 0 and d.completed_at is null)::int,
           (not ordered and not gone and d.taking_back = '13')::int,
           (ordered and not gone and d.taking_back <> '15')::int,
           (not ordered and (d.taking_back = '15' or gone and d.taking_back = '13'))::int,
           (not ordered and d.taking_back = '16')::int,
           ordered::int,
           (ordered and (gone or d.taking_back = '15'))::int,
           (gone or d.state = 'refused' or d.taking_back = '15' or d.handling = '02'
            or d.handling = '06' and d.taking_back not in ('13', 'recall'))::int
    from (select d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall')
                 and d.handling not in ('02', '06') as open,
                 d.state = 'recalled' as gone, d.recall_ordered_at is not null as ordered) as x
$$;

create or replace function delivery_counted() returns trigger language plpgsql as $$
begin
    insert into tally_change
    select vietnam_day(d.created_at), d.source_unit, d.unit_id, tally_type(d.kind, d.business_type),
           1, (d.round > 1)::int, 0, 0, 0, 1, 0,
           (d.priority = 1)::int, (d.priority = 2)::int, (d.priority = 3)::int, (d.priority = 4)::int,
           (p.verdict = 'proven')::int, (p.verdict = 'attached')::int, (p.paper = '0')::int, (p.paper = '1')::int,
           0, 0, 0, 0, 0, (d.finish_due_at is not null)::int, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    from fresh d join package p on p.id = d.package_id;
    return null;
end $$;

create or replace function delivery_recounted() returns trigger language plpgsql as $$
declare
    a measure := measured(old);
    b measure := measured(new);
    failed int := new.failed_reports - old.failed_reports;
begin
    if a = b and failed = 0 then
        return null;
    end if;
    insert into tally_change values (
        vietnam_day(new.created_at), new.source_unit, new.unit_id, tally_type(new.kind, new.business_type),
        0, 0, b.delivered - a.delivered, b.refused - a.refused, b.recalled - a.recalled, b.waiting - a.waiting, failed,
        0, 0, 0, 0, 0, 0, 0, 0, b.returned - a.returned, b.told - a.told, b.told_late - a.told_late,
        b.registered - a.registered, b.registered_late - a.registered_late, 0, b.finished - a.finished,
        b.finished_late - a.finished_late, b.overdue_arrival - a.overdue_arrival,
        b.overdue_register - a.overdue_register, b.overdue_finish - a.overdue_finish, b.asked_back - a.asked_back,
        b.recall_ordered - a.recall_ordered, b.given_back - a.given_back, b.denied - a.denied,
        b.recalled_by_sender - a.recalled_by_sender, b.recall_done - a.recall_done,
        b.feedback_complete - a.feedback_complete, 0);
    return null;
end $$;
drop trigger delivery_recounted on delivery;
create trigger delivery_recounted
    after update of state, handling, taking_back, missed, told_at, registered_at, completed_at, recall_ordered_at,
                    failed_reports on delivery for each row
    when (new.handling <> old.handling or new.taking_back <> old.taking_back or new.missed <> old.missed
          or new.told_at is distinct from old.told_at or new.registered_at is distinct from old.registered_at
          or new.completed_at is distinct from old.completed_at
          or new.recall_ordered_at is distinct from old.recall_ordered_at or new.failed_reports <> old.failed_reports
          or (new.state <> old.state and not (old.state = 'queued' and new.state = 'sending')))
    execute function delivery_recounted();

-- An attempt that failed, whoever was at fault, and one beyond the first. What succeeds at once costs nothing here.
create function attempt_counted() returns trigger language plpgsql as $$
begin
    insert into tally_change
    select vietnam_day(d.created_at), d.source_unit, d.unit_id, tally_type(d.kind, d.business_type),
           0, 0, 0, 0, 0, 0, (new.outcome <> 'delivered')::int, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
           0, 0, 0, 0, 0, 0, 0, (new.attempt > 1)::int
    from delivery d where d.id = new.delivery_id;
    return null;
end $$;
create trigger attempt_counted after insert on attempt for each row
    when (new.outcome <> 'delivered' or new.attempt > 1) execute function attempt_counted();

create view delivery_counts as
select d.id, vietnam_day(d.created_at) as day, d.source_unit, d.unit_id, tally_type(d.kind, d.business_type) as type,
       1 as n, (d.round > 1)::int as again, m.delivered, m.refused, m.recalled, m.waiting,
       d.failed_reports + t.failures as failures,
       (d.priority = 1)::int as priority_1, (d.priority = 2)::int as priority_2, (d.priority = 3)::int as priority_3,
       (d.priority = 4)::int as priority_4, (p.verdict = 'proven')::int as proven, (p.verdict = 'attached')::int as attached,
       (p.paper = '0')::int as paper_without, (p.paper = '1')::int as paper_with, m.returned, m.told, m.told_late,
       m.registered, m.registered_late, (d.finish_due_at is not null)::int as with_due_date, m.finished, m.finished_late,
       m.overdue_arrival, m.overdue_register, m.overdue_finish, m.asked_back, m.recall_ordered, m.given_back, m.denied,
       m.recalled_by_sender, m.recall_done, m.feedback_complete, t.retries
from delivery d join package p on p.id = d.package_id, lateral measured(d) m, lateral (
    select (count(*) filter (where outcome <> 'delivered'))::int as failures,
           (count(*) filter (where attempt > 1))::int as retries
    from attempt where delivery_id = d.id) t;

-- All of them anew.
truncate tally, tally_change;
insert into tally
select day, source_unit, unit_id, type, sum(n), sum(again), sum(delivered), sum(refused), sum(recalled), sum(waiting),
       sum(failures), sum(priority_1), sum(priority_2), sum(priority_3), sum(priority_4), sum(proven), sum(attached),
       sum(paper_without), sum(paper_with), sum(returned), sum(told), sum(told_late), sum(registered),
       sum(registered_late), sum(with_due_date), sum(finished), sum(finished_late), sum(overdue_arrival),
       sum(overdue_register), sum(overdue_finish), sum(asked_back), sum(recall_ordered), sum(given_back), sum(denied),
       sum(recalled_by_sender), sum(recall_done), sum(feedback_complete), sum(retries)
from delivery_counts group by 1, 2, 3, 4;
select grant_reading();
