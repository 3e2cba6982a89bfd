-- name: clock
-- The database's time.
select clock_timestamp()

-- name: version
-- Changes whenever the directory does.
select version from directory_version

-- name: all_units
-- The whole directory: a few hundred rows at most.
select u.*, coalesce(h.failures, 0) as failures, h.not_before, h.last_success_at, h.last_error_at, h.last_error, h.last_call_at
from unit u left join unit_health h on h.unit_id = u.id order by u.code

-- name: all_signers
-- Who may sign for whom.
select unit_id, fingerprint, valid_from, valid_to from signer

-- name: all_credentials
-- Live credentials; several at once while one is rotated.
select unit_id, kind, public_id, sealed from credential
where revoked_at is null and (valid_to is null or valid_to > now()) order by created_at desc

-- name: all_anchors
-- Trust anchors as DER.
select certificate from anchor

-- name: list_anchors
-- Trust anchors for people.
select fingerprint, subject, added_at, certificate from anchor order by added_at

-- name: add
-- A new unit.
insert into unit (id, code, name, parent, aliases, state, adapter, settings, policy, email, sha1_until, inclusive_c14n, relays,
                  auto_arrived, contacts, alert_url)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)

-- name: add_code
-- A code or alias, in normal form; the primary key refuses a second owner.
insert into unit_code (code, unit_id) values ($1, $2)

-- name: owner_of_code
-- Who owns a code already.
select u.code from unit_code c join unit u on u.id = c.unit_id where c.code = $1

-- name: drop_codes
-- Forget a unit's codes before its new ones are written.
delete from unit_code where unit_id = $1

-- name: change
-- New values of a unit; the caller read the others under the same lock.
update unit set name = $2, parent = $3, aliases = $4, state = $5, adapter = $6, settings = $7, policy = $8, email = $9,
       sha1_until = $10, inclusive_c14n = $11, relays = $12, paused = $13, auto_arrived = $14, contacts = $15,
       alert_url = $16, changed_at = now()
where id = $1 returning id

-- name: lock
-- One unit, locked for a change.
select * from unit where code = $1 for update

-- name: add_credential
-- A credential, its secret sealed.
insert into credential (id, unit_id, kind, public_id, sealed, valid_to) values ($1, $2, $3, $4, $5, $6)

-- name: owner_of_credential
-- Another unit that already uses this public id.
select u.code from credential c join unit u on u.id = c.unit_id
where c.kind = $1 and c.public_id = $2 and c.revoked_at is null limit 1

-- name: credentials_of
-- What a unit can identify itself with; never the secrets.
select id, kind, public_id, created_at, valid_to, revoked_at from credential where unit_id = $1 order by created_at

-- name: expire_credentials
-- Rotation: the older secrets of this public id stay valid for the overlap only.
update credential set valid_to = least(coalesce(valid_to, 'infinity'), now() + make_interval(secs => $4))
where unit_id = $1 and kind = $2 and public_id = $3 and revoked_at is null

-- name: revoke_credential
-- At once.
update credential set revoked_at = now() where id = $1 and revoked_at is null returning unit_id

-- name: bind_signer
-- A certificate that may sign for a unit.
insert into signer (unit_id, fingerprint, certificate, valid_from, valid_to) values ($1, $2, $3, $4, $5)
on conflict do nothing returning fingerprint

-- name: signers_of
-- A unit's signing certificates.
select fingerprint, certificate, valid_from, valid_to, added_at from signer where unit_id = $1 order by valid_to

-- name: add_anchor
-- A certificate authority the axis trusts from now on.
insert into anchor (fingerprint, certificate, subject) values ($1, $2, $3) on conflict do nothing returning fingerprint

-- name: drop_anchor
-- No longer trusted.
delete from anchor where fingerprint = $1 returning subject

-- name: health_failed
-- One more failure of a unit's system; from the third on, nobody knocks before $3.
insert into unit_health (unit_id, failures, not_before, last_error_at, last_error)
values ($1, 1, '-infinity', now(), $2)
on conflict (unit_id) do update set failures = unit_health.failures + 1, last_error_at = now(), last_error = $2,
    not_before = case when unit_health.failures + 1 >= 3 then $3 else unit_health.not_before end
returning failures

-- name: health_succeeded
-- It works. Written when it had failed, else at most every few seconds. Gives the failures before.
with before as (select failures from unit_health where unit_id = $1)
insert into unit_health (unit_id, failures, not_before, last_success_at) values ($1, 0, '-infinity', now())
on conflict (unit_id) do update set failures = 0, not_before = '-infinity', last_success_at = now()
returning coalesce((select failures from before), 0)

-- name: health_called
-- The unit's own system called us. Gives the failures before.
with before as (select failures from unit_health where unit_id = $1)
insert into unit_health (unit_id, last_call_at, not_before) values ($1, now(), '-infinity')
on conflict (unit_id) do update set last_call_at = now(), failures = 0, not_before = '-infinity'
returning coalesce((select failures from before), 0)

