-- Samples of the backlog: taken by a timer, drawn as a chart.

-- name: days
-- How much waited and since when, at worst, on each day from $2 to before $3: of a unit, or of the axis (all zeros, $1).
-- The axis was asked at every sample, so a unit without a row had nothing waiting.
select vietnam_day(a.at) as day, max(coalesce(u.waiting, 0)) as waiting, max(coalesce(u.oldest_seconds, 0)) as oldest_seconds
from backlog_sample a left join backlog_sample u on u.unit_id = $1 and u.at = a.at
where a.unit_id = '00000000-0000-0000-0000-000000000000' and a.at >= $2 and a.at < $3 group by 1 order by 1

-- name: take
-- Write down what waits now, once in five minutes whoever asks.
with now_waiting as materialized (
    select unit_id, waiting, oldest from waiting_now
), sample as (
    select date_bin('5 minutes', now(), '2000-01-01') as at
)
insert into backlog_sample (at, unit_id, waiting, oldest_seconds)
select s.at, w.unit_id, w.waiting, extract(epoch from now() - w.oldest)::int from sample s, now_waiting w
union all
select s.at, '00000000-0000-0000-0000-000000000000'::uuid, coalesce(sum(w.waiting), 0),
       coalesce(extract(epoch from now() - min(w.oldest)), 0)::int
from sample s left join now_waiting w on true group by s.at
on conflict (unit_id, at) do nothing

-- name: forget
-- Samples are kept for so many days.
delete from backlog_sample where at < now() - make_interval(days => $1)

-- name: taken
-- Whether this five minutes' sample was taken already.
select exists (select from backlog_sample where unit_id = '00000000-0000-0000-0000-000000000000'
               and at = date_bin('5 minutes', now(), '2000-01-01'))

-- name: slow
-- For how many units something has waited longer than $1 seconds, by the newest sample.
select count(*) from backlog_sample
where at = (select max(at) from backlog_sample where unit_id = '00000000-0000-0000-0000-000000000000')
  and unit_id <> '00000000-0000-0000-0000-000000000000' and oldest_seconds > $1
