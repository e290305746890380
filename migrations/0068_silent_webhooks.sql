-- A webhook that did not answer is tried by no lane before then, and by one at a time; null: it answered when it was last tried.
alter table webhooks add column quiet_until timestamptz;
