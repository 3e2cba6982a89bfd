-- One document found among millions, whoever looks: the index of words knows whose a document is and about when it
-- came; how a delivery stands is a column with an index; and a list of what came reads what came.

alter table package add column parties uuid[] not null default '{}';
comment on column package.parties is 'of a document: the unit that sent it and those it was routed to';
alter table package disable trigger user;
update package p set parties = array(
    select p.source_unit union select d.unit_id from delivery d where d.package_id = p.id) where p.kind = 'document';
alter table package enable trigger user;

-- Documents of the same fifty days share this word, which nobody can type: ids begin with their time, and 2^32
-- milliseconds are 49.7 days. With it a common word is looked for among the newest first (store/spans.py).
create function span_of(id uuid) returns text language sql immutable parallel safe return '@' || substr(id::text, 1, 4);

alter table package drop column search;
alter table package add column search tsvector generated always as (
    case when kind = 'document' then to_tsvector('simple', folded(
        code_number || ' ' || replace(code_notation, '-', ' ') || ' ' || type_name || ' ' || subject || ' ' || sender_name
        || ' ' || signer_name)) || array_to_tsvector(array[span_of(id)]) end) stored;
create index package_search on package using gin (parties, search) where kind = 'document';

-- How a delivery stands in one word, for the filters of the lists: the worst thing first.
drop function standing_of(delivery);
alter table delivery add column standing text not null generated always as (
    case
        when state = 'recalled' or taking_back in ('recall', '15') then 'taken-back'
        when handling = '02' then 'returned'
        when state = 'refused' then 'refused'
        when handling = '06' then 'finished'
        when (missed & 1 <> 0 and told_at is null) or (missed & 2 <> 0 and registered_at is null)
             or (missed & 4 <> 0 and completed_at is null) then 'overdue'
        when taking_back = '13' then 'asked-back'
        when handling in ('03', '04', '05') then 'accepted'
        when arrived_at is not null or state = 'delivered' then 'arrived'
        else 'on-its-way' end) stored;
create index delivery_stands_in on delivery (unit_id, standing, id)
    where kind = 'document' and (arrived_at is not null or fetched_at is not null or state = 'delivered');
create index delivery_stands_out on delivery (source_unit, standing, package_id) where kind = 'document';
-- What a unit had of what is on its way to it: the list costs the same whether ten or ten thousand wait to be fetched.
-- A row enters when its receiver may see it, so acceptance pays nothing for these two.
create index delivery_had on delivery (unit_id, id)
    where kind = 'document' and (arrived_at is not null or fetched_at is not null or state = 'delivered');
-- Sent again, and so newer than its document.
create index delivery_again on delivery (unit_id, id) where round > 1;

-- How many wait for each unit, up to 10,000, and since when; asked every few seconds: unit by unit, so that only the
-- index of what waits serves, whatever the planner believes of a long backlog. Ids sort by time within a priority.
create view waiting_now as
    select u.id as unit_id, u.code, w.waiting, w.oldest
    from unit u cross join lateral (
        select (select count(*) from (select from delivery d where d.unit_id = u.id and d.state in ('queued', 'sending')
                                      limit 10000) x) as waiting,
               (select min(first.created_at)
                from unnest(array['document', 'status']) k(kind), unnest(array['queued', 'sending']) s(state),
                     generate_series(0, 4) p(priority),
                     lateral (select d.created_at from delivery d
                              where d.unit_id = u.id and d.kind = k.kind and d.state = s.state
                                and d.state in ('queued', 'sending') and d.priority = p.priority::smallint
                              order by d.id limit 1) first) as oldest
        offset 0) w  -- counted once, not again for the condition
    where w.waiting > 0;
