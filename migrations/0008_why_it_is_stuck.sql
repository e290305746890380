-- Why a saga turned back and why it is stuck are two things: neither may hide the other.
alter table sagas add column stuck_error jsonb;
alter table saga_steps add column undo_error jsonb;

-- What is under way keeps both: until now the undo's error stood in the place of the cause, which the history still tells.
update sagas set stuck_error = error where status = 'stuck';
update sagas set error = cause.error
  from (
    select distinct on (saga_id) saga_id, data -> 'error' as error from saga_events
    where type = 'saga' and data ->> 'status' = 'compensating' and data ? 'error'
    order by saga_id, sequence
  ) cause
  where cause.saga_id = sagas.id and direction = 'back' and status in ('stuck', 'compensating');
update saga_steps set undo_error = error, error = (
    select data -> 'error' from saga_events
    where saga_id = saga_steps.saga_id and type = 'step' and data ->> 'name' = name and data ->> 'status' = 'failed'
    order by sequence desc limit 1
  )
  where status in ('compensating', 'compensation_failed');

-- As in 0003, and with it what a stuck saga is stuck on.
create or replace function tell_webhooks_of_saga() returns trigger language plpgsql as $$
begin
  insert into webhook_messages (type, object_id, tenant_id, data)
  select 'saga.' || case new.status when 'waiting' then 'running' else new.status end, new.id, new.tenant_id,
    jsonb_build_object('id', new.id, 'name', new.name, 'status', new.status, 'deployment_id', new.deployment_id,
      'tenant_id', new.tenant_id, 'provider_id', new.provider_id, 'error', new.error, 'stuck_error', new.stuck_error)
  where exists (select from webhooks where disabled_at is null);
  return null;
end
$$;
