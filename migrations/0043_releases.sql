-- What a droplet runs, by a name that never means another thing while anybody uses it.
create table releases (
  id uuid primary key,
  name text not null unique,
  image text not null,
  size_slug text,
  ssh_keys jsonb not null default '[]',
  health_check jsonb,
  monitoring boolean not null default false,
  ipv6 boolean not null default false,
  backups boolean not null default false,
  vpc_uuid uuid,
  -- Sealed for the release; null: it has none.
  user_data bytea,
  created_at timestamptz not null
);
create index releases_by_creation on releases (created_at, id);

-- No foreign key: a deployment that is terminated remembers what it ran when that release is long deleted. Who uses a
-- release holds its row while it says so.
alter table deployments
  add column release text,
  add column labels jsonb not null default '{}',
  -- Its own, instead of the release's.
  add column health_check jsonb,
  add column variable_names text[] not null default '{}';
create index deployments_by_release on deployments (release, created_at, id) where release is not null;
create index deployments_by_label on deployments using gin (labels jsonb_path_ops);

alter table tenants add column labels jsonb not null default '{}';
create index tenants_by_label on tenants using gin (labels jsonb_path_ops);

-- A deployment's variables, names and values, sealed for it; as long as it may get another droplet.
create table sealed_variables (
  deployment_id uuid primary key references deployments (id),
  sealed bytea not null,
  updated_at timestamptz not null
);
