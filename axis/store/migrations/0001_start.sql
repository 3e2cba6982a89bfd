-- The first schema: directory, packages, deliveries, journal, receipts.
-- Moves of the two state machines stand here as rows equal to axis/domain/states.py (a test holds
-- them equal); triggers refuse every other move whoever asks, so that no bug, console or hand-typed
-- UPDATE can bring a delivery into a state that has no story.

create table unit (
    id              uuid primary key,
    code            text not null unique check (code <> ''),
    name            text not null check (name <> ''),
    parent          text not null default '',
    aliases         text[] not null default '{}',
    state           text not null check (state in ('draft', 'testing', 'live', 'suspended', 'retired')),
    adapter         text not null,
    settings        jsonb not null default '{}',
    policy          text not null check (policy in ('required', 'attached', 'reference-only')),
    email           text not null default '',
    sha1_until      date,
    inclusive_c14n  boolean not null default false,
    relays          boolean not null default false,
    paused          boolean not null default false,
    created_at      timestamptz not null default now(),
    changed_at      timestamptz not null default now()
);

-- Every code and alias in normal form, once over the whole directory: two units that answer to one
-- code would be a misdelivery waiting to happen.
create table unit_code (
    code    text primary key,
    unit_id uuid not null references unit
);
create index unit_code_unit on unit_code (unit_id);

-- What the courier learns about a unit's system. Apart from ``unit`` because it changes at run time.
create table unit_health (
    unit_id         uuid primary key references unit,
    failures        integer not null default 0,
    not_before      timestamptz not null default '-infinity',
    last_success_at timestamptz,
    last_error_at   timestamptz,
    last_error      text not null default '',
    last_call_at    timestamptz
);

create table credential (
    id         uuid primary key,
    unit_id    uuid not null references unit,
    kind       text not null,
    public_id  text not null,
    sealed     text not null,
    created_at timestamptz not null default now(),
    valid_to   timestamptz,
    revoked_at timestamptz
);
create index credential_live on credential (kind, public_id) where revoked_at is null;

create table signer (
    unit_id     uuid not null references unit,
    fingerprint text not null,
    certificate bytea not null,
    valid_from  timestamptz not null,
    valid_to    timestamptz not null,
    added_at    timestamptz not null default now(),
    primary key (unit_id, fingerprint)
);

create table anchor (
    fingerprint text primary key,
    certificate bytea not null,
    subject     text not null,
    added_at    timestamptz not null default now()
);

-- One row that changes whenever the directory does: processes compare it instead of re-reading all.
create table directory_version (
    one     boolean primary key default true check (one),
    version bigint not null
);
insert into directory_version (version) values (1);

create function directory_changed() returns trigger language plpgsql as $$
begin
    update directory_version set version = version + 1;
    perform pg_notify('axis_directory', '');  -- a hint; rare enough to be sent inside the transaction
    return null;
end $$;
create trigger unit_changed after insert or update or delete on unit
    for each statement execute function directory_changed();
create trigger credential_changed after insert or update or delete on credential
    for each statement execute function directory_changed();
create trigger signer_changed after insert or update or delete on signer
    for each statement execute function directory_changed();
create trigger anchor_changed after insert or update or delete on anchor
    for each statement execute function directory_changed();

create table package (
    id                uuid primary key,
    kind              text not null check (kind in ('document', 'status')),
    business_type     smallint not null,
    sender            text not null,
    sender_name       text not null,
    source_unit       uuid not null references unit,
    identity          text not null,
    document_id       text not null,
    code_number       text not null,
    code_notation     text not null,
    subject           text not null,
    type_name         text not null,
    promulgation_date date,
    due_date          date,
    signer_name       text not null,
    priority          smallint not null check (priority between 0 and 4),
    paper             text not null,
    about             text not null,
    status_code       text not null,
    sha256            text not null check (length(sha256) = 64),
    size              bigint not null check (size > 0),
    encoding          text not null,
    verdict           text not null check (verdict in ('proven', 'attached', 'unproven')),
    details           jsonb not null,
    front             text not null,
    received_at       timestamptz not null default now()
);
comment on column package.identity is 'what makes it the same again for its sender: see Package.identity';
comment on column package.about is 'DocumentId of the document a status, recall, update or replacement speaks of';
comment on column package.details is 'the rest of the header, attachments, findings and signer: never in list queries';
create unique index package_identity on package (sender, identity);
create index package_document on package (sender, document_id) where kind = 'document';
create index package_sha256 on package (sha256);
create index package_source on package (source_unit, kind, id desc);

create table transport_move (
    event text, origin text, target text,
    primary key (origin, target, event)
);
insert into transport_move (event, origin, target) values
    ('claimed', 'queued', 'sending'),
    ('fetched', 'queued', 'sending'),
    ('delivered', 'sending', 'delivered'),
    ('delivered', 'queued', 'delivered'),
    ('refused', 'sending', 'refused'),
    ('postponed', 'sending', 'queued'),
    ('released', 'sending', 'queued'),
    ('parked', 'queued', 'parked'),
    ('parked', 'sending', 'parked'),
    ('replayed', 'parked', 'queued'),
    ('replayed', 'refused', 'queued'),
    ('delivered', 'parked', 'delivered'),
    ('recalled', 'queued', 'recalled'),
    ('recalled', 'parked', 'recalled');

create table handling_move (
    origin text, target text,
    primary key (origin, target)
);
insert into handling_move (origin, target) values
    ('', '01'), ('', '02'), ('', '03'), ('', '04'), ('', '05'), ('', '06'),
    ('01', '02'), ('01', '03'), ('01', '04'), ('01', '05'), ('01', '06'),
    ('03', '04'), ('03', '05'), ('03', '06'),
    ('04', '05'), ('04', '06'),
    ('05', '06');

create table taking_back_move (
    origin text, target text,
    primary key (origin, target)
);
insert into taking_back_move (origin, target) values
    ('', '13'), ('13', '15'), ('13', '16'), ('16', '13');

create table delivery (
    id              uuid primary key,
    package_id      uuid not null references package,
    unit_id         uuid not null references unit,
    receivers       text[] not null check (cardinality(receivers) > 0),
    kind            text not null,
    priority        smallint not null,
    state           text not null default 'queued',
    handling        text not null default '',
    taking_back     text not null default '',
    attempts        integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    lease_until     timestamptz,
    holder          text not null default '',
    fetched_at      timestamptz,
    finished_at     timestamptz,
    note            text not null default '',
    created_at      timestamptz not null default now(),
    changed_at      timestamptz not null default now(),
    unique (package_id, unit_id),
    check ((finished_at is not null) = (state in ('delivered', 'refused', 'recalled'))),
    check (lease_until is null or state = 'sending')
) with (fillfactor = 85);
comment on column delivery.attempts is 'also the fencing token: a settling write names the attempt it settles';
-- Only waiting rows: the claim stays as fast with ten years of finished deliveries behind it.
create index delivery_waiting on delivery (unit_id, priority, next_attempt_at) where state = 'queued';
create index delivery_leased on delivery (lease_until) where lease_until is not null;
create index delivery_inbox on delivery (unit_id, kind, state, priority desc, id) where state in ('queued', 'sending');
create index delivery_parked on delivery (changed_at) where state in ('parked', 'refused');

create function delivery_guard() returns trigger language plpgsql as $$
begin
    if new.state is distinct from old.state
       and not exists (select from transport_move where origin = old.state and target = new.state) then
        raise exception 'illegal transport move % -> %', old.state, new.state using errcode = 'AX001';
    end if;
    if new.handling is distinct from old.handling
       and (not exists (select from handling_move where origin = old.handling and target = new.handling)
            or old.taking_back = '15') then
        raise exception 'illegal handling move % -> %', old.handling, new.handling using errcode = 'AX002';
    end if;
    if new.taking_back is distinct from old.taking_back
       and (not exists (select from taking_back_move where origin = old.taking_back and target = new.taking_back)
            or (new.taking_back = '13' and old.handling = '02')) then
        raise exception 'illegal taking-back move % -> %', old.taking_back, new.taking_back using errcode = 'AX003';
    end if;
    if (new.package_id, new.unit_id, new.id, new.receivers, new.kind)
       is distinct from (old.package_id, old.unit_id, old.id, old.receivers, old.kind) then
        raise exception 'a delivery never changes its package or its receiver' using errcode = 'AX004';
    end if;
    return new;
end $$;
create trigger delivery_guard
    before update of state, handling, taking_back, package_id, unit_id, id, receivers, kind on delivery
    for each row execute function delivery_guard();

create function delivery_starts() returns trigger language plpgsql as $$
begin
    if new.state <> 'queued' or new.handling <> '' or new.taking_back <> '' or new.attempts <> 0 then
        raise exception 'a delivery starts queued, untouched' using errcode = 'AX001';
    end if;
    return new;
end $$;
create trigger delivery_starts before insert on delivery for each row execute function delivery_starts();

create table attempt (
    delivery_id uuid not null references delivery,
    attempt     integer not null,
    started_at  timestamptz not null,
    finished_at timestamptz not null,
    outcome     text not null check (outcome in ('delivered', 'refused', 'later', 'lost')),
    detail      text not null,
    holder      text not null,
    primary key (delivery_id, attempt)
);

create table journal (
    position    bigint generated always as identity primary key,
    id          uuid not null,
    at          timestamptz not null default clock_timestamp(),
    event       text not null,
    package_id  uuid,
    delivery_id uuid,
    unit_id     uuid,
    actor       text not null,
    data        jsonb not null default '{}'
);
create index journal_package on journal (package_id, position) where package_id is not null;
create index journal_unit on journal (unit_id, position) where unit_id is not null;

create table receipt (
    event_id    uuid primary key,
    package_id  uuid not null,
    delivery_id uuid,
    event       text not null,
    jws         text not null,
    made_at     timestamptz not null default now()
);
create index receipt_package on receipt (package_id, made_at);

create function append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'AX005';
end $$;
create trigger journal_append_only before update or delete on journal for each row execute function append_only();
create trigger journal_no_truncate before truncate on journal for each statement execute function append_only();
create trigger receipt_append_only before update or delete on receipt for each row execute function append_only();
create trigger receipt_no_truncate before truncate on receipt for each statement execute function append_only();
create trigger package_kept before update or delete on package for each row execute function append_only();
create trigger package_no_truncate before truncate on package for each statement execute function append_only();
create trigger delivery_kept before delete on delivery for each row execute function append_only();
create trigger delivery_no_truncate before truncate on delivery for each statement execute function append_only();
create trigger attempt_append_only before update or delete on attempt for each row execute function append_only();
create trigger attempt_no_truncate before truncate on attempt for each statement execute function append_only();
