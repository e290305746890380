import { setTimeout as sleep } from "node:timers/promises";
import type { Dice } from "./dice.ts";
import type { Installation } from "./installation.ts";
import type { Part } from "./part.ts";
import { holdCreates } from "./cloud-control.ts";

/** Longer than a lease (10 s): others take over meanwhile. */
const frozenMs = 14_000;

/** Creates stay without an answer for a while, so that a worker is hit with sagas in its hands: so many, for so long. */
const held = [4, 12_000] as const;

/** Until it is no takeover any more: what is worse, the invariants tell. */
const longestTakeoverMs = 120_000;

export interface Storm {
  /** What was done to the installation, and how often. */
  readonly done: Map<string, number>;
  /** Seconds from a worker's death until each saga in its hands was another worker's. */
  readonly takeovers: number[];
}

export type Say = (what: string) => void;

/** Breaks something every few seconds until `until`, each kind of it at least once, and mends it again. */
export async function storm(
  installation: Installation,
  dice: Dice,
  { until, signal, say }: { readonly until: Date; readonly signal: AbortSignal; readonly say: Say },
): Promise<Storm> {
  const done = new Map<string, number>();
  const takeovers: number[] = [];
  const { workers, server, cloud, cloudUrl } = installation;
  const victim = (): Part => workers[dice.below(workers.length)] ?? server;

  const acts: [string, () => Promise<void>][] = [
    ["worker kill -9", async () => void takeovers.push(...(await killWorker(installation, victim())))],
    [
      "worker frozen beyond its lease",
      async () => {
        const part = victim();
        await holdCreates(cloudUrl, ...held);
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
    [
      "worker restarted",
      async () => {
        const part = victim();
        await part.stop();
        await part.start();
      },
    ],
    [
      "server frozen",
      async () => {
        server.freeze();
        await sleep(5000);
        server.thaw();
      },
    ],
    ["database kill -9", () => installation.endDatabase("SIGKILL")],
    ["database restarted", () => installation.endDatabase("SIGINT")],
    [
      "provider hangs",
      async () => {
        cloud.freeze();
        await sleep(4000);
        cloud.thaw();
      },
    ],
    [
      "provider kill -9",
      async () => {
        await cloud.kill();
        await sleep(2500);
        await cloud.start();
      },
    ],
  ];
  // Each kind once, however slow the machine, before chance decides.
  for (let turn = 0; (turn < acts.length || new Date() < until) && !signal.aborted; turn++) {
    const [name, act] = acts[turn < acts.length ? turn : dice.below(acts.length)] ?? ["", async () => {}];
    say(name);
    await act();
    done.set(name, (done.get(name) ?? 0) + 1);
    await sleep(1000 + dice.below(1500));
  }
  return { done, takeovers };
}

/** Kills a worker that has had a saga in its hands for a while: `likely`, or else whichever has. */
async function killWorker(installation: Installation, likely: Part): Promise<number[]> {
  await holdCreates(installation.cloudUrl, ...held);
  const { db } = installation.database;
  const inHandsOf = ({ said }: Part) =>
    db
      .selectFrom("sagas")
      .select(["id", "epoch"])
      .where("lease_owner", "=", said)
      .execute()
      .catch(() => []);
  const isBusy = async (part: Part): Promise<boolean> => {
    const before = new Set((await inHandsOf(part)).map(({ id }) => id));
    if (before.size === 0) return false;
    await sleep(150);
    return (await inHandsOf(part)).some(({ id }) => before.has(id));
  };
  let part = likely;
  for (const end = Date.now() + held[1]; Date.now() < end && !(await isBusy(part)); await sleep(50))
    part = installation.workers[(installation.workers.indexOf(part) + 1) % installation.workers.length] ?? likely;
  await part.kill();
  const killedAt = Date.now();
  const inHands = await inHandsOf(part);
  const seconds = inHands.map(async ({ id, epoch }) => {
    for (;;) {
      const row = await db.selectFrom("sagas").select(["epoch", "lease_owner"]).where("id", "=", id).executeTakeFirst();
      const taken = !row || row.epoch > epoch || row.lease_owner !== part.said;
      const after = Date.now() - killedAt;
      if (taken || after > longestTakeoverMs) return after / 1000;
      await sleep(50);
    }
  });
  const all = await Promise.all(seconds);
  await part.start();
  return all;
}
