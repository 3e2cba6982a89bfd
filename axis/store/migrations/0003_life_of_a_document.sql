-- The life of a document after it was delivered (Decision 28): recall, update, replacement and what they
-- speak of; deadlines and alerts; the working calendar; counters for the reports.

-- Units: who reports arrival, and whom to alert.

alter table unit
    add column auto_arrived boolean not null default false,
    add column contacts text[] not null default '{}',
    add column alert_url text not null default '';
comment on column unit.auto_arrived is 'the axis itself says 01 when the unit''s system confirms a document';
comment on column unit.contacts is 'e-mail addresses that hear of deadlines; empty: unit.email';
comment on column unit.alert_url is 'where the unit''s system hears of deadlines, signed like its webhook; empty: nowhere';

-- Packages.

-- A status may name its document by number and notation alone.
create index package_code on package (sender, (code_number || '/' || code_notation)) where kind = 'document';

alter table package
    add column send_due_at timestamptz,
    add column units smallint not null default 0;
alter table package disable trigger package_kept;
update package p set units = (select count(*) from delivery d where d.package_id = p.id);
alter table package enable trigger package_kept;
comment on column package.send_due_at is 'by when the law wanted it here (decision-28.md 2.1, 2.2); null: no such deadline';
comment on column package.units is 'to how many units it was routed at acceptance: what the reconciliation expects';

-- What a recall, update or replacement speaks of, and which package a re-sent one follows.
create table link (
    package_id  uuid not null references package,
    kind        text not null check (kind in ('recall', 'update', 'replace', 'again')),
    document_id text not null,
    about       uuid references package,
    primary key (package_id, kind, document_id)
);
comment on column link.about is 'null: a document the axis never carried (replacements of paper or of older documents)';
create index link_about on link (about) where about is not null;
create trigger link_append_only before update or delete on link for each row execute function append_only();
create trigger link_no_truncate before truncate on link for each statement execute function append_only();

-- Deliveries.

alter table delivery
    add column source_unit      uuid references unit,
    add column business_type    smallint not null default 0,
    add column round            smallint not null default 1,
    add column follows          uuid[] not null default '{}',
    add column arrived_at       timestamptz,
    add column arrival_due_at   timestamptz,
    add column told_at          timestamptz,
    add column register_due_at  timestamptz,
    add column registered_at    timestamptz,
    add column finish_due_at    timestamptz,
    add column completed_at     timestamptz,
    add column missed           smallint not null default 0,
    add column escalated        smallint not null default 0,
    add column look_at          timestamptz,
    add column reason           text not null default '';
comment on column delivery.source_unit is 'whose system sent the package: for reports and the sender''s own lists';
comment on column delivery.round is '2 and more: sent again to the same unit after it was returned or given back';
comment on column delivery.follows is 'while held: the deliveries this one must not overtake';
comment on column delivery.told_at is 'when the receiver''s side first said anything (01 or further)';
comment on column delivery.registered_at is 'when it was accepted or returned (03 and further, 02)';
comment on column delivery.missed is 'deadlines known to be missed, a bit each: domain/deadlines.py';
comment on column delivery.look_at is 'when the sweep over deadlines must look next; null: never';
comment on column delivery.reason is 'why it was returned (02) or a request denied (16)';

update delivery d set source_unit = p.source_unit, business_type = p.business_type from package p where p.id = d.package_id;
alter table delivery alter column source_unit set not null;
alter table delivery drop constraint delivery_package_id_unit_id_key;
alter table delivery add constraint delivery_once unique (package_id, unit_id, round);

create index delivery_held on delivery using gin (follows) where state = 'held';
create index delivery_look on delivery (look_at) where look_at is not null;
create index delivery_unit on delivery (unit_id, kind, id);
create index delivery_returned on delivery (id) where handling = '02';
-- Lists of the reports: what was late or is, and what arrived and nobody has taken up. Few rows, read by period.
create index delivery_late on delivery (id)
    where missed & 7 <> 0 or told_at > arrival_due_at or registered_at > register_due_at or completed_at > finish_due_at;
create index delivery_untaken on delivery (id)
    where arrived_at is not null and registered_at is null and handling in ('', '01')
          and state not in ('recalled', 'refused') and taking_back not in ('15', 'recall');
create index package_late on package (id) where received_at > send_due_at;
-- Which documents answer another: number of the reply in the follow-up register.
create index package_about on package (about) where kind = 'document' and about <> '';

-- Moves. Equal to axis/domain/states.py, as ever.

insert into transport_move (event, origin, target) values
    ('freed', 'held', 'queued'),
    ('recalled', 'held', 'recalled'),
    ('recalled', 'refused', 'recalled'),
    ('recalled', 'sending', 'recalled');

drop table taking_back_move;
create table taking_back_move (
    business_type smallint, origin text, target text,
    primary key (business_type, origin, target)
);
insert into taking_back_move (business_type, origin, target) values
    (0, '', '13'), (0, '13', '15'), (0, '13', '16'), (0, '16', '13'),
    (0, '', 'recall'), (0, '13', 'recall'), (0, '16', 'recall'), (0, 'recall', '15'),
    (3, '', '13'), (3, '13', '15'), (3, '13', '16'), (3, '16', '13'),
    (3, '', 'recall'), (3, '13', 'recall'), (3, '16', 'recall'), (3, 'recall', '15'),
    (1, '', '15'),
    (2, '', '15'), (2, '', '16');

create or replace function delivery_guard() returns trigger language plpgsql as $$
begin
    if new.state is distinct from old.state
       and not exists (select from transport_move where origin = old.state and target = new.state) then
        raise exception 'illegal transport move % -> %', old.state, new.state using errcode = 'AX001';
    end if;
    if new.handling is distinct from old.handling
       and (not exists (select from handling_move where origin = old.handling and target = new.handling)
            or (old.taking_back in ('15', 'recall') and old.business_type in (0, 3))) then
        raise exception 'illegal handling move % -> %', old.handling, new.handling using errcode = 'AX002';
    end if;
    if new.taking_back is distinct from old.taking_back
       and (not exists (select from taking_back_move where business_type = old.business_type
                        and origin = old.taking_back and target = new.taking_back)
            or (new.taking_back = '13' and old.handling = '02')) then
        raise exception 'illegal taking-back move % -> %', old.taking_back, new.taking_back using errcode = 'AX003';
    end if;
    if (new.package_id, new.unit_id, new.id, new.receivers, new.kind, new.source_unit, new.business_type, new.round)
       is distinct from
       (old.package_id, old.unit_id, old.id, old.receivers, old.kind, old.source_unit, old.business_type, old.round) then
        raise exception 'a delivery never changes its package or its receiver' using errcode = 'AX004';
    end if;
    return new;
end $$;

drop trigger delivery_guard on delivery;
create trigger delivery_guard
    before update of state, handling, taking_back, package_id, unit_id, id, receivers, kind, source_unit, business_type, round
    on delivery for each row
    when (not (old.state = 'queued' and new.state = 'sending'
               and new.handling = old.handling and new.taking_back = old.taking_back
               and new.package_id = old.package_id and new.unit_id = old.unit_id and new.id = old.id
               and new.receivers = old.receivers and new.kind = old.kind and new.source_unit = old.source_unit
               and new.business_type = old.business_type and new.round = old.round))
    execute function delivery_guard();

create or replace function delivery_starts() returns trigger language plpgsql as $$
begin
    if new.state not in ('queued', 'held') or new.handling <> '' or new.taking_back <> '' or new.attempts <> 0
       or (new.state = 'held') <> (cardinality(new.follows) > 0) then
        raise exception 'a delivery starts queued or held, untouched' using errcode = 'AX001';
    end if;
    if new.state = 'held' then
        insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
        values (gen_random_uuid(), 'delivery.held', new.package_id, new.id, new.unit_id, 'axis',
                jsonb_build_object('follows', new.follows));
    end if;
    return new;
end $$;
drop trigger delivery_starts on delivery;
create trigger delivery_starts before insert on delivery for each row
    when (new.state <> 'queued' or new.handling <> '' or new.taking_back <> '' or new.attempts <> 0 or new.follows <> '{}')
    execute function delivery_starts();

-- What the axis itself has to say to a sender (01 for units that wish it, 15 for what never left): written
-- by the statement that knows it, made into a status package soon after (hub/notices.py).
create table notice (
    id          uuid primary key default gen_random_uuid(),
    delivery_id uuid not null references delivery,
    code        text not null check (code in ('01', '15')),
    why         text not null check (why in ('confirmed', 'never-left')),
    created_at  timestamptz not null default now(),
    not_before  timestamptz not null default now(),
    unique (delivery_id, code)
);
create index notice_due on notice (not_before);

-- A delivery came to an end, or its receiver fetched it: what stood behind it may go, and the axis may have
-- to report the arrival. Here, and not in the statements, so that no way to an end can forget it.
--   an update waits until the document was delivered; a replacement also goes when the receiver's system
--   refused the document; a recall or a request for return may follow as soon as the document was fetched.
create function delivery_settled() returns trigger language plpgsql as $$
begin
    with freed as (
        update delivery d
        set follows = array_remove(d.follows, new.id), next_attempt_at = now(), changed_at = now(),
            state = case when cardinality(d.follows) = 1 then 'queued' else 'held' end
        where d.follows @> array[new.id] and d.state = 'held'
          and (new.state in ('delivered', 'recalled')
               or (new.state = 'refused' and d.business_type = 3)
               or (new.fetched_at is not null and (d.business_type = 1 or d.kind = 'status')))
        returning d.id, d.package_id, d.unit_id, d.state
    )
    insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
    select gen_random_uuid(), 'delivery.freed', package_id, id, unit_id, 'axis', jsonb_build_object('followed', new.id)
    from freed where state = 'queued';
    if new.state = 'delivered' and new.handling = '' and new.taking_back = ''
       and new.kind = 'document' and new.business_type in (0, 3) then
        insert into notice (delivery_id, code, why)
        select new.id, '01', 'confirmed' from unit where id = new.unit_id and auto_arrived
        on conflict do nothing;
    end if;
    return null;
end $$;
create trigger delivery_settled after update of state, fetched_at on delivery for each row
    when ((new.state in ('delivered', 'refused', 'recalled') and new.state <> old.state)
          or (new.fetched_at is not null and old.fetched_at is null))
    execute function delivery_settled();

-- Counters. A cohort is the deliveries of one day (Vietnam), pair of units and type (-1: statuses); its row
-- says how they stand now. Changes are appended to ``tally_change`` by triggers, in the transaction of the
-- change itself, and folded into ``tally`` every few seconds: no two acceptances wait for one counter, and a
-- report that adds both is exact at every moment.
create table tally (
    day date, source_unit uuid, unit_id uuid, type smallint,
    n               integer not null,
    again           integer not null,
    delivered       integer not null,
    refused         integer not null,
    recalled        integer not null,
    waiting         integer not null,
    failures        integer not null,
    priority_1      integer not null,
    priority_2      integer not null,
    priority_3      integer not null,
    priority_4      integer not null,
    proven          integer not null,
    attached        integer not null,
    paper_without   integer not null,
    paper_with      integer not null,
    returned        integer not null,
    told            integer not null,
    told_late       integer not null,
    registered      integer not null,
    registered_late integer not null,
    with_due_date   integer not null,
    finished        integer not null,
    finished_late   integer not null,
    overdue_arrival integer not null,
    overdue_register integer not null,
    overdue_finish  integer not null,
    asked_back      integer not null,
    recall_ordered  integer not null,
    given_back      integer not null,
    denied          integer not null,
    primary key (day, source_unit, unit_id, type)
);
create index tally_unit on tally (unit_id, day);
create index tally_source on tally (source_unit, day);
create table tally_change (like tally);

create table sent_tally (
    day date, source_unit uuid, type smallint,
    n               integer not null,
    units           integer not null,
    priority_1      integer not null,
    priority_2      integer not null,
    priority_3      integer not null,
    priority_4      integer not null,
    proven          integer not null,
    attached        integer not null,
    paper_without   integer not null,
    paper_with      integer not null,
    late            integer not null,
    primary key (day, source_unit, type)
);
create table sent_tally_change (like sent_tally);
-- Rows live here for seconds: what they leave behind is cleared by count, not by share of an empty table.
alter table tally_change set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
alter table sent_tally_change set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

create function vietnam_day(at timestamptz) returns date language sql immutable
    return (at at time zone 'UTC' + interval '7 hours')::date;

create function tally_type(kind text, business_type smallint) returns smallint language sql immutable
    return case when kind = 'status' then -1::smallint else business_type end;

create type measure as (
    delivered int, refused int, recalled int, waiting int, returned int, told int, told_late int, registered int,
    registered_late int, finished int, finished_late int, overdue_arrival int, overdue_register int, overdue_finish int,
    asked_back int, recall_ordered int, given_back int, denied int
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
           (d.taking_back = '13')::int, (d.taking_back = 'recall')::int, (d.taking_back = '15')::int,
           (d.taking_back = '16')::int
    from (select d.state not in ('recalled', 'refused') and d.taking_back not in ('15', 'recall')
                 and d.handling not in ('02', '06') as open) as x
$$;

create function delivery_counted() returns trigger language plpgsql as $$
begin
    insert into tally_change
    select vietnam_day(d.created_at), d.source_unit, d.unit_id, tally_type(d.kind, d.business_type),
           1, (d.round > 1)::int, 0, 0, 0, 1, 0,
           (d.priority = 1)::int, (d.priority = 2)::int, (d.priority = 3)::int, (d.priority = 4)::int,
           (p.verdict = 'proven')::int, (p.verdict = 'attached')::int, (p.paper = '0')::int, (p.paper = '1')::int,
           0, 0, 0, 0, 0, (d.finish_due_at is not null)::int, 0, 0, 0, 0, 0, 0, 0, 0, 0
    from fresh d join package p on p.id = d.package_id;
    return null;
end $$;
create trigger delivery_counted after insert on delivery referencing new table as fresh
    for each statement execute function delivery_counted();

create function delivery_recounted() returns trigger language plpgsql as $$
declare
    a measure := measured(old);
    b measure := measured(new);
    failed int := (old.state = 'sending' and new.state = 'queued')::int;
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
        b.recall_ordered - a.recall_ordered, b.given_back - a.given_back, b.denied - a.denied);
    return null;
end $$;
create trigger delivery_recounted
    after update of state, handling, taking_back, missed, told_at, registered_at, completed_at on delivery for each row
    when (new.handling <> old.handling or new.taking_back <> old.taking_back or new.missed <> old.missed
          or new.told_at is distinct from old.told_at or new.registered_at is distinct from old.registered_at
          or new.completed_at is distinct from old.completed_at
          or (new.state <> old.state and not (old.state = 'queued' and new.state = 'sending')))
    execute function delivery_recounted();

create function package_counted() returns trigger language plpgsql as $$
begin
    insert into sent_tally_change values (
        vietnam_day(new.received_at), new.source_unit, tally_type(new.kind, new.business_type), 1, new.units,
        (new.priority = 1)::int, (new.priority = 2)::int, (new.priority = 3)::int, (new.priority = 4)::int,
        (new.verdict = 'proven')::int, (new.verdict = 'attached')::int, (new.paper = '0')::int, (new.paper = '1')::int,
        coalesce(new.received_at > new.send_due_at, false)::int);
    return null;
end $$;
create trigger package_counted after insert on package for each row execute function package_counted();

-- What the reports read: both at once, in one statement, so that a row being folded is never missed or
-- counted twice.
create view tally_now as select * from tally union all select * from tally_change;
create view sent_tally_now as select * from sent_tally union all select * from sent_tally_change;

-- The same counters made anew from the rows: what ``tally`` must equal. Failures are not told by a
-- delivery, only by its moves, so they are 0 here.
create view delivery_counts as
select d.id, vietnam_day(d.created_at) as day, d.source_unit, d.unit_id, tally_type(d.kind, d.business_type) as type,
       1 as n, (d.round > 1)::int as again, m.delivered, m.refused, m.recalled, m.waiting, 0 as failures,
       (d.priority = 1)::int as priority_1, (d.priority = 2)::int as priority_2, (d.priority = 3)::int as priority_3,
       (d.priority = 4)::int as priority_4, (p.verdict = 'proven')::int as proven, (p.verdict = 'attached')::int as attached,
       (p.paper = '0')::int as paper_without, (p.paper = '1')::int as paper_with, m.returned, m.told, m.told_late,
       m.registered, m.registered_late, (d.finish_due_at is not null)::int as with_due_date, m.finished, m.finished_late,
       m.overdue_arrival, m.overdue_register, m.overdue_finish, m.asked_back, m.recall_ordered, m.given_back, m.denied
from delivery d join package p on p.id = d.package_id, lateral measured(d) m;
create view package_counts as
select p.id, vietnam_day(p.received_at) as day, p.source_unit, tally_type(p.kind, p.business_type) as type, 1 as n,
       p.units::int as units, (p.priority = 1)::int as priority_1, (p.priority = 2)::int as priority_2,
       (p.priority = 3)::int as priority_3, (p.priority = 4)::int as priority_4, (p.verdict = 'proven')::int as proven,
       (p.verdict = 'attached')::int as attached, (p.paper = '0')::int as paper_without, (p.paper = '1')::int as paper_with,
       coalesce(p.received_at > p.send_due_at, false)::int as late
from package p;

-- What was stored before there were counters.
insert into sent_tally
select day, source_unit, type, sum(n), sum(units), sum(priority_1), sum(priority_2), sum(priority_3), sum(priority_4),
       sum(proven), sum(attached), sum(paper_without), sum(paper_with), sum(late)
from package_counts group by 1, 2, 3;
insert into tally
select day, source_unit, unit_id, type, sum(n), sum(again), sum(delivered), sum(refused), sum(recalled), sum(waiting),
       sum(failures), sum(priority_1), sum(priority_2), sum(priority_3), sum(priority_4), sum(proven), sum(attached),
       sum(paper_without), sum(paper_with), sum(returned), sum(told), sum(told_late), sum(registered),
       sum(registered_late), sum(with_due_date), sum(finished), sum(finished_late), sum(overdue_arrival),
       sum(overdue_register), sum(overdue_finish), sum(asked_back), sum(recall_ordered), sum(given_back), sum(denied)
from delivery_counts group by 1, 2, 3, 4;

-- Alerts: one row per deadline missed, and one when it is escalated; messages carry them to people.
create table alert (
    id          uuid primary key,
    at          timestamptz not null default now(),
    rule        text not null check (rule in ('send', 'arrival', 'register', 'finish')),
    level       smallint not null check (level in (1, 2)),
    delivery_id uuid not null references delivery,
    package_id  uuid not null references package,
    unit_id     uuid not null references unit,
    due_at      timestamptz not null,
    priority    smallint not null,
    unique (delivery_id, rule, level)
);
comment on column alert.unit_id is 'who missed it';
create index alert_unit on alert (unit_id, at);
create index alert_at on alert (at);

create table alert_message (
    id         uuid primary key,
    channel    text not null check (channel in ('email', 'webhook')),
    address    text not null,
    unit_id    uuid references unit,
    alerts     uuid[] not null check (cardinality(alerts) > 0),
    priority   smallint not null,
    created_at timestamptz not null default now(),
    next_at    timestamptz not null default now(),
    attempts   integer not null default 0,
    sent_at    timestamptz,
    note       text not null default ''
);
create index alert_message_due on alert_message (next_at) where sent_at is null;

-- The working calendar of this deployment: days that differ, and the years whose decision was entered.
create table calendar_day (
    day        date primary key,
    kind       text not null check (kind in ('holiday', 'make-up', 'worked')),
    name       text not null,
    source     text not null,
    entered_by text not null,
    entered_at timestamptz not null default now()
);
create table calendar_year (
    year       integer primary key,
    decision   text not null,
    entered_by text not null,
    entered_at timestamptz not null default now()
);
create trigger calendar_day_changed after insert or update or delete on calendar_day
    for each statement execute function directory_changed();
create trigger calendar_year_changed after insert or update or delete on calendar_year
    for each statement execute function directory_changed();
