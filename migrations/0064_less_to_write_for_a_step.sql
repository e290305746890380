-- A step that runs for the first time is told by its saga's row alone: what it came to is the first that its own row says.
-- Set: the step at `position` has begun, and its row is still `pending`.
alter table sagas add column step_started_at timestamptz, add column step_deadline_at timestamptz;

-- What one commit tells of a saga is one row of its log, which is only ever added to: most tell two events or more.
alter table saga_events rename to saga_log;
alter table saga_log rename constraint saga_events_pkey to saga_log_pkey;
alter table saga_log rename constraint saga_events_type_check to saga_log_type_check;
-- Rows of before tell one each, by type and data; `sequence` is that of the last.
alter table saga_log alter column type drop not null, alter column data drop not null, add column news jsonb;
-- What is there is as it says: to look at all of it again would keep everybody waiting.
alter table saga_log add constraint saga_log_tells
  check ((news is null) = (type is not null and data is not null)) not valid;

-- The events of a saga, one a row, as they are read.
create view saga_events as
  select saga_id, sequence, at, type, data from saga_log where news is null
  union all
  select saga_id, (sequence - jsonb_array_length(news) + number)::integer, at, it ->> 'type', it -> 'data'
  from saga_log cross join lateral jsonb_array_elements(news) with ordinality as told (it, number)
  where news is not null;
