-- Only what a saga of ours destroyed is gone for good: what merely vanished from a listing may come back, and is still ours.
alter table cloud_resources add column destroyed_by uuid;
create index cloud_resources_by_registrar on cloud_resources (registered_by) where registered_by is not null;
create index cloud_resources_by_linker on cloud_resources (linked_by) where linked_by is not null;
-- A droplet's name ends with the last 18 digits of its saga's id: how one whose tags never arrived is found.
create index sagas_by_name_suffix on sagas (right(replace(id::text, '-', ''), 18));
