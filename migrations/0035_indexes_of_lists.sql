-- Every list is ordered by time and read page by page: whatever it is filtered by leads to its rows in that order.

-- Sagas that have not ended are few. Never by status: an index that names it would be written at every step.
create index sagas_live_by_creation on sagas (created_at, id) where finished_at is null;
-- Those that have ended did so forward (completed) or back (rolled_back).
create index sagas_ended on sagas (direction, created_at, id) where finished_at is not null;
create index sagas_ended_of_tenant on sagas (tenant_id, direction, created_at, id) where finished_at is not null;
create index sagas_by_name on sagas (name, created_at, id);
create index sagas_by_name_of_tenant on sagas (tenant_id, name, created_at, id) where tenant_id is not null;

create index deployments_by_status_of_tenant on deployments (tenant_id, status, created_at, id);
create index deployments_by_name on deployments (name, created_at, id);
create index deployments_by_hostname on deployments (hostname, created_at, id);
create index deployments_by_saga on deployments (saga_id) where saga_id is not null;

-- Most droplets that there ever were have been deleted; the lists are of those that are there.
create index cloud_resources_there on cloud_resources (first_seen_at, id) where deleted_at is null;
create index cloud_resources_there_by_origin on cloud_resources (managed, first_seen_at, id) where deleted_at is null;
create index cloud_resources_there_by_region on cloud_resources (region, first_seen_at, id) where deleted_at is null;
create index cloud_resources_there_by_status on cloud_resources (status, first_seen_at, id) where deleted_at is null;
create index cloud_resources_there_by_tenant on cloud_resources (tenant_id, first_seen_at, id)
  where deleted_at is null and tenant_id is not null;
create index cloud_resources_deleted on cloud_resources (first_seen_at, id) where deleted_at is not null;
create index cloud_resources_by_origin on cloud_resources (managed, first_seen_at, id);
create index cloud_resources_by_region on cloud_resources (region, first_seen_at, id);
create index cloud_resources_by_status on cloud_resources (status, first_seen_at, id);
create index cloud_resources_by_tenant on cloud_resources (tenant_id, first_seen_at, id) where tenant_id is not null;

create index strays_there on strays (first_seen_at, provider_id) where gone_at is null;

create index tenants_there on tenants (created_at, id) where deleted_at is null;
create index tenants_by_hostname_pattern on tenants using gin (hostnames) where deleted_at is null;

create index api_tokens_by_creation on api_tokens (created_at, id);
create index api_tokens_by_tenant on api_tokens (tenant_id) where tenant_id is not null;

drop index audit_log_by_subject;
create index audit_log_by_subject on audit_log (subject, at, id);
create index audit_log_by_action on audit_log (action, at, id);
create index audit_log_by_object_type on audit_log (object_type, at, id);
create index audit_log_by_object_id on audit_log (object_id, at, id) where object_id is not null;
create index audit_log_by_tenant on audit_log (tenant_id, at, id) where tenant_id is not null;
drop index audit_log_by_object;

create index webhooks_by_tenant on webhooks (tenant_id, created_at, id);
-- As a cursor carries their time: to the millisecond.
create index webhook_deliveries_newest on webhook_deliveries
  (webhook_id, date_trunc('milliseconds', at at time zone 'UTC'), id);
create index webhook_deliveries_newest_by_status on webhook_deliveries
  (webhook_id, status, date_trunc('milliseconds', at at time zone 'UTC'), id);
drop index webhook_deliveries_by_webhook;

-- What is deleted is looked for in whatever refers to it.
create index webhook_deliveries_by_message on webhook_deliveries (message_id);
create index provider_changes_by_saga on provider_changes (saga_id);
