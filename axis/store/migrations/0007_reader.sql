-- Looking without touching: the role auditors read by, what it may see, and what helps to find things in the
-- journal; and samples of the backlog, from which its chart is drawn.

create table backlog_sample (
    at             timestamptz not null,
    unit_id        uuid not null,
    waiting        integer not null,
    oldest_seconds integer not null,
    primary key (unit_id, at)
);
comment on table backlog_sample is 'every five minutes: units for which something waits; and always the axis as a whole, whose unit_id is all zeros';
create index backlog_sample_at on backlog_sample (at);

-- People and keys without what they prove themselves with.
create view person_seen as
select id, login, name, role, unit_id, language, state, created_at, changed_at, last_login_at,
       password_hash <> '' as has_password, totp_sealed <> '' as has_totp
from person;
create view credential_seen as
select id, unit_id, kind, public_id, created_at, valid_to, revoked_at from credential;

-- Events about people, units and the calendar are few among those of the traffic, and searched by name. The traffic
-- is never in this index, so it pays nothing for it.
create index journal_aside on journal (event, position) where package_id is null;

-- The first position of the journal written at that moment or later, found by halving: the journal needs no
-- index by time, because its positions grow with time (but for rows written at the same moment: leave a margin).
create function journal_place(moment timestamptz) returns bigint language plpgsql stable as $$
declare
    low bigint := 0;
    high bigint;
    middle bigint;
    there timestamptz;
begin
    select coalesce(max(position), 0) + 1 into high from journal;
    while low < high loop
        middle := (low + high) / 2;
        select at into there from journal where position >= middle order by position limit 1;
        if there is null or there >= moment then
            high := middle;
        else
            low := middle + 1;
        end if;
    end loop;
    return low;
end $$;

-- The newest rows between two positions among which a search looks: of a package, of a unit, of one event that
-- stands aside from the traffic, or of all.
create function journal_near(high bigint, low bigint, most integer, of_package uuid, of_unit uuid, aside text)
returns table (place bigint, written_at timestamptz, what text, who text, about uuid, whose uuid)
language plpgsql stable as $$
begin
    if of_package is not null then
        return query select j.position, j.at, j.event, j.actor, j.package_id, j.unit_id from journal j
            where j.package_id = of_package and j.position < high and j.position >= low order by j.position desc limit most;
    elsif of_unit is not null then
        return query select j.position, j.at, j.event, j.actor, j.package_id, j.unit_id from journal j
            where j.unit_id = of_unit and j.position < high and j.position >= low order by j.position desc limit most;
    elsif aside <> '' then
        return query select j.position, j.at, j.event, j.actor, j.package_id, j.unit_id from journal j
            where j.event = aside and j.package_id is null and j.position < high and j.position >= low
            order by j.position desc limit most;
    else
        return query select j.position, j.at, j.event, j.actor, j.package_id, j.unit_id from journal j
            where j.position < high and j.position >= low order by j.position desc limit most;
    end if;
end $$;

-- What the reader may see. Nothing is granted by default: a table that is added later is not seen before it is
-- added here (by replacing this function), and a test names each one that is left out. Sealed secrets, password
-- hashes, sessions, invitations and sign-ons under way are left out.
create function grant_reading() returns boolean language plpgsql as $$
begin
    if to_regrole('axis_reader') is null then
        return false;
    end if;
    grant usage on schema public to axis_reader;
    grant select on unit, unit_code, unit_health, signer, anchor, directory_version, package, delivery, attempt, journal,
        receipt, link, notice, transport_move, handling_move, taking_back_move, tally, tally_change, sent_tally,
        sent_tally_change, tally_now, sent_tally_now, delivery_counts, package_counts, alert, alert_message,
        calendar_day, calendar_year, backlog_sample, person_seen, credential_seen, schema_migration to axis_reader;
    return true;
end $$;

-- Where the owner may not create roles (a database of somebody else's), the database's administrator says once:
--     create role axis_reader nologin;
--     grant axis_reader to OWNER;
-- Until then auditors read in read-only transactions under the owner, and pages and ``axis doctor`` say so.
do $$
begin
    if to_regrole('axis_reader') is null then
        create role axis_reader nologin;
    end if;
exception
    when insufficient_privilege then raise notice 'axis_reader could not be created';
    when duplicate_object or unique_violation then null;  -- another database of this server did it just now
end $$;
do $$
begin
    if to_regrole('axis_reader') is not null and not pg_has_role(current_user, 'axis_reader', 'MEMBER') then
        execute format('grant axis_reader to %I', current_user);
    end if;
exception
    when insufficient_privilege then raise notice 'axis_reader could not be granted';
end $$;
select grant_reading();
