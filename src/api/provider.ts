import { z } from "zod";
import { timestamp } from "./fields.ts";

export const providerStatus = z.enum(["unknown", "up", "down", "wrong_account"]);

/** In DigitalOcean's words: `active`, `warning`, `locked`; null until it has been asked. */
export const accountStatus = z.string().nullable();

/** A worker that cannot work with the provider, and leaves all work to the others as long as there are any. */
const troubledWorker = z
  .object({
    id: z.string(),
    status: providerStatus,
    reason: z.string().nullable(),
    account_uuid: z.string().nullable(),
    since: timestamp,
    checked_at: timestamp,
  })
  .meta({ id: "TroubledWorker" });

export type TroubledWorker = z.infer<typeof troubledWorker>;

/** The workers that are there and not up, longest first. */
export const troubledWorkers = z.array(troubledWorker);

/** `mass_disappearance`: so many droplets disappeared together that nothing is done about any of them. */
const problem = z
  .object({ code: z.string(), since: timestamp, message: z.string(), remedy: z.string() })
  .meta({ id: "Problem" });

const window = z.object({ limit: z.int(), used: z.int(), left: z.int() });

/** The provider as the workers last found it, and what is left of the token's request budget. */
export const provider = z
  .object({
    status: providerStatus,
    reason: z.string().nullable(),
    simulated: z.boolean(),
    since: timestamp.nullable(),
    checked_at: timestamp.nullable(),
    workers_not_up: troubledWorkers,
    /** What is wrong with the installation as a whole and wants a human, longest first; empty when all is well. */
    problems: z.array(problem),
    /** The team's uuid, or that of the user whose own account it is. */
    account_uuid: z.string().nullable(),
    account_of: z.enum(["team", "user"]).nullable(),
    account_status: accountStatus,
    account_status_message: z.string().nullable(),
    droplet_limit: z.int().nullable(),
    reserved_ip_limit: z.int().nullable(),
    catalogue_read_at: timestamp.nullable(),
    /** When the newest complete listing of the account's droplets began. */
    inventory_read_at: timestamp.nullable(),
    budget: z.object({
      minute: window,
      hour: window,
      /** What the provider itself said last. */
      remaining: z.int().nullable(),
      remaining_at: timestamp.nullable(),
      blocked_until: timestamp.nullable(),
    }),
  })
  .meta({ id: "Provider" });

const entry = z.looseObject({ slug: z.string() });

/** What can be asked for, as a worker last read it; all empty until then. */
export const catalogue = z
  .object({
    regions: z.array(entry),
    sizes: z.array(entry),
    images: z.array(entry),
    read_at: timestamp.nullable(),
  })
  .meta({ id: "Catalogue" });
export type Catalogue = z.infer<typeof catalogue>;
