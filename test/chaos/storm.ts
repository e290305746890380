import { setTimeout as sleep } from "node:timers/promises";
import type { Dice } from "./dice.ts";
import type { Installation } from "./installation.ts";
import type { Part } from "./part.ts";
import { arm } from "./provider.ts";

/** Longer than a lease (10 s): others take over meanwhile. */
const frozenMs = 14_000;

export interface Storm {
  /** What was done to the installation, and how often. */
  readonly done: Map<string, number>;
  /** Seconds from a worker's death until each saga in its hands was another worker's. */
  readonly takeovers: number[];
}

export type Say = (what: string) => void;

/** Breaks something every few seconds until `until`, and mends it again. */
export async function storm(installation: Installation, dice: Dice, until: Date, say: Say): Promise<Storm> {
  const done = new Map<string, number>();
  const takeovers: number[] = [];
  const { workers, server, simulator } = installation;
  const victim = (): Part => workers[dice.below(workers.length)] ?? server;

  const acts: [string, () => Promise<void>][] = [
    ["worker kill -9", async () => void takeovers.push(...(await killWorker(installation, victim())))],
    [
      "worker frozen beyond its lease",
      async () => {
        const part = victim();
        await holdCreates(installation);
        part.freeze();
        await sleep(frozenMs);
        part.thaw();
      },
    ],
    [
      "server kill -9",
      async () => {
        await server.kill();
        await sleep(1000);
        await server.start();
      },
    ],
    ["database kill -9", () => installation.endDatabase("SIGKILL")],
    ["database restarted", () => installation.endDatabase("SIGINT")],
    [
      "provider hangs",
      async () => {
        simulator.freeze();
        await sleep(4000);
        simulator.thaw();
      },
    ],
    [
      "provider kill -9",
      async () => {
        await simulator.kill();
        await sleep(2500);
        await simulator.start();
      },
    ],
    ["provider faults", () => armSome(installation, dice)],
  ];
  for (let turn = 0; new Date() < until; turn++) {
    // Each kind once before chance decides.
    const [name, act] = acts[turn < acts.length ? turn : dice.below(acts.length)] ?? ["", async () => {}];
    say(name);
    await act();
    done.set(name, (done.get(name) ?? 0) + 1);
    await sleep(1000 + dice.below(1500));
  }
  return { done, takeovers };
}

/** Creates stay without an answer for a while, so that a worker is hit with sagas in its hands. */
const holdCreates = (installation: Installation): Promise<void> =>
  arm(installation, {
    method: "POST",
    path: "^/v2/droplets$",
    kind: "hang",
    after_commit: true,
    delay_ms: 12_000,
    times: 4,
  });

async function killWorker(installation: Installation, part: Part): Promise<number[]> {
  await holdCreates(installation);
  const { db } = installation.database;
  const inHand = () =>
    db
      .selectFrom("sagas")
      .select(["id", "epoch"])
      .where("lease_owner", "=", part.said)
      .execute()
      .catch(() => []);
  let held = await inHand();
  for (let tries = 0; held.length === 0 && tries < 80; tries++) {
    await sleep(50);
    held = await inHand();
  }
  await part.kill();
  const killedAt = Date.now();
  held = await inHand();
  const seconds = held.map(async ({ id, epoch }) => {
    for (;;) {
      const row = await db.selectFrom("sagas").select(["epoch", "lease_owner"]).where("id", "=", id).executeTakeFirst();
      if (!row || row.epoch > epoch || row.lease_owner !== part.said) return (Date.now() - killedAt) / 1000;
      await sleep(50);
    }
  });
  const all = await Promise.all(seconds);
  await part.start();
  return all;
}

async function armSome(installation: Installation, dice: Dice): Promise<void> {
  const droplets = { method: "POST", path: "^/v2/droplets$" };
  const records = { method: "POST", path: "/records$" };
  const one = { method: "DELETE", path: "^/v2/droplets/\\d+$" };
  await arm(installation, { ...droplets, kind: "status", status: 504, after_commit: true, times: 1 + dice.below(3) });
  await arm(installation, { ...droplets, kind: "reset", after_commit: true, times: 1 + dice.below(3) });
  await arm(installation, { ...droplets, kind: "placement_failure", times: 1 });
  await arm(installation, { ...droplets, kind: "status", status: 429, headers: { "retry-after": "1" } });
  await arm(installation, { ...records, kind: "reset", after_commit: true, times: 1 + dice.below(2) });
  await arm(installation, { ...records, kind: "html", status: 502, times: 2 });
  await arm(installation, { ...records, kind: "status", status: 422, times: 1 });
  await arm(installation, { ...one, kind: "ineffective", times: 1 + dice.below(2) });
  await arm(installation, { method: "GET", path: "^/v2/droplets", kind: "html", status: 503, times: 2 });
}
