import type { AnySaga } from "#engine/saga.ts";
import type { StepContext } from "#sagas/step-context.ts";
import { faultsOf, hidden, lasting, sortOf } from "./faults.ts";
import { isOfRecords } from "./hands.ts";
import { type CallPoint, isOfSaga, isRequest, type Point } from "./points.ts";
import type { Outcome } from "./run-trial.ts";
import { type Disturbance, textOf, type Trial } from "./trial.ts";

/** Everything single that can happen to a run whose points are these. */
export interface Singles {
  readonly crashes: readonly Disturbance[];
  readonly freezes: readonly Disturbance[];
  readonly cancels: readonly Disturbance[];
  readonly faults: readonly Disturbance[];
  /** Of what is being undone: an active deployment would not be whole. */
  readonly strangers: readonly Disturbance[];
  /** Wherever a record or a droplet of ours is there: before each request, which alone shows it. */
  readonly hands: readonly Disturbance[];
  /** Of commits that a request follows, or its answer. */
  readonly failovers: readonly Disturbance[];
  /** A worker that stops in good order, and workers that do not hear. */
  readonly stops: readonly Disturbance[];
  /** By the database: connections that break at a commit, and transactions that it ends. */
  readonly undone: readonly Disturbance[];
  /** Another account's token, and for long no worker, or no provider. */
  readonly lost: readonly Disturbance[];
  /** Where a step, or an undo, has just begun: a worker whose release does not know it. */
  readonly older: readonly Disturbance[];
  /** As the failovers where a step has been left, and held. */
  readonly restores: readonly Disturbance[];
}

/** Late up to the settle window's end: in the account of this seed, list, GET, tags and address by 23 s and more. */
export const longLag: Disturbance = { kind: "lag", ms: 25_019 };

/** Of the steps, and the undos, at which `from` says so. */
export function singlesOf(
  run: Outcome,
  saga: AnySaga<StepContext>,
  from: (step: string) => boolean = () => true,
): Singles {
  const points = run.points.filter(({ step }) => from(step));
  const decisive = points.filter(isDecisive);
  const calls = run.calls.filter(({ step }) => from(step));
  const hasRecords = run.calls.some(({ path }) => path.includes("/records"));
  return {
    crashes: points.map(({ index }): Disturbance => ({ kind: "crash", at: index })),
    // Within a transaction a freeze is a crash: the server ends it.
    freezes: decisive.flatMap(({ index }): Disturbance[] => [
      { kind: "freeze", at: index },
      { kind: "nap", at: index },
    ]),
    cancels: saga.forwardOnly ? [] : decisive.map(({ index }): Disturbance => ({ kind: "cancel", at: index })),
    faults: calls.flatMap(faultsAt),
    lost: [
      ...calls.map(({ index }): Disturbance => ({ kind: "outage", call: index })),
      ...calls
        .filter((call) => call.method === "GET" && hidden(call) !== undefined)
        // The long ones take long: once for each step.
        .flatMap(({ index, step }, place, gets): Disturbance[] => [
          { kind: "blinks", call: index },
          ...(step === gets[place - 1]?.step ? [] : [{ kind: "hides" as const, call: index }]),
        ]),
      ...calls.flatMap(({ index, method, path }) =>
        lasting
          .filter(({ applies }) => applies(method, path))
          .map(({ name }): Disturbance => ({ kind: "long", fault: name, call: index })),
      ),
      ...decisive
        .filter(({ step }, place) => step !== decisive[place - 1]?.step && step.includes("droplet"))
        .map(({ index }): Disturbance => ({ kind: "copy", at: index })),
      // Not before ours is known: the first account that answers is the database's.
      ...points.filter(isOfSaga).map(({ index }): Disturbance => ({ kind: "account", at: index })),
      ...decisive
        .filter((it, place) => isRequest(it) || it.step !== decisive[place - 1]?.step)
        .flatMap(({ index }): Disturbance[] => [
          { kind: "away", at: index },
          { kind: "asleep", at: index },
        ]),
    ],
    undone: points
      .filter(({ port }) => port === "sql")
      .flatMap(({ index, what }): Disturbance[] => {
        if (/^commit|: done$/.test(what)) return [{ kind: "cut", at: index }];
        return /^(?!select)|for update$/.test(what) ? [{ kind: "deadlock", at: index }] : [];
      }),
    stops: [
      ...decisive.map(({ index }): Disturbance => ({ kind: "stop", at: index })),
      ...decisive
        .filter(({ step }, place) => step !== decisive[place - 1]?.step)
        .map(({ index }): Disturbance => ({ kind: "deaf", at: index })),
    ],
    // Before it has done anything.
    older: points
      .filter(({ step }, place) => step !== "start" && step !== points[place - 1]?.step)
      .flatMap(({ index }): Disturbance[] => [
        { kind: "older", at: index },
        { kind: "outdated", at: index },
      ]),
    failovers: lossesIn(run.points, from).map((it) => ({ kind: "failover", ...it })),
    restores: lossesIn(run.points, from)
      .filter(({ at }) => !run.points.some((it) => it.index === at && isAnswerToChange(it)))
      .map((it) => ({ kind: "restore", ...it })),
    strangers: decisive
      .filter(({ step }) => hasRecords && (step.startsWith("undo ") || step.startsWith("remove_")))
      .filter(({ index }) => !changesRecordNext(run.points, index))
      .map(({ index }): Disturbance => ({ kind: "stranger", at: index })),
    hands: points
      .filter(isOfSaga)
      .flatMap(({ index, hands = [] }) =>
        hands
          .filter((kind) => !isOfRecords(kind) || !changesRecordNext(run.points, index))
          .map((kind): Disturbance => ({ kind, at: index })),
      ),
  };
}

/**
 * Of each step that asks for something to be made, changed or removed all is lost, from before its first commit: where the
 * answer has just come, where the step has just been left, and where the next one has too.
 */
function lossesIn(points: readonly Point[], from: (step: string) => boolean): { since: number; at: number }[] {
  const runs: Point[][] = [];
  for (const point of points) {
    const run = runs.at(-1);
    if (run?.[0]?.step === point.step && run.at(-1)?.index === point.index - 1) run.push(point);
    else runs.push([point]);
  }
  return runs.flatMap((run, place) => {
    if (!from(run[0]?.step ?? "")) return [];
    const since = run[0]?.index ?? 0;
    const asked = run.filter(isAnswerToChange).map(({ index }) => index);
    const left =
      asked.length === 0 ? [] : [run, runs[place + 1]].flatMap((it) => it?.findLast(isDecisive)?.index ?? []);
    return [...asked, ...left].map((at) => ({ since, at }));
  });
}

/** Of the provider, to a request that changes something. */
const isAnswerToChange = ({ port, what }: Point): boolean => port === "provider" && /^(?!GET).*: 2\d\d$/.test(what);

/** Outside of transactions: what was done is done, and what comes next is not. */
const isDecisive = ({ port, what }: Point): boolean => port !== "sql" || what.endsWith(": done");

const faultsAt = ({ index, method, path }: CallPoint): Disturbance[] =>
  faultsOf(method, path).map(({ name }) => ({ kind: "fault", fault: name, call: index }));

/**
 * Where in its run a disturbance strikes, as a text: the step, and what was done there since the point before at which
 * something was done. A poll, or a statement, that comes again within its step has the same place as the first time, and faults that the client makes the same of are one.
 */
export function placesOf({ points, calls }: Outcome): (it: Disturbance) => string {
  const places: string[] = [];
  let since: string[] = [];
  let step = "";
  for (const point of points) {
    if (point.step !== step) since = [];
    step = point.step;
    since.push(point.what);
    places.push(`${step}: ${since.join(", ")}`);
    if (isDecisive(point)) since = [];
  }
  const called = calls.map((call) => `${call.step}: ${call.method} ${call.path}`);
  return (it) => {
    if ("at" in it) return `${it.kind} at ${places[it.at]}`;
    if (it.kind === "outage" || it.kind === "blinks") return `${it.kind} at ${called[it.call]}`;
    if (it.kind === "fault") return `${sortOf(it.fault)} at ${called[it.call]}`;
    return it.kind === "long" ? `long ${it.fault} at ${called[it.call]}` : textOf([it]);
  };
}

/** Within a transaction a crash leaves what a crash before it leaves. */
export const isWithinTransaction = ({ points }: Outcome, it: Disturbance): boolean => {
  const point = it.kind === "crash" ? points[it.at] : undefined;
  return point !== undefined && !isDecisive(point);
};

/** A change between our look at a record and our own change of it is lost: DigitalOcean has no conditional requests. */
function changesRecordNext(points: readonly Point[], index: number): boolean {
  const next = points.find((point) => point.index >= index && isOfSaga(point));
  return next !== undefined && /^(PUT|DELETE) .*\/records\//.test(next.what);
}

/** The steps of an undisturbed run: without those that its input leaves out. */
export const stepsOf = (clean: Outcome): string[] =>
  [...new Set(clean.points.map(({ step }) => step))].filter((step) => step !== "start");

/** Those of the steps that a failure rolls back. */
export const reversibleOf = ({ reversible }: AnySaga<StepContext>, names: readonly string[]): string[] => {
  const undone = new Set(reversible.map(({ name }) => name));
  return names.filter((name) => undone.has(name));
};

/** Fails at the last of the steps walked through that is still rolled back. */
export const failsLastOf = (saga: AnySaga<StepContext>, walked: readonly string[]): Disturbance => ({
  kind: "fail",
  step: reversibleOf(saga, walked).at(-1) ?? "",
});

/**
 * Each of these steps done twice, and failing once, each undo too after `failsLast`, and failures at every step that is rolled back.
 * The others, and each undo, get stuck: one that goes forward only, or back, is not given up.
 */
export function rerunsOf(saga: AnySaga<StepContext>, names: readonly string[], failsLast: Disturbance): Trial[] {
  const back = reversibleOf(saga, names);
  return [
    ...names.flatMap((step): Trial[] => [[{ kind: "twice", step }], [{ kind: "flaky", step }]]),
    ...back.map((step): Trial => [{ kind: "fail", step }]),
    ...back.flatMap((step): Trial[] => [
      [{ kind: "undo-twice", step }, failsLast],
      [{ kind: "undo-flaky", step }, failsLast],
    ]),
    ...names
      .filter((step) => !back.includes(step))
      .flatMap((step): Trial[] => [[{ kind: "retried", step }], [{ kind: "resolved", step }]]),
    ...back.flatMap((step): Trial[] => [
      [failsLast, { kind: "undo-retried", step }],
      [failsLast, { kind: "undo-resolved", step }],
    ]),
  ];
}

/** Clocks that stand still for a second, or for several; there and back. */
export const ticks = (saga: AnySaga<StepContext>, failsLast: Disturbance): Trial[] =>
  [1000, 5000].flatMap((ms): Trial[] => [
    [{ kind: "ticks", ms }],
    [longLag, { kind: "ticks", ms }],
    ...(saga.forwardOnly ? [] : [[failsLast, { kind: "ticks" as const, ms }]]),
  ]);

/** Two workers at once, in so many orders. */
export const crowds = (count: number): Trial[] =>
  Array.from({ length: count }, (_, seed): Trial => [{ kind: "workers", count: 2, seed }]);

/** In a run that `first` was done to: what can happen afterwards, within its step and that step's undo or anywhere. */
export function secondsOf(
  run: Outcome,
  first: Disturbance,
  saga: AnySaga<StepContext>,
  within: boolean,
): Disturbance[] {
  const origin = placeOf(run, first);
  if (!origin) return [];
  const near = (step: string): boolean => step === origin.step || step === `undo ${origin.step}`;
  const { crashes, freezes, cancels, faults, strangers, hands } = singlesOf(run, saga, within ? near : undefined);
  const representative = new Set(run.points.filter(isDecisive).map(({ index }) => index));
  const later = (it: Disturbance): boolean => {
    if ("at" in it) return it.at > origin.point && representative.has(it.at);
    return it.kind === "fault" && it.call > origin.call;
  };
  return [...crashes, ...freezes, ...cancels, ...faults, ...strangers, ...hands].filter(later);
}

/** Where in its run a disturbance struck: the counts of points and calls up to it, and the step. */
function placeOf({ points, calls }: Outcome, it: Disturbance) {
  if ("at" in it) {
    const at = points[it.at];
    const before = points.slice(0, it.at + 1).filter(isRequest);
    return at && { point: it.at, call: before.length - 1, step: at.step };
  }
  if (it.kind !== "fault") return undefined;
  const call = calls[it.call];
  if (!call) return undefined;
  let seen = -1;
  const point = points.findIndex((each) => isRequest(each) && ++seen === it.call);
  return { point, call: it.call, step: call.step };
}
