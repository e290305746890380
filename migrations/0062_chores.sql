-- What one worker does for all, a row each: it is its own queue, as a saga's row is.
create table chores (
  name text primary key,
  -- When it is to be done next; null: once somebody asks for it.
  due_at timestamptz,
  -- Who began it could not do it then: not before this, however often it is asked for.
  put_off_until timestamptz,
  -- How often it has been begun.
  begun integer not null default 0,
  -- The beginning that somebody has asked for, until that has ended.
  asked integer
);

-- Tables of few rows that change all the time, and whose rows look alike always: to count their values once a minute,
-- as PostgreSQL does, writes more than all that changes in them.
alter table chores set (autovacuum_analyze_threshold = 100000, autovacuum_vacuum_threshold = 1000);
alter table attendance set (autovacuum_analyze_threshold = 100000, autovacuum_vacuum_threshold = 1000);
alter table provider set (autovacuum_analyze_threshold = 100000, autovacuum_vacuum_threshold = 1000);
alter table provider_contacts set (autovacuum_analyze_threshold = 100000, autovacuum_vacuum_threshold = 1000);
alter table request_budget set (autovacuum_analyze_threshold = 100000, autovacuum_vacuum_threshold = 1000);
alter table turns set (autovacuum_analyze_threshold = 100000, autovacuum_vacuum_threshold = 1000);
