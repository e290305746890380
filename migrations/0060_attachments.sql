-- What of the account lies on droplets and was not made by us, as the last listing of each kind has shown it: replacing a
-- droplet would leave it behind. `found`: [{provider_id, name, droplet_ids, tags}]; null where the token may not read it.
create table attachment_looks (
  kind text primary key check (kind in ('firewall', 'load_balancer', 'reserved_ip')),
  begun_at timestamptz not null,
  found jsonb
);
