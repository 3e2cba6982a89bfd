-- What an attempt asked of the receiver's system, beside what it answered.

alter table attempt add column request text;
comment on column attempt.request is 'method, address without user and query, id, bytes; null: not kept, or nothing was asked';
