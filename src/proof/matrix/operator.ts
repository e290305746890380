import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import { releaseHold } from "#operations/release-hold.ts";
import { Refusal } from "#refusal.ts";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";
import { livePhases } from "#resources/phases.ts";
import { hasEnded } from "#saga-ended.ts";
import type { Scenario } from "../scenarios.ts";
import type { Stage } from "../stage/stage.ts";
import { factsOf } from "./facts.ts";
import { type Disturbance, isStuck, type Stuck, type Trial } from "./trial.ts";

/** How long it takes until somebody sees to what has called a human. */
const calledMs = 3 * 60_000;
const resolution = { reason: "done by hand", by: "a trial" };
const stuckOn = z.object({ code: z.string(), step: z.string().optional() });

interface Called {
  readonly sagaId: string;
  readonly scenario: Scenario;
  readonly trial: Trial;
  /** Hears of what has happened. */
  readonly strikes: (it: Disturbance) => void;
  /** Has somebody lead our records elsewhere. */
  readonly leadElsewhere: () => void;
  /** Those who do not know a step are gone, and one comes who knows all. */
  readonly relieve: () => void;
}

/** Whom a saga calls that is stuck or held: an operator, who asks for one thing after the other as through the API. */
export interface Operator {
  /** Once all is quiet. @returns whether that has set something going again */
  act(): Promise<boolean>;
  /** Whether it was asked to be tried again. */
  isMended(it: Stuck): boolean;
  /** @returns what does not hold of what was asked, once all has ended */
  judge(): Promise<string[]>;
}

export function createOperator(
  stage: Stage,
  { sagaId, scenario, trial, strikes, leadElsewhere, relieve }: Called,
): Operator {
  const { sagas, db } = stage;
  const broken: string[] = [];
  const seenTo = new Set<Disturbance | "held" | "again">();
  const mended = new Set<Disturbance>();
  const resolved = new Set<string>();

  const words = {
    cancel: (tx: Tx) => sagas.cancel(tx, sagaId, "a trial"),
    release: (tx: Tx) => releaseHold(tx, sagas, sagaId),
    retry: (tx: Tx) => sagas.retry(tx, sagaId),
    resolve: (tx: Tx) => sagas.resolve(tx, sagaId, resolution),
  };
  /** @returns what it was refused with; undefined: it was granted */
  const ask = async (word: keyof typeof words): Promise<string | undefined> => {
    try {
      await stage.perform(db.transaction().execute(words[word]));
      return undefined;
    } catch (error) {
      if (error instanceof SagaRefusal || error instanceof Refusal) return error.code;
      throw error;
    }
  };
  const expect = async (word: keyof typeof words, expected: string | undefined): Promise<void> => {
    const code = await ask(word);
    if (code === expected) return;
    broken.push(`5: to ${word} saga ${sagaId} was ${code ?? "granted"}, and was to be ${expected ?? "granted"}`);
  };
  const readSaga = () =>
    stage.perform(
      db
        .selectFrom("sagas")
        .select(["status", "stuck_error", "resolution"])
        .where("id", "=", sagaId)
        .executeTakeFirstOrThrow(),
    );
  const pass = (ms: number): Promise<void> => {
    const until = stage.scheduler.now() + ms;
    return stage.scheduler.run(() => stage.scheduler.now() > until);
  };

  async function seeToHeld(): Promise<void> {
    const before = await stage.perform(factsOf(stage));
    await pass(calledMs);
    if ((await stage.perform(factsOf(stage))) !== before)
      broken.push(`5: saga ${sagaId} was held, and something has changed meanwhile`);
    await expect("retry", "not_stuck");
    await expect("resolve", "not_stuck");
    await expect(scenario.held === "withdrawn" ? "cancel" : "release", undefined);
    await expect("release", "not_held");
  }

  /** Those that came by the same step at the same time. */
  const retryOthers = (): Promise<void> =>
    stage.perform(
      db.transaction().execute(async (tx) => {
        const others = tx.selectFrom("sagas").select("id").where("status", "=", "stuck").where("id", "<>", sagaId);
        for (const { id } of await others.orderBy("id").execute()) await sagas.retry(tx, id);
      }),
    );

  async function seeToStuck(it: Disturbance): Promise<void> {
    await pass(calledMs);
    await expect("cancel", "not_cancellable");
    await expect("release", "not_held");
    const isByHand = it.kind === "resolved" || it.kind === "undo-resolved";
    const refused = isByHand ? await ask("resolve") : "not asked for";
    if (refused === undefined && isByHand) resolved.add(it.step);
    else {
      if (isByHand && refused !== "not_resolvable") broken.push(`5: saga ${sagaId} could not be resolved: ${refused}`);
      mended.add(it);
      if (it.kind === "outdated") {
        relieve();
        await retryOthers();
      }
      await expect("retry", undefined);
    }
    await expect("retry", "not_stuck");
    await expect("resolve", "not_stuck");
    strikes(it);
  }

  /** What was only said to be done by hand is in the way of what comes next: now it is done. */
  async function seeToIt(): Promise<void> {
    await pass(calledMs);
    leadElsewhere();
    const left = await stage.perform(
      db
        .selectFrom("provider_resources")
        .select("provider_id")
        .where("saga_id", "=", sagaId)
        .where("kind", "=", dropletKind)
        .where("phase", "=", "abandoned")
        .execute(),
    );
    for (const { provider_id: id } of left) if (id !== null) stage.person.lose(Number(id));
    await expect("retry", undefined);
  }

  /** What of the trial the saga is stuck on. */
  const causeOf = ({ code, step }: z.infer<typeof stuckOn>): Disturbance | "again" | undefined =>
    trial.find((it) => {
      if (isStuck(it)) return it.step === step;
      return (it.kind === "outdated" && code === "unknown_step") || (it.kind === "restore" && code === "restored");
    }) ?? (resolved.size > 0 ? "again" : undefined);

  return {
    isMended: (it) => mended.has(it),
    async act() {
      const { status, stuck_error: on } = await readSaga();
      const cause = status === "stuck" ? causeOf(stuckOn.parse(on)) : status === "held" && "held";
      if (!cause || seenTo.has(cause)) return false;
      seenTo.add(cause);
      if (cause === "held") await seeToHeld();
      else if (cause === "again") await seeToIt();
      else await seeToStuck(cause);
      return true;
    },
    async judge() {
      const saga = await readSaga();
      if (seenTo.size === 0 || !hasEnded(saga.status)) return broken;
      for (const word of ["retry", "resolve"] as const) await expect(word, "not_stuck");
      await expect("release", "not_held");
      await expect("cancel", "saga_ended");
      if (resolved.size === 0) return broken;
      if (!isDeepStrictEqual(saga.resolution, resolution))
        broken.push(`5: saga ${sagaId} was resolved, and tells ${JSON.stringify(saga.resolution)}`);
      const left = await stage.perform(
        db
          .selectFrom("provider_resources")
          .select(["kind", "provider_id", "phase"])
          .where("saga_id", "=", sagaId)
          .where("step", "in", [...resolved])
          .where("phase", "in", livePhases)
          .execute(),
      );
      return [...broken, ...left.map((it) => `2: ${it.kind} ${it.provider_id} of a resolved step is ${it.phase}`)];
    },
  };
}
