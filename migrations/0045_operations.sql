-- What an operator asks of a deployment that is active: suspend it, resize it, and so on.
-- Whether it is to be on: what differs from that is a deviation, unless a saga is at work on it.
alter table deployments add column power text not null default 'on' check (power in ('on', 'off'));

-- To what a change goes back, where that is not what it was: a droplet that was rebuilt comes back from a snapshot.
alter table provider_changes add column back jsonb;
-- When it was asked for in the way that does not ask: a shutdown that was not heard becomes a power_off.
alter table provider_changes add column insisted_at timestamptz;

-- The snapshots of deployments: what the ledger does not tell of them.
create table snapshots (
  -- The row of the ledger.
  id uuid primary key references provider_resources (id) on delete cascade,
  deployment_id uuid not null references deployments (id),
  tenant_id uuid not null references tenants (id),
  -- Its own at the provider, and which no other snapshot has.
  name text not null,
  region text not null,
  -- What the droplet was then, so that what is made of it is recorded right.
  image text not null,
  -- The smallest disk that takes it, in GB.
  min_disk integer,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index snapshots_by_deployment on snapshots (deployment_id, created_at, id);
create index snapshots_by_expiry on snapshots (expires_at);
