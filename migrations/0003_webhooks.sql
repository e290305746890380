-- Who is told of transitions.
create table webhooks (
  id uuid primary key,
  url text not null,
  -- Patterns: 'deployment.active', 'saga.*', '*'.
  events text[] not null,
  -- Set: it is told of this tenant only.
  tenant_id uuid references tenants (id),
  description text,
  -- The signing secret, sealed with the key outside the database.
  secret bytea not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- Since when no delivery has succeeded although some were tried.
  failing_since timestamptz,
  disabled_at timestamptz,
  disabled_reason text
);
create index webhooks_by_creation on webhooks (created_at, id);

-- What happened: written by the triggers below, in the transaction of the transition itself.
create table webhook_messages (
  id uuid primary key default gen_random_uuid(),
  at timestamptz not null default clock_timestamp(),
  type text not null,
  -- The deployment or saga: messages about one are delivered in order.
  object_id uuid not null,
  tenant_id uuid,
  data jsonb not null,
  -- Deliveries have been made of it.
  dispatched boolean not null default false
);
create index webhook_messages_to_dispatch on webhook_messages (at, id) where not dispatched;
create index webhook_messages_by_time on webhook_messages (at);

create table webhook_deliveries (
  id uuid primary key,
  webhook_id uuid not null references webhooks (id) on delete cascade,
  message_id uuid not null references webhook_messages (id) on delete cascade,
  object_id uuid not null,
  at timestamptz not null,
  status text not null check (status in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  tries_left integer not null,
  next_attempt_at timestamptz,
  -- A worker is at it until then.
  leased_until timestamptz,
  -- The queue knows of it.
  queued boolean not null default false,
  delivered_at timestamptz,
  unique (webhook_id, message_id)
);
create index webhook_deliveries_in_order on webhook_deliveries (webhook_id, object_id, at, message_id) where status = 'pending';
create index webhook_deliveries_to_queue on webhook_deliveries (id) where status = 'pending' and not queued;
create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, at, id);

create table webhook_attempts (
  delivery_id uuid not null references webhook_deliveries (id) on delete cascade,
  number integer not null,
  at timestamptz not null,
  -- The receiver's answer; null when there was none.
  status integer,
  duration_ms integer not null,
  error text,
  primary key (delivery_id, number)
);

-- Triggers, so that no way to change a status can forget them; without a webhook they write nothing.
create function tell_webhooks_of_deployment() returns trigger language plpgsql as $$
begin
  insert into webhook_messages (type, object_id, tenant_id, data)
  select 'deployment.' || new.status, new.id, new.tenant_id, jsonb_build_object(
    'id', new.id, 'tenant_id', new.tenant_id, 'name', new.name, 'hostname', new.hostname, 'region', new.region,
    'size_slug', new.size_slug, 'image', new.image, 'status', new.status, 'reason', new.reason, 'saga_id', new.saga_id)
  where exists (select from webhooks where disabled_at is null);
  return null;
end
$$;
create trigger deployments_tell_webhooks_of_insert after insert on deployments
  for each row execute function tell_webhooks_of_deployment();
create trigger deployments_tell_webhooks_of_update after update of status on deployments
  for each row when (old.status <> new.status) execute function tell_webhooks_of_deployment();

-- Running and waiting alternate many times: only the first running is told, and the one after a retry.
create function tell_webhooks_of_saga() returns trigger language plpgsql as $$
begin
  insert into webhook_messages (type, object_id, tenant_id, data)
  select 'saga.' || case new.status when 'waiting' then 'running' else new.status end, new.id, new.tenant_id,
    jsonb_build_object('id', new.id, 'name', new.name, 'status', new.status, 'deployment_id', new.deployment_id,
      'tenant_id', new.tenant_id, 'provider_id', new.provider_id, 'error', new.error)
  where exists (select from webhooks where disabled_at is null);
  return null;
end
$$;
create trigger sagas_tell_webhooks_of_insert after insert on sagas
  for each row execute function tell_webhooks_of_saga();
create trigger sagas_tell_webhooks_of_update after update of status on sagas
  for each row when (old.status <> new.status
    and (new.status not in ('running', 'waiting') or old.status in ('pending', 'stuck')))
  execute function tell_webhooks_of_saga();
