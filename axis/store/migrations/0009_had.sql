-- What a unit had of what is on its way to it: the list of what came costs the same whether ten or ten thousand wait
-- to be fetched. A row enters when its receiver may see it, so acceptance pays nothing for this index.
create index delivery_had on delivery (unit_id, id)
    where kind = 'document' and (arrived_at is not null or fetched_at is not null or state = 'delivered');
