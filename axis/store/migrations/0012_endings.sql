-- What was given back, returned or taken back goes nowhere any more, whatever way it was on: every delivery has an
-- end. The rules of axis/domain/states.py, and what no statement may forget.

insert into transport_move (event, origin, target) values ('delivered', 'held', 'delivered');

alter table delivery add column last_try boolean not null default false;
comment on column delivery.last_try is 'an update whose document was taken back meanwhile: no attempt after the one under way';

-- A recall is carried out, never returned (Decision 28 Art. 8.2, 9.2).
create or replace function delivery_guard() returns trigger language plpgsql as $$
begin
    if new.state is distinct from old.state
       and not exists (select from transport_move where origin = old.state and target = new.state) then
        raise exception 'illegal transport move % -> %', old.state, new.state using errcode = 'AX001';
    end if;
    if new.handling is distinct from old.handling
       and (not exists (select from handling_move where origin = old.handling and target = new.handling)
            or (old.taking_back in ('15', 'recall') and old.business_type in (0, 3))
            or (new.handling = '02' and old.business_type = 1)) then
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

-- Where a delivery goes that an attempt did not bring, or that an operator would hold ($2): to its end where nothing
-- of it may travel any more. Given back, ordered back, or asked back before anybody had it: recalled. Returned: its
-- receiver has it and says so.
create function comes_to(d delivery, otherwise text) returns text language sql immutable as $$
    select case
        when d.last_try then 'recalled'
        when d.business_type not in (0, 3) or d.kind <> 'document' then otherwise
        when d.taking_back in ('recall', '15') then 'recalled'
        when d.taking_back = '13' and d.handling = '' and d.fetched_at is null then 'recalled'
        when d.handling = '02' then 'delivered'
        else otherwise end
$$;

create function without(ids uuid[], gone uuid[]) returns uuid[] language sql immutable
    return array(select i from unnest(ids) i where i <> all(gone));

-- As before (0003), and: a replacement does not wait for the updates of a document that was refused, which wait for
-- that document themselves; a recall or request goes on when what it waited for was refused, since nothing more
-- comes of that; and arrival is reported while a request is open or was denied.
create or replace function delivery_settled() returns trigger language plpgsql as $$
declare
    waiting uuid[] := array[new.id];
begin
    if new.state = 'refused' then
        select waiting || coalesce(array_agg(d.id), '{}') into waiting
        from delivery d where d.follows @> array[new.id] and d.state = 'held' and d.business_type = 2;
    end if;
    with freed as (
        update delivery d
        set follows = without(d.follows, waiting), next_attempt_at = now(), changed_at = now(),
            state = case when without(d.follows, waiting) = '{}' then 'queued' else 'held' end
        where d.follows @> array[new.id] and d.state = 'held'
          and (new.state in ('delivered', 'recalled')
               or (new.state = 'refused' and d.business_type <> 2)
               or (new.fetched_at is not null and (d.business_type = 1 or d.kind = 'status')))
        returning d.id, d.package_id, d.unit_id, d.state
    )
    insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
    select gen_random_uuid(), 'delivery.freed', package_id, id, unit_id, 'axis', jsonb_build_object('followed', new.id)
    from freed where state = 'queued';
    if new.state = 'delivered' and new.handling = '' and new.taking_back in ('', '13', '16')
       and new.kind = 'document' and new.business_type in (0, 3) then
        insert into notice (delivery_id, code, why)
        select new.id, '01', 'confirmed' from unit where id = new.unit_id and auto_arrived
        on conflict do nothing;
    end if;
    return null;
end $$;

-- A document was taken back from a receiver, by whatever way: its updates have nothing left to say there. What has
-- not left ends; an attempt under way is the last one. An older round ends nothing: the newer one goes on.
create function delivery_frozen() returns trigger language plpgsql as $$
begin
    with ended as (
        update delivery u
        set state = case when u.state = 'sending' then 'sending' else 'recalled' end, last_try = true,
            finished_at = case when u.state = 'sending' then null else now() end, changed_at = now()
        from link l
        where l.about = new.package_id and l.kind = 'update' and u.package_id = l.package_id and u.business_type = 2
          and (u.unit_id = new.unit_id or u.receivers && new.receivers)
          and u.state in ('queued', 'held', 'sending', 'parked', 'refused')
          and not exists (select from delivery n where n.package_id = new.package_id and n.unit_id = new.unit_id
                                                   and n.round > new.round)
        returning u.id, u.package_id, u.unit_id, u.state
    )
    insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
    select gen_random_uuid(), 'delivery.recalled', package_id, id, unit_id, 'axis', jsonb_build_object('followed', new.id)
    from ended where state = 'recalled';
    return null;
end $$;
-- By its name it comes before delivery_settled, which would free what ends here.
create trigger delivery_frozen after update of state, taking_back on delivery for each row
    when (new.kind = 'document' and new.business_type in (0, 3)
          and ((new.taking_back in ('15', 'recall') and old.taking_back not in ('15', 'recall'))
               or (new.state = 'recalled' and old.state <> 'recalled')))
    execute function delivery_frozen();

-- A link may name a document before that comes. Then ``about`` is filled, once; nothing else of a link ever changes.
create index link_open on link (document_id) where about is null;
drop trigger link_append_only on link;
create function link_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.about is null and new.about is not null
       and (new.package_id, new.kind, new.document_id) = (old.package_id, old.kind, old.document_id) then
        return new;
    end if;
    raise exception 'link is append-only' using errcode = 'AX005';
end $$;
create trigger link_append_only before update or delete on link for each row execute function link_kept();

-- The recall was here first (a relay's: its documents may come another way): what comes now is taken back from the
-- units of the recall before anybody can fetch it, and the axis answers for them.
create function recalled_before() returns trigger language plpgsql as $$
begin
    with ordered as (
        update delivery d set taking_back = 'recall', look_at = null, changed_at = now()
        where d.package_id = new.about and d.taking_back = ''
          and exists (select from delivery r where r.package_id = new.package_id
                                               and (r.unit_id = d.unit_id or r.receivers && d.receivers))
        returning d.id, d.package_id, d.unit_id
    )
    insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
    select gen_random_uuid(), 'recall.ordered', package_id, id, unit_id, 'axis',
           jsonb_build_object('package', new.package_id, 'told', false, 'why', 'recalled-before') from ordered;
    with ended as (
        update delivery d set taking_back = '15', state = 'recalled', finished_at = now(), changed_at = now()
        where d.package_id = new.about and d.taking_back = 'recall' and d.state in ('queued', 'held')
        returning d.id, d.package_id, d.unit_id
    ), said as (
        insert into notice (delivery_id, code, why) select id, '15', 'never-left' from ended on conflict do nothing
    )
    insert into journal (id, event, package_id, delivery_id, unit_id, actor, data)
    select gen_random_uuid(), 'delivery.recalled', package_id, id, unit_id, 'axis',
           jsonb_build_object('package', new.package_id, 'why', 'recalled-before') from ended;
    return null;
end $$;
create trigger recalled_before after update of about on link for each row when (new.kind = 'recall')
    execute function recalled_before();
