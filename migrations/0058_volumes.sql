-- The data of a deployment, on a disk that outlives its droplet: {size_gib, filesystem}. A release says what a deployment
-- gets that does not say itself; a deployment's own is what it has, or is to have.
alter table releases add column volume jsonb;
alter table deployments add column volume jsonb;

-- A snapshot of a volume is made from no image.
alter table snapshots add column kind text not null default 'snapshot' check (kind in ('snapshot', 'volume_snapshot'));
alter table snapshots alter column image drop not null;
