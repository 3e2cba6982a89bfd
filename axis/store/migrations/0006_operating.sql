-- What operators look at and act on. Rows that stand still until somebody moves them get an index of their own:
-- a delivery on its ordinary way is never in it, so it costs nothing there.
create index delivery_stuck on delivery (unit_id, state, id) where state in ('held', 'parked', 'refused');

-- Deliveries chosen for one act, fixed when they were shown: what is confirmed is this list, whatever the filter
-- finds by then.
create table selection (
    token      bytea primary key check (length(token) = 32),
    person_id  uuid not null references person,
    act        text not null check (act in ('replay', 'park')),
    deliveries uuid[] not null check (cardinality(deliveries) > 0),
    expires_at timestamptz not null
);
comment on table selection is 'one row until it is used or expires; token: SHA-256 of what stands in the address';
create index selection_expires on selection (expires_at);
