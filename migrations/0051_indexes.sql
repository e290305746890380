-- Looked through for what refers to a deployment or a saga that is deleted.
create index deployment_conditions_by_deployment on deployment_conditions (deployment_id);
create index droplet_absences_by_saga on droplet_absences (saga_id) where saga_id is not null;
