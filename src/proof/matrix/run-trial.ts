import { remove } from "#deployments/requests.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import { Refusal } from "#refusal.ts";
import { brokenInvariants, type RecordLine } from "../invariants.ts";
import { scenarios } from "../scenarios.ts";
import type { Actor } from "../stage/actor.ts";
import type { ProofDatabase } from "../stage/database.ts";
import { random } from "../stage/random.ts";
import type { Crossing, Mishap } from "../stage/scheduler.ts";
import { type Alterations, createStage, secrets, type Stage } from "../stage/stage.ts";
import { disturbed } from "./disturbed-sagas.ts";
import { faultAt } from "./faults.ts";
import { factsOf } from "./facts.ts";
import { createStranger, danglingRecords } from "./dns.ts";
import type { Trial } from "./trial.ts";

/** A crossing or a call of a trial, with the step that was at work. */
export interface Point {
  readonly index: number;
  readonly what: string;
  readonly port: Crossing["port"];
  /** `create_droplet`, or `undo create_droplet`. */
  readonly step: string;
}

export interface CallPoint {
  readonly index: number;
  readonly method: string;
  readonly path: string;
  readonly step: string;
}

export interface Outcome {
  /** What does not hold; nothing when all is well. */
  readonly broken: readonly string[];
  readonly status: string;
  readonly points: readonly Point[];
  readonly calls: readonly CallPoint[];
}

export interface Ground {
  readonly database: ProofDatabase;
  readonly alter?: Alterations;
}

/** Longer than a lease and a heartbeat: somebody else has taken over. */
const napMs = 14_000;
/** In virtual time: all deadlines of a saga, its rollback's included, lie before it. */
const longestMs = 4 * 3_600_000;

/** Runs a saga through a trial, to its end and until the dust has settled, and checks every invariant. */
export async function runTrial(ground: Ground, saga: string, trial: Trial, seed = 1): Promise<Outcome> {
  const scenario = scenarios[saga];
  if (!scenario) throw new Error(`Saga ${saga} has no scenario in src/proof/scenarios.ts: nothing proves it`);
  const points: Point[] = [];
  const calls: CallPoint[] = [];
  const frozen: Actor[] = [];
  let step = "start";
  let watching = false;
  let workers = 0;
  let lastLook = false;
  const dangling: string[] = [];
  const stranger = createStranger();
  let mishaps: (() => void) | undefined;

  const crowd = trial.find((it) => it.kind === "workers");
  const draw = crowd ? random(crowd.seed) : undefined;
  const lag = trial.find((it) => it.kind === "lag");
  const { alter = {} } = ground;
  const director = (crossing: Crossing): Mishap | undefined => {
    if (!watching || crossing.actor.name === "operator") return undefined;
    const index = points.length;
    points.push({ index, what: crossing.what, port: crossing.port, step });
    const hit = trial.find((it) => "at" in it && it.at === index);
    if (!hit) return undefined;
    if (hit.kind === "cancel") void cancelLive(stage);
    else if (hit.kind === "stranger") stranger.act(stage.simulator);
    else {
      if (hit.kind !== "crash") frozen.push(crossing.actor);
      if (hit.kind === "nap") wakeAfter(stage, crossing.actor);
      mishaps?.();
    }
    if (hit.kind === "crash") return "crash";
    return hit.kind === "freeze" || hit.kind === "nap" ? "freeze" : undefined;
  };
  const stage: Stage = await createStage({
    database: ground.database,
    // Another lag, another account: what is late by how much is drawn from its seed.
    seed: lag?.kind === "lag" ? lag.ms : seed,
    director,
    ...(draw && { pick: (count) => Math.floor(draw() * count), latencyMs: () => 20 + Math.floor(draw() * 200) }),
    ...(lag?.kind === "lag" && { lagMs: lag.ms }),
    interfere: (call) => {
      const { method, path } = call;
      dangling.push(...danglingRecords(stage.simulator, method, path));
      if (!watching) return undefined;
      const index = calls.length;
      calls.push({ index, method, path, step });
      // One look is two lists, by name and then by tag: a droplet that it misses is in neither.
      const looks = lastLook && call.query.has("tag_name");
      lastLook = path === "/v2/droplets" && call.query.has("name");
      const hit = trial.find(
        (it) =>
          it.kind === "fault" && (it.call === index || (looks && it.fault === "list-lag" && it.call === index - 1)),
      );
      return hit?.kind === "fault" ? faultAt(hit.fault, call) : undefined;
    },
    alter: {
      ...alter,
      sagas: (sagas) =>
        disturbed(alter.sagas?.(sagas) ?? sagas, trial, (name, undoing) => {
          step = undoing ? `undo ${name}` : name;
        }),
    },
  });
  mishaps = () => stage.startWorker(`worker-${++workers}`);
  for (let count = crowd?.count ?? 1; count > 0; count -= 1) mishaps();

  await scenario.prepare?.(stage);
  const id = await stage.perform(stage.db.transaction().execute((tx) => scenario.start(stage, tx)));
  watching = true;
  await untilEnded(stage);
  watching = false;
  await untilSettled(stage);
  const broken = [...(await judge(stage, stranger.left)), ...dangling];
  if (frozen.some((actor) => actor.state === "frozen")) broken.push(...(await thawLate(stage, frozen)));
  const { status } = await stage.perform(
    stage.db.selectFrom("sagas").select("status").where("id", "=", id).executeTakeFirstOrThrow(),
  );
  stage.scheduler.close();
  if (status === "stuck") broken.push(`5: saga ${id} is stuck, though nothing keeps refusing it`);
  return { broken, status, points, calls };
}

/** Until no wake-up is left: everything has ended, or waits for a human. */
async function untilEnded({ scheduler, queueIsEmpty }: Stage): Promise<void> {
  const latest = scheduler.now() + longestMs;
  await scheduler.run(() => queueIsEmpty() || scheduler.now() > latest);
}

/** Until what was sent may have had its effect and can be seen. */
async function untilSettled({ scheduler, timing }: Stage): Promise<void> {
  const settled = scheduler.now() + timing.settle + 2 * timing.poll;
  await scheduler.run(() => scheduler.now() > settled);
}

async function judge(stage: Stage, recordsBefore: readonly RecordLine[]): Promise<string[]> {
  const { db, simulator, logged } = stage;
  const broken = await stage.perform(
    brokenInvariants({ db, truth: simulator.state(), secrets: Object.values(secrets), logged, recordsBefore }),
  );
  // The watchdog hides lost wake-ups, and says so.
  if (logged.some((line) => line.includes("overdue without a wake-up"))) broken.push("5: a wake-up was lost");
  return broken;
}

/** 7: whoever was frozen until all was over changes nothing any more. */
async function thawLate(stage: Stage, frozen: readonly Actor[]): Promise<string[]> {
  const before = await stage.perform(factsOf(stage));
  for (const actor of frozen) stage.scheduler.thaw(actor);
  const later = stage.scheduler.now() + 45_000;
  await stage.scheduler.run(() => stage.scheduler.now() > later);
  const now = await stage.perform(factsOf(stage));
  return before === now ? [] : ["7: a frozen worker that woke up changed something"];
}

function wakeAfter(stage: Stage, actor: Actor): void {
  const { scheduler, operator } = stage;
  scheduler.at(operator, scheduler.now() + napMs, () => scheduler.thaw(actor));
}

/** Deletes the deployment, or cancels the saga of a droplet by itself: as an operator would, whatever goes on. */
async function cancelLive(stage: Stage): Promise<void> {
  try {
    await stage.db.transaction().execute(async (tx) => {
      const live = await tx
        .selectFrom("sagas")
        .select(["id", "deployment_id"])
        .where("status", "not in", ["completed", "rolled_back"])
        .executeTakeFirst();
      const asker = { tenantId: null, now: new Date(stage.scheduler.now()) };
      if (live?.deployment_id) await remove(tx, stage.sagas, live.deployment_id, asker);
      else if (live) await stage.sagas.cancel(tx, live.id, "a trial");
    });
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof SagaRefusal)) stage.scheduler.fail(error);
  }
}
