-- When a worker was last there that could work on sagas: deadlines stand still while none is.
create table attendance (
  singleton boolean primary key default true check (singleton),
  attended_at timestamptz not null
);

-- The release before has not kept it: whatever is under way gets its time anew.
update saga_steps set deadline_at = null where status in ('running', 'waiting');
update saga_steps set undo_deadline_at = null where status = 'compensating';
