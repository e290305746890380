-- Whether what a droplet of this release keeps on its own disk may be lost: replacing one asks nobody then.
alter table releases add column stateless boolean not null default false;
