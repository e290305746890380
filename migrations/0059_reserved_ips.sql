-- Whether the hostname leads to an address that outlives the droplet: of a release, what a deployment gets that does not say.
alter table releases add column reserved_ip boolean not null default false;
alter table deployments add column reserved_ip boolean not null default false;
