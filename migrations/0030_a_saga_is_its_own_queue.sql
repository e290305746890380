-- When a saga is to be looked at next. Free: when it wakes. Held: when its lease ends. Ended or stuck: null.
alter table sagas add column due_at timestamptz;
update sagas set due_at = coalesce(lease_expires_at, wake_at, created_at)
  where status not in ('completed', 'rolled_back', 'stuck');
-- Who held a saga before the upgrade does not run any more: it is free once its lease is over.
update sagas set lease_owner = null where lease_owner is not null;
drop index sagas_live;
alter table sagas drop column lease_expires_at, drop column wake_at;
create index sagas_due on sagas (due_at, id) where due_at is not null;
-- Rows that change at every step find room beside themselves.
alter table sagas set (fillfactor = 80);
alter table saga_steps set (fillfactor = 60);
-- Written with its saga, in one statement: to look each up again, and lock it, costs more than the event.
alter table saga_events drop constraint saga_events_saga_id_fkey;
-- What the watchdog found; it is gone.
drop table tallies;
