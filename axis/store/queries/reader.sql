-- Reading under another role: axis/store/reader.py.

-- name: become
-- From now on until the end of the transaction: the reader's rights ($2) and so many milliseconds for a statement.
select set_config('statement_timeout', $1::text, true), set_config('role', $2::text, true)

-- name: hurry
-- The same without another role.
select set_config('statement_timeout', $1::text, true)

-- name: standing
-- What this server says about the role: absent; not-granted to us; blind (it may not see what it must); strong (it may
-- see or do what it must not); ready.
select case
    when to_regrole('axis_reader') is null then 'absent'
    when not pg_has_role(current_user, 'axis_reader',
                         case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)
        then 'not-granted'
    when not (has_table_privilege('axis_reader', 'package', 'SELECT') and has_table_privilege('axis_reader', 'journal', 'SELECT')
              and has_table_privilege('axis_reader', 'person_seen', 'SELECT')
              and has_table_privilege('axis_reader', 'backlog_sample', 'SELECT')) then 'blind'
    when (select r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls from pg_roles r where r.rolname = 'axis_reader')
         or has_any_column_privilege('axis_reader', 'person', 'SELECT')
         or has_any_column_privilege('axis_reader', 'credential', 'SELECT')
         or has_any_column_privilege('axis_reader', 'session', 'SELECT')
         or has_any_column_privilege('axis_reader', 'invitation', 'SELECT')
         or exists (select from pg_class c
                    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'p')
                      and (has_any_column_privilege('axis_reader', c.oid, 'INSERT')
                           or has_any_column_privilege('axis_reader', c.oid, 'UPDATE')
                           or has_table_privilege('axis_reader', c.oid, 'DELETE')
                           or has_table_privilege('axis_reader', c.oid, 'TRUNCATE'))) then 'strong'
    else 'ready' end

-- name: owner
-- Who we are to the database.
select current_user::text

-- name: grant_reading
-- Let the role see what it must; the owner's to give.
select grant_reading()

-- name: reader_role
-- The role itself, by a superuser, where it is not there yet.
do $$ begin
    if to_regrole('axis_reader') is null then
        create role axis_reader nologin;
    end if;
end $$

-- name: reader_member
-- The embedded server's owner may become it.
do $$ begin
    if not pg_has_role('axis', 'axis_reader', 'MEMBER') then
        grant axis_reader to axis;
    end if;
end $$
