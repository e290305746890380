-- Its droplet was there before us: nobody but whoever orders its end destroys it, and it can be given back.
alter table deployments add column adopted boolean not null default false;
