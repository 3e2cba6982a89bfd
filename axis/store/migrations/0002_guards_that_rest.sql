-- The guards of ``delivery`` stay, but are not called where nothing can be wrong: a procedure call and
-- its look-ups cost more than the row. A row that starts as every row starts is told by the condition
-- itself; so is the one move made fifty at a time, the claim (its row in transport_move: claimed,
-- queued -> sending). Whatever else changes in the same row still calls the guard.

drop trigger delivery_starts on delivery;
create trigger delivery_starts before insert on delivery for each row
    when (new.state <> 'queued' or new.handling <> '' or new.taking_back <> '' or new.attempts <> 0)
    execute function delivery_starts();

drop trigger delivery_guard on delivery;
create trigger delivery_guard
    before update of state, handling, taking_back, package_id, unit_id, id, receivers, kind on delivery
    for each row
    when (not (old.state = 'queued' and new.state = 'sending'
               and new.handling = old.handling and new.taking_back = old.taking_back
               and new.package_id = old.package_id and new.unit_id = old.unit_id and new.id = old.id
               and new.receivers = old.receivers and new.kind = old.kind))
    execute function delivery_guard();
