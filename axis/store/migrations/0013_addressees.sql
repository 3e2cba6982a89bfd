-- What each of several addressees of one delivery said (axis/domain/addressees.py). A row is written with the first
-- word of or to that addressee; until then it stands where the delivery stands.
create table addressee (
    delivery_id uuid not null references delivery,
    code        text not null,
    handling    text not null default '',
    taking_back text not null default '',
    reason      text not null default '',
    changed_at  timestamptz not null default now(),
    primary key (delivery_id, code)
);

-- The addressees of a delivery as they stand now; null where there is only one, who is the delivery itself.
create function addressees(d delivery) returns jsonb language sql stable as $$
    select case when cardinality(d.receivers) > 1 then (
        select jsonb_agg(jsonb_build_object(
                   'code', t.code, 'handling', coalesce(a.handling, d.handling),
                   'taking_back', coalesce(a.taking_back, d.taking_back), 'reason', coalesce(a.reason, d.reason))
               order by t.place)
        from unnest(d.receivers) with ordinality as t(code, place)
        left join addressee a on a.delivery_id = d.id and a.code = t.code) end
$$;

create or replace function grant_reading() returns boolean language plpgsql as $$
begin
    if to_regrole('axis_reader') is null then
        return false;
    end if;
    grant usage on schema public to axis_reader;
    grant select on unit, unit_code, unit_health, signer, anchor, directory_version, package, delivery, addressee, attempt,
        journal, receipt, link, notice, transport_move, handling_move, taking_back_move, tally, tally_change, sent_tally,
        sent_tally_change, tally_now, sent_tally_now, delivery_counts, package_counts, alert, alert_message,
        calendar_day, calendar_year, backlog_sample, person_seen, credential_seen, schema_migration to axis_reader;
    return true;
end $$;
select grant_reading();

-- What is true of the whole delivery is true of each addressee, whichever statement said it.
create function addressees_follow() returns trigger language plpgsql as $$
begin
    update addressee set taking_back = new.taking_back, changed_at = now()
    where delivery_id = new.id and taking_back not in ('15', new.taking_back)
      and (new.taking_back in ('15', 'recall') or (new.taking_back = '13' and handling <> '02'))
      and (new.taking_back <> '15' or taking_back in ('13', 'recall'));
    return null;
end $$;
create trigger addressees_follow after update of taking_back on delivery for each row
    when (cardinality(new.receivers) > 1 and new.taking_back in ('13', '15', 'recall')
          and new.taking_back <> old.taking_back)
    execute function addressees_follow();
