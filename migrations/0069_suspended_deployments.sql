-- Suspended deployments are few, and are listed by themselves.
create index deployments_off on deployments (created_at desc, id desc) where power = 'off';
