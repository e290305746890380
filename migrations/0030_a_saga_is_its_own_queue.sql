-- When a saga is to be looked at next. Free: when it wakes. Held: when its lease ends. Ended or stuck: null.
alter table sagas add column due_at timestamptz;
update sagas set due_at = coalesce(lease_expires_at, wake_at, created_at)
  where status not in ('completed', 'rolled_back', 'stuck');
-- Who held a saga before the upgrade does not run any more: it is free once its lease is over.
update sagas set lease_owner = null where lease_owner is not null;
drop index sagas_live;
alter table sagas drop column lease_expires_at, drop column wake_at;
create index sagas_due on sagas (due_at, id) where due_at is not null;
