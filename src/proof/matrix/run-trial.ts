import { changedSince, readEnded } from "../ended.ts";
import { provenSagas, scenarioOf } from "../scenario-of.ts";
import type { Actor } from "../stage/actor.ts";
import type { ProofDatabase } from "../stage/database.ts";
import { random } from "../stage/random.ts";
import { type Crossing, isByDatabase, type Mishap } from "../stage/scheduler.ts";
import { type Alterations, createStage, type Stage } from "../stage/stage.ts";
import { disturbed, withoutSteps } from "./disturbed-sagas.ts";
import { createLed, createStranger, recordsToStrangers, unserved } from "./dns.ts";
import { cancelLive, isAskedFor, seenTo, untilEnded, untilSeenTo, untilSettled } from "./endings.ts";
import { type Fault, faultAt, isLie, lieAt } from "./faults.ts";
import { handsOn, layHandOn, loses } from "./hands.ts";
import { judge } from "./judge.ts";
import { unlessTold } from "./left-by-hand.ts";
import { createOperator, type Operator } from "./operator.ts";
import {
  absenceMs,
  afterMs,
  askedMs,
  lieMs,
  longAfterMs,
  mistakenMs,
  napMs,
  outageMs,
  patientMs,
  rollingMs,
} from "./waits.ts";
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
  const led = createLed(scenario.timing?.drain !== false, () => stage.person.theirs);

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
    if (!hit || (isByDatabase(hit.kind) && port !== "sql")) return undefined;
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
      case "cut":
      case "deadlock":
        return hit.kind;
      case "deaf":
        stage.deafen();
        return undefined;
      case "stop":
        stage.stopWorker(crossing.actor);
        startWorker();
        return undefined;
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
    tickMs: trial.find((it) => it.kind === "ticks")?.ms ?? 1,
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
      if (begun?.call === index) lyingUntil ??= now + lieMs(begun, stage.timing);
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
