import { setTimeout as sleep } from "node:timers/promises";
import { brokenInvariants } from "#test/invariants.ts";
import { dice } from "./dice.ts";
import { type Installation, install } from "./installation.ts";
import { client, load, plantedUserData } from "./load.ts";
import { disarm, truth } from "./provider.ts";
import { type Say, storm } from "./storm.ts";

export interface Weather {
  readonly sagas: number;
  readonly workers: number;
  readonly seed: number;
  readonly stormSeconds: number;
  readonly say: Say;
}

export interface Report {
  readonly broken: readonly string[];
  readonly sagas: Record<string, number>;
  readonly deployments: Record<string, number>;
  readonly acts: Record<string, number>;
  readonly takeovers: { readonly count: number; readonly median: number; readonly worst: number };
  readonly seconds: number;
}

const calmLimitMs = 240_000;
const providerToken = "dop_v1_planted-token-91c2";

/** Real processes under load, broken on purpose again and again; then calm, and the invariants. */
export async function weather(options: Weather): Promise<Report> {
  const startedAt = Date.now();
  await using installation = await install(options.workers, { providerToken });
  const until = new Date(Date.now() + options.stormSeconds * 1000);
  const chance = dice(options.seed);
  const [{ done, takeovers }] = await Promise.all([
    storm(installation, chance, until, options.say),
    load(installation, options.sagas, dice(options.seed + 1), options.stormSeconds * 800),
  ]);
  options.say("the storm is over");
  await disarm(installation);
  await untilCalm(installation);
  await client(installation)("POST", "/v1/inventory/sync", {});
  await sleep(4000);
  await untilCalm(installation);

  const { db } = installation.database;
  const broken = await brokenInvariants({
    db,
    truth: await truth(installation),
    secrets: [providerToken, plantedUserData],
    logged: installation.lines,
  });
  const sorted = takeovers.toSorted((a, b) => a - b);
  return {
    broken: [...broken, ...[...installation.workers, installation.server].flatMap((part) => part.diedOf ?? [])],
    sagas: await countBy(db.selectFrom("sagas").select("status").execute()),
    deployments: await countBy(db.selectFrom("deployments").select("status").execute()),
    acts: Object.fromEntries(done),
    takeovers: { count: sorted.length, median: sorted[Math.floor(sorted.length / 2)] ?? 0, worst: sorted.at(-1) ?? 0 },
    seconds: (Date.now() - startedAt) / 1000,
  };
}

async function countBy(rows: Promise<{ status: string }[]>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of await rows) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

async function untilCalm({ database: { db } }: Installation): Promise<void> {
  const limit = Date.now() + calmLimitMs;
  for (;;) {
    const live = await db
      .selectFrom("sagas")
      .select(["id", "name", "status", "waiting_for"])
      .where("status", "not in", ["completed", "rolled_back", "stuck"])
      .execute();
    if (live.length === 0) return;
    if (Date.now() > limit) throw new Error(`${live.length} sagas do not end: ${JSON.stringify(live.slice(0, 5))}`);
    await sleep(500);
  }
}
