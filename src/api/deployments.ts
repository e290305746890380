import { z } from "zod";
import { dropletName, hostname, id, image, region, sizeSlug, sshKeys, text, timestamp, userData } from "./fields.ts";
import { operationNames } from "./operations.ts";
import { oneOf, pageOf, pageQuery, search } from "./page.ts";
import { resource } from "./resources.ts";
import { saga } from "./sagas.ts";

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

/** What a list of deployments is filtered by: a status, or `stuck`, whatever the status of one whose saga is stuck. */
export const deploymentFilters = [...deploymentStatuses, "stuck"] as const;

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
    status: deploymentStatus,
    /** Whether it is to be on: `off` while it is suspended. */
    power: z.enum(["on", "off"]),
    /** What runs that was asked of it while it is active; null when nothing does. */
    operation: z.enum(operationNames).nullable(),
    /** Why it is in this status, when there is something to say. */
    reason: z.string().nullable(),
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

/** `replace_dns` takes over an A record that is there already; admins only. */
export const newDeployment = z
  .strictObject({
    tenant_id: id,
    name: dropletName,
    hostname,
    region,
    size_slug: sizeSlug,
    image,
    provision: z.boolean().default(false),
    ssh_keys: sshKeys.default([]),
    user_data: userData.optional(),
    replace_dns: z.boolean().default(false),
  })
  .meta({ id: "NewDeployment" });

export const deploymentQuery = pageQuery.extend({
  status: oneOf(deploymentFilters).optional(),
  tenant_id: id.optional(),
  name: text(253).optional(),
  hostname: hostname.optional(),
  q: search.optional(),
});
export const deploymentPage = pageOf(deployment).meta({ id: "DeploymentPage" });

/** `POST …/cancel` may say why. */
export const deploymentCancel = z.strictObject({ reason: text(500).optional() }).meta({ id: "DeploymentCancel" });
