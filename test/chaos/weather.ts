import { brokenInvariants } from "#test/invariants.ts";
import { cloudAt } from "./cloud-control.ts";
import { dice } from "./dice.ts";
import { keepEvidence } from "./evidence.ts";
import { install } from "./installation.ts";
import { type Asked, load, plantedUserData } from "./load.ts";
import { quieten } from "./quiet.ts";
import { type Say, storm } from "./storm.ts";

export interface Weather {
  readonly deployments: number;
  readonly workers: number;
  readonly seed: number;
  readonly stormSeconds: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly say: Say;
}

export interface Report {
  /** With where the evidence lies. */
  readonly broken: readonly string[];
  readonly seed: number;
  readonly sagas: Record<string, number>;
  readonly deployments: Record<string, number>;
  readonly asked: Asked;
  readonly acts: Record<string, number>;
  /** That the provider has told, by their kind. */
  readonly lies: Record<string, number>;
  /** Droplets that were gone while a record led to them. */
  readonly ledAstray: readonly string[];
  readonly takeovers: { readonly count: number; readonly median: number; readonly worst: number };
  readonly seconds: number;
}

const providerToken = "dop_v1_planted-token-91c2";

/** Real processes under load, broken on purpose again and again and lied to; then calm, and the invariants. */
export async function weather(options: Weather): Promise<Report> {
  const startedAt = Date.now();
  const { workers, seed, settings = {}, say, stormSeconds, deployments } = options;
  await using installation = await install({ workers, seed, settings, providerToken });
  try {
    const until = new Date(Date.now() + stormSeconds * 1000);
    const ending = new AbortController();
    const { signal } = ending;
    const storming = storm(installation, dice(seed, "storm"), { until, signal, say });
    const loading = load(installation, { deployments, seed, spreadMs: stormSeconds * 800, until, signal });
    const [{ done, takeovers }, asked] = await Promise.all([storming, loading]).catch(async (error: unknown) => {
      // Nobody may start anything again that is taken down now.
      ending.abort();
      await Promise.allSettled([storming, loading]);
      throw error;
    });
    say("the storm is over");
    await quieten(installation, say);

    const { db } = installation.database;
    const { truth, lies, led_astray: ledAstray } = await cloudAt(installation.cloudUrl);
    const invariants = await brokenInvariants({
      db,
      truth,
      secrets: [providerToken, plantedUserData],
      logged: installation.lines,
    });
    const deaths = [...installation.workers, installation.server].flatMap((part) => part.diedOf ?? []);
    const broken = [...invariants, ...deaths];
    const sorted = takeovers.toSorted((a, b) => a - b);
    const worst = sorted.at(-1) ?? 0;
    return {
      broken: broken.length === 0 ? [] : [...broken, await keepEvidence(installation, broken)],
      seed,
      sagas: await countBy(db.selectFrom("sagas").select("status").execute()),
      deployments: await countBy(db.selectFrom("deployments").select("status").execute()),
      asked,
      acts: Object.fromEntries(done),
      lies,
      ledAstray,
      takeovers: { count: sorted.length, median: sorted[Math.floor(sorted.length / 2)] ?? 0, worst },
      seconds: (Date.now() - startedAt) / 1000,
    };
  } catch (error) {
    const kept = await keepEvidence(installation, [String(error)]);
    throw new Error(`The storm of seed ${seed} did not come to its end; ${kept}`, { cause: error });
  }
}

async function countBy(rows: Promise<{ status: string }[]>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of await rows) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
