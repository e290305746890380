-- When the droplet of a change whose request was not clearly answered is looked at again: what was given up on may still
-- take hold, and a late shutdown must not stay.
alter table provider_changes add column recheck_at timestamptz;
create index provider_changes_to_recheck on provider_changes (recheck_at) where recheck_at is not null;
