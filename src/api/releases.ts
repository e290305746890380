import { z } from "zod";
import { image, sizeSlug, sshKeys, timestamp, userData } from "./fields.ts";
import { healthCheck } from "./health-check.ts";
import { pageOf, pageQuery, search } from "./page.ts";
import { newVolume } from "./volume.ts";

export const releaseName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/, "must be lower-case letters, digits, dots, hyphens and underscores");

/** What a droplet runs; nothing of it ever changes. `has_user_data`: it is never given back. */
export const release = z
  .object({
    name: z.string(),
    image: z.union([z.int(), z.string()]),
    size_slug: z.string().nullable(),
    ssh_keys: z.array(z.union([z.int(), z.string()])),
    health_check: healthCheck.nullable(),
    monitoring: z.boolean(),
    ipv6: z.boolean(),
    backups: z.boolean(),
    vpc_uuid: z.string().nullable(),
    stateless: z.boolean(),
    rollback_safe: z.boolean(),
    volume: newVolume.nullable(),
    reserved_ip: z.boolean(),
    has_user_data: z.boolean(),
    created_at: timestamp,
  })
  .meta({ id: "Release" });
export type Release = z.infer<typeof release>;

/**
 * `size_slug` is what a deployment has that names none. `monitoring`, `ipv6`, `backups` and `vpc_uuid` are DigitalOcean's:
 * backups are billed, and a VPC lies in one region. `stateless`: nothing on the droplet's own disk is missed when it is
 * replaced. `rollback_safe`: the app before can go on with what this one has written to its volume, so that a replacement which fails
 * goes back to it. `volume`: what a deployment gets that names none, beside its droplet; a deployment that is there keeps its own.
 * `reserved_ip`: what a new deployment has that does not say.
 */
export const newRelease = z
  .strictObject({
    name: releaseName,
    image,
    size_slug: sizeSlug.optional(),
    ssh_keys: sshKeys.default([]),
    user_data: userData.optional(),
    health_check: healthCheck.optional(),
    monitoring: z.boolean().default(false),
    ipv6: z.boolean().default(false),
    backups: z.boolean().default(false),
    vpc_uuid: z.uuid().toLowerCase().optional(),
    stateless: z.boolean().default(false),
    rollback_safe: z.boolean().default(false),
    volume: newVolume.optional(),
    reserved_ip: z.boolean().default(false),
  })
  .meta({ id: "NewRelease" });

export const releaseQuery = pageQuery.extend({ q: search.optional() });
export const releasePage = pageOf(release).meta({ id: "ReleasePage" });
