-- A zone's records as they were last read, a row each: what we write ourselves changes one of them, not all.
drop table zone_listings;
create table zone_listings (
  zone text primary key,
  -- When the last complete listing began; null: what is here is not to be believed.
  begun_at timestamptz,
  pages integer not null
);
create table zone_records (
  zone text not null,
  id bigint not null,
  type text not null,
  -- Relative to the zone, in lower case.
  name text not null,
  data text not null,
  ttl integer,
  -- When the request began that showed it, or when we wrote it.
  seen_at timestamptz not null,
  primary key (zone, id)
);
create index zone_records_by_name on zone_records (zone, name);
create index zone_records_by_data on zone_records (zone, data);
-- How much is on its way out: many share looks, few look for themselves.
create index provider_resources_removing on provider_resources (kind) where phase = 'removing';
