import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { Log } from "#log.ts";
import { askEach } from "./ask-each.ts";
import { storedCheck } from "./check.ts";
import type { Prober } from "./prober.ts";
import { type Due, forgetHealth, nextDue, takeDue, writeHealths } from "./queries.ts";
import { type Health, judge } from "./verdict.ts";

/** A verdict that has turned. */
export interface HealthChange {
  readonly deployment_id: string;
  readonly tenant_id: string;
  readonly hostname: string;
  readonly provider_id: number;
  readonly from: Health["state"];
  readonly to: Health["state"];
  readonly reason: string | null;
}

export interface RoundsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly prober: Prober;
  /** Hears of the verdicts that have turned, once they are written: those of one batch together. */
  readonly onChange: (changes: readonly HealthChange[]) => Promise<void>;
}

/** Longer than the longest question may take. Milliseconds. */
const leaseMs = 90_000;
/** Questions that one worker has open at once. */
const mostOpen = 200;
/** Between two looks for those who are due: often, while there are any. Milliseconds. */
const [shortestMs, longestMs] = [1000, 15_000];

/** Asks whoever is due, until the signal aborts; each deployment is one worker's at a time. */
export async function probeRounds(options: RoundsOptions, signal: AbortSignal): Promise<void> {
  const { db, clock, log } = options;
  let open = 0;
  const batches = new Set<Promise<void>>();
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, "Health checks were not written down; they are asked again");
    }
  };
  const take = async (): Promise<void> => {
    const due = await takeDue(db, { now: clock.now(), most: mostOpen - open, leaseMs });
    if (due.length === 0) return;
    open += due.length;
    const batch = attempt(() => askAll(options, due, signal)).finally(() => {
      open -= due.length;
      batches.delete(batch);
    });
    batches.add(batch);
  };
  while (!signal.aborted) {
    let waitMs = longestMs;
    await attempt(async () => {
      let next = await nextDue(db);
      if (next && next <= clock.now()) {
        await take();
        next = await nextDue(db);
      }
      if (next) waitMs = Math.min(Math.max(next.getTime() - clock.now().getTime(), shortestMs), longestMs);
    });
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
  await Promise.all(batches);
}

async function askAll(options: RoundsOptions, due: readonly Due[], signal: AbortSignal): Promise<void> {
  const { db, clock, onChange } = options;
  const judged = await Promise.all(due.map(async (it) => ({ it, health: await learn(options, it, signal) })));
  if (signal.aborted) return;
  const learnt = judged.flatMap(({ it, health }) => (health ? [{ key: it, health }] : []));
  await writeHealths(db, learnt, clock.now());
  for (const { it, health } of judged) if (!health) await forgetHealth(db, it);
  const turned = judged.flatMap(({ it, health }) =>
    health && health.state !== it.state ? [changeOf(it, health)] : [],
  );
  if (turned.length > 0) await onChange(turned);
}

const changeOf = (it: Due, { state: to, reason }: Health): HealthChange => {
  const { deployment_id, tenant_id, hostname, provider_id, state: from } = it;
  return { deployment_id, tenant_id, hostname, provider_id, from, to, reason };
};

/** @returns undefined when it has no check any more, or the droplet does not serve it */
async function learn({ prober, clock }: RoundsOptions, due: Due, signal: AbortSignal): Promise<Health | undefined> {
  if (due.check === null || due.address === null) return undefined;
  // One that is off, or may be gone, is not asked: somebody else may have its address.
  if (due.droplet_status !== "active") {
    const reason = `its droplet is ${due.droplet_status ?? "unknown"}; it is not asked`;
    return { ...due, state: "unknown", since: due.state === "unknown" ? due.since : clock.now(), reason };
  }
  const check = storedCheck.parse(due.check);
  const { address, reserved, hostname } = due;
  const asked = { whose: due.deployment_id, serves: due.state !== "unhealthy" };
  const how = { timeoutMs: check.timeout_seconds * 1000, signal };
  const answer = await askEach(prober, asked, check, { address, reserved, hostname }, how);
  return judge(due, answer, prober.pathBesides(due.deployment_id), check, clock.now());
}
