-- Generated from the migrations by `npm run generate`.

CREATE OR REPLACE FUNCTION public.count_ended_sagas()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into status_changes
    values ('saga', new.tenant_id, new.status, case when new.finished_at is null then -1 else 1 end);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.count_purged_sagas()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into status_changes select 'saga', tenant_id, status, -count(*) from gone
    where finished_at is not null group by tenant_id, status;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.count_statuses()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op <> 'INSERT' then
    insert into status_changes values (tg_argv[0], old.tenant_id, old.status, -1);
  end if;
  if tg_op <> 'DELETE' then
    insert into status_changes values (tg_argv[0], new.tenant_id, new.status, 1);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.end_absence_of_deployment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  delete from droplet_absences where deployment_id = new.id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.end_conditions_of_deployment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update deployment_conditions set cleared_at = new.updated_at
  where deployment_id = new.id and cleared_at is null;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.forget_for_search()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  delete from search_index where object_id = old.id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.index_for_search()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare it jsonb := to_jsonb(new);
begin
  insert into search_index values (
    new.id, tg_argv[0], (it ->> tg_argv[1])::timestamptz, concat_ws(e'\n', it ->> tg_argv[2], it ->> tg_argv[3]))
  on conflict (object_id) do update set words = excluded.words where search_index.words <> excluded.words;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$function$;

CREATE OR REPLACE FUNCTION public.search_runs(kind text, words text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select array(
    select distinct kind || substr(given, start, length)
    from lower(words) given, generate_series(1, 3) length, generate_series(1, char_length(given) - length + 1) start)
$function$;

CREATE OR REPLACE FUNCTION public.search_runs_within(kind text, given text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select array(
    select distinct kind || substr(whole, start, 3)
    from lower(given) whole, generate_series(1, greatest(1, char_length(whole) - 2)) start)
$function$;

CREATE OR REPLACE FUNCTION public.tell_webhooks_of_condition()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into webhook_messages (type, object_id, tenant_id, data)
  select case when held.conditions = '[]'::jsonb then 'deployment.recovered' else 'deployment.degraded' end,
    deployments.id, deployments.tenant_id, jsonb_build_object(
      'id', deployments.id, 'tenant_id', deployments.tenant_id, 'name', deployments.name,
      'hostname', deployments.hostname, 'status', deployments.status, 'conditions', held.conditions)
  from deployments, lateral (
    select coalesce(jsonb_agg(jsonb_build_object('code', code, 'since', since, 'message', message, 'remedy', remedy)
      order by since, code), '[]'::jsonb) as conditions
    from deployment_conditions
    where deployment_id = new.deployment_id and raised_at is not null and cleared_at is null) held
  -- One that is being removed has not recovered.
  where deployments.id = new.deployment_id and deployments.status = 'active'
    and exists (select from webhooks where disabled_at is null);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.tell_webhooks_of_deployment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into webhook_messages (type, object_id, tenant_id, data)
  select 'deployment.' || new.status, new.id, new.tenant_id, jsonb_build_object(
    'id', new.id, 'tenant_id', new.tenant_id, 'name', new.name, 'hostname', new.hostname, 'region', new.region,
    'size_slug', new.size_slug, 'image', new.image, 'status', new.status, 'reason', new.reason, 'saga_id', new.saga_id)
  where exists (select from webhooks where disabled_at is null);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.tell_webhooks_of_problem()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  it problems := coalesce(new, old);
begin
  insert into webhook_messages (type, object_id, tenant_id, data)
  select case when tg_op = 'DELETE' then 'problem.solved' else 'problem.raised' end, installation.id, null,
    jsonb_build_object('code', it.code, 'since', it.since, 'message', it.message, 'remedy', it.remedy)
  from installation
  where exists (select from webhooks where disabled_at is null);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.tell_webhooks_of_saga()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into webhook_messages (type, object_id, tenant_id, data)
  select 'saga.' || case new.status when 'waiting' then 'running' else new.status end, new.id, new.tenant_id,
    jsonb_build_object('id', new.id, 'name', new.name, 'status', new.status, 'deployment_id', new.deployment_id,
      'tenant_id', new.tenant_id, 'provider_id', new.provider_id, 'error', new.error, 'stuck_error', new.stuck_error)
  where exists (select from webhooks where disabled_at is null);
  return null;
end
$function$;

create table api_tokens (
  id uuid not null,
  name text not null,
  hash bytea not null,
  role text not null,
  tenant_id uuid,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  origin text,
  constraint api_tokens_pkey PRIMARY KEY (id),
  constraint api_tokens_hash_key UNIQUE (hash),
  constraint api_tokens_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
  constraint api_tokens_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'operator'::text, 'viewer'::text])))
);
CREATE INDEX api_tokens_by_creation ON public.api_tokens USING btree (created_at, id);
CREATE INDEX api_tokens_by_tenant ON public.api_tokens USING btree (tenant_id) WHERE (tenant_id IS NOT NULL);

create table attachment_looks (
  kind text not null,
  begun_at timestamp with time zone not null,
  found jsonb,
  constraint attachment_looks_pkey PRIMARY KEY (kind),
  constraint attachment_looks_kind_check CHECK ((kind = ANY (ARRAY['firewall'::text, 'load_balancer'::text, 'reserved_ip'::text])))
);

create table attendance (
  singleton boolean not null default true,
  attended_at timestamp with time zone not null,
  constraint attendance_pkey PRIMARY KEY (singleton),
  constraint attendance_singleton_check CHECK (singleton)
);

create table audit_log (
  id uuid not null,
  at timestamp with time zone not null,
  token_id uuid,
  subject text not null,
  action text not null,
  object_type text not null,
  object_id text,
  tenant_id uuid,
  request_id text,
  address text,
  detail jsonb,
  constraint audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_log_by_action ON public.audit_log USING btree (action, at, id);
CREATE INDEX audit_log_by_object_id ON public.audit_log USING btree (object_id, at, id) WHERE (object_id IS NOT NULL);
CREATE INDEX audit_log_by_object_type ON public.audit_log USING btree (object_type, at, id);
CREATE INDEX audit_log_by_subject ON public.audit_log USING btree (subject, at, id);
CREATE INDEX audit_log_by_tenant ON public.audit_log USING btree (tenant_id, at, id) WHERE (tenant_id IS NOT NULL);
CREATE INDEX audit_log_by_time ON public.audit_log USING btree (at, id);
CREATE TRIGGER audit_log_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_is_append_only;

create table catalogue (
  kind text not null,
  slug text not null,
  data jsonb not null,
  constraint catalogue_pkey PRIMARY KEY (kind, slug),
  constraint catalogue_kind_check CHECK ((kind = ANY (ARRAY['region'::text, 'size'::text, 'image'::text])))
);

create table chores (
  name text not null,
  due_at timestamp with time zone,
  put_off_until timestamp with time zone,
  begun integer not null default 0,
  asked integer,
  constraint chores_pkey PRIMARY KEY (name)
);

create table cloud_provisioned (
  resource_id uuid not null,
  size_slug text not null,
  region text not null,
  image text not null,
  saga_id uuid not null,
  recorded_at timestamp with time zone not null,
  constraint cloud_provisioned_pkey PRIMARY KEY (resource_id),
  constraint cloud_provisioned_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES cloud_resources(id) ON DELETE CASCADE
);

create table cloud_resources (
  id uuid not null,
  provider_id bigint not null,
  name text not null,
  status text not null,
  region text,
  size_slug text,
  image text,
  public_ipv4 text,
  tags text[] not null default '{}'::text[],
  managed boolean not null,
  deployment_id uuid,
  tenant_id uuid,
  registered_by uuid,
  linked_by uuid,
  provider_created_at timestamp with time zone,
  first_seen_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  destroyed_by uuid,
  constraint cloud_resources_pkey PRIMARY KEY (id),
  constraint cloud_resources_provider_id_key UNIQUE (provider_id),
  constraint cloud_resources_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments(id),
  constraint cloud_resources_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE INDEX cloud_resources_by_deployment ON public.cloud_resources USING btree (deployment_id) WHERE (deployment_id IS NOT NULL);
CREATE INDEX cloud_resources_by_first_seen ON public.cloud_resources USING btree (first_seen_at, id);
CREATE INDEX cloud_resources_by_linker ON public.cloud_resources USING btree (linked_by) WHERE (linked_by IS NOT NULL);
CREATE INDEX cloud_resources_by_origin ON public.cloud_resources USING btree (managed, first_seen_at, id);
CREATE INDEX cloud_resources_by_region ON public.cloud_resources USING btree (region, first_seen_at, id);
CREATE INDEX cloud_resources_by_registrar ON public.cloud_resources USING btree (registered_by) WHERE (registered_by IS NOT NULL);
CREATE INDEX cloud_resources_by_status ON public.cloud_resources USING btree (status, first_seen_at, id);
CREATE INDEX cloud_resources_by_tenant ON public.cloud_resources USING btree (tenant_id, first_seen_at, id) WHERE (tenant_id IS NOT NULL);
CREATE INDEX cloud_resources_deleted ON public.cloud_resources USING btree (first_seen_at, id) WHERE (deleted_at IS NOT NULL);
CREATE INDEX cloud_resources_there ON public.cloud_resources USING btree (first_seen_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX cloud_resources_there_by_origin ON public.cloud_resources USING btree (managed, first_seen_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX cloud_resources_there_by_region ON public.cloud_resources USING btree (region, first_seen_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX cloud_resources_there_by_status ON public.cloud_resources USING btree (status, first_seen_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX cloud_resources_there_by_tenant ON public.cloud_resources USING btree (tenant_id, first_seen_at, id) WHERE ((deleted_at IS NULL) AND (tenant_id IS NOT NULL));
CREATE TRIGGER cloud_resources_are_forgotten AFTER DELETE ON public.cloud_resources FOR EACH ROW EXECUTE FUNCTION forget_for_search();
CREATE TRIGGER cloud_resources_are_found AFTER INSERT ON public.cloud_resources FOR EACH ROW EXECUTE FUNCTION index_for_search('r', 'first_seen_at', 'name', 'public_ipv4');
CREATE TRIGGER cloud_resources_are_found_anew AFTER UPDATE OF name, public_ipv4 ON public.cloud_resources FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.public_ipv4 IS DISTINCT FROM new.public_ipv4))) EXECUTE FUNCTION index_for_search('r', 'first_seen_at', 'name', 'public_ipv4');

create table cost_spans (
  id uuid not null default gen_random_uuid(),
  resource_id uuid not null,
  tenant_id uuid,
  deployment_id uuid,
  region text,
  size_slug text,
  usd_hourly numeric,
  begun_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  estimated boolean not null default false,
  kind text not null default 'droplet'::text,
  constraint cost_spans_pkey PRIMARY KEY (id),
  constraint cost_spans_kind_check CHECK ((kind = ANY (ARRAY['droplet'::text, 'volume'::text, 'snapshot'::text, 'volume_snapshot'::text])))
);
CREATE INDEX cost_spans_by_end ON public.cost_spans USING btree (ended_at);
CREATE INDEX cost_spans_by_resource ON public.cost_spans USING btree (resource_id);
CREATE INDEX cost_spans_by_tenant ON public.cost_spans USING btree (tenant_id, begun_at);
CREATE UNIQUE INDEX cost_spans_open ON public.cost_spans USING btree (resource_id) WHERE (ended_at IS NULL);

create table database_lives (
  system_identifier text not null,
  timeline bigint not null,
  first_seen_at timestamp with time zone not null,
  constraint database_lives_pkey PRIMARY KEY (system_identifier, timeline)
);

create table deployment_conditions (
  id uuid not null,
  deployment_id uuid not null,
  code text not null,
  source text not null,
  since timestamp with time zone not null,
  last_found_at timestamp with time zone not null,
  findings integer not null default 1,
  raised_at timestamp with time zone,
  message text not null,
  remedy text not null,
  cleared_at timestamp with time zone,
  constraint deployment_conditions_pkey PRIMARY KEY (id),
  constraint deployment_conditions_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments(id),
  constraint deployment_conditions_code_check CHECK ((code = ANY (ARRAY['droplet_gone'::text, 'droplet_off'::text, 'drift'::text, 'unhealthy'::text, 'dns_delegated'::text, 'zone_gone'::text]))),
  constraint deployment_conditions_source_check CHECK ((source = ANY (ARRAY['droplet'::text, 'dns'::text, 'health'::text, 'reserved_ip'::text])))
);
CREATE INDEX deployment_conditions_by_deployment ON public.deployment_conditions USING btree (deployment_id);
CREATE INDEX deployment_conditions_by_end ON public.deployment_conditions USING btree (cleared_at) WHERE (cleared_at IS NOT NULL);
CREATE UNIQUE INDEX deployment_conditions_once ON public.deployment_conditions USING btree (deployment_id, code, source) WHERE (cleared_at IS NULL);
CREATE INDEX deployment_conditions_raised ON public.deployment_conditions USING btree (code, deployment_id) WHERE ((cleared_at IS NULL) AND (raised_at IS NOT NULL));
CREATE TRIGGER deployment_conditions_tell_of_insert AFTER INSERT ON public.deployment_conditions FOR EACH ROW WHEN ((new.raised_at IS NOT NULL)) EXECUTE FUNCTION tell_webhooks_of_condition();
CREATE TRIGGER deployment_conditions_tell_of_update AFTER UPDATE OF raised_at, cleared_at ON public.deployment_conditions FOR EACH ROW WHEN ((((old.raised_at IS NULL) AND (new.raised_at IS NOT NULL)) OR ((new.raised_at IS NOT NULL) AND (old.cleared_at IS NULL) AND (new.cleared_at IS NOT NULL)))) EXECUTE FUNCTION tell_webhooks_of_condition();

create table deployment_health (
  deployment_id uuid not null,
  provider_id bigint not null,
  state text not null default 'unknown'::text,
  since timestamp with time zone not null,
  reason text,
  successes integer not null default 0,
  failures integer not null default 0,
  probed_at timestamp with time zone,
  next_probe_at timestamp with time zone,
  leased_until timestamp with time zone,
  constraint deployment_health_pkey PRIMARY KEY (deployment_id, provider_id),
  constraint deployment_health_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments(id),
  constraint deployment_health_state_check CHECK ((state = ANY (ARRAY['unknown'::text, 'healthy'::text, 'unhealthy'::text])))
);
CREATE INDEX deployment_health_by_state ON public.deployment_health USING btree (state, deployment_id);
CREATE INDEX deployment_health_due ON public.deployment_health USING btree (next_probe_at) WHERE (next_probe_at IS NOT NULL);
CREATE INDEX deployment_health_unhealthy ON public.deployment_health USING btree (deployment_id) WHERE (state = 'unhealthy'::text);

create table deployments (
  id uuid not null,
  tenant_id uuid not null,
  name text not null,
  hostname text not null,
  region text not null,
  size_slug text not null,
  image text not null,
  ssh_keys jsonb not null default '[]'::jsonb,
  replace_dns boolean not null default false,
  status text not null,
  reason text,
  saga_id uuid,
  delete_requested_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  activated_at timestamp with time zone,
  ended_at timestamp with time zone,
  release text,
  labels jsonb not null default '{}'::jsonb,
  health_check jsonb,
  variable_names text[] not null default '{}'::text[],
  power text not null default 'on'::text,
  protected boolean not null default false,
  adopted boolean not null default false,
  volume jsonb,
  reserved_ip boolean not null default false,
  constraint deployments_pkey PRIMARY KEY (id),
  constraint deployments_saga_id_fkey FOREIGN KEY (saga_id) REFERENCES sagas(id),
  constraint deployments_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
  constraint deployments_power_check CHECK ((power = ANY (ARRAY['on'::text, 'off'::text]))),
  constraint deployments_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'provisioning'::text, 'active'::text, 'deprovisioning'::text, 'terminated'::text, 'cancelled'::text])))
);
CREATE INDEX deployments_adopted ON public.deployments USING btree (id) WHERE (adopted AND (status = 'active'::text));
CREATE INDEX deployments_by_creation ON public.deployments USING btree (created_at, id);
CREATE INDEX deployments_by_hostname ON public.deployments USING btree (hostname, created_at, id);
CREATE INDEX deployments_by_label ON public.deployments USING gin (labels jsonb_path_ops);
CREATE INDEX deployments_by_name ON public.deployments USING btree (name, created_at, id);
CREATE INDEX deployments_by_release ON public.deployments USING btree (release, created_at, id) WHERE (release IS NOT NULL);
CREATE INDEX deployments_by_saga ON public.deployments USING btree (saga_id) WHERE (saga_id IS NOT NULL);
CREATE INDEX deployments_by_status ON public.deployments USING btree (status, created_at, id);
CREATE INDEX deployments_by_status_of_tenant ON public.deployments USING btree (tenant_id, status, created_at, id);
CREATE INDEX deployments_by_tenant ON public.deployments USING btree (tenant_id, created_at, id);
CREATE INDEX deployments_checked ON public.deployments USING btree (created_at, id) WHERE (health_check IS NOT NULL);
CREATE INDEX deployments_checked_of_tenant ON public.deployments USING btree (tenant_id, created_at, id) WHERE (health_check IS NOT NULL);
CREATE UNIQUE INDEX deployments_hostname ON public.deployments USING btree (hostname) WHERE (status <> ALL (ARRAY['cancelled'::text, 'terminated'::text]));
CREATE INDEX deployments_off ON public.deployments USING btree (created_at DESC, id DESC) WHERE (power = 'off'::text);
CREATE INDEX deployments_with_attachments ON public.deployments USING btree (id) WHERE (((status = 'active'::text) AND (release IS NOT NULL)) OR reserved_ip);
CREATE TRIGGER deployments_are_counted AFTER INSERT OR DELETE ON public.deployments FOR EACH ROW EXECUTE FUNCTION count_statuses('deployment');
CREATE TRIGGER deployments_are_counted_anew AFTER UPDATE OF status, tenant_id ON public.deployments FOR EACH ROW WHEN (((old.status <> new.status) OR (old.tenant_id <> new.tenant_id))) EXECUTE FUNCTION count_statuses('deployment');
CREATE TRIGGER deployments_are_forgotten AFTER DELETE ON public.deployments FOR EACH ROW EXECUTE FUNCTION forget_for_search();
CREATE TRIGGER deployments_are_found AFTER INSERT OR UPDATE OF name, hostname ON public.deployments FOR EACH ROW EXECUTE FUNCTION index_for_search('d', 'created_at', 'name', 'hostname');
CREATE TRIGGER deployments_end_absence AFTER UPDATE OF status ON public.deployments FOR EACH ROW WHEN (((old.status = 'active'::text) AND (new.status <> 'active'::text))) EXECUTE FUNCTION end_absence_of_deployment();
CREATE TRIGGER deployments_end_conditions AFTER UPDATE OF status ON public.deployments FOR EACH ROW WHEN (((old.status = 'active'::text) AND (new.status <> 'active'::text))) EXECUTE FUNCTION end_conditions_of_deployment();
CREATE TRIGGER deployments_tell_webhooks_of_insert AFTER INSERT ON public.deployments FOR EACH ROW EXECUTE FUNCTION tell_webhooks_of_deployment();
CREATE TRIGGER deployments_tell_webhooks_of_update AFTER UPDATE OF status ON public.deployments FOR EACH ROW WHEN ((old.status <> new.status)) EXECUTE FUNCTION tell_webhooks_of_deployment();

create table destroys (
  begun_at timestamp with time zone[] not null,
  tenant_id uuid,
  constraint destroys_tenant_id_key UNIQUE NULLS NOT DISTINCT (tenant_id),
  constraint destroys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
);

create table droplet_absences (
  deployment_id uuid not null,
  provider_id bigint not null,
  since timestamp with time zone not null,
  last_look_at timestamp with time zone not null,
  looks integer not null default 1,
  witnessed_since timestamp with time zone,
  proven_at timestamp with time zone,
  held boolean not null default false,
  dns text,
  returned_at timestamp with time zone,
  saga_id uuid,
  constraint droplet_absences_pkey PRIMARY KEY (deployment_id),
  constraint droplet_absences_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments(id),
  constraint droplet_absences_saga_id_fkey FOREIGN KEY (saga_id) REFERENCES sagas(id) ON DELETE SET NULL,
  constraint droplet_absences_dns_check CHECK ((dns = ANY (ARRAY['parked'::text, 'left'::text])))
);
CREATE INDEX droplet_absences_by_saga ON public.droplet_absences USING btree (saga_id) WHERE (saga_id IS NOT NULL);

create table idempotency_keys (
  token_id uuid not null,
  method text not null,
  path text not null,
  key text not null,
  request_hash bytea not null,
  status integer,
  headers jsonb,
  body jsonb,
  created_at timestamp with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (token_id, method, path, key),
  constraint idempotency_keys_token_id_fkey FOREIGN KEY (token_id) REFERENCES api_tokens(id)
);
CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);

create table installation (
  singleton boolean not null default true,
  id uuid not null,
  created_at timestamp with time zone not null,
  constraint installation_pkey PRIMARY KEY (singleton),
  constraint installation_singleton_check CHECK (singleton)
);

create table looks (
  id uuid not null,
  scope text not null,
  begun_at timestamp with time zone not null,
  finished_at timestamp with time zone not null,
  found integer not null,
  pages integer not null,
  unreadable bigint[] not null default '{}'::bigint[],
  constraint looks_pkey PRIMARY KEY (id)
);
CREATE INDEX looks_by_scope ON public.looks USING btree (scope, begun_at);

create table problems (
  code text not null,
  since timestamp with time zone not null,
  message text not null,
  remedy text not null,
  constraint problems_pkey PRIMARY KEY (code)
);
CREATE TRIGGER problems_tell_webhooks AFTER INSERT OR DELETE ON public.problems FOR EACH ROW EXECUTE FUNCTION tell_webhooks_of_problem();

create table provider (
  singleton boolean not null default true,
  status text not null default 'unknown'::text,
  reason text,
  since timestamp with time zone,
  checked_at timestamp with time zone,
  account_uuid text,
  droplet_limit integer,
  simulated boolean not null default false,
  catalogue_read_at timestamp with time zone,
  account_of text,
  account_status text,
  account_status_message text,
  reserved_ip_limit integer,
  constraint provider_pkey PRIMARY KEY (singleton),
  constraint provider_account_of_check CHECK ((account_of = ANY (ARRAY['team'::text, 'user'::text]))),
  constraint provider_singleton_check CHECK (singleton),
  constraint provider_status_check CHECK ((status = ANY (ARRAY['unknown'::text, 'up'::text, 'down'::text, 'wrong_account'::text])))
);

create table provider_changes (
  id uuid not null,
  resource_id uuid not null,
  saga_id uuid not null,
  step text not null,
  aspect text not null,
  was jsonb not null,
  goal jsonb not null,
  phase text not null,
  not_after timestamp with time zone not null,
  answered_at timestamp with time zone,
  looks_without integer not null default 0,
  last_look_at timestamp with time zone,
  newest_action text,
  foreign_since timestamp with time zone,
  created_at timestamp with time zone not null,
  back jsonb,
  insisted_at timestamp with time zone,
  recheck_at timestamp with time zone,
  constraint provider_changes_pkey PRIMARY KEY (id),
  constraint provider_changes_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES provider_resources(id),
  constraint provider_changes_saga_id_fkey FOREIGN KEY (saga_id) REFERENCES sagas(id),
  constraint provider_changes_phase_check CHECK ((phase = ANY (ARRAY['sending'::text, 'reached'::text, 'refused'::text, 'returning'::text, 'returned'::text, 'left'::text])))
);
CREATE INDEX provider_changes_by_saga ON public.provider_changes USING btree (saga_id);
CREATE INDEX provider_changes_by_step ON public.provider_changes USING btree (resource_id, aspect, saga_id, step);
CREATE UNIQUE INDEX provider_changes_live_once ON public.provider_changes USING btree (resource_id, aspect) WHERE (phase = ANY (ARRAY['sending'::text, 'returning'::text]));
CREATE INDEX provider_changes_to_recheck ON public.provider_changes USING btree (recheck_at) WHERE (recheck_at IS NOT NULL);

create table provider_contacts (
  worker_id uuid not null,
  status text not null,
  reason text,
  account_uuid text,
  since timestamp with time zone not null,
  checked_at timestamp with time zone not null,
  present_until timestamp with time zone not null,
  constraint provider_contacts_pkey PRIMARY KEY (worker_id),
  constraint provider_contacts_status_check CHECK ((status = ANY (ARRAY['up'::text, 'down'::text, 'wrong_account'::text])))
);

create table provider_requests (
  id uuid not null,
  at timestamp with time zone not null,
  method text not null,
  route text not null,
  saga_id uuid,
  status integer,
  provider_request_id text,
  duration_ms integer,
  error text,
  constraint provider_requests_pkey PRIMARY KEY (id)
);
CREATE INDEX provider_requests_by_saga ON public.provider_requests USING btree (saga_id, at) WHERE (saga_id IS NOT NULL);
CREATE INDEX provider_requests_by_time ON public.provider_requests USING btree (at);

create table provider_resources (
  id uuid not null,
  kind text not null,
  begun_by uuid not null,
  saga_id uuid not null,
  step text not null,
  deployment_id uuid,
  tenant_id uuid,
  handle jsonb not null,
  provider_id text,
  origin text not null,
  phase text not null,
  surplus boolean not null default false,
  not_after timestamp with time zone,
  answered_at timestamp with time zone,
  looks_without integer not null default 0,
  last_look_at timestamp with time zone,
  foreign_since timestamp with time zone,
  deletes integer not null default 0,
  deleted_at timestamp with time zone,
  exposed_until timestamp with time zone,
  history jsonb not null,
  created_at timestamp with time zone not null,
  recheck_at timestamp with time zone,
  rechecks integer not null default 0,
  constraint provider_resources_pkey PRIMARY KEY (id),
  constraint provider_resources_begun_by_fkey FOREIGN KEY (begun_by) REFERENCES sagas(id),
  constraint provider_resources_saga_id_fkey FOREIGN KEY (saga_id) REFERENCES sagas(id),
  constraint provider_resources_origin_check CHECK ((origin = ANY (ARRAY['made'::text, 'taken_over'::text, 'adopted'::text]))),
  constraint provider_resources_phase_check CHECK ((phase = ANY (ARRAY['sending'::text, 'there'::text, 'refused'::text, 'absent'::text, 'removing'::text, 'gone'::text, 'left'::text, 'abandoned'::text])))
);
CREATE INDEX provider_resources_by_beginner ON public.provider_resources USING btree (begun_by);
CREATE INDEX provider_resources_by_creation ON public.provider_resources USING btree (created_at);
CREATE INDEX provider_resources_by_deployment ON public.provider_resources USING btree (deployment_id) WHERE (deployment_id IS NOT NULL);
CREATE INDEX provider_resources_by_name ON public.provider_resources USING btree (kind, ((handle ->> 'name'::text)));
CREATE INDEX provider_resources_by_provider_id ON public.provider_resources USING btree (kind, provider_id);
CREATE INDEX provider_resources_by_saga ON public.provider_resources USING btree (saga_id);
CREATE INDEX provider_resources_by_tag ON public.provider_resources USING btree (kind, ((handle ->> 'tag'::text)));
CREATE UNIQUE INDEX provider_resources_chosen_once ON public.provider_resources USING btree (saga_id, step, kind, handle) WHERE ((phase = ANY (ARRAY['sending'::text, 'there'::text, 'removing'::text])) AND (NOT surplus));
CREATE UNIQUE INDEX provider_resources_live_once ON public.provider_resources USING btree (kind, provider_id) WHERE (phase = ANY (ARRAY['sending'::text, 'there'::text, 'removing'::text]));
CREATE INDEX provider_resources_removing ON public.provider_resources USING btree (kind) WHERE (phase = 'removing'::text);
CREATE INDEX provider_resources_to_recheck ON public.provider_resources USING btree (recheck_at) WHERE (recheck_at IS NOT NULL);

create table provisioning_days (
  tenant_id uuid not null,
  day date not null,
  completed integer not null,
  failed integer not null,
  cancelled integer not null,
  median_seconds double precision,
  p95_seconds double precision,
  constraint provisioning_days_pkey PRIMARY KEY (tenant_id, day)
);

create table releases (
  id uuid not null,
  name text not null,
  image text not null,
  size_slug text,
  ssh_keys jsonb not null default '[]'::jsonb,
  health_check jsonb,
  monitoring boolean not null default false,
  ipv6 boolean not null default false,
  backups boolean not null default false,
  vpc_uuid uuid,
  user_data bytea,
  created_at timestamp with time zone not null,
  stateless boolean not null default false,
  volume jsonb,
  reserved_ip boolean not null default false,
  rollback_safe boolean not null default false,
  constraint releases_pkey PRIMARY KEY (id),
  constraint releases_name_key UNIQUE (name)
);
CREATE INDEX releases_by_creation ON public.releases USING btree (created_at, id);

create table request_budget (
  singleton boolean not null default true,
  remaining integer,
  remaining_at timestamp with time zone,
  blocked_until timestamp with time zone,
  share integer,
  share_at timestamp with time zone,
  probe_at timestamp with time zone,
  constraint request_budget_pkey PRIMARY KEY (singleton),
  constraint request_budget_singleton_check CHECK (singleton)
);

create table request_queue (
  id uuid not null,
  rank smallint not null,
  turn_at timestamp with time zone not null,
  constraint request_queue_pkey PRIMARY KEY (id)
);

create table rolled_up (
  name text not null,
  until timestamp with time zone not null,
  constraint rolled_up_pkey PRIMARY KEY (name)
);

create table saga_log (
  saga_id uuid not null,
  sequence integer not null,
  at timestamp with time zone not null,
  type text,
  data jsonb,
  news jsonb,
  constraint saga_log_pkey PRIMARY KEY (saga_id, sequence),
  constraint saga_log_tells CHECK (((news IS NULL) = ((type IS NOT NULL) AND (data IS NOT NULL)))) NOT VALID,
  constraint saga_log_type_check CHECK ((type = ANY (ARRAY['saga'::text, 'step'::text])))
);

create table saga_steps (
  saga_id uuid not null,
  "position" integer not null,
  name text not null,
  status text not null,
  attempts integer not null default 0,
  undo_attempts integer not null default 0,
  intent jsonb,
  output jsonb,
  error jsonb,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  deadline_at timestamp with time zone,
  undo_started_at timestamp with time zone,
  undo_finished_at timestamp with time zone,
  undo_deadline_at timestamp with time zone,
  retry_at timestamp with time zone,
  watching text,
  waiting_for text,
  undo_error jsonb,
  undo_after text[] not null default '{}'::text[],
  constraint saga_steps_pkey PRIMARY KEY (saga_id, "position"),
  constraint saga_steps_saga_id_fkey FOREIGN KEY (saga_id) REFERENCES sagas(id) ON DELETE CASCADE,
  constraint saga_steps_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'waiting'::text, 'completed'::text, 'failed'::text, 'compensating'::text, 'compensated'::text, 'compensation_failed'::text])))
);
CREATE INDEX saga_steps_by_end ON public.saga_steps USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX saga_steps_by_undo_end ON public.saga_steps USING btree (undo_finished_at) WHERE (undo_finished_at IS NOT NULL);
CREATE INDEX saga_steps_under_way ON public.saga_steps USING btree (status) WHERE (status = ANY (ARRAY['running'::text, 'waiting'::text, 'compensating'::text]));

create table sagas (
  id uuid not null,
  name text not null,
  status text not null,
  direction text not null default 'forward'::text,
  input jsonb not null,
  deployment_id uuid,
  tenant_id uuid,
  provider_id bigint,
  "position" integer not null default 0,
  epoch integer not null default 0,
  lease_owner uuid,
  watching text,
  waiting_for text,
  cancel_requested_at timestamp with time zone,
  cancel_reason text,
  resolution jsonb,
  error jsonb,
  account_uuid text,
  event_sequence integer not null default 0,
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  stuck_error jsonb,
  pivot integer,
  known_by timestamp with time zone,
  due_at timestamp with time zone,
  step_started_at timestamp with time zone,
  step_deadline_at timestamp with time zone,
  constraint sagas_pkey PRIMARY KEY (id),
  constraint sagas_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments(id),
  constraint sagas_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
  constraint sagas_direction_check CHECK ((direction = ANY (ARRAY['forward'::text, 'back'::text]))),
  constraint sagas_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'waiting'::text, 'completed'::text, 'compensating'::text, 'rolled_back'::text, 'stuck'::text, 'held'::text])))
);
CREATE INDEX sagas_by_creation ON public.sagas USING btree (created_at, id);
CREATE INDEX sagas_by_deployment ON public.sagas USING btree (deployment_id, created_at);
CREATE INDEX sagas_by_end ON public.sagas USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX sagas_by_name ON public.sagas USING btree (name, created_at, id);
CREATE INDEX sagas_by_name_of_tenant ON public.sagas USING btree (tenant_id, name, created_at, id) WHERE (tenant_id IS NOT NULL);
CREATE INDEX sagas_by_name_suffix ON public.sagas USING btree ("right"(replace((id)::text, '-'::text, ''::text), 18));
CREATE INDEX sagas_by_start ON public.sagas USING btree (started_at) WHERE (started_at IS NOT NULL);
CREATE INDEX sagas_by_tenant ON public.sagas USING btree (tenant_id, created_at, id);
CREATE INDEX sagas_due ON public.sagas USING btree (due_at, id) WHERE (due_at IS NOT NULL);
CREATE INDEX sagas_ended ON public.sagas USING btree (direction, created_at, id) WHERE (finished_at IS NOT NULL);
CREATE INDEX sagas_ended_of_tenant ON public.sagas USING btree (tenant_id, direction, created_at, id) WHERE (finished_at IS NOT NULL);
CREATE INDEX sagas_live_by_creation ON public.sagas USING btree (created_at, id) WHERE (finished_at IS NULL);
CREATE UNIQUE INDEX sagas_one_live_per_deployment ON public.sagas USING btree (deployment_id) WHERE (status <> ALL (ARRAY['completed'::text, 'rolled_back'::text]));
CREATE UNIQUE INDEX sagas_one_live_per_droplet ON public.sagas USING btree (provider_id) WHERE (status <> ALL (ARRAY['completed'::text, 'rolled_back'::text]));
CREATE TRIGGER ended_sagas_are_counted AFTER INSERT ON public.sagas FOR EACH ROW WHEN ((new.finished_at IS NOT NULL)) EXECUTE FUNCTION count_ended_sagas();
CREATE TRIGGER purged_sagas_are_counted AFTER DELETE ON public.sagas REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION count_purged_sagas();
CREATE TRIGGER sagas_are_counted_at_their_end AFTER UPDATE OF finished_at ON public.sagas FOR EACH ROW WHEN (((old.finished_at IS NULL) <> (new.finished_at IS NULL))) EXECUTE FUNCTION count_ended_sagas();
CREATE TRIGGER sagas_tell_webhooks_of_insert AFTER INSERT ON public.sagas FOR EACH ROW EXECUTE FUNCTION tell_webhooks_of_saga();
CREATE TRIGGER sagas_tell_webhooks_of_update AFTER UPDATE OF status ON public.sagas FOR EACH ROW WHEN (((old.status <> new.status) AND ((new.status <> ALL (ARRAY['running'::text, 'waiting'::text])) OR (old.status = ANY (ARRAY['pending'::text, 'stuck'::text]))))) EXECUTE FUNCTION tell_webhooks_of_saga();

create table schema_migrations (
  version integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migrations_pkey PRIMARY KEY (version)
);

create table sealed_user_data (
  owner_id uuid not null,
  sealed bytea not null,
  created_at timestamp with time zone not null,
  constraint sealed_user_data_pkey PRIMARY KEY (owner_id)
);

create table sealed_variables (
  deployment_id uuid not null,
  sealed bytea not null,
  updated_at timestamp with time zone not null,
  constraint sealed_variables_pkey PRIMARY KEY (deployment_id),
  constraint sealed_variables_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments(id)
);

create table search_index (
  object_id uuid not null,
  kind text not null,
  at timestamp with time zone not null,
  words text not null,
  constraint search_index_pkey PRIMARY KEY (object_id)
);
CREATE INDEX search_index_by_runs ON public.search_index USING gin (search_runs(kind, words)) WITH (gin_pending_list_limit='256');

create table sightings (
  provider_id bigint not null,
  droplet jsonb not null,
  observed_at timestamp with time zone not null,
  constraint sightings_pkey PRIMARY KEY (provider_id)
);

create table snapshots (
  id uuid not null,
  deployment_id uuid not null,
  tenant_id uuid not null,
  name text not null,
  region text not null,
  image text,
  min_disk integer,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  kind text not null default 'snapshot'::text,
  size_gib numeric,
  constraint snapshots_pkey PRIMARY KEY (id),
  constraint snapshots_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments(id),
  constraint snapshots_id_fkey FOREIGN KEY (id) REFERENCES provider_resources(id) ON DELETE CASCADE,
  constraint snapshots_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
  constraint snapshots_kind_check CHECK ((kind = ANY (ARRAY['snapshot'::text, 'volume_snapshot'::text])))
);
CREATE INDEX snapshots_by_deployment ON public.snapshots USING btree (deployment_id, created_at, id);
CREATE INDEX snapshots_by_expiry ON public.snapshots USING btree (expires_at);

create table status_changes (
  kind text not null,
  tenant_id uuid,
  status text not null,
  change integer not null
);

create table status_counts (
  kind text not null,
  tenant_id uuid not null,
  status text not null,
  count bigint not null,
  constraint status_counts_pkey PRIMARY KEY (kind, tenant_id, status),
  constraint status_counts_kind_check CHECK ((kind = ANY (ARRAY['deployment'::text, 'saga'::text])))
);

create table strays (
  provider_id bigint not null,
  name text not null,
  saga_id uuid,
  verdict text not null,
  reason text not null,
  destroy_saga_id uuid,
  first_seen_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  gone_at timestamp with time zone,
  constraint strays_pkey PRIMARY KEY (provider_id),
  constraint strays_verdict_check CHECK ((verdict = ANY (ARRAY['destroying'::text, 'destroyed'::text, 'alert'::text])))
);
CREATE INDEX strays_there ON public.strays USING btree (first_seen_at, provider_id) WHERE (gone_at IS NULL);

create table tenants (
  id uuid not null,
  slug text not null,
  name text not null,
  hostnames text[] not null default '{}'::text[],
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  labels jsonb not null default '{}'::jsonb,
  quota jsonb,
  constraint tenants_pkey PRIMARY KEY (id)
);
CREATE INDEX tenants_by_creation ON public.tenants USING btree (created_at, id);
CREATE INDEX tenants_by_hostname_pattern ON public.tenants USING gin (hostnames) WHERE (deleted_at IS NULL);
CREATE INDEX tenants_by_label ON public.tenants USING gin (labels jsonb_path_ops);
CREATE UNIQUE INDEX tenants_slug ON public.tenants USING btree (slug) WHERE (deleted_at IS NULL);
CREATE INDEX tenants_there ON public.tenants USING btree (created_at, id) WHERE (deleted_at IS NULL);
CREATE TRIGGER tenants_are_forgotten AFTER DELETE ON public.tenants FOR EACH ROW EXECUTE FUNCTION forget_for_search();
CREATE TRIGGER tenants_are_found AFTER INSERT OR UPDATE OF slug, name ON public.tenants FOR EACH ROW EXECUTE FUNCTION index_for_search('t', 'created_at', 'slug', 'name');

create table turns (
  scope text not null,
  holder uuid not null,
  taken_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint turns_pkey PRIMARY KEY (scope)
);

create table webhook_attempts (
  delivery_id uuid not null,
  number integer not null,
  at timestamp with time zone not null,
  status integer,
  duration_ms integer not null,
  error text,
  constraint webhook_attempts_pkey PRIMARY KEY (delivery_id, number),
  constraint webhook_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries(id) ON DELETE CASCADE
);
CREATE INDEX webhook_attempts_by_time ON public.webhook_attempts USING btree (at);

create table webhook_deliveries (
  id uuid not null,
  webhook_id uuid not null,
  message_id uuid not null,
  object_id uuid not null,
  at timestamp with time zone not null,
  status text not null,
  attempts integer not null default 0,
  tries_left integer not null,
  next_attempt_at timestamp with time zone,
  leased_until timestamp with time zone,
  queued boolean not null default false,
  delivered_at timestamp with time zone,
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint webhook_deliveries_webhook_id_message_id_key UNIQUE (webhook_id, message_id),
  constraint webhook_deliveries_message_id_fkey FOREIGN KEY (message_id) REFERENCES webhook_messages(id) ON DELETE CASCADE,
  constraint webhook_deliveries_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhooks(id) ON DELETE CASCADE,
  constraint webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);
CREATE INDEX webhook_deliveries_by_message ON public.webhook_deliveries USING btree (message_id);
CREATE INDEX webhook_deliveries_in_order ON public.webhook_deliveries USING btree (webhook_id, object_id, at, message_id) WHERE (status = 'pending'::text);
CREATE INDEX webhook_deliveries_newest ON public.webhook_deliveries USING btree (webhook_id, date_trunc('milliseconds'::text, (at AT TIME ZONE 'UTC'::text)), id);
CREATE INDEX webhook_deliveries_newest_by_status ON public.webhook_deliveries USING btree (webhook_id, status, date_trunc('milliseconds'::text, (at AT TIME ZONE 'UTC'::text)), id);
CREATE INDEX webhook_deliveries_to_queue ON public.webhook_deliveries USING btree (id) WHERE ((status = 'pending'::text) AND (NOT queued));

create table webhook_messages (
  id uuid not null default gen_random_uuid(),
  at timestamp with time zone not null default clock_timestamp(),
  type text not null,
  object_id uuid not null,
  tenant_id uuid,
  data jsonb not null,
  dispatched boolean not null default false,
  constraint webhook_messages_pkey PRIMARY KEY (id)
);
CREATE INDEX webhook_messages_by_time ON public.webhook_messages USING btree (at);
CREATE INDEX webhook_messages_to_dispatch ON public.webhook_messages USING btree (at, id) WHERE (NOT dispatched);

create table webhooks (
  id uuid not null,
  url text not null,
  events text[] not null,
  tenant_id uuid,
  description text,
  secret bytea not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  failing_since timestamp with time zone,
  disabled_at timestamp with time zone,
  disabled_reason text,
  quiet_until timestamp with time zone,
  constraint webhooks_pkey PRIMARY KEY (id),
  constraint webhooks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE INDEX webhooks_by_creation ON public.webhooks USING btree (created_at, id);
CREATE INDEX webhooks_by_tenant ON public.webhooks USING btree (tenant_id, created_at, id);

create table zone_listings (
  zone text not null,
  begun_at timestamp with time zone,
  pages integer not null,
  constraint zone_listings_pkey PRIMARY KEY (zone)
);

create table zone_records (
  zone text not null,
  id bigint not null,
  type text not null,
  name text not null,
  data text not null,
  ttl integer,
  seen_at timestamp with time zone not null,
  constraint zone_records_pkey PRIMARY KEY (zone, id)
);
CREATE INDEX zone_records_by_data ON public.zone_records USING btree (zone, data);
CREATE INDEX zone_records_by_name ON public.zone_records USING btree (zone, name);

create view saga_events as
 SELECT saga_log.saga_id,
    saga_log.sequence,
    saga_log.at,
    saga_log.type,
    saga_log.data
   FROM saga_log
  WHERE saga_log.news IS NULL
UNION ALL
 SELECT saga_log.saga_id,
    (saga_log.sequence - jsonb_array_length(saga_log.news) + told.number)::integer AS sequence,
    saga_log.at,
    told.it ->> 'type'::text AS type,
    told.it -> 'data'::text AS data
   FROM saga_log
     CROSS JOIN LATERAL jsonb_array_elements(saga_log.news) WITH ORDINALITY told(it, number)
  WHERE saga_log.news IS NOT NULL;
