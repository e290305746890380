-- What has ended since the last scrape is read by time.
create index sagas_by_start on sagas (started_at) where started_at is not null;
create index sagas_by_end on sagas (finished_at) where finished_at is not null;
create index saga_steps_by_end on saga_steps (finished_at) where finished_at is not null;
create index saga_steps_by_undo_end on saga_steps (undo_finished_at) where undo_finished_at is not null;
create index webhook_attempts_by_time on webhook_attempts (at);

-- Counts of what should never happen: rare, so a row for each is enough.
create table tallies (
  name text primary key,
  count bigint not null
);
