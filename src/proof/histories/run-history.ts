import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { brokenInvariants } from "../invariants.ts";
import type { Ground } from "../matrix/run-trial.ts";
import { random } from "../stage/random.ts";
import { makeRelease } from "../releases.ts";
import { createStage, otherZone, secrets, type Stage, zone } from "../stage/stage.ts";
import { untilSeenTo } from "../matrix/endings.ts";
import { afterwards, loseDroplet } from "./aftermath.ts";
import { command } from "./commands.ts";
import { createCrew, type Crew } from "./crew.ts";
import { byHand, type ByHand } from "./handmade.ts";
import type { Action, History } from "./history.ts";
import { createTroubles, type Troubles } from "./troubles.ts";

export interface Told {
  readonly broken: readonly string[];
  readonly sagas: number;
  /** (virtual time, actor, event), a line each. */
  readonly log: readonly string[];
  /** Of the log: the same seed gives the same. */
  readonly digest: string;
}

/** In virtual time: all deadlines lie before it. */
const longestMs = 4 * 3_600_000;

/** Runs a history. What ends it before its end breaks it too, and is told as all that breaks one. */
export async function runHistory(ground: Ground, history: History): Promise<Told> {
  const log: string[] = [];
  try {
    return await play(ground, history, log);
  } catch (error) {
    const why = error instanceof Error ? error.stack : String(error);
    return { broken: [`0: the history could not be played to its end: ${why}`], sagas: 0, log, digest: "" };
  }
}

/** Trouble first, then calm, until every saga has ended and the settle window has passed. */
async function play(ground: Ground, history: History, log: string[]): Promise<Told> {
  const draw = random(history.seed ^ 0x5bd1e995);
  const troubles = createTroubles();
  const stage: Stage = await createStage({
    ...ground,
    seed: history.seed,
    lagMs: history.lagMs,
    bootMs: history.bootMs,
    pick: (count) => Math.floor(draw() * count),
    latencyMs: () => 10 + Math.floor(draw() * 290),
    director(crossing) {
      const mishap = troubles.befalls(crossing);
      log.push(`${crossing.at} ${crossing.actor.name} ${crossing.port} ${crossing.what}${mishap ? ` ${mishap}` : ""}`);
      return mishap;
    },
    interfere: (call) => troubles.interferes(call, stage.scheduler.now()),
  });
  if (history.isOfLives) await furnish(stage);
  const start = stage.scheduler.now();
  const crew = createCrew(stage, history.workers);
  const others = byHand(stage);
  const tell = (event: string): void => void log.push(`${stage.scheduler.now()} operator ${event}`);
  for (const action of history.actions)
    stage.scheduler.at(stage.operator, start + action.at, () =>
      happen({ stage, crew, troubles, others, tell }, action),
    );

  const { scheduler, timing } = stage;
  await scheduler.run(() => scheduler.now() >= Math.max(start + history.calmAt, crew.awayUntil));
  troubles.calm();
  await stage.simulator.handle({ method: "DELETE", path: "/_sim/faults", headers: {} });
  crew.thawAll();
  await scheduler.run(async () => (await stage.isQuiet()) || scheduler.now() > start + longestMs);
  const settled = scheduler.now() + timing.settle + 2 * timing.poll;
  await scheduler.run(async () => (await stage.isQuiet()) && scheduler.now() > settled);
  if (history.actions.some(({ kind }) => kind === "lose")) await untilSeenTo(stage);
  const misled = history.aftermath ? await afterwards(stage, history.aftermath, troubles) : [];

  const { db, simulator, logged } = stage;
  const truth = simulator.state();
  const rest = { db, truth, secrets: Object.values(secrets), logged, recordsBefore: others.records };
  const broken = [...misled, ...(await stage.perform(brokenInvariants(rest)))];
  broken.push(...(await stage.perform(groundless(db, others))));
  if (logged.some((line) => line.includes("overdue without a wake-up"))) broken.push("5: a wake-up was lost");
  await ground.atEnd?.(stage);
  const ended = await stage.perform(db.selectFrom("sagas").select("status").execute());
  scheduler.close();
  // Trouble ended long before any deadline of a compensation: nothing may be left to a human.
  const stuck = ended.filter(({ status }) => status === "stuck").length;
  if (stuck > 0) broken.push(`5: ${stuck} sagas are stuck`);
  const digest = createHash("sha256").update(log.join("\n")).digest("hex");
  return { broken, sagas: ended.length, log, digest };
}

/** 9. A hostname is in somebody's way only where somebody else has, or had, a record of that name in that zone. */
async function groundless(db: Db, others: ByHand): Promise<string[]> {
  const all = await db.selectFrom("deployments").select("hostname").execute();
  const taken = new Set(others.records.map(({ name }) => `${name}.${zone}`));
  const refused = await db
    .selectFrom("sagas")
    .innerJoin("deployments", "deployments.id", "sagas.deployment_id")
    .select(["sagas.id", "hostname"])
    .where(sql`error ->> 'code'`, "=", "dns_conflict")
    .execute();
  return refused
    .filter(({ hostname }) => !taken.has(hostname) && all.filter((it) => it.hostname === hostname).length === 1)
    .map(({ id, hostname }) => `9: saga ${id} failed with dns_conflict, and nobody else has a record at ${hostname}`);
}

/** What deployments that live on may ask for: two releases, and another zone. */
async function furnish(stage: Stage): Promise<void> {
  const { simulator, db } = stage;
  const headers = { authorization: `Bearer ${secrets.token}` };
  const body = JSON.stringify({ name: otherZone });
  await simulator.handle({ method: "POST", path: "/v2/domains", headers, body });
  const make = async (tx: Tx) => {
    for (const name of ["v1", "v2"]) await makeRelease(stage, tx, name, { rollback_safe: true });
  };
  await stage.perform(db.transaction().execute(make));
}

interface Scene {
  readonly stage: Stage;
  readonly crew: Crew;
  readonly troubles: Troubles;
  readonly others: ByHand;
  readonly tell: (event: string) => void;
}

function happen({ stage, crew, troubles, others, tell }: Scene, action: Action): void {
  const { scheduler, operator } = stage;
  const later = (ms: number, act: () => void) => scheduler.at(operator, scheduler.now() + ms, act);
  switch (action.kind) {
    case "crash": {
      const actor = crew.nth(action.nth);
      if (actor) troubles.strike(actor, "crash", action.after, () => later(action.backMs, () => crew.hire()));
      return;
    }
    case "freeze": {
      const actor = crew.nth(action.nth);
      if (actor) troubles.strike(actor, "freeze", action.after, () => later(action.ms, () => crew.thaw(actor)));
      return;
    }
    case "undone": {
      const actor = crew.nth(action.nth);
      if (actor) troubles.strike(actor, action.how, action.after);
      return;
    }
    case "lose":
      return tell(`lose: ${loseDroplet(stage, action.nth)}`);
    case "absence":
      return crew.leave(action.how, action.ms);
    case "fault":
      return troubles.arm(action.fault);
    case "outage":
      return troubles.outage(action.fault, scheduler.now() + action.ms);
    case "handmade":
      return others.make(action.host);
    case "deploy":
    case "operate":
    case "adopt":
    case "sync":
    case "droplet":
    case "delete":
    case "cancel":
    case "provision":
    case "destroy":
    case "retry":
      command(stage, action).then(
        (outcome) => tell(`${action.kind}: ${outcome}`),
        (error: unknown) => scheduler.fail(error),
      );
  }
}
