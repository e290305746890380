-- Where the server itself got a token: `environment` (ARCADIA_ADMIN_TOKEN), or the file that it is in. A new one from
-- the same place replaces the one before. Null: somebody made it by the API.
alter table api_tokens add column origin text;

update api_tokens set origin = case name when 'admin (from outside)' then 'environment' else 'file' end
  where name in ('admin', 'admin (from outside)') and role = 'admin' and tenant_id is null
    and exists (select from audit_log
      where object_type = 'token' and object_id = api_tokens.id::text
        and action = 'token.create' and subject = 'start of the server');
