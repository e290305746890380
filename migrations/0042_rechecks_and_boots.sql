-- What has ended is looked at again: of every kind, by the ledger's rows, no longer by the sagas of droplets alone.
alter table provider_resources
  -- When to look again whether anything of it is there after all, and how often that was done.
  add column recheck_at timestamptz,
  add column rechecks integer not null default 0;
create index provider_resources_to_recheck on provider_resources (recheck_at) where recheck_at is not null;

update provider_resources held set
    recheck_at = sagas.recheck_at,
    rechecks = case when sagas.recheck_at - sagas.finished_at > interval '3 hours' then 2
      when sagas.recheck_at - sagas.finished_at > interval '20 minutes' then 1 else 0 end
  from sagas
  where sagas.id = held.begun_by and sagas.recheck_at is not null and held.kind = 'droplet';

-- What a saga that is on its way back has removed already was looked at again when that ended.
update provider_resources held set recheck_at = held.created_at + interval '15 minutes'
  from sagas
  where sagas.id = held.begun_by and sagas.finished_at is null and held.kind = 'droplet' and held.origin = 'made'
    and held.phase in ('gone', 'absent');

alter table sagas drop column recheck_at;

-- Every life of the database's own cluster that we have worked on: another timeline may lack what was committed last.
create table database_lives (
  system_identifier text not null,
  timeline bigint not null,
  first_seen_at timestamptz not null,
  primary key (system_identifier, timeline)
);
