-- What the health checks know of the apps: one row for each droplet that is asked, for its deployment.
create table deployment_health (
  deployment_id uuid not null references deployments (id),
  provider_id bigint not null,
  state text not null default 'unknown' check (state in ('unknown', 'healthy', 'unhealthy')),
  since timestamptz not null,
  -- The last answer that speaks against it.
  reason text,
  successes integer not null default 0,
  failures integer not null default 0,
  probed_at timestamptz,
  -- When it is asked again; null: nobody asks it regularly, since a saga does.
  next_probe_at timestamptz,
  -- A worker is at it until then.
  leased_until timestamptz,
  primary key (deployment_id, provider_id)
);
create index deployment_health_due on deployment_health (next_probe_at) where next_probe_at is not null;
create index deployment_health_by_state on deployment_health (state, deployment_id);
