-- A saga's rows are its plan: what may be undone only after what, and from which step on it goes forward only, are stored
-- as its steps are. A release that changes them does not change the sagas in flight.
alter table saga_steps add column undo_after text[] not null default '{}';
alter table sagas
  -- The position of the first step that is not rolled back any more; null: all of them are.
  add column pivot integer,
  -- By when a worker has to come that knows the saga's steps; null as long as the last one did.
  add column known_by timestamptz;

-- As the release before had them, for the sagas that run or may be retried.
update sagas set pivot = 0
  where name in ('deprovision_deployment', 'destroy_droplet') and status not in ('completed', 'rolled_back');
update saga_steps set undo_after = array(
    select other.name from saga_steps other
    where other.saga_id = saga_steps.saga_id and other.position <> saga_steps.position
      and (saga_steps.name = 'mark_deployment_provisioning' or other.name = 'point_deployment_dns')
    order by other.position
  )
  from sagas
  where sagas.id = saga_id and sagas.status not in ('completed', 'rolled_back')
    and saga_steps.name in ('create_droplet', 'mark_deployment_provisioning');
