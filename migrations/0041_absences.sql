-- Droplets of active deployments that listings do not show: what there is of proof that somebody destroyed them.
create table droplet_absences (
  deployment_id uuid primary key references deployments (id),
  provider_id bigint not null,
  -- When the first listing that missed it began, and the last one; how many have in a row.
  since timestamptz not null,
  last_look_at timestamptz not null,
  looks integer not null default 1,
  -- From when on every listing that missed it has shown a droplet that should be there, of its region where there is one.
  -- Null: the last one has not.
  witnessed_since timestamptz,
  -- Proven: listings, its own address and the account have said so.
  proven_at timestamptz,
  -- One of too many at once: nothing is done about it by itself, until it is back.
  held boolean not null default false,
  -- What has become of our record: it leads nowhere, or is not ours to park. Null: it leads to the droplet's address.
  dns text check (dns in ('parked', 'left')),
  -- A listing has shown the droplet again.
  returned_at timestamptz,
  -- The newest saga that parked the record or brought it back.
  saga_id uuid references sagas (id) on delete set null
);

create function end_absence_of_deployment() returns trigger language plpgsql as $$
begin
  delete from droplet_absences where deployment_id = new.id;
  return null;
end
$$;
create trigger deployments_end_absence after update of status on deployments
  for each row when (old.status = 'active' and new.status <> 'active')
  execute function end_absence_of_deployment();

-- What is wrong with the installation as a whole, and wants a human.
create table problems (
  code text primary key,
  since timestamptz not null,
  message text not null,
  remedy text not null
);

create function tell_webhooks_of_problem() returns trigger language plpgsql as $$
declare
  it problems := coalesce(new, old);
begin
  insert into webhook_messages (type, object_id, tenant_id, data)
  select case when tg_op = 'DELETE' then 'problem.solved' else 'problem.raised' end, installation.id, null,
    jsonb_build_object('code', it.code, 'since', it.since, 'message', it.message, 'remedy', it.remedy)
  from installation
  where exists (select from webhooks where disabled_at is null);
  return null;
end
$$;
create trigger problems_tell_webhooks after insert or delete on problems
  for each row execute function tell_webhooks_of_problem();
