-- Append-only also for a session that replays (session_replication_role = replica), which fires no ordinary trigger.
alter table audit_log enable always trigger audit_log_is_append_only;
