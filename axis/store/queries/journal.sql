-- name: write
-- One event.
insert into journal (id, event, package_id, delivery_id, unit_id, actor, data) values ($1, $2, $3, $4, $5, $6, $7)

-- name: receipt
-- The signed receipt of an event.
insert into receipt (event_id, package_id, delivery_id, event, jws) values ($1, $2, $3, $4, $5)

-- name: page
-- Newest first, before a position.
select position, id, at, event, package_id, delivery_id, unit_id, actor, data from journal
where ($1::bigint is null or position < $1) and ($2 = '' or event = $2) order by position desc limit $3
