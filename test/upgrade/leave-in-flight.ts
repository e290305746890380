// Runs inside the release that make-in-flight.sh has unpacked, and with that release's modules.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { gzipSync } from "node:zlib";
import pg from "pg";
import type { Tx } from "#db/connection.ts";
import { remove } from "#deployments/requests.ts";
import { PermanentError } from "#engine/failure.ts";
import type { AnySaga } from "#engine/saga.ts";
import { Snooze } from "#engine/step.ts";
import { openGround } from "#proof/ground.ts";
import { withSteps } from "#proof/matrix/disturbed-sagas.ts";
import { deploy, makeDroplet } from "#proof/scenarios.ts";
import { startTestServer } from "#proof/server.ts";
import { createStage, type Stage } from "#proof/stage/stage.ts";
import { allSagas } from "#sagas/all.ts";
import type { World } from "#sagas/world.ts";

/** Where a saga stands still: before the step has done anything, after its work and before its commit, or in a wait. */
interface Stop {
  readonly saga: string;
  readonly step: string;
  readonly back: boolean;
  readonly when: "before" | "after" | "waiting";
}

const stops: Stop[] = [...allSagas.values()].flatMap((saga) =>
  saga.steps.flatMap(({ name }) =>
    (saga.forwardOnly ? [false] : [false, true]).flatMap((back) =>
      (["before", "after", "waiting"] as const).map((when) => ({ saga: saga.name, step: name, back, when })),
    ),
  ),
);

const stopOf = new Map<string, Stop>();
const reached = new Set<string>();
const never = new Promise<never>(() => undefined);

const standStill = (sagas: ReadonlyMap<string, AnySaga<World>>) =>
  withSteps(sagas, (step) => {
    const waits = new Map<string, Snooze>();
    const held = async (sagaId: string, back: boolean, run: () => Promise<unknown>): Promise<never> => {
      const stop = stopOf.get(sagaId);
      const isHere = stop?.step === step.name && stop.back === back;
      if (isHere && stop.when === "before") reached.add(sagaId);
      if (isHere && stop.when === "before") await never;
      const verdict = await run();
      if (isHere && stop.when === "waiting") {
        if (verdict instanceof Snooze) waits.set(sagaId, verdict);
        const wait = waits.get(sagaId);
        if (!wait) return verdict as never;
        reached.add(sagaId);
        return new Snooze(new Date(now() + 60_000), wait.waitingFor, wait.watching) as never;
      }
      if (verdict instanceof Snooze) return verdict as never;
      if (isHere) reached.add(sagaId);
      if (isHere) await never;
      const last = sagas.get(stop?.saga ?? "")?.steps.at(-1)?.name;
      if (!back && stop?.back && step.name === last) throw new PermanentError("planted_failure", "It was made to fail");
      return verdict as never;
    };
    return {
      ...step,
      execute: (reads, io) => held(io.saga.id, false, () => step.execute(reads, io)),
      compensate: (reads, io) => held(io.saga.id, true, () => step.compensate(reads, io)),
    };
  });

const server = await startTestServer();
const ground = await openGround(server, "in_flight");
const stage: Stage = await createStage({ ...ground, seed: 1, alter: { sagas: standStill } });
const now = () => stage.scheduler.now();
const commit = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => stage.perform(stage.db.transaction().execute(work));
const pass = (ms: number) => {
  const until = now() + ms;
  return stage.scheduler.run(() => now() > until);
};

const nameOf = ({ step, back, when }: Stop) => `${back ? "undo-" : ""}${step.replaceAll("_", "-")}-${when}`;
const worker = stage.startWorker("worker-of-the-release");
// What goes away has to be there first, and to be old.
for (const stop of stops.filter(({ saga }) => saga === "deprovision_deployment"))
  await commit((tx) => deploy(stage, tx, nameOf(stop)));
for (const stop of stops.filter(({ saga }) => saga === "destroy_droplet"))
  await commit((tx) => makeDroplet(stage, tx, `old-${nameOf(stop)}`));
await pass(5 * 60_000);

for (const stop of stops) {
  const name = nameOf(stop);
  const id = await commit(async (tx) => {
    switch (stop.saga) {
      case "provision_deployment":
        return deploy(stage, tx, name);
      case "provision_droplet":
        return makeDroplet(stage, tx, name);
      case "deprovision_deployment": {
        const row = await tx.selectFrom("deployments").select("id").where("name", "=", name).executeTakeFirstOrThrow();
        await remove(tx, stage.sagas, row.id, { tenantId: null, now: new Date(now()) });
        const after = await tx
          .selectFrom("deployments")
          .select("saga_id")
          .where("id", "=", row.id)
          .executeTakeFirstOrThrow();
        return after.saga_id ?? "";
      }
      default: {
        const rows = await tx.selectFrom("cloud_resources").select(["provider_id", "name"]).execute();
        const row = rows.find((it) => it.name.startsWith(`old-${name}`));
        if (!row) throw new Error(`There is no droplet for ${name}`);
        return stage.sagas.destroyDroplet(tx, { providerId: row.provider_id, unmanaged: false });
      }
    }
  });
  stopOf.set(id, stop);
  await pass(2000);
}
// Less than any deadline of a step.
await pass(4 * 60_000);
stage.scheduler.kill(worker);
await stage.simulator.save();

// Statements are kept back until the next one: this one brings the last commit to the server.
const sagas = await stage.perform(stage.db.selectFrom("sagas").select(["id", "status", "direction"]).execute());
const isThere = ({ id, status, direction }: (typeof sagas)[number]) =>
  !["completed", "rolled_back", "stuck"].includes(status) && (direction === "back") === stopOf.get(id)?.back;
for (const saga of sagas) if (!isThere(saga)) reached.delete(saga.id);
const client = new pg.Client({
  connectionString: Object.assign(new URL(server.adminUrl), { pathname: "/in_flight" }).href,
});
await client.connect();
const { rows: names } = await client.query<{ tablename: string }>(
  "select tablename from pg_tables where schemaname = 'public' and tablename not in ('schema_migrations', 'audit_log', 'provider_requests', 'catalogue') order by 1",
);
await client.query("set timezone = 'UTC'");
const tables: Record<string, { columns: string[]; rows: string[] }> = {};
for (const { tablename } of names) {
  const { rows } = await client.query<{ row: string }>(`select it::text as row from ${tablename} it`);
  if (rows.length === 0) continue;
  const columns = await client.query<{ attname: string }>(
    "select attname::text from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum",
    [tablename],
  );
  tables[tablename] = { columns: columns.rows.map((row) => row.attname), rows: rows.map(({ row }) => row) };
}
const migrations = readdirSync("migrations").filter((file) => /^\d{4}_/.test(file));
await client.end();

const account = JSON.parse(readFileSync("account.json", "utf8"));
const text = JSON.stringify({
  at: new Date(now()).toISOString(),
  migrations,
  stops: Object.fromEntries([...stopOf].filter(([id]) => reached.has(id))),
  tables,
  account,
});
writeFileSync(argv[2] ?? "", gzipSync(text, { level: 9 }));
const missed = [...stopOf].filter(([id]) => !reached.has(id)).map(([, stop]) => `${stop.saga} ${nameOf(stop)}`);
console.log(`${reached.size} sagas in flight; never came to their stop: ${missed.join(", ")}`);
stage.scheduler.close();
await ground.close();
await server.stop();
process.exit(0);
