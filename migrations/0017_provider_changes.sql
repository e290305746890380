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
