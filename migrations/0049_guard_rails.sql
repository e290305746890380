-- A protected deployment is destroyed only after an admin has lifted that.
alter table deployments add column protected boolean not null default false;
-- What a tenant may have at once; null: no more is asked of it than of anybody.
alter table tenants add column quota jsonb;
-- Those whose health is a condition of theirs.
create index deployment_health_unhealthy on deployment_health (deployment_id) where state = 'unhealthy';
