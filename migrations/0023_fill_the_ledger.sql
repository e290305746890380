-- What the steps of the release before have written down in jsonb of their own, and its table of records, become rows of
-- the ledger: of sagas that are under way, and of those that have ended, since what they made is still ours.

create function pg_temp.history(phase text, at timestamptz, saga uuid) returns jsonb language sql as $$
  select case
    when phase in ('sending', 'there') then jsonb_build_array(jsonb_build_object('phase', phase, 'at', at, 'saga_id', saga))
    else jsonb_build_array(
      jsonb_build_object('phase', case when phase in ('refused', 'absent') then 'sending' else 'there' end, 'at', at, 'saga_id', saga),
      jsonb_build_object('phase', phase, 'at', at, 'saga_id', saga))
  end
$$;

-- Droplets: one row for every id that a create_droplet knows, the one it keeps first; one without an id where it knows none.
create temporary table creates on commit drop as
  select sagas.id as saga_id, sagas.deployment_id, sagas.tenant_id, sagas.created_at,
    sagas.status in ('completed', 'rolled_back') as ended, steps.status, steps.intent, steps.output,
    steps.intent -> 'sending' as sending, steps.intent -> 'removal' as removal,
    array(
      select id from (
        select (steps.output ->> 'droplet_id')::bigint as id, 0 as place
        union all
        select id::bigint, place from jsonb_array_elements_text(steps.intent -> 'droplet_ids') with ordinality as it (id, place)
      ) known where id is not null group by id order by min(place)
    ) as ids
  from sagas join saga_steps steps on steps.saga_id = sagas.id
  where steps.name = 'create_droplet' and steps.intent is not null;

insert into provider_resources (
  id, kind, begun_by, saga_id, step, deployment_id, tenant_id, handle, provider_id, origin, phase, surplus, not_after,
  answered_at, looks_without, last_look_at, deletes, deleted_at, history, created_at
)
select gen_random_uuid(), 'droplet', saga_id, saga_id, 'create_droplet', deployment_id, tenant_id, intent -> 'handle', droplet_id::text,
  'made', phase, coalesce(place, 1) > 1, (sending ->> 'not_after')::timestamptz,
  coalesce((output ->> 'droplet_accepted_at')::timestamptz, (sending ->> 'answered_at')::timestamptz),
  case when phase = 'sending' then (sending ->> 'empty_looks')::integer else 0 end, (sending ->> 'last_look_at')::timestamptz,
  case when phase = 'removing' then (removal ->> 'deletes')::integer else 0 end,
  case when phase = 'removing' then (removal ->> 'deleted_at')::timestamptz end,
  pg_temp.history(phase, created_at, saga_id), created_at
from (
  select creates.*, droplet_id, place,
    case
      when droplet_id is null and sending ->> 'phase' = 'refused' then 'refused'
      when droplet_id is null and (status = 'compensated' or (sending ->> 'empty_looks')::integer >= 2) then 'absent'
      when droplet_id is null then 'sending'
      when status = 'compensated' then 'gone'
      when exists (select from cloud_resources where provider_id = droplet_id and destroyed_by is not null) then 'gone'
      -- Its deployment has ended without its being destroyed: an operator has resolved that.
      when ended and exists (
        select from deployments where deployments.id = creates.deployment_id and deployments.status in ('cancelled', 'terminated')
      ) then 'abandoned'
      -- They are removed one after the other, the last first.
      when place = cardinality(ids) and (removal ->> 'deletes')::integer > 0 then 'removing'
      else 'there'
    end as phase
  from creates left join lateral unnest(ids) with ordinality as known (droplet_id, place) on true
) placed;

-- What a removal that is under way is about is its own.
create temporary table removals on commit drop as
  select sagas.id as saga_id, sagas.deployment_id, sagas.tenant_id, sagas.provider_id::text as provider_id, sagas.input, sagas.created_at,
    coalesce((steps.intent -> 'removal' ->> 'deletes')::integer, 0) as deletes,
    (steps.intent -> 'removal' ->> 'deleted_at')::timestamptz as deleted_at,
    steps.status = 'completed' as done
  from sagas join saga_steps steps on steps.saga_id = sagas.id
  where steps.name = 'destroy_droplet' and sagas.status not in ('completed', 'rolled_back') and sagas.provider_id is not null;

update provider_resources held set saga_id = removals.saga_id, step = 'destroy_droplet', deletes = removals.deletes,
    deleted_at = removals.deleted_at, phase = case when removals.deletes > 0 then 'removing' else held.phase end,
    origin = case when (removals.input ->> 'unmanaged')::boolean then 'taken_over' else origin end,
    history = case when removals.deletes > 0 and held.phase = 'there'
      then history || (pg_temp.history('removing', removals.created_at, removals.saga_id) -> 1) else history end
  from removals
  where held.kind = 'droplet' and held.provider_id = removals.provider_id and held.phase in ('there', 'removing') and not removals.done;

insert into provider_resources (
  id, kind, begun_by, saga_id, step, handle, provider_id, origin, phase, deletes, deleted_at, history, created_at
)
select gen_random_uuid(), 'droplet', coalesce(maker.begun_by, removals.saga_id), removals.saga_id, 'destroy_droplet',
  coalesce(maker.handle, jsonb_build_object(
    'name', coalesce(removals.input ->> 'name', ''),
    'tag', case when (removals.input ->> 'unmanaged')::boolean then '' else coalesce('arcadia-install-' || installation.id, '') end
  )),
  removals.provider_id,
  case when (removals.input ->> 'unmanaged')::boolean then 'taken_over' when maker.id is null then 'adopted' else 'made' end,
  step.phase, removals.deletes, removals.deleted_at, pg_temp.history(step.phase, removals.created_at, removals.saga_id), removals.created_at
from removals
left join installation on true
left join lateral (
  select * from provider_resources made
  where made.kind = 'droplet' and made.handle ->> 'name' = removals.input ->> 'name' and not (removals.input ->> 'unmanaged')::boolean
  order by made.created_at desc limit 1
) maker on true
cross join lateral (select case when removals.deletes > 0 then 'removing' else 'there' end as phase) step
where not removals.done and not exists (
  select from provider_resources held
  where held.kind = 'droplet' and held.provider_id = removals.provider_id and held.phase in ('there', 'removing')
);

-- Records that are ours, and those that we have removed, which listings may go on showing.
create temporary table points on commit drop as
  select sagas.id as saga_id, sagas.deployment_id, sagas.tenant_id, sagas.created_at, sagas.status in ('completed', 'rolled_back') as ended,
    steps.status, steps.intent, steps.output, steps.intent -> 'before' as before, steps.intent -> 'sending' as sending,
    jsonb_build_object(
      'zone', steps.intent ->> 'zone', 'name', steps.intent ->> 'name', 'hostname', steps.intent ->> 'hostname', 'type', 'A'
    ) as place
  from sagas join saga_steps steps on steps.saga_id = sagas.id
  where steps.name = 'point_deployment_dns' and steps.intent is not null;

insert into provider_resources (
  id, kind, begun_by, saga_id, step, deployment_id, tenant_id, handle, provider_id, origin, phase, answered_at, history, created_at
)
select gen_random_uuid(), 'dns_record', records.saga_id, coalesce(removing.id, records.saga_id),
  case when removing.id is null then 'point_deployment_dns' else 'remove_deployment_dns' end,
  records.deployment_id, deployments.tenant_id,
  jsonb_build_object(
    'zone', records.zone, 'name', records.name, 'type', 'A', 'data', records.data, 'ttl', coalesce(taken.ttl, 300),
    'hostname', case records.name when '@' then records.zone else records.name || '.' || records.zone end
  ),
  records.record_id::text, case when taken.found then 'taken_over' else 'made' end, phase.it, records.created_at,
  pg_temp.history(phase.it, records.created_at, records.saga_id), records.created_at
from dns_records records
join deployments on deployments.id = records.deployment_id
left join lateral (
  select true as found, (points.before -> 0 ->> 'ttl')::integer as ttl from points
  where points.saga_id = records.saga_id and (points.before -> 0 ->> 'id')::bigint = records.record_id
) taken on true
left join sagas removing on removing.deployment_id = records.deployment_id and removing.name = 'deprovision_deployment'
  and removing.status not in ('completed', 'rolled_back') and records.released_at is null
cross join lateral (select case when records.released_at is null then 'there' else 'gone' end as it) phase;

-- A record that was being made, or was made and is not known to be: it is looked for.
insert into provider_resources (
  id, kind, begun_by, saga_id, step, deployment_id, tenant_id, handle, origin, phase, not_after, answered_at, looks_without,
  last_look_at, history, created_at
)
select gen_random_uuid(), 'dns_record', saga_id, saga_id, 'point_deployment_dns', deployment_id, tenant_id,
  place || jsonb_build_object('data', intent ->> 'ip', 'ttl', 300), 'made', phase.it, (sending ->> 'not_after')::timestamptz,
  (sending ->> 'answered_at')::timestamptz, (sending ->> 'empty_looks')::integer, (sending ->> 'last_look_at')::timestamptz,
  pg_temp.history(phase.it, created_at, saga_id), created_at
from points
cross join lateral (
  select case
    when sending ->> 'phase' = 'refused' then 'refused'
    when (sending ->> 'empty_looks')::integer >= 2 then 'absent'
    else 'sending'
  end as it
) phase
where not ended and output is null and status <> 'compensated' and jsonb_array_length(before) = 0;

-- A takeover that was under way: the record that is kept, what it was, and those that go or have gone.
insert into provider_resources (
  id, kind, begun_by, saga_id, step, deployment_id, tenant_id, handle, provider_id, origin, phase, answered_at, history, created_at
)
select gen_random_uuid(), 'dns_record', saga_id, saga_id, 'point_deployment_dns', deployment_id, tenant_id,
  place || jsonb_build_object('data', intent ->> 'ip', 'ttl', coalesce((before -> 0 ->> 'ttl')::integer, 300)),
  before -> 0 ->> 'id', 'taken_over', 'there', (sending ->> 'not_after')::timestamptz,
  pg_temp.history('there', created_at, saga_id), created_at
from points
where not ended and output is null and status <> 'compensated' and jsonb_array_length(before) > 0;

insert into provider_changes (id, resource_id, saga_id, step, aspect, was, goal, phase, not_after, created_at)
select gen_random_uuid(), held.id, points.saga_id, held.step, 'value',
  jsonb_build_object('data', before -> 0 ->> 'data', 'ttl', before -> 0 -> 'ttl'),
  jsonb_build_object('data', held.handle -> 'data', 'ttl', held.handle -> 'ttl'),
  case when points.output is null then 'sending' else 'reached' end, (sending ->> 'not_after')::timestamptz, points.created_at
from points
join provider_resources held on held.kind = 'dns_record' and held.saga_id = points.saga_id and held.provider_id = before -> 0 ->> 'id'
where not points.ended and points.status <> 'compensated';

insert into provider_resources (
  id, kind, begun_by, saga_id, step, deployment_id, tenant_id, handle, provider_id, origin, phase, surplus, deletes, deleted_at,
  history, created_at
)
select gen_random_uuid(), 'dns_record', saga_id, saga_id, 'point_deployment_dns', deployment_id, tenant_id,
  place || jsonb_build_object('data', old ->> 'data', 'ttl', old -> 'ttl'), old ->> 'id', 'taken_over', phase.it, true,
  case phase.it when 'removing' then 1 else 0 end, (sending ->> 'not_after')::timestamptz,
  pg_temp.history(phase.it, created_at, saga_id), created_at
from points
cross join lateral jsonb_array_elements(before) with ordinality as others (old, number)
-- Whether they were deleted, the step did not say: they are removed until that is proven.
cross join lateral (
  select case when output is not null or intent ->> 'bringing_back_until' is not null then 'gone' else 'removing' end as it
) phase
where not ended and status <> 'compensated' and number > 1;

-- And those that are being brought back: one that is not listed yet may be there.
insert into provider_resources (
  id, kind, begun_by, saga_id, step, deployment_id, tenant_id, handle, origin, phase, not_after, history, created_at
)
select gen_random_uuid(), 'dns_record', saga_id, saga_id, 'point_deployment_dns', deployment_id, tenant_id,
  place || jsonb_build_object('data', old ->> 'data', 'ttl', old -> 'ttl'), 'made', 'sending',
  (intent ->> 'bringing_back_until')::timestamptz, pg_temp.history('sending', created_at, saga_id), created_at
from points
cross join lateral jsonb_array_elements(before) with ordinality as others (old, number)
where not ended and status <> 'compensated' and number > 1 and intent ->> 'bringing_back_until' is not null;

drop table dns_records;
