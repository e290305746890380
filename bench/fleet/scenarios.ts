import type { TestServer } from "../../src/proof/server.ts";
import { standingDeployment } from "./standing.ts";
import { addConsumer, type Measured, withWorld, type World } from "./world.ts";

export const scenarioNames = [
  "provision",
  "destroy",
  "beside",
  "mixed",
  "rim",
  "consumer",
  "outage",
  "retry-after",
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export interface Sizes {
  readonly counts: readonly number[];
  readonly standing: number;
}

/** The least that it could take: two requests each, 250 a minute, 5,000 an hour. */
interface Floor {
  readonly each: number;
  readonly seconds: number;
}

export interface Row {
  readonly what: string;
  readonly measured?: Measured;
  readonly floor?: Floor;
  readonly facts?: Readonly<Record<string, string | number>>;
}

const perMinute = 250;
const perHour = 5000;
/** A boot, its first look and the record. */
const bootSeconds = 48;

/** Of `requests` sent as early as sliding windows let them. */
function secondsOf(requests: number): number {
  const hours = Math.floor((requests - 1) / perHour);
  return hours * 3600 + ((requests - hours * perHour) / perMinute) * 60;
}
const floorOf = (count: number, least = 0): Floor => ({ each: 2, seconds: Math.max(least, secondsOf(2 * count)) });

const nths = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, it) => standingDeployment(from + it));

/** @yields a row for each load */
export async function* rowsOf(name: ScenarioName, server: TestServer, sizes: Sizes): AsyncGenerator<Row> {
  switch (name) {
    case "provision":
      for (const count of [1, ...sizes.counts])
        yield {
          what: `provision ${count} on an empty account`,
          measured: await withWorld(server, 0, (world) => world.measure(count, () => provision(world, count))),
          floor: floorOf(count, bootSeconds),
        };
      return;
    case "destroy":
      for (const count of [1, 300, ...sizes.counts])
        yield {
          what: `destroy ${count}, all there are`,
          measured: await withWorld(server, count, (world) => world.measure(count, () => world.remove(nths(0, count)))),
          floor: floorOf(count),
        };
      return;
    case "beside":
      for (const count of [1, 100]) {
        yield {
          what: `provision ${count} beside ${sizes.standing}`,
          measured: await withWorld(server, sizes.standing, (world) =>
            world.measure(count, () => provision(world, count)),
          ),
          floor: floorOf(count, bootSeconds),
        };
        yield {
          what: `destroy ${count} beside ${sizes.standing}`,
          measured: await withWorld(server, sizes.standing, (world) =>
            world.measure(count, () => world.remove(nths(7, count))),
          ),
          floor: floorOf(count),
        };
      }
      return;
    case "mixed":
      yield {
        what: "provision 200 and destroy 200, asked for at once",
        measured: await withWorld(server, 200, (world) =>
          world.measure(400, async () => {
            await provision(world, 200);
            await world.remove(nths(0, 200));
          }),
        ),
        floor: floorOf(400),
      };
      return;
    case "rim":
      return yield await rim(server, Math.max(...sizes.counts));
    case "consumer":
      return yield await consumer(server);
    case "outage":
      for (const kind of ["hang", "error"] as const)
        for (const load of [0, 300]) yield await outage(server, kind, load);
      return;
    case "retry-after":
      return yield await retryAfter(server);
  }
}

const provision = async (world: World, count: number): Promise<void> => void (await world.deploy(count, "fresh"));

/** The hour is used up by creates; then all of it is destroyed. */
async function rim(server: TestServer, count: number): Promise<Row> {
  return withWorld(server, 0, async (world) => {
    await world.measure(count, () => provision(world, count));
    const doomed = await world.active();
    let gone = 0;
    const measured = await world.measure(count, async () => {
      await world.remove(doomed);
      // A quarter of an hour later, when the hour of the creates is not over.
      world.stage.scheduler.at(world.stage.operator, world.stage.scheduler.now() + 15 * 60_000, () => {
        gone = count - world.stage.simulator.state().droplets.length;
      });
    });
    return {
      what: `destroy ${count} right after ${count} creates`,
      measured,
      floor: floorOf(count),
      facts: { "droplets gone after 15 minutes": gone },
    };
  });
}

/** Somebody else sends 125 requests a minute with our token. */
async function consumer(server: TestServer): Promise<Row> {
  return withWorld(server, 0, async (world) => {
    const others = addConsumer(world, 125);
    const count = 300;
    const measured = await world.measure(count, () => provision(world, count));
    const { asked, refused } = others();
    const share = (100 * measured.refused) / measured.total;
    return {
      what: `provision ${count} beside another consumer at 125 a minute`,
      measured,
      floor: { each: 2, seconds: ((2 * count) / 125) * 60 },
      facts: { "of ours refused": `${share.toFixed(1)} %`, "of theirs refused": `${refused} of ${asked}` },
    };
  });
}

/** From when the provider fails until the database says that it is down; and back. */
async function outage(server: TestServer, kind: "hang" | "error", load: number): Promise<Row> {
  return withWorld(server, 0, async (world) => {
    const { stage } = world;
    await stage.perform(world.deploy(load, "fresh"));
    await world.pass(7_000);
    const statusIs = async (wanted: string, ms: number): Promise<string> => {
      const began = stage.scheduler.now();
      for (;;) {
        const { status } = await stage.perform(
          stage.db.selectFrom("provider").select("status").executeTakeFirstOrThrow(),
        );
        const seconds = (stage.scheduler.now() - began) / 1000;
        if (status === wanted) return `${seconds.toFixed(1)} s`;
        if (seconds * 1000 > ms) return `not within ${ms / 1000} s`;
        await world.pass(500);
      }
    };
    world.trouble(kind);
    const down = await statusIs("down", 600_000);
    await world.pass(60_000);
    world.trouble(undefined);
    const up = await statusIs("up", 600_000);
    const way = kind === "hang" ? "takes connections and never answers" : "answers 503";
    return { what: `the provider ${way}, ${load} sagas under way`, facts: { "seen after": down, "back after": up } };
  });
}

/** One 429 that asks for an hour. */
async function retryAfter(server: TestServer): Promise<Row> {
  return withWorld(server, 0, async (world) => {
    const measured = await world.measure(20, async () => {
      world.refuseOnce(3600);
      await provision(world, 20);
    });
    return { what: "provision 20, one answer is a 429 with Retry-After 3600", measured };
  });
}
