-- A step that runs for the first time is told by its saga's row alone: what it came to is the first that its own row says.
-- Both set: the step at `position` has begun, and its row is still `pending`.
alter table sagas add column step_started_at timestamptz, add column step_deadline_at timestamptz;
