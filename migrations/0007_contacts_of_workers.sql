-- What each worker finds with its own token; what the provider is as a whole is made of these.
create table provider_contacts (
  worker_id uuid primary key,
  status text not null check (status in ('up', 'down', 'wrong_account')),
  reason text,
  -- Whose token it is, where the provider has said so.
  account_uuid text,
  since timestamptz not null,
  checked_at timestamptz not null,
  -- The worker is gone by then, and counts no more, unless it says again that it is there.
  present_until timestamptz not null
);

-- Deadlines are put off for the few steps that are under way, among all there ever were.
create index saga_steps_under_way on saga_steps (status) where status in ('running', 'waiting', 'compensating');
create index sagas_by_tenant on sagas (tenant_id, created_at, id);
