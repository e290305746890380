-- A tenant whose deployments have all ended can be deleted, but what was billed to it keeps pointing at it.
alter table tenants add column deleted_at timestamptz;
alter table tenants drop constraint tenants_slug_key;
create unique index tenants_slug on tenants (slug) where deleted_at is null;
create index tenants_by_creation on tenants (created_at, id);
