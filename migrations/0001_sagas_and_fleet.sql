-- Who we are to the provider: the install id is in every tag we write, so it never changes.
create table installation (
  singleton boolean primary key default true check (singleton),
  id uuid not null,
  created_at timestamptz not null
);

-- The provider as we last found it. One row, written by workers, read by the API and the engine's gate.
create table provider (
  singleton boolean primary key default true check (singleton),
  status text not null default 'unknown' check (status in ('unknown', 'up', 'down', 'wrong_account')),
  reason text,
  since timestamptz,
  checked_at timestamptz,
  account_uuid text,
  droplet_limit integer,
  simulated boolean not null default false,
  catalogue_read_at timestamptz
);

create table catalogue (
  kind text not null check (kind in ('region', 'size', 'image')),
  slug text not null,
  data jsonb not null,
  primary key (kind, slug)
);

create table tenants (
  id uuid primary key,
  slug text not null unique,
  name text not null,
  hostnames text[] not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table sagas (
  id uuid primary key,
  name text not null,
  status text not null check (
    status in ('pending', 'running', 'waiting', 'completed', 'compensating', 'rolled_back', 'stuck')
  ),
  -- Which way it runs: kept beside the status, because a stuck saga is retried the way it went.
  direction text not null default 'forward' check (direction in ('forward', 'back')),
  input jsonb not null,
  deployment_id uuid,
  tenant_id uuid references tenants (id),
  -- The droplet that a destroy is about: one live saga per droplet.
  provider_id bigint,
  position integer not null default 0,
  epoch integer not null default 0,
  lease_owner uuid,
  lease_expires_at timestamptz,
  wake_at timestamptz,
  -- What wakes it before wake_at: 'fleet', 'droplet:<provider id>', 'provider'.
  watching text,
  waiting_for text,
  cancel_requested_at timestamptz,
  cancel_reason text,
  resolution jsonb,
  error jsonb,
  account_uuid text,
  event_sequence integer not null default 0,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  -- When a saga that ended is looked at again for a droplet that came late (rule 17), then its tag's quarantine.
  recheck_at timestamptz
);
create unique index sagas_one_live_per_deployment on sagas (deployment_id)
  where status not in ('completed', 'rolled_back');
create unique index sagas_one_live_per_droplet on sagas (provider_id)
  where status not in ('completed', 'rolled_back');
create index sagas_by_deployment on sagas (deployment_id, created_at);
create index sagas_live on sagas (wake_at) where status not in ('completed', 'rolled_back', 'stuck');
create index sagas_by_creation on sagas (created_at, id);
create index sagas_to_recheck on sagas (recheck_at) where recheck_at is not null;

create table saga_steps (
  saga_id uuid not null references sagas (id) on delete cascade,
  position integer not null,
  name text not null,
  status text not null check (
    status in ('pending', 'running', 'waiting', 'completed', 'failed', 'compensating', 'compensated', 'compensation_failed')
  ),
  attempts integer not null default 0,
  undo_attempts integer not null default 0,
  -- What the step is about to do, committed before it does it (rule 7).
  intent jsonb,
  output jsonb,
  error jsonb,
  started_at timestamptz,
  finished_at timestamptz,
  deadline_at timestamptz,
  undo_started_at timestamptz,
  undo_finished_at timestamptz,
  undo_deadline_at timestamptz,
  retry_at timestamptz,
  watching text,
  waiting_for text,
  primary key (saga_id, position)
);

create table saga_events (
  saga_id uuid not null references sagas (id) on delete cascade,
  sequence integer not null,
  at timestamptz not null,
  type text not null check (type in ('saga', 'step')),
  data jsonb not null,
  primary key (saga_id, sequence)
);

create table deployments (
  id uuid primary key,
  tenant_id uuid not null references tenants (id),
  name text not null,
  hostname text not null,
  region text not null,
  size_slug text not null,
  image text not null,
  ssh_keys jsonb not null default '[]',
  replace_dns boolean not null default false,
  status text not null check (
    status in ('pending', 'provisioning', 'active', 'deprovisioning', 'terminated', 'cancelled')
  ),
  reason text,
  -- The saga that may move this deployment: a late compensation of an earlier one must not (rule 15).
  saga_id uuid references sagas (id),
  delete_requested_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  activated_at timestamptz,
  ended_at timestamptz
);
alter table sagas add foreign key (deployment_id) references deployments (id);
create unique index deployments_hostname on deployments (hostname) where status not in ('cancelled', 'terminated');
create index deployments_by_tenant on deployments (tenant_id, created_at, id);
create index deployments_by_status on deployments (status, created_at, id);
create index deployments_by_creation on deployments (created_at, id);

-- user_data sealed with a key outside the database; owner: a deployment, or the saga of a droplet without one.
create table sealed_user_data (
  owner_id uuid primary key,
  sealed bytea not null,
  created_at timestamptz not null
);

create table cloud_resources (
  id uuid primary key,
  provider_id bigint not null unique,
  name text not null,
  status text not null,
  region text not null,
  size_slug text not null,
  image text,
  public_ipv4 text,
  tags text[] not null default '{}',
  managed boolean not null,
  deployment_id uuid references deployments (id),
  tenant_id uuid references tenants (id),
  -- The saga that registered the row, and the one that linked it: their compensations undo only their own.
  registered_by uuid,
  linked_by uuid,
  provider_created_at timestamptz,
  first_seen_at timestamptz not null,
  -- When the request began that last saw it: an older observation never overwrites a newer one (rule 16).
  last_seen_at timestamptz not null,
  deleted_at timestamptz
);
create index cloud_resources_by_deployment on cloud_resources (deployment_id) where deployment_id is not null;
create index cloud_resources_by_first_seen on cloud_resources (first_seen_at, id);

create table cloud_provisioned (
  resource_id uuid primary key references cloud_resources (id) on delete cascade,
  size_slug text not null,
  region text not null,
  image text not null,
  saga_id uuid not null,
  recorded_at timestamptz not null
);

-- The DNS records we made or took over, by the provider's record id: a record is ours by its id (rule 14).
create table dns_records (
  zone text not null,
  record_id bigint not null,
  name text not null,
  data text not null,
  deployment_id uuid not null references deployments (id),
  saga_id uuid not null,
  created_at timestamptz not null,
  -- We deleted it: a listing that lags may still show it, and it is no conflict.
  released_at timestamptz,
  primary key (zone, record_id)
);
create unique index dns_records_one_per_deployment on dns_records (deployment_id) where released_at is null;

-- What the provider's droplets looked like when last seen, by whichever request: what waiting steps read.
create table sightings (
  provider_id bigint primary key,
  droplet jsonb not null,
  observed_at timestamptz not null
);

-- Listings that were read: 'fleet' by the install's tag, 'account' all droplets, 'zone:<name>' its records.
create table looks (
  id uuid primary key,
  scope text not null,
  begun_at timestamptz not null,
  finished_at timestamptz not null,
  found integer not null,
  pages integer not null
);
create index looks_by_scope on looks (scope, begun_at);

create table zone_listings (
  zone text primary key,
  begun_at timestamptz not null,
  records jsonb not null
);

-- Whose turn it is to do a thing that one worker does for all.
create table turns (
  scope text primary key,
  holder uuid not null,
  taken_at timestamptz not null,
  expires_at timestamptz not null
);

-- Droplets with our install tag that nobody owns.
create table strays (
  provider_id bigint primary key,
  name text not null,
  saga_id uuid,
  verdict text not null check (verdict in ('destroying', 'destroyed', 'alert')),
  reason text not null,
  destroy_saga_id uuid,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  gone_at timestamptz
);

-- Every request to the provider: the budget's memory (rule 20) and a saga's request timeline.
create table provider_requests (
  id uuid primary key,
  at timestamptz not null,
  method text not null,
  route text not null,
  saga_id uuid,
  status integer,
  provider_request_id text,
  duration_ms integer,
  error text
);
create index provider_requests_by_time on provider_requests (at);
create index provider_requests_by_saga on provider_requests (saga_id, at) where saga_id is not null;

-- What the provider said of the budget, shared by all workers.
create table request_budget (
  singleton boolean primary key default true check (singleton),
  remaining integer,
  remaining_at timestamptz,
  blocked_until timestamptz
);

create table api_tokens (
  id uuid primary key,
  name text not null,
  hash bytea not null unique,
  role text not null check (role in ('admin', 'operator', 'viewer')),
  tenant_id uuid references tenants (id),
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);

create table idempotency_keys (
  token_id uuid not null references api_tokens (id),
  method text not null,
  path text not null,
  key text not null,
  request_hash bytea not null,
  -- Null while the first request is in flight.
  status integer,
  headers jsonb,
  body jsonb,
  created_at timestamptz not null,
  primary key (token_id, method, path, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

create table audit_log (
  id uuid primary key,
  at timestamptz not null,
  token_id uuid,
  subject text not null,
  action text not null,
  object_type text not null,
  object_id text,
  tenant_id uuid,
  request_id text,
  address text,
  detail jsonb
);
create index audit_log_by_time on audit_log (at, id);
create index audit_log_by_object on audit_log (object_type, object_id, at);
create index audit_log_by_subject on audit_log (subject, at);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_log_is_append_only before update or delete or truncate on audit_log
  for each statement execute function refuse_change();

insert into provider default values;
insert into request_budget default values;
