import { z } from "zod";
import {
  dropletName,
  hostname,
  id,
  idPrefix,
  image,
  region,
  sizeSlug,
  slug,
  sshKeys,
  text,
  timestamp,
  userData,
} from "./fields.ts";
import { health, healthCheck, healthStates } from "./health-check.ts";
import { labelFilter, labels } from "./labels.ts";
import { operationNames } from "./operations.ts";
import { oneOf, pageOf, pageQuery, search } from "./page.ts";
import { releaseName } from "./releases.ts";
import { resource } from "./resources.ts";
import { saga } from "./sagas.ts";
import { variableChanges, variables } from "./variables.ts";
import { newVolume, volume } from "./volume.ts";

export const deploymentStatuses = [
  "pending",
  "provisioning",
  "active",
  "deprovisioning",
  "terminated",
  "cancelled",
] as const;
export const deploymentStatus = z.enum(deploymentStatuses);
export type DeploymentStatus = z.infer<typeof deploymentStatus>;

/**
 * What a list of deployments is filtered by: a status; `suspended`, those that are active and off because they are to be;
 * or `stuck`, whatever the status of one whose saga is stuck.
 */
export const deploymentFilters = [...deploymentStatuses, "suspended", "stuck"] as const;

export const conditionCodes = [
  "droplet_gone",
  "droplet_off",
  "drift",
  "unhealthy",
  "dns_delegated",
  "zone_gone",
] as const;

/** What is true of an active deployment beside its status. */
export const condition = z
  .object({
    code: z.enum(conditionCodes),
    /** When it was first found. */
    since: timestamp,
    /** What was found, and what was wanted. */
    message: z.string(),
    /** What can be done about it. */
    remedy: z.string(),
  })
  .meta({ id: "Condition" });
export type Condition = z.infer<typeof condition>;

/** What a list of deployments is filtered by: a condition, or `any` of them. */
export const conditionFilters = ["any", ...conditionCodes] as const;

export const deployment = z
  .object({
    id,
    tenant_id: id,
    name: z.string(),
    hostname: z.string(),
    region: z.string(),
    size_slug: z.string(),
    image: z.union([z.int(), z.string()]),
    ssh_keys: z.array(z.union([z.int(), z.string()])),
    replace_dns: z.boolean(),
    /** What its droplet runs; null: the fields of its own. */
    release: z.string().nullable(),
    /** Their values are never given back. */
    variable_names: z.array(z.string()),
    labels,
    /** Destroyed only after an admin has lifted it. */
    protected: z.boolean(),
    /** Its droplet was there before: it can be given back (unadopt). */
    adopted: z.boolean(),
    /** Its data outlives its droplet there; null: it has none. */
    volume: volume.nullable(),
    /** Whether its hostname leads to a reserved IP, which outlives its droplet. */
    reserved_ip: z.boolean(),
    /** Null: it has none, or not yet. */
    reserved_ip_address: z.string().nullable(),
    /** What its size, its backups and its volume cost a month, the size by the provider's catalogue; null: not known. */
    monthly_usd: z.number().nullable(),
    /** Its own, or else its release's. */
    health_check: healthCheck.nullable(),
    /** Null: it has no check. */
    health: health.nullable(),
    status: deploymentStatus,
    /** Whether it is to be on: `off` while it is suspended. */
    power: z.enum(["on", "off"]),
    /** What runs that was asked of it while it is active; null when nothing does. */
    operation: z.enum(operationNames).nullable(),
    /** Why it is in this status, when there is something to say. */
    reason: z.string().nullable(),
    /** Empty when all is well; the oldest first. */
    conditions: z.array(condition),
    resource: resource.nullable(),
    /** The newest. */
    saga: saga.nullable(),
    /** Set while it is provisioning and shall be deleted once that is cancelled. */
    delete_requested_at: timestamp.nullable(),
    created_at: timestamp,
    updated_at: timestamp,
    activated_at: timestamp.nullable(),
    ended_at: timestamp.nullable(),
  })
  .meta({ id: "Deployment" });
export type Deployment = z.infer<typeof deployment>;

/**
 * `replace_dns` takes over an A record that is there already; admins only. With a `release` its `image`, `ssh_keys` and
 * `user_data` are the deployment's, and its `size_slug`, `volume` and `reserved_ip` where none is given. `reserved_ip`: the
 * hostname leads to an address that outlives the droplet, reserved in its region.
 */
export const newDeployment = z
  .strictObject({
    tenant_id: id,
    name: dropletName,
    hostname,
    region,
    release: releaseName.optional(),
    size_slug: sizeSlug.optional(),
    image: image.optional(),
    provision: z.boolean().default(false),
    ssh_keys: sshKeys.default([]),
    user_data: userData.optional(),
    replace_dns: z.boolean().default(false),
    variables: variables.optional(),
    labels: labels.default({}),
    protected: z.boolean().default(false),
    health_check: healthCheck.optional(),
    volume: newVolume.optional(),
    reserved_ip: z.boolean().optional(),
  })
  .meta({ id: "NewDeployment" });

/**
 * `?preview=true` says what would be made and what it costs, and writes nothing. With `new_tenant` it is as if a tenant of that slug had
 * been made just before, whatever `tenant_id` says.
 */
export const newDeploymentQuery = z
  .strictObject({ preview: z.union([z.boolean(), z.stringbool()]).default(false), new_tenant: slug.optional() })
  .refine((it) => it.preview || it.new_tenant === undefined, { path: ["new_tenant"], error: "is for a preview only" });

/** What a deployment that is asked for would be. */
export const deploymentPreview = z
  .object({
    hostname: z.string(),
    region: z.string(),
    size_slug: z.string(),
    image: z.union([z.int(), z.string()]),
    /** For people. */
    does: z.array(z.string()),
    /** Of its droplet, its backups and its volume, by the provider's catalogue; null: not known. */
    monthly_usd: z.number().nullable(),
  })
  .meta({ id: "DeploymentPreview" });
export type DeploymentPreview = z.infer<typeof deploymentPreview>;

/**
 * What is left out stays as it is. The variables that are not named stay too; they, and the health check, are for the
 * droplet that it gets next. `health_check: null` gives it its release's again.
 */
export const deploymentChange = z
  .strictObject({
    labels,
    protected: z.boolean(),
    health_check: healthCheck.nullable(),
    variables: variableChanges,
  })
  .partial()
  .refine(
    (change) => Object.keys(change).length > 0,
    "must change something: labels, protected, health_check or variables",
  )
  .meta({ id: "DeploymentChange" });

export const deploymentQuery = pageQuery.extend({
  status: oneOf(deploymentFilters).optional(),
  condition: oneOf(conditionFilters).optional(),
  id_prefix: idPrefix.optional(),
  tenant_id: id.optional(),
  name: text(253).optional(),
  hostname: hostname.optional(),
  release: releaseName.optional(),
  label: labelFilter.optional(),
  health: oneOf(healthStates).optional(),
  q: search.optional(),
});
export const deploymentPage = pageOf(deployment).meta({ id: "DeploymentPage" });

/** `POST …/cancel` may say why. */
export const deploymentCancel = z.strictObject({ reason: text(500).optional() }).meta({ id: "DeploymentCancel" });
