-- The droplets that a look listed and could not read: it says nothing of them, and of all others what it always said.
alter table looks add column unreadable bigint[] not null default '{}';
