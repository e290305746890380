import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { openGround, type ProofGround } from "#proof/ground.ts";
import { brokenInvariants } from "#proof/invariants.ts";
import { createStage, secrets, type Stage } from "#proof/stage/stage.ts";
import { type InFlight, readInFlight, upgradeFrom } from "../upgrade/in-flight.ts";
import plans from "../upgrade/plans.json" with { type: "json" };

/** How long the upgrade takes: longer than any deadline of a step or an undo. Milliseconds. */
const downMs = 24 * 3_600_000;

interface Finished {
  readonly left: InFlight;
  readonly ends: ReadonlyMap<string, string>;
  readonly broken: readonly string[];
}

/** Brings what a release left in flight to today, and lets today's workers finish it. */
async function finish(commit: string): Promise<Finished> {
  const left = await readInFlight(commit);
  const server = inject("testServer");
  const name = `upgrade_${randomBytes(6).toString("hex")}`;
  const ground: ProofGround = await openGround(server, name, (url) => upgradeFrom(left, url));
  const leftBehind = { at: Date.parse(left.at) + downMs, account: left.account };
  const stage: Stage = await createStage({ ...ground, seed: 1, leftBehind });
  const { scheduler, db } = stage;
  for (const worker of ["worker-1", "worker-2"]) stage.startWorker(worker);
  const latest = scheduler.now() + 4 * 3_600_000;
  await scheduler.run(async () => (await stage.isQuiet()) || scheduler.now() > latest);
  const settled = scheduler.now() + stage.timing.settle + 3 * 3_600_000;
  await scheduler.run(async () => (await stage.isQuiet()) && scheduler.now() > settled);
  const rest = { db, truth: stage.simulator.state(), secrets: Object.values(secrets), logged: stage.logged };
  const broken = await stage.perform(brokenInvariants(rest));
  const rows = await stage.perform(db.selectFrom("sagas").select(["id", "status"]).execute());
  scheduler.close();
  await ground.close();
  return { left, broken, ends: new Map(rows.map(({ id, status }) => [id, status])) };
}

describe("what the release of 25 November 2026 left in flight", () => {
  let finished: Finished;
  beforeAll(async () => (finished = await finish("916fc70")), 600_000);
  afterAll(() => undefined);

  test("is every saga, stopped at every step, and at every undo of those that can be undone", () => {
    const stops = Object.values(finished.left.stops).map(
      ({ saga, step, back, when }) => `${saga} ${step} ${back} ${when}`,
    );
    for (const [saga, { steps, pivot }] of Object.entries(plans["25 November 2026"]))
      for (const step of steps)
        for (const back of pivot === 0 ? [false] : [false, true])
          for (const when of ["before", "after"]) expect(stops).toContain(`${saga} ${step.name} ${back} ${when}`);
  });

  test("ends as it should", () => {
    const wrong = Object.entries(finished.left.stops)
      .map(([id, stop]) => ({ ...stop, end: finished.ends.get(id) }))
      .filter(({ back, end }) => end !== (back ? "rolled_back" : "completed"));
    expect(wrong).toEqual([]);
  });

  test("leaves nothing that belongs to nobody, and nothing stuck", () => {
    expect(finished.broken).toEqual([]);
    expect([...finished.ends.values()].filter((status) => status === "stuck")).toEqual([]);
  });
});
