-- Who waits for room in the request budget. They have it by rank, then by age: ids grow with time.
create table request_queue (
  -- The saga's, or of whoever else waits.
  id uuid primary key,
  -- What it is for: undoing and destroying first, then creating, waiting, sync; of each, first what is for all who wait.
  rank smallint not null,
  -- When there should be room for it. Who does not come then is not waited for.
  turn_at timestamptz not null
);

alter table request_budget
  -- How many requests a minute we took when the provider last refused us, and when that was: others use the token too.
  add column share integer,
  add column share_at timestamptz,
  -- A long Retry-After is not believed to its end: from then on one request finds out.
  add column probe_at timestamptz;
