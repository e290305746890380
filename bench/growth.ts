import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { followSpans } from "../src/costs/spans.ts";
import { systemClock } from "../src/clock.ts";
import { type Database, openDatabase } from "../src/db/connection.ts";
import { createServer } from "../src/http/server.ts";
import { systemIds } from "../src/ids.ts";
import { missing } from "../src/inventory/refresh.ts";
import { openLog } from "../src/log.ts";
import { createMetrics } from "../src/metrics/metrics.ts";
import { createToken } from "../src/operations/create-token.ts";
import { claimableDroplet } from "../src/operations/destroy-droplet.ts";
import { followHealth } from "../src/operations/follow-health.ts";
import { expireClaims } from "../src/operations/expire-claims.ts";
import { cloneDatabase, dropDatabase, startTestServer } from "../src/proof/server.ts";
import { purge } from "../src/retention/purge.ts";
import { kinds } from "../src/retention/what-goes.ts";
import { createSagas } from "../src/sagas/create-sagas.ts";
import { beginProbes } from "../src/probes/queries.ts";
import { foldCounts } from "../src/saga-queries/counts.ts";
import { rollUpDays } from "../src/saga-queries/stats.ts";
import { secretBox } from "../src/secrets/secret-box.ts";
import { everyRead } from "../test/every-read.ts";
import { fill, type Fullness, idOf, scaled } from "../test/full-database.ts";

const help = `npm run bench:growth -- [options]: every list, page, filter, scrape, guard and chore on a full database, and on one
of 10,000 ended sagas
  --share N       of the whole: 1,000,000 ended sagas with their steps and events, 500,000 deployments, 1,000,000 lines
                  of audit, 100,000 droplets (0.1)
  --full          the whole; it takes about 15 GB, and most of an hour to fill
  --times N       how often each is done; the shortest counts, as machines are shared (5)
  --above N       prints what takes longer than this at the larger size, in milliseconds (0: all)
  --json          the figures, as JSON`;

const { values } = parseArgs({
  options: {
    share: { type: "string", default: "0.1" },
    full: { type: "boolean", default: false },
    times: { type: "string", default: "5" },
    above: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const say = (line: string): void => void (values.json || console.log(line));
const server = await startTestServer("fast");
const figures = new Map<string, number[]>();
try {
  const full: Full[] = [];
  for (const share of [0.01, values.full ? 1 : Number(values.share)])
    full.push(await open(`growth_${share * 1000}`, share));
  // In turn: what else the machine does meanwhile slows down either.
  const [small, large] = full.map(({ doings }) => doings);
  for (const [what, work] of large ?? []) figures.set(what, await shortest([small?.get(what), work]));
  for (const { close } of full) await close();
} finally {
  await server.stop();
}
const rows = [...figures]
  .map(([what, [small = NaN, large = NaN]]) => ({ what, small, large, ratio: large / small }))
  .toSorted((one, other) => other.large - one.large);
if (values.json) console.log(JSON.stringify(rows, null, 2));
else {
  const two = (number: number): number => Number(number.toFixed(2));
  console.table(
    rows
      .filter(({ large }) => large > Number(values.above))
      .map(({ what, small, large, ratio }) => ({
        what,
        "10,000 ms": two(small),
        "large ms": two(large),
        ratio: two(ratio),
      })),
  );
  const slow = rows.filter(({ large }) => large > 20).length;
  // Of what takes a moment, the ratio says nothing.
  const grown = rows.filter(({ large, small }) => large > small * 1.25 && large - small > 2).length;
  const ratios = rows.flatMap(({ ratio }) => (ratio > 0 ? [ratio] : [])).toSorted((one, other) => one - other);
  const median = ratios[Math.floor(ratios.length / 2)]?.toFixed(2);
  console.log(
    `${rows.length} measured; ${slow} take more than 20 ms, ${grown} grew by more than a quarter and 2 ms, the median by ${median}`,
  );
}

interface Full {
  readonly doings: ReadonlyMap<string, () => Promise<unknown>>;
  readonly close: () => Promise<void>;
}

/** A database of that share of the whole, and all that is done with it. */
async function open(name: string, share: number): Promise<Full> {
  const url = await cloneDatabase(server, name);
  const how = scaled(share);
  const begun = performance.now();
  await fill(url, how);
  say(`filled ${how.deployments * 2} sagas in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  const database = openDatabase(url, { log: openLog("error") });
  const { app, doings } = await doingsWith(database, how);
  return {
    doings,
    async close() {
      await app.close();
      await database.close();
      await dropDatabase(server, name);
    },
  };
}

/** The shortest time of each, in milliseconds; NaN of what is not there. */
async function shortest(works: readonly ((() => Promise<unknown>) | undefined)[]): Promise<number[]> {
  const times = works.map((work) => (work ? Infinity : NaN));
  for (let time = 0; time < Number(values.times); time += 1)
    for (const [at, work] of works.entries()) {
      const begun = performance.now();
      await work?.();
      times[at] = Math.min(times[at] ?? NaN, performance.now() - begun);
    }
  return times;
}

async function doingsWith({ db }: Database, how: Fullness) {
  const clock = systemClock;
  const ids = systemIds(clock);
  const log = openLog("error");
  const secrets = secretBox(randomBytes(32));
  const requestLimits = { minute: 250, hour: 5000 };
  const app = await createServer({
    db,
    clock,
    ids,
    log,
    sagas: createSagas({ clock, ids, zone: "example.com", secrets }),
    secrets,
    feed: { subscribe: () => () => undefined },
    zone: "example.com",
    host: "127.0.0.1",
    requestLimits,
    requestSync: async () => undefined,
    queueReady: async () => true,
    hears: () => true,
    metrics: createMetrics({ db, clock, release: "0", requestLimits, sagaNames: [], openStreams: () => 0 }),
  });
  const tokenOf = async (tenantId: string | null) => {
    const asked = { name: "bench", role: "admin", tenant_id: tenantId, expires_at: null } as const;
    const made = { ids, now: clock.now() };
    return (await db.transaction().execute((tx) => createToken(tx, asked, made))).secret;
  };
  const [admin, own] = [await tokenOf(null), await tokenOf(idOf("tenant", 1))];
  const get = async (path: string, token = admin) => {
    const answer = await app.inject({ method: "GET", url: path, headers: { authorization: `Bearer ${token}` } });
    // No worker is here: the server says that it is not ready.
    if (answer.statusCode !== 200 && path !== "/readyz")
      throw new Error(`${path} was answered ${answer.statusCode}: ${answer.body}`);
    return answer;
  };
  await rollUpDays(db, clock.now(), new Date(0));
  const undone = new Error("undone");
  const inVain = (work: Parameters<ReturnType<typeof db.transaction>["execute"]>[0]) => async () => {
    const tried = async () =>
      db.transaction().execute(async (tx) => {
        await work(tx).catch(() => undefined);
        throw undone;
      });
    await tried().catch((error: unknown) => {
      if (error !== undone) throw error;
    });
  };
  const doings = new Map<string, () => Promise<unknown>>();
  for (const { path, forAll } of everyRead((await get("/openapi.json")).json(), how)) {
    // The same under either size.
    const name = path
      .replaceAll(/[a-f]0000000-0000-4000-8000-[0-9a-f]{12}/g, "ID")
      .replace(/=droplet-\d+/, "=droplet-N");
    doings.set(`GET ${name}`, () => get(path));
    const next: unknown =
      path.startsWith("/v1/") && !/\/events(?:\?|$)/.test(path) ? (await get(path)).json().next_cursor : null;
    if (typeof next === "string")
      doings.set(`GET ${name} page 2`, () => get(`${path}${path.includes("?") ? "&" : "?"}cursor=${next}`));
    if (!forAll && !/\/v1\/(?:tenants|deployments|sagas|webhooks)\/|tenant_id/.test(path))
      doings.set(`GET ${name} of a tenant`, () => get(path, own));
  }
  for (const [what, id] of [
    ["one there", how.deployments],
    ["one deleted", how.deployments - 1],
    ["an unknown one", 9e9],
  ] as const)
    doings.set(
      `guard: destroy ${what}`,
      inVain((tx) => claimableDroplet(tx, id, { unmanaged: true })),
    );
  doings.set("chore: expire", () => expireClaims(db, { clock, ids }));
  doings.set("chore: costs of all that is there", () => followSpans(db, clock.now()));
  doings.set("chore: probes", () => beginProbes(db, clock.now()));
  doings.set("chore: health", () => followHealth(db, ids, clock.now()));
  doings.set("chore: counts", () => foldCounts(db));
  doings.set("chore: days", () => rollUpDays(db, clock.now(), new Date(0)));
  doings.set("chore: what a sync misses", () => missing(db, new Date(0)));
  for (const kind of Object.values(kinds))
    doings.set(`chore: a batch of the purge of ${kind.name}`, () =>
      purge(db, kind, { before: clock.now(), dryRun: true, mayGoOn: () => false }),
    );
  return { app, doings };
}
