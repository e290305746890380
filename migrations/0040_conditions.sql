-- What is true of a deployment beside its status: found by looks that are made anyway, or by a prober. A row is one spell,
-- from when it was first found until it was cleared; kept for a while, so that what came and went can be counted.
create table deployment_conditions (
  id uuid primary key,
  deployment_id uuid not null references deployments (id),
  code text not null
    check (code in ('droplet_gone', 'droplet_off', 'drift', 'unhealthy', 'dns_delegated', 'zone_gone')),
  -- Who looks after it, and clears it: what a look at the droplets finds, one at the zone cannot take back.
  source text not null check (source in ('droplet', 'dns', 'health')),
  -- When what found it first began, and what found it last; how many have in a row.
  since timestamptz not null,
  last_found_at timestamptz not null,
  findings integer not null default 1,
  -- Null: only suspected, and told to nobody.
  raised_at timestamptz,
  message text not null,
  remedy text not null,
  cleared_at timestamptz
);
create unique index deployment_conditions_once on deployment_conditions (deployment_id, code, source)
  where cleared_at is null;
create index deployment_conditions_raised on deployment_conditions (code, deployment_id)
  where cleared_at is null and raised_at is not null;
create index deployment_conditions_by_end on deployment_conditions (cleared_at) where cleared_at is not null;

-- As with statuses: no way to raise or clear one can forget it. Every message has all that is true of the deployment then.
create function tell_webhooks_of_condition() returns trigger language plpgsql as $$
begin
  insert into webhook_messages (type, object_id, tenant_id, data)
  select case when held.conditions = '[]'::jsonb then 'deployment.recovered' else 'deployment.degraded' end,
    deployments.id, deployments.tenant_id, jsonb_build_object(
      'id', deployments.id, 'tenant_id', deployments.tenant_id, 'name', deployments.name,
      'hostname', deployments.hostname, 'status', deployments.status, 'conditions', held.conditions)
  from deployments, lateral (
    select coalesce(jsonb_agg(jsonb_build_object('code', code, 'since', since, 'message', message, 'remedy', remedy)
      order by since, code), '[]'::jsonb) as conditions
    from deployment_conditions
    where deployment_id = new.deployment_id and raised_at is not null and cleared_at is null) held
  -- One that is being removed has not recovered.
  where deployments.id = new.deployment_id and deployments.status = 'active'
    and exists (select from webhooks where disabled_at is null);
  return null;
end
$$;
create trigger deployment_conditions_tell_of_insert after insert on deployment_conditions
  for each row when (new.raised_at is not null) execute function tell_webhooks_of_condition();
create trigger deployment_conditions_tell_of_update after update of raised_at, cleared_at on deployment_conditions
  for each row when (
    (old.raised_at is null and new.raised_at is not null)
    or (new.raised_at is not null and old.cleared_at is null and new.cleared_at is not null))
  execute function tell_webhooks_of_condition();

-- Conditions are those of active deployments: whoever ends one cannot forget it.
create function end_conditions_of_deployment() returns trigger language plpgsql as $$
begin
  update deployment_conditions set cleared_at = new.updated_at
  where deployment_id = new.id and cleared_at is null;
  return null;
end
$$;
create trigger deployments_end_conditions after update of status on deployments
  for each row when (old.status = 'active' and new.status <> 'active')
  execute function end_conditions_of_deployment();
