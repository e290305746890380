-- What we have at the provider, as spans of one price: a droplet has one from its birth to its end, and a further one from
-- when its size or its price changed. What they come to is reckoned in src/costs/bill.ts.
create table cost_spans (
  id uuid primary key default gen_random_uuid(),
  -- The row of the ledger; what it cost is remembered for longer than that.
  resource_id uuid not null,
  tenant_id uuid,
  deployment_id uuid,
  region text,
  size_slug text,
  -- US dollars an hour; null while the catalogue does not say.
  usd_hourly numeric,
  begun_at timestamptz not null,
  ended_at timestamptz,
  -- Whether an end of it, or its price, is what we saw and not what the provider told.
  estimated boolean not null default false
);
create unique index cost_spans_open on cost_spans (resource_id) where ended_at is null;
create index cost_spans_by_resource on cost_spans (resource_id);
create index cost_spans_by_tenant on cost_spans (tenant_id, begun_at);
create index cost_spans_by_end on cost_spans (ended_at);
-- What is new, and may have come and gone between two looks.
create index provider_resources_by_creation on provider_resources (created_at);
