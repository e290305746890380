-- One row for everything that we made at the provider, may have made, or took over: whoever asks what we have there reads
-- this table. A row is written under its saga's fence, in the transaction of the step's intent or outcome.
create table provider_resources (
  id uuid primary key,
  kind text not null,
  -- Whose create it comes from; who answers for it now; and whose it is.
  begun_by uuid not null references sagas (id),
  saga_id uuid not null references sagas (id),
  step text not null,
  deployment_id uuid,
  tenant_id uuid,
  -- By what it is found again; its shape is its kind's.
  handle jsonb not null,
  -- Null until it is known.
  provider_id text,
  origin text not null check (origin in ('made', 'taken_over', 'adopted')),
  phase text not null check (
    phase in ('sending', 'there', 'refused', 'absent', 'removing', 'gone', 'left', 'abandoned')
  ),
  -- Of two that one create made, the one that goes.
  surplus boolean not null default false,
  -- The create: the last moment at which it may be sent, its answer, and the looks since that showed nothing of it.
  not_after timestamptz,
  answered_at timestamptz,
  looks_without integer not null default 0,
  last_look_at timestamptz,
  -- Since when it looks like somebody else's.
  foreign_since timestamptz,
  -- The removal's pace.
  deletes integer not null default 0,
  deleted_at timestamptz,
  -- Before this somebody may still be led to it.
  exposed_until timestamptz,
  -- Its phases, in order: phase, at, saga_id, and the provider's request id where one is known.
  history jsonb not null,
  created_at timestamptz not null
);
create unique index provider_resources_live_once on provider_resources (kind, provider_id)
  where phase in ('sending', 'there', 'removing');
create unique index provider_resources_chosen_once on provider_resources (saga_id, step, kind, handle)
  where phase in ('sending', 'there', 'removing') and not surplus;
create index provider_resources_by_beginner on provider_resources (begun_by);
create index provider_resources_by_saga on provider_resources (saga_id);
create index provider_resources_by_deployment on provider_resources (deployment_id) where deployment_id is not null;
create index provider_resources_by_provider_id on provider_resources (kind, provider_id);
-- By what a thing at the provider tells of its maker.
create index provider_resources_by_name on provider_resources (kind, (handle ->> 'name'));
create index provider_resources_by_tag on provider_resources (kind, (handle ->> 'tag'));

-- Changes of what is there: what it was, what it is to be, and how far that has got. One may be put back until it is kept.
create table provider_changes (
  id uuid primary key,
  resource_id uuid not null references provider_resources (id),
  saga_id uuid not null references sagas (id),
  step text not null,
  -- What of it: a record's value, a droplet's power, size, image or tags.
  aspect text not null,
  was jsonb not null,
  goal jsonb not null,
  phase text not null check (phase in ('sending', 'reached', 'refused', 'returning', 'returned', 'left')),
  -- Of the change, or of the way back: as for a create.
  not_after timestamptz not null,
  answered_at timestamptz,
  looks_without integer not null default 0,
  last_look_at timestamptz,
  -- The newest action there was before it was sent.
  newest_action text,
  -- Since when it shows neither what it was nor what it is to be.
  foreign_since timestamptz,
  created_at timestamptz not null
);
create unique index provider_changes_live_once on provider_changes (resource_id, aspect)
  where phase in ('sending', 'returning');
create index provider_changes_by_step on provider_changes (resource_id, aspect, saga_id, step);
