-- What of the account lies on droplets and was not made by us, as the last listing of each kind has shown it: replacing a
-- droplet would leave it behind. `found`: [{provider_id, name, droplet_ids, tags}]; null where the token may not read it.
create table attachment_looks (
  kind text primary key check (kind in ('firewall', 'load_balancer', 'reserved_ip')),
  begun_at timestamptz not null,
  found jsonb
);

-- What a snapshot is billed by, as the provider tells it some time after it was taken; null until then.
alter table snapshots add column size_gib numeric;

-- Of what the span is: hours are those of droplets alone.
alter table cost_spans add column kind text not null default 'droplet'
  check (kind in ('droplet', 'volume', 'snapshot', 'volume_snapshot'));
update cost_spans set kind = row.kind from provider_resources row where row.id = resource_id and row.kind = 'volume';
