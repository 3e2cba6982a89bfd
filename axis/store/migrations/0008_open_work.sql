-- What is open at a unit, so that the lists of what is late and the counts beside them cost the same after ten
-- years: a row leaves these indexes when somebody has done what is due. Their columns stand in the predicates of
-- delivery_late and delivery_untaken already, so updates cost no more than before.

create index delivery_overdue_in on delivery (unit_id, id)
    where kind = 'document' and (missed & 1 <> 0 and told_at is null or missed & 2 <> 0 and registered_at is null
          or missed & 4 <> 0 and completed_at is null) and handling not in ('02', '06')
          and state not in ('recalled', 'refused') and taking_back not in ('15', 'recall');
create index delivery_overdue_out on delivery (source_unit, id)
    where kind = 'document' and (missed & 1 <> 0 and told_at is null or missed & 2 <> 0 and registered_at is null
          or missed & 4 <> 0 and completed_at is null) and handling not in ('02', '06')
          and state not in ('recalled', 'refused') and taking_back not in ('15', 'recall');
create index delivery_untaken_in on delivery (unit_id, id)
    where kind = 'document' and arrived_at is not null and registered_at is null and handling in ('', '01')
          and state not in ('recalled', 'refused') and taking_back not in ('15', 'recall');
create index delivery_untaken_out on delivery (source_unit, id)
    where kind = 'document' and arrived_at is not null and registered_at is null and handling in ('', '01')
          and state not in ('recalled', 'refused') and taking_back not in ('15', 'recall');
