// Generated from migrations/ by `npm run generate`.

import type { Json } from "./json.ts";
import type { ColumnType } from "kysely";

export type ArrayType<T> = ArrayTypeImpl<T> extends (infer U)[]
  ? U[]
  : ArrayTypeImpl<T>;

export type ArrayTypeImpl<T> = T extends ColumnType<infer S, infer I, infer U>
  ? ColumnType<S[], I[], U[]>
  : T[];

export type Generated<T> = T extends ColumnType<infer S, infer I, infer U>
  ? ColumnType<S, I | undefined, U>
  : ColumnType<T, T | undefined, T>;

export type Timestamp = ColumnType<Date, Date | string, Date | string>;

export interface ApiTokens {
  created_at: Date;
  expires_at: Date | null;
  hash: Buffer;
  id: string;
  last_used_at: Date | null;
  name: string;
  origin: string | null;
  revoked_at: Date | null;
  role: "admin" | "operator" | "viewer";
  tenant_id: string | null;
}

export interface AttachmentLooks {
  begun_at: Date;
  found: Json | null;
  kind: "firewall" | "load_balancer" | "reserved_ip";
}

export interface Attendance {
  attended_at: Date;
  singleton: Generated<boolean>;
}

export interface AuditLog {
  action: string;
  address: string | null;
  at: Date;
  detail: Json | null;
  id: string;
  object_id: string | null;
  object_type: string;
  request_id: string | null;
  subject: string;
  tenant_id: string | null;
  token_id: string | null;
}

export interface Catalogue {
  data: Json;
  kind: "region" | "size" | "image";
  slug: string;
}

export interface Chores {
  asked: number | null;
  begun: Generated<number>;
  due_at: Date | null;
  name: string;
  put_off_until: Date | null;
}

export interface CloudProvisioned {
  image: string;
  recorded_at: Date;
  region: string;
  resource_id: string;
  saga_id: string;
  size_slug: string;
}

export interface CloudResources {
  deleted_at: Date | null;
  deployment_id: string | null;
  destroyed_by: string | null;
  first_seen_at: Date;
  id: string;
  image: string | null;
  last_seen_at: Date;
  linked_by: string | null;
  managed: boolean;
  name: string;
  provider_created_at: Date | null;
  provider_id: number;
  public_ipv4: string | null;
  region: string | null;
  registered_by: string | null;
  size_slug: string | null;
  status: string;
  tags: Generated<string[]>;
  tenant_id: string | null;
}

export interface CostSpans {
  begun_at: Date;
  deployment_id: string | null;
  ended_at: Date | null;
  estimated: Generated<boolean>;
  id: Generated<string>;
  kind: Generated<"droplet" | "volume" | "snapshot" | "volume_snapshot">;
  region: string | null;
  resource_id: string;
  size_slug: string | null;
  tenant_id: string | null;
  usd_hourly: number | null;
}

export interface DatabaseLives {
  first_seen_at: Date;
  system_identifier: string;
  timeline: number;
}

export interface DeploymentConditions {
  cleared_at: Date | null;
  code: "droplet_gone" | "droplet_off" | "drift" | "unhealthy" | "dns_delegated" | "zone_gone";
  deployment_id: string;
  findings: Generated<number>;
  id: string;
  last_found_at: Date;
  message: string;
  raised_at: Date | null;
  remedy: string;
  since: Date;
  source: "droplet" | "dns" | "health" | "reserved_ip";
}

export interface DeploymentHealth {
  deployment_id: string;
  failures: Generated<number>;
  leased_until: Date | null;
  next_probe_at: Date | null;
  probed_at: Date | null;
  provider_id: number;
  reason: string | null;
  since: Date;
  state: Generated<"unknown" | "healthy" | "unhealthy">;
  successes: Generated<number>;
}

export interface Deployments {
  activated_at: Date | null;
  adopted: Generated<boolean>;
  created_at: Date;
  delete_requested_at: Date | null;
  ended_at: Date | null;
  health_check: Json | null;
  hostname: string;
  id: string;
  image: string;
  labels: Generated<Json>;
  name: string;
  power: Generated<"on" | "off">;
  protected: Generated<boolean>;
  reason: string | null;
  region: string;
  release: string | null;
  replace_dns: Generated<boolean>;
  reserved_ip: Generated<boolean>;
  saga_id: string | null;
  size_slug: string;
  ssh_keys: Generated<Json>;
  status: "pending" | "provisioning" | "active" | "deprovisioning" | "terminated" | "cancelled";
  tenant_id: string;
  updated_at: Date;
  variable_names: Generated<string[]>;
  volume: Json | null;
}

export interface Destroys {
  begun_at: ArrayType<Date>;
  tenant_id: string | null;
}

export interface DropletAbsences {
  deployment_id: string;
  dns: "parked" | "left" | null | null;
  held: Generated<boolean>;
  last_look_at: Date;
  looks: Generated<number>;
  proven_at: Date | null;
  provider_id: number;
  returned_at: Date | null;
  saga_id: string | null;
  since: Date;
  witnessed_since: Date | null;
}

export interface IdempotencyKeys {
  body: Json | null;
  created_at: Date;
  headers: Json | null;
  key: string;
  method: string;
  path: string;
  request_hash: Buffer;
  status: number | null;
  token_id: string;
}

export interface Installation {
  created_at: Date;
  id: string;
  singleton: Generated<boolean>;
}

export interface Looks {
  begun_at: Date;
  finished_at: Date;
  found: number;
  id: string;
  pages: number;
  scope: string;
  unreadable: Generated<number[]>;
}

export interface Problems {
  code: string;
  message: string;
  remedy: string;
  since: Date;
}

export interface Provider {
  account_of: "team" | "user" | null | null;
  account_status: string | null;
  account_status_message: string | null;
  account_uuid: string | null;
  catalogue_read_at: Date | null;
  checked_at: Date | null;
  droplet_limit: number | null;
  reason: string | null;
  reserved_ip_limit: number | null;
  simulated: Generated<boolean>;
  since: Date | null;
  singleton: Generated<boolean>;
  status: Generated<"unknown" | "up" | "down" | "wrong_account">;
}

export interface ProviderChanges {
  answered_at: Date | null;
  aspect: string;
  back: Json | null;
  created_at: Date;
  foreign_since: Date | null;
  goal: Json;
  id: string;
  insisted_at: Date | null;
  last_look_at: Date | null;
  looks_without: Generated<number>;
  newest_action: string | null;
  not_after: Date;
  phase: "sending" | "reached" | "refused" | "returning" | "returned" | "left";
  recheck_at: Date | null;
  resource_id: string;
  saga_id: string;
  step: string;
  was: Json;
}

export interface ProviderContacts {
  account_uuid: string | null;
  checked_at: Date;
  present_until: Date;
  reason: string | null;
  since: Date;
  status: "up" | "down" | "wrong_account";
  worker_id: string;
}

export interface ProviderRequests {
  at: Date;
  duration_ms: number | null;
  error: string | null;
  id: string;
  method: string;
  provider_request_id: string | null;
  route: string;
  saga_id: string | null;
  status: number | null;
}

export interface ProviderResources {
  answered_at: Date | null;
  begun_by: string;
  created_at: Date;
  deleted_at: Date | null;
  deletes: Generated<number>;
  deployment_id: string | null;
  exposed_until: Date | null;
  foreign_since: Date | null;
  handle: Json;
  history: Json;
  id: string;
  kind: string;
  last_look_at: Date | null;
  looks_without: Generated<number>;
  not_after: Date | null;
  origin: "made" | "taken_over" | "adopted";
  phase: "sending" | "there" | "refused" | "absent" | "removing" | "gone" | "left" | "abandoned";
  provider_id: string | null;
  recheck_at: Date | null;
  rechecks: Generated<number>;
  saga_id: string;
  step: string;
  surplus: Generated<boolean>;
  tenant_id: string | null;
}

export interface ProvisioningDays {
  cancelled: number;
  completed: number;
  day: Timestamp;
  failed: number;
  median_seconds: number | null;
  p95_seconds: number | null;
  tenant_id: string;
}

export interface Releases {
  backups: Generated<boolean>;
  created_at: Date;
  health_check: Json | null;
  id: string;
  image: string;
  ipv6: Generated<boolean>;
  monitoring: Generated<boolean>;
  name: string;
  reserved_ip: Generated<boolean>;
  rollback_safe: Generated<boolean>;
  size_slug: string | null;
  ssh_keys: Generated<Json>;
  stateless: Generated<boolean>;
  user_data: Buffer | null;
  volume: Json | null;
  vpc_uuid: string | null;
}

export interface RequestBudget {
  blocked_until: Date | null;
  probe_at: Date | null;
  remaining: number | null;
  remaining_at: Date | null;
  share: number | null;
  share_at: Date | null;
  singleton: Generated<boolean>;
}

export interface RequestQueue {
  id: string;
  rank: number;
  turn_at: Date;
}

export interface RolledUp {
  name: string;
  until: Date;
}

export interface SagaEvents {
  at: Date;
  data: Json;
  saga_id: string;
  sequence: number;
  type: "saga" | "step";
}

export interface SagaLog {
  at: Date;
  data: Json | null;
  news: Json | null;
  saga_id: string;
  sequence: number;
  type: "saga" | "step" | null | null;
}

export interface Sagas {
  account_uuid: string | null;
  cancel_reason: string | null;
  cancel_requested_at: Date | null;
  created_at: Date;
  deployment_id: string | null;
  direction: Generated<"forward" | "back">;
  due_at: Date | null;
  epoch: Generated<number>;
  error: Json | null;
  event_sequence: Generated<number>;
  finished_at: Date | null;
  id: string;
  input: Json;
  known_by: Date | null;
  lease_owner: string | null;
  name: string;
  pivot: number | null;
  position: Generated<number>;
  provider_id: number | null;
  resolution: Json | null;
  started_at: Date | null;
  status: "pending" | "running" | "waiting" | "completed" | "compensating" | "rolled_back" | "stuck" | "held";
  step_deadline_at: Date | null;
  step_started_at: Date | null;
  stuck_error: Json | null;
  tenant_id: string | null;
  waiting_for: string | null;
  watching: string | null;
}

export interface SagaSteps {
  attempts: Generated<number>;
  deadline_at: Date | null;
  error: Json | null;
  finished_at: Date | null;
  intent: Json | null;
  name: string;
  output: Json | null;
  position: number;
  retry_at: Date | null;
  saga_id: string;
  started_at: Date | null;
  status: "pending" | "running" | "waiting" | "completed" | "failed" | "compensating" | "compensated" | "compensation_failed";
  undo_after: Generated<string[]>;
  undo_attempts: Generated<number>;
  undo_deadline_at: Date | null;
  undo_error: Json | null;
  undo_finished_at: Date | null;
  undo_started_at: Date | null;
  waiting_for: string | null;
  watching: string | null;
}

export interface SealedUserData {
  created_at: Date;
  owner_id: string;
  sealed: Buffer;
}

export interface SealedVariables {
  deployment_id: string;
  sealed: Buffer;
  updated_at: Date;
}

export interface SearchIndex {
  at: Date;
  kind: string;
  object_id: string;
  words: string;
}

export interface Sightings {
  droplet: Json;
  observed_at: Date;
  provider_id: number;
}

export interface Snapshots {
  created_at: Date;
  deployment_id: string;
  expires_at: Date;
  id: string;
  image: string | null;
  kind: Generated<"snapshot" | "volume_snapshot">;
  min_disk: number | null;
  name: string;
  region: string;
  size_gib: number | null;
  tenant_id: string;
}

export interface StatusChanges {
  change: number;
  kind: string;
  status: string;
  tenant_id: string | null;
}

export interface StatusCounts {
  count: number;
  kind: "deployment" | "saga";
  status: string;
  tenant_id: string;
}

export interface Strays {
  destroy_saga_id: string | null;
  first_seen_at: Date;
  gone_at: Date | null;
  last_seen_at: Date;
  name: string;
  provider_id: number;
  reason: string;
  saga_id: string | null;
  verdict: "destroying" | "destroyed" | "alert";
}

export interface Tenants {
  created_at: Date;
  deleted_at: Date | null;
  hostnames: Generated<string[]>;
  id: string;
  labels: Generated<Json>;
  name: string;
  quota: Json | null;
  slug: string;
  updated_at: Date;
}

export interface Turns {
  expires_at: Date;
  holder: string;
  scope: string;
  taken_at: Date;
}

export interface WebhookAttempts {
  at: Date;
  delivery_id: string;
  duration_ms: number;
  error: string | null;
  number: number;
  status: number | null;
}

export interface WebhookDeliveries {
  at: Date;
  attempts: Generated<number>;
  delivered_at: Date | null;
  id: string;
  leased_until: Date | null;
  message_id: string;
  next_attempt_at: Date | null;
  object_id: string;
  queued: Generated<boolean>;
  status: "pending" | "delivered" | "failed";
  tries_left: number;
  webhook_id: string;
}

export interface WebhookMessages {
  at: Generated<Date>;
  data: Json;
  dispatched: Generated<boolean>;
  id: Generated<string>;
  object_id: string;
  tenant_id: string | null;
  type: string;
}

export interface Webhooks {
  created_at: Date;
  description: string | null;
  disabled_at: Date | null;
  disabled_reason: string | null;
  events: string[];
  failing_since: Date | null;
  id: string;
  quiet_until: Date | null;
  secret: Buffer;
  tenant_id: string | null;
  updated_at: Date;
  url: string;
}

export interface ZoneListings {
  begun_at: Date | null;
  pages: number;
  zone: string;
}

export interface ZoneRecords {
  data: string;
  id: number;
  name: string;
  seen_at: Date;
  ttl: number | null;
  type: string;
  zone: string;
}

export interface DB {
  api_tokens: ApiTokens;
  attachment_looks: AttachmentLooks;
  attendance: Attendance;
  audit_log: AuditLog;
  catalogue: Catalogue;
  chores: Chores;
  cloud_provisioned: CloudProvisioned;
  cloud_resources: CloudResources;
  cost_spans: CostSpans;
  database_lives: DatabaseLives;
  deployment_conditions: DeploymentConditions;
  deployment_health: DeploymentHealth;
  deployments: Deployments;
  destroys: Destroys;
  droplet_absences: DropletAbsences;
  idempotency_keys: IdempotencyKeys;
  installation: Installation;
  looks: Looks;
  problems: Problems;
  provider: Provider;
  provider_changes: ProviderChanges;
  provider_contacts: ProviderContacts;
  provider_requests: ProviderRequests;
  provider_resources: ProviderResources;
  provisioning_days: ProvisioningDays;
  releases: Releases;
  request_budget: RequestBudget;
  request_queue: RequestQueue;
  rolled_up: RolledUp;
  saga_events: SagaEvents;
  saga_log: SagaLog;
  saga_steps: SagaSteps;
  sagas: Sagas;
  sealed_user_data: SealedUserData;
  sealed_variables: SealedVariables;
  search_index: SearchIndex;
  sightings: Sightings;
  snapshots: Snapshots;
  status_changes: StatusChanges;
  status_counts: StatusCounts;
  strays: Strays;
  tenants: Tenants;
  turns: Turns;
  webhook_attempts: WebhookAttempts;
  webhook_deliveries: WebhookDeliveries;
  webhook_messages: WebhookMessages;
  webhooks: Webhooks;
  zone_listings: ZoneListings;
  zone_records: ZoneRecords;
}
