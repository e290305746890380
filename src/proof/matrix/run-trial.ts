import { changedSince, readEnded } from "../ended.ts";
import { provenSagas, scenarioOf } from "../scenario-of.ts";
import type { Actor } from "../stage/actor.ts";
import type { ProofDatabase } from "../stage/database.ts";
import { random } from "../stage/random.ts";
import type { Crossing, Mishap } from "../stage/scheduler.ts";
import { type Alterations, createStage, type Stage } from "../stage/stage.ts";
import { disturbed, withoutSteps } from "./disturbed-sagas.ts";
import { createLed, createStranger, recordsToStrangers, unserved } from "./dns.ts";
import { cancelLive, isAskedFor, seenTo, untilEnded, untilSeenTo, untilSettled } from "./endings.ts";
import { type Fault, faultAt, isLie, lieAt } from "./faults.ts";
import { handsOn, layHandOn, loses } from "./hands.ts";
import { judge } from "./judge.ts";
import { unlessTold } from "./left-by-hand.ts";
import { createOperator, type Operator } from "./operator.ts";
import { isCalledFor, isGeneral, isLate, isLeftToHands, isNobodysFault, isSoonStuck } from "./sorts.ts";
import { type CallPoint, isOfSaga, type Point } from "./points.ts";
import { tornOff } from "./torn.ts";
import { type Disturbance, isHand, textOf, type Trial } from "./trial.ts";

export interface Outcome {
  /** What does not hold; nothing when all is well. */
  readonly broken: readonly string[];
  readonly status: string;
  readonly points: readonly Point[];
  readonly calls: readonly CallPoint[];
  /** From its start to its end, in virtual time. */
  readonly seconds: number;
  /** Of the trial, as it is written down, what did not happen: its place did not come, or was not one of its kind. */
  readonly missed: readonly string[];
}

export interface Ground {
  readonly database: ProofDatabase;
  readonly alter?: Alterations;
  /** Looks at what a run has come to, before the stage is closed. */
  readonly atEnd?: (stage: Stage) => Promise<void>;
}

/** Longer than a lease and a heartbeat: somebody else has taken over. */
const napMs = 14_000;
/** Longer than any step may take that can be undone. */
const outageMs = 24 * 60_000;
/** Longer than the settle window and the looks after it: nothing that is seen then is true. */
const hidesMs = 6 * 60_000;
/** Of a lie that is over sooner: of the settle window. */
const blinkShare = 0.7;
/** How long an undo, or a step that must succeed, may take while the provider is away; and an outage that is longer. */
const patientMs = { least: 8 * 60_000, outage: 9 * 60_000 };
/** How long a worker that does not know a step is there alone. */
const rollingMs = 20_000;
/** How long those who come after a dead worker have another account's token. */
const mistakenMs = 60_000;
/** Longer than any step or undo may take, all of a saga's together. */
const absenceMs = 2 * 3_600_000;
/** How often somebody who has made a record of ours anew looks whether that is in the way. */
const askedMs = 5 * 60_000;
/** What is looked at again by then has been: 15 minutes after its end. */
const afterMs = 20 * 60_000;
/** What was given up on and came an hour late has been found by then. */
const longAfterMs = 3 * 3_600_000;

/** Runs a scenario's saga through a trial, to its end and until the dust has settled, and checks every invariant. */
export async function runTrial(ground: Ground, name: string, trial: Trial, seed = 1): Promise<Outcome> {
  const scenario = scenarioOf(name);
  const points: Point[] = [];
  const calls: CallPoint[] = [];
  const frozen: Actor[] = [];
  let step = "start";
  let watching = false;
  let begunAt = 0;
  let workers = 0;
  let lastLook = false;
  let brokenOffAt: number | undefined;
  let lyingUntil: number | undefined;
  let cancelled = false;
  let operator: Operator | undefined;
  let unknowing: Actor | undefined;
  const dangling: string[] = [];
  const misled = new Set<string>();
  const tooSoon: string[] = [];
  const struck = new Set<Disturbance>();
  const stranger = createStranger();
  const led = createLed(scenario.timing?.drain !== false);

  const crowd = trial.find((it) => it.kind === "workers");
  const draw = crowd ? random(crowd.seed) : undefined;
  // Who of two is first decides who takes what is given back: always the same one would be bad luck.
  const isRolled = trial.some((it) => it.kind === "older");
  const coin = random(seed);
  const lag = trial.find((it) => it.kind === "lag");
  const isPatient = scenario.definition.forwardOnly || trial.some((it) => it.kind === "fail");
  const isLost = trial.some(loses);
  const awayMs = isPatient ? patientMs.outage : outageMs;
  const { alter = {} } = ground;
  const given = (it: Disturbance, fault: Fault | undefined): Fault | undefined => {
    if (fault) struck.add(it);
    return fault;
  };
  const director = (crossing: Crossing): Mishap | undefined => {
    if (!watching || crossing.actor.name === "operator") return undefined;
    const index = points.length;
    const { what, port } = crossing;
    const ms = crossing.at - begunAt;
    points.push({ index, what, port, step, ms, ...(isOfSaga(crossing) && { hands: handsOn(stage) }) });
    if (scenario.served && stranger.left.length === 0 && !isLost)
      for (const it of unserved(stage.simulator, scenario.served)) misled.add(it);
    if (trial.some((it) => "since" in it && it.since === index)) stage.replicate();
    const hit = trial.filter((it) => "at" in it).find((it) => it.at === index);
    if (!hit) return undefined;
    if (isHand(hit)) {
      if (layHandOn(stage, stranger, hit.kind)) struck.add(hit);
      if (hit.kind === "remake") afterwards(askedMs, seeToIt);
      return undefined;
    }
    if (!isCalledFor(hit)) struck.add(hit);
    switch (hit.kind) {
      case "cancel":
        void cancelLive(stage, id).then((accepted) => (cancelled ||= accepted));
        return undefined;
      case "stranger":
        stranger.act(stage.simulator);
        return undefined;
      case "copy":
        stranger.copy(stage.simulator);
        return undefined;
      case "account":
        mistaken();
        return "crash";
      case "crash":
        startWorker();
        return "crash";
      case "failover":
        stage.failOver().then(startWorker, (error: unknown) => stage.scheduler.fail(error));
        return "crash";
      case "restore":
        stage.restoreHeld().then(startWorker, (error: unknown) => stage.scheduler.fail(error));
        return "crash";
      case "older":
      case "outdated":
        unknowing = startUnknowing(hit.kind === "older" ? laterOf(step) : []);
        if (hit.kind === "older") onceGivenBack(startWorker);
        return "crash";
      case "away":
        afterwards(absenceMs, startWorker);
        return "crash";
      case "asleep":
        afterwards(absenceMs, () => stage.scheduler.thaw(crossing.actor));
        return "freeze";
      case "freeze":
      case "nap":
        frozen.push(crossing.actor);
        if (hit.kind === "nap") afterwards(napMs, () => stage.scheduler.thaw(crossing.actor));
        startWorker();
        return "freeze";
    }
  };
  const stage: Stage = await createStage({
    database: ground.database,
    sagas: provenSagas,
    // Another lag, another account: what is late by how much is drawn from its seed.
    seed: lag?.kind === "lag" ? lag.ms : seed,
    director,
    ...(isRolled && { pick: (count) => (unknowing ? Math.floor(coin() * count) : 0) }),
    ...(draw && { pick: (count) => Math.floor(draw() * count), latencyMs: () => 20 + Math.floor(draw() * 200) }),
    ...(lag?.kind === "lag" && { lagMs: lag.ms }),
    tooSoon: (what) => void (watching && tooSoon.push(what)),
    interfere: (call) => {
      const { method, path, query, body = "" } = call;
      dangling.push(
        ...led.sees(stage.simulator, call, stage.scheduler.now(), isLost),
        ...tornOff(stage.simulator, call),
      );
      for (const it of recordsToStrangers(stage.simulator, stage.person.lost)) misled.add(it);
      if (!watching) return undefined;
      const index = calls.length;
      const ms = stage.scheduler.now() - begunAt;
      calls.push({ index, method, path, step, ms, sent: `${query.size > 0 ? `?${query}` : ""}${body && ` ${body}`}` });
      // One look is two lists, by name and then by tag: a droplet that it misses is in neither.
      const looks = lastLook && call.query.has("tag_name");
      lastLook = path === "/v2/droplets" && call.query.has("name");
      const outage = trial.find((it) => it.kind === "outage" && it.call === index);
      if (outage) {
        struck.add(outage);
        brokenOffAt ??= stage.scheduler.now();
      }
      if (brokenOffAt !== undefined && stage.scheduler.now() < brokenOffAt + awayMs) return faultAt("reset", call);
      const now = stage.scheduler.now();
      const begun = trial.find(isLie);
      if (begun?.call === index)
        lyingUntil ??= now + (begun.kind === "hides" ? hidesMs : blinkShare * stage.timing.settle);
      if (begun && lyingUntil !== undefined && now < lyingUntil) return given(begun, lieAt(begun, call));
      const hit = trial.find(
        (it) =>
          it.kind === "fault" && (it.call === index || (looks && it.fault === "list-lag" && it.call === index - 1)),
      );
      return hit?.kind === "fault" ? given(hit, faultAt(hit.fault, call)) : undefined;
    },
    alter: {
      ...alter,
      timing: {
        ...scenario.timing,
        // Of a trial that would mostly wait, the waits are fewer.
        ...((trial.some(isSoonStuck) || (isPatient && trial.some((it) => it.kind === "outage"))) && {
          compensate: patientMs.least,
        }),
        ...alter.timing,
      },
      sagas: (sagas) =>
        disturbed(alter.sagas?.(sagas) ?? sagas, trial, {
          isOn: () => watching,
          strikes: (it) => void struck.add(it),
          isMended: (it) => operator?.isMended(it) === true,
          began: (at, undoing) => {
            step = undoing ? `undo ${at}` : at;
          },
        }),
    },
  });
  const startWorker = () => void stage.startWorker(`worker-${++workers}`);
  /** Of a release that does not know these steps, or the one at work. */
  const startUnknowing = (names: readonly string[]) => {
    const unknown = names.length > 0 ? names : [step.replace(/^undo /, "")];
    return stage.startWorker(`worker-${++workers}`, "ours", (sagas) => withoutSteps(sagas, unknown));
  };
  /** Those that it comes to from there: none on its way back, where it has come to all. */
  const laterOf = (at: string): string[] => {
    const names = scenario.definition.steps.map((it) => it.name);
    return at.startsWith("undo ") ? [] : names.slice(names.indexOf(at) + 1);
  };
  const isGivenBack = () => stage.logged.some((line) => line.includes("This release does not know step"));
  const onceGivenBack = (happen: () => void): void =>
    afterwards(rollingMs, () => (isGivenBack() ? happen() : onceGivenBack(happen)));
  const afterwards = (ms: number, happen: () => void) =>
    void stage.scheduler.at(stage.operator, stage.scheduler.now() + ms, happen);
  /** Who comes next has the wrong token, until somebody notices and starts another. */
  const mistaken = () => {
    const wrong = stage.startWorker(`worker-${++workers}`, "another's");
    afterwards(mistakenMs, () => {
      stage.scheduler.kill(wrong);
      startWorker();
    });
  };
  /** A person reads now and then what is waited for, and leads their record elsewhere where that is it. */
  const seeToIt = () => {
    if (watching) afterwards(askedMs, seeToIt);
    isAskedFor(stage).then(
      (it) => it && stranger.yield(stage.simulator),
      (error: unknown) => stage.scheduler.fail(error),
    );
  };
  for (let count = crowd?.count ?? 1; count > 0; count -= 1) startWorker();

  await scenario.prepare?.(stage);
  const id = await stage.perform(
    stage.db.transaction().execute(async (tx) => {
      const started = await scenario.start(stage, tx);
      await alter.begun?.(tx, started);
      return started;
    }),
  );
  const ended = await stage.perform(readEnded(stage.db));
  step = "start";
  watching = true;
  begunAt = stage.scheduler.now();
  operator = createOperator(stage, {
    sagaId: id,
    scenario,
    trial,
    strikes: (it) => void struck.add(it),
    leadElsewhere: () => stranger.act(stage.simulator),
    relieve: () => {
      if (unknowing) stage.scheduler.kill(unknowing);
      startWorker();
    },
  });
  do await untilEnded(stage);
  while (await operator.act());
  const seconds = (stage.scheduler.now() - begunAt) / 1000;
  watching = false;
  await untilSettled(
    stage,
    isLate(trial) ? longAfterMs : stranger.remade.length > 0 || isLeftToHands(trial) ? afterMs : 0,
  );
  if (isLost) await untilSeenTo(stage);
  if (scenario.calmMs !== undefined) await seenTo(stage, scenario.calmMs);
  const seen = { scenario, trial, sagaId: id, stranger, cancelled, tooSoon, frozen };
  const { broken, status } = await judge(stage, seen);
  broken.push(...(await stage.perform(changedSince(stage.db, ended))), ...(await operator.judge()));
  // Given back, or it never came to it.
  if (isGivenBack()) for (const it of trial) if (it.kind === "older") struck.add(it);
  const seenAs = isNobodysFault(scenario, trial, calls) ? [] : [...dangling, ...misled];
  broken.push(...seenAs, ...stranger.missing(stage.simulator));
  const isLedElsewhere = stranger.left.length > 0;
  const still = isLeftToHands(trial) ? await unlessTold(stage, { trial, isLedElsewhere }, broken) : broken;
  await ground.atEnd?.(stage);
  stage.scheduler.close();
  const missed = trial.filter((it) => !isGeneral(it) && !struck.has(it)).map((it) => textOf([it]));
  return { broken: still, status, points, calls, seconds, missed };
}
