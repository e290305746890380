import { hasEnded } from "#saga-ended.ts";
import { z } from "zod";
import type { Db, Tx } from "#db/connection.ts";

/** What the newest saga of a deployment was about to make, has made, and has undone; by the names of its steps. */
export interface Making {
  readonly sagaId: string;
  readonly ended: boolean;
  readonly back: boolean;
  readonly droplet: {
    readonly provider_id: number | null;
    readonly name: string;
    readonly tag: string;
    readonly public_ipv4: string | null;
  } | null;
  readonly record: { readonly id: number | null; readonly name: string; readonly data: string } | null;
}

/** The steps' own shapes, as far as they matter here; what is not of them was not made yet. */
const dropletIntent = z.object({
  handle: z.object({ tag: z.string(), name: z.string() }),
  sending: z.object({ phase: z.string(), empty_looks: z.int() }),
  droplet_ids: z.array(z.int()),
});
const dropletOutput = z.object({ droplet_id: z.int() });
const addressOutput = z.object({ droplet_public_ip: z.string() });
const recordIntent = z.object({ hostname: z.string(), ip: z.string() });
const recordOutput = z.object({ dns_record_id: z.int() });

/** @returns undefined when the deployment has no saga that provisions it */
export async function makingOf(db: Db | Tx, deploymentId: string): Promise<Making | undefined> {
  const saga = await db
    .selectFrom("sagas")
    .select(["id", "name", "status", "direction"])
    .where("deployment_id", "=", deploymentId)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .executeTakeFirst();
  if (saga?.name !== "provision_deployment") return undefined;
  const steps = await db
    .selectFrom("saga_steps")
    .select(["name", "status", "intent", "output"])
    .where("saga_id", "=", saga.id)
    .execute();
  const standing = new Map(steps.filter((step) => step.status !== "compensated").map((step) => [step.name, step]));
  const step = (name: string) => standing.get(name);
  return {
    sagaId: saga.id,
    ended: hasEnded(saga.status),
    back: saga.direction === "back",
    droplet: dropletIn(step("create_droplet"), step("wait_droplet_active")),
    record: recordIn(step("point_deployment_dns")),
  };
}

interface StepRow {
  readonly intent: unknown;
  readonly output: unknown;
}

function dropletIn(create: StepRow | undefined, wait: StepRow | undefined): Making["droplet"] {
  const { data: intent } = dropletIntent.safeParse(create?.intent);
  if (!intent) return null;
  const made = dropletOutput.safeParse(create?.output).data?.droplet_id ?? intent.droplet_ids[0] ?? null;
  const { phase, empty_looks: looks } = intent.sending;
  // Refused, or looked for in vain: there is none.
  if (made === null && (phase === "refused" || looks >= 2)) return null;
  const address = addressOutput.safeParse(wait?.output).data?.droplet_public_ip ?? null;
  return { ...intent.handle, provider_id: made, public_ipv4: address };
}

function recordIn(point: StepRow | undefined): Making["record"] {
  const { data: intent } = recordIntent.safeParse(point?.intent);
  if (!intent) return null;
  const { data: output } = recordOutput.safeParse(point?.output);
  return { id: output?.dns_record_id ?? null, name: intent.hostname, data: intent.ip };
}
