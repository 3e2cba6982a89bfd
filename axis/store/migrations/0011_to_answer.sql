-- What waits for an answer is told apart from what was answered. A recall that nobody has carried out yet is not
-- done, and an update that was agreed to is not taken back: ``standing`` says so, and what is open has its index.

drop index delivery_stands_in;
drop index delivery_stands_out;
alter table delivery drop column standing;
alter table delivery add column standing text not null generated always as (
    case
        when state = 'recalled' or (business_type in (0, 3) and taking_back = '15') then 'taken-back'
        when handling = '02' then 'returned'
        when state = 'refused' then 'refused'
        when taking_back = 'recall' then 'to-answer'
        when business_type in (1, 2) and taking_back <> '' then 'answered'
        when business_type in (1, 2) and (arrived_at is not null or state = 'delivered') then 'to-answer'
        when handling = '06' then 'finished'
        when (missed & 1 <> 0 and told_at is null) or (missed & 2 <> 0 and registered_at is null)
             or (missed & 4 <> 0 and completed_at is null) then 'overdue'
        when taking_back = '13' then 'to-answer'
        when handling in ('03', '04', '05') then 'accepted'
        when arrived_at is not null or state = 'delivered' then 'arrived'
        else 'on-its-way' end) stored;
create index delivery_stands_in on delivery (unit_id, standing, id)
    where kind = 'document' and (arrived_at is not null or fetched_at is not null or state = 'delivered');
create index delivery_stands_out on delivery (source_unit, standing, package_id) where kind = 'document';

-- What waits for an answer, overdue or not, on either side.
create index delivery_to_answer_in on delivery (unit_id, id)
    where kind = 'document' and (taking_back in ('13', 'recall')
              or business_type in (1, 2) and taking_back = '' and (arrived_at is not null or state = 'delivered'))
          and handling <> '02' and state not in ('recalled', 'refused')
          and (arrived_at is not null or fetched_at is not null or state = 'delivered');
create index delivery_to_answer_out on delivery (source_unit, id)
    where kind = 'document' and (taking_back in ('13', 'recall')
              or business_type in (1, 2) and taking_back = '' and (arrived_at is not null or state = 'delivered'))
          and handling <> '02' and state not in ('recalled', 'refused');
