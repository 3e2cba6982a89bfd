-- People, invitations and links to an identity provider. Time is the caller's ($n), so that tests may move it.

-- name: add
-- A new person; nothing comes back when the login is taken.
insert into person (id, login, name, role, unit_id, language, state, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8) on conflict (login) do nothing returning id

-- name: by_login
-- One person with what they prove themselves with; of one unit only ($2, null: whoever it is).
select p.*, u.code as unit_code, u.name as unit_name from person p left join unit u on u.id = p.unit_id
where p.login = $1 and ($2::uuid is null or p.unit_id = $2)

-- name: by_id
-- The same, by id.
select p.*, u.code as unit_code, u.name as unit_name from person p left join unit u on u.id = p.unit_id where p.id = $1

-- name: lock
-- The same, locked for a change.
select p.*, u.code as unit_code, u.name as unit_name from person p left join unit u on u.id = p.unit_id
where p.login = $1 and ($2::uuid is null or p.unit_id = $2) for update of p

-- name: lock_operators
-- Those who can sign in and run the axis, locked in one order so that two of them cannot remove each other at once.
select id from person p
where role = 'operator' and state = 'active'
  and (password_hash <> '' or exists (select from oidc_link l where l.person_id = p.id))
order by id for update

-- name: lock_administrators
-- Those who can still look after a unit's people, locked in one order: of two who disable each other the second waits,
-- and is none of them any more when it goes on.
select id from person where unit_id = $1 and role = 'unit-admin' and state = 'active' order by id for update

-- name: page
-- People in the order of their logins, after one of them; each filter may be empty.
select p.*, u.code as unit_code, u.name as unit_name from person p left join unit u on u.id = p.unit_id
where p.login > $1 and ($2::uuid is null or p.unit_id = $2) and ($3 = '' or p.role = $3) and ($4 = '' or p.state = $4)
  and ($5 = '' or strpos(p.login, lower($5)) > 0 or strpos(lower(p.name), lower($5)) > 0)
order by p.login limit $6

-- name: has_operator
-- Whether there is, or once was, one operator.
select exists (select from person where role = 'operator')

-- name: lock_people
-- Nobody may be added meanwhile: for the first operator, who is made only once.
lock table person in share row exclusive mode

-- name: change
-- New values; the caller read the others under the same lock.
update person set name = $2, role = $3, unit_id = $4, language = $5, state = $6, changed_at = $7 where id = $1

-- name: set_password
-- A new password; somebody invited is active from now on.
update person set password_hash = $2, state = case state when 'invited' then 'active' else state end, changed_at = $3
where id = $1 and state <> 'disabled' returning id

-- name: forget_password
-- The old password is worth nothing from now on; only a link sets a new one.
update person set password_hash = '', changed_at = $2 where id = $1

-- name: rehash
-- The same password under today's parameters, unless it was changed meanwhile.
update person set password_hash = $3 where id = $1 and password_hash = $2 returning id

-- name: set_totp
-- A second factor, confirmed by a code of step $3; nothing comes back when there is one already, so that a
-- password alone never replaces it.
update person set totp_sealed = $2, totp_step = $3, changed_at = $4
where id = $1 and totp_sealed = '' and totp_step < $3 returning id

-- name: clear_totp
-- Without a second factor: the next sign-in offers a new one. The step stays: old codes stay used.
update person set totp_sealed = '', changed_at = $2 where id = $1

-- name: use_step
-- Use a code up: nothing comes back when it, or a later one, was used before.
update person set totp_step = $2 where id = $1 and totp_step < $2 returning id

-- name: activate
-- Somebody invited who was proven by the identity provider.
update person set state = 'active', changed_at = $2 where id = $1 and state = 'invited'

-- name: signed_in
-- When they last came in.
update person set last_login_at = $2 where id = $1

-- name: invite
-- A one-time link, known by the SHA-256 of its token.
insert into invitation (token, purpose, person_id, created_at, expires_at) values ($1, $2, $3, $4, $5)

-- name: invite_first
-- The link for the first operator; nothing comes back while another one is open.
insert into invitation (token, purpose, created_at, expires_at) values ($1, 'first-run', $2, $3)
on conflict (purpose) where purpose = 'first-run' and used_at is null do nothing returning expires_at

-- name: void_first
-- Forget the open link for the first operator; $1: only when it has expired.
delete from invitation where purpose = 'first-run' and used_at is null and ($1::timestamptz is null or expires_at <= $1)

-- name: void_invitations
-- Only the newest link of a person works.
delete from invitation where person_id = $1 and used_at is null

-- name: invitation
-- A link that still works, with whom it is for.
select i.purpose, i.expires_at, p.login, p.name, p.role, p.language from invitation i left join person p on p.id = i.person_id
where i.token = $1 and i.used_at is null and i.expires_at > $2 and (p.id is null or p.state <> 'disabled')

-- name: use_invitation
-- Use a link up; nothing comes back for one that was used, has expired, or never was.
update invitation set used_at = $2 where token = $1 and used_at is null and expires_at > $2 returning purpose, person_id

-- name: link
-- Bind a subject of a provider; nothing comes back when either is bound already.
insert into oidc_link (issuer, subject, person_id, linked_at) values ($1, $2, $3, $4) on conflict do nothing returning person_id

-- name: linked
-- Who a subject is.
select p.*, u.code as unit_code, u.name as unit_name from oidc_link l join person p on p.id = l.person_id
left join unit u on u.id = p.unit_id where l.issuer = $1 and l.subject = $2

-- name: links_of
-- The subjects of a person.
select issuer, subject, linked_at from oidc_link where person_id = $1 order by linked_at

-- name: unlink
-- Forget the subjects of a person.
delete from oidc_link where person_id = $1

-- name: begin_oidc
-- A sign-on that left for the provider.
insert into oidc_attempt (state, browser, nonce, verifier, next, expires_at) values ($1, $2, $3, $4, $5, $6)

-- name: end_oidc
-- It came back: once, in time, and in the browser it left from.
delete from oidc_attempt where state = $1 and browser = $2 and expires_at > $3 returning nonce, verifier, next
