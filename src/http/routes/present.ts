import { z } from "zod";
import type { AuditEntry } from "#api/audit.ts";
import { type Condition, type Deployment, deployment } from "#api/deployments.ts";
import { type Health, type HealthCheck, healthCheck } from "#api/health-check.ts";
import { type Labels, labels } from "#api/labels.ts";
import type { TroubledWorker } from "#api/provider.ts";
import { operationOfSaga, type Snapshot } from "#api/operations.ts";
import type { Release } from "#api/releases.ts";
import type { Orphan, Resource } from "#api/resources.ts";
import { type Saga, type SagaEvent, sagaError, sagaLeaves, sagaResolved, type Step } from "#api/sagas.ts";
import { quota } from "#api/quota.ts";
import type { Tenant } from "#api/tenants.ts";
import type { Token } from "#api/tokens.ts";
import type { Volume } from "#api/volume.ts";
import type { AuditRow } from "#audit/queries.ts";
import type { ConditionRow } from "#deployments/conditions.ts";
import type { DeploymentRow } from "#deployments/queries.ts";
import type { ResourceRow, StrayRow } from "#inventory/queries.ts";
import type { ContactRow } from "#provider/contacts.ts";
import type { HealthRow } from "#probes/queries.ts";
import type { ReleaseRow } from "#releases/queries.ts";
import type { EventRow, SagaWithSteps, StepView } from "#saga-queries/queries.ts";
import { volumeHandle, volumeSnapshotKind } from "#resources/kinds/volume-handle.ts";
import { idThere, type Row } from "#resources/rows.ts";
import { hasEnded } from "#saga-ended.ts";
import type { SnapshotRow } from "#snapshots/queries.ts";
import type { TenantRow } from "#tenants/queries.ts";
import type { TokenRow } from "#tokens/queries.ts";
import { monthlyUsdOf } from "#monthly-usd.ts";
import { volumeOf } from "#volume.ts";

export const jsonObject = z.record(z.string(), z.json());

export const iso = (at: Date): string => at.toISOString();
export const isoOrNull = (at: Date | null): string | null => at?.toISOString() ?? null;

export const presentContact = (row: ContactRow): TroubledWorker => ({
  id: row.worker_id,
  status: row.status,
  reason: row.reason,
  account_uuid: row.account_uuid,
  since: iso(row.since),
  checked_at: iso(row.checked_at),
});

export const presentTenant = (row: TenantRow): Tenant => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  hostnames: row.hostnames,
  labels: labelsOf(row.labels),
  quota: row.quota === null ? null : quota.parse(row.quota),
  created_at: iso(row.created_at),
  updated_at: iso(row.updated_at),
});

export const presentToken = (row: TokenRow): Token => ({
  id: row.id,
  name: row.name,
  role: row.role,
  tenant_id: row.tenant_id,
  created_at: iso(row.created_at),
  expires_at: isoOrNull(row.expires_at),
  revoked_at: isoOrNull(row.revoked_at),
  last_used_at: isoOrNull(row.last_used_at),
});

export const presentResource = (row: ResourceRow): Resource => ({
  id: row.id,
  provider_id: row.provider_id,
  name: row.name,
  status: row.status,
  region: row.region,
  size_slug: row.size_slug,
  image: row.image,
  public_ipv4: row.public_ipv4,
  tags: row.tags,
  managed: row.managed,
  deployment_id: row.deployment_id,
  tenant_id: row.tenant_id,
  first_seen_at: iso(row.first_seen_at),
  last_seen_at: iso(row.last_seen_at),
  deleted_at: isoOrNull(row.deleted_at),
});

export const presentOrphan = (row: StrayRow): Orphan => ({
  provider_id: row.provider_id,
  name: row.name,
  saga_id: row.saga_id,
  verdict: row.verdict,
  reason: row.reason,
  destroy_saga_id: row.destroy_saga_id,
  first_seen_at: iso(row.first_seen_at),
  last_seen_at: iso(row.last_seen_at),
});

/** `own`: the tokens of the tenant who reads. Which token of somebody else's it was, and from where, is not theirs to know. */
export const presentAudit =
  (own: ReadonlySet<string> | undefined) =>
  (row: AuditRow): AuditEntry => ({
    ...row,
    ...(own && !own.has(row.token_id ?? "") && { token_id: null, address: null }),
    at: iso(row.at),
    detail: jsonObject.nullable().parse(row.detail),
  });

const presentError = (error: StepView["error"]) => (error === null ? null : sagaError.parse(error));

const isOpen = ({ status }: StepView): boolean =>
  status === "running" || status === "waiting" || status === "compensating";

const deadlineOf = (row: StepView): Date | null =>
  row.status === "compensating" ? row.undo_deadline_at : row.deadline_at;

type Waits = Pick<SagaWithSteps, "watching" | "due_at" | "standsStill">;

/** A saga that is held back as a whole, since the provider does not answer, is looked at no sooner than it wakes. */
const nextTryOf = ({ retry_at: retryAt }: StepView, { watching, due_at: dueAt }: Waits): Date | null =>
  watching === "provider" && dueAt !== null && (retryAt === null || retryAt < dueAt) ? dueAt : retryAt;

/** Whether no time passes for the step: nobody is there to work on it, or the provider does not answer. */
const standsStill = (row: StepView, saga: Waits): boolean =>
  saga.standsStill || saga.watching === "provider" || row.watching === "provider";

const presentStep = (row: StepView, saga: Waits): Step => ({
  name: row.name,
  status: row.status,
  attempts: row.attempts,
  undo_attempts: row.undo_attempts,
  waiting_for: row.waiting_for,
  next_try_at: isOpen(row) ? isoOrNull(nextTryOf(row, saga)) : null,
  deadline_at: isOpen(row) && !standsStill(row, saga) ? isoOrNull(deadlineOf(row)) : null,
  error: presentError(row.error),
  undo_error: presentError(row.undo_error),
  started_at: isoOrNull(row.started_at),
  finished_at: isoOrNull(row.finished_at),
  undo_started_at: isoOrNull(row.undo_started_at),
  undo_finished_at: isoOrNull(row.undo_finished_at),
});

export const presentSaga = (row: SagaWithSteps): Saga => ({
  id: row.id,
  name: row.name,
  status: row.status,
  direction: row.direction,
  deployment_id: row.deployment_id,
  tenant_id: row.tenant_id,
  provider_id: row.provider_id ?? row.made,
  waiting_for: row.waiting_for,
  error: presentError(row.error),
  stuck_error: presentError(row.stuck_error),
  leaves: row.leaves && sagaLeaves.parse(row.leaves),
  cancel_requested_at: isoOrNull(row.cancel_requested_at),
  cancel_reason: row.cancel_reason,
  resolution: sagaResolved.nullable().parse(row.resolution),
  created_at: iso(row.created_at),
  started_at: isoOrNull(row.started_at),
  finished_at: isoOrNull(row.finished_at),
  steps: row.steps.map((step) => presentStep(step, row)),
});

export const presentEvent = (row: EventRow): SagaEvent => ({
  ...jsonObject.parse(row.data),
  saga_id: row.saga_id,
  sequence: row.sequence,
  at: iso(row.at),
  type: row.type,
});

export const presentSnapshot = (row: SnapshotRow): Snapshot => ({
  id: row.id,
  provider_id: row.provider_id ?? "",
  deployment_id: row.deployment_id,
  name: row.name,
  region: row.region,
  of: row.kind === volumeSnapshotKind ? "volume" : "droplet",
  image: row.image,
  size_gib: row.size_gib === null ? null : Number(row.size_gib),
  created_at: iso(row.created_at),
  expires_at: iso(row.expires_at),
});

/** An image that is given by its id comes back as the integer that it was. */
export const presentImage = (image: string): string | number => (/^\d+$/.test(image) ? Number(image) : image);

const presentCondition = ({ code, since, message, remedy }: ConditionRow): Condition => ({
  code,
  since: iso(since),
  message,
  remedy,
});

const keysOf = (stored: unknown): (string | number)[] => deployment.shape.ssh_keys.parse(stored);
const labelsOf = (stored: unknown): Labels => labels.parse(stored);
const checkOf = (stored: unknown): HealthCheck | null => healthCheck.nullable().parse(stored);

export const presentRelease = (row: ReleaseRow): Release => ({
  name: row.name,
  image: presentImage(row.image),
  size_slug: row.size_slug,
  ssh_keys: keysOf(row.ssh_keys),
  health_check: checkOf(row.health_check),
  monitoring: row.monitoring,
  ipv6: row.ipv6,
  backups: row.backups,
  vpc_uuid: row.vpc_uuid,
  stateless: row.stateless,
  rollback_safe: row.rollback_safe,
  volume: volumeOf(row.volume),
  reserved_ip: row.reserved_ip,
  has_user_data: row.has_user_data,
  created_at: iso(row.created_at),
});

/** What else is shown of a deployment, where there is one. */
export interface Beside {
  readonly resource: ResourceRow | undefined;
  readonly saga: SagaWithSteps | undefined;
  readonly release: ReleaseRow | undefined;
  readonly conditions: readonly ConditionRow[];
  readonly health: HealthRow | undefined;
  readonly reservedIp: Row | undefined;
  /** Undefined: the catalogue does not say. */
  readonly monthlyUsd: number | undefined;
  /** As the ledger has it. */
  readonly volume: Row | undefined;
}

/** One that nobody has asked yet is not known to be well. */
const presentHealth = (row: DeploymentRow, check: HealthCheck | null, known: HealthRow | undefined): Health | null =>
  check && {
    state: known?.state ?? "unknown",
    since: iso(known?.since ?? row.activated_at ?? row.created_at),
    reason: known?.reason ?? null,
  };

const effectiveCheck = (row: DeploymentRow, release: ReleaseRow | undefined): HealthCheck | null =>
  checkOf(row.health_check ?? release?.health_check ?? null);

/** While it is being made its name is known, and its id is not. */
function presentVolume({ volume }: DeploymentRow, held: Row | undefined): Volume | null {
  const spec = volumeOf(volume);
  if (!spec) return null;
  const name = held ? volumeHandle.parse(held.handle).name : null;
  return { ...spec, provider_id: held?.provider_id ?? null, name };
}

export const presentDeployment = (
  row: DeploymentRow,
  { resource, saga, release, conditions, health, reservedIp, monthlyUsd, volume }: Beside,
): Deployment => ({
  id: row.id,
  tenant_id: row.tenant_id,
  name: row.name,
  hostname: row.hostname,
  region: row.region,
  size_slug: row.size_slug,
  image: presentImage(row.image),
  ssh_keys: keysOf(row.ssh_keys),
  replace_dns: row.replace_dns,
  release: row.release,
  variable_names: row.variable_names,
  labels: labelsOf(row.labels),
  protected: row.protected,
  adopted: row.adopted,
  volume: presentVolume(row, volume),
  monthly_usd: monthlyUsdOf(monthlyUsd, { volume: row.volume, backups: release?.backups }),
  reserved_ip: row.reserved_ip,
  reserved_ip_address: idThere(reservedIp),
  health_check: effectiveCheck(row, release),
  health: presentHealth(row, effectiveCheck(row, release), health),
  status: row.status,
  power: row.power,
  operation: saga && !hasEnded(saga.status) ? (operationOfSaga(saga.name) ?? null) : null,
  reason: row.reason,
  conditions: conditions.map(presentCondition),
  resource: resource ? presentResource(resource) : null,
  saga: saga ? presentSaga(saga) : null,
  delete_requested_at: isoOrNull(row.delete_requested_at),
  created_at: iso(row.created_at),
  updated_at: iso(row.updated_at),
  activated_at: isoOrNull(row.activated_at),
  ended_at: isoOrNull(row.ended_at),
});
