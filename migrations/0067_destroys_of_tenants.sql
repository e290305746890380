-- A row for each tenant whose own tokens destroy, and one, of no tenant, for everybody else: what one tenant destroys holds
-- nothing of another's. Whoever begins one locks the row that counts it.
alter table destroys drop constraint destroys_pkey;
alter table destroys drop column id;
alter table destroys add column tenant_id uuid references tenants on delete cascade;
alter table destroys add constraint destroys_tenant_id_key unique nulls not distinct (tenant_id);
