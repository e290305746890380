-- Whether the app before this release can go on with data that this one has written: else a replacement with a volume goes
-- forward only, once the new droplet has the volume.
alter table releases add column rollback_safe boolean not null default false;
