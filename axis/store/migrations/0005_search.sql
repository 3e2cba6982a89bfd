-- One search box over a million documents: words without accents, in any Unicode form, in an index of their
-- own; numbers and ids by the indexes that exist.

create extension if not exists unaccent;

-- unaccent is only STABLE, because its dictionary could be replaced; ours is the one that came with it.
create function folded(words text) returns text language sql immutable parallel safe
    return lower(public.unaccent('public.unaccent'::regdictionary, normalize(words, nfc)));

-- What a person typed, as a query: every word must stand there, the last one may be its beginning.
create function wanted(words text) returns tsquery language sql immutable parallel safe
    return case when numnode(plainto_tsquery('simple', folded(words))) = 0 then null
                else (plainto_tsquery('simple', folded(words))::text || ':*')::tsquery end;

alter table package add column search tsvector generated always as (
    case when kind = 'document' then to_tsvector('simple', folded(
        code_number || ' ' || replace(code_notation, '-', ' ') || ' ' || type_name || ' ' || subject || ' ' || sender_name
        || ' ' || signer_name)) end) stored;
create index package_search on package using gin (search) where kind = 'document';

-- The document by its id alone, whoever sent it.
create index package_by_document on package (document_id) where kind = 'document' and document_id <> '';
-- By number and notation alone, in any case.
create index package_by_code on package (lower(code_number || '/' || code_notation)) where kind = 'document';

-- How a delivery stands in one word, for the filters of the lists: the worst thing first.
create function standing_of(d delivery) returns text language sql stable parallel safe
    return case
        when d.state = 'recalled' or d.taking_back in ('recall', '15') then 'taken-back'
        when d.handling = '02' then 'returned'
        when d.state = 'refused' then 'refused'
        when d.handling = '06' then 'finished'
        when (d.missed & 1 <> 0 and d.told_at is null) or (d.missed & 2 <> 0 and d.registered_at is null)
             or (d.missed & 4 <> 0 and d.completed_at is null) then 'overdue'
        when d.taking_back = '13' then 'asked-back'
        when d.handling in ('03', '04', '05') then 'accepted'
        when d.arrived_at is not null or d.state = 'delivered' then 'arrived'
        else 'on-its-way' end;
