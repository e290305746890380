import { z } from "zod";
import { backupPlanSchema } from "./backup-plan.ts";
import type { Holdings } from "./holdings.ts";

const time = z.number().int();

export const dropletSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  region: z.string(),
  size: z.string(),
  /** GiB. A resize may leave it smaller than the size's; an account saved by an older release has the size's. */
  disk: z.number().int().optional(),
  image: z.number().int(),
  features: z.array(z.string()),
  vpc: z.string(),
  /** Which address of the pool it has. */
  address: z.number().int(),
  tags: z.array(z.object({ name: z.string(), shownAt: time })),
  power: z.enum(["on", "off"]),
  publicNetworking: z.boolean().default(true),
  backups: backupPlanSchema.nullable().default(null),
  pendingAction: z.number().int().nullable(),
  actions: z.array(z.number().int()),
  deleteWhileNew: z.enum(["works", "refused", "ineffective"]),
  createdAt: time,
  listedAt: time,
  foundAt: time,
  activeAt: time,
  /** When it was last started after that; none: never. */
  bootedAt: time.optional(),
  /** The release that its user_data tells it of. */
  app: z.string().nullable().default(null),
  addressAt: time,
  /** An account saved by an older release has none. */
  lockedUntil: time.default(0),
  deletion: z.object({ listedUntil: time, foundUntil: time }).nullable(),
});

export const actionSchema = z.object({
  id: z.number().int(),
  type: z.string(),
  dropletId: z.number().int().nullable(),
  /** What it is done to, when that is no droplet: told as `type` and `id`, found again by `key`. */
  resource: z.object({ type: z.string(), id: z.number().int().nullable(), key: z.string() }).optional(),
  region: z.string(),
  startedAt: time,
  endsAt: time,
  outcome: z.enum(["completed", "errored"]),
  /** What takes hold of the droplet when the action has completed. */
  change: dropletSchema
    .pick({ size: true, disk: true, image: true, name: true, power: true })
    .partial()
    .extend({
      feature: z.string().optional(),
      backups: backupPlanSchema.nullable().optional(),
      /** The image that there is then. */
      snapshot: z.object({ id: z.number().int(), name: z.string() }).optional(),
      /** What the volume or reserved address is attached to then. */
      volume: z.object({ id: z.string(), dropletId: z.number().int().nullable() }).optional(),
      reservedIp: z.object({ ip: z.string(), dropletId: z.number().int().nullable() }).optional(),
    }),
});

export const recordSchema = z.object({
  id: z.number().int(),
  type: z.string(),
  name: z.string(),
  data: z.string(),
  priority: z.number().int().nullable(),
  port: z.number().int().nullable(),
  ttl: z.number().int(),
  weight: z.number().int().nullable(),
  flags: z.number().int().nullable(),
  tag: z.string().nullable(),
  listedAt: time,
});

export type SavedDroplet = z.infer<typeof dropletSchema>;
export type Droplet = SavedDroplet & { disk: number };
export type Action = z.infer<typeof actionSchema>;
export type DomainRecord = z.infer<typeof recordSchema>;

export interface Zone {
  name: string;
  createdAt: number;
  records: Map<number, DomainRecord>;
}

export interface Tag {
  /** In its first capitalisation, which is the canonical one. */
  name: string;
  droplets: Set<number>;
}

/** Everything that is true at the provider. All times are milliseconds of the clock. */
export interface Account extends Holdings {
  /** Of the user whose token it is that was not said to be somebody else's; a team's is another one. */
  uuid: string;
  seed: number;
  /** Ids are never used twice, not even over a reset: a database may remember the old ones. */
  nextId: number;
  nextAddress: number;
  /** Addresses given back are handed out again first: a stale DNS record then points at a stranger. */
  freeAddresses: number[];
  /** Addresses given back that a stranger, another customer of the provider, has by now. */
  strangers: number[];
  createdTotal: number;
  destroyedTotal: number;
  droplets: Map<number, Droplet>;
  actions: Map<number, Action>;
  zones: Map<string, Zone>;
  /** By name in lower case. */
  tags: Map<string, Tag>;
}
