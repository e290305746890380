import { z } from "zod";
import { after, type Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import type { Log } from "#log.ts";
import { handleOf, sagaTag } from "#resources/kinds/droplet-handle.ts";
import type { Strays } from "./strays.ts";

const hour = 3_600_000;
/** How long the tag of a droplet that is gone is kept, in milliseconds: a late one would still be found by it. */
export const quarantineMs = 24 * hour;
const atOnce = 50;

export interface RecheckOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly digitalOcean: DigitalOcean;
  readonly strays: Strays;
  readonly log: Log;
}

/**
 * Looks again at sagas that ended without their droplet: 15 minutes and 2 hours later, since one that was given up
 * on can still appear (rule 25), and after a day, when its tag is deleted once nothing carries it (rule 18).
 */
export async function recheckEnded(options: RecheckOptions, signal: AbortSignal): Promise<void> {
  const { db, clock } = options;
  const call: Call = { priority: "sync", signal };
  const due = await db
    .selectFrom("sagas")
    .select(["id", "finished_at", "input"])
    .where("recheck_at", "<=", clock.now())
    .orderBy("recheck_at")
    .limit(atOnce)
    .execute();
  for (const saga of due) {
    try {
      await recheck(options, saga, call);
    } catch (error) {
      if (signal.aborted || !(error instanceof DigitalOceanError)) throw error;
      // One that cannot be looked at now must not keep the others waiting.
      options.log.warn({ err: error, saga_id: saga.id }, "A saga that ended could not be looked at again; later");
      await db
        .updateTable("sagas")
        .set({ recheck_at: after(clock.now(), hour / 4) })
        .where("id", "=", saga.id)
        .execute();
    }
  }
}

interface Ended {
  readonly id: string;
  readonly finished_at: Date | null;
  readonly input: unknown;
}

const named = z.object({ name: z.string().nullish() });

async function recheck({ db, clock, digitalOcean, strays }: RecheckOptions, saga: Ended, call: Call): Promise<void> {
  const tag = sagaTag(saga.id);
  const byTag = await digitalOcean.droplets.list({ tag_name: tag }, call);
  // Tags arrive after the create, and may never: the name is there from the beginning.
  const name = named.safeParse(saga.input).data?.name;
  const byName = name ? await digitalOcean.droplets.list({ name: handleOf(saga.id, name).name }, call) : undefined;
  const found = new Map([...byTag.items, ...(byName?.items ?? [])].map((droplet) => [droplet.id, droplet]));
  await strays.examine([...found.values()], byTag.begunAt);
  const age = clock.now().getTime() - (saga.finished_at ?? clock.now()).getTime();
  const unreadable = byTag.unreadable.length + (byName?.unreadable.length ?? 0);
  const isOver = age >= quarantineMs && found.size + unreadable === 0;
  if (isOver) await deleteTag(digitalOcean, tag, call);
  const next = isOver ? null : after(clock.now(), age < 2 * hour ? 2 * hour - age : quarantineMs);
  await db.updateTable("sagas").set({ recheck_at: next }).where("id", "=", saga.id).execute();
}

async function deleteTag(digitalOcean: DigitalOcean, tag: string, call: Call): Promise<void> {
  try {
    await digitalOcean.tags.delete(tag, call);
  } catch (error) {
    if (!(error instanceof DigitalOceanError && error.reason === "not_found")) throw error;
  }
}
