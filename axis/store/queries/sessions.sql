-- Sessions of the console, and the counters that slow down guessing.

-- name: find
-- Who holds a token: not past its end, seen since $3, the person still active. Notes that it was seen, once a
-- minute at most and only when $4 (a page that refreshes itself is not a person at work).
with seen as (
    update session set seen_at = $2
    where token = $1 and $4 and until > $2 and seen_at > $3 and seen_at < $2::timestamptz - interval '1 minute'
)
select s.id as session_id, s.stage, s.method, s.strong, s.offer_sealed, s.created_at as began_at, s.seen_at, s.until,
       s.address, s.agent, p.*, u.code as unit_code, u.name as unit_name
from session s join person p on p.id = s.person_id left join unit u on u.id = p.unit_id
where s.token = $1 and s.until > $2 and s.seen_at > $3 and p.state = 'active'

-- name: open
-- A new session, only while the person is active and proves themselves with this very password: a change or
-- a disabling that came between the proof and this line wins.
insert into session (token, id, person_id, stage, method, strong, created_at, seen_at, until, address, agent)
select $1, $2, p.id, $4, $5, $6, $7, $7, $8, $9, $10 from person p
where p.id = $3 and p.state = 'active' and p.password_hash = $11 for no key update returning person_id

-- name: offer
-- Keep the offered secret of a second factor with the session; an offer made before stays.
update session set offer_sealed = case offer_sealed when '' then $2 else offer_sealed end
where token = $1 returning offer_sealed

-- name: close
-- End one session by its token; what it was.
delete from session where token = $1 returning person_id, stage, method

-- name: close_one
-- End one session of a person by its id.
delete from session where id = $1 and person_id = $2 returning id

-- name: close_all
-- End every session of a person but one ($2, or null).
delete from session where person_id = $1 and ($2::bytea is null or token <> $2)

-- name: of_person
-- Where somebody is signed in, newest first.
select id, token = $2 as current, method, created_at, seen_at, until, address, agent from session
where person_id = $1 and stage = 'full' and until > $3 and seen_at > $4 order by seen_at desc, id

-- name: attempt
-- Count a try before it is judged. $1 key, $2 now, $3 how many in a row before it blocks, $4 and $5 seconds of the
-- first and the longest block (doubling), $6 seconds after which all is forgotten.
insert into login_guard as g (key, failures, since, last_at, blocked_until)
values ($1, 1, $2, $2, case when $3 <= 1 then $2::timestamptz + make_interval(secs => $4) end)
on conflict (key) do update set
    failures = case when g.last_at < $2::timestamptz - make_interval(secs => $6) then 1 else g.failures + 1 end,
    since = case when g.last_at < $2::timestamptz - make_interval(secs => $6) then $2 else g.since end,
    last_at = $2,
    blocked_until = case
        when g.last_at < $2::timestamptz - make_interval(secs => $6) or g.failures + 1 < $3 then null
        else $2::timestamptz + make_interval(secs => least($5, $4 * power(2, least(g.failures + 1 - $3, 30)))) end
where g.blocked_until is null or g.blocked_until <= $2
returning failures, blocked_until

-- name: attempt_in_window
-- The same in a fixed window: $3 tries in $4 seconds, then nothing until the window ends.
insert into login_guard as g (key, failures, since, last_at) values ($1, 1, $2, $2)
on conflict (key) do update set
    failures = case when g.since <= $2::timestamptz - make_interval(secs => $4) then 1 else g.failures + 1 end,
    since = case when g.since <= $2::timestamptz - make_interval(secs => $4) then $2 else g.since end,
    last_at = $2
where g.since <= $2::timestamptz - make_interval(secs => $4) or g.failures < $3
returning failures

-- name: blocked
-- Until when a key is blocked, for a refusal that names the time; $2 seconds of its window, 0: it blocks by itself.
select case when $2 > 0 then since + make_interval(secs => $2) else blocked_until end from login_guard where key = $1

-- name: forgive
-- A try that succeeded: nothing stays of a row of failures.
delete from login_guard where key = $1

-- name: forgive_one
-- One try taken back: it succeeded and does not count for its address, or nobody could judge it. A block
-- ends with it: it was this try that began it, or there is one failure less than it takes.
update login_guard set failures = greatest(failures - 1, 0), blocked_until = null where key = $1

-- name: sweep
-- Forget what can open nothing any more: $1 now, $2 sessions not seen since, $3 counters not touched since.
with a as (delete from session where until <= $1 or seen_at <= $2 returning 1),
     b as (delete from invitation where used_at is null and expires_at <= $1::timestamptz - interval '1 day' returning 1),
     c as (delete from login_guard where last_at <= $3 and (blocked_until is null or blocked_until <= $1) returning 1),
     d as (delete from oidc_attempt where expires_at <= $1 returning 1)
select (select count(*) from a) + (select count(*) from b) + (select count(*) from c) + (select count(*) from d)
