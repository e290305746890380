import type { Tx } from "#db/connection.ts";
import { deploy, grow, type Scenario, whole } from "./scenarios.ts";
import type { Stage } from "./stage/stage.ts";

/** How an operation is asked for in a proof, and what was asked before it. */
interface Asked {
  readonly body: object;
  readonly before?: readonly (readonly [name: string, body: object])[];
}

const keep_snapshot_days = 7;
const snapshot = ["snapshot", { name: "kept", keep_snapshot_days }] as const;

/** For every operation there is at least one: one without is not proven, and fails the tests. */
const asked: Readonly<Record<string, Asked>> = {
  resize: { body: { size_slug: "s-1vcpu-1gb" } },
  "resize:suspended": { body: { size_slug: "s-1vcpu-1gb" }, before: [["suspend", {}]] },
  snapshot: { body: snapshot[1] },
  rebuild: { body: { image: "debian-13-x64", keep_snapshot_days } },
  restore: { body: { snapshot: "the newest", keep_snapshot_days }, before: [snapshot] },
  suspend: { body: {} },
  unsuspend: { body: {}, before: [["suspend", {}]] },
};

async function ask(stage: Stage, tx: Tx, name: string, body: object): Promise<string> {
  const { id } = await tx.selectFrom("deployments").select("id").executeTakeFirstOrThrow();
  const newest = await tx.selectFrom("snapshots").select("name").orderBy("created_at", "desc").executeTakeFirst();
  const given = "snapshot" in body ? { ...body, snapshot: newest?.name ?? "" } : body;
  const planned = await stage.sagas.planOperation(tx, { name, deploymentId: id }, given);
  return planned.start();
}

const scenarioOf = (key: string, { body, before = [] }: Asked): Scenario => {
  const [name = ""] = key.split(":");
  return {
    saga: `${name}_deployment`,
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme"));
      await grow(stage.scheduler);
      for (const [earlier, its] of before) {
        await whole(stage, (tx) => ask(stage, tx, earlier, its));
        await grow(stage.scheduler);
      }
    },
    start: (stage, tx) => ask(stage, tx, name, body),
  };
};

export const operationScenarios: Readonly<Record<string, Scenario>> = {
  ...Object.fromEntries(
    Object.entries(asked).map(([key, it]) => [key.replace(/^[a-z]+/, "$&_deployment"), scenarioOf(key, it)]),
  ),
  // The chore finds it when its time is over.
  delete_snapshot: {
    saga: "delete_snapshot",
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme"));
      await grow(stage.scheduler);
      await whole(stage, (tx) => ask(stage, tx, ...snapshot));
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      await tx
        .updateTable("snapshots")
        .set({ expires_at: new Date(stage.scheduler.now()) })
        .execute();
      await stage.sagas.expireSnapshots(tx, 10);
      const saga = await tx
        .selectFrom("sagas")
        .select("id")
        .where("name", "=", "delete_snapshot")
        .executeTakeFirstOrThrow();
      return saga.id;
    },
  },
};
