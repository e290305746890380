-- Its droplet was there before us: nobody but whoever orders its end destroys it, and it can be given back.
alter table deployments add column adopted boolean not null default false;
-- Of many deployments few are: whether there is one at all is asked at each sync.
create index deployments_adopted on deployments (id) where adopted and status = 'active';
