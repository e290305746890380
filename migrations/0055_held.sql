-- Held: it has not begun, and does not until an admin lets it. Nobody looks at it, and it has no deadline.
alter table sagas drop constraint sagas_status_check;
alter table sagas add constraint sagas_status_check check (
  status in ('pending', 'running', 'waiting', 'completed', 'compensating', 'rolled_back', 'stuck', 'held')
);
-- One row: when each of the destroys of the last hour began. Whoever begins one locks it, so that they are counted one
-- after the other.
create table destroys (
  id boolean primary key default true check (id),
  begun_at timestamptz[] not null
);

-- Told when the first is held; those that follow are told as sagas.
create function tell_webhooks_of_breaker() returns trigger language plpgsql as $$
begin
  insert into webhook_messages (type, object_id, tenant_id, data)
  select 'breaker.tripped', new.id, null, jsonb_build_object('saga_id', new.id, 'name', new.name,
    'deployment_id', new.deployment_id, 'tenant_id', new.tenant_id, 'provider_id', new.provider_id)
  where exists (select from webhooks where disabled_at is null)
    and not exists (select from sagas where finished_at is null and status = 'held' and id <> new.id);
  return null;
end
$$;
create trigger sagas_tell_webhooks_of_breaker after insert on sagas
  for each row when (new.status = 'held') execute function tell_webhooks_of_breaker();
