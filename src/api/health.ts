import { z } from "zod";
import { accountStatus, providerStatus, troubledWorkers } from "./provider.ts";

export const health = z.object({ status: z.literal("ok") }).meta({ id: "ServerHealth" });

const check = z.object({ ok: z.boolean(), reason: z.string().nullable() });

/** Sent with 200 when ready and with 503 when not. */
export const readiness = z
  .object({
    ready: z.boolean(),
    database: check,
    queue: check,
    /** Without them all goes on, by polling: no reason not to be ready. */
    notifications: check,
    provider: z.object({
      status: providerStatus,
      reason: z.string().nullable(),
      account_status: accountStatus,
      catalogue_read: z.boolean(),
      workers_not_up: troubledWorkers,
    }),
    simulated: z.boolean(),
  })
  .meta({ id: "Readiness" });
