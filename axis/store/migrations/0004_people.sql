-- People of the console: who may sign in, what they prove themselves with, and where they are signed in.
-- Tokens are kept as SHA-256 only: a copy of the database opens no session and no invitation.

create table person (
    id            uuid primary key,
    login         text not null unique check (login ~ '^[a-z0-9][a-z0-9._@+-]{1,63}$'),
    name          text not null check (name <> ''),
    role          text not null check (role in ('clerk', 'unit-admin', 'operator', 'auditor')),
    unit_id       uuid references unit,
    password_hash text not null default '',
    totp_sealed   text not null default '',
    totp_step     bigint not null default 0,
    language      text not null default 'vi' check (language in ('vi', 'en')),
    state         text not null default 'invited' check (state in ('invited', 'active', 'disabled')),
    created_at    timestamptz not null default now(),
    changed_at    timestamptz not null default now(),
    last_login_at timestamptz,
    constraint person_of_a_unit check ((unit_id is not null) = (role in ('clerk', 'unit-admin')))
);
comment on column person.password_hash is 'Argon2id; empty: no password was set, sign-on elsewhere or an invitation still open';
comment on column person.totp_sealed is 'secret of the second factor, sealed under the key file; empty: none';
comment on column person.totp_step is 'the last 30-second step a code was used of: each code works once';
create index person_unit on person (unit_id, login) where unit_id is not null;

create table invitation (
    token      bytea primary key check (length(token) = 32),
    purpose    text not null check (purpose in ('first-run', 'invite', 'reset')),
    person_id  uuid references person,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz,
    constraint invitation_of_somebody check ((person_id is null) = (purpose = 'first-run'))
);
create index invitation_person on invitation (person_id);
-- However many processes start at once, one link for the first operator is open.
create unique index invitation_first_run on invitation (purpose) where purpose = 'first-run' and used_at is null;

create table session (
    token        bytea primary key check (length(token) = 32),
    id           uuid not null unique,
    person_id    uuid not null references person,
    stage        text not null check (stage in ('password', 'full')),
    method       text not null check (method in ('password', 'oidc', 'invitation')),
    strong       boolean not null default false,
    offer_sealed text not null default '',
    created_at   timestamptz not null,
    seen_at      timestamptz not null,
    until        timestamptz not null,
    address      text not null,
    agent        text not null
);
comment on column session.stage is 'password: the first factor only, good for the second step and nothing else';
comment on column session.strong is 'a second factor was proven';
comment on column session.offer_sealed is 'the secret offered for a second factor, until a code confirms it';
create index session_person on session (person_id);
create index session_until on session (until);

create table login_guard (
    key           text primary key,
    failures      integer not null,
    since         timestamptz not null,
    last_at       timestamptz not null,
    blocked_until timestamptz
);
comment on table login_guard is 'tries to sign in, counted before they are judged, so that many at once gain nothing';

create table oidc_link (
    issuer     text not null,
    subject    text not null,
    person_id  uuid not null references person,
    linked_at  timestamptz not null,
    primary key (issuer, subject),
    unique (issuer, person_id)
);

create table oidc_attempt (
    state      bytea primary key check (length(state) = 32),
    browser    bytea not null check (length(browser) = 32),
    nonce      text not null,
    verifier   text not null,
    next       text not null,
    expires_at timestamptz not null
);
comment on column oidc_attempt.browser is 'SHA-256 of the cookie it began with: an answer brought by another browser is refused';
