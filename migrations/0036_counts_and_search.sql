-- How many deployments and ended sagas there are in each status, without counting them. Every transition adds a line to
-- the changes, which nobody waits for; a chore adds those to the counts. What is true is the sum of both.
create table status_counts (
  kind text not null check (kind in ('deployment', 'saga')),
  -- All zeros: everybody's.
  tenant_id uuid not null,
  status text not null,
  count bigint not null,
  primary key (kind, tenant_id, status)
);
create table status_changes (
  kind text not null,
  tenant_id uuid,
  status text not null,
  change integer not null
);

create function count_statuses() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into status_changes values (tg_argv[0], old.tenant_id, old.status, -1);
  end if;
  if tg_op <> 'DELETE' then
    insert into status_changes values (tg_argv[0], new.tenant_id, new.status, 1);
  end if;
  return null;
end
$$;
create trigger deployments_are_counted after insert or delete on deployments
  for each row execute function count_statuses('deployment');
create trigger deployments_are_counted_anew after update of status, tenant_id on deployments
  for each row when (old.status <> new.status or old.tenant_id <> new.tenant_id)
  execute function count_statuses('deployment');

-- Sagas that have not ended are few, and are counted as they are.
create function count_ended_sagas() returns trigger language plpgsql as $$
begin
  insert into status_changes
    values ('saga', new.tenant_id, new.status, case when new.finished_at is null then -1 else 1 end);
  return null;
end
$$;
create trigger sagas_are_counted_at_their_end after update of finished_at on sagas
  for each row when ((old.finished_at is null) <> (new.finished_at is null)) execute function count_ended_sagas();
create trigger ended_sagas_are_counted after insert on sagas
  for each row when (new.finished_at is not null) execute function count_ended_sagas();
create function count_purged_sagas() returns trigger language plpgsql as $$
begin
  insert into status_changes select 'saga', tenant_id, status, -count(*) from gone
    where finished_at is not null group by tenant_id, status;
  return null;
end
$$;
create trigger purged_sagas_are_counted after delete on sagas
  referencing old table as gone for each statement execute function count_purged_sagas();

insert into status_counts
  select kind, coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'), status, count(*) from (
    select 'deployment' as kind, tenant_id, status from deployments
    union all
    select 'deployment', null, status from deployments
    union all
    select 'saga', tenant_id, status from sagas where finished_at is not null and tenant_id is not null
    union all
    select 'saga', null, status from sagas where finished_at is not null
  ) them group by 1, 2, 3;

-- How provisioning went on each day, by the sagas that began on it: of everybody (all zeros) and of each tenant. Days of
-- which a saga has ended since `rolled_up.until` are counted as they are.
create table provisioning_days (
  tenant_id uuid not null,
  day date not null,
  completed integer not null,
  failed integer not null,
  cancelled integer not null,
  median_seconds double precision,
  p95_seconds double precision,
  primary key (tenant_id, day)
);
create table rolled_up (
  name text primary key,
  until timestamptz not null
);

-- What lists are searched for, and by what: every run of one to three characters of the words leads to them. It needs
-- no extension, which not every PostgreSQL has.
create table search_index (
  object_id uuid primary key,
  -- d: a deployment, r: a droplet of the inventory, t: a tenant. It begins every run, so that kinds stay apart.
  kind text not null,
  at timestamptz not null,
  words text not null
);
create function search_runs(kind text, words text) returns text[] language sql immutable parallel safe as $$
  select array(
    select distinct kind || substr(given, start, length)
    from lower(words) given, generate_series(1, 3) length, generate_series(1, char_length(given) - length + 1) start)
$$;
-- What all words have that hold the text: its runs of three, or itself.
create function search_runs_within(kind text, given text) returns text[] language sql immutable parallel safe as $$
  select array(
    select distinct kind || substr(whole, start, 3)
    from lower(given) whole, generate_series(1, greatest(1, char_length(whole) - 2)) start)
$$;
create index search_index_by_runs on search_index using gin (search_runs(kind, words))
  with (gin_pending_list_limit = 256);

create function index_for_search() returns trigger language plpgsql as $$
declare it jsonb := to_jsonb(new);
begin
  insert into search_index values (
    new.id, tg_argv[0], (it ->> tg_argv[1])::timestamptz, concat_ws(e'\n', it ->> tg_argv[2], it ->> tg_argv[3]))
  on conflict (object_id) do update set words = excluded.words where search_index.words <> excluded.words;
  return null;
end
$$;
create function forget_for_search() returns trigger language plpgsql as $$
begin
  delete from search_index where object_id = old.id;
  return null;
end
$$;
create trigger deployments_are_found after insert or update of name, hostname on deployments
  for each row execute function index_for_search('d', 'created_at', 'name', 'hostname');
create trigger deployments_are_forgotten after delete on deployments
  for each row execute function forget_for_search();
create trigger tenants_are_found after insert or update of slug, name on tenants
  for each row execute function index_for_search('t', 'created_at', 'slug', 'name');
create trigger tenants_are_forgotten after delete on tenants
  for each row execute function forget_for_search();
create trigger cloud_resources_are_found after insert on cloud_resources
  for each row execute function index_for_search('r', 'first_seen_at', 'name', 'public_ipv4');
-- Every listing writes them anew, mostly as they were.
create trigger cloud_resources_are_found_anew after update of name, public_ipv4 on cloud_resources
  for each row when (old.name is distinct from new.name or old.public_ipv4 is distinct from new.public_ipv4)
  execute function index_for_search('r', 'first_seen_at', 'name', 'public_ipv4');
create trigger cloud_resources_are_forgotten after delete on cloud_resources
  for each row execute function forget_for_search();

insert into search_index
  select id, 'd', created_at, concat_ws(e'\n', name, hostname) from deployments
  union all select id, 't', created_at, concat_ws(e'\n', slug, name) from tenants
  union all select id, 'r', first_seen_at, concat_ws(e'\n', name, public_ipv4) from cloud_resources;
