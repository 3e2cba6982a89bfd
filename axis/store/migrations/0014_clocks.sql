-- Clocks that nothing stops by accident, and a miss that is told again when its deadline was moved.

-- When the sweep over deadlines looks next, after a delivery moved. What is due to be looked at stays due: only the
-- sweep moves it on, or what it was to tell (a package sent too late above all) would never be told.
create function next_look(current timestamptz, wanted timestamptz) returns timestamptz language sql stable
    return case when current <= now() then current else wanted end;

-- The deadline to finish, for a receiver that has the document since ``had``; none when it had gone by before that,
-- and none for who never had it.
create function finish_clock(due timestamptz, had timestamptz) returns timestamptz language sql immutable
    return case when due > had then due end;

-- A deadline that was moved (a calendar entered late) and missed anew is another miss; the same moment is told once.
alter table alert drop constraint alert_delivery_id_rule_level_key;
alter table alert add constraint alert_once unique (delivery_id, rule, level, due_at);

-- Whether the replacement of a document (type 3) has come to a unit: from then on the document it replaces owes nothing.
create function replaced_at(package uuid, receiver uuid) returns boolean language sql stable
    return exists (
        select from link l join delivery d on d.package_id = l.package_id and d.unit_id = receiver
        where l.about = package and l.kind = 'replace' and d.arrived_at is not null);
