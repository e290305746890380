-- Whether the app before this release can go on with data that this one has written: else a replacement with a volume goes
-- forward only, once the new droplet has the volume.
alter table releases add column rollback_safe boolean not null default false;

-- A look at the reserved IPs finds drift of its own.
alter table deployment_conditions drop constraint deployment_conditions_source_check;
alter table deployment_conditions add constraint deployment_conditions_source_check
  check (source in ('droplet', 'dns', 'health', 'reserved_ip'));
