-- Deployments that have a health check of their own, newest first: those whose health is not known are among them.
create index deployments_checked on deployments (created_at, id) where health_check is not null;
create index deployments_checked_of_tenant on deployments (tenant_id, created_at, id) where health_check is not null;
