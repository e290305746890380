import { afterAll, beforeAll, expect, test } from "vitest";
import { resume } from "#engine/restored.ts";
import type { ProofGround } from "#proof/ground.ts";
import { brokenInvariants } from "#proof/invariants.ts";
import { provenSagas, scenarioOf } from "#proof/scenario-of.ts";
import { createStage, secrets, type Stage, type StageOptions, zone } from "#proof/stage/stage.ts";
import { doubtAllUnderWay } from "#resources/doubt.ts";
import { testGround } from "./ground.ts";

// A record stands for every kind here: `ensure` is the same for all, and the provider takes a second one without a word.

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

const open = (options: Partial<StageOptions> = {}): Promise<Stage> =>
  createStage({ ...ground, seed: 1, lagMs: 10_000, sagas: provenSagas, ...options });

const scenario = scenarioOf("kind:dns_record");

const begin = (stage: Stage): Promise<string> =>
  stage.perform(stage.db.transaction().execute((tx) => scenario.start(stage, tx)));

/** The record that the saga asks for, made in the time that the backup does not know. */
async function make({ simulator }: Stage): Promise<void> {
  const body = JSON.stringify({ type: "A", name: "thing", data: "192.0.2.7", ttl: 300 });
  const headers = { authorization: `Bearer ${secrets.token}` };
  await simulator.handle({ method: "POST", path: `/v2/domains/${zone}/records`, headers, body });
}

/** What a restore does to what it has loaded. */
const restore = ({ db, perform, scheduler }: Stage, id: string): Promise<void> =>
  perform(
    db.transaction().execute(async (tx) => {
      const now = new Date(scheduler.now());
      await doubtAllUnderWay(tx, now);
      await resume(tx, id, { now, hold: false });
    }),
  );

/** Lets the saga go on to its end. @returns how many such records there are then, and what is broken */
async function finish(stage: Stage, id: string) {
  const { db, perform, scheduler, simulator } = stage;
  stage.startWorker("worker-after");
  await scheduler.run(stage.isQuiet);
  const query = db.selectFrom("sagas").select("status").where("id", "=", id);
  const { status } = await perform(query.executeTakeFirstOrThrow());
  const truth = simulator.state();
  const broken = await perform(brokenInvariants({ db, truth }));
  scheduler.close();
  const records = truth.domains.flatMap((domain) => domain.records.filter(({ data }) => data === "192.0.2.7"));
  return { status, records: records.length, broken };
}

const well = { status: "completed", records: 1, broken: [] };

test("what a saga made after the backup, which does not know of it, is found and not made again", async () => {
  const stage = await open();
  const id = await begin(stage);
  await make(stage);
  await restore(stage, id);
  expect(await finish(stage, id)).toEqual(well);
});

test("without the restore it would be made again: the provider takes a second one", async () => {
  const stage = await open();
  const id = await begin(stage);
  await make(stage);
  expect(await finish(stage, id)).toMatchObject({ records: 2 });
});

test("what was being asked for when the backup was taken has to settle anew", async () => {
  // The answer is lost, and nothing was made.
  const stage = await open({
    interfere: ({ method }) => (method === "POST" ? { lateByMs: 24 * 3_600_000 } : undefined),
  });
  const { db, perform, scheduler } = stage;
  const id = await begin(stage);
  const worker = stage.startWorker("worker-before");
  const looks = async (): Promise<number | undefined> => {
    const query = db.selectFrom("provider_resources").select("looks_without").where("saga_id", "=", id);
    return (await perform(query.executeTakeFirst()))?.looks_without;
  };
  while ((await looks()) !== 1) {
    const soon = scheduler.now() + 500;
    await scheduler.run(() => scheduler.now() > soon);
  }
  // The backup is taken here: one look more, and it is absent. But then it is made, and shows late.
  scheduler.kill(worker);
  await make(stage);
  await restore(stage, id);
  expect(await finish(stage, id)).toEqual(well);
});
